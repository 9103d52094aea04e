//! The settings that are varied where the user names none: all that a function has, a few values around today's each, within what
//! the platform allows.

use crate::engine::{FunctionTally, Replication};
use crate::platform::Platform;
use crate::platform::runtime::Provider;
use crate::scenario::{Function, Invoke, Limit, Provisioned, Scenario};
use crate::study::sweep::Dimension;
use crate::units::{Bytes, Span};

/// At most so many functions are varied at once, those with the most billed time.
const FUNCTIONS: usize = 3;
/// Most invocations at once that are tried, unless today's are more.
const MOST_AT_ONCE: u64 = 1_000;
/// Retries beyond which nothing is tried, unless today's are more.
const MOST_TRIES: u64 = 3;

/// Memory, vCPU (where the platform says how much goes with a memory), timeout, instance concurrency, quota, provisioned instances
/// and retries of the functions with the most billed time, each with today's value; those without another value, and the fixed
/// keys, are left out. Also what else was left out, in sentences. `replications`: some of today's settings, which say how many
/// instances there are.
pub(super) fn dimensions(
    (scenario, platform): (&Scenario, &Platform),
    replications: &[Replication],
    fixed: &[String],
) -> (Vec<Dimension>, Vec<String>) {
    let plain = |key: &str| key.replace(['"', '\''], "");
    let is_free = |d: &Dimension| d.values.len() > 1 && !fixed.iter().any(|key| plain(key) == plain(&d.key));
    let (which, left) = functions(scenario, replications);
    let mut notes: Vec<String> = Vec::new();
    if !left.is_empty() {
        notes.push(format!(
            "Only the {FUNCTIONS} functions with the most billed time were varied; not {}. Name settings to vary others.",
            left.join(", ")
        ));
    }
    let mut all = Vec::new();
    for f in which {
        let tallies: Vec<&FunctionTally> = replications.iter().filter_map(|r| r.functions.get(f)).collect();
        let around = Around { scenario, platform, index: f, function: &scenario.functions[f], tallies };
        let free: Vec<Dimension> = around.all().into_iter().filter(is_free).collect();
        if !around.need_is_known() && free.iter().any(|d| d.key.ends_with(".memory")) {
            notes.push(format!(
                "How much memory `{}` needs is not known (`work.memory`): less than today's was not tried.",
                around.function.name
            ));
        }
        all.extend(free);
    }
    (all, notes)
}

/// The functions that are varied, by index, and the names of those with traffic that are not.
fn functions(scenario: &Scenario, replications: &[Replication]) -> (Vec<usize>, Vec<String>) {
    let called = |f: &usize| scenario.traffic.iter().any(|source| source.function == *f);
    let work = |f: &usize| -> u128 { replications.iter().filter_map(|r| r.functions.get(*f)).map(|t| t.instance_ns).sum() };
    let mut order: Vec<usize> = (0..scenario.functions.len()).filter(called).collect();
    order.sort_by_key(|f| std::cmp::Reverse(work(f)));
    let left = order.split_off(order.len().min(FUNCTIONS));
    order.sort_unstable();
    (order, left.into_iter().map(|f| scenario.functions[f].name.clone()).collect())
}

/// A name as a part of a dotted path.
fn part(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { name.to_owned() } else { format!("\"{name}\"") }
}

/// A function and what is known of it.
struct Around<'a> {
    scenario: &'a Scenario,
    platform: &'a Platform,
    index: usize,
    function: &'a Function,
    tallies: Vec<&'a FunctionTally>,
}

impl Around<'_> {
    fn all(&self) -> Vec<Dimension> {
        let own = [self.memory(), self.vcpu(), self.timeout(), self.concurrency(), self.quota(), self.provisioned()];
        let named = |(key, values): (&str, Vec<String>)| Dimension {
            key: format!("functions.{}.{key}", part(&self.function.name)),
            values,
        };
        own.into_iter().flatten().map(named).chain(self.retries()).collect()
    }

    fn region(&self) -> &str {
        &self.scenario.region
    }

    /// Whether anything says how much memory the work needs.
    fn need_is_known(&self) -> bool {
        let work = &self.function.work;
        work.memory.mean() > 0.0 || work.base_memory.0 > 0 || work.memory_growth.0 > 0
    }

    /// Without a known need, none below today's.
    fn memories(&self) -> Vec<u64> {
        let bytes = |key: &str, default: u64| self.platform.bytes(self.region(), key).map_or(default, |bytes| bytes.0);
        let (min, max) = (bytes("limits.memory.min", 1), bytes("limits.memory.max", u64::MAX));
        let step = bytes("limits.memory.step", 1).max(Bytes::from_mib(1).0);
        let today = self.function.memory.0;
        let near = [today / 4, today / 2, today.saturating_mul(2), today.saturating_mul(4)];
        let fitted = near.map(|memory| memory.div_ceil(step).saturating_mul(step).clamp(min, max));
        let least = if self.need_is_known() { 0 } else { today };
        sorted(fitted.into_iter().filter(|memory| *memory >= least).chain([today]))
    }

    fn memory(&self) -> Option<(&'static str, Vec<String>)> {
        if self.function.gpu.is_some() {
            return None;
        }
        Some(("memory", self.memories().into_iter().map(|memory| Bytes(memory).exact()).collect()))
    }

    /// A vCPU for each memory: as little, as much, and half as much on a logarithmic scale as may go with it.
    fn vcpu(&self) -> Option<(&'static str, Vec<String>)> {
        let size = |key: &str| self.platform.bytes(self.region(), key).map(Bytes::as_gib);
        let number = |key: &str| self.platform.number(self.region(), key);
        let (least, most) = (size("limits.memory_per_vcpu.min")?, size("limits.memory_per_vcpu.max")?);
        if least >= most || self.function.gpu.is_some() {
            return None;
        }
        let step = number("limits.vcpu.step").filter(|step| *step > 0.0).unwrap_or(0.01);
        let steps = |vcpu: f64| (vcpu / step).round() as u64;
        let (min, max) = (number("limits.vcpu.min").unwrap_or(step), number("limits.vcpu.max").unwrap_or(1e6));
        let each = self.memories().into_iter().flat_map(|memory| {
            let memory = Bytes(memory).as_gib();
            [memory / most, memory / (least * most).sqrt(), memory / least]
        });
        let whole = each.map(|vcpu| steps(vcpu.clamp(min, max)).max(1)).chain([steps(self.function.vcpu.get())]);
        // Divided, not multiplied: 7 / 20 is nearer to 0.35 than 7 x 0.05.
        let shown =
            |steps: u64| format!("{:.6}", steps as f64 / (1.0 / step)).trim_end_matches('0').trim_end_matches('.').to_owned();
        Some(("vcpu", sorted(whole).into_iter().map(shown).collect()))
    }

    fn timeout(&self) -> Option<(&'static str, Vec<String>)> {
        let span = |key: &str, default: i64| self.platform.span(self.region(), key).map_or(default, |span| span.0);
        let second = Span::from_secs(1).0;
        let (min, max) = (span("limits.timeout.min", second).max(1), span("limits.timeout.max", i64::MAX));
        let today = self.function.timeout.0;
        let near = [today / 8, today / 4, today / 2, today.saturating_mul(2)];
        let whole = near.map(|timeout| (timeout / second).max(1).saturating_mul(second).clamp(min, max));
        Some(("timeout", sorted(whole.into_iter().chain([today])).into_iter().map(|t| Span(t).exact()).collect()))
    }

    fn concurrency(&self) -> Option<(&'static str, Vec<String>)> {
        let runtime = self.platform.runtime(&self.function.runtime);
        let own = runtime.is_some_and(|known| matches!(known.provider, Provider::BuiltIn | Provider::Retired));
        let key = if own { "limits.instance_concurrency.built_in" } else { "limits.instance_concurrency.custom" };
        let today = u64::from(self.function.instance_concurrency);
        let most = self.platform.count(self.region(), key).unwrap_or(1).min(MOST_AT_ONCE).max(today);
        let near = if today == 1 { [1, 2, 4, 8] } else { [1, today / 4, today / 2, today * 2] };
        Some(("instance_concurrency", numbers(near.into_iter().filter(|n| *n >= 1 && *n <= most).chain([today]))))
    }

    /// Most instances at once, over the replications.
    fn peak(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.instances_peak).max().unwrap_or(0).max(1)
    }

    /// Counted as the platform's account limit is.
    fn quota(&self) -> Option<(&'static str, Vec<String>)> {
        let peak = self.peak();
        let near = [peak.div_ceil(2), peak, peak.saturating_mul(2)];
        if let Some(reserved) = self.function.reserved {
            return Some(("reserved", numbers(near.into_iter().chain([reserved]))));
        }
        let account = &self.scenario.account;
        let by_concurrency = account.max_instances == Limit::Unlimited && account.max_concurrency != Limit::Unlimited;
        let (key, today) = if by_concurrency {
            ("max_concurrency", self.function.max_concurrency)
        } else {
            ("max_instances", self.function.max_instances)
        };
        // `Limit::get` of no limit is the largest number, and comes last.
        let shown = |n: u64| if n == u64::MAX { "unlimited".to_owned() } else { n.to_string() };
        Some((key, sorted(near.into_iter().chain([today.get()])).into_iter().map(shown).collect()))
    }

    /// None, half of the mean of busy instances, the mean, the peak; where the platform prices instances that are kept ready.
    fn provisioned(&self) -> Option<(&'static str, Vec<String>)> {
        let Provisioned::Constant(today) = self.function.provisioned else { return None };
        let priced = self.platform.rows(self.region()).any(|row| row.key.starts_with("meter.provisioned"))
            || self.platform.flag(self.region(), "billing.provisioned_idle") == Some(true);
        if !priced && today == 0 {
            return None;
        }
        let horizon = self.scenario.simulation.horizon.0.max(1) as f64 * self.tallies.len().max(1) as f64;
        let busy = self.tallies.iter().map(|tally| tally.busy_ns as f64).sum::<f64>() / horizon;
        Some(("provisioned", numbers([0, (busy / 2.0).ceil() as u64, busy.ceil() as u64, self.peak(), today])))
    }

    /// Tries of each source that waits, and the platform's retries of events.
    fn retries(&self) -> Vec<Dimension> {
        let mut found = Vec::new();
        let own = || self.scenario.traffic.iter().filter(|source| source.function == self.index);
        for source in own().filter(|source| source.invoke == Invoke::Sync) {
            let today = source.retry.attempts.get();
            let shown = |n: u64| if n == u64::MAX { "unlimited".to_owned() } else { n.to_string() };
            let values = sorted((1..=MOST_TRIES).chain([today])).into_iter().map(shown).collect();
            found.push(Dimension { key: format!("traffic.{}.retry.attempts", part(&source.name)), values });
        }
        if own().any(|source| source.invoke == Invoke::Async) {
            let most = self.platform.count(self.region(), "limits.async.retries").unwrap_or(u64::MAX).min(MOST_TRIES);
            let values = numbers((0..=most).chain([u64::from(self.function.asynchronous.retries)]));
            found.push(Dimension { key: format!("functions.{}.async.retries", part(&self.function.name)), values });
        }
        found
    }
}

fn sorted<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn numbers(values: impl IntoIterator<Item = u64>) -> Vec<String> {
    sorted(values).into_iter().map(|n| n.to_string()).collect()
}
