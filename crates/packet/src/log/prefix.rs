//! What carriers write before a line: journald, syslog, container runtimes, kubectl.

use super::time::{self, Stamp};
use memchr::{memchr, memmem};

/// A line without its carrier's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Carried<'a> {
    /// The line.
    pub(super) rest: &'a [u8],
    /// The carrier's time, if it has a date and a zone.
    pub(super) time: Option<Stamp>,
    /// The carrier's time without year and zone, as milliseconds of the year 2000.
    pub(super) wall_ms: Option<i64>,
    /// The program that wrote the line, if the carrier says so.
    pub(super) program: &'a [u8],
    /// The host or pod on which it did.
    pub(super) host: &'a [u8],
}

/// How far a prefix may reach.
const PREFIX_MAX: usize = 256;

/// Takes the carrier's prefix away; none if there is none.
pub(super) fn strip(bytes: &[u8]) -> Option<Carried<'_>> {
    kubectl(bytes).or_else(|| syslog(bytes)).or_else(|| iso(bytes)).or_else(|| compose(bytes))
}

/// `[pod/mattermost-0/mattermost] line`, as `kubectl logs --prefix` writes.
fn kubectl(bytes: &[u8]) -> Option<Carried<'_>> {
    let inner = bytes.strip_prefix(b"[pod/")?;
    let end = memmem::find(inner.get(..PREFIX_MAX.min(inner.len()))?, b"] ")?;
    let host = inner.get(..end)?.split(|byte| *byte == b'/').next().unwrap_or_default();
    Some(Carried { rest: inner.get(end + 2..)?, time: None, wall_ms: None, program: b"", host })
}

/// `May 08 13:52:15 host mattermost[17916]: line`, with or without `<34>` before it. Its time has
/// no year and no zone: it says only how long before or after another line it is.
fn syslog(bytes: &[u8]) -> Option<Carried<'_>> {
    let text = without_priority(bytes);
    const MONTHS: &[&[u8]] = &[
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let month = text.get(..3)?;
    let month = MONTHS.iter().position(|known| *known == month)?;
    let shaped = text.get(3) == Some(&b' ')
        && text.get(6) == Some(&b' ')
        && text.get(9) == Some(&b':')
        && text.get(12) == Some(&b':');
    if !shaped {
        return None;
    }
    let (host, program, rest) = host_and_tag(text.get(15..)?.trim_ascii_start())?;
    Some(Carried { rest, time: None, wall_ms: wall_ms(month, text.get(4..15)?), program, host })
}

/// Milliseconds of ` 8 13:52:15` in a month of the year 2000, which has every day.
fn wall_ms(month: usize, text: &[u8]) -> Option<i64> {
    let number = |from: usize| -> Option<u32> {
        std::str::from_utf8(text.get(from..from + 2)?.trim_ascii_start()).ok()?.parse().ok()
    };
    let month = u32::try_from(month + 1).ok()?;
    let day = chrono::NaiveDate::from_ymd_opt(2000, month, number(0)?)?;
    Some(day.and_hms_opt(number(3)?, number(6)?, number(9)?)?.and_utc().timestamp_millis())
}

/// `2020-05-08T13:52:15+0200 host mattermost[1]: line` (journald, syslog with ISO times),
/// `<34>1 2020-05-08T13:52:15Z host mattermost 1 - - line` (RFC 5424),
/// `2020-05-08T13:52:15.1Z stdout F line` (CRI), `2020-05-08T13:52:15.1Z line` (docker, kubectl).
fn iso(bytes: &[u8]) -> Option<Carried<'_>> {
    let text = without_priority(bytes);
    let (numbered, text) = match text.strip_prefix(b"1 ") {
        Some(text) if text.len() < bytes.len() => (true, text),
        _ => (false, text),
    };
    let (stamp, rest) = time::parse_prefix(text)?;
    let rest = rest.strip_prefix(b" ")?;
    let time = stamp.offset_s.map(|_| stamp);
    if numbered {
        let mut parts = rest.splitn(6, |b| *b == b' ');
        let (host, program) = (parts.next()?, parts.next()?);
        let rest = parts.nth(3)?;
        return Some(Carried {
            rest: rest.strip_prefix("\u{feff}".as_bytes()).unwrap_or(rest),
            time,
            wall_ms: None,
            program,
            host,
        });
    }
    for stream in [&b"stdout F "[..], b"stderr F ", b"stdout P ", b"stderr P "] {
        if let Some(rest) = rest.strip_prefix(stream) {
            return Some(Carried { rest, time, wall_ms: None, program: b"", host: b"" });
        }
    }
    if let Some((host, program, rest)) = host_and_tag(rest) {
        return Some(Carried { rest, time, wall_ms: None, program, host });
    }
    Some(Carried { rest, time, wall_ms: None, program: b"", host: b"" })
}

/// `mattermost-1  | line`, as docker compose writes.
fn compose(bytes: &[u8]) -> Option<Carried<'_>> {
    let head = bytes.get(..PREFIX_MAX.min(bytes.len()))?;
    let bar = memmem::find(head, b" | ")?;
    let name = head.get(..bar)?.trim_ascii_end();
    let named = !name.is_empty()
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    named.then_some(Carried {
        rest: bytes.get(bar + 3..)?,
        time: None,
        wall_ms: None,
        program: b"",
        host: b"",
    })
}

/// `<34>` is how grave and from where: not needed.
fn without_priority(bytes: &[u8]) -> &[u8] {
    let Some(inner) = bytes.strip_prefix(b"<") else { return bytes };
    match memchr(b'>', inner.get(..4.min(inner.len())).unwrap_or_default()) {
        Some(end) if end > 0 => inner.get(end + 1..).unwrap_or_default(),
        _ => bytes,
    }
}

/// `host program[pid]: rest` or `host program: rest`.
fn host_and_tag(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let head = text.get(..PREFIX_MAX.min(text.len()))?;
    let space = memchr(b' ', head)?;
    let tag_on = text.get(space + 1..)?;
    let colon = memmem::find(tag_on.get(..PREFIX_MAX.min(tag_on.len()))?, b": ")?;
    let tag = tag_on.get(..colon)?;
    if tag.is_empty() || tag.contains(&b' ') || tag.contains(&b'"') || tag.contains(&b'{') {
        return None;
    }
    let program = tag.split(|b| *b == b'[').next().unwrap_or_default();
    Some((head.get(..space)?, program, tag_on.get(colon + 2..)?))
}

/// Takes colour sequences (`ESC [ ... m`) away; none if there are none.
pub(super) fn without_colour(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    if memchr(0x1b, bytes).is_none() {
        return false;
    }
    out.clear();
    let mut rest = bytes;
    while let Some(at) = memchr(0x1b, rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        rest = match after.strip_prefix(b"[") {
            Some(codes) => {
                let end = codes
                    .iter()
                    .position(|b| !(b.is_ascii_digit() || *b == b';'))
                    .map_or(codes.len(), |end| end + 1);
                codes.get(end..).unwrap_or_default()
            }
            None => after,
        };
    }
    out.extend_from_slice(rest);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_carrier_is_taken_away() {
        let cases: &[(&str, &str)] = &[
            ("May 08 13:52:15 host mattermost[17916]: ", "mattermost"),
            ("<34>May  8 13:52:15 host mattermost: ", "mattermost"),
            ("2020-05-08T13:52:15+0200 host mattermost[1]: ", "mattermost"),
            ("<34>1 2020-05-08T13:52:15.1Z host mattermost 17 - - ", "mattermost"),
            ("2020-05-08T13:52:15.123456789Z stdout F ", ""),
            ("2020-05-08T13:52:15.123456789Z ", ""),
            ("[pod/mm-0/mattermost] ", ""),
            ("mattermost-1  | ", ""),
        ];
        for (prefix, program) in cases {
            let line = format!("{prefix}{{\"level\":\"info\"}}");
            let carried = strip(line.as_bytes()).unwrap_or_else(|| panic!("{prefix}"));
            assert_eq!(carried.rest, br#"{"level":"info"}"#, "{prefix}");
            assert_eq!(carried.program, program.as_bytes(), "{prefix}");
            assert_eq!(carried.time.is_some(), prefix.contains("2020"), "{prefix}");
        }
        assert_eq!(strip(b"panic: runtime error"), None);
    }

    #[test]
    fn colours_are_taken_away() {
        let mut out = Vec::new();
        assert!(without_colour(b"\x1b[31;1merror\x1b[0m x\x1b", &mut out));
        assert_eq!(out, b"error x");
        assert!(!without_colour(b"error", &mut out));
    }
}
