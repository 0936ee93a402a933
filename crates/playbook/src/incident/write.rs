//! Changes of an incident file: each keeps what it does not know.

use super::{FIELDS, IncidentError, IncidentFile, NOTE_KINDS, moment_of};
use crate::Step;
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

/// A new file, with every field and a word on each.
const NEW: &str = r#"# What people know, decide and note about this incident. Edited by hand and by `analyze incident`.
# Times in quotes: "2026-03-01T09:18Z", or without offset in `zone`.
version = 1
customer = ""
severity = 1
impact_start = ""        # when users first felt it; clocks and the incident window begin here
resolved = ""            # when users no longer felt it; the clocks of 24 hours and business days begin here
zone = "UTC"             # of who responds: business days are counted here
update_every_min = 60    # between two updates to the customer
holidays = ""            # a file with a date on each line: 2026-12-25 Christmas
channel = ""
run = ""

[roles]                  # handles; an empty one is named as missing
owner = ""
csm = ""
tam = ""
de = ""
ceo = ""
engineer = ""
customer = ""
customer_dba = ""

[links]
ticket = ""
call = ""
"#;

impl IncidentFile {
    /// A new, empty incident file.
    pub fn new() -> Self {
        Self { document: NEW.parse::<DocumentMut>().unwrap_or_default() }
    }

    /// Adds a note of one of [`NOTE_KINDS`].
    pub fn note(&mut self, kind: &str, text: &str, at: DateTime<Utc>) -> Result<(), IncidentError> {
        if !NOTE_KINDS.iter().any(|(known, _)| *known == kind) {
            let kinds: Vec<&str> = NOTE_KINDS.iter().map(|(kind, _)| *kind).collect();
            return Err(IncidentError::Kind(kind.to_owned(), kinds.join(", ")));
        }
        self.push("note", &[("at", &written(at)), ("kind", kind), ("text", text)])
    }

    /// Sets a step not needed: only a person does, only with a reason, only where the playbook
    /// allows it.
    pub fn not_needed(
        &mut self,
        step: &Step,
        because: &str,
        at: DateTime<Utc>,
    ) -> Result<(), IncidentError> {
        if !step.optional {
            return Err(IncidentError::Needed(step.id.clone()));
        }
        if because.trim().is_empty() {
            return Err(IncidentError::NoReason);
        }
        self.forget("not_needed", "step", &step.id)?;
        self.push("not_needed", &[("step", &step.id), ("because", because), ("at", &written(at))])
    }

    /// Sets a step done, as a person says.
    pub fn done(&mut self, step: &Step, at: DateTime<Utc>) -> Result<(), IncidentError> {
        self.forget("done", "step", &step.id)?;
        self.push("done", &[("step", &step.id), ("at", &written(at))])
    }

    /// Notes a post in the channel, in the place of an earlier one for the same.
    pub fn posted(&mut self, what: &str, id: &str) -> Result<(), IncidentError> {
        self.forget("post", "what", what)?;
        self.push("post", &[("what", what), ("id", id)])
    }

    /// Sets one of [`FIELDS`], a role (`roles.csm`) or a link (`links.ticket`).
    pub fn set(&mut self, key: &str, words: &str) -> Result<(), IncidentError> {
        let wrong = |what| IncidentError::Value(key.to_owned(), words.to_owned(), what);
        if let Some((section, name)) = key.split_once('.') {
            if !matches!(section, "roles" | "links") || name.is_empty() {
                return Err(unknown_field(key));
            }
            let item = self.document.entry(section).or_insert_with(toml_edit::table);
            let Some(table) = item.as_table_like_mut() else {
                return Err(IncidentError::Shape(section.to_owned(), "table"));
            };
            replace(table, name, value(words));
            return Ok(());
        }
        if !FIELDS.iter().any(|(known, _)| *known == key) {
            return Err(unknown_field(key));
        }
        let new = match key {
            "severity" => {
                let number: i64 = words.parse().map_err(|_| wrong("number from 1 to 4"))?;
                if !(1..=4).contains(&number) {
                    return Err(wrong("number from 1 to 4"));
                }
                value(number)
            }
            "update_every_min" => {
                let number: u32 = words.parse().map_err(|_| wrong("number of minutes"))?;
                value(i64::from(number))
            }
            "zone" => {
                let _: Tz = words.parse().map_err(|_| wrong("IANA zone such as Europe/Berlin"))?;
                value(words)
            }
            "impact_start" | "resolved" if !words.is_empty() => {
                let zone = self.record().zone;
                let at =
                    moment_of(words, zone).ok_or_else(|| wrong("time; write 2026-03-01T09:18Z"))?;
                value(written(at))
            }
            _ => value(words),
        };
        replace(self.document.as_table_mut(), key, new);
        Ok(())
    }

    /// Appends a table to a list of tables.
    fn push(&mut self, list: &str, pairs: &[(&str, &str)]) -> Result<(), IncidentError> {
        let item =
            self.document.entry(list).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let mut table = Table::new();
        for (key, words) in pairs {
            table.insert(key, value(*words));
        }
        if let Some(tables) = item.as_array_of_tables_mut() {
            tables.push(table);
        } else if let Some(array) = item.as_array_mut() {
            array.push(table.into_inline_table());
        } else {
            return Err(IncidentError::Shape(list.to_owned(), "list of tables"));
        }
        Ok(())
    }

    /// Takes out the tables of a list in which `key` is `words`, so that it stands there once.
    fn forget(&mut self, list: &str, key: &str, words: &str) -> Result<(), IncidentError> {
        match self.document.get_mut(list) {
            None => {}
            Some(Item::ArrayOfTables(tables)) => {
                tables.retain(|table| table.get(key).and_then(Item::as_str) != Some(words));
            }
            Some(item) => match item.as_array_mut() {
                Some(array) => array.retain(|value| {
                    let found = value.as_inline_table().and_then(|table| table.get(key)?.as_str());
                    found != Some(words)
                }),
                None => return Err(IncidentError::Shape(list.to_owned(), "list of tables")),
            },
        }
        Ok(())
    }
}

impl Default for IncidentFile {
    fn default() -> Self {
        Self::new()
    }
}

/// Puts a value in the place of another, and keeps the comment behind it.
fn replace(table: &mut dyn toml_edit::TableLike, key: &str, mut new: Item) {
    if let (Some(old), Some(new)) = (table.get(key).and_then(Item::as_value), new.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        Some(item) => *item = new,
        None => {
            table.insert(key, new);
        }
    }
}

fn unknown_field(key: &str) -> IncidentError {
    let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
    IncidentError::Field(key.to_owned(), names.join(", "))
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
