//! Synthetic traces as long as real ones, and how fast they are read.
//!
//! ```text
//! cargo run --release --example traces -- invocations 10000000 rows.csv   an invocation a row, as Azure Functions 2021
//! cargo run --release --example traces -- day 50000 folder                counts by function, as Azure Functions 2019
//! cargo run --release --example traces -- read rows.csv                   rows a second of a file
//! ```
//!
//! A day is heavy-tailed as the one described by Shahrad et al. ("Serverless in the Wild", USENIX ATC 2020, section 3): 45 % of
//! the functions are called at most once an hour and 81 % at most once a minute, log-normal between and beyond, cut at
//! 2,000,000 calls a day; durations are log-normal with median 0.68 s (mu = -0.38, sigma = 2.36), cut at 5 min; memory of the
//! applications by a Burr law with c = 11.652, k = 0.221, lambda = 107.083 MB.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Seek, Write};
use std::path::Path;
use std::time::Instant;

use faascast::random::{Key, Stream};
use faascast::workload::trace::Trace;
use faascast::workload::trace::stream::{StreamOptions, decoded, open};

type Done = Result<(), Box<dyn Error>>;

const MINUTES: usize = 1_440;
/// Most calls of a function in a day.
const MOST: f64 = 2e6;

fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["invocations", n, path] => invocations(n.parse()?, Path::new(path)),
        ["day", n, folder] => day(n.parse()?, Path::new(folder)),
        ["read", path] => read(Path::new(path)),
        _ => Err("expected invocations N FILE, day N FOLDER or read FILE".into()),
    }
}

/// A standard normal number (Box and Muller's method).
fn normal(stream: &mut Stream) -> f64 {
    let (radius, turn) = (stream.uniform_positive(), stream.uniform());
    (-2.0 * libm::log(radius)).sqrt() * libm::cos(std::f64::consts::TAU * turn)
}

/// Something like the HMAC that stands for a name.
fn hash(kind: u64, number: u64) -> String {
    let mut stream = Key::new(kind, number).stream();
    (0..4).map(|_| format!("{:016x}", stream.bits())).collect()
}

fn log_normal(stream: &mut Stream, mu: f64, sigma: f64) -> f64 {
    libm::exp(mu + sigma * normal(stream))
}

/// Two weeks of invocations of 424 functions of 119 applications, as many as the trace has, in the order in which they end.
fn invocations(n: u64, path: &Path) -> Done {
    let functions: Vec<(String, f64)> = (0..424)
        .map(|f| {
            let mut stream = Key::new(1, f).stream();
            (format!("{},{}", hash(2, f % 119), hash(3, f)), log_normal(&mut stream, 0.0, 3.0))
        })
        .collect();
    let total: f64 = functions.iter().map(|(_, weight)| weight).sum();
    let mut edge = 0.0;
    let edges: Vec<f64> = functions
        .iter()
        .map(|(_, weight)| {
            edge += weight / total;
            edge
        })
        .collect();
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "app,func,end_timestamp,duration")?;
    let mut stream = Key::new(4, 0).stream();
    for i in 0..n {
        let u = stream.uniform();
        let f = edges.partition_point(|edge| *edge < u).min(functions.len() - 1);
        let end = 600.0 + i as f64 / n as f64 * 1_209_600.0 + stream.uniform() * 10.0;
        let duration = log_normal(&mut stream, -0.38, 2.36).min(300.0);
        writeln!(out, "{},{end},{duration:.3}", functions[f].0)?;
    }
    Ok(out.flush()?)
}

fn day(n: u64, folder: &Path) -> Done {
    const TRIGGERS: [(&str, f64); 7] = [
        ("http", 0.552),
        ("timer", 0.708),
        ("queue", 0.860),
        ("orchestration", 0.930),
        ("storage", 0.958),
        ("event", 0.980),
        ("others", 1.0),
    ];
    fs::create_dir_all(folder)?;
    let file = |name: &str| File::create(folder.join(format!("{name}.anon.d01.csv"))).map(BufWriter::new);
    let (mut counts, mut durations) = (file("invocations_per_function_md")?, file("function_durations_percentiles")?);
    let mut memories = file("app_memory_percentiles")?;
    write!(counts, "HashOwner,HashApp,HashFunction,Trigger")?;
    (1..=MINUTES).try_for_each(|minute| write!(counts, ",{minute}"))?;
    writeln!(counts)?;
    writeln!(
        durations,
        "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_100"
    )?;
    writeln!(memories, "HashOwner,HashApp,SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct99")?;
    for f in 0..n {
        let mut stream = Key::new(5, f).stream();
        let owner_app = format!("{},{}", hash(6, f / 8), hash(7, f / 3));
        let name = format!("{owner_app},{}", hash(8, f));
        let u = stream.uniform();
        let trigger = TRIGGERS.iter().find(|(_, until)| u < *until).map_or("others", |(name, _)| name);
        let a_day = log_normal(&mut stream, 3.691, 4.079).min(MOST);
        write!(counts, "{name},{trigger}")?;
        for minute in 0..MINUTES {
            let wave = 1.0 + 0.4 * libm::sin(std::f64::consts::TAU * minute as f64 / MINUTES as f64);
            let mean = a_day / MINUTES as f64 * wave;
            let drawn = if mean > 30.0 {
                (mean + mean.sqrt() * normal(&mut stream)).max(0.0).round() as u64
            } else {
                poisson(&mut stream, mean)
            };
            if drawn == 0 { counts.write_all(b",0")? } else { write!(counts, ",{drawn}")? }
        }
        writeln!(counts)?;
        let mean = 1e3 * log_normal(&mut stream, -0.38, 2.36).min(300.0);
        let at = |share: f64| mean * share;
        let quantiles = [0.4, 0.7, 0.9, 1.2, 3.0].map(|share| format!("{:.1}", at(share))).join(",");
        writeln!(durations, "{name},{mean:.1},100,{:.1},{:.1},{quantiles}", at(0.4), at(3.0))?;
        if f % 3 == 0 {
            let mb = 107.083 * libm::pow(libm::pow(stream.uniform_positive(), -1.0 / 0.221) - 1.0, 1.0 / 11.652);
            writeln!(memories, "{owner_app},100,{:.0},{:.0}", mb * 0.9, mb.min(1_536.0))?;
        }
    }
    counts.flush()?;
    durations.flush()?;
    Ok(memories.flush()?)
}

/// By multiplying uniform numbers (Knuth), for small means.
fn poisson(stream: &mut Stream, mean: f64) -> u64 {
    let limit = libm::exp(-mean);
    let (mut product, mut n) = (stream.uniform(), 0);
    while product > limit {
        product *= stream.uniform();
        n += 1;
    }
    n
}

fn read(path: &Path) -> Done {
    let start = Instant::now();
    let input = decoded(BufReader::with_capacity(1 << 18, File::open(path)?))?;
    let mut trace = open(input, "trace", &StreamOptions::default(), tempfile::tempfile()?)?;
    let (mut functions, mut requests) = (0_u64, 0);
    while let Some(function) = trace.next()? {
        functions += 1;
        requests += function.trace.as_ref().map_or(0, Trace::total);
    }
    let (seconds, bytes) = (start.elapsed().as_secs_f64(), File::open(path)?.seek(std::io::SeekFrom::End(0))?);
    writeln!(
        std::io::stdout(),
        "{functions} functions, {requests} requests, {bytes} bytes in {seconds:.2} s: {:.0} requests and {:.0} MB a second",
        requests as f64 / seconds,
        bytes as f64 / 1e6 / seconds
    )?;
    Ok(())
}
