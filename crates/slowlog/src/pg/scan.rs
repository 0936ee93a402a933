//! From log records to compact ones: everything that takes looking at bytes, done per block in
//! any thread. What needs an earlier record of the same session is left to the fold.

mod chunk;
mod who;
mod words;

use super::clock::{Clock, ZoneNotes};
use super::languages;
use super::prefix::Fields;
use super::severity::Severity;
use crate::fingerprint::Engine;
use crate::shapes::{Map, Shapes};
use chrono_tz::Tz;
use words::{
    behind_name, duration, executed, phase_of_tag, plan_start, prepared, untab, word_after,
};

pub(crate) use chunk::{Chunk, Context, NO_SHAPE, NO_TIME, Phase, Rec, What};

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

/// From how long on the statement is looked at that was parsed or bound: below, it says nothing,
/// and a server that logs everything writes two such records for each execution.
const PREPARING_MIN_US: u64 = 1_000;

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

    /// Takes a record, in whatever language.
    pub(crate) fn row(&mut self, row: &Row<'_>) {
        let found = if row.severity == Severity::Detail {
            languages::english_lines(row.message)
        } else if matches!(row.severity, Severity::Statement | Severity::Query) {
            None
        } else {
            languages::english(row.message)
        };
        match found {
            Some((message, language)) => {
                if let Some(count) = self.chunk.languages.get_mut(language) {
                    *count += 1;
                }
                self.english(&Row { message: &message, ..*row });
            }
            None => self.english(row),
        }
    }

    /// Takes a record in English.
    fn english(&mut self, row: &Row<'_>) {
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
            Some(b'p') if rest.starts_with(b"parse ") => {
                (Phase::Parse, behind_name(rest).unwrap_or_default())
            }
            Some(b'b') if rest.starts_with(b"bind ") => {
                (Phase::Bind, behind_name(rest).unwrap_or_default())
            }
            Some(b'p') if rest.starts_with(b"plan:") => {
                let plan = rest.get(5..).unwrap_or_default();
                let shape = self.plan_shape(plan, us);
                self.push(row, What::Plan, us, shape);
                self.name(super::plans::worst(plan).as_deref());
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
        } else if us >= PREPARING_MIN_US && !sql.is_empty() {
            self.unsampled(sql)
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
            crate::json::unescape(
                crate::json::string_at(plan.get(at..).unwrap_or_default()),
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

    /// The number of the fingerprint of a statement that is not executed here.
    fn unsampled(&mut self, sql: &[u8]) -> u32 {
        self.shapes.number(sql, &mut self.chunk.shapes)
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
}
