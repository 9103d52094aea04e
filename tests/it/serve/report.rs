//! What can be taken away.

use serde_json::{Value, json};

use super::Page;

const TOML: &str = "# What a pause costs.\nplatform = \"generic\"\n\n[simulation]\nhorizon = \"10min\"\nreplications = 4\n\n[functions.f]\n\
                    timeout = \"5s\"   # by default\nwork = { io = \"100ms\" }\n\n[[traffic]]\nto = \"f\"\narrivals = { poisson = \"2/s\" }\n";

#[test]
fn each_form_is_a_file() {
    let page = Page::new();
    let set = json!({ "functions.f.timeout": "50ms" });
    let report =
        |form: &str, chart: &str| page.post("/api/report", &json!({ "toml": TOML, "set": set, "form": form, "chart": chart }));
    for (form, chart, name, begins) in [
        ("scenario", "", "scenario.toml", "# What a pause costs."),
        ("html", "", "report.html", "<!doctype html>"),
        ("json", "", "result.json", "{"),
        ("csv", "", "figures.csv", "scope,name,figure,"),
        ("svg", "timeline", "timeline.svg", "<svg"),
    ] {
        let answer = report(form, chart);
        assert_eq!(answer.status.as_u16(), 200, "{form}: {}", answer.text);
        assert_eq!(answer.headers["content-disposition"], format!("attachment; filename=\"{name}\""), "{form}");
        assert!(answer.text.to_lowercase().starts_with(&begins.to_lowercase()), "{form}: {}", &answer.text[..80]);
    }
    let scenario = report("scenario", "").text;
    assert_eq!(scenario, TOML.replace("\"5s\"", "\"50ms\""));
    let result: Value = report("json", "").json();
    assert_eq!((result["replications"].as_u64(), result["incomplete"].as_bool()), (Some(4), Some(false)));
    assert_eq!(result["functions"]["f"]["availability"]["mean"], 0.0, "nothing ends in 50 ms");
    let unknown = report("svg", "../timeline");
    assert_eq!(unknown.status.as_u16(), 400);
    assert!(unknown.text.contains("timeline"), "{}", unknown.text);
}
