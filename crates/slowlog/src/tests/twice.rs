//! The same events, given twice.

use super::read;
use crate::{SlowLog, SlowSource};

fn record(n: u32) -> (String, u32, u32) {
    (
        format!("2026-11-22 06:{:02}:{:02}.{:03} UTC", n / 60 % 60, n % 60, n % 997),
        100 + n % 7,
        1 + n % 13,
    )
}

fn stderr(range: std::ops::Range<u32>) -> String {
    range
        .map(|n| {
            let (at, pid, ms) = record(n);
            format!("{at} [{pid}] mm@mm LOG:  duration: {ms}.250 ms  statement: select {n}\n")
        })
        .collect()
}

fn csv(range: std::ops::Range<u32>) -> String {
    range
        .map(|n| {
            let (at, pid, ms) = record(n);
            format!("{at},\"mm\",\"mm\",{pid},\"[local]\",6b.{pid:x},{n},\"SELECT\",2026-11-22 05:00:00 UTC,4/2,0,LOG,00000,\"duration: {ms}.250 ms  statement: select {n}\",,,,,,,,,\"\",\"client backend\",,0\n")
        })
        .collect()
}

fn log(label: &str, text: &str) -> SlowLog {
    let mut log = read(text.as_bytes()).records;
    log.sources[0].label = label.to_owned();
    log
}

fn merged(logs: &[SlowLog]) -> SlowLog {
    let mut sum = logs[0].clone();
    for log in &logs[1..] {
        sum.merge(log.clone());
    }
    sum
}

fn calls(log: &SlowLog) -> u64 {
    log.queries.iter().map(|query| query.calls).sum()
}

#[test]
fn the_same_events_count_once_as_a_copy_and_in_another_format() {
    let logs = [
        log("a.log", &stderr(0..500)),
        log("copy.log", &stderr(0..500)),
        log("a.csv", &csv(0..500)),
        log("b.log", &stderr(500..700)),
    ];
    let sum = merged(&logs);
    assert_eq!(calls(&sum), 700);
    let same: Vec<(&str, Option<&str>)> =
        sum.sources.iter().map(|it| (it.label.as_str(), it.same_as.as_deref())).collect();
    assert_eq!(
        same,
        [("a.csv", Some("a.log")), ("a.log", None), ("b.log", None), ("copy.log", Some("a.log"))]
    );
}

#[test]
fn an_overlap_is_said_with_its_size() {
    let sum = merged(&[log("1.log", &stderr(0..400)), log("2.log", &stderr(350..600))]);
    assert_eq!(calls(&sum), 650);
    let second: &SlowSource = &sum.sources[1];
    assert_eq!(second.overlaps, [("1.log".to_owned(), 50)]);
}

#[test]
fn logs_of_other_nodes_are_not_taken_for_each_other() {
    let other = stderr(0..500).replace(".250 ms", ".251 ms");
    let sum = merged(&[log("node-1.log", &stderr(0..500)), log("node-2.log", &other)]);
    assert_eq!(calls(&sum), 1_000);
    assert!(sum.sources.iter().all(|it| it.same_as.is_none() && it.overlaps.is_empty()));
}
