//! One table of CSV, whatever a source holds: further tables are put under its names.

use super::super::pieces::Pieces;

/// Columns of a table that are kept.
pub(super) const COLUMNS_MAX: usize = 200;

/// Columns that hold a statement, and may hold what separates values.
pub(super) const TEXTS: &[&str] = &["query", "sql_text", "digest_text", "query_text", "message"];

/// What is written.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// The names of the first table that is wanted.
    names: Vec<Vec<u8>>,
    /// Which value of a row of the table at hand stands under each name.
    map: Vec<Option<usize>>,
    wanted: bool,
}

/// Whether names are those of a table that is read.
pub(super) fn are_known(names: &[Vec<u8>]) -> bool {
    let is = |list: &[&str], name: &[u8]| {
        list.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    };
    if let [name] = names {
        return is(super::super::JSON_COLUMNS, name);
    }
    names.len() <= COLUMNS_MAX
        && super::super::is_table(&line(names.iter().map(Vec::as_slice)), true)
}

/// A row of CSV.
fn line<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for (n, field) in fields.enumerate() {
        if n > 0 {
            out.push(b',');
        }
        out.push(b'"');
        for part in field.split_inclusive(|byte| *byte == b'"') {
            out.extend_from_slice(part);
            if part.ends_with(b"\"") {
                out.push(b'"');
            }
        }
        out.push(b'"');
    }
    out.push(b'\n');
    out
}

impl Sheet {
    /// Begins a table of these columns; whether its rows are wanted.
    pub(super) fn begin(&mut self, names: &[Vec<u8>], out: &mut Pieces) -> bool {
        self.wanted = are_known(names);
        if !self.wanted {
            return false;
        }
        if self.names.is_empty() {
            self.names = names.to_vec();
            self.write(names.iter().map(Vec::as_slice), out);
        }
        let place =
            |name: &Vec<u8>| names.iter().position(|known| known.eq_ignore_ascii_case(name));
        self.map = self.names.iter().map(place).collect();
        true
    }

    /// Writes a row of the table at hand.
    pub(super) fn row<F: AsRef<[u8]>>(&self, fields: &[F], out: &mut Pieces) {
        if !self.wanted {
            return;
        }
        let field = |idx: &Option<usize>| {
            idx.and_then(|idx| fields.get(idx)).map(AsRef::as_ref).unwrap_or_default()
        };
        self.write(self.map.iter().map(field), out);
    }

    fn write<'a>(&self, fields: impl Iterator<Item = &'a [u8]>, out: &mut Pieces) {
        out.begin(None);
        out.text(&line(fields));
    }
}
