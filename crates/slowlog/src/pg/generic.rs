//! The prefix of a line when no known `log_line_prefix` fits: looked for piece by piece.

use super::clock::Clock;
use super::prefix::{self, Fields};
use super::severity::{self, Found};

/// Longest prefix that is searched for a severity.
const HEAD_MAX: usize = 400;

/// Finds the severity of a line that begins with a time, a bracket or a word, and what stands
/// before it.
pub(crate) fn read<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(Fields<'a>, Found, usize)> {
    let (head, found, at) = split(line)?;
    let (at_us, len) = find_time(head, clock)?;
    let fields = Fields { at_us: Some(at_us), ..fields_of(head.get(len..)?, true) };
    Some((fields, found, at + found.len))
}

/// The same for one line among many that a prefix reads: only names with a key are believed.
pub(crate) fn read_keyed<'a>(
    line: &'a [u8],
    clock: &mut Clock,
) -> Option<(Fields<'a>, Found, usize)> {
    let (head, found, at) = split(line)?;
    let (at_us, len) = find_time(head, clock)?;
    let fields = Fields { at_us: Some(at_us), ..fields_of(head.get(len..)?, false) };
    Some((fields, found, at + found.len))
}

/// Whether a line has a time before its severity.
pub(crate) fn is_timed(line: &[u8]) -> bool {
    read(line, &mut Clock::new(None)).is_some()
}

/// The same for a line whose time stands elsewhere; a time at its start is skipped.
pub(crate) fn read_untimed(line: &[u8]) -> Option<(Fields<'_>, Found, usize)> {
    let (head, found, at) = split(line)?;
    let len = find_time(head, &mut Clock::new(None)).map_or(0, |(_, len)| len);
    Some((fields_of(head.get(len..)?, true), found, at + found.len))
}

/// What the rest of a prefix names; `guess` takes what stands around an `@` for user and database.
fn fields_of(rest: &[u8], guess: bool) -> Fields<'_> {
    let mut fields = Fields {
        pid: bracketed_pid(rest).or_else(|| session_pid(rest)).or_else(|| first_number(rest)),
        user: value_of(rest, &[b"user=", b"u=", b"usr="]),
        database: value_of(rest, &[b"db=", b"database=", b"d=", b"dbname="]),
        application: value_of(rest, &[b"app=", b"application=", b"a=", b"application_name="]),
        host: prefix::host_of(value_of(rest, &[b"client=", b"host=", b"h=", b"remote=", b"r="])),
        ..Fields::default()
    };
    if guess
        && fields.user.is_empty()
        && let Some(first) = memchr::memchr(b'@', rest)
    {
        let word = |byte: &u8| {
            !matches!(byte, b' ' | b':' | b'[' | b']' | b'(' | b')' | b',' | b'=' | b'/')
        };
        // Of a user that is an address: the last sign of the word stands before the database.
        let behind = rest.get(first..).unwrap_or_default();
        let len = behind.iter().take_while(|byte| word(byte)).count();
        let sign =
            first + memchr::memrchr(b'@', behind.get(..len).unwrap_or_default()).unwrap_or(0);
        let (left, right) = rest.split_at(sign);
        let user = left.iter().rev().take_while(|byte| word(byte)).count();
        fields.user = left.get(left.len() - user..).unwrap_or_default();
        let right = right.get(1..).unwrap_or_default();
        let database = right.iter().take_while(|byte| word(byte)).count();
        fields.database = right.get(..database).unwrap_or_default();
    }
    fields
}

/// Cuts a line before its severity.
pub(super) fn split(line: &[u8]) -> Option<(&[u8], Found, usize)> {
    let head = line.get(..line.len().min(HEAD_MAX))?;
    let (mut single, mut glued) = (None, None);
    for colon in memchr::memchr_iter(b':', head) {
        let before = head.get(..colon)?;
        let word = before
            .iter()
            .rev()
            .take_while(|byte| {
                byte.is_ascii_uppercase() || byte.is_ascii_digit() || !byte.is_ascii()
            })
            .count();
        if word < 3 || line.get(colon + 1) != Some(&b' ') {
            continue;
        }
        let start = colon - word;
        let Some(found) = severity::at_start(line.get(start..)?) else { continue };
        // A severity stands at the start of a word, unless the prefix ends in a name.
        if start > 0 && head.get(start - 1).is_some_and(u8::is_ascii_alphanumeric) {
            if glued.is_none() && line.get(colon + 2) == Some(&b' ') {
                glued = Some((head.get(..start)?, found, start));
            }
            continue;
        }
        if line.get(colon + 2) == Some(&b' ') {
            return Some((head.get(..start)?, found, start));
        }
        // The server writes two blanks; a tool that took one away comes second.
        single = single.or(Some((head.get(..start)?, found, start)));
    }
    single.or(glued)
}

/// Whether a line may begin with a time, or with one behind a bracket or two.
pub(crate) fn begins_with_time(line: &[u8], clock: &mut Clock) -> bool {
    let skip = line.iter().take(3).take_while(|byte| byte.is_ascii_punctuation()).count();
    let rest = line.get(skip..).unwrap_or_default();
    rest.first().is_some_and(u8::is_ascii_digit)
        && (clock.parse(rest).is_some() || prefix::epoch(rest).is_some())
}

/// The first time in a head, and where it ends.
fn find_time(head: &[u8], clock: &mut Clock) -> Option<(i64, usize)> {
    let mut at = 0;
    // A wrapper may put its own time before: the last of two that follow one another counts.
    let mut found = None;
    while at + 13 <= head.len() {
        let starts = head.get(at).is_some_and(u8::is_ascii_digit)
            && !at.checked_sub(1).and_then(|at| head.get(at)).is_some_and(u8::is_ascii_digit);
        if starts
            && let Some((at_us, len)) =
                head.get(at..).and_then(|rest| clock.parse(rest).or_else(|| prefix::epoch(rest)))
        {
            found = Some((at_us, at + len));
            at += len;
            if found.is_some() && at > 48 {
                break;
            }
            continue;
        }
        at += 1;
    }
    found
}

/// The number in the first brackets that hold nothing else.
fn bracketed_pid(head: &[u8]) -> Option<u32> {
    memchr::memchr_iter(b'[', head).find_map(|open| {
        let rest = head.get(open + 1..)?;
        let (pid, len) = prefix::number(rest)?;
        matches!(rest.get(len), Some(b']' | b'-')).then_some(pid)
    })
}

/// The process id in a session id, or in parentheses that hold no port: those follow an address.
fn session_pid(head: &[u8]) -> Option<u32> {
    let session = (0..head.len()).find_map(|at| {
        let starts =
            !at.checked_sub(1).and_then(|at| head.get(at)).is_some_and(u8::is_ascii_hexdigit);
        let rest = head.get(at..).filter(|_| starts)?;
        prefix::pid_of_session(rest.get(..session_like(rest)?)?)
    });
    session.or_else(|| {
        memchr::memchr_iter(b'(', head).find_map(|open| {
            let before = open.checked_sub(1).and_then(|at| head.get(at));
            let (pid, len) = prefix::number(head.get(open + 1..)?)?;
            let alone = !before.is_some_and(u8::is_ascii_alphanumeric);
            (alone && head.get(open + 1 + len) == Some(&b')')).then_some(pid)
        })
    })
}

/// The number that stands alone right behind the time.
fn first_number(head: &[u8]) -> Option<u32> {
    let skip = head.iter().take(3).take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let (pid, len) = prefix::number(head.get(skip..)?)?;
    let ends =
        head.get(skip + len).is_some_and(|byte| matches!(byte, b' ' | b'|' | b':' | b',' | b';'));
    (skip > 0 && len > 1 && ends).then_some(pid)
}

/// The value behind the first of these keys.
fn value_of<'a>(head: &'a [u8], keys: &[&[u8]]) -> &'a [u8] {
    for key in keys {
        for at in memchr::memmem::find_iter(head, key) {
            let starts_word = at == 0
                || head
                    .get(at - 1)
                    .is_some_and(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
            if let Some(rest) = head.get(at + key.len()..).filter(|_| starts_word) {
                let len = rest
                    .iter()
                    .take_while(|byte| !matches!(byte, b',' | b' ' | b']' | b')' | b';'))
                    .count();
                return rest.get(..len).unwrap_or_default();
            }
        }
    }
    &[]
}

/// The length of a session id `6b028e04.30e8`.
pub(super) fn session_like(rest: &[u8]) -> Option<usize> {
    let hex = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let left = hex(rest);
    if left != 8 || rest.get(8) != Some(&b'.') {
        return None;
    }
    let right = hex(rest.get(9..)?);
    (1..=8).contains(&right).then_some(9 + right)
}
