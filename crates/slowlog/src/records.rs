//! What a database log gives: queries by fingerprint, locks, events, all over time.
//!
//! Texts that come from the log and may hold anything (names, samples) are [`Raw`]; fingerprints
//! hold no literals and are plain. Times are UTC, durations integer microseconds.

use crate::fingerprint::{Engine, StatementKind};
use crate::histogram::Histogram;
use chrono::{DateTime, Utc};
use model::{Place, Window};
use std::borrow::Cow;
use text::Raw;

mod id;
mod top;

pub use id::{QueryId, Spot};
pub use top::Top;
pub(crate) use top::{TopRoom, Values};

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

/// A count and a sum of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timed {
    /// How many.
    pub calls: u64,
    /// Together, in microseconds.
    pub total_us: u64,
}

/// The id of the row that holds what did not fit the budget of fingerprints.
pub const OTHER_ID: &str = "q:other";

/// A query with its literals taken out, and how it ran.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// `q:` and 12 hexadecimal digits; [`OTHER_ID`] for what did not fit.
    pub fingerprint_id: QueryId,
    /// The text without literals, cut at a budget.
    pub fingerprint: String,
    /// Which database ran it; `None` when both did.
    pub engine: Option<Engine>,
    /// What kind of statement.
    pub kind: StatementKind,
    /// The feature of Mattermost that it belongs to, if that is sure: `PostStore.Search`.
    pub store_method: Option<&'static str>,
    /// Executions that were logged.
    pub calls: u64,
    /// Together, in microseconds.
    pub total_us: u64,
    /// The sum of squares, in square microseconds: for the standard deviation.
    pub squares_us2: u128,
    /// The shortest, in microseconds.
    pub min_us: u64,
    /// The longest, in microseconds.
    pub max_us: u64,
    /// All durations in microseconds, with an error below 1 %.
    pub durations: Histogram,
    /// Rows sent or returned, where the log says so.
    pub rows: Option<u64>,
    /// Rows examined, where the log says so.
    pub rows_examined: Option<u64>,
    /// Time in locks, in microseconds, where the log says so.
    pub lock_us: Option<u64>,
    /// Executions that read a whole table, where the log says so.
    pub full_scans: Option<u64>,
    /// Temporary tables on disk, where the log says so.
    pub tmp_disk_tables: Option<u64>,
    /// When the earliest began: the time of the log, which is its end, less its duration.
    pub started_at: Option<DateTime<Utc>>,
    /// When the first was logged.
    pub first_at: Option<DateTime<Utc>>,
    /// When the last was logged.
    pub last_at: Option<DateTime<Utc>>,
    /// Tables that it names, in lower case, sorted.
    pub tables: Vec<String>,
    /// Columns that it names, in lower case, sorted, with `, ` between them.
    pub columns: Box<str>,
    /// Users, most calls first.
    pub users: Vec<Top>,
    /// Databases, most calls first.
    pub databases: Vec<Top>,
    /// Applications, most calls first.
    pub applications: Vec<Top>,
    /// Client hosts, most calls first.
    pub clients: Vec<Top>,
    /// The text of the longest with its literals, where they were asked for: see
    /// [`Query::sample_text`].
    pub sample: Option<Raw>,
    /// Where the first stands.
    pub first_place: Spot,
    /// Where the longest stands.
    pub max_place: Spot,
    /// Whether the text was cut in the log or by the budget.
    pub truncated: bool,
}

impl Query {
    /// The text of the longest; literals taken out unless they were asked for.
    pub fn sample_text(&self) -> Cow<'_, Raw> {
        match &self.sample {
            Some(sample) => Cow::Borrowed(sample),
            None => Cow::Owned(Raw::new(self.fingerprint.as_str())),
        }
    }

    /// The lists of frequent values beside it.
    pub(crate) fn tops_mut(&mut self) -> [&mut Vec<Top>; 4] {
        [&mut self.users, &mut self.databases, &mut self.applications, &mut self.clients]
    }

    /// The mean duration in microseconds; 0 without calls.
    pub fn mean_us(&self) -> f64 {
        if self.calls == 0 { 0.0 } else { self.total_us as f64 / self.calls as f64 }
    }

    /// The standard deviation of the durations in microseconds; 0 without calls.
    pub fn stddev_us(&self) -> f64 {
        if self.calls == 0 {
            return 0.0;
        }
        let mean = self.mean_us();
        (self.squares_us2 as f64 / self.calls as f64 - mean * mean).max(0.0).sqrt()
    }

    /// The duration in microseconds below which the share `q` (0 to 1) of the calls lies; never
    /// outside `min_us` to `max_us`.
    pub fn quantile_us(&self, q: f64) -> u64 {
        self.durations.quantile(q).clamp(self.min_us.min(self.max_us), self.max_us)
    }
}

/// A fingerprint in a span of time. A call counts where it was logged, which is its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryMinute {
    /// The query's id.
    pub fingerprint_id: QueryId,
    /// Start of the span.
    pub minute: DateTime<Utc>,
    /// Its length in minutes: 1, or more where the budget was met.
    pub span_min: u32,
    /// Calls.
    pub calls: u64,
    /// Together, in microseconds.
    pub total_us: u64,
    /// The longest, in microseconds.
    pub max_us: u64,
    /// All durations, in microseconds.
    pub durations: Histogram,
    /// What the statements did, where the log says so.
    pub work: Option<Box<Work>>,
}

/// What statements did besides taking time; `None` where the log does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Rows sent or returned.
    pub rows: Option<u64>,
    /// Rows examined.
    pub rows_examined: Option<u64>,
    /// Time in locks, in microseconds.
    pub lock_us: Option<u64>,
    /// Executions that read a whole table.
    pub full_scans: Option<u64>,
    /// Temporary tables on disk.
    pub tmp_disk_tables: Option<u64>,
}

impl Work {
    /// Adds the work of a statement that stands for `weight` of its kind.
    pub fn add(&mut self, other: &Self, weight: u64) {
        let add = |sum: &mut Option<u64>, value: Option<u64>| {
            if let Some(value) = value {
                *sum = Some(sum.unwrap_or(0).saturating_add(value.saturating_mul(weight)));
            }
        };
        add(&mut self.rows, other.rows);
        add(&mut self.rows_examined, other.rows_examined);
        add(&mut self.lock_us, other.lock_us);
        add(&mut self.full_scans, other.full_scans);
        add(&mut self.tmp_disk_tables, other.tmp_disk_tables);
    }

    /// Whether the log says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A fingerprint within a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryWindow {
    /// The query's id.
    pub fingerprint_id: QueryId,
    /// Calls.
    pub calls: u64,
    /// Together, in microseconds.
    pub total_us: u64,
    /// The longest, in microseconds.
    pub max_us: u64,
    /// Mean, in microseconds; `None` without calls.
    pub mean_us: Option<f64>,
    /// The 95th percentile, in microseconds; `None` without calls.
    pub p95_us: Option<u64>,
    /// Its share of the time of all queries in the window, 0 to 1; `None` without any.
    pub share: Option<f64>,
}

/// How a wait for a lock ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockOutcome {
    /// The log does not say.
    #[default]
    Unknown,
    /// The lock was acquired.
    Acquired,
    /// The statement was cancelled while it waited.
    Cancelled,
    /// The wait was part of a deadlock.
    Deadlock,
}

impl LockOutcome {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Acquired => "acquired",
            Self::Cancelled => "cancelled",
            Self::Deadlock => "deadlock",
        }
    }
}

/// One side of a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockParty {
    /// Process or thread id; `None` when the log does not say.
    pub pid: Option<u32>,
    /// Its user.
    pub user: Raw,
    /// Its application.
    pub application: Raw,
    /// Its client host.
    pub client: Raw,
    /// What it ran, where the log holds it: a query's id.
    pub fingerprint_id: Option<String>,
    /// That query's text, without literals.
    pub fingerprint: String,
}

impl LockParty {
    /// Whether the log does not say who it is.
    pub(crate) fn is_nameless(&self) -> bool {
        [&self.user, &self.application, &self.client].iter().all(|it| it.untrusted().is_empty())
    }
}

/// A wait for a lock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LockWait {
    /// When it was logged first.
    pub at: DateTime<Utc>,
    /// When the wait began: servers log it after a while.
    pub started_at: DateTime<Utc>,
    /// Who waited.
    pub waiter: LockParty,
    /// Who held the lock; the first of them where there are several.
    pub blocker: LockParty,
    /// Process ids of all holders.
    pub blocker_pids: Vec<u32>,
    /// Process ids of the wait queue.
    pub queue_pids: Vec<u32>,
    /// The pid at the root of the chain of waits at that moment: the holder that itself did not
    /// wait; `None` when the log does not say.
    pub root_pid: Option<u32>,
    /// The lock's mode: `ShareLock`, `AccessExclusiveLock` ...
    pub mode: String,
    /// What is locked, in the log's words without numbers: `transaction`, `tuple`, `relation` ...
    pub target: String,
    /// The relation's name or, without one, its object id; empty when the log does not say.
    pub relation: Raw,
    /// How long it waited, in microseconds: the whole wait when it was acquired, else so far.
    pub waited_us: u64,
    /// How it ended.
    pub outcome: LockOutcome,
    /// Where it stands.
    pub place: Place,
}

/// What happened, as a class that rules can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventClass {
    /// Somebody waited long for a lock; cause: the lock's mode; subject: relation.
    LockWait,
    /// A deadlock was broken; subject: relation.
    Deadlock,
    /// A statement was cancelled; cause: `statement timeout`, `lock timeout`, `user request`,
    /// `recovery conflict`, `autovacuum`; carries the fingerprint.
    Cancelled,
    /// A temporary file was written; amount: bytes; carries the fingerprint.
    TemporaryFile,
    /// A checkpoint; cause: `time`, `wal`, `immediate`, ... ; amount: microseconds in total.
    Checkpoint,
    /// A table was vacuumed; subject: table; amount: microseconds.
    Autovacuum,
    /// A table was analysed; subject: table; amount: microseconds.
    Autoanalyze,
    /// A connection was refused; cause: `too many clients`, `reserved slots`, `starting up`,
    /// `shutting down`, `connection limit`, `hba` ...; subject: user.
    Refused,
    /// A login failed; cause: `password`, `role`, `database` ...; subject: user.
    Authentication,
    /// A session was ended; cause: `administrator`, `idle in transaction`, `recovery conflict`,
    /// `client lost` ...; subject: user.
    Terminated,
    /// The server started or was told to stop; cause: `start` (amount: microseconds until it was
    /// ready), `ready` where no start was logged, `shutdown requested`, `stopped` ...
    Restart,
    /// A process crashed or the server recovered from a crash; cause: `signal 9`, `recovery` ...
    Crash,
    /// A write failed for want of space; cause: `wal`, `table`, `temporary file`, `file`.
    DiskFull,
    /// The server gave up: PANIC.
    Panic,
    /// A read or write failed for another reason than space; cause: `read`, `write`, `extend` ...
    Io,
    /// A replica's replay conflicts with its queries; cause: the kind of conflict.
    ReplicationConflict,
    /// Replication failed or fell behind; cause in fixed words.
    Replication,
    /// `archive_command` failed; cause: its exit code or signal.
    ArchiveFailure,
    /// Out of memory.
    OutOfMemory,
    /// A process could not be started.
    ForkFailure,
    /// Data is damaged; cause in fixed words.
    Corruption,
    /// Transaction ids run out.
    Wraparound,
    /// A setting changed or is wrong; subject: the setting.
    Configuration,
    /// A plan of auto_explain was logged; carries the fingerprint; amount: microseconds.
    Plan,
    /// Any other error; cause: its SQLSTATE class in words or `syntax`, `unique violation` ...
    Error,
    /// Any other warning.
    Warning,
}

impl EventClass {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LockWait => "lock-wait",
            Self::Deadlock => "deadlock",
            Self::Cancelled => "cancelled",
            Self::TemporaryFile => "temporary-file",
            Self::Checkpoint => "checkpoint",
            Self::Autovacuum => "autovacuum",
            Self::Autoanalyze => "autoanalyze",
            Self::Refused => "refused",
            Self::Authentication => "authentication",
            Self::Terminated => "terminated",
            Self::Restart => "restart",
            Self::Crash => "crash",
            Self::DiskFull => "disk-full",
            Self::Panic => "panic",
            Self::Io => "io",
            Self::ReplicationConflict => "replication-conflict",
            Self::Replication => "replication",
            Self::ArchiveFailure => "archive-failure",
            Self::OutOfMemory => "out-of-memory",
            Self::ForkFailure => "fork-failure",
            Self::Corruption => "corruption",
            Self::Wraparound => "wraparound",
            Self::Configuration => "configuration",
            Self::Plan => "plan",
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Events of one class, cause, subject and fingerprint.
#[derive(Clone, Debug, PartialEq)]
pub struct DatabaseEvent {
    /// What happened.
    pub class: EventClass,
    /// Why, in fixed words; empty when there is nothing to say.
    pub cause: String,
    /// On what: a table, index, user; may be empty.
    pub subject: Raw,
    /// The query that it happened to.
    pub fingerprint_id: Option<String>,
    /// That query's text, without literals; empty when there is none.
    pub fingerprint: String,
    /// How often.
    pub calls: u64,
    /// What was measured, added up (bytes of temporary files, microseconds of a vacuum); 0
    /// without a unit.
    pub amount: u64,
    /// The largest of them.
    pub amount_max: u64,
    /// `bytes`, `us`, or empty.
    pub unit: &'static str,
    /// SQLSTATE where the log has it, or empty.
    pub sqlstate: String,
    /// First time.
    pub first_at: DateTime<Utc>,
    /// Last time.
    pub last_at: DateTime<Utc>,
    /// The first message, with literals taken out.
    pub sample: Raw,
    /// Where the first stands.
    pub place: Place,
}

/// A class of events in a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventMinute {
    /// What happened.
    pub class: EventClass,
    /// Why, in fixed words.
    pub cause: String,
    /// Start of the span.
    pub minute: DateTime<Utc>,
    /// Its length in minutes.
    pub span_min: u32,
    /// How often.
    pub calls: u64,
}

/// A statement that changes the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ddl {
    /// When it was logged: its end, or its start where statements are logged before they run.
    pub at: DateTime<Utc>,
    /// When it began, where the log has its duration or logged it before it ran.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended or failed, where the log says so.
    pub ended_at: Option<DateTime<Utc>>,
    /// Who ran it.
    pub user: Raw,
    /// In which database.
    pub database: Raw,
    /// With which application.
    pub application: Raw,
    /// From where.
    pub client: Raw,
    /// The query's id.
    pub fingerprint_id: String,
    /// Its text without literals; names of objects are kept.
    pub statement: String,
    /// The verb and its object's kind: `drop index`, `create index concurrently`, `alter table`.
    pub action: String,
    /// The object: the index of `DROP INDEX`, the table of `ALTER TABLE`; lower case unless
    /// quoted; empty when it cannot be told.
    pub object: Raw,
    /// How long it took, in microseconds, where the log says so.
    pub duration_us: Option<u64>,
    /// Whether it failed.
    pub failed: bool,
    /// Where it stands.
    pub place: Place,
}

impl Ddl {
    /// When it began, or else when it was logged.
    pub fn began(&self) -> DateTime<Utc> {
        self.started_at.unwrap_or(self.at)
    }

    /// Whether it ran within a window, for some time at least.
    pub fn ran_in(&self, window: Window) -> bool {
        self.began() < window.end && self.ended_at.unwrap_or(self.at) >= window.start
    }
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

impl LoadMinute {
    /// Of a span's start, its length in minutes, its calls and the microseconds in them.
    #[expect(clippy::cast_precision_loss, reason = "an average of statements")]
    pub(crate) fn of((minute, span_min, calls, total_us): (DateTime<Utc>, u32, u64, u64)) -> Self {
        let concurrency = total_us as f64 / (f64::from(span_min) * 60e6);
        Self { minute, span_min, calls, total_us, concurrency }
    }
}
