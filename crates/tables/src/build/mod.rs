//! Building tables from records, from what the user gave, and from the cases of rules.

mod dba;
mod inputs;
mod logs;
mod metrics;
mod packet;
mod schema;
pub(crate) mod slowlog;

pub(crate) use logs::ratio;
pub(crate) use metrics::median;
pub(crate) use packet::PacketFacts;
#[cfg(test)]
pub(crate) use packet::fact_path;
#[cfg(test)]
mod tests;
pub(crate) use slowlog::ms;

use crate::facts::{Stored, find_fact};
use crate::table::TableData;
use crate::{Cell, FactDoc, SourceCoverage, TableDoc, Tables};
use chrono::{DateTime, Utc};
use model::{Place, Window};

/// What stands in a source from a time on, where no line of it is known.
pub(crate) fn from_time(source: &str, at: DateTime<Utc>) -> Place {
    let location = format!("from {}", at.format("%Y-%m-%d %H:%MZ"));
    Place { source: source.to_owned(), location }
}

/// Collects sources and gives [`Tables`].
#[derive(Debug, Default)]
pub struct TablesBuilder {
    pub(crate) tables: Tables,
    packets: Vec<PacketFacts>,
    chosen_packet: Option<String>,
    answers: Vec<dba::AnswerFacts>,
}

/// A wrong name or value in a request: of `--fact`, of `[facts]`, of a rule's case.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// No such fact.
    #[error("there is no fact `{path}`{}", nearest_clause(.nearest.as_ref()))]
    UnknownFact {
        /// The path.
        path: String,
        /// The nearest path that there is.
        nearest: Option<String>,
    },
    /// A value of another kind.
    #[error("`{path}` is of type {kind}, which `{value}` is not")]
    WrongKind {
        /// The path of the fact, or table and column.
        path: String,
        /// The kind.
        kind: &'static str,
        /// The value.
        value: String,
    },
    /// No such table.
    #[error("there is no table `{table}`{}", nearest_clause(.nearest.as_ref()))]
    UnknownTable {
        /// The table.
        table: String,
        /// The nearest name that there is.
        nearest: Option<String>,
    },
    /// No such column.
    #[error("table `{table}` has no column `{column}`{}", nearest_clause(.nearest.as_ref()))]
    UnknownColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The nearest name that there is.
        nearest: Option<String>,
    },
}

/// The nearest name as the end of a message.
pub(crate) fn nearest_clause(name: Option<&String>) -> String {
    name.map_or_else(String::new, |name| format!(": did you mean `{name}`?"))
}

/// A fact that the user or a rule's case gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given<'a> {
    /// A value; text is read as the catalogue's kind.
    Value(Cell<'a>),
    /// Present and hidden by the server.
    Masked,
    /// Present and not of the catalogue's kind.
    Unreadable,
}

impl TablesBuilder {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a fact by hand: of the command line, of a file of settings, of a rule's case.
    /// `given`: cite it as given by the user; then it goes before what a packet says. Values are
    /// our user's own words and are not redacted.
    pub fn fact(
        &mut self,
        path: &str,
        node: Option<&str>,
        fact: Given<'_>,
        place: Place,
        given: bool,
    ) -> Result<(), BuildError> {
        let doc = known_fact(path)?;
        let stored = match fact {
            Given::Masked => Some(Stored::Masked),
            Given::Unreadable => Some(Stored::Unreadable),
            Given::Value(cell) => {
                let wrong = || BuildError::WrongKind {
                    path: path.to_owned(),
                    kind: doc.kind.as_str(),
                    value: format!("{cell}"),
                };
                Stored::of_cell(cell.coerce(doc.kind).ok_or_else(wrong)?)
            }
        };
        if let Some(stored) = stored {
            self.tables.facts.add(doc, node, stored, place, given);
        }
        Ok(())
    }

    /// Sets a fact that the user gave as text: `--fact PATH=VALUE`.
    pub fn given(&mut self, path: &str, value: &str) -> Result<(), BuildError> {
        let place = Place { source: "given".to_owned(), location: format!("--fact {path}") };
        self.fact(path, None, Given::Value(Cell::Text(value)), place, true)
    }

    /// Declares that a source of that table was read, even if it gives no row.
    pub fn read(&mut self, table: &str, source: SourceCoverage) -> Result<(), BuildError> {
        let doc = known_table(table)?;
        self.data(doc);
        self.tables.sources.entry(doc.name).or_default().push(source);
        Ok(())
    }

    /// Adds a row by hand, of a rule's case; columns that are not named are null, and a `location`
    /// that is not named is `row:n`. Values are trusted words and are not redacted.
    pub fn row(&mut self, table: &str, cells: &[(&str, Cell<'_>)]) -> Result<(), BuildError> {
        let doc = known_table(table)?;
        for (name, cell) in cells {
            let column = doc.column(name).ok_or_else(|| BuildError::UnknownColumn {
                table: table.to_owned(),
                column: (*name).to_owned(),
                nearest: nearest_name(name, doc.columns.iter().map(|column| column.name)),
            })?;
            cell.coerce(column.kind).ok_or_else(|| BuildError::WrongKind {
                path: format!("{table}.{name}"),
                kind: column.kind.as_str(),
                value: format!("{cell}"),
            })?;
        }
        let data = self.data(doc);
        let place =
            Place { source: "case".to_owned(), location: format!("row:{}", data.n_rows + 1) };
        data.push(&place, |row| {
            for (name, cell) in cells {
                row.cell(name, *cell);
            }
        });
        Ok(())
    }

    /// Takes the facts from the packet of that source instead of the newest.
    pub fn choose_packet(&mut self, source: &str) {
        self.chosen_packet = Some(source.to_owned());
    }

    /// The tables.
    pub fn build(mut self) -> Tables {
        self.settle_facts();
        self.settle_answers();
        // Without a source and a row, a table was not read: that is not the same as empty.
        let Tables { tables, sources, .. } = &mut self.tables;
        tables.retain(|name, data| data.n_rows > 0 || sources.contains_key(name));
        self.tables
    }

    /// Declares a source of a table.
    fn source(&mut self, name: &str, source: SourceCoverage) {
        let doc = table(name);
        self.data(doc);
        self.tables.sources.entry(doc.name).or_default().push(source);
    }

    pub(crate) fn data(&mut self, doc: &'static TableDoc) -> &mut TableData {
        self.tables.tables.entry(doc.name).or_insert_with(|| TableData::new(doc))
    }
}

/// The coverage of a case's rows: a source that covers `window`.
impl SourceCoverage {
    /// A source that covers that window and has no limits.
    pub fn covering(label: &str, window: Option<Window>) -> Self {
        Self { label: label.to_owned(), window, ..Self::default() }
    }
}

/// The documentation of a table of ours.
pub(crate) fn table(name: &str) -> &'static TableDoc {
    const NONE: TableDoc = TableDoc { name: "", about: "", columns: &[] };
    let doc = TableDoc::find(name);
    debug_assert!(doc.is_some(), "table {name} is not documented");
    doc.unwrap_or(&NONE)
}

fn known_fact(path: &str) -> Result<&'static FactDoc, BuildError> {
    find_fact(path).ok_or_else(|| BuildError::UnknownFact {
        path: path.to_owned(),
        nearest: nearest_name(path, crate::catalogue().iter().map(|fact| fact.path)),
    })
}

fn known_table(table: &str) -> Result<&'static TableDoc, BuildError> {
    TableDoc::find(table).ok_or_else(|| BuildError::UnknownTable {
        table: table.to_owned(),
        nearest: nearest_name(table, crate::TABLES.iter().map(|table| table.name)),
    })
}

/// The name that differs least from `wrong`, if it differs by less than a third.
pub fn nearest_name<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let wrong = wrong.to_ascii_lowercase();
    let allowed = (wrong.len() / 3).max(1);
    names
        .map(|name| (distance(&wrong, &name.to_ascii_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name.to_owned())
}

/// The number of letters to insert, delete or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (idx, letter) in a.chars().enumerate() {
        let mut corner = idx;
        let mut left = idx + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (other, slot) in b.iter().zip(row.iter_mut().skip(1)) {
            let replaced = corner + usize::from(letter != *other);
            corner = *slot;
            left = replaced.min(left + 1).min(corner + 1);
            *slot = left;
        }
    }
    row.last().copied().unwrap_or(0)
}
