//! What a log is recognised as, and how its lines begin.

use super::read;
use crate::{Options, Reader};
use model::{Head, Sink as _};

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
fn a_number_behind_the_names_is_no_process_id_of_a_collector() {
    for id in ["0", "5873205829", "-5873205829"] {
        let who = format!("mmuser@mattermost/boards {id}");
        let text = format!(
            "2026-01-20 06:04:31.284 UTC [6690] LOG:  checkpoint starting: time\n\
             2026-01-20 06:05:00.000 UTC [9911] {who} LOG:  duration: 1500.250 ms  statement: VACUUM FULL channelmembers\n\
             2026-01-20 06:05:01.000 UTC [77] {who} LOG:  process 77 still waiting for AccessShareLock on relation 16500 of database 16384 after 1000.071 ms\n\
             2026-01-20 06:05:01.000 UTC [77] {who} DETAIL:  Process holding the lock: 9911. Wait queue: 77.\n\
             2026-01-20 06:05:01.000 UTC [77] {who} STATEMENT:  SELECT 1\n"
        );
        for prefix in [None, Some("%m [%p] %q%u@%d/%a %Q ")] {
            let options = Options { prefix: prefix.map(str::to_owned), ..Options::default() };
            let parsed = super::read_with(&options, text.as_bytes(), 50);
            let records = &parsed.records;
            let source = &records.sources[0];
            assert_eq!(source.format, "postgresql stderr", "{id}, {prefix:?}");
            assert_eq!(source.prefix, "%m [%p] %q%u@%d/%a %Q ", "{id}");
            let query = &records.queries[0];
            assert_eq!(query.applications[0].value.untrusted(), "boards");
            let wait = &records.locks[0];
            assert_eq!((wait.waiter.pid, wait.blocker.pid), (Some(77), Some(9911)), "{id}");
            assert_eq!(wait.blocker.user.untrusted(), "mmuser");
            assert_eq!(wait.blocker.fingerprint, "vacuum full channelmembers");
        }
    }
}

#[test]
fn a_zone_is_kept_whoever_writes_the_line() {
    for (zone, utc) in [
        ("EST", "09:01:11"),
        ("CET", "03:01:11"),
        ("IST", "22:31:11"),
        ("UTC", "04:01:11"),
        ("PDT", "11:01:11"),
        ("+0530", "22:31:11"),
    ] {
        let forms = [
            format!(
                "2025-12-10 04:01:11.000 {zone} [40553] mmuser@mattermost/app 321139207 LOG:  duration: 1500.250 ms  statement: select 1\n"
            ),
            format!(
                "2025-12-10 04:01:11 {zone} [40553] mmuser@mattermost LOG:  duration: 1500.250 ms  statement: select 1\n"
            ),
            format!(
                "2025-12-10 04:01:11 {zone} db1 postgres[40553]: [7-1] LOG:  duration: 1500.250 ms  statement: select 1\n"
            ),
        ];
        for text in forms {
            let parsed = super::read(text.as_bytes());
            let at = parsed.records.queries[0].first_at.unwrap();
            assert_eq!(at.format("%H:%M:%S").to_string(), utc, "{text}");
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
    let error = error.to_string();
    assert!(error.contains("tried postgresql jsonlog") && !error.contains("--prefix"), "{error}");
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

fn head(text: &str) -> Head<'_> {
    Head { path: "db.log", bytes: text.as_bytes(), whole: true }
}

#[test]
fn a_named_prefix_that_reads_nothing_is_refused_and_the_right_one_said() {
    let text = "2026-11-22 06:00:00.000 UTC [7] mmuser@mattermost LOG:  duration: 1500.000 ms  statement: select 1\n".repeat(5);
    for prefix in ["nonsense %p", "%m [%p] user=%u,db=%d "] {
        let options = Options { prefix: Some(prefix.to_owned()), ..Options::default() };
        let Err(error) = Reader::new(&options, &head(&text), "db.log") else { panic!("read") };
        let said = error.to_string();
        assert!(said.contains(prefix) && said.contains("`%m [%p] %q%u@%d ` is read"), "{said}");
    }
    let right = Options { prefix: Some("%m [%p] %u@%d ".to_owned()), ..Options::default() };
    assert!(Reader::new(&right, &head(&text), "db.log").is_ok());
    // A prefix is of standard error; other formats are read in spite of it.
    let slow = "# Time: 2026-11-22T06:00:00.000000Z\n# User@Host: u[u] @ h []\n# Query_time: 2  Lock_time: 0  Rows_sent: 1  Rows_examined: 0\nSET timestamp=1795327200;\nselect 1;\n";
    assert!(Reader::new(&right, &head(slow), "slow.log").is_ok());
}

#[test]
fn of_a_user_with_a_sign_the_last_sign_stands_before_the_database() {
    let text = "2026-11-22 06:00:00.000 UTC [7] jane@corp.com@mattermost LOG:  duration: 1500.000 ms  statement: select 'a@b'\n";
    for prefix in [None, Some("%m [%p] %q%u@%d ")] {
        let options = Options { prefix: prefix.map(str::to_owned), ..Options::default() };
        let parsed = super::read_with(&options, text.repeat(4).as_bytes(), 100);
        let query = &parsed.records.queries[0];
        assert_eq!(query.users[0].value.untrusted(), "jane@corp.com", "{prefix:?}");
        assert_eq!(query.databases[0].value.untrusted(), "mattermost", "{prefix:?}");
    }
}

#[test]
fn odd_prefixes_are_read_piece_by_piece() {
    // As real servers wrote them, with `log_line_prefix` in the comment. Names are made.
    let logs = [
        // <%m> %-20a|%b|%r|%i| [%c:%l] {%x/%v} usr=%u
        [
            "<2026-11-22 13:29:38.839 UTC>                     |postmaster||| [6b02ee42.35d9:3] {0/} usr= LOG:  starting PostgreSQL 15.18",
            "<2026-11-22 13:29:38.865 UTC>                     |postmaster||| [6b02ee42.35d9:5] {0/} usr= LOG:  database system is ready to accept connections",
            "<2026-11-22 13:29:40.101 UTC> psql                |client backend|[local]|SELECT| [6b02ee42.35f0:9] {0/3/21} usr=jane LOG:  duration: 121.500 ms  statement: select 1",
        ],
        // %s %t %h(%p)%q %u@%d:%a>
        [
            "2026-11-22 13:29:30 UTC 2026-11-22 13:29:38 UTC (13785)LOG:  00000: starting PostgreSQL 15.18",
            "2026-11-22 13:29:30 UTC 2026-11-22 13:29:38 UTC (13785)LOG:  00000: database system is ready to accept connections",
            "2026-11-22 13:29:36 UTC 2026-11-22 13:29:40 UTC [local](13808) jane@postgres:psql> LOG:  00000: duration: 121.500 ms  statement: select 1",
        ],
        // %n|%p|%u|%d|%a|%h|
        [
            "1795354178.839|13785|||||LOG:  starting PostgreSQL 15.18",
            "1795354178.865|13785|||||LOG:  database system is ready to accept connections",
            "1795354180.101|13808|jane|postgres|psql|[local]|LOG:  duration: 121.500 ms  statement: select 1",
        ],
    ];
    for lines in logs {
        let [first, second, third] = lines;
        let more = format!("{third}\n").repeat(6);
        let parsed = read(format!("{first}\n{second}\n{more}").as_bytes());
        let source = &parsed.records.sources[0];
        assert_eq!((source.unknown_lines, source.records), (0, 8), "{third}");
        let query = &parsed.records.queries[0];
        assert_eq!((query.calls, query.total_us), (6, 729_000), "{third}");
        let at = query.first_at.unwrap();
        assert_eq!(at.format("%H:%M:%S").to_string(), "13:29:40", "{third}");
        let window = source.window.unwrap();
        assert_eq!(window.start.format("%H:%M:%S").to_string(), "13:29:38", "{third}");
    }
}

#[test]
fn a_log_without_years_is_of_the_year_that_others_tell() {
    let line = |day: &str, pid: u32, inside: &str| {
        format!(
            "{day} 09:18:00 db1 postgres[{pid}]: [5-1] {inside}LOG:  duration: 1500.250 ms  statement: select {pid}\n"
        )
    };
    let text = format!("{}{}", line("Dec 31", 7, ""), line("Jan  1", 8, ""));
    let days = |options: &Options, text: &str| {
        let parsed = super::read_with(options, text.as_bytes(), 64);
        let source = &parsed.records.sources[0];
        let window = source.window.unwrap();
        let day = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d").to_string();
        let limit = source.limits.iter().find(|limit| limit.contains("year")).cloned();
        (day(window.start), day(window.end), limit.unwrap_or_default())
    };
    let until = crate::Until {
        at: chrono::DateTime::from_timestamp(1_767_441_600, 0).unwrap(),
        by: "the support packet",
    };
    let told = Options { until: Some(until), ..Options::default() };
    assert_eq!(
        days(&told, &text),
        (
            "2025-12-31".to_owned(),
            "2026-01-01".to_owned(),
            "times without year: 2025 to 2026 by the support packet".to_owned()
        )
    );
    assert_eq!(days(&Options::default(), &text).2, "times without year");
    // A prefix with the full date is a better witness, also for lines without one before it.
    let mixed = line("Jan  2", 9, "") + &line("Jan  2", 10, "2023-01-02 09:18:00 UTC [10] ");
    assert_eq!(days(&told, &mixed).2, "times without year: 2023 by records with a date");
    assert_eq!(days(&told, &mixed).0, "2023-01-02");
    let dated = line("Jan  2", 10, "2023-01-02 09:18:00 UTC [10] ");
    assert_eq!(days(&told, &dated).2, "");
}
