//! Rows put together into the rules that the engine and the meters follow.

use super::{BillingRule, BillingUnit, InstanceRules, Platform, keys};
use crate::units::{Bytes, Span, Vcpu};

impl Platform {
    /// How instances behave.
    #[must_use]
    pub fn instance_rules(&self, region: &str) -> InstanceRules {
        let flag = |key: &str| self.flag(region, key).unwrap_or(false);
        let size = |key: &str| self.bytes(region, key).map_or(u64::MAX, |bytes| bytes.0);
        InstanceRules {
            timeout_kills: flag("instance.timeout_kills"),
            join_starting: flag("instance.join_starting"),
            timeout_includes_init: flag("instance.timeout_includes_init"),
            max_sync_request: size("limits.payload.sync_request"),
            max_async_request: size("limits.payload.async_request"),
            max_response: size("limits.payload.response"),
            max_headers: size("limits.payload.headers"),
            requests_per_second: self.count(region, "limits.instance_rate"),
        }
    }

    /// How the execution time of a function is metered. With an instance concurrency of 1 each invocation is a bill of its
    /// own, whatever the platform's unit. `idle_release`: the user's switch; left out = the platform's default.
    #[must_use]
    pub fn billing_rule(&self, region: &str, instance_concurrency: u32, gpu: bool, idle_release: Option<bool>) -> BillingRule {
        let flag = |key: &str, default: bool| self.flag(region, key).unwrap_or(default);
        let span = |key: &str| self.span(region, key);
        let shared = instance_concurrency > 1 && self.text(region, "billing.unit") == Some("busy-period");
        let gpu_granule = if gpu { span("billing.granule.gpu") } else { None };
        BillingRule {
            unit: if shared { BillingUnit::BusyPeriod } else { BillingUnit::Invocation },
            granule: gpu_granule.or_else(|| span("billing.granule")).unwrap_or(Span(1)).max(Span(1)),
            minimum: span("billing.minimum").unwrap_or(Span::ZERO),
            init_billed: flag("billing.init_billed", true),
            init_failure_billed: flag("billing.init_failure_billed", true),
            error_billed: flag("billing.error_billed", true),
            timeout_billed: flag("billing.timeout_billed", true),
            crash_billed: flag("billing.crash_billed", true),
            idle_release: if idle_release == Some(false) {
                Span::ZERO
            } else {
                span("billing.idle_release").unwrap_or(Span::ZERO)
            },
        }
    }

    /// The vCPU of a function that states only its memory, by the platform's rule.
    #[must_use]
    pub fn vcpu_for(&self, region: &str, memory: Bytes) -> Vcpu {
        let number = |key: &str, default: f64| self.number(region, key).unwrap_or(default);
        let table = self.row(region, "vcpu.table").and_then(|row| keys::vcpu_table(&row.value));
        let vcpu = if let (Some("table"), Some(table)) = (self.text(region, "vcpu.rule"), table) {
            table.iter().find(|row| row.0 >= memory).or(table.last()).map_or(1.0, |row| row.1)
        } else if self.text(region, "vcpu.rule") == Some("memory") {
            let per_vcpu = self.bytes(region, "vcpu.memory_per_vcpu").map_or(f64::INFINITY, Bytes::as_gib);
            let step = number("limits.vcpu.step", 0.0);
            let exact = memory.as_gib() / per_vcpu;
            // Less a hair, so that 0.3 / 0.1, which is 3 and a bit in binary, is three steps and not four.
            // Divided by the steps in 1, not multiplied by the step: 15 / 20 is nearer to 0.75 than 15 x 0.05.
            let rounded = if step > 0.0 { (exact / step - 1e-9).ceil() / (1.0 / step) } else { exact };
            rounded.max(number("limits.vcpu.min", 0.0)).min(number("limits.vcpu.max", f64::INFINITY))
        } else {
            number("vcpu.constant", 1.0)
        };
        // The platforms' rows cannot give 0, but a user's can.
        Vcpu::new(vcpu).unwrap_or(Vcpu::ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vcpu_from_memory_is_rounded_up_to_the_step() {
        let fc = Platform::find("alibaba-fc").unwrap();
        for (mib, vcpu) in [(128, 0.1), (512, 0.25), (1024, 0.5), (1536, 0.75), (1600, 0.8), (32_768, 16.0)] {
            let got = fc.vcpu_for("cn-hangzhou", Bytes::from_mib(mib)).get();
            assert!((got - vcpu).abs() < 1e-12, "{mib} MiB: {got}");
        }
        assert_eq!(Platform::find("generic").unwrap().vcpu_for("", Bytes::from_mib(128)).get(), 1.0);
    }

    #[test]
    fn fc_bills_busy_periods_only_where_invocations_share_an_instance() {
        let fc = Platform::find("alibaba-fc").unwrap();
        let alone = fc.billing_rule("cn-hangzhou", 1, false, None);
        assert_eq!(
            (alone.unit, alone.granule, alone.idle_release),
            (BillingUnit::Invocation, Span::from_millis(1), Span::from_secs(60))
        );
        let shared = fc.billing_rule("cn-hangzhou", 2, true, Some(false));
        assert_eq!((shared.unit, shared.granule, shared.idle_release), (BillingUnit::BusyPeriod, Span::from_secs(1), Span::ZERO));
        let generic = Platform::find("generic").unwrap().billing_rule("", 50, false, Some(true));
        assert_eq!((generic.unit, generic.idle_release), (BillingUnit::Invocation, Span::ZERO));
    }

    #[test]
    fn generic_has_no_limits() {
        let rules = Platform::find("generic").unwrap().instance_rules("");
        assert_eq!((rules.max_sync_request, rules.max_headers, rules.timeout_kills), (u64::MAX, u64::MAX, false));
        assert_eq!(Platform::find("alibaba-fc").unwrap().instance_rules("").max_async_request, 128 << 10);
    }
}
