//! What a database log gives: queries by fingerprint, locks, events, all over time.
//!
//! Texts that come from the log and may hold anything (names, samples) are [`Raw`]; fingerprints
//! hold no literals and are plain. Times are UTC, durations integer microseconds.

use crate::asked::{Offered, Party};
use crate::fingerprint::Engine;
use crate::identity::Identity;
use chrono::{DateTime, Utc};
use model::Window;
use text::Raw;

mod events;
mod id;
mod locks;
mod pooler;
mod query;
mod top;

pub use events::{DatabaseEvent, Ddl, EventClass, EventMinute};
pub use id::{QueryId, Spot};
pub(crate) use locks::REPLAY;
pub use locks::{LockOutcome, LockParty, LockWait};
pub use pooler::PoolerMinute;
pub use query::{OTHER_ID, Query, QueryMinute, QueryWindow, Work};
pub use top::Top;
pub(crate) use top::TopRoom;

impl Engine {
    /// The word for it: `postgresql`, `mysql`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PostgreSql => "postgresql",
            Self::MySql => "mysql",
        }
    }
}

#[expect(clippy::derivable_impls, reason = "the type is defined beside the rules that it chooses")]
impl Default for Engine {
    fn default() -> Self {
        Self::PostgreSql
    }
}

/// Everything that was read from the logs of one database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlowLog {
    /// Which database wrote it; of several, that of the log that was read first.
    pub engine: Engine,
    /// One per file that was read.
    pub sources: Vec<SlowSource>,
    /// One per fingerprint; most total time first, then by id. Boxed: a list of megabytes that is
    /// freed makes the allocator keep as much for good.
    pub queries: Vec<Box<Query>>,
    /// One per fingerprint and span of time; in the order of `queries`, then by time.
    pub minutes: Vec<QueryMinute>,
    /// Waits for locks, by time.
    pub locks: Vec<LockWait>,
    /// What else happened, by class, cause, subject and fingerprint.
    pub events: Vec<DatabaseEvent>,
    /// How often per minute, by class, cause and time.
    pub event_minutes: Vec<EventMinute>,
    /// Statements that change the schema, by time.
    pub ddl: Vec<Ddl>,
    /// Connections authorised per minute, by time.
    pub connections: Vec<ConnectionMinute>,
    /// How busy the database was with the statements that were logged, by time.
    pub load: Vec<LoadMinute>,
    /// How long clients waited in a pooler, and how much went through it, by time.
    pub pooler: Vec<PoolerMinute>,
    /// Queries whose parsing and binding took longest; most time first. Those of 1 ms and more
    /// each: shorter ones are in the sums of their sources alone.
    pub preparing: Vec<Preparing>,
    /// By whom statements are told apart, where that was asked for: then each of `queries` is one
    /// of them, under its name, and none has tables or frequent values.
    pub by: Option<Party>,
    /// What could have been asked for; empty where everything was.
    pub offered: Offered,
}

/// A file (or stream) that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlowSource {
    /// The path or label that was given.
    pub label: String,
    /// Which database wrote it.
    pub engine: Engine,
    /// The format that was recognised: `postgresql stderr`, `mysql slow log` ...
    pub format: &'static str,
    /// How its lines begin, where that is variable: a `log_line_prefix`; empty otherwise.
    pub prefix: String,
    /// Bytes read.
    pub bytes: u64,
    /// Lines read.
    pub lines: u64,
    /// Records read: primary log records, or slow log entries.
    pub records: u64,
    /// Lines that were no part of any record.
    pub unknown_lines: u64,
    /// From the first to the last record with a time.
    pub window: Option<Window>,
    /// Statements by the phase that was timed: only `statement` and `execute` are in `queries`.
    pub phases: Phases,
    /// The threshold below which the server seems to log no statement, in microseconds
    /// (`log_min_duration_statement`, `long_query_time`): inferred; 0 when everything is logged,
    /// `None` when nothing can be said.
    pub threshold_us: Option<u64>,
    /// What the source cannot show, as in its coverage.
    pub limits: Vec<String>,
    /// When the server was started, where it was not yet ready when the log ended.
    pub starting_since: Option<DateTime<Utc>>,
    /// When the server was ready, where its start stands in the log before.
    pub ready_at: Option<DateTime<Utc>>,
    /// Which events it holds.
    pub identity: Identity,
    /// Another source that holds the same events: they are counted there, and not here.
    pub same_as: Option<String>,
    /// Other sources of which about so many events are here too, and are counted in both.
    pub overlaps: Vec<(String, u64)>,
    /// Records by severity: `LOG`, `ERROR`, `FATAL`, `PANIC`, `WARNING` ...; in order of severity.
    pub severities: Vec<(&'static str, u64)>,
}

/// How many statements were timed in each phase of the extended protocol, and how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Simple statements: counted as calls.
    pub statement: Timed,
    /// Execution of prepared statements: counted as calls.
    pub execute: Timed,
    /// Parsing of prepared statements: shown, not added.
    pub parse: Timed,
    /// Binding (and planning) of prepared statements: shown, not added.
    pub bind: Timed,
    /// Plans of auto_explain: the same executions again, not added.
    pub plan: Timed,
    /// Fast-path function calls: shown, not added.
    pub fastpath: Timed,
    /// Durations without any text that could be paired: shown, not added.
    pub unpaired: Timed,
}

/// How long a query was parsed and bound, besides its executions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preparing {
    /// The query's id.
    pub fingerprint_id: QueryId,
    /// Its text without literals.
    pub fingerprint: String,
    /// How often and how long in all.
    pub timed: Timed,
    /// The longest, in microseconds.
    pub max_us: u64,
}

/// A count and a sum of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timed {
    /// How many.
    pub calls: u64,
    /// Together, in microseconds.
    pub total_us: u64,
}

/// Connections authorised in a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionMinute {
    /// Start of the span.
    pub minute: DateTime<Utc>,
    /// Its length in minutes.
    pub span_min: u32,
    /// User.
    pub user: Raw,
    /// Database.
    pub database: Raw,
    /// Client host.
    pub host: Raw,
    /// Application.
    pub application: Raw,
    /// How many were authorised.
    pub calls: u64,
}

/// How busy the database was in a span of time, with the statements that were logged: each
/// statement is spread over the time that it ran.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadMinute {
    /// Start of the span.
    pub minute: DateTime<Utc>,
    /// Its length in minutes.
    pub span_min: u32,
    /// Statements that ended in it.
    pub calls: u64,
    /// Time that statements ran within it, in microseconds.
    pub total_us: u64,
    /// Statements that ran at once, on average.
    pub concurrency: f64,
}

impl Phases {
    /// All phases, each with its name, in the order of the protocol.
    pub fn each(&self) -> [(&'static str, Timed); 7] {
        [
            ("statement", self.statement),
            ("parse", self.parse),
            ("bind", self.bind),
            ("execute", self.execute),
            ("fastpath", self.fastpath),
            ("plan", self.plan),
            ("unpaired", self.unpaired),
        ]
    }
}

impl Timed {
    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(other.calls),
            total_us: self.total_us.saturating_add(other.total_us),
        }
    }
}

impl LoadMinute {
    /// Of a span's start, its length in minutes, its calls and the microseconds in them.
    #[expect(clippy::cast_precision_loss, reason = "an average of statements")]
    pub(crate) fn of((minute, span_min, calls, total_us): (DateTime<Utc>, u32, u64, u64)) -> Self {
        let concurrency = total_us as f64 / (f64::from(span_min) * 60e6);
        Self { minute, span_min, calls, total_us, concurrency }
    }
}
