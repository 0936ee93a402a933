//! One JSON object per line: jsonlog, and the wrappers of CloudNativePG, Azure and Cloud SQL.

use super::generic;
use super::prefix::{self, Fields};
use super::scan::{Row, Scan};
use super::severity::Severity;
use super::stderr;
use memchr::{memchr, memchr2};

/// A string as it stands in JSON, without its quotes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Text<'a> {
    raw: &'a [u8],
    escaped: bool,
}

/// What a line says; absent fields are empty.
#[derive(Clone, Copy, Debug, Default)]
struct Line<'a> {
    at: Text<'a>,
    at_rank: u8,
    user: Text<'a>,
    database: Text<'a>,
    pid: Text<'a>,
    host: Text<'a>,
    session: Text<'a>,
    tag: Text<'a>,
    severity: Text<'a>,
    sqlstate: Text<'a>,
    message: Text<'a>,
    detail: Text<'a>,
    context: Text<'a>,
    statement: Text<'a>,
    application: Text<'a>,
    /// A whole line of stderr.
    payload: Text<'a>,
}

impl<'a> Line<'a> {
    /// Keeps the value of a key that is known.
    #[inline]
    fn set(&mut self, key: &[u8], value: Text<'a>) {
        let slot = match key {
            b"log_time" => return self.time(value, 3),
            b"timestamp" => return self.time(value, 2),
            b"time" | b"TimeGenerated" => return self.time(value, 1),
            b"user" | b"user_name" => &mut self.user,
            b"dbname" | b"database_name" => &mut self.database,
            b"pid" | b"process_id" | b"processId" => &mut self.pid,
            b"remote_host" | b"connection_from" => &mut self.host,
            b"session_id" | b"sessionId" => &mut self.session,
            b"ps" | b"command_tag" => &mut self.tag,
            b"error_severity" | b"errorLevel" => &mut self.severity,
            b"state_code" | b"sql_state_code" | b"sqlerrcode" => &mut self.sqlstate,
            b"message" | b"record_message_s" => &mut self.message,
            b"detail" => &mut self.detail,
            b"context" => &mut self.context,
            b"statement" | b"query" => &mut self.statement,
            b"application_name" | b"appName" => &mut self.application,
            b"textPayload" => &mut self.payload,
            _ => return,
        };
        *slot = value;
    }

    fn time(&mut self, value: Text<'a>, rank: u8) {
        if rank > self.at_rank {
            self.at = value;
            self.at_rank = rank;
        }
    }
}

/// The inside of a string that begins here, up to its closing quote.
pub(crate) fn string_at(bytes: &[u8]) -> &[u8] {
    let mut at = 0;
    while let Some(len) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += len;
        if bytes.get(at) == Some(&b'"') {
            return bytes.get(..at).unwrap_or_default();
        }
        at += 2;
    }
    bytes
}

/// Deepest nesting of a line that is read.
const DEPTH_MAX: u32 = 32;

/// Reads the keys and values of an object, nested ones too; `None` when it is no whole object.
#[inline]
fn walk<'a>(bytes: &'a [u8], mut each: impl FnMut(&'a [u8], Text<'a>)) -> Option<()> {
    let mut at = 1;
    // One bit per level: whether it is an array.
    let mut arrays = 0u32;
    let mut depth = 1u32;
    let mut key: Option<&[u8]> = None;
    if bytes.first() != Some(&b'{') {
        return None;
    }
    loop {
        match *bytes.get(at)? {
            b'"' => {
                at += 1;
                let start = at;
                let mut escaped = false;
                loop {
                    at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
                    if bytes.get(at) == Some(&b'"') {
                        break;
                    }
                    escaped = true;
                    at += 2;
                }
                let raw = bytes.get(start..at)?;
                at += 1;
                match key {
                    None if arrays & 1 == 0 => key = Some(raw),
                    _ => {
                        if let Some(key) = key {
                            each(key, Text { raw, escaped });
                        }
                    }
                }
            }
            b':' | b' ' | b'\t' | b'\r' => at += 1,
            b',' => {
                if arrays & 1 == 0 {
                    key = None;
                }
                at += 1;
            }
            open @ (b'{' | b'[') => {
                if depth >= DEPTH_MAX {
                    return None;
                }
                depth += 1;
                arrays = arrays << 1 | u32::from(open == b'[');
                key = None;
                at += 1;
            }
            b'}' | b']' => {
                depth -= 1;
                arrays >>= 1;
                key = None;
                at += 1;
                if depth == 0 {
                    return Some(());
                }
            }
            _ => {
                let start = at;
                at += bytes
                    .get(at..)?
                    .iter()
                    .position(|byte| matches!(byte, b',' | b'}' | b']' | b' '))?;
                if let Some(key) = key {
                    each(key, Text { raw: bytes.get(start..at)?, escaped: false });
                }
            }
        }
    }
}

/// Takes escapes out.
pub(crate) fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let escape = rest.get(at + 1).copied();
        rest = rest.get(at + 2..).unwrap_or_default();
        match escape {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'u') => {
                let unit = hex4(rest);
                rest = rest.get(4..).unwrap_or_default();
                let mut code = unit.unwrap_or(0xfffd);
                if (0xd800..0xdc00).contains(&code)
                    && rest.starts_with(b"\\u")
                    && let Some(low) =
                        rest.get(2..).and_then(hex4).filter(|low| (0xdc00..0xe000).contains(low))
                {
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    rest = rest.get(6..).unwrap_or_default();
                }
                let char = char::from_u32(code).unwrap_or('\u{fffd}');
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out.extend_from_slice(rest);
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(bytes.get(..4)?).ok()?, 16).ok()
}

/// Buffers for texts with escapes.
#[derive(Default)]
struct Buffers {
    message: Vec<u8>,
    aside: Vec<u8>,
}

/// The text, without escapes.
#[inline]
fn plain<'a>(text: Text<'a>, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    if text.escaped {
        unescape(text.raw, buffer);
        buffer
    } else {
        text.raw
    }
}

/// Where the last line of a block begins.
pub(crate) fn cut(block: &[u8]) -> Option<usize> {
    memchr::memrchr(b'\n', block).map(|at| at + 1)
}

/// Reads a block of whole lines.
pub(crate) fn scan(block: &[u8], scan: &mut Scan) {
    let mut buffers = Buffers::default();
    let mut n_line = 0u32;
    let mut at = 0;
    while let Some(rest) = block.get(at..).filter(|rest| !rest.is_empty()) {
        let len = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..len).unwrap_or_default().trim_ascii();
        // An array of objects, one per line, is read too.
        let line = line.strip_prefix(b"[").unwrap_or(line).trim_ascii_start();
        if !line.is_empty() && line != b"]" && !row(line, n_line, scan, &mut buffers) {
            scan.chunk.unknown_lines += 1;
            scan.chunk.odd("line is no jsonlog object", n_line, 1);
        }
        n_line += 1;
        at += len + 1;
    }
    scan.chunk.lines += u64::from(n_line);
}

/// Reads a line; `None` when it is no object.
fn parse(line: &[u8]) -> Option<Line<'_>> {
    let mut found = Line::default();
    walk(line, |key, value| found.set(key, value))?;
    Some(found)
}

/// Whether a line is a record of a PostgreSQL log in JSON, and in which form.
pub(crate) fn form_of(line: &[u8]) -> Option<&'static str> {
    let found = parse(line.trim_ascii())?;
    let severity = |text: Text<'_>| Severity::of(text.raw).is_some();
    if !found.payload.raw.is_empty() {
        let mut buffer = Vec::new();
        let text = plain(found.payload, &mut buffer);
        return generic::read_untimed(text).map(|_| "postgresql cloud sql");
    }
    if severity(found.severity)
        && !found.message.raw.is_empty()
        && found.at_rank > 0
        && !found.pid.raw.is_empty()
    {
        let has = |key: &[u8]| memchr::memmem::find(line, key).is_some();
        return Some(if has(b"\"record\"") {
            "postgresql cloudnativepg"
        } else if has(b"\"properties\"") {
            "postgresql azure"
        } else {
            "postgresql jsonlog"
        });
    }
    if severity(found.severity) && has_line(found.message) {
        return Some("postgresql azure");
    }
    None
}

/// Whether a text is a whole line of stderr.
fn has_line(text: Text<'_>) -> bool {
    let mut buffer = Vec::new();
    generic::read_untimed(plain(text, &mut buffer)).is_some()
}

/// Hands on a line; whether it is a record.
fn row(line: &[u8], n_line: u32, scan: &mut Scan, buffers: &mut Buffers) -> bool {
    let Some(found) = parse(line) else { return false };
    let mut fields = Fields {
        at_us: scan.clock.parse(found.at.raw).map(|(at_us, _)| at_us),
        pid: prefix::number(found.pid.raw).map(|(pid, _)| pid),
        session: found.session.raw,
        user: found.user.raw,
        database: found.database.raw,
        application: found.application.raw,
        host: host_of(found.host.raw),
        ..Fields::default()
    };
    fields.pid = fields.pid.or_else(|| prefix::pid_of_session(found.session.raw));
    let whole = !found.payload.raw.is_empty();
    let text = plain(if whole { found.payload } else { found.message }, &mut buffers.message);
    let mut severity = Severity::of(found.severity.raw);
    let mut message = text;
    // Azure's message and Cloud SQL's payload are lines with a prefix.
    if (whole || (found.at_rank <= 2 && text.first().is_some_and(u8::is_ascii_digit)))
        && let Some((inner, found, at)) = generic::read_untimed(text)
    {
        severity = Some(found.severity);
        message = text.get(at..).unwrap_or_default();
        fields.pid = inner.pid.or(fields.pid);
        fields.user = if inner.user.is_empty() { fields.user } else { inner.user };
        fields.database = if inner.database.is_empty() { fields.database } else { inner.database };
        fields.application =
            if inner.application.is_empty() { fields.application } else { inner.application };
        fields.host = if inner.host.is_empty() { fields.host } else { inner.host };
    }
    let severity = match severity {
        Some(severity) => severity,
        None => match std::str::from_utf8(found.severity.raw).ok().and_then(Severity::of_localised)
        {
            Some(severity) => {
                scan.chunk.localised += 1;
                severity
            }
            None => return false,
        },
    };
    if fields.at_us.is_none() {
        scan.chunk.odd("record without a readable time", n_line, 0);
    }
    let (code, message) = stderr::verbose(message);
    let sqlstate = if code.is_empty() { found.sqlstate.raw } else { code };
    let row = Row { fields, severity, sqlstate, message, tag: found.tag.raw, line: n_line };
    scan.row(&row);
    for (text, severity) in [
        (found.detail, Severity::Detail),
        (found.context, Severity::Context),
        (found.statement, Severity::Statement),
    ] {
        if !text.raw.is_empty() {
            let message = plain(text, &mut buffers.aside);
            scan.row(&Row { severity, message, sqlstate: &[], ..row });
        }
    }
    true
}

/// The host of `host`, `host:port`, `[local]`.
fn host_of(from: &[u8]) -> &[u8] {
    match memchr::memrchr(b':', from) {
        Some(at)
            if memchr(b':', from) == Some(at)
                && from.get(at + 1..).is_some_and(|port| port.iter().all(u8::is_ascii_digit)) =>
        {
            from.get(..at).unwrap_or_default()
        }
        _ => from,
    }
}
