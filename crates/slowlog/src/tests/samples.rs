//! Logs of real servers, and those of the incident cases.
#![expect(clippy::disallowed_methods, reason = "tests read samples")]

use super::{assert_same, read, read_with};
use crate::{Options, SlowLog};
use model::Parsed;

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
            query.first_place = crate::Spot::default();
            query.max_place = crate::Spot::default();
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
