//! The settings of traffic sources and events.

use super::{Control, Maker, ladder, part};
use crate::scenario::{Change, Event, Invoke, Jitter, Limit, Source};
use crate::units::Span;
use crate::units::parse::split;
use crate::workload::arrivals::Arrivals;

const PROFILES: [&str; 3] = ["flat", "office-hours", "day-and-night"];
const JITTERS: [&str; 4] = ["none", "full", "equal", "exponential"];
/// Growth in percent a month.
const GROWTH: [f64; 10] = [-10.0, -5.0, 0.0, 2.0, 5.0, 8.0, 10.0, 20.0, 30.0, 50.0];
/// Factors on traffic and times.
const FACTORS: [f64; 16] = [0.0, 0.1, 0.2, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];

/// All of a source's controls.
pub(super) fn source(maker: &Maker<'_>, source: &Source) -> Vec<Control> {
    let key = |setting: &str| format!("traffic.{}.{setting}", part(&source.name));
    let mut controls: Vec<Control> = rate(maker, source, &key).into_iter().collect();
    // A shape of the file's own is left to the text; where there is none it is flat.
    let shape = maker.effective(&key("profile")).map_or("flat", |effective| effective.value.trim_matches('"'));
    if PROFILES.contains(&shape) && !maker.resolved.explain.iter().any(|e| e.path.starts_with(&key("profile."))) {
        let about = "Shape of the traffic over day and week; the mean rate stays.";
        controls.push(maker.choice(key("profile"), "Profile", about, &PROFILES, shape));
    }
    let percent = |x: f64| format!("{}%/month", ladder::number(x));
    let growth = ladder::numbers(&GROWTH, (source.growth_per_month * 1e9).round() / 1e7);
    let now = percent((source.growth_per_month * 1e9).round() / 1e7);
    let growth = growth.into_iter().map(|x| format!("{x}%/month")).collect();
    controls.push(maker.steps(key("growth"), "Growth", "Growth of the rate over the horizon.", &now, growth, ""));
    if source.invoke == Invoke::Sync {
        controls.extend(caller(maker, source, &key));
    }
    controls
}

/// The mean rate, where one number says it.
fn rate(maker: &Maker<'_>, source: &Source, key: &impl Fn(&str) -> String) -> Option<Control> {
    let process = match &source.arrivals {
        Arrivals::Constant(_) => "constant",
        Arrivals::Poisson(_) => "poisson",
        Arrivals::Mmpp(_) | Arrivals::Renewal(_) | Arrivals::Trace(_) => return None,
    };
    let key = key(&format!("arrivals.{process}"));
    let written = maker.written(&key)?.to_owned();
    let (number, unit) = split(&written)?;
    let values = ladder::multiples(number, |x| format!("{}{unit}", ladder::number(x)));
    let now = format!("{}{unit}", ladder::number(number));
    Some(maker.steps(key, "Rate", "Mean rate of requests.", &now, values, ""))
}

/// Patience and retries of who waits.
fn caller(maker: &Maker<'_>, source: &Source, key: &impl Fn(&str) -> String) -> Vec<Control> {
    let about = "The caller gives up on an attempt after this time; the invocation runs on and is billed.";
    let patience = match source.client_timeout {
        Some(now) => {
            let values = ladder::times(now, ladder::ANY);
            maker.steps(key("client_timeout"), "Client timeout", about, &now.exact(), values, "")
        }
        None => maker.unset(key("client_timeout"), "Client timeout", about),
    };
    let retry = &source.retry;
    let attempts = match retry.attempts {
        Limit::At(n) => ladder::counts(n, (1, 1_000)),
        Limit::Unlimited => ["1", "2", "3", "5", "10", "unlimited"].map(str::to_owned).to_vec(),
    };
    let about = "Tries of a request, the first included: 1 is no retry.";
    let mut controls =
        vec![patience, maker.steps(key("retry.attempts"), "Attempts", about, &retry.attempts.to_string(), attempts, "")];
    if maker.resolved.explain.iter().any(|e| e.path.starts_with(&key("retry."))) {
        let base = retry.backoff.base;
        let values = ladder::times(base, ladder::ANY);
        let about = "Delay before the first retry; each further one waits longer.";
        controls.push(maker.steps(key("retry.backoff.base"), "Backoff", about, &base.exact(), values, ""));
        let jitter = match retry.backoff.jitter {
            Jitter::None => "none",
            Jitter::Full => "full",
            Jitter::Equal => "equal",
            Jitter::Exponential => "exponential",
        };
        let about = "How the delays are spread, so that retries do not come all at once.";
        controls.push(maker.choice(key("retry.backoff.jitter"), "Jitter", about, &JITTERS, jitter));
    }
    controls
}

/// An event's length, and how strong it is.
pub(super) fn event(maker: &Maker<'_>, event: &Event) -> Vec<Control> {
    let key = |setting: &str| format!("events.{}.{setting}", part(&event.name));
    let values = ladder::times(event.duration, (Span::from_secs(1), Span::FOREVER));
    let mut controls = vec![maker.steps(key("for"), "Length", "How long it lasts.", &event.duration.exact(), values, "")];
    let mut factor = |setting: &str, label: &str, about: &str, now: f64| {
        // What the file leaves out is no lever of this event.
        let key = key(setting);
        if maker.written(&key).is_some() {
            let least = if setting.ends_with("slower") { 0.1 } else { 0.0 };
            let ladder: Vec<f64> = FACTORS.into_iter().filter(|factor| *factor >= least).collect();
            controls.push(maker.steps(key, label, about, &ladder::number(now), ladder::numbers(&ladder, now), ""));
        }
    };
    match &event.change {
        Change::Traffic { factor: now, .. } => factor("traffic.factor", "Traffic", "Factor on the rate of the source.", *now),
        Change::Function { slower, .. } => factor("function.slower", "Slower", "Factor on the times of the function.", *slower),
        Change::Dependency { slower, .. } => factor("dependency.slower", "Slower", "Factor on the latency.", *slower),
    }
    let (table, error) = match &event.change {
        Change::Traffic { .. } => return controls,
        Change::Function { error, .. } => ("function.error", error),
        Change::Dependency { error, .. } => ("dependency.error", error),
    };
    if let Some(now) = error.map(|error| error.get()) {
        let about = "Share that fails while it lasts.";
        controls.push(maker.steps(key(table), "Errors", about, &ladder::percent(now), ladder::shares(now), "%"));
    }
    controls
}
