//! Reads database logs: queries by fingerprint, locks, cancellations, events.

pub mod fingerprint;
mod histogram;
mod records;

pub use fingerprint::{Engine, StatementKind};
pub use histogram::Histogram;
pub use records::{
    ConnectionMinute, DatabaseEvent, Ddl, EventClass, EventMinute, LoadMinute, LockOutcome,
    LockParty, LockWait, OTHER_ID, Phases, Query, QueryMinute, QueryWindow, SlowLog, SlowSource,
    Timed, Top,
};
