//! Lines for people: logr's plain form and zap's console form.

use super::json::{Scanner, Step, Text, Value};
use super::line::{Field, Form, Key, Line, key};
use super::time::{self, Stamp};
use memchr::memchr;

/// Reads logr's plain form: `error [2022-01-03 15:45:55.364 +01:00] msg caller="a/b.go:1" k=v`.
pub(super) fn plain(bytes: &[u8]) -> Option<Line<'_>> {
    let space = memchr(b' ', bytes.get(..32.min(bytes.len()))?)?;
    let mut line = Line { form: Form::Plain, ..Line::default() };
    if !line.set_level(bytes.get(..space)?) {
        return None;
    }
    let rest = bytes.get(space..)?.trim_ascii_start().strip_prefix(b"[")?;
    let (stamp, rest) = time::parse_prefix(rest)?;
    let rest = rest.strip_prefix(b"]")?.trim_ascii();
    line.time = Some(stamp);
    let (msg, pairs) = split_message(rest);
    line.msg = Text::plain(msg);
    key_values(pairs, &mut line);
    Some(line)
}

/// Reads zap's console form: time, level, caller, message and a JSON object, between tabs.
pub(super) fn console(bytes: &[u8]) -> Option<Line<'_>> {
    let mut parts = bytes.splitn(4, |b| *b == b'\t');
    let stamp: Stamp = time::parse(parts.next()?)?;
    let mut line = Line { form: Form::Console, time: Some(stamp), ..Line::default() };
    if !line.set_level(parts.next()?) {
        return None;
    }
    let third = parts.next()?;
    let rest = match parts.next() {
        Some(rest) if is_caller(third) => {
            line.set(Field::Caller, Text::plain(third));
            rest
        }
        // Without the caller the third part is the message.
        Some(rest) => {
            line.msg = Text::plain(third);
            rest
        }
        None => third,
    };
    let (msg, tail) = match memchr::memmem::find(rest, b"\t{") {
        Some(at) => (rest.get(..at)?, rest.get(at + 1..)),
        None if rest.first() == Some(&b'{') && !line.msg.is_empty() => (&b""[..], Some(rest)),
        None => (rest, None),
    };
    if line.msg.is_empty() {
        line.msg = Text::plain(msg);
    }
    if let Some(mut scanner) = tail.and_then(Scanner::new) {
        while let Step::Pair(name, value) = scanner.step() {
            match value {
                Value::Text(text) => pair(name, text, &mut line),
                Value::Bare(bare) => pair(name, Text::plain(bare), &mut line),
                Value::Object(_) | Value::Array(_) => {}
            }
        }
    }
    Some(line)
}

/// Whether it looks like `dir/file.go:12`.
fn is_caller(text: &[u8]) -> bool {
    memchr::memmem::find(text, b".go:").is_some() && !text.contains(&b' ')
}

/// The message and the pairs behind it. The pairs begin at `caller=`, else at the first ` key=`.
fn split_message(rest: &[u8]) -> (&[u8], &[u8]) {
    if let Some(at) = memchr::memmem::find(rest, b" caller=") {
        return (
            rest.get(..at).unwrap_or_default().trim_ascii_end(),
            rest.get(at..).unwrap_or(b""),
        );
    }
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|part| memchr(b'=', part)) {
        let equals = from + at;
        let before = rest.get(..equals).unwrap_or_default();
        let len = before.iter().rev().take_while(|b| is_key_byte(**b)).count();
        let start = equals - len;
        let spaced = start > 0 && before.get(start - 1) == Some(&b' ');
        if len > 0 && spaced {
            return (
                rest.get(..start).unwrap_or_default().trim_ascii_end(),
                rest.get(start..).unwrap_or_default(),
            );
        }
        from = equals + 1;
    }
    (rest, b"")
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Reads `key=value key="quoted value"`.
fn key_values<'a>(pairs: &'a [u8], line: &mut Line<'a>) {
    let mut rest = pairs.trim_ascii_start();
    while let Some(equals) = memchr(b'=', rest) {
        let name_all = rest.get(..equals).unwrap_or_default();
        let name = name_all.rsplit(|b| *b == b' ').next().unwrap_or_default();
        let after = rest.get(equals + 1..).unwrap_or_default();
        let (text, next) = match after.strip_prefix(b"\"") {
            Some(quoted) => {
                let (end, escaped) = quoted_end(quoted);
                let text = Text { bytes: quoted.get(..end).unwrap_or_default(), escaped };
                (text, quoted.get(end + 1..).unwrap_or_default())
            }
            None => {
                let end = memchr(b' ', after).unwrap_or(after.len());
                let text = Text::plain(after.get(..end).unwrap_or_default());
                (text, after.get(end..).unwrap_or_default())
            }
        };
        pair(name, text, line);
        rest = next.trim_ascii_start();
    }
}

/// Where the closing quote is, and whether there are escapes before it.
fn quoted_end(quoted: &[u8]) -> (usize, bool) {
    let mut escaped = false;
    let mut at = 0;
    while let Some(byte) = quoted.get(at) {
        match byte {
            b'"' => return (at, escaped),
            b'\\' => {
                escaped = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
    (quoted.len(), escaped)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "time, level and message stand elsewhere")]
fn pair<'a>(name: &[u8], text: Text<'a>, line: &mut Line<'a>) {
    match key(name) {
        Key::Error => line.error = text,
        Key::ErrorDetails if line.error.is_empty() => line.error = text,
        Key::Field(field) => line.set(field, text),
        Key::Url => line.set_url(text),
        Key::Subject if line.subject.is_empty() => line.subject = text,
        Key::LogSource => line.notifications = text.bytes == b"notifications",
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_gives_message_caller_and_error() {
        let line = plain(
            br#"error [2022-01-03 15:45:55.364 +01:00] Unable to save direct channel.                caller="web/context.go:105" path=/api/v4/channels/direct http_code=500 err_where=createDirect error="a \"b\": context deadline exceeded""#,
        )
        .unwrap();
        assert_eq!(line.msg.bytes, b"Unable to save direct channel.");
        assert_eq!(line.field(Field::Caller).bytes, b"web/context.go:105");
        assert_eq!(line.field(Field::HttpCode).bytes, b"500");
        let mut buf = Vec::new();
        assert_eq!(line.error.unescaped(&mut buf), b"a \"b\": context deadline exceeded");
        let bare = plain(b"info  [2022-01-03 14:45:55.364 Z] ratio a = b of c count=3").unwrap();
        assert_eq!(bare.msg.bytes, b"ratio a = b of c");
    }

    #[test]
    fn a_console_line_gives_message_caller_and_worker() {
        let line = console(
            b"2020-05-08T13:52:15.613+0200\terror\tmlog/log.go:174\tFailed job\t{\"workername\": \"EnterpriseLdapSync\", \"error\": \"x\"}",
        )
        .unwrap();
        assert_eq!(line.msg.bytes, b"Failed job");
        assert_eq!(line.field(Field::Worker).bytes, b"EnterpriseLdapSync");
        assert_eq!(line.error.bytes, b"x");
        let bare = console(b"2020-05-08T13:52:15.613+0200\tinfo\tServer is listening").unwrap();
        assert_eq!(bare.msg.bytes, b"Server is listening");
    }
}
