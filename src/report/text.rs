//! The summary on the terminal: what a planner reads in ten seconds.

use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width};

use crate::report::systems::{self, Grid};
use crate::report::{format, view};
use crate::study::result::{FunctionResult, RunResult, Verdict};

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
    blocks.extend(systems::grids(r).iter().map(|grid| page.grid(grid)));
    if !r.objectives.is_empty() {
        blocks.push(page.objectives(r));
    }
    for (title, lines) in [
        ("Recovery", view::recovery(r)),
        ("Sampled", view::sampling(r)),
        ("Precision not reached", view::precision(r)),
        ("Rare throttling", super::rare::lines(r)),
        ("Uncertain input", super::input::lines(r)),
    ] {
        if !lines.is_empty() {
            blocks.push(page.list(title, &lines));
        }
    }
    if !r.warnings.is_empty() {
        blocks.push(page.list("Warnings", &r.warnings.iter().map(view::warning).collect::<Vec<_>>()));
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
    format!("{}{}{assumptions}{prices}", view::intervals(r), view::month(r))
}

/// A sentence's first letter as a capital.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Function names get at least this many columns.
const LEAST_NAME: usize = 12;

struct Page {
    width: usize,
    color: bool,
}

impl Page {
    fn heading(&self, r: &RunResult) -> String {
        let mut table = self.table();
        table.add_row([self.bold(&r.scenario)]);
        table.add_row([cell(&view::setting(r))]);
        if let Some(line) = view::incomplete(r) {
            table.add_row([self.bold(&line).fg(Color::Yellow)]);
        }
        render(&table)
    }

    fn pairs(&self, rows: &[view::Row]) -> String {
        let mut table = self.table();
        for (label, value) in rows {
            table.add_row([cell(label), if label == "Fee a month" { self.bold(value) } else { cell(value) }]);
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
        let rows = view::key_figures(r);
        // Causes may wrap, figures may not: each column is at least as wide as its widest figure.
        let width_of = |column: usize, name: &str| {
            let figures = rows.iter().filter(|(label, _)| *label != view::CAUSES).map(|(_, cells)| cells[column].chars().count());
            figures.chain([name.chars().count()]).max().unwrap_or(0) + 2
        };
        let widths: Vec<usize> = r.functions.keys().enumerate().map(|(column, name)| width_of(column, name)).collect();
        let labels = rows.iter().map(|(label, _)| label.chars().count() + 2).max().unwrap_or(0);
        for (label, cells) in rows {
            table.add_row(std::iter::once(label.to_owned()).chain(cells));
        }
        if labels + widths.iter().sum::<usize>() <= self.width {
            let least = |width: usize| ColumnConstraint::LowerBoundary(Width::Fixed(u16::try_from(width).unwrap_or(u16::MAX)));
            table.set_constraints(std::iter::once(labels).chain(widths).map(least));
            return render(&table);
        }
        if r.functions.len() == 1 {
            return render(&table);
        }
        self.functions_by_row(r)
    }

    /// One row a function, with as many figures as fit beside the name, which may wrap.
    fn functions_by_row(&self, r: &RunResult) -> String {
        let text =
            |figure: view::Figure, f: &FunctionResult| figure(f, &r.fee.currency).unwrap_or_else(|| format::NONE.to_owned());
        let mut left = self.width.saturating_sub(LEAST_NAME + 2);
        let mut fitting = Vec::new();
        for (label, figure) in view::SHORT_FIGURES {
            let figures = r.functions.values().map(|f| text(figure, f).chars().count());
            let width = figures.chain([label.chars().count()]).max().unwrap_or(0) + 2;
            if width > left {
                break;
            }
            left -= width;
            fitting.push((label, figure));
        }
        let mut table = self.table();
        let head = fitting.iter().map(|(label, _)| self.bold(label).set_alignment(CellAlignment::Right));
        table.set_header(std::iter::once(self.bold("Function")).chain(head));
        for (name, f) in &r.functions {
            let cells = fitting.iter().map(|(_, figure)| Cell::new(text(*figure, f)).set_alignment(CellAlignment::Right));
            table.add_row(std::iter::once(cell(name)).chain(cells));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_constraint(ColumnConstraint::ContentWidth);
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
            table.add_row([cell(&name), cell(&target), cell(&estimate), self.bold(&verdict).fg(color)]);
        }
        render(&table)
    }

    fn grid(&self, grid: &Grid) -> String {
        let mut table = self.table();
        table.set_header(grid.head.iter().map(|title| self.bold(title)));
        for row in &grid.rows {
            table.add_row(row.iter().map(|text| cell(text)));
        }
        self.fixed_first_column(&mut table);
        render(&table)
    }

    fn list(&self, title: &str, lines: &[String]) -> String {
        let mut heading = self.table();
        heading.add_row([self.bold(title)]);
        let mut table = self.table();
        for line in lines {
            table.add_row([cell("-"), cell(line)]);
        }
        format!("{}\n{}", render(&heading), render(&table))
    }

    fn wrapped(&self, text: &str) -> String {
        let mut table = self.table();
        table.add_row([cell(text)]);
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
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }

    fn bold(&self, text: &str) -> Cell {
        cell(text).add_attribute(Attribute::Bold)
    }
}

/// A cell whose text can't smuggle in escape codes.
fn cell(text: &str) -> Cell {
    Cell::new(format::plain(text))
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

    fn one_function() -> RunResult {
        let mut r = sample::run_result();
        r.functions.remove("mail");
        r
    }

    #[test]
    fn the_summary_of_one_function() {
        insta::assert_snapshot!(summary(&one_function(), 80, false), @r#"
        shop-day
        alibaba-fc cn-hangzhou, horizon 1d, 20 replications, seed 42

        Fee a month     3,493 CNY (3,469 to 3,517)
        One real month  3,398 to 3,590 CNY in 9 months of 10
          of which      active vcpu 1,811, active memory 1,204, requests 413, egress
                        64.70
          wasted        202 CNY (5.78 %): timeout 142, abandoned 38.00, error 22.40,
                        duplicate 0.03
        Ceiling         59.40 CNY an hour, 1,426 CNY a day, limited by
                        account.max_instances
        Tightest quota  300 instances

                          thumbnail
        Requests          1,728,104
        Availability      99.871 % (99.865 to 99.877)
        Attempts/request  1.0144 (1.0140 to 1.0148)
        Throttled         0.658 % (0.639 to 0.677)
          by cause        account 0.592 %, scaling rate 0.066 %
        Timed out         0.231 % (0.226 to 0.236)
        Errors            0.641 % (0.637 to 0.645)
        Crashed           0.0130 % (0.0120 to 0.0140)
        Latency p50       212.0 ms (211.6 to 212.4)
        Latency p95       698 ms (690 to 706)
        Latency p99       1.18 s (1.16 to 1.21)
        Cold starts       0.184 % (0.182 to 0.186)
        Instances, mean   48.3 (47.9 to 48.7)
          of them busy    5.24 (5.22 to 5.26)
        Instances, peak   300

        Objective                  Target       Estimate                     Verdict
        availability of thumbnail  ≥ 99.9 %     99.871 % (99.865 to 99.877)  MISSED
        p99 of thumbnail           ≤ 2 s        1.18 s (1.16 to 1.20)        met
        fee                        ≤ 3,500 CNY  3,493 CNY (3,469 to 3,517)   undecided

        Recovery
        -  thumbnail after store-outage: normal after 4.3 min (4.0 to 4.6), in every
           replication
        -  recovered (20 of 20 replications): availability from the event's end on
           99.84 % (99.81 to 99.87), in the worst minute 2.71 (2.65 to 2.77) attempts
           a request

        Precision not reached
        -  fee: half-width 0.0069, wanted 0.005

        Warnings
        -  2 price rows are older than a year: the fee may be off by a price change.
           Check them with `faascast explain` and override them with `prices`.

        In brackets: 95 % intervals over 20 replications. 2 assumptions have low
        confidence: see `faascast explain`. Oldest price row: 2025-08-11.
        "#);
    }

    #[test]
    fn functions_stand_side_by_side_where_they_fit() {
        let wide = summary(&sample::run_result(), 110, false);
        assert!(wide.contains("11.3 s (11.1 to 11.5)") && wide.contains("1.18 s (1.16 to 1.21)"), "{wide}");
        let usual = summary(&sample::run_result(), 80, false);
        assert!(usual.contains("99.9984 % (99.9975 to 99.9993)  99.871 % (99.865 to 99.877)"), "{usual}");
        let narrow = summary(&sample::run_result(), 60, false);
        assert!(narrow.contains("Function") && !narrow.contains("11.05"), "{narrow}");
    }

    #[test]
    fn lines_keep_to_the_width_and_have_no_escape_codes() {
        for r in [sample::run_result(), one_function(), sample::single(), sample::no_requests(), sample::many_functions()] {
            for width in [60, 80, 100, 132, 200] {
                let text = summary(&r, width, false);
                assert!(!text.contains('\u{1b}') && !text.contains("NaN"), "{text}");
                for line in text.lines() {
                    assert!(line.chars().count() <= width, "{width}: {line}");
                    assert_eq!(line, line.trim_end());
                }
            }
        }
    }

    #[test]
    fn colour_adds_nothing_but_escape_codes() {
        let (mut bare, mut code) = (String::new(), false);
        for c in summary(&one_function(), 80, true).chars() {
            match c {
                '\u{1b}' => code = true,
                'm' if code => code = false,
                _ if !code => bare.push(c),
                _ => {}
            }
        }
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&bare), words(&summary(&one_function(), 80, false)));
        assert!(summary(&one_function(), 80, true).contains('\u{1b}'));
    }

    #[test]
    fn one_replication_says_so_and_shows_no_interval() {
        let text = summary(&sample::single(), 100, false);
        assert!(text.contains("3,493 CNY (no interval)") && text.contains("One replication gives no interval"), "{text}");
        let bounds = |(i, word): (usize, &str)| text[i + word.len()..].starts_with(|c: char| c.is_ascii_digit());
        assert!(!text.match_indices(" to ").any(bounds), "{text}");
    }

    #[test]
    fn an_interrupted_run_is_marked() {
        let mut r = one_function();
        (r.incomplete, r.replications) = (true, 7);
        assert!(summary(&r, 80, false).contains("INCOMPLETE: the run was interrupted, the figures rest on 7 replications"));
    }
}
