//! What disturbs the system, as events of the scenario.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::scenario::{Change, Event, Scenario, Shape};
use crate::study::plan::scaled;
use crate::units::{SimTime, Span};

/// What disturbs the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Trigger {
    /// More traffic of all sources; the size is the factor.
    Traffic {
        /// Start, in seconds from clock 0.
        #[serde(serialize_with = "seconds", rename = "at_s")]
        #[schemars(with = "f64")]
        at: Span,
        /// Length in seconds.
        #[serde(serialize_with = "seconds", rename = "length_s")]
        #[schemars(with = "f64")]
        length: Span,
    },
    /// The scenario's own events; the size is a factor on their lengths.
    Events,
}

fn seconds<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(span.as_secs_f64())
}

impl Trigger {
    /// The scenario with its traffic multiplied, under a trigger of this size; without one, also its own events are left out.
    pub(super) fn applied(&self, scenario: &Scenario, load: f64, pulse: Option<f64>) -> Scenario {
        let mut scenario = scenario.clone();
        match (self, pulse) {
            (_, None) => scenario.events.clear(),
            (Self::Events, Some(factor)) => scenario.events.iter_mut().for_each(|event| event.duration = longer(event, factor)),
            (Self::Traffic { at, length }, Some(factor)) => {
                for source in 0..scenario.traffic.len() {
                    let change = Change::Traffic { source, factor };
                    let name = format!("pulse-{source}");
                    scenario.events.push(Event { name, at: SimTime(at.0), duration: *length, shape: Shape::Step, change });
                }
            }
        }
        // A factor of 1 is no event: as few as possible keep the engine's short cuts open.
        if load.to_bits() == 1.0_f64.to_bits() { scenario } else { scaled(&scenario, load) }
    }

    /// From the start of all that disturbs to its end, in a scenario that a trigger is applied to; `None` if it outlasts the
    /// horizon.
    pub(super) fn window(scenario: &Scenario) -> Option<Event> {
        // What scales the traffic begins before clock 0 and never ends.
        let disturbs = |event: &&Event| event.at >= SimTime(0);
        let events = || scenario.events.iter().filter(disturbs);
        let start = events().map(|event| event.at).min()?;
        let end = events().map(|event| event.at + event.duration).max()?;
        let first = events().find(|event| event.at == start)?;
        (end < SimTime(scenario.simulation.horizon.0)).then(|| Event { duration: end - start, ..first.clone() })
    }
}

/// Length of an event times a factor.
fn longer(event: &Event, factor: f64) -> Span {
    Span((event.duration.0 as f64 * factor).round() as i64)
}
