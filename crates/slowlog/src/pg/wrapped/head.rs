//! The head that a collector puts before a line.

use super::super::clock::Clock;
use super::super::prefix;
use super::Unwrap;
use memchr::{memchr, memmem};

/// The collector's head of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head<'a> {
    pub(super) at: When,
    pub(super) pid: u32,
    /// Number of the part, from 1; `None` without numbers.
    pub(super) part: Option<u32>,
    pub(super) rest: &'a [u8],
    pub(super) logplex: bool,
    /// Whether the program is a database server, by its name.
    pub(super) of_database: bool,
}

/// The time of a head.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum When {
    /// As `YYYY-MM-DD HH:MM:SS[.fff][zone]`.
    Dated(String),
    /// The year that was found, and the rest of it.
    Yearless(i32, String),
}

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

impl Unwrap {
    /// Reads a collector's head.
    pub(super) fn head<'a>(&mut self, line: &'a [u8]) -> Option<Head<'a>> {
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
        let (pid, after, logplex, program) = if let Some(end) = memmem::find(near, b"]: ") {
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
            let before = near.get(..open)?;
            let name = before.rsplit(|byte| *byte == b' ').next()?;
            (pid, end + 3, logplex, if inside.len() > digits { inside } else { name })
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
            (number, after, false, ident)
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
        let is = |name: &[u8]| memmem::find(program, name).is_some();
        let of_database = logplex || is(b"postgres") || is(b"pgsql") || is(b"patroni");
        Some(Head { at, pid, part, rest, logplex, of_database })
    }

    /// Reads the time of a head: `Feb 11 13:15:40` or with year, date and zone.
    fn time(&mut self, text: &[u8]) -> Option<(When, usize)> {
        if let Some((_, len)) = Clock::new(None).parse(text) {
            let mut at = std::str::from_utf8(text.get(..len)?).ok()?.to_owned();
            // Of `EST` and `UTC` the letter stays.
            at.replace_range(10..11, " ");
            return Some((When::Dated(at), len));
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
        let year = self.years.year_of(month, day)?;
        let fraction = std::str::from_utf8(fraction.get(..digits)?).ok()?;
        let at = format!("{month:02}-{day:02} {clock}{fraction}");
        Some((When::Yearless(year, at), clock_at + 8 + digits))
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
