//! What can be taken away: the scenario with its changes, and the study as a page, data or a chart.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::Deserialize;

use super::bounds::most_replications;
use super::configuration::Configuration;
use super::problem::Problem;
use super::rewrite::rewritten;
use super::stop::Budget;
use super::study::{Side, problem_of};
use super::work::aside;
use super::{Site, body};
use crate::report::charts::{self, draw};
use crate::report::{csv, html, json, run};
use crate::study::StudyError;
use crate::study::result::RunResult;

/// What is wanted.
#[derive(Deserialize)]
struct Ask {
    #[serde(flatten)]
    configuration: Configuration,
    form: Form,
    /// The chart, for `svg`.
    #[serde(default)]
    chart: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    Scenario,
    Html,
    Json,
    Csv,
    Svg,
}

/// A file to be saved.
struct File {
    name: String,
    kind: &'static str,
    text: String,
}

pub(super) async fn report(State(site): State<Arc<Site>>, body: Body) -> Response<Body> {
    match made(site, body).await {
        Ok(file) => attachment(file).unwrap_or_else(|| Problem::internal().response()),
        Err(problem) => problem.response(),
    }
}

async fn made(site: Arc<Site>, body: Body) -> Result<File, Problem> {
    let Ask { configuration, form, chart } = body::read(body).await?;
    let reader = Arc::clone(&site);
    let (configuration, resolved) = aside(move || {
        let resolved = reader.resolved(&configuration)?;
        Ok::<_, Problem>((configuration, resolved))
    })
    .await??;
    if form == Form::Scenario {
        let text = aside(move || rewritten(&configuration, &site.files)).await?;
        return Ok(File { name: "scenario.toml".to_owned(), kind: "application/toml", text });
    }
    let seat = site.desk.seat(None)?;
    let budget = Budget::new(Arc::clone(&seat.stop), site.time);
    let job = move || {
        let mut side = Side::new(&site, configuration, resolved)?;
        let result = finished(&site, &mut side, &budget)?;
        file(&side, &result, form, &chart, &site)
    };
    seat.run(job).await.unwrap_or_else(|| Err(problem_of(&StudyError::Nothing)))
}

/// The study to its end, or as far as the time goes.
fn finished(site: &Site, side: &mut Side, budget: &Budget) -> Result<RunResult, Problem> {
    loop {
        let to = (2 * side.replications()).max(2);
        let Some(trial) = side.trial.as_ref().filter(|trial| trial.replications() > 0) else {
            if budget.is_over() {
                return Err(problem_of(&StudyError::Nothing));
            }
            side.grow(to, budget)?;
            continue;
        };
        let (done, most) = (trial.is_done().map_err(|e| problem_of(&e))?, most_replications(trial).min(trial.wanted()));
        if done || trial.replications() >= most || budget.is_over() {
            let result = side.result(site, trial, !done)?;
            side.keep(site);
            return Ok(result);
        }
        side.grow(to.min(most), budget)?;
    }
}

fn file(side: &Side, result: &RunResult, form: Form, chart: &str, site: &Site) -> Result<File, Problem> {
    let defect = |_| Problem::internal();
    let named = |name: &str, kind, text| Ok(File { name: name.to_owned(), kind, text });
    match form {
        Form::Json => named("result.json", "application/json", json::result(result).map_err(defect)?),
        Form::Csv => named("figures.csv", "text/csv; charset=utf-8", csv::figures(result).map_err(|_| Problem::internal())?),
        Form::Svg => {
            let all = charts::requests(result);
            let names = || all.iter().map(|chart| chart.name.clone()).collect::<Vec<_>>().join(", ");
            let found = all.iter().find(|known| known.name == chart);
            let found = found.ok_or_else(|| {
                let message = format!("there is no chart `{chart}`");
                Problem::new(StatusCode::BAD_REQUEST, message, format!("There is: {}.", names()))
            })?;
            let svg = draw::svg(found).map_err(|_| Problem::internal())?;
            named(&format!("{}.svg", found.name), "image/svg+xml", svg)
        }
        Form::Html | Form::Scenario => {
            let text = rewritten(&side.configuration, &site.files);
            let page = html::page(&run::document(result, &text, "faascast run scenario.toml"));
            named("report.html", "text/html; charset=utf-8", page)
        }
    }
}

/// A response that the browser saves. Names are the program's own: nothing in them needs quoting.
fn attachment(file: File) -> Option<Response<Body>> {
    let named = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", file.name)).ok()?;
    let mut response = Response::new(Body::from(file.text));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, named);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    Some(response)
}
