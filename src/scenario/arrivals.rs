//! `arrivals` of a traffic source.

use std::sync::Arc;

use super::key::{Key, Kind, Unit, key, must};
use super::law;
use super::node::Node;
use super::quantities;
use super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::workload::arrivals::{Arrivals, MmppState};
use crate::workload::trace::{self, Format, TraceOptions};

/// Keys of `arrivals`: one process, and the options of a trace.
pub(super) const KEYS: &[Key] = &[
    key("constant", Kind::Rate, "one arrival every 1/rate"),
    key("poisson", Kind::Rate, "Poisson arrivals"),
    key("mmpp", Kind::Tables(STATE), "Poisson arrivals whose rate changes by a random clock"),
    key("renewal", Kind::Law(Unit::Time), "independent gaps from a distribution"),
    key("trace", Kind::Text, "file of recorded traffic, relative to the scenario's folder"),
    key("format", Kind::Word(&["timestamps", "counts", "azure-2019", "azure-2021"]), "format of the trace; left out: detected"),
    key("every", Kind::Span, "length of an interval of counts"),
    key("functions", Kind::Texts, "functions of an Azure trace to take; left out: all"),
    key("repeat", Kind::Flag, "whether the trace starts again at its end"),
    key("length", Kind::Span, "time after which a repeated trace starts again"),
];

/// Processes, of which one is given.
pub(super) const PROCESSES: [&str; 5] = ["constant", "poisson", "mmpp", "renewal", "trace"];
const OPTIONS: [&str; 5] = ["format", "every", "functions", "repeat", "length"];

const STATE: &[Key] =
    &[must("rate", Kind::Rate, "arrivals in this state"), must("mean_time", Kind::Span, "mean stay in this state")];

/// Reads the process.
pub(super) fn read(r: &Reader<'_>) -> Option<Arrivals> {
    let given: Vec<&str> = PROCESSES.into_iter().filter(|name| r.has(name)).collect();
    if !given.contains(&"trace") {
        for option in OPTIONS.into_iter().filter(|option| r.has(option)) {
            r.error(option, "conflict", "is an option of a trace", "Add `trace = \"file.csv\"`, or leave it out.");
        }
    }
    let [process] = given.as_slice() else {
        let hint = format!("One of: {}.", PROCESSES.join(", "));
        match given.as_slice() {
            // An unknown key, or the missing table, has been reported and says it better.
            [] if r.entries().iter().any(|entry| !OPTIONS.contains(&entry.key.as_str())) => {}
            [] if r.context.failed() && r.entries().is_empty() => {}
            [] => r.error("", "bad-value", "expected an arrival process", hint),
            _ => {
                let message = format!("expected one arrival process, found {}", given.join(" and "));
                r.error("", "conflict", message, "Keep one of them.");
                // What else is wrong with them is said too.
                given.iter().for_each(|process| drop(one(r, process)));
            }
        }
        return None;
    };
    one(r, process)
}

/// Reads one of the processes.
fn one(r: &Reader<'_>, process: &str) -> Option<Arrivals> {
    match process {
        "constant" => r.rate("constant").map(Arrivals::Constant),
        "poisson" => r.rate("poisson").map(Arrivals::Poisson),
        "mmpp" => mmpp(r).map(Arrivals::Mmpp),
        "renewal" => {
            let gaps = law::read(r, "renewal", Unit::Time)?;
            if gaps.mean() <= 1e-7 {
                let message = format!("the mean gap must be more than 100ns, but is {}s", gaps.mean());
                r.error("renewal", "out-of-range", message, "It is the mean time between two arrivals.");
                return None;
            }
            Some(Arrivals::Renewal(gaps))
        }
        _ => recorded(r),
    }
}

fn mmpp(r: &Reader<'_>) -> Option<Vec<MmppState>> {
    let states = r.tables("mmpp");
    if states.is_empty() && r.get("mmpp").is_some_and(|node| node.list().is_some()) {
        r.error("mmpp", "missing-key", "expected at least one state", "Such as [{ rate = \"20/s\", mean_time = \"10s\" }].");
    }
    // All states are read before any is judged, so that all errors are found.
    let state = |t: &Reader<'_>| {
        let (rate, mean_time) = (t.rate("rate"), t.span("mean_time"));
        let mean_time = t.within("mean_time", mean_time, |span| span.0 >= 1_000, "at least 1us");
        Some(MmppState { rate: rate?, mean_time: mean_time? })
    };
    let states: Vec<_> = states.iter().map(state).collect();
    let states: Option<Vec<_>> = states.into_iter().collect();
    states.filter(|states| !states.is_empty())
}

fn recorded(r: &Reader<'_>) -> Option<Arrivals> {
    let every = r.span("every");
    let length = r.span("length");
    let options = TraceOptions {
        format: r.word("format").and_then(Format::from_name),
        every: r.within("every", every, |span| span.0 > 0, "more than 0"),
        functions: r.read("functions", |node| quantities::list(node, "a list of names", quantities::text)).unwrap_or_default(),
        repeat: r.flag("repeat").unwrap_or(false),
        length: r.within("length", length, |span| span.0 > 0, "more than 0"),
    };
    if length.is_some() && !options.repeat {
        r.warn("length", "no-effect", "has no effect without `repeat`", "Add `repeat = true`, or leave it out.");
    }
    let wrong_option =
        ["format", "every", "functions", "repeat"].into_iter().any(|key| r.get(key).is_some_and(|node| broken(key, node)));
    let (path, bytes) = r.file("trace")?;
    if wrong_option {
        return None;
    }
    match trace::read(bytes.as_slice(), &options) {
        Ok(trace) => Some(Arrivals::Trace(Arc::new(trace))),
        Err(error) => {
            // The place is the trace's own line; the key path says which source it belongs to.
            let mut finding = Diagnostic::error("bad-trace", r.path_of("trace"), error.message.clone());
            if !error.hint.is_empty() {
                finding = finding.hint(error.hint.clone());
            }
            r.context.push(finding.at(&path, error.line as usize));
            None
        }
    }
}

/// Whether an option has been refused: then the trace would be read wrongly, and its errors would mislead.
fn broken(key: &str, node: &Node) -> bool {
    match key {
        "format" => node.text().and_then(Format::from_name).is_none(),
        "every" => quantities::span(node).map_or(true, |span| span.0 <= 0),
        "functions" => quantities::list(node, "", quantities::text).is_err(),
        _ => quantities::flag(node).is_err(),
    }
}
