//! Slow query logs of Azure Database for MySQL, as its diagnostic settings send them: records of
//! the category `MySqlSlowLogs`, one JSON object to a line, nested (storage account, event hub) or
//! flat (data export of Log Analytics). Rows in CSV are read as those of the table.
//!
//! Source: Azure, "Slow query logs in Azure Database for MySQL"; Azure Monitor's reference of
//! `AzureDiagnostics` and `MySqlSlowLogs`.

use super::chunked::Chunked;
use super::columns::{Column, Values};
use super::fold::Fold;
use crate::asked::{Filter, Party};
use crate::envelope;
use crate::json::{Text, is_end, plain, walk};
use crate::lines::Lines;
use crate::records::SlowLog;
use crate::rows::{Dialect, Rows};
use chrono_tz::Tz;
use model::{Format, Parsed, Sink};

/// Records of Azure's, or rows of the table as objects.
pub(crate) const FORMAT: Format =
    Format { name: "mysql azure", kind: "slow query log", score: |head| score(head.bytes) };

/// Its audit log, which is known and not read.
pub(crate) const AUDIT_FORMAT: Format = Format {
    name: "mysql azure audit log",
    kind: "audit log",
    score: |head| if is_audit(head.bytes) { 90 } else { 0 },
};

/// Said of records of other categories, which one export may hold beside slow statements.
pub(super) const OTHER_CATEGORY: &str =
    "record of another category than MySqlSlowLogs: passed over";

const SLOW: &[u8] = b"MySqlSlowLogs";
const AUDIT: &[u8] = b"MySqlAuditLogs";

/// Longest line that is read. Azure cuts statements at
/// [`CUT_CHARS`].
const LINE_BYTES_MAX: usize = 1024 * 1024;
/// Characters at which the service cuts a statement.
const CUT_CHARS: usize = 2_048;
/// Records at the start of a source that are looked at.
const RECORDS_MAX: usize = 50;

/// Reads such records.
///
/// - Input: one object to a line; an array of them is taken apart before.
/// - Output: as of the slow log file.
/// - Issues: lines that are no object, records without a duration or a statement, statements that
///   the service has cut, records of other categories.
pub(crate) struct AzureSlowLog {
    lines: Lines,
    entries: Chunked,
}

impl AzureSlowLog {
    pub(crate) fn new(label: &str, tz: Option<Tz>, keep_literals: bool) -> Self {
        Self {
            lines: Lines::new(LINE_BYTES_MAX),
            entries: Chunked::new(label, FORMAT.name, tz, keep_literals),
        }
    }

    /// Counts only what passes a filter, under its fingerprint or under who ran it.
    pub(crate) fn ask(&mut self, filter: &Filter, by: Option<Party>) {
        self.entries.fold.ask(filter, by);
    }

    fn line(entries: &mut Chunked, line: &[u8], n_line: u64, cut: bool) {
        entries.at(n_line);
        if cut {
            entries.fold.issue("record longer than is read", n_line, 1);
            return;
        }
        let line = trim(line);
        if line.is_empty() {
            return;
        }
        let read = with_values(line, |values, _| {
            if is_other(values) {
                entries.fold.issue(OTHER_CATEGORY, n_line, 0);
            } else {
                note_cut(values, n_line, &mut entries.fold);
                entries.entry(values.header().zip(values.statement()), n_line);
            }
        });
        if read.is_none() {
            entries.unknown_line();
        }
    }
}

impl Sink for AzureSlowLog {
    type Records = SlowLog;

    fn push(&mut self, bytes: &[u8]) {
        let Self { lines, entries } = self;
        entries.bytes(bytes.len());
        lines.push(bytes, |line, n_line, cut| Self::line(entries, line, n_line, cut));
    }

    fn finish(mut self) -> Parsed<SlowLog> {
        let Self { lines, entries } = &mut self;
        lines.finish(|line, n_line, cut| Self::line(entries, line, n_line, cut));
        self.entries.finish(self.lines.count())
    }
}

/// A line without what stands around an object of an array.
fn trim(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    let line = line.strip_prefix(b"[").unwrap_or(line).trim_ascii_start();
    if line == b"]" { b"" } else { line }
}

/// Hands on the values of a record, and whether it is the only one of its line; `None` when it is
/// no object.
fn with_values<T>(line: &[u8], take: impl FnOnce(&Values<'_>, bool) -> T) -> Option<T> {
    let mut found: [Text<'_>; Column::ALL.len()] = Default::default();
    let mut of_azure = false;
    let mut is_only = true;
    let behind = walk(line, |key, value| {
        if let Some((column, azure)) = Column::of(key) {
            of_azure |= azure;
            is_only &= column != Column::Statement
                || found.get(column as usize).is_none_or(|text| text.raw.is_empty());
            if let Some(slot) = found.get_mut(column as usize)
                && (column != Column::UserHost || slot.raw.is_empty() || value.raw.contains(&b'@'))
            {
                *slot = value;
            }
        }
    })?;
    let mut buffers: [Vec<u8>; Column::ALL.len()] = Default::default();
    let mut values = Values { of_azure, ..Values::default() };
    for ((column, text), buffer) in Column::ALL.into_iter().zip(found).zip(&mut buffers) {
        values.set(column, plain(text, buffer));
    }
    Some(take(&values, is_only && is_end(behind)))
}

/// Whether a record is of another category.
pub(super) fn is_other(values: &Values<'_>) -> bool {
    let category = values.get(Column::Category);
    !category.is_empty() && category != SLOW && !values.is_entry()
}

/// Says of a statement that the service has cut it.
pub(super) fn note_cut(values: &Values<'_>, line: u64, fold: &mut Fold) {
    let sql = values.get(Column::Statement);
    let chars = || sql.iter().filter(|byte| (**byte as i8) >= -0x40).count();
    if values.of_azure && sql.len() >= CUT_CHARS && chars() == CUT_CHARS {
        fold.issue("statement of 2,048 characters: Azure cuts there", line, 0);
    }
}

/// How sure it is that a source holds such records: by its first objects.
pub(crate) fn score(head: &[u8]) -> u8 {
    let (mut slow, mut seen) = (0_u32, 0_u32);
    for line in lines(head) {
        seen += 1;
        let fits = with_values(line, |values, is_only| {
            values.is_entry() && !values.get(Column::Start).is_empty() && is_only
        });
        slow += u32::from(fits == Some(true));
    }
    match slow {
        0 => 0,
        _ if slow * 2 >= seen => 95,
        // One export of several categories.
        _ => 80,
    }
}

/// Lines at the start of a source that may be records.
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|byte| *byte == b'\n')
        .map(trim)
        .filter(|line| line.first() == Some(&b'{'))
        .take(RECORDS_MAX)
}

/// Whether a source begins with records of the audit log alone, as JSON or as CSV.
pub(crate) fn is_audit(head: &[u8]) -> bool {
    let category = |line: &[u8]| {
        with_values(line, |values, _| values.get(Column::Category) == AUDIT) == Some(true)
    };
    if matches!(head.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return lines(head).any(category) || lines(&envelope::objects_of_array(head)).any(category);
    }
    let dialect = Dialect { delimiter: b',', quotes: true, backslash: false };
    let (mut place, mut audit) = (None, false);
    let mut nth = 0;
    Rows::new(dialect).push(head, |row| {
        nth += 1;
        if nth == 1 {
            let is_category = |idx: &usize| {
                Column::of(row.field(*idx)).is_some_and(|(column, _)| column == Column::Category)
            };
            place = (0..row.len()).find(is_category);
        }
        audit |= place.is_some_and(|idx| row.field(idx) == AUDIT);
    });
    audit
}

#[cfg(test)]
mod tests;
