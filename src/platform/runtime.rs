//! Runtimes: what a runtime id says about an instance.

use super::Platform;
use crate::units::Span;

/// What is known about a runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeFacts {
    /// The language, such as `python`; a custom runtime's is `custom` unless the id says more.
    pub language: String,
    /// Who provides it.
    pub provider: Provider,
    /// One thread at a time runs user code (Node.js event loop, locks of Python and Ruby, processes of PHP).
    pub single_threaded: bool,
    /// Its part of a cold start.
    pub start: Span,
    /// Key of the row that `start` comes from.
    pub start_key: String,
}

/// Who provides a runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// The platform.
    BuiltIn,
    /// The user: own server or image; may take several invocations at once.
    Custom,
    /// Nobody any more: new functions are refused.
    Retired,
}

/// Splits the value of a `runtime.*` row.
pub(super) fn parse(value: &str) -> Option<(Provider, &str)> {
    let (provider, language) = value.split_once(' ')?;
    let provider = match provider {
        "built-in" => Provider::BuiltIn,
        "custom" => Provider::Custom,
        "retired" => Provider::Retired,
        _ => return None,
    };
    (!language.is_empty()).then_some((provider, language))
}

impl Platform {
    /// What is known about a runtime id in the default region; `None` if the platform has no such runtime.
    #[must_use]
    pub fn runtime(&self, id: &str) -> Option<RuntimeFacts> {
        let region = &self.default_region;
        let row = self.row(region, &format!("runtime.{id}")).or_else(|| self.runtime_pattern(id))?;
        let (provider, language) = parse(row.value.as_str()?)?;
        let start_key = format!("language.{language}.start");
        Some(RuntimeFacts {
            language: language.to_owned(),
            provider,
            single_threaded: self.flag(region, &format!("language.{language}.single_threaded")).unwrap_or(false),
            start: self.span(region, &start_key).unwrap_or(Span::ZERO),
            start_key,
        })
    }

    /// Ids (or patterns such as `python*`) of the platform's runtimes.
    pub fn runtime_ids(&self) -> impl Iterator<Item = &str> {
        self.own.iter().chain(&self.rows).filter_map(|row| row.key.strip_prefix("runtime."))
    }

    /// The longest pattern `runtime.NAME*` that the id begins with.
    fn runtime_pattern(&self, id: &str) -> Option<&super::Row> {
        let begins = |pattern: &&str| pattern.strip_suffix('*').is_some_and(|prefix| id.starts_with(prefix));
        let pattern = self.runtime_ids().filter(begins).max_by_key(|pattern| pattern.len())?;
        self.row(&self.default_region, &format!("runtime.{pattern}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_run_one_thread_on_every_platform() {
        for platform in Platform::ids().map(|id| Platform::find(id).unwrap()) {
            let single = |id: &str| ["python", "nodejs", "php", "ruby"].iter().any(|interpreter| id.starts_with(interpreter));
            let several = |id: &str| ["java", "go", "custom", "dotnet"].iter().any(|compiled| id.starts_with(compiled));
            for id in platform.runtime_ids().map(|id| id.trim_end_matches('*')).filter(|id| single(id) || several(id)) {
                assert_eq!(platform.runtime(id).map(|r| r.single_threaded), Some(single(id)), "{} {id}", platform.id);
            }
            // Not every platform has these: PHP takes one request at a time in a process, Ruby has a lock as Python has.
            for id in ["php7.2", "php8.3", "ruby3.4"] {
                assert!(platform.runtime(id).is_none_or(|known| known.single_threaded), "{} {id}", platform.id);
            }
        }
    }

    #[test]
    fn custom_and_retired_runtimes_are_told_apart() {
        let fc = Platform::find("alibaba-fc").unwrap();
        assert_eq!(fc.runtime("custom.debian12").map(|r| r.provider), Some(Provider::Custom));
        assert_eq!(fc.runtime("nodejs10").map(|r| r.provider), Some(Provider::Retired));
        assert_eq!(fc.runtime("python3.12").map(|r| r.provider), Some(Provider::BuiltIn));
        assert_eq!(fc.runtime("cobol"), None);
        assert!(fc.runtime("java11").unwrap().start > fc.runtime("go1").unwrap().start);
    }
}
