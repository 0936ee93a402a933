//! One column of CSV, as consoles export what they show of a log.

use crate::rows::{Dialect, Row, Rows};

/// The columns that hold a line or an entry, by whose they are: Google's Logs Explorer, CloudWatch's
/// Logs Insights and its console, Azure's Log Analytics.
const NAMES: &[&str] =
    &["textPayload", "@message", "message", "record_message_s", "Message", "MESSAGE"];

/// Bytes of a first line that are looked at.
const NAMES_BYTES_MAX: usize = 8 * 1024;

const DIALECT: Dialect = Dialect { delimiter: b',', quotes: true, backslash: false };

/// The place of a column in a row of names.
fn place_of(row: &Row, name: &str) -> Option<usize> {
    let bare = |idx: usize| {
        let field = row.field(idx);
        field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(field).trim_ascii()
    };
    (0..row.len()).find(|idx| bare(*idx) == name.as_bytes())
}

/// The column of a source that begins with a row of names, one of which is known.
pub(super) fn name_of(head: &[u8]) -> Option<&'static str> {
    let line = head.split_inclusive(|byte| *byte == b'\n').next()?;
    if line.len() > NAMES_BYTES_MAX || !line.contains(&b',') {
        return None;
    }
    let mut found = None;
    Rows::new(DIALECT).push(line, |row| {
        found = NAMES.iter().copied().find(|name| place_of(row, name).is_some());
    });
    found
}

/// Appends the fields of one column, each as a line of its own or as several.
#[derive(Debug)]
pub(crate) struct Column {
    name: &'static str,
    rows: Rows,
    place: Option<usize>,
}

impl Column {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, rows: Rows::new(DIALECT), place: None }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let Self { name, rows, place } = self;
        rows.push(bytes, |row| take(name, place, row, out));
    }

    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        let Self { name, rows, place } = self;
        rows.finish(|row| take(name, place, row, out));
    }
}

fn take(name: &str, place: &mut Option<usize>, row: &Row, out: &mut Vec<u8>) {
    let Some(place) = *place else {
        // The row of names.
        *place = Some(place_of(row, name).unwrap_or(usize::MAX));
        return;
    };
    let text = row.field(place);
    out.extend_from_slice(text);
    if !text.is_empty() && !text.ends_with(b"\n") {
        out.push(b'\n');
    }
}
