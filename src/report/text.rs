//! The summary on the terminal: what a planner reads in ten seconds.

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};

use crate::report::{format, view};
use crate::study::result::{RunResult, Verdict};

/// Narrower terminals are treated as this wide.
const MIN_WIDTH: usize = 40;

/// The summary, at most `width` columns wide. Without `color` it has no escape codes; with it, nothing is said by colour
/// alone.
#[must_use]
pub fn summary(r: &RunResult, width: usize, color: bool) -> String {
    let page = Page { width: width.max(MIN_WIDTH), color };
    let mut blocks = vec![page.heading(r)];
    blocks.push(page.pairs(&view::money(r)));
    blocks.push(page.functions(r));
    if !r.objectives.is_empty() {
        blocks.push(page.objectives(r));
    }
    for (title, lines) in [("Recovery", view::recovery(r)), ("Precision not reached", view::precision(r))] {
        if !lines.is_empty() {
            blocks.push(page.list(title, &lines));
        }
    }
    if !r.warnings.is_empty() {
        let line = |w: &crate::study::result::Warning| format!("{}: {}. {}.", w.cause, w.effect, capital(&w.remedy));
        blocks.push(page.list("Warnings", &r.warnings.iter().map(line).collect::<Vec<_>>()));
    }
    blocks.push(page.wrapped(&footer(r)));
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n\n") + "\n"
}

fn footer(r: &RunResult) -> String {
    let weak = view::weak_assumptions(r).len();
    let assumptions = match weak {
        0 => String::new(),
        1 => " 1 assumption has low confidence: see `faascast explain`.".to_owned(),
        n => format!(" {n} assumptions have low confidence: see `faascast explain`."),
    };
    let prices =
        if r.fee.prices_as_of.is_empty() { String::new() } else { format!(" Oldest price row: {}.", r.fee.prices_as_of) };
    format!("{}{assumptions}{prices}", view::intervals(r))
}

/// A sentence's first letter as a capital.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

struct Page {
    width: usize,
    color: bool,
}

impl Page {
    fn heading(&self, r: &RunResult) -> String {
        let mut table = self.table();
        table.add_row([self.bold(&r.scenario)]);
        table.add_row([view::setting(r)]);
        if let Some(line) = view::incomplete(r) {
            table.add_row([self.bold(&line).fg(Color::Yellow)]);
        }
        render(&table)
    }

    fn pairs(&self, rows: &[view::Row]) -> String {
        let mut table = self.table();
        for (label, value) in rows {
            table.add_row([Cell::new(label), if label == "Fee a month" { self.bold(value) } else { Cell::new(value) }]);
        }
        self.fixed_first_column(&mut table);
        render(&table)
    }

    /// One column a function if they fit side by side with their intervals, else one row a function without.
    fn functions(&self, r: &RunResult) -> String {
        if r.functions.is_empty() {
            return String::new();
        }
        let mut table = self.table();
        let names = r.functions.keys().map(|name| self.bold(name));
        table.set_header(std::iter::once(Cell::new("")).chain(names));
        for (label, cells) in view::key_figures(r) {
            table.add_row(std::iter::once(label.to_owned()).chain(cells));
        }
        let wide: usize = table.column_max_content_widths().iter().map(|w| usize::from(*w) + 2).sum();
        if wide <= self.width || r.functions.len() == 1 {
            return render(&table);
        }
        self.functions_by_row(r)
    }

    fn functions_by_row(&self, r: &RunResult) -> String {
        let mut table = self.table();
        let head = view::SHORT_FIGURES.iter().map(|(label, _)| self.bold(label).set_alignment(CellAlignment::Right));
        table.set_header(std::iter::once(self.bold("Function")).chain(head));
        for (name, f) in &r.functions {
            let cells = view::SHORT_FIGURES.iter().map(|(_, figure)| {
                let text = figure(f, &r.fee.currency).unwrap_or_else(|| format::NONE.to_owned());
                Cell::new(text).set_alignment(CellAlignment::Right)
            });
            table.add_row(std::iter::once(Cell::new(name)).chain(cells));
        }
        render(&table)
    }

    fn objectives(&self, r: &RunResult) -> String {
        let mut table = self.table();
        table.set_header(["Objective", "Target", "Estimate", "Verdict"].map(|title| self.bold(title)));
        for o in &r.objectives {
            let [name, target, estimate, verdict] = view::objective(o, &r.fee.currency);
            let color = match o.verdict {
                Verdict::Met => Color::Green,
                Verdict::Missed => Color::Red,
                Verdict::Undecided => Color::Yellow,
            };
            table.add_row([Cell::new(name), Cell::new(target), Cell::new(estimate), self.bold(&verdict).fg(color)]);
        }
        render(&table)
    }

    fn list(&self, title: &str, lines: &[String]) -> String {
        let mut heading = self.table();
        heading.add_row([self.bold(title)]);
        let mut table = self.table();
        for line in lines {
            table.add_row(["-", line]);
        }
        format!("{}\n{}", render(&heading), render(&table))
    }

    fn wrapped(&self, text: &str) -> String {
        let mut table = self.table();
        table.add_row([text]);
        render(&table)
    }

    /// A table without lines that wraps at the page's width.
    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.width).unwrap_or(u16::MAX));
        if self.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table
    }

    fn fixed_first_column(&self, table: &mut Table) {
        if let Some(column) = table.column_mut(0) {
            column.set_constraint(comfy_table::ColumnConstraint::ContentWidth);
        }
    }

    fn bold(&self, text: &str) -> Cell {
        Cell::new(text).add_attribute(Attribute::Bold)
    }
}

/// Tables pad every cell by a space on both sides: the text starts at the margin and lines have no trailing blanks.
fn render(table: &Table) -> String {
    let unpad = |line: String| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned();
    table.lines().map(unpad).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn peek() {
        for (r, w) in [(sample::run_result(), 80), (sample::run_result(), 110), (sample::single(), 80), (sample::no_requests(), 80)] {
            println!("{}", summary(&r, w, false));
            println!("{}", "=".repeat(w));
        }
        println!("{:?}", summary(&sample::run_result(), 80, true));
    }
}
