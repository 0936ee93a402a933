//! Lines of PostgreSQL that a collector has put its own head before: syslog, journalctl, logplex.
//!
//! A record is cut into numbered parts there, and parts of several sessions interleave. Here they
//! become lines of stderr again: the parts of a session in one place, records in the order in
//! which they began, as many lines as there were.

mod head;
pub(crate) mod years;

use super::clock::Clock;
use super::generic;
use super::severity;
use head::When;
use memchr::{memchr, memmem};
use std::collections::VecDeque;
use years::{Until, Years};

/// Records that are open at once; more sessions than this do not write at the same moment.
const OPEN_MAX: usize = 32;
/// Longest line that is waited for; a longer one is cut.
const LINE_MAX: usize = 256 * 1024;
/// Longest record that is put together.
const RECORD_MAX: usize = 512 * 1024;

/// A record whose parts may not all be there.
#[derive(Debug)]
struct Open {
    pid: u32,
    text: Vec<u8>,
}

/// Takes the heads off.
#[derive(Debug)]
pub(crate) struct Unwrap {
    partial: Vec<u8>,
    open: VecDeque<Open>,
    years: Years,
    /// Whether a time without year was met.
    yearless: bool,
    /// Lines of programs that are no database.
    pub(crate) n_others: u64,
}

/// The name of the format of lines with such heads, if most of a head's lines have them.
pub(crate) fn name_of(head: &[u8]) -> Option<&'static str> {
    let (mut seen, mut read, mut logplex) = (0, 0, false);
    let mut unwrap = Unwrap::new("", None);
    for line in head.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).take(100) {
        seen += 1;
        if let Some(head) = unwrap.head(line) {
            let begins = severity_in(head.rest);
            if begins || head.part.is_some_and(|part| part > 1) {
                read += 1;
                logplex |= head.logplex;
            }
        }
    }
    (read > 0 && read * 3 >= seen).then_some(if logplex {
        "postgresql logplex"
    } else {
        "postgresql syslog"
    })
}

/// Whether a record begins here.
fn severity_in(rest: &[u8]) -> bool {
    severity::at_start(rest).is_some() || generic::read_untimed(rest).is_some()
}

/// Whether something that belongs to the record before begins here, with a prefix of its own. What
/// goes on without one has its tab.
fn is_aside(rest: &[u8]) -> bool {
    !rest.starts_with(b"#011")
        && !rest.starts_with(b"\t")
        && generic::read_untimed(rest).is_some_and(|(_, found, _)| found.severity.is_aside())
}

impl Unwrap {
    /// Nothing read yet; a path may tell the year, else `until` does.
    pub(crate) fn new(path: &str, until: Option<Until>) -> Self {
        Self {
            partial: Vec::new(),
            open: VecDeque::new(),
            years: Years::new(path, until),
            yearless: false,
            n_others: 0,
        }
    }

    /// The same for a log that begins with `head`, whose records may tell the year.
    pub(crate) fn of(path: &str, until: Option<Until>, head: &[u8]) -> Self {
        let mut look = Self::new(path, until);
        let mut lines = Vec::new();
        look.push(head, &mut lines);
        let mut new = Self { yearless: look.yearless, ..Self::new(path, until) };
        new.years.learn(&look.years);
        new
    }

    /// Whether times have no year, and nothing tells it so far.
    pub(crate) fn wants_year(&self) -> bool {
        self.yearless && self.years.is_open()
    }

    /// What is to be said of years that were found.
    pub(crate) fn limit(&self) -> Option<String> {
        self.years.limit()
    }

    /// Takes bytes, appends whole lines to `out`.
    pub(crate) fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while let Some(at) = memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(at);
            bytes = rest.get(1..).unwrap_or_default();
            if self.partial.is_empty() {
                self.line(line, out);
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(line);
                self.line(&whole, out);
                whole.clear();
                self.partial = whole;
            }
        }
        let room = LINE_MAX.saturating_sub(self.partial.len());
        self.partial.extend_from_slice(bytes.get(..bytes.len().min(room)).unwrap_or_default());
    }

    /// Ends the log.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        if !self.partial.is_empty() {
            let line = std::mem::take(&mut self.partial);
            self.line(&line, out);
        }
        while self.close(out) {}
    }

    /// Hands on the record that began first; whether there was one.
    fn close(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(open) = self.open.pop_front() else { return false };
        out.extend_from_slice(&open.text);
        out.push(b'\n');
        true
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let Some(head) = self.head(line) else {
            // Whatever this is, it stays in its place.
            while self.close(out) {}
            out.extend_from_slice(line);
            out.push(b'\n');
            return;
        };
        let begins = match head.part {
            None => severity_in(head.rest),
            // The parts of one message: `DETAIL` and its like have a prefix of their own in it.
            Some(part) => part == 1 || is_aside(head.rest),
        };
        if !begins && let Some(open) = self.open.iter_mut().rev().find(|open| open.pid == head.pid)
        {
            let text = head.rest.strip_prefix(b"#011").unwrap_or(head.rest).trim_ascii_end();
            if open.text.len() + text.len() < RECORD_MAX {
                // A part need not begin at a line end, but a line end is all that is lost.
                open.text.extend_from_slice(b"\n\t");
                decode(text.strip_prefix(b"\t").unwrap_or(text), &mut open.text);
            }
            return;
        }
        if !begins && head.part.is_none() && !head.of_database {
            self.n_others += 1;
            return;
        }
        while self.open.iter().any(|open| open.pid == head.pid) && self.close(out) {}
        let mut text = Vec::new();
        if Clock::new(None).parse(head.rest).is_some() {
            self.years.full(head.rest);
        } else {
            let at = match head.at {
                When::Dated(at) => at,
                When::Yearless(year, at) => {
                    self.yearless = true;
                    self.years.note(year);
                    format!("{year:04}-{at}")
                }
            };
            text.extend_from_slice(format!("{at} [{}]: ", head.pid).as_bytes());
        }
        decode(head.rest, &mut text);
        self.open.push_back(Open { pid: head.pid, text });
        if self.open.len() > OPEN_MAX {
            self.close(out);
        }
    }
}

/// Writes a text with syslog's escapes as what they stand for.
fn decode(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memmem::find(rest, b"#01") {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        match rest.get(at + 3) {
            Some(b'1') => out.push(b'\t'),
            Some(b'2') => out.extend_from_slice(b"\n\t"),
            _ => out.extend_from_slice(rest.get(at..(at + 4).min(rest.len())).unwrap_or_default()),
        }
        rest = rest.get(at + 4..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(path: &str, text: &str) -> String {
        let mut unwrap = Unwrap::new(path, None);
        let mut out = Vec::new();
        for part in text.as_bytes().chunks(7) {
            unwrap.push(part, &mut out);
        }
        unwrap.end(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn parts_of_interleaved_sessions_come_together() {
        let text = "Feb 11 13:15:40 db1 postgres[10819]: [7-1] db=m,user=u LOG:  duration: 1.0 ms  statement: select\nFeb 11 13:15:40 db1 postgres[10820]: [3-1] db=m,user=u LOG:  checkpoint starting: time\nFeb 11 13:15:40 db1 postgres[10819]: [7-2] #011from t\n";
        assert_eq!(
            unwrapped("syslog-2024.log", text),
            "2024-02-11 13:15:40 [10819]: db=m,user=u LOG:  duration: 1.0 ms  statement: select\n\tfrom t\n2024-02-11 13:15:40 [10820]: db=m,user=u LOG:  checkpoint starting: time\n"
        );
        assert_eq!(name_of(text.as_bytes()), Some("postgresql syslog"));
    }

    #[test]
    fn heads_of_other_collectors_are_read() {
        assert_eq!(
            unwrapped(
                "x",
                "2019-03-14T00:22:56+00:00 app[postgres.4882]: [GREEN] [15-1]  sql_error_code = 00000 LOG:  checkpoint starting: time\n"
            ),
            "2019-03-14 00:22:56+00:00 [4882]: sql_error_code = 00000 LOG:  checkpoint starting: time\n"
        );
        assert_eq!(
            unwrapped(
                "x",
                "<134>1 2024-02-11T13:15:40.123Z db1 postgres 77 - - [1-1] LOG:  ready\n"
            ),
            "2024-02-11 13:15:40.123Z [77]: LOG:  ready\n"
        );
    }

    #[test]
    fn other_logs_of_a_system_are_not_taken() {
        assert_eq!(name_of(b"Feb 11 13:15:40 db1 sshd[1]: Accepted publickey for root\nFeb 11 13:15:41 db1 kernel: [1.0] x\n"), None);
    }
}
