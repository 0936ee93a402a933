//! Takes off the heads that containers, consoles and people put before every line.

mod kind;

use super::pieces::Pieces;
use super::{Open, when};
pub(crate) use kind::HeadKind;
use kind::{Found, HEAD_MAX};

/// Takes heads off.
#[derive(Debug)]
pub(super) struct Heads {
    kind: HeadKind,
    /// The start of a line whose end has not come.
    line: Vec<u8>,
    /// Whether the head of the line has been taken off, and the rest is passed through.
    open: bool,
    /// Whether the line goes on in the next.
    goes_on: bool,
}

impl Heads {
    pub(super) fn new(kind: HeadKind) -> Self {
        Self { kind, line: Vec::new(), open: false, goes_on: false }
    }

    /// Takes the head off the start of a line.
    fn begin(&mut self, line: &[u8], out: &mut Pieces) {
        let before = std::mem::take(&mut self.goes_on);
        self.open = true;
        let Some(Found { len, goes_on, at }) = self.kind.head(line) else {
            // A line of the record before.
            self.through(line, out);
            return;
        };
        self.goes_on = goes_on;
        if !before {
            let at_us = out.wants_time().then(|| when::parse(line.get(at)?)).flatten();
            out.begin(at_us);
        }
        self.through(line.get(len..).unwrap_or_default(), out);
    }

    /// Passes the rest of a line through.
    fn through(&mut self, part: &[u8], out: &mut Pieces) {
        let Some(text) = part.strip_suffix(b"\n") else {
            out.text(part);
            return;
        };
        self.open = false;
        let text = if self.kind == HeadKind::CloudWatch { without_time(text) } else { text };
        out.text(text);
        if !self.goes_on {
            out.bytes.push(b'\n');
        }
    }
}

impl Open for Heads {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.open {
                self.through(part, out);
                continue;
            }
            if self.line.is_empty() && part.ends_with(b"\n") {
                self.begin(part, out);
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

    fn end(&mut self, out: &mut Pieces) {
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
