//! `COPY pg_stat_statements TO` in its text form: which columns there are is told by their number.
//!
//! Source: the definitions of the extension's versions 1.2 to 1.12.

use super::super::Open;
use super::super::pieces::Pieces;
use super::sheet::Sheet;
use crate::rows::{Dialect, Rows};

/// What comes before the statistics of times, in every version.
const BEFORE: &[&str] = &["userid", "dbid", "queryid", "query"];
/// Up to version 1.7: PostgreSQL 9.4, and from 9.5 on.
const TIMES_94: &[&str] = &["calls", "total_time", "rows"];
const TIMES_95: &[&str] =
    &["calls", "total_time", "min_time", "max_time", "mean_time", "stddev_time", "rows"];
/// From version 1.8 on.
const TIMES_13: &[&str] = &[
    "plans",
    "total_plan_time",
    "min_plan_time",
    "max_plan_time",
    "mean_plan_time",
    "stddev_plan_time",
    "calls",
    "total_exec_time",
    "min_exec_time",
    "max_exec_time",
    "mean_exec_time",
    "stddev_exec_time",
    "rows",
];

const DIALECT: Dialect = Dialect { delimiter: b'\t', quotes: false, backslash: true };

/// The names of so many columns.
fn names(columns: usize) -> Option<Vec<Vec<u8>>> {
    let times = match columns {
        18 => TIMES_94,
        23 => TIMES_95,
        32.. => TIMES_13,
        _ => return None,
    };
    let (ids, query) = BEFORE.split_at(2);
    let toplevel: &[&str] = if columns > 32 { &["toplevel"] } else { &[] };
    let known = ids.iter().chain(toplevel).chain(query).chain(times);
    let mut names: Vec<Vec<u8>> = known.map(|name| name.as_bytes().to_vec()).collect();
    // What comes behind is not used.
    let more = columns.checked_sub(names.len())?;
    names.extend((0..more).map(|n| format!("column {n}").into_bytes()));
    Some(names)
}

/// The number of columns of a source that begins with such a row.
pub(super) fn columns_of(head: &[u8]) -> Option<usize> {
    let line = head.split_inclusive(|byte| *byte == b'\n').next()?;
    let mut columns = None;
    Rows::new(DIALECT).push(line, |row| {
        let names = names(row.len());
        let is_number = |name: &[u8]| {
            let place = names.iter().flatten().position(|known| known == name);
            place.is_some_and(|place| {
                let field = row.field(place);
                !field.is_empty()
                    && field.iter().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'e'))
            })
        };
        let fits = is_number(b"userid") && is_number(b"dbid") && is_number(b"calls");
        columns = (fits && is_number(b"rows")).then(|| row.len());
    });
    columns
}

/// Reads such rows.
#[derive(Debug)]
pub(super) struct Copied {
    rows: Rows,
    names: Option<Vec<Vec<u8>>>,
    sheet: Sheet,
}

impl Copied {
    pub(super) fn new(columns: usize) -> Self {
        Self { rows: Rows::new(DIALECT), names: names(columns), sheet: Sheet::default() }
    }

    fn begin(&mut self, out: &mut Pieces) {
        if let Some(names) = self.names.take() {
            self.sheet.begin(&names, out);
        }
    }
}

impl Open for Copied {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        self.begin(out);
        let Self { rows, sheet, .. } = self;
        rows.push(bytes, |row| {
            let fields: Vec<&[u8]> = (0..row.len()).map(|idx| row.field(idx)).collect();
            // `\.` ends what `pg_dump` writes.
            if fields.len() > 1 {
                sheet.row(&fields, out);
            }
        });
    }

    fn end(&mut self, out: &mut Pieces) {
        let Self { rows, sheet, .. } = self;
        rows.finish(|row| {
            let fields: Vec<&[u8]> = (0..row.len()).map(|idx| row.field(idx)).collect();
            if fields.len() > 1 {
                sheet.row(&fields, out);
            }
        });
    }
}
