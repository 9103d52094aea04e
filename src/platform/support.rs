//! Until when a runtime is supported: by its community, and by the platform. Facts are in `data/runtimes.toml`.

use std::sync::LazyLock;

use serde::Deserialize;
use std::collections::BTreeMap;
use toml::value::Datetime;

/// What is known about the support of a runtime. Dates are `YYYY-MM-DD`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Support {
    /// End of the community's support, with the table's date.
    pub community: Option<String>,
    /// Whether the platform's list has the runtime.
    pub listed: bool,
    /// End of the platform's support (its deprecation).
    pub platform: Option<String>,
    /// From here on functions with this runtime can no longer be updated.
    pub no_updates: Option<String>,
    /// Another runtime of the same language that is supported for longest, if that is longer.
    pub next: Option<String>,
    /// Where the platform's dates come from, with its date.
    pub source: String,
    /// Where the community's dates come from, with its date.
    pub community_source: String,
}

#[derive(Deserialize)]
struct Facts {
    community: Community,
    #[serde(flatten)]
    platforms: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct Community {
    source: String,
    as_of: String,
    #[serde(flatten)]
    languages: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct List {
    source: String,
    as_of: String,
    runtimes: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    deprecation: Option<Datetime>,
    end_of_support: Option<Datetime>,
    block_update: Option<Datetime>,
    decommission: Option<Datetime>,
    note: Option<String>,
}

impl Entry {
    fn end(&self) -> Option<String> {
        self.deprecation.as_ref().or(self.end_of_support.as_ref()).map(ToString::to_string)
    }
}

static FACTS: LazyLock<Option<Facts>> = LazyLock::new(|| toml::from_str(include_str!("data/runtimes.toml")).ok());

/// The list of a platform: plans of one provider share it.
fn list(platform: &str) -> Option<List> {
    let key = match platform {
        "azure-functions-flex" => "azure-functions",
        "gcp-cloud-run-instances" => "gcp-cloud-run",
        id => id,
    };
    FACTS.as_ref()?.platforms.get(key)?.clone().try_into().ok()
}

/// What is known about the support of a runtime id on a platform.
#[must_use]
pub fn support(platform: &str, runtime: &str) -> Support {
    let Some(facts) = FACTS.as_ref() else { return Support::default() };
    let list = list(platform);
    let entries = || list.iter().flat_map(|list| &list.runtimes);
    let entry = entries().find(|entry| entry.name == runtime || entry.name == node_alias(runtime));
    let note = entry.and_then(|entry| entry.note.as_deref()).unwrap_or_default();
    let end = |id: &str, note: &str| community(&facts.community, platform, id, note);
    let mine = end(runtime, note);
    // Both ends count: a runtime is of use until the first of them.
    let last = |entry: &Entry| {
        let both = [entry.end(), end(&entry.name, entry.note.as_deref().unwrap_or_default())];
        both.into_iter().flatten().min()
    };
    let own = entry.and_then(last).or_else(|| mine.clone());
    let same = |entry: &&Entry| language(&entry.name).0 == language(runtime).0 && !entry.name.is_empty();
    let best = entries().filter(same).filter_map(|entry| Some((last(entry)?, &entry.name))).max();
    let next = best.filter(|(date, name)| own.as_ref().is_some_and(|own| date > own) && **name != runtime);
    Support {
        community: mine,
        listed: entry.is_some(),
        platform: entry.and_then(Entry::end),
        no_updates: entry.and_then(|e| e.block_update.as_ref().or(e.decommission.as_ref())).map(ToString::to_string),
        next: next.map(|(_, name)| name.clone()),
        source: list.as_ref().map(|list| format!("{}, {}", list.source, list.as_of)).unwrap_or_default(),
        community_source: format!("{}, {}", facts.community.source, facts.community.as_of),
    }
}

/// Azure says `node22` where the others say `nodejs22`.
fn node_alias(runtime: &str) -> String {
    runtime.strip_prefix("nodejs").map_or_else(String::new, |version| format!("node{version}"))
}

fn community(facts: &Community, platform: &str, runtime: &str, note: &str) -> Option<String> {
    let (language, version) = language(runtime);
    let name = match language {
        // The platform's own build, else a common one.
        "java" if platform == "aws-lambda" => "java-corretto",
        "java" => "java-temurin",
        other => other,
    };
    let table = facts.languages.get(name)?.as_table()?;
    let noted = note.split_once('-').map(|(_, version)| version.to_owned());
    let dotted = version.get(1..).filter(|rest| !rest.is_empty()).map(|rest| format!("{}.{rest}", &version[..1]));
    let found = [Some(version.to_owned()), dotted, noted].into_iter().flatten().find_map(|version| table.get(&version));
    found.map(ToString::to_string)
}

/// Language and version of a runtime id: `nodejs20.x` is `nodejs` and `20`.
fn language(runtime: &str) -> (&str, &str) {
    let digits = runtime.find(|c: char| c.is_ascii_digit()).unwrap_or(runtime.len());
    let (name, version) = runtime.split_at(digits);
    let version = version.split_once(".al").map_or(version, |(version, _)| version);
    let version = version.strip_suffix(".x").unwrap_or(version);
    let name = match name {
        "node" => "nodejs",
        "dotnetcore" => "dotnet",
        other => other,
    };
    (name, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_platform_s_ids_find_both_dates() {
        let lambda = support("aws-lambda", "nodejs20.x");
        assert_eq!(lambda.community.as_deref(), Some("2026-04-30"));
        assert_eq!((lambda.platform.as_deref(), lambda.no_updates.as_deref()), (Some("2026-04-30"), Some("2027-03-03")));
        assert_eq!(lambda.next.as_deref(), Some("nodejs24.x"));
        assert_eq!(support("aws-lambda", "java17").community.as_deref(), Some("2029-10-31"));
        let run = support("gcp-cloud-run-instances", "python312");
        assert_eq!(run.community.as_deref(), Some("2028-10-31"));
        assert!(run.listed && run.platform.is_some());
        let flex = support("azure-functions-flex", "node20");
        assert_eq!((flex.community.as_deref(), flex.platform.as_deref()), (Some("2026-04-30"), Some("2026-04-30")));
        assert_eq!(support("azure-functions", "nodejs20").platform.as_deref(), Some("2026-04-30"));
    }

    #[test]
    fn fc_lists_runtimes_whose_community_has_gone() {
        let old = support("alibaba-fc", "python3");
        assert_eq!((old.community.as_deref(), old.listed, old.platform), (Some("2021-12-23"), true, None));
        assert_eq!(old.next.as_deref(), Some("python3.12"));
        assert_eq!(support("alibaba-fc", "php7.2").community.as_deref(), Some("2020-11-30"));
        assert_eq!(support("alibaba-fc", "dotnetcore3.1").community.as_deref(), Some("2022-12-13"));
    }

    #[test]
    fn the_unknown_stays_unknown() {
        let unknown = support("alibaba-fc", "custom.debian12");
        assert!(unknown.listed && unknown.community.is_none() && unknown.next.is_none());
        assert_eq!(
            support("generic", "cobol"),
            Support { community_source: support("generic", "x").community_source, ..Support::default() }
        );
    }
}
