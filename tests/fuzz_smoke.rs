//! A short run of every fuzz target over mutated fixtures, with a fixed seed. The real fuzzers are
//! in `fuzz/`; docs/security.md says how to run them.

#[path = "../fuzz/bodies/parsers.rs"]
mod parsers;
#[path = "../fuzz/bodies/rules.rs"]
mod rule_files;

use crate::archives::{fixture, tar_gz_of, zip_of};
use crate::command::root;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// Mutations of one target at most, and the time after which it ends: CI has a short run.
const RUNS_MAX: u64 = 3_000;
const TIME_MAX: Duration = Duration::from_secs(4);
/// Longer seeds are cut: mutations near each other find more.
const SEED_BYTES: usize = 6_000;

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// What parsers trip over.
const WORDS: &[&[u8]] = &[
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\n\n",
    b"\"",
    b"'",
    b"`",
    b"{",
    b"}",
    b"[",
    b"]",
    b"((((((((",
    b"\\",
    b"$$",
    b"/*",
    b"--",
    b"-1",
    b"99999999999999999999",
    b"1e999",
    b"NaN",
    b"\xc3",
    b"\xf0\x9f",
    b"@",
    b"://",
    b"password=",
    b"eyJ",
    b"-----BEGIN PRIVATE KEY-----",
    b"&x",
    b"*x",
    b"<<: *x",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"9999-12-31T23:59:59Z",
    b"0000-00-00",
    b": ",
    b"- ",
    b"\t",
    b"%",
];

fn mutate(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let len = random.below(40).min(bytes.len() - at);
        match random.below(7) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] = random.next() as u8,
            2 => drop(bytes.drain(at..at + len)),
            3 => {
                let copy = bytes[at..at + len].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            4 => {
                let word = WORDS[random.below(WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            5 => {
                let word = WORDS[random.below(WORDS.len())];
                bytes.splice(at..at + len, word.iter().copied());
            }
            _ if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ => {}
        }
    }
    bytes
}

/// Files below a folder whose name `is`, with a first byte of their own, in order.
fn seeds(folder: &str, is: fn(&str) -> bool) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    collect(&root().join(folder), is, &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder} has seeds");
    let numbered = found.into_iter().enumerate();
    numbered
        .map(|(n, bytes)| [&[n as u8][..], &bytes[..bytes.len().min(SEED_BYTES)]].concat())
        .collect()
}

fn collect(folder: &Path, is: fn(&str) -> bool, found: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, is, found);
        } else if is(&path.to_string_lossy()) {
            found.push(fs::read(&path).unwrap());
        }
    }
}

/// Runs a target over its seeds, whole and mutated; a failure shows the bytes that cause it.
#[track_caller]
fn smoke(seeds: &[Vec<u8>], target: fn(&[u8])) {
    smoke_for(seeds, RUNS_MAX, target);
}

#[track_caller]
fn smoke_for(seeds: &[Vec<u8>], runs_max: u64, target: impl Fn(&[u8])) {
    let mut random = Random(42);
    let began = Instant::now();
    let mut n_runs = 0;
    for seed in seeds {
        target(seed);
    }
    while n_runs < runs_max && began.elapsed() < TIME_MAX {
        let bytes = mutate(&seeds[random.below(seeds.len())], &mut random);
        let ended = catch_unwind(AssertUnwindSafe(|| target(&bytes)));
        assert!(ended.is_ok(), "run {n_runs}: {:?}", String::from_utf8_lossy(&bytes));
        n_runs += 1;
    }
    assert!(n_runs > 0);
}

#[test]
fn redaction_and_escaping_take_any_bytes() {
    smoke(
        &seeds("fixtures/packets", |name| name.ends_with(".log") || name.ends_with("config.json")),
        parsers::text,
    );
}

#[test]
fn containers_take_any_bytes() {
    let members: Vec<_> = fixture("5.37")
        .into_iter()
        .map(|(path, bytes)| (path, bytes[..bytes.len().min(400)].to_vec()))
        .collect();
    smoke(&[zip_of(&members), tar_gz_of(&members), zip_of(&members[..1])], parsers::containers);
}

#[test]
fn members_of_packets_take_any_bytes() {
    smoke(&seeds("fixtures/packets", |name| !name.ends_with(".log")), parsers::packet_member);
}

#[test]
fn server_logs_take_any_bytes() {
    smoke(&seeds("fixtures", |name| name.ends_with(".log")), parsers::server_log);
}

/// Lines of each format, as servers write them.
const DATABASE_LOGS: &[&str] = &[
    "2025-05-06 10:00:00.123 UTC [100] mmuser@mattermost LOG:  duration: 2000.123 ms  statement: SELECT * FROM Posts WHERE Id = 'a' -- x\n2025-05-06 10:00:01.123 UTC [101] mmuser@mattermost ERROR:  canceling statement due to user request\n2025-05-06 10:00:01.123 UTC [101] mmuser@mattermost STATEMENT:  SELECT 1\n2025-05-06 10:00:02.123 UTC [102] LOG:  process 102 still waiting for ShareLock on transaction 77 after 1000.1 ms\n2025-05-06 10:00:02.123 UTC [102] DETAIL:  Process holding the lock: 99. Wait queue: 102.\n",
    "2025-05-06 10:00:00.123 UTC,\"mmuser\",\"mattermost\",100,\"10.0.0.1:5000\",6819,1,\"SELECT\",2025-05-06 09:00:00 UTC,3/4,0,LOG,00000,\"duration: 2000.5 ms  execute <unnamed>: SELECT 1\",\"parameters: $1 = 'x'\",,,,,,,,\"\",\"client backend\",,0\n",
    "{\"timestamp\":\"2025-05-06 10:00:00.123 UTC\",\"user\":\"mmuser\",\"dbname\":\"mattermost\",\"pid\":100,\"error_severity\":\"LOG\",\"message\":\"duration: 2000.5 ms  statement: SELECT 1\",\"application_name\":\"\"}\n",
    "/usr/sbin/mysqld, Version: 8.0.35 (MySQL). started with:\nTime                 Id Command    Argument\n# Time: 2025-05-06T10:00:00.000000Z\n# User@Host: mmuser[mmuser] @ app-1 [10.0.0.1]  Id: 5\n# Query_time: 4.5  Lock_time: 0.1 Rows_sent: 1  Rows_examined: 100000\nuse mattermost;\nSET timestamp=1746526000;\nSELECT * FROM Posts WHERE Message = \"x\";\n",
    "{\"category\":\"MySqlSlowLogs\",\"properties\":{\"start_time\":\"2025-05-06T10:00:00Z\",\"query_time\":4.5,\"lock_time\":1E-5,\"rows_sent\":1,\"rows_examined\":7,\"host\":\"mmuser[mmuser] @ [10.0.0.1]\",\"db\":\"mattermost\",\"sql_text\":\"SELECT * FROM Posts WHERE Message = 'x'\"}}\n{\"category\":\"MySqlAuditLogs\",\"properties\":{\"event_class\":\"general_log\"}}\n",
    "2025-05-06 10:00:00.123 UTC [100] LOG C-0x5601: mattermost/mmuser@10.0.0.1:41537 closing because: query_wait_timeout (age=121s)\n2025-05-06 10:00:01.123 UTC [100] LOG stats: 784 xacts/s, 785 queries/s, in 403910 B/s, out 1893441 B/s, xact 6107 us, query 6103 us, wait 110 us\n",
    "queryid,calls,total_exec_time,mean_exec_time,rows,query\n1,5,10.5,2.1,5,\"SELECT * FROM posts WHERE id = $1\"\n",
];

#[test]
fn database_logs_take_any_bytes() {
    let seeds: Vec<Vec<u8>> = DATABASE_LOGS
        .iter()
        .enumerate()
        .map(|(n, log)| [&[n as u8][..], log.repeat(8).as_bytes()].concat())
        .collect();
    smoke(&seeds, parsers::slow_log);
}

#[test]
fn every_reader_of_database_logs_takes_any_bytes_behind_a_good_start() {
    let seeds: Vec<Vec<u8>> = DATABASE_LOGS
        .iter()
        .enumerate()
        .map(|(n, log)| [&[n as u8][..], log.as_bytes()].concat())
        .collect();
    for format in [
        "stderr",
        "csvlog",
        "jsonlog",
        "syslog",
        "mysql",
        "table",
        "azure",
        "pgbouncer",
        "column",
        "pg_stat_statements",
        "digests",
        "envelope",
    ] {
        smoke_for(&seeds, RUNS_MAX / 10, |data| parsers::slow_reader(format, data));
    }
    smoke_for(&seeds, RUNS_MAX / 2, parsers::slow_wrapped);
}

#[test]
fn prefixes_of_lines_are_inferred_from_any_bytes() {
    let seeds: Vec<Vec<u8>> =
        ["%m [%p] %q%u@%d ", "%t:%r:%u@%d:[%p]:", "user=%u,db=%d,app=%a,client=%h ", "%-10u%%%5p"]
            .iter()
            .flat_map(|prefix| DATABASE_LOGS.iter().map(move |log| format!("{prefix}\n{log}")))
            .map(String::into_bytes)
            .collect();
    smoke(&seeds, parsers::slow_prefix);
}

#[test]
fn statements_take_any_bytes() {
    let statements = [
        "SELECT p.Id, count(*) FROM Posts p LEFT JOIN Threads t ON p.Id = t.PostId WHERE p.Message LIKE '%x%' AND p.CreateAt > 15 AND Id IN (1,2,3) ORDER BY 1 LIMIT 5",
        "INSERT INTO Posts (Id, Props) VALUES ('a', '{\"x\": 1}'), ('b', E'\\'') ON CONFLICT DO NOTHING /* plugin:playbooks */",
        "WITH cte AS (SELECT $1::text) (SELECT * FROM cte) UNION ALL (SELECT $tag$x$tag$) -- end",
        "CREATE INDEX CONCURRENTLY idx ON posts USING gin (to_tsvector('english', message))",
    ];
    smoke(&statements.map(|statement| statement.as_bytes().to_vec()), parsers::statement);
}

#[test]
fn metric_files_take_any_bytes() {
    smoke(&seeds("fixtures/grafana", |_| true), parsers::metric_file);
}

#[test]
fn answers_of_a_dba_take_any_bytes() {
    let plain: Vec<Vec<u8>> = seeds("fixtures/dba", |name| !name.ends_with(".md"))
        .into_iter()
        .map(|bytes| bytes[1..].to_vec())
        .collect();
    smoke(&plain, parsers::dba_answers);
}

#[test]
fn rule_files_take_any_bytes() {
    let plain: Vec<Vec<u8>> = seeds("rules", |name| name.ends_with(".toml"))
        .into_iter()
        .map(|bytes| bytes[1..].to_vec())
        .collect();
    smoke(&plain, rule_files::rule_file);
}

#[test]
fn questions_take_any_bytes() {
    let questions = [
        "SELECT level, SUM(calls) FROM log_patterns GROUP BY level ORDER BY 2 DESC LIMIT 5",
        "WITH a AS (SELECT * FROM settings WHERE path LIKE 'Sql%') SELECT a.path, value FROM a JOIN queries q ON q.calls > 5",
        "SELECT version FROM nodes WHERE version >= '9.11.0' UNION SELECT version FROM nodes",
    ];
    smoke(&questions.map(|question| question.as_bytes().to_vec()), rule_files::question);
}
