//! A scenario's text with changed values, and its comments as they are.

use toml_edit::{DocumentMut, InlineTable, Item, Key, Table, TableLike, Value};

use super::configuration::Configuration;
use super::files::Known;
use crate::scenario::{ListName, position};

/// Where one of several keys stands alone, the others go when it is set.
const PROCESSES: [&str; 5] = ["constant", "poisson", "mmpp", "renewal", "trace"];

/// The text. Where a change cannot be put in its place, or means something else there, it stands in a comment before the scenario.
pub(super) fn rewritten(configuration: &Configuration, files: &Known) -> String {
    let Configuration { toml, set } = configuration;
    let Ok(mut document) = toml.parse::<DocumentMut>() else { return toml.clone() };
    let mut left: Vec<(&String, &String)> = Vec::new();
    for (key, value) in set {
        let mut changed = document.clone();
        match put(&mut changed, toml, key, value) {
            Some(()) => document = changed,
            None => left.push((key, value)),
        }
    }
    let text = document.to_string();
    // What it says now must be what was asked for.
    let same = || {
        let written = Configuration { toml: text.clone(), set: left.iter().map(|(k, v)| ((*k).clone(), (*v).clone())).collect() };
        let scenario = |c: &Configuration| c.read(files).ok().map(|resolved| format!("{:?}", resolved.scenario));
        scenario(&written) == scenario(configuration)
    };
    if !same() {
        return commented(toml, &set.iter().collect::<Vec<_>>());
    }
    commented(&text, &left)
}

/// The changes that are not in the text, as options.
fn commented(text: &str, left: &[(&String, &String)]) -> String {
    if left.is_empty() {
        return text.to_owned();
    }
    let line = |(key, value): &(&String, &String)| format!("#   --set '{key}={}'\n", value.replace('\n', " "));
    format!("# To be changed by options of the command line:\n{}{text}", left.iter().map(line).collect::<String>())
}

fn put(document: &mut DocumentMut, toml: &str, path: &str, value: &str) -> Option<()> {
    let keys = Key::parse(path).ok()?;
    let names: Vec<&str> = keys.iter().map(Key::get).collect();
    let (last, way) = names.split_last()?;
    let mut table: &mut dyn TableLike = document.as_table_mut();
    let mut way = way.iter().peekable();
    let mut above = "";
    while let Some(name) = way.next() {
        let list = match *name {
            "traffic" if above.is_empty() => Some(ListName::Traffic),
            "events" if above.is_empty() => Some(ListName::Events),
            _ => None,
        };
        table = match list {
            Some(list) => element(table.get_mut(name)?, position(toml, list, way.next()?)?)?,
            None => below(table, name, above.is_empty())?,
        };
        above = name;
    }
    if above == "arrivals" && PROCESSES.contains(last) && !table.contains_key(last) {
        let all: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
        all.iter().for_each(|key| drop(table.remove(key)));
    }
    let mut new: Value = value.trim().parse().unwrap_or_else(|_| Value::from(value));
    match table.get_mut(last) {
        Some(Item::Value(old)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        Some(_) => return None,
        None => drop(table.insert(last, Item::Value(new))),
    }
    Some(())
}

/// The table of that name, made where there is none: with a heading of its own at the top of the file.
fn below<'t>(table: &'t mut dyn TableLike, name: &str, at_top: bool) -> Option<&'t mut dyn TableLike> {
    if !table.contains_key(name) {
        let new = if at_top { Item::Table(Table::new()) } else { Item::Value(Value::InlineTable(InlineTable::new())) };
        table.insert(name, new);
    }
    table.get_mut(name)?.as_table_like_mut()
}

/// An element of a list of tables.
fn element(list: &mut Item, index: usize) -> Option<&mut dyn TableLike> {
    match list {
        Item::ArrayOfTables(tables) => tables.get_mut(index).map(|table| table as &mut dyn TableLike),
        Item::Value(Value::Array(values)) => {
            values.get_mut(index)?.as_inline_table_mut().map(|table| table as &mut dyn TableLike)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::controls::controls;
    use crate::serve::gallery::GALLERY;

    fn text(toml: &str, set: &[(&str, &str)]) -> String {
        let set = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        rewritten(&Configuration { toml: toml.to_owned(), set }, &Known::default())
    }

    const FILE: &str = "# A question.\nplatform = \"generic\"\n\n[functions.f] # a function\ntimeout = \"5s\"   # as it was\n\n\
                        [[traffic]]\nto = \"f\"\narrivals = { poisson = \"1/s\" }   # measured\n";

    #[test]
    fn comments_stay() {
        let changed = text(FILE, &[("functions.f.timeout", "7s"), ("traffic.f.arrivals.poisson", "2/s")]);
        assert_eq!(changed, FILE.replace("\"5s\"", "\"7s\"").replace("\"1/s\"", "\"2/s\""));
    }

    #[test]
    fn what_is_new_is_put_in_its_place() {
        let changed =
            text(FILE, &[("functions.f.faults.error", "1%"), ("account.max_instances", "7"), ("traffic.f.retry.attempts", "3")]);
        assert!(changed.contains("faults = { error = \"1%\" }") && changed.contains("[account]\nmax_instances = 7"), "{changed}");
        assert!(changed.contains("retry = { attempts = 3 }") && !changed.contains("--set"), "{changed}");
        let other = text(FILE, &[("traffic.f.arrivals.constant", "2/s")]);
        assert!(other.contains("constant = \"2/s\"") && !other.contains("poisson"), "{other}");
    }

    #[test]
    fn what_has_no_place_is_said() {
        let changed = text(FILE, &[("traffic.nobody.growth", "1%/month")]);
        assert!(changed.starts_with("# To be changed") && changed.ends_with(FILE), "{changed}");
        assert!(changed.contains("--set 'traffic.nobody.growth=1%/month'"), "{changed}");
    }

    /// Each control of each scenario of the gallery, set to another value, is in the text and means the same there.
    #[test]
    fn every_control_has_its_place_in_the_text() {
        let files = Known::default();
        for exhibit in GALLERY {
            let plain = Configuration { toml: exhibit.toml.to_owned(), ..Configuration::default() };
            for control in controls(&plain.read(&files).unwrap()).groups.into_iter().flat_map(|group| group.controls) {
                let Some(value) = control.values.iter().rev().find(|value| **value != control.value) else { continue };
                let changed = Configuration { set: [(control.key.clone(), value.clone())].into(), ..plain.clone() };
                if changed.read(&files).is_err() {
                    continue;
                }
                let text = rewritten(&changed, &files);
                assert!(!text.contains("# To be changed"), "{} {} = {value}", exhibit.id, control.key);
            }
        }
    }
}
