//! The platforms that are known, and how a fact is looked up: the most specific row wins (region, then site, then all),
//! and a row of the user's own file wins over every row of the platform.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::fields::{Fields, Reader, nearest, text};
use super::rows::{self, Context};
use super::{Row, keys};
use crate::diagnostic::Diagnostic;
use crate::units::{Bytes, Rate, Span, parse};

/// Embedded data: id and text. A new platform is a new file and a line here.
const EMBEDDED: [(&str, &str); 8] = [
    ("generic", include_str!("data/generic.toml")),
    ("alibaba-fc", include_str!("data/alibaba-fc.toml")),
    ("alibaba-fc2", include_str!("data/alibaba-fc2.toml")),
    ("aws-lambda", include_str!("data/aws-lambda.toml")),
    ("gcp-cloud-run", include_str!("data/gcp-cloud-run.toml")),
    ("gcp-cloud-run-instances", include_str!("data/gcp-cloud-run-instances.toml")),
    ("azure-functions", include_str!("data/azure-functions.toml")),
    ("azure-functions-flex", include_str!("data/azure-functions-flex.toml")),
];

/// A provider of functions: its regions, and its facts as rows.
#[derive(Clone, Debug)]
pub struct Platform {
    /// Id in scenario files, such as `alibaba-fc`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Who offers it and sends its invoices, under the name of that company's cost data.
    pub provider: String,
    /// Region of a scenario that names none.
    pub default_region: String,
    pub(super) regions: Vec<Region>,
    pub(super) rows: Vec<Row>,
    /// The user's own rows; each wins over the platform's.
    pub(super) own: Vec<Row>,
}

/// A region of a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Id such as `cn-hangzhou`; empty for a platform without regions.
    pub id: String,
    /// Where its bills come from by default: `china`, `international`; empty for a platform with one site.
    pub site: String,
    /// Currency of the bill.
    pub currency: String,
}

/// No platform, region or site has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{name}`")]
pub struct Unknown {
    /// What was looked up: `platform`, `region` or `site`.
    pub what: &'static str,
    /// The name that was asked for.
    pub name: String,
    /// The known name that was most likely meant.
    pub nearest: Option<String>,
    /// All known names.
    pub known: Vec<String>,
}

impl Unknown {
    fn new<'c>(what: &'static str, name: &str, known: impl Iterator<Item = &'c str>) -> Self {
        let known: Vec<String> = known.filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        Self { what, name: name.to_owned(), nearest, known }
    }

    /// What to do about it, a sentence.
    #[must_use]
    pub fn hint(&self) -> String {
        match &self.nearest {
            Some(near) => format!("Did you mean `{near}`?"),
            None if self.known.is_empty() => format!("The platform has no {}s: leave it out.", self.what),
            None => format!("Known: {}.", self.known.join(", ")),
        }
    }
}

/// The embedded data, parsed once. A file with an error is left out, which a test rules out.
fn all() -> &'static [Platform] {
    static ALL: OnceLock<Vec<Platform>> = OnceLock::new();
    ALL.get_or_init(|| EMBEDDED.iter().filter_map(|(id, text)| Platform::parse(text, id).ok()).collect())
}

impl Platform {
    /// Ids of all platforms.
    pub fn ids() -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|(id, _)| *id)
    }

    /// The platform with this id.
    ///
    /// # Errors
    /// There is none; the nearest id is in the error.
    pub fn find(id: &str) -> Result<&'static Self, Unknown> {
        all().iter().find(|p| p.id == id).ok_or_else(|| Unknown::new("platform", id, Self::ids()))
    }

    /// All regions, at least one.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The region with this id; an empty id is the default region.
    ///
    /// # Errors
    /// There is none; the nearest id is in the error.
    pub fn region(&self, id: &str) -> Result<&Region, Unknown> {
        let id = if id.is_empty() { &self.default_region } else { id };
        self.regions
            .iter()
            .find(|r| r.id == id)
            .ok_or_else(|| Unknown::new("region", id, self.regions.iter().map(|r| r.id.as_str())))
    }

    /// The platform for an account of another site than the region's own: its bills and currency are that site's.
    ///
    /// # Errors
    /// There is no such site or region.
    pub fn with_site(&self, region: &str, site: &str) -> Result<Self, Unknown> {
        let id = self.region(region)?.id.clone();
        let sites = || self.regions.iter().map(|r| r.site.as_str());
        let currency = self.regions.iter().find(|r| r.site == site).map(|r| r.currency.clone());
        let currency = currency.ok_or_else(|| {
            let mut known: Vec<&str> = sites().collect();
            known.sort_unstable();
            known.dedup();
            Unknown::new("site", site, known.into_iter())
        })?;
        let mut platform = self.clone();
        for region in platform.regions.iter_mut().filter(|r| r.id == id) {
            site.clone_into(&mut region.site);
            currency.clone_into(&mut region.currency);
        }
        Ok(platform)
    }

    /// The platform with the rows of the user's own file, which win over its own: for the regions or the site they name,
    /// or for all.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    pub fn override_with(&self, text: &str, file: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut reader = Reader::new(file, text);
        let document = reader.document();
        let fields = Fields::new(document.get_ref(), document.span(), "");
        fields.only(&["row", "sources"], &mut reader);
        let sources = read_sources(&fields, &mut reader);
        let context = Context { sources: &sources, regions: &self.regions, own_source: Some(file.to_owned()) };
        let own = rows::read(&fields, &context, &mut reader);
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        let mut platform = self.clone();
        platform.own.splice(0..0, own);
        match platform.unused_prices(file) {
            problems if problems.is_empty() => Ok(platform),
            problems => Err(problems),
        }
    }

    /// The user's prices of items in which nothing is counted: most likely a slip of the pen.
    fn unused_prices(&self, file: &str) -> Vec<Diagnostic> {
        let all = || self.own.iter().chain(&self.rows);
        let counted =
            |item: &str| all().any(|row| row.value.as_str().and_then(keys::meter).is_some_and(|(_, in_item)| in_item == item));
        let item_of = |row: &'_ Row| Some(row.key.strip_prefix("price.")?.split_once('.')?.0.to_owned());
        let unused = self.own.iter().filter_map(|row| Some((row, item_of(row)?))).filter(|(_, item)| !counted(item));
        let finding = |(row, item): (&Row, String)| {
            let known = all()
                .filter(|row| row.key.starts_with("price."))
                .filter_map(item_of)
                .find(|item| counted(item))
                .unwrap_or_default();
            let hint = format!("The platform prices `{known}`; a row such as `meter.egress_gib` can count in a new item.");
            Diagnostic::error("unused-price", &row.key, format!("nothing is counted in `{item}`")).at(file, 0).hint(hint)
        };
        unused.map(finding).collect()
    }

    /// The fact for a region: among the user's rows, then among the platform's, the most specific one.
    #[must_use]
    pub fn row(&self, region: &str, key: &str) -> Option<&Row> {
        let region = self.region(region).ok()?;
        let best = |rows: &'_ [Row]| {
            let fits = |row: &&Row| row.key == key && specificity(row, region).is_some();
            // The first of equally specific rows wins, `max_by_key` takes the last: hence the reversal.
            let index =
                rows.iter().enumerate().filter(|(_, row)| fits(row)).rev().max_by_key(|(_, row)| specificity(row, region));
            index.map(|(index, _)| index)
        };
        match best(&self.own) {
            Some(index) => self.own.get(index),
            None => self.rows.get(best(&self.rows)?),
        }
    }

    /// A length of time; `None` if there is no such row.
    #[must_use]
    pub fn span(&self, region: &str, key: &str) -> Option<Span> {
        parse::span(self.row(region, key)?.value.as_str()?).ok()
    }

    /// A size; `"unlimited"` is the largest.
    #[must_use]
    pub fn bytes(&self, region: &str, key: &str) -> Option<Bytes> {
        match self.row(region, key)?.value.as_str()? {
            "unlimited" => Some(Bytes(u64::MAX)),
            text => parse::bytes(text).ok(),
        }
    }

    /// An exact number; `None` also for `"unlimited"`.
    #[must_use]
    pub fn decimal(&self, region: &str, key: &str) -> Option<Decimal> {
        keys::number(&self.row(region, key)?.value)?
    }

    /// A number; `"unlimited"` is infinite.
    #[must_use]
    pub fn number(&self, region: &str, key: &str) -> Option<f64> {
        match keys::number(&self.row(region, key)?.value)? {
            Some(number) => number.to_f64(),
            None => Some(f64::INFINITY),
        }
    }

    /// A whole number, decimals cut off; `"unlimited"` is `u64::MAX`.
    #[must_use]
    pub fn count(&self, region: &str, key: &str) -> Option<u64> {
        keys::number(&self.row(region, key)?.value)?.map_or(Some(u64::MAX), |number| number.trunc().to_u64())
    }

    /// A yes or no.
    #[must_use]
    pub fn flag(&self, region: &str, key: &str) -> Option<bool> {
        self.row(region, key)?.value.as_bool()
    }

    /// A word or text.
    #[must_use]
    pub fn text(&self, region: &str, key: &str) -> Option<&str> {
        self.row(region, key)?.value.as_str()
    }

    /// A rate.
    #[must_use]
    pub fn rate(&self, region: &str, key: &str) -> Option<Rate> {
        parse::rate(self.row(region, key)?.value.as_str()?).ok()
    }

    /// A list of lengths of time.
    #[must_use]
    pub fn spans(&self, region: &str, key: &str) -> Option<Vec<Span>> {
        self.row(region, key)?.value.as_array()?.iter().map(|v| parse::span(v.as_str()?).ok()).collect()
    }

    /// Points of a measured distribution of times: share at or below, seconds.
    #[must_use]
    pub fn quantiles(&self, region: &str, key: &str) -> Option<Vec<(f64, f64)>> {
        keys::quantiles(&self.row(region, key)?.value)
    }

    /// A list of sizes.
    #[must_use]
    pub fn sizes(&self, region: &str, key: &str) -> Option<Vec<Bytes>> {
        self.row(region, key)?.value.as_array()?.iter().map(|v| parse::bytes(v.as_str()?).ok()).collect()
    }

    /// Every fact that holds for a region, each key once, in the order of the platform's file, the user's new ones last.
    pub fn rows(&self, region: &str) -> impl Iterator<Item = &Row> {
        let mut keys: Vec<&str> = Vec::new();
        for row in self.rows.iter().chain(&self.own) {
            if !keys.contains(&row.key.as_str()) {
                keys.push(&row.key);
            }
        }
        let found: Vec<&Row> = keys.into_iter().filter_map(|key| self.row(region, key)).collect();
        found.into_iter()
    }

    fn parse(text_of_file: &str, file: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut reader = Reader::new(file, text_of_file);
        let document = reader.document();
        let fields = Fields::new(document.get_ref(), document.span(), "");
        fields.only(&["platform", "sources", "row"], &mut reader);
        let sources = read_sources(&fields, &mut reader);
        let about = fields.table("platform", &mut reader);
        let read =
            |key: &str, reader: &mut Reader<'_>| about.as_ref().and_then(|t| t.need(key, reader, text)).unwrap_or_default();
        let (id, name, default_region) =
            (read("id", &mut reader), read("name", &mut reader), read("default_region", &mut reader));
        let provider = read("provider", &mut reader);
        let tables = about.as_ref().map(|t| t.tables("regions", &mut reader)).unwrap_or_default();
        let base = about.as_ref().and_then(|t| t.read("base", &mut reader, text));
        let base =
            base.and_then(|id| EMBEDDED.iter().find(|(known, _)| *known == id)).and_then(|(id, text)| Self::parse(text, id).ok());
        let mut regions: Vec<Region> = base.iter().flat_map(|base| base.regions.clone()).collect();
        for table in &tables {
            table.only(&["id", "site", "currency"], &mut reader);
            let mut read = |key: &str| table.need(key, &mut reader, text).unwrap_or_default();
            regions.push(Region { id: read("id"), site: read("site"), currency: read("currency") });
        }
        let context = Context { sources: &sources, regions: &regions, own_source: None };
        let mut rows = rows::read(&fields, &context, &mut reader);
        // Where a platform differs from its base it says so; all else is the base's.
        let own: BTreeSet<String> = rows.iter().map(|row| row.key.clone()).collect();
        rows.extend(base.into_iter().flat_map(|base| base.rows).filter(|row| !own.contains(&row.key)));
        let platform = Self { id, name, provider, default_region, regions, rows, own: Vec::new() };
        for key in keys::KEYS.iter().filter(|key| key.required) {
            for region in platform.regions.iter().filter(|region| platform.row(&region.id, key.key).is_none()) {
                reader.error(&(0..0), "missing-row", key.key, format!("no row for region `{}`", region.id));
            }
        }
        if platform.region(&platform.default_region).is_err() {
            reader.error(
                &(0..0),
                "missing-row",
                "platform.default_region",
                "the default region is not among the regions".to_owned(),
            );
        }
        if reader.problems.is_empty() { Ok(platform) } else { Err(reader.problems) }
    }
}

/// How closely a row is meant for a region; `None` if it is for others.
fn specificity(row: &Row, region: &Region) -> Option<u8> {
    let for_region = row.regions.contains(&region.id);
    if (!row.regions.is_empty() && !for_region) || (!row.site.is_empty() && row.site != region.site) {
        return None;
    }
    Some(u8::from(for_region) * 2 + u8::from(!row.site.is_empty()))
}

fn read_sources(fields: &Fields<'_, '_>, reader: &mut Reader<'_>) -> BTreeMap<String, String> {
    let Some(table) = fields.table("sources", reader) else { return BTreeMap::new() };
    table.keys().filter_map(|key| Some((key.to_owned(), table.read(key, reader, text)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Confidence;

    #[test]
    fn the_embedded_data_is_whole() {
        for (id, text) in EMBEDDED {
            match Platform::parse(text, id) {
                Ok(platform) => assert_eq!(platform.id, id),
                Err(problems) => panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
            }
        }
    }

    #[test]
    fn the_most_specific_row_wins() {
        let fc = Platform::find("alibaba-fc").unwrap();
        assert_eq!(fc.count("cn-hangzhou", "limits.scaling.burst"), Some(300));
        assert_eq!(fc.count("cn-chengdu", "limits.scaling.burst"), Some(100));
        assert_eq!(fc.bytes("ap-southeast-1", "limits.package"), Some(Bytes::from_mib(500)));
        assert_eq!(fc.decimal("cn-hangzhou", "billing.minimum_charge"), Some(Decimal::new(1, 2)));
        assert_eq!(fc.decimal("us-east-1", "billing.minimum_charge"), Some(Decimal::ZERO));
        assert_eq!(fc.row("us-east-1", "instance.timeout_kills").map(|r| r.confidence), Some(Confidence::Low));
        assert!(fc.rows("cn-hangzhou").filter(|r| r.key == "limits.package").count() == 1);
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_one() {
        let error = Platform::find("alibaba-cf").unwrap_err();
        assert_eq!(error.nearest.as_deref(), Some("alibaba-fc"));
        let fc = Platform::find("alibaba-fc").unwrap();
        assert_eq!(fc.region("cn-hanghzou").unwrap_err().nearest.as_deref(), Some("cn-hangzhou"));
        assert_eq!(fc.region("mars").unwrap_err().nearest, None);
        assert_eq!(fc.region("").unwrap().id, "cn-hangzhou");
        assert!(Platform::find("generic").unwrap().with_site("", "china").unwrap_err().hint().contains("leave it out"));
        assert_eq!(fc.with_site("cn-hangzhou", "chin").unwrap_err().nearest.as_deref(), Some("china"));
    }

    #[test]
    fn another_site_brings_its_currency_and_prices() {
        let fc = Platform::find("alibaba-fc").unwrap().with_site("cn-hangzhou", "international").unwrap();
        assert_eq!(fc.region("cn-hangzhou").unwrap().currency, "USD");
        assert_eq!(
            fc.row("cn-hangzhou", "price.cu.tiers"),
            Platform::find("alibaba-fc").unwrap().row("us-east-1", "price.cu.tiers")
        );
        assert_eq!(fc.count("cn-hangzhou", "limits.scaling.burst"), Some(300));
    }

    #[test]
    fn own_rows_win_over_more_specific_ones_of_the_platform() {
        let own = "[[row]]\nkey = 'limits.package'\nvalue = '50 MiB'\n[[row]]\nkey = 'price.cu.tiers'\nvalue = [['0', '0.000088']]\nregions = ['cn-shanghai']\nas_of = 2026-11-01\n";
        let fc = Platform::find("alibaba-fc").unwrap().override_with(own, "mine.toml").unwrap();
        assert_eq!(fc.bytes("cn-hangzhou", "limits.package"), Some(Bytes::from_mib(50)));
        let price = |region: &str| fc.row(region, "price.cu.tiers").map(|r| (r.source.clone(), r.as_of.clone()));
        assert_eq!(price("cn-shanghai"), Some(("mine.toml".to_owned(), "2026-11-01".to_owned())));
        assert!(price("cn-hangzhou").unwrap().0.starts_with("Alibaba"));
    }

    #[test]
    fn all_errors_of_an_own_file_are_found_at_once_with_their_lines() {
        let own = "[[row]]\nkey = 'limits.pakage'\nvalue = '50 MiB'\n\n[[row]]\nkey = 'limits.package'\nvalue = 50\n\n[[row]]\nvalu = 3\n\n[[row]]\nkey = 'billing.granule'\nvalue = '1ms'\nregions = ['cn-hanzhou']\nconfidence = 'sure'\n[other]\n";
        let problems = Platform::find("alibaba-fc").unwrap().override_with(own, "mine.toml").unwrap_err();
        let mut found: Vec<(usize, &str)> = problems.iter().map(|d| (d.line, d.code)).collect();
        found.sort_unstable();
        let expected = [
            (1, "unknown-key"),
            (7, "bad-value"),
            (9, "missing-key"),
            (9, "missing-key"),
            (10, "unknown-key"),
            (15, "bad-value"),
            (16, "bad-value"),
            (17, "unknown-key"),
        ];
        assert_eq!(found, expected, "{problems:#?}");
        assert!(problems.iter().any(|d| d.hints.iter().any(|h| h.contains("limits.package"))));
        assert!(problems.iter().all(|d| d.file == "mine.toml"));
        let fc = Platform::find("alibaba-fc").unwrap();
        assert!(fc.override_with("= =", "mine.toml").is_err());
        let typo = fc.override_with("[[row]]\nkey = 'price.cy.tiers'\nvalue = [['0', '1']]\n", "mine.toml").unwrap_err();
        assert_eq!((typo[0].code, typo[0].hints[0].contains("`cu`")), ("unused-price", true));
        let egress = "[[row]]\nkey = 'price.gib_out.tiers'\nvalue = [['0', '0.8']]\n[[row]]\nkey = 'meter.egress_gib'\nvalue = '1 gib_out'\n";
        assert!(fc.override_with(egress, "mine.toml").is_ok());
    }
}
