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
use real_server::{Place, Process, as_user, postgresql_folders, program, run, wait};
use slowlog::{Engine, EventClass, Options, Reader, SlowLog};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

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
    let versions = postgresql_folders();
    let (Some(initdb), Some(postgres), Some(psql)) =
        (program("initdb", &versions), program("postgres", &versions), program("psql", &versions))
    else {
        return;
    };
    let place = Place::new("postgresql", "postgres");
    let data = place.0.join("data");
    run(as_user("postgres", &initdb)
        .current_dir(&place.0)
        .args(["-A", "trust", "-U", "tester", "-D"])
        .arg(&data));
    let socket = place.0.to_string_lossy().into_owned();
    let settings = [
        "listen_addresses=",
        "logging_collector=on",
        "log_destination=stderr,csvlog,jsonlog",
        "log_directory=log",
        "log_filename=server.log",
        "log_min_duration_statement=0",
        "log_line_prefix=%m [%p] %q%u@%d ",
        "log_timezone=UTC",
        "fsync=off",
    ];
    let mut command = as_user("postgres", &postgres);
    command.current_dir(&place.0).arg("-D").arg(&data).args(["-k", &socket]);
    for setting in settings {
        command.args(["-c", setting]);
    }
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut server = Process(child);
    let client = |sql: &str| {
        let mut command = Command::new(&psql);
        command.args(["-X", "-q", "-h", &socket, "-U", "tester", "-d", "postgres"]);
        command.args(["-v", "ON_ERROR_STOP=0", "-c", sql]).output().unwrap()
    };
    wait("the server does not answer", || client("select 1").status.success());
    let (sql, expected) = script();
    let file = place.0.join("script.sql");
    std::fs::write(&file, sql).unwrap();
    run(Command::new(&psql)
        .args(["-X", "-q", "-h", &socket, "-U", "tester", "-d", "postgres", "-f"])
        .arg(&file));
    client("set statement_timeout = 50; select pg_sleep(5) /* cancelled */");
    client("drop index idx_things_createat");
    // SIGINT: a fast shutdown, after which the collector has written everything.
    run(Command::new("kill").args(["-INT", &server.0.id().to_string()]));
    wait("the server does not end", || server.0.try_wait().unwrap().is_some());

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
    let (Some(install), Some(mariadbd), Some(mariadb)) =
        (program("mariadb-install-db", &[]), program("mariadbd", &[]), program("mariadb", &[]))
    else {
        return;
    };
    let place = Place::new("mariadb", "mysql");
    let data = place.0.join("data");
    let datadir = format!("--datadir={}", data.display());
    run(as_user("mysql", &install)
        .arg("--no-defaults")
        .arg(&datadir)
        .args(["--auth-root-authentication-method=normal", "--skip-test-db"]));
    let socket = format!("--socket={}", place.0.join("s").display());
    let file = place.0.join("slow.log");
    let mut command = as_user("mysql", &mariadbd);
    command.args(["--no-defaults", &datadir, &socket, "--skip-networking", "--slow-query-log=1"]);
    command.args([
        "--long-query-time=0",
        "--log-output=FILE,TABLE",
        "--log-slow-verbosity=query_plan,innodb,explain",
    ]);
    command.arg(format!("--slow-query-log-file={}", file.display()));
    command.arg(format!("--pid-file={}", place.0.join("pid").display()));
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut server = Process(child);
    let client = |sql: &str| {
        let mut command = Command::new(&mariadb);
        command.args(["--no-defaults", &socket, "-uroot", "--batch", "-e", sql]).output().unwrap()
    };
    wait("the server does not answer", || client("select 1").status.success());
    client("create database mattermost");
    let (sql, expected) = script();
    let script = place.0.join("script.sql");
    std::fs::write(&script, sql).unwrap();
    let mut command = Command::new(&mariadb);
    command.args(["--no-defaults", &socket, "-uroot", "mattermost"]);
    run(command.stdin(std::fs::File::open(&script).unwrap()));
    client("drop index idx_things_createat on mattermost.Things");
    let table = client("select * from mysql.slow_log");
    assert!(table.status.success());
    client("shutdown");
    wait("the server does not end", || server.0.try_wait().unwrap().is_some());

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
