//! Studies: the stages, what is compared, what ends them.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::Response;
use serde_json::{Value, json};
use tokio_stream::StreamExt;
use tower::ServiceExt;

use super::{Page, run};

/// Half a minute of simulation at most; `rate` a second for `horizon`.
fn scenario(rate: &str, horizon: &str) -> String {
    format!(
        "platform = 'generic'\nsimulation = {{ horizon = '{horizon}', replications = 6 }}\n[functions.f]\ntimeout = '5s'\n\
         work.io = {{ exponential = '100ms' }}\nfaults.hang = '2%'\n[[traffic]]\nto = 'f'\narrivals = {{ poisson = '{rate}' }}\n"
    )
}

/// The events of a stream.
fn events(text: &str) -> Vec<(String, Value)> {
    let one = |block: &str| {
        let (event, data) = block.split_once('\n').unwrap();
        let data = data.strip_prefix("data: ").unwrap();
        (event.strip_prefix("event: ").unwrap().to_owned(), serde_json::from_str(data).unwrap())
    };
    text.split("\n\n").filter(|block| !block.is_empty()).map(one).collect()
}

fn headline<'a>(answer: &'a Value, id: &str) -> &'a Value {
    answer["headline"].as_array().unwrap().iter().find(|line| line["id"] == id).unwrap()
}

#[test]
fn a_study_is_answered_coarsely_then_sharper_then_finally() {
    let page = Page::new();
    let ask = json!({ "client": "a", "toml": scenario("5/s", "20min"), "set": {}, "baseline": null, "curve": null });
    let answer = page.post("/api/study", &ask);
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    let events = events(&answer.text);
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["answer", "answer", "answer", "done"]);
    let stages: Vec<(&str, u64)> =
        events[..3].iter().map(|(_, e)| (e["stage"].as_str().unwrap(), e["replications"].as_u64().unwrap())).collect();
    assert_eq!(stages, [("coarse", 2), ("sharper", 4), ("final", 6)]);
    let last = &events[2].1;
    let ids: Vec<&str> = last["headline"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["fee", "availability", "throttled", "p99", "cold", "ceiling"]);
    assert!(last["headline"].as_array().unwrap().iter().all(|line| line["change"].is_null()));
    assert_eq!((last["result"]["replications"].as_u64(), last["result"]["incomplete"].as_bool()), (Some(6), Some(false)));
    assert!(last["result"]["latency_curves"]["f"]["cdf"].as_array().unwrap().len() > 50);
    assert!(last.get("baseline").is_none());
    // As exact as the run of the command line: the same replications, the same figures.
    let report = page.post("/api/report", &json!({ "toml": scenario("5/s", "20min"), "form": "json" })).json();
    assert_eq!(last["result"]["functions"], report["functions"]);
    // What was simulated once is not simulated again: one answer, which is the final one.
    let again = super::study::events(&page.post("/api/study", &ask).text);
    assert_eq!(again.len(), 2);
    assert_eq!((again[0].1["stage"].as_str(), &again[0].1["result"]["fee"]), (Some("final"), &last["result"]["fee"]));
}

#[test]
fn the_change_is_told_on_the_same_traffic_and_luck() {
    let page = Page::new();
    let toml = scenario("5/s", "20min");
    let set = json!({ "functions.f.timeout": "1s" });
    let ask = json!({ "client": "a", "toml": toml, "set": set, "baseline": { "toml": toml, "set": {} } });
    let events = events(&page.post("/api/study", &ask).text);
    let last = &events[events.len() - 2].1;
    let fee = headline(last, "fee");
    assert_eq!(fee["change"]["verdict"], "lower", "a hang is cut after a fifth of the time: {fee}");
    assert!(fee["change"]["text"].as_str().unwrap().starts_with('\u{2212}'), "{fee}");
    // Neither throttles anything: how seldom it is, 36,000 requests do not tell.
    assert_eq!(headline(last, "throttled")["change"]["verdict"], "undecided");
    assert_eq!(last["baseline"]["functions"]["f"]["requests"], last["result"]["functions"]["f"]["requests"]);
    let difference = fee["change"]["value"]["mean"].as_f64().unwrap();
    let of = |side: &str| last[side]["fee"]["month"]["mean"].as_f64().unwrap();
    assert!((difference - (of("result") - of("baseline"))).abs() < 1e-6);
}

#[test]
fn nothing_changes_where_nothing_was_changed() {
    let page = Page::new();
    let toml = scenario("5/s", "20min");
    let set = json!({ "functions.f.timeout": "5s" });
    let ask = json!({ "client": "a", "toml": toml, "set": set, "baseline": { "toml": toml, "set": {} } });
    let events = events(&page.post("/api/study", &ask).text);
    for line in events[events.len() - 2].1["headline"].as_array().unwrap() {
        assert_eq!((&line["change"]["verdict"], &line["change"]["text"]), (&json!("same"), &json!("no change")), "{line}");
    }
}

#[test]
fn a_curve_has_a_point_for_each_value() {
    let page = Page::new();
    let curve = json!({ "key": "functions.f.timeout", "values": ["1s", "5s", "0s", "20s"] });
    let ask = json!({ "client": "a", "toml": scenario("2/s", "20min"), "set": {}, "curve": curve });
    let events = events(&page.post("/api/study", &ask).text);
    let curves: Vec<&Value> = events.iter().filter(|(name, _)| name == "curve").map(|(_, data)| data).collect();
    assert_eq!(curves.iter().map(|curve| curve["final"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true]);
    for curve in curves {
        let points = curve["points"].as_array().unwrap();
        assert_eq!(points.iter().map(|p| p["current"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true, false, false]);
        assert!(points[2]["refused"].as_str().unwrap().contains("more than 0"), "{curve}");
        let fee = |i: usize| points[i]["fee"]["mean"].as_f64().unwrap();
        assert!(fee(0) < fee(1) && fee(1) < fee(3), "{curve}");
    }
    assert_eq!(events.last().unwrap().0, "done");
}

#[test]
fn a_year_is_bounded() {
    let page = Page::in_time(None, Duration::from_secs(2));
    let began = Instant::now();
    let ask = json!({ "client": "a", "toml": scenario("2000/s", "365d"), "set": { "simulation.sampling": "full" } });
    let events = events(&page.post("/api/study", &ask).text);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    let last = &events[events.len() - 2].1;
    assert_eq!((last["stage"].as_str(), last["result"]["incomplete"].as_bool()), (Some("final"), Some(true)));
    let warnings = last["result"]["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|warning| warning["code"] == "horizon-cut"), "{warnings:?}");
    assert_eq!(events.last().unwrap().0, "done");
}

/// Begins a study and waits for its first event.
async fn begun(page: &Page, client: &str) -> Response<Body> {
    let toml = scenario("300/s", "1d");
    let ask = json!({ "client": client, "toml": toml, "set": {} }).to_string();
    page.router.clone().oneshot(page.request("POST", "/api/study", ask)).await.unwrap()
}

async fn studies(page: &Page) -> u64 {
    page.send(page.request("GET", "/api/health", "")).await.json()["studies"].as_u64().unwrap()
}

#[test]
fn a_newer_study_of_the_same_client_ends_the_older_one() {
    let page = Page::new();
    run(async {
        let mut older = begun(&page, "a").await.into_body().into_data_stream();
        let first: Bytes = older.next().await.unwrap().unwrap();
        assert!(first.starts_with(b"event: answer"));
        let other = begun(&page, "b").await;
        assert_eq!(studies(&page).await, 2);
        drop(begun(&page, "a").await);
        let mut rest = String::new();
        while let Some(Ok(more)) = older.next().await {
            rest.push_str(&String::from_utf8_lossy(&more));
        }
        assert!(!rest.contains("event: done") && !rest.contains("event: failed"), "it was not finished");
        drop(other);
    });
}

#[test]
fn a_closed_connection_ends_its_study() {
    let page = Page::new();
    run(async {
        drop(begun(&page, "a").await);
        let began = Instant::now();
        while studies(&page).await > 0 {
            assert!(began.elapsed() < Duration::from_secs(20), "it goes on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
}

#[test]
fn too_many_studies_are_told_to_come_back() {
    let page = Page::new();
    run(async {
        let mut open = Vec::new();
        for client in 0..40 {
            open.push(begun(&page, &client.to_string()).await);
        }
        let refused = open.iter().filter(|response| response.status().as_u16() == 429).count();
        assert_eq!(refused, 32, "8 are taken");
        let last = open.pop().unwrap();
        let text = to_bytes(last.into_body(), usize::MAX).await.unwrap();
        assert!(String::from_utf8_lossy(&text).contains("already"));
    });
}

#[test]
fn what_no_memory_could_hold_is_refused() {
    let page = Page::new();
    let fan = "[[functions.f.calls]]\nto = 'g'\ninvoke = 'async'\ntimes = 10000\n[functions.g]\nwork.io = '1s'\n\
               [[functions.g.calls]]\nto = 'h'\ninvoke = 'async'\ntimes = 10000\n[functions.h]\nwork.io = '1s'\n[[traffic]]";
    let toml = scenario("1000/s", "1d").replace("[[traffic]]", fan);
    let events = events(&page.post("/api/study", &json!({ "client": "a", "toml": toml })).text);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].0, "failed");
    assert!(events[0].1["errors"][0]["hint"].as_str().unwrap().contains("faascast run"));
}
