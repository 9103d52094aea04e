//! No text makes the reader panic.

use proptest::prelude::*;

use super::{EXAMPLE, files, pairs, read};

/// Pieces that scenario files are made of, right and wrong.
const PIECES: &[&str] = &[
    "platform = ",
    "\"generic\"",
    "\"alibaba-fc\"",
    "[functions.f]",
    "[[traffic]]",
    "[traffic]",
    "[[events]]",
    "[objectives]",
    "[simulation]",
    "[account]",
    "[billing]",
    "\n",
    "\n",
    "\n",
    " = ",
    "arrivals",
    "poisson",
    "work",
    "cpu",
    "io",
    "memory",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"5s\"",
    "\"-5s\"",
    "\"1e308 d\"",
    "\"9999999999999999999 MiB\"",
    "\"1/s\"",
    "\"0/s\"",
    "\"é\"",
    "5",
    "-5",
    "1e400",
    "nan",
    "inf",
    "0x7f",
    "true",
    "1979-05-27",
    "\"forever\"",
    "\"unlimited\"",
    "to = \"f\"",
    "name",
    "mixture",
    "of",
    "weight",
    "quantiles",
    "mmpp",
    "hours",
    "points",
    "provisioned",
    "from",
    "keep_alive",
    "retry",
    "attempts",
    "trace = \"counts.csv\"",
    "every",
    "repeat = true",
    "\u{0}",
    "'",
    "#",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn pieces_in_any_order(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let _ = read(&pieces.concat(), "f", &[], &files());
    }

    /// A valid file with a stretch replaced.
    #[test]
    fn a_damaged_file(start in 0..EXAMPLE.len(), length in 0_usize..40, piece in prop::sample::select(PIECES)) {
        let boundary = |at: usize| (at..=EXAMPLE.len()).find(|at| EXAMPLE.is_char_boundary(*at)).unwrap();
        let (from, to) = (boundary(start), boundary((start + length).min(EXAMPLE.len())));
        let text = format!("{}{piece}{}", &EXAMPLE[..from], &EXAMPLE[to..]);
        if let Err(found) = read(&text, "f", &[], &files()) {
            prop_assert!(!found.is_empty());
            let lines = text.lines().count() + 1;
            prop_assert!(found.iter().all(|d| d.line <= lines && !d.message.is_empty()));
        }
    }

    #[test]
    fn any_option(key in "[a-z.\"]{0,20}", value in ".{0,20}", known in prop::sample::select(vec!["functions.thumbnail.work.cpu", "traffic.thumbnail.arrivals", "events", "functions", "simulation.seed"])) {
        let _ = read(EXAMPLE, "f", &pairs(&[(&key, &value)]), &files());
        let _ = read(EXAMPLE, "f", &pairs(&[(known, &value)]), &files());
        let _ = read(EXAMPLE, "f", &pairs(&[(&format!("{known}.{key}"), &value)]), &files());
    }
}
