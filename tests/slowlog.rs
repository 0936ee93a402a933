//! `analyze slowlog`: what a user sees of a database log.

use crate::archives::Scratch;
use crate::command::{analyze, root, run};
use std::process::{Command, Stdio};

const INCIDENT: &str = "fixtures/slowlog/incident.log";
const BASELINE: &str = "fixtures/slowlog/baseline.log";
const MARIADB: &str = "fixtures/slowlog/slow.log";
const POOLER: &str = "fixtures/slowlog/pgbouncer.log";
const WINDOW: &str = "2026-03-02T10:00Z..";
/// Stands as a literal in every fixture.
const CANARY: &str = "canary-literal-7731";

/// Text without its line breaks and runs of blanks.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn assert_has(answer: &str, words: &[&str]) {
    let flat = joined(answer);
    for word in words {
        assert!(flat.contains(word), "`{word}` is not in:\n{answer}");
    }
}

fn json(args: &[&str]) -> serde_json::Value {
    let mut all = vec!["slowlog"];
    all.extend(args);
    all.extend(["--format", "json"]);
    serde_json::from_slice(&run(&all).stdout).expect("JSON")
}

#[test]
fn the_window_of_an_incident_shows_what_is_new_who_blocks_and_what_was_dropped_before() {
    let answer = analyze(&["slowlog", INCIDENT, "--incident", WINDOW]);
    assert!(answer.starts_with("exit 0\n"), "{answer}");
    assert_has(
        &answer,
        &[
            "CHANGED new, +",
            "too few calls to tell, +23 % of the change, 1 call and none before, mean 4 min 00 s",
            "180 calls, mean 4.50 s",
            "gone, -",
            "3 lock waits (ShareLock 3)",
            "pid 140 held up 3 waits, the longest 1.00 s (user report, application metabase",
            "4 connections (too many clients 4)",
            "1 statement (user request 1)",
            "drop index concurrently idx_sidebarchannels_categoryid by user dba_admin",
            "2 min before the window",
            "slow statements only: what took less than about 1.00 s",
        ],
    );
}

#[test]
fn a_window_counts_what_an_independent_count_finds() {
    // 3 calls a minute for an hour from 10:00 on, one of each other query a minute.
    let text = std::fs::read_to_string(root().join(INCIDENT)).unwrap();
    let durations: Vec<f64> = text
        .lines()
        .filter(|line| line.starts_with("2026-03-02 10:") && line.contains("SidebarChannels"))
        .filter_map(|line| line.split_once("duration: ")?.1.split(' ').next()?.parse().ok())
        .collect();
    let answer =
        json(&[INCIDENT, "--incident", WINDOW, "--table", "sidebarchannels", "--kind", "select"]);
    let row = &answer["rows"][0];
    assert_eq!(row["calls"], durations.len());
    assert_eq!(row["total_ms"], durations.iter().sum::<f64>());
    assert_eq!(row["verdict"], "new");
}

#[test]
fn the_log_of_a_pooler_is_read_by_itself_and_beside_the_databases() {
    let answer = analyze(&["slowlog", POOLER]);
    assert!(answer.starts_with("exit 0\n"), "{answer}");
    assert_has(
        &answer,
        &[
            "4 ended sessions (pooler: query_wait_timeout 4)",
            "6 connections (pooler: max_client_conn 6)",
            "at most 790 statements a second",
            "clients waited 48.0 s for a connection at the worst",
            "has events and figures, no statements",
        ],
    );
    let both = json(&[INCIDENT, POOLER]);
    assert_eq!(both["sources"].as_array().map(Vec::len), Some(2));
    assert_eq!(both["pooler"][0]["logins"], 1);
    let waits = both["pooler"].as_array().unwrap().iter().map(|it| it["wait_ms"].as_f64());
    assert_eq!(waits.flatten().fold(0.0, f64::max), 48_000.11);

    // Alone it shows nothing of what the database itself would log.
    let report = analyze(&[POOLER, "--all"]);
    assert_has(&report, &["pooler-takes-no-more-clients", "clients-of-the-pooler-wait-long"]);
    let query = analyze(&["query", POOLER, "SELECT COUNT(*) AS n FROM queries"]);
    assert!(!query.starts_with("exit 0"), "{query}");
}

#[test]
fn a_baseline_of_another_day_is_compared_with() {
    let answer = analyze(&["slowlog", INCIDENT, "--baseline", BASELINE]);
    assert_has(&answer, &["against the baseline", "CHANGED new, +"]);
    assert!(!answer.contains("rest of the log"), "{answer}");
}

#[test]
fn literals_leave_in_no_format() {
    for file in [INCIDENT, MARIADB] {
        for format in ["terminal", "markdown", "json", "csv"] {
            let answer = analyze(&["slowlog", file, "--format", format]);
            assert!(
                answer.starts_with("exit 0\n") && !answer.contains(CANARY),
                "{format}: {answer}"
            );
        }
    }
    let refused = analyze(&["slowlog", INCIDENT, "--show-literals"]);
    assert!(refused.starts_with("exit 2\n") && refused.contains("only on a terminal"), "{refused}");
}

#[test]
fn a_mysql_log_has_rows_examined_and_time_in_locks() {
    let answer = json(&[MARIADB]);
    let row = &answer["rows"][0];
    assert_eq!((&row["calls"], &row["rows_examined"]), (&5.into(), &5000.into()));
    assert_eq!((&row["lock_ms"], &row["max_ms"]), (&1250.0.into(), &5500.0.into()));
}

#[test]
fn a_file_that_is_no_log_is_an_error_with_its_first_lines_and_what_was_tried() {
    let answer = analyze(&["slowlog", "README.md"]);
    assert!(answer.starts_with("exit 3\n--- stdout\n--- stderr\n"), "{answer}");
    assert_has(&answer, &["README.md", "it begins: |", "tried postgresql jsonlog"]);
    assert!(!answer.contains("--prefix"), "a prefix would not help: {answer}");
}

#[test]
fn a_log_beside_a_file_that_is_none_is_read_and_the_exit_says_so() {
    let answer = analyze(&["slowlog", "README.md", INCIDENT]);
    assert!(answer.starts_with("exit 3\n"), "{answer}");
    assert_has(&answer, &["NOT READ README.md", "DOMINATES"]);
}

#[test]
fn a_window_outside_the_log_says_what_the_log_covers() {
    let answer = analyze(&["slowlog", INCIDENT, "--since", "2025-01-01", "--until", "2025-01-02"]);
    assert!(answer.starts_with("exit 2\n"), "{answer}");
    assert_has(&answer, &["covers 2026-03-02 09:00:05 to 10:59:22"]);
}

#[test]
fn a_filter_that_nothing_passes_says_what_there_is() {
    let answer = analyze(&["slowlog", INCIDENT, "--user", "nobody"]);
    assert!(answer.starts_with("exit 2\n"), "{answer}");
    assert_has(&answer, &["the log has user: dba_admin, mmuser, report"]);
}

/// A log of one statement that 30 users ran ten times each, from 100 clients.
fn many_clients(scratch: &Scratch) -> String {
    let mut text = String::new();
    for n in 0..300 {
        text.push_str(&format!(
            "2026-03-02 10:{:02}:00.000 UTC [{}]: user=u{},db=mm,app=,client=10.0.0.{} LOG:  duration: 150.000 ms  statement: select {n}\n",
            n / 6, 100 + n, n % 30, n % 100
        ));
    }
    made(scratch, "many.log", &text)
}

#[test]
fn users_and_clients_are_counted_whole_however_many_there_are() {
    let scratch = Scratch::new("slowlog-many-clients");
    let log = many_clients(&scratch);
    for (group, n, calls) in [("user", 30, 10), ("client", 100, 3), ("database", 1, 300)] {
        let answer = json(&[&log, "--group", group]);
        let rows = answer["rows"].as_array().unwrap();
        assert_eq!(rows.len(), n, "{group}");
        assert!(rows.iter().all(|row| row["calls"] == calls), "{group}: {rows:?}");
    }
    let one = json(&[&log, "--user", "u29"]);
    assert_eq!((&one["calls"], &one["total_ms"]), (&10.into(), &1500.0.into()));
    let both = json(&[&log, "--user", "u29", "--client", "10.0.0.29"]);
    assert_eq!(both["calls"], 1);
    let nobody = analyze(&["slowlog", &log, "--user", "nobody"]);
    assert_has(&nobody, &["the log has user: u0, u1, u10,", "and 18 more"]);
}

/// A log of a scratch folder.
fn made(scratch: &Scratch, name: &str, text: &str) -> String {
    let path = scratch.0.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn time_in_parse_and_bind_is_in_the_answer_where_it_matters() {
    let scratch = Scratch::new("slowlog-phases");
    let log = made(
        &scratch,
        "phases.log",
        "2026-03-02 10:00:01.000 UTC [7] LOG:  duration: 6000.000 ms  parse <unnamed>: select a from t where b = $1\n\
         2026-03-02 10:00:02.000 UTC [8] LOG:  duration: 7000.000 ms  bind <unnamed>: select a from t where b = $1\n\
         2026-03-02 10:00:09.000 UTC [7] LOG:  duration: 7000.000 ms  execute <unnamed>: select a from t where b = $1\n",
    );
    let answer = analyze(&["slowlog", &log]);
    assert_has(
        &answer,
        &[
            "1 statement, 7.00 s together",
            "BESIDES parse 1 time, 6.00 s; bind 1 time, 7.00 s",
            "13.0 s of 20.0 s were spent in parse and bind",
            "2 times, 13.0 s, longest 7.00 s: q:",
        ],
    );
    assert_eq!(json(&[&log])["preparing"][0]["total_ms"], 13_000.0);
}

#[test]
fn a_log_and_its_copy_count_once_and_it_is_said() {
    let scratch = Scratch::new("slowlog-twice");
    let copy = made(&scratch, "copy.log", &std::fs::read_to_string(root().join(INCIDENT)).unwrap());
    let (once, twice) = (json(&[INCIDENT]), json(&[INCIDENT, &copy]));
    assert_eq!((&once["calls"], &once["total_ms"]), (&twice["calls"], &twice["total_ms"]));
    assert_has(
        &analyze(&["slowlog", INCIDENT, &copy]),
        &["TWICE", "holds the same events as fixtures/slowlog/incident.log: counted once"],
    );
}

#[test]
fn a_log_in_another_language_is_read_and_an_unknown_one_is_said() {
    let scratch = Scratch::new("slowlog-language");
    let french = made(
        &scratch,
        "french.log",
        "2026-03-02 10:00:01.000 CET [7] mm@mm LOG:  durée : 6000.000 ms, instruction : select a from t\n\
         2026-03-02 10:00:02.000 CET [8] mm@mm ERREUR:  annulation de la requête à la demande de l'utilisateur\n\
         2026-03-02 10:00:02.000 CET [8] mm@mm INSTRUCTION :  select b from t\n",
    );
    assert_has(
        &analyze(&["slowlog", &french]),
        &[
            "1 statement, 6.00 s",
            "messages in French",
            "lc_messages = 'C'",
            "1 statement (user request 1)",
        ],
    );
}

#[test]
fn the_order_of_files_and_the_number_of_threads_change_nothing() {
    let one = analyze(&["slowlog", INCIDENT, BASELINE, "--format", "csv", "--threads", "1"]);
    let other = analyze(&["slowlog", BASELINE, INCIDENT, "--format", "csv", "--threads", "3"]);
    assert_eq!(one, other);
}

#[test]
fn two_exports_of_statistics_are_subtracted() {
    let folder = std::env::temp_dir().join(format!("analyze-slowlog-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let export = |name: &str, calls: u32, ms: u32| {
        let path = folder.join(name);
        let text = format!(
            "userid,dbid,queryid,query,calls,total_exec_time,min_exec_time,max_exec_time,rows\n\
             10,5,1,select * from posts where id = $1,{calls},{ms}.5,0.1,900.0,7\n\
             10,5,2,select 1,40,80.0,0.1,9.0,40\n"
        );
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let (before, after) = (export("before.csv", 100, 1000), export("after.csv", 130, 4000));
    let answer = json(&[&after, "--baseline", &before]);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(answer["n_rows"], 1, "{answer}");
    let row = &answer["rows"][0];
    assert_eq!((&row["calls"], &row["total_ms"]), (&30.into(), &3000.0.into()));
    assert!(row["p95_ms"].is_null() && row["verdict"].is_null(), "{row}");
}

#[test]
fn standard_input_is_read() {
    let file = std::fs::File::open(root().join(INCIDENT)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .args(["slowlog", "-", "--top", "1"])
        .current_dir(root())
        .env_clear()
        .stdin(Stdio::from(file))
        .output()
        .unwrap();
    let answer = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{answer}");
    assert!(answer.contains("DOMINATES"), "{answer}");
}

#[test]
fn every_database_and_hosting_has_its_commands_and_the_request_prints_the_same() {
    for database in ["postgres", "mysql", "mariadb"] {
        for hosting in ["self", "rds", "aurora", "azure", "cloudsql", "operator"] {
            let answer =
                analyze(&["slowlog", "--how-to", "--database", database, "--hosting", hosting]);
            assert!(answer.starts_with("exit 0\n"), "{answer}");
            assert_has(&answer, &["turn on", "fetch", "turn off", "cost"]);
            let request = analyze(&["request", "--database", database, "--hosting", hosting]);
            let on = answer.lines().find_map(|line| line.trim().strip_prefix("turn on")).unwrap();
            assert!(request.contains(on.trim()), "{on}\n{request}");
        }
    }
}

#[test]
fn every_sample_of_a_real_server_is_read() {
    let folder = root().join("../shared/data/slowlog");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    };
    let mut n = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        let answer = json(&[&path.to_string_lossy()]);
        assert!(answer["calls"].as_u64() > Some(0), "{}: {}", path.display(), answer["calls"]);
        let total: f64 = answer["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|row| row["total_ms"].as_f64())
            .sum();
        let whole = answer["total_ms"].as_f64().unwrap();
        assert!((total - whole).abs() <= 0.01, "{}: {total} of {whole}", path.display());
        n += 1;
    }
    assert!(n > 0, "no sample in {}", folder.display());
}

/// Writes a log in which every statement is a query of its own.
fn ever_new(path: &std::path::Path, file: u32, n_statements: u32) {
    use std::io::Write as _;
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    for n in 0..n_statements {
        let (minute, milli, id) = (n / 1_000, n % 1_000, file * 1_000_000 + n);
        writeln!(
            out,
            "2026-11-22 {file:02}:{minute:02}:00.{milli:03} UTC [{}] mmuser@mattermost LOG:  duration: {}.123 ms  statement: SELECT p.x{id}, p.userid, p.message, count(*) FROM posts p JOIN channels c ON c.id = p.channelid WHERE p.y{id} = 'v' AND p.deleteat = 0 ORDER BY p.createat DESC",
            100 + n % 50,
            1_000 + n * 7 % 3_000,
        )
        .unwrap();
    }
}

/// The largest resident size of a run, in kB, as the system reports it while it runs, and what it
/// printed.
fn peak_kb(args: &[&str]) -> (u64, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("analyze starts");
    let status = format!("/proc/{}/status", child.id());
    let mut out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut out, &mut text).unwrap();
        text
    });
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let kb = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = peak.max(kb.and_then(|kb| kb.trim().split(' ').next()?.parse().ok()).unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    (peak, reader.join().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn many_files_of_ever_new_statements_take_hardly_more_memory_than_one() {
    let folder = Scratch::new("slowlog-ever-new");
    let paths: Vec<String> = (0..6)
        .map(|file| {
            let path = folder.write(&format!("{file}.log"), b"");
            ever_new(std::path::Path::new(&path), file, 14_000);
            path
        })
        .collect();
    let of = |paths: &[String], threads: &str| {
        let mut args = vec!["slowlog", "--threads", threads, "--top", "3"];
        args.extend(paths.iter().map(String::as_str));
        peak_kb(&args)
    };
    let (one_kb, _) = of(&paths[..1], "2");
    let (six_kb, answer) = of(&paths, "2");
    assert!(one_kb > 0);
    assert!(six_kb < one_kb + 24_000, "{six_kb} kB for six files, {one_kb} kB for one");
    assert_has(&answer, &["84,000 statements", "more than 10,000"]);
    let (_, other) = of(&paths, "5");
    assert_eq!(answer, other, "threads change nothing");
}

#[test]
fn logs_saved_by_windows_are_read_like_any_other() {
    let folder = Scratch::new("slowlog-encodings");
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect::<Vec<u8>>()
    };
    for fixture in [INCIDENT, MARIADB] {
        let text = std::fs::read_to_string(root().join(fixture)).unwrap();
        let crlf = text.replace('\n', "\r\n");
        let figures = |bytes: &[u8]| {
            let path = folder.write("db.log", bytes);
            let mut answer = json(&[&path]);
            let rows = answer["rows"].take();
            assert!(rows.as_array().is_some_and(|rows| !rows.is_empty()), "{rows}");
            rows
        };
        let expected = figures(text.as_bytes());
        for (name, bytes) in [
            ("UTF-16LE", utf16(&text, u16::to_le_bytes)),
            ("UTF-16BE", utf16(&text, u16::to_be_bytes)),
            ("UTF-16LE, CRLF", utf16(&crlf, u16::to_le_bytes)),
            ("UTF-8 with a mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
            ("UTF-8 with a mark, CRLF", [b"\xef\xbb\xbf", crlf.as_bytes()].concat()),
        ] {
            assert_eq!(figures(&bytes), expected, "{fixture} in {name}");
        }
    }
    let text = std::fs::read_to_string(root().join(INCIDENT)).unwrap();
    let path = folder.write("utf16.log", &utf16(&text, u16::to_le_bytes));
    assert_has(&analyze(&["slowlog", &path]), &["UTF-16LE: read as UTF-8"]);
}

#[test]
fn times_without_year_are_of_the_other_files_year_else_of_the_files_own() {
    let folder = Scratch::new("slowlog-years");
    let line = |day: &str, pid: u32| {
        format!(
            "{day} 09:18:00 db1 postgres[{pid}]: [5-1] LOG:  duration: 1500.250 ms  statement: select {pid}\n"
        )
    };
    let syslog = folder.write("syslog", (line("Dec 31", 7) + &line("Jan  1", 8)).as_bytes());
    // Copied in March 2024.
    let written = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_709_900_000);
    std::fs::File::options().write(true).open(&syslog).unwrap().set_modified(written).unwrap();
    let times = "times without year: 2023 to 2024 by the file's modification time";
    assert_has(&analyze(&["slowlog", &syslog]), &["2023-12-31 09:18:00 to", times]);
    let other = folder.write(
        "other.log",
        b"2026-01-02 10:00:00.000 UTC [9] LOG:  duration: 1500.250 ms  statement: select 1\n",
    );
    let times = "times without year: 2025 to 2026 by the other database logs";
    for files in [[&syslog, &other], [&other, &syslog]] {
        let answer = analyze(&["slowlog", files[0], files[1]]);
        assert_has(&answer, &["2025-12-31 09:18:00 to", times]);
    }
    // Whatever the file's own date is, a run on the whole folder takes that of the others.
    assert_has(&analyze(&[&syslog, &other]), &[times]);
}

/// The calls and the total time of each query.
fn queries(answer: &serde_json::Value) -> Vec<(String, u64, String)> {
    let rows = answer["rows"].as_array().expect("rows");
    let of = |row: &serde_json::Value| {
        let text = row["key"].as_str().unwrap_or_default().to_owned();
        (text, row["calls"].as_u64().unwrap(), row["total_ms"].to_string())
    };
    rows.iter().map(of).collect()
}

#[test]
fn a_log_is_the_same_log_whoever_wraps_and_packs_it() {
    use std::io::Write as _;
    let plain = std::fs::read_to_string(root().join(BASELINE)).unwrap();
    let expected = json(&[BASELINE]);
    let lines = |wrap: &dyn Fn(usize, &str) -> String| {
        plain.lines().enumerate().map(|(n, line)| wrap(n, line) + "\n").collect::<String>()
    };
    let time = "2026-03-01T00:00:00.123456789Z";
    let records = plain.split("\n2026-").enumerate().map(|(n, record)| {
        let record = if n == 0 { record.to_owned() } else { format!("2026-{record}") };
        record.trim_end().to_owned()
    });
    let mut rows: Vec<String> =
        records.map(|text| format!("db1,\"{}\"", text.replace('"', "\"\""))).collect();
    rows.reverse();
    let scratch = Scratch::new("wraps");
    let gzip = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    };
    for (what, bytes) in [
        ("docker logs -t", lines(&|_, line| format!("{time} {line}")).into_bytes()),
        ("stern", lines(&|_, line| format!("db-0 postgres {line}")).into_bytes()),
        ("grep -n", lines(&|n, line| format!("a.log:{}:{line}", n + 1)).into_bytes()),
        ("colours", lines(&|_, line| format!("\u{1b}[36mdb_1 |\u{1b}[0m {line}")).into_bytes()),
        ("console", format!("host,Content\r\n{}\r\n", rows.join("\r\n")).into_bytes()),
        ("gz in gz", gzip(&gzip(plain.as_bytes()))),
        (
            "cat *.log",
            format!("{}{plain}", "{\"timestamp\":\"2026-03-01 00:00:00.000 Z\",\"level\":\"info\",\"msg\":\"x\",\"caller\":\"a.go:1\"}\n".repeat(2_000)).into_bytes(),
        ),
    ] {
        let path = scratch.write("db.log", &bytes);
        let answer = json(&[&path]);
        assert_eq!(queries(&answer), queries(&expected), "{what}");
        assert_eq!(answer["window"], expected["window"], "{what}");
        let one = run(&["slowlog", &path, "--format", "json", "--threads", "1"]);
        let many = run(&["slowlog", &path, "--format", "json", "--threads", "16"]);
        assert_eq!(one.stdout, many.stdout, "{what}");
    }
}

#[test]
fn what_is_no_log_is_refused_by_its_name_and_with_what_to_send() {
    let scratch = Scratch::new("others");
    for (name, text, words) in [
        (
            "r.html",
            "<html><head><title>pgBadger: x</title></head></html>",
            "a report of pgBadger: send the log",
        ),
        ("d.txt", "# Profile\n# Rank Query ID  Response time\n", "a report of pt-query-digest"),
        ("l.lz4", "\u{4}\"M\u{18}xxxxxxxxxxxx", "unlz4"),
    ] {
        let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let path = scratch.write(name, &bytes);
        let answer = analyze(&["slowlog", &path]);
        assert_has(&answer, &["exit 3", words]);
        assert!(!answer.contains("--prefix"), "{answer}");
    }
}
