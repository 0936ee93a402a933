//! Rows printed as a name and a value to a line: `\x` of `psql`, `\G` of `mysql`.

use super::super::Open;
use super::super::pieces::Pieces;
use super::lines::Lines;
use super::sheet::{COLUMNS_MAX, Sheet};
use super::{LINES_MAX, ROW_BYTES_MAX};
use memchr::{memchr, memmem};

/// Who prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `name | value` under `-[ RECORD 1 ]-`.
    Expanded,
    /// `name|value`, records with an empty line between.
    Unaligned,
    /// `name: value` under `*** 1. row ***`.
    Vertical,
}

/// Whether a line begins a record of `psql`.
pub(super) fn is_record(line: &[u8]) -> bool {
    let line = line.get(..line.len().min(40)).unwrap_or_default();
    memmem::find(line, b"[ RECORD ").is_some_and(|at| at < 16)
}

/// Whether a line begins a row of `mysql`.
pub(super) fn is_row(line: &[u8]) -> bool {
    line.starts_with(b"**********") && memmem::find(line, b". row **").is_some()
}

/// Whether a source begins with `name|value`, and repeats its first name.
pub(super) fn are_unaligned(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').take(LINES_MAX * COLUMNS_MAX);
    let Some(first) = lines.find(|line| !line.trim_ascii().is_empty() && name(line).is_some())
    else {
        return false;
    };
    let Some(first) = name(first) else { return false };
    let named = head.split(|byte| *byte == b'\n').take(LINES_MAX).filter(|l| name(l).is_some());
    named.count() > 3 && lines.any(|line| name(line) == Some(first))
}

/// The name in `name|value`.
fn name(line: &[u8]) -> Option<&[u8]> {
    let name = line.get(..memchr(b'|', line)?)?;
    is_name(name).then_some(name)
}

fn is_name(name: &[u8]) -> bool {
    name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// Reads such rows.
#[derive(Debug)]
pub(super) struct Pairs {
    style: Style,
    lines: Lines,
    rows: Rows,
}

#[derive(Debug, Default)]
struct Rows {
    sheet: Sheet,
    /// The names of the rows, once one is whole.
    names: Vec<Vec<u8>>,
    row: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where names end, in a row of `mysql`.
    colon: Option<usize>,
    begun: bool,
}

impl Pairs {
    pub(super) fn new(style: Style) -> Self {
        let begun = style == Style::Unaligned;
        Self { style, lines: Lines::default(), rows: Rows { begun, ..Rows::default() } }
    }
}

impl Rows {
    fn line(&mut self, line: &[u8], style: Style, out: &mut Pieces) {
        let begins = match style {
            Style::Expanded => is_record(line),
            Style::Vertical => is_row(line),
            Style::Unaligned => {
                let first = self.row.first().map(|(name, _)| name.as_slice());
                first.is_some() && name(line) == first
            }
        };
        if begins {
            self.flush(out);
            self.begun = true;
            self.colon = None;
            if style != Style::Unaligned {
                return;
            }
        }
        if !self.begun {
            return;
        }
        match style {
            Style::Expanded => self.expanded(line, out),
            Style::Vertical => self.vertical(line),
            Style::Unaligned => match name(line).filter(|name| self.is_new(name)) {
                Some(name) => {
                    let value = line.get(name.len() + 1..).unwrap_or_default();
                    self.row.push((name.to_vec(), value.to_vec()));
                }
                None => self.more(b"\n", line),
            },
        }
    }

    /// Whether a name may be that of the next value.
    fn is_new(&self, name: &[u8]) -> bool {
        self.row.iter().all(|(known, _)| known != name)
            && self.row.len() < COLUMNS_MAX
            && (self.names.is_empty() || self.names.iter().any(|known| known == name))
    }

    fn expanded(&mut self, line: &[u8], out: &mut Pieces) {
        let text = String::from_utf8_lossy(line);
        let framed = text.starts_with('|') || text.starts_with('│');
        let text = if framed {
            text.trim_end().trim_start_matches(['|', '│']).trim_end_matches(['|', '│'])
        } else {
            &text
        };
        let Some((name, value)) = text.split_once('|').or_else(|| text.split_once('│')) else {
            if line.starts_with(b"(") || line.trim_ascii().is_empty() || line.starts_with(b"+-") {
                self.flush(out);
                self.begun = false;
            }
            return;
        };
        let (name, value) = (name.trim(), value.strip_prefix(' ').unwrap_or(value));
        // What goes on has its mark at the end of the line before.
        if name.is_empty() {
            let (end, mark): (&[u8], &[u8]) = match self.row.last_mut() {
                Some((_, last)) => {
                    let end = last.trim_ascii_end();
                    if end.ends_with(b"+") { (b"+", b"\n") } else { (b".", b"") }
                }
                None => return,
            };
            if let Some((_, last)) = self.row.last_mut() {
                let kept = last.trim_ascii_end().strip_suffix(end).unwrap_or(last);
                let kept = kept.trim_ascii_end().to_vec();
                *last = kept;
            }
            self.more(mark, value.as_bytes());
        } else if self.is_new(name.as_bytes()) {
            self.row.push((name.as_bytes().to_vec(), value.as_bytes().to_vec()));
        }
    }

    fn vertical(&mut self, line: &[u8]) {
        let ends = memmem::find(line, b" in set").is_some_and(|at| {
            line.get(..at).is_some_and(|n| n.ends_with(b" row") || n.ends_with(b" rows"))
        });
        if ends && line.first().is_some_and(u8::is_ascii_digit) {
            return;
        }
        // Names end in one column.
        let at = self.colon.or_else(|| memchr(b':', line));
        let name = at.and_then(|at| line.get(..at)).map(<[u8]>::trim_ascii);
        match (at, name) {
            (Some(at), Some(name))
                if is_name(name) && line.get(at) == Some(&b':') && self.is_new(name) =>
            {
                self.colon = Some(at);
                let value = line.get(at + 1..).unwrap_or_default();
                let value = value.strip_prefix(b" ").unwrap_or(value);
                self.row.push((name.to_vec(), value.to_vec()));
            }
            _ => self.more(b"\n", line),
        }
    }

    /// Goes on with the last value.
    fn more(&mut self, between: &[u8], text: &[u8]) {
        if let Some((_, value)) = self.row.last_mut()
            && value.len() + text.len() < ROW_BYTES_MAX
        {
            value.extend_from_slice(between);
            value.extend_from_slice(text);
        }
    }

    /// Hands on the row at hand.
    fn flush(&mut self, out: &mut Pieces) {
        let row = std::mem::take(&mut self.row);
        if row.is_empty() {
            return;
        }
        let (names, values): (Vec<Vec<u8>>, Vec<Vec<u8>>) = row.into_iter().unzip();
        if self.names != names && self.sheet.begin(&names, out) {
            self.names = names;
        }
        let values: Vec<&[u8]> = values.iter().map(|value| value.trim_ascii_end()).collect();
        self.sheet.row(&values, out);
    }
}

impl Open for Pairs {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let Self { style, lines, rows } = self;
        lines.push(bytes, |line| rows.line(line, *style, out));
    }

    fn end(&mut self, out: &mut Pieces) {
        let Self { style, lines, rows } = self;
        lines.end(|line| rows.line(line, *style, out));
        rows.flush(out);
        if lines.cut > 0 {
            out.issues.add("line longer than is read: cut", "", 0);
        }
    }
}
