//! How fast exports are read: joined CSV of Grafana, 10, 100 and 1,000 series of a day of minutes.
//!
//! `cargo bench -p metrics` prints wall and CPU seconds of the best of three runs.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench reads its own CPU time")]

use metrics::{Options, parse};
use std::fmt::Write as _;
use std::time::Instant;

/// Points of a series: a day of minutes and one.
const POINTS: u64 = 1441;

fn main() {
    for n_series in [10, 100, 1000] {
        let text = export(n_series);
        let parsed = parse(NAME, text.as_bytes(), &Options::default());
        assert_eq!(parsed.records.series.len(), n_series, "the made export is valid");
        let (mut wall, mut cpu) = (f64::MAX, f64::MAX);
        for _ in 0..3 {
            let (begin, before) = (Instant::now(), cpu_s());
            let parsed = parse(NAME, text.as_bytes(), &Options::default());
            assert!(!parsed.records.series.is_empty());
            wall = wall.min(begin.elapsed().as_secs_f64());
            cpu = cpu.min(cpu_s() - before);
        }
        let mb = text.len() as f64 / 1e6;
        println!(
            "{n_series:5} series, {mb:5.1} MB: wall {wall:.3} s, cpu {cpu:.3} s, {:.0} MB/s",
            mb / wall
        );
    }
}

const NAME: &str = "API Latency-data-as-joinbyfield-2025-03-12 09_10_00.csv";

/// A joined export with raw values, as Grafana writes it.
fn export(n_series: usize) -> String {
    let mut out = "\"Time\"".to_owned();
    for series in 0..n_series {
        let _ = write!(out, ",\"p99-app-{series}:8067\"");
    }
    let mut state = 7_u64;
    for point in 0..POINTS {
        let _ = write!(out, "\r\n{}", 1_741_770_000_000 + point * 60_000);
        for _ in 0..n_series {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let _ = write!(out, ",{}", 0.4 + (state >> 33) as f64 / 1e11);
        }
    }
    out
}

/// CPU seconds of this thread.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
