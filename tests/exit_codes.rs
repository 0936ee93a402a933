//! What scripts rely on: the exit code, the choice of what is written, and errors that help.

use crate::archives::{Scratch, fixture, noise, zip_of};
use crate::command::{root, run};
use serde_json::Value;
use std::process::{Command, Stdio};

const HEALTHY: &str = "fixtures/packets/10.6";
const INCIDENT: &str = "fixtures/incidents/sidebar-missing-index";

fn code(args: &[&str]) -> i32 {
    run(args).status.code().expect("ended by itself")
}

#[track_caller]
fn json(args: &[&str]) -> Value {
    let mut args = args.to_vec();
    args.extend(["--format", "json"]);
    let output = run(&args);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// The message of a wrong request, which names no report.
#[track_caller]
fn refused(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(output.stdout.is_empty(), "{args:?}: a wrong request writes no report");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_packet_that_is_read_whole_exits_0() {
    assert_eq!(code(&[HEALTHY]), 0);
    let report = json(&[HEALTHY]);
    assert_eq!(report["exit"]["code"], 0);
    assert_eq!(report["exit"]["reasons"].as_array().unwrap().len(), 0);
}

#[test]
fn wrong_arguments_exit_2_and_name_the_remedy() {
    let cases: [(&[&str], &str); 12] = [
        (&["no-such-file.zip"], "no-such-file.zip"),
        (&[HEALTHY, "--format", "pdf"], "markdown"),
        (&[HEALTHY, "--severity", "huge"], "critical, high"),
        (&[HEALTHY, "--fail-on", "huge"], "critical, high"),
        (&[HEALTHY, "--step", "review-configuraton"], "did you mean review-configuration"),
        (&[HEALTHY, "--incident", "yesterday"], "yesterday"),
        (&[HEALTHY, "--tz", "Europe/Berln"], "Europe/Berln"),
        (&[HEALTHY, "-o", "report.docx"], "there are ."),
        (&[HEALTHY, "--packet", "another"], "no packet of that name"),
        (&[HEALTHY, "--fact", "database.max_conections=5"], "database.max_connections"),
        (&["query", HEALTHY, "SELECT * FROM log_paterns"], "log_patterns"),
        (&["rules", "explain", "ldap-sync-never-run", "--on", HEALTHY], "ldap-sync-never-runs"),
    ];
    for (args, remedy) in cases {
        let message = refused(args);
        assert!(message.contains(remedy), "{args:?}: {message}");
        assert!(!message.contains("panicked"), "{message}");
    }
}

#[test]
fn faults_in_rule_files_exit_2_with_their_place() {
    let scratch = Scratch::new("faulty-rules");
    scratch.write("logs/one.toml", b"id = \"one\"\ntitle = \"x\"\nkind = \"fualt\"\n");
    scratch.write("logs/two.toml", b"id = \n");
    let message = refused(&[HEALTHY, "--rules", &scratch.path()]);
    for place in ["one.toml:3", "two.toml:1", "\n"] {
        assert!(message.contains(place), "{place}: {message}");
    }
}

#[test]
fn a_member_that_cannot_be_read_exits_3_and_is_named() {
    let scratch = Scratch::new("exit-3");
    let mut members = fixture("10.6");
    for (path, bytes) in &mut members {
        if path == "stats.yaml" {
            *bytes = noise(500, 7);
        }
    }
    let packet = scratch.write("packet.zip", &zip_of(&members));
    assert_eq!(code(&[&packet]), 3);
    let report = json(&[&packet]);
    let reasons = report["exit"]["reasons"].to_string();
    assert!(reasons.contains("stats.yaml was not read"), "{reasons}");
}

#[test]
fn an_input_that_is_nothing_known_exits_3_with_a_report() {
    let scratch = Scratch::new("unknown-input");
    let letter = scratch.write("letter.txt", b"Dear support,\nit is slow again.\n");
    let output = run(&[&letter]);
    assert_eq!(output.status.code(), Some(3));
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("NOT READ") && report.contains("letter.txt"), "{report}");
}

#[test]
fn a_folder_with_hidden_files_beside_its_exports_exits_0() {
    let scratch = Scratch::new("hidden-beside");
    let csv = "\"Time\",\"p99\"\n2025-05-06 10:00:00,0.1\n2025-05-06 10:01:00,0.1\n2025-05-06 10:02:00,0.1\n";
    scratch.write("API Latency-data-2025-05-06 10_59_00.csv", csv.as_bytes());
    scratch.write(".DS_Store", b"\0\0\0\x01Bud1");
    assert_eq!(code(&[&scratch.path()]), 0);
}

#[test]
fn a_log_with_few_skipped_lines_exits_0_and_with_many_3() {
    let scratch = Scratch::new("skipped");
    let whole = std::fs::read(root().join("fixtures/packets/10.6/mattermost.log")).unwrap();
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let with_broken = |n: usize| -> Vec<u8> {
        let broken = lines
            .iter()
            .enumerate()
            .map(|(idx, line)| if idx < n { [&line[..15], b"\n"].concat() } else { line.to_vec() });
        broken.flatten().collect()
    };
    // 200 lines: 1 % are 2.
    assert_eq!(code(&[&scratch.write("few.log", &with_broken(1))]), 0);
    assert_eq!(code(&[&scratch.write("many.log", &with_broken(40))]), 3);
}

#[test]
fn findings_of_the_level_asked_for_exit_10() {
    let report = json(&[INCIDENT]);
    let severities: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["severity"].as_str().unwrap())
        .collect();
    assert!(severities.contains(&"high") || severities.contains(&"critical"), "{severities:?}");
    assert_eq!(code(&[INCIDENT]), 0);
    assert_eq!(code(&[INCIDENT, "--fail-on", "high"]), 10);
    assert_eq!(code(&[INCIDENT, "--fail-on", "info"]), 10);
    assert_eq!(code(&["fixtures/incidents/healthy-cluster", "--fail-on", "high"]), 0);
}

#[test]
fn findings_outrank_what_was_not_read() {
    let scratch = Scratch::new("outrank");
    let letter = scratch.write("letter.txt", b"Dear support,\nit is slow again.\n");
    assert_eq!(code(&[INCIDENT, &letter]), 3);
    assert_eq!(code(&[INCIDENT, &letter, "--fail-on", "high"]), 10);
}

#[test]
fn only_findings_of_the_severity_asked_for_are_shown() {
    let text = |args: &[&str]| String::from_utf8(run(args).stdout).unwrap();
    let all = text(&[INCIDENT, "--all"]);
    let few = text(&[INCIDENT, "--all", "--severity", "critical"]);
    assert!(few.len() < all.len());
}

#[test]
fn one_step_alone_is_written_when_it_is_asked_for() {
    let output = run(&[INCIDENT, "--step", "review-configuration"]);
    let step = String::from_utf8(output.stdout).unwrap();
    assert!(!step.is_empty());
    assert!(!step.contains("DO NOW"), "{step}");
}

#[test]
fn several_outputs_are_written_in_the_formats_of_their_names() {
    let scratch = Scratch::new("outputs");
    let (md, json, txt) = ("report.md", "report.json", "report.txt");
    let path = |name: &str| format!("{}/{name}", scratch.path());
    let output = run(&[INCIDENT, "-o", &path(md), "-o", &path(json), "-o", &path(txt)]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty(), "files were asked for, not standard output");
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    assert!(read(md).starts_with("#### "), "{}", read(md));
    let report: Value = serde_json::from_str(&read(json)).unwrap();
    assert_eq!(report["schema"], "analyze.report/1");
    assert!(read(txt).contains("READ"), "{}", read(txt));
    let output = run(&[INCIDENT, "-o", &path(md), "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["exit"]["code"], 0, "a format asked for is written to standard output too");
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .args([INCIDENT, "--all", "--outcomes", "--format", "json"])
        .current_dir(root())
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // As `head` does after its first line.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(err.is_empty(), "{err}");
}

#[test]
fn failing_rule_cases_exit_1() {
    let scratch = Scratch::new("failing-case");
    let shipped = root().join("rules/configuration/typing-events-too-frequent.toml");
    let rule = std::fs::read_to_string(shipped).unwrap();
    let broken = rule.replace("expect = \"fired\"", "expect = \"clear\"");
    assert_ne!(rule, broken);
    scratch.write("configuration/typing-events-too-frequent.toml", broken.as_bytes());
    let output = run(&["rules", "test", &scratch.path()]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_folder_without_anything_is_a_wrong_request_and_not_a_healthy_server() {
    let scratch = Scratch::new("empty-folder");
    let message = refused(&[&scratch.path()]);
    assert!(message.contains("nothing to read in"), "{message}");
}

#[test]
fn without_any_input_that_can_be_read_nothing_is_called_fine() {
    let scratch = Scratch::new("junk-only");
    let junk = scratch.write("junk.bin", &noise(5000, 3));
    let output = run(&[&junk]);
    let screen = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{screen}");
    assert!(screen.contains("no input could be read") && !screen.contains("FINE"), "{screen}");
}

#[test]
fn causes_and_course_can_be_asked_for() {
    let answer = |sql: &str| {
        let output = run(&["query", INCIDENT, sql, "--format", "csv"]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let causes = answer("SELECT rank, cause FROM suspects ORDER BY rank LIMIT 1");
    assert!(causes.contains("missing-index"), "{causes}");
    let dropped = answer("SELECT COUNT(*) AS n FROM timeline WHERE what LIKE 'drop index%'");
    assert!(dropped.contains('2'), "{dropped}");
}
