//! A study for the page: a first look at once, then more and more replications, and a curve along the control that was touched
//! last. Everything on the same traffic and luck, so that what differs is the change.
//!
//! - `side`: a configuration and what was simulated of it; `stages`: the answers, one after the other; `curve`: other values
//! - `headline`: the figures above everything else; `event`: the stream

mod curve;
mod event;
mod headline;
mod side;
mod stages;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use tokio::sync::mpsc::{self, Receiver};
use tokio_stream::Stream;

use super::configuration::Configuration;
use super::problem::Problem;
use super::stop::{Budget, Stop};
use super::work::aside;
use super::{Site, body};
use crate::scenario::Resolved;
use crate::study::StudyError;
pub(super) use curve::Found;
use event::Listener;
pub(super) use side::Side;

/// Events that wait for a slow reader.
const UNREAD: usize = 8;
/// Most values of a curve.
const MOST_VALUES: usize = 16;
/// Longest name of a client.
const LONGEST_NAME: usize = 64;

/// What the page asks.
#[derive(Deserialize)]
struct Ask {
    client: String,
    toml: String,
    #[serde(default)]
    set: BTreeMap<String, String>,
    baseline: Option<Configuration>,
    curve: Option<curve::Ask>,
}

/// A configuration that was read.
struct Known {
    configuration: Configuration,
    resolved: Arc<Resolved>,
}

impl Known {
    fn read(site: &Site, configuration: Configuration) -> Result<Self, Problem> {
        let resolved = site.resolved(&configuration)?;
        Ok(Self { configuration, resolved })
    }
}

/// Answers a study with a stream of events.
pub(super) async fn study(State(site): State<Arc<Site>>, body: Body) -> Response<Body> {
    begin(site, body).await.unwrap_or_else(|problem| problem.response())
}

async fn begin(site: Arc<Site>, body: Body) -> Result<Response<Body>, Problem> {
    let began = Instant::now();
    let Ask { client, toml, set, baseline, curve } = body::read(body).await?;
    if client.is_empty() || client.len() > LONGEST_NAME {
        return Err(Problem::unusable(format!("`client` has 1 to {LONGEST_NAME} characters")));
    }
    if curve.as_ref().is_some_and(|curve| curve.values.len() > MOST_VALUES) {
        return Err(Problem::unusable(format!("a curve has at most {MOST_VALUES} values")));
    }
    let reader = Arc::clone(&site);
    let (current, baseline) = aside(move || {
        let current = Known::read(&reader, Configuration { toml, set })?;
        let baseline = baseline.map(|baseline| Known::read(&reader, baseline)).transpose()?;
        Ok::<_, Problem>((current, baseline))
    })
    .await??;
    let seat = site.desk.seat(Some(client))?;
    let (sender, events) = mpsc::channel(UNREAD);
    let stop = Arc::clone(&seat.stop);
    tokio::spawn(async move {
        let listener = Arc::new(Listener(sender));
        let (teller, stop) = (Arc::clone(&listener), Arc::clone(&seat.stop));
        let job = move || stages::study(&site, current, baseline, curve.as_ref(), &teller, began, &Budget::new(stop, site.time));
        match seat.run(job).await {
            Some(outcome) if !seat.stop.is_asked() => listener.end(outcome).await,
            // Whoever asked to end does not listen.
            _ => {}
        }
    });
    let mut response = Response::new(Body::from_stream(Answers { events, stop }));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok(response)
}

/// The events of a study. When the connection closes they are dropped, and the study is asked to end.
struct Answers {
    events: Receiver<Bytes>,
    stop: Arc<Stop>,
}

impl Stream for Answers {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_recv(context).map(|event| event.map(Ok))
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.stop.ask();
    }
}

/// Why a study cannot be done.
pub(super) fn problem_of(error: &StudyError) -> Problem {
    let (status, hint) = match error {
        StudyError::Currencies(..) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Compare with a baseline in the same currency: look at `region` and `site`.")
        }
        StudyError::Overrun { .. } => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Set a quota, a timeout, or fewer retries: what is under way only grows.")
        }
        StudyError::Nothing => (StatusCode::UNPROCESSABLE_ENTITY, "Shorten `simulation.horizon`, or use `faascast run`."),
        StudyError::Book(_) | StudyError::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "Look at the prices of the scenario."),
    };
    Problem::new(status, error.to_string(), hint)
}
