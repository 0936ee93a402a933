//! Exports of the table `mysql.slow_log`: `mysql --batch`, `SELECT ... INTO OUTFILE`, and the
//! file of its CSV engine.
//!
//! Source: MySQL 8.4 manual 7.4.5; the table's definition in MariaDB 10.11.

use super::chunk::{Chunk, Scan};
use super::entries::Entry;
use super::fold::Fold;
use super::header::{Header, number, user_host};
use super::time;
use crate::records::SlowLog;
use crate::rows::{Dialect, Row, Rows};
use chrono_tz::Tz;
use model::{Format, Head, Parsed, Sink};

/// The table, in any of its three exports.
pub(crate) const FORMAT: Format =
    Format { name: "mysql slow_log table", kind: "slow query log", score };

/// Rows after which what was read is handed on.
const ROWS_PER_CHUNK: u64 = 4_096;

/// Where each column that is used stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Places {
    start_time: usize,
    user_host: usize,
    query_time: usize,
    lock_time: usize,
    rows_sent: usize,
    rows_examined: usize,
    db: usize,
    sql_text: usize,
}

/// The order of the table itself.
const IN_ORDER: Places = Places {
    start_time: 0,
    user_host: 1,
    query_time: 2,
    lock_time: 3,
    rows_sent: 4,
    rows_examined: 5,
    db: 6,
    sql_text: 10,
};

impl Places {
    /// From a row of column names, if it is one.
    fn of(row: &Row) -> Option<Self> {
        let place = |name: &[u8]| {
            (0..row.len()).find(|idx| row.field(*idx).trim_ascii().eq_ignore_ascii_case(name))
        };
        Some(Self {
            start_time: place(b"start_time")?,
            query_time: place(b"query_time")?,
            sql_text: place(b"sql_text")?,
            // Columns that somebody left out read as empty.
            user_host: place(b"user_host").unwrap_or(usize::MAX),
            lock_time: place(b"lock_time").unwrap_or(usize::MAX),
            rows_sent: place(b"rows_sent").unwrap_or(usize::MAX),
            rows_examined: place(b"rows_examined").unwrap_or(usize::MAX),
            db: place(b"db").unwrap_or(usize::MAX),
        })
    }
}

/// Reads an export of the table.
///
/// - Input: the export, with or without its row of column names.
/// - Output: as of the slow log file; errors and temporary tables are not in the table.
/// - Issues: rows whose duration is none, or that have no statement.
///
/// `start_time` is when the row was written: the statement's end. It has no zone.
pub(crate) struct SlowLogTable {
    rows: Rows,
    state: State,
}

/// What rows add up to.
struct State {
    places: Option<Places>,
    scan: Scan,
    chunk: Chunk,
    n_rows: u64,
    /// The line on which the chunk begins.
    first_line: u64,
    fold: Fold,
}

impl SlowLogTable {
    pub(crate) fn new(head: &Head<'_>, label: &str, tz: Option<Tz>, keep_literals: bool) -> Self {
        let mut scan = Scan::new(keep_literals);
        let chunk = scan.begin(0, Chunk::default());
        Self {
            rows: Rows::new(dialect(head.bytes)),
            state: State {
                places: None,
                scan,
                chunk,
                n_rows: 0,
                first_line: 1,
                fold: Fold::new(label, FORMAT.name, tz),
            },
        }
    }
}

impl State {
    fn row(&mut self, row: &Row) {
        let places = match self.places {
            Some(places) => places,
            None => {
                let named = Places::of(row);
                self.places = Some(named.unwrap_or(IN_ORDER));
                if named.is_some() {
                    return;
                }
                IN_ORDER
            }
        };
        let line = u32::try_from(row.line - self.first_line).unwrap_or(u32::MAX);
        let Some((header, sql)) = read(row, &places) else {
            if self.chunk.rest.broken == 0 {
                self.chunk.rest.first_broken = line;
            }
            self.chunk.rest.broken += 1;
            return;
        };
        self.scan.entry(&mut self.chunk, &Entry { header, sql, line });
        self.n_rows += 1;
    }

    /// Hands on what was read, up to before line `next_line`.
    fn fold(&mut self, next_line: u64) {
        let mut chunk = std::mem::take(&mut self.chunk);
        chunk.rest.lines = u32::try_from(next_line - self.first_line).unwrap_or(u32::MAX);
        self.first_line = next_line;
        self.n_rows = 0;
        self.fold.take(&mut chunk);
        self.chunk = self.scan.begin(0, chunk);
    }
}

impl Sink for SlowLogTable {
    type Records = SlowLog;

    fn push(&mut self, bytes: &[u8]) {
        self.state.chunk.bytes += bytes.len() as u64;
        let state = &mut self.state;
        self.rows.push(bytes, |row| {
            // Between two rows: the row at hand belongs to the next chunk.
            if state.n_rows >= ROWS_PER_CHUNK {
                state.fold(row.line);
            }
            state.row(row);
        });
    }

    fn finish(mut self) -> Parsed<SlowLog> {
        let state = &mut self.state;
        self.rows.finish(|row| state.row(row));
        self.state.fold(self.rows.lines() + 1);
        self.state.fold.finish()
    }
}

/// A row as the header of an entry, and its statement.
fn read<'a>(row: &'a Row, places: &Places) -> Option<(Header<'a>, &'a [u8])> {
    let (user, host) = user_host(row.field(places.user_host));
    let sql = row.field(places.sql_text).trim_ascii_end();
    let sql = sql.strip_prefix(b"# ").filter(|s| s.starts_with(b"administrator ")).unwrap_or(sql);
    if sql.is_empty() {
        return None;
    }
    let header = Header {
        time: time::stamp(row.field(places.start_time)),
        user,
        host,
        database: Some(row.field(places.db)),
        query_us: Some(time::interval(row.field(places.query_time))?),
        lock_us: time::interval(row.field(places.lock_time)),
        rows_sent: number(row.field(places.rows_sent)),
        rows_examined: number(row.field(places.rows_examined)),
        ..Header::default()
    };
    Some((header, sql))
}

/// How an export is separated: by its first line.
fn dialect(head: &[u8]) -> Dialect {
    let line = head.split(|&b| b == b'\n').next().unwrap_or_default();
    let count = |byte| line.iter().filter(|&&b| b == byte).count();
    if count(b'\t') >= 7 {
        return Dialect { delimiter: b'\t', quotes: false, backslash: true };
    }
    let delimiter = if count(b';') > count(b',') { b';' } else { b',' };
    Dialect { delimiter, quotes: true, backslash: true }
}

/// How sure it is that a source is an export of the table: by its first rows.
fn score(head: &Head<'_>) -> u8 {
    let mut rows = Rows::new(dialect(head.bytes));
    let mut named = false;
    let mut places = IN_ORDER;
    let (mut good, mut bad, mut nth) = (0_u32, 0_u32, 0_u32);
    rows.push(head.bytes.get(..16 * 1024).unwrap_or(head.bytes), |row| {
        nth += 1;
        if nth == 1
            && let Some(found) = Places::of(row)
        {
            named = true;
            places = found;
            return;
        }
        let fits = (named || (12..=13).contains(&row.len()))
            && time::stamp(row.field(places.start_time)).is_some()
            && time::interval(row.field(places.query_time)).is_some();
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
