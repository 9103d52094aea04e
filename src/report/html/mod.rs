//! One self-contained page: charts and styles are inside, there is no script and nothing is fetched.

mod tables;

use std::fmt::Write;

use crate::estimate::Estimate;
use crate::report::charts::{self, Chart, draw};
use crate::report::format::{self, Unit};
use crate::report::{text::capital, view};
use crate::study::result::{FunctionResult, RunResult};

/// Width of the charts' second drawing, for phones.
const PHONE: u32 = 360;

/// The page. `scenario_text` is the scenario file as it was read, `command` the command line that repeats the run; both are
/// shown as they are.
#[must_use]
pub fn page(r: &RunResult, scenario_text: &str, command: &str) -> String {
    let incomplete = view::incomplete(r).map_or_else(String::new, |line| format!("<p class=\"banner\">{}</p>", escape(&line)));
    let values = [
        ("version", escape(r.faascast)),
        ("format_version", escape(r.format_version)),
        ("css", include_str!("page.css").to_owned()),
        ("scenario", escape(&r.scenario)),
        ("setting", escape(&view::setting(r))),
        ("incomplete", incomplete),
        ("cards", cards(r)),
        ("objectives", tables::objectives(r)),
        ("warnings", warnings(r)),
        ("precision", list("Precision not reached", &view::precision(r))),
        ("recovery", list("Recovery", &view::recovery(r))),
        ("charts", charts::requests(r).iter().map(figure).collect()),
        ("figures", tables::figures(r)),
        ("bill", tables::bill(r)),
        ("traffic", tables::traffic(r)),
        ("assumptions", tables::assumptions(r)),
        ("command", escape(command)),
        ("seed", r.seed.to_string()),
        ("replications", r.replications.to_string()),
        ("run_in", escape(&format::span(r.run_in_s))),
        ("scenario_text", escape(scenario_text)),
    ];
    fill(include_str!("page.html"), &values)
}

/// Replaces every `{{name}}` of the template in one pass, so that a value which contains braces stays as it is.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(template.len() + values.iter().map(|(_, v)| v.len()).sum::<usize>());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let (name, tail) = after.split_once("}}").unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(key, _)| *key == name) {
            out.push_str(value);
        }
        rest = tail;
    }
    out + rest
}

/// Text for HTML, also inside attributes with double quotes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

/// The figures to read first. With several functions, the worst one speaks.
fn cards(r: &RunResult) -> String {
    let money = Unit::Money(&r.fee.currency);
    let range = r.fee.range.map_or_else(String::new, |range| {
        format!("one real month: {} to {}", format::value(range.p5, Unit::Count), format::value(range.p95, Unit::Count))
    });
    let mut cards = vec![card("Fee a month", &r.fee.month, money, &range)];
    let figures: [(&str, Figure, bool, Unit); 4] = [
        ("Availability", |f| Some(f.availability), false, Unit::Share),
        ("Throttled attempts", |f| f.attempt_outcomes.get("throttled").copied(), true, Unit::Share),
        ("Latency p99", |f| Some(f.latency_s.p99), true, Unit::Seconds),
        ("Cold starts", |f| Some(f.cold_start_rate), true, Unit::Share),
    ];
    for (label, figure, high_is_bad, unit) in figures {
        if let Some((name, e)) = worst(r, figure, high_is_bad) {
            let more = if r.functions.len() > 1 { format!("{name}, the worst") } else { String::new() };
            cards.push(card(label, &e, unit, &more));
        }
    }
    let ceiling = view::ceiling_parts(r);
    cards.push(item("Ceiling", &ceiling.0, &ceiling.1, ""));
    format!("<ul class=\"cards\">\n{}</ul>", cards.concat())
}

/// An estimate of a function.
type Figure = fn(&FunctionResult) -> Option<Estimate>;

fn worst(r: &RunResult, figure: Figure, high_is_bad: bool) -> Option<(&String, Estimate)> {
    let known = r.functions.iter().filter_map(|(name, f)| figure(f).filter(|e| e.mean.is_some()).map(|e| (name, e)));
    let badness = |e: &Estimate| e.mean.unwrap_or(0.0) * if high_is_bad { 1.0 } else { -1.0 };
    known.max_by(|a, b| badness(&a.1).total_cmp(&badness(&b.1)))
}

fn card(label: &str, e: &Estimate, unit: Unit, more: &str) -> String {
    let text = format::estimate(e, unit);
    let (value, interval) = text.split_once(" (").map_or((text.as_str(), ""), |(v, i)| (v, i.trim_end_matches(')')));
    item(label, value, interval, more)
}

fn item(label: &str, value: &str, interval: &str, more: &str) -> String {
    let line = |class: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("<span class=\"{class}\">{}</span>", escape(text)) }
    };
    format!("<li>{}{}{}{}</li>\n", line("label", label), line("value", value), line("more", interval), line("more", more))
}

fn warnings(r: &RunResult) -> String {
    if r.warnings.is_empty() {
        return String::new();
    }
    let mut out = "<section>\n<h2>Warnings</h2>\n".to_owned();
    for w in &r.warnings {
        let (cause, rest) = view::warning_parts(w);
        let _ = writeln!(out, "<p class=\"warning\"><strong>{}</strong>{}</p>", code(&capital(&cause)), code(&rest));
    }
    out + "</section>"
}

/// Escaped, with what is between backticks set as code.
fn code(text: &str) -> String {
    let pieces: Vec<String> = text.split('`').map(escape).collect();
    // An odd number of pieces means that every backtick has its pair.
    if pieces.len().is_multiple_of(2) {
        return escape(text);
    }
    let set = |(i, piece): (usize, &String)| if i % 2 == 1 { format!("<code>{piece}</code>") } else { piece.clone() };
    pieces.iter().enumerate().map(set).collect()
}

fn list(title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let items: String = lines.iter().map(|line| format!("<li>{}</li>\n", escape(line))).collect();
    format!("<section>\n<h2>{title}</h2>\n<ul>\n{items}</ul>\n</section>")
}

/// A chart twice, for wide and for narrow screens; styles show one of them.
fn figure(chart: &Chart) -> String {
    let mut out = "<figure>\n".to_owned();
    for (class, width) in [("wide", draw::WIDTH), ("narrow", PHONE)] {
        let picture = draw::svg_at(chart, width).unwrap_or_else(|e| format!("<p>{}</p>", escape(&e.to_string())));
        let alt = escape(&format!("{}. {}", chart.title, chart.alt));
        let _ = writeln!(out, "<div class=\"chart {class}\" role=\"img\" aria-label=\"{alt}\">\n{picture}</div>");
    }
    let _ = writeln!(out, "<figcaption>{}</figcaption>\n</figure>", escape(&chart.caption));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    const SCENARIO: &str = "# <script>\n[functions.thumbnail]\nmemory = \"512 MiB\"\n";

    fn shown(r: &RunResult) -> String {
        page(r, SCENARIO, "faascast run 'shop day.toml' --seed 42")
    }

    #[test]
    fn nothing_of_the_input_becomes_markup() {
        let mut r = sample::many_functions();
        r.platform = sample::HOSTILE.into();
        r.warnings[0].cause = sample::HOSTILE.into();
        r.assumptions[0].source = sample::HOSTILE.into();
        r.objectives[0].function = sample::HOSTILE.into();
        r.recovery[0].event = sample::HOSTILE.into();
        r.fee.by_component.insert(sample::HOSTILE.into(), r.fee.month);
        let html = page(&r, sample::HOSTILE, sample::HOSTILE);
        assert!(!html.contains("<script"), "markup got through");
        assert!(html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;|{{css}}&amp;amp;&#39;"));
        assert!(!html.contains('\u{1b}'));
    }

    #[test]
    fn the_page_is_self_contained_and_small() {
        for r in [sample::run_result(), sample::single(), sample::no_requests(), sample::many_functions()] {
            let html = shown(&r);
            assert!(html.len() < 1_000_000, "{} bytes", html.len());
            for fetched in ["src=", "href=", "url(", "@import", "<script", "<link"] {
                assert!(!html.contains(fetched), "{fetched}");
            }
            // The only addresses are the names of the SVG name spaces.
            assert!(html.match_indices("http").all(|(i, _)| html[i..].starts_with("http://www.w3.org/")));
            assert!(!html.contains("NaN"));
            // The hostile name has braces of its own.
            assert!(!html.replace("{{css}}", "").contains("{{"), "a value is not filled in");
        }
    }

    #[test]
    fn it_says_what_a_reader_needs() {
        let html = shown(&sample::run_result());
        for text in [
            "3,493 CNY",
            "3,469 to 3,517",
            "class=\"missed\">MISSED",
            "99.871 %",
            "<code>faascast explain</code>",
            "faascast run &#39;shop day.toml&#39; --seed 42",
            "# &lt;script&gt;",
            "functions.mail.async.delays",
            "thumbnail after store-outage: normal after 4.3 min",
        ] {
            assert!(html.contains(text), "{text}");
        }
        assert_eq!(html.matches("role=\"img\" aria-label=\"").count(), 10);
        assert_eq!(html.matches("<figcaption>").count(), 5);
    }

    #[test]
    fn tags_are_closed() {
        let html = shown(&sample::run_result());
        for tag in ["section", "table", "tr", "td", "th", "figure", "div", "ul", "li", "p", "svg", "h2", "pre", "span"] {
            let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
        }
    }

    #[test]
    fn values_are_filled_in_once() {
        assert_eq!(fill("a {{x}} b {{y}} {{x}}", &[("x", "{{y}}".into()), ("y", "2".into())]), "a {{y}} b 2 {{y}}");
    }
}
