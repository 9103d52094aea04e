//! The scenarios that come with the program: `scenarios/*.toml`, and the files that they name.

/// A scenario of the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhibit {
    /// The file's name without its ending.
    pub(super) id: &'static str,
    /// The text of the file.
    pub(super) toml: &'static str,
}

macro_rules! exhibits {
    ($($id:literal),* $(,)?) => {
        &[$(Exhibit { id: $id, toml: include_str!(concat!("../../scenarios/", $id, ".toml")) }),*]
    };
}

/// The first one is shown first.
pub(super) const GALLERY: &[Exhibit] = exhibits![
    "timeout-doubles-the-bill",
    "first-steps",
    "memory-too-small",
    "memory-buys-cpu",
    "python-that-computes",
    "python-that-waits",
    "quota-caps-a-retry-loop",
    "large-package-cold-starts",
    "retry-storm-after-an-outage",
    "payment-api-down",
    "async-retries-and-duplicates",
    "background-work-lost",
    "recorded-day",
    "month-at-ten-thousand-a-second",
    "recursive-trigger",
    "visibility-too-short",
    "fan-out-starves-checkout",
    "hourly-minimum",
];

/// Files that scenarios of the gallery name, by the names that they have there.
pub(super) const FILES: &[(&str, &[u8])] = &[("data/recorded-day.csv", include_bytes!("../../scenarios/data/recorded-day.csv"))];

impl Exhibit {
    /// The id as words.
    pub(super) fn title(&self) -> String {
        let words = self.id.replace('-', " ");
        let mut letters = words.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// The question that the header comment asks.
    pub(super) fn question(&self) -> String {
        question(self.toml)
    }
}

/// What follows `# Question:` in a scenario's header, up to the next heading; empty without one.
pub(super) fn question(toml: &str) -> String {
    let comments = toml.lines().take_while(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let mut words: Vec<&str> = Vec::new();
    for line in comments {
        match line.strip_prefix("Question:") {
            Some(first) => words.push(first.trim()),
            None if words.is_empty() => {}
            None if line.starts_with("Command:") || line.starts_with("Answer:") || line.is_empty() => break,
            None => words.push(line),
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[test]
    fn every_scenario_is_in_the_gallery_and_asks_a_question() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut there: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(name).filter(|name| name.ends_with(".toml")).collect();
        there.sort();
        let mut embedded: Vec<String> = GALLERY.iter().map(|exhibit| format!("{}.toml", exhibit.id)).collect();
        embedded.sort_unstable();
        assert_eq!(embedded, there);
        assert!(GALLERY.iter().all(|exhibit| exhibit.question().ends_with('?')), "each asks something");
    }

    #[test]
    fn every_scenario_is_read_with_the_embedded_files_alone() {
        let files = crate::serve::files::Known::default();
        for exhibit in GALLERY {
            let read = scenario::read(exhibit.toml, exhibit.id, &[], &files);
            assert!(read.is_ok(), "{}: {:?}", exhibit.id, read.err());
        }
    }

    #[test]
    fn a_question_may_take_two_lines() {
        assert_eq!(question("# Question: why is\n#   it so?\n# Command:  x\n"), "why is it so?");
        assert_eq!(question("# nothing\n"), "");
    }
}
