//! What is answered where a request cannot be: a status, and errors with place and remedy as JSON.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What is wrong.
    pub(super) message: String,
    /// Where: a key path, a line, or both; empty where there is no place.
    pub(super) place: String,
    /// What to do about it.
    pub(super) hint: String,
}

impl From<&Diagnostic> for Finding {
    fn from(found: &Diagnostic) -> Self {
        let line = if found.line > 0 { format!("line {}", found.line) } else { String::new() };
        let parts = [found.path.clone(), line];
        let place: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Self { message: found.message.clone(), place: place.join(", "), hint: found.hints.join(" ") }
    }
}

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// HTTP status.
    pub(super) status: StatusCode,
    /// At least one.
    pub(super) errors: Vec<Finding>,
}

impl Problem {
    /// One error without a place.
    pub(super) fn new(status: StatusCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let finding = Finding { message: message.into(), place: String::new(), hint: hint.into() };
        Self { status, errors: vec![finding] }
    }

    /// A request that is not understood.
    pub(super) fn unusable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message, "Reload the page: it may be of another version.")
    }

    /// All errors of a scenario.
    pub(super) fn scenario(findings: &[Diagnostic]) -> Self {
        let errors = findings.iter().filter(|found| found.severity == Severity::Error).map(Finding::from).collect();
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, errors }
    }

    /// A defect.
    pub(super) fn internal() -> Self {
        let hint = "This is a defect of faascast: please report it with the scenario.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the program has a defect; the server goes on", hint)
    }

    /// As a response.
    pub(super) fn response(&self) -> Response<Body> {
        #[derive(Serialize)]
        struct Errors<'a> {
            errors: &'a [Finding],
        }
        json(self.status, &Errors { errors: &self.errors })
    }
}

/// A value as a response.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
