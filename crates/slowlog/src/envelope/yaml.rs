//! Entries of Cloud Logging as `gcloud logging read` prints them by default: documents of YAML.

use super::pieces::Pieces;
use super::{Open, when};
use memchr::memchr;

/// Longest entry; the rest of a longer one is passed over.
const ENTRY_MAX: usize = 1024 * 1024;

/// Whether a source is such documents.
pub(super) fn is_in(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').take(200);
    let first = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    (first == b"---" || memchr::memmem::find(first, b": ").is_some())
        && lines.any(|line| line.starts_with(b"textPayload: "))
}

/// How the text of an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// In quotes of this kind, over one line or several.
    Quoted(u8),
    /// Under `|` or `>`: its lines, and whether they are one.
    Block {
        folded: bool,
    },
    Plain,
}

/// Takes texts out.
#[derive(Debug, Default)]
pub(super) struct Documents {
    line: Vec<u8>,
    text: Vec<u8>,
    style: Option<Style>,
    at_us: Option<i64>,
    /// Blanks before the lines of a block.
    indent: Option<usize>,
    cut: u64,
}

impl Documents {
    fn line(&mut self, line: &[u8], out: &mut Pieces) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line == b"---" {
            self.give(out);
            return;
        }
        let inside = line.is_empty() || line.starts_with(b" ");
        if inside && let Some(style) = self.style {
            self.more(line, style);
            return;
        }
        if self.style.is_some() && !inside {
            self.end_text();
        }
        if let Some(value) = line.strip_prefix(b"timestamp: ") {
            let value = value.trim_ascii();
            let bare = value.strip_prefix(b"'").and_then(|value| value.strip_suffix(b"'"));
            self.at_us = when::parse(bare.unwrap_or(value));
        } else if let Some(value) = line.strip_prefix(b"textPayload: ") {
            self.begin(value);
        }
    }

    fn begin(&mut self, value: &[u8]) {
        self.text.clear();
        self.indent = None;
        let style = match value.first() {
            Some(quote @ (b'"' | b'\'')) => Style::Quoted(*quote),
            Some(sign @ (b'|' | b'>')) => Style::Block { folded: *sign == b'>' },
            _ => Style::Plain,
        };
        self.style = Some(style);
        if !matches!(style, Style::Block { .. }) {
            self.text.extend_from_slice(value);
        }
    }

    /// Goes on with the text.
    fn more(&mut self, line: &[u8], style: Style) {
        if self.text.len() + line.len() > ENTRY_MAX {
            self.cut += 1;
            return;
        }
        match style {
            Style::Block { folded } => {
                let blanks = line.iter().take_while(|byte| **byte == b' ').count();
                let indent = *self.indent.get_or_insert(blanks);
                if !self.text.is_empty() {
                    self.text.push(if folded { b' ' } else { b'\n' });
                }
                self.text.extend_from_slice(line.get(indent.min(blanks)..).unwrap_or_default());
            }
            // One line end between lines is a blank, two are one; a `\` at the end joins.
            Style::Quoted(_) | Style::Plain => {
                let line = line.trim_ascii();
                if line.is_empty() {
                    self.text.push(b'\n');
                } else {
                    let joined = style == Style::Quoted(b'"') && self.text.ends_with(b"\\");
                    if joined {
                        self.text.pop();
                    } else if !self.text.ends_with(b"\n") {
                        self.text.push(b' ');
                    }
                    // A `\` before a blank keeps it.
                    let kept =
                        line.strip_prefix(b"\\").filter(|rest| joined && rest.starts_with(b" "));
                    self.text.extend_from_slice(kept.unwrap_or(line));
                }
            }
        }
    }

    /// Turns what was written into what it means.
    fn end_text(&mut self) {
        let Some(style) = self.style.take() else { return };
        let text = std::mem::take(&mut self.text);
        self.text = match style {
            Style::Quoted(quote) => {
                let inside = text.strip_prefix(&[quote]).unwrap_or(&text);
                let inside = inside.trim_ascii_end();
                let inside = inside.strip_suffix(&[quote]).unwrap_or(inside);
                let mut out = Vec::new();
                if quote == b'"' {
                    crate::json::unescape(inside, &mut out);
                } else {
                    undouble(inside, &mut out);
                }
                out
            }
            Style::Block { .. } | Style::Plain => text,
        };
    }

    fn give(&mut self, out: &mut Pieces) {
        self.end_text();
        if !self.text.is_empty() {
            out.begin(self.at_us);
            out.text(&self.text);
            out.end_line();
        }
        self.text.clear();
        self.at_us = None;
    }
}

/// Takes doubled quotes apart.
fn undouble(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr(b'\'', rest) {
        let (before, quote) = rest.split_at(at + 1);
        out.extend_from_slice(before);
        rest = quote.strip_prefix(b"'").unwrap_or(quote);
    }
    out.extend_from_slice(rest);
}

impl Open for Documents {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(end) = part.strip_suffix(b"\n") else {
                if self.line.len() < ENTRY_MAX {
                    self.line.extend_from_slice(part);
                }
                return;
            };
            if self.line.is_empty() {
                self.line(end, out);
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(end);
                self.line(&line, out);
            }
        }
    }

    fn end(&mut self, out: &mut Pieces) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.line(&line, out);
        }
        self.give(out);
        if self.cut > 0 {
            out.issues.add("entry longer than is read: cut", "", 0);
        }
    }
}
