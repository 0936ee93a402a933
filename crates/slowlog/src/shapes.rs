//! From statements to fingerprints, with caches in front: most statements of a log are repeats.

mod names;
mod table;

use crate::fingerprint::{self, Engine, FingerprintId, Fingerprinter, StatementKind};
use crate::literals;
use foldhash::fast::FixedState;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use text::{Raw, Redactor};
use xxhash_rust::xxh3::xxh3_64;

pub(crate) use names::Names;
use table::Entry;
pub(crate) use table::{Found, Table};

/// A map whose order depends on nothing but its content.
pub(crate) type Map<K, V> = HashMap<K, V, FixedState>;

/// Keys that each of the two caches holds: a Mattermost server has some hundreds of statements,
/// times the lengths of their lists.
const KEYS_MAX: usize = 8_192;
/// Bytes of fingerprints that a cache holds: those of some hundred statements, with room.
const BYTES_MAX: usize = 512 * 1024;
/// Statements longer than this go the whole way: the fingerprint cuts by length, which the key
/// does not hold.
const MASKED_MAX: usize = 32 * 1024;
/// Longest text of a fingerprint that is kept: no query that is read by people is longer.
pub(crate) const TEXT_MAX: usize = 8 * 1024;
/// Tables and columns that are kept per fingerprint.
const NAMES_MAX: usize = 64;

/// What is needed of a fingerprint while a log is read. Everything else that a fingerprint says is
/// read from its text at the end, for the queries that are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) id: FingerprintId,
    pub(crate) text: Box<str>,
    pub(crate) kind: StatementKind,
    /// Whether it changes rows or schema, or locks rows.
    pub(crate) writes: bool,
    pub(crate) truncated: bool,
    /// What the whole text touches, where `text` is only its start.
    pub(crate) names: Option<Arc<Names>>,
}

impl Shape {
    /// What it touches.
    pub(crate) fn names(&self) -> Names {
        match &self.names {
            Some(names) => (**names).clone(),
            None => Names::of(&self.text),
        }
    }

    /// The same with the text cut to `len` bytes, and without its columns.
    pub(crate) fn shortened(&self, len: usize) -> Self {
        let names = Names { columns: Vec::new(), ..self.names() };
        let text = self.text.get(..self.text.floor_char_boundary(len)).unwrap_or_default();
        Self {
            text: format!("{text} ...").into_boxed_str(),
            truncated: true,
            names: Some(Arc::new(names)),
            ..*self
        }
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.text.len() + self.names.as_ref().map_or(0, |names| names.weight())
    }
}

/// Whether statements repeat byte by byte, by those that were looked up lately.
#[derive(Debug, Default)]
struct Repeats {
    looked_up: u32,
    found: u32,
}

impl Repeats {
    /// Statements after which the past counts half.
    const HALF: u32 = 4_096;

    fn met(&mut self, found: bool) {
        self.looked_up += 1;
        self.found += u32::from(found);
        if self.looked_up >= Self::HALF {
            self.looked_up /= 2;
            self.found /= 2;
        }
    }

    /// Whether the `nth` statement is worth being looked up: always where one in four repeats, else
    /// a run of statements now and then.
    fn worth(&self, nth: u32) -> bool {
        self.looked_up < 1_024 || self.found * 4 >= self.looked_up || nth % 65_536 < 1_024
    }
}

/// Gives every statement of a chunk the number of its fingerprint in that chunk.
///
/// First by the hash of its bytes, then by the hash of its bytes without literals, last by its
/// fingerprint. What the caches hold never changes a result.
pub(crate) struct Shapes {
    engine: Engine,
    fingerprinter: Fingerprinter,
    raw: Map<u64, u32>,
    masked: Map<u64, u32>,
    ids: Map<FingerprintId, u32>,
    table: Table,
    /// For each in `table`: the chunk that used it last, and its number there.
    used: Vec<(u64, u32)>,
    repeats: Repeats,
    n_statements: u32,
    buffer: Vec<u8>,
    scratch: Vec<u8>,
    chunk: u64,
}

impl Shapes {
    /// Empty caches.
    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            engine,
            fingerprinter: Fingerprinter::default(),
            raw: Map::default(),
            masked: Map::default(),
            ids: Map::default(),
            table: Table::default(),
            used: Vec::new(),
            repeats: Repeats::default(),
            n_statements: 0,
            buffer: Vec::new(),
            scratch: Vec::new(),
            chunk: 0,
        }
    }

    /// Begins a chunk: numbers start at 0 again.
    pub(crate) fn begin(&mut self) {
        self.chunk += 1;
        if self.table.weight() > BYTES_MAX || self.used.len() > KEYS_MAX {
            self.clear();
        }
    }

    fn clear(&mut self) {
        self.raw.clear();
        self.masked.clear();
        self.ids.clear();
        self.table.clear();
        self.used.clear();
    }

    /// The number of a statement's fingerprint in this chunk, whose fingerprints are in `chunk`.
    pub(crate) fn number(&mut self, sql: &[u8], chunk: &mut Table) -> u32 {
        let slot = self.slot(sql) as usize;
        let (Some(used), Some(entry)) = (self.used.get_mut(slot), self.table.entries.get(slot))
        else {
            return 0;
        };
        if used.0 != self.chunk {
            *used = (self.chunk, chunk.push(entry, self.table.text_of(entry)));
        }
        used.1
    }

    /// The slot of a statement.
    fn slot(&mut self, sql: &[u8]) -> u32 {
        // Where literals stand in the statements, hardly one comes twice: then most go past the
        // first cache.
        if !self.repeats.worth(self.n_statements) {
            self.n_statements = self.n_statements.wrapping_add(1);
            return self.masked_slot(sql);
        }
        self.n_statements = self.n_statements.wrapping_add(1);
        let key = xxh3_64(sql);
        if let Some(slot) = self.raw.get(&key) {
            self.repeats.met(true);
            return *slot;
        }
        self.repeats.met(false);
        let slot = self.masked_slot(sql);
        if self.raw.len() >= KEYS_MAX {
            self.raw.clear();
        }
        self.raw.insert(key, slot);
        slot
    }

    /// The slot of a statement that was not met in these bytes.
    fn masked_slot(&mut self, sql: &[u8]) -> u32 {
        if sql.len() > MASKED_MAX {
            return self.fingerprint(sql);
        }
        literals::mask(sql, self.engine, &mut self.buffer);
        let key = xxh3_64(&self.buffer);
        if let Some(slot) = self.masked.get(&key) {
            return *slot;
        }
        let slot = match cleared(&self.buffer) {
            Some(text) => self.fingerprint(text.as_bytes()),
            None => self.fingerprint(sql),
        };
        if self.masked.len() >= KEYS_MAX {
            self.masked.clear();
        }
        self.masked.insert(key, slot);
        slot
    }

    /// The slot of a statement by its fingerprint.
    fn fingerprint(&mut self, sql: &[u8]) -> u32 {
        let text = self.fingerprinter.text(sql, self.engine);
        let text = match std::str::from_utf8(text) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(text),
        };
        let id = FingerprintId::with(&mut self.scratch, text.as_bytes());
        if let Some(slot) = self.ids.get(&id) {
            return *slot;
        }
        let (kind, writes) = fingerprint::kind_and_writes(&text);
        let long = text.len() > TEXT_MAX;
        let names = long.then(|| Arc::new(Names::of(&text)));
        let text = if long {
            let cut = text.get(..text.floor_char_boundary(TEXT_MAX)).unwrap_or_default();
            Cow::Owned(format!("{cut} ..."))
        } else {
            text
        };
        let entry = Entry { id, kind, writes, truncated: false, names, start: 0, end: 0 };
        let slot = self.table.push(&entry, &text);
        drop(text);
        let truncated = long || self.fingerprinter.is_truncated();
        if let Some(entry) = self.table.entries.get_mut(slot as usize) {
            entry.truncated = truncated;
        }
        self.used.push((0, 0));
        self.ids.insert(id, slot);
        slot
    }
}

/// The statement without secrets that stand outside of its literals, if there are any: in comments,
/// in names, or behind a quote that is missing. Once it is cut into tokens, nobody would know them
/// any more. `masked` is the statement with empty literals, so that the same key always gives the
/// same text.
fn cleared(masked: &[u8]) -> Option<String> {
    if !Redactor::may_change(masked) {
        return None;
    }
    let redactor = Redactor::with_key(b"statements");
    let text = redactor.clear(&Raw::from_bytes(masked));
    // `Token = x` is a comparison of columns as often as a secret, and is masked where it is shown.
    let found = redactor.counts().keys().any(|kind| *kind != "secret");
    found.then(|| text.as_str().to_owned())
}
