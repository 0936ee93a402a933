//! Facts: single values by dotted path, with where they stand.

mod catalogue;

use crate::{Cell, Version};
use chrono::{DateTime, Utc};
use model::Place;
use std::collections::BTreeMap;
use text::Value;

pub use catalogue::{ERAS, FactDoc, Scope, catalogue, find_fact};

/// What is known of a fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FactState<'a> {
    /// A value, of the catalogue's kind; never null.
    Value(Cell<'a>),
    /// The packet lacks it.
    Missing,
    /// Present and hidden by the server.
    Masked,
    /// Present and not of the catalogue's kind.
    Unreadable,
    /// The server's version does not have it.
    NotApplicable,
}

/// A fact for one node or for all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fact<'a> {
    /// What is known.
    pub state: FactState<'a>,
    /// Where it stands; `None` when it stands nowhere.
    pub place: Option<&'a Place>,
    /// The node it was read from; `None`: it is about all nodes.
    pub node: Option<&'a str>,
    /// Whether the user gave it.
    pub given: bool,
}

impl<'a> Fact<'a> {
    /// The value; null without one.
    pub fn cell(&self) -> Cell<'a> {
        match self.state {
            FactState::Value(cell) => cell,
            FactState::Missing
            | FactState::Masked
            | FactState::Unreadable
            | FactState::NotApplicable => Cell::Null,
        }
    }
}

/// A fact as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stored {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Value),
    Version(Version),
    Time(DateTime<Utc>),
    Span(i64),
    Masked,
    Unreadable,
}

impl Stored {
    /// Keeps a cell whose text is trusted; `None` for null.
    pub(crate) fn of_cell(cell: Cell<'_>) -> Option<Self> {
        Some(match cell {
            Cell::Null => return None,
            Cell::Bool(value) => Self::Bool(value),
            Cell::Int(value) => Self::Int(value),
            Cell::Float(value) if value.is_finite() => Self::Float(value),
            Cell::Float(_) => Self::Unreadable,
            Cell::Text(value) => Self::Text(Value::trusted(value)),
            Cell::Version(value) => Self::Version(value),
            Cell::Time(value) => Self::Time(value),
            Cell::Span(value) => Self::Span(value),
        })
    }

    /// The value; null for masked and unreadable ones.
    pub(crate) fn cell(&self) -> Cell<'_> {
        match self.state() {
            FactState::Value(cell) => cell,
            FactState::Missing
            | FactState::Masked
            | FactState::Unreadable
            | FactState::NotApplicable => Cell::Null,
        }
    }

    fn state(&self) -> FactState<'_> {
        FactState::Value(match self {
            Self::Bool(value) => Cell::Bool(*value),
            Self::Int(value) => Cell::Int(*value),
            Self::Float(value) => Cell::Float(*value),
            Self::Text(value) => Cell::Text(value.as_str()),
            Self::Version(value) => Cell::Version(*value),
            Self::Time(value) => Cell::Time(*value),
            Self::Span(value) => Cell::Span(*value),
            Self::Masked => return FactState::Masked,
            Self::Unreadable => return FactState::Unreadable,
        })
    }
}

/// Facts of the cluster on which nodes differ by nature or by the moment of capture.
pub const DIFFER_BY_NATURE: &[&str] = &[
    "config.store_type",
    "ClusterSettings.OverrideHostname",
    "ClusterSettings.BindAddress",
    "ClusterSettings.AdvertiseAddress",
    "ServiceSettings.ListenAddress",
    "JobSettings.RunJobs",
    "JobSettings.RunScheduler",
];
/// One reading of a fact.
#[derive(Clone, Debug)]
struct Entry {
    node: Option<String>,
    stored: Stored,
    place: Place,
    given: bool,
}

/// All facts of a run.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    nodes: Vec<String>,
    version: Option<Version>,
    entries: BTreeMap<&'static str, Vec<Entry>>,
}

impl Facts {
    /// The nodes, by name.
    pub fn nodes(&self) -> &[String] {
        &self.nodes
    }

    /// The server's version; on mixed versions the oldest.
    pub fn server_version(&self) -> Option<Version> {
        self.version
    }

    /// A fact. What the user gave comes first. With a node: that node's value, or the one about
    /// all nodes; of a fact of the cluster also the first node that has one. Without a node: the
    /// value about all nodes or of the first node that has one. An unknown path is missing.
    pub fn get(&self, path: &str, node: Option<&str>) -> Fact<'_> {
        let Some(doc) = find_fact(path) else { return Self::nothing(FactState::Missing) };
        let entries = self.entries.get(path).map_or(&[][..], Vec::as_slice);
        let given = entries.iter().find(|entry| {
            entry.given && (entry.node.is_none() || node.is_none() || entry.node.as_deref() == node)
        });
        let own = || entries.iter().find(|entry| node.is_some() && entry.node.as_deref() == node);
        let common = || entries.iter().find(|entry| entry.node.is_none());
        let first = || {
            let any = node.is_none() || doc.scope == Scope::Cluster;
            entries.first().filter(|_| any)
        };
        match given.or_else(own).or_else(common).or_else(first) {
            Some(entry) => entry.fact(),
            None => Self::nothing(self.absent(doc)),
        }
    }

    /// All readings of a fact, by node.
    pub fn values(&self, path: &str) -> Vec<Fact<'_>> {
        self.entries
            .get(path)
            .map_or_else(Vec::new, |entries| entries.iter().map(Entry::fact).collect())
    }

    /// Facts of the cluster on which nodes disagree, by path.
    pub fn disagreements(&self) -> Vec<&'static FactDoc> {
        self.entries
            .iter()
            .filter(|(_, entries)| {
                let mut read = entries.iter().filter(|entry| !entry.given);
                read.next().is_some_and(|first| read.any(|entry| entry.stored != first.stored))
            })
            .filter_map(|(path, _)| find_fact(path))
            .filter(|doc| doc.scope == Scope::Cluster)
            .collect()
    }

    /// Paths that have a reading, sorted.
    pub fn known_paths(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.entries.keys().copied()
    }

    fn absent(&self, doc: &FactDoc) -> FactState<'static> {
        match self.version {
            Some(version) if !doc.applies_to(version) => FactState::NotApplicable,
            Some(_) | None => FactState::Missing,
        }
    }

    fn nothing(state: FactState<'_>) -> Fact<'_> {
        Fact { state, place: None, node: None, given: false }
    }

    pub(crate) fn add_node(&mut self, node: &str) {
        if let Err(idx) = self.nodes.binary_search_by(|known| known.as_str().cmp(node)) {
            self.nodes.insert(idx, node.to_owned());
        }
    }

    /// Adds a reading; a second one of the same node replaces the first.
    pub(crate) fn add(
        &mut self,
        doc: &'static FactDoc,
        node: Option<&str>,
        stored: Stored,
        place: Place,
        given: bool,
    ) {
        if let Some(node) = node {
            self.add_node(node);
        }
        if let ("server.version", Stored::Version(version)) = (doc.path, &stored) {
            self.version = Some(self.version.map_or(*version, |known| known.min(*version)));
        }
        let entry = Entry { node: node.map(str::to_owned), stored, place, given };
        let entries = self.entries.entry(doc.path).or_default();
        let key = |entry: &Entry| (!entry.given, entry.node.clone());
        match entries.binary_search_by_key(&key(&entry), key) {
            Ok(idx) => {
                if let Some(known) = entries.get_mut(idx) {
                    *known = entry;
                }
            }
            Err(idx) => entries.insert(idx, entry),
        }
    }
}

impl Entry {
    fn fact(&self) -> Fact<'_> {
        Fact {
            state: self.stored.state(),
            place: Some(&self.place),
            node: self.node.as_deref(),
            given: self.given,
        }
    }
}
