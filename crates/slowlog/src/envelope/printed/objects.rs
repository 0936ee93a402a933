//! Rows as objects of JSON, one to a line.

use super::super::Open;
use super::super::pieces::Pieces;
use super::lines::Lines;
use super::sheet::{COLUMNS_MAX, Sheet};
use crate::json::{plain, walk};

/// Reads such rows.
#[derive(Debug, Default)]
pub(super) struct Objects {
    lines: Lines,
    rows: Rows,
}

#[derive(Debug, Default)]
struct Rows {
    sheet: Sheet,
    names: Vec<Vec<u8>>,
    broken: u64,
}

impl Rows {
    fn line(&mut self, line: &[u8], out: &mut Pieces) {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        let mut buffer = Vec::new();
        let whole = walk(line.trim_ascii(), |name, value| {
            if names.len() < COLUMNS_MAX {
                names.push(name.to_vec());
                let text = plain(value, &mut buffer);
                values.push(if text == b"null" { Vec::new() } else { text.to_vec() });
            }
        });
        if whole.is_none() {
            self.broken += u64::from(line.contains(&b'{'));
            return;
        }
        if names != self.names {
            self.sheet.begin(&names, out);
            self.names = names;
        }
        self.sheet.row(&values, out);
    }
}

impl Open for Objects {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let Self { lines, rows } = self;
        lines.push(bytes, |line| rows.line(line, out));
    }

    fn end(&mut self, out: &mut Pieces) {
        let Self { lines, rows } = self;
        lines.end(|line| rows.line(line, out));
        if rows.broken > 0 {
            out.issues.add("row that is no whole JSON", "", rows.broken);
        }
    }
}
