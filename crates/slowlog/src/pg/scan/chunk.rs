//! Compact records, and what one block gave.

use super::super::clock::ZoneNotes;
use super::super::languages;
use super::super::severity::{PRIMARY, Severity};
use crate::asked::Names;
use crate::contexts::{self, kept_name};
use crate::shapes::{Map, Table};
use std::collections::BTreeMap;

/// The phase of the protocol that was timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Statement,
    Execute,
    Parse,
    Bind,
    Fastpath,
    /// A duration without text.
    Bare,
}

/// What a compact record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A duration; `shape` where the phase has a text that counts.
    Timed(Phase),
    /// A statement that was logged without its duration; `Statement` or `Execute`.
    Untimed(Phase),
    /// A plan of auto_explain.
    Plan,
    /// A statement was prepared by name, as `shape`: its text is the name.
    Prepared,
    /// The DETAIL of an EXECUTE: what it executed, as `shape`.
    Executed,
    /// Any other primary record: its text is the message.
    Message(Severity),
    /// The DETAIL of the session's last record.
    Detail,
    /// The CONTEXT of the session's last record.
    Context,
    /// The STATEMENT of the session's last record, as `shape`.
    StatementOf,
    /// A connection arrived: a new session.
    Received,
    /// A connection was authorised: `ctx` is who.
    Authorised,
}

/// No fingerprint.
pub(crate) const NO_SHAPE: u32 = u32::MAX;
/// No time.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// A compact record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rec {
    /// Microseconds since the epoch, or [`NO_TIME`].
    pub(crate) at_us: i64,
    /// Duration in microseconds.
    pub(crate) us: u64,
    /// Process id, 0 without one.
    pub(crate) pid: u32,
    /// Line in the block, from 0.
    pub(crate) line: u32,
    /// Number of the context in the chunk.
    pub(crate) ctx: u32,
    /// Number of the fingerprint in the chunk.
    pub(crate) shape: u32,
    /// Range in the chunk's text.
    pub(crate) text: (u32, u32),
    /// SQLSTATE, zeros when the log has none.
    pub(crate) sqlstate: [u8; 5],
    pub(crate) what: What,
}

/// Who a session is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Context {
    pub(crate) user: Box<[u8]>,
    pub(crate) database: Box<[u8]>,
    pub(crate) application: Box<[u8]>,
    pub(crate) host: Box<[u8]>,
}

impl contexts::Context for Context {
    fn names(&self) -> Names<'_> {
        [&self.user, &self.database, &self.application, &self.host]
    }

    fn kept(self, [user, database, application, host]: [bool; 4]) -> Self {
        Self {
            user: kept_name(self.user, user),
            database: kept_name(self.database, database),
            application: kept_name(self.application, application),
            host: kept_name(self.host, host),
        }
    }
}

/// What one block gave.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) recs: Vec<Rec>,
    pub(crate) shapes: Table,
    /// With literals: the text of the longest execution of each shape.
    pub(crate) samples: Map<u32, (u64, Vec<u8>)>,
    pub(crate) contexts: Vec<Context>,
    pub(crate) text: Vec<u8>,
    pub(crate) bytes: u64,
    pub(crate) lines: u64,
    pub(crate) records: u64,
    pub(crate) unknown_lines: u64,
    pub(crate) severities: [u64; PRIMARY],
    pub(crate) localised: u64,
    /// Messages by the language in which they were, by its number.
    pub(crate) languages: [u64; languages::LANGUAGES.len()],
    pub(crate) notes: ZoneNotes,
    /// What was odd: how often, the first line in the block, and how many records it cost.
    pub(crate) oddities: BTreeMap<&'static str, (u64, u32, u64)>,
    /// Lines before the block that were passed over.
    pub(crate) lead_lines: u64,
    /// The block's buffer, to be used again.
    pub(crate) buffer: Vec<u8>,
}

impl Chunk {
    /// Nothing, with the room of what was there: what one thread makes and another drops would
    /// leave memory in pieces.
    pub(super) fn emptied(mut self) -> Self {
        self.recs.clear();
        self.shapes.clear();
        self.samples.clear();
        self.contexts.clear();
        self.text.clear();
        let Self { recs, shapes, samples, contexts, text, .. } = self;
        Self { recs, shapes, samples, contexts, text, ..Self::default() }
    }

    /// Notes something odd that cost `skipped` records.
    pub(crate) fn odd(&mut self, what: &'static str, line: u32, skipped: u64) {
        let entry = self.oddities.entry(what).or_insert((0, line, 0));
        entry.0 += 1;
        entry.2 += skipped;
    }
}
