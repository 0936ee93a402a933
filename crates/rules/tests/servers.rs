//! Every statement of the shipped rules is put to a real server of its engine.
//!
//! Skipped, with the reason, where a server's programs are not installed (Debian: `postgresql`,
//! `mariadb-server`).

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "servers need directories, and a test that cannot go on fails"
)]

#[path = "../../../tests/real_server.rs"]
mod real_server;

use real_server::{Server, run};
use std::collections::BTreeSet;

use tables::Engine;

/// Statements that read, and those that change: these are put to a server of the test's own too.
const VERBS: &[&str] = &[
    "SELECT ", "SHOW ", "EXPLAIN ", "ANALYZE ", "VACUUM ", "CREATE ", "DROP ", "ALTER ", "SET ",
    "RESET ", "KILL ", "GRANT ", "REVOKE ", "REINDEX ",
];

/// The statements of a text of a rule: a command, or prose with one behind a colon.
fn statements(text: &str) -> Vec<String> {
    let starts = |text: &str| VERBS.iter().any(|verb| text.starts_with(verb));
    let sql = if starts(text) {
        text
    } else {
        match text.split_once(": ") {
            Some((_, rest)) if starts(rest) => rest.trim_end_matches('.'),
            Some(_) | None => return Vec::new(),
        }
    };
    // A comment goes to the end; statements with an ellipsis or a sentence as placeholder are forms.
    let sql = sql.split("-- ").next().unwrap_or(sql);
    sql.split(';')
        .map(str::trim)
        .filter(|one| starts(&format!("{one} ")))
        .filter(|one| !one.contains("...") && !one.starts_with("EXPLAIN <"))
        // One of two forms, whichever the data fits.
        .filter(|one| !one.contains("<CASE "))
        // Questions to the console of a connection pooler.
        .filter(|one| !matches!(*one, "SHOW POOLS" | "SHOW CLIENTS"))
        .map(str::to_owned)
        .collect()
}

/// A statement with names of the test's own in the places of its placeholders.
fn filled(statement: &str) -> String {
    let mut out = statement.replace("(PID)", "(0)").replace("WHERE PID =", "WHERE 0 =");
    // What reads sessions names its column `pid`; alone it stands for a number.
    if !out.contains(" FROM ") {
        out = out.replace("(pid)", "(0)");
    }
    let mut filled = String::new();
    let mut rest = out.as_str();
    while let Some((before, behind)) = rest.split_once('<') {
        let named = behind.split_once('>').filter(|(name, _)| {
            name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() < 40
        });
        filled.push_str(before);
        let Some((name, after)) = named else {
            filled.push('<');
            rest = behind;
            continue;
        };
        filled.push_str(match name {
            "table" | "relation" => "things",
            "name" | "index" if before.ends_with("ADD INDEX ") => "things_new",
            "name" | "index" if before.ends_with("EXISTS ") => "things_new",
            "name" | "index"
                if before.ends_with("CONCURRENTLY ") && !statement.contains("DROP") =>
            {
                "things_new"
            }
            "name" | "index" => "things_name",
            "columns" => "name",
            "pid" | "id" | "root_pid" => "0",
            "database user" => "tester",
            "account host" => "localhost",
            "client address" => "127.0.0.1",
            _ => "x",
        });
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The statements that the shipped rules have for that engine, or for both.
fn of(engine: Engine) -> BTreeSet<String> {
    let rules = rules::load(&rules::shipped_without_cases(), &rules::Overrides::default()).unwrap();
    let texts = rules.iter().flat_map(rules::Rule::commands);
    texts
        .filter(|(of, _)| of.is_none_or(|of| of == engine))
        .flat_map(|(_, text)| statements(&text))
        .map(|statement| filled(&statement))
        .collect()
}

fn reads(statement: &str) -> bool {
    statement.starts_with("SELECT ") || statement.starts_with("SHOW ")
}

#[test]
fn postgresql_understands_every_statement_of_its_rules() {
    let settings = ["shared_preload_libraries=pg_stat_statements"];
    let Some(server) = Server::postgresql("rules-postgresql", &settings) else { return };
    let client = || {
        let mut command = server.client();
        command.args(["-v", "ON_ERROR_STOP=1"]);
        command
    };
    run(client().args([
        "-c",
        "create table things (id int primary key, name text); \
         create index things_name on things (name); \
         create table posts (id int, userid text, createat bigint); \
         create table jobs (id int); \
         create table sidebarchannels (categoryid text); \
         create index idx_sidebarchannels_categoryid on sidebarchannels (categoryid); \
         create table pluginkeyvaluestore (pluginid text); \
         create table db_migrations (version bigint, name text); \
         create role mmuser; create extension pg_stat_statements",
    ]));
    let mut refused = Vec::new();
    let all = of(Engine::Postgresql);
    assert!(all.len() > 60, "{} statements", all.len());
    for statement in &all {
        let output = client().args(["-v", "VERBOSITY=verbose", "-c", statement]).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        // The pid 0 of the test is nobody's: that is a warning. What changes may fail for want of
        // the thing that it changes, never for its form.
        let wrong_form = ["42601", "42703", "42883", "42704", "22023"]
            .iter()
            .any(|code| error.contains(&format!("ERROR:  {code}")));
        // A slot of that name is nobody's here; that it was looked for is enough.
        let no_slot = error.contains("replication slot \"x\" does not exist");
        if !output.status.success() && (reads(statement) || wrong_form) && !no_slot {
            refused.push(format!("{statement}\n  {error}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn mariadb_understands_every_statement_of_its_rules() {
    let options = ["--performance-schema=ON", "--log-bin=bin", "--server-id=1"];
    let Some(server) = Server::mariadb("rules-mariadb", &options) else { return };
    let client = || server.client();
    run(client().args([
        "-e",
        "create database mattermost; use mattermost; \
         create table things (id int primary key, name varchar(26), index things_name (name)); \
         create table Posts (Id varchar(26) primary key, UserId varchar(26), CreateAt bigint); \
         create table PluginKeyValueStore (PluginId varchar(26)); \
         create table jobs (id int); \
         create table db_migrations (version bigint primary key); \
         create user 'tester'@'localhost'",
    ]));
    let mut refused = Vec::new();
    let all = of(Engine::Mysql);
    assert!(all.len() > 20, "{} statements", all.len());
    for statement in &all {
        let output = client().args(["mattermost", "-e", statement]).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        // No such thread, no such thing: only the form counts of what changes.
        let wrong_form = ["1064", "1193", "1054", "1109"]
            .iter()
            .any(|code| error.contains(&format!("ERROR {code}")));
        // MariaDB has no such variable; MySQL has: the text says for which it is.
        let of_mysql = statement.contains("max_execution_time");
        if !output.status.success() && (reads(statement) || wrong_form) && !of_mysql {
            refused.push(format!("{statement}\n  {error}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
