//! The settings of a function.

use super::{Control, Maker, ladder, part};
use crate::platform::runtime::Provider;
use crate::scenario::{Callee, Function, Invoke, KeepAlive, Provisioned, Routing};
use crate::units::{Bytes, Span};

const ROUTING: [&str; 5] = ["most-recently-used", "newest", "least-recently-used", "random", "least-loaded"];

/// All of a function's controls.
pub(super) fn controls(maker: &Maker<'_>, index: usize) -> Vec<Control> {
    let Some(function) = maker.resolved.scenario.functions.get(index) else { return Vec::new() };
    let of = Of { maker, function, index };
    let sizes =
        [of.memory(), of.vcpu(), Some(of.timeout()), of.concurrency(), Some(of.quota()), of.provisioned(), of.keep_alive()];
    let rest = [Some(of.routing()), Some(of.error()), Some(of.hang()), of.retries()];
    sizes.into_iter().chain(rest).flatten().collect()
}

struct Of<'a> {
    maker: &'a Maker<'a>,
    function: &'a Function,
    index: usize,
}

impl Of<'_> {
    fn key(&self, setting: &str) -> String {
        format!("functions.{}.{setting}", part(&self.function.name))
    }

    fn bytes(&self, fact: &str) -> Option<u64> {
        let resolved = self.maker.resolved;
        resolved.platform.bytes(&resolved.scenario.region, fact).map(|bytes| bytes.0)
    }

    fn number(&self, fact: &str) -> Option<f64> {
        let resolved = self.maker.resolved;
        resolved.platform.number(&resolved.scenario.region, fact)
    }

    fn span(&self, fact: &str) -> Option<Span> {
        let resolved = self.maker.resolved;
        resolved.platform.span(&resolved.scenario.region, fact)
    }

    /// GPU functions have sizes of their own.
    fn memory(&self) -> Option<Control> {
        if self.function.gpu.is_some() {
            return None;
        }
        let mib = Bytes::from_mib(1).0;
        let (least, most) =
            (self.bytes("limits.memory.min").unwrap_or(64 * mib), self.bytes("limits.memory.max").unwrap_or(u64::MAX));
        let step = self.bytes("limits.memory.step").unwrap_or(mib).max(mib);
        let values = ladder::stepped(self.function.memory.0, step, (least, most));
        let values = values.into_iter().map(|bytes| Bytes(bytes).exact()).collect();
        let about = "Memory of an instance; on most platforms its CPU share comes with it.";
        Some(self.maker.steps(self.key("memory"), "Memory", about, &self.function.memory.exact(), values, ""))
    }

    /// Where the platform lets it be chosen, or the file does.
    fn vcpu(&self) -> Option<Control> {
        let key = self.key("vcpu");
        let by_memory = self.number("limits.memory_per_vcpu.min").is_none() && self.bytes("limits.memory_per_vcpu.min").is_none();
        let fixed = by_memory && self.number("limits.vcpu.min").is_some() && self.maker.written(&key).is_none();
        if self.function.gpu.is_some() || fixed {
            return None;
        }
        // In millionths, so that steps are whole.
        let millionths = |x: f64| (x * 1e6).round() as u64;
        let step = self.number("limits.vcpu.step").filter(|step| *step > 0.0).unwrap_or(0.05);
        let bounds = (self.number("limits.vcpu.min").unwrap_or(0.05), self.number("limits.vcpu.max").unwrap_or(64.0));
        let now = self.function.vcpu.get();
        let values = ladder::stepped(millionths(now), millionths(step), (millionths(bounds.0), millionths(bounds.1)));
        let values = values.into_iter().map(|vcpu| ladder::number(vcpu as f64 / 1e6)).collect();
        let about = "CPU share of an instance: 1 is one core.";
        Some(self.maker.steps(key, "vCPU", about, &ladder::number(now), values, ""))
    }

    fn timeout(&self) -> Control {
        let least = self.span("limits.timeout.min").unwrap_or(Span::from_millis(100));
        let most = self.span("limits.timeout.max").unwrap_or(Span::FOREVER);
        let now = self.function.timeout;
        let about = "An invocation is cut after this time, and billed up to it.";
        self.maker.steps(self.key("timeout"), "Timeout", about, &now.exact(), ladder::times(now, (least, most)), "")
    }

    fn concurrency(&self) -> Option<Control> {
        let resolved = self.maker.resolved;
        let runtime = resolved.platform.runtime(&self.function.runtime);
        let built_in = runtime.is_some_and(|known| matches!(known.provider, Provider::BuiltIn | Provider::Retired));
        let fact = if built_in { "limits.instance_concurrency.built_in" } else { "limits.instance_concurrency.custom" };
        let now = u64::from(self.function.instance_concurrency);
        let most = resolved.platform.count(&resolved.scenario.region, fact).unwrap_or(1_000).max(now);
        let values = ladder::counts(now, (1, most));
        let about = "Invocations at once on one instance; they share its CPU and memory.";
        (values.len() > 1).then(|| {
            self.maker.steps(self.key("instance_concurrency"), "Instance concurrency", about, &now.to_string(), values, "")
        })
    }

    /// Counted as the platform's account limit is.
    fn quota(&self) -> Control {
        let (name, label, now) = if self.maker.by_concurrency() {
            ("max_concurrency", "Most invocations at once", self.function.max_concurrency)
        } else {
            ("max_instances", "Most instances", self.function.max_instances)
        };
        let about = "Quota of this function; above it requests are throttled, and it bounds the bill.";
        self.maker.steps(self.key(name), label, about, &now.to_string(), ladder::limits(now), "")
    }

    /// A schedule is left to the text.
    fn provisioned(&self) -> Option<Control> {
        let Provisioned::Constant(now) = self.function.provisioned else { return None };
        let values = ladder::counts(now, (0, u64::MAX));
        let about = "Instances kept warm always, and billed while idle.";
        Some(self.maker.steps(self.key("provisioned"), "Provisioned instances", about, &now.to_string(), values, ""))
    }

    /// A distribution is left to the text.
    fn keep_alive(&self) -> Option<Control> {
        let KeepAlive::Constant(now) = self.function.keep_alive else { return None };
        let values = if now.is_forever() {
            let times = ladder::times(Span::from_secs(1_800), ladder::ANY);
            times.into_iter().chain(["forever".to_owned()]).collect()
        } else {
            ladder::times(now, ladder::ANY)
        };
        let shown = if now.is_forever() { "forever".to_owned() } else { now.exact() };
        let about = "How long an idle instance is kept for the next request.";
        Some(self.maker.steps(self.key("keep_alive"), "Keep-alive", about, &shown, values, ""))
    }

    fn routing(&self) -> Control {
        let now = match self.function.routing {
            Routing::MostRecentlyUsed => 0,
            Routing::Newest => 1,
            Routing::LeastRecentlyUsed => 2,
            Routing::Random => 3,
            Routing::LeastLoaded => 4,
        };
        let about = "Which warm instance gets the next request; it moves the share of cold starts.";
        self.maker.choice(self.key("routing"), "Routing", about, &ROUTING, ROUTING[now])
    }

    fn error(&self) -> Control {
        let now = self.function.faults.error.get();
        let about = "Share of invocations whose handler fails.";
        self.maker.steps(self.key("faults.error"), "Errors", about, &ladder::percent(now), ladder::shares(now), "%")
    }

    fn hang(&self) -> Control {
        let now = self.function.faults.hang.get();
        let about = "Share of invocations that hang until the timeout.";
        self.maker.steps(self.key("faults.hang"), "Hangs", about, &ladder::percent(now), ladder::shares(now), "%")
    }

    /// Of a function that is called asynchronously.
    fn retries(&self) -> Option<Control> {
        let scenario = &self.maker.resolved.scenario;
        let called = scenario.functions.iter().flat_map(|f| &f.calls);
        let is_async = scenario.traffic.iter().any(|source| source.function == self.index && source.invoke == Invoke::Async)
            || called.into_iter().any(|call| call.to == Callee::Function(self.index) && call.invoke == Invoke::Async);
        let resolved = self.maker.resolved;
        let now = u64::from(self.function.asynchronous.retries);
        let most = resolved.platform.count(&scenario.region, "limits.async.retries").unwrap_or(10).max(now);
        let about = "How often the platform tries a failed event again.";
        let values = ladder::counts(now, (0, most));
        is_async.then(|| self.maker.steps(self.key("async.retries"), "Retries of events", about, &now.to_string(), values, ""))
    }
}
