//! Rows as `INSERT` statements: `mysqldump`, Workbench, DBeaver.

use super::super::Open;
use super::super::pieces::Pieces;
use super::ROW_BYTES_MAX;
use super::sheet::{COLUMNS_MAX, Sheet};

/// The columns of `mysql.slow_log` in its order, where the dump does not name them: the last is
/// MariaDB's.
const SLOW_LOG: &[&str] = &[
    "start_time",
    "user_host",
    "query_time",
    "lock_time",
    "rows_sent",
    "rows_examined",
    "db",
    "last_insert_id",
    "insert_id",
    "server_id",
    "sql_text",
    "thread_id",
    "rows_affected",
];

/// Longest statement that begins none of rows, such as one that makes a table.
const OTHER_BYTES_MAX: usize = 64 * 1024;

/// Where in the text a byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// In what comes before `VALUES`, or in another statement.
    #[default]
    Before,
    /// In a quoted text there, which this byte ends.
    BeforeQuoted(u8),
    /// In a comment to the end of the line.
    Comment,
    /// Between rows.
    Rows,
    /// In a row.
    Row,
    /// In a string of it.
    String,
    /// Behind a quote, which ends it or is the first of two.
    Quote,
    /// Behind a backslash.
    Escape,
}

/// Reads such statements.
#[derive(Debug, Default)]
pub(super) struct Inserts {
    at: At,
    statement: Vec<u8>,
    /// The columns that the last table was made with.
    made: Vec<Vec<u8>>,
    sheet: Sheet,
    wanted: bool,
    fields: Vec<Vec<u8>>,
    field: Vec<u8>,
    /// Whether the field is a string: what stands before it (`_binary`) is none of it.
    quoted: bool,
    n_bytes: usize,
    begun: bool,
    cut: u64,
}

impl Inserts {
    fn byte(&mut self, byte: u8, out: &mut Pieces) {
        match self.at {
            At::Before => self.before(byte, out),
            At::BeforeQuoted(end) => {
                self.keep(byte);
                if byte == end {
                    self.at = At::Before;
                }
            }
            At::Comment => {
                if byte == b'\n' {
                    self.keep(byte);
                    self.at = At::Before;
                }
            }
            At::Rows => match byte {
                b'(' => {
                    self.at = At::Row;
                    self.n_bytes = 0;
                }
                b';' => self.at = At::Before,
                _ => {}
            },
            At::Row => match byte {
                b'\'' => {
                    self.at = At::String;
                    self.field.clear();
                    self.quoted = true;
                }
                b',' => self.end_field(),
                b')' => {
                    self.end_field();
                    if self.wanted {
                        self.sheet.row(&self.fields, out);
                    }
                    self.fields.clear();
                    self.at = At::Rows;
                }
                _ if !self.quoted => self.value(byte),
                _ => {}
            },
            At::String => match byte {
                b'\\' => self.at = At::Escape,
                b'\'' => self.at = At::Quote,
                _ => self.value(byte),
            },
            At::Escape => {
                self.at = At::String;
                self.value(match byte {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'0' => 0,
                    b'Z' => 0x1a,
                    other => other,
                });
            }
            At::Quote => {
                self.at = At::Row;
                if byte == b'\'' {
                    self.value(b'\'');
                    self.at = At::String;
                } else {
                    self.byte(byte, out);
                }
            }
        }
    }

    fn before(&mut self, byte: u8, out: &mut Pieces) {
        match byte {
            b';' => {
                self.learn();
                self.statement.clear();
            }
            b'-' if self.statement == b"-" || self.statement.ends_with(b"\n-") => {
                self.statement.pop();
                self.at = At::Comment;
            }
            b'\'' | b'"' | b'`' => {
                self.keep(byte);
                self.at = At::BeforeQuoted(byte);
            }
            _ => {
                self.keep(byte);
                let text = self.statement.trim_ascii_start();
                let ends = byte.is_ascii_whitespace() || byte == b'(';
                if ends && is_insert(text) && has_values(text) {
                    self.begin(out);
                    if byte == b'(' {
                        self.byte(byte, out);
                    }
                }
            }
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.statement.len() < OTHER_BYTES_MAX {
            self.statement.push(byte);
        }
    }

    /// Learns the columns of a table that is made.
    fn learn(&mut self) {
        let text = self.statement.trim_ascii_start();
        if text.get(..12).is_some_and(|start| start.eq_ignore_ascii_case(b"CREATE TABLE")) {
            let lines = text.split(|byte| *byte == b'\n').skip(1);
            self.made = lines.filter_map(column).collect();
        }
    }

    /// Begins the rows of an `INSERT`.
    fn begin(&mut self, out: &mut Pieces) {
        let statement = std::mem::take(&mut self.statement);
        let text = statement.trim_ascii();
        let open = memchr::memchr(b'(', text);
        let named: Vec<Vec<u8>> = match open {
            Some(open) => {
                let close = memchr::memchr(b')', text).unwrap_or(text.len());
                let inside = text.get(open + 1..close).unwrap_or_default();
                inside.split(|byte| *byte == b',').map(bare).collect()
            }
            None => Vec::new(),
        };
        let names = if !named.iter().all(Vec::is_empty) {
            named
        } else if !self.made.is_empty() {
            self.made.clone()
        } else {
            SLOW_LOG.iter().map(|name| name.as_bytes().to_vec()).collect()
        };
        self.wanted = self.sheet.begin(&names, out);
        self.at = At::Rows;
    }

    fn value(&mut self, byte: u8) {
        self.n_bytes += 1;
        if self.n_bytes < ROW_BYTES_MAX {
            self.field.push(byte);
        } else if self.n_bytes == ROW_BYTES_MAX {
            self.cut += 1;
        }
    }

    fn end_field(&mut self) {
        let mut field = std::mem::take(&mut self.field);
        if !std::mem::take(&mut self.quoted) {
            field = match field.trim_ascii() {
                b"NULL" => Vec::new(),
                text => hex(text).unwrap_or_else(|| text.to_vec()),
            };
        }
        if self.fields.len() < COLUMNS_MAX {
            self.fields.push(field);
        }
    }
}

fn is_insert(text: &[u8]) -> bool {
    text.get(..11).is_some_and(|start| start.eq_ignore_ascii_case(b"INSERT INTO"))
}

/// Whether `VALUES` ends a text, before its bracket if there is one.
fn has_values(text: &[u8]) -> bool {
    let text = text.strip_suffix(b"(").unwrap_or(text).trim_ascii_end();
    text.len() > 6
        && text.get(text.len() - 6..).is_some_and(|end| end.eq_ignore_ascii_case(b"VALUES"))
}

/// The name of a column in a line of `CREATE TABLE`.
fn column(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.trim_ascii_start().strip_prefix(b"`")?;
    line.get(..memchr::memchr(b'`', line)?).map(<[u8]>::to_vec)
}

/// A name without its quotes.
fn bare(name: &[u8]) -> Vec<u8> {
    let name = name.trim_ascii();
    name.iter().copied().filter(|byte| !matches!(byte, b'`' | b'"')).collect()
}

/// `0x414243`, as `--hex-blob` writes texts.
fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.strip_prefix(b"0x")?;
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

impl Open for Inserts {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let bytes = if std::mem::replace(&mut self.begun, true) {
            bytes
        } else {
            bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
        };
        for &byte in bytes {
            self.byte(byte, out);
        }
    }

    fn end(&mut self, out: &mut Pieces) {
        if self.at != At::Before && self.at != At::Comment {
            out.issues.add("the last INSERT is not whole", "", 0);
        }
        if self.cut > 0 {
            out.issues.add("row longer than is read: cut", "", 0);
        }
    }
}
