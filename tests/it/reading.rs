//! Scenarios that read no files, and studies that nothing stops.

use faascast::platform::Platform;
use faascast::scenario::Files;
use faascast::study::Context;

pub(crate) struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("the scenario asks for `{path}`"))
    }
}

pub(crate) fn context(platform: &Platform) -> Context<'_> {
    Context { platform, assumptions: Vec::new(), today: "2026-11-24".into(), stop: &|| false, progress: &|_| () }
}
