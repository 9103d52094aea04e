//! The addresses, and what is answered there.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::middleware;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::Site;
use super::assets::{self, Asset};
use super::body;
use super::configuration::Configuration;
use super::controls::controls;
use super::gallery::{self, GALLERY};
use super::gate::gate;
use super::problem::{Problem, json};
use super::report::report;
use super::study::study;
use super::work::aside;

/// Id of the user's own scenario.
const FILE: &str = "file";

pub(super) fn router(site: &Arc<Site>) -> Router {
    Router::new()
        .route("/", get(|| async { asset("index.html") }))
        .route("/assets/{name}", get(|Path(name): Path<String>| async move { asset(&name) }))
        .route("/api/start", get(start))
        .route("/api/scenario", get(scenario))
        .route("/api/controls", post(settings))
        .route("/api/study", post(study))
        .route("/api/report", post(report))
        .route("/api/health", get(health))
        .fallback(|| async { nothing_here().response() })
        .method_not_allowed_fallback(|| async { Problem::new(StatusCode::METHOD_NOT_ALLOWED, "not this method", "").response() })
        .layer(middleware::from_fn_with_state(Arc::clone(site), gate))
        .with_state(Arc::clone(site))
}

fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is nothing at this address", "Open the address that `faascast serve` printed.")
}

fn asset(name: &str) -> Response<Body> {
    let Some(Asset { kind, bytes, .. }) = assets::find(name) else { return nothing_here().response() };
    let mut response = Response::new(Body::from(*bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// What the page begins with.
#[derive(Serialize)]
struct Start {
    faascast: &'static str,
    start: &'static str,
    gallery: Vec<Card>,
}

#[derive(Serialize)]
struct Card {
    id: &'static str,
    title: String,
    question: String,
}

async fn start(State(site): State<Arc<Site>>) -> Response<Body> {
    let own =
        site.opened.iter().map(|opened| Card { id: FILE, title: opened.name.clone(), question: gallery::question(&opened.toml) });
    let built_in = GALLERY.iter().map(|exhibit| Card { id: exhibit.id, title: exhibit.title(), question: exhibit.question() });
    let gallery: Vec<Card> = own.chain(built_in).collect();
    let start = gallery.first().map_or("", |card| card.id);
    json(StatusCode::OK, &Start { faascast: env!("CARGO_PKG_VERSION"), start, gallery })
}

/// Which scenario is asked for.
#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    id: String,
}

#[derive(Serialize)]
struct Text<'a> {
    id: &'a str,
    name: &'a str,
    toml: &'a str,
}

async fn scenario(State(site): State<Arc<Site>>, Query(Which { id }): Query<Which>) -> Response<Body> {
    let own = site.opened.as_ref().filter(|_| id == FILE).map(|opened| (opened.name.as_str(), opened.toml.as_str()));
    let built_in = || GALLERY.iter().find(|exhibit| exhibit.id == id).map(|exhibit| (exhibit.id, exhibit.toml));
    match own.or_else(built_in) {
        Some((name, toml)) => json(StatusCode::OK, &Text { id: &id, name, toml }),
        None => Problem::new(StatusCode::NOT_FOUND, "there is no such scenario", "Choose one of the gallery.").response(),
    }
}

async fn settings(State(site): State<Arc<Site>>, body: Body) -> Response<Body> {
    let answer = async {
        let configuration: Configuration = body::read(body).await?;
        aside(move || site.resolved(&configuration).map(|resolved| controls(&resolved))).await?
    };
    answer.await.map_or_else(|problem: Problem| problem.response(), |controls| json(StatusCode::OK, &controls))
}

#[derive(Serialize)]
struct Health {
    studies: usize,
}

async fn health(State(site): State<Arc<Site>>) -> Response<Body> {
    json(StatusCode::OK, &Health { studies: site.desk.studies() })
}
