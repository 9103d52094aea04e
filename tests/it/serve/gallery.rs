//! What the page begins with.

use std::collections::BTreeMap;

use faascast::serve::Opened;

use super::Page;

#[test]
fn the_page_begins_with_a_scenario_that_comes_with_the_program() {
    let page = Page::new();
    let start = page.get("/api/start").json();
    let first = start["start"].as_str().unwrap();
    assert_eq!(first, "timeout-doubles-the-bill");
    assert_eq!(start["gallery"][0]["id"], first);
    assert!(start["gallery"].as_array().unwrap().iter().all(|card| card["question"].as_str().unwrap().ends_with('?')));
    let scenario = page.get(&format!("/api/scenario?id={first}")).json();
    assert!(scenario["toml"].as_str().unwrap().contains("[functions.checkout]"));
    assert_eq!(page.get("/").headers["content-type"], "text/html; charset=utf-8");
}

#[test]
fn the_users_file_comes_first() {
    let toml = "# Question: what now?\nplatform = \"generic\"\n".to_owned();
    let page = Page::with(Some(Opened { name: "mine".into(), toml: toml.clone(), files: BTreeMap::new() }));
    let start = page.get("/api/start").json();
    assert_eq!((start["start"].as_str(), start["gallery"][0]["question"].as_str()), (Some("file"), Some("what now?")));
    let scenario = page.get("/api/scenario?id=file").json();
    assert_eq!((scenario["name"].as_str(), scenario["toml"].as_str()), (Some("mine"), Some(toml.as_str())));
}

#[test]
fn an_id_is_no_path() {
    let page = Page::new();
    for id in ["file", "../first-steps", "scenarios/first-steps.toml", "/etc/passwd", "", "%00"] {
        let answer = page.get(&format!("/api/scenario?id={id}"));
        assert_eq!(answer.status.as_u16(), 404, "{id}");
    }
}
