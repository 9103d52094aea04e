//! Conditions: whether they hold, as far as parameters decide it.

use super::{Decision, Template};
use crate::import::document::{Node, Place};

/// Conditions that refer to one another in a chain.
const LONGEST: usize = 50;

impl Template<'_> {
    /// Whether a condition of the template holds. One that refers to itself is an error.
    pub(in crate::import) fn holds(&self, name: &str, place: Place) -> Decision {
        if let Some(decided) = self.decided.borrow().get(name) {
            if decided.is_none() {
                let hint = "Let one of the conditions stand on parameters alone.";
                self.notes.error(place, &format!("Conditions.{name}"), "the condition refers to itself, over others", hint);
            }
            return decided.flatten();
        }
        let condition = self.root.at(&["Conditions", name])?;
        if self.deciding.get() >= LONGEST {
            let hint = "Shorten the chain of conditions that refer to one another.";
            self.notes.error(place, &format!("Conditions.{name}"), format!("more than {LONGEST} conditions in a chain"), hint);
            return None;
        }
        self.decided.borrow_mut().insert(name.to_owned(), None);
        self.deciding.set(self.deciding.get() + 1);
        let decided = self.decide(condition);
        self.deciding.set(self.deciding.get() - 1);
        self.decided.borrow_mut().insert(name.to_owned(), Some(decided));
        decided
    }

    fn decide(&self, node: &Node) -> Decision {
        let [only] = node.entries()? else { return None };
        let argument = &only.node;
        let all = || argument.list().unwrap_or_default().iter().map(|part| self.decide(part));
        match only.key.as_str() {
            "Condition" => self.holds(argument.text()?, argument.place),
            "Fn::Not" => self.decide(argument.list()?.first()?).map(|holds| !holds),
            "Fn::And" => decided(all(), false),
            "Fn::Or" => decided(all(), true),
            "Fn::Equals" => {
                let [a, b] = argument.list()? else { return None };
                let (a, b) = (self.evaluate(a), self.evaluate(b));
                // An empty list joined, or a parameter without a value, is an empty text.
                Some(a.text()? == b.text()?)
            }
            _ => None,
        }
    }
}

/// One part that is `decisive` decides; without it all must be known.
fn decided(parts: impl Iterator<Item = Decision>, decisive: bool) -> Decision {
    let mut known = true;
    for part in parts {
        match part {
            Some(holds) if holds == decisive => return Some(decisive),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(!decisive)
}
