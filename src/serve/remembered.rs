//! What was simulated already: a slider that moves changes one configuration, and the one that it is compared with stays.

use std::sync::Mutex;

use super::configuration::Configuration;
use super::desk::locked;

/// The values of the configurations that were used last, within a number of bytes.
pub(super) struct Remembered<V> {
    /// The one that was used last comes last.
    entries: Mutex<Vec<(Configuration, V, usize)>>,
    most_bytes: usize,
}

impl<V: Clone> Remembered<V> {
    pub(super) const fn new(most_bytes: usize) -> Self {
        Self { entries: Mutex::new(Vec::new()), most_bytes }
    }

    /// What is known of a configuration.
    pub(super) fn get(&self, configuration: &Configuration) -> Option<V> {
        let mut entries = locked(&self.entries);
        let at = entries.iter().position(|(known, _, _)| known == configuration)?;
        let entry = entries.remove(at);
        let value = entry.1.clone();
        entries.push(entry);
        Some(value)
    }

    /// Keeps what is known of a configuration in place of what was, and forgets the oldest where there is no room.
    pub(super) fn put(&self, configuration: &Configuration, value: V, bytes: usize) {
        let mut entries = locked(&self.entries);
        entries.retain(|(known, _, _)| known != configuration);
        let bytes = bytes + configuration.bytes();
        entries.push((configuration.clone(), value, bytes));
        let mut room = self.most_bytes;
        let keep = entries.iter().rev().take_while(|(_, _, bytes)| room.checked_sub(*bytes).map(|left| room = left).is_some());
        let keep = keep.count();
        let forgotten = entries.len() - keep;
        entries.drain(..forgotten);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let remembered = Remembered::new(100);
        let configuration = |name: &str| Configuration { toml: name.to_owned(), ..Configuration::default() };
        for (name, value) in [("a", 1), ("b", 2), ("a", 3)] {
            remembered.put(&configuration(name), value, 30);
        }
        assert_eq!((remembered.get(&configuration("b")), remembered.get(&configuration("a"))), (Some(2), Some(3)));
        remembered.get(&configuration("b"));
        remembered.put(&configuration("c"), 4, 30);
        remembered.put(&configuration("d"), 5, 30);
        assert_eq!((remembered.get(&configuration("a")), remembered.get(&configuration("b"))), (None, Some(2)));
        remembered.put(&configuration("huge"), 6, 101);
        assert_eq!(remembered.get(&configuration("huge")), None);
    }
}
