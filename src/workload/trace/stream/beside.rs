//! The tables beside a trace of Azure Functions 2019: durations by function, memory by application.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::super::TraceError;
use super::fields::{Header, Role};
use super::lines::Lines;
use super::wide::milliseconds;
use crate::units::Bytes;
use crate::workload::distribution::Distribution;

/// Columns of percentiles of durations.
const PERCENTILES: [(&str, f64); 7] = [
    ("percentile_Average_0", 0.0),
    ("percentile_Average_1", 0.01),
    ("percentile_Average_25", 0.25),
    ("percentile_Average_50", 0.5),
    ("percentile_Average_75", 0.75),
    ("percentile_Average_99", 0.99),
    ("percentile_Average_100", 1.0),
];

/// Columns of an application's memory in MB, the first that is there counts.
const MEMORY: [&str; 3] = ["AverageAllocatedMb_pct99", "AverageAllocatedMb_pct95", "AverageAllocatedMb"];

/// Durations in seconds by function: the recorded percentiles, scaled so that their mean is the recorded one (they are
/// percentiles of averages over half a minute, and what one pays for is the mean). A table with an average alone gives
/// constants.
///
/// # Errors
/// The place in the file, what is wrong and what to do about it.
pub fn durations<R: BufRead>(input: R) -> Result<BTreeMap<String, Distribution>, TraceError> {
    let mut lines = Lines::new(input);
    lines.next()?;
    let header = Header::of(&lines);
    let named: Vec<String> = lines.fields().map(str::to_owned).collect();
    let (Some(function), Some(average)) = (header.find(Role::Function), header.find(Role::AverageMs)) else {
        let hint = "The first row must be HashOwner,HashApp,HashFunction,Average,…";
        return Err(lines.wrong("the durations have no column `HashFunction`, or none `Average`", hint));
    };
    let place = |(name, p): &(&str, f64)| Some((named.iter().position(|column| column == name)?, *p));
    let percentiles: Vec<(usize, f64)> = PERCENTILES.iter().filter_map(place).collect();
    let mut all = BTreeMap::new();
    while lines.next()? {
        lines.expect(named.len())?;
        let mean = milliseconds(&lines, average)?;
        let mut points = Vec::with_capacity(percentiles.len());
        let mut least = 0.0_f64;
        for (column, p) in &percentiles {
            least = least.max(milliseconds(&lines, *column)?);
            points.push((*p, least));
        }
        let law = law(mean, &points);
        all.insert(lines.get(function).to_owned(), law);
    }
    Ok(all)
}

/// A law with this mean in the shape of these quantiles.
fn law(mean: f64, points: &[(f64, f64)]) -> Distribution {
    let constant = || Distribution::Constant(mean);
    let shape = Distribution::quantiles(points).ok().map_or(0.0, |shape| shape.mean());
    if shape <= 0.0 || points.first().map(|p| p.1) == points.last().map(|p| p.1) {
        return constant();
    }
    let scaled: Vec<(f64, f64)> = points.iter().map(|(p, value)| (*p, value * mean / shape)).collect();
    Distribution::quantiles(&scaled).unwrap_or_else(|_| constant())
}

/// Memory by application, or by function where the table names them: the 99th percentile of what was allocated, or the
/// nearest column to it.
///
/// # Errors
/// The place in the file, what is wrong and what to do about it.
pub fn memories<R: BufRead>(input: R) -> Result<BTreeMap<String, Bytes>, TraceError> {
    let mut lines = Lines::new(input);
    lines.next()?;
    let header = Header::of(&lines);
    let named: Vec<String> = lines.fields().map(str::to_owned).collect();
    let column = MEMORY.iter().find_map(|wanted| named.iter().position(|name| name == wanted));
    let (Some(owner), Some(column)) = (header.find(Role::Function).or(header.find(Role::App)), column) else {
        let hint = "The first row must be HashOwner,HashApp,SampleCount,AverageAllocatedMb,…";
        return Err(lines.wrong("the table of memory has no column `HashApp`, or none `AverageAllocatedMb`", hint));
    };
    let mut all = BTreeMap::new();
    while lines.next()? {
        lines.expect(named.len())?;
        let text = lines.get(column);
        let mb = text
            .parse::<f64>()
            .ok()
            .filter(|mb| (0.0..1e9).contains(mb))
            .ok_or_else(|| lines.wrong(&format!("expected megabytes, but found `{text}`"), "Write a number such as 120."))?;
        all.insert(lines.get(owner).to_owned(), Bytes((mb * f64::from(1 << 20)) as u64));
    }
    Ok(all)
}
