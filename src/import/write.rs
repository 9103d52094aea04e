//! A draft as the text of a scenario. Each line says in its comment where it is from.

use super::draft::{Call, Draft, Function, Origin, Setting, Traffic, Written, heading};
use super::literal::{Literal, cut, name};

/// What the placeholders of work are, until logs say better.
const WORK: [(&str, &str); 2] = [("cpu", "20ms"), ("io", "80ms")];
/// The placeholder of a rate.
const RATE: &str = "1/s";
/// Triggers that are named on one line.
const LABELS: usize = 2;
/// Characters of a comment.
const COMMENT: usize = 160;
/// Comments begin in this column where the line is not longer.
const COLUMN: usize = 42;

/// What a line of the text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Comments, headings, placeholders.
    Other,
    /// A setting of the whole scenario, by its index.
    Top(usize),
    /// Something of a function, by the indexes of the function and its setting.
    Setting(usize, usize),
    /// A function as a whole.
    Function(usize),
    /// The traffic of a function.
    Traffic(usize),
}

/// The text and what its lines are.
pub(super) struct Text {
    pub(super) text: String,
    /// For each line, what it is and where it is from.
    pub(super) lines: Vec<(Line, Option<Origin>)>,
}

impl Text {
    fn line(&mut self, of: Line, text: &str, comment: &str, origin: Option<&Origin>) {
        self.text.push_str(text);
        if !comment.is_empty() {
            if !text.is_empty() {
                let gap = COLUMN.saturating_sub(text.chars().count()).max(2);
                self.text.push_str(&" ".repeat(gap));
            }
            self.text.push_str("# ");
            self.text.push_str(&cut(comment, COMMENT));
        }
        self.text.push('\n');
        self.lines.push((of, origin.cloned()));
    }

    fn other(&mut self, text: &str, comment: &str) {
        self.line(Line::Other, text, comment, None);
    }

    fn setting(&mut self, of: Line, setting: &Setting) {
        let key = name(&setting.key);
        if let Some(why) = &setting.refused {
            let value = match &setting.value {
                Written::Value(value) => value.to_string(),
                Written::Items(items) => Literal::list(items.iter().map(|item| item.value.clone())).to_string(),
            };
            let what = cut(&format!("{key} = {value}"), 60);
            self.line(of, "", &format!("{what}  {}; refused: {why}", from(&setting.origin)), Some(&setting.origin));
            return;
        }
        match &setting.value {
            Written::Value(value) => {
                self.line(of, &format!("{key} = {value}"), &from(&setting.origin), Some(&setting.origin));
            }
            Written::Items(items) if items.is_empty() => {
                self.line(of, &format!("{key} = []"), &from(&setting.origin), Some(&setting.origin));
            }
            Written::Items(items) => {
                self.line(of, &format!("{key} = ["), "", Some(&setting.origin));
                for item in items {
                    self.line(of, &format!("    {},", item.value), &from(&item.origin), Some(&item.origin));
                }
                self.line(of, "]", "", Some(&setting.origin));
            }
        }
    }
}

/// The comment on an origin.
fn from(origin: &Origin) -> String {
    let line = if origin.place.line > 0 { format!("line {}: {}", origin.place.line, origin.path) } else { origin.path.clone() };
    match &origin.remark {
        Some(remark) if line.is_empty() => remark.clone(),
        Some(remark) => format!("{line}; {remark}"),
        None => line,
    }
}

/// The text of a draft. `kind` is the kind of file in words, `file` its name.
pub(super) fn text(draft: &Draft, kind: &str, file: &str) -> Text {
    let mut out = Text { text: String::new(), lines: Vec::new() };
    let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
    out.other("", &format!("From {}, {kind}.", cut(file, 60)));
    out.other("", "A comment names the line and the key that a value is from. \"placeholder\" marks what no deployment file");
    out.other("", "knows, traffic and work: nothing of the forecast means anything until you replace it.");
    out.other("", "");
    out.other(&format!("platform = {}", Literal::text(draft.platform)), kind);
    for (index, setting) in draft.settings.iter().enumerate().filter(|(_, setting)| setting.table.is_empty()) {
        out.setting(Line::Top(index), setting);
    }
    if !draft.settings.iter().any(|setting| setting.key == "region" && setting.refused.is_none()) {
        out.other("", "region: not in the file, the platform's default holds; prices and limits depend on it");
    }
    out.other("", "");
    out.other("[simulation]", "");
    out.other("horizon = \"1d\"", "placeholder");
    out.other("replications = 10", "placeholder");
    let mut tables: Vec<&str> = draft.settings.iter().map(|setting| setting.table.as_str()).filter(|t| !t.is_empty()).collect();
    tables.dedup();
    for table in tables {
        out.other("", "");
        out.other(&format!("[{table}]"), "");
        for (index, setting) in draft.settings.iter().enumerate().filter(|(_, setting)| setting.table == table) {
            out.setting(Line::Top(index), setting);
        }
    }
    for (index, function) in draft.functions.iter().enumerate() {
        if let Some(why) = &function.refused {
            out.other("", "");
            out.line(Line::Function(index), "", &format!("{}: {why}", function.name), Some(&function.origin));
            continue;
        }
        write_function(&mut out, index, function);
    }
    out
}

fn write_function(out: &mut Text, index: usize, function: &Function) {
    out.other("", "");
    out.line(
        Line::Function(index),
        &format!("[{}]", heading(&function.name, "")),
        &from(&function.origin),
        Some(&function.origin),
    );
    let in_table = |table: &str| {
        let of_table: Vec<(usize, &Setting)> =
            function.settings.iter().enumerate().filter(|(_, setting)| setting.table == table).collect();
        of_table
    };
    for (number, setting) in in_table("") {
        out.setting(Line::Setting(index, number), setting);
    }
    let mut tables: Vec<&str> = function.settings.iter().map(|setting| setting.table.as_str()).collect();
    tables.sort_unstable();
    tables.dedup();
    for table in tables.into_iter().filter(|table| !table.is_empty()) {
        out.other("", "");
        out.line(Line::Function(index), &format!("[{}]", heading(&function.name, table)), "", Some(&function.origin));
        for (number, setting) in in_table(table) {
            out.setting(Line::Setting(index, number), setting);
        }
    }
    write_placeholders(out, index, function);
}

/// What the file cannot know, with the command that finds it out.
fn write_placeholders(out: &mut Text, index: usize, function: &Function) {
    let command = format!("faascast calibrate LOGS… --function {}", shell(&function.name));
    if !function.settings.iter().any(|setting| setting.table == "work") {
        out.other("", "");
        out.other("", &format!("Not in a deployment file; from logs: {command}"));
        out.other(&format!("[{}]", heading(&function.name, "work")), "");
        for (key, value) in WORK {
            out.other(&format!("{key} = {}", Literal::text(value)), "placeholder");
        }
    }
    let kinds = [Call::Sync, Call::Async, Call::Queue];
    let unknown = |call: Call| function.traffic.iter().filter(move |traffic| traffic.call == call && traffic.rate.is_none());
    for call in kinds {
        let triggers: Vec<&Traffic> = unknown(call).collect();
        if let Some(first) = triggers.first() {
            write_traffic(out, index, function, call, &triggers, &first.origin);
        }
    }
    for traffic in function.traffic.iter().filter(|traffic| traffic.rate.is_some()) {
        write_traffic(out, index, function, traffic.call, &[traffic], &traffic.origin);
    }
    if function.traffic.is_empty() {
        let origin = function.origin.clone().remark("no trigger in the file: taken as called directly");
        write_traffic(out, index, function, Call::Sync, &[], &origin);
    }
}

fn write_traffic(out: &mut Text, index: usize, function: &Function, call: Call, triggers: &[&Traffic], origin: &Origin) {
    let of = Line::Traffic(index);
    out.other("", "");
    let labels: Vec<String> =
        triggers.iter().map(|traffic| format!("{} (line {})", traffic.label, traffic.origin.place.line)).collect();
    for labels in labels.chunks(LABELS) {
        out.other("", &labels.join(", "));
    }
    out.line(of, "[[traffic]]", "", Some(origin));
    out.line(of, &format!("to = {}", Literal::text(&function.name)), "", Some(origin));
    let (invoke, remark) = match call {
        Call::Sync => ("sync", "the caller waits"),
        Call::Async => ("async", "the platform queues the event"),
        Call::Queue => {
            ("async", "a queue or stream that the platform polls; \"queue\" simulates its batches, with the keys of the queue")
        }
    };
    let remark = if triggers.is_empty() { from(origin) } else { remark.to_owned() };
    out.line(of, &format!("invoke = \"{invoke}\""), &remark, Some(origin));
    match triggers.first().and_then(|traffic| traffic.rate.as_ref()) {
        Some(rate) => {
            out.line(of, &format!("arrivals = {{ constant = {} }}", Literal::text(rate)), &from(origin), Some(origin));
        }
        None => {
            let text = format!("arrivals = {{ poisson = {} }}", Literal::text(RATE));
            out.line(of, &text, "placeholder: requests of all callers together", Some(origin));
        }
    }
}

/// A name as one word of a shell.
fn shell(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
