//! Cases of a bench in processes of their own: their time, and the most memory that they had.

use std::process::Command;
use std::time::Instant;

/// The arguments of a case; none for the whole bench. What the test harness adds is left out.
pub(crate) fn arguments() -> Vec<String> {
    std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect()
}

/// Runs a case a number of times, each in a process: the row of the fastest.
pub(crate) fn repeated(case: &[&str], times: usize) -> String {
    let program = std::env::current_exe().unwrap();
    let rows = (0..times).map(|_| {
        let out = Command::new(&program).args(case).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    });
    let speed = |row: &String| row.trim().rsplit(',').nth(1).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    rows.max_by(|a, b| speed(a).total_cmp(&speed(b))).unwrap_or_default()
}

/// Seconds of the processor's time that it takes: what else the machine does then counts little. Where the system does not tell,
/// seconds that pass.
pub(crate) fn timed(mut run: impl FnMut()) -> f64 {
    /// The system adds up at its ticks: what takes less is run again and again.
    const TICKS: f64 = 0.2;
    let (from, before) = (Instant::now(), on_processor());
    let mut times = 0.0;
    loop {
        run();
        times += 1.0;
        let passed = match (before, on_processor()) {
            (Some(before), Some(after)) => after - before,
            _ => from.elapsed().as_secs_f64(),
        };
        if passed > TICKS {
            return passed / times;
        }
    }
}

/// Seconds on a processor so far, where the system tells.
fn on_processor() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

/// Prints name, settings, seconds, requests a second and the process's peak memory in MiB.
pub(crate) fn row(name: &str, settings: &[f64], requests: f64, seconds: f64) {
    let settings: Vec<String> = settings.iter().map(f64::to_string).collect();
    println!("{name},{},{seconds:.6},{:.0},{:.1}", settings.join(","), requests / seconds, peak_mib());
}

/// Most memory so far in MiB; 0 where the system does not tell.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
    peak.unwrap_or(0.0) / 1024.0
}

/// The first lines of a table: the machine and how busy it is, then the columns. The date is the system's.
#[allow(dead_code, reason = "not every bench keeps its table itself")]
pub(crate) fn heading(columns: &str) -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let information = read("/proc/cpuinfo");
    let model = information.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let load = read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned();
    let today = jiff::Timestamp::now().to_string().chars().take(10).collect::<String>();
    format!("# {today}, {cores} cores of {}, load {load} at the start\n{columns}\n", model.trim_start_matches(['\t', ' ', ':']))
}
