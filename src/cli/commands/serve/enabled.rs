//! `serve`: reads the file, binds the port, prints the address, and serves until Ctrl-C.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::args::{Format, Global, ServeArgs};
use crate::cli::commands::check::deployed;
use crate::cli::commands::{import, today};
use crate::cli::exit::{Exit, Failure};
use crate::cli::files::{self, Beside, reason};
use crate::cli::terminal::Terminal;
use crate::scenario::{self, Files};
use crate::serve::listen::Door;
use crate::serve::{Opened, Settings, TIME, Token, app};

pub(in crate::cli) fn serve(args: &ServeArgs, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    if global.format != Format::Text {
        return Err(Failure::usage("`serve` prints an address and nothing else", "Leave `--format` out."));
    }
    let opened = args.file.as_deref().map(|file| open(file, args, terminal)).transpose()?;
    let place = format!("127.0.0.1:{}", args.port);
    let io = |error: std::io::Error| {
        let hint = "Leave `--port` out for a free one.";
        Failure::io("cannot serve at", Path::new(&place), reason(&error), hint)
    };
    let door = Door::bind(args.port).map_err(io)?;
    let token = Token::random().map_err(Failure::internal)?;
    terminal.data(&format!("http://127.0.0.1:{}/?token={}\n", door.port(), token.as_str()))?;
    terminal.talk("Open this address in a browser on this machine; Ctrl-C ends it.");
    let settings =
        Settings { port: door.port(), token, opened, threads: global.threads.map_or(0, usize::from), time: TIME, today };
    door.serve(app(settings)).map_err(io)?;
    Ok(Exit::Done)
}

/// Files beside a scenario, each kept as it is read.
struct Kept {
    beside: Beside,
    read: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Files for Kept {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let bytes = self.beside.read(path)?;
        self.read.borrow_mut().insert(path.to_owned(), bytes.clone());
        Ok(bytes)
    }
}

/// The user's file: a scenario, or a deployment file that is made one. It must be valid, and the files that it names are read now:
/// later none is opened.
fn open(file: &Path, args: &ServeArgs, terminal: &Terminal) -> Result<Opened, Failure> {
    let text = files::text(file, "scenario")?;
    let toml = if deployed(file, &text) {
        let imported = import::read(&text, file, &args.parameters, args.platform.as_deref())?;
        terminal.findings(&imported.findings);
        imported.text
    } else {
        text
    };
    let kept = Kept { beside: Beside::scenario(file), read: RefCell::default() };
    let resolved = scenario::read(&toml, &file.display().to_string(), &[], &kept).map_err(Failure::input)?;
    terminal.findings(&resolved.warnings);
    Ok(Opened { name: resolved.scenario.name, toml, files: kept.read.into_inner() })
}
