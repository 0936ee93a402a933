//! Reads database logs: queries by fingerprint, locks, cancellations, events.

mod asked;
mod beside;
mod contexts;
mod envelope;
pub mod fingerprint;
mod floor;
mod histogram;
mod identity;
mod json;
mod lines;
mod literals;
mod merge;
mod mysql;
mod others;
mod owners;
mod pg;
mod pgbouncer;
mod pool;
mod queries;
mod reader;
mod records;
mod rows;
mod shapes;
mod spans;
pub mod statements;
pub mod summary;
mod window;

pub use asked::{Filter, Offered, Party};
pub use beside::OtherLines;
pub use envelope::{ENVELOPES, EXPORT, Form};
pub use fingerprint::{Engine, StatementKind};
pub use histogram::Histogram;
pub use identity::Identity;
pub use pg::wrapped::years::Until;
pub use reader::{FORMATS, NotRecognised, Options, Reader};
pub use records::{
    ConnectionMinute, DatabaseEvent, Ddl, EventClass, EventMinute, LoadMinute, LockOutcome,
    LockParty, LockWait, OTHER_ID, Phases, PoolerMinute, Preparing, Query, QueryId, QueryMinute,
    QueryWindow, SlowLog, SlowSource, Spot, Timed, Top, Work,
};

#[cfg(test)]
mod tests;
