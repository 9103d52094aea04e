//! What the columns of a file hold, by the names in its header.

use std::io::BufRead;

use super::lines::Lines;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    App,
    Function,
    Trigger,
    /// When an invocation began.
    Start,
    /// When it ended.
    End,
    /// Seconds.
    Duration,
    /// Mean duration in milliseconds.
    AverageMs,
    /// A request as JSON, which names what it runs.
    Request,
    /// Requests in an interval.
    Count,
    Other,
}

/// The roles of the columns.
pub(super) struct Header {
    pub(super) roles: Vec<Role>,
}

impl Header {
    /// By the line that was just read.
    pub(super) fn of<R: BufRead>(lines: &Lines<R>) -> Self {
        Self { roles: lines.fields().map(role).collect() }
    }

    /// Where the first column of a role is.
    pub(super) fn find(&self, wanted: Role) -> Option<usize> {
        self.roles.iter().position(|role| *role == wanted)
    }

    /// The columns with counts.
    pub(super) fn counts(&self) -> impl Iterator<Item = usize> {
        (0..self.roles.len()).filter(|i| self.roles[*i] == Role::Count)
    }

    /// Whether rows are of functions with names.
    pub(super) fn is_named(&self) -> bool {
        self.find(Role::Function).or(self.find(Role::Request)).is_some()
    }

    /// Whether a row is an invocation that names its function.
    pub(super) fn has_invocations(&self) -> bool {
        let ended = self.find(Role::End).is_some() && self.find(Role::Duration).is_some();
        self.find(Role::Function).is_some() && (self.find(Role::Start).is_some() || ended)
    }
}

fn role(name: &str) -> Role {
    let numbered = |text: &str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    if name.split('-').all(numbered) && name.split('-').count() <= 2 {
        return Role::Count;
    }
    match name.to_ascii_lowercase().as_str() {
        "hashapp" | "app" | "application" => Role::App,
        "hashfunction" | "func" | "function" | "function_name" => Role::Function,
        "trigger" => Role::Trigger,
        "end_timestamp" | "end" | "end_time" => Role::End,
        "timestamp" | "time" | "start" | "start_time" | "start_timestamp" | "arrival" => Role::Start,
        "duration" | "duration_s" => Role::Duration,
        "avg" | "average" | "duration_ms" => Role::AverageMs,
        "mapped_wreq" => Role::Request,
        _ => Role::Other,
    }
}
