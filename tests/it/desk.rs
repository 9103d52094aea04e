//! A folder in which the program runs as its users run it.

use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

/// A scenario that takes no time worth mentioning.
pub(crate) const PLAIN: &str = r#"platform = "alibaba-fc"
region = "cn-hangzhou"
[simulation]
horizon = "10min"
replications = 4
[functions.web]
runtime = "python3.12"
memory = "512 MiB"
vcpu = 0.35
timeout = "30s"
[functions.web.work]
cpu = { lognormal = { mean = "120ms", cv = 0.5 } }
io = "80ms"
[[traffic]]
to = "web"
arrivals = { poisson = "5/s" }
[objectives]
availability = "99%"
"#;

/// A folder with a scenario, in which the program runs.
pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn new(scenario: &str) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.put("plain.toml", scenario.as_bytes());
        desk
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn put(&self, name: &str, content: &[u8]) {
        fs::write(self.path().join(name), content).unwrap();
    }

    pub(crate) fn with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("faascast");
        command.current_dir(self.path()).env_remove("NO_COLOR").args(arguments).envs(environment.iter().copied());
        command.output().unwrap()
    }

    pub(crate) fn call(&self, arguments: &[&str]) -> Output {
        self.with(arguments, &[])
    }

    /// What the program prints, if it ends well.
    pub(crate) fn data(&self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", talk(&output));
        text(&output)
    }

    /// Names of all files and folders, with the size and the content of files.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        let mut open = vec![self.path().to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.path()).unwrap().display().to_string();
                if path.is_dir() {
                    found.push((name, Vec::new()));
                    open.push(path);
                } else {
                    found.push((name, fs::read(path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }
}

pub(crate) fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn talk(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The call is refused with this code; the message has these parts; nothing is printed, nothing is written.
pub(crate) fn refused(desk: &Desk, arguments: &[&str], code: i32, parts: &[&str]) {
    let before = desk.files();
    let output = desk.call(arguments);
    let message = talk(&output);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {message}");
    for part in parts {
        assert!(message.contains(part), "{arguments:?}: no `{part}` in:\n{message}");
    }
    assert!(!message.contains("panicked"), "{message}");
    assert_eq!(text(&output), "", "{arguments:?}");
    assert!(desk.files() == before, "{arguments:?}: files were changed");
}
