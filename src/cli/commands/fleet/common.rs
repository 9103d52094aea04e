//! The scenario that all functions of a fleet share.

use crate::cli::args::{FleetArgs, Global};
use crate::cli::commands::sets;
use crate::cli::exit::Failure;
use crate::cli::files::Beside;
use crate::diagnostic::Diagnostic;
use crate::platform::Platform;
use crate::scenario::{self, Resolved};
use crate::units::{Bytes, Span};

/// Memory where neither a table nor the user says it: 9 of 10 applications of the 2019 trace allocate less than 400 MB, half
/// of them less than 170 MB (Shahrad et al., "Serverless in the Wild", USENIX ATC 2020, section 3.5).
const MEMORY: Bytes = Bytes::from_mib(256);
/// Duration where neither the trace nor a table says it: half of the functions take less than a second on average (the same,
/// section 3.4).
const DURATION: &str = "1s";
/// Timeout where the platform has none.
const LONGEST_TIMEOUT: Span = Span::from_secs(86_400);
/// Replications: the sum over many functions varies little.
const REPLICATIONS: u32 = 4;

/// Keys at the root of a scenario; all others are of the function.
const ROOTS: [&str; 10] =
    ["platform", "region", "site", "prices", "simulation", "account", "billing", "functions", "traffic", "events"];

/// What is the same for all functions.
pub(super) struct Common<'a> {
    args: &'a FleetArgs,
    sets: Vec<(String, String)>,
    timeout: Span,
}

impl<'a> Common<'a> {
    pub(super) fn new(args: &'a FleetArgs, global: &Global) -> Result<Self, Failure> {
        let platform = Platform::find(&args.platform).map_err(|unknown| Failure::usage(unknown.to_string(), unknown.hint()))?;
        let region = args.region.as_deref().unwrap_or(&platform.default_region);
        let longest = platform.span(region, "limits.timeout.max").unwrap_or(LONGEST_TIMEOUT);
        let of_function = |(key, value): (String, String)| {
            let root = key.split(['.', '"']).next().unwrap_or_default();
            (if ROOTS.contains(&root) { key } else { format!("functions.function.{key}") }, value)
        };
        let sets: Vec<_> = sets(global).into_iter().map(of_function).collect();
        if let Some((key, _)) = sets.iter().find(|(key, _)| key == "simulation.horizon" || key.contains("arrivals")) {
            let message = format!("`{key}` is the trace's to say");
            return Err(Failure::usage(message, "Leave it out; `--length` says how long the recording lasted."));
        }
        Ok(Self { args, sets, timeout: longest.min(LONGEST_TIMEOUT) })
    }

    /// The scenario as a file. `memory` is a function's, if it is known.
    pub(super) fn text(&self, horizon: Span, memory: Option<Bytes>) -> String {
        let memory = self.args.memory.or(memory).unwrap_or(MEMORY);
        let region = self.args.region.as_ref().map_or_else(String::new, |region| format!("region = {region:?}\n"));
        format!(
            "platform = {:?}\n{region}\n[simulation]\nhorizon = \"{}\"\nreplications = {REPLICATIONS}\n\n\
             [functions.function]\nmemory = \"{}\"\ntimeout = \"{}\"\nwork = {{ io = \"{DURATION}\" }}\n\n\
             [[traffic]]\nto = \"function\"\narrivals = {{ constant = \"1/s\" }} # each function's own, from the trace\n",
            self.args.platform,
            horizon.exact(),
            memory.exact(),
            self.timeout.exact(),
        )
    }

    /// The scenario, read.
    pub(super) fn resolved(&self, horizon: Span, memory: Option<Bytes>) -> Result<Resolved, Failure> {
        let files = Beside::scenario(std::path::Path::new("fleet.toml"));
        let read = scenario::read(&self.text(horizon, memory), "fleet.toml", &self.sets, &files);
        read.map_err(|findings| {
            // The text is not the user's: what is wrong with it is an option.
            let own = |finding: Diagnostic| {
                if finding.file == "fleet.toml" { Diagnostic { file: String::new(), line: 0, ..finding } } else { finding }
            };
            Failure::input(findings.into_iter().map(own).collect())
        })
    }
}
