//! A block of a slow log to its entries. Nothing here depends on an earlier block.

use super::ends::Ends;
use super::header::Header;
use super::time;
use memchr::{memchr, memmem, memrchr};

/// One entry: what its header says, and its statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// The lines before the statement.
    pub(crate) header: Header<'a>,
    /// The statement without its last `;`.
    pub(crate) sql: &'a [u8],
    /// The line of its first header line in the block, from 0.
    pub(crate) line: u32,
}

/// What a block holds besides entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rest {
    /// Lines in the block.
    pub(crate) lines: u32,
    /// Lines that belong to no entry.
    pub(crate) unknown_lines: u32,
    /// Entries without a readable `Query_time` or without a statement.
    pub(crate) broken: u32,
    /// The line of the first of these.
    pub(crate) first_broken: u32,
}

/// Bytes of a line with a user that are looked at: names are shorter.
const USER_MAX: usize = 400;

/// Whether an entry begins with this line: its first header line.
///
/// Looks at the line alone, so that it is the same wherever blocks are cut. Lines of statements
/// may begin with `#` too.
#[inline]
pub(crate) fn begins_entry(line: &[u8]) -> bool {
    if let Some(rest) = line.strip_prefix(b"# User@Host: ") {
        // By its sign: a searcher for three bytes costs more than these few.
        let line = rest.get(..rest.len().min(USER_MAX)).unwrap_or_default();
        return memchr::memchr2_iter(b'@', b'\n', line)
            .take_while(|at| line.get(*at) == Some(&b'@'))
            .any(|at| at > 0 && line.get(at - 1..at + 2) == Some(b" @ "));
    }
    line.strip_prefix(b"# Time: ").and_then(time::stamp).is_some()
}

/// Where the last entry of a buffer begins, if one does behind its first byte: what is before it
/// is whole.
pub(crate) fn last_entry(buffer: &[u8]) -> Option<usize> {
    let mut end = buffer.len();
    while let Some(at) = memmem::rfind(buffer.get(..end)?, b"\n# ") {
        if begins_entry(buffer.get(at + 1..)?) {
            // The user's line belongs to the time's line before it.
            let before = buffer.get(..at)?;
            let start = memrchr(b'\n', before).map_or(0, |at| at + 1);
            if start > 0 && is_time_only(before.get(start..)?) {
                return Some(start);
            }
            if start == 0 && is_time_only(before) {
                return None;
            }
            return Some(at + 1);
        }
        end = at;
    }
    None
}

/// A line with a time that no user stands on.
fn is_time_only(line: &[u8]) -> bool {
    line.starts_with(b"# Time: ")
        && begins_entry(line)
        && memmem::find(line, b"# User@Host: ").is_none()
}

/// Calls `take` for every entry of a block, in order.
pub(crate) fn entries<'a>(block: &'a [u8], mut take: impl FnMut(&Entry<'a>)) -> Rest {
    let mut rest = Rest::default();
    let mut at = 0;
    let mut line = 0_u32;
    let mut ends = Ends::default();
    while at < block.len() {
        let Some(tail) = block.get(at..) else { break };
        if !begins_entry(tail) {
            // Banner lines, and what a cut left of an entry.
            let end = line_end(tail);
            let text = tail.get(..end).unwrap_or_default();
            if !is_banner(text) && !text.trim_ascii().is_empty() {
                rest.unknown_lines += 1;
            }
            at += end + 1;
            line += 1;
            continue;
        }
        let (entry, len, lines) = entry(tail, line, &mut ends);
        if entry.header.query_us.is_none() || entry.sql.is_empty() {
            // The server was stopped, or a copy was cut.
            if rest.broken == 0 {
                rest.first_broken = line;
            }
            rest.broken += 1;
        } else {
            take(&entry);
        }
        at += len;
        line += lines;
    }
    // A last line without its end is a line.
    rest.lines = line;
    rest
}

/// The header at the start of an entry.
pub(super) fn begin_of(entry: &[u8]) -> Header<'_> {
    let mut header = Header::default();
    for line in entry.split(|byte| *byte == b'\n') {
        if !line.starts_with(b"#") {
            header.timestamp_us = set_timestamp(line);
            break;
        }
        header.line(line);
    }
    header
}

fn line_end(text: &[u8]) -> usize {
    memchr(b'\n', text).unwrap_or(text.len())
}

/// Reads the entry at the start of `text`. Gives it, its length and its number of lines.
fn entry<'a>(text: &'a [u8], first_line: u32, ends: &mut Ends) -> (Entry<'a>, usize, u32) {
    let mut header = Header::default();
    let mut at = 0;
    let mut lines = 0_u32;
    let mut has_user = false;
    // Header lines, `use` and `SET timestamp`.
    while let Some(tail) = text.get(at..).filter(|tail| !tail.is_empty()) {
        let end = line_end(tail);
        let line = tail.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let next = (at + end + 1).min(text.len());
        match line.first() {
            Some(b'#') => {
                if line.starts_with(b"# administrator command: ") {
                    break;
                }
                if matches!(line.get(2), Some(b'U' | b'T')) {
                    let user = line.starts_with(b"# User@Host: ")
                        || (line.starts_with(b"# Time: ")
                            && memmem::find(line, b" # User@Host: ").is_some());
                    // The next entry: this one has no statement.
                    if at > 0 && (has_user || !user) && begins_entry(line) {
                        break;
                    }
                    has_user |= user;
                }
                header.line(line);
            }
            Some(b'u' | b'U') if header.timestamp_us.is_none() && lines > 0 => {
                let Some(name) = use_name(line) else { break };
                // Without anything behind it, it is the statement itself.
                let follows = text.get(next..).is_some_and(|rest| !rest.is_empty());
                if !follows || begins_entry(text.get(next..).unwrap_or_default()) {
                    break;
                }
                if header.database.is_none_or(<[u8]>::is_empty) {
                    header.database = Some(name);
                }
            }
            Some(b'S' | b's') => {
                let Some(us) = set_timestamp(line) else { break };
                header.timestamp_us = Some(us);
                at = next;
                lines += 1;
                break;
            }
            _ => break,
        }
        at = next;
        lines += 1;
    }
    let start = at;
    let end = ends.statement_end(text, start, header.ended_us());
    let statement = text.get(start..end).unwrap_or_default();
    lines += u32::try_from(memchr::memchr_iter(b'\n', statement).count()).unwrap_or(u32::MAX);
    if !statement.is_empty() && !statement.ends_with(b"\n") {
        lines += 1;
    }
    let sql = trim_statement(statement);
    (Entry { header, sql, line: first_line }, end.max(1), lines.max(1))
}

/// The statement without the banner that a restart left behind it, its last `;` and line ends.
fn trim_statement(statement: &[u8]) -> &[u8] {
    let mut sql = statement.trim_ascii_end();
    // The banner has three lines; the last says `Time Id Command Argument`.
    if sql.ends_with(b"Argument") {
        let mut cut = sql;
        for _ in 0..3 {
            let start = memrchr(b'\n', cut).map_or(0, |at| at + 1);
            let line = cut.get(start..).unwrap_or_default();
            if !is_banner(line) {
                break;
            }
            cut = cut.get(..start.saturating_sub(1)).unwrap_or_default();
            if line_is_version(line) {
                sql = cut.trim_ascii_end();
                break;
            }
        }
    }
    while let Some(shorter) = sql.strip_suffix(b";") {
        sql = shorter.trim_ascii_end();
    }
    // An administrator command stands there as a comment.
    match sql.strip_prefix(b"# ") {
        Some(command) if command.starts_with(b"administrator command: ") => command,
        _ => sql,
    }
}

/// `/usr/sbin/mysqld, Version: 8.0.32 (...). started with:`
fn line_is_version(line: &[u8]) -> bool {
    memmem::find(line, b", Version: ").is_some()
        && line.trim_ascii_end().ends_with(b"started with:")
}

/// One of the three lines that a server writes when it opens the log.
pub(crate) fn is_banner(line: &[u8]) -> bool {
    line_is_version(line)
        || line.starts_with(b"Tcp port: ")
        || line.starts_with(b"TCP Port: ")
        || (line.starts_with(b"Time")
            && line.trim_ascii_end().ends_with(b"Argument")
            && memmem::find(line, b"Command").is_some())
}

/// The name in ``use `mattermost`;``.
fn use_name(line: &[u8]) -> Option<&[u8]> {
    let (word, rest) = line.split_at_checked(4)?;
    if !word.eq_ignore_ascii_case(b"use ") {
        return None;
    }
    let name = rest.trim_ascii().strip_suffix(b";")?;
    let name = name.trim_ascii();
    Some(name.strip_prefix(b"`").and_then(|name| name.strip_suffix(b"`")).unwrap_or(name))
}

/// The time in `SET timestamp=1673931766;` and `SET last_insert_id=5,timestamp=1673931766;`, in
/// microseconds.
fn set_timestamp(line: &[u8]) -> Option<i64> {
    let (word, rest) = line.split_at_checked(4)?;
    if !word.eq_ignore_ascii_case(b"SET ") {
        return None;
    }
    let rest = rest.trim_ascii().strip_suffix(b";")?;
    let mut found = None;
    for part in rest.split(|&b| b == b',') {
        let (name, value) = part.split_at_checked(part.iter().position(|&b| b == b'=')?)?;
        let value = value.get(1..)?;
        match name.trim_ascii() {
            b"timestamp" => found = Some(time::epoch(value.trim_ascii())?),
            b"last_insert_id" | b"insert_id" => {}
            _ => return None,
        }
    }
    found
}
