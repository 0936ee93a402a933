//! Real servers are asked the sheet's questions, and what their clients print is read back.
//!
//! Skipped, with the reason, where a server's programs are not installed (Debian: `postgresql`,
//! `mariadb-server`).

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "servers need directories, and a test that cannot go on fails"
)]

#[path = "../../../tests/real_server.rs"]
mod real_server;

use dba::{Answers, Database, DbaTarget, dba_sheet, parse, questions_for};
use model::Parsed;
use real_server::{Server, run, wait};
use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};

/// A client in the background that is killed at the end.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Every question of the sheet was answered, in this form.
#[track_caller]
fn answered(form: &str, target: &DbaTarget, parsed: &Parsed<Answers>, refused: &[&str]) {
    let came: BTreeSet<&str> = parsed
        .records
        .answers
        .iter()
        .inspect(|answer| assert!(answer.whole, "{form}: {}", answer.question.id))
        .map(|answer| answer.question.id.as_str())
        .collect();
    let asked: BTreeSet<&str> = questions_for(target)
        .iter()
        .map(|question| question.id.as_str())
        .filter(|id| !refused.contains(id))
        .collect();
    assert_eq!(came, asked, "{form}: {:?}", parsed.issues);
    assert_eq!(parsed.records.unknown, [], "{form}");
    let ids: Vec<&str> = parsed
        .records
        .refused
        .iter()
        .filter_map(|refused| refused.question.map(|question| question.id.as_str()))
        .collect();
    assert_eq!(ids, refused, "{form}");
    assert_eq!(parsed.coverage.skipped, 0, "{form}: {:?}", parsed.issues);
    assert_eq!(parsed.records.database, Some(target.database), "{form}");
    assert!(parsed.records.at.is_some(), "{form}: the time of the answers is known");
}

#[test]
fn postgresql_answers_every_question_of_its_sheet_in_every_form() {
    let Some(server) = Server::postgresql("dba-postgresql", &[]) else { return };
    let client = || server.client();
    let version = run(client().args(["-At", "-c", "show server_version_num"]));
    let major = String::from_utf8_lossy(&version).trim().parse::<u32>().unwrap() / 10_000;
    run(client().args([
        "-c",
        "create table things (id int primary key, name text); insert into things values (1, 'secret'); \
         create table db_migrations (version bigint, name text); insert into db_migrations values (140, 'x')",
    ]));
    // One that holds a row and does nothing, and two that wait for it.
    let mut holder = client();
    let mut holder = Process(holder.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap());
    let update = "begin; update things set name = 'secret' where id = 1;\n";
    std::io::Write::write_all(holder.0.stdin.as_mut().unwrap(), update.as_bytes()).unwrap();
    let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
    let idle = "select count(*) from pg_stat_activity where state = 'idle in transaction'";
    let count = |sql: &str| run(client().args(["-At", "-c", sql]));
    wait("the holder holds", || count(idle) == b"1\n");
    let _waiters: Vec<Process> = (0..2)
        .map(|n| {
            let sql = format!("update things\n\tset name = 'secret|{n}'\nwhere id = 1");
            let mut command = client();
            let command = command.args(["-c", &sql]).stdout(Stdio::null()).stderr(Stdio::null());
            Process(command.spawn().unwrap())
        })
        .collect();
    wait("two wait", || count(waiting) == b"2\n");

    let target = DbaTarget {
        database: Database::Postgres,
        major: Some(major),
        hosting: Some("self".into()),
    };
    let sheet = server.folder.join("sheet.sql");
    std::fs::write(&sheet, dba_sheet(&target)).unwrap();
    let forms: [&[&str]; 7] = [
        &[],
        &["-x"],
        &["--csv"],
        &["-A"],
        &["-P", "border=2"],
        &["-P", "linestyle=unicode", "-P", "border=2"],
        &["-a", "-P", "format=wrapped", "-P", "columns=80"],
    ];
    for form in forms {
        // As the sheet's heading says: messages stand among the answers.
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec \"$@\" 2>&1", "sh"]).arg(client().get_program());
        shell.args(client().get_args()).args(["--pset", "pager=off"]);
        let output = shell.args(form).arg("-f").arg(&sheet).output().unwrap();
        let parsed = parse("answers.txt", &output.stdout);
        // The extension is not installed.
        answered(&format!("{form:?}"), &target, &parsed, &["pg-slow"]);
        let locks = parsed
            .records
            .answers
            .iter()
            .find(|answer| answer.question.id == "pg-blocked")
            .unwrap();
        assert_eq!(locks.rows.len(), 2, "{form:?}");
        assert!(locks.rows.iter().all(|row| row.text("blocked_by").is_some()), "{form:?}");
        let settings = parsed
            .records
            .answers
            .iter()
            .find(|answer| answer.question.id == "pg-settings")
            .unwrap();
        let timeout = settings
            .rows
            .iter()
            .find(|row| row.text("name") == Some("statement_timeout"))
            .and_then(|row| row.text("value"));
        assert_eq!(timeout, Some("0"), "the server's own, not that of the sheet");
    }
}

#[test]
fn mariadb_answers_every_question_of_its_sheet_in_every_form() {
    let options = ["--performance-schema=ON"];
    let Some(server) = Server::mariadb("dba-mariadb", &options) else { return };
    let client = || server.client();
    run(client().args([
        "-e",
        "create database mattermost; use mattermost; create table Posts (Id varchar(26) primary key, Message text); \
         insert into Posts values ('a', 'secret'); create table db_migrations (version bigint primary key); \
         insert into db_migrations values (120)",
    ]));
    let version = run(client().args(["-NB", "-e", "select version()"]));
    let major = String::from_utf8_lossy(&version).split('.').next().unwrap().parse().unwrap();
    let begin = |sql: &str| {
        let mut command = client();
        let command = command.args(["mattermost", "-e", sql]);
        Process(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    };
    let _holder = begin("begin; update Posts set Message = 'b' where Id = 'a'; select sleep(120)");
    let count = |sql: &str| run(client().args(["-NB", "-e", sql]));
    let open = "select count(*) from information_schema.innodb_trx where trx_rows_modified > 0";
    wait("the holder holds", || count(open) == b"1\n");
    let _waiter = begin("update Posts\n\tset Message = 'secret | c'\nwhere Id = 'a'");
    let waiting =
        "select count(*) from information_schema.innodb_trx where trx_state = 'LOCK WAIT'";
    wait("one waits", || count(waiting) == b"1\n");

    let target =
        DbaTarget { database: Database::Mariadb, major: Some(major), hosting: Some("self".into()) };
    let sheet = server.folder.join("sheet.sql");
    std::fs::write(&sheet, dba_sheet(&target)).unwrap();
    let forms: [&[&str]; 4] = [&["--table"], &[], &["--vertical"], &["-v", "-v", "-v", "--table"]];
    for form in forms {
        let output = client()
            .arg("--force")
            .args(form)
            .arg("mattermost")
            .stdin(std::fs::File::open(&sheet).unwrap())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{form:?}");
        let parsed = parse("answers.txt", &output.stdout);
        answered(&format!("{form:?}"), &target, &parsed, &[]);
        let of = |id: &str| {
            parsed.records.answers.iter().find(|answer| answer.question.id == id).unwrap()
        };
        let waits = &of("mariadb-lock-waits").rows;
        assert_eq!(waits.len(), 1, "{form:?}");
        let held = of("mysql-transactions")
            .rows
            .iter()
            .find(|row| row.int("rows_modified") == Some(1))
            .and_then(|row| row.int("pid"));
        assert_eq!(waits[0].text("blocked_by").unwrap().parse().ok(), held, "{form:?}");
        assert!(of("mysql-innodb").rows.len() > 3, "{form:?}");
    }
}
