//! `storm`: what stays down, what it costs, what would prevent it.

use super::answer::Answer;
use super::basis::basis;
use super::sweep::configuration;
use crate::cli::args::{Global, StormArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Folder;
use crate::cli::stop::Watch;
use crate::cli::terminal::Terminal;
use crate::report::storm as report;
use crate::scenario::Scenario;
use crate::study::storm::{self, Options, Trigger};
use crate::workload::arrivals::Arrivals;

/// About as many remedies as apply, each with the trigger and without; and today's settings.
const REMEDIES: u64 = 8;
/// Requests a second of one source that can be simulated.
const FASTEST: f64 = 1e7;

pub(in crate::cli) fn storm(args: &StormArgs, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let (resolved, text) = super::scenario(&args.file, global)?;
    terminal.findings(&resolved.warnings);
    let scenario = &resolved.scenario;
    let options = Options {
        loads: args.load.0.clone(),
        pulses: args.pulse.as_ref().map(|factors| factors.0.clone()),
        length: args.length,
        replications: args.replications,
    };
    refuse(scenario, &options)?;
    let folder = Folder::open(&global.output, &["report.html", "report.md", "storm.json", "storm.csv"])?;
    let watch = Watch::start(None, *terminal)?;
    let tries = u64::from(options.replications) * 2 * REMEDIES;
    let bar = terminal.progress(options.simulations(scenario) + tries);
    let stop = || watch.should_stop();
    let progress = |replications: usize| bar.inc(replications as u64);
    let context = super::context(&resolved, &stop, &progress);
    let fixed = super::sets(global);
    let read = |settings: &[(String, String)]| configuration(&text, &args.file, &fixed, settings.to_vec());
    let found = super::pool(global)?.install(|| storm::storm(scenario, &read, &options, &context));
    bar.finish_and_clear();
    let found = found.map_err(|error| super::unfinished(&error))?;
    let answer = Answer {
        name: "storm",
        document: report::document(&found, &basis(&resolved, &text, &[])),
        text: report::text(&found, terminal.width),
        markdown: report::markdown(&found),
        json: report::json(&found).map_err(Failure::internal)?,
        csv: Some(super::harmless(&report::listing(&found)).csv().map_err(Failure::internal)?),
        more: Vec::new(),
    };
    answer.deliver(&folder, global, terminal)?;
    Ok(Exit::Done)
}

/// A pulse must end before the horizon does, and the rates under it must be such as can be simulated.
fn refuse(scenario: &Scenario, options: &Options) -> Result<(), Failure> {
    let (trigger, pulses) = options.trigger(scenario);
    let Trigger::Traffic { at, length } = trigger else { return Ok(()) };
    let horizon = scenario.simulation.horizon;
    if at + length >= horizon {
        let message = format!("a pulse of {length} from {at} on does not end before the horizon of {horizon}");
        return Err(Failure::usage(message, "Shorten it with `--for`, or raise `simulation.horizon`."));
    }
    let largest = |factors: &[f64]| factors.iter().copied().fold(1.0, f64::max);
    let factor = largest(&options.loads) * largest(&pulses);
    let rate = |arrivals: &Arrivals| match arrivals {
        Arrivals::Mmpp(states) => states.iter().map(|state| state.rate.get()).fold(0.0, f64::max),
        other => other.mean_rate(),
    };
    if let Some(source) = scenario.traffic.iter().find(|source| rate(&source.arrivals) * factor >= FASTEST) {
        let message = format!("the rate of `{}` with the largest load and pulse must stay below {FASTEST}/s", source.name);
        return Err(Failure::usage(message, "Take smaller factors."));
    }
    Ok(())
}
