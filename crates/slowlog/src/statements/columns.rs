//! Which column of an export says what, under the names of every version.

use crate::fingerprint::Engine;
use crate::rows::Row;

/// In what times are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// As `pg_stat_statements` does.
    Milliseconds,
    /// As the performance schema does.
    Picoseconds,
}

/// Where each column stands.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) unit: Unit,
    pub(super) query: usize,
    pub(super) calls: usize,
    pub(super) total: usize,
    pub(super) min: Option<usize>,
    pub(super) max: Option<usize>,
    pub(super) stddev: Option<usize>,
    pub(super) rows: Option<usize>,
    pub(super) rows_examined: Option<usize>,
    pub(super) lock: Option<usize>,
    pub(super) full_scans: Option<usize>,
    pub(super) tmp_disk_tables: Option<usize>,
    pub(super) user: Option<usize>,
    pub(super) database: Option<usize>,
    pub(super) first_seen: Option<usize>,
    pub(super) last_seen: Option<usize>,
}

impl Columns {
    /// From the row of names, if it names what is needed.
    pub(super) fn of(row: &Row, engine: Engine) -> Option<Self> {
        let place = |names: &[&str]| {
            names.iter().find_map(|name| {
                (0..row.len()).find(|idx| {
                    let field = row.field(*idx);
                    let field = field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(field);
                    // A quote is left when a byte order mark stood before it.
                    field.trim_ascii().trim_ascii_start().eq_ignore_ascii_case(name.as_bytes())
                        || field
                            .strip_prefix(b"\"")
                            .and_then(|field| field.strip_suffix(b"\""))
                            .is_some_and(|field| field.eq_ignore_ascii_case(name.as_bytes()))
                })
            })
        };
        Some(match engine {
            Engine::PostgreSql => Self {
                unit: Unit::Milliseconds,
                query: place(&["query"])?,
                calls: place(&["calls"])?,
                // Up to version 1.7 (PostgreSQL 12) without `exec`.
                total: place(&["total_exec_time", "total_time"])?,
                min: place(&["min_exec_time", "min_time"]),
                max: place(&["max_exec_time", "max_time"]),
                stddev: place(&["stddev_exec_time", "stddev_time"]),
                rows: place(&["rows"]),
                rows_examined: None,
                lock: None,
                full_scans: None,
                tmp_disk_tables: None,
                user: place(&["rolname", "usename", "username", "user", "userid"]),
                database: place(&["datname", "database", "dbid"]),
                first_seen: None,
                last_seen: None,
            },
            Engine::MySql => Self {
                unit: Unit::Picoseconds,
                query: place(&["DIGEST_TEXT"])?,
                calls: place(&["COUNT_STAR"])?,
                total: place(&["SUM_TIMER_WAIT"])?,
                min: place(&["MIN_TIMER_WAIT"]),
                max: place(&["MAX_TIMER_WAIT"]),
                stddev: None,
                rows: place(&["SUM_ROWS_SENT"]),
                rows_examined: place(&["SUM_ROWS_EXAMINED"]),
                lock: place(&["SUM_LOCK_TIME"]),
                full_scans: place(&["SUM_SELECT_SCAN"]),
                tmp_disk_tables: place(&["SUM_CREATED_TMP_DISK_TABLES"]),
                user: None,
                database: place(&["SCHEMA_NAME"]),
                first_seen: place(&["FIRST_SEEN"]),
                last_seen: place(&["LAST_SEEN"]),
            },
        })
    }

    /// The text of a column in a row; empty for NULL and for a column that is not there.
    pub(super) fn text<'a>(&self, row: &'a Row, column: Option<usize>) -> &'a [u8] {
        let text = column.map_or(&b""[..], |column| row.field(column));
        if text == b"NULL" || text == b"\\N" { b"" } else { text }
    }
}

/// A number, with a point or, as spreadsheets of some countries write it, a comma.
pub(super) fn number(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let number = text.parse::<f64>().ok().or_else(|| text.replacen(',', ".", 1).parse().ok())?;
    (number.is_finite() && number >= 0.0).then_some(number)
}
