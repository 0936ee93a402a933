//! Tables in XML and HTML: `mysql -X` and `-H`, `psql -H`.

use super::super::Open;
use super::super::pieces::Pieces;
use super::ROW_BYTES_MAX;
use super::sheet::{COLUMNS_MAX, Sheet};

/// Longest tag that is read.
const TAG_MAX: usize = 1024;

/// Reads such tables.
#[derive(Debug, Default)]
pub(super) struct Markup {
    sheet: Sheet,
    /// The tag that is read, without its brackets.
    tag: Option<Vec<u8>>,
    /// The names of the columns, and whether rows have come since.
    names: Vec<Vec<u8>>,
    begun: bool,
    /// The values of the row at hand, and their names where XML gives these.
    row: Vec<Vec<u8>>,
    row_names: Vec<Vec<u8>>,
    /// The value that is read.
    value: Option<Vec<u8>>,
    is_name: bool,
}

/// Whether a source is a table in XML or HTML.
pub(super) fn is_in(head: &[u8]) -> bool {
    let has = |needle: &[u8]| memchr::memmem::find(head, needle).is_some();
    let start = head.trim_ascii_start();
    start.starts_with(b"<")
        && ((has(b"<row>") && has(b"<field name="))
            || (has(b"<table") || has(b"<TABLE")) && (has(b"<td") || has(b"<TD")))
}

impl Markup {
    fn tag(&mut self, tag: &[u8], out: &mut Pieces) {
        let lower = tag.to_ascii_lowercase();
        let name = lower.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
        match name {
            b"row" | b"tr" => {
                self.row.clear();
                self.row_names.clear();
            }
            b"table" | b"resultset" => {
                self.names.clear();
                self.begun = false;
            }
            b"field" | b"td" | b"th" => {
                self.value = Some(Vec::new());
                self.is_name = name == b"th";
                if name == b"field" {
                    self.row_names.push(attribute(tag));
                    if lower.ends_with(b"/") {
                        self.end_value();
                    }
                }
            }
            b"br" | b"br/" => self.text(b"\n"),
            b"/field" | b"/td" | b"/th" => self.end_value(),
            b"/row" | b"/tr" => self.end_row(out),
            _ => {}
        }
    }

    fn end_value(&mut self) {
        let Some(value) = self.value.take() else { return };
        let value = entities(&value);
        if self.is_name {
            self.names.push(value);
        } else if self.row.len() < COLUMNS_MAX {
            self.row.push(value);
        }
    }

    fn end_row(&mut self, out: &mut Pieces) {
        if self.row.is_empty() {
            return;
        }
        let names = if self.row_names.is_empty() { &self.names } else { &self.row_names };
        if self.row_names.is_empty() {
            if !std::mem::replace(&mut self.begun, true) {
                self.sheet.begin(names, out);
            }
        } else if self.names != self.row_names {
            self.sheet.begin(names, out);
            self.names.clone_from(&self.row_names);
        }
        self.sheet.row(&self.row, out);
        self.row.clear();
    }

    fn text(&mut self, text: &[u8]) {
        if let Some(value) = &mut self.value
            && value.len() + text.len() < ROW_BYTES_MAX
        {
            value.extend_from_slice(text);
        }
    }
}

/// The value of `name="..."`.
fn attribute(tag: &[u8]) -> Vec<u8> {
    let mut parts = tag.split(|byte| *byte == b'"');
    match (parts.next(), parts.next()) {
        (Some(before), Some(value)) if before.trim_ascii().ends_with(b"name=") => value.to_vec(),
        _ => Vec::new(),
    }
}

/// Named and numbered characters, as what they stand for.
fn entities(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest) {
        let (before, entity) = rest.split_at(at);
        out.extend_from_slice(before);
        let near = entity.get(..entity.len().min(12)).unwrap_or_default();
        let end = memchr::memchr(b';', near).unwrap_or(0);
        let name = entity.get(1..end).unwrap_or_default();
        let number = |name: &[u8]| {
            let name = std::str::from_utf8(name).ok()?.strip_prefix('#')?;
            let code = match name.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => name.parse().ok()?,
            };
            char::from_u32(code)
        };
        let meant = match name {
            b"lt" => Some('<'),
            b"gt" => Some('>'),
            b"amp" => Some('&'),
            b"quot" => Some('"'),
            b"apos" => Some('\''),
            b"nbsp" => Some(' '),
            name => number(name),
        };
        match meant {
            Some(meant) => {
                out.extend_from_slice(meant.encode_utf8(&mut [0; 4]).as_bytes());
                rest = entity.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push(b'&');
                rest = entity.get(1..).unwrap_or_default();
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

impl Open for Markup {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let mut rest = bytes;
        while let Some(first) = rest.first().copied() {
            if let Some(tag) = &mut self.tag {
                let len = memchr::memchr(b'>', rest).unwrap_or(rest.len());
                let room = TAG_MAX.saturating_sub(tag.len()).min(len);
                tag.extend_from_slice(rest.get(..room).unwrap_or_default());
                rest = rest.get(len..).unwrap_or_default();
                if let Some(later) = rest.strip_prefix(b">") {
                    rest = later;
                    let tag = self.tag.take().unwrap_or_default();
                    self.tag(&tag, out);
                }
            } else if first == b'<' {
                self.tag = Some(Vec::new());
                rest = rest.get(1..).unwrap_or_default();
            } else {
                let len = memchr::memchr(b'<', rest).unwrap_or(rest.len());
                let (text, later) = rest.split_at(len);
                self.text(text);
                rest = later;
            }
        }
    }
}
