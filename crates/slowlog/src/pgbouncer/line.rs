//! A line: time, process, level, and whose connection it is about.
//!
//! `2024-05-01 12:00:00.123 UTC [1234] LOG C-0x55f1c0: mattermost/mmuser@10.0.0.1:41537 ...` since
//! 1.9; before, the zone and the brackets are missing.
//!
//! Source: PgBouncer 1.25, `lib/usual/logging.c`, `src/util.c`.

use crate::pg::clock::{Clock, ZoneNotes};
use chrono_tz::Tz;
use memchr::{memchr, memrchr};

/// How bad a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Fatal,
    Error,
    Warning,
    Log,
    /// Debug, noise.
    Other,
}

/// A connection of the pooler's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Socket<'a> {
    /// Whether it is one to the database, and not one of a client.
    pub(super) is_server: bool,
    /// What it is told apart by: `C-0x55f1c0`.
    pub(super) name: &'a [u8],
    pub(super) user: &'a [u8],
}

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) at_us: i64,
    pub(super) level: Level,
    pub(super) socket: Option<Socket<'a>>,
    pub(super) text: &'a [u8],
}

impl Line<'_> {
    /// Whether the text is one that only a pooler writes.
    pub(super) fn is_of_pooler(&self) -> bool {
        const TEXTS: &[&[u8]] = &[
            b"stats: ",
            b"Stats: ",
            b"process up: PgBouncer",
            b"process up: pgbouncer",
            b"kernel file descriptor limit",
            b"pgbouncer: ",
        ];
        TEXTS.iter().any(|text| self.text.starts_with(text))
    }
}

/// Reads lines.
pub(super) struct LineReader {
    clock: Clock,
}

impl LineReader {
    /// Times without a sure zone are of `tz`, else of UTC.
    pub(super) fn new(tz: Option<Tz>) -> Self {
        Self { clock: Clock::new(tz) }
    }

    /// What was noted about zones.
    pub(super) fn notes(&self) -> ZoneNotes {
        self.clock.notes
    }

    /// Reads a line without its end; `None` when it has not that form.
    pub(super) fn read<'a>(&mut self, line: &'a [u8]) -> Option<Line<'a>> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (at_us, at) = self.clock.parse(line)?;
        let rest = line.get(at..)?.trim_ascii_start();
        let (pid, rest) = word(rest);
        let pid = pid.strip_prefix(b"[").and_then(|pid| pid.strip_suffix(b"]")).unwrap_or(pid);
        if pid.is_empty() || !pid.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let (level, rest) = word(rest);
        let level = match level {
            b"FATAL" => Level::Fatal,
            b"ERROR" => Level::Error,
            b"WARNING" => Level::Warning,
            b"LOG" => Level::Log,
            b"DEBUG" | b"NOISE" | b"INFO" => Level::Other,
            _ => return None,
        };
        let (socket, text) = socket(rest);
        Some(Line { at_us, level, socket, text })
    }
}

/// The first word, and what stands behind the blank after it.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr(b' ', text).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, b""));
    (word, rest.get(1..).unwrap_or_default())
}

/// `C-0x55f1c0: db/user@10.0.0.1:41537 text`, if a line is about a connection.
fn socket(rest: &[u8]) -> (Option<Socket<'_>>, &[u8]) {
    let (name, behind) = word(rest);
    let Some(name) = name.strip_suffix(b":") else { return (None, rest) };
    if !name.starts_with(b"C-") && !name.starts_with(b"S-") {
        return (None, rest);
    }
    // `db/user@address:port`: a name may hold blanks, an address none.
    let Some(end) = address_end(behind) else { return (None, rest) };
    let (who, text) = behind.split_at_checked(end).unwrap_or((behind, b""));
    let user = memrchr(b'@', who).and_then(|at| who.get(..at)).unwrap_or_default();
    let user = memchr(b'/', user).and_then(|at| user.get(at + 1..)).unwrap_or_default();
    let user = if user == b"(nouser)" { b"" } else { user };
    let socket = Socket { is_server: name.starts_with(b"S-"), name, user };
    (Some(socket), text.trim_ascii_start())
}

/// Longest `db/user@address:port` that is looked for.
const WHO_MAX: usize = 400;

/// Where `db/user@address:port` ends: at the first blank behind an `@`.
fn address_end(text: &[u8]) -> Option<usize> {
    let head = text.get(..text.len().min(WHO_MAX))?;
    let sign = memchr(b'@', head)?;
    let blank = head.get(sign..)?.iter().position(|byte| *byte == b' ');
    match blank {
        Some(at) => Some(sign + at),
        None => (head.len() == text.len()).then_some(text.len()),
    }
}
