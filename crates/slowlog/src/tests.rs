//! Whole logs through the reader.
#![expect(clippy::disallowed_methods, reason = "tests read samples")]

use crate::{EventClass, Options, Reader, SlowLog};
use model::{Head, Parsed, Sink as _};

pub(crate) fn read_with(options: &Options, bytes: &[u8], step: usize) -> Parsed<SlowLog> {
    let head = Head {
        path: "test.log",
        bytes: &bytes[..bytes.len().min(64 * 1024)],
        whole: bytes.len() <= 64 * 1024,
    };
    let mut reader = Reader::new(options, &head, "test.log").unwrap();
    for part in bytes.chunks(step) {
        reader.push(part);
    }
    reader.finish()
}

pub(crate) fn read(bytes: &[u8]) -> Parsed<SlowLog> {
    read_with(&Options::default(), bytes, 65_536)
}

/// Asserts part by part, so that a difference is named.
fn assert_same(one: &Parsed<SlowLog>, other: &Parsed<SlowLog>) {
    let (a, b) = (&one.records, &other.records);
    assert_eq!(a.sources, b.sources);
    for (a, b) in a.queries.iter().zip(&b.queries) {
        assert_eq!(a, b, "{:?} {:?}", a.sample.untrusted(), b.sample.untrusted());
    }
    assert_eq!(a.minutes, b.minutes);
    assert_eq!(a.locks, b.locks);
    assert_eq!(a.events, b.events);
    assert_eq!(a.ddl, b.ddl);
    assert_eq!(a.load, b.load);
    assert_eq!(one.coverage, other.coverage);
    assert_eq!(one, other);
}

/// A file beside the repository that a check of the whole may use; `None`, said, when absent.
fn sample(name: &str) -> Option<Vec<u8>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/slowlog")
        .join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(_) => {
            println!("skipped: {name} is not here");
            None
        }
    }
}

#[test]
fn counts_and_sums_are_exact_on_a_long_real_log() {
    let Some(packed) = sample("pg_stderr_60m.log.zst") else { return };
    let bytes = zstd::decode_all(packed.as_slice()).unwrap();
    let one = read_with(&Options::default(), &bytes, 1_000_003);
    let phases = one.records.sources[0].phases;
    assert_eq!((phases.execute.calls, phases.statement.calls), (34_278, 777));
    assert_eq!(phases.execute.total_us + phases.statement.total_us, 17_725_054);
    assert_eq!((phases.parse.calls, phases.bind.calls), (34_348, 34_347));
    let calls: u64 = one.records.queries.iter().map(|query| query.calls).sum();
    let total: u64 = one.records.queries.iter().map(|query| query.total_us).sum();
    assert_eq!((calls, total), (34_278 + 777, 17_725_054));
    let minutes: u64 = one.records.minutes.iter().map(|minute| minute.calls).sum();
    assert_eq!(minutes, calls);
    let four = read_with(&Options { threads: 4, ..Options::default() }, &bytes, 4096);
    assert_same(&one, &four);
}

#[test]
fn three_formats_of_the_same_events_give_the_same_tables() {
    let (Some(stderr), Some(csv), Some(json)) =
        (sample("pg_events_all.log"), sample("pg_events_all.csv"), sample("pg_events_all.json"))
    else {
        return;
    };
    // The samples hold as many lines of each: the first records are the same events.
    let n = 60;
    let starts = |bytes: &[u8], is_start: fn(&[u8]) -> bool| -> usize {
        let mut at = 0;
        let mut seen = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            seen += usize::from(is_start(line));
            if seen > n {
                break;
            }
            at += line.len();
        }
        at
    };
    let stderr = &stderr[..starts(&stderr, |line| {
        line.starts_with(b"2026-")
            && !line.windows(9).any(|part| part == b" DETAIL: ")
            && !line.windows(12).any(|part| part == b" STATEMENT: ")
    })];
    let csv = &csv[..starts(&csv, |line| line.starts_with(b"2026-"))];
    let json = &json[..starts(&json, |line| line.starts_with(b"{"))];
    let tables = |bytes: &[u8]| {
        let mut log = read(bytes).records;
        for query in &mut log.queries {
            query.first_place = model::Place::default();
            query.max_place = model::Place::default();
        }
        for lock in &mut log.locks {
            lock.place = model::Place::default();
        }
        for event in &mut log.events {
            event.place = model::Place::default();
        }
        for ddl in &mut log.ddl {
            ddl.place = model::Place::default();
        }
        log
    };
    let (stderr, csv, json) = (tables(stderr), tables(csv), tables(json));
    for (name, other) in [("csv", csv), ("json", json)] {
        assert_eq!(stderr.sources[0].phases, other.sources[0].phases, "{name}");
        assert_eq!(stderr.queries, other.queries, "{name}");
        assert_eq!(stderr.minutes, other.minutes, "{name}");
        assert_eq!(stderr.locks, other.locks, "{name}");
        assert_eq!(stderr.events, other.events, "{name}");
        assert_eq!(stderr.event_minutes, other.event_minutes, "{name}");
        assert_eq!(stderr.ddl, other.ddl, "{name}");
        assert_eq!(stderr.connections, other.connections, "{name}");
        assert_eq!(stderr.load, other.load, "{name}");
    }
}

#[test]
fn samples_of_every_prefix_are_read_whole() {
    for (name, format) in [
        ("pg_azure.log", "postgresql stderr"),
        ("pg_csvlog.csv", "postgresql csvlog"),
        ("pg_jsonlog.json", "postgresql jsonlog"),
        ("pg_libpq_default_3roundtrip.log", "postgresql stderr"),
        ("pg_log_duration_all.log", "postgresql stderr"),
        ("pg_pgbadger_t.log", "postgresql stderr"),
        ("pg_pgdefault.log", "postgresql stderr"),
        ("pg_rds.log", "postgresql stderr"),
        ("pg_replica_conflict.log", "postgresql stderr"),
        ("pg_stderr.log", "postgresql stderr"),
        ("pg_verbose.log", "postgresql stderr"),
    ] {
        let Some(bytes) = sample(name) else { return };
        let parsed = read(&bytes);
        let source = &parsed.records.sources[0];
        println!(
            "{name}: {} records, prefix {:?}, unknown {}, {:?}, limits {:?}, {} queries, {} events, issues {:?}",
            source.records,
            source.prefix,
            source.unknown_lines,
            source.phases,
            source.limits,
            parsed.records.queries.len(),
            parsed.records.events.len(),
            parsed.issues.iter().collect::<Vec<_>>()
        );
        assert_eq!(source.format, format, "{name}");
        // The samples are the first lines of logs: the last row may be cut.
        assert!(source.unknown_lines <= 1, "{name}");
        assert!(source.records > 10, "{name}");
        assert_eq!(
            source.lines,
            bytes.iter().filter(|byte| **byte == b'\n').count() as u64
                + u64::from(!bytes.ends_with(b"\n")),
            "{name}"
        );
    }
}

/// Reads with blocks of another size.
fn read_in_blocks(bytes: &[u8], block: usize) -> Parsed<SlowLog> {
    let found = crate::pg::layout::recognise(bytes, true, None).unwrap();
    let mut run =
        crate::pg::run::Run::new(found.layout, true, 1, None, false, "test.log").with_block(block);
    run.push(bytes);
    crate::pg::report::parsed(run, found.name)
}

#[test]
fn blocks_cut_at_any_record_change_nothing() {
    for name in [
        "pg_events_all.log",
        "pg_csvlog.csv",
        "pg_events_all.json",
        "pg_replica_conflict.log",
        "pg_rds.log",
        "pg_verbose.log",
        "pg_log_duration_all.log",
    ] {
        let Some(bytes) = sample(name) else { return };
        let whole = read_in_blocks(&bytes, 1 << 20);
        // No record of the samples is longer than the smallest block.
        let longest = 6_000;
        for block in (longest..longest + 1_500).step_by(7).chain([bytes.len() / 2, bytes.len() - 1])
        {
            assert_same(&whole, &read_in_blocks(&bytes, block));
        }
    }
}

/// The database logs of the incident cases beside the repository.
fn cases() -> Vec<(String, Vec<u8>)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/dev");
    let Ok(cases) = std::fs::read_dir(root) else {
        println!("skipped: the cases are not here");
        return Vec::new();
    };
    let mut out = Vec::new();
    for case in cases.flatten() {
        for file in std::fs::read_dir(case.path().join("input")).into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            if (name.starts_with("postgresql") || name.contains("-db_postgresql"))
                && !name.ends_with(".gz")
            {
                out.push((
                    format!("{} {name}", case.file_name().to_string_lossy()),
                    std::fs::read(file.path()).unwrap(),
                ));
            }
        }
    }
    out.sort();
    out
}

#[test]
fn logs_of_incidents_are_read_whole() {
    for (name, bytes) in cases() {
        let parsed = read(&bytes);
        let log = &parsed.records;
        let source = &log.sources[0];
        println!(
            "== {name}: {} {:?} records {} unknown {} threshold {:?} {:?} limits {:?} issues {:?}",
            source.format,
            source.prefix,
            source.records,
            source.unknown_lines,
            source.threshold_us,
            source.severities,
            source.limits,
            parsed.issues
        );
        for query in log.queries.iter().take(4) {
            println!(
                "   {} {} calls {} total {} p95 {} max {} {:?} {:.80}",
                query.fingerprint_id,
                query.kind.as_str(),
                query.calls,
                query.total_us,
                query.quantile_us(0.95),
                query.max_us,
                query.clients.len(),
                query.fingerprint
            );
        }
        for event in &log.events {
            println!(
                "   {} / {} / {} x{} amount {} {} {} | {}",
                event.class.as_str(),
                event.cause,
                event.subject.untrusted(),
                event.calls,
                event.amount,
                event.first_at,
                event.fingerprint_id.as_deref().unwrap_or(""),
                event.sample.untrusted()
            );
        }
        for lock in log.locks.iter().take(5) {
            println!("   lock {:?}", lock);
        }
        println!(
            "   ddl {:?} connections {} load {}",
            log.ddl,
            log.connections.len(),
            log.load.len()
        );
        assert_eq!(source.unknown_lines, 0, "{name}");
        assert!(source.records > 100, "{name}");
        assert!(log.queries.iter().map(|query| query.calls).sum::<u64>() > 0, "{name}");
    }
}

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
    for n in 0..14_000u32 {
        bytes.extend(format!("2026-11-22 06:00:00.000 UTC [7] LOG:  duration: {}.000 ms  statement: select c{n} from t\n", 1 + n % 977).into_bytes());
    }
    let one = read(&bytes);
    let log = &one.records;
    assert_eq!(log.queries.len(), crate::queries::QUERIES_MAX + 1);
    let other = log.queries.last().unwrap();
    assert_eq!(other.fingerprint_id, crate::OTHER_ID);
    assert_eq!(log.queries.iter().map(|query| query.calls).sum::<u64>(), 14_000);
    assert_eq!(log.minutes.iter().map(|minute| minute.calls).sum::<u64>(), 14_000);
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
fn collectors_and_wrappers_are_seen_through() {
    let statement = "duration: 1500.250 ms  statement: select a\nfrom t where b = 5";
    let logs: Vec<(&str, String)> = vec![
        ("postgresql syslog", format!("Feb 11 13:15:40 db1 postgres[77]: [7-1] db=mattermost,user=mmuser LOG:  {}\n", statement.replace('\n', "\nFeb 11 13:15:40 db1 postgres[77]: [7-2] #011"))),
        ("postgresql syslog", format!("2024-02-11T13:15:40.123456+00:00 db1 postgres[77]: [7-1] 2024-02-11 13:15:40 UTC [77]: db=mattermost,user=mmuser LOG:  {}\n", statement.replace('\n', "\n2024-02-11T13:15:40.123456+00:00 db1 postgres[77]: [7-2] #011"))),
        ("postgresql logplex", format!("2024-02-11T13:15:40+00:00 app[postgres.77]: [GREEN] [7-1] user=mmuser,db=mattermost sql_error_code = 00000 LOG:  {}\n", statement.replace('\n', "\n2024-02-11T13:15:40+00:00 app[postgres.77]: [GREEN] [7-2] \t"))),
        ("postgresql stderr", format!("2024-02-11T13:15:41.000Z 2024-02-11 13:15:40 UTC:10.0.0.1(4000):mmuser@mattermost:[77]:LOG:  {}\n", statement.replace('\n', " "))),
        ("postgresql cloudnativepg", serde_json::json!({"level":"info","ts":"2024-02-11T13:15:41Z","logger":"postgres","msg":"record","record":{"log_time":"2024-02-11 13:15:40.000 UTC","user_name":"mmuser","database_name":"mattermost","process_id":"77","connection_from":"10.0.0.1:4000","session_id":"65c8.4d","error_severity":"LOG","sql_state_code":"00000","message":statement,"application_name":""}}).to_string()),
        ("postgresql azure", serde_json::json!({"properties":{"timestamp":"2024-02-11 13:15:40.000 UTC","processId":77,"errorLevel":"LOG","sqlerrcode":"00000","message":format!("2024-02-11 13:15:40 UTC-65c8c9fc.4d-LOG:  {statement}")},"time":"2024-02-11T13:15:41.000Z","category":"PostgreSQLLogs"}).to_string()),
        ("postgresql cloud sql", serde_json::json!({"insertId":"x","resource":{"type":"cloudsql_database","labels":{"project_id":"p"}},"timestamp":"2024-02-11T13:15:40.000Z","severity":"INFO","textPayload":format!("[77]: [1-1] db=mattermost,user=mmuser LOG:  {statement}")}).to_string()),
    ];
    for (format, text) in logs {
        let head = Head { path: "postgresql-2024-02-11.log", bytes: text.as_bytes(), whole: true };
        let mut reader = Reader::new(&Options::default(), &head, "x").unwrap();
        reader.push(text.as_bytes());
        let parsed = reader.finish();
        let source = &parsed.records.sources[0];
        assert_eq!(source.format, format, "{text}");
        assert_eq!(
            (source.phases.statement.calls, source.phases.statement.total_us, source.unknown_lines),
            (1, 1_500_250, 0),
            "{text}"
        );
        let query = &parsed.records.queries[0];
        assert_eq!(query.fingerprint, "select a from t where b = ?", "{text}");
        assert_eq!(
            query.first_at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).as_deref(),
            Some("2024-02-11 13:15:40"),
            "{text}"
        );
        if format != "postgresql azure" {
            assert_eq!(query.users[0].value.untrusted(), "mmuser", "{text}");
        }
    }
}

#[test]
fn other_logs_and_tables_are_not_taken_for_a_database_log() {
    for text in [
        "{\"timestamp\":\"2026-08-26 06:04:09.204 Z\",\"level\":\"error\",\"msg\":\"pq: canceling statement due to user request\",\"caller\":\"app/x.go:1\"}\n",
        "\"Time\",\"api p99\"\n2026-08-26 06:04:09,0.5\n2026-08-26 06:05:09,0.6\n",
        "Time,a,b\n2026-08-26 06:04:09,1,2\n",
        "2026-08-26 06:04:09 ERROR: something failed\n2026-08-26 06:04:09 INFO: duration: 5 ms\n",
        "2026/08/26 06:04:09 [error] 12#12: *1 upstream timed out\n",
        "lorem ipsum dolor\nLOG of things\n",
        "",
    ] {
        let head = Head { path: "postgresql.log", bytes: text.as_bytes(), whole: true };
        assert!(Reader::new(&Options::default(), &head, "x").is_err(), "{text}");
        assert!(crate::FORMATS.iter().all(|format| (format.score)(&head) == 0), "{text}");
    }
    let Err(error) = Reader::new(
        &Options::default(),
        &Head { path: "x", bytes: b"hello\nworld\n", whole: true },
        "x",
    ) else {
        panic!("read")
    };
    assert!(error.to_string().contains("--prefix"), "{error}");
}

#[test]
fn a_log_that_is_quiet_at_first_is_recognised_and_its_prefix_followed() {
    let mut text = String::new();
    for n in 0..12_000 {
        text.push_str(&format!(
            "2026-11-22 06:{:02}:{:02}.000 UTC [9] LOG:  checkpoint starting: time\n",
            n / 60 % 60,
            n % 60
        ));
    }
    for n in 0..40_000 {
        text.push_str(&format!("2026-11-22 10:{:02}:{:02}.000 UTC [7] mmuser@mattermost 10.0.0.{} LOG:  duration: 1500.000 ms  statement: select 1\n", n / 60 % 60, n % 60, n % 9));
    }
    let parsed = read(text.as_bytes());
    assert_eq!(parsed.records.queries[0].calls, 40_000);
    assert_eq!(parsed.records.queries[0].users[0].calls, 40_000);
    assert_eq!(parsed.records.sources[0].threshold_us, Some(1_500_000));
    assert!(
        parsed.records.queries[0].clients[0].calls > 1000,
        "{:?}",
        parsed.records.queries[0].clients
    );
}

/// A log of made records: time, process id, text. Process 1 has no session, 2 is another application.
fn made(records: &[(&str, u32, &str)]) -> Vec<u8> {
    let mut out = String::new();
    for (time, pid, text) in records {
        let who = match pid {
            1 => "",
            2 => "mmuser@mattermost/ops 10.0.0.9",
            _ => "mmuser@mattermost/mattermost 10.0.0.1",
        };
        let q = if who.is_empty() { String::new() } else { format!("{who} ") };
        out.push_str(&format!("2026-11-22 {time} UTC [{pid}] {q}{text}\n"));
    }
    out.into_bytes()
}

fn read_made(records: &[(&str, u32, &str)]) -> SlowLog {
    let bytes = made(records);
    let options =
        Options { prefix: Some("%m [%p] %q%u@%d/%a %h ".to_owned()), ..Options::default() };
    let parsed = read_with(&options, &bytes, bytes.len());
    assert!(parsed.issues.is_empty(), "{:?}", parsed.issues);
    parsed.records
}

#[test]
fn a_waiter_is_told_who_blocked_it_and_with_what() {
    let log = read_made(&[
        ("06:00:00.000", 3, "LOG:  duration: 1.000 ms  statement: select 1"),
        (
            "06:00:10.000",
            4,
            "LOG:  process 4 still waiting for ShareLock on transaction 99 after 1000.071 ms",
        ),
        ("06:00:10.000", 4, "DETAIL:  Process holding the lock: 2. Wait queue: 4, 5."),
        ("06:00:10.000", 4, "CONTEXT:  while updating tuple (11,20) in relation \"channels\""),
        ("06:00:10.000", 4, "STATEMENT:  update channels set a = 1 where id = 'x'"),
        (
            "06:00:11.000",
            5,
            "LOG:  process 5 still waiting for AccessShareLock on relation 16402 of database 16385 after 1000.000 ms",
        ),
        ("06:00:11.000", 5, "DETAIL:  Process holding the lock: 4. Wait queue: 5."),
        ("06:00:11.000", 5, "STATEMENT:  select 2"),
        (
            "06:00:15.000",
            2,
            "LOG:  duration: 9000.000 ms  statement: update channels set totalmsgcount = 0",
        ),
        (
            "06:00:15.500",
            4,
            "LOG:  process 4 acquired ShareLock on transaction 99 after 6500.500 ms",
        ),
        (
            "06:00:15.600",
            4,
            "LOG:  duration: 6600.000 ms  statement: update channels set a = 1 where id = 'x'",
        ),
        ("06:00:16.000", 5, "ERROR:  canceling statement due to lock timeout"),
        ("06:00:16.000", 5, "STATEMENT:  select 2"),
    ]);
    assert_eq!(log.locks.len(), 2);
    let wait = &log.locks[0];
    assert_eq!((wait.waiter.pid, wait.blocker.pid, wait.waited_us), (Some(4), Some(2), 6_500_500));
    assert_eq!(wait.outcome, crate::LockOutcome::Acquired);
    assert_eq!(
        (wait.mode.as_str(), wait.target.as_str(), wait.relation.untrusted()),
        ("ShareLock", "transaction", "channels")
    );
    assert_eq!(wait.queue_pids, [4, 5]);
    assert_eq!(wait.waiter.fingerprint, "update channels set a = ? where id = ?");
    assert_eq!(wait.blocker.fingerprint, "update channels set totalmsgcount = ?");
    assert_eq!(
        (
            wait.blocker.application.untrusted(),
            wait.blocker.user.untrusted(),
            wait.blocker.client.untrusted()
        ),
        ("ops", "mmuser", "10.0.0.9")
    );
    let second = &log.locks[1];
    assert_eq!(
        (second.root_pid, second.outcome, second.relation.untrusted()),
        (Some(2), crate::LockOutcome::Cancelled, "16402")
    );
    assert_eq!(second.waited_us, 6_000_000);
    let cancelled = log.events.iter().find(|event| event.class == EventClass::Cancelled).unwrap();
    assert_eq!(
        (cancelled.cause.as_str(), cancelled.fingerprint.as_str()),
        ("lock timeout", "select ?")
    );
}

#[test]
fn a_deadlock_shows_both_sides() {
    let log = read_made(&[
        ("06:00:00.000", 2, "LOG:  duration: 1.000 ms  statement: begin"),
        (
            "06:00:10.000",
            3,
            "LOG:  process 3 detected deadlock while waiting for ShareLock on transaction 7 after 1003.979 ms",
        ),
        ("06:00:10.000", 3, "ERROR:  deadlock detected"),
        (
            "06:00:10.000",
            3,
            "DETAIL:  Process 3 waits for ShareLock on transaction 7; blocked by process 2.\n\tProcess 2 waits for ShareLock on transaction 8; blocked by process 3.\n\tProcess 3: update a set x = 'secret'\n\tProcess 2: update b\n\t set y = 5",
        ),
        ("06:00:10.000", 3, "CONTEXT:  while updating tuple (1,2) in relation \"a\""),
        ("06:00:10.000", 3, "STATEMENT:  update a set x = 'secret'"),
    ]);
    let sides: Vec<(Option<u32>, Option<u32>, &str, &str)> = log
        .locks
        .iter()
        .map(|lock| {
            (
                lock.waiter.pid,
                lock.blocker.pid,
                lock.waiter.fingerprint.as_str(),
                lock.blocker.fingerprint.as_str(),
            )
        })
        .collect();
    assert_eq!(
        sides,
        [
            (Some(2), Some(3), "update b set y = ?", "update a set x = ?"),
            (Some(3), Some(2), "update a set x = ?", "update b set y = ?")
        ]
    );
    assert!(log.locks.iter().all(|lock| lock.outcome == crate::LockOutcome::Deadlock));
    assert_eq!(log.locks[1].waited_us, 1_003_979);
    let event = log.events.iter().find(|event| event.class == EventClass::Deadlock).unwrap();
    assert_eq!(
        (event.subject.untrusted(), event.fingerprint.as_str(), event.sqlstate.as_str()),
        ("a", "update a set x = ?", "40P01")
    );
}

#[test]
fn a_plan_and_its_statement_are_one_execution() {
    let log = read_made(&[
        (
            "06:00:00.200",
            3,
            "LOG:  duration: 196.991 ms  plan:\n\tQuery Text: select a from t where b = 5\n\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)",
        ),
        ("06:00:00.200", 3, "LOG:  duration: 197.500 ms  statement: select a from t where b = 5"),
        // Below the threshold of statements: the plan is all there is.
        (
            "06:00:01.000",
            3,
            "LOG:  duration: 50.000 ms  plan:\n\tQuery Text: select a from t where b = 6\n\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)",
        ),
        (
            "06:00:05.000",
            3,
            "LOG:  duration: 60.000 ms  plan:\n\t{\n\t  \"Query Text\": \"select a\\nfrom t where b = 7\",\n\t  \"Plan\": {}\n\t}",
        ),
    ]);
    assert_eq!(
        log.queries.len(),
        1,
        "{:?}",
        log.queries.iter().map(|query| &query.fingerprint).collect::<Vec<_>>()
    );
    assert_eq!((log.queries[0].calls, log.queries[0].total_us), (3, 197_500 + 50_000 + 60_000));
    assert_eq!(log.sources[0].phases.plan.calls, 3);
}

#[test]
fn durations_find_the_statement_that_was_logged_before() {
    let log = read_made(&[
        ("06:00:00.000", 3, "LOG:  duration: 0.100 ms"),
        ("06:00:00.000", 3, "LOG:  duration: 0.200 ms"),
        ("06:00:00.000", 3, "LOG:  execute <unnamed>: select a from t where b = $1"),
        ("06:00:00.000", 3, "DETAIL:  parameters: $1 = '5'"),
        ("06:00:00.000", 4, "LOG:  statement: select 2"),
        ("06:00:00.500", 3, "LOG:  duration: 500.000 ms"),
        ("06:00:00.600", 4, "LOG:  duration: 600.000 ms"),
        ("06:00:01.000", 4, "LOG:  statement: drop index idx_a"),
        ("06:00:01.100", 4, "ERROR:  index \"idx_a\" does not exist"),
        ("06:00:01.100", 4, "STATEMENT:  drop index idx_a"),
    ]);
    let phases = log.sources[0].phases;
    assert_eq!(
        (
            phases.execute.calls,
            phases.execute.total_us,
            phases.statement.calls,
            phases.statement.total_us,
            phases.unpaired.calls
        ),
        (1, 500_000, 1, 600_000, 2)
    );
    assert_eq!(log.ddl.len(), 1);
    assert!(log.ddl[0].failed);
    assert_eq!(
        (log.ddl[0].action.as_str(), log.ddl[0].object.untrusted(), log.ddl[0].user.untrusted()),
        ("drop index", "idx_a", "mmuser")
    );
}

#[test]
fn no_literal_comes_out_unless_asked_for() {
    let records: &[(&str, u32, &str)] = &[
        (
            "06:00:00.000",
            3,
            "LOG:  duration: 5.000 ms  statement: select 'canary-1' from t where x = 4711",
        ),
        ("06:00:01.000", 3, "ERROR:  invalid input syntax for type integer: \"canary-2\""),
        ("06:00:01.000", 3, "STATEMENT:  select 'canary-3'::int"),
        (
            "06:00:02.000",
            3,
            "ERROR:  duplicate key value violates unique constraint \"users_email_key\"",
        ),
        ("06:00:02.000", 3, "DETAIL:  Key (email)=(canary-4@example.test) already exists."),
        ("06:00:03.000", 3, "LOG:  statement: create role x password 'canary-5'"),
    ];
    let texts = |log: &SlowLog| -> String {
        let mut out = String::new();
        for query in &log.queries {
            out.push_str(&query.fingerprint);
            out.push_str(query.sample.untrusted());
        }
        for event in &log.events {
            out.push_str(&event.fingerprint);
            out.push_str(event.sample.untrusted());
            out.push_str(event.subject.untrusted());
        }
        for ddl in &log.ddl {
            out.push_str(&ddl.statement);
        }
        out
    };
    let log = read_made(records);
    let all = texts(&log);
    assert!(!all.contains("canary") && !all.contains("4711"), "{all}");
    let bytes = made(records);
    let kept = read_with(
        &Options {
            prefix: Some("%m [%p] %q%u@%d/%a %h ".to_owned()),
            keep_literals: true,
            ..Options::default()
        },
        &bytes,
        10,
    )
    .records;
    assert_eq!(kept.queries[0].sample.untrusted(), "select 'canary-1' from t where x = 4711");
}
