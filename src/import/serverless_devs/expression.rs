//! What `${…}` means in a file of Serverless Devs: `vars.region`, `env('NAME', default)`, `config('AccountID')`, values of
//! other modules, and calls in calls.

use crate::import::Options;
use crate::import::document::{Node, Place};

/// Calls in calls.
const DEEPEST: usize = 16;

/// The value of an expression; `None` if only the tool or the deployment knows it.
pub(super) fn value(expression: &str, root: &Node, options: &Options) -> Option<Node> {
    of(expression.trim(), root, options, 0)
}

fn of(expression: &str, root: &Node, options: &Options, depth: usize) -> Option<Node> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(text) = quoted(expression) {
        return Some(Node::text_at(Place::default(), text));
    }
    if let Some((name, arguments)) = call(expression) {
        let arguments = split(arguments);
        let first = arguments.first().copied().unwrap_or_default();
        let key = quoted(first).unwrap_or(first);
        let given = options.parameter(key).map(|text| Node::text_at(Place::default(), text));
        return match name {
            "env" => given.or_else(|| of(arguments.get(1)?.trim(), root, options, depth + 1)),
            "config" => given,
            _ => None,
        };
    }
    if let Some(given) = options.parameter(expression) {
        return Some(Node::text_at(Place::default(), given));
    }
    let path: Vec<&str> = expression.split('.').collect();
    match path.as_slice() {
        ["vars", ..] => root.at(&path).cloned(),
        ["resources" | "services", _, "props", ..] => root.at(&path).cloned(),
        _ => None,
    }
}

/// The inside of quotation marks.
fn quoted(text: &str) -> Option<&str> {
    let text = text.trim();
    ['\'', '"'].iter().find_map(|mark| text.strip_prefix(*mark)?.strip_suffix(*mark))
}

/// `name(arguments)`.
fn call(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once('(')?;
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
    plain.then(|| rest.trim_end().strip_suffix(')').map(|inside| (name, inside)))?
}

/// Arguments at the commas outside of quotation marks and calls.
fn split(arguments: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut start) = (0_usize, None, 0);
    let mut found = Vec::new();
    for (at, c) in arguments.char_indices() {
        match (c, quote) {
            (c, Some(mark)) if c == mark => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some(c),
            ('(', None) => depth += 1,
            (')', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                found.push(arguments[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(arguments[start..].trim());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_values_where_the_file_or_the_user_knows_them() {
        let root = crate::import::document::read("vars: {region: cn-hangzhou, n: {m: 3}}\n", "f").unwrap();
        let options =
            Options { parameters: vec![("AccountID".into(), "42".into()), ("X".into(), "y".into())], ..Options::default() };
        let text = |expression: &str| value(expression, &root, &options).and_then(|node| node.text().map(str::to_owned));
        assert_eq!(text("vars.region").as_deref(), Some("cn-hangzhou"));
        assert_eq!(text("vars.n.m").as_deref(), Some("3"));
        assert_eq!(text("config(\"AccountID\")").as_deref(), Some("42"));
        assert_eq!(text("env('X', 'z')").as_deref(), Some("y"));
        assert_eq!(text("env('Y', 'a, b')").as_deref(), Some("a, b"));
        assert_eq!(text("env(Y, vars.region)").as_deref(), Some("cn-hangzhou"));
        assert_eq!(text("env('Y', path('../..'))"), None);
        assert_eq!(text("environment.name"), None);
        assert_eq!(text(&"env(Y,".repeat(100_000)), None);
    }
}
