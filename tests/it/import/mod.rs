//! `import`: real deployment files of many tools, broken ones, and the command itself.

mod broken;
mod command;
mod files;
mod twins;

use std::fs;
use std::path::PathBuf;

use faascast::import::{self, Imported, Options};
use faascast::scenario::{self, Files, Resolved};

/// The folder of examples; they lie beside the checkout.
fn examples() -> PathBuf {
    PathBuf::from(format!("{}/../shared/examples/configs", env!("CARGO_MANIFEST_DIR")))
}

/// All example files of these folders, as `folder/name`, in the order of their names.
fn names(folders: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders {
        let path = examples().join(folder);
        let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let files = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        found.extend(files.filter(|name| name != "SOURCE.md").map(|name| format!("{folder}/{name}")));
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

fn text(name: &str) -> String {
    let path = examples().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn imported(name: &str) -> Imported {
    import::import(&text(name), name, &Options::default()).unwrap_or_else(|found| panic!("{name}: {found:?}"))
}

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        panic!("a scenario from a deployment file names the file {path}")
    }
}

fn resolved(text: &str) -> Resolved {
    scenario::read(text, "imported.toml", &[], &NoFiles).unwrap_or_else(|found| panic!("{found:?}\n{text}"))
}
