//! What can be changed.

use serde_json::{Value, json};

use super::Page;

fn first(page: &Page) -> String {
    page.get("/api/scenario?id=timeout-doubles-the-bill").json()["toml"].as_str().unwrap().to_owned()
}

fn find<'a>(controls: &'a Value, key: &str) -> &'a Value {
    let all = controls["groups"].as_array().unwrap().iter().flat_map(|group| group["controls"].as_array().unwrap());
    all.into_iter().find(|control| control["key"] == key).unwrap_or_else(|| panic!("no {key}"))
}

#[test]
fn a_change_is_seen_in_its_control() {
    let page = Page::new();
    let toml = first(&page);
    let plain = page.post("/api/controls", &json!({ "toml": toml, "set": {} })).json();
    let timeout = find(&plain, "functions.checkout.timeout");
    assert_eq!(
        (timeout["value"].as_str(), timeout["origin"].as_str(), timeout["kind"].as_str()),
        (Some("60s"), Some("file"), Some("steps"))
    );
    assert!(timeout["values"].as_array().unwrap().contains(&json!("60s")));
    assert_eq!(find(&plain, "functions.checkout.keep_alive")["origin"], "default");
    assert_eq!(find(&plain, "functions.checkout.routing")["kind"], "choice");
    assert_eq!((plain["currency"].as_str(), plain["horizon"].as_str()), (Some("CNY"), Some("1d")));
    let set = json!({ "functions.checkout.timeout": "7s" });
    let changed = page.post("/api/controls", &json!({ "toml": toml, "set": set })).json();
    let timeout = find(&changed, "functions.checkout.timeout");
    assert_eq!((timeout["value"].as_str(), timeout["origin"].as_str()), (Some("7s"), Some("changed")));
    assert!(timeout["values"].as_array().unwrap().contains(&json!("7s")));
}

#[test]
fn all_errors_of_a_scenario_are_said() {
    let page = Page::new();
    let toml = first(&page).replace("timeout =", "timeuot =").replace("horizon = \"1d\"", "horizon = 1");
    let answer = page.post("/api/controls", &json!({ "toml": toml, "set": { "functions.checkout.memory": "1" } }));
    assert_eq!(answer.status.as_u16(), 422);
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    assert_eq!(errors.len(), 3, "{errors:#?}");
    let misspelt = errors.iter().find(|error| error["message"] == "unknown key").unwrap();
    assert!(misspelt["place"].as_str().unwrap().starts_with("functions.checkout.timeuot, line "), "{misspelt}");
    assert_eq!(misspelt["hint"], "Did you mean `timeout`?");
}

#[test]
fn no_file_of_the_machine_is_opened() {
    let page = Page::new();
    let traffic = "[[traffic]]\nto = 'f'\narrivals = ";
    let head = "platform = 'generic'\n[functions.f]\n";
    for text in [
        format!("{head}{traffic}{{ trace = '/etc/passwd' }}\n"),
        format!("prices = '../Cargo.toml'\n{head}{traffic}{{ poisson = '1/s' }}\n"),
        format!("{head}work.io = {{ empirical = '/proc/self/environ' }}\n{traffic}{{ poisson = '1/s' }}\n"),
    ] {
        for path in ["/api/controls", "/api/study", "/api/report"] {
            let answer = page.post(path, &json!({ "toml": text, "set": {}, "client": "a", "form": "json" }));
            assert_eq!(answer.status.as_u16(), 422, "{path} {text}");
            assert!(answer.text.contains("the page opens no files"), "{}", answer.text);
        }
    }
    // Those that come with the program are known.
    let recorded = page.get("/api/scenario?id=recorded-day").json()["toml"].clone();
    assert_eq!(page.post("/api/controls", &json!({ "toml": recorded })).status.as_u16(), 200);
}

#[test]
fn what_is_no_request_is_refused() {
    let page = Page::new();
    for path in ["/api/controls", "/api/study", "/api/report"] {
        for body in ["", "{", "[]", "{}", "{\"toml\": 7}"] {
            let answer = super::run(page.send(page.request("POST", path, body)));
            assert_eq!(answer.status.as_u16(), 400, "{path} {body}");
            assert!(answer.json()["errors"][0]["hint"].as_str().unwrap().len() > 1, "{path} {body}");
        }
        let large = super::run(page.send(page.request("POST", path, vec![b' '; 10 << 20])));
        assert_eq!(large.status.as_u16(), 413, "{path}");
    }
}
