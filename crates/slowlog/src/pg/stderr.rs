//! PostgreSQL's log on standard error: lines that begin with a prefix, and lines that go on.

use super::clock::Clock;
use super::generic;
use super::prefix::{Fields, Prefix};
use super::scan::{Row, Scan};
use super::severity::{Found, Severity};
use memchr::{memchr, memmem};

/// How the lines of a log begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    /// The prefix; lines that it does not read are looked at piece by piece.
    pub(crate) prefix: Option<Prefix>,
    /// Whether each line has another time before it, as CloudWatch puts it.
    pub(crate) stamped: bool,
}

impl Lines {
    /// What the start of a line says, if a record begins there.
    #[inline]
    pub(crate) fn start<'a>(
        &self,
        line: &'a [u8],
        clock: &mut Clock,
    ) -> Option<(Fields<'a>, Found, usize)> {
        if matches!(line.first(), None | Some(b'\t' | b' ' | b'\n' | b'\r')) {
            return None;
        }
        if line.first() == Some(&0) {
            // What a crash left of a block, with the next record right behind it.
            let nuls = line.iter().take_while(|byte| **byte == 0).count();
            let (fields, found, at) = self.start(line.get(nuls..)?, clock)?;
            return Some((fields, found, at + nuls));
        }
        if self.stamped {
            let skip = stamp_len(line)?;
            let (fields, found, at) = self.start_plain(line.get(skip..)?, clock)?;
            return Some((fields, found, at + skip));
        }
        self.start_plain(line, clock)
    }

    #[inline]
    fn start_plain<'a>(
        &self,
        line: &'a [u8],
        clock: &mut Clock,
    ) -> Option<(Fields<'a>, Found, usize)> {
        if let Some(prefix) = &self.prefix {
            if prefix.begins_with_time() && !line.first()?.is_ascii_digit() {
                return None;
            }
            if let Some(read) = prefix.read(line, clock) {
                return Some(read);
            }
            // Where the prefix names users, a line that it does not read names none by guess.
            if prefix.names_users() {
                return generic::begins_with_time(line, clock)
                    .then(|| generic::read_keyed(line, clock))?;
            }
        }
        generic::begins_with_time(line, clock).then(|| generic::read(line, clock))?
    }

    /// Where the last record of a block begins; `None` when it holds no second one.
    pub(crate) fn cut(&self, block: &[u8]) -> Option<usize> {
        let mut clock = Clock::new(None);
        memchr::memrchr_iter(b'\n', block)
            .map(|at| at + 1)
            .find(|at| block.get(*at..).is_some_and(|line| self.start(line, &mut clock).is_some()))
    }

    /// Reads a block that begins with a record.
    pub(crate) fn scan(&self, block: &[u8], scan: &mut Scan) {
        // Where continued lines have their tab, a line without one is no part of a record.
        let tabbed = memmem::find(block, b"\n\t").is_some();
        let mut open: Option<Open<'_>> = None;
        let mut at = 0;
        let mut n_line = 0u32;
        while at < block.len() {
            let Some(rest) = block.get(at..) else { break };
            let end = memchr(b'\n', rest).map_or(block.len(), |len| at + len + 1);
            let first = rest.first().copied();
            if first == Some(b'\t') && open.is_some() {
                // The common case of a continued line.
            } else if let Some((fields, found, message)) = self.start(rest, &mut scan.clock) {
                if let Some(open) = open.take() {
                    open.close(block, at, scan);
                }
                if found.localised {
                    scan.chunk.localised += 1;
                }
                open = Some(Open {
                    fields,
                    severity: found.severity,
                    message: at + message,
                    line: n_line,
                });
            } else if open.is_none() || (tabbed && first != Some(b'\t')) {
                let blank = rest.get(..end - at).is_some_and(|line| line.trim_ascii().is_empty());
                if let Some(open) = open.take() {
                    open.close(block, at, scan);
                }
                if !blank {
                    scan.chunk.unknown_lines += 1;
                    scan.chunk.odd("line is no part of a log record", n_line, 1);
                }
            }
            n_line += 1;
            at = end;
        }
        if let Some(open) = open.take() {
            open.close(block, block.len(), scan);
        }
        scan.chunk.lines += u64::from(n_line);
    }
}

/// A record whose end is not yet known.
struct Open<'a> {
    fields: Fields<'a>,
    severity: Severity,
    message: usize,
    line: u32,
}

impl Open<'_> {
    /// Hands on the record, which ends at `end`.
    #[inline]
    fn close(self, block: &[u8], end: usize, scan: &mut Scan) {
        let message = block.get(self.message.min(end)..end).unwrap_or_default().trim_ascii_end();
        let (sqlstate, message) = verbose(message);
        scan.row(&Row {
            fields: self.fields,
            severity: self.severity,
            sqlstate,
            message,
            tag: &[],
            line: self.line,
        });
    }
}

/// Splits `42P01: message`, as `log_error_verbosity = verbose` writes it.
#[inline]
pub(crate) fn verbose(message: &[u8]) -> (&[u8], &[u8]) {
    if message.get(5..7) == Some(b": ")
        && let Some((code, rest)) = message.split_at_checked(5)
        && code.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && code.iter().any(u8::is_ascii_digit)
    {
        return (code, rest.get(2..).unwrap_or_default());
    }
    (&[], message)
}

/// The length of a time with `T` and the blank behind it.
pub(crate) fn stamp_len(line: &[u8]) -> Option<usize> {
    if line.get(10) != Some(&b'T') {
        return None;
    }
    let space = memchr(b' ', line.get(..line.len().min(40))?)?;
    line.first()?.is_ascii_digit().then_some(space + 1)
}
