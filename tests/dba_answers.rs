//! The DBA's answers: read back in the form in which a client prints them.

use crate::archives::Scratch;
use crate::command::{analyze, root, run};
use std::collections::BTreeSet;
use std::fs;

/// The answers of one server, in the forms of its clients.
const POSTGRESQL: &[&str] = &["psql.txt", "psql-expanded.txt", "psql.csv"];
const MARIADB: &[&str] = &["mariadb.txt", "mariadb-vertical.txt", "mariadb-batch.txt"];

fn answers(name: &str) -> String {
    root().join("fixtures/dba").join(name).to_str().unwrap().to_owned()
}

fn json(args: &[&str]) -> serde_json::Value {
    let mut args = args.to_vec();
    args.extend(["--format", "json"]);
    serde_json::from_slice(&run(&args).stdout).unwrap()
}

fn query(input: &str, sql: &str) -> String {
    let output = run(&["query", input, sql, "--format", "csv"]);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_form_of_a_client_gives_the_same_answers() {
    for (forms, n_questions) in [(POSTGRESQL, 22), (MARIADB, 14)] {
        let sql = "SELECT question, outcome, rows FROM dba_answers ORDER BY question";
        let first = query(&answers(forms[0]), sql);
        assert_eq!(first.lines().count(), n_questions + 1, "{first}");
        for form in forms {
            let all = query(&answers(form), sql);
            // The clients ran one after the other: sessions and locks differ between them.
            let settled = |text: &str| -> BTreeSet<String> {
                let stable =
                    ["settings", "version", "wraparound", "indexes", "tables", "migrations"];
                let is_stable = |line: &&str| stable.iter().any(|word| line.contains(word));
                text.lines().filter(is_stable).map(str::to_owned).collect()
            };
            assert_eq!(settled(&all), settled(&first), "{form}");
            let asked = |text: &str| -> Vec<String> {
                text.lines().filter_map(|line| Some(line.split(',').next()?.to_owned())).collect()
            };
            assert_eq!(asked(&all), asked(&first), "{form}");
        }
    }
}

#[test]
fn the_session_that_all_wait_for_is_named_and_its_literals_are_not() {
    for form in POSTGRESQL {
        let report = json(&[&answers(form)]);
        let findings = report["findings"].as_array().unwrap();
        let found = findings
            .iter()
            .find(|finding| finding["rule"] == "dba-idle-transaction-blocks-sessions")
            .unwrap_or_else(|| panic!("{form}: {findings:#?}"));
        let summary = found["summary"].as_str().unwrap();
        assert!(summary.contains("nightly-cleanup") && summary.contains("3 sessions"), "{summary}");
        assert!(
            summary.contains("delete from channelmembers where channelid = ?"),
            "{form}: {summary}"
        );
    }
    for form in POSTGRESQL.iter().chain(MARIADB) {
        let input = answers(form);
        assert!(fs::read_to_string(&input).unwrap().contains("canaryliteral"), "{form} has one");
        for table in ["dba_activity", "dba_locks", "dba_statements"] {
            let rows = query(&input, &format!("SELECT * FROM {table}"));
            assert!(!rows.contains("canaryliteral"), "{form}: {rows}");
        }
        let shown = analyze(&[&input, "--all"]);
        assert!(!shown.contains("canaryliteral"), "{form}: {shown}");
    }
}

#[test]
fn settings_of_the_database_decide_rules_that_wait_for_them() {
    let report = json(&[&answers("psql.txt"), "--fact", "database.memory_mb=16384"]);
    let outcome = |rule: &str| {
        let outcomes = report["outcomes"].as_array().unwrap();
        let line = outcomes.iter().find(|line| line["rule"] == rule).unwrap();
        line["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(outcome("dba-random-page-cost-of-disks"), "fired");
    assert_eq!(outcome("dba-shared-buffers-out-of-line"), "fired");
    assert_eq!(outcome("oldest-transaction-id"), "clear");
}

#[test]
fn the_call_with_the_customer_says_which_answers_came() {
    let shown = analyze(&["playbook", "show", &answers("psql.txt"), "--step", "start-call"]);
    assert!(shown.contains("answered, locks: pg-blocked (3 rows)"), "{shown}");
    assert!(shown.contains("as of 2026-"), "{shown}");

    // A part of the answers, one refused, and something that nobody asked for.
    let part = Scratch::new("dba-part");
    let text = fs::read_to_string(answers("psql.csv")).unwrap();
    let (locks, _) = text.split_once("question\npg-connections\n").unwrap();
    let text = format!(
        "{locks}question\npg-slow\npsql:s.sql:3: ERROR:  relation \"pg_stat_statements\" does not exist\n\n a | b \n---+---\n 1 | 2\n(1 row)\n"
    );
    let path = part.write("answers.txt", text.as_bytes());
    let shown = analyze(&["playbook", "show", &path, "--step", "start-call"]);
    assert!(shown.contains("refused, pg-slow: relation"), "{shown}");
    assert!(shown.contains("1 results answer no question"), "{shown}");
    assert!(shown.contains("answer to pg-connections (connections)"), "{shown}");
    assert!(!shown.contains("answer to pg-blocked"), "{shown}");

    let none = analyze(&["playbook", "show", "fixtures/slowlog", "--step", "start-call"]);
    assert!(none.contains("`analyze dba` prints the questions"), "{none}");
}

#[test]
fn a_cut_file_is_read_as_far_as_it_goes() {
    let text = fs::read(answers("psql.txt")).unwrap();
    let scratch = Scratch::new("dba-cut");
    for part in [2, 3, 5] {
        let path = scratch.write("answers.txt", &text[..text.len() / part]);
        let output = run(&[&path, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let input = &report["inputs"][0];
        assert_eq!(input["kind"], "dba answers", "{input}");
        assert!(input["records"].as_u64().unwrap() > 3, "{input}");
    }
}
