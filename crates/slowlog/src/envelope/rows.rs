//! Rows of csvlog that somebody has written again: with every field quoted, with another separator,
//! or some columns of a table under their names. They become rows as the server writes them.

use super::column::{bare, rows_of};
use super::pieces::Pieces;
use super::{Open, when};
use crate::pg::clock::Clock;
use crate::pg::layout::{self, Layout};
use crate::pg::severity::Severity;
use crate::rows::{Dialect, Row, Rows};

/// The columns that are used, by their place in csvlog.
const COLUMNS: &[(&str, usize)] = &[
    ("log_time", 0),
    ("user_name", 1),
    ("database_name", 2),
    ("process_id", 3),
    ("connection_from", 4),
    ("session_id", 5),
    ("command_tag", 7),
    ("error_severity", 11),
    ("sql_state_code", 12),
    ("message", 13),
    ("detail", 14),
    ("hint", 15),
    ("context", 18),
    ("query", 19),
    ("application_name", 22),
];

/// Columns of a row, as the newest servers write them.
const WIDTH: usize = 26;
const SEVERITY: usize = 11;
const MESSAGE: usize = 13;

/// How rows were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    dialect: Dialect,
    /// Which column stands where; `None`: all in their order, without names.
    places: Option<Vec<(usize, usize)>>,
}

impl Written {
    /// If a source has such rows.
    pub(super) fn of(head: &[u8], whole: bool) -> Option<Self> {
        let (dialect, rows) = rows_of(head, whole);
        let (first, rest) = rows.split_first()?;
        let place = |name: &str| {
            first.iter().position(|field| bare(field).eq_ignore_ascii_case(name.as_bytes()))
        };
        let places: Vec<(usize, usize)> =
            COLUMNS.iter().filter_map(|(name, to)| Some((place(name)?, *to))).collect();
        let has = |column| places.iter().any(|(_, to)| *to == column);
        if has(0) && has(MESSAGE) && !rest.is_empty() {
            return Some(Self { dialect, places: Some(places) });
        }
        let field = |idx: usize| first.get(idx).map(Vec::as_slice).unwrap_or_default();
        let fits = first.len() >= 22
            && Clock::new(None).parse(bare(field(0))).is_some()
            && is_severity(field(SEVERITY));
        // As the server writes them they are read as they are.
        let is_plain = || {
            let found = layout::recognise(head, whole, None);
            found.is_some_and(|found| found.layout == Layout::Csv)
        };
        (fits && !is_plain()).then_some(Self { dialect, places: None })
    }
}

fn is_severity(word: &[u8]) -> bool {
    Severity::of(word).is_some()
        || std::str::from_utf8(word).ok().and_then(Severity::of_localised).is_some()
}

/// Writes such rows as the server does.
#[derive(Debug)]
pub(super) struct Rewritten {
    written: Written,
    rows: Rows,
    first: bool,
}

impl Rewritten {
    pub(super) fn new(written: Written) -> Self {
        Self { rows: Rows::new(written.dialect), written, first: true }
    }
}

impl Written {
    fn row(&self, row: &Row, is_first: bool, out: &mut Pieces) {
        if is_first && self.places.is_some() {
            return;
        }
        let from = |to: usize| match &self.places {
            Some(places) => {
                let place = places.iter().find(|(_, column)| *column == to);
                place.map_or(&b""[..], |(idx, _)| row.field(*idx))
            }
            None => row.field(to),
        };
        let time = bare(from(0));
        out.begin(when::in_record(time));
        out.text(time);
        for column in 1..WIDTH {
            out.text(b",");
            let mut value = from(column);
            if column == SEVERITY && value.is_empty() {
                // Who leaves it out has statements only.
                value = b"LOG";
            }
            if value.is_empty() {
                continue;
            }
            out.text(b"\"");
            for part in value.split_inclusive(|byte| *byte == b'"') {
                out.text(part);
                if part.ends_with(b"\"") {
                    out.text(b"\"");
                }
            }
            out.text(b"\"");
        }
        out.text(b"\n");
    }
}

impl Open for Rewritten {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let Self { written, rows, first } = self;
        rows.push(bytes, |row| written.row(row, std::mem::replace(first, false), out));
    }

    fn end(&mut self, out: &mut Pieces) {
        let Self { written, rows, first } = self;
        rows.finish(|row| written.row(row, std::mem::replace(first, false), out));
    }
}
