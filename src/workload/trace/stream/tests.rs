use std::io::Cursor;

use super::*;
use crate::workload::trace::Records;

fn all(text: &[u8], options: &StreamOptions) -> Result<(Span, Vec<FunctionTrace>), TraceError> {
    let mut stream = open(decoded(text)?, "file", options, Cursor::new(Vec::new()))?;
    let mut functions = Vec::new();
    while let Some(function) = stream.next()? {
        functions.push(function);
    }
    Ok((stream.length(), functions))
}

fn read(text: &str) -> (Span, Vec<FunctionTrace>) {
    all(text.as_bytes(), &StreamOptions::default()).unwrap_or_else(|error| panic!("{error} ({})", error.hint))
}

#[test]
fn counts_are_a_function_a_row() {
    let (length, functions) = read("HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,3,0,1\no,a,g,timer,0,0,0\n");
    assert_eq!((length, functions.len()), (Span::from_secs(180), 2));
    let trace = functions[0].trace.as_ref().unwrap();
    assert!(matches!(trace.records(), Records::Counts { counts, .. } if counts == &[3, 0, 1]));
    assert_eq!(trace.period(), Some(length));
    assert_eq!((functions[1].name.as_str(), functions[1].trigger.as_str(), &functions[1].trace), ("g", "timer", &None));
}

#[test]
fn a_benchmark_specification_names_its_requests() {
    let (length, functions) = read("avg,mapped_wreq,1-2,3-4\n1633,\"{\"\"bench\"\": \"\"video, x-91\"\"}\",5,7\n");
    assert_eq!(length, Span::from_secs(120));
    assert_eq!((functions[0].name.as_str(), functions[0].app.as_str()), ("video, x-91@2", "video, x"));
    assert_eq!(functions[0].trace.as_ref().map(Trace::total), Some(12));
    assert_eq!(functions[0].duration, Some(Distribution::Constant(1.633)));
}

#[test]
fn invocations_are_sorted_through_a_store_of_any_size() {
    let rows: Vec<(String, f64, f64)> =
        (0..997_u64).map(|i| (format!("f{}", i * i % 7), (i * 7919 % 1000) as f64 / 2.0 + 50.0, (i % 13) as f64 / 8.0)).collect();
    let file = |rows: &[(String, f64, f64)]| {
        let row = |(f, end, duration): &(String, f64, f64)| format!("app,{f},{end},{duration}\n");
        "app,func,end_timestamp,duration\n".to_owned() + &rows.iter().map(row).collect::<String>()
    };
    let mut sorted = rows.clone();
    sorted.sort_by(|a, b| (a.1 - a.2).total_cmp(&(b.1 - b.2)));
    let whole = read(&file(&rows));
    assert_eq!(whole.1.iter().map(|f| f.trace.as_ref().unwrap().total()).sum::<u64>(), 997);
    assert!(whole.1.is_sorted_by_key(|f| f.name.clone()));
    assert_eq!(whole, read(&file(&sorted)));
    for chunk in [1, 10, 100, 996, 997, 998] {
        let options = StreamOptions { chunk: Some(chunk), ..StreamOptions::default() };
        assert_eq!(whole, all(file(&rows).as_bytes(), &options).unwrap(), "{chunk}");
    }
}

#[test]
fn any_csv_with_functions_and_times_will_do() {
    let (length, functions) = read("time,function\n2026-01-01T00:01:00Z,b\n2026-01-01T00:00:30Z,b\n2026-01-01T00:02:00Z,a\n");
    // Clock 0 is the earliest arrival: what is before the first row is not lost.
    let times = |f: &FunctionTrace| match f.trace.as_ref().unwrap().records() {
        Records::Timestamps { times, .. } => times.clone(),
        Records::Counts { .. } => panic!("not counts"),
    };
    assert_eq!(
        (length, times(&functions[0]), times(&functions[1])),
        (Span::from_secs(120), vec![90 * NANOS], vec![0, 30 * NANOS])
    );
    let (length, functions) = read("count\n4\n5\n");
    assert_eq!((length, functions[0].name.as_str(), functions.len()), (Span::from_secs(120), "file", 1));
}

#[test]
fn broken_files_are_refused_with_place_and_remedy() {
    let rows = "app,func,end_timestamp,duration\n";
    let day = "HashOwner,HashApp,HashFunction,Trigger,1,2\n";
    let long = format!("{day}o,a,f,http,1,{}", "1".repeat(10 << 20));
    let cases: [(Vec<u8>, u64, &str); 14] = [
        (Vec::new(), 0, "the trace is empty"),
        (long.into_bytes(), 2, "the line is longer than 1048576 bytes"),
        ("x".repeat(10 << 20).into_bytes(), 1, "the line is longer"),
        ([rows.as_bytes(), b"a,\xff,1,1\n"].concat(), 2, "the row is not UTF-8 text"),
        (format!("{rows}a,f,1,1\ra,f,2,1\n").into_bytes(), 2, "the line holds a carriage return"),
        (format!("{rows}a,f,1,1\na,f,2\n").into_bytes(), 3, "expected 4 columns"),
        (format!("{rows}a,f,x,1\n").into_bytes(), 2, "expected end_timestamp in seconds, but found `x`"),
        (format!("{rows}a,,1,1\n").into_bytes(), 2, "the function has no name"),
        (rows.as_bytes().to_vec(), 0, "`file` has no rows"),
        (format!("{day}o,a,f,http,1,x\n").into_bytes(), 2, "expected a count, but found `x`"),
        (format!("{day}o,a,f,\"http,1,2\n").into_bytes(), 2, "a quoted field does not end on its line"),
        (format!("{day}o,a,,http,1,2\n").into_bytes(), 2, "the function has no name"),
        (b"PK\x03\x04rest".to_vec(), 0, "the trace is a zip archive"),
        (b"avg,mapped_wreq,1-2\n5,nonsense,1\n".to_vec(), 2, "the request is not JSON"),
    ];
    for (bytes, line, message) in cases {
        let error = all(&bytes, &StreamOptions::default()).expect_err(message);
        assert!(error.line == line && error.message.starts_with(message), "{error}");
        assert!(!error.hint.is_empty(), "{error}");
    }
    let short = StreamOptions { length: Some(Span::from_secs(5)), ..StreamOptions::default() };
    let error = all(format!("{rows}a,f,10,1\n").as_bytes(), &short).unwrap_err();
    assert_eq!(error.message, "the recording lasts 5s, but an invocation arrives 9s after its start");
}

#[test]
fn line_ends_and_blanks_around_fields_mean_nothing() {
    let plain = read("HashApp,HashFunction,1,2\na,f,1,2\na,g,3,4\n");
    assert_eq!(plain, read("\u{feff}HashApp,HashFunction,1,2\r\n# a comment\n\na, f ,1,2\r\na,g,3, 4"));
}

#[test]
fn compressed_files_are_unpacked_and_cut_ones_refused() {
    use std::io::Write;
    let text = "HashApp,HashFunction,1,2\n".to_owned() + &(0..2000).map(|i| format!("a,f{i},{i},2\n")).collect::<String>();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    assert_eq!(all(&packed, &StreamOptions::default()), Ok(read(&text)));
    let error = all(&packed[..packed.len() / 2], &StreamOptions::default()).unwrap_err();
    assert!(error.message == "the compressed data end too early" && error.line > 100, "{error:?}");
    let mut wrong = packed;
    let middle = wrong.len() / 2;
    wrong[middle..middle + 40].fill(0xff);
    let error = all(&wrong, &StreamOptions::default()).unwrap_err();
    assert!(error.line > 1 && !error.hint.is_empty(), "{error:?}");
}

#[test]
fn recorded_durations_keep_their_mean() {
    let table = "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,percentile_Average_50,percentile_Average_100\n\
                 o,a,f,100.0,7,1,900,50,80,900\no,a,g,-3,1,0,0,0,0,0\no,a,h,20,1,0,0,20,20,20\n";
    let found = durations(table.as_bytes()).unwrap();
    assert!((found["f"].mean() - 0.1).abs() < 1e-12, "{}", found["f"].mean());
    assert_eq!((&found["g"], &found["h"]), (&Distribution::Constant(0.0), &Distribution::Constant(0.02)));
    let memory = "HashOwner,HashApp,SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct99\no,a,5,100,152.0\n";
    assert_eq!(memories(memory.as_bytes()).unwrap()["a"].exact(), "152 MiB");
    assert!(durations("a,b\n".as_bytes()).unwrap_err().hint.contains("HashFunction"));
}
