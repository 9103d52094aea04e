//! The figures along one control: each of its values on the same traffic and luck.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Known;
use super::event::{Gone, Listener};
use super::headline::highest;
use super::side::{FEWEST, Side};
use crate::estimate::Estimate;
use crate::serve::Site;
use crate::serve::configuration::Configuration;
use crate::serve::stop::Budget;
use crate::study::live::Trial;

/// Replications of a point that is sharpened.
const SHARP: usize = 4;

/// The control and its values.
#[derive(Deserialize)]
pub(super) struct Ask {
    key: String,
    pub(super) values: Vec<String>,
}

/// The curve so far.
#[derive(Serialize)]
pub(super) struct Curve {
    key: String,
    points: Vec<Point>,
    #[serde(rename = "final")]
    is_final: bool,
    #[serde(skip)]
    configurations: Vec<Configuration>,
    #[serde(skip)]
    was_told: bool,
}

/// A value and what comes of it.
#[derive(Serialize)]
struct Point {
    value: String,
    current: bool,
    #[serde(flatten)]
    found: Found,
}

/// What is known of a point, and is remembered of it.
#[derive(Clone, Serialize)]
#[serde(untagged)]
pub(in crate::serve) enum Found {
    /// Its figures.
    Figures(Box<Figures>),
    /// The platform or the scenario refuses it.
    Refused {
        /// Why.
        refused: String,
    },
    /// Not simulated yet.
    Nothing {},
}

/// Figures of a point.
#[derive(Clone, Serialize)]
pub(in crate::serve) struct Figures {
    fee: Estimate,
    availability: Estimate,
    p99: Estimate,
    throttled: Estimate,
    /// Whether they are of the whole horizon.
    #[serde(skip)]
    whole: bool,
}

impl Curve {
    pub(super) fn new(site: &Site, around: &Configuration, ask: &Ask) -> Self {
        let with = |value: &String| {
            let mut other = around.clone();
            other.set.insert(ask.key.clone(), value.clone());
            other
        };
        let configurations: Vec<Configuration> = ask.values.iter().map(with).collect();
        let now = site.effective(around, &ask.key);
        let known = |(value, configuration): (&String, &Configuration)| Point {
            value: value.clone(),
            current: configuration == around || (!around.set.contains_key(&ask.key) && now.as_ref() == Some(value)),
            found: site.points.get(configuration).unwrap_or(Found::Nothing {}),
        };
        let points = ask.values.iter().zip(&configurations).map(known).collect();
        Self { key: ask.key.clone(), points, is_final: false, configurations, was_told: false }
    }

    /// A coarse point for each value; once.
    pub(super) fn look(&mut self, site: &Arc<Site>, current: &Side, listener: &Listener, budget: &Budget) -> Result<(), Gone> {
        if self.was_told {
            return Ok(());
        }
        self.was_told = true;
        self.each(current, |configuration, known| match known {
            Found::Nothing {} => found(site, configuration, budget, Depth::Look),
            known => known.clone(),
        });
        self.tell(site, listener, budget)
    }

    /// More replications of each point, of the whole horizon.
    pub(super) fn sharpen(&mut self, site: &Arc<Site>, current: &Side, listener: &Listener, budget: &Budget) -> Result<(), Gone> {
        self.each(current, |configuration, known| match known {
            Found::Refused { .. } => known.clone(),
            Found::Figures(figures) if figures.whole => known.clone(),
            known => match found(site, configuration, budget, Depth::Whole) {
                Found::Nothing {} => known.clone(),
                better => better,
            },
        });
        self.is_final = true;
        self.tell(site, listener, budget)
    }

    /// All points at once; the current one is known from the answers.
    fn each(&mut self, current: &Side, point: impl Fn(&Configuration, &Found) -> Found + Sync) {
        let of_current = || current.best().and_then(|trial| figures(trial, current.replications() > 0)).map(Found::Figures);
        self.points.par_iter_mut().zip(&self.configurations).with_max_len(1).for_each(|(known, configuration)| {
            let found = if known.current { of_current() } else { None };
            known.found = found.unwrap_or_else(|| point(configuration, &known.found));
        });
    }

    fn tell(&self, site: &Site, listener: &Listener, budget: &Budget) -> Result<(), Gone> {
        for (point, configuration) in self.points.iter().zip(&self.configurations) {
            if !matches!(point.found, Found::Nothing {}) {
                site.points.put(configuration, point.found.clone(), size_of::<Figures>());
            }
        }
        if budget.is_cancelled() { Err(Gone) } else { listener.curve(self) }
    }
}

/// How much of a point is simulated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Look,
    Whole,
}

/// What comes of a configuration.
fn found(site: &Arc<Site>, configuration: &Configuration, budget: &Budget, depth: Depth) -> Found {
    let read = Known::read(site, configuration.clone()).and_then(|known| Side::new(site, known.configuration, known.resolved));
    let mut side = match read {
        Ok(side) => side,
        Err(problem) => {
            let refused = problem.errors.first().map_or_else(String::new, |finding| finding.message.clone());
            return Found::Refused { refused };
        }
    };
    let whole = depth == Depth::Whole || side.glance.is_none();
    if whole {
        // What cannot be simulated has no figures, and the point stays as it was.
        let _ = side.grow(if depth == Depth::Whole { SHARP } else { FEWEST }, budget);
    } else {
        side.look(budget);
    }
    let is_whole = side.replications() > 0;
    side.best().and_then(|trial| figures(trial, is_whole)).map_or(Found::Nothing {}, Found::Figures)
}

fn figures(trial: &Trial, whole: bool) -> Option<Box<Figures>> {
    let figures = trial.figures().ok()?;
    let of = |name: &str| highest(&figures, name).map_or_else(|| Estimate::none(trial.replications()), |f| f.estimate);
    let (fee, availability) = (of("fee"), of("availability"));
    Some(Box::new(Figures { fee, availability, p99: of("p99"), throttled: of("throttled"), whole }))
}
