//! How fast changes are found and clocks compared: 10, 100 and 1,000 signals of a day of minutes,
//! and 1,000 of every shape that data has.
//!
//! `cargo bench -p diagnosis` prints wall and CPU seconds of the best of three runs.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench reads its own CPU time")]

use chrono::DateTime;
use diagnosis::{Options, changes, clock_offset, incident};
use model::{Place, Signal, SignalKind};
use std::time::Instant;

fn main() {
    for n_signals in [10, 100, 1000] {
        let signals: Vec<Signal> = (0..n_signals).map(signal).collect();
        let found = changes(&signals, &Options::default()).len();
        assert!(found * 4 >= n_signals, "every fourth signal has a step: {found}");
        report(&format!("changes of {n_signals} signals"), || {
            changes(&signals, &Options::default()).len()
        });
    }
    for (name, shape) in SHAPES {
        let signals: Vec<Signal> = (0..1000).map(|seed| shaped(seed, *shape)).collect();
        report(&format!("changes of 1000 signals, {name}"), || {
            changes(&signals, &Options::default()).len()
        });
        let found = changes(&signals, &Options::default());
        report(&format!("incident of 1000 signals, {name}"), || {
            usize::from(incident(&found, &signals).is_some())
        });
    }
    let counts = |seed| Signal { unit: "count".to_owned(), ..signal(seed) };
    let (a, b) = (counts(4), counts(8));
    report("offset of two clocks", || usize::from(clock_offset(&a, &b).is_some()));
}

fn report(what: &str, run: impl Fn() -> usize) {
    let (mut wall, mut cpu, mut found) = (f64::MAX, f64::MAX, 0);
    for _ in 0..3 {
        let (begin, before) = (Instant::now(), cpu_s());
        found = run();
        wall = wall.min(begin.elapsed().as_secs_f64());
        cpu = cpu.min(cpu_s() - before);
    }
    println!("{what}: wall {wall:.4} s, cpu {cpu:.4} s, {found} found");
}

/// A day of minutes with noise and a day's course; every fourth has a step in the evening.
fn signal(seed: usize) -> Signal {
    let mut state = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let values = (0..1441_u32)
        .map(|minute| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let noise = 1.0 + ((state >> 33) % 1000) as f64 / 5000.0;
            let day = 1.0 + 0.4 * (f64::from(minute) / 230.0).sin();
            let step = if seed.is_multiple_of(4) && minute > 1200 { 6.0 } else { 1.0 };
            Some(40.0 * noise * day * step)
        })
        .collect();
    Signal {
        id: format!("series:{seed}"),
        kind: SignalKind::Http,
        metric: "http-requests".to_owned(),
        subject: String::new(),
        node: format!("app-{seed}"),
        unit: "1/s".to_owned(),
        start: DateTime::from_timestamp(1_770_000_000, 0).unwrap_or_default(),
        step_s: 60,
        values,
        higher_is_worse: false,
        floor: 1.0,
        place: Place { source: "x.csv".to_owned(), location: "column:2".to_owned() },
    }
}

/// A value of a shape: what came before, the minute, and chance.
type Shape = fn(Option<f64>, u32, &mut Chance) -> Option<f64>;

/// The shapes, from the one that costs least.
const SHAPES: &[(&str, Shape)] = &[
    ("quiet", |_, _, chance| Some(0.4 + 0.05 * chance.next())),
    ("drift", |_, minute, chance| {
        Some((0.4 + 0.3 * (f64::from(minute) / 230.0).sin()) * (1.0 + 0.2 * chance.next()))
    }),
    ("noisy", |_, _, chance| Some(2.0 * chance.next())),
    ("heavy tail", |_, _, chance| Some((2.0 * chance.normal() - 1.0).exp())),
    ("many steps", |level, _, chance| match level {
        Some(level) if chance.next() > 0.025 => Some(level),
        _ => Some((6.0 * chance.next() - 3.0).exp()),
    }),
    ("random walk", |level, _, chance| {
        Some((level.unwrap_or(1.0) * (0.15 * chance.normal()).exp()).clamp(1e-3, 1e3))
    }),
    ("counters", |count, _, chance| match count {
        Some(count) if chance.next() > 0.003 => Some(count + (500.0 * chance.next()).floor()),
        _ => Some(0.0),
    }),
    ("mostly zero", |_, _, chance| {
        Some(if chance.next() < 0.6 { 0.0 } else { -chance.next().max(1e-9).ln() })
    }),
    ("mostly gaps", |_, _, chance| (chance.next() < 0.15).then(|| 0.4 + chance.next())),
];

/// Numbers that look like chance and are the same in every run.
struct Chance(u64);

impl Chance {
    /// From 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of mean 0 and deviation 1, nearly.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// A day of minutes of a shape.
fn shaped(seed: usize, shape: Shape) -> Signal {
    let mut chance = Chance((seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut before = None;
    let values = (0..1441)
        .map(|minute| {
            before = shape(before, minute, &mut chance);
            before
        })
        .collect();
    Signal { values, kind: SignalKind::Http, floor: 0.1, ..signal(seed) }
}

/// CPU seconds of this thread.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
