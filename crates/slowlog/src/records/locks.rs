//! Waits for locks.

use chrono::{DateTime, Utc};
use model::Place;
use text::Raw;

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
    /// Its database.
    pub database: Raw,
    /// Its application.
    pub application: Raw,
    /// Its client host.
    pub client: Raw,
    /// What it ran, where the log holds it: a query's id.
    pub fingerprint_id: Option<String>,
    /// That query's text, without literals.
    pub fingerprint: String,
    /// When that query began, where the log says so.
    pub since: Option<DateTime<Utc>>,
    /// Whether that is what it ran last before, and not what it was seen to run at the time.
    pub is_guess: bool,
}

impl LockParty {
    /// Whether the log does not say who it is.
    pub(crate) fn is_nameless(&self) -> bool {
        [&self.user, &self.application, &self.client].iter().all(|it| it.untrusted().is_empty())
    }
}

/// What waits where replay on a standby does: see [`LockWait::is_replay`].
pub(crate) const REPLAY: &str = "replay";

/// A wait for a lock, or of replay on a standby for a statement.
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
    /// The lock's mode: `ShareLock`, `AccessExclusiveLock` ...; of replay the kind of conflict:
    /// `snapshot`, `lock` ...
    pub mode: String,
    /// What is locked, in the log's words without numbers: `transaction`, `tuple`, `relation` ...
    pub target: String,
    /// The relation's name or, without one, its object id; empty when the log does not say.
    pub relation: Raw,
    /// How long it waited, in microseconds: the whole wait when it was acquired, else so far.
    pub waited_us: u64,
    /// How it ended.
    pub outcome: LockOutcome,
    /// Whether it is a wait within another system's database.
    pub foreign: bool,
    /// Where it stands.
    pub place: Place,
}

impl LockWait {
    /// Whether it is not a statement that waited but the replay of a standby, for a statement there.
    pub fn is_replay(&self) -> bool {
        self.target == REPLAY
    }
}
