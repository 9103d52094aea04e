//! The page's server: its routes without a socket, and what only a socket shows.

mod controls;
mod crowd;
mod gallery;
mod gate;
mod report;
mod study;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use faascast::serve::{Opened, Settings, Token, app};
use serde_json::Value;
use tower::ServiceExt;

pub(crate) const PORT: u16 = 4321;

/// A site, and the token that it asks for.
pub(crate) struct Page {
    pub(crate) router: Router,
    pub(crate) token: String,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

impl Page {
    pub(crate) fn new() -> Self {
        Self::with(None)
    }

    pub(crate) fn with(opened: Option<Opened>) -> Self {
        Self::in_time(opened, Duration::from_secs(60))
    }

    /// A site whose studies may take so long.
    pub(crate) fn in_time(opened: Option<Opened>, time: Duration) -> Self {
        let token = Token::random().unwrap();
        let text = token.as_str().to_owned();
        let settings = Settings { port: PORT, token, opened, threads: 2, time, today: || "2026-11-24".to_owned() };
        Self { router: app(settings), token: text }
    }

    /// A request as the page sends it.
    pub(crate) fn request(&self, method: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
        let request = Request::builder().method(method).uri(path).header("host", format!("127.0.0.1:{PORT}"));
        request.header("x-faascast-token", &self.token).header("sec-fetch-site", "same-origin").body(body.into()).unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        run(self.send(self.request("POST", path, body.to_string())))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        run(self.send(self.request("GET", path, "")))
    }
}
