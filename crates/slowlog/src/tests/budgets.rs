//! Hostile bytes, and more of everything than is kept.

use super::{read, read_with};
use crate::{Options, Reader};
use model::{Head, Sink as _};

/// Starts of records in three formats, and bytes that break them.
fn hostile_piece() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    prop_oneof![
        Just(b"2026-11-22 06:00:00.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 1\n".to_vec()),
        Just(b"2026-11-22 06:00:01.000 UTC [7] LOG:  duration: 1000000000.000 ms  execute x: select 'a\n\t b'\n".to_vec()),
        Just(b"2026-11-22 06:00:01.000 UTC [7] LOG:  duration: 99999999999999999999.1 ms  bind x: select\n".to_vec()),
        Just(b"2020-11-22 06:00:01.000 UTC [7] LOG:  process 7 still waiting for ShareLock on transaction 5 after 10.1 ms\n".to_vec()),
        Just(b"2026-11-22 06:00:01.000 UTC [7] DETAIL:  Process holding the lock: 7. Wait queue: 7.\n".to_vec()),
        Just(b"2026-11-22 06:00:01.000 UTC [8] ERROR:  deadlock detected\n".to_vec()),
        Just(b"2026-11-22 06:00:01.000 UTC [8] DETAIL:  Process 8 waits for X on Y; blocked by process 8.\n\tProcess 8: select\n".to_vec()),
        Just(b"2026-11-22 06:00:01.000 UTC [7] LOG:  duration: 3 ms  plan:\n\tQuery Text: select 1\n".to_vec()),
        Just(b"2026-11-22 06:00:01.000 UTC [7] LOG:  duration: \n".to_vec()),
        Just(b"2026-11-22 06:00:01.000 UTC,\"u\",\"d\",7,\"h:1\",6b.1,1,\"SELECT\",2026-11-22 06:00:00 UTC,,0,LOG,00000,\"duration: 1 ms  statement: select \"\"a\"\"\n\",,,,,,,,,\"\",\"x\",,0\n".to_vec()),
        Just(b"{\"timestamp\":\"2026-11-22 06:00:01.000 UTC\",\"pid\":7,\"error_severity\":\"LOG\",\"message\":\"duration: 1 ms  statement: select \\u00e9\\n\"}\n".to_vec()),
        Just(b"\0\0\0".to_vec()), Just(b"\"".to_vec()), Just(b"\n".to_vec()), Just(b"\t".to_vec()), Just(b"\xff\xfe".to_vec()), Just(b"{".to_vec()), Just(b"\\".to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]
    #[test]
    fn any_bytes_are_read_and_the_same_for_any_cut(first in 0usize..11, pieces in proptest::collection::vec((0usize..11, hostile_piece()), 0..30), step in 1usize..200) {
        let starts: [&[u8]; 3] = [
            b"2026-11-22 06:00:00.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 1\n",
            b"2026-11-22 06:00:01.000 UTC,\"u\",\"d\",7,\"h:1\",6b.1,1,\"SELECT\",2026-11-22 06:00:00 UTC,,0,LOG,00000,\"duration: 1 ms  statement: select 1\",,,,,,,,,\"\",\"x\",,0\n",
            b"{\"timestamp\":\"2026-11-22 06:00:01.000 UTC\",\"pid\":7,\"error_severity\":\"LOG\",\"message\":\"duration: 1 ms  statement: select 1\"}\n",
        ];
        let mut bytes = starts[first % 3].to_vec();
        for (_, piece) in pieces {
            bytes.extend(piece);
        }
        // The head alone decides the format, so it is read whatever follows.
        let head = Head { path: "test.log", bytes: starts[first % 3], whole: false };
        let read = |threads: usize, step: usize| {
            let mut reader = Reader::new(&Options { threads, ..Options::default() }, &head, "test.log").unwrap();
            for part in bytes.chunks(step) {
                reader.push(part);
            }
            reader.finish()
        };
        let whole = read(1, bytes.len());
        proptest::prop_assert!(whole == read(2, step));
        let calls: u64 = whole.records.queries.iter().map(|query| query.calls).sum();
        proptest::prop_assert!(calls >= 1);
    }
}

#[test]
fn a_record_without_end_costs_no_memory_and_the_next_is_read() {
    let record = |second: u32| {
        format!("2026-11-22 06:00:{second:02}.000 UTC [7] LOG:  duration: 1.500 ms  statement: select 1\n").into_bytes()
    };
    let mut bytes = record(1);
    bytes.extend(b"2026-11-22 06:00:02.000 UTC [7] LOG:  duration: 2.000 ms  statement: select '");
    bytes.resize(bytes.len() + 5_000_000, b'x');
    bytes.extend(b"'\n");
    bytes.extend(record(3));
    bytes.resize(bytes.len() + 3_000_000, b'\n');
    bytes.extend(record(4));
    let parsed = read(&bytes);
    let source = &parsed.records.sources[0];
    assert_eq!(source.phases.statement.calls, 4);
    assert_eq!(source.lines, 4 + 3_000_000);
    assert_eq!(source.bytes, bytes.len() as u64);
    assert!(
        parsed.issues.iter().any(|issue| issue.reason.contains("longer than a block")),
        "{:?}",
        parsed.issues
    );
}

#[test]
fn more_queries_than_the_budget_become_one_row_and_it_is_said() {
    let mut bytes = Vec::new();
    for n in 0..34_000u32 {
        bytes.extend(format!("2026-11-22 06:00:00.000 UTC [7] LOG:  duration: {}.000 ms  statement: select c{n} from t\n", 1 + n % 977).into_bytes());
    }
    let one = read(&bytes);
    let log = &one.records;
    assert_eq!(log.queries.len(), crate::queries::QUERIES_MAX + 1);
    let other = log.queries.last().unwrap();
    assert_eq!(other.fingerprint_id, crate::OTHER_ID);
    assert_eq!(log.queries.iter().map(|query| query.calls).sum::<u64>(), 34_000);
    assert_eq!(log.minutes.iter().map(|minute| minute.calls).sum::<u64>(), 34_000);
    assert!(one.coverage.limits.iter().any(|limit| limit == "further queries as one"));
    assert!(one == read_with(&Options { threads: 3, ..Options::default() }, &bytes, 9_999));
}

#[test]
fn spans_become_longer_when_there_are_too_many_and_it_is_said() {
    let mut bytes = Vec::new();
    for n in 0..200_000u64 {
        let at = chrono::DateTime::from_timestamp(1_795_000_000 + (n as i64) * 60, 0).unwrap();
        bytes.extend(
            format!(
                "{} UTC [7] LOG:  duration: {}.000 ms  statement: select 1\n",
                at.format("%Y-%m-%d %H:%M:%S.000"),
                1 + n % 100
            )
            .into_bytes(),
        );
    }
    let parsed = read(&bytes);
    assert!(
        parsed.coverage.limits.iter().any(|limit| limit.starts_with("spans of ")),
        "{:?}",
        parsed.coverage.limits
    );
    assert_eq!(parsed.records.minutes.iter().map(|minute| minute.calls).sum::<u64>(), 200_000);
    assert_eq!(parsed.records.load.iter().map(|load| load.calls).sum::<u64>(), 200_000);
}

#[test]
fn what_belongs_together_is_found_although_queries_were_shed_in_between() {
    // Statements and their durations stand farther apart than a block, in a log in which every
    // other statement is a new query.
    let mut text = String::new();
    let mut open: std::collections::VecDeque<u32> = std::collections::VecDeque::new();
    for n in 0..40_000u32 {
        text.push_str(&format!("2026-11-22 06:00:00.000 UTC [7] LOG:  duration: 900.000 ms  statement: select c{n} from t where x = 'some text to make it long'\n"));
        if n % 2_000 == 0 {
            let pid = 100 + n / 2_000;
            text.push_str(&format!("2026-11-22 06:00:00.000 UTC [{pid}] LOG:  statement: select d from u where y = {n}\n"));
            open.push_back(pid);
        }
        if n % 2_000 == 1_999
            && open.len() > 9
            && let Some(pid) = open.pop_front()
        {
            text.push_str(&format!(
                "2026-11-22 06:00:00.000 UTC [{pid}] LOG:  duration: 5000.000 ms\n"
            ));
        }
    }
    for pid in open {
        text.push_str(&format!(
            "2026-11-22 06:00:00.000 UTC [{pid}] LOG:  duration: 5000.000 ms\n"
        ));
    }
    let one = read(text.as_bytes());
    assert!(one.coverage.limits.iter().any(|limit| limit == "further queries as one"));
    let phases = one.records.sources[0].phases;
    assert_eq!((phases.unpaired.calls, phases.statement.calls), (0, 40_020));
    let query = &one.records.queries[0];
    assert_eq!((query.fingerprint.as_str(), query.calls), ("select d from u where y = ?", 20));
    assert!(
        one == read_with(&Options { threads: 16, ..Options::default() }, text.as_bytes(), 77_777)
    );
}

#[test]
fn a_mysql_log_of_ever_new_queries_is_bounded_and_the_same_for_any_threads() {
    let mut text = String::new();
    for n in 0..30_000u32 {
        text.push_str(&format!("# Time: 2026-11-22T06:00:00.000000Z\n# User@Host: u[u] @ h []  Id: 5\n# Query_time: 0.{:06}  Lock_time: 0.5 Rows_sent: 1  Rows_examined: 7\nSET timestamp=1795327200;\nselect c{n} from t;\n", 1 + n % 977));
    }
    let one = read(text.as_bytes());
    let queries = &one.records.queries;
    assert_eq!(queries.len(), crate::queries::QUERIES_MAX + 1);
    assert!(one.coverage.limits.iter().any(|limit| limit == "further queries as one"));
    assert_eq!(queries.iter().map(|query| query.calls).sum::<u64>(), 30_000);
    assert_eq!(queries.iter().filter_map(|query| query.rows_examined).sum::<u64>(), 210_000);
    let worked: u64 = one.records.minutes.iter().filter_map(|m| m.work.as_ref()?.lock_us).sum();
    assert_eq!(worked, 30_000 * 500_000);
    assert!(
        one == read_with(&Options { threads: 5, ..Options::default() }, text.as_bytes(), 9_999)
    );
}
