//! Rows of exported tables: CSV as PostgreSQL, MySQL and spreadsheets write it, and the tab
//! separated output of `mysql --batch`.

use memchr::{memchr, memchr2};

/// How an export separates and escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Between two fields.
    pub(crate) delimiter: u8,
    /// Whether a field may stand in double quotes.
    pub(crate) quotes: bool,
    /// Whether a backslash escapes (`\n`, `\t`, `\\`, `\"`), as MySQL has it.
    pub(crate) backslash: bool,
}

/// Most fields of a row; more are dropped.
const FIELDS_MAX: usize = 256;
/// Longest row; the rest of a longer one is dropped. Statements are cut to far less.
const ROW_BYTES_MAX: usize = 32 * 1024 * 1024;

/// One row: its fields, unescaped.
#[derive(Debug, Default)]
pub(crate) struct Row {
    bytes: Vec<u8>,
    /// Where each field ends in `bytes`.
    ends: Vec<usize>,
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
}

impl Row {
    /// Field `idx`; empty when the row has fewer.
    pub(crate) fn field(&self, idx: usize) -> &[u8] {
        let start = match idx.checked_sub(1) {
            Some(before) => self.ends.get(before).copied(),
            None => Some(0),
        };
        let (Some(start), Some(end)) = (start, self.ends.get(idx)) else { return b"" };
        self.bytes.get(start..*end).unwrap_or_default()
    }

    /// How many fields it has.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// Where in a row the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// At the first byte of a field.
    FieldStart,
    /// In a field without quotes.
    Plain,
    /// In a field in quotes.
    Quoted,
    /// Behind a quote within a quoted field: its end, or the first of two.
    Quote,
    /// Behind a backslash; then on as before.
    Escape { quoted: bool },
}

/// Cuts pushed bytes into rows.
#[derive(Debug)]
pub(crate) struct Rows {
    dialect: Dialect,
    at: At,
    row: Row,
    line: u64,
    /// Whether a row was cut at [`ROW_BYTES_MAX`].
    pub(crate) cut: u64,
}

impl Rows {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            at: At::FieldStart,
            row: Row { line: 1, ..Row::default() },
            line: 1,
            cut: 0,
        }
    }

    /// Lines so far.
    pub(crate) fn lines(&self) -> u64 {
        self.line - 1
    }

    /// Takes bytes and gives every row that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&Row)) {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            at += self.step(rest, &mut take);
        }
    }

    /// Ends the input: a last row without its line end is a row.
    pub(crate) fn finish(&mut self, mut take: impl FnMut(&Row)) {
        if self.at != At::FieldStart || !self.row.ends.is_empty() || !self.row.bytes.is_empty() {
            self.line += 1;
            self.end_row(&mut take);
        }
    }

    /// Takes at least one byte; gives how many.
    fn step(&mut self, rest: &[u8], take: &mut impl FnMut(&Row)) -> usize {
        let first = rest.first().copied().unwrap_or(0);
        match self.at {
            At::FieldStart if first == b'"' && self.dialect.quotes => {
                self.at = At::Quoted;
                1
            }
            At::FieldStart | At::Plain => {
                let len = rest
                    .iter()
                    .position(|&b| {
                        b == self.dialect.delimiter
                            || b == b'\n'
                            || (b == b'\\' && self.dialect.backslash)
                    })
                    .unwrap_or(rest.len());
                self.keep(rest.get(..len).unwrap_or_default());
                self.at = At::Plain;
                match rest.get(len) {
                    Some(b'\n') => {
                        self.line += 1;
                        self.end_row(take);
                    }
                    Some(b'\\') if self.dialect.backslash => self.at = At::Escape { quoted: false },
                    Some(_) => self.end_field(),
                    None => return len,
                }
                len + 1
            }
            At::Quoted => {
                let found = if self.dialect.backslash {
                    memchr2(b'"', b'\\', rest)
                } else {
                    memchr(b'"', rest)
                };
                let len = found.unwrap_or(rest.len());
                let part = rest.get(..len).unwrap_or_default();
                self.line += memchr::memchr_iter(b'\n', part).count() as u64;
                self.keep(part);
                match rest.get(len) {
                    Some(b'"') => self.at = At::Quote,
                    Some(_) => self.at = At::Escape { quoted: true },
                    None => return len,
                }
                len + 1
            }
            At::Quote if first == b'"' => {
                self.keep(b"\"");
                self.at = At::Quoted;
                1
            }
            At::Quote => {
                // What follows belongs to the field as it stands, up to its delimiter.
                self.at = At::Plain;
                0
            }
            At::Escape { quoted } => {
                if first == b'\n' {
                    self.line += 1;
                }
                let meant: &[u8] = match first {
                    b'n' => b"\n",
                    b't' => b"\t",
                    b'r' => b"\r",
                    b'0' => b"\0",
                    b'b' => b"\x08",
                    b'Z' => b"\x1a",
                    // `\N` is NULL.
                    b'N' if self.is_field_empty() => b"",
                    _ => rest.get(..1).unwrap_or_default(),
                };
                self.keep(meant);
                self.at = if quoted { At::Quoted } else { At::Plain };
                1
            }
        }
    }

    fn is_field_empty(&self) -> bool {
        self.row.bytes.len() == self.row.ends.last().copied().unwrap_or(0)
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = ROW_BYTES_MAX.saturating_sub(self.row.bytes.len());
        if bytes.len() > room {
            self.cut += 1;
        }
        self.row.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn end_field(&mut self) {
        if self.row.ends.len() < FIELDS_MAX {
            self.row.ends.push(self.row.bytes.len());
        }
        self.at = At::FieldStart;
    }

    fn end_row(&mut self, take: &mut impl FnMut(&Row)) {
        if self.row.bytes.last() == Some(&b'\r')
            && self.row.ends.last().is_none_or(|end| *end < self.row.bytes.len())
        {
            self.row.bytes.pop();
        }
        self.end_field();
        if self.row.len() > 1 || !self.row.bytes.is_empty() {
            take(&self.row);
        }
        self.row.clear();
        self.row.line = self.line;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CSV: Dialect = Dialect { delimiter: b',', quotes: true, backslash: false };
    const MYSQL_CSV: Dialect = Dialect { delimiter: b',', quotes: true, backslash: true };
    const BATCH: Dialect = Dialect { delimiter: b'\t', quotes: false, backslash: true };

    fn rows(dialect: Dialect, pieces: &[&[u8]]) -> Vec<(u64, Vec<String>)> {
        let mut found = Vec::new();
        let mut take = |row: &Row| {
            let fields =
                (0..row.len()).map(|idx| String::from_utf8_lossy(row.field(idx)).into_owned());
            found.push((row.line, fields.collect()));
        };
        let mut reader = Rows::new(dialect);
        for piece in pieces {
            reader.push(piece, &mut take);
        }
        reader.finish(&mut take);
        found
    }

    fn row(line: u64, fields: &[&str]) -> (u64, Vec<String>) {
        (line, fields.iter().map(|&field| field.to_owned()).collect())
    }

    #[test]
    fn each_dialect_is_unescaped_in_its_own_way() {
        assert_eq!(
            rows(CSV, &[b"a,\"b \"\"c\"\"\nd\",\\n\r\n,e\n"]),
            [row(1, &["a", "b \"c\"\nd", "\\n"]), row(3, &["", "e"])]
        );
        assert_eq!(
            rows(MYSQL_CSV, &[b"1,\"a \\\"b\\\" \\\\ \\n\",\\N\n\"x\\\ny\",2"]),
            [row(1, &["1", "a \"b\" \\ \n", ""]), row(2, &["x\ny", "2"])]
        );
        assert_eq!(rows(BATCH, &[b"a\t\"b\\tc\\n\"\t\n"]), [row(1, &["a", "\"b\tc\n\"", ""])]);
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_changes_nothing(text in "[a,\"\\\\\n\tN ]{0,40}", cut in 0_usize..40) {
            for dialect in [CSV, MYSQL_CSV, BATCH] {
                let bytes = text.as_bytes();
                let (one, two) = bytes.split_at(cut.min(bytes.len()));
                prop_assert_eq!(rows(dialect, &[bytes]), rows(dialect, &[one, two]));
            }
        }
    }
}
