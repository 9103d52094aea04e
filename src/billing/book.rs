//! The price book of one region: priced items with their tiers, and how many units of them usage is worth.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::component::{COMPONENTS, Component, RESOURCES, Resource, STATES, State};
use super::money::Currency;
use crate::platform::{Platform, Unknown, keys};
use crate::scenario::{Architecture, BillingOptions, Gpu};
use crate::units::{Bytes, Span, Vcpu};

/// Why a price book cannot be made, or not for a function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// The region is not one of the platform's.
    #[error(transparent)]
    Region(#[from] Unknown),
    /// A row names a priced item that has no price.
    #[error("`{key}` counts in `{item}`, which has no row `price.{item}.tiers`")]
    NoPrice {
        /// The row.
        key: String,
        /// The item.
        item: String,
    },
    /// The region's currency is not a three-letter code.
    #[error("`{0}` is not a currency code")]
    Currency(String),
    /// There are no prices for functions on arm64.
    #[error("there are no prices for arm64")]
    Arm,
    /// There is no price for this GPU card.
    #[error("there is no price for the GPU card `{card}`; known: {}", known.join(", "))]
    Card {
        /// The card asked for.
        card: String,
        /// Cards with a price.
        known: Vec<String>,
    },
}

/// Something with a price for each unit, such as the CU.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Name in the rows, such as `cu`.
    pub name: String,
    /// Units of the month above the first figure cost the second; starts at 0, rising.
    pub tiers: Vec<(Decimal, Decimal)>,
    /// Units a month that cost nothing, before any tier.
    pub free: Decimal,
    /// `tiers` as floats, for estimates.
    tiers_f64: Vec<(f64, f64)>,
}

/// Units of an item for one unit of usage.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Meter {
    units: f64,
    item: usize,
}

/// Older price rows are warned about.
const OLD_DAYS: i64 = 180;

/// Meters by component.
type Meters = [Option<Meter>; COMPONENTS];

/// Prices of a region under the switches of `[billing]`.
#[derive(Clone, Debug)]
pub struct PriceBook {
    /// Currency of every amount.
    pub currency: Currency,
    /// Date of the oldest price row, `YYYY-MM-DD`; empty if none has a date.
    pub prices_as_of: String,
    /// Date and key of each price row, the oldest first.
    price_rows: Vec<(String, String)>,
    /// Provisioned time is rounded up to a multiple of this.
    pub provisioned_granule: Span,
    pub(super) items: Vec<Item>,
    meters: Meters,
    /// Of functions on arm64.
    arm: Option<Meters>,
    cards: Vec<(String, Meters)>,
    free_disk: Bytes,
    /// Memory is billed in multiples of this.
    memory_step: Bytes,
    /// Item that is rounded up to a whole unit each function-hour.
    pub(super) cycle_rounding: Option<usize>,
    /// Least money for a function-hour with usage.
    pub(super) minimum_charge: f64,
}

/// The configuration of a function, as far as it is billed.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// Name of the function.
    pub name: String,
    /// Memory.
    pub memory: Bytes,
    /// vCPU.
    pub vcpu: Vcpu,
    /// Disk.
    pub disk: Bytes,
    /// GPU.
    pub gpu: Option<Gpu>,
    /// Processor.
    pub architecture: Architecture,
}

/// What a function's usage is worth: units of items for an invocation, a second or a GiB.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionRates {
    /// Name of the function.
    pub name: String,
    /// By component: units for an invocation, a second of time, a GiB of response.
    pub(super) units: [f64; COMPONENTS],
    /// By component: the priced item. Rounding and minimum have none of their own.
    pub(super) items: [usize; COMPONENTS],
}

impl PriceBook {
    /// What is to be said about price rows that are more than 180 days old on a day (`YYYY-MM-DD`), each with its date; `None`
    /// if there are none, or the day is no date.
    #[must_use]
    pub fn old_rows(&self, today: &str) -> Option<String> {
        let today: jiff::civil::Date = today.parse().ok()?;
        let age = |date: &str| date.parse().ok().map(|date: jiff::civil::Date| i64::from((today - date).get_days()));
        let old = self.price_rows.iter().filter(|(date, _)| age(date).is_some_and(|days| days > OLD_DAYS));
        let rows: Vec<String> = old.map(|(date, key)| format!("`{key}` of {date}")).collect();
        (!rows.is_empty()).then(|| format!("prices are more than {OLD_DAYS} days old: {}", rows.join(", ")))
    }

    /// The book for a region, with the user's switches.
    ///
    /// # Errors
    /// The region is unknown, or a row counts in an item without a price.
    pub fn new(platform: &Platform, region: &str, options: &BillingOptions) -> Result<Self, BookError> {
        let region = platform.region(region)?;
        let currency = Currency::new(&region.currency).ok_or_else(|| BookError::Currency(region.currency.clone()))?;
        let id = region.id.as_str();
        let flag = |chosen: Option<bool>, key: &str| chosen.or_else(|| platform.flag(id, key)).unwrap_or(false);
        let idle_rate = flag(options.provisioned_idle, "billing.provisioned_idle");
        let mut maker = Maker { platform, region: id, idle_rate, items: Vec::new(), as_of: Vec::new() };
        maker.read_items(flag(options.free_tier, "billing.free_tier"), options);
        let meters = maker.meters(Variant::Plain)?;
        let has_arm = platform.rows(id).any(|row| row.key.starts_with("meter.arm."));
        let arm = if has_arm { Some(maker.meters(Variant::Arm)?) } else { None };
        let mut cards = Vec::new();
        for card in maker.cards() {
            let card_meters = maker.meters(Variant::Card(&card))?;
            cards.push((card, card_meters));
        }
        let rounding = platform.text(id, "billing.cycle_rounding").filter(|_| options.cycle_rounding.unwrap_or(true));
        let cycle_rounding = rounding.map(|item| maker.item("billing.cycle_rounding", item)).transpose()?;
        let minimum = platform.number(id, "billing.minimum_charge").filter(|_| options.minimum_charge.unwrap_or(true));
        maker.as_of.sort();
        Ok(Self {
            currency,
            prices_as_of: maker.as_of.first().map(|(date, _)| date.clone()).unwrap_or_default(),
            price_rows: maker.as_of,
            provisioned_granule: platform.span(id, "billing.granule.provisioned").unwrap_or(Span(1)).max(Span(1)),
            items: maker.items,
            meters,
            arm,
            cards,
            memory_step: platform.bytes(id, "meter.memory_step").unwrap_or(Bytes(1)).max(Bytes(1)),
            free_disk: platform.bytes(id, "meter.free_disk").unwrap_or_default(),
            cycle_rounding,
            minimum_charge: minimum.filter(|m| m.is_finite()).unwrap_or(0.0),
        })
    }

    /// The priced items.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Whether what is billed of a clock hour is more than the sum of its parts: rounded up, or with a minimum.
    #[must_use]
    pub fn by_the_hour(&self) -> bool {
        self.cycle_rounding.is_some() || self.minimum_charge > 0.0
    }

    /// What the usage of a function with this configuration is worth.
    ///
    /// # Errors
    /// Its GPU card, or its architecture, has no price.
    pub fn function(&self, spec: &FunctionSpec) -> Result<FunctionRates, BookError> {
        let meters = match &spec.gpu {
            None if spec.architecture == Architecture::Arm => self.arm.as_ref().ok_or(BookError::Arm)?,
            None => &self.meters,
            Some(gpu) => self.cards.iter().find(|(card, _)| *card == gpu.card).map(|(_, meters)| meters).ok_or_else(|| {
                BookError::Card { card: gpu.card.clone(), known: self.cards.iter().map(|(card, _)| card.clone()).collect() }
            })?,
        };
        let amount = |component: Component| match component {
            Component::Time(_, Resource::Vcpu) => spec.vcpu.get(),
            Component::Time(_, Resource::Memory) => {
                Bytes(spec.memory.0.div_ceil(self.memory_step.0) * self.memory_step.0).as_gib()
            }
            Component::Time(_, Resource::Disk) => Bytes(spec.disk.0.saturating_sub(self.free_disk.0)).as_gib(),
            Component::Time(_, Resource::Gpu) => spec.gpu.as_ref().map_or(0.0, |gpu| gpu.memory.as_gib()),
            _ => 1.0,
        };
        let mut rates = FunctionRates { name: spec.name.clone(), units: [0.0; COMPONENTS], items: [0; COMPONENTS] };
        for component in Component::all() {
            if let Some(meter) = meters[component.index()] {
                rates.units[component.index()] = meter.units * amount(component);
                rates.items[component.index()] = meter.item;
            }
        }
        rates.items[Component::Rounding.index()] = self.cycle_rounding.unwrap_or(0);
        Ok(rates)
    }
}

impl FunctionRates {
    /// Units of the priced item for one of what is metered: an invocation, a second of an instance, a GiB of responses. `None` for
    /// what is not metered, such as rounding.
    #[must_use]
    pub fn units_of_one(&self, component: Component) -> Option<f64> {
        let metered = !matches!(component, Component::Rounding | Component::Minimum);
        self.units.get(component.index()).copied().filter(|units| metered && *units > 0.0)
    }
}

impl Item {
    /// What this many units of a month cost.
    #[must_use]
    pub fn cost(&self, units: Decimal) -> Decimal {
        let billable = (units - self.free).max(Decimal::ZERO);
        let ends = self.tiers.iter().skip(1).map(|(over, _)| *over).chain([Decimal::MAX]);
        let in_tier = |over: Decimal, end: Decimal| (billable.min(end) - over).max(Decimal::ZERO);
        let costs = self.tiers.iter().zip(ends).map(|((over, price), end)| in_tier(*over, end).saturating_mul(*price));
        costs.fold(Decimal::ZERO, Decimal::saturating_add)
    }

    /// `cost` in floats, for the thousands of evaluations of an interval.
    #[must_use]
    pub fn cost_f64(&self, units: f64) -> f64 {
        let billable = (units - self.free.to_f64().unwrap_or(0.0)).max(0.0);
        let ends = self.tiers_f64.iter().skip(1).map(|(over, _)| *over).chain([f64::INFINITY]);
        self.tiers_f64.iter().zip(ends).map(|((over, price), end)| (billable.min(end) - over).max(0.0) * price).sum()
    }

    /// Price of the first unit that is not free.
    #[must_use]
    pub fn first_price(&self) -> f64 {
        self.tiers_f64.first().map_or(0.0, |(_, price)| *price)
    }
}

/// Which functions meters are for.
#[derive(Clone, Copy)]
enum Variant<'a> {
    Plain,
    Arm,
    Card(&'a str),
}

/// Reads the rows of one region into a book.
struct Maker<'a> {
    platform: &'a Platform,
    region: &'a str,
    /// Provisioned instances cost the idle rate while idle, not the active rate.
    idle_rate: bool,
    items: Vec<Item>,
    as_of: Vec<(String, String)>,
}

impl Maker<'_> {
    fn read_items(&mut self, free_tier: bool, options: &BillingOptions) {
        let share = options.committed.map_or(0.0, |share| share.get());
        let factor = Decimal::ONE - Decimal::from_f64_retain(share).unwrap_or_default().round_dp(9);
        for row in self.platform.rows(self.region) {
            let name = row.key.strip_prefix("price.").and_then(|key| key.strip_suffix(".tiers"));
            let (Some(name), Some(tiers)) = (name, keys::tiers(&row.value)) else { continue };
            let tiers: Vec<(Decimal, Decimal)> =
                tiers.into_iter().map(|(over, price)| (over, price.saturating_mul(factor).normalize())).collect();
            let free = self.platform.decimal(self.region, &format!("price.{name}.free")).filter(|_| free_tier);
            let float = |x: &Decimal| x.to_f64().unwrap_or(f64::MAX);
            let tiers_f64 = tiers.iter().map(|(over, price)| (float(over), float(price))).collect();
            self.items.push(Item { name: name.to_owned(), tiers, free: free.unwrap_or_default(), tiers_f64 });
            self.as_of.extend(Some((row.as_of.clone(), row.key.clone())).filter(|(date, _)| !date.is_empty()));
        }
    }

    fn item(&self, key: &str, name: &str) -> Result<usize, BookError> {
        let missing = || BookError::NoPrice { key: key.to_owned(), item: name.to_owned() };
        self.items.iter().position(|item| item.name == name).ok_or_else(missing)
    }

    /// GPU cards that have a price for their active time.
    fn cards(&self) -> Vec<String> {
        let resources = RESOURCES.map(word);
        let card = |key: &str| key.strip_prefix("meter.gpu.active.").filter(|name| !resources.contains(name)).map(str::to_owned);
        self.platform.rows(self.region).filter_map(|row| card(&row.key)).collect()
    }

    fn meters(&self, variant: Variant<'_>) -> Result<Meters, BookError> {
        let mut meters: Meters = [None; COMPONENTS];
        meters[Component::Invocations.index()] = self.meter("meter.invocation")?;
        meters[Component::Egress.index()] = self.meter("meter.egress_gib")?;
        for state in STATES {
            for resource in RESOURCES {
                meters[Component::Time(state, resource).index()] = self.time(state, resource, variant)?;
            }
        }
        Ok(meters)
    }

    /// The meter of a state: its own row, else the row of the state that it is billed like.
    fn time(&self, state: State, resource: Resource, variant: Variant<'_>) -> Result<Option<Meter>, BookError> {
        let (name, like) = match state {
            State::Active => ("active", None),
            State::Idle => ("idle", None),
            State::ProvisionedActive => ("provisioned_active", Some(State::Active)),
            State::ProvisionedIdle if self.idle_rate => ("provisioned_idle", Some(State::Idle)),
            State::ProvisionedIdle => ("provisioned_idle", Some(State::Active)),
        };
        let last = match variant {
            Variant::Card(card) if resource == Resource::Gpu => card,
            _ => word(resource),
        };
        let mut found = match variant {
            Variant::Plain => None,
            Variant::Arm => self.meter(&format!("meter.arm.{name}.{last}"))?,
            Variant::Card(_) => self.meter(&format!("meter.gpu.{name}.{last}"))?,
        };
        if found.is_none() {
            found = self.meter(&format!("meter.{name}.{last}"))?;
        }
        match (found, like) {
            (None, Some(like)) => self.time(like, resource, variant),
            (found, _) => Ok(found),
        }
    }

    fn meter(&self, key: &str) -> Result<Option<Meter>, BookError> {
        let Some((units, item)) = self.platform.text(self.region, key).and_then(keys::meter) else { return Ok(None) };
        Ok(Some(Meter { units: units.to_f64().unwrap_or(0.0), item: self.item(key, item)? }))
    }
}

const fn word(resource: Resource) -> &'static str {
    match resource {
        Resource::Vcpu => "vcpu",
        Resource::Memory => "memory",
        Resource::Disk => "disk",
        Resource::Gpu => "gpu",
    }
}
