//! The page's own files, part of the program: every file of `page` is a row here, and a test compares.

/// A file of the page.
pub(super) struct Asset {
    /// Its name below `/assets/`; the page itself is `index.html`.
    pub(super) name: &'static str,
    /// Its media type.
    pub(super) kind: &'static str,
    /// What is in it.
    pub(super) bytes: &'static [u8],
}

macro_rules! assets {
    ($(($name:literal, $kind:expr)),* $(,)?) => {
        &[$(Asset { name: $name, kind: $kind, bytes: include_bytes!(concat!("page/", $name)) }),*]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

const ALL: &[Asset] = assets![
    ("api.js", SCRIPT),
    ("app.js", SCRIPT),
    ("chart.css", STYLE),
    ("chart.js", SCRIPT),
    ("chart_curve.js", SCRIPT),
    ("chart_fee.js", SCRIPT),
    ("chart_file.js", SCRIPT),
    ("chart_latency.js", SCRIPT),
    ("chart_timeline.js", SCRIPT),
    ("controls.css", STYLE),
    ("controls.js", SCRIPT),
    ("dom.js", SCRIPT),
    ("editor.js", SCRIPT),
    ("errors.js", SCRIPT),
    ("findings.js", SCRIPT),
    ("format.js", SCRIPT),
    ("fragment.js", SCRIPT),
    ("headline.js", SCRIPT),
    ("index.html", HTML),
    ("menus.js", SCRIPT),
    ("pins.js", SCRIPT),
    ("scale.js", SCRIPT),
    ("store.js", SCRIPT),
    ("study.js", SCRIPT),
    ("style.css", STYLE),
    ("view.js", SCRIPT),
];

/// The file of that name.
pub(super) fn find(name: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_embedded() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve/page");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut there: Vec<String> = std::fs::read_dir(folder).unwrap().map(name).collect();
        there.sort();
        let mut embedded: Vec<&str> = ALL.iter().map(|asset| asset.name).collect();
        embedded.sort_unstable();
        assert_eq!(embedded, there);
    }
}
