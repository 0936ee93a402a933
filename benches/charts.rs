//! How fast charts are drawn: 2, 8 and 100 series of a day of minutes, as PNG and SVG.
//!
//! `cargo bench -p report` prints wall and CPU seconds of the best of three runs.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench reads its own CPU time")]

use chrono::{DateTime, TimeDelta, Utc};
use model::Window;
use report::charts::{ChartSeries, ChartSpec, png, svg};
use std::time::Instant;
use text::Text;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = DateTime::from_timestamp(1_770_000_000, 0).unwrap_or_default();
    for n_series in [2, 8, 100] {
        let window = Window { start, end: start + TimeDelta::minutes(1440) };
        let spec = ChartSpec {
            title: Text::ours("API latency"),
            unit: "s".to_owned(),
            window,
            series: (0..n_series).map(|nth| line(nth, start)).collect(),
            incident: Some(Window { start: start + TimeDelta::minutes(1200), ..window }),
            goes_on: false,
            onset: Some(start + TimeDelta::minutes(1200)),
            thresholds: Vec::new(),
            customer_tz: None,
            n_elsewhere: 0,
        };
        assert!(svg(&spec)?.contains("API latency"), "the made chart is valid");
        for (form, draw) in [
            ("png", (|spec| png(spec).map(|png| png.len())) as fn(&ChartSpec) -> _),
            ("svg", |spec| svg(spec).map(|svg| svg.len())),
        ] {
            let (mut wall, mut cpu, mut bytes) = (f64::MAX, f64::MAX, 0);
            for _ in 0..3 {
                let (begin, before) = (Instant::now(), cpu_s());
                bytes = draw(&spec)?;
                wall = wall.min(begin.elapsed().as_secs_f64());
                cpu = cpu.min(cpu_s() - before);
            }
            println!(
                "{form} of {n_series} series: wall {wall:.3} s, cpu {cpu:.3} s, {bytes} bytes"
            );
        }
    }
    Ok(())
}

fn line(nth: u32, start: DateTime<Utc>) -> ChartSeries {
    let points = (0..1441_u32)
        .map(|minute| {
            let value = 0.4 + f64::from((minute * 7919 + nth * 104_729) % 997) / 4000.0;
            let value = if minute > 1200 { value * 9.0 } else { value };
            (start + TimeDelta::minutes(i64::from(minute)), Some(value))
        })
        .collect();
    ChartSeries { label: Text::ours(format!("p99-app-{nth}:8067")), points }
}

/// CPU seconds of this thread.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
