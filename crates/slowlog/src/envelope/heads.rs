//! Heads that containers and consoles put before every line.

use memchr::memchr;

/// Longest line that is waited for before its head is looked at.
const HEAD_MAX: usize = 4 * 1024;
/// Lines at the start of a source that are looked at.
const LINES_MAX: usize = 50;

/// Who puts a head before every line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadKind {
    /// The runtime of Kubernetes' nodes: `2026-11-20T09:00:00.1Z stderr F `.
    Cri,
    /// `kubectl logs --prefix`: `[pod/db-0/postgres] `, maybe with a time behind it.
    Pod,
    /// `docker compose logs`: `db-1  | `.
    Compose,
    /// `aws logs ... --output text`: `EVENTS`, numbers, the line, a number; tabs between them.
    CloudWatch,
    /// `kubectl logs --timestamps`: `2026-11-20T09:00:00.1Z `.
    Time,
}

impl HeadKind {
    const ALL: [Self; 5] = [Self::Cri, Self::Pod, Self::Compose, Self::CloudWatch, Self::Time];

    /// For people.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Cri => "a container runtime",
            Self::Pod => "`kubectl logs --prefix`",
            Self::Compose => "`docker compose logs`",
            Self::CloudWatch => "`aws logs`",
            Self::Time => "`kubectl logs --timestamps`",
        }
    }

    /// The kind that nine in ten of the first lines have.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let lines: Vec<&[u8]> = bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
            .take(LINES_MAX)
            .collect();
        Self::ALL.into_iter().find(|kind| {
            let n = lines.iter().filter(|line| kind.head(line).is_some()).count();
            // Of an export of entries with line breaks in them the first lines alone have a head.
            let of_entries = *kind == Self::CloudWatch
                && lines.first().is_some_and(|line| kind.head(line).is_some());
            n > 0 && (n * 10 >= lines.len() * 9 || of_entries)
        })
    }

    /// How long the head of a line is, and whether the line goes on in the next.
    fn head(self, line: &[u8]) -> Option<(usize, bool)> {
        match self {
            Self::Time => Some((time(line)?, false)),
            Self::Cri => {
                let at = time(line)?;
                let rest = line.get(at..)?;
                let stream =
                    rest.strip_prefix(b"stderr ").or_else(|| rest.strip_prefix(b"stdout "))?;
                let goes_on = stream.starts_with(b"P ");
                (goes_on || stream.starts_with(b"F ")).then_some((at + 9, goes_on))
            }
            Self::Pod => {
                let end = memchr(
                    b']',
                    line.strip_prefix(b"[pod/").and(line.get(..HEAD_MAX.min(line.len())))?,
                )?;
                let rest = line.get(end + 1..)?.strip_prefix(b" ")?;
                Some((end + 2 + time(rest).unwrap_or(0), false))
            }
            Self::Compose => {
                let bar = memchr(b'|', line.get(..line.len().min(128))?)?;
                let name = line.get(..bar)?.trim_ascii_end();
                let is_name = !name.is_empty()
                    && name.len() < bar
                    && name.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b));
                let behind = if line.get(bar + 1) == Some(&b' ') { 2 } else { 1 };
                (is_name && (line.len() == bar + 1 || behind == 2)).then_some((bar + behind, false))
            }
            Self::CloudWatch => {
                let mut at = line.strip_prefix(b"EVENTS\t").map(|_| 7)?;
                let mut numbers = 0;
                loop {
                    let rest = line.get(at..)?;
                    let Some(end) = memchr(b'\t', rest) else { break };
                    let field = rest.get(..end)?;
                    if field.is_empty() || !field.iter().all(u8::is_ascii_digit) {
                        break;
                    }
                    // The id of an event: behind it stand a time, and the stream's name.
                    numbers += if field.len() > 20 { 10 } else { 1 };
                    at += end + 1;
                    if numbers == 11 {
                        at += memchr(b'\t', line.get(at..)?)? + 1;
                        break;
                    }
                }
                (numbers > 0).then_some((at, false))
            }
        }
    }
}

/// How long the time of RFC 3339 at the start of a line is, with the space behind it.
fn time(line: &[u8]) -> Option<usize> {
    let shape = b"0000-00-00T00:00:00";
    let start = line.get(..shape.len())?;
    let fits = start.iter().zip(shape).all(|(byte, like)| match like {
        b'0' => byte.is_ascii_digit(),
        _ => byte == like,
    });
    let end = memchr(b' ', line.get(..line.len().min(40))?)?;
    let zone = line.get(shape.len()..end)?;
    let is_zone = zone.ends_with(b"Z")
        || zone.iter().rev().nth(5).is_some_and(|sign| matches!(sign, b'+' | b'-'));
    (fits && is_zone).then_some(end + 1)
}

/// Takes heads off.
#[derive(Debug)]
pub(crate) struct Heads {
    kind: HeadKind,
    /// The start of a line whose end has not come.
    line: Vec<u8>,
    /// Whether the head of the line has been taken off, and the rest is passed through.
    open: bool,
    /// Whether the line goes on in the next.
    goes_on: bool,
}

impl Heads {
    pub(crate) fn new(kind: HeadKind) -> Self {
        Self { kind, line: Vec::new(), open: false, goes_on: false }
    }

    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.open {
                self.through(part, out);
                continue;
            }
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() >= HEAD_MAX {
                let line = std::mem::take(&mut self.line);
                self.begin(&line, out);
                self.line = line;
                self.line.clear();
            }
        }
    }

    /// Takes the head off the start of a line.
    fn begin(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let (at, goes_on) = self.kind.head(line).unwrap_or((0, false));
        self.goes_on = goes_on;
        self.open = true;
        self.through(line.get(at..).unwrap_or_default(), out);
    }

    /// Passes the rest of a line through.
    fn through(&mut self, part: &[u8], out: &mut Vec<u8>) {
        let Some(text) = part.strip_suffix(b"\n") else {
            out.extend_from_slice(part);
            return;
        };
        self.open = false;
        let text = if self.kind == HeadKind::CloudWatch { without_time(text) } else { text };
        out.extend_from_slice(text);
        if !self.goes_on {
            out.push(b'\n');
        }
    }

    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.begin(&line, out);
        }
    }
}

/// The text of an event without the time that `aws logs` prints behind it.
fn without_time(text: &[u8]) -> &[u8] {
    let Some(tab) = memchr::memrchr(b'\t', text) else { return text };
    match text.split_at_checked(tab) {
        Some((before, behind))
            if behind.len() == 14 && behind.iter().skip(1).all(u8::is_ascii_digit) =>
        {
            before
        }
        _ => text,
    }
}
