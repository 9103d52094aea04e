//! Bills that the vendor prints, or that follow from its rules by hand, to the cent.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::book::{FunctionRates, FunctionSpec, PriceBook};
use super::component::Component;
use super::invoice::{Invoice, rate, rate_f64};
use super::usage::{MonthFactor, MonthUsage, month_usage};
use super::usage_file::UsageFile;
use crate::platform::Platform;
use crate::platform::meter::HourMeter;
use crate::scenario::BillingOptions;
use crate::units::{Bytes, Span, Vcpu};

fn bill(text: &str) -> Invoice {
    let file = UsageFile::parse(text, "usage.toml", None);
    file.unwrap_or_else(|problems| panic!("{problems:#?}")).invoice().unwrap()
}

fn units(invoice: &Invoice) -> Decimal {
    invoice.lines.iter().filter(|line| line.item == "cu").map(|line| line.units).sum()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The examples of the vendor's overview page leave the hourly round-up and the minimum charge out.
const PLAIN: &str = "[billing]\ncycle_rounding = false\nminimum_charge = false\n";
const SAME_HOURS: &str = "invocations = 1_000_000\nprovisioned_active = '10h'\nprovisioned_idle = '40h'\ndisk = '512 MiB'\n";

/// FC-1 to FC-3: github.com/aliyun-fc/fc-docs at 37ecbc67, 03.产品计费/01.计费概述.md.
#[test]
fn fc_1_one_minimum_instance() {
    let invoice = bill(&format!("platform = 'alibaba-fc'\n{PLAIN}[[usage]]\nmemory = '512 MiB'\nvcpu = 0.35\n{SAME_HOURS}"));
    assert_eq!(units(&invoice), decimal("33600"));
    assert_eq!((invoice.total.amount, invoice.total.to_string()), (decimal("3.696"), "3.70 CNY".to_owned()));
    let parts: Vec<(&str, Decimal)> = invoice.lines.iter().map(|line| (line.component.name(), line.units)).collect();
    let expected = [
        ("invocations", "7500"),
        ("provisioned_vcpu", "12600"),
        ("provisioned_memory", "2700"),
        ("provisioned_idle_memory", "10800"),
    ];
    assert_eq!(parts, expected.map(|(name, units)| (name, decimal(units))));
}

#[test]
fn fc_2_gpu_tesla() {
    let gpu = "memory = '32 GiB'\nvcpu = 8\ngpu = { card = 'tesla.1', memory = '16 GiB' }\n";
    let invoice = bill(&format!("platform = 'alibaba-fc'\n{PLAIN}[[usage]]\n{gpu}{SAME_HOURS}"));
    assert_eq!(units(&invoice), decimal("3290700"));
    assert_eq!((invoice.total.amount, invoice.total.to_string()), (decimal("361.977"), "361.98 CNY".to_owned()));
}

#[test]
fn fc_3_gpu_blackwell() {
    let gpu = "memory = '64 GiB'\nvcpu = 8\ngpu = { card = 'blackwell.1', memory = '32 GiB' }\n";
    let invoice = bill(&format!("platform = 'alibaba-fc'\n{PLAIN}[[usage]]\n{gpu}{SAME_HOURS}"));
    assert_eq!(units(&invoice), decimal("5272140"));
    assert_eq!(invoice.total.to_string(), "579.94 CNY");
}

/// FC-4: inputs and CU of the international pay-as-you-go page (2025-01-24), at the list price.
#[test]
fn fc_4_international_on_demand() {
    let usage = "[[usage]]\nmemory = '512 MiB'\nvcpu = 0.25\ninvocations = 3_000_000\nduration = '200ms'\n";
    let invoice = bill(&format!("platform = 'alibaba-fc'\nregion = 'ap-southeast-1'\n{PLAIN}{usage}"));
    assert_eq!(units(&invoice), decimal("217500"));
    assert_eq!((invoice.total.amount, invoice.total.to_string()), (decimal("4.35"), "4.35 USD".to_owned()));
    // The promotion's 0.000016 is the list price less 20 %.
    let promotion = bill(&format!("platform = 'alibaba-fc'\nregion = 'ap-southeast-1'\n{PLAIN}committed = '20%'\n{usage}"));
    assert_eq!(promotion.total.amount, decimal("3.48"));
    // A China region on the international site is the same bill.
    let site = bill(&format!("platform = 'alibaba-fc'\nregion = 'cn-hangzhou'\nsite = 'international'\n{PLAIN}{usage}"));
    assert_eq!(site.total, invoice.total);
}

#[test]
fn one_call_an_hour_costs_the_minimum_charge() {
    let invoice =
        bill("platform = 'alibaba-fc'\n[[usage]]\nmemory = '128 MiB'\nvcpu = 0.1\ninvocations = 730\nduration = '100ms'\n");
    assert_eq!((invoice.total.amount, invoice.total.to_string()), (decimal("7.3"), "7.30 CNY".to_owned()));
    // Each hour is rounded up to 1 CU, and the minimum charge fills up the rest of 0.01 CNY.
    assert_eq!(units(&invoice), decimal("730"));
    let fewer =
        bill("platform = 'alibaba-fc'\n[[usage]]\nmemory = '128 MiB'\nvcpu = 0.1\ninvocations = 100\nduration = '100ms'\n");
    assert_eq!(fewer.total.to_string(), "1.00 CNY");
}

#[test]
fn each_hour_is_rounded_up_by_itself() {
    let usage = "[[usage]]\nmemory = '128 MiB'\nvcpu = 0.1\nhours = [{ invocations = 160, times = 3 }]\n";
    // 160 invocations x 75 / 10,000 = 1.2 CU.
    let invoice = bill(&format!("platform = 'alibaba-fc'\n[billing]\nminimum_charge = false\n{usage}"));
    assert_eq!(units(&invoice), decimal("6"));
    assert_eq!(invoice.total.amount, decimal("0.00066"));
    let rounding = invoice.by_component().into_iter().find(|(c, _)| *c == Component::Rounding).map(|(_, amount)| amount);
    assert_eq!(rounding, Some(decimal("0.000264")));
    assert_eq!(units(&bill(&format!("platform = 'alibaba-fc'\n{PLAIN}{usage}"))), decimal("3.6"));
    // A whole CU is not rounded up further: 400 invocations are 3 CU.
    let whole = usage.replace("160", "400");
    assert_eq!(units(&bill(&format!("platform = 'alibaba-fc'\n{whole}"))), decimal("9"));
}

#[test]
fn durations_are_rounded_up_to_the_granule() {
    let active = |duration: &str| {
        let text = format!("platform = 'generic'\n[[usage]]\nmemory = '1 GiB'\ninvocations = 1000\nduration = '{duration}'\n");
        bill(&text).lines.iter().filter(|line| line.item == "gb_s").map(|line| line.units).sum::<Decimal>()
    };
    assert_eq!(active("100ms"), decimal("100"));
    assert_eq!(active("100.0001ms"), decimal("101"));
    assert_eq!(active("1ns"), decimal("1"));
    assert_eq!(active("0s"), decimal("0"));
}

#[test]
fn generic_prices_are_the_plain_ones() {
    // L-1 of the worked bills without its free tier: 540,000 GB-s x 0.0000166667 + 3 million x 0.20 a million.
    let invoice = bill("platform = 'generic'\n[[usage]]\nmemory = '1536 MiB'\ninvocations = 3_000_000\nduration = '120ms'\n");
    assert_eq!(invoice.total.amount, decimal("9.600018"));
    // L-2, which has none: 7.44 million x 2 s x 1024 MB, 249.49.
    let invoice = bill("platform = 'generic'\n[[usage]]\nmemory = '1 GiB'\ninvocations = 7_440_000\nduration = '2s'\n");
    assert_eq!(invoice.total.to_string(), "249.49 USD");
}

#[test]
fn provisioned_instances_without_the_idle_switch_cost_the_active_rate() {
    let usage = "[[usage]]\nmemory = '512 MiB'\nvcpu = 0.35\nprovisioned_idle = '1h'\nhours_used = 1\n";
    let idle = bill(&format!("platform = 'alibaba-fc'\n{PLAIN}{usage}"));
    assert_eq!(units(&idle), decimal("270"));
    let active = bill(&format!("platform = 'alibaba-fc'\n{PLAIN}provisioned_idle = false\n{usage}"));
    assert_eq!(units(&active), decimal("1530"));
    let released = usage.replace("provisioned_idle", "idle");
    assert_eq!(units(&bill(&format!("platform = 'alibaba-fc'\n{PLAIN}{released}"))), decimal("270"));
    assert_eq!(bill(&format!("platform = 'alibaba-fc'\n{PLAIN}idle_release = false\n{released}")).total.amount, Decimal::ZERO);
}

fn book(region: &str) -> PriceBook {
    PriceBook::new(Platform::find("alibaba-fc").unwrap(), region, &BillingOptions::default()).unwrap()
}

fn function(book: &PriceBook, name: &str, mib: u64, vcpu: f64) -> FunctionRates {
    let spec = FunctionSpec {
        name: name.to_owned(),
        memory: Bytes::from_mib(mib),
        vcpu: Vcpu::new(vcpu).unwrap(),
        disk: Bytes::from_mib(512),
        gpu: None,
        architecture: Default::default(),
    };
    book.function(&spec).unwrap()
}

/// Tiers: "from exclusive, to inclusive"; each part of the month's units at its own tier's price.
#[test]
fn a_tier_begins_one_unit_above_its_edge() {
    let book = book("cn-hangzhou");
    let cost = |units: i64| book.items()[0].cost(Decimal::from(units));
    assert_eq!(cost(0), Decimal::ZERO);
    assert_eq!(cost(200_000_000), decimal("22000"));
    assert_eq!(cost(200_000_001), decimal("22000.00010"));
    assert_eq!(cost(1_000_000_000), decimal("102000"));
    assert_eq!(cost(1_000_000_001), decimal("102000.00009"));
    for units in [0.0, 1.0, 2e8, 2e8 + 1.0, 1e9, 3e9] {
        let exact: f64 = cost(units as i64).try_into().unwrap();
        assert!((book.items()[0].cost_f64(units) - exact).abs() <= 1e-9 * exact, "{units}");
    }
}

#[test]
fn free_units_come_off_before_the_tiers() {
    let own = "[[row]]\nkey = 'price.cu.free'\nvalue = 1000\n[[row]]\nkey = 'billing.free_tier'\nvalue = true\n";
    let platform = Platform::find("alibaba-fc").unwrap().override_with(own, "own").unwrap();
    let cost = |options: &BillingOptions, units: i64| {
        PriceBook::new(&platform, "", options).unwrap().items()[0].cost(Decimal::from(units))
    };
    let on = BillingOptions::default();
    assert_eq!((cost(&on, 1000), cost(&on, 1001)), (Decimal::ZERO, decimal("0.00011")));
    let off = BillingOptions { free_tier: Some(false), ..BillingOptions::default() };
    assert_eq!(cost(&off, 1000), decimal("0.11"));
}

#[test]
fn a_price_without_its_item_is_an_error() {
    let own = "[[row]]\nkey = 'meter.egress_gib'\nvalue = '1 gib_out'\n";
    let platform = Platform::find("alibaba-fc").unwrap().override_with(own, "own").unwrap();
    assert!(PriceBook::new(&platform, "", &BillingOptions::default()).unwrap_err().to_string().contains("price.gib_out.tiers"));
    assert!(PriceBook::new(&platform, "mars", &BillingOptions::default()).is_err());
}

#[test]
fn every_region_of_every_platform_has_a_price_book() {
    for platform in Platform::ids().map(|id| Platform::find(id).unwrap()) {
        for region in platform.regions() {
            let book = PriceBook::new(platform, &region.id, &BillingOptions::default()).unwrap();
            assert!(book.items().iter().all(|item| item.first_price() > 0.0) && book.prices_as_of.len() == 10, "{}", region.id);
        }
    }
}

#[test]
fn egress_is_billed_once_the_user_prices_it() {
    let own =
        "[[row]]\nkey = 'price.gib_out.tiers'\nvalue = [['0', '0.8']]\n[[row]]\nkey = 'meter.egress_gib'\nvalue = '1 gib_out'\n";
    let usage = "platform = 'alibaba-fc'\n[billing]\nminimum_charge = false\n[[usage]]\negress = '10 GiB'\nhours_used = 1\n";
    let cost = |prices| UsageFile::parse(usage, "usage.toml", prices).unwrap().invoice().unwrap().total.amount;
    assert_eq!((cost(None), cost(Some(("own", own)))), (Decimal::ZERO, Decimal::from(8)));
}

#[test]
fn a_month_without_traffic_costs_nothing() {
    let book = book("cn-hangzhou");
    let rates = function(&book, "f", 512, 0.35);
    let month = month_usage(
        &book,
        &[(&rates, &vec![HourMeter::default(); 24])],
        Span::from_secs(86_400),
        MonthFactor::even(Span::from_secs(86_400)),
    );
    let invoice = rate(&book, &month);
    assert_eq!((invoice.lines.len(), invoice.total.amount, rate_f64(&book, &month)), (0, Decimal::ZERO, 0.0));
    assert_eq!(rate(&book, &MonthUsage::mean(&[])).total.amount, Decimal::ZERO);
}

/// Ten minutes of one call are an hour of six calls: 0.01 CNY an hour, not six times that.
#[test]
fn a_horizon_of_ten_minutes_is_not_charged_a_minimum_each() {
    let book = book("cn-hangzhou");
    let rates = function(&book, "f", 512, 0.35);
    let hour = [HourMeter { invocations: 1, active_ns: 100_000_000, ..HourMeter::default() }];
    let ten_minutes = Span::from_secs(600);
    let month = month_usage(&book, &[(&rates, &hour)], ten_minutes, MonthFactor::even(ten_minutes));
    assert!((rate_f64(&book, &month) - 7.3).abs() < 1e-9);
    assert_eq!(rate(&book, &month).total.to_string(), "7.30 CNY");
}

#[test]
fn leaving_one_out_is_the_mean_of_the_others() {
    let book = book("cn-hangzhou");
    let rates = function(&book, "f", 512, 0.35);
    let month = |n: u64| {
        month_usage(
            &book,
            &[(&rates, &[HourMeter { invocations: n, active_ns: n << 28, ..HourMeter::default() }])],
            Span::from_secs(3600),
            MonthFactor::even(Span::from_secs(3600)),
        )
    };
    let months = [month(1000), month(2000), month(6000)];
    let left = MonthUsage::sum(&months).leave_out(&months[2], 3);
    let mean = MonthUsage::mean(&months[..2]);
    let gap = |a: &MonthUsage, b: &MonthUsage| {
        a.functions[0].units.iter().zip(&b.functions[0].units).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    assert!(gap(&left, &mean) < 1e-6 && gap(&left, &months[2]) > 1.0);
}

proptest! {
    /// Whatever the usage: the lines add up to the total exactly, in every grouping; floats agree; more usage never costs less.
    #[test]
    fn the_lines_add_up(hours in proptest::collection::vec((0_u64..10_000_000, 0_u64..1 << 50, 0_u64..1 << 45, 0_u64..1 << 45), 1..40), mib in 2_u64..500, china: bool) {
        let book = book(if china { "cn-hangzhou" } else { "us-east-1" });
        let (small, large) = (function(&book, "small", mib * 64, 0.35), function(&book, "large", mib * 128, 2.0));
        let meters: Vec<HourMeter> = hours.iter().map(|(n, a, b, c)| HourMeter { invocations: *n, active_ns: *a, idle_ns: *b, provisioned_idle_ns: *c, ..HourMeter::default() }).collect();
        let horizon = Span::from_secs(3600 * meters.len() as i64);
        let usage = |n: usize| month_usage(&book, &[(&small, &meters[..n]), (&large, &meters[..n])], horizon, MonthFactor::even(horizon));
        let invoice = rate(&book, &usage(meters.len()));
        let total = invoice.total.amount;
        prop_assert_eq!(invoice.lines.iter().map(|line| line.amount).sum::<Decimal>(), total);
        prop_assert_eq!(invoice.by_component().into_iter().map(|(_, amount)| amount).sum::<Decimal>(), total);
        prop_assert_eq!(invoice.by_function().into_iter().sum::<Decimal>(), total);
        prop_assert!(invoice.lines.iter().all(|line| line.amount >= Decimal::ZERO));
        let float = rate_f64(&book, &usage(meters.len()));
        prop_assert!((float - invoice.total_f64()).abs() <= 1e-9 * float.max(1.0), "{} {}", float, invoice.total_f64());
        prop_assert!(rate(&book, &usage(meters.len() - 1)).total.amount <= total);
        // Whole CU in every hour.
        let whole = usage(meters.len());
        let cu: f64 = whole.functions.iter().flat_map(|f| &f.units[..Component::Minimum.index()]).sum::<f64>() / MonthFactor::even(horizon).clock;
        prop_assert!((cu - cu.round()).abs() <= 1e-9 * cu.max(1.0), "{}", cu);
    }
}
