//! Tables with their columns under one another: of `psql` with border 0 to 2 in ASCII or Unicode,
//! where a cell of several lines is marked at its end, and of `mysql`, where it is not.

use super::super::Open;
use super::super::pieces::Pieces;
use super::ROW_BYTES_MAX;
use super::lines::Lines;
use super::sheet::Sheet;
use std::ops::Range;

/// Reads printed tables.
#[derive(Debug, Default)]
pub(super) struct Grid {
    lines: Lines,
    table: Table,
}

#[derive(Debug, Default)]
struct Table {
    sheet: Sheet,
    /// The line before, in which names may stand, and the one before that.
    before: [Vec<u8>; 2],
    /// Where the cells stand, in characters.
    cells: Vec<Range<usize>>,
    /// Characters of a line from frame to frame; 0 without frame.
    width: usize,
    wanted: bool,
    /// The row at hand: its cells, and how each went on.
    row: Vec<Vec<u8>>,
    goes_on: bool,
    /// Lines of a row of `mysql` that is not whole.
    open: Vec<u8>,
    broken: u64,
}

/// Whether a line is a rule between names and rows.
pub(super) fn is_rule(line: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(line) else { return false };
    let text = text.trim_end();
    text.len() > 2
        && text.chars().all(|c| is_dash(c) || is_cross(c))
        && text.chars().any(is_dash)
        && text.chars().any(is_cross)
        || text.len() > 5 && text.chars().all(is_dash)
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '─' | '═')
}

fn is_cross(c: char) -> bool {
    matches!(c, '+' | '┼' | '├' | '┤' | '┌' | '┬' | '┐' | '└' | '┴' | '┘' | '╪' | '╬' | ' ')
}

/// The cells that a rule shows, and its width if it is one of a frame.
fn cells_of(rule: &str) -> (Vec<Range<usize>>, usize) {
    let mut cells = Vec::new();
    let mut start = None;
    let mut n = 0;
    for (at, c) in rule.trim_end().chars().enumerate() {
        n = at + 1;
        match (is_dash(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                cells.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    cells.extend(start.map(|from| from..n));
    let framed = rule.chars().next().is_some_and(is_cross);
    (cells, if framed { n } else { 0 })
}

/// A cell without its padding, and how it goes on: with a line end, or without.
fn cell(chars: &[char], range: &Range<usize>, is_last: bool) -> (String, Option<&'static str>) {
    // The last column of a table without frame may be longer than its rule.
    let end = if is_last { chars.len() } else { range.end.min(chars.len()) };
    let inside = chars.get(range.start.min(end)..end).unwrap_or_default();
    // Of a rule as wide as the cell with its padding the last character is a mark.
    let padded = chars.get(range.end.saturating_sub(1)).copied();
    let mark = match padded {
        Some('+' | '↵') => Some("\n"),
        Some('.' | '…') => Some(""),
        _ => None,
    };
    let text: String = match (mark, inside.split_last()) {
        (Some(_), Some((_, text))) => text.iter().collect(),
        _ => inside.iter().collect(),
    };
    (text.trim().to_owned(), mark)
}

impl Table {
    fn line(&mut self, line: &[u8], out: &mut Pieces) {
        if is_rule(line) {
            self.rule(line, out);
            return;
        }
        if self.cells.is_empty() || !self.wanted {
            let [last, earlier] = &mut self.before;
            std::mem::swap(last, earlier);
            last.clear();
            last.extend_from_slice(line);
            return;
        }
        if self.open.is_empty() && is_end(line) {
            self.close(out);
            return;
        }
        if self.width == 0 {
            self.physical(line, out);
            return;
        }
        if !self.open.is_empty() {
            self.open.push(b'\n');
        }
        self.open.extend_from_slice(line);
        let n_chars = String::from_utf8_lossy(&self.open).trim_end().chars().count();
        if n_chars >= self.width || self.open.len() > ROW_BYTES_MAX {
            let line = std::mem::take(&mut self.open);
            self.physical(&line, out);
        }
    }

    /// A rule: under names, or around them and the rows.
    fn rule(&mut self, line: &[u8], out: &mut Pieces) {
        if self.wanted && !self.open.is_empty() {
            // A rule within a text.
            self.open.push(b'\n');
            self.open.extend_from_slice(line);
            return;
        }
        self.flush(out);
        let rule = String::from_utf8_lossy(line);
        let (cells, width) = cells_of(&rule);
        let [last, _] = &self.before;
        let names = String::from_utf8_lossy(last);
        let chars: Vec<char> = names.chars().collect();
        let names: Vec<Vec<u8>> =
            cells.iter().map(|range| cell(&chars, range, false).0.into_bytes()).collect();
        if names.iter().all(|name| !name.is_empty()) && self.sheet.begin(&names, out) {
            self.cells = cells;
            self.width = width;
            self.wanted = true;
        } else if self.wanted && width > 0 {
            // The end of the frame.
            self.close(out);
        }
        self.before = Default::default();
    }

    /// A line of cells.
    fn physical(&mut self, line: &[u8], out: &mut Pieces) {
        let text = String::from_utf8_lossy(line);
        let chars: Vec<char> = text.chars().collect();
        if !self.goes_on {
            self.flush(out);
            self.row = vec![Vec::new(); self.cells.len()];
        }
        self.goes_on = false;
        let last = self.cells.len().saturating_sub(1);
        for (n, (range, row)) in self.cells.iter().zip(&mut self.row).enumerate() {
            let (part, mark) = cell(&chars, range, n == last && self.width == 0);
            self.goes_on |= mark.is_some();
            if row.len() + part.len() < ROW_BYTES_MAX {
                row.extend_from_slice(part.as_bytes());
                row.extend_from_slice(mark.unwrap_or_default().as_bytes());
            }
        }
    }

    /// Hands on the row at hand.
    fn flush(&mut self, out: &mut Pieces) {
        let row = std::mem::take(&mut self.row);
        if row.iter().any(|cell| !cell.is_empty()) {
            self.sheet.row(&row, out);
        }
        self.goes_on = false;
    }

    /// Ends the table.
    fn close(&mut self, out: &mut Pieces) {
        self.flush(out);
        self.broken += u64::from(!self.open.is_empty());
        self.open.clear();
        self.cells.clear();
        self.wanted = false;
    }
}

/// `(5 rows)`, or an empty line.
fn is_end(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.is_empty()
        || (line.starts_with(b"(") && (line.ends_with(b" rows)") || line.ends_with(b" row)")))
}

impl Open for Grid {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let Self { lines, table } = self;
        lines.push(bytes, |line| table.line(line, out));
    }

    fn end(&mut self, out: &mut Pieces) {
        let Self { lines, table } = self;
        lines.end(|line| table.line(line, out));
        table.close(out);
        let lost = table.broken + lines.cut;
        if lost > 0 {
            out.issues.add("row of a printed table that is not whole", "", lost);
        }
    }
}
