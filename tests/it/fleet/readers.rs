//! Readers against real rows, and what must not matter to them.

use std::fs::{self, File};
use std::io::{BufReader, Cursor, Write};

use faascast::units::Span;
use faascast::workload::trace::Trace;
use faascast::workload::trace::stream::{FunctionTrace, StreamOptions, decoded, durations, memories, open};

use super::{counts, fleet, invocations, recorded, simulated};
use crate::desk::{Desk, text};

fn read(path: &str, options: &StreamOptions) -> (Span, Vec<FunctionTrace>) {
    let file = BufReader::new(File::open(recorded(path)).unwrap());
    let mut stream = open(decoded(file).unwrap(), "trace", options, Cursor::new(Vec::new())).unwrap();
    let functions = std::iter::from_fn(|| stream.next().unwrap()).collect();
    (stream.length(), functions)
}

fn requests(functions: &[FunctionTrace]) -> u64 {
    functions.iter().filter_map(|f| f.trace.as_ref()).map(Trace::total).sum()
}

#[test]
fn real_traces_are_read_to_the_last_request() {
    let whole = StreamOptions::default();
    let (length, functions) = read("azure2021-invitro/Azure2021_200.csv", &whole);
    // 199 rows; the last arrival is 1200.0148 s after clock 0, in minute 21.
    assert_eq!((length, functions.len(), requests(&functions)), (Span::from_secs(21 * 60), 31, 199));
    // However little fits into memory.
    assert_eq!(read("azure2021-invitro/Azure2021_200.csv", &StreamOptions { chunk: Some(13), ..whole.clone() }).1, functions);
    let (length, functions) = read("faasrail/azure_spec_15rps_5min.csv", &whole);
    // Sums of the five columns: 718 + 794 + 860 + 887 + 786.
    assert_eq!((length, functions.len(), requests(&functions)), (Span::from_secs(300), 244, 4045));
    let mean = functions.iter().map(|f| f.duration.as_ref().unwrap().mean()).fold(0.0, f64::max);
    assert!(mean > 1.0 && functions[0].duration.as_ref().unwrap().mean() == 1.633, "{mean}");
    let (length, functions) = read("azure2019-schema-fixtures-NOT-REAL/invocations.csv", &whole);
    assert_eq!((length, functions.len(), requests(&functions)), (Span::from_secs(86_400), 4, 4525));
    for (file, owners) in [("durations.csv", 4), ("memory.csv", 4)] {
        let file_of = || BufReader::new(File::open(recorded(&format!("azure2019-schema-fixtures-NOT-REAL/{file}"))).unwrap());
        let found =
            if file == "durations.csv" { durations(file_of()).unwrap().len() } else { memories(file_of()).unwrap().len() };
        assert_eq!(found, owners, "{file}");
    }
}

#[test]
fn every_request_that_was_read_is_simulated() {
    let desk = Desk::new("");
    for path in [
        "azure2021-invitro/Azure2021_200.csv",
        "faasrail/azure_spec_15rps_5min.csv",
        "azure2019-schema-fixtures-NOT-REAL/invocations.csv",
    ] {
        let result = simulated(&desk, &[recorded(path).to_str().unwrap(), "--set", "simulation.replications=2"]);
        let read = result["requests_read"].as_f64();
        // The same in every replication: the interval has no width.
        assert!(read.is_some_and(|read| read > 0.0), "{path}");
        for end in ["mean", "lo", "hi"] {
            assert_eq!(result["requests"][end].as_f64(), read, "{path}");
        }
    }
}

#[test]
fn order_and_packing_of_a_trace_mean_nothing() {
    let desk = Desk::new("");
    let rows = invocations();
    let mut sorted: Vec<&str> = rows.lines().skip(1).collect();
    sorted.sort_by(|a, b| {
        let end = |row: &str| row.split(',').nth(2).unwrap().parse::<f64>().unwrap();
        end(a).total_cmp(&end(b))
    });
    desk.put("mixed.csv", rows.as_bytes());
    desk.put("sorted.csv", format!("app,func,end_timestamp,duration\n{}\n", sorted.join("\n")).as_bytes());
    desk.put("crlf.csv", rows.replace('\n', "\r\n").as_bytes());
    let packed = File::create(desk.path().join("packed.csv.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    packed.write_all(rows.as_bytes()).unwrap();
    packed.finish().unwrap();
    let of = |name: &str| {
        let mut result = simulated(&desk, &[name, "--platform", "aws-lambda"]);
        result["traces"] = serde_json::Value::Null;
        result
    };
    let mixed = of("mixed.csv");
    assert_eq!(mixed["requests_read"], 600);
    for name in ["sorted.csv", "crlf.csv", "packed.csv.gz"] {
        assert_eq!(of(name), mixed, "{name}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let desk = Desk::new("");
    desk.put("day.csv", counts().as_bytes());
    let of = |threads: &str, format: &str| {
        let output = fleet(&desk, &["day.csv", "--threads", threads, "--format", format]);
        (text(&output), fs::read(desk.path().join("output/report.html")).unwrap())
    };
    for format in ["json", "text", "csv", "markdown"] {
        let one = of("1", format);
        assert!(one.0.contains("busy"), "{}", one.0);
        for threads in ["2", "7"] {
            assert!(of(threads, format) == one, "{format} on {threads} threads");
        }
    }
}
