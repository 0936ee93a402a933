//! From log records to compact ones: everything that takes looking at bytes, done per block in
//! any thread. What needs an earlier record of the same session is left to the fold.

use super::clock::{Clock, ZoneNotes};
use super::prefix::Fields;
use super::severity::{PRIMARY, Severity};
use crate::fingerprint::Engine;
use crate::shapes::{Map, Shapes, Table};
use chrono_tz::Tz;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64;

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
    fn emptied(mut self) -> Self {
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

/// Longest message or detail that is kept for looking at.
const TEXT_MAX: usize = 16 * 1024;
/// Contexts that a worker remembers: users times databases times applications times hosts.
const CONTEXTS_MAX: usize = 8_192;
/// Longest name of a user, database, application or host: the server cuts at 63, hosts are longer.
const NAME_MAX: usize = 255;
/// Longest text of a sample with literals.
pub(crate) const SAMPLE_MAX: usize = 8 * 1024;
/// A duration longer than this (50 days) is no duration: sums of many must not overflow.
const LONGEST_US: u64 = 50 * 86_400 * 1_000_000;

/// A record as a format reader found it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) fields: Fields<'a>,
    pub(crate) severity: Severity,
    pub(crate) sqlstate: &'a [u8],
    /// The message, or the text of a continuing record.
    pub(crate) message: &'a [u8],
    /// `PARSE`, `BIND` ... where the format has it.
    pub(crate) tag: &'a [u8],
    /// Line in the block, from 0.
    pub(crate) line: u32,
}

/// Makes chunks, one after the other.
pub(crate) struct Scan {
    pub(crate) clock: Clock,
    pub(crate) chunk: Chunk,
    shapes: Shapes,
    contexts: Map<u64, (u64, u32)>,
    last: u32,
    n_chunk: u64,
    keep_literals: bool,
    scratch: Vec<u8>,
}

impl Scan {
    pub(crate) fn new(tz: Option<Tz>, keep_literals: bool) -> Self {
        Self {
            clock: Clock::new(tz),
            chunk: Chunk::default(),
            shapes: Shapes::new(Engine::PostgreSql),
            contexts: Map::default(),
            last: u32::MAX,
            n_chunk: 0,
            keep_literals,
            scratch: Vec::new(),
        }
    }

    /// Begins a chunk.
    pub(crate) fn begin(&mut self, spare: Chunk) {
        self.n_chunk += 1;
        self.shapes.begin();
        self.chunk = spare.emptied();
        self.last = u32::MAX;
        self.clock.notes = ZoneNotes::default();
        if self.contexts.len() > CONTEXTS_MAX {
            self.contexts.clear();
        }
    }

    /// Ends the chunk and gives it.
    pub(crate) fn end(&mut self) -> Chunk {
        self.chunk.notes = self.clock.notes;
        std::mem::take(&mut self.chunk)
    }

    /// Takes a record.
    pub(crate) fn row(&mut self, row: &Row<'_>) {
        if let Some(count) = self.chunk.severities.get_mut(row.severity as usize) {
            *count += 1;
            self.chunk.records += 1;
        }
        let message = row.message;
        match row.severity {
            Severity::Log => self.log(row),
            Severity::Detail => {
                if let Some(prepare) = message.strip_prefix(b"prepare: ") {
                    if let Some((_, sql)) = prepared(prepare) {
                        let shape = self.shape(sql, 0);
                        self.push(row, What::Executed, 0, shape);
                    }
                } else if !message.starts_with(b"parameters: ")
                    && !message.starts_with(b"Parameters: ")
                {
                    self.text(row, What::Detail);
                }
            }
            Severity::Context => self.text(row, What::Context),
            Severity::Statement => {
                let shape = self.shape(message, 0);
                self.push(row, What::StatementOf, 0, shape);
            }
            Severity::Hint | Severity::Query | Severity::Location | Severity::Backtrace => {}
            Severity::Panic | Severity::Fatal | Severity::Error | Severity::Warning => {
                self.text(row, What::Message(row.severity))
            }
            Severity::Notice | Severity::Info | Severity::Debug => {}
        }
    }

    /// Takes a record of severity LOG.
    fn log(&mut self, row: &Row<'_>) {
        let message = row.message;
        match message.first() {
            Some(b'd') if message.starts_with(b"duration: ") => self.timed(row),
            Some(b's') if message.starts_with(b"statement: ") => {
                let sql = message.get(11..).unwrap_or_default();
                self.prepare(row, sql);
                let shape = self.shape(sql, 0);
                self.push(row, What::Untimed(Phase::Statement), 0, shape);
                self.name(executed(sql));
            }
            Some(b'e') if message.starts_with(b"execute ") => {
                let sql = behind_name(message).unwrap_or_default();
                let shape = self.shape(sql, 0);
                self.push(row, What::Untimed(Phase::Execute), 0, shape);
            }
            Some(b'c') if message.starts_with(b"connection authorized: ") => self.authorised(row),
            Some(b'c') if message.starts_with(b"connection received: ") => {
                let host = word_after(message, b"host=");
                let row = Row { fields: Fields { host, ..row.fields }, ..*row };
                self.push(&row, What::Received, 0, NO_SHAPE);
            }
            Some(b'd') if message.starts_with(b"disconnection: ") => {}
            _ => self.text(row, What::Message(Severity::Log)),
        }
    }

    /// Takes `duration: 1.234 ms[  PHASE NAME: SQL]`.
    fn timed(&mut self, row: &Row<'_>) {
        let Some((us, rest)) = duration(row.message.get(10..).unwrap_or_default()) else {
            self.chunk.odd("duration is not a number of ms", row.line, 1);
            return;
        };
        if us > LONGEST_US {
            self.chunk.odd("duration above 50 days", row.line, 1);
            return;
        }
        let rest = rest.trim_ascii_start();
        let (phase, sql) = match rest.first() {
            None => (phase_of_tag(row.tag), &[][..]),
            Some(b's') if rest.starts_with(b"statement: ") => {
                (Phase::Statement, rest.get(11..).unwrap_or_default())
            }
            Some(b'e') if rest.starts_with(b"execute ") => {
                (Phase::Execute, behind_name(rest).unwrap_or_default())
            }
            Some(b'p') if rest.starts_with(b"parse ") => (Phase::Parse, &[][..]),
            Some(b'b') if rest.starts_with(b"bind ") => (Phase::Bind, &[][..]),
            Some(b'p') if rest.starts_with(b"plan:") => {
                let shape = self.plan_shape(rest.get(5..).unwrap_or_default(), us);
                self.push(row, What::Plan, us, shape);
                return;
            }
            Some(b'f') if rest.starts_with(b"fastpath function call") => (Phase::Fastpath, &[][..]),
            Some(_) => {
                self.chunk.odd("duration of an unknown kind", row.line, 1);
                return;
            }
        };
        let shape = if matches!(phase, Phase::Statement | Phase::Execute) {
            self.prepare(row, sql);
            self.shape(sql, us)
        } else {
            NO_SHAPE
        };
        self.push(row, What::Timed(phase), us, shape);
        if phase == Phase::Statement {
            self.name(executed(sql));
        }
    }

    /// Notes the name that a `PREPARE` gives a statement.
    fn prepare(&mut self, row: &Row<'_>, sql: &[u8]) {
        if let Some((name, sql)) = prepared(sql) {
            let shape = self.shape(sql, 0);
            self.push(row, What::Prepared, 0, shape);
            self.name(Some(name));
        }
    }

    /// Gives the last record a name as its text.
    fn name(&mut self, name: Option<&[u8]>) {
        let Some(name) = name else { return };
        let start = u32::try_from(self.chunk.text.len()).unwrap_or(u32::MAX);
        self.chunk.text.extend_from_slice(name.get(..NAME_MAX).unwrap_or(name));
        let end = u32::try_from(self.chunk.text.len()).unwrap_or(u32::MAX);
        if let Some(rec) = self.chunk.recs.last_mut() {
            rec.text = (start, end);
        }
    }

    /// The fingerprint of the statement that a plan names.
    fn plan_shape(&mut self, plan: &[u8], us: u64) -> u32 {
        let plan = plan.trim_ascii_start();
        if let Some(text) = plan.strip_prefix(b"Query Text: ") {
            let end = plan_start(text);
            return self.shape(text.get(..end).unwrap_or_default(), us);
        }
        // JSON and YAML: `"Query Text": "..."`; XML: `<Query-Text>...</Query-Text>`.
        let mut scratch = std::mem::take(&mut self.scratch);
        let shape = if let Some(at) = memchr::memmem::find(plan, b"Query Text\": \"")
            .map(|at| at + 14)
            .or_else(|| memchr::memmem::find(plan, b"Query Text: \"").map(|at| at + 13))
        {
            super::json::unescape(
                super::json::string_at(plan.get(at..).unwrap_or_default()),
                &mut scratch,
            );
            self.shape(&scratch, us)
        } else if let Some(at) = memchr::memmem::find(plan, b"<Query-Text>") {
            let text = plan.get(at + 12..).unwrap_or_default();
            let end = memchr::memmem::find(text, b"</Query-Text>").unwrap_or(text.len());
            let text = String::from_utf8_lossy(text.get(..end).unwrap_or_default());
            let text = text
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&");
            self.shape(text.as_bytes(), us)
        } else {
            NO_SHAPE
        };
        self.scratch = scratch;
        shape
    }

    /// Takes `connection authorized: user=.. database=.. application_name=.. SSL ...`.
    fn authorised(&mut self, row: &Row<'_>) {
        let message = row.message;
        let mut fields = row.fields;
        fields.user = word_after(message, b"user=");
        fields.database = word_after(message, b"database=");
        if let Some(at) = memchr::memmem::find(message, b" application_name=") {
            let rest = message.get(at + 18..).unwrap_or_default();
            let end = [b" SSL enabled".as_slice(), b" GSS "]
                .iter()
                .filter_map(|end| memchr::memmem::find(rest, end))
                .min()
                .unwrap_or(rest.len());
            fields.application = rest.get(..end).unwrap_or_default();
        } else if fields.application == b"[unknown]" {
            fields.application = &[];
        }
        let row = Row { fields, ..*row };
        self.push(&row, What::Authorised, 0, NO_SHAPE);
    }

    /// The number of a statement's fingerprint.
    fn shape(&mut self, sql: &[u8], us: u64) -> u32 {
        let shape = self.shapes.number(sql, &mut self.chunk.shapes);
        if self.keep_literals {
            let sample = self.chunk.samples.entry(shape).or_default();
            if sample.1.is_empty() || us > sample.0 {
                *sample = (us, Vec::new());
                untab(sql.get(..sql.len().min(SAMPLE_MAX)).unwrap_or_default(), &mut sample.1);
            }
        }
        shape
    }

    /// Adds a record whose message is kept.
    fn text(&mut self, row: &Row<'_>, what: What) {
        let message = row.message.get(..row.message.len().min(TEXT_MAX)).unwrap_or_default();
        let start = u32::try_from(self.chunk.text.len()).unwrap_or(u32::MAX);
        untab(message, &mut self.chunk.text);
        let end = u32::try_from(self.chunk.text.len()).unwrap_or(u32::MAX);
        self.push(row, what, 0, NO_SHAPE);
        if let Some(rec) = self.chunk.recs.last_mut() {
            rec.text = (start, end);
        }
    }

    /// Adds a record.
    fn push(&mut self, row: &Row<'_>, what: What, us: u64, shape: u32) {
        let ctx = self.context(&row.fields);
        let at_us = row.fields.at_us.unwrap_or(NO_TIME);
        let pid = row.fields.pid.unwrap_or(0);
        let sqlstate = row.sqlstate.try_into().unwrap_or([0; 5]);
        self.chunk.recs.push(Rec {
            at_us,
            us,
            pid,
            line: row.line,
            ctx,
            shape,
            text: (0, 0),
            sqlstate,
            what,
        });
    }

    /// The number of a context in this chunk.
    fn context(&mut self, fields: &Fields<'_>) -> u32 {
        if let Some(last) = self.chunk.contexts.get(self.last as usize)
            && *last.user == *fields.user
            && *last.host == *fields.host
            && *last.application == *fields.application
            && *last.database == *fields.database
        {
            return self.last;
        }
        let key = xxh3_64(fields.user)
            ^ xxh3_64(fields.database).rotate_left(16)
            ^ xxh3_64(fields.application).rotate_left(32)
            ^ xxh3_64(fields.host).rotate_left(48);
        let name = |bytes: &[u8]| -> Box<[u8]> {
            bytes.get(..bytes.len().min(NAME_MAX)).unwrap_or_default().into()
        };
        let entry = self.contexts.entry(key).or_insert((0, 0));
        let number = if entry.0 == self.n_chunk {
            entry.1
        } else {
            let number = u32::try_from(self.chunk.contexts.len()).unwrap_or(u32::MAX);
            self.chunk.contexts.push(Context {
                user: name(fields.user),
                database: name(fields.database),
                application: name(fields.application),
                host: name(fields.host),
            });
            *entry = (self.n_chunk, number);
            number
        };
        self.last = number;
        number
    }
}

/// Appends a text without the tab that stderr puts before each continued line.
fn untab(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, b"\n\t") {
        out.extend_from_slice(rest.get(..=at).unwrap_or_default());
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// The phase that a command tag tells, for a duration without text.
fn phase_of_tag(tag: &[u8]) -> Phase {
    match tag {
        b"PARSE" => Phase::Parse,
        b"BIND" => Phase::Bind,
        _ => Phase::Bare,
    }
}

/// Microseconds of `1.234 ms` and what follows.
fn duration(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut us = 0u64;
    let mut at = 0;
    let mut fraction = None::<u32>;
    for byte in text.iter().take(24) {
        match byte {
            b'0'..=b'9' => {
                let digit = u64::from(byte - b'0');
                match &mut fraction {
                    None => us = us.checked_mul(10)?.checked_add(digit)?,
                    Some(places) if *places < 3 => {
                        us = us.checked_mul(10)?.checked_add(digit)?;
                        *places += 1;
                    }
                    Some(_) => {}
                }
            }
            b'.' if fraction.is_none() => fraction = Some(0),
            _ => break,
        }
        at += 1;
    }
    let rest = text.get(at..)?.strip_prefix(b" ms")?;
    for _ in fraction.unwrap_or(0)..3 {
        us = us.checked_mul(10)?;
    }
    (at > 0).then_some((us, rest))
}

/// What follows `WORD NAME: `.
fn behind_name(text: &[u8]) -> Option<&[u8]> {
    let at = memchr::memchr_iter(b':', text)
        .find(|at| matches!(text.get(at + 1), Some(b' ' | b'\n')))?;
    text.get(at + 2..)
}

/// What follows a word in any case and blanks.
fn behind_word<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = text.split_at_checked(word.len())?;
    (head.eq_ignore_ascii_case(word) && rest.first()?.is_ascii_whitespace())
        .then(|| rest.trim_ascii_start())
}

/// The name at the start of a text, with or without quotes, and what follows.
fn name_of(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = match text.strip_prefix(b"\"") {
        Some(quoted) => {
            let (name, rest) = quoted.split_at_checked(memchr::memchr(b'"', quoted)?)?;
            (name, rest.get(1..)?)
        }
        None => text.split_at_checked(
            text.iter()
                .position(|byte| {
                    !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..))
                })
                .unwrap_or(text.len()),
        )?,
    };
    (!name.is_empty()).then_some((name, rest))
}

/// The name and the statement of `PREPARE name [(types)] AS statement`.
fn prepared(sql: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = name_of(behind_word(sql.trim_ascii_start(), b"prepare")?)?;
    let mut rest = rest.trim_ascii_start();
    if rest.first() == Some(&b'(') {
        rest = rest.get(memchr::memchr(b')', rest)? + 1..)?.trim_ascii_start();
    }
    Some((name, behind_word(rest, b"as")?))
}

/// The name in `EXECUTE name [(values)]`.
fn executed(sql: &[u8]) -> Option<&[u8]> {
    name_of(behind_word(sql.trim_ascii_start(), b"execute")?).map(|(name, _)| name)
}

/// The word behind a key.
fn word_after<'a>(text: &'a [u8], key: &[u8]) -> &'a [u8] {
    let Some(rest) = memchr::memmem::find(text, key).and_then(|at| text.get(at + key.len()..))
    else {
        return &[];
    };
    let end = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// Where the tree of a text plan begins behind its query: the first line with `(cost=` or
/// `(actual `, or `Query Parameters:`.
fn plan_start(text: &[u8]) -> usize {
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let is_plan = memchr::memmem::find(line, b"  (cost=").is_some()
            || memchr::memmem::find(line, b" (actual ").is_some()
            || line.trim_ascii_start().starts_with(b"Query Parameters: ");
        if start > 0 && is_plan {
            return start;
        }
        start += line.len();
    }
    text.len()
}
