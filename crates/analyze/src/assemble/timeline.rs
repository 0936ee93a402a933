//! What happened, from all sources, in order: the first question of every outage is what changed
//! before it began.

use chrono::{DateTime, TimeDelta, Utc};
use model::{Change, Confidence, SignalKind, TimelineEntry, TimelineKind};
use playbook::IncidentRecord;
use std::collections::{BTreeMap, BTreeSet};
use tables::{Cell, Table, Tables};
use text::{Raw, Redactor, Text};

/// Lines of one kind that are shown one by one; more are counted in the last.
const LINES_MAX: usize = 200;
/// A change of the schema that took less has no end of its own.
const SHORT: TimeDelta = TimeDelta::seconds(2);

/// All events and onsets, in order.
pub(crate) fn timeline(
    tables: &Tables,
    changes: &[Change],
    people: Option<&IncidentRecord>,
    redactor: &Redactor,
) -> Vec<TimelineEntry> {
    let mut entries = Vec::new();
    server_events(tables, redactor, &mut entries);
    ddl(tables, redactor, &mut entries);
    database_events(tables, redactor, &mut entries);
    for change in changes.iter().filter(|change| {
        change.confidence < Confidence::Possible
            && (change.subject.is_empty()
                || change.signal_kind == SignalKind::Query
                || change.higher_is_worse)
    }) {
        entries.push(TimelineEntry {
            time: change.onset,
            end: change.until,
            precision_s: 60,
            node: change.node.clone(),
            subject: cleared(redactor, &change.subject),
            what: cleared(redactor, &diagnosis::wording::change(change)),
            source: change.place.source.clone(),
            kind: TimelineKind::Inferred,
        });
    }
    if let Some(record) = people {
        notes(record, redactor, &mut entries);
    }
    entries.sort_by(|a, b| {
        a.time.cmp(&b.time).then_with(|| a.node.cmp(&b.node)).then_with(|| a.what.cmp(&b.what))
    });
    entries.dedup_by(|a, b| a.time == b.time && a.node == b.node && a.what == b.what);
    entries
}

/// What people noted; the start of impact and the resolution are theirs too.
fn notes(record: &IncidentRecord, redactor: &Redactor, entries: &mut Vec<TimelineEntry>) {
    let mut add = |time, what| {
        entries.push(TimelineEntry {
            time,
            end: None,
            precision_s: 60,
            node: String::new(),
            subject: Text::new(),
            what,
            source: playbook::INCIDENT_FILE.to_owned(),
            kind: TimelineKind::Human,
        });
    };
    for note in record.notes.iter().take(LINES_MAX) {
        let mut what = cleared(redactor, note.kind.untrusted());
        what.push_ours(": ");
        what.push_value(redactor.clear(&note.text));
        add(note.at, what);
    }
    for (time, words) in [(record.impact_start, "impact began"), (record.resolved, "resolved")] {
        if let Some(time) = time {
            add(time, Text::ours(words));
        }
    }
}

/// Cells of a table are cleared already; this only makes them a value again.
fn cleared(redactor: &Redactor, text: &str) -> Text {
    Text::value(redactor.clear(&Raw::new(text)))
}

fn text<'t>(table: &Table<'t>, column: &str, row: usize) -> Option<&'t str> {
    let Cell::Text(text) = table.column(column)?.get(row) else { return None };
    (!text.is_empty()).then_some(text)
}

fn time(table: &Table<'_>, column: &str, row: usize) -> Option<DateTime<Utc>> {
    if let Cell::Time(at) = table.column(column)?.get(row) { Some(at) } else { None }
}

/// What a change of the cluster's leader says of the node that logs it.
fn leadership(kind: &str, subject: &str) -> Option<&'static str> {
    match (kind, subject) {
        ("leader-change", "true") => Some("this node leads from here on"),
        ("leader-change", "false") => Some("another node leads"),
        _ => None,
    }
}

fn server_events(tables: &Tables, redactor: &Redactor, entries: &mut Vec<TimelineEntry>) {
    let Some(table) = tables.table("server_events") else { return };
    let routine = routine_jobs(&table);
    let is_idle = |job: &str| routine.contains(job) || is_light(job);
    let mut shown = 0;
    for row in 0..table.n_rows() {
        let Some(at) = time(&table, "at", row) else { continue };
        let kind = text(&table, "kind", row).unwrap_or("event");
        if is_job(kind) && text(&table, "subject", row).is_some_and(is_idle) {
            continue;
        }
        if shown >= LINES_MAX {
            break;
        }
        shown += 1;
        let subject = text(&table, "subject", row).unwrap_or("");
        let leads = leadership(kind, subject);
        let mut what = Text::ours(kind.replace('-', " "));
        if let Some(words) = leads {
            what.push_ours(format!(": {words}"));
        } else if !subject.is_empty() {
            what.push_ours(" ");
            what.push_text(cleared(redactor, subject));
        }
        let line = text(&table, "text", row).filter(|words| *words != subject && leads.is_none());
        if let Some(words) = line {
            what.push_ours(": ");
            what.push_text(cleared(redactor, words));
        }
        entries.push(TimelineEntry {
            time: at,
            end: None,
            precision_s: 1,
            node: text(&table, "node", row).unwrap_or("").to_owned(),
            subject: cleared(redactor, subject),
            what,
            source: source_of(&table, row),
            kind: TimelineKind::Observed,
        });
    }
}

/// Jobs that every server runs by itself, by their names in letters alone, and whose work nobody
/// notices: a few rows counted, a file looked for, a notice fetched.
const LIGHT_JOBS: &[&str] = &[
    "activeusers",
    "cleanupdesktoptokens",
    "cleanupexpiredaccesstokens",
    "deleteemptydrafts",
    "deleteorphandrafts",
    "expirynotify",
    "exportdelete",
    "hostedpurchasescreening",
    "importdelete",
    "installpluginnotifyadmin",
    "lastaccessiblefile",
    "lastaccessiblepost",
    "mobilesessionmetadata",
    "plugins",
    "postpersistentnotifications",
    "productnotices",
    "trialnotifyadmin",
    "upgradenotifyadmin",
];

fn is_light(job: &str) -> bool {
    let letters: String =
        job.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    LIGHT_JOBS.contains(&letters.as_str())
}

/// A job that starts or ends this often in a log runs all day; when it fails, a finding says so.
const ROUTINE_EVENTS: usize = 6;

fn is_job(kind: &str) -> bool {
    matches!(kind, "job-start" | "job-end")
}

/// Two runs of a job on the same minute of the hour, so many hours apart at most, are its timetable.
const ROUTINE_HOURS: i64 = 6;
/// How far from the full hours they may be.
const ROUTINE_BLUR_S: i64 = 120;

/// Jobs that run all day, or every few hours at the same minute: a line for each of their runs hides
/// what happened once.
fn routine_jobs<'t>(table: &Table<'t>) -> BTreeSet<&'t str> {
    let mut events: BTreeMap<&str, Vec<DateTime<Utc>>> = BTreeMap::new();
    for row in 0..table.n_rows() {
        if text(table, "kind", row).is_some_and(is_job)
            && let Some(job) = text(table, "subject", row)
        {
            events.entry(job).or_default().extend(time(table, "at", row));
        }
    }
    let is_routine = |times: &mut Vec<DateTime<Utc>>| {
        times.sort();
        times.len() >= ROUTINE_EVENTS || by_the_hour(times)
    };
    events
        .into_iter()
        .filter_map(|(job, mut times)| is_routine(&mut times).then_some(job))
        .collect()
}

/// Whether two moments of several, in order, are whole hours apart, and few of them.
fn by_the_hour(times: &[DateTime<Utc>]) -> bool {
    times.iter().enumerate().any(|(idx, first)| {
        times.iter().skip(idx + 1).any(|later| {
            let gap_s = (*later - *first).num_seconds();
            let hours = (gap_s + 1800) / 3600;
            (1..=ROUTINE_HOURS).contains(&hours) && (gap_s - hours * 3600).abs() <= ROUTINE_BLUR_S
        })
    })
}

fn source_of(table: &Table<'_>, row: usize) -> String {
    let source = text(table, "source", row).unwrap_or("");
    match text(table, "location", row) {
        Some(location) => format!("{source} {location}"),
        None => source.to_owned(),
    }
}

fn ddl(tables: &Tables, redactor: &Redactor, entries: &mut Vec<TimelineEntry>) {
    let Some(table) = tables.table("ddl") else { return };
    for row in 0..table.n_rows().min(LINES_MAX) {
        let foreign = table.column("foreign").map(|column| column.get(row));
        if foreign == Some(Cell::Bool(true)) {
            continue;
        }
        let Some(at) = time(&table, "at", row) else { continue };
        let started = time(&table, "started_at", row).unwrap_or(at);
        let ended = time(&table, "ended_at", row);
        let mut what = cleared(redactor, text(&table, "statement", row).unwrap_or("DDL"));
        if let Some(user) = text(&table, "user", row) {
            what.push_ours(" by database user ");
            what.push_text(cleared(redactor, user));
        }
        entries.push(TimelineEntry {
            time: started,
            end: ended.filter(|ended| *ended - started >= SHORT),
            precision_s: 1,
            node: String::new(),
            subject: cleared(redactor, text(&table, "object", row).unwrap_or("")),
            what,
            source: source_of(&table, row),
            kind: TimelineKind::Observed,
        });
    }
}

/// Classes of database events that happen once and change things.
const ONCE: &[&str] = &[
    "restart",
    "crash-recovery",
    "shutdown",
    "startup",
    "disk-full",
    "panic",
    "too-many-connections",
    "out-of-memory",
    "configuration-reloaded",
    "failover",
    "termination",
];

fn database_events(tables: &Tables, redactor: &Redactor, entries: &mut Vec<TimelineEntry>) {
    let Some(table) = tables.table("database_events") else { return };
    for row in 0..table.n_rows() {
        let class = text(&table, "class", row).unwrap_or("");
        if !ONCE.contains(&class) {
            continue;
        }
        let Some(at) = time(&table, "first_at", row) else { continue };
        let mut what = Text::ours(format!("database: {}", class.replace('-', " ")));
        if let Some(cause) = text(&table, "cause", row) {
            what.push_ours(" (");
            what.push_text(cleared(redactor, cause));
            what.push_ours(")");
        }
        if let Some(Cell::Int(calls)) =
            table.column("calls").map(|column| column.get(row)).filter(|cell| *cell != Cell::Int(1))
        {
            what.push_ours(format!(", {calls} times"));
        }
        entries.push(TimelineEntry {
            time: at,
            end: time(&table, "last_at", row).filter(|last| *last > at),
            precision_s: 1,
            node: String::new(),
            subject: Text::new(),
            what,
            source: source_of(&table, row),
            kind: TimelineKind::Observed,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::by_the_hour;
    use chrono::{DateTime, TimeDelta, Utc};

    #[test]
    fn a_job_of_every_second_hour_is_routine_and_one_of_every_night_is_not() {
        let start: DateTime<Utc> = DateTime::from_timestamp(1_770_000_000, 0).unwrap();
        let at = |minutes: &[i64]| -> Vec<DateTime<Utc>> {
            minutes.iter().map(|n| start + TimeDelta::minutes(*n)).collect()
        };
        assert!(by_the_hour(&at(&[0, 121])));
        assert!(by_the_hour(&at(&[0, 17, 60])));
        assert!(!by_the_hour(&at(&[0, 1440])), "a retention job of every night did something");
        assert!(!by_the_hour(&at(&[0, 25])));
        assert!(!by_the_hour(&at(&[0])));
    }
}
