//! Statement statistics that the server kept itself: exports of `pg_stat_statements` and of
//! `performance_schema.events_statements_summary_by_digest`.
//!
//! They are totals since a reset whose time they do not tell. [`difference()`] of two exports says
//! what happened between them.

mod columns;
mod difference;
mod sum;

#[cfg(test)]
mod tests;

use crate::asked::{Filter, Offered, Party};
use crate::fingerprint::{Engine, Fingerprint, FingerprintId, Fingerprinter};
use crate::mysql::time::{Stamp, stamp};
use crate::records::{OTHER_ID, Phases, Query, SlowLog, SlowSource, Timed};
use crate::rows::{Dialect, Row, Rows};
use crate::spans::moment;
use columns::Columns;
use model::{Coverage, Format, Head, Issues, Parsed, Sink};
use std::collections::BTreeMap;
use std::sync::Arc;
use sum::{Add, Sum};
use xxhash_rust::xxh3::xxh3_64;

pub use difference::difference;

/// An export of `pg_stat_statements`, of version 1.0 (PostgreSQL 9.2) to 1.12 (18).
pub(crate) const PG_FORMAT: Format = Format {
    name: "pg_stat_statements",
    kind: "statement statistics",
    score: |head| score(head, Engine::PostgreSql),
};

/// An export of the digest table of MySQL 5.6 to 9 and MariaDB.
pub(crate) const DIGEST_FORMAT: Format = Format {
    name: "mysql statement digests",
    kind: "statement statistics",
    score: |head| score(head, Engine::MySql),
};

/// What such a source cannot show.
const LIMITS: [&str; 2] = ["totals since a reset", "no times"];

/// Said of texts that `sys.format_statement` has cut out of the middle.
const SHORTENED: &str = "statement shortened by the view: x$statement_analysis has it whole";

/// Fingerprints of an export that are kept: they have no spans of time.
const QUERIES_MAX: usize = 10_000;
/// Fingerprints above the budget that are kept until the next look, so that looks are rare.
/// `pg_stat_statements.max` is 5,000 by default, digests 10,000.
const SLACK: usize = 2_000;
/// Users, and databases, that are kept beside a query.
const TOPS_MAX: usize = 50;

/// Reads an export.
///
/// - Input: CSV or tab separated, with a row of column names in any order; what is not known is
///   passed over, what is missing is not said.
/// - Output: one query per fingerprint, rows of the same fingerprint added up: the server counts
///   per user, database and length of lists. Percentiles are unknown: `durations` is empty.
/// - Issues: rows whose text is hidden, rows without readable numbers.
/// - Source: PostgreSQL manual F.32; MySQL 8.4 manual 29.12.20.3.
pub(crate) struct Statements {
    rows: Rows,
    state: State,
}

struct State {
    label: Arc<str>,
    engine: Engine,
    columns: Option<Columns>,
    fingerprinter: Fingerprinter,
    queries: BTreeMap<FingerprintId, Sum>,
    other: Option<Sum>,
    issues: Issues,
    records: u64,
    skipped: u64,
    bytes: u64,
    full: bool,
    filter: Filter,
    by: Option<Party>,
    offered: Offered,
    identity: crate::identity::Events,
}

impl Statements {
    pub(crate) fn new(head: &Head<'_>, label: &str, engine: Engine) -> Self {
        Self {
            rows: Rows::new(dialect(head.bytes)),
            state: State {
                label: label.into(),
                engine,
                columns: None,
                fingerprinter: Fingerprinter::default(),
                queries: BTreeMap::new(),
                other: None,
                issues: Issues::default(),
                records: 0,
                skipped: 0,
                bytes: 0,
                full: false,
                filter: Filter::default(),
                by: None,
                offered: Offered::default(),
                identity: crate::identity::Events::default(),
            },
        }
    }

    /// Counts only what passes a filter, under its fingerprint or under who ran it.
    pub(crate) fn ask(&mut self, filter: &Filter, by: Option<Party>) {
        self.state.filter = filter.clone();
        self.state.by = by;
    }
}

impl Sink for Statements {
    type Records = SlowLog;

    fn push(&mut self, bytes: &[u8]) {
        self.state.bytes += bytes.len() as u64;
        let state = &mut self.state;
        self.rows.push(bytes, |row| state.row(row));
    }

    fn finish(mut self) -> Parsed<SlowLog> {
        let state = &mut self.state;
        self.rows.finish(|row| state.row(row));
        self.state.finish(self.rows.lines())
    }
}

impl State {
    fn issue(&mut self, reason: &str, row: &Row) {
        self.issues.add(reason, format!("line:{}", row.line), 1);
        self.skipped += 1;
    }

    fn row(&mut self, row: &Row) {
        let Some(columns) = &self.columns else {
            self.columns = Columns::of(row, self.engine);
            if self.columns.is_none() {
                self.issue("no row of column names", row);
            }
            return;
        };
        // psql ends its table with `(5 rows)`.
        if row.len() < 2 {
            return;
        }
        let number = |column: Option<usize>| columns::number(columns.text(row, column));
        let us = |column: Option<usize>| columns.us(row, column);
        let (Some(calls), Some(total_us)) = (number(Some(columns.calls)), us(Some(columns.total)))
        else {
            self.issue("row without calls or total time", row);
            return;
        };
        let whole = |value: f64| value.round().clamp(0.0, 1e18) as u64;
        let calls = whole(calls);
        let (mean_us, stddev_us) = (total_us / (calls.max(1) as f64), us(columns.stddev));
        // Without a deviation the squares are not known.
        let square = stddev_us.map_or(0.0, |s| s * s + mean_us * mean_us);
        let text = columns.text(row, Some(columns.query));
        if columns.is_shortened(row, text) {
            self.issues.add(SHORTENED, format!("line:{}", row.line), 0);
        }
        if text == b"<insufficient privilege>" {
            self.issue("text hidden for want of privilege", row);
            return;
        }
        let first_at = columns.text(row, columns.first_seen);
        let last_at = columns.text(row, columns.last_seen);
        let time = |text: &[u8]| match stamp(text) {
            Some(Stamp::Utc(at) | Stamp::Local(at)) => Some(moment(at)),
            None => None,
        };
        let add = Add {
            calls,
            total_us: whole(total_us),
            squares_us2: (square * calls as f64).clamp(0.0, 1e37) as u128,
            min_us: us(columns.min).map(whole),
            max_us: us(columns.max).map(whole),
            rows: number(columns.rows).map(whole),
            rows_examined: number(columns.rows_examined).map(whole),
            // Lock times are in the unit of the table.
            lock_us: us(columns.lock).map(whole),
            full_scans: number(columns.full_scans).map(whole),
            tmp_disk_tables: number(columns.tmp_disk_tables).map(whole),
            first_at: time(first_at),
            last_at: time(last_at),
            user: columns.text(row, columns.user).to_vec(),
            database: columns.text(row, columns.database).to_vec(),
            line: row.line,
        };
        self.records += 1;
        let is_other = self.engine == Engine::MySql && (text.is_empty() || text == b"NULL");
        let names = [add.user.as_slice(), &add.database, b"", b""];
        let wanted = self.filter.wants(&names);
        if !self.filter.is_empty() {
            for (party, name) in Party::ALL.iter().zip(names) {
                self.offered.party(*party, name);
            }
        }
        let party = self.by.and_then(|by| names.get(by as usize)).map(|name| name.to_vec());
        let sum = if is_other {
            // The row of what did not fit the server's own table.
            self.issues.add("the server's digest table was full", format!("line:{}", row.line), 0);
            if !wanted || !self.filter.kinds.is_empty() || !self.filter.tables.is_empty() {
                return;
            }
            self.other.get_or_insert_with(Sum::default)
        } else {
            let mut fingerprint = self.fingerprinter.fingerprint(text, self.engine);
            if !self.filter.is_empty() {
                self.offered.query(fingerprint.kind, fingerprint.tables.clone());
            }
            let tables = || fingerprint.tables.clone();
            if !wanted || !self.filter.wants_query(fingerprint.kind, tables) {
                return;
            }
            if let Some(party) = party {
                fingerprint = Fingerprint {
                    id: FingerprintId::of(&party),
                    text: String::from_utf8_lossy(&party).into_owned(),
                    ..Fingerprint::default()
                };
            }
            if self.queries.len() >= QUERIES_MAX + SLACK {
                self.shed();
            }
            self.queries.entry(fingerprint.id).or_insert_with(|| Sum {
                query: Query {
                    fingerprint_id: fingerprint.id.to_string().into(),
                    engine: Some(self.engine),
                    fingerprint: fingerprint.text,
                    kind: fingerprint.kind,
                    store_method: fingerprint.store_method,
                    tables: fingerprint.tables,
                    columns: fingerprint.columns.join(", ").into_boxed_str(),
                    truncated: fingerprint.truncated,
                    ..Query::default()
                },
                ..Sum::default()
            })
        };
        let what = xxh3_64(text) ^ xxh3_64(&add.user) ^ add.calls;
        self.identity.add(0, 1, add.total_us, what);
        sum.add(add, &self.label);
    }

    /// Moves those with the least total time into the row of others; among equals the larger id.
    fn shed(&mut self) {
        let mut keys: Vec<_> = self
            .queries
            .iter()
            .map(|(id, sum)| (std::cmp::Reverse(sum.query.total_us), *id))
            .collect();
        keys.sort_unstable();
        for (_, id) in keys.split_off(QUERIES_MAX.min(keys.len())) {
            self.full = true;
            if let Some(sum) = self.queries.remove(&id) {
                self.other.get_or_insert_with(Sum::default).absorb(sum);
            }
        }
    }

    fn finish(mut self, lines: u64) -> Parsed<SlowLog> {
        self.shed();
        let mut queries: Vec<Box<Query>> =
            self.queries.into_values().map(|sum| Box::new(sum.finish())).collect();
        queries.sort_by(|a, b| {
            b.total_us.cmp(&a.total_us).then_with(|| a.fingerprint_id.cmp(&b.fingerprint_id))
        });
        if let Some(other) = self.other {
            let mut other = other.finish();
            other.fingerprint_id = OTHER_ID.into();
            other.fingerprint = "other queries".to_owned();
            queries.push(Box::new(other));
        }
        let mut limits: Vec<String> = LIMITS.iter().map(|&limit| limit.to_owned()).collect();
        if self.full {
            limits.push("more fingerprints than are kept".to_owned());
        }
        let statement = Timed {
            calls: queries.iter().map(|query| query.calls).sum(),
            total_us: queries.iter().map(|query| query.total_us).sum(),
        };
        let format = match self.engine {
            Engine::PostgreSql => PG_FORMAT.name,
            Engine::MySql => DIGEST_FORMAT.name,
        };
        let source = SlowSource {
            label: self.label.as_ref().to_owned(),
            engine: self.engine,
            format,
            bytes: self.bytes,
            lines,
            records: self.records,
            identity: self.identity.finish(),
            phases: Phases { statement, ..Phases::default() },
            limits: limits.clone(),
            ..SlowSource::default()
        };
        Parsed {
            records: SlowLog {
                by: self.by,
                offered: self.offered,
                engine: self.engine,
                sources: vec![source],
                queries,
                ..SlowLog::default()
            },
            issues: self.issues,
            coverage: Coverage {
                window: None,
                records: self.records,
                skipped: self.skipped,
                limits,
            },
        }
    }
}

/// How an export is separated: by its row of names.
fn dialect(head: &[u8]) -> Dialect {
    let line = head.split(|&b| b == b'\n').next().unwrap_or_default();
    let count = |byte| line.iter().filter(|&&b| b == byte).count();
    let (tabs, semicolons, commas) = (count(b'\t'), count(b';'), count(b','));
    if count(b'|') > commas.max(tabs).max(semicolons) {
        return Dialect { delimiter: b'|', quotes: true, backslash: false };
    }
    if tabs > commas && tabs > semicolons {
        // `mysql --batch` escapes and never quotes; `COPY` in its text format alike.
        return Dialect { delimiter: b'\t', quotes: false, backslash: true };
    }
    let delimiter = if semicolons > commas { b';' } else { b',' };
    Dialect { delimiter, quotes: true, backslash: false }
}

/// How sure it is that a source is such an export: by its row of names.
fn score(head: &Head<'_>, engine: Engine) -> u8 {
    let end = memchr::memchr(b'\n', head.bytes).map_or(head.bytes.len(), |at| at + 1);
    let mut rows = Rows::new(dialect(head.bytes));
    let mut found = false;
    let mut take = |row: &Row| found |= Columns::of(row, engine).is_some();
    rows.push(head.bytes.get(..end).unwrap_or_default(), &mut take);
    rows.finish(&mut take);
    if found { 95 } else { 0 }
}
