//! Logs as collectors wrap them, against the same logs by themselves.

use crate::tests::{read, read_with};
use crate::{Options, SlowLog};
use proptest::prelude::*;

/// A log of PostgreSQL with a statement of several lines, and what must come through unharmed.
fn postgresql() -> String {
    (0..30)
        .map(|n| {
            format!(
                "2026-11-22 06:00:{n:02}.000 UTC [7] LOG:  duration: {}.000 ms  statement: SELECT \"A\\b\", 'é😀'\n\tFROM posts\n\tWHERE x = {n}\n2026-11-22 06:00:{n:02}.500 UTC [7] ERROR:  canceling statement due to user request\n",
                1_000 + n
            )
        })
        .collect()
}

/// A slow log of MySQL.
fn mysql() -> String {
    (0..30)
        .map(|n| {
            format!(
                "# Time: 2026-11-22T06:00:{n:02}.000000Z\n# User@Host: u[u] @ h []  Id: 5\n# Query_time: 1.5  Lock_time: 0.1 Rows_sent: 1  Rows_examined: 7\nSET timestamp=1795327200;\nSELECT \"a\\\\b\"\nFROM posts WHERE x = {n};\n"
            )
        })
        .collect()
}

fn same(wrapped: &[u8], plain: &str, what: &str) {
    let expected = read(plain.as_bytes()).records;
    let keys = |log: &SlowLog| -> Vec<_> {
        let of = |query: &crate::Query| (query.fingerprint.clone(), query.calls, query.total_us);
        log.queries.iter().map(|query| of(query)).collect()
    };
    for step in [7, 4_096] {
        let got = read_with(&Options::default(), wrapped, step);
        assert_eq!(keys(&got.records), keys(&expected), "{what}");
        assert_eq!(got.records.sources[0].window, expected.sources[0].window, "{what}");
        assert!(got.issues.iter().any(|issue| issue.reason.starts_with("read ")), "{what}");
    }
}

fn lines(log: &str, wrap: impl Fn(usize, &str) -> String) -> String {
    log.lines().enumerate().map(|(n, line)| wrap(n, line) + "\n").collect()
}

/// The entries of a MySQL log, each as one text.
fn entries(log: &str) -> Vec<String> {
    log.split("# Time").skip(1).map(|entry| format!("# Time{}", entry.trim_end())).collect()
}

#[test]
fn heads_of_containers_and_consoles_are_taken_off() {
    for log in [postgresql(), mysql()] {
        let time = "2026-11-22T06:00:00.123456789Z";
        for (what, wrapped) in [
            ("cri", lines(&log, |_, line| format!("{time} stderr F {line}"))),
            ("pod", lines(&log, |_, line| format!("[pod/db-0/postgres] {line}"))),
            ("pod with times", lines(&log, |_, line| format!("[pod/db-0/db] {time} {line}"))),
            ("compose", lines(&log, |_, line| format!("mattermost-db-1  | {line}"))),
            ("aws", lines(&log, |_, line| format!("EVENTS\t1795327200000\t{line}\t1795327200000"))),
        ] {
            same(wrapped.as_bytes(), &log, what);
        }
    }
    let wrapped = lines(&mysql(), |_, line| format!("2026-11-22T06:00:00.123456789Z {line}"));
    same(wrapped.as_bytes(), &mysql(), "times");
}

#[test]
fn a_line_that_a_container_runtime_cut_is_whole_again() {
    let wrapped = lines(&postgresql(), |_, line| {
        let (a, b) = line.split_at(line.len().min(12));
        let time = "2026-11-22T06:00:00.1+00:00";
        format!("{time} stderr P {a}\n{time} stderr F {b}")
    });
    same(wrapped.as_bytes(), &postgresql(), "cri");
}

#[test]
fn strings_in_json_are_read_whatever_is_beside_them() {
    for log in [postgresql(), mysql()] {
        let docker = lines(&log, |_, line| {
            serde_json::json!({"log": format!("{line}\n"), "stream": "stderr", "time": "x"})
                .to_string()
        });
        same(docker.as_bytes(), &log, "docker");
        let journal = lines(&log, |n, line| {
            serde_json::json!({"_PID": n.to_string(), "MESSAGE": line, "SYSLOG_IDENTIFIER": "log"})
                .to_string()
        });
        same(journal.as_bytes(), &log, "journald");
        let events: Vec<_> = log
            .lines()
            .map(|line| serde_json::json!({"timestamp": 1, "message": line, "ingestionTime": 2}))
            .collect();
        let text = serde_json::to_string_pretty(&serde_json::json!({"events": events})).unwrap();
        same(text.as_bytes(), &log, "CloudWatch");
    }
    let payloads: Vec<_> = entries(&mysql())
        .iter()
        .map(|entry| serde_json::json!({"textPayload": entry, "timestamp": "x"}))
        .collect();
    let text = serde_json::to_string_pretty(&payloads).unwrap();
    same(text.as_bytes(), &mysql(), "Google Cloud");
}

#[test]
fn a_column_of_csv_is_read_whatever_is_beside_it() {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let rows = |names: &str, texts: &[String], row: &dyn Fn(&str) -> String| {
        let rows = texts.iter().map(|text| row(&quoted(text)) + "\r\n").collect::<String>();
        format!("{names}\r\n{rows}")
    };
    for log in [postgresql(), mysql()] {
        let lines: Vec<String> = log.lines().map(str::to_owned).collect();
        let text = rows("timestamp,message", &lines, &|text| format!("1,{text}"));
        same(text.as_bytes(), &log, "CloudWatch's console");
        let text = rows("@timestamp,@message,@logStream", &lines, &|text| format!("x,{text},a/b"));
        same(text.as_bytes(), &log, "Logs Insights");
    }
    let text = rows("\u{feff}insertId,textPayload,timestamp", &entries(&mysql()), &|text| {
        format!("x,{text},y")
    });
    same(text.as_bytes(), &mysql(), "Logs Explorer");
}

#[test]
fn an_array_of_jsonlog_is_read_like_its_lines() {
    let plain = lines(&postgresql(), |n, _| {
        serde_json::json!({"timestamp": "2026-11-22 06:00:00.000 UTC", "pid": 7, "error_severity": "LOG", "message": format!("duration: {n}.5 ms  statement: select \"a{{[\", {n}")}).to_string()
    });
    let objects: Vec<serde_json::Value> =
        plain.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = serde_json::to_string_pretty(&objects).unwrap();
    same(text.as_bytes(), &plain, "array");
    let azure = lines(&postgresql(), |n, _| {
        serde_json::json!({"category": "PostgreSQLLogs", "time": "2026-11-22T06:00:01Z", "properties": {"timestamp": "2026-11-22 06:00:00.000 UTC", "processId": 7, "errorLevel": "LOG", "message": format!("2026-11-22 06:00:00 UTC-7-LOG:  duration: {n}.5 ms  statement: select {n}")}}).to_string()
    });
    let records: Vec<serde_json::Value> =
        azure.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let hub: String = records
        .chunks(9)
        .map(|some| serde_json::json!({ "records": some }).to_string() + "\n")
        .collect();
    same(hub.as_bytes(), &azure, "event hub");
    same(serde_json::json!(objects).to_string().as_bytes(), &plain, "array on one line");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_string_of_json_comes_through(text in "\\PC{0,60}", step in 1usize..20) {
        let json = serde_json::json!({"a": ["log", {"log": text}], "log2": "x"}).to_string();
        let mut strings = super::Strings::new("log");
        let mut out = Vec::new();
        json.as_bytes().chunks(step).for_each(|part| strings.push(part, &mut out));
        let expected = if text.ends_with('\n') || text.is_empty() { text } else { text + "\n" };
        let got = String::from_utf8(out).unwrap();
        prop_assert_eq!(got.trim_start_matches('\n'), expected.trim_start_matches('\n'));
    }

    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for start in [&b"[{\"log\":\""[..], b"EVENTS\t1\t", b"[pod/a] ", b"2026-11-22T06:00:00Z stderr P "] {
            let all = [start, &bytes].concat();
            let _ = super::detect(&model::Head { path: "x", bytes: &all, whole: true });
        }
    }
}
