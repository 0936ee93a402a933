//! Values with a separator, without quotes and escapes: a text may hold line ends, and the
//! separator itself.

use super::super::Open;
use super::super::pieces::Pieces;
use super::lines::Lines;
use super::sheet::{Sheet, TEXTS, are_known};
use super::{LINES_MAX, ROW_BYTES_MAX};
use memchr::memchr_iter;

/// How a table is separated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Separated {
    separator: u8,
    names: Vec<Vec<u8>>,
    /// The column that holds texts.
    text: usize,
}

impl Separated {
    /// If the first line holds names of a table, and rows do not fit these when read as CSV or as
    /// `mysql --batch` escapes them.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let mut lines = head.split(|byte| *byte == b'\n');
        let first = lines.next()?;
        let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_end();
        let separator =
            [b'|', b'\t'].into_iter().max_by_key(|byte| memchr_iter(*byte, first).count())?;
        let names: Vec<Vec<u8>> =
            first.split(|byte| *byte == separator).map(<[u8]>::to_vec).collect();
        let is_text =
            |name: &Vec<u8>| TEXTS.iter().any(|text| name.eq_ignore_ascii_case(text.as_bytes()));
        let text = names.iter().position(is_text)?;
        if names.len() < 2 || !are_known(&names) {
            return None;
        }
        let quoted = |line: &[u8]| {
            line.split(|byte| *byte == separator)
                .nth(text)
                .is_some_and(|field| field.starts_with(b"\""))
        };
        // The last line of a head may be cut.
        let rows: Vec<&[u8]> = lines.take(LINES_MAX * 4).collect();
        let rows = rows.split_last().map_or_else(Default::default, |(_, rows)| rows);
        let odd = rows
            .iter()
            .filter(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"("))
            .filter(|line| memchr_iter(separator, line).count() + 1 != names.len())
            .count();
        let quotes = rows.iter().filter(|line| quoted(line)).count();
        let raw = if separator == b'|' { quotes == 0 || odd > quotes * 4 } else { odd > quotes };
        raw.then_some(Self { separator, names, text })
    }

    fn n_between(&self, text: &[u8]) -> usize {
        memchr_iter(self.separator, text).count()
    }
}

/// Reads such a table.
#[derive(Debug)]
pub(super) struct Unaligned {
    lines: Lines,
    rows: Rows,
}

#[derive(Debug)]
struct Rows {
    separated: Separated,
    sheet: Sheet,
    named: bool,
    row: Vec<u8>,
    broken: u64,
}

impl Unaligned {
    pub(super) fn new(separated: Separated) -> Self {
        let rows =
            Rows { separated, sheet: Sheet::default(), named: false, row: Vec::new(), broken: 0 };
        Self { lines: Lines::default(), rows }
    }
}

/// Of what sort a first value is.
fn is_number(text: &[u8]) -> bool {
    text.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-')
        && text.iter().all(|byte| byte.is_ascii_digit() || b" .:+-eE".contains(byte))
}

impl Rows {
    fn line(&mut self, line: &[u8], out: &mut Pieces) {
        if !self.named {
            self.named = true;
            let names = self.separated.names.clone();
            self.sheet.begin(&names, out);
            return;
        }
        let last = self.separated.names.len() - 1;
        let is_whole = self.separated.n_between(&self.row) >= last && !self.row.is_empty();
        let begins =
            self.row.is_empty() || (is_whole && self.is_start(line)) || line.starts_with(b"(");
        if begins {
            self.flush(out);
        } else {
            self.row.push(b'\n');
        }
        if self.row.len() + line.len() < ROW_BYTES_MAX && !line.starts_with(b"(") {
            self.row.extend_from_slice(line);
        }
    }

    /// Whether a row begins here, and is no more of the text before: what comes before its own text
    /// stands in one line, and is a number where the row before has one. Where the text comes first,
    /// the row before has to end with a number.
    fn is_start(&self, line: &[u8]) -> bool {
        let Separated { separator, text, .. } = &self.separated;
        let first =
            |text: &[u8]| is_number(text.split(|b| b == separator).next().unwrap_or_default());
        let last =
            |text: &[u8]| is_number(text.rsplit(|b| b == separator).next().unwrap_or_default());
        match text {
            0 => last(&self.row),
            _ => self.separated.n_between(line) >= *text && first(line) == first(&self.row),
        }
    }

    fn flush(&mut self, out: &mut Pieces) {
        let row = std::mem::take(&mut self.row);
        if row.trim_ascii().is_empty() {
            return;
        }
        let Separated { separator, names, text } = &self.separated;
        let fields: Vec<&[u8]> = row.split(|byte| byte == separator).collect();
        let Some(more) = fields.len().checked_sub(names.len()) else {
            self.broken += 1;
            return;
        };
        // The separator in a text: what is too much belongs to it.
        let (before, rest) = fields.split_at(*text);
        let (of_text, after) = rest.split_at(more + 1);
        let joined = of_text.join(separator);
        let fields: Vec<&[u8]> = before
            .iter()
            .copied()
            .chain([joined.as_slice()])
            .chain(after.iter().copied())
            .collect();
        self.sheet.row(&fields, out);
    }
}

impl Open for Unaligned {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let Self { lines, rows } = self;
        lines.push(bytes, |line| rows.line(line, out));
    }

    fn end(&mut self, out: &mut Pieces) {
        let Self { lines, rows } = self;
        lines.end(|line| rows.line(line, out));
        rows.flush(out);
        if rows.broken > 0 {
            out.issues.add("row with fewer values than there are columns", "", rows.broken);
        }
    }
}
