//! The figures of a row: one list, from which all outputs are derived.

use super::phrase;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use slowlog::Top;
use slowlog::summary::{Group, Row};
use text::{Raw, Redactor};

/// A value of a row.
pub(super) enum Cell {
    Nothing,
    Count(u64),
    /// Microseconds; machines get milliseconds.
    Us(f64),
    /// 0 to 1, or -1 to 1.
    Share(f64),
    /// Any other number.
    Number(f64),
    Time(DateTime<Utc>),
    /// Cleared, or our own.
    Words(String),
    List(Vec<String>),
}

/// A figure.
pub(super) struct Column {
    /// Its name in JSON and CSV; the unit ends it.
    pub(super) name: &'static str,
    /// Its heading for people; empty where it stands elsewhere.
    pub(super) head: &'static str,
    pub(super) of: fn(&Row<'_>, &Redactor) -> Cell,
}

fn opt<T>(value: Option<T>, cell: fn(T) -> Cell) -> Cell {
    value.map_or(Cell::Nothing, cell)
}

/// A count of nothing has neither a longest nor a mean.
fn ran(row: &Row<'_>, cell: Cell) -> Cell {
    if row.figures.calls == 0 { Cell::Nothing } else { cell }
}

fn us(row: &Row<'_>, q: f64) -> Cell {
    opt(row.figures.quantile_us(q), |us| Cell::Us(us as f64))
}

fn words(text: &str, redactor: &Redactor) -> Cell {
    Cell::Words(redactor.clear(&Raw::new(text)).as_str().to_owned())
}

fn tops(row: &Row<'_>, of: fn(&slowlog::Query) -> &[Top], redactor: &Redactor) -> Cell {
    row.query.map_or(Cell::Nothing, |query| {
        Cell::List(
            of(query)
                .iter()
                .filter(|top| !top.value.is_empty())
                .map(|top| redactor.clear(&top.value).as_str().to_owned())
                .collect(),
        )
    })
}

/// A column.
macro_rules! column {
    ($name:literal, $head:literal, $of:expr) => {
        Column { name: $name, head: $head, of: $of }
    };
}

/// All figures, in the order of the outputs.
pub(super) static COLUMNS: &[Column] = &[
    column!("key", "", |row, redactor| words(&row.key, redactor)),
    column!("share", "share", |row, _| opt(row.share, Cell::Share)),
    column!("calls", "calls", |row, _| Cell::Count(row.figures.calls)),
    column!("total_ms", "total", |row, _| ran(row, Cell::Us(row.figures.total_us as f64))),
    column!("mean_ms", "mean", |row, _| opt(row.figures.mean_us(), Cell::Us)),
    column!("p50_ms", "p50", |row, _| us(row, 0.5)),
    column!("p95_ms", "p95", |row, _| us(row, 0.95)),
    column!("p99_ms", "p99", |row, _| us(row, 0.99)),
    column!("max_ms", "max", |row, _| ran(row, Cell::Us(row.figures.max_us as f64))),
    column!("stddev_ms", "stddev", |row, _| opt(row.figures.stddev_us(), Cell::Us)),
    column!("rows", "rows", |row, _| opt(row.figures.work.rows, Cell::Count)),
    column!("rows_examined", "examined", |row, _| opt(row.figures.work.rows_examined, Cell::Count)),
    column!("lock_ms", "locked", |row, _| opt(row.figures.work.lock_us, |us| Cell::Us(us as f64))),
    column!("full_scans", "", |row, _| opt(row.figures.work.full_scans, Cell::Count)),
    column!("tmp_disk_tables", "", |row, _| opt(row.figures.work.tmp_disk_tables, Cell::Count)),
    column!("verdict", "", |row, _| opt(row.change.as_ref(), |c| Cell::Words(
        c.verdict.as_str().to_owned()
    ))),
    column!("share_of_change", "", |row, _| opt(
        row.change.as_ref().and_then(|c| c.share),
        Cell::Share
    )),
    column!("delta_load", "", |row, _| opt(row.change.as_ref(), |c| Cell::Number(c.delta_load))),
    column!("calls_per_min", "", |row, _| opt(row.change.as_ref(), |c| Cell::Number(c.per_min))),
    column!("before_calls", "", |row, _| opt(row.change.as_ref(), |c| Cell::Count(c.before_calls))),
    column!("before_calls_per_min", "", |row, _| opt(row.change.as_ref(), |c| Cell::Number(
        c.before_per_min
    ))),
    column!("before_mean_ms", "", |row, _| opt(
        row.change.as_ref().and_then(|c| c.before_mean_us),
        Cell::Us
    )),
    column!("before_p95_ms", "", |row, _| opt(
        row.change.as_ref().and_then(|c| c.before_p95_us),
        |us| Cell::Us(us as f64)
    )),
    column!("first_at", "", |row, _| opt(row.first_at, Cell::Time)),
    column!("last_at", "", |row, _| opt(row.last_at, Cell::Time)),
    column!("engine", "", |row, _| opt(row.query, |query| {
        Cell::Words(query.engine.map_or("both", slowlog::Engine::as_str).to_owned())
    })),
    column!("kind", "", |row, _| opt(row.query, |q| Cell::Words(q.kind.as_str().to_owned()))),
    column!("store_method", "", |row, _| opt(
        row.query.and_then(|query| query.store_method),
        |method| Cell::Words(method.to_owned())
    )),
    column!("tables", "", |row, redactor| row.query.map_or(Cell::Nothing, |query| Cell::List(
        query
            .tables
            .iter()
            .map(|table| redactor.clear(&Raw::new(table.as_str())).as_str().to_owned())
            .collect()
    ))),
    column!("users", "", |row, redactor| tops(row, |query| &query.users, redactor)),
    column!("databases", "", |row, redactor| tops(row, |query| &query.databases, redactor)),
    column!("applications", "", |row, redactor| tops(row, |query| &query.applications, redactor)),
    column!("clients", "", |row, redactor| tops(row, |query| &query.clients, redactor)),
    column!("statement", "", |row, redactor| row
        .query
        .map_or(Cell::Nothing, |query| words(&query.fingerprint, redactor))),
    column!("sample", "", |row, redactor| row.query.map_or(Cell::Nothing, |query| Cell::Words(
        redactor.clear(&query.sample_text()).as_str().to_owned()
    ))),
    column!("sample_source", "", |row, redactor| row
        .query
        .map_or(Cell::Nothing, |query| words(query.max_place.source(), redactor))),
    column!("sample_location", "", |row, _| opt(row.query, |q| Cell::Words(
        q.max_place.location()
    ))),
];

impl Column {
    /// For people.
    pub(super) fn shown(&self, row: &Row<'_>, redactor: &Redactor) -> String {
        match (self.of)(row, redactor) {
            Cell::Nothing => "-".to_owned(),
            Cell::Count(n) => phrase::count(n),
            Cell::Us(us) => phrase::duration(us),
            Cell::Share(share) => phrase::share(share),
            Cell::Number(n) => format!("{n:.2}"),
            Cell::Time(at) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
            Cell::Words(words) => words,
            Cell::List(list) => list.join(", "),
        }
    }
}

/// Six digits behind the point are microseconds of milliseconds; more are noise.
fn rounded(n: f64) -> f64 {
    (n * 1e6).round() / 1e6
}

impl Cell {
    /// For JSON.
    pub(super) fn json(self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Count(n) => json!(n),
            Self::Us(us) => json!(rounded(us / 1000.0)),
            Self::Share(n) | Self::Number(n) => json!(rounded(n)),
            Self::Time(at) => json!(at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            Self::Words(words) => json!(words),
            Self::List(list) => json!(list),
        }
    }

    /// For CSV, without quotes.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "every other value is written as JSON writes it"
    )]
    pub(super) fn csv(self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Words(words) => words,
            Self::List(list) => list.join(" "),
            other @ (Self::Count(_)
            | Self::Us(_)
            | Self::Share(_)
            | Self::Number(_)
            | Self::Time(_)) => match other.json() {
                Value::String(text) => text,
                value => value.to_string(),
            },
        }
    }
}

/// What the first column is called.
pub(super) fn key_head(group: Group) -> &'static str {
    match group {
        Group::Fingerprint => "query",
        Group::Table => "table",
        Group::User => "user",
        Group::Database => "database",
        Group::Application => "application",
        Group::Client => "client",
        Group::Minute => "from",
    }
}
