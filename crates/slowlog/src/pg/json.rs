//! One JSON object per line: jsonlog, and the wrappers of CloudNativePG, Azure and Cloud SQL.

use super::generic;
use super::prefix::{self, Fields};
use super::scan::{Row, Scan};
use super::severity::Severity;
use super::stderr;
use crate::json::{self, Text, plain, walk};
use memchr::memchr;

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
    /// Whether it holds a list of records.
    is_several: bool,
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
        self.is_several |= key == b"errorLevel" && !slot.raw.is_empty();
        *slot = value;
    }

    fn time(&mut self, value: Text<'a>, rank: u8) {
        if rank > self.at_rank {
            self.at = value;
            self.at_rank = rank;
        }
    }
}

/// Buffers for texts with escapes.
#[derive(Default)]
struct Buffers {
    message: Vec<u8>,
    aside: Vec<u8>,
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

/// Reads a line, and gives what stands behind its object; `None` when it is no object.
fn parse(line: &[u8]) -> Option<(Line<'_>, &[u8])> {
    let mut found = Line::default();
    let behind = walk(line, |key, value| found.set(key, value))?;
    Some((found, behind))
}

/// Whether a line is a record of a PostgreSQL log in JSON, and in which form.
pub(crate) fn form_of(line: &[u8]) -> Option<&'static str> {
    let (found, _) = parse(line.trim_ascii())
        .filter(|(found, behind)| json::is_end(behind) && !found.is_several)?;
    let severity = |text: Text<'_>| {
        Severity::of(text.raw).is_some()
            || std::str::from_utf8(text.raw).ok().and_then(Severity::of_localised).is_some()
    };
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
    let Some((found, _)) = parse(line) else { return false };
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
