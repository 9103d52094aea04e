//! The result as a comment on a pull request: the figures that decide first, the rest folded.

use crate::report::{text::capital, view};
use crate::study::result::RunResult;

/// GitHub-flavoured Markdown; names are escaped, so that they cannot break the table or smuggle in HTML.
#[must_use]
pub fn comment(r: &RunResult) -> String {
    let mut out = format!("### Forecast: {}\n\n{}\n", escape(&r.scenario), escape(&view::setting(r)));
    if let Some(line) = view::incomplete(r) {
        out.push_str(&format!("\n**{}**\n", escape(&line)));
    }
    if !r.objectives.is_empty() {
        let rows = r.objectives.iter().map(|o| view::objective(o, &r.fee.currency).to_vec());
        table(&mut out, &["Objective", "Target", "Estimate", "Verdict"], rows);
    }
    table(&mut out, &["Bill", ""], view::money(r).into_iter().map(|(label, value)| vec![label, value]));
    let mut head = vec!["Figure"];
    head.extend(r.functions.keys().map(String::as_str));
    let figures = view::key_figures(r).into_iter().map(|(label, cells)| {
        let mut row = vec![label.to_owned()];
        row.extend(cells);
        row
    });
    table(&mut out, &head, figures);
    list(&mut out, "Recovery", &view::recovery(r));
    list(&mut out, "Precision not reached", &view::precision(r));
    let warning = |w: &crate::study::result::Warning| format!("{}: {}. {}.", w.cause, w.effect, capital(&w.remedy));
    list(&mut out, "Warnings", &r.warnings.iter().map(warning).collect::<Vec<_>>());
    let weak = view::weak_assumptions(r);
    if !weak.is_empty() {
        out.push_str(&format!("\n<details><summary>Assumptions of low confidence: {}</summary>\n", weak.len()));
        let rows = weak.iter().map(|a| vec![a.key.clone(), a.value.clone(), a.source.clone()]);
        table(&mut out, &["Key", "Value", "Source"], rows);
        out.push_str("\n</details>\n");
    }
    out.push_str(&format!("\n{} faascast {}.\n", view::intervals(r), r.faascast));
    out
}

fn table(out: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push('\n');
    out.push_str(&line(head.iter().map(|cell| escape(cell)).collect()));
    out.push_str(&line(head.iter().map(|_| "---".to_owned()).collect()));
    for row in rows {
        out.push_str(&line(row.iter().map(|cell| escape(cell.trim_start())).collect()));
    }
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    out.push_str(&format!("\n**{title}**\n\n"));
    for line in lines {
        out.push_str(&format!("- {}\n", escape(line)));
    }
}

/// Characters with a meaning in Markdown or HTML lose it; line ends become spaces. Code spans are the project's own.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push(' '),
            '|' | '\\' | '*' | '_' | '[' | ']' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
