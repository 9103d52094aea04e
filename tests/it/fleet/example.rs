//! The figures of `docs/fleet.md`, and one that can be worked out by hand.

use super::{fleet, recorded, simulated};
use crate::desk::{Desk, text};

const TRACES: [&str; 2] = ["faasrail/azure_spec_15rps_5min.csv", "azure2021-invitro/Azure2021_200.csv"];

/// The document's commands print what the document says they print, to the line above the groups.
#[test]
fn the_document_shows_what_its_commands_print() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fleet.md")).unwrap();
    let desk = Desk::new("");
    for path in TRACES {
        let file = recorded(path);
        desk.put(file.file_name().unwrap().to_str().unwrap(), &std::fs::read(&file).unwrap());
    }
    let mut shown = 0;
    for block in document.split("```text\n$ faascast fleet ").skip(1) {
        let (command, printed) = block.split("```").next().unwrap().split_once('\n').unwrap();
        let output = text(&fleet(&desk, &command.split(' ').collect::<Vec<_>>()));
        let (figures, _) = output.split_once("\nBy app\n").expect("groups follow the figures");
        assert_eq!(figures, printed, "{command}");
        shown += 1;
    }
    assert_eq!(shown, TRACES.len());
}

/// Without cold starts a month of FaaSRail's five minutes costs, on `generic`, the sum over its rows of requests x (duration x
/// 0.25 GiB x price of a GB-second + price of a request), 8,760 times.
#[test]
fn the_fee_of_a_specification_by_hand() {
    let path = recorded(TRACES[0]);
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let mut five_minutes = 0.0;
    for row in reader.records() {
        let row = row.unwrap();
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let requests: f64 = (2..7).map(number).sum();
        five_minutes += requests * (number(0) / 1e3 * 0.25 * 0.000_016_666_7 + 0.000_000_2);
    }
    let exact = five_minutes * 730.0 * 12.0;
    let result = simulated(
        &Desk::new(""),
        &[path.to_str().unwrap(), "--platform", "generic", "--set", "cold_start=0s", "--set", "simulation.replications=8"],
    );
    // What runs over the end of the five minutes has come in at their start: nothing is random.
    let fee = result["fee"]["month"]["mean"].as_f64().unwrap();
    assert!((fee / exact - 1.0).abs() < 1e-12, "{fee} and {exact}");
}
