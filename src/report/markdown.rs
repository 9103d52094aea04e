//! Reports as Markdown: a run as a comment on a pull request, with the figures that decide first and the rest folded; the other
//! reports as documents.

use crate::report::document::{Block, Document, Section};
use crate::report::{format, view};
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
    functions(&mut out, r);
    list(&mut out, "Recovery", &view::recovery(r));
    list(&mut out, "Sampled", &view::sampling(r));
    list(&mut out, "Rare throttling", &super::rare::lines(r));
    list(&mut out, "Precision not reached", &view::precision(r));
    list(&mut out, "Warnings", &r.warnings.iter().map(view::warning).collect::<Vec<_>>());
    let weak = view::weak_assumptions(r);
    if !weak.is_empty() {
        out.push_str(&format!("\n<details><summary>Assumptions of low confidence: {}</summary>\n", weak.len()));
        let rows = weak.iter().map(|a| vec![a.key.clone(), a.value.clone(), a.source.clone()]);
        table(&mut out, &["Key", "Value", "Source"], rows);
        out.push_str("\n</details>\n");
    }
    out.push_str(&format!("\n{}{} faascast {}.\n", view::intervals(r), view::month(r), r.faascast));
    out
}

/// A report as a document, beside the folder with its charts.
#[must_use]
pub fn document(d: &Document) -> String {
    let mut out = format!("# {}: {}\n\n{}\n", escape(&d.scenario), d.kind, escape(&d.setting));
    let bold = d.banner.iter().chain([&d.answer]).filter(|text| !text.is_empty());
    if !d.question.is_empty() {
        out.push_str(&format!("\n{}\n", escape(&d.question)));
    }
    bold.for_each(|text| out.push_str(&format!("\n**{}**\n", escape(text))));
    let rows = d.cards.iter().map(|card| {
        let more: Vec<&str> = card.more.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
        vec![card.label.clone(), card.value.clone(), more.join("; ")]
    });
    if !d.cards.is_empty() {
        table(&mut out, &["Figure", "Value", ""], rows);
    }
    for section in d.sections.iter().filter(|section| !section.blocks.is_empty()) {
        self::section(&mut out, section);
    }
    // In a fence everything stands for itself but what moves a cursor.
    let lines: Vec<String> = d.reproduce.scenario_text.lines().map(format::plain).collect();
    let (text, command) = (lines.join("\n"), format::plain(&d.reproduce.command));
    let (fence, command_fence) = (fence(&text), fence(&command));
    out.push_str(&format!(
        "\n## Reproduce\n\nThe same command with the same files gives the same figures on every machine.\n\n{command_fence}sh\n{}\n{command_fence}\n\n\
         {}\n\n{fence}toml\n{text}\n{fence}\n",
        command,
        escape(&d.reproduce.versions),
    ));
    out
}

/// Longer tables are folded.
const MOST_ROWS: usize = 24;

/// A fence that no line of the text ends.
fn fence(text: &str) -> String {
    let longest = text.lines().map(|line| line.trim_start().chars().take_while(|c| *c == '`').count()).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

fn section(out: &mut String, section: &Section) {
    out.push_str(&format!("\n## {}\n", escape(&section.title)));
    let mut in_warnings = false;
    for block in &section.blocks {
        // Warnings are one list.
        let begins = !matches!(block, Block::Warning(..)) || !in_warnings;
        in_warnings = matches!(block, Block::Warning(..));
        if begins {
            out.push('\n');
        }
        match block {
            Block::Heading(text) => out.push_str(&format!("### {}\n", escape(text))),
            Block::Text(text) | Block::Note(text) => out.push_str(&format!("{}\n", escape(text))),
            Block::List(lines) => lines.iter().for_each(|line| out.push_str(&format!("- {}\n", escape(line)))),
            Block::Warning(cause, rest) => out.push_str(&format!("- **{}**{}\n", escape(cause), escape(rest))),
            Block::Table(rows) => {
                // The separating line break is the table's own.
                out.pop();
                let head: Vec<&str> = rows.head.iter().map(String::as_str).collect();
                let folded = rows.rows.len() > MOST_ROWS;
                if folded {
                    out.push_str(&format!("\n<details><summary>{} rows</summary>\n", rows.rows.len()));
                }
                table(out, &head, rows.rows.iter().map(|row| row.iter().map(|cell| cell.text().to_owned()).collect()));
                out.push_str(if folded { "\n</details>\n" } else { "" });
            }
            Block::Chart(chart) => {
                let alt = escape(&format!("{}. {}", chart.title, chart.alt));
                out.push_str(&format!("![{alt}](charts/{}.svg)\n\n{}\n", chart.name, escape(&chart.caption)));
            }
        }
    }
}

/// More functions than this get a row each in place of a column, without intervals.
const MOST_COLUMNS: usize = 3;

fn functions(out: &mut String, r: &RunResult) {
    if r.functions.len() <= MOST_COLUMNS {
        let head: Vec<&str> = std::iter::once("Figure").chain(r.functions.keys().map(String::as_str)).collect();
        let rows = view::key_figures(r).into_iter();
        return table(out, &head, rows.map(|(label, cells)| std::iter::once(label.to_owned()).chain(cells).collect()));
    }
    let head: Vec<&str> = std::iter::once("Function").chain(view::SHORT_FIGURES.map(|(label, _)| label)).collect();
    let rows = r.functions.iter().map(|(name, f)| {
        let cells = view::SHORT_FIGURES.iter().map(|(_, figure)| figure(f, &r.fee.currency).unwrap_or_default());
        std::iter::once(name.clone()).chain(cells).collect()
    });
    table(out, &head, rows);
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
            c if c.is_control() => out.push(' '),
            '|' | '\\' | '*' | '_' | '[' | ']' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_comment_starts_with_the_verdicts() {
        let text = comment(&sample::run_result());
        let head: Vec<&str> = text.lines().take(9).collect();
        insta::assert_snapshot!(head.join("\n"), @r#"
        ### Forecast: shop-day

        alibaba-fc cn-hangzhou, horizon 1d, 20 replications, seed 42

        | Objective | Target | Estimate | Verdict |
        | --- | --- | --- | --- |
        | availability of thumbnail | ≥ 99.9 % | 99.871 % (99.865 to 99.877) | MISSED |
        | p99 of thumbnail | ≤ 2 s | 1.18 s (1.16 to 1.20) | met |
        | fee | ≤ 3,500 CNY | 3,493 CNY (3,469 to 3,517) | undecided |
        "#);
        assert!(text.contains("| Throttled | 0 (below 0.0035 %) | 0.658 % (0.639 to 0.677) |"));
        assert!(text.len() < 65_536, "a pull-request comment holds no more");
    }

    #[test]
    fn names_cannot_break_tables_or_become_markup() {
        let text = comment(&sample::many_functions());
        assert!(!text.contains("<script") && !text.contains('\u{1b}'));
        assert!(text.contains("&lt;script&gt;alert(\"1\")&lt;/script&gt;\\|{{css}}&amp;amp;"));
        // Every row of a table has as many cells as its head.
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        for block in text.split("\n\n") {
            let rows: Vec<&str> = block.lines().filter(|line| line.starts_with('|')).collect();
            assert!(rows.windows(2).all(|pair| cells(pair[0]) == cells(pair[1])), "{block}");
        }
        assert!(!text.contains("NaN"));
    }
}
