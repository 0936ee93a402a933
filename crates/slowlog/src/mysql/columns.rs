//! What the fields of an entry are called: as columns of the table `mysql.slow_log`, as properties
//! of Azure's diagnostic records, and as columns of the two tables into which Log Analytics puts
//! these.
//!
//! Source: MySQL 8.4 manual 7.4.5; Azure Monitor's reference of `AzureDiagnostics` and
//! `MySqlSlowLogs`.

use super::header::{self, Header};
use super::time::{self, Stamp};
use chrono::NaiveDateTime;

/// A field that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// `MySqlSlowLogs`, `MySqlAuditLogs`: Azure's diagnostics alone have it.
    Category,
    Start,
    UserHost,
    /// As `hh:mm:ss`, or in seconds.
    Query,
    QueryMs,
    Lock,
    LockMs,
    RowsSent,
    RowsExamined,
    Database,
    Statement,
}

/// How many of them there are.
pub(super) const COLUMNS: usize = 11;

/// Every name, without the letter of its type that Log Analytics puts behind.
const NAMES: &[(&str, Column)] = &[
    ("category", Column::Category),
    ("start_time", Column::Start),
    ("starttime", Column::Start),
    ("user_host", Column::UserHost),
    ("userhost", Column::UserHost),
    ("host", Column::UserHost),
    ("query_time", Column::Query),
    ("querydurationms", Column::QueryMs),
    ("lock_time", Column::Lock),
    ("lockdurationms", Column::LockMs),
    ("rows_sent", Column::RowsSent),
    ("rowssent", Column::RowsSent),
    ("rows_examined", Column::RowsExamined),
    ("rowsexamined", Column::RowsExamined),
    ("db", Column::Database),
    ("sql_text", Column::Statement),
    ("sqltext", Column::Statement),
];

impl Column {
    pub(super) const ALL: [Self; COLUMNS] = [
        Self::Category,
        Self::Start,
        Self::UserHost,
        Self::Query,
        Self::QueryMs,
        Self::Lock,
        Self::LockMs,
        Self::RowsSent,
        Self::RowsExamined,
        Self::Database,
        Self::Statement,
    ];

    /// The field of a name, and whether the name is one that Log Analytics gives: `sql_text_s`,
    /// `start_time_t [UTC]`, `SqlText`.
    pub(super) fn of(name: &[u8]) -> Option<(Self, bool)> {
        let name = name.trim_ascii();
        let bare = name.strip_suffix(b" [UTC]").unwrap_or(name);
        let typed = [b"_s", b"_d", b"_t", b"_g"].iter().find_map(|end| bare.strip_suffix(*end));
        let known = |name: &[u8]| {
            let found = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
            found.map(|(_, column)| *column)
        };
        match typed.and_then(known) {
            Some(column) => Some((column, true)),
            None => {
                let column = known(bare)?;
                let joined =
                    matches!(column, Self::Start | Self::Statement) && !bare.contains(&b'_');
                Some((column, joined || column == Self::Category))
            }
        }
    }
}

/// The values of an entry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Values<'a> {
    pub(super) values: [&'a [u8]; COLUMNS],
    /// Whether it is a record of Azure's, which has the start of the statement, and in UTC; the
    /// table has its end.
    pub(super) of_azure: bool,
}

impl<'a> Values<'a> {
    pub(super) fn set(&mut self, column: Column, value: &'a [u8]) {
        let Some(slot) = self.values.get_mut(column as usize).filter(|_| value != b"null") else {
            return;
        };
        // `user_host` and `host` may both be there: one of them names the user.
        if slot.is_empty() || column != Column::UserHost || value.contains(&b'@') {
            *slot = value;
        }
    }

    pub(super) fn get(&self, column: Column) -> &'a [u8] {
        self.values.get(column as usize).copied().unwrap_or_default()
    }

    /// Whether it has what makes it an entry.
    pub(super) fn is_entry(&self) -> bool {
        !self.get(Column::Statement).is_empty() && self.query_us().is_some()
    }

    fn query_us(&self) -> Option<u64> {
        duration(self.get(Column::Query)).or_else(|| millis(self.get(Column::QueryMs)))
    }

    /// As the header of an entry; `None` without a duration.
    pub(super) fn header(&self) -> Option<Header<'a>> {
        let query_us = self.query_us()?;
        let who = self.get(Column::UserHost);
        let (user, host) = match memchr::memchr(b'@', who) {
            Some(_) => header::user_host(who),
            None => (&b""[..], who),
        };
        Some(Header {
            time: self.end(query_us),
            user,
            host,
            database: Some(self.get(Column::Database)),
            query_us: Some(query_us),
            lock_us: duration(self.get(Column::Lock)).or_else(|| millis(self.get(Column::LockMs))),
            rows_sent: header::number(self.get(Column::RowsSent)),
            rows_examined: header::number(self.get(Column::RowsExamined)),
            ..Header::default()
        })
    }

    /// When the statement ended.
    fn end(&self, query_us: u64) -> Option<Stamp> {
        let text = self.get(Column::Start);
        if !self.of_azure {
            return time::stamp(text);
        }
        let (Stamp::Utc(start) | Stamp::Local(start)) =
            time::stamp(text).or_else(|| portal_time(text).map(Stamp::Utc))?;
        Some(Stamp::Utc(start.saturating_add_unsigned(query_us)))
    }

    /// The statement.
    pub(super) fn statement(&self) -> Option<&'a [u8]> {
        let sql = self.get(Column::Statement).trim_ascii_end();
        let sql =
            sql.strip_prefix(b"# ").filter(|s| s.starts_with(b"administrator ")).unwrap_or(sql);
        (!sql.is_empty()).then_some(sql)
    }
}

/// `00:00:01.5`, `1.5` seconds or `1.5E-5` of them, in microseconds.
pub(super) fn duration(text: &[u8]) -> Option<u64> {
    time::interval(text).or_else(|| time::seconds(text)).or_else(|| rounded(text, 1e6))
}

/// Milliseconds in microseconds.
fn millis(text: &[u8]) -> Option<u64> {
    rounded(text, 1e3)
}

fn rounded(text: &[u8], unit_us: f64) -> Option<u64> {
    let value: f64 = std::str::from_utf8(text).ok()?.trim().parse().ok()?;
    let us = (value * unit_us).round();
    (us >= 0.0 && us <= time::LONGEST_US as f64).then_some(us as u64)
}

/// `5/1/2024, 10:00:05.123 AM`, as Azure's portal exports it, in microseconds since the epoch.
pub(crate) fn portal_time(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let at = NaiveDateTime::parse_from_str(text, "%m/%d/%Y, %I:%M:%S%.f %p").ok()?;
    Some(at.and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_field_is_known() {
        for (name, column, of_azure) in [
            ("sql_text", Column::Statement, false),
            ("SQL_TEXT", Column::Statement, false),
            ("SqlText", Column::Statement, true),
            ("sql_text_s", Column::Statement, true),
            ("start_time_t [UTC]", Column::Start, true),
            ("StartTime [UTC]", Column::Start, true),
            ("QueryDurationMs", Column::QueryMs, false),
            ("query_time_d", Column::Query, true),
            ("Db", Column::Database, false),
            ("db", Column::Database, false),
        ] {
            assert_eq!(Column::of(name.as_bytes()), Some((column, of_azure)), "{name}");
        }
        assert_eq!(Column::of(b"thread_id"), None);
    }

    #[test]
    fn durations_are_exact_in_every_unit() {
        assert_eq!(duration(b"00:00:01.000559"), Some(1_000_559));
        assert_eq!(duration(b"12.345678"), Some(12_345_678));
        assert_eq!(duration(b"3.1E-05"), Some(31));
        assert_eq!(millis(b"1500"), Some(1_500_000));
        assert_eq!(duration(b"-1"), None);
        assert_eq!(duration(b""), None);
    }

    #[test]
    fn times_of_the_portal_are_read() {
        assert_eq!(portal_time(b"5/1/2024, 10:00:05.123 PM"), Some(1_714_600_805_123_000));
        assert_eq!(portal_time(b"5/1/2024"), None);
    }
}
