use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use super::*;
use crate::random::{CELL_NANOS, Key};
use crate::units::{NANOS, SimTime};
use crate::workload::arrivals::{Arrivals, Block, Generator};
use crate::workload::intensity::{Intensity, RateEvent, RateShape};
use crate::workload::profile::Profile;

fn text(content: &str, options: &TraceOptions) -> Result<Trace, TraceError> {
    read(content.as_bytes(), options)
}

fn real(path: &str, options: &TraceOptions) -> Trace {
    let path = format!("{}/../shared/examples/traces/{path}", env!("CARGO_MANIFEST_DIR"));
    let file = File::open(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    read(BufReader::new(file), options).unwrap()
}

fn times(trace: &Trace) -> &[i64] {
    let Records::Timestamps { times, .. } = trace.records() else { panic!("not timestamps") };
    times
}

fn counts(trace: &Trace) -> (Span, &[u32]) {
    let Records::Counts { every, counts } = trace.records() else { panic!("not counts") };
    (*every, counts)
}

/// Arrivals in `from..to` with their durations.
fn replay(trace: &Trace, intensity: Intensity, from: i64, to: i64) -> Vec<(i64, Span)> {
    let process = Arrivals::Trace(Arc::new(trace.clone()));
    let mut generator = Generator::new(&process, intensity, Key::new(5, 0).name("trace"), SimTime(from));
    let (mut block, mut all) = (Block::default(), Vec::new());
    while block.end.0 < to {
        generator.fill(&mut block);
        assert_eq!(block.durations.len(), if trace.has_durations() { block.times.len() } else { 0 });
        let durations = block.durations.iter().copied().chain(std::iter::repeat(Span::ZERO));
        all.extend(block.times.iter().map(|time| time.0).zip(durations));
    }
    all.retain(|(time, _)| *time < to);
    all
}

#[test]
fn azure_2021_rows_arrive_at_end_minus_duration() {
    let trace = real("azure2021-invitro/Azure2021_200.csv", &TraceOptions::default());
    assert_eq!((trace.total(), trace.has_durations()), (199, true));
    // Smallest end - duration of the file: 0.07949090003967285 - 0.078, largest 1200.0147980537415.
    assert_eq!((times(&trace)[0], times(&trace)[198]), (1_490_900, 1_200_014_798_054));
    let all = replay(&trace, Intensity::flat(), -60 * NANOS, 1300 * NANOS);
    assert_eq!(all.iter().map(|a| a.0).collect::<Vec<_>>(), times(&trace));
    let seconds: f64 = all.iter().map(|a| a.1.as_secs_f64()).sum();
    assert!((seconds - 10_599.17).abs() < 1e-6, "{seconds}");
    // By function (and by the beginning of its name), and by app.
    let chosen = |name: &str| TraceOptions { functions: vec![name.into()], ..TraceOptions::default() };
    assert_eq!(real("azure2021-invitro/Azure2021_200.csv", &chosen("556ccf87")).total(), 32);
}

#[test]
fn azure_2019_counts_are_summed_over_the_chosen_functions() {
    let path = "azure2019-schema-fixtures-NOT-REAL/invocations.csv";
    let trace = real(path, &TraceOptions::default());
    assert_eq!((trace.total(), counts(&trace).0, counts(&trace).1.len()), (4525, Span::from_secs(60), 1440));
    let one = real(path, &TraceOptions { functions: vec!["c13acd".into()], ..TraceOptions::default() });
    assert_eq!(one.total(), 1150);
    let all = replay(&trace, Intensity::flat(), 0, 86_400 * NANOS);
    for (minute, count) in counts(&trace).1.iter().enumerate() {
        let within = all.iter().filter(|a| a.0.div_euclid(CELL_NANOS) == minute as i64).count();
        assert_eq!(within, *count as usize, "minute {minute}");
    }
}

#[test]
fn cloudwatch_counts_are_spread_over_their_five_minutes() {
    let trace = real("cloudwatch-nab/elb_request_count_8c0756.csv", &TraceOptions::default());
    let (every, values) = counts(&trace);
    // 4032 rows; eight times a row is missing, which is an interval without requests.
    assert_eq!((trace.total(), every, values.len(), values[0], values[1]), (249_327, Span::from_secs(300), 4040, 94, 56));
    let all = replay(&trace, Intensity::flat(), 0, trace.end().0);
    assert_eq!(all.len(), 249_327);
    let mut minutes = [0.0; 5];
    for (time, _) in &all {
        minutes[(time.rem_euclid(every.0) / CELL_NANOS) as usize] += 1.0;
    }
    for count in minutes {
        assert!((count - 49_865.4_f64).abs() < 4.0 * (249_327.0_f64 * 0.16).sqrt(), "{minutes:?}");
    }
}

#[test]
fn a_repeated_trace_goes_on_in_both_directions() {
    let repeat = TraceOptions { repeat: true, ..TraceOptions::default() };
    let trace = text("timestamp,duration\n1,0.5\n2,0.25\n5,1\n", &repeat).unwrap();
    // Mean gap (5 - 1) / 2 = 2 s after the last one.
    assert_eq!(trace.period(), Some(Span::from_secs(7)));
    let all: Vec<i64> = replay(&trace, Intensity::flat(), -7 * NANOS, 14 * NANOS).iter().map(|a| a.0 / NANOS).collect();
    assert_eq!(all, [-6, -5, -2, 1, 2, 5, 8, 9, 12]);
    let counted = text("count\n3\n0\n", &TraceOptions { every: Some(Span::from_secs(10)), ..repeat.clone() }).unwrap();
    let all: Vec<i64> =
        replay(&counted, Intensity::flat(), -20 * NANOS, 40 * NANOS).iter().map(|a| a.0.div_euclid(10 * NANOS)).collect();
    assert_eq!(all, [-2, -2, -2, 0, 0, 0, 2, 2, 2]);
    let alone = text("timestamp\n1\n2\n5\n", &TraceOptions::default()).unwrap();
    assert_eq!(replay(&alone, Intensity::flat(), -7 * NANOS, 14 * NANOS).len(), 3);
}

#[test]
fn a_factor_multiplies_recorded_arrivals_on_average() {
    let every_second = Trace::from_timestamps((0..600).map(|s| s * NANOS).collect(), Vec::new(), false, None).unwrap();
    let event = RateEvent { at: SimTime(0), end: SimTime(300 * NANOS), shape: RateShape::Step, factor: 2.5 };
    let all = replay(&every_second, Intensity::new(Arc::new(Profile::flat()), 0.0, [event]), 0, 700 * NANOS);
    let (during, after) = all.iter().partition::<Vec<_>, _>(|a| a.0 < 300 * NANOS);
    assert_eq!(after.len(), 300);
    // 300 x 2, and 300 coin tosses.
    assert!((during.len() as f64 - 750.0).abs() < 4.0 * (300.0_f64 / 4.0).sqrt(), "{}", during.len());
    // Copies share the gap evenly.
    assert!(during.iter().all(|(time, _)| time % (NANOS / 2) == 0
        || (time % NANOS - NANOS / 3).abs() < 2
        || (time % NANOS - 2 * NANOS / 3).abs() < 2));
}

#[test]
fn formats_are_detected() {
    let timestamps = [
        "0.5\n1.25\n",
        "timestamp\n3\n4\n",
        "1\n2\n4\n",
        "2026-01-31T08:30:00Z\n2026-01-31 08:30:01\n",
        "time,duration_s\n0,1\n",
        "0.5,1.5\n0.7,0.2\n",
        "\u{feff}timestamp\n1\n",
    ];
    for content in timestamps {
        assert!(matches!(text(content, &TraceOptions::default()).unwrap().records(), Records::Timestamps { .. }), "{content}");
    }
    for content in [
        "count\n5\n5\n",
        "7\n3\n9\n",
        "timestamp,value\n0,5\n60,7\n",
        "start,requests\n2026-01-31 08:30:00,1\n2026-01-31 08:31:00,2\n",
    ] {
        assert!(matches!(text(content, &TraceOptions::default()).unwrap().records(), Records::Counts { .. }), "{content}");
    }
    for content in ["5\n5\n5\n", "0,5\n60,7\n", "a,b\n1,2\n"] {
        assert!(text(content, &TraceOptions::default()).unwrap_err().message.starts_with("cannot tell"), "{content}");
    }
    let given = TraceOptions { format: Some(Format::Counts), ..TraceOptions::default() };
    assert_eq!(counts(&text("5\n5\n5\n", &given).unwrap()), (Span::from_secs(60), &[5, 5, 5][..]));
}

#[test]
fn epoch_times_and_dates_begin_at_clock_0() {
    for content in ["1700000000.25\n1700000001.5\n", "timestamp\n2026-01-31T08:30:00.25Z\n2026-01-31T08:30:01.5Z\n"] {
        assert_eq!(times(&text(content, &TraceOptions::default()).unwrap()), [0, 1_250_000_000]);
    }
    assert_eq!(times(&text("30.5\n31\n", &TraceOptions::default()).unwrap()), [30_500_000_000, 31_000_000_000]);
}

#[test]
fn broken_files_are_refused_with_line_and_cause() {
    let azure = "app,func,end_timestamp,duration\na,f,10,1\n";
    let cases = [
        ("", 0, "the trace is empty"),
        ("timestamp\n", 0, "the trace has no rows"),
        ("timestamp\n2\n1\n", 3, "times must not fall, but 1 s follows 2 s"),
        ("timestamp\n1\nsoon\n", 3, "expected a time (seconds, or a date such as 2026-01-31T08:30:00Z), but found `soon`"),
        ("timestamp\n1\n-2\n", 3, "expected a time in seconds, but found `-2`"),
        ("timestamp\n1\nNaN\n", 3, "expected a time in seconds, but found `NaN`"),
        ("timestamp\n1\n1e300\n", 3, "a time `1e300` is too large for seconds"),
        ("timestamp\n1700000000000\n", 2, "a time `1700000000000` is too large for seconds"),
        ("timestamp\n1\n2026-01-31T08:30:00Z\n", 3, "some times are dates"),
        ("timestamp,duration\n1,2\n3\n", 3, "expected 2 columns as in the first row, but found 1"),
        ("timestamp,duration\n1,2\n3,-1\n", 3, "expected a duration in seconds, but found `-1`"),
        ("timestamp\n1\n2,3\n", 3, "expected 1 columns as in the first row, but found 2"),
        ("timestamp,user\n1,a\n2\n", 3, "expected 2 columns as in the first row, but found 1"),
        ("timestamp,user,count\n0,a,1\n60,2\n", 3, "expected 3 columns as in the first row, but found 2"),
        ("count,user\n5,a\n3\n", 3, "expected 2 columns as in the first row, but found 1"),
        ("timestamp,duration\n1,2\n3,\n", 3, "expected a duration in column 2"),
        ("count\n1\n2.5\n", 3, "expected a count (a whole number from 0 to 4294967295), but found `2.5`"),
        ("count\n1\n-1\n", 3, "expected a count"),
        ("count\n1\nmany\n", 3, "expected a count, but found `many`"),
        ("count\n99999999999\n", 2, "expected a count"),
        ("timestamp,count\n0,1\n60,2\n30,1\n", 4, "expected a multiple of the interval 1min"),
        ("timestamp,count\n0,1\n60,2\n60,1\n", 4, "times must rise"),
        ("timestamp,count\n0,1\n1,2\n99000000,1\n", 4, "expected at most 10000000 intervals"),
        ("timestamp,count\n0,1\n", 0, "a single row does not tell the length of its interval"),
        ("app,func,end_timestamp,duration\na,f,10\n", 2, "expected 4 columns as in the first row, but found 3"),
        ("app,func,end_timestamp,duration\na,f,x,1\n", 2, "expected end_timestamp in seconds, but found `x`"),
        ("HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,1\n", 2, "expected 6 columns as in the first row, but found 5"),
        ("HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,1,x\n", 2, "expected a count, but found `x`"),
        ("HashOwner,HashApp,HashFunction,Trigger,1,2\n", 0, "the trace has no rows"),
    ];
    for (content, line, message) in cases {
        let error = text(content, &TraceOptions::default()).expect_err(content);
        assert_eq!(error.line, line, "{content:?}: {error}");
        assert!(error.message.starts_with(message), "{content:?}: {error}");
        assert!(!error.hint.is_empty(), "{content:?}: {error}");
    }
    let not_text = read(&b"timestamp\n\xff\xfe\n"[..], &TraceOptions::default()).unwrap_err();
    assert_eq!((not_text.line, not_text.message.as_str()), (2, "the row is not UTF-8 text"));
    let unknown = TraceOptions { functions: vec!["g".into()], ..TraceOptions::default() };
    let error = text(azure, &unknown).unwrap_err();
    assert_eq!((error.message.as_str(), error.hint.as_str()), ("no row is of the functions g", "The file has, among others: f."));
    let dense = text("count\n1\n", &TraceOptions { every: Some(Span(1)), ..TraceOptions::default() }).unwrap_err();
    assert_eq!(dense.message, "1 arrivals in 1ns are more than 10000000 a second");
    let single = text("timestamp\n5\n", &TraceOptions { repeat: true, ..TraceOptions::default() }).unwrap_err();
    assert!(single.message.starts_with("a trace with a single time cannot repeat"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(1), failure_persistence: None, ..Default::default() })]

    /// Whatever the bytes and options, a trace or an error comes back; what comes back as a trace can be replayed.
    #[test]
    fn no_input_panics(
        head in proptest::sample::select(vec!["", "timestamp\n", "timestamp,duration\n", "count\n", "timestamp,count\n",
            "app,func,end_timestamp,duration\n", "HashOwner,HashApp,HashFunction,Trigger,1,2\n"]),
        rows in proptest::collection::vec("([0-9]{1,12}|-?[0-9.e]{1,6}|[a-z,\"\n]{1,4}|(1|2)[0-9]{3}-01-01T00:00:00Z)(,[0-9.e-]{1,12}){0,5}", 0..8),
        format in proptest::option::of(proptest::sample::select(Format::ALL.to_vec())),
        every in proptest::option::of(proptest::sample::select(vec![-1, 0, 1, 60 * NANOS, i64::MAX])),
        repeat: bool,
        length in proptest::option::of(proptest::num::i64::ANY),
    ) {
        let options = TraceOptions { format: format.map(|f| f.1), every: every.map(Span), functions: Vec::new(), repeat, length: length.map(Span) };
        if let Ok(trace) = text(&format!("{head}{}", rows.join("\n")), &options) {
            let mut generator = Generator::new(&Arrivals::Trace(Arc::new(trace)), Intensity::flat(), Key::new(1, 1), SimTime(-CELL_NANOS));
            let mut block = Block::default();
            for _ in 0..20 {
                generator.fill(&mut block);
                assert!(block.times.is_sorted());
            }
        }
    }
}
