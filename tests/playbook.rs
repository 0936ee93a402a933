//! The playbook on the command line: incident file, clocks, drafts, the DBA's sheet, the export.

use crate::command::{analyze, root};
use std::fs;
use std::path::PathBuf;

/// A folder of its own for a test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("analyze-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn file(&self) -> String {
        fs::read_to_string(self.0.join("incident.toml")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn bundle() -> String {
    let fixtures = root().join("fixtures/incidents/sidebar-missing-index");
    assert!(fixtures.is_dir());
    fixtures.to_str().unwrap().to_owned()
}

#[test]
fn an_incident_folder_is_made_noted_in_and_never_overwritten() {
    let folder = Folder::new("new");
    let made = analyze(&["incident", "new", folder.path(), "--customer", "Acme"]);
    assert!(made.starts_with("exit 0\n"), "{made}");
    let noted = analyze(&[
        "incident",
        "note",
        "decision",
        "no fail over",
        "--at",
        "2026-01-02 03:00",
        "--dir",
        folder.path(),
    ]);
    assert!(noted.contains("noted decision at 2026-01-02 03:00 UTC"), "{noted}");
    let again = analyze(&["incident", "new", folder.path()]);
    assert!(again.starts_with("exit 2\n") && again.contains("is kept"), "{again}");
    assert!(
        folder.file().contains("customer = \"Acme\"") && folder.file().contains("no fail over")
    );
}

#[test]
fn a_clock_that_is_over_gives_exit_code_11_and_shows_utc_local_and_remaining() {
    let folder = Folder::new("due");
    // The clock of the tests stands at 2026-01-02 03:04:05 UTC.
    analyze(&["incident", "new", folder.path(), "--impact-start", "2026-01-02T01:30Z"]);
    analyze(&["incident", "set", "zone", "Europe/Berlin", "--dir", folder.path()]);
    let due = analyze(&["playbook", "due", folder.path()]);
    assert!(due.starts_with("exit 11\n"), "{due}");
    assert!(due.contains("OVERDUE     CEO in the loop"), "{due}");
    assert!(
        due.contains(
            "2026-01-02 02:30 UTC   Fri 2026-01-02 03:30 CET (Europe/Berlin)   34 min over"
        ),
        "{due}"
    );
    for kind in ["ceo", "update"] {
        analyze(&["incident", "note", kind, "told", "--dir", folder.path()]);
    }
    let due = analyze(&["playbook", "due", folder.path()]);
    assert!(due.starts_with("exit 0\n") && due.contains("1 h 0 min left"), "{due}");
}

#[test]
fn holidays_of_the_incident_file_move_the_business_days() {
    let folder = Folder::new("holidays");
    analyze(&["incident", "new", folder.path(), "--impact-start", "2025-12-24T09:00Z"]);
    fs::write(folder.0.join("days"), "2025-12-25 Christmas\n2025-12-26\n").unwrap();
    analyze(&["incident", "set", "resolved", "2025-12-24T12:00Z", "--dir", folder.path()]);
    analyze(&["incident", "set", "holidays", "days", "--dir", folder.path()]);
    let due = analyze(&["playbook", "due", folder.path()]);
    // Thursday and Friday are holidays: Monday.
    assert!(due.contains("2025-12-29 12:00 UTC"), "{due}");
}

#[test]
fn only_a_person_sets_a_step_not_needed_and_only_an_optional_one() {
    let folder = Folder::new("steps");
    analyze(&["incident", "new", folder.path()]);
    let args = |step| {
        ["incident", "not-needed", step, "--because", "no code fault", "--dir", folder.path()]
    };
    assert!(analyze(&args("cherry-pick")).starts_with("exit 0\n"));
    let refused = analyze(&args("reply-first"));
    assert!(
        refused.starts_with("exit 2\n") && refused.contains("cannot be set not needed"),
        "{refused}"
    );
    let unknown = analyze(&args("cherry-pik"));
    assert!(unknown.contains("did you mean `cherry-pick`"), "{unknown}");
}

#[test]
fn what_people_wrote_stands_in_the_report_beside_the_data() {
    let folder = Folder::new("report");
    analyze(&["incident", "new", folder.path(), "--impact-start", "2026-01-01T09:00Z"]);
    analyze(&[
        "incident",
        "note",
        "mitigation",
        "restarted\u{1b}[31m nothing",
        "--at",
        "2026-01-01T09:30Z",
        "--dir",
        folder.path(),
    ]);
    analyze(&[
        "incident",
        "not-needed",
        "cherry-pick",
        "--because",
        "an index was missing",
        "--dir",
        folder.path(),
    ]);
    let shown = analyze(&["playbook", "show", &bundle(), folder.path(), "--color", "never"]);
    assert!(shown.contains("Not needed, as a person decided: an index was missing"), "{shown}");
    assert!(!shown.contains('\u{1b}'));
    let json = analyze(&[&bundle(), folder.path(), "--format", "json"]);
    let json: serde_json::Value = {
        let (_, rest) = json.split_once("--- stdout\n").unwrap();
        serde_json::from_str(rest.split("--- stderr").next().unwrap()).unwrap()
    };
    assert_eq!(json["incident"]["start"], "2026-01-01T09:00:00Z");
    let human: Vec<&str> = json["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["kind"] == "human")
        .map(|entry| entry["what"].as_str().unwrap())
        .collect();
    assert_eq!(human, ["impact began", "mitigation: restarted nothing"]);
}

#[test]
fn every_step_of_the_playbook_says_who_acts() {
    let shown = analyze(&["playbook", "show", &bundle()]);
    assert_eq!(shown.matches("A person:").count(), 40, "{shown}");
}

#[test]
fn steps_of_a_playbook_of_ones_own_are_kept() {
    let folder = Folder::new("own");
    fs::create_dir_all(&folder.0).unwrap();
    let path = folder.0.join("own.toml");
    fs::write(
        &path,
        "version = 1\n[[step]]\nnumber = 1\nid = \"call-plumber\"\ntitle = \"Call the plumber\"\nkind = \"tracked\"\nperson = \"Call.\"\n",
    )
    .unwrap();
    let own = path.to_str().unwrap();
    assert!(analyze(&["playbook", "steps", "--playbook", own]).contains("Call the plumber"));
    let shown =
        analyze(&["playbook", "show", &bundle(), "--playbook", own, "--step", "call-plumber"]);
    assert!(shown.contains("Call the plumber") && shown.contains("A person: Call."), "{shown}");
}

#[test]
fn drafts_for_the_customer_hold_no_name_of_a_node_a_user_or_a_statement() {
    for name in ["first-reply", "customer-update", "executive-update", "customer-summary"] {
        let draft = analyze(&["draft", name, &bundle()]);
        assert!(draft.starts_with("exit 0\n"), "{name}: {draft}");
        assert!(
            draft.contains("[[ PERSON:") && draft.to_lowercase().contains("as of"),
            "{name}: {draft}"
        );
        for inside in
            ["idx_", "dba_admin", "SELECT", "CREATE INDEX", "mattermost.log", "sidebarchannels"]
        {
            assert!(!draft.contains(inside), "{name} holds {inside}: {draft}");
        }
    }
}

#[test]
fn every_draft_is_written_with_and_without_data() {
    let names = [
        "first-reply",
        "customer-update",
        "executive-update",
        "qa-steps",
        "pull-request",
        "retrospective",
        "incident-summary",
        "customer-summary",
    ];
    for name in names {
        assert!(analyze(&["draft", name]).starts_with("exit 0\n"), "{name}");
        assert!(analyze(&["draft", name, &bundle()]).starts_with("exit 0\n"), "{name}");
    }
}

#[test]
fn a_template_that_must_not_be_sent_is_refused_at_run_time() {
    let folder = Folder::new("template");
    fs::create_dir_all(&folder.0).unwrap();
    let path = folder.0.join("blame.md");
    fs::write(&path, "It was a human error at your side.\n").unwrap();
    let refused = analyze(&["draft", "customer-update", "--template", path.to_str().unwrap()]);
    assert!(refused.starts_with("exit 1\n") && refused.contains("human error"), "{refused}");
    assert!(refused.contains("--- stdout\n--- stderr"), "nothing is printed: {refused}");
}

#[test]
fn the_sheet_for_the_dba_knows_the_database_from_the_packet() {
    let sheet = analyze(&["dba", &bundle(), "--hosting", "rds"]);
    assert!(sheet.starts_with("exit 0\n"), "{sheet}");
    assert!(sheet.contains("Questions to PostgreSQL (15, rds)"), "{sheet}");
    assert!(sheet.contains("SET statement_timeout = '5s';"), "{sheet}");
    let asked = analyze(&["dba"]);
    assert!(asked.starts_with("exit 2\n") && asked.contains("--database postgres"), "{asked}");
}

#[test]
fn the_export_is_one_json_object_for_playbooks() {
    let answer = analyze(&["playbook", "export"]);
    let (_, rest) = answer.split_once("--- stdout\n").unwrap();
    let file: serde_json::Value =
        serde_json::from_str(rest.split("--- stderr").next().unwrap()).unwrap();
    assert_eq!(file["version"], 1);
    assert!(file["checklists"].as_array().unwrap().len() > 3);
}

#[test]
fn the_code_is_what_the_evidence_names_and_what_it_does_not_is_said() {
    let show = |step: &str| analyze(&["playbook", "show", &bundle(), "--step", step]);
    let code = show("identify-codebase-areas");
    // A statement names the store's method, a log the function of an error; neither names a file.
    assert!(
        code.contains("ChannelStore.GetSidebarCategoriesForTeamForUser (no file in the data)"),
        "{code}"
    );
    assert!(code.contains("named by") && code.contains("mattermost.log"), "{code}");
    assert!(!code.contains("web/context.go"), "where all errors are logged says nothing: {code}");
    let cause = show("identify-root-cause");
    for words in ["would disprove it", "A person decides whether this is the root cause."] {
        assert!(cause.contains(words), "{words} is not in {cause}");
    }
    assert!(!cause.starts_with("done"), "a person's decision is not ticked");
    let solution = show("identify-solution");
    for words in ["CREATE INDEX", "do not:", "Which release holds a fix is not in the data"] {
        let flat = solution.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{words} is not in {solution}");
    }
    let none = analyze(&[
        "playbook",
        "show",
        "fixtures/packets/10.4",
        "--step",
        "identify-codebase-areas",
    ]);
    assert!(none.contains("no-data") && none.contains("names no place in the code"), "{none}");
    assert!(show("pin-data").contains("https://docs.mattermost.com/"));
}
