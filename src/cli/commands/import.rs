//! `import`: a deployment file to a scenario.

use std::path::Path;

use crate::cli::args::{Format, Global, Import};
use crate::cli::exit::{Exit, Failure};
use crate::cli::files;
use crate::cli::output::Folder;
use crate::cli::terminal::Terminal;
use crate::import::{self, Imported, Options};

pub(in crate::cli) fn import(args: &Import, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    if global.format != Format::Text {
        return Err(Failure::usage("`import` prints a scenario, which is TOML", "Leave `--format` out."));
    }
    let text = files::text(&args.file, "deployment file")?;
    let imported = read(&text, &args.file, &args.parameters, args.platform.as_deref())?;
    terminal.findings(&imported.findings);
    match &args.to {
        Some(path) => write(path, &imported.text)?,
        None => terminal.data(&imported.text)?,
    }
    terminal.talk(&format!(
        "{} of {} from {}. Replace the placeholders: traffic and work are in no deployment file.",
        counted(import::settings(&imported.draft), "setting"),
        counted(imported.draft.functions.len(), "function"),
        imported.kind
    ));
    Ok(Exit::Done)
}

/// Reads a deployment file.
pub(super) fn read(
    text: &str,
    file: &Path,
    parameters: &[(String, String)],
    platform: Option<&str>,
) -> Result<Imported, Failure> {
    let options = Options { parameters: parameters.to_vec(), platform: platform.map(str::to_owned) };
    import::import(text, &file.display().to_string(), &options).map_err(Failure::input)
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Writes the scenario, whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some(name) = name else {
        return Err(Failure::usage(format!("`{}` is no file name", path.display()), "Name a file, such as scenario.toml."));
    };
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    Folder::open(folder, &[&name])?.write(&[(name, text.as_bytes().to_vec())])
}
