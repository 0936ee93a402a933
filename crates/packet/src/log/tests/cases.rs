//! Shortened logs of whole incidents: counts against an independent reading, and what happened.

use super::super::{ALL_ERRORS, LogRecords, ServerEventKind as Kind};
use super::read_bytes;
use std::collections::BTreeMap;

const UNCLEAN_STOPS: &[u8] = include_bytes!("../../../../../fixtures/log/unclean_stops.log");
const ONE_ACTOR: &[u8] = include_bytes!("../../../../../fixtures/log/one_actor.log");
const PLUGIN_ENABLED: &[u8] = include_bytes!("../../../../../fixtures/log/plugin_enabled.log");

/// Lines by minute and level, counted with a JSON parser and a calendar.
fn counted(bytes: &[u8]) -> BTreeMap<(i64, String), u64> {
    let mut counts = BTreeMap::new();
    for line in std::str::from_utf8(bytes).unwrap().lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        let stamp = object["timestamp"].as_str().unwrap().replace(" Z", " +00:00");
        let at = chrono::DateTime::parse_from_str(&stamp, "%Y-%m-%d %H:%M:%S%.3f %:z").unwrap();
        let level = object["level"].as_str().unwrap().to_owned();
        *counts.entry((at.timestamp().div_euclid(60), level)).or_insert(0) += 1;
    }
    counts
}

fn known(records: &LogRecords, id: &str) -> u64 {
    records.patterns.iter().filter(|p| p.known_id == Some(id)).map(|p| p.calls).sum()
}

#[test]
fn minutes_and_levels_agree_with_an_independent_count() {
    for bytes in [UNCLEAN_STOPS, ONE_ACTOR, PLUGIN_ENABLED] {
        let parsed = read_bytes(bytes);
        let mut minutes = BTreeMap::new();
        for cell in &parsed.records.minutes {
            assert_eq!(cell.width_min, 1);
            let key = (cell.minute.timestamp() / 60, cell.level.as_str().to_owned());
            *minutes.entry(key).or_insert(0) += cell.calls;
        }
        assert_eq!(minutes, counted(bytes));
        assert!(parsed.issues.is_empty());
        let calls: u64 = parsed.records.patterns.iter().map(|p| p.calls).sum();
        assert_eq!(calls, parsed.coverage.records);
    }
}

#[test]
fn servers_that_die_while_they_read_a_document_show_it() {
    let records = read_bytes(UNCLEAN_STOPS).records;
    let unclean: Vec<_> = records.events.iter().filter(|e| e.kind == Kind::UncleanStop).collect();
    assert_eq!(unclean.len(), 5);
    assert!(records.events.iter().all(|e| e.kind != Kind::Stop));
    let starts: Vec<_> = records.events.iter().filter(|e| e.kind == Kind::Start).collect();
    assert_eq!(starts.len(), 5);
    assert!(starts.iter().all(|e| e.subject.untrusted() == "10.11.3"));
    // The log was shortened, so chances are higher than in life; the document is still among the
    // most telling.
    let before = records.before_unclean_stops();
    let extracting =
        before.iter().position(|row| row.text.untrusted().starts_with("Extracting file")).unwrap();
    assert!(extracting < 3, "{extracting}");
    assert_eq!(before[extracting].stops, 4);
    assert!(before[extracting].text.untrusted().contains(".pdf"));
    assert!(records.sources[0].debug);
}

#[test]
fn one_account_behind_the_errors_is_found() {
    let records = read_bytes(ONE_ACTOR).records;
    let share = |field: &str| {
        let all =
            records.fields.iter().find(|f| f.pattern_id == ALL_ERRORS && f.field == field).unwrap();
        let top =
            records.top.iter().find(|t| t.pattern_id == ALL_ERRORS && t.field == field).unwrap();
        (top.value.untrusted().to_owned(), (top.calls - top.error) as f64 / all.calls as f64)
    };
    let (address, of_requests) = share("ip_addr");
    assert_eq!(address, "10.64.200.17");
    assert!(of_requests > 0.2, "{of_requests}");
    assert_eq!(share("path").0, "/api/v4/users/email/{email}");
    assert!(known(&records, "store-deadline-exceeded") > 0);
}

#[test]
fn a_plugin_that_is_switched_on_before_the_clients_are_refused_is_an_event() {
    let records = read_bytes(PLUGIN_ENABLED).records;
    let enabled: Vec<_> = records.events.iter().filter(|e| e.kind == Kind::PluginEnabled).collect();
    assert_eq!(enabled.len(), 1);
    assert_eq!(enabled[0].subject.untrusted(), "focalboard");
    assert_eq!(enabled[0].at.unwrap().to_rfc3339(), "2023-03-07T09:47:00+00:00");
    let refused = std::str::from_utf8(PLUGIN_ENABLED).unwrap().matches("too many clients").count();
    assert_eq!(known(&records, "too-many-clients"), refused as u64);
    let first = records.patterns.iter().filter(|p| p.known_id == Some("too-many-clients"));
    assert!(first.clone().count() > 0 && first.into_iter().all(|p| p.first_at > enabled[0].at));
    assert_eq!(records.sources[0].offsets_s, BTreeMap::from([(3_600, 240)]));
}
