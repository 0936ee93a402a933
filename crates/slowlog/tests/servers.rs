//! Real servers log real statements, and what is read is compared with what was run.
//!
//! Skipped, with the reason, where a server's programs are not installed (Debian: `postgresql`,
//! `mariadb-server`).

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "servers need directories, their logs are read, and a test that cannot go on fails"
)]

#[path = "../../../tests/real_server.rs"]
mod real_server;

use model::{Head, Parsed, Sink as _};
use real_server::{Server, run, wait};
use slowlog::{Engine, EventClass, Options, Reader, SlowLog};
use std::collections::BTreeMap;
use std::process::Command;

fn read(log: &[u8], name: &str) -> Parsed<SlowLog> {
    let head = Head { path: name, bytes: &log[..log.len().min(65_536)], whole: false };
    let mut reader = Reader::new(&Options::default(), &head, name).unwrap();
    reader.push(log);
    reader.finish()
}

/// Calls by fingerprint of statements on the tests' own table.
fn calls(log: &SlowLog) -> BTreeMap<String, u64> {
    let own = log.queries.iter().filter(|query| query.fingerprint.contains("things"));
    own.map(|query| (query.fingerprint.clone(), query.calls)).collect()
}

/// What both servers run, and how often each fingerprint then ran.
fn script() -> (String, BTreeMap<String, u64>) {
    let mut sql = String::from(
        "CREATE TABLE Things (Id varchar(26) primary key, CreateAt bigint, Name text);\n\
         CREATE INDEX idx_things_createat ON Things (CreateAt);\n",
    );
    for n in 1..=9 {
        let row = |m: usize| format!("('id{n}-{m}', {n}{m}, 'it''s; secret {m}\n# Time: 1\n')");
        let rows: Vec<String> = (0..n).map(row).collect();
        sql.push_str(&format!(
            "INSERT INTO Things (Id, CreateAt, Name) VALUES {};\n",
            rows.join(", ")
        ));
        let ids: Vec<String> = (0..n).map(|m| format!("'id{n}-{m}'")).collect();
        sql.push_str(&format!(
            "SELECT COUNT(*)\n\tFROM Things\nWHERE Id IN ({}) AND CreateAt > -{n};\n",
            ids.join(",")
        ));
    }
    for n in 0..5 {
        sql.push_str(&format!(
            "UPDATE Things SET Name = 'secret', CreateAt = CreateAt + {n} WHERE Id = 'id9-{n}';\n"
        ));
    }
    let expected = [
        ("create table things(id varchar(?) primary key, createat bigint, name text)", 1),
        ("create index idx_things_createat on things(createat)", 1),
        ("insert into things(id, createat, name) values (?+)", 9),
        ("select count(*) from things where id in (?+) and createat > ?", 9),
        ("update things set name = ?, createat = createat + ? where id = ?", 5),
    ];
    (sql, expected.map(|(text, calls)| (text.to_owned(), calls)).into())
}

#[test]
fn postgresql_logs_in_three_formats_what_was_run() {
    let settings = [
        "logging_collector=on",
        "log_destination=stderr,csvlog,jsonlog",
        "log_directory=log",
        "log_filename=server.log",
        "log_min_duration_statement=0",
        "log_line_prefix=%m [%p] %q%u@%d ",
        "log_timezone=UTC",
    ];
    let Some(mut server) = Server::postgresql("postgresql", &settings) else { return };
    let data = server.folder.join("data");
    let psql = || {
        let mut command = server.client();
        command.arg("-q");
        command
    };
    let client = |sql: &str| psql().args(["-v", "ON_ERROR_STOP=0", "-c", sql]).output().unwrap();
    let (sql, expected) = script();
    let file = server.folder.join("script.sql");
    std::fs::write(&file, sql).unwrap();
    run(psql().arg("-f").arg(&file));
    client("set statement_timeout = 50; select pg_sleep(5) /* cancelled */");
    client("drop index idx_things_createat");
    // SIGINT: a fast shutdown, after which the collector has written everything.
    run(Command::new("kill").args(["-INT", &server.process.id().to_string()]));
    wait("the server does not end", || server.process.try_wait().unwrap().is_some());

    let logs = data.join("log");
    for name in ["server.log", "server.csv", "server.json"] {
        let log = std::fs::read(logs.join(name)).unwrap();
        let parsed = read(&log, name);
        assert_eq!(parsed.coverage.skipped, 0, "{name}: {:?}", parsed.issues);
        let log = &parsed.records;
        assert_eq!(log.engine, Engine::PostgreSql);
        let mut found = calls(log);
        assert_eq!(found.remove("drop index idx_things_createat"), Some(1), "{name}");
        assert_eq!(found, expected, "{name}");
        assert!(
            log.ddl.iter().any(|ddl| ddl.object.untrusted() == "idx_things_createat"),
            "{name}"
        );
        let cancelled = log.events.iter().find(|event| event.class == EventClass::Cancelled);
        assert_eq!(
            cancelled.map(|event| event.cause.as_str()),
            Some("statement timeout"),
            "{name}"
        );
        assert!(!format!("{:?}", log.queries).contains("secret"), "{name}");
    }
}

#[test]
fn mariadb_logs_to_file_and_table_what_was_run() {
    let options = [
        "--slow-query-log=1",
        "--slow-query-log-file=../slow.log",
        "--long-query-time=0",
        "--log-output=FILE,TABLE",
        "--log-slow-verbosity=query_plan,innodb,explain",
    ];
    let Some(mut server) = Server::mariadb("mariadb", &options) else { return };
    let file = server.folder.join("slow.log");
    let client = |sql: &str| server.client().args(["--batch", "-e", sql]).output().unwrap();
    client("create database mattermost");
    let (sql, expected) = script();
    let script = server.folder.join("script.sql");
    std::fs::write(&script, sql).unwrap();
    run(server.client().arg("mattermost").stdin(std::fs::File::open(&script).unwrap()));
    client("drop index idx_things_createat on mattermost.Things");
    let table = client("select * from mysql.slow_log");
    assert!(table.status.success());
    client("shutdown");
    wait("the server does not end", || server.process.try_wait().unwrap().is_some());

    let log = std::fs::read(&file).unwrap();
    for (name, log) in [("slow.log", &log), ("slow_log.tsv", &table.stdout)] {
        let parsed = read(log, name);
        assert_eq!(parsed.coverage.skipped, 0, "{name}: {:?}", parsed.issues);
        let log = &parsed.records;
        assert_eq!(log.engine, Engine::MySql);
        let mut found = calls(log);
        assert_eq!(
            found.remove("drop index idx_things_createat on mattermost.things"),
            Some(1),
            "{name}"
        );
        assert_eq!(found, expected, "{name}");
        let insert =
            log.queries.iter().find(|query| query.fingerprint.starts_with("insert")).unwrap();
        assert_eq!(insert.databases[0].value.untrusted(), "mattermost", "{name}");
        assert!(
            log.ddl.iter().any(|ddl| ddl.object.untrusted() == "idx_things_createat"),
            "{name}"
        );
        assert!(!format!("{:?}", log.queries).contains("secret"), "{name}");
    }
}
