//! Mappings laid over one another: what is said for all functions, and what a function says itself.

use super::document::{Entry, Node, Value};

/// What becomes of lists that both have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// The function's own takes the place of the other.
    Replaced,
    /// The function's own comes after the other.
    Joined,
}

/// The entries of both; a value of `own` goes before one of `base`, and mappings are merged key by key.
#[must_use]
pub fn merged(own: &Node, base: &Node, lists: Lists) -> Node {
    match (&own.value, &base.value) {
        (Value::Map(mine), Value::Map(theirs)) => {
            let one = |entry: &Entry| match base.get(&entry.key) {
                Some(base) => Entry { node: merged(&entry.node, base, lists), ..entry.clone() },
                None => entry.clone(),
            };
            let others = theirs.iter().filter(|entry| own.get(&entry.key).is_none()).cloned();
            Node { place: own.place, value: Value::Map(mine.iter().map(one).chain(others).collect()) }
        }
        (Value::List(mine), Value::List(theirs)) if lists == Lists::Joined => {
            Node { place: own.place, value: Value::List(theirs.iter().chain(mine).cloned().collect()) }
        }
        _ => own.clone(),
    }
}
