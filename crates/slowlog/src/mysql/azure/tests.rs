//! Azure's records against the same statements in a slow log file.

use crate::tests::{read, read_with};
use crate::{NotRecognised, Options, Reader, SlowLog};
use model::{Head, Parsed};
use serde_json::{Value, json};

/// Statements: second of the start, milliseconds, milliseconds of locks, rows sent and examined, text.
const STATEMENTS: &[(u32, u32, u32, u32, u32, &str)] = &[
    (0, 1_500, 0, 1, 4_000, "SELECT \"a\\b\", 'é😀'\n\tFROM Posts\n\tWHERE Id = 1"),
    (7, 12_250, 3, 25, 90_000, "SELECT * FROM Posts WHERE ChannelId IN ('x', 'y, z') LIMIT 60"),
    (9, 2_001, 1, 0, 0, "UPDATE Channels SET Name = 'it''s, \"quoted\"' WHERE Id = 'c'"),
    (12, 31_000, 0, 0, 0, "DROP INDEX idx_posts_create_at ON Posts"),
];

/// As the server itself writes it.
fn file() -> String {
    let entry = |(at_s, ms, lock_ms, sent, examined, sql): &(u32, u32, u32, u32, u32, &str)| {
        let end_ms = at_s * 1_000 + ms;
        format!(
            "# Time: 2026-03-01T09:18:{:02}.{:03}000Z\n# User@Host: mmuser[mmuser] @  [10.0.2.12]  Id: 28\n# Query_time: {}.{:03}000  Lock_time: 0.{lock_ms:03}000 Rows_sent: {sent}  Rows_examined: {examined}\nuse mattermost;\nSET timestamp={};\n{sql};\n",
            end_ms / 1_000,
            end_ms % 1_000,
            ms / 1_000,
            ms % 1_000,
            1_772_356_680 + at_s,
        )
    };
    STATEMENTS.iter().map(entry).collect()
}

/// As diagnostic settings send it to a storage account.
fn records() -> Vec<Value> {
    let record = |(at_s, ms, lock_ms, sent, examined, sql): &(u32, u32, u32, u32, u32, &str)| {
        json!({
            "LogicalServerName": "db", "time": "2026-03-01T09:25:00Z", "category": "MySqlSlowLogs",
            "resourceId": "/SUBSCRIPTIONS/X/PROVIDERS/MICROSOFT.DBFORMYSQL/FLEXIBLESERVERS/DB",
            "operationName": "LogEvent",
            "properties": {
                "event_class": "slow_log", "start_time": format!("2026-03-01T09:18:{at_s:02}Z"),
                "query_time": f64::from(*ms) / 1e3, "lock_time": f64::from(*lock_ms) / 1e3,
                "rows_sent": sent, "rows_examined": examined, "last_insert_id": 0, "insert_id": 0,
                "server_id": 1_825_589_180, "thread_id": 28, "host": "mmuser[mmuser] @  [10.0.2.12]",
                "db": "mattermost", "sql_text": sql,
            },
        })
    };
    STATEMENTS.iter().map(record).collect()
}

/// As `AzureDiagnostics` has it in Log Analytics.
fn flat() -> Vec<Value> {
    let row = |record: Value| {
        let mut row = json!({ "Category": "MySqlSlowLogs", "Type": "AzureDiagnostics", "TimeGenerated": "2026-03-01T09:25:00Z" });
        for (key, value) in record["properties"].as_object().unwrap() {
            let key = match key.as_str() {
                "start_time" => "start_time_t".to_owned(),
                "host" => "user_host_s".to_owned(),
                "query_time" | "lock_time" => format!("{key}_d"),
                other => format!("{other}_s"),
            };
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            row[key] = Value::String(value);
        }
        row
    };
    records().into_iter().map(row).collect()
}

/// As the portal exports a table to CSV: of `AzureDiagnostics`, or of `MySqlSlowLogs`.
fn csv(of_its_own: bool) -> String {
    let mut out = String::from(if of_its_own {
        "\u{feff}TenantId,\"StartTime [UTC]\",QueryDurationMs,LockDurationMs,Host,RowsSent,RowsExamined,Db,SqlText\r\n"
    } else {
        "TenantId,\"start_time_t [UTC]\",query_time_d,lock_time_d,user_host_s,rows_sent_s,rows_examined_s,db_s,sql_text_s\n"
    });
    for (at_s, ms, lock_ms, sent, examined, sql) in STATEMENTS {
        let sql = sql.replace('"', "\"\"");
        out += &if of_its_own {
            format!(
                "t,\"3/1/2026, 9:18:{at_s:02}.000 AM\",{ms},{lock_ms},mmuser[mmuser] @  [10.0.2.12],{sent},{examined},mattermost,\"{sql}\"\r\n"
            )
        } else {
            format!(
                "t,2026-03-01T09:18:{at_s:02}Z,{}.{:03},0.{lock_ms:03},mmuser[mmuser] @  [10.0.2.12],{sent},{examined},mattermost,\"{sql}\"\n",
                ms / 1_000,
                ms % 1_000
            )
        };
    }
    out
}

/// What a log says, but for what its format is and where in it something stands.
fn said(parsed: &Parsed<SlowLog>) -> impl PartialEq + std::fmt::Debug + use<> {
    let log = &parsed.records;
    let queries = log.queries.iter().map(|query| {
        let mut query = (**query).clone();
        query.first_place = crate::Spot::default();
        query.max_place = crate::Spot::default();
        query
    });
    let ddl: Vec<_> = log.ddl.iter().map(|it| (it.at, it.started_at, it.object.clone())).collect();
    let source = &log.sources[0];
    (
        queries.collect::<Vec<_>>(),
        (log.minutes.clone(), log.load.clone(), ddl),
        (source.window, source.phases, source.threshold_us, source.limits.clone(), source.records),
    )
}

fn json_lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

#[test]
fn every_form_says_what_the_servers_own_log_says() {
    let expected = read(file().as_bytes());
    assert_eq!(expected.records.sources[0].records, 4);
    let (nested, flat) = (records(), flat());
    let forms = [
        ("lines", json_lines(&nested)),
        ("array", json!(nested).to_string()),
        ("array, laid out", serde_json::to_string_pretty(&nested).unwrap()),
        (
            "event hub",
            format!(
                "{}\n{}\n",
                json!({ "records": nested[..2] }),
                json!({ "records": nested[2..] })
            ),
        ),
        ("data export", json_lines(&flat)),
        ("command line", serde_json::to_string_pretty(&flat).unwrap()),
        ("portal, AzureDiagnostics", csv(false)),
        ("portal, MySqlSlowLogs", csv(true)),
    ];
    for (what, text) in forms {
        for step in [7, 65_536] {
            let got = read_with(&Options::default(), text.as_bytes(), step);
            assert_eq!(got.records.sources[0].format, "mysql azure", "{what}");
            assert_eq!(said(&got), said(&expected), "{what}, {step}");
            assert_eq!(got.coverage.skipped, 0, "{what}: {:?}", got.issues);
        }
    }
}

#[test]
fn rows_of_the_table_as_objects_are_rows_of_the_table() {
    let row = json!({ "start_time": "2026-03-01 09:18:09.000000", "user_host": "u[u] @ h []", "query_time": "00:00:01.500000", "lock_time": "00:00:00", "rows_sent": 1, "rows_examined": 2, "db": "d", "sql_text": "select 1" });
    let parsed = read(serde_json::to_string_pretty(&json!([row])).unwrap().as_bytes());
    let query = &parsed.records.queries[0];
    assert_eq!((query.calls, query.total_us), (1, 1_500_000));
    // The table has the end, without a zone.
    assert_eq!(query.last_at.unwrap().to_rfc3339(), "2026-03-01T09:18:09+00:00");
    assert!(parsed.coverage.limits.contains(&"local time without zone".to_owned()));
}

#[test]
fn records_of_the_audit_log_are_passed_over_and_counted() {
    let audit = json!({ "category": "MySqlAuditLogs", "properties": { "event_class": "general_log", "sql_text": "select 1", "user": "u" } });
    let mut mixed = records();
    mixed.insert(1, audit.clone());
    mixed.push(audit.clone());
    let parsed = read(json_lines(&mixed).as_bytes());
    assert_eq!((parsed.coverage.records, parsed.coverage.skipped), (4, 0));
    let said = parsed.issues.iter().find(|issue| issue.reason.contains("category")).unwrap();
    assert_eq!((said.count, said.location.as_str()), (2, "line:2"));

    let alone = [
        json_lines(&[audit.clone(), audit.clone()]),
        serde_json::to_string_pretty(&[audit]).unwrap(),
        "TimeGenerated,Category,event_class_s\n2026-03-01T09:18:09Z,MySqlAuditLogs,general_log\n"
            .to_owned(),
    ];
    for text in alone {
        let head = Head { path: "", bytes: text.as_bytes(), whole: true };
        let error = Reader::new(&Options::default(), &head, "audit.json").err();
        assert_eq!(error, Some(NotRecognised::Audit { label: "audit.json".to_owned() }), "{text}");
    }
}

#[test]
fn what_azure_cut_and_what_is_broken_is_said() {
    let mut some = records();
    some[0]["properties"]["sql_text"] = Value::String(format!("select '{}", "é".repeat(2_040)));
    some[1]["properties"]["query_time"] = Value::Null;
    let text = format!("{}no object\n", json_lines(&some));
    let parsed = read(text.as_bytes());
    assert_eq!((parsed.coverage.records, parsed.coverage.skipped), (3, 1));
    assert_eq!(parsed.records.sources[0].unknown_lines, 1);
    assert!(parsed.issues.iter().any(|issue| issue.reason.contains("2,048")));
}

#[test]
fn a_line_that_is_far_too_long_costs_no_memory() {
    let long = format!("{{\"category\":\"MySqlSlowLogs\",\"x\":\"{}\"}}\n", "y".repeat(3 << 20));
    let text = format!("{}{long}{}", json_lines(&records()), json_lines(&records()));
    let parsed = read(text.as_bytes());
    assert_eq!((parsed.coverage.records, parsed.coverage.skipped), (8, 1));
    assert_eq!(parsed.records.sources[0].lines, 9);
}
