//! The file of `faascast price`: usage to bill, without a simulation.
//!
//! ```toml
//! platform = "alibaba-fc"
//! region = "cn-hangzhou"
//!
//! [billing]
//! cycle_rounding = false
//!
//! [[usage]]                       # a month of one function
//! name = "thumbnail"
//! memory = "512 MiB"
//! vcpu = 0.35
//! invocations = 1_000_000
//! duration = "200ms"              # billed time of an invocation, rounded up to the granule
//! provisioned_active = "10h"      # also: active, idle (on-demand instances), egress
//! provisioned_idle = "40h"
//! hours_used = 50                 # of the month's 730; the usage is spread evenly over them
//!
//! [[usage]]
//! name = "cron"
//! memory = "128 MiB"
//! hours = [{ invocations = 160, times = 3 }, { invocations = 1, duration = "2s" }]
//! ```

use toml::de::DeValue;

use super::book::{BookError, FunctionRates, FunctionSpec, PriceBook};
use super::invoice::{Invoice, rate};
use super::usage::{MonthFactor, MonthUsage, month_usage};
use crate::diagnostic::Diagnostic;
use crate::platform::fields::{Fields, Reader, flag, text};
use crate::platform::limits::Spec;
use crate::platform::meter::HourMeter;
use crate::platform::{Platform, Unknown};
use crate::scenario::{Architecture, BillingOptions, Gpu, naming};
use crate::units::{Bytes, Probability, Span, Vcpu, parse};

/// Hours in the longest month: no more rows than that.
const MAX_HOURS: usize = 744;

/// A usage file, read and valid.
#[derive(Clone, Debug)]
pub struct UsageFile {
    /// Prices, of the site asked for, with the user's own rows.
    pub platform: Platform,
    /// Region id.
    pub region: String,
    /// Switches of the bill.
    pub options: BillingOptions,
    /// The functions' usage.
    pub functions: Vec<Function>,
}

/// One `[[usage]]`.
#[derive(Clone, Debug)]
pub struct Function {
    /// What is billed.
    pub spec: FunctionSpec,
    /// Usage by hour; hours without usage are left out.
    pub hours: Vec<HourMeter>,
}

/// The path that a usage file gives under `prices`, so that the caller can read that file first; `None` if there is none, or
/// if the file is not TOML, which `UsageFile::parse` then says.
#[must_use]
pub fn prices_path(usage: &str) -> Option<String> {
    toml::from_str::<toml::Table>(usage).ok()?.get("prices")?.as_str().map(str::to_owned)
}

impl UsageFile {
    /// Reads a usage file; `prices` is the name and the text of the file of the user's own rows, if there is one.
    ///
    /// # Errors
    /// Everything that is wrong with either file.
    pub fn parse(usage: &str, file: &str, prices: Option<(&str, &str)>) -> Result<Self, Vec<Diagnostic>> {
        let mut reader = Reader::new(file, usage);
        let document = reader.document();
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        let top = Fields::new(document.get_ref(), document.span(), "");
        top.only(&["platform", "region", "site", "prices", "billing", "usage"], &mut reader);
        top.read("prices", &mut reader, text);
        let Some((mut platform, region, known)) = place(&top, &mut reader) else { return Err(reader.problems) };
        if let (Some((name, rows)), true) = (prices, known) {
            match platform.override_with(rows, name) {
                Ok(own) => platform = own,
                Err(problems) => reader.problems.extend(problems),
            }
        }
        let (options, idle_billed) = billing_options(&top, &mut reader);
        let tables = top.tables("usage", &mut reader);
        if tables.is_empty() && top.get("usage").is_none_or(|usage| usage.get_ref().as_array().is_some()) {
            let hint = "Add one, such as [[usage]] with memory, invocations and duration.";
            reader.add(&(0..0), Diagnostic::error("missing-key", "usage", "there is no usage to bill").hint(hint));
        }
        let mut functions = Vec::with_capacity(tables.len());
        for (index, table) in tables.iter().enumerate() {
            let scope = Scope { platform: &platform, region: &region, known, idle_billed };
            functions.extend(scope.function(table, index, &mut reader));
        }
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        let usage = Self { platform, region, options, functions };
        let refused = |error: BookError| {
            vec![
                Diagnostic::error("price-book", "", error.to_string())
                    .at(file, 0)
                    .hint("`faascast platforms PLATFORM` lists the rows."),
            ]
        };
        usage.invoice().map_err(refused).map(|_| usage)
    }

    /// The book and the month of this usage.
    ///
    /// # Errors
    /// The rows lack a price.
    pub fn month(&self) -> Result<(PriceBook, MonthUsage), BookError> {
        let book = PriceBook::new(&self.platform, &self.region, &self.options)?;
        let mut month = MonthUsage::default();
        for function in &self.functions {
            let rates: FunctionRates = book.function(&function.spec)?;
            let horizon = Span::from_secs(3600 * function.hours.len() as i64);
            month.functions.extend(
                month_usage(&book, &[(&rates, &function.hours)], horizon, MonthFactor { traffic: 1.0, clock: 1.0 }).functions,
            );
        }
        Ok((book, month))
    }

    /// The bill of this usage.
    ///
    /// # Errors
    /// The rows lack a price.
    pub fn invoice(&self) -> Result<Invoice, BookError> {
        self.month().map(|(book, month)| rate(&book, &month))
    }
}

/// The platform for the site, the region, and whether both are those of the file. Where one is not known, reading goes on
/// with another, so that the rest of the file is checked too.
fn place(top: &Fields<'_, '_>, reader: &mut Reader<'_>) -> Option<(Platform, String, bool)> {
    let before = reader.problems.len();
    let unknown = |reader: &mut Reader<'_>, error: &Unknown| {
        let at = top.get(error.what).map_or(0..0, toml::Spanned::span);
        reader.add(&at, Diagnostic::error("unknown-name", error.what, error.to_string()).hint(error.hint()));
    };
    let id = top.need("platform", reader, text);
    let (region, site) = (top.read("region", reader, text), top.read("site", reader, text));
    let found = id.and_then(|id| Platform::find(&id).map_err(|error| unknown(reader, &error)).ok());
    let Some(platform) = found else { return Some((Platform::find("generic").ok()?.clone(), String::new(), false)) };
    let wanted = platform.region(&region.unwrap_or_default()).map_err(|error| unknown(reader, &error)).ok();
    let region = wanted.or_else(|| platform.region(&platform.default_region).ok())?.id.clone();
    let sited = site.and_then(|site| platform.with_site(&region, &site).map_err(|error| unknown(reader, &error)).ok());
    let known = reader.problems.len() == before;
    Some((sited.unwrap_or_else(|| platform.clone()), region, known))
}

/// `[billing]`, and whether the idle time of on-demand instances is billed.
fn billing_options(top: &Fields<'_, '_>, reader: &mut Reader<'_>) -> (BillingOptions, bool) {
    let Some(table) = top.table("billing", reader) else { return (BillingOptions::default(), true) };
    table.only(&["free_tier", "cycle_rounding", "minimum_charge", "provisioned_idle", "idle_release", "committed"], reader);
    let options = BillingOptions {
        free_tier: table.read("free_tier", reader, flag),
        cycle_rounding: table.read("cycle_rounding", reader, flag),
        minimum_charge: table.read("minimum_charge", reader, flag),
        provisioned_idle: table.read("provisioned_idle", reader, flag),
        committed: table.read("committed", reader, share),
        ..BillingOptions::default()
    };
    (options, table.read("idle_release", reader, flag).unwrap_or(true))
}

/// What the reading of each `[[usage]]` needs.
struct Scope<'a> {
    platform: &'a Platform,
    region: &'a str,
    /// Whether platform and region are those of the file; if not, limits are not checked.
    known: bool,
    idle_billed: bool,
}

fn architecture(value: &DeValue<'_>) -> Result<Architecture, String> {
    match text(value)?.as_str() {
        "x86_64" => Ok(Architecture::X86),
        "arm64" => Ok(Architecture::Arm),
        _ => Err("\"x86_64\" or \"arm64\"".to_owned()),
    }
}

/// Keys that say how much was used, in a `[[usage]]` and in each row of its `hours`.
const AMOUNTS: [&str; 7] = ["invocations", "duration", "active", "idle", "provisioned_active", "provisioned_idle", "egress"];

impl Scope<'_> {
    fn function(&self, table: &Fields<'_, '_>, index: usize, reader: &mut Reader<'_>) -> Option<Function> {
        let own = ["name", "memory", "vcpu", "disk", "gpu", "architecture", "hours", "hours_used"];
        table.only(&[&own[..], &AMOUNTS[..]].concat(), reader);
        let before = reader.problems.len();
        let gpu = table.table("gpu", reader).and_then(|table| {
            table.only(&["card", "memory"], reader);
            Some(Gpu { card: table.need("card", reader, text)?, memory: table.need("memory", reader, size)? })
        });
        let default = |key: &str| self.platform.bytes(self.region, key).unwrap_or_default();
        let memory = table.read("memory", reader, size).unwrap_or_else(|| default("defaults.memory"));
        let spec = FunctionSpec {
            name: table.read("name", reader, text).unwrap_or_else(|| format!("function-{}", index + 1)),
            memory,
            vcpu: table.read("vcpu", reader, vcpu).unwrap_or_else(|| self.platform.vcpu_for(self.region, memory)),
            disk: table.read("disk", reader, size).unwrap_or_else(|| default("defaults.disk")),
            gpu,
            architecture: table.read("architecture", reader, architecture).unwrap_or_default(),
        };
        if let (Some(at), Some(problem)) = (table.get("name"), naming::refused(&spec.name)) {
            let finding = Diagnostic::error("bad-name", table.path_of("name"), problem);
            reader.add(&at.span(), finding.hint(naming::REMEDY));
        }
        let arm = spec.architecture == Architecture::Arm;
        if let (Some(at), true) =
            (table.get("architecture"), arm && self.platform.row(self.region, "meter.arm.active.memory").is_none())
        {
            let finding = Diagnostic::error("no-price", table.path_of("architecture"), "there are no prices for arm64 here");
            reader.add(&at.span(), finding.hint("Leave it out."));
        }
        // A size that was refused has been replaced by a default, which would be refused for another reason.
        if self.known && reader.problems.len() == before {
            self.refuse(table, &spec, reader);
        }
        let hours =
            if table.get("hours").is_some() { self.by_hour(table, &spec, reader) } else { self.spread(table, &spec, reader) };
        (reader.problems.len() == before).then_some(Function { spec, hours })
    }

    /// Findings about a configuration that the platform does not offer.
    fn refuse(&self, table: &Fields<'_, '_>, spec: &FunctionSpec, reader: &mut Reader<'_>) {
        let gpu = spec.gpu.is_some();
        let limited = Spec { memory: Some(spec.memory), vcpu: Some(spec.vcpu), disk: Some(spec.disk), gpu, ..Spec::default() };
        for violation in self.platform.violations(self.region, &limited) {
            // A vCPU that is left out follows from the memory.
            let key = table.get(violation.setting).or_else(|| table.get("memory"));
            let at = key.map_or_else(|| table.at.clone(), toml::Spanned::span);
            let finding = Diagnostic::error("over-limit", table.path_of(violation.setting), violation.message.clone());
            reader.add(&at, finding.hint(violation.because()));
        }
    }

    /// The rows of `hours`.
    fn by_hour(&self, table: &Fields<'_, '_>, spec: &FunctionSpec, reader: &mut Reader<'_>) -> Vec<HourMeter> {
        for key in AMOUNTS.into_iter().chain(["hours_used"]) {
            if let Some(value) = table.get(key) {
                let message = "usage is given twice, for the month and by `hours`";
                let finding = Diagnostic::error("conflict", table.path_of(key), message);
                reader.add(&value.span(), finding.hint("Move it into the rows of `hours`, or leave `hours` out."));
            }
        }
        // What else is wrong with them is said too.
        self.spread(table, spec, reader);
        let mut hours = Vec::new();
        for row in table.tables("hours", reader) {
            row.only(&[&["times"], &AMOUNTS[..]].concat(), reader);
            let meter = self.meter(&row, spec, reader);
            let times = row.read("times", reader, |v| whole(v, MAX_HOURS as u64)).unwrap_or(1);
            hours.extend(std::iter::repeat_n(meter, usize::try_from(times).unwrap_or(MAX_HOURS)));
            if hours.len() > MAX_HOURS {
                let finding = Diagnostic::error("too-many", &row.path, format!("a month has at most {MAX_HOURS} hours"));
                reader.add(&row.at, finding.hint("Lower `times`, so that all rows together are a month."));
                break;
            }
        }
        hours
    }

    /// A month's usage, spread evenly over the hours in which the function was used: `hours_used`, by default all 730, or
    /// one for each invocation if there are fewer and nothing else is billed.
    fn spread(&self, table: &Fields<'_, '_>, spec: &FunctionSpec, reader: &mut Reader<'_>) -> Vec<HourMeter> {
        let total = self.meter(table, spec, reader);
        let only_calls = total.idle_ns == 0
            && total.provisioned_active_ns == 0
            && total.provisioned_idle_ns == 0
            && table.get("active").is_none();
        let default = if only_calls { total.invocations.clamp(1, 730) } else { 730 };
        let hours = table.read("hours_used", reader, |v| whole(v, MAX_HOURS as u64)).unwrap_or(default).max(1);
        // Hour i gets what is due by its end and was not given before, so the parts add up to the whole.
        let part = |total: u64, hour: u64| {
            let due = |hour: u64| u128::from(total) * u128::from(hour) / u128::from(hours);
            u64::try_from(due(hour + 1) - due(hour)).unwrap_or(u64::MAX)
        };
        let hour = |i: u64| HourMeter {
            invocations: part(total.invocations, i),
            active_ns: part(total.active_ns, i),
            idle_ns: part(total.idle_ns, i),
            provisioned_active_ns: part(total.provisioned_active_ns, i),
            provisioned_idle_ns: part(total.provisioned_idle_ns, i),
            egress_bytes: part(total.egress_bytes, i),
        };
        (0..hours).map(hour).collect()
    }

    /// The amounts of one table, rounded up to the platform's granules.
    fn meter(&self, table: &Fields<'_, '_>, spec: &FunctionSpec, reader: &mut Reader<'_>) -> HourMeter {
        let rule = self.platform.billing_rule(self.region, 1, spec.gpu.is_some(), None);
        let provisioned = self.platform.span(self.region, "billing.granule.provisioned").unwrap_or(Span(1));
        let invocations = table.read("invocations", reader, |v| whole(v, i64::MAX as u64)).unwrap_or(0);
        let duration = table.read("duration", reader, span).unwrap_or(Span::ZERO);
        let billed = if duration == Span::ZERO { Span::ZERO } else { up(duration.max(rule.minimum), rule.granule) };
        let mut time =
            |key: &str, granule: Span| up(table.read(key, reader, span).unwrap_or(Span::ZERO), granule).0.unsigned_abs();
        let (active, idle) = (time("active", rule.granule), time("idle", Span(1)));
        // The time they are there is rounded up; what that adds is idle time where there is any.
        let (at_work, idle_there) = (time("provisioned_active", Span(1)), time("provisioned_idle", Span(1)));
        let there = up(Span(at_work.saturating_add(idle_there).min(i64::MAX as u64) as i64), provisioned).0.unsigned_abs();
        let (provisioned_active, provisioned_idle) =
            if idle_there == 0 { (there, 0) } else { (at_work, there.saturating_sub(at_work)) };
        let calls = invocations.checked_mul(billed.0.unsigned_abs()).and_then(|calls| calls.checked_add(active));
        if calls.is_none() {
            let at = table.get("duration").map_or_else(|| table.at.clone(), toml::Spanned::span);
            let finding = Diagnostic::error("too-much", table.path_of("duration"), "more time than 584 years");
            reader.add(&at, finding.hint("Check `invocations` and `duration`: the bill is a month's."));
        }
        HourMeter {
            invocations,
            active_ns: calls.unwrap_or(0),
            idle_ns: if self.idle_billed { idle } else { 0 },
            provisioned_active_ns: provisioned_active,
            provisioned_idle_ns: provisioned_idle,
            egress_bytes: table.read("egress", reader, size).unwrap_or_default().0,
        }
    }
}

/// Rounds up to a multiple of the granule.
fn up(span: Span, granule: Span) -> Span {
    let granule = granule.0.max(1);
    Span((span.0.saturating_add(granule - 1) / granule).saturating_mul(granule))
}

fn size(value: &DeValue<'_>) -> Result<Bytes, String> {
    parse::bytes(value.as_str().unwrap_or_default()).map_err(|expected| expected.0.to_owned())
}

fn span(value: &DeValue<'_>) -> Result<Span, String> {
    let span = parse::span(value.as_str().unwrap_or_default()).map_err(|expected| expected.0.to_owned())?;
    if span.is_forever() { Err("a time with an end".to_owned()) } else { Ok(span) }
}

fn vcpu(value: &DeValue<'_>) -> Result<Vcpu, String> {
    let number = match value {
        DeValue::Integer(number) => number.to_string().parse().ok(),
        DeValue::Float(number) => number.to_string().parse().ok(),
        _ => None,
    };
    number.and_then(Vcpu::new).ok_or_else(|| "a number of vCPU above 0".to_owned())
}

fn share(value: &DeValue<'_>) -> Result<Probability, String> {
    let text = match value {
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    parse::probability(&text).map_err(|expected| expected.0.to_owned())
}

/// A whole number up to `max`.
fn whole(value: &DeValue<'_>, max: u64) -> Result<u64, String> {
    let number =
        value.as_integer().and_then(|number| u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok());
    number.filter(|number| *number <= max).ok_or_else(|| format!("a whole number from 0 to {max}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_found_with_its_line() {
        let text = "platform = 'alibaba-fc'\nregoin = 'x'\n[billing]\ncycle_rounding = 1\n[[usage]]\nmemory = '512'\nvcpu = -1\ninvocations = 1.5\n[[usage]]\nmemory = '512 MiB'\nvcpu = 4\nhours = [{ times = 745 }]\nduration = 3\n";
        let problems = UsageFile::parse(text, "u.toml", None).unwrap_err();
        let mut found: Vec<(usize, &str)> = problems.iter().map(|d| (d.line, d.code)).collect();
        found.sort_unstable();
        let expected = [
            (2, "unknown-key"),
            (4, "bad-value"),
            (6, "bad-value"),
            (7, "bad-value"),
            (8, "bad-value"),
            (11, "over-limit"),
            (12, "bad-value"),
            (13, "bad-value"),
            (13, "conflict"),
        ];
        assert_eq!(found, expected, "{problems:#?}");
    }

    #[test]
    fn names_that_do_not_exist_are_refused() {
        for (text, code) in [
            ("", &["missing-key 1 platform", "missing-key 1 usage"][..]),
            ("platform = 'aws'\n[[usage]]\nmemory = '1'", &["unknown-name 1 platform", "bad-value 3 usage[1].memory"]),
            ("platform = 'alibaba-fc'\nregion = 'cn-hanghou'\n[[usage]]\nmemory = '5 MiB'", &["unknown-name 2 region"]),
            ("platform = 'alibaba-fc'\nsite = 'mars'\n[[usage]]\nvcpu = 1e9", &["unknown-name 2 site"]),
            ("platform = 'generic'", &["missing-key 1 usage"]),
            ("platform = 'generic'\nusage = 3", &["bad-value 2 usage"]),
            ("platform = ", &["syntax 1 "]),
            ("platform = 'generic'\n[[usage]]\nname = '=1+1'", &["bad-name 3 usage[1].name"]),
            (
                "platform = 'generic'\n[[usage]]\nmemory = '1 GiB'\ninvocations = 9000000000000\nduration = '1d'",
                &["too-much 5 usage[1].duration"],
            ),
        ] {
            let problems = UsageFile::parse(text, "u.toml", None).unwrap_err();
            let found: Vec<String> = problems.iter().map(|d| format!("{} {} {}", d.code, d.line, d.path)).collect();
            assert_eq!(found, *code, "{text}");
        }
        let card =
            "platform = 'alibaba-fc'\n[[usage]]\nmemory = '32 GiB'\nvcpu = 8\ngpu = { card = 'tesla.9', memory = '16 GiB' }\n";
        assert!(UsageFile::parse(card, "u.toml", None).unwrap_err()[0].message.contains("tesla.1"));
    }

    #[test]
    fn spans_are_rounded_up_to_the_granule() {
        // FC-5 of the vendor's page: provisioned 51 s -> 60 s and 61 s -> 70 s; exactly at the granule nothing is added.
        for (seconds, billed) in [(51, 60), (60, 60), (61, 70), (0, 0)] {
            assert_eq!(up(Span::from_secs(seconds), Span::from_secs(10)), Span::from_secs(billed));
        }
        assert_eq!(up(Span::from_millis(1), Span::from_millis(1)), Span::from_millis(1));
        assert_eq!(up(Span(1_000_001), Span::from_millis(1)), Span::from_millis(2));
    }

    #[test]
    fn the_spread_adds_up_to_the_whole() {
        let text =
            "platform = 'generic'\n[[usage]]\nmemory = '1 GiB'\ninvocations = 1000003\nduration = '7ms'\nhours_used = 37\n";
        let file = UsageFile::parse(text, "u.toml", None).unwrap();
        let hours = &file.functions[0].hours;
        assert_eq!(hours.len(), 37);
        assert_eq!(hours.iter().map(|h| h.invocations).sum::<u64>(), 1_000_003);
        assert_eq!(hours.iter().map(|h| h.active_ns).sum::<u64>(), 1_000_003 * 7_000_000);
    }

    #[test]
    fn own_prices_are_used() {
        let text = "platform = 'generic'\nprices = 'mine.toml'\n[[usage]]\nmemory = '1 GiB'\ninvocations = 10\n";
        assert_eq!(prices_path(text).as_deref(), Some("mine.toml"));
        let own = "[[row]]\nkey = 'price.request.tiers'\nvalue = [['0', '0.5']]\n";
        let file = UsageFile::parse(text, "u.toml", Some(("mine.toml", own))).unwrap();
        assert_eq!(file.invoice().unwrap().total.to_string(), "5.00 USD");
        assert!(UsageFile::parse(text, "u.toml", Some(("mine.toml", "[[row]]\nkey = 'x'\n"))).is_err());
    }
}
