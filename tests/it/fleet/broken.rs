//! What is not a trace ends with 2, and says where and what to do.

use std::io::Write;

use super::{counts, fleet};
use crate::desk::{Desk, talk};

#[test]
fn broken_traces_end_with_two_the_place_and_a_remedy() {
    let desk = Desk::new("");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(counts().repeat(3).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let rows = "app,func,end_timestamp,duration\n";
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("long.csv", format!("{rows}a,f,1,{}", "1".repeat(10 << 20)).into_bytes(), "long.csv:2"),
        ("binary.csv", [rows.as_bytes(), b"a,f\xfe,1,1\n"].concat(), "binary.csv:2"),
        ("cut.csv.gz", packed[..packed.len() / 2].to_vec(), "end too early"),
        ("mac.csv", format!("{rows}a,f,1,1\ra,f,2,1\n").into_bytes(), "mac.csv:2"),
        ("short.csv", format!("{rows}a,f,1,1\na,f,1\n").into_bytes(), "short.csv:3"),
        ("negative.csv", format!("{rows}a,f,1,-1\n").into_bytes(), "negative.csv:2"),
        ("packed.zip", b"PK\x03\x04".to_vec(), "zip archive"),
        ("empty.csv", Vec::new(), "empty"),
        ("prose.csv", b"once upon a time\nthere was\n".to_vec(), "prose.csv"),
    ];
    for (name, bytes, place) in cases {
        desk.put(name, &bytes);
        let output = fleet(&desk, &[name]);
        let said = talk(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.contains(place) && said.contains("hint: "), "{name}: {said}");
        assert!(output.stdout.is_empty(), "{name} printed data");
    }
}

#[test]
fn wrong_options_are_refused_by_their_names() {
    let desk = Desk::new("");
    desk.put("day.csv", counts().as_bytes());
    for (arguments, code, said) in [
        (&["day.csv", "--platform", "aws-lamda"][..], 2, "aws-lambda"),
        (&["day.csv", "--set", "memroy=1 GiB"], 2, "functions.function.memory"),
        (&["day.csv", "--set", "simulation.horizon=1d"], 2, "--length"),
        (&["day.csv", "--memory", "big"], 2, "512 MiB"),
        (&["missing.csv"], 1, "missing.csv"),
        (&["."], 1, "folder"),
        (&[], 2, "TRACE"),
    ] {
        let output = fleet(&desk, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", talk(&output));
        assert!(talk(&output).contains(said), "{arguments:?}: {}", talk(&output));
    }
}

#[test]
fn functions_that_a_platform_refuses_are_counted() {
    let desk = Desk::new("");
    desk.put("day.csv", counts().as_bytes());
    desk.put("memory.csv", b"HashOwner,HashApp,SampleCount,AverageAllocatedMb\no,app-burst,1,20000\no,app-busy,1,300\n");
    let output = fleet(&desk, &["day.csv", "--platform", "aws-lambda", "--memories", "memory.csv", "--format", "json"]);
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&result["functions"], &result["warnings"][0]["code"]), (&2.into(), &"functions-refused".into()));
    let busy = result["top"].as_array().unwrap().iter().find(|t| t["name"] == "busy").unwrap();
    assert_eq!(busy["memory_mib"], 384.0);
}
