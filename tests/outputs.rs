//! What people and scripts read, frozen: a difference is looked at before it is accepted.

use crate::command::{analyze, run};
use serde_json::Value;
use std::collections::BTreeSet;

/// The screen of a shipped incident, without the number of rules that are clear: it changes with
/// each new rule and tells nobody here anything.
fn screen(incident: &str) -> String {
    let screen = analyze(&[&format!("fixtures/incidents/{incident}")]);
    let Some((before, after)) = screen.split_once(" rules clear") else { return screen };
    let before = before.trim_end_matches(|c: char| c.is_ascii_digit());
    format!("{before}N rules clear{after}")
}

#[test]
fn the_screen_of_an_incident_says_what_to_do_now() {
    insta::assert_snapshot!(screen("sidebar-missing-index"));
}

#[test]
fn the_screen_of_a_healthy_cluster_accuses_nobody() {
    insta::assert_snapshot!(screen("healthy-cluster"));
}

#[test]
fn the_summary_step_can_be_pasted_as_markdown() {
    let args =
        ["fixtures/incidents/pool-busy-db", "--format", "markdown", "--step", "summarise-findings"];
    insta::assert_snapshot!(analyze(&args));
}

/// Adds the path of every field below `value`; entries of a list share one path.
fn paths(value: &Value, path: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                // Kinds of redactions are data, not fields.
                let inner = if path == "redactions" {
                    format!("{path}.*")
                } else {
                    format!("{path}.{name}")
                };
                paths(field, inner.trim_start_matches('.'), out);
            }
        }
        Value::Array(entries) => {
            out.insert(format!("{path}[]"));
            for entry in entries {
                paths(entry, &format!("{path}[]"), out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.insert(path.to_owned());
        }
    }
}

#[test]
fn fields_of_the_json_report_are_never_lost() {
    let mut found = BTreeSet::new();
    for incident in ["sidebar-missing-index", "pool-busy-db"] {
        let output = run(&[&format!("fixtures/incidents/{incident}"), "--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        assert_eq!(report["schema"], "analyze.report/1");
        paths(&report, "", &mut found);
    }
    insta::assert_snapshot!(found.into_iter().collect::<Vec<_>>().join("\n"));
}
