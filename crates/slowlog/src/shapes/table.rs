//! Fingerprints of a chunk or of a cache, side by side.

use super::{Names, Shape};
use crate::fingerprint::{FingerprintId, StatementKind};
use std::sync::Arc;

/// The fingerprints of a chunk or of a cache. All texts stand in one buffer: millions of small ones
/// that one thread makes and another drops would leave memory in pieces.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(super) entries: Vec<Entry>,
    pub(super) text: String,
}

/// A fingerprint in a [`Table`].
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: FingerprintId,
    pub(super) kind: StatementKind,
    pub(super) writes: bool,
    pub(super) truncated: bool,
    pub(super) names: Option<Arc<Names>>,
    /// Where its text stands.
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A fingerprint as it stands in a [`Table`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) id: FingerprintId,
    pub(super) entry: &'a Entry,
    pub(super) text: &'a str,
}

impl Found<'_> {
    /// On its own.
    pub(crate) fn shape(self) -> Shape {
        let Entry { id, kind, writes, truncated, ref names, .. } = *self.entry;
        Shape { id, text: self.text.into(), kind, writes, truncated, names: names.clone() }
    }
}

impl Table {
    /// All, in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Found<'_>> {
        self.entries.iter().map(|entry| Found { id: entry.id, entry, text: self.text_of(entry) })
    }

    pub(super) fn text_of(&self, entry: &Entry) -> &str {
        self.text.get(entry.start as usize..entry.end as usize).unwrap_or_default()
    }

    /// Adds a fingerprint with its text; its number.
    pub(super) fn push(&mut self, entry: &Entry, text: &str) -> u32 {
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.text.push_str(text);
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.entries.push(Entry { start, end, ..entry.clone() });
        number
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        size_of::<Entry>() * self.entries.len() + self.text.len()
    }

    /// Forgets all, and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.text.clear();
    }
}
