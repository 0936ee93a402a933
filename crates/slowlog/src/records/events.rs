//! What happened besides queries: events by class, schema changes.

use chrono::{DateTime, Utc};
use model::{Place, Window};
use text::Raw;

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
    /// A node of a plan gave far more rows than the planner expected; carries the fingerprint;
    /// subject: the node; amount: how many times more.
    PlanMisestimate,
    /// A vacuum left more dead rows than it removed, since an old transaction may still see them;
    /// subject: table; amount: rows.
    VacuumHeldBack,
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
            Self::PlanMisestimate => "plan-misestimate",
            Self::VacuumHeldBack => "vacuum-held-back",
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
    /// In which database the sessions were that it happened to; empty for the server's own
    /// processes, where the log does not say, and once [`SlowLog::settle_owners`] has added up what
    /// is of Mattermost's databases.
    ///
    /// [`SlowLog::settle_owners`]: crate::SlowLog::settle_owners
    pub database: Raw,
    /// Whether it happened to another system's database on the same server.
    pub foreign: bool,
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
    /// In which database, as for [`DatabaseEvent::database`].
    pub database: Raw,
    /// Whether it is of another system's database.
    pub foreign: bool,
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
    /// Whether it was run in another system's database.
    pub foreign: bool,
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
