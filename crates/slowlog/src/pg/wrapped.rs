//! Lines of PostgreSQL that a collector has put its own head before: syslog, journalctl, logplex.
//!
//! A record is cut into numbered parts there, and parts of several sessions interleave. Here they
//! become lines of stderr again: the parts of a session in one place, records in the order in
//! which they began, as many lines as there were.

use super::clock::Clock;
use super::generic;
use super::prefix;
use super::severity;
use memchr::{memchr, memmem};
use std::collections::VecDeque;

/// Records that are open at once; more sessions than this do not write at the same moment.
const OPEN_MAX: usize = 32;
/// Longest line that is waited for; a longer one is cut.
const LINE_MAX: usize = 256 * 1024;
/// Longest record that is put together.
const RECORD_MAX: usize = 512 * 1024;

/// The collector's head of a line.
#[derive(Debug, PartialEq, Eq)]
struct Head<'a> {
    /// When, as `YYYY-MM-DD HH:MM:SS[.fff][zone]`.
    at: String,
    pid: u32,
    /// Number of the part, from 1; `None` without numbers.
    part: Option<u32>,
    rest: &'a [u8],
    logplex: bool,
}

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
    year: Option<i32>,
    month: u32,
    /// Whether times have no year, and none was found.
    pub(crate) no_year: bool,
}

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// The year that is taken where nothing tells it: it has a 29th of February.
const NO_YEAR: i32 = 2000;

/// The name of the format of lines with such heads, if most of a head's lines have them.
pub(crate) fn name_of(head: &[u8]) -> Option<&'static str> {
    let (mut seen, mut read, mut logplex) = (0, 0, false);
    let mut unwrap = Unwrap::new("");
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

impl Unwrap {
    /// Nothing read yet; a path may tell the year.
    pub(crate) fn new(path: &str) -> Self {
        let year = path.as_bytes().windows(4).enumerate().find_map(|(at, four)| {
            let alone = |idx: Option<usize>| {
                idx.and_then(|idx| path.as_bytes().get(idx))
                    .is_none_or(|byte| !byte.is_ascii_digit())
            };
            let text = std::str::from_utf8(four).ok()?;
            let year: i32 = text.parse().ok().filter(|year| (2000..2100).contains(year))?;
            // `2024`, `2024-02-11` and `20240211`.
            let dated = path
                .as_bytes()
                .get(at + 4..at + 8)
                .is_some_and(|rest| rest.iter().all(u8::is_ascii_digit));
            (alone(at.checked_sub(1)) && (alone(Some(at + 4)) || dated)).then_some(year)
        });
        Self { partial: Vec::new(), open: VecDeque::new(), year, month: 0, no_year: false }
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
        let begins = head.part.map_or_else(|| severity_in(head.rest), |part| part == 1);
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
        while self.open.iter().any(|open| open.pid == head.pid) && self.close(out) {}
        let mut text = Vec::new();
        if Clock::new(None).parse(head.rest).is_none() {
            text.extend_from_slice(format!("{} [{}]: ", head.at, head.pid).as_bytes());
        }
        decode(head.rest, &mut text);
        self.open.push_back(Open { pid: head.pid, text });
        if self.open.len() > OPEN_MAX {
            self.close(out);
        }
    }

    /// Reads a collector's head.
    fn head<'a>(&mut self, line: &'a [u8]) -> Option<Head<'a>> {
        let mut rest = line;
        if rest.first() == Some(&b'<') {
            let end = memchr(b'>', rest.get(..8.min(rest.len()))?)?;
            rest = rest.get(end + 1..)?;
            rest = rest.strip_prefix(b"1 ").unwrap_or(rest);
        }
        let (at, len) = self.time(rest)?;
        // No collector writes a blank between date and time: that is `%t` or `%m` of the server.
        let of_server = rest.first().is_some_and(u8::is_ascii_digit) && rest.get(10) == Some(&b' ');
        rest = rest.get(len..)?.strip_prefix(b" ")?;
        // `host ident[pid]: `, `app[postgres.pid]: ` or `host ident pid - - `.
        let near = rest.get(..rest.len().min(200))?;
        let (pid, after, logplex) = if let Some(end) = memmem::find(near, b"]: ") {
            let open = memchr::memrchr(b'[', near.get(..end)?)?;
            let inside = near.get(open + 1..end)?;
            let logplex =
                inside.starts_with(b"postgres.") || inside.starts_with(b"heroku-postgres");
            let digits = inside.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            let (pid, _) = prefix::number(inside.get(inside.len() - digits..)?)?;
            // The name of a program stands right before, and nothing but the host's before it.
            if open == 0 || near.get(open - 1).is_none_or(|byte| !byte.is_ascii_alphanumeric()) {
                return None;
            }
            if near.get(..open)?.iter().filter(|byte| **byte == b' ').count() > 1 {
                return None;
            }
            (pid, end + 3, logplex)
        } else {
            let mut words = near.split(|byte| *byte == b' ');
            let (host, ident, pid) = (words.next()?, words.next()?, words.next()?);
            let (number, len) = prefix::number(pid)?;
            if of_server || len != pid.len() || !is_host(host) || !is_program(ident) {
                return None;
            }
            let mut after = host.len() + ident.len() + pid.len() + 3;
            while near.get(after..).is_some_and(|rest| rest.starts_with(b"- ")) {
                after += 2;
            }
            (number, after, false)
        };
        rest = rest.get(after..)?;
        if logplex
            && rest.first() == Some(&b'[')
            && rest.get(1).is_some_and(u8::is_ascii_alphabetic)
        {
            // The name of the database: `[DATABASE] `.
            rest = rest.get(memchr(b']', rest)? + 1..)?.trim_ascii_start();
        }
        let mut part = None;
        if let Some(inside) = rest.strip_prefix(b"[")
            && let Some((_, len)) = prefix::number(inside)
            && inside.get(len) == Some(&b'-')
            && let Some((number, digits)) = inside.get(len + 1..).and_then(prefix::number)
            && inside.get(len + 1 + digits) == Some(&b']')
        {
            part = Some(number);
            rest = inside.get(len + digits + 2..)?;
            rest = rest.strip_prefix(b" ").unwrap_or(rest);
        } else if of_server {
            return None;
        }
        if part.is_none_or(|part| part == 1) {
            rest = rest.trim_ascii_start();
        }
        Some(Head { at, pid, part, rest, logplex })
    }

    /// Reads the time of a head: `Feb 11 13:15:40` or with year, date and zone.
    fn time(&mut self, text: &[u8]) -> Option<(String, usize)> {
        if let Some((_, len)) = Clock::new(None).parse(text) {
            let mut at = std::str::from_utf8(text.get(..len)?).ok()?.to_owned();
            // Of `EST` and `UTC` the letter stays.
            at.replace_range(10..11, " ");
            return Some((at, len));
        }
        let month = MONTHS.iter().position(|month| text.starts_with(month))? + 1;
        let day_at = text.get(3..)?.iter().take_while(|byte| **byte == b' ').count() + 3;
        let (day, len) = prefix::number(text.get(day_at..)?)?;
        let clock_at = day_at + len + 1;
        let clock = std::str::from_utf8(text.get(clock_at..clock_at + 8)?).ok()?;
        if clock.bytes().filter(|byte| *byte == b':').count() != 2 || !(1..=31).contains(&day) {
            return None;
        }
        let fraction = text.get(clock_at + 8..)?;
        let digits = if fraction.first() == Some(&b'.') {
            1 + fraction.get(1..)?.iter().take_while(|byte| byte.is_ascii_digit()).count()
        } else {
            0
        };
        let month = u32::try_from(month).ok()?;
        // From December to January the year turns.
        if self.month == 12 && month == 1 {
            self.year = self.year.map(|year| year + 1);
        }
        self.month = month;
        self.no_year |= self.year.is_none();
        let year = self.year.unwrap_or(NO_YEAR);
        let fraction = std::str::from_utf8(fraction.get(..digits)?).ok()?;
        Some((format!("{year:04}-{month:02}-{day:02} {clock}{fraction}"), clock_at + 8 + digits))
    }
}

/// Whether a word may be the name or the address of a host.
fn is_host(word: &[u8]) -> bool {
    !word.is_empty()
        && word.iter().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'_' | b'%')
        })
}

/// Whether a word may be the name of a program, as syslog has it.
fn is_program(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_alphabetic)
        && word
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/'))
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
        let mut unwrap = Unwrap::new(path);
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
