//! From statements to fingerprints, with caches in front: most statements of a log are repeats.

use crate::fingerprint::{Engine, Fingerprint, FingerprintId, Fingerprinter};
use crate::literals;
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::sync::Arc;
use text::{Raw, Redactor};
use xxhash_rust::xxh3::xxh3_64;

/// A map whose order depends on nothing but its content.
pub(crate) type Map<K, V> = HashMap<K, V, FixedState>;

/// Keys that each of the two caches holds: a Mattermost server has some hundreds of statements,
/// times the lengths of their lists.
const KEYS_MAX: usize = 16_384;
/// Bytes of fingerprints that a cache holds.
const BYTES_MAX: usize = 1024 * 1024;
/// Statements longer than this go the whole way: the fingerprint cuts by length, which the key
/// does not hold.
const MASKED_MAX: usize = 32 * 1024;
/// Longest text of a fingerprint that is kept: no query that is read by people is longer.
pub(crate) const TEXT_MAX: usize = 8 * 1024;
/// Tables and columns that are kept per fingerprint.
const NAMES_MAX: usize = 64;

/// A fingerprint in the cache, and its number in the chunk that used it last.
#[derive(Debug)]
struct Slot {
    fingerprint: Arc<Fingerprint>,
    chunk: u64,
    number: u32,
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
    slots: Vec<Slot>,
    bytes: usize,
    buffer: Vec<u8>,
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
            slots: Vec::new(),
            bytes: 0,
            buffer: Vec::new(),
            chunk: 0,
        }
    }

    /// Begins a chunk: numbers start at 0 again.
    pub(crate) fn begin(&mut self) {
        self.chunk += 1;
        if self.bytes > BYTES_MAX || self.slots.len() > KEYS_MAX {
            self.clear();
        }
    }

    fn clear(&mut self) {
        self.raw.clear();
        self.masked.clear();
        self.ids.clear();
        self.slots.clear();
        self.bytes = 0;
    }

    /// The number of a statement's fingerprint in this chunk, whose fingerprints are in `table`.
    pub(crate) fn number(&mut self, sql: &[u8], table: &mut Vec<Arc<Fingerprint>>) -> u32 {
        let raw_key = xxh3_64(sql);
        let slot = match self.raw.get(&raw_key) {
            Some(slot) => *slot,
            None => {
                let slot = self.slot(sql);
                if self.raw.len() >= KEYS_MAX {
                    self.raw.clear();
                }
                self.raw.insert(raw_key, slot);
                slot
            }
        };
        let Some(slot) = self.slots.get_mut(slot as usize) else { return 0 };
        if slot.chunk != self.chunk {
            slot.chunk = self.chunk;
            slot.number = u32::try_from(table.len()).unwrap_or(u32::MAX);
            table.push(Arc::clone(&slot.fingerprint));
        }
        slot.number
    }

    /// The slot of a statement that was not met in these bytes.
    fn slot(&mut self, sql: &[u8]) -> u32 {
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
        let mut fingerprint = self.fingerprinter.fingerprint(sql, self.engine);
        if let Some(slot) = self.ids.get(&fingerprint.id) {
            return *slot;
        }
        cut(&mut fingerprint);
        let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        self.bytes += weight(&fingerprint);
        self.ids.insert(fingerprint.id, slot);
        self.slots.push(Slot { fingerprint: Arc::new(fingerprint), chunk: 0, number: 0 });
        slot
    }
}

/// The statement without secrets that stand outside of its literals, if there are any: in comments,
/// in names, or behind a quote that is missing. Once it is cut into tokens, nobody would know them
/// any more. `masked` is the statement with empty literals, so that the same key always gives the
/// same text.
fn cleared(masked: &[u8]) -> Option<String> {
    let redactor = Redactor::with_key(b"statements");
    let text = redactor.clear(&Raw::from_bytes(masked));
    // `Token = x` is a comparison of columns as often as a secret, and is masked where it is shown.
    let found = redactor.counts().keys().any(|kind| *kind != "secret");
    found.then(|| text.as_str().to_owned())
}

/// Cuts what is kept of a fingerprint to its budget; the id stays that of the whole.
fn cut(fingerprint: &mut Fingerprint) {
    if fingerprint.text.len() > TEXT_MAX {
        fingerprint.text.truncate(fingerprint.text.floor_char_boundary(TEXT_MAX));
        fingerprint.text.push_str(" ...");
        fingerprint.truncated = true;
    }
    // Of the statement that was met first, which depends on the threads: not kept.
    fingerprint.attributes = Vec::new();
    fingerprint.union_repeats = 0;
    fingerprint.text.shrink_to_fit();
    fingerprint.tables.truncate(NAMES_MAX);
    fingerprint.tables.shrink_to_fit();
    fingerprint.columns.truncate(NAMES_MAX);
    fingerprint.columns.shrink_to_fit();
}

/// About how many bytes a fingerprint takes: a name is a string of its own.
pub(crate) fn weight(fingerprint: &Fingerprint) -> usize {
    const NAME: usize = 64;
    size_of::<Fingerprint>()
        + fingerprint.text.len()
        + NAME * (fingerprint.tables.len() + fingerprint.columns.len())
}
