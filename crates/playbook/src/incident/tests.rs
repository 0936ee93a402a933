use super::*;
use crate::Playbook;
use chrono::{DateTime, Utc};
use proptest::prelude::*;

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

#[test]
fn a_new_file_is_read_without_faults_and_says_nothing_yet() {
    let record = IncidentFile::new().record();
    assert_eq!(record.faults, Vec::<String>::new());
    assert_eq!((record.severity, record.update_every_min), (Some(1), Some(60)));
    assert_eq!(record.impact_start, None);
    assert_eq!(record.roles.len(), ROLES.len());
    assert!(record.role("csm").is_none());
}

#[test]
fn a_command_keeps_comments_order_and_keys_that_it_does_not_know() {
    let text =
        "# ours\nwar_room = 4 # second floor\ncustomer = \"Acme\" # big\n\n[strange]\nx = [1, 2]\n";
    let mut file = IncidentFile::parse(text).unwrap();
    file.set("customer", "Acme Ltd").unwrap();
    file.note("decision", "no fail over", utc("2026-03-01T09:30:00Z")).unwrap();
    let after = file.text();
    assert!(
        after.starts_with(
            "# ours\nwar_room = 4 # second floor\ncustomer = \"Acme Ltd\" # big\n\n[strange]\nx = [1, 2]\n"
        ),
        "{after}"
    );
    let record = IncidentFile::parse(&after).unwrap().record();
    assert_eq!(record.notes[0].text.untrusted(), "no fail over");
    assert_eq!(record.notes[0].at, utc("2026-03-01T09:30:00Z"));
}

#[test]
fn a_time_without_offset_is_in_the_zone_of_the_file_wherever_that_stands() {
    let file =
        IncidentFile::parse("impact_start = \"2026-07-01 09:18\"\nzone = \"Europe/Berlin\"\n")
            .unwrap();
    assert_eq!(file.record().impact_start, Some(utc("2026-07-01T07:18:00Z")));
}

#[test]
fn times_of_toml_and_times_in_quotes_mean_the_same() {
    let file = IncidentFile::parse(
        "impact_start = 2026-07-01T09:18:00Z\nresolved = \"2026-07-01T11:18+02:00\"\n",
    )
    .unwrap();
    let record = file.record();
    assert_eq!(record.impact_start, record.resolved);
    assert_eq!(record.impact_start, Some(utc("2026-07-01T09:18:00Z")));
}

#[test]
fn what_is_wrong_in_the_file_is_named_and_the_rest_is_read() {
    let text = "customer = \"Acme\"\nimpact_start = \"around nine\"\nroles = 4\n\
                [[note]]\ntext = \"when?\"\n[[note]]\nat = \"2026-03-01T09:30Z\"\ntext = \"kept\"\n\
                [[not_needed]]\nstep = \"cherry-pick\"\n";
    let record = IncidentFile::parse(text).unwrap().record();
    assert_eq!(record.customer.untrusted(), "Acme");
    assert_eq!(record.notes.len(), 1);
    assert!(record.not_needed.is_empty(), "a step is not needed for a reason only");
    let faults = record.faults.join("\n");
    for part in
        ["impact_start: is no time", "roles: is no table", "note 1: has no time", "not_needed 1"]
    {
        assert!(faults.contains(part), "{part} in {faults}");
    }
}

#[test]
fn a_resolution_before_the_start_is_a_fault_and_no_clock_runs_from_it() {
    let text = "impact_start = \"2026-03-01T10:00Z\"\nresolved = \"2026-03-01T09:00Z\"\n";
    let record = IncidentFile::parse(text).unwrap().record();
    assert_eq!(record.resolved, None);
    assert!(record.faults[0].contains("before impact_start"));
}

#[test]
fn only_optional_steps_are_set_not_needed_and_only_with_a_reason() {
    let (playbook, at) = (Playbook::shipped(), utc("2026-03-01T09:30:00Z"));
    let mut file = IncidentFile::new();
    let step = |id: &str| playbook.step(id).unwrap();
    assert!(matches!(
        file.not_needed(step("reply-first"), "no time", at),
        Err(IncidentError::Needed(_))
    ));
    assert!(matches!(file.not_needed(step("cherry-pick"), "  ", at), Err(IncidentError::NoReason)));
    file.not_needed(step("cherry-pick"), "no code fault", at).unwrap();
    file.not_needed(step("cherry-pick"), "an index was missing", at).unwrap();
    let record = file.record();
    assert_eq!(record.not_needed.len(), 1, "the later reason stands");
    assert_eq!(
        record.not_needed("cherry-pick").unwrap().because.untrusted(),
        "an index was missing"
    );
}

#[test]
fn an_unknown_kind_of_note_names_the_known_ones() {
    let error = IncidentFile::new().note("rumour", "x", utc("2026-03-01T09:30:00Z")).unwrap_err();
    assert!(error.to_string().contains("note, decision, mitigation, update, ceo"), "{error}");
}

#[test]
fn a_wrong_value_changes_nothing() {
    let mut file = IncidentFile::new();
    let before = file.text();
    for (key, words) in [
        ("severity", "9"),
        ("zone", "Atlantis"),
        ("resolved", "soon"),
        ("colour", "red"),
        ("note.x", "y"),
    ] {
        assert!(file.set(key, words).is_err(), "{key}");
    }
    assert_eq!(file.text(), before);
}

#[test]
fn every_field_and_role_can_be_set_and_read_again() {
    let mut file = IncidentFile::new();
    for (key, words) in [
        ("customer", "Acme"),
        ("severity", "2"),
        ("impact_start", "2026-03-01 09:18"),
        ("zone", "Europe/Berlin"),
        ("update_every_min", "30"),
        ("roles.csm", "@ann"),
        ("links.status_page", "https://status.example.com"),
        ("channel", "sev1-acme"),
        ("run", "r1"),
    ] {
        file.set(key, words).unwrap();
    }
    let record = IncidentFile::parse(&file.text()).unwrap().record();
    assert_eq!(record.faults, Vec::<String>::new());
    assert_eq!(record.role("csm").unwrap().untrusted(), "@ann");
    assert!(record.links.iter().any(|(key, _)| key == "status_page"));
    assert_eq!(record.impact_start, Some(utc("2026-03-01T09:18:00Z")), "the zone was UTC then");
}

#[test]
fn a_list_that_is_no_list_is_not_overwritten() {
    let mut file = IncidentFile::parse("note = \"remember the milk\"\n").unwrap();
    assert!(matches!(
        file.note("note", "x", utc("2026-03-01T09:30:00Z")),
        Err(IncidentError::Shape(_, _))
    ));
    assert_eq!(file.text(), "note = \"remember the milk\"\n");
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,300}") {
        if let Ok(file) = IncidentFile::parse(&text) {
            let _ = file.record();
        }
    }

    #[test]
    fn a_cut_file_never_panics(cut in 0_usize..900) {
        let whole = IncidentFile::new().text();
        let cut = (0..=cut.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap();
        if let Ok(mut file) = IncidentFile::parse(&whole[..cut]) {
            let _ = file.record();
            let _ = file.note("note", "x", DateTime::UNIX_EPOCH);
        }
    }

    #[test]
    fn what_a_person_notes_is_read_as_it_was_written(words in "\\PC{1,80}") {
        let mut file = IncidentFile::new();
        file.note("note", &words, DateTime::UNIX_EPOCH).unwrap();
        let record = IncidentFile::parse(&file.text()).unwrap().record();
        prop_assume!(!words.trim().is_empty());
        prop_assert_eq!(record.notes[0].text.untrusted(), words.as_str());
    }
}
