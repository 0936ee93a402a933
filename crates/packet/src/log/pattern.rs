//! The patterns of one log, mined while it is read.

use super::event_rule::{EventRule, event_rule};
use super::json::Text;
use super::known::{Known, known};
use super::line::{FIELDS, Field, Line};
use super::mask;
use super::tally::{Minutes, Values};
use super::{LogLevel, Origin};
use foldhash::fast::FixedState;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Patterns that are held at once. Servers write about 2,200 different messages, and few of them
/// in one log; more patterns than this means text that is not masked.
const PATTERNS_MAX: usize = 4_096;

/// Patterns that stay when there are too many: the known ones, then the most frequent.
const PATTERNS_KEEP: usize = 2_048;

/// Cells of minutes of all patterns together (16 bytes each).
const CELLS_MAX: usize = 1_000_000;

/// Values of fields of all patterns together (about a kilobyte each with their spans). When they are
/// used up, the places that a field has are shared out among its values.
const VALUES_TOTAL: usize = 50_000;

/// Places in the cache from text to pattern. A power of two.
const CACHE: usize = 4_096;

/// How much of a line is kept as a sample.
const SAMPLE_MAX: usize = 1_024;

/// A pattern and what was counted of it.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) id: u64,
    pub(super) level: LogLevel,
    pub(super) origin: Origin,
    pub(super) text: String,
    pub(super) known: Option<&'static Known>,
    pub(super) event: Option<&'static EventRule>,
    pub(super) calls: u64,
    pub(super) span_ms: Option<(i64, i64)>,
    pub(super) first_line: u64,
    pub(super) sample: Vec<u8>,
    pub(super) sample_line: u64,
    pub(super) minutes: Minutes,
    pub(super) values: [Option<Box<Values>>; FIELDS],
}

/// All patterns of a log.
#[derive(Debug)]
pub(super) struct Patterns {
    pub(super) list: Vec<Pattern>,
    by_id: HashMap<u64, usize, FixedState>,
    /// Hash of level, origin, message and error as they stand, and the pattern's index.
    cache: Vec<(u64, usize)>,
    n_cells: usize,
    n_values: usize,
    /// Patterns that were dropped into the rest of their level.
    pub(super) n_dropped: u64,
    /// Whether cells had to be made longer.
    pub(super) coarse: bool,
    masked: Vec<u8>,
    scratch: Vec<u8>,
}

impl Default for Patterns {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            by_id: HashMap::default(),
            cache: vec![(0, usize::MAX); CACHE],
            n_cells: 0,
            n_values: 0,
            n_dropped: 0,
            coarse: false,
            masked: Vec::new(),
            scratch: Vec::new(),
        }
    }
}

impl Patterns {
    /// Counts a line; returns the index of its pattern.
    pub(super) fn add(
        &mut self,
        line: &Line<'_>,
        level: LogLevel,
        origin: Origin,
        at_ms: Option<i64>,
        n_line: u64,
        raw: &[u8],
    ) -> usize {
        let idx = self.find(line, level, origin, raw, n_line);
        let Some(pattern) = self.list.get_mut(idx) else { return idx };
        pattern.calls += 1;
        if let Some(ms) = at_ms {
            pattern.span_ms = Some(match pattern.span_ms {
                Some((first, last)) => (first.min(ms), last.max(ms)),
                None => (ms, ms),
            });
            let grown = pattern.minutes.add(ms.div_euclid(60_000), 1);
            self.coarse |= pattern.minutes.is_coarse();
            self.n_cells = self.n_cells.saturating_add_signed(grown);
        }
        for field in Field::ALL {
            let text = line.field(field);
            if text.is_empty() {
                continue;
            }
            if let Some(slot) = pattern.values.get_mut(field as usize) {
                let values = slot.get_or_insert_with(Default::default);
                let room = self.n_values < VALUES_TOTAL;
                let value = normal(field, text, &mut self.scratch);
                self.n_values += usize::from(values.add(value, at_ms, room));
            }
        }
        if self.n_cells > CELLS_MAX {
            self.coarse = true;
            self.n_cells = self.list.iter_mut().map(|pattern| pattern.minutes.coarsen()).sum();
        }
        idx
    }

    /// The index of a line's pattern, which may be new.
    fn find(
        &mut self,
        line: &Line<'_>,
        level: LogLevel,
        origin: Origin,
        raw: &[u8],
        n_line: u64,
    ) -> usize {
        // One-shot hashes of short text, mixed: several times faster than hashing as a stream.
        let mut exact = u64::from(level as u8) << 8 | u64::from(origin as u8);
        exact = mix(exact, line.msg.bytes);
        if !line.error.is_empty() {
            exact = mix(exact, line.error.bytes);
        }
        if let Some((name, status)) = line.audit {
            exact = mix(mix(exact, name.bytes), status.bytes);
        }
        let place = (exact as usize) & (CACHE - 1);
        if let Some((hash, idx)) = self.cache.get(place)
            && *hash == exact
            && *idx != usize::MAX
        {
            return *idx;
        }
        let idx = self.find_masked(line, level, origin, raw, n_line);
        if let Some(slot) = self.cache.get_mut(place) {
            *slot = (exact, idx);
        }
        idx
    }

    fn find_masked(
        &mut self,
        line: &Line<'_>,
        level: LogLevel,
        origin: Origin,
        raw: &[u8],
        n_line: u64,
    ) -> usize {
        let mut masked = std::mem::take(&mut self.masked);
        masked.clear();
        masked.extend_from_slice(&[level as u8, origin as u8]);
        if let Some((name, status)) = line.audit {
            masked.extend_from_slice(b"audit ");
            masked.extend_from_slice(name.bytes);
            masked.push(b' ');
            masked.extend_from_slice(status.bytes);
        } else {
            mask::mask(line.msg.unescaped(&mut self.scratch), &mut masked);
        }
        let msg_end = masked.len();
        if !line.error.is_empty() {
            masked.extend_from_slice(b": ");
            mask::mask(line.error.unescaped(&mut self.scratch), &mut masked);
        }
        let id = xxh3_64(&masked);
        let idx = match self.by_id.get(&id) {
            Some(idx) => *idx,
            None => {
                if self.list.len() >= PATTERNS_MAX {
                    self.prune();
                }
                let text = String::from_utf8_lossy(masked.get(2..).unwrap_or_default());
                let msg = String::from_utf8_lossy(masked.get(2..msg_end).unwrap_or_default());
                let error = masked.get(msg_end + 2..).unwrap_or_default();
                let known = known(&msg, &String::from_utf8_lossy(error), origin);
                self.push(Pattern {
                    id,
                    level,
                    origin,
                    known,
                    event: event_rule(&msg),
                    calls: 0,
                    span_ms: None,
                    first_line: n_line,
                    sample: sample(&text, &msg, raw),
                    text: text.into_owned(),
                    sample_line: n_line,
                    minutes: Minutes::default(),
                    values: Default::default(),
                })
            }
        };
        self.masked = masked;
        idx
    }

    fn push(&mut self, pattern: Pattern) -> usize {
        let idx = self.list.len();
        self.by_id.insert(pattern.id, idx);
        self.list.push(pattern);
        idx
    }

    /// Drops the least frequent patterns into one rest per level.
    fn prune(&mut self) {
        let mut all = std::mem::take(&mut self.list);
        self.by_id.clear();
        self.cache.fill((0, usize::MAX));
        all.sort_by_key(|p| {
            let rest = p.text == REST;
            (!rest, p.known.is_none(), std::cmp::Reverse(p.calls), p.id)
        });
        let dropped = all.split_off(PATTERNS_KEEP.min(all.len()));
        for pattern in all {
            self.push(pattern);
        }
        self.n_dropped += dropped.len() as u64;
        for pattern in dropped {
            let id = xxh3_64(&[&[pattern.level as u8, 255], REST.as_bytes()].concat());
            let idx = match self.by_id.get(&id) {
                Some(idx) => *idx,
                None => self.push(Pattern {
                    id,
                    level: pattern.level,
                    origin: Origin::Server,
                    text: REST.to_owned(),
                    known: None,
                    event: None,
                    calls: 0,
                    span_ms: None,
                    first_line: pattern.first_line,
                    sample: pattern.sample,
                    sample_line: pattern.sample_line,
                    minutes: Minutes::default(),
                    values: Default::default(),
                }),
            };
            let Some(rest) = self.list.get_mut(idx) else { continue };
            rest.calls += pattern.calls;
            rest.first_line = rest.first_line.min(pattern.first_line);
            rest.minutes.absorb(&pattern.minutes);
            rest.span_ms = match (rest.span_ms, pattern.span_ms) {
                (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                (a, b) => a.or(b),
            };
        }
        self.n_cells = self.list.iter().map(|pattern| pattern.minutes.len()).sum();
        let counts = |pattern: &Pattern| -> usize {
            pattern.values.iter().flatten().map(|values| values.counts.len()).sum()
        };
        self.n_values = self.list.iter().map(counts).sum();
    }
}

/// Mixes text into a hash; order and borders of the parts matter.
fn mix(hash: u64, text: &[u8]) -> u64 {
    (hash.rotate_left(29) ^ xxh3_64(text)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The text of the pattern that stands for those that were dropped.
const REST: &str = "<other messages>";

/// A line as a sample. Statements that the server was told to trace are shown masked: their
/// literals are nobody's business.
fn sample(text: &str, msg: &str, raw: &[u8]) -> Vec<u8> {
    const VERBS: &[&str] = &["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
    let head = msg.trim_start().get(..7).unwrap_or_default().to_ascii_uppercase();
    if VERBS.iter().any(|verb| head.starts_with(verb)) {
        return text.as_bytes().to_vec();
    }
    let Some(cut) = raw.get(..SAMPLE_MAX).filter(|cut| cut.len() < raw.len()) else {
        return raw.to_vec();
    };
    // At the end of a word: half an address is not known for one any more.
    let ends_word = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'"');
    let end = cut.iter().rposition(ends_word).unwrap_or(0);
    cut.get(..end).unwrap_or_default().to_vec()
}

/// A field's value as it is counted: paths as templates, callers without their line.
pub(super) fn normal<'b>(field: Field, text: Text<'b>, scratch: &'b mut Vec<u8>) -> &'b [u8] {
    match field {
        Field::Path => {
            scratch.clear();
            mask::template(text.bytes, scratch);
            scratch
        }
        Field::Caller => {
            let colon = memchr::memrchr(b':', text.bytes);
            text.bytes.get(..colon.unwrap_or(text.bytes.len())).unwrap_or_default()
        }
        Field::UserId
        | Field::IpAddr
        | Field::PluginId
        | Field::ErrWhere
        | Field::HttpCode
        | Field::Method
        | Field::Worker
        | Field::Reason
        | Field::Type
        | Field::Database
        | Field::Event
        | Field::Host
        | Field::File
        | Field::ChannelId => text.unescaped(scratch),
    }
}
