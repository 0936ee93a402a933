//! What an incident file says, typed; what it says in a wrong form is a fault with its key.

use super::ENTRIES_MAX;
use crate::calendar;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use text::Raw;
use toml_edit::{DocumentMut, Item, TableLike};

/// A note of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: DateTime<Utc>,
    /// Of which kind; usually one of [`super::NOTE_KINDS`].
    pub kind: Raw,
    /// What.
    pub text: Raw,
}

/// A step that a person set not needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotNeeded {
    /// The step's id.
    pub step: String,
    /// Why.
    pub because: Raw,
    /// When it was decided.
    pub at: Option<DateTime<Utc>>,
}

/// A step that a person has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The step's id.
    pub step: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// A post in the incident channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Its id.
    pub id: String,
    /// What it is for: a step's id, `report`, ...
    pub what: String,
}

/// What an incident file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentRecord {
    /// The customer's name.
    pub customer: Raw,
    /// The severity, 1 to 4.
    pub severity: Option<u8>,
    /// When the impact began.
    pub impact_start: Option<DateTime<Utc>>,
    /// When it was resolved.
    pub resolved: Option<DateTime<Utc>>,
    /// The zone of who responds.
    pub zone: Option<Tz>,
    /// Minutes between two updates to the customer.
    pub update_every_min: Option<u32>,
    /// The name of the holiday file.
    pub holidays: Raw,
    /// Roles and handles, in the order of the file.
    pub roles: Vec<(String, Raw)>,
    /// Links, in the order of the file.
    pub links: Vec<(String, Raw)>,
    /// The incident channel.
    pub channel: Raw,
    /// The id of the playbook's run.
    pub run: Raw,
    /// Posts in the channel.
    pub posts: Vec<Post>,
    /// Notes in the order of time.
    pub notes: Vec<Note>,
    /// Steps that a person set not needed.
    pub not_needed: Vec<NotNeeded>,
    /// Steps that a person has done.
    pub done: Vec<Done>,
    /// What could not be understood, with the key.
    pub faults: Vec<String>,
}

impl IncidentRecord {
    /// The time of the last note of that kind.
    pub fn last(&self, kind: &str) -> Option<DateTime<Utc>> {
        self.notes.iter().rev().find(|note| note.kind.untrusted() == kind).map(|note| note.at)
    }

    /// The handle of a role; `None` when it is empty.
    pub fn role(&self, key: &str) -> Option<&Raw> {
        let (_, handle) = self.roles.iter().find(|(known, _)| known == key)?;
        (!handle.untrusted().trim().is_empty()).then_some(handle)
    }

    /// Whether a person has done that step.
    pub fn is_done(&self, step: &str) -> bool {
        self.done.iter().any(|done| done.step == step)
    }

    /// The reason why a person set that step not needed.
    pub fn not_needed(&self, step: &str) -> Option<&NotNeeded> {
        self.not_needed.iter().find(|entry| entry.step == step)
    }
}

/// A time as people write it: with an offset or `Z`, else in `zone`, else in UTC; seconds may be
/// left out.
pub fn moment_of(text: &str, zone: Option<Tz>) -> Option<DateTime<Utc>> {
    let text = text.trim().replacen(' ', "T", 1);
    for candidate in [text.clone(), text.replacen('Z', ":00Z", 1)] {
        if let Ok(at) = DateTime::parse_from_rfc3339(&candidate) {
            return Some(at.with_timezone(&Utc));
        }
    }
    for form in ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"] {
        if let Ok(at) = DateTime::parse_from_str(&text, form) {
            return Some(at.with_timezone(&Utc));
        }
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .or_else(|| NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    Some(calendar::moment(zone.unwrap_or(Tz::UTC), local))
}

pub(super) fn record(document: &DocumentMut) -> IncidentRecord {
    let mut record = IncidentRecord::default();
    let mut reader = Reader { faults: Vec::new(), zone: None };
    let table = document.as_table();
    reader.zone = reader.words(table, "zone").and_then(|name| {
        let zone = name.parse().ok();
        if zone.is_none() {
            reader
                .faults
                .push("zone: no such zone; write an IANA name such as Europe/Berlin".to_owned());
        }
        zone
    });
    record.zone = reader.zone;
    record.customer = reader.raw(table, "customer");
    record.holidays = reader.raw(table, "holidays");
    record.channel = reader.raw(table, "channel");
    record.run = reader.raw(table, "run");
    record.severity = reader.number(table, "severity").and_then(|n| u8::try_from(n).ok());
    record.update_every_min = reader
        .number(table, "update_every_min")
        .and_then(|n| u32::try_from(n).ok())
        .filter(|n| *n > 0);
    record.impact_start = reader.time(table, "impact_start", "");
    record.resolved = reader.time(table, "resolved", "");
    if let (Some(start), Some(end)) = (record.impact_start, record.resolved)
        && end < start
    {
        reader.faults.push("resolved: lies before impact_start, and is not used".to_owned());
        record.resolved = None;
    }
    record.roles = reader.pairs(table, "roles");
    record.links = reader.pairs(table, "links");
    for (place, entry) in reader.entries(table, "note") {
        let Some(at) = reader.time(entry, "at", &place) else {
            reader.faults.push(format!("{place}: has no time, and is left out"));
            continue;
        };
        let kind = reader.words(entry, "kind").unwrap_or_else(|| "note".to_owned());
        record.notes.push(Note { at, kind: Raw::new(kind), text: reader.raw(entry, "text") });
    }
    record.notes.sort_by_key(|note| note.at);
    for (place, entry) in reader.entries(table, "not_needed") {
        let because = reader.raw(entry, "because");
        match reader.words(entry, "step") {
            Some(step) if !because.untrusted().trim().is_empty() => {
                let at = reader.time(entry, "at", &place);
                record.not_needed.push(NotNeeded { step, because, at });
            }
            Some(_) | None => {
                reader.faults.push(format!("{place}: needs step and because, and is not used"))
            }
        }
    }
    for (place, entry) in reader.entries(table, "done") {
        match reader.words(entry, "step") {
            Some(step) => record.done.push(Done { step, at: reader.time(entry, "at", &place) }),
            None => reader.faults.push(format!("{place}: names no step, and is not used")),
        }
    }
    for (_, entry) in reader.entries(table, "post") {
        record.posts.push(Post {
            id: reader.words(entry, "id").unwrap_or_default(),
            what: reader.words(entry, "what").unwrap_or_default(),
        });
    }
    record.faults = reader.faults;
    record
}

struct Reader {
    faults: Vec<String>,
    zone: Option<Tz>,
}

impl Reader {
    fn words(&mut self, table: &dyn TableLike, key: &str) -> Option<String> {
        let item = table.get(key)?;
        let Some(words) = item.as_str() else {
            self.faults.push(format!("{key}: is no text in quotes"));
            return None;
        };
        Some(words.to_owned()).filter(|words| !words.trim().is_empty())
    }

    fn raw(&mut self, table: &dyn TableLike, key: &str) -> Raw {
        Raw::new(self.words(table, key).unwrap_or_default())
    }

    fn number(&mut self, table: &dyn TableLike, key: &str) -> Option<i64> {
        let item = table.get(key)?;
        let number = item.as_integer();
        if number.is_none() {
            self.faults.push(format!("{key}: is no whole number"));
        }
        number
    }

    /// A time: TOML's own, or in quotes.
    fn time(&mut self, table: &dyn TableLike, key: &str, place: &str) -> Option<DateTime<Utc>> {
        let item = table.get(key)?;
        let words = match (item.as_datetime(), item.as_str()) {
            (Some(at), _) => at.to_string(),
            (None, Some(words)) if words.trim().is_empty() => return None,
            (None, Some(words)) => words.to_owned(),
            (None, None) => String::new(),
        };
        let at = moment_of(&words, self.zone);
        if at.is_none() {
            let dot = if place.is_empty() { "" } else { "." };
            self.faults
                .push(format!("{place}{dot}{key}: is no time; write 2026-03-01T09:18Z in quotes"));
        }
        at
    }

    fn pairs(&mut self, table: &dyn TableLike, key: &str) -> Vec<(String, Raw)> {
        let Some(item) = table.get(key) else { return Vec::new() };
        let Some(pairs) = item.as_table_like() else {
            self.faults.push(format!("{key}: is no table; write [{key}]"));
            return Vec::new();
        };
        let keys: Vec<String> = pairs.iter().map(|(key, _)| key.to_owned()).collect();
        if keys.len() > ENTRIES_MAX {
            self.faults.push(format!("{key}: only the first {ENTRIES_MAX} are read"));
        }
        keys.into_iter()
            .take(ENTRIES_MAX)
            .map(|key| {
                let value = self.raw(pairs, &key);
                (key, value)
            })
            .collect()
    }

    fn entries<'d>(
        &mut self,
        table: &'d dyn TableLike,
        key: &str,
    ) -> Vec<(String, &'d dyn TableLike)> {
        let entries: Vec<&dyn TableLike> = match table.get(key) {
            None => return Vec::new(),
            Some(Item::ArrayOfTables(entries)) => {
                entries.iter().map(|entry| entry as &dyn TableLike).collect()
            }
            Some(item) => match item.as_array() {
                Some(array) => array
                    .iter()
                    .filter_map(|value| Some(value.as_inline_table()? as &dyn TableLike))
                    .collect(),
                None => {
                    self.faults.push(format!("{key}: is no list of tables; write [[{key}]]"));
                    return Vec::new();
                }
            },
        };
        if entries.len() > ENTRIES_MAX {
            self.faults.push(format!("{key}: only the first {ENTRIES_MAX} are read"));
        }
        (1..)
            .zip(entries.into_iter().take(ENTRIES_MAX))
            .map(|(number, entry): (usize, _)| (format!("{key} {number}"), entry))
            .collect()
    }
}
