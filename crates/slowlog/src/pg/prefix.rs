//! `log_line_prefix`: how a line of a PostgreSQL log begins.

mod fields;
mod known;
mod values;

use super::clock::Clock;
use super::severity::{self, Found};

use values::{field_min, is_number, spaces_to};

pub(crate) use fields::Fields;
pub(crate) use known::{LINES_MAX, infer};
pub(crate) use values::{epoch, host_of, number, pid_of_session};

/// One piece of a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Op {
    /// Text as it stands.
    Literal(Vec<u8>),
    /// `%t`, `%m`: when the record was written, to the second or the millisecond.
    Time { millis: bool },
    /// `%n`: the same as seconds since the epoch.
    Epoch,
    /// `%s`: when the session began.
    SessionStart,
    /// `%p`.
    Pid,
    /// `%q`: nothing more in processes without a session.
    Stop,
    /// Any other escape.
    Text(Field),
}

/// Escapes that are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    User,
    Database,
    Application,
    Host,
    /// `%r`: host and port.
    Remote,
    Session,
    /// `%Q`, `%l`, `%x`: digits, maybe behind a sign.
    Number,
    Other,
}

/// A compiled `log_line_prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// As it was written.
    pub(crate) text: String,
    ops: Vec<(Op, usize)>,
}

/// Longest prefix of a line that is looked at: longer names are cut by the server.
const LINE_HEAD_MAX: usize = 1024;
/// How often a text field may be tried longer, per line, before the line is no record.
const RETRIES_MAX: u32 = 16;

impl Prefix {
    /// Compiles a prefix; `None` when it holds an escape that does not exist.
    pub(crate) fn compile(text: &str) -> Option<Self> {
        let mut ops: Vec<(Op, usize)> = Vec::new();
        let mut bytes = text.bytes().peekable();
        while let Some(byte) = bytes.next() {
            let mut literal = byte;
            if byte == b'%' {
                let mut width = 0usize;
                let mut next = bytes.next()?;
                while next == b'-' || next.is_ascii_digit() {
                    if next.is_ascii_digit() {
                        width = (width * 10 + usize::from(next - b'0')).min(LINE_HEAD_MAX);
                    }
                    next = bytes.next()?;
                }
                let op = match next {
                    b'%' => None,
                    b't' | b'm' => Some(Op::Time { millis: next == b'm' }),
                    b'n' => Some(Op::Epoch),
                    b's' => Some(Op::SessionStart),
                    b'p' => Some(Op::Pid),
                    b'q' => Some(Op::Stop),
                    b'u' => Some(Op::Text(Field::User)),
                    b'd' => Some(Op::Text(Field::Database)),
                    b'a' => Some(Op::Text(Field::Application)),
                    b'h' => Some(Op::Text(Field::Host)),
                    b'r' => Some(Op::Text(Field::Remote)),
                    b'c' => Some(Op::Text(Field::Session)),
                    b'Q' | b'l' | b'x' => Some(Op::Text(Field::Number)),
                    b'b' | b'P' | b'i' | b'e' | b'v' | b'L' => Some(Op::Text(Field::Other)),
                    _ => return None,
                };
                if let Some(op) = op {
                    ops.push((op, width));
                    continue;
                }
                literal = b'%';
            }
            match ops.last_mut() {
                Some((Op::Literal(text), _)) => text.push(literal),
                _ => ops.push((Op::Literal(vec![literal]), 0)),
            }
        }
        Some(Self { text: text.to_owned(), ops })
    }

    /// Whether the first thing on a line is a time, so that other lines need no look.
    pub(crate) fn begins_with_time(&self) -> bool {
        matches!(self.ops.first(), Some((Op::Time { .. } | Op::Epoch, _)))
    }

    /// Whether it says when.
    pub(crate) fn has_time(&self) -> bool {
        self.ops.iter().any(|(op, _)| matches!(op, Op::Time { .. } | Op::Epoch))
    }

    /// Whether it says whose a record is.
    pub(super) fn names_users(&self) -> bool {
        self.ops.iter().any(|(op, _)| *op == Op::Text(Field::User))
    }

    /// How many pieces are not text as it stands.
    fn n_fields(&self) -> usize {
        self.ops.iter().filter(|(op, _)| !matches!(op, Op::Literal(_) | Op::Stop)).count()
    }

    /// Reads the prefix and the severity of a line: what it says, and where the message begins.
    pub(crate) fn read<'a>(
        &self,
        line: &'a [u8],
        clock: &mut Clock,
    ) -> Option<(Fields<'a>, Found, usize)> {
        let head = line.get(..line.len().min(LINE_HEAD_MAX))?;
        let mut fields = Fields::default();
        let mut retries = RETRIES_MAX;
        let (found, at) = self.run(&self.ops, head, 0, &mut fields, clock, &mut retries)?;
        Some((fields, found, at + found.len))
    }

    /// Reads the pieces `ops` from `pos` on, then the severity.
    fn run<'a>(
        &self,
        ops: &[(Op, usize)],
        head: &'a [u8],
        mut pos: usize,
        fields: &mut Fields<'a>,
        clock: &mut Clock,
        retries: &mut u32,
    ) -> Option<(Found, usize)> {
        let mut rest_ops = ops;
        while let Some(((op, width), later)) = rest_ops.split_first() {
            let rest = head.get(pos..)?;
            match op {
                Op::Literal(text) => {
                    if !rest.starts_with(text) {
                        return None;
                    }
                    pos += text.len();
                }
                Op::Time { millis } => {
                    let (at_us, len) = clock.parse(rest)?;
                    fields.other_precision = *millis != (rest.get(19) == Some(&b'.'));
                    fields.at_us = Some(at_us);
                    pos += len;
                }
                Op::SessionStart => pos += clock.parse(rest).map_or(0, |(_, len)| len),
                Op::Epoch => {
                    let (at_us, len) = epoch(rest)?;
                    fields.at_us = Some(at_us);
                    pos += len;
                }
                Op::Pid => {
                    let pad = rest.iter().take_while(|byte| **byte == b' ').count().min(*width);
                    let (pid, len) = number(rest.get(pad..)?)?;
                    fields.pid = Some(pid);
                    pos += pad + len;
                    pos += spaces_to(head, pos, *width, pad + len);
                }
                Op::Stop => {
                    if let Some(found) = severity::at_start(rest) {
                        return Some((found, pos));
                    }
                }
                Op::Text(field) => {
                    return self.run_text(*field, *width, later, head, pos, fields, clock, retries);
                }
            }
            rest_ops = later;
        }
        Some((severity::at_start(head.get(pos..)?)?, pos))
    }

    /// Reads a text field that ends where the next literal begins, at the first place from which
    /// the rest can be read too.
    #[expect(clippy::too_many_arguments, reason = "the state of one walk over a line")]
    fn run_text<'a>(
        &self,
        field: Field,
        width: usize,
        later: &[(Op, usize)],
        head: &'a [u8],
        pos: usize,
        fields: &mut Fields<'a>,
        clock: &mut Clock,
        retries: &mut u32,
    ) -> Option<(Found, usize)> {
        let rest = head.get(pos..)?;
        let stop = match later.first() {
            Some((Op::Literal(text), _)) => Some(text.as_slice()),
            _ => None,
        };
        let mut from = field_min(field, rest).max(width.min(rest.len()));
        loop {
            let end = match stop {
                Some([single]) => from + memchr::memchr(*single, rest.get(from..)?)?,
                Some(text) => from + find(rest.get(from..)?, text)?,
                // The last one: the severity follows.
                None if later.is_empty() => from + before_severity(rest.get(from..)?)?,
                // Two fields side by side: up to the next separator.
                None => {
                    from + rest
                        .get(from..)?
                        .iter()
                        .position(|byte| matches!(byte, b' ' | b':' | b',' | b']' | b'\n'))?
                }
            };
            let value = rest.get(..end)?.trim_ascii();
            if value.contains(&b'\n') {
                return None;
            }
            match field {
                Field::User => fields.user = value,
                // Of a user that is an address: the last sign stands before the database.
                Field::Database if value.contains(&b'@') && head.get(..pos)?.ends_with(b"@") => {
                    return None;
                }
                Field::Database => fields.database = value,
                Field::Application => fields.application = value,
                Field::Host => fields.host = value,
                Field::Remote => fields.host = host_of(value),
                Field::Session => {
                    fields.session = value;
                    fields.pid = fields.pid.or_else(|| pid_of_session(value));
                }
                Field::Number if !is_number(value) => return None,
                Field::Number => fields.numbers += 1,
                Field::Other => {}
            }
            if let Some(done) = self.run(later, head, pos + end, fields, clock, retries) {
                return Some(done);
            }
            *retries = retries.checked_sub(1)?;
            from = end + 1;
        }
    }
}

/// How much stands before the first severity, which may follow without a blank.
fn before_severity(rest: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b':', rest).find_map(|colon| {
        let head = rest.get(..colon)?;
        // The shortest word that is one.
        let letters = head.iter().rev().take_while(|byte| byte.is_ascii_uppercase()).count();
        let digit = usize::from(head.last().is_some_and(u8::is_ascii_digit));
        (3..=letters.max(digit + 5)).find_map(|len| {
            let start = colon.checked_sub(len)?;
            severity::at_start(rest.get(start..)?).map(|_| start)
        })
    })
}

/// Where a short text stands first: by its first byte, which beats a searcher made per call.
#[inline]
fn find(haystack: &[u8], text: &[u8]) -> Option<usize> {
    let first = *text.first()?;
    memchr::memchr_iter(first, haystack)
        .find(|at| haystack.get(*at..).is_some_and(|rest| rest.starts_with(text)))
}
