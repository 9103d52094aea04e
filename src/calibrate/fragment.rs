//! Figures as a fragment of a scenario: each value with a comment that says how many values it rests on, its interval, its
//! law and how well that fits, and `[uncertainty]` with what a run needs to vary them.

use std::fmt::Write;

use super::figure::{Figure, Place, Uncertainty, Unit, digits, quantity};
use super::{Calibrated, Records};

/// A name as a scenario takes it: letters, digits, `_` and `-`; `function` where nothing is left.
#[must_use]
pub fn name(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).take(60).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "function".to_owned() } else { plain.to_owned() }
}

/// The fragment. With `whole` it is a scenario that runs as it is.
#[must_use]
pub fn fragment(records: &Records, calibrated: &[Calibrated], whole: bool) -> String {
    let mut out = String::new();
    header(&mut out, records, calibrated, whole);
    for one in calibrated {
        tables(&mut out, one);
    }
    for one in calibrated {
        traffic(&mut out, one);
    }
    uncertainty(&mut out, calibrated);
    out
}

fn header(out: &mut String, records: &Records, calibrated: &[Calibrated], whole: bool) {
    let n: usize = calibrated.iter().map(|one| one.invocations).sum();
    let _ = writeln!(out, "# Fitted by faascast {} to {n} invocations of:", env!("CARGO_PKG_VERSION"));
    for (file, kind) in &records.sources {
        let _ = writeln!(out, "# - {} ({kind})", plain(file));
    }
    let _ = writeln!(out, "# In brackets: 95 % intervals. n: values that a figure rests on.");
    let platform = records.platform.unwrap_or("generic");
    if whole {
        let _ = writeln!(out, "platform = \"{platform}\"\n\n[simulation]\nhorizon = \"1d\"\nreplications = 10\n");
    } else {
        let _ = writeln!(out, "# It goes into a scenario with `platform = \"{platform}\"` and `simulation.horizon`.\n");
    }
}

/// A text in a comment: one line.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Timeouts that a scenario gets where the log has none: the smallest that is twice the longest duration.
const TIMEOUTS: [f64; 7] = [3.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0];

fn tables(out: &mut String, one: &Calibrated) {
    let of = |place: Place| one.figures.iter().filter(move |figure| figure.place == place);
    let _ = writeln!(out, "[functions.{}]", one.function);
    let set = |key: &str| of(Place::Function).any(|figure| figure.key == key);
    if !set("memory") {
        let _ = writeln!(out, "# Not in the log: set your own.\nmemory = \"512 MiB\"");
    }
    if !set("timeout") {
        let longest = one.figures.iter().filter(|f| f.place == Place::Work && f.unit == Unit::Seconds).flat_map(|f| &f.curve);
        let longest = longest.filter_map(|curve| curve.observed.last()).map(|point| point.0).fold(0.0, f64::max);
        let timeout = TIMEOUTS.into_iter().find(|timeout| *timeout >= 2.0 * longest).unwrap_or(3_600.0);
        let _ = writeln!(
            out,
            "# Nothing was cut by it in the log: set your own.\ntimeout = \"{}\"",
            quantity(timeout, Unit::Seconds)
        );
    }
    of(Place::Function).for_each(|figure| self::figure(out, figure));
    for (place, table) in [(Place::Work, "work"), (Place::Faults, "faults"), (Place::Async, "async")] {
        let needed = place == Place::Work && !of(place).any(|figure| matches!(figure.key, "cpu" | "io"));
        if needed || of(place).next().is_some() {
            let _ = writeln!(out, "\n[functions.{}.{table}]", one.function);
            if needed {
                let _ = writeln!(out, "# The log has no durations: set your own.\nio = \"100ms\"");
            }
            of(place).for_each(|figure| self::figure(out, figure));
        }
    }
    out.push('\n');
}

fn traffic(out: &mut String, one: &Calibrated) {
    let _ = writeln!(out, "[[traffic]]\nname = \"{}\"\nto = \"{}\"", one.function, one.function);
    if one.figures.iter().any(|figure| figure.name == "retries") {
        let _ = writeln!(out, "invoke = \"async\"");
    }
    let mut any = false;
    for figure in one.figures.iter().filter(|figure| figure.place == Place::Traffic) {
        any |= figure.key == "arrivals";
        self::figure(out, figure);
    }
    if !any {
        let _ = writeln!(out, "# The log has no times: set your own.\narrivals = {{ poisson = \"1/s\" }}");
    }
    out.push('\n');
}

/// A figure: its comment, then its line.
fn figure(out: &mut String, figure: &Figure) {
    let e = &figure.estimate;
    let write = |x: f64| quantity(x, figure.unit);
    let interval = match (e.lo, e.hi) {
        (Some(lo), Some(hi)) if lo != hi => format!(" ({} to {})", write(lo), write(hi)),
        _ => String::new(),
    };
    let mean = e.mean.map_or_else(String::new, |mean| format!(" {}{interval}", write(mean)));
    let _ = writeln!(out, "# {}{mean}, n = {}", figure.name, e.n);
    for about in &figure.about {
        let _ = writeln!(out, "#   {}", plain(about));
    }
    if !figure.key.is_empty() {
        let _ = writeln!(out, "{} = {}", figure.key, figure.value);
    }
}

/// Largest standard error that a scenario takes: e^2 to each side says nothing any more.
const MOST: f64 = 2.0;

/// The path of a value in the scenario, and its uncertainty.
fn paths(one: &Calibrated) -> Vec<(String, String, &Uncertainty)> {
    let table = |place: Place| match place {
        Place::Function => format!("functions.{}", one.function),
        Place::Work => format!("functions.{}.work", one.function),
        Place::Faults => format!("functions.{}.faults", one.function),
        Place::Async => format!("functions.{}.async", one.function),
        Place::Traffic => format!("traffic.{}", one.function),
    };
    let mut paths = Vec::new();
    for figure in &one.figures {
        let base = format!("{}.{}", table(figure.place), figure.key);
        for (below, how) in &figure.uncertain {
            let path = if below.is_empty() { base.clone() } else { format!("{base}.{below}") };
            paths.push((path, base.clone(), how));
        }
    }
    paths
}

fn uncertainty(out: &mut String, calibrated: &[Calibrated]) {
    let all: Vec<_> = calibrated.iter().flat_map(paths).collect();
    if all.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "# How well the values above are known, for `run --input-uncertainty`: the standard error of a value's\n# logarithm, or so many events of so many.\n[uncertainty]"
    );
    for (path, base, how) in all {
        let _ = match how {
            Uncertainty::Events { events, of } => writeln!(out, "\"{path}\" = {{ events = {events}, of = {of} }}"),
            Uncertainty::Relative { error, with: None } => {
                writeln!(out, "\"{path}\" = {{ error = {} }}", digits(error.min(MOST)))
            }
            Uncertainty::Relative { error, with: Some((other, correlation)) } => writeln!(
                out,
                "\"{path}\" = {{ error = {}, with = \"{base}.{other}\", correlation = {} }}",
                digits(error.min(MOST)),
                digits(*correlation)
            ),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_a_scenario_takes() {
        for (text, expected) in
            [("web", "web"), ("my.func/a b", "my-func-a-b"), ("", "function"), ("$$", "function"), ("é1", "1")]
        {
            assert_eq!(name(text), expected);
        }
    }
}
