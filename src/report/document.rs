//! A report as a document: what it says and in which order, apart from how a page or Markdown sets it.

use super::charts::Chart;
use super::format;
use super::text::capital;
use super::view;
use crate::study::result::{Assumption, Warning};

/// A report.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The scenario's name: the heading.
    pub scenario: String,
    /// What kind of report it is, for the title of a window: `forecast`.
    pub kind: &'static str,
    /// Platform, replications and the like, in one line.
    pub setting: String,
    /// That it is incomplete, if it is.
    pub banner: Option<String>,
    /// What was asked; empty where the kind of report says it.
    pub question: String,
    /// The answer in a sentence or two; empty where the figures are the answer.
    pub answer: String,
    /// The figures to read first.
    pub cards: Vec<Card>,
    /// What follows, in order; sections without a block are left out.
    pub sections: Vec<Section>,
    /// How to get it again.
    pub reproduce: Reproduce,
}

/// A figure to read first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What it is.
    pub label: String,
    /// The figure.
    pub value: String,
    /// Its interval, and what else there is to say about it; empty lines are left out.
    pub more: Vec<String>,
}

/// A part under a heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// In order.
    pub blocks: Vec<Block>,
}

/// A piece of a section. In texts, what is between backticks is code.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading below the section's.
    Heading(String),
    /// A sentence or more.
    Text(String),
    /// The same in small: how to read what is above.
    Note(String),
    /// Lines.
    List(Vec<String>),
    /// What must be known first: the cause, and the rest of the sentence.
    Warning(String, String),
    /// Rows under headings.
    Table(Table),
    /// A picture.
    Chart(Box<Chart>),
}

/// Rows under headings; without any heading there is no line for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Headings of the columns.
    pub head: Vec<String>,
    /// As many cells a row as there are headings.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell by how it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Names the row.
    Head(String),
    /// A number that should not be broken over lines.
    Figure(String),
    /// Words that may be broken anywhere.
    Long(String),
    /// A verdict, which is also its class.
    Verdict(String),
}

impl Cell {
    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Head(text) | Self::Figure(text) | Self::Long(text) | Self::Verdict(text) => text,
        }
    }
}

/// How to get a report again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reproduce {
    /// The command line.
    pub command: String,
    /// Version, seed and the like, a sentence.
    pub versions: String,
    /// The scenario file as it was read.
    pub scenario_text: String,
}

/// What a report rests on besides its figures: known to those who read the scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// Id of the platform.
    pub platform: String,
    /// Id of the region; empty for a platform without.
    pub region: String,
    /// The command line that gives the same report.
    pub command: String,
    /// The scenario file as it was read.
    pub scenario_text: String,
    /// What a reader must know before trusting the figures.
    pub warnings: Vec<Warning>,
    /// Defaults and model choices the figures rest on.
    pub assumptions: Vec<Assumption>,
    /// Values that settings have in the file, by their keys: of those that are varied, as far as they are known.
    pub today: Vec<(String, String)>,
}

impl Basis {
    /// Platform and region.
    #[must_use]
    pub fn place(&self) -> String {
        if self.region.is_empty() { self.platform.clone() } else { format!("{} {}", self.platform, self.region) }
    }

    /// How to get the report again: the version that wrote it, and what the numbers depend on.
    pub(super) fn reproduce(&self, versions: String) -> Reproduce {
        Reproduce { command: self.command.clone(), versions, scenario_text: self.scenario_text.clone() }
    }
}

impl Section {
    /// A section of these blocks.
    pub(super) fn new(title: &str, blocks: Vec<Block>) -> Self {
        Self { title: title.to_owned(), blocks }
    }

    /// Charts, in order.
    pub(super) fn charts(charts: Vec<Chart>) -> Self {
        Self::new("Charts", charts.into_iter().map(|chart| Block::Chart(Box::new(chart))).collect())
    }

    /// A warning a line; nothing without one.
    pub(super) fn warnings(warnings: &[Warning]) -> Self {
        let block = |w: &Warning| {
            let (cause, rest) = view::warning_parts(w);
            Block::Warning(capital(&cause), rest)
        };
        Self::new("Warnings", warnings.iter().map(block).collect())
    }

    /// Lines; nothing without one.
    pub(super) fn list(title: &str, lines: Vec<String>) -> Self {
        Self::new(title, if lines.is_empty() { Vec::new() } else { vec![Block::List(lines)] })
    }

    /// Defaults and model choices with their sources and dates, the least certain first.
    pub(super) fn assumptions(assumptions: &[Assumption]) -> Self {
        if assumptions.is_empty() {
            return Self::new("Assumptions", vec![Block::Text("None recorded.".to_owned())]);
        }
        let mut sorted: Vec<&Assumption> = assumptions.iter().collect();
        let rank = |confidence: &str| ["low", "model", "medium"].iter().position(|c| *c == confidence).unwrap_or(3);
        sorted.sort_by_key(|a| rank(&a.confidence));
        let row = |a: &Assumption| {
            vec![
                Cell::Long(a.key.clone()),
                Cell::Long(a.value.clone()),
                Cell::Figure(a.confidence.clone()),
                Cell::Long(a.source.clone()),
                Cell::Figure(if a.as_of.is_empty() { format::NONE.to_owned() } else { a.as_of.clone() }),
            ]
        };
        let note = "Defaults and model choices that the figures rest on, the least certain first.";
        let table = table(&["Key", "Value", "Confidence", "Source", "Date"], sorted.into_iter().map(row));
        Self::new("Assumptions", vec![Block::Note(note.to_owned()), table])
    }
}

/// A table as a block.
pub(super) fn table(head: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> Block {
    Block::Table(Table { head: head.iter().map(|title| (*title).to_owned()).collect(), rows: rows.collect() })
}
