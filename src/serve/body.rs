//! Reads what a request brings, within bounds.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use tokio_stream::StreamExt;

use super::problem::Problem;

/// Largest body in bytes.
pub(super) const LARGEST: usize = 1 << 20;
/// What is too large is read on to its end, so that the sender sees the answer, up to this many bytes.
const PATIENCE: usize = 64 << 20;
/// Longest time for a body to come.
const WAIT: Duration = Duration::from_secs(10);

/// The body as a value.
pub(super) async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    let late = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "the request did not come to its end", "Try again.");
    let bytes = tokio::time::timeout(WAIT, bytes(body)).await.map_err(late)??;
    serde_json::from_slice(&bytes).map_err(|error| Problem::unusable(format!("the request is not as expected: {error}")))
}

async fn bytes(body: Body) -> Result<Vec<u8>, Problem> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::unusable("the request broke off"))?;
        length = length.saturating_add(chunk.len());
        if length <= LARGEST {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
        if length > PATIENCE {
            break;
        }
    }
    if length > LARGEST {
        let message = format!("the request is larger than {} MiB", LARGEST >> 20);
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, message, "Shorten the scenario."));
    }
    Ok(bytes)
}
