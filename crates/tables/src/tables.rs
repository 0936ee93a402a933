//! All tables and facts of a run.

use crate::coverage::covers;
use crate::table::TableData;
use crate::{Covers, Facts, SourceCoverage, Table};
use chrono::TimeDelta;
use model::{Issues, Window};
use packet::log::TopMinute;
use std::collections::BTreeMap;

/// What was read, as documented tables and facts.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    pub(crate) tables: BTreeMap<&'static str, TableData>,
    pub(crate) sources: BTreeMap<&'static str, Vec<SourceCoverage>>,
    pub(crate) facts: Facts,
    pub(crate) issues: Issues,
    /// The packet that the facts come from.
    pub(crate) facts_packet: Option<String>,
    /// Lines over time of each row of `log_top`, in its order: what a window cuts.
    pub(crate) top_spans: Vec<Vec<TopMinute>>,
    /// The window of the incident, once it is known.
    pub(crate) window: Option<Window>,
    /// By how much the times of the database's log were moved.
    pub(crate) database_shift: TimeDelta,
}

impl Tables {
    /// A table. `None`: no source of that kind was read, or there is no such table; with 0 rows:
    /// read, and empty.
    pub fn table(&self, name: &str) -> Option<Table<'_>> {
        self.tables.get(name).map(TableData::view)
    }

    /// The tables that were read, by name.
    pub fn iter(&self) -> impl Iterator<Item = Table<'_>> {
        self.tables.values().map(TableData::view)
    }

    /// The facts.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The packet that the facts come from.
    pub fn facts_packet(&self) -> Option<&str> {
        self.facts_packet.as_deref()
    }

    /// The sources behind a table.
    pub fn sources(&self, table: &str) -> &[SourceCoverage] {
        self.sources.get(table).map_or(&[], Vec::as_slice)
    }

    /// Whether the sources of a table cover a window.
    pub fn covers(&self, table: &str, window: Window) -> Covers {
        covers(self.sources(table), window)
    }

    /// What could not be put into tables and facts.
    pub fn issues(&self) -> &Issues {
        &self.issues
    }
}
