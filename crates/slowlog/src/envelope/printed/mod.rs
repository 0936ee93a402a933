//! Tables as clients print them, dump them or hand them out as JSON: turned into CSV with a row of
//! names, which is what the readers of tables read.

mod copied;
mod grid;
mod inserts;
mod lines;
mod markup;
mod objects;
mod pairs;
mod sheet;
mod unaligned;

use super::Open;
use super::forms::{self, Form};
use unaligned::Separated;

/// A form in which a table is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Printed {
    /// Columns under one another: `psql` with any border, `mysql` in boxes.
    Grid,
    /// One value to a line: `\x` of `psql`.
    Expanded,
    /// The same without alignment: `\x` with `\a`.
    ExpandedUnaligned,
    /// The same of `mysql`: `\G`.
    Vertical,
    /// Values with a separator and without quotes, which may hold line ends: `psql -A`,
    /// `mysql --batch --raw`.
    Unaligned(Separated),
    /// `COPY` of `pg_stat_statements` without a row of names.
    Copied(usize),
    /// `INSERT` as `mysqldump` writes it.
    Inserts,
    /// XML and HTML: `mysql -X` and `-H`, `psql -H`.
    Markup,
    /// An object to a line: `json_agg`, Workbench, DBeaver.
    Objects,
}

impl Printed {
    /// As it is said and documented.
    pub(super) fn form(&self) -> &'static Form {
        match self {
            Self::Grid => &forms::GRID,
            Self::Expanded | Self::ExpandedUnaligned => &forms::EXPANDED,
            Self::Vertical => &forms::VERTICAL,
            Self::Unaligned(_) => &forms::UNALIGNED,
            Self::Copied(_) => &forms::COPIED,
            Self::Inserts => &forms::INSERTS,
            Self::Markup => &forms::MARKUP,
            Self::Objects => &forms::OBJECTS,
        }
    }

    pub(super) fn opener(&self) -> Box<dyn Open> {
        match self {
            Self::Grid => Box::new(grid::Grid::default()),
            Self::Expanded => Box::new(pairs::Pairs::new(pairs::Style::Expanded)),
            Self::ExpandedUnaligned => Box::new(pairs::Pairs::new(pairs::Style::Unaligned)),
            Self::Vertical => Box::new(pairs::Pairs::new(pairs::Style::Vertical)),
            Self::Unaligned(separated) => Box::new(unaligned::Unaligned::new(separated.clone())),
            Self::Copied(columns) => Box::new(copied::Copied::new(*columns)),
            Self::Inserts => Box::new(inserts::Inserts::default()),
            Self::Markup => Box::new(markup::Markup::default()),
            Self::Objects => Box::new(objects::Objects::default()),
        }
    }

    /// The forms that a source that is no JSON may have.
    pub(super) fn all_of(head: &[u8]) -> Vec<Self> {
        let mut forms = Vec::new();
        if markup::is_in(head) {
            // Whatever its texts hold.
            return vec![Self::Markup];
        }
        let lines = || head.split(|byte| *byte == b'\n').take(LINES_MAX);
        if lines().any(pairs::is_record) {
            forms.push(Self::Expanded);
        }
        if lines().any(pairs::is_row) {
            forms.push(Self::Vertical);
        }
        if lines().any(grid::is_rule) {
            forms.push(Self::Grid);
        }
        if memchr::memmem::find(head, b"INSERT INTO ").is_some() {
            forms.push(Self::Inserts);
        }
        forms.extend(Separated::of(head).map(Self::Unaligned));
        forms.extend(copied::columns_of(head).map(Self::Copied));
        if pairs::are_unaligned(head) {
            forms.push(Self::ExpandedUnaligned);
        }
        forms
    }
}

/// Lines at the start of a source that are looked at.
const LINES_MAX: usize = 60;
/// Longest row; the rest of a longer one is passed over.
const ROW_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Whether a table would be misread as CSV: one of raw values, or with a rule under its names.
pub(super) fn is_no_csv(head: &[u8]) -> bool {
    Separated::of(head).is_some()
        || head.split(|byte| *byte == b'\n').nth(1).is_some_and(grid::is_rule)
}

#[cfg(test)]
mod tests;
