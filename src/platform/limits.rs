//! What a platform refuses before anything runs, each with the row that says so.

use super::{Platform, Row};
use crate::units::{Bytes, Span, Vcpu};

/// The parts of a function's configuration that platforms limit; what is left out is not looked at.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// Memory.
    pub memory: Option<Bytes>,
    /// vCPU.
    pub vcpu: Option<Vcpu>,
    /// Disk.
    pub disk: Option<Bytes>,
    /// Code package.
    pub package: Option<Bytes>,
    /// Timeout.
    pub timeout: Option<Span>,
    /// Invocations at once on one instance.
    pub instance_concurrency: Option<u32>,
    /// Whether the runtime is the platform's own (limits of the instance concurrency differ).
    pub built_in_runtime: bool,
    /// GPU functions have their own sizes, which are not checked.
    pub gpu: bool,
}

/// A setting that the platform refuses.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Key of the function's setting, such as `memory`.
    pub setting: &'static str,
    /// What is wrong: a lower-case sentence without a full stop.
    pub message: String,
    /// The row that says so.
    pub row: Row,
}

impl Violation {
    /// The limit with its source and date, for a hint.
    #[must_use]
    pub fn because(&self) -> String {
        format!(
            "`{}` is {} ({}, {}, confidence {}).",
            self.row.key,
            super::listing::show(&self.row.value),
            self.row.source,
            self.row.as_of,
            self.row.confidence.as_str()
        )
    }
}

impl Platform {
    /// Everything about a configuration that the platform refuses in this region.
    #[must_use]
    pub fn violations(&self, region: &str, spec: &Spec) -> Vec<Violation> {
        let mut found = Found { platform: self, region, violations: Vec::new() };
        if !spec.gpu {
            found.sizes(spec);
        }
        let (platform, vcpu) = (self, spec.vcpu.map(Vcpu::get));
        if let (Some(vcpu), false) = (vcpu, spec.gpu) {
            let number = |key: &str| platform.number(region, key);
            found.check("vcpu", "limits.vcpu.min", number("limits.vcpu.min").is_some_and(|min| vcpu < min), || {
                format!("{vcpu} vCPU is too little")
            });
            found.check("vcpu", "limits.vcpu.max", number("limits.vcpu.max").is_some_and(|max| vcpu > max), || {
                format!("{vcpu} vCPU is too much")
            });
            let off = |step: f64| step > 0.0 && ((vcpu / step).round() - vcpu / step).abs() > 1e-6;
            found.check("vcpu", "limits.vcpu.step", number("limits.vcpu.step").is_some_and(off), || {
                format!("{vcpu} vCPU is between two steps")
            });
        }
        if let Some(timeout) = spec.timeout {
            let span = |key: &str| platform.span(region, key);
            found.check("timeout", "limits.timeout.min", span("limits.timeout.min").is_some_and(|min| timeout < min), || {
                format!("a timeout of {} is too short", timeout.exact())
            });
            found.check("timeout", "limits.timeout.max", span("limits.timeout.max").is_some_and(|max| timeout > max), || {
                format!("a timeout of {} is too long", timeout.exact())
            });
        }
        if let Some(concurrency) = spec.instance_concurrency {
            let key =
                if spec.built_in_runtime { "limits.instance_concurrency.built_in" } else { "limits.instance_concurrency.custom" };
            let runtime = if spec.built_in_runtime { "a built-in" } else { "a custom" };
            let over = platform.count(region, key).is_some_and(|max| u64::from(concurrency) > max);
            found.check("instance_concurrency", key, over, || {
                format!("{concurrency} invocations at once are too many for {runtime} runtime")
            });
        }
        found.violations
    }
}

struct Found<'a> {
    platform: &'a Platform,
    region: &'a str,
    violations: Vec<Violation>,
}

impl Found<'_> {
    fn check(&mut self, setting: &'static str, key: &str, broken: bool, message: impl FnOnce() -> String) {
        if let (true, Some(row)) = (broken, self.platform.row(self.region, key)) {
            self.violations.push(Violation { setting, message: message(), row: row.clone() });
        }
    }

    fn sizes(&mut self, spec: &Spec) {
        let (platform, region) = (self.platform, self.region);
        let size = |key: &str| platform.bytes(region, key);
        if let Some(memory) = spec.memory {
            self.check("memory", "limits.memory.min", size("limits.memory.min").is_some_and(|min| memory < min), || {
                format!("{} of memory is too little", memory.exact())
            });
            self.check("memory", "limits.memory.max", size("limits.memory.max").is_some_and(|max| memory > max), || {
                format!("{} of memory is too much", memory.exact())
            });
            let off = |step: Bytes| step.0 > 0 && memory.0 % step.0 != 0;
            self.check("memory", "limits.memory.step", size("limits.memory.step").is_some_and(off), || {
                format!("{} of memory is between two steps", memory.exact())
            });
        }
        if let (Some(memory), Some(vcpu)) = (spec.memory, spec.vcpu) {
            // A hair of tolerance: 0.35 vCPU is not exact in binary.
            let each = memory.as_gib() / vcpu.get();
            let shown = (each * 1e9).round() / 1e9;
            let message = || format!("{} for {} vCPU is {shown} GiB for each vCPU", memory.exact(), vcpu.get());
            let under = |min: Bytes| each < min.as_gib() * (1.0 - 1e-9);
            let over = |max: Bytes| each > max.as_gib() * (1.0 + 1e-9);
            self.check("vcpu", "limits.memory_per_vcpu.min", size("limits.memory_per_vcpu.min").is_some_and(under), message);
            self.check("vcpu", "limits.memory_per_vcpu.max", size("limits.memory_per_vcpu.max").is_some_and(over), message);
        }
        if let Some(disk) = spec.disk {
            let missing = platform.sizes(region, "limits.disk.choices").is_some_and(|choices| !choices.contains(&disk));
            self.check("disk", "limits.disk.choices", missing, || format!("there is no disk of {}", disk.exact()));
        }
        if let Some(package) = spec.package {
            let over = size("limits.package").is_some_and(|max| package > max);
            self.check("package", "limits.package", over, || {
                format!("a package of {} is too large and never starts", package.exact())
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(region: &str, spec: &Spec) -> Vec<(&'static str, String)> {
        let fc = Platform::find("alibaba-fc").unwrap();
        fc.violations(region, spec).into_iter().map(|v| (v.setting, v.row.key)).collect()
    }

    #[test]
    fn the_vendor_examples_are_accepted() {
        let spec = Spec {
            memory: Some(Bytes::from_mib(512)),
            vcpu: Vcpu::new(0.35),
            disk: Some(Bytes::from_mib(512)),
            timeout: Some(Span::from_secs(86_400)),
            instance_concurrency: Some(200),
            ..Spec::default()
        };
        assert_eq!(settings("cn-hangzhou", &spec), Vec::new());
    }

    #[test]
    fn each_limit_is_found_with_its_row() {
        let spec = Spec {
            memory: Some(Bytes::from_mib(600)),
            vcpu: Vcpu::new(0.12),
            disk: Some(Bytes::from_mib(1024)),
            timeout: Some(Span::from_millis(999)),
            instance_concurrency: Some(2),
            built_in_runtime: true,
            ..Spec::default()
        };
        let keys: Vec<String> = settings("cn-hangzhou", &spec).into_iter().map(|(_, key)| key).collect();
        assert_eq!(
            keys,
            [
                "limits.memory.step",
                "limits.memory_per_vcpu.max",
                "limits.disk.choices",
                "limits.vcpu.step",
                "limits.timeout.min",
                "limits.instance_concurrency.built_in"
            ]
        );
    }

    #[test]
    fn what_is_refused_is_shown_with_all_its_digits() {
        let fc = Platform::find("alibaba-fc").unwrap();
        let spec = Spec {
            memory: Some(Bytes((512 << 20) + 1)),
            vcpu: Vcpu::new(4.0),
            timeout: Some(Span::from_secs(86_401)),
            ..Spec::default()
        };
        let found = fc.violations("cn-hangzhou", &spec);
        let messages: Vec<&str> = found.iter().map(|violation| violation.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "536870913 B of memory is between two steps",
                "536870913 B for 4 vCPU is 0.125 GiB for each vCPU",
                "a timeout of 86401s is too long",
            ]
        );
    }

    #[test]
    fn the_package_limit_depends_on_the_region() {
        let spec = Spec { package: Some(Bytes::from_mib(101)), ..Spec::default() };
        assert_eq!(settings("cn-hangzhou", &spec), Vec::new());
        assert_eq!(settings("us-west-1", &spec), [("package", "limits.package".to_owned())]);
        let fc = Platform::find("alibaba-fc").unwrap();
        let why = fc.violations("us-west-1", &spec)[0].because();
        assert!(why.contains("100 MiB") && why.contains("2026-08-09"), "{why}");
    }
}
