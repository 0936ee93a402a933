//! Logs as collectors wrap them, against the same logs by themselves.

use super::Open as _;
use super::json::{Strings, Wanted};
use super::pieces::Pieces;
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
fn heads_of_containers_consoles_and_people_are_taken_off() {
    for log in [postgresql(), mysql()] {
        let time = "2026-11-22T06:00:00.123456789Z";
        for (what, wrapped) in [
            ("cri", lines(&log, |_, line| format!("{time} stderr F {line}"))),
            ("pod", lines(&log, |_, line| format!("[pod/db-0/postgres] {line}"))),
            ("pod with times", lines(&log, |_, line| format!("[pod/db-0/db] {time} {line}"))),
            ("compose", lines(&log, |_, line| format!("mattermost-db-1  | {line}"))),
            ("aws", lines(&log, |_, line| format!("EVENTS\t1795327200000\t{line}\t1795327200000"))),
            ("times", lines(&log, |_, line| format!("{time} {line}"))),
            ("aws tail", lines(&log, |_, line| format!("{time} db.0/error.log {line}"))),
            ("loki", lines(&log, |_, line| format!("{time} {{app=\"pg\", pod=\"db-0\"}} {line}"))),
            ("mail", lines(&log, |_, line| format!("> {line}"))),
            ("less -N", lines(&log, |n, line| format!("{:>7} {line}", n + 1))),
            ("cat -n", lines(&log, |n, line| format!("{:>6}\t{line}", n + 1))),
            ("grep", lines(&log, |_, line| format!("/var/log/db.log:{line}"))),
            ("grep -n", lines(&log, |n, line| format!("pg-15-main.log:{}:{line}", n + 1))),
            (
                "grep -C",
                lines(&log, |n, line| {
                    format!("pg-15-main.log{}{line}", if n % 3 == 0 { ":" } else { "-" })
                }),
            ),
            ("grep -nC", lines(&log, |n, line| format!("pg.log-{}-{line}", n + 1))),
            ("colours", lines(&log, |_, line| format!("\u{1b}[36mdb_1  |\u{1b}[0m {line}"))),
            ("grep of pods", lines(&log, |_, line| format!("a.log:[pod/db-0/db] {time} {line}"))),
        ] {
            same(wrapped.as_bytes(), &log, what);
        }
    }
    let wrapped = lines(&postgresql(), |_, line| format!("db-0 postgres {line}"));
    same(wrapped.as_bytes(), &postgresql(), "stern");
}

#[test]
fn a_head_before_the_first_line_of_an_entry_alone_is_taken_off() {
    let time = "2026-11-22T06:00:00.000Z";
    for (log, wrapped) in [
        (mysql(), mysql().replace("# Time", &format!("{time} # Time"))),
        (postgresql(), postgresql().replace("2026-", &format!("{time} 2026-"))),
    ] {
        same(wrapped.as_bytes(), &log, "entries");
    }
}

#[test]
fn words_of_a_prefix_are_no_head() {
    for log in [
        lines(&postgresql(), |_, line| line.replacen("2026-", "mmuser mattermost 2026-", 1)),
        lines(&postgresql(), |_, line| line.replacen("2026-", "db1.corp:2026-", 1)),
    ] {
        let got = read(log.as_bytes());
        assert!(
            got.issues.iter().all(|issue| !issue.reason.starts_with("read ")),
            "{:?}",
            got.issues
        );
    }
}

/// The records of a PostgreSQL log.
fn records(log: &str) -> Vec<String> {
    let mut records: Vec<String> = Vec::new();
    for line in log.lines() {
        match records.last_mut() {
            Some(last) if line.starts_with('\t') => *last += &format!("\n{line}"),
            _ => records.push(line.to_owned()),
        }
    }
    records
}

/// As CSV has it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn time_of(n: usize) -> String {
    format!("2026-11-22 06:00:{:02}.{:03}", n / 2, n % 2 * 500)
}

/// The same as CSV of a console, with the newest first or last.
fn console(
    names: &str,
    records: &[String],
    newest_first: bool,
    row: impl Fn(usize, &str) -> String,
) -> String {
    let mut rows: Vec<String> =
        records.iter().enumerate().map(|(n, text)| row(n, &quoted(text))).collect();
    if newest_first {
        rows.reverse();
    }
    format!("{names}\r\n{}\r\n", rows.join("\r\n"))
}

#[test]
fn csv_of_consoles_is_read_out_of_the_column_that_holds_the_log() {
    for (log, records) in [(postgresql(), records(&postgresql())), (mysql(), entries(&mysql()))] {
        for newest in [false, true] {
            for (names, row) in [
                ("@timestamp,@message,@logStream", "{t},{m},db.0"),
                ("timestamp,message", "1795327200{n},{m}"),
                (
                    "insertId,severity,textPayload,timestamp,resource.type",
                    "s{n},INFO,{m},{t},cloudsql",
                ),
                (
                    "TenantId,TimeGenerated [UTC],Category,Message,_ResourceId",
                    "t,\"11/22/2026, 06:00:00.{n} AM\",PostgreSQLLogs,{m},/sub",
                ),
                ("Date;Host;Service;Content", "{t};db1;pg;{m}"),
                ("_time\thost\tsource\t_raw", "{t}\tdb1\t/var/log/pg.log\t{m}"),
                ("Line,Date,tsNs,Time", "{m},{t},1795327200{n}000000,1"),
            ] {
                let wrapped = console(names, &records, newest, |n, text| {
                    row.replace("{t}", &time_of(n))
                        .replace("{n}", &format!("{:03}", n))
                        .replace("{m}", text)
                });
                same(wrapped.as_bytes(), &log, names);
            }
        }
    }
}

#[test]
fn a_line_without_a_time_takes_that_of_its_envelope() {
    let bare = |line: &str| match line.split_once(" UTC ") {
        Some((_, text)) => text.to_owned(),
        None => line.to_owned(),
    };
    let wrapped = console("textPayload,timestamp", &records(&postgresql()), false, |n, text| {
        format!("\"{},{}Z", bare(text).trim_start_matches('"'), time_of(n).replace(' ', "T"))
    });
    same(wrapped.as_bytes(), &postgresql(), "Cloud SQL");
    let wrapped = lines(&postgresql(), |_, line| {
        let time = line.get(11..23).filter(|_| line.starts_with('2')).unwrap_or("06:00:00.000");
        format!("2026-11-22T{time}Z {}", bare(line))
    });
    same(wrapped.as_bytes(), &postgresql(), "docker logs -t");
}

#[test]
fn an_export_with_the_newest_first_is_turned_round_within_a_limit() {
    let long = "x".repeat(1_000);
    let n = super::pieces::NEWEST_BYTES_MAX / 1_000 + 2_000;
    let mut csv = String::from("timestamp,message\r\n");
    for n in (0..n).rev() {
        let at = chrono::DateTime::from_timestamp(1_795_327_200 + n as i64, 0).unwrap();
        csv += &format!(
            "{0}000,\"{1} UTC [7] LOG:  duration: 1.000 ms  statement: select 1 -- {long}\"\r\n",
            at.timestamp(),
            at.format("%Y-%m-%d %H:%M:%S.000")
        );
    }
    let got = read(csv.as_bytes());
    assert_eq!(got.records.queries[0].calls, n as u64);
    let said: Vec<_> = got.issues.iter().map(|issue| issue.reason.as_str()).collect();
    assert!(said.iter().any(|issue| issue.starts_with("newest first and longer")), "{said:?}");
}

#[test]
fn json_of_queries_and_downloads_is_read_wherever_its_lines_stand() {
    for (log, records) in [(postgresql(), records(&postgresql())), (mysql(), entries(&mysql()))] {
        let insights: Vec<_> = records
            .iter()
            .enumerate()
            .map(|(n, text)| serde_json::json!([{"field": "@timestamp", "value": time_of(n)}, {"field": "@message", "value": text}, {"field": "@ptr", "value": "x"}]))
            .collect();
        let insights = serde_json::json!({"results": insights, "status": "Complete"});
        let pairs: Vec<_> =
            log.lines().map(|line| serde_json::json!(["1795327200000000000", line])).collect();
        let loki = serde_json::json!({"status": "success", "data": {"resultType": "streams", "result": [{"stream": {"app": "db"}, "values": pairs}]}});
        let explore: Vec<_> = records
            .iter()
            .rev()
            .map(|text| serde_json::json!({"line": text, "fields": {"app": "db"}, "tags": ["a"]}))
            .collect();
        for (what, value) in [("Insights", insights), ("Loki", loki), ("Explore", explore.into())] {
            same(value.to_string().as_bytes(), &log, what);
            same(serde_json::to_string_pretty(&value).unwrap().as_bytes(), &log, what);
        }
    }
}

#[test]
fn jsonlog_is_read_inside_of_anything() {
    let plain = jsonlog();
    let time = "2026-11-22T06:00:00.123456789Z";
    let strings = |key: &str, end: &str| {
        lines(&plain, |_, line| {
            serde_json::json!({"stream": "stderr", key: format!("{line}{end}")}).to_string()
        })
    };
    let pretty: String = plain
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            serde_json::to_string_pretty(&value).unwrap() + "\n"
        })
        .collect();
    for (what, wrapped) in [
        ("docker", strings("log", "\n")),
        ("filebeat", strings("message", "")),
        ("cri", lines(&plain, |_, line| format!("{time} stderr F {line}"))),
        ("compose", lines(&plain, |_, line| format!("db-1  | {line}"))),
        ("times", lines(&plain, |_, line| format!("{time} {line}"))),
        ("pretty", pretty),
        (
            "csv",
            console(
                "timestamp,message",
                &plain.lines().map(str::to_owned).collect::<Vec<_>>(),
                true,
                |n, text| format!("{},{text}", time_of(n)),
            ),
        ),
    ] {
        same(wrapped.as_bytes(), &plain, what);
    }
    // Docker cuts long lines; only the last part ends the line.
    let cut = lines(&plain, |_, line| {
        let (a, b) = line.split_at(line.len() / 2);
        format!(
            "{}\n{}",
            serde_json::json!({"log": a}),
            serde_json::json!({"log": format!("{b}\n")})
        )
    });
    same(cut.as_bytes(), &plain, "docker, cut");
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

fn jsonlog() -> String {
    (0..60)
        .map(|n| {
            serde_json::json!({"timestamp": format!("2026-11-22 06:00:{n:02}.000 UTC"), "pid": 7, "error_severity": "LOG", "message": format!("duration: {n}.5 ms  statement: select \"a{{[\", {n}")}).to_string() + "\n"
        })
        .collect()
}

#[test]
fn an_array_of_jsonlog_is_read_like_its_lines() {
    let plain = jsonlog();
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
        let mut strings = Strings::new(Wanted::Key("log"), false);
        let mut out = Pieces::default();
        json.as_bytes().chunks(step).for_each(|part| strings.push(part, &mut out));
        let out = out.bytes;
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

/// The lines of a log as `syslog` cuts them, with numbers of parts.
fn parts(log: &str) -> Vec<(u32, String)> {
    let mut number = 0;
    let mut part = 0;
    log.lines()
        .map(|line| {
            part += 1;
            if !line.starts_with('\t') {
                (number, part) = (number + 1, 1);
            }
            (7, format!("[{number}-{part}] {line}"))
        })
        .collect()
}

#[test]
fn a_journal_is_read_in_both_exports_and_without_other_programs() {
    let prefixed = postgresql().replace(" UTC [7] ", " UTC [7] u@d ");
    let untimed: String = prefixed
        .lines()
        .map(|line| line.split_once("[7] ").map_or(line, |(_, rest)| rest).to_owned() + "\n")
        .collect();
    for (log, plain) in [(&prefixed, &prefixed), (&untimed, &prefixed)] {
        let (mut json, mut export) = (String::new(), Vec::new());
        let mut second = 0;
        for (n, (pid, message)) in parts(log).into_iter().enumerate() {
            // As many microseconds as the line beside it has.
            if let Some(at) = prefixed.lines().nth(n).and_then(|line| line.get(17..23)) {
                second = at.replace('.', "").parse::<u64>().unwrap_or(second);
            }
            let at = 1_795_327_200_000_000 + second * 1_000;
            json += &serde_json::json!({"__CURSOR": "s", "__REALTIME_TIMESTAMP": at.to_string(), "_HOSTNAME": "db1", "SYSLOG_IDENTIFIER": "postgres", "_PID": pid.to_string(), "MESSAGE": message}).to_string();
            json += "\n{\"__REALTIME_TIMESTAMP\":\"1795327200000000\",\"SYSLOG_IDENTIFIER\":\"runuser\",\"_PID\":\"7\",\"MESSAGE\":\"session closed for user postgres\"}\n";
            export.extend(format!("__CURSOR=s\n__REALTIME_TIMESTAMP={at}\n_HOSTNAME=db1\nSYSLOG_IDENTIFIER=postgres\n_PID={pid}\n").into_bytes());
            if n % 2 == 0 && message.is_ascii() {
                export.extend(format!("MESSAGE={message}\n\n").into_bytes());
            } else {
                export.extend(b"MESSAGE\n");
                export.extend((message.len() as u64).to_le_bytes());
                export.extend(message.as_bytes());
                export.extend(b"\n\n");
            }
            export.extend(b"__CURSOR=s\n__REALTIME_TIMESTAMP=1795327200000000\nSYSLOG_IDENTIFIER=cron\n_PID=9\nMESSAGE=x\n\n");
        }
        same(json.as_bytes(), plain, "json");
        same(&export, plain, "export");
    }
}

#[test]
fn documents_of_yaml_are_read_in_every_style_of_their_texts() {
    let literal =
        |text: &str| text.split('\n').map(|line| format!("\n  {line}")).collect::<String>();
    let styles: [&dyn Fn(&str) -> String; 4] = [
        &|text| serde_json::Value::from(text).to_string(),
        &|text| format!("|-{}", literal(text)),
        &|text| format!("'{}'", text.replace('\'', "''").replace('\n', "\n\n  ")),
        // As a printer folds long lines.
        &|text| serde_json::Value::from(text).to_string().replacen(" LOG", "\\\n  \\ LOG", 1),
    ];
    for style in styles {
        for newest in [false, true] {
            let mut documents: Vec<String> = records(&postgresql())
                .iter()
                .enumerate()
                .map(|(n, text)| format!("---\ninsertId: s={n}\nresource:\n  type: cloudsql_database\ntextPayload: {}\ntimestamp: '{}Z'\n", style(text), time_of(n).replace(' ', "T")))
                .collect();
            if newest {
                documents.reverse();
            }
            same(documents.concat().as_bytes(), &postgresql(), "YAML");
        }
    }
}

#[test]
fn rows_of_csvlog_that_were_written_again_are_read() {
    let names = "log_time,user_name,database_name,process_id,connection_from,session_id,session_line_num,command_tag,session_start_time,virtual_transaction_id,transaction_id,error_severity,sql_state_code,message,detail,hint,internal_query,internal_query_pos,context,query,query_pos,location,application_name,backend_type,leader_pid,query_id";
    let row = |n: usize, quote: &str, sign: &str| {
        let message = format!("duration: {n}.5 ms  statement: select \"a\",\n  {n}; from t");
        let message = format!("\"{}\"", message.replace('"', "\"\""));
        let mut fields = vec![String::new(); 26];
        for (place, value) in [
            (0, format!("2026-11-22 06:00:{n:02}.000 UTC")),
            (1, "u".to_owned()),
            (2, "d".to_owned()),
            (3, "7".to_owned()),
            (11, "LOG".to_owned()),
            (12, "00000".to_owned()),
            (22, "app".to_owned()),
        ] {
            fields[place] = value;
        }
        for field in &mut fields {
            *field = format!("{quote}{field}{quote}");
        }
        fields[13] = message;
        fields.join(sign) + "\r\n"
    };
    let rows = |quote: &str, sign: &str| (0..40).map(|n| row(n, quote, sign)).collect::<String>();
    let plain = rows("", ",");
    assert!(
        read(plain.as_bytes()).issues.is_empty(),
        "as the server writes it, it is read as it is"
    );
    for (quote, sign) in [("\"", ","), ("", ";"), ("", "\t"), ("\"", ";")] {
        same(rows(quote, sign).as_bytes(), &plain, "quoted or separated otherwise");
    }
    same(format!("{names}\r\n{plain}").as_bytes(), &plain, "with names");
    let subset: String = (0..40)
        .map(|n| {
            let row = row(n, "", "\u{1}");
            let fields: Vec<&str> = row.trim_end().split('\u{1}').collect();
            [13, 0, 1, 3].map(|place| fields[place]).join(",") + "\n"
        })
        .collect();
    same(
        format!("message,log_time,user_name,process_id\n{subset}").as_bytes(),
        &plain,
        "some columns",
    );
}
