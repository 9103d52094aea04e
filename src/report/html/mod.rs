//! One self-contained page: charts and styles are inside, there is no script and nothing is fetched.

use std::fmt::Write;

use crate::report::charts::{Chart, draw};
use crate::report::document::{Block, Card, Cell, Document, Section, Table};

/// Width of the charts' second drawing, for phones.
const PHONE: u32 = 360;

/// The page of a report.
#[must_use]
pub fn page(d: &Document) -> String {
    let banner = d.banner.as_ref().map_or_else(String::new, |line| format!("<p class=\"banner\">{}</p>", escape(line)));
    let values = [
        ("version", escape(env!("CARGO_PKG_VERSION"))),
        ("css", include_str!("page.css").to_owned()),
        ("scenario", escape(&d.scenario)),
        ("kind", escape(d.kind)),
        ("setting", escape(&d.setting)),
        ("banner", banner),
        ("lead", lead(d)),
        ("cards", cards(&d.cards)),
        ("sections", d.sections.iter().map(section).collect()),
        ("command", escape(&d.reproduce.command)),
        ("versions", escape(&d.reproduce.versions)),
        ("scenario_text", escape(&d.reproduce.scenario_text)),
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

/// The question and its answer, where there are any.
fn lead(d: &Document) -> String {
    let line = |class: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("<p class=\"{class}\">{}</p>\n", code(text)) }
    };
    line("question", &d.question) + &line("answer", &d.answer)
}

fn cards(cards: &[Card]) -> String {
    let line = |class: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("<span class=\"{class}\">{}</span>", escape(text)) }
    };
    let item = |card: &Card| {
        let more: String = card.more.iter().map(|text| line("more", text)).collect();
        format!("<li>{}{}{more}</li>\n", line("label", &card.label), line("value", &card.value))
    };
    if cards.is_empty() {
        return String::new();
    }
    format!("<ul class=\"cards\">\n{}</ul>", cards.iter().map(item).collect::<String>())
}

fn section(section: &Section) -> String {
    if section.blocks.is_empty() {
        return String::new();
    }
    let blocks: String = section.blocks.iter().map(block).collect();
    format!("<section>\n<h2>{}</h2>\n{blocks}</section>\n", escape(&section.title))
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("<h3>{}</h3>\n", escape(text)),
        Block::Text(text) => format!("<p>{}</p>\n", code(text)),
        Block::Note(text) => format!("<p class=\"note\">{}</p>\n", code(text)),
        Block::List(lines) => {
            let items: String = lines.iter().map(|line| format!("<li>{}</li>\n", code(line))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Block::Warning(cause, rest) => {
            format!("<p class=\"warning\"><strong>{}</strong>{}</p>\n", code(cause), code(rest))
        }
        Block::Table(table) => self::table(table),
        Block::Chart(chart) => figure(chart),
    }
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

fn table(table: &Table) -> String {
    let mut out = "<div class=\"scroll\"><table>\n".to_owned();
    if table.head.iter().any(|title| !title.is_empty()) {
        let cells: String = table.head.iter().map(|title| format!("<th scope=\"col\">{}</th>", escape(title))).collect();
        let _ = writeln!(out, "<thead><tr>{cells}</tr></thead>");
    }
    out.push_str("<tbody>\n");
    for row in &table.rows {
        let cells: String = row.iter().map(cell).collect();
        let _ = writeln!(out, "<tr>{cells}</tr>");
    }
    out + "</tbody></table></div>\n"
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Head(text) => format!("<th scope=\"row\">{}</th>", escape(text)),
        Cell::Figure(text) => format!("<td class=\"figure\">{}</td>", escape(text)),
        Cell::Long(text) => format!("<td class=\"long\">{}</td>", escape(text)),
        Cell::Verdict(text) => {
            let class: String = text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
            format!("<td class=\"{class}\">{}</td>", escape(text))
        }
    }
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
    use crate::report::sample::{decisions, storms};
    use crate::report::{markdown, plan, run, sample, storm, sweep, tune};
    use crate::study::result::RunResult;
    use crate::study::sweep::Dimension;

    const SCENARIO: &str = "# <script>\n[functions.thumbnail]\nmemory = \"512 MiB\"\n";

    fn shown(r: &RunResult) -> String {
        page(&run::document(r, SCENARIO, "faascast run 'shop day.toml' --seed 42"))
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
        let html = page(&run::document(&r, sample::HOSTILE, sample::HOSTILE));
        assert!(!html.contains("<script"), "markup got through");
        assert!(html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;|{{css}}&amp;amp;&#39;"));
        assert!(!html.contains('\u{1b}'));
    }

    /// Reports of a sweep, a search and a plan, among them one of hostile names and one of many combinations.
    fn decisions() -> Vec<Document> {
        let basis = decisions::basis();
        let seconds: Vec<String> = (1..=60).map(|s| format!("{s}s")).collect();
        let sizes: Vec<String> = (1..=50).map(|m| format!("{} MiB", 300 + 10 * m)).collect();
        let texts = |all: &'_ [String]| all.iter().map(|text| format!("\"{text}\"")).collect();
        let dimension = |key: &str, values| Dimension { key: key.into(), values };
        let many = decisions::swept_over(vec![dimension("f.timeout", texts(&seconds)), dimension("f.memory", texts(&sizes))]);
        let (swept, hostile) = decisions::hostile();
        vec![
            sweep::document(&swept, &hostile),
            sweep::document(&many, &basis),
            tune::document(&decisions::tuned(), &basis),
            plan::document(&decisions::planned(), &basis),
            storm::document(&storms::storms(), &basis),
        ]
    }

    #[test]
    fn reports_of_decisions_say_what_was_asked_and_what_it_rests_on() {
        let all: Vec<String> = decisions().iter().map(page).collect();
        let [hostile, _, tuned, planned, _] = &all[..] else { panic!("five") };
        assert!(!hostile.contains("<script") && !hostile.contains('\u{1b}'));
        for text in [
            "Which timeout and memory cost least while availability ≥ 98 % and fee ≤ 2,000 CNY?",
            "Set timeout to 2s and memory to 512 MiB: 1,296 CNY (1,286 to 1,306) a month, which saves 1,240 CNY",
            "with 95 % confidence none of the 5 compared to the end is cheaper by more than 25.00 CNY",
            "functions.checkout.keep_alive",
            "2026-08-09",
            "Prices are old",
            "faascast sweep shop-day.toml --set &#39;a=512 MiB&#39;",
            "seed 1.",
            "timeout = &quot;64s&quot;",
            "class=\"missed\">MISSED",
        ] {
            assert!(tuned.contains(text), "{text}");
        }
        for text in ["month 8", "92 instances", "a quota of 92 instances lasts all 12 months", "one less throttles 0.120 %"] {
            assert!(planned.contains(text), "{text}");
        }
        for (document, html) in decisions().iter().zip(&all) {
            let markdown = markdown::document(document);
            assert!(!markdown.contains('\u{1b}'), "{markdown}");
            // Below that, the file is in a fence, as it is.
            assert!(!markdown.split("## Reproduce").next().unwrap().contains("<script"), "{markdown}");
            for part in ["## Charts", "## Assumptions", "## Reproduce", "](charts/"] {
                assert!(markdown.contains(part), "{part}");
            }
            // Both say the same.
            for section in document.sections.iter().filter(|section| !section.blocks.is_empty()) {
                assert!(
                    html.contains(&section.title) && markdown.contains(&format!("## {}", section.title)),
                    "{}",
                    section.title
                );
            }
        }
    }

    #[test]
    fn the_page_is_self_contained_and_small() {
        let runs = [sample::run_result(), sample::single(), sample::no_requests(), sample::many_functions()];
        for html in runs.iter().map(shown).chain(decisions().iter().map(page)) {
            assert!(html.len() < 2_000_000, "{} bytes", html.len());
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
        let html: String = std::iter::once(shown(&sample::run_result())).chain(decisions().iter().map(page)).collect();
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
