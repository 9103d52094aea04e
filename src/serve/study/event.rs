//! What a study says while it goes on, as events of a stream.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde::Serialize;
use tokio::sync::mpsc::Sender;

use super::curve::Curve;
use super::headline::Headline;
use crate::serve::problem::{Finding, Problem};
use crate::study::result::{LatencyCurve, RunResult};

/// How good an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stage {
    /// A first look.
    Coarse,
    /// More replications.
    Sharper,
    /// As many as the scenario asks for, or as there was time for.
    Final,
}

/// A configuration's figures so far.
#[derive(Serialize)]
pub(super) struct Answer {
    pub(super) stage: Stage,
    pub(super) replications: usize,
    pub(super) elapsed_ms: u64,
    pub(super) headline: Vec<Headline>,
    pub(super) result: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline: Option<Shown>,
}

/// A result as `--format json` prints it, with the curves that its charts are drawn from.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    pub(super) result: RunResult,
    latency_curves: BTreeMap<String, LatencyCurve>,
}

impl From<RunResult> for Shown {
    fn from(mut result: RunResult) -> Self {
        let latency_curves = std::mem::take(&mut result.latency_curves);
        Self { result, latency_curves }
    }
}

/// Where the events of a study go.
pub(super) struct Listener(pub(super) Sender<Bytes>);

/// Nobody listens any more.
pub(super) struct Gone;

impl Listener {
    pub(super) fn answer(&self, answer: &Answer) -> Result<(), Gone> {
        self.send("answer", answer)
    }

    pub(super) fn curve(&self, curve: &Curve) -> Result<(), Gone> {
        self.send("curve", curve)
    }

    fn send(&self, event: &str, data: &impl Serialize) -> Result<(), Gone> {
        self.0.blocking_send(encoded(event, data)).map_err(|_| Gone)
    }

    /// The last event, from where waiting is no sin.
    pub(super) async fn end(&self, outcome: Result<(), Problem>) {
        #[derive(Serialize)]
        struct Nothing {}
        #[derive(Serialize)]
        struct Failed {
            errors: Vec<Finding>,
        }
        let last = match outcome {
            Ok(()) => encoded("done", &Nothing {}),
            Err(problem) => encoded("failed", &Failed { errors: problem.errors }),
        };
        let _ = self.0.send(last).await;
    }
}

/// An event as the stream has it; JSON has no line breaks outside of its strings, and none unescaped inside.
fn encoded(event: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_else(|_| "{}".to_owned());
    Bytes::from(format!("event: {event}\ndata: {data}\n\n"))
}
