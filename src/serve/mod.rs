//! `serve`: the live what-if page on loopback. A [`Site`] is what there is to show, [`app`] its routes, which need no socket, and
//! [`listen`] binds them to one. This is an edge, like the command line: it has sockets and a clock. It has no files: all that it
//! needs is given to it or part of the program.
//!
//! - `gate`: who may ask; `token`, `problem`: the secret, and what is answered otherwise
//! - `assets`, `gallery`, `files`: the page, its scenarios, and the files that these may name

mod assets;
mod body;
mod configuration;
mod controls;
mod files;
mod gallery;
mod gate;
pub mod listen;
mod problem;
mod routes;
mod token;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;

pub use token::Token;

/// What there is to show.
pub struct Site {
    /// The port that it is reached at.
    port: u16,
    token: Token,
    /// The user's own scenario.
    opened: Option<Opened>,
    files: files::Known,
}

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
    /// Today as `YYYY-MM-DD`.
    pub today: fn() -> String,
}

impl Site {
    fn new(settings: Settings) -> Self {
        let files =
            settings.opened.as_ref().map_or_else(files::Known::default, |opened| files::Known::with(opened.files.clone()));
        Self { port: settings.port, token: settings.token, opened: settings.opened, files }
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
