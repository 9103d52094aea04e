//! Files that a scenario of the page may name: those of the gallery, and those that the file on the command line named when the
//! program started. All of them are in memory: no path that a client sends is ever opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::gallery;
use crate::scenario::Files;

/// The files that are known, by the names that they have in scenarios.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    own: Arc<BTreeMap<String, Vec<u8>>>,
}

impl Known {
    /// Those of the gallery and these, which go before.
    pub(super) fn with(own: BTreeMap<String, Vec<u8>>) -> Self {
        Self { own: Arc::new(own) }
    }
}

impl Files for Known {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let built_in = || gallery::FILES.iter().find(|(name, _)| *name == path).map(|(_, bytes)| bytes.to_vec());
        self.own.get(path).cloned().or_else(built_in).ok_or_else(|| {
            "the page opens no files. It knows those that the file given to `faascast serve` names; use `faascast run` for others"
                .to_owned()
        })
    }
}
