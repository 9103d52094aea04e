//! Rules of the repository that a compiler does not know.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may import, besides itself. Anything that is not here is forbidden.
const EDGES: [(&str, &[&str]); 17] = [
    ("diagnostic", &[]),
    ("units", &[]),
    ("random", &["units"]),
    ("histogram", &["units"]),
    ("platform", &["units", "diagnostic"]),
    ("workload", &["units", "random", "histogram", "diagnostic"]),
    ("estimate", &["units", "random", "histogram"]),
    ("scenario", &["platform", "workload", "units", "random", "histogram", "diagnostic"]),
    ("engine", &["scenario", "platform", "workload", "units", "random", "histogram"]),
    ("billing", &["scenario", "platform", "workload", "units", "diagnostic"]),
    (
        "study",
        &["engine", "billing", "estimate", "scenario", "platform", "workload", "units", "random", "histogram", "diagnostic"],
    ),
    ("import", &["scenario", "platform", "units", "diagnostic"]),
    ("check", &["study", "estimate", "scenario", "platform", "workload", "units"]),
    ("calibrate", &["estimate", "platform", "workload", "units", "random", "diagnostic"]),
    ("report", &["calibrate", "check", "study", "billing", "estimate", "units"]),
    ("serve", &["report", "study", "estimate", "engine", "scenario", "platform", "workload", "units", "diagnostic"]),
    (
        "cli",
        &[
            "serve",
            "report",
            "calibrate",
            "check",
            "import",
            "study",
            "billing",
            "scenario",
            "platform",
            "workload",
            "units",
            "random",
            "diagnostic",
        ],
    ),
];

/// What only the edges may do: print, look at files, clocks, the environment, sockets.
const EDGES_ONLY: [&str; 14] = [
    "println!",
    "print!(",
    "dbg!(",
    "std::fs",
    "File::open",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "std::env::",
    "std::net",
    "std::process",
    "stdout()",
    "stderr()",
];

const LONGEST_FILE: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder, sorted by path.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            // What the browser tests install is others' text.
            let own =
                fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("node_modules"));
            open.extend(own);
        } else if path.extension().is_some_and(|e| endings.iter().any(|ending| e == *ending)) {
            found.push(path);
        }
    }
    found.sort();
    let name = |path: &PathBuf| path.strip_prefix(root()).unwrap().display().to_string();
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The source files without what is compiled for tests only.
fn sources() -> Vec<(String, String)> {
    let all = files("src", &["rs"]);
    let mut test_files = Vec::new();
    for (name, text) in &all {
        let folder = name.strip_suffix("/mod.rs").or_else(|| name.strip_suffix(".rs")).unwrap();
        let folder = folder.strip_suffix("/lib").unwrap_or(folder);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]" && pair[1].ends_with(';')) {
            let module = pair[1].trim_end_matches(';').rsplit(' ').next().unwrap();
            test_files.extend([format!("{folder}/{module}.rs"), format!("{folder}/{module}/")]);
        }
    }
    let is_test = |name: &str| test_files.iter().any(|test| name == test || (test.ends_with('/') && name.starts_with(test)));
    let product = |text: &str| text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
    all.iter().filter(|(name, _)| !is_test(name)).map(|(name, text)| (name.clone(), product(text))).collect()
}

/// Lines of code: comments, and the examples in them, are left out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn module(name: &str) -> &str {
    name.trim_start_matches("src/").split(['/', '.']).next().unwrap()
}

#[test]
fn modules_import_only_what_lies_below_them() {
    let edges: BTreeMap<&str, &[&str]> = EDGES.into_iter().collect();
    let mut wrong = Vec::new();
    for (name, text) in sources().iter().filter(|(name, _)| name != "src/lib.rs" && name != "src/main.rs") {
        let own = module(name);
        let allowed = edges.get(own).unwrap_or_else(|| panic!("`{own}` has no place in the order of modules"));
        for (line, code) in code(text) {
            for after in code.split("crate::").skip(1) {
                let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
                let target = &after[..end];
                if target != own && !allowed.contains(&target) {
                    wrong.push(format!("{name}:{line}: `{own}` may not use `{target}`: {}", code.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_order_of_modules_has_no_circle() {
    let edges: BTreeMap<&str, &[&str]> = EDGES.into_iter().collect();
    for start in edges.keys() {
        let mut open: Vec<&str> = edges[start].to_vec();
        let mut seen = Vec::new();
        while let Some(next) = open.pop() {
            assert_ne!(next, *start, "`{start}` reaches itself");
            if !seen.contains(&next) {
                seen.push(next);
                open.extend(edges[next]);
            }
        }
    }
}

/// The page's server has sockets and a clock, and nothing else of the outside.
const SERVER_TOO: [&str; 2] = ["Instant::now", "std::net"];

#[test]
fn only_the_edges_print_and_look_outside() {
    let mut wrong = Vec::new();
    for (name, text) in sources().iter().filter(|(name, _)| module(name) != "cli" && name != "src/main.rs") {
        let allowed: &[&str] = if module(name) == "serve" { &SERVER_TOO } else { &[] };
        for (line, code) in code(text) {
            let forbidden = EDGES_ONLY.iter().filter(|outside| !allowed.contains(outside));
            for outside in forbidden.filter(|outside| code.contains(*outside)) {
                wrong.push(format!("{name}:{line}: {outside}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn texts_name_no_machine() {
    // Cut in two, so that this file does not find itself.
    let paths = [["/ho", "me/"], ["/ro", "ot/"], ["/wo", "rk/"], ["/tm", "p/"], ["C:\\", "Users"], ["/Use", "rs/"]]
        .map(|cut| cut.concat());
    let mut texts: Vec<(String, String)> = ["src", "tests", "scenarios", "benches", "docs", "examples"]
        .iter()
        .filter(|folder| root().join(folder).is_dir())
        .flat_map(|folder| files(folder, &["rs", "toml", "md", "html", "css", "js", "mjs", "json", "csv", "snap"]))
        .collect();
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Cargo.toml", ".ci/run"] {
        texts.push((name.to_owned(), fs::read_to_string(root().join(name)).unwrap()));
    }
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        for (line, text) in (1..).zip(text.lines()) {
            let found = paths.iter().filter(|path| text.contains(path.as_str()));
            wrong.extend(found.map(|path| format!("{name}:{line}: {path}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_readable() {
    let sources = ["src", "tests", "benches"].into_iter().filter(|folder| root().join(folder).is_dir());
    let long: Vec<String> = sources
        .flat_map(|folder| files(folder, &["rs"]))
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(name, lines)| format!("{name} has {lines} lines, at most {LONGEST_FILE}"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
