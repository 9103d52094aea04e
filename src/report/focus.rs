//! The fee as cost data in the columns of FOCUS 1.2, for tools that read bills.
//!
//! Names, order, nullability and allowed values follow the FinOps Open Cost and Usage Specification, version 1.2 (2025-05-30,
//! focus.finops.org/focus-specification/v1-2, `specification/columns` and `specification/attributes` of its repository): FOCUS columns
//! first and sorted, own ones after them with `x_`, times in UTC with `Z`, no value is an empty cell.
//!
//! It is a forecast, and `x_Estimate` says so in each row. What a forecast does not have is left empty although the specification
//! wants it: `BillingAccountId`; the periods, unless a month is named. What is not known of a provider has no column: `SkuId`,
//! `SkuMeter`, `SkuPriceId` (own identifiers of the provider's price list; `x_PriceItem` and `x_Component` say what is priced),
//! `InvoiceId`, `RegionName`, `SubAccountId`.

use csv::Writer;
use serde_json::{Map, Value};

use super::sweep::{Swept, harmless, plain};
use super::view::words;
use crate::estimate::Estimate;
use crate::study::result::{Charge, RunResult};

/// The FOCUS columns that are filled in, or mandatory; then the own ones.
const COLUMNS: [&str; 43] = [
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "x_BilledCostHigh",
    "x_BilledCostLow",
    "x_Component",
    "x_Configuration",
    "x_Estimate",
    "x_Objectives",
    "x_PriceItem",
    "x_Replications",
    "x_Scenario",
    "x_Seed",
    "x_Settings",
];

/// Where the fee would be billed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Who offers the service, publishes it, and sends the invoice: it is bought from its maker.
    pub provider: String,
    /// Name of the service.
    pub service: String,
    /// Id of the region; empty for none.
    pub region: String,
    /// The calendar month that the forecast is taken for, as year and month; `None` leaves the periods empty.
    pub month: Option<(i16, u8)>,
    /// Whether the prices are those of a commitment.
    pub committed: bool,
}

/// A row by its columns; what is not in it is empty.
struct Record<'a>(Vec<(&'static str, String)>, &'a Place);

impl<'a> Record<'a> {
    /// What all rows have.
    fn new(place: &'a Place, scenario: &str, seed: u64, currency: &str) -> Self {
        let mut record = Self(Vec::new(), place);
        for column in ["ProviderName", "PublisherName", "InvoiceIssuerName"] {
            record.set(column, &place.provider);
        }
        record.set("ServiceName", &place.service);
        record.set("ServiceCategory", "Compute");
        record.set("ServiceSubcategory", "Serverless Compute");
        record.set("RegionId", &place.region);
        record.set("BillingCurrency", currency);
        record.set("x_Estimate", "true");
        record.set("x_Scenario", scenario);
        record.set("x_Seed", &seed.to_string());
        if let Some((start, end)) = place.month.and_then(period) {
            for column in ["BillingPeriodStart", "ChargePeriodStart"] {
                record.set(column, &start);
            }
            for column in ["BillingPeriodEnd", "ChargePeriodEnd"] {
                record.set(column, &end);
            }
        }
        record
    }

    fn set(&mut self, column: &'static str, value: &str) {
        self.0.push((column, harmless(value)));
    }

    fn number(&mut self, column: &'static str, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.set(column, &value.to_string());
        }
    }

    /// The money of a row. Nothing is negotiated or paid in advance, so that the costs differ by a commitment's discount only.
    fn costs(&mut self, amount: &Estimate, list: Option<f64>) {
        for column in ["BilledCost", "EffectiveCost"] {
            self.number(column, amount.mean);
        }
        for column in ["ListCost", "ContractedCost"] {
            self.number(column, list);
        }
        self.number("x_BilledCostLow", amount.lo);
        self.number("x_BilledCostHigh", amount.hi);
        self.set("x_Replications", &amount.n.to_string());
    }

    fn write(self, out: &mut Writer<Vec<u8>>) -> Result<(), csv::Error> {
        let cell = |column: &&str| self.0.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value.as_str());
        out.write_record(COLUMNS.iter().map(cell))
    }
}

/// Start and end of a month: the end is not in it.
fn period((year, month): (i16, u8)) -> Option<(String, String)> {
    let (next_year, next) = if month >= 12 { (year.checked_add(1)?, 1) } else { (year, month + 1) };
    let at = |year: i16, month: u8| format!("{year:04}-{month:02}-01T00:00:00Z");
    Some((at(year, month), at(next_year, next)))
}

/// One row a function and part of the fee; they add up to it.
///
/// # Errors
/// Never for rows as long as the heading; the writer's error is passed on.
pub fn run(r: &RunResult, place: &Place) -> Result<String, csv::Error> {
    let mut out = Writer::from_writer(Vec::new());
    out.write_record(COLUMNS)?;
    for charge in &r.fee.charges {
        let mut record = Record::new(place, &r.scenario, r.seed, &r.fee.currency);
        line(&mut record, charge);
        record.write(&mut out)?;
    }
    finish(out)
}

fn line(record: &mut Record<'_>, charge: &Charge) {
    // What no usage causes is an adjustment: it has no quantity that was consumed.
    let usage = charge.metered.is_some();
    record.set("ChargeCategory", if usage { "Usage" } else { "Adjustment" });
    record.set("ChargeFrequency", if usage { "Usage-Based" } else { "Recurring" });
    record.set("ChargeDescription", &format!("Forecast of a month: {} of {}", words(&charge.component), charge.function));
    record.set("PricingCategory", if record.1.committed { "Committed" } else { "Standard" });
    record.set("ResourceId", &charge.function);
    record.set("ResourceName", &charge.function);
    record.set("ResourceType", "Function");
    record.set("x_Component", &charge.component);
    record.set("x_PriceItem", &charge.item);
    if let Some(metered) = charge.metered {
        record.number("ConsumedQuantity", Some(metered));
        record.set("ConsumedUnit", metered_unit(&charge.component));
    }
    if !charge.item.is_empty() && charge.units > 0.0 {
        record.number("PricingQuantity", Some(charge.units));
        record.set("PricingUnit", &pricing_unit(&charge.item));
        // The month's average of free tier and price tiers, so that price and quantity give the cost.
        for column in ["ListUnitPrice", "ContractedUnitPrice"] {
            record.number(column, Some(charge.list / charge.units));
        }
    }
    record.costs(&charge.amount, Some(charge.list));
}

/// What is metered, in the unit names of the specification.
fn metered_unit(component: &str) -> &'static str {
    match component {
        "invocations" => "Requests",
        "egress" => "GiB",
        _ => "Seconds",
    }
}

/// The unit of a priced item: items are named by what they count, such as `gb_s` and `request`.
fn pricing_unit(item: &str) -> String {
    let ends = [("gb_s", "GB-Seconds"), ("gib_s", "GiB-Seconds"), ("vcpu_s", "vCPU-Seconds"), ("request", "Requests")];
    let known = ends.into_iter().find(|(end, _)| item == *end || item.ends_with(&format!("_{end}")));
    known.map_or_else(|| item.to_uppercase(), |(_, unit)| unit.to_owned())
}

/// One row a configuration, function and part of the fee. Configurations are alternatives: only the rows of one add up.
///
/// # Errors
/// Never for rows as long as the heading; the writer's error is passed on.
pub fn sweep(swept: &Swept, place: &Place) -> Result<String, csv::Error> {
    let mut out = Writer::from_writer(Vec::new());
    out.write_record(COLUMNS)?;
    for (index, row) in swept.rows.iter().enumerate() {
        let settings: Map<String, Value> =
            row.settings.iter().map(|(key, value)| (key.clone(), Value::String(plain(value)))).collect();
        let settings = Value::Object(settings).to_string();
        for charge in &row.charges {
            let mut record = Record::new(place, &swept.scenario, swept.seed, &row.currency);
            line(&mut record, charge);
            record.set("x_Configuration", &(index + 1).to_string());
            record.set("x_Settings", &settings);
            if let Some(verdict) = row.verdict() {
                record.set("x_Objectives", &super::view::verdict(verdict).to_lowercase());
            }
            record.write(&mut out)?;
        }
    }
    finish(out)
}

fn finish(out: Writer<Vec<u8>>) -> Result<String, csv::Error> {
    let bytes = out.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::report::sample::{self, decisions};

    /// The 21 mandatory columns of FOCUS 1.2.
    const MANDATORY: [&str; 21] = [
        "BilledCost",
        "BillingAccountId",
        "BillingAccountName",
        "BillingCurrency",
        "BillingPeriodEnd",
        "BillingPeriodStart",
        "ChargeCategory",
        "ChargeClass",
        "ChargeDescription",
        "ChargePeriodEnd",
        "ChargePeriodStart",
        "ContractedCost",
        "EffectiveCost",
        "InvoiceIssuerName",
        "ListCost",
        "PricingQuantity",
        "PricingUnit",
        "ProviderName",
        "PublisherName",
        "ServiceCategory",
        "ServiceName",
    ];

    fn place() -> Place {
        Place {
            provider: "Alibaba Cloud".into(),
            service: "Alibaba Cloud Function Compute".into(),
            region: "cn-hangzhou".into(),
            month: Some((2026, 12)),
            committed: false,
        }
    }

    fn read(text: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heading = reader.headers().unwrap().clone();
        let row = |row: csv::StringRecord| heading.iter().zip(&row).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        reader.records().map(|record| row(record.unwrap())).collect()
    }

    #[test]
    fn columns_are_those_of_the_specification_and_own_ones_come_last() {
        let own = COLUMNS.iter().position(|column| column.starts_with("x_")).unwrap();
        assert!(COLUMNS[own..].iter().all(|column| column.starts_with("x_")));
        assert!(COLUMNS[..own].is_sorted() && COLUMNS[own..].is_sorted());
        assert!(MANDATORY.iter().all(|column| COLUMNS.contains(column)));
    }

    #[test]
    fn every_line_of_the_bill_is_a_row_and_they_add_up() {
        let r = sample::run_result();
        let rows = read(&run(&r, &place()).unwrap());
        assert_eq!(rows.len(), r.fee.charges.len());
        let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
        let sum: f64 = rows.iter().map(|row| number(row, "BilledCost")).sum();
        assert!((sum - r.fee.charges.iter().filter_map(|c| c.amount.mean).sum::<f64>()).abs() < 1e-9);
        let empty = ["BillingAccountId", "BillingAccountName", "ChargeClass"];
        for row in &rows {
            let adjustment = row["ChargeCategory"] == "Adjustment";
            for column in MANDATORY.iter().filter(|column| !empty.contains(column)) {
                let may_be_empty = adjustment && matches!(*column, "PricingQuantity" | "PricingUnit");
                assert!(may_be_empty || !row[*column].is_empty(), "{column} of {}", row["x_Component"]);
            }
            assert!(empty.iter().all(|column| row[*column].is_empty()));
            assert_eq!((row["x_Estimate"].as_str(), row["x_Replications"].as_str()), ("true", "20"));
            assert_eq!(row["BillingPeriodStart"], "2026-12-01T00:00:00Z");
            assert_eq!(row["BillingPeriodEnd"], "2027-01-01T00:00:00Z");
            assert!(number(row, "x_BilledCostLow") < number(row, "BilledCost"));
            // What the specification asks of prices and quantities.
            if !row["PricingQuantity"].is_empty() {
                let product = number(row, "ListUnitPrice") * number(row, "PricingQuantity");
                assert!((product / number(row, "ListCost") - 1.0).abs() < 1e-12);
            }
            assert_eq!(adjustment, row["ConsumedQuantity"].is_empty() && row["ConsumedUnit"].is_empty());
        }
        let units: Vec<(&str, &str)> =
            rows.iter().map(|row| (row["ConsumedUnit"].as_str(), row["PricingUnit"].as_str())).collect();
        assert_eq!(units, [("Requests", "CU"), ("Seconds", "CU"), ("Seconds", "CU"), ("", "")]);
    }

    #[test]
    fn units_are_written_as_the_specification_wants_them() {
        let items = ["cu", "gb_s", "provisioned_arm_gb_s", "idle_gib_s", "vcpu_s", "request"];
        assert_eq!(items.map(pricing_unit), ["CU", "GB-Seconds", "GB-Seconds", "GiB-Seconds", "vCPU-Seconds", "Requests"]);
    }

    #[test]
    fn a_sweep_has_the_bill_of_each_configuration_with_its_settings() {
        let swept = decisions::swept();
        let rows = read(&sweep(&swept, &Place { month: None, ..place() }).unwrap());
        let lines = swept.rows[0].charges.len();
        assert!(lines > 1);
        assert_eq!(rows.len(), 21 * lines, "refused ones have no fee");
        assert_eq!((rows[0]["x_Configuration"].as_str(), rows[0]["x_Objectives"].as_str()), ("1", "missed"));
        let settings: Value = serde_json::from_str(&rows[0]["x_Settings"]).unwrap();
        assert_eq!(settings["functions.checkout.memory"], "1 GiB");
        assert!(rows[0]["BillingPeriodStart"].is_empty(), "no month was named");
        assert_eq!(rows[0]["ListCost"], rows[0]["BilledCost"]);
        assert_eq!(rows[0]["ResourceId"], "thumbnail");
        let (hostile, _) = decisions::hostile();
        assert_eq!(read(&sweep(&hostile, &place()).unwrap()).len(), 21 * lines);
    }
}
