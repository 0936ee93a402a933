//! Which column of an export says what, under the names of every version.

use crate::fingerprint::Engine;
use crate::rows::Row;

/// In what times are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// As some queries of DBAs turn them.
    Seconds,
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
        let names = if engine == Engine::PostgreSql { PG_TOTALS } else { MYSQL_TOTALS };
        let (unit, total) =
            names.iter().find_map(|(name, unit)| Some((*unit, place(&[*name])?)))?;
        Some(match engine {
            Engine::PostgreSql => Self {
                unit,
                query: place(&["query"])?,
                calls: place(&["calls"])?,
                total,
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
                unit,
                query: place(&["DIGEST_TEXT", "query"])?,
                calls: place(&["COUNT_STAR", "exec_count"])?,
                total,
                min: place(&["MIN_TIMER_WAIT"]),
                max: place(&["MAX_TIMER_WAIT", "max_latency"]),
                stddev: None,
                rows: place(&["SUM_ROWS_SENT", "rows_sent"]),
                rows_examined: place(&["SUM_ROWS_EXAMINED", "rows_examined"]),
                lock: place(&["SUM_LOCK_TIME", "lock_latency"]),
                full_scans: place(&["SUM_SELECT_SCAN"]),
                tmp_disk_tables: place(&["SUM_CREATED_TMP_DISK_TABLES", "tmp_disk_tables"]),
                user: None,
                database: place(&["SCHEMA_NAME", "db"]),
                first_seen: place(&["FIRST_SEEN"]),
                last_seen: place(&["LAST_SEEN"]),
            },
        })
    }

    /// Whether `sys.format_statement` has cut a text: it writes times with their units beside it.
    pub(super) fn is_shortened(&self, row: &Row, text: &[u8]) -> bool {
        memchr::memmem::find(text, b" ... ").is_some()
            && with_unit(self.text(row, Some(self.total))).is_some()
    }

    /// A time in microseconds: a number in the unit of the table, or with a unit of its own, as
    /// the schema `sys` writes it (`1.23 s`, `456.78 ms`).
    pub(super) fn us(&self, row: &Row, column: Option<usize>) -> Option<f64> {
        let text = self.text(row, column);
        if let Some(us) = with_unit(text) {
            return Some(us);
        }
        let value = number(text)?;
        Some(match self.unit {
            Unit::Seconds => value * 1e6,
            Unit::Milliseconds => value * 1e3,
            Unit::Picoseconds => value / 1e6,
        })
    }

    /// The text of a column in a row; empty for NULL and for a column that is not there.
    pub(super) fn text<'a>(&self, row: &'a Row, column: Option<usize>) -> &'a [u8] {
        let text = column.map_or(&b""[..], |column| row.field(column));
        if text == b"NULL" || text == b"\\N" { b"" } else { text }
    }
}

/// The column of the total time of PostgreSQL: up to version 1.7 (PostgreSQL 12) without `exec`; and
/// as DBAs call it where they round it.
const PG_TOTALS: &[(&str, Unit)] = &[
    ("total_exec_time", Unit::Milliseconds),
    ("total_time", Unit::Milliseconds),
    ("total_ms", Unit::Milliseconds),
    ("total_time_ms", Unit::Milliseconds),
    ("total_exec_time_ms", Unit::Milliseconds),
    ("total_seconds", Unit::Seconds),
    ("total_sec", Unit::Seconds),
    ("total_s", Unit::Seconds),
    ("total_time_s", Unit::Seconds),
    ("total_exec_time_s", Unit::Seconds),
];

/// The same of MySQL, and of the views `statement_analysis` and `x$statement_analysis`.
const MYSQL_TOTALS: &[(&str, Unit)] =
    &[("SUM_TIMER_WAIT", Unit::Picoseconds), ("total_latency", Unit::Picoseconds)];

/// Units of `sys.format_time`, in microseconds.
const UNITS: &[(&str, f64)] = &[
    ("ps", 1e-6),
    ("ns", 1e-3),
    ("us", 1.0),
    ("ms", 1e3),
    ("s", 1e6),
    ("m", 60e6),
    ("min", 60e6),
    ("h", 3600e6),
    ("d", 86_400e6),
    ("w", 604_800e6),
];

/// `1.23 s` in microseconds.
fn with_unit(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (value, unit) = text.split_once(' ')?;
    let (_, us) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some(number(value.as_bytes())? * us)
}

/// A number, with a point or, as spreadsheets of some countries write it, a comma.
pub(super) fn number(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let number = text.parse::<f64>().ok().or_else(|| text.replacen(',', ".", 1).parse().ok())?;
    (number.is_finite() && number >= 0.0).then_some(number)
}
