use super::*;
use crate::{Covers, FactState, Version};
use ::packet::log::{LogKind, LogLevel, LogMinute, LogPattern, LogRecords, LogSource, Origin};
use ::packet::{FactRecord, MemberKind, MemberReport, Packet, Scalar, Setting};
use ::slowlog::{Query, QueryMinute, SlowLog, SlowSource};
use chrono::{DateTime, Utc};
use text::{Raw, Redactor};

const CANARY: &str = "hunter2canary";

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000 + minute * 60, 0).expect("a time")
}

fn place(location: &str) -> Place {
    Place { source: "p.zip!x".to_owned(), location: location.to_owned() }
}

fn setting(node: &str, path: &str, value: Scalar) -> Setting {
    let location = format!("/{}", path.replace('.', "/"));
    Setting { node: Some(node.to_owned()), path: path.to_owned(), value, place: place(&location) }
}

fn packet() -> Packet {
    let dsn = format!("postgres://mmuser:{CANARY}@db.example.com:5432/mattermost");
    let fact = |node: &str, path: &str, value| FactRecord {
        node: Some(node.to_owned()),
        path: path.to_owned(),
        value,
        place: place("/server"),
    };
    Packet {
        source: "p.zip".to_owned(),
        nodes: vec!["a".to_owned(), "b".to_owned()],
        facts: vec![
            fact("a", "server.version", Scalar::Text("10.11.5".into())),
            fact("b", "server.version", Scalar::Text("10.11.4".into())),
            fact("a", "database.master_connections", Scalar::Int(42)),
            fact("a", "websocket.connections", Scalar::Text("many".into())),
        ],
        settings: vec![
            setting("a", "SqlSettings.MaxOpenConns", Scalar::Int(100)),
            setting("b", "SqlSettings.MaxOpenConns", Scalar::Int(300)),
            setting("a", "SqlSettings.DataSource", Scalar::Text(Raw::new(dsn.clone()))),
            setting("a", "EmailSettings.SMTPPassword", Scalar::Text(CANARY.into())),
            setting("a", "PluginSettings.Plugins.x.Secret", Scalar::Text(CANARY.into())),
            setting("a", "LdapSettings.BindPassword", Scalar::Masked),
            setting("a", "SqlSettings.DataSourceReplicas.length", Scalar::Int(2)),
            setting("a", "SqlSettings.DataSourceReplicas.0", Scalar::Masked),
        ],
        members: vec![MemberReport {
            path: "a/sanitized_config.json".to_owned(),
            source: "p.zip!a/sanitized_config.json".to_owned(),
            node: Some("a".to_owned()),
            kind: MemberKind::Config,
            bytes: 1,
            coverage: model::Coverage::default(),
            issues: model::Issues::default(),
            read: true,
        }],
        ..Packet::default()
    }
}

fn of_packet() -> Tables {
    let mut builder = TablesBuilder::new();
    builder.packet(&packet(), &Redactor::new());
    builder.build()
}

#[test]
fn facts_are_of_the_catalogues_kind_and_what_is_not_is_unreadable() {
    let tables = of_packet();
    let facts = tables.facts();
    let state = |path, node| facts.get(path, node).state;
    let version = Version::parse("10.11.4").map(Cell::Version).expect("a version");
    assert_eq!(state("server.version", Some("b")), FactState::Value(version));
    assert_eq!(state("database.master_connections", Some("a")), FactState::Value(Cell::Int(42)));
    assert_eq!(state("database.master_connections", Some("b")), FactState::Missing);
    assert_eq!(state("websocket.connections", Some("a")), FactState::Unreadable);
    assert_eq!(state("LdapSettings.BindPassword", None), FactState::Masked);
    assert_eq!(
        state("SqlSettings.DataSourceReplicas.length", None),
        FactState::Value(Cell::Int(2))
    );
    assert_eq!(state("server.process_id", None), FactState::NotApplicable);
    assert!(tables.issues().iter().any(|issue| issue.reason.contains("websocket.connections")));
}

#[test]
fn nodes_that_disagree_keep_all_values() {
    let tables = of_packet();
    let paths: Vec<&str> = tables.facts().disagreements().iter().map(|doc| doc.path).collect();
    assert_eq!(paths, ["SqlSettings.MaxOpenConns"]);
    let values: Vec<Cell<'_>> = tables
        .facts()
        .values("SqlSettings.MaxOpenConns")
        .iter()
        .map(super::super::Fact::cell)
        .collect();
    assert_eq!(values, [Cell::Int(100), Cell::Int(300)]);
}

#[test]
fn what_the_user_gives_goes_first_and_is_cited_so() {
    let mut builder = TablesBuilder::new();
    builder.packet(&packet(), &Redactor::new());
    builder.given("SqlSettings.MaxOpenConns", "77").expect("a fact");
    assert_eq!(
        builder.given("SqlSettings.MaxOpenConn", "1").expect_err("no fact").to_string(),
        "there is no fact `SqlSettings.MaxOpenConn`: did you mean `SqlSettings.MaxOpenConns`?"
    );
    assert!(builder.given("database.max_connections", "lots").is_err());
    let tables = builder.build();
    let fact = tables.facts().get("SqlSettings.MaxOpenConns", Some("b"));
    assert_eq!((fact.cell(), fact.given), (Cell::Int(77), true));
}

#[test]
fn secrets_are_in_no_table_and_no_fact_unless_asked_for() {
    let shown = |redactor: &Redactor| {
        let mut builder = TablesBuilder::new();
        builder.packet(&packet(), redactor);
        let tables = builder.build();
        let mut text = String::new();
        for table in tables.iter() {
            for column in table.columns() {
                for row in 0..table.n_rows() {
                    text.push_str(&column.get(row).to_string());
                }
            }
        }
        for path in tables.facts().known_paths() {
            text.push_str(&tables.facts().get(path, None).cell().to_string());
        }
        text
    };
    assert!(!shown(&Redactor::new()).contains(CANARY));
    assert!(shown(&Redactor::off()).contains(CANARY));
}

#[test]
fn nodes_have_their_diagnostics_as_columns() {
    let tables = of_packet();
    let nodes = tables.table("nodes").expect("read");
    assert_eq!(nodes.n_rows(), 2);
    let column = nodes.column("database_master_connections").expect("a column");
    assert_eq!((column.get(0), column.get(1)), (Cell::Int(42), Cell::Null));
    assert!(tables.table("jobs").is_none(), "no member holds jobs");
    let settings = tables.table("settings").expect("read");
    assert_eq!(settings.column("masked").map(|column| column.get(5)), Some(Cell::Bool(true)));
}

fn logs() -> LogRecords {
    let pattern = LogPattern {
        pattern_id: "00000000000000aa".to_owned(),
        known_id: None,
        level: LogLevel::Error,
        origin: Origin::Server,
        pattern: "store failed".into(),
        calls: 30,
        first_at: Some(at(0)),
        last_at: Some(at(29)),
        first_place: place("line:1"),
        peak_per_minute: 5,
        peak_at: Some(at(20)),
        nodes: [("a".to_owned(), 30)].into(),
        sample: "store failed".into(),
        sample_place: place("line:1"),
        err_where: Raw::default(),
        caller: Raw::default(),
    };
    let minute = |minute: i64, calls| LogMinute {
        pattern_id: pattern.pattern_id.clone(),
        node: "a".to_owned(),
        minute: at(minute),
        width_min: 1,
        level: LogLevel::Error,
        calls,
    };
    LogRecords {
        minutes: vec![minute(0, 10), minute(20, 12), minute(21, 8)],
        sources: vec![LogSource {
            own_name: String::new(),
            label: "a.log".to_owned(),
            node: "a".to_owned(),
            kind: LogKind::Mattermost,
            format: "json",
            window: Some(Window { start: at(0), end: at(30) }),
            records: 30,
            skipped: 0,
            continuations: 0,
            levels: [(LogLevel::Error, 30)].into(),
            debug: false,
            offsets_s: Default::default(),
            bytes: 1,
            span_s: 1800,
            limits: Vec::new(),
        }],
        patterns: vec![pattern],
        ..LogRecords::default()
    }
}

#[test]
fn the_incident_is_compared_with_the_time_before_it() {
    let mut builder = TablesBuilder::new();
    builder.logs(&logs(), &Redactor::new());
    let mut tables = builder.build();
    fn cell<'t>(tables: &'t Tables, name: &str) -> Option<Cell<'t>> {
        tables.table("log_patterns").and_then(|table| table.column(name)).map(|c| c.get(0))
    }
    assert_eq!(cell(&tables, "calls_in"), Some(Cell::Null));
    let window = Window { start: at(20), end: at(30) };
    tables.set_window(window, None);
    assert_eq!(cell(&tables, "calls_before"), Some(Cell::Int(10)));
    assert_eq!(cell(&tables, "calls_in"), Some(Cell::Int(20)));
    assert_eq!(cell(&tables, "per_minute_before"), Some(Cell::Float(0.5)));
    assert_eq!(cell(&tables, "per_minute_in"), Some(Cell::Float(2.0)));
    assert_eq!(tables.covers("log_patterns", window), Covers::Whole);
    assert_eq!(tables.covers("queries", window), Covers::Unread);
}

#[test]
fn counts_are_zero_where_a_log_covers_a_minute_and_says_nothing() {
    let mut builder = TablesBuilder::new();
    builder.logs(&logs(), &Redactor::new());
    let signals = builder.build().signals();
    let calls = signals.iter().find(|signal| signal.metric == "log-calls").expect("a signal");
    assert_eq!(calls.start, at(0));
    assert_eq!(calls.values.len(), 31);
    assert_eq!(calls.values[0], Some(10.0));
    assert_eq!(calls.values[1], Some(0.0));
    assert_eq!(calls.values[20], Some(12.0));
}

#[test]
fn queries_are_cut_at_the_incidents_start() {
    let id = ::slowlog::QueryId::from("q:0123456789ab");
    let minute = |minute: i64, calls: u64, each_us: u64| {
        let mut cell = QueryMinute {
            fingerprint_id: id.clone(),
            minute: at(minute),
            span_min: 1,
            calls,
            total_us: calls * each_us,
            max_us: each_us,
            ..QueryMinute::default()
        };
        cell.durations.add_many(each_us, calls);
        cell
    };
    let log = SlowLog {
        sources: vec![SlowSource {
            label: "db.log".to_owned(),
            window: Some(Window { start: at(0), end: at(40) }),
            ..SlowSource::default()
        }],
        queries: vec![Box::new(Query {
            fingerprint_id: id.clone(),
            fingerprint: "SELECT ?".to_owned(),
            calls: 15,
            total_us: 10 * 2_000 + 5 * 900_000,
            ..Query::default()
        })],
        minutes: vec![minute(5, 10, 2_000), minute(25, 5, 900_000)],
        ..SlowLog::default()
    };
    let mut builder = TablesBuilder::new();
    builder.slowlog(&log, &Redactor::new());
    let mut tables = builder.build();
    tables.set_window(Window { start: at(20), end: at(30) }, Some(&log));
    let cell = |name| {
        tables.table("queries").and_then(|table| table.column(name)).map(|column| column.get(0))
    };
    assert_eq!(cell("calls_before"), Some(Cell::Int(10)));
    assert_eq!(cell("mean_before_ms"), Some(Cell::Float(2.0)));
    assert_eq!(cell("mean_in_ms"), Some(Cell::Float(900.0)));
    assert_eq!(cell("share_in"), Some(Cell::Float(1.0)));
    assert_eq!(cell("total_ms"), Some(Cell::Float(4520.0)));
    let signals = tables.signals();
    let mean = signals.iter().find(|signal| signal.metric == "query-mean").expect("a signal");
    assert_eq!(mean.values[6], None, "no call, no mean");
    assert_eq!(mean.values[25], Some(0.9));
}

#[test]
fn every_field_of_a_packet_is_a_fact() {
    let missing: Vec<&str> = ::packet::FIELDS
        .iter()
        .map(|field| field.fact)
        .filter(|fact| !fact.is_empty() && find_fact(fact).is_none())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
