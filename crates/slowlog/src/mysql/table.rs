//! Exports of the table `mysql.slow_log`: `mysql --batch`, `SELECT ... INTO OUTFILE`, the file of
//! its CSV engine, and CSV of Azure's Log Analytics, which has its rows under other names.
//!
//! Source: MySQL 8.4 manual 7.4.5; the table's definition in MariaDB 10.11.

use super::azure;
use super::chunked::Chunked;
use super::columns::{COLUMNS, Column, Values};
use crate::asked::{Filter, Party};
use crate::records::SlowLog;
use crate::rows::{Dialect, Row, Rows};
use chrono_tz::Tz;
use model::{Format, Head, Parsed, Sink};

/// The table, in any of its three exports.
pub(crate) const FORMAT: Format =
    Format { name: "mysql slow_log table", kind: "slow query log", score };

/// Where each column that is used stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Places {
    places: [usize; COLUMNS],
    of_azure: bool,
}

impl Places {
    /// The order of the table itself.
    fn in_order() -> Self {
        let mut it = Self { places: [usize::MAX; COLUMNS], of_azure: false };
        for (column, idx) in [
            (Column::Start, 0),
            (Column::UserHost, 1),
            (Column::Query, 2),
            (Column::Lock, 3),
            (Column::RowsSent, 4),
            (Column::RowsExamined, 5),
            (Column::Database, 6),
            (Column::Statement, 10),
        ] {
            it.set(column, idx);
        }
        it
    }

    fn set(&mut self, column: Column, idx: usize) {
        if let Some(place) = self.places.get_mut(column as usize) {
            *place = idx;
        }
    }

    fn has(&self, column: Column) -> bool {
        self.places.get(column as usize).is_some_and(|idx| *idx != usize::MAX)
    }

    /// From a row of column names, if it is one. Columns that somebody left out read as empty.
    fn of(row: &Row) -> Option<Self> {
        let mut it = Self { places: [usize::MAX; COLUMNS], of_azure: false };
        for idx in 0..row.len() {
            let name = row.field(idx);
            let name = name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name);
            if let Some((column, of_azure)) = Column::of(name)
                && !it.has(column)
            {
                it.set(column, idx);
                it.of_azure |= of_azure;
            }
        }
        let has_duration = it.has(Column::Query) || it.has(Column::QueryMs);
        (it.has(Column::Start) && it.has(Column::Statement) && has_duration).then_some(it)
    }

    /// The values of a row.
    fn read<'a>(&self, row: &'a Row) -> Values<'a> {
        let mut values = Values { of_azure: self.of_azure, ..Values::default() };
        for column in Column::ALL {
            if let Some(idx) = self.places.get(column as usize) {
                values.set(column, row.field(*idx));
            }
        }
        values
    }
}

/// Reads an export of the table, or of its rows in Log Analytics.
///
/// - Input: the export, with or without its row of column names.
/// - Output: as of the slow log file; errors and temporary tables are not in the table.
/// - Issues: rows whose duration is none, or that have no statement.
///
/// `start_time` is when the row was written: the statement's end. It has no zone.
pub(crate) struct SlowLogTable {
    rows: Rows,
    places: Option<Places>,
    entries: Chunked,
}

impl SlowLogTable {
    pub(crate) fn new(head: &Head<'_>, label: &str, tz: Option<Tz>, keep_literals: bool) -> Self {
        let (rows, places) = begin(head.bytes);
        let of_azure = places.is_some_and(|places| places.of_azure);
        let format = if of_azure { azure::FORMAT.name } else { FORMAT.name };
        Self { rows, places: None, entries: Chunked::new(label, format, tz, keep_literals) }
    }

    /// Counts only what passes a filter, under its fingerprint or under who ran it.
    pub(crate) fn ask(&mut self, filter: &Filter, by: Option<Party>) {
        self.entries.fold.ask(filter, by);
    }

    fn row(places: &mut Option<Places>, entries: &mut Chunked, row: &Row) {
        let places = match places {
            Some(places) => places,
            None => {
                let named = Places::of(row);
                let is_names = named.is_some();
                let places = places.insert(named.unwrap_or_else(Places::in_order));
                if is_names {
                    return;
                }
                places
            }
        };
        let values = places.read(row);
        if azure::is_other(&values) {
            entries.fold.issue(azure::OTHER_CATEGORY, row.line, 0);
            return;
        }
        if places.of_azure {
            azure::note_cut(&values, row.line, &mut entries.fold);
        }
        entries.entry(values.header().zip(values.statement()), row.line);
    }
}

impl Sink for SlowLogTable {
    type Records = SlowLog;

    fn push(&mut self, bytes: &[u8]) {
        self.entries.bytes(bytes.len());
        let Self { rows, places, entries } = self;
        rows.push(bytes, |row| {
            // Between two rows: the row at hand belongs to the next chunk.
            entries.at(row.line);
            Self::row(places, entries, row);
        });
    }

    fn finish(mut self) -> Parsed<SlowLog> {
        let Self { rows, places, entries } = &mut self;
        rows.finish(|row| Self::row(places, entries, row));
        let lines = self.rows.lines();
        self.entries.finish(lines)
    }
}

/// The rows of an export, by its first line, and its columns where that names them. CSV has
/// backslashes as escapes where a server of MySQL wrote it, and nowhere else.
fn begin(head: &[u8]) -> (Rows, Option<Places>) {
    let dialect = dialect(head);
    let mut places = None;
    let line = head.split_inclusive(|&b| b == b'\n').next().unwrap_or_default();
    Rows::new(dialect).push(line, |row| places = Places::of(row));
    let of_azure = places.is_some_and(|places| places.of_azure);
    // Clients that write names double quotes; the server puts a backslash before them.
    let by_client = places.is_some() && (has_doubled(head, dialect) || !has_escaped(head));
    let backslash = dialect.backslash && !(dialect.quotes && (of_azure || by_client));
    (Rows::new(Dialect { backslash, ..dialect }), places)
}

/// Whether a quote is doubled within a field.
fn has_doubled(head: &[u8], dialect: Dialect) -> bool {
    memchr::memmem::find_iter(head, b"\"\"").any(|at| {
        let before = at.checked_sub(1).and_then(|at| head.get(at));
        before.is_some_and(|byte| *byte != dialect.delimiter && *byte != b'\n')
    })
}

/// Whether a backslash stands before a quote.
fn has_escaped(head: &[u8]) -> bool {
    memchr::memmem::find(head, b"\\\"").is_some()
}

/// How an export is separated: by its first line.
fn dialect(head: &[u8]) -> Dialect {
    let line = head.split(|&b| b == b'\n').next().unwrap_or_default();
    let count = |byte| line.iter().filter(|&&b| b == byte).count();
    // A few columns have names.
    let named = || line.windows(10).any(|word| word.eq_ignore_ascii_case(b"start_time"));
    if count(b'\t') >= 7 || (count(b'\t') > count(b',').max(count(b';')) && named()) {
        return Dialect { delimiter: b'\t', quotes: false, backslash: true };
    }
    let delimiter = if count(b';') > count(b',') { b';' } else { b',' };
    Dialect { delimiter, quotes: true, backslash: true }
}

/// How sure it is that a source is an export of the table: by its first rows.
fn score(head: &Head<'_>) -> u8 {
    let (mut rows, places) = begin(head.bytes);
    let named = places.is_some();
    let places = places.unwrap_or_else(Places::in_order);
    let (mut good, mut bad, mut nth) = (0_u32, 0_u32, 0_u32);
    rows.push(head.bytes.get(..16 * 1024).unwrap_or(head.bytes), |row| {
        nth += 1;
        if nth == 1 && named {
            return;
        }
        let values = places.read(row);
        if azure::is_other(&values) {
            return;
        }
        let fits = (named || (12..=13).contains(&row.len()))
            && values.header().is_some_and(|header| header.time.is_some());
        if fits { good += 1 } else { bad += 1 }
    });
    match (named, good, bad) {
        (true, _, 0) => 95,
        (true, 1.., _) => 90,
        (false, 1.., 0) => 90,
        (false, 4.., 1) => 80,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &str = "start_time\tuser_host\tquery_time\tlock_time\trows_sent\trows_examined\tdb\tlast_insert_id\tinsert_id\tserver_id\tsql_text\tthread_id\trows_affected\n";

    fn read_all(export: &str) -> Parsed<SlowLog> {
        let head = Head { path: "", bytes: export.as_bytes(), whole: true };
        assert!(score(&head) >= 80, "{export}");
        let mut sink = SlowLogTable::new(&head, "t", None, false);
        for piece in export.as_bytes().chunks(7) {
            sink.push(piece);
        }
        sink.finish()
    }

    #[test]
    fn all_three_exports_say_the_same() {
        let batch = format!(
            "{NAMES}2026-11-22 06:47:49.599716\tmm[mm] @ localhost [127.0.0.1]\t00:00:01.000559\t00:00:00.000041\t1\t40\tmattermost\t0\t0\t1\tSELECT a\\n\\tFROM t WHERE b = 'x'\t399\t0\n"
        );
        let outfile = "\"2026-11-22 06:47:49.599716\",\"mm[mm] @ localhost [127.0.0.1]\",\"00:00:01.000559\",\"00:00:00.000041\",1,40,\"mattermost\",0,0,1,\"SELECT a\\\n\tFROM t WHERE b = 'x'\",399,0\n";
        let engine = "\"2026-11-22 06:47:49.599716\",\"mm[mm] @ localhost [127.0.0.1]\",\"00:00:01.000559\",\"00:00:00.000041\",1,40,\"mattermost\",0,0,1,\"SELECT a\\n\\tFROM t WHERE b = 'x'\",399,0\n";
        for export in [&batch, outfile, engine] {
            let parsed = read_all(export);
            assert!(parsed.issues.is_empty(), "{:?}", parsed.issues);
            let query = &parsed.records.queries[0];
            assert_eq!(query.fingerprint, "select a from t where b = ?");
            assert_eq!(
                (query.total_us, query.rows_examined, query.lock_us),
                (1_000_559, Some(40), Some(41))
            );
            assert_eq!(query.databases[0].value.untrusted(), "mattermost");
            assert_eq!(query.clients[0].value.untrusted(), "localhost");
            assert_eq!(query.first_at.unwrap().to_rfc3339(), "2026-11-22T06:47:49.599716+00:00");
            assert!(parsed.coverage.limits.contains(&"local time without zone".to_owned()));
        }
    }

    #[test]
    fn a_row_without_duration_is_counted_and_the_rest_read() {
        let export = format!(
            "{NAMES}2026-11-22 06:47:49\tu[u] @ h []\tsoon\t00:00:00\t0\t0\td\t0\t0\t1\tselect 1\t1\n2026-11-22 06:47:50\tu[u] @ h []\t00:00:02\t00:00:00\t0\t0\td\t0\t0\t1\tselect 1\t1\n"
        );
        let mut sink = SlowLogTable::new(
            &Head { path: "", bytes: export.as_bytes(), whole: true },
            "t",
            None,
            false,
        );
        sink.push(export.as_bytes());
        let parsed = sink.finish();
        assert_eq!((parsed.coverage.records, parsed.coverage.skipped), (1, 1));
        assert_eq!(parsed.records.queries[0].first_place.location(), "line:3");
    }
}
