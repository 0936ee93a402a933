//! Time, sleep and chance, handed in: tests do not wait, and results do not depend on when they
//! are made.

use std::time::Duration;

/// What the client needs of the machine it runs on.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64;
    /// Waits.
    fn sleep(&self, time: Duration);
    /// Any number: spreads the retries of several clients.
    fn random(&self) -> u64;
}
