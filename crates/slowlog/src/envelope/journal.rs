//! Entries of systemd's journal, as JSON (`journalctl -o json`, `json-seq`) or in its export form:
//! written as lines of syslog, or, where the lines are of no collector, as they are.
//!
//! Source: systemd, "Journal export formats" and "Journal JSON format".

use super::pieces::Pieces;
use super::{Open, when};
use crate::json::{plain, walk};
use chrono::DateTime;
use memchr::memchr;

/// Longest entry; a longer one is passed over.
const ENTRY_MAX: usize = 1024 * 1024;

/// Programs whose lines are wanted.
const PROGRAMS: &[&[u8]] = &[b"postgres", b"pgsql", b"patroni", b"mysqld", b"mariadb"];

/// How the journal was exported, and what its messages are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Journal {
    /// One object to a line; else `KEY=value` lines.
    pub(super) json: bool,
    /// Whether messages are lines of syslog, with its numbers of parts.
    pub(super) syslog: bool,
}

impl Journal {
    /// The forms that a source may have.
    pub(super) fn all_of(bytes: &[u8]) -> Vec<Self> {
        let start = bytes.trim_ascii_start();
        let near = start.get(..start.len().min(ENTRY_MAX / 16)).unwrap_or_default();
        let has = |needle: &[u8]| memchr::memmem::find(near, needle).is_some();
        let is_json = start.starts_with(b"{") && has(b"\"MESSAGE\"") && has(b"TIMESTAMP\"");
        let is_export = start.starts_with(b"_") && has(b"\nMESSAGE") && has(b"_TIMESTAMP=");
        [(is_json, true), (is_export, false)]
            .into_iter()
            .filter(|(is, _)| *is)
            .flat_map(|(_, json)| [true, false].map(|syslog| Self { json, syslog }))
            .collect()
    }
}

/// What is used of an entry.
#[derive(Debug, Default)]
struct Entry {
    message: Vec<u8>,
    program: Vec<u8>,
    pid: Vec<u8>,
    at: Vec<u8>,
    host: Vec<u8>,
    /// Of which process wrote it, where syslog says none.
    own_pid: Vec<u8>,
}

impl Entry {
    fn set(&mut self, key: &[u8], value: &[u8]) {
        let slot = match key {
            b"MESSAGE" => &mut self.message,
            b"SYSLOG_IDENTIFIER" => &mut self.program,
            b"_COMM" if self.program.is_empty() => &mut self.program,
            b"SYSLOG_PID" => &mut self.pid,
            b"_PID" => &mut self.own_pid,
            b"__REALTIME_TIMESTAMP" => &mut self.at,
            b"_HOSTNAME" => &mut self.host,
            _ => return,
        };
        slot.clear();
        slot.extend_from_slice(value);
    }
}

/// Takes messages out of a journal.
#[derive(Debug)]
pub(super) struct Entries {
    journal: Journal,
    /// What is not whole yet.
    open: Vec<u8>,
    entry: Entry,
    /// Bytes of a binary field that have not come.
    binary: Option<(Vec<u8>, usize)>,
    skipping: bool,
    n_others: u64,
    n_lost: u64,
}

impl Entries {
    pub(super) fn new(journal: Journal) -> Self {
        Self {
            journal,
            open: Vec::new(),
            entry: Entry::default(),
            binary: None,
            skipping: false,
            n_others: 0,
            n_lost: 0,
        }
    }

    /// A line of JSON.
    fn object(&mut self, line: &[u8], out: &mut Pieces) {
        // `json-seq` puts a mark before every object.
        let line = line.strip_prefix(b"\x1e").unwrap_or(line).trim_ascii();
        if line.is_empty() {
            return;
        }
        let mut entry = Entry::default();
        let mut buffer = Vec::new();
        // What is no text comes as an array of its bytes.
        let mut bytes: Vec<u8> = Vec::new();
        let whole = walk(line, |key, value| {
            let text = plain(value, &mut buffer);
            entry.set(key, if text == b"null" { b"" } else { text });
        });
        if whole.is_none() {
            self.n_lost += 1;
            return;
        }
        if entry.message.is_empty()
            && let Some(at) = memchr::memmem::find(line, b"\"MESSAGE\"")
        {
            let rest = line.get(at + 9..).unwrap_or_default();
            let open = memchr(b'[', rest.get(..rest.len().min(8)).unwrap_or_default());
            let close = open.and_then(|_| memchr(b']', rest));
            if let (Some(open), Some(close)) = (open, close) {
                let list = rest.get(open + 1..close).unwrap_or_default();
                bytes.extend(list.split(|byte| *byte == b',').filter_map(|number| {
                    std::str::from_utf8(number).ok()?.trim().parse::<u8>().ok()
                }));
                entry.message = bytes;
            }
        }
        self.entry = entry;
        self.give(out);
    }

    /// A line of the export form; an empty one ends the entry.
    fn field(&mut self, line: &[u8], out: &mut Pieces) {
        if line.is_empty() {
            self.give(out);
        } else if let Some(at) = memchr(b'=', line) {
            let (key, value) = line.split_at(at);
            self.entry.set(key, value.get(1..).unwrap_or_default());
        }
    }

    /// Gives the message of the entry at hand.
    fn give(&mut self, out: &mut Pieces) {
        let entry = std::mem::take(&mut self.entry);
        if entry.message.is_empty() {
            return;
        }
        let wanted = entry.program.is_empty()
            || PROGRAMS.iter().any(|name| memchr::memmem::find(&entry.program, name).is_some());
        if !wanted {
            self.n_others += 1;
            return;
        }
        let at_us = when::parse(&entry.at);
        out.begin(at_us);
        if !self.journal.syslog {
            out.text(&entry.message);
            out.end_line();
            return;
        }
        let at = at_us.and_then(DateTime::from_timestamp_micros);
        let at = at.map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
        let host = if entry.host.is_empty() { b"localhost" } else { entry.host.as_slice() };
        let pid = if entry.pid.is_empty() { &entry.own_pid } else { &entry.pid };
        let program = if entry.program.is_empty() { b"postgres" } else { entry.program.as_slice() };
        for line in entry.message.split(|byte| *byte == b'\n') {
            for part in [at.as_bytes(), b" ", host, b" ", program, b"[", pid, b"]: ", line, b"\n"] {
                out.text(part);
            }
        }
    }

    /// Takes a line.
    fn line(&mut self, line: &[u8], out: &mut Pieces) {
        if std::mem::take(&mut self.skipping) {
            self.n_lost += 1;
            return;
        }
        if self.journal.json {
            self.object(line, out);
        } else if !line.is_empty() && memchr(b'=', line).is_none() {
            // A field that is no text: its length and its bytes follow.
            self.binary = Some((line.to_vec(), usize::MAX));
        } else {
            self.field(line, out);
        }
    }

    /// Takes bytes of a binary field; gives what is behind it.
    fn binary<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some((key, len)) = &mut self.binary else { return bytes };
        let wanted = if *len == usize::MAX { 8 } else { len.saturating_add(1) };
        let n = wanted.saturating_sub(self.open.len()).min(bytes.len());
        let (now, later) = bytes.split_at(n);
        self.open.extend_from_slice(now);
        if self.open.len() < wanted {
            return later;
        }
        if *len == usize::MAX {
            let size = self.open.first_chunk().map_or(0, |size| u64::from_le_bytes(*size));
            self.open.clear();
            *len = usize::try_from(size).unwrap_or(usize::MAX).min(ENTRY_MAX);
            if size > ENTRY_MAX as u64 {
                // No such field is written: what follows is read as lines again.
                self.binary = None;
                self.n_lost += 1;
            }
            return later;
        }
        let value = self.open.get(..*len).unwrap_or_default();
        self.entry.set(key, value);
        self.open.clear();
        self.binary = None;
        later
    }
}

impl Open for Entries {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.binary.is_some() {
                rest = self.binary(rest);
                continue;
            }
            let Some(at) = memchr(b'\n', rest) else {
                self.open.extend_from_slice(rest);
                if self.open.len() > ENTRY_MAX {
                    self.open.clear();
                    self.skipping = true;
                }
                return;
            };
            let (part, later) = rest.split_at(at);
            rest = later.get(1..).unwrap_or_default();
            let mut line = std::mem::take(&mut self.open);
            line.extend_from_slice(part);
            self.line(&line, out);
        }
    }

    fn end(&mut self, out: &mut Pieces) {
        if self.binary.is_none() && !self.open.is_empty() {
            let line = std::mem::take(&mut self.open);
            self.line(&line, out);
        }
        self.give(out);
        if self.n_others > 0 {
            out.issues.add("entries of other programs: passed over", "", 0);
        }
        if self.n_lost > 0 {
            out.issues.add("entry of the journal that is not whole", "", self.n_lost);
        }
    }
}
