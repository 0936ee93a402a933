//! The same inputs give the same report, whatever the number of threads.

use crate::command::{root, run};

fn incidents() -> Vec<String> {
    let mut incidents: Vec<String> = std::fs::read_dir(root().join("fixtures/incidents"))
        .unwrap()
        .map(|entry| format!("fixtures/incidents/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    incidents.sort();
    assert!(incidents.len() >= 3, "{incidents:?}");
    incidents
}

#[track_caller]
fn report(incident: &str, threads: &str, more: &[&str]) -> String {
    let mut args = vec![incident, "--threads", threads];
    args.extend(more);
    let output = run(&args);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{incident}: {err}");
    assert!(output.stdout.len() > 500, "{incident}: {err}");
    String::from_utf8(output.stdout).unwrap()
}

/// The first line that differs, for a message that a person can read.
fn first_difference(one: &str, other: &str) -> Option<String> {
    let differing = one.lines().zip(other.lines()).enumerate().find(|(_, (a, b))| a != b);
    match differing {
        Some((idx, (a, b))) => Some(format!("line {}:\n  {a}\n  {b}", idx + 1)),
        None if one != other => Some("one is longer".to_owned()),
        None => None,
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for incident in incidents() {
        for more in [&["--format", "json"][..], &["--all", "--outcomes"]] {
            let difference =
                first_difference(&report(&incident, "1", more), &report(&incident, "16", more));
            assert_eq!(difference, None, "{incident} {more:?}");
        }
    }
}

#[test]
fn a_second_run_gives_the_same_bytes() {
    for incident in incidents() {
        for more in [&["--format", "json"][..], &["--format", "markdown", "--all"]] {
            let difference =
                first_difference(&report(&incident, "4", more), &report(&incident, "4", more));
            assert_eq!(difference, None, "{incident} {more:?}");
        }
    }
}

#[test]
fn answers_to_questions_do_not_depend_on_threads() {
    let incident = "fixtures/incidents/sidebar-missing-index";
    let sql = "SELECT fingerprint_id, calls, total_ms, p95_ms, sample FROM queries ORDER BY total_ms DESC, fingerprint_id";
    let answer = |threads: &str| {
        let output = run(&["query", incident, sql, "--format", "csv", "--threads", threads]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let one = answer("1");
    assert!(one.lines().count() > 5, "{one}");
    assert_eq!(first_difference(&one, &answer("16")), None);
}
