//! One column of CSV, as consoles export what they show of a log. Which column it is, is told by
//! what stands in it: consoles name it as they like, and some let the user choose.

use super::pieces::Pieces;
use super::{Open, when};
use crate::rows::{Dialect, Row, Rows};
use text::Raw;

/// Bytes of a name of a column.
const NAME_MAX: usize = 64;
/// Columns with the longest texts, which are tried.
const TRIED: usize = 3;
/// Rows that are looked at.
const ROWS_MAX: usize = 50;

/// Where in CSV a log stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    dialect: Dialect,
    /// The column of the line or entry.
    text: usize,
    /// What it is called.
    pub(super) name: String,
    /// The column of its time.
    time: Option<usize>,
}

/// What a first row of names says, as written by consoles: short words, none of them a number.
fn are_names(row: &Row) -> bool {
    (0..row.len()).all(|idx| {
        let name = bare(row.field(idx));
        name.len() <= NAME_MAX
            && !name.first().is_some_and(u8::is_ascii_digit)
            && name.iter().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | 0x80..))
    }) && !bare(row.field(0)).is_empty()
}

/// A field without a byte order mark, and blanks.
pub(super) fn bare(field: &[u8]) -> &[u8] {
    let field = field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(field).trim_ascii();
    // A quote is left when a byte order mark stood before it.
    field.strip_prefix(b"\"").and_then(|field| field.strip_suffix(b"\"")).unwrap_or(field)
}

/// How a source is separated, by its first line.
pub(super) fn dialect_of(line: &[u8]) -> Dialect {
    let count = |byte| memchr::memchr_iter(byte, line).count();
    let delimiter = [b',', b';', b'\t', b'|'].into_iter().max_by_key(|byte| {
        // Of equals the first.
        (count(*byte), std::cmp::Reverse(*byte == b'|'), std::cmp::Reverse(*byte == b'\t'))
    });
    Dialect { delimiter: delimiter.unwrap_or(b','), quotes: true, backslash: false }
}

/// The rows of a head that are whole, at most so many, and its first line's dialect.
pub(super) fn rows_of(head: &[u8], whole: bool) -> (Dialect, Vec<Vec<Vec<u8>>>) {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let dialect = dialect_of(line);
    let mut rows: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut reader = Rows::new(dialect);
    let mut take = |row: &Row| {
        if rows.len() <= ROWS_MAX {
            rows.push((0..row.len()).map(|idx| row.field(idx).to_vec()).collect());
        }
    };
    reader.push(head, &mut take);
    if whole {
        reader.finish(&mut take);
    }
    (dialect, rows)
}

/// The places where a log may stand in a source, the likeliest first.
pub(super) fn places_of(head: &[u8], whole: bool) -> Vec<Place> {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if line.len() > ROWS_MAX * NAME_MAX {
        return Vec::new();
    }
    let (dialect, rows) = rows_of(head, whole);
    let mut names = Vec::new();
    Rows::new(dialect).push(&[line, b"\n"].concat(), |row| {
        if are_names(row) {
            names = (0..row.len()).map(|idx| Raw::from_bytes(bare(row.field(idx)))).collect();
        }
    });
    let Some((_, data)) = rows.split_first().filter(|(_, data)| !data.is_empty()) else {
        return Vec::new();
    };
    let alike = data.iter().filter(|row| row.len() == names.len()).count();
    let alone = names.len() == 1
        && !names.first().is_some_and(|name| {
            super::KEYS.iter().chain(super::JSON_COLUMNS).any(|key| *key == name.untrusted())
        });
    if names.is_empty() || alone || alike * 10 < data.len() * 9 {
        return Vec::new();
    }
    let field = |row: &'_ Vec<Vec<u8>>, idx: usize| row.get(idx).cloned().unwrap_or_default();
    let is_time = |idx: &usize| {
        let timed = data.iter().filter(|row| when::parse(&field(row, *idx)).is_some()).count();
        timed * 10 >= data.len() * 9
    };
    let time = (0..names.len()).find(is_time);
    let mut lengths: Vec<(usize, usize)> = (0..names.len())
        .map(|idx| (data.iter().map(|row| row.get(idx).map_or(0, Vec::len)).sum(), idx))
        .collect();
    lengths.sort_by_key(|(len, idx)| (std::cmp::Reverse(*len), *idx));
    lengths
        .into_iter()
        .take(TRIED)
        .filter_map(|(_, text)| {
            let name = names.get(text)?.untrusted().to_owned();
            Some(Place { dialect, text, name, time })
        })
        .collect()
}

/// Gives the fields of one column, each as a line of its own or as several.
#[derive(Debug)]
pub(super) struct Column {
    place: Place,
    rows: Rows,
    /// Whether the row of names was read.
    named: bool,
}

impl Column {
    pub(super) fn new(place: Place) -> Self {
        Self { rows: Rows::new(place.dialect), place, named: false }
    }
}

impl Open for Column {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let Self { place, rows, named } = self;
        rows.push(bytes, |row| take(place, named, row, out));
    }

    fn end(&mut self, out: &mut Pieces) {
        let Self { place, rows, named } = self;
        rows.finish(|row| take(place, named, row, out));
        if rows.cut > 0 {
            out.issues.add("row longer than is read: cut", "", 0);
        }
    }
}

fn take(place: &Place, named: &mut bool, row: &Row, out: &mut Pieces) {
    if !std::mem::replace(named, true) {
        return;
    }
    let text = row.field(place.text);
    if text.is_empty() {
        return;
    }
    let time = place.time.filter(|_| out.wants_time()).map(|idx| row.field(idx));
    out.begin(time.and_then(when::parse));
    out.text(text);
    out.end_line();
}
