//! `serve`: the live what-if page on loopback. A [`Site`] is what there is to show, [`app`] its routes, which need no socket, and
//! [`listen`] binds them to one. This is an edge, like the command line: it has sockets and a clock. It has no files: all that it
//! needs is given to it or part of the program.
//!
//! - `gate`: who may ask; `token`, `problem`: the secret, and what is answered otherwise
//! - `assets`, `gallery`, `files`: the page, its scenarios, and the files that these may name
//! - `configuration`, `controls`: a scenario with changed values, and what can be changed of it
//! - `desk`, `stop`, `bounds`: how many studies run, what ends them, how much they may take; `work`: threads for what takes longer
//! - `study`: a study in stages; `remembered`: what was simulated already; `report`, `rewrite`: what can be taken away

mod assets;
mod body;
mod bounds;
mod configuration;
mod controls;
mod desk;
mod files;
mod gallery;
mod gate;
pub mod listen;
mod problem;
mod remembered;
mod report;
mod rewrite;
mod routes;
mod stop;
mod study;
mod token;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;

use crate::scenario::Resolved;
use configuration::Configuration;
use desk::Desk;
use problem::Problem;
use remembered::Remembered;
pub use token::Token;

/// What there is to show.
pub struct Site {
    /// The port that it is reached at.
    port: u16,
    token: Token,
    /// The user's own scenario.
    opened: Option<Opened>,
    files: files::Known,
    time: Duration,
    today: fn() -> String,
    desk: Arc<Desk>,
    /// Scenarios that were read.
    read: Remembered<Arc<Resolved>>,
    /// What was simulated of them.
    sides: Remembered<Arc<study::Side>>,
    /// Points of curves.
    points: Remembered<study::Found>,
}

/// Bytes of what is remembered of each kind.
const SIDES: usize = 512 << 20;
const TEXTS: usize = 32 << 20;

/// A scenario that the user opened.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Its name without folder and ending.
    pub name: String,
    /// Its text.
    pub toml: String,
    /// The files that it names, by the names that it gives them.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// How a site is set up.
pub struct Settings {
    /// The port that it is reached at: requests for another one are refused.
    pub port: u16,
    /// The secret that `/api` asks for.
    pub token: Token,
    /// The user's own scenario, if any.
    pub opened: Option<Opened>,
    /// Threads to simulate on; 0 is one a processor.
    pub threads: usize,
    /// How long the answers of a study may take, and then its curve.
    pub time: Duration,
    /// Today as `YYYY-MM-DD`.
    pub today: fn() -> String,
}

/// How long a study may take, unless somebody has a reason to say otherwise.
pub const TIME: Duration = Duration::from_secs(20);

impl Site {
    fn new(settings: Settings) -> Self {
        let files =
            settings.opened.as_ref().map_or_else(files::Known::default, |opened| files::Known::with(opened.files.clone()));
        Self {
            port: settings.port,
            token: settings.token,
            opened: settings.opened,
            files,
            time: settings.time,
            today: settings.today,
            desk: Desk::new(settings.threads),
            read: Remembered::new(TEXTS),
            sides: Remembered::new(SIDES),
            points: Remembered::new(TEXTS),
        }
    }

    /// A configuration's scenario, or all that is wrong with it.
    fn resolved(&self, configuration: &Configuration) -> Result<Arc<Resolved>, Problem> {
        if let Some(known) = self.read.get(configuration) {
            return Ok(known);
        }
        let resolved = Arc::new(configuration.read(&self.files)?);
        // With all its defaults a scenario takes more room than its text.
        self.read.put(configuration, Arc::clone(&resolved), 64 << 10);
        Ok(resolved)
    }

    /// The value of a setting that is in effect.
    fn effective(&self, configuration: &Configuration, key: &str) -> Option<String> {
        let resolved = self.resolved(configuration).ok()?;
        resolved.explain.iter().find(|effective| effective.path == key).map(|effective| effective.value.clone())
    }

    /// Whether this is a name of the site itself.
    fn is_own(&self, host: &str) -> bool {
        let name = host.strip_suffix(&format!(":{}", self.port));
        matches!(name, Some("127.0.0.1" | "localhost" | "[::1]"))
    }
}

/// The routes of a site.
pub fn app(settings: Settings) -> Router {
    let site = Arc::new(Site::new(settings));
    routes::router(&site)
}
