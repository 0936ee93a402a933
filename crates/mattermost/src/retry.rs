//! When a request is sent again, and how long to wait before.

use crate::Error;
use crate::clock::Clock;
use std::time::Duration;

/// Whether a request may be sent again when it is not known what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Doing it twice is as doing it once: reading, setting a state, pinning.
    Safe,
    /// Only when the server certainly did nothing: it was not reached, or refused for the rate.
    IfNotDone,
}

/// How often and how long is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Requests for one thing, the first included.
    pub tries_max: u32,
    /// The wait before the second; doubled for each further one.
    pub wait: Duration,
    /// The longest wait of our own.
    pub wait_max: Duration,
    /// The longest wait that a server may ask for; a longer one ends the attempt.
    pub asked_max: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            tries_max: 6,
            wait: Duration::from_millis(500),
            wait_max: Duration::from_secs(15),
            asked_max: Duration::from_secs(90),
        }
    }
}

impl Retry {
    /// How long to wait before the next request, or `None` when there is to be none. `tried`: how
    /// many there were.
    pub fn wait(
        &self,
        error: &Error,
        tried: u32,
        repeat: Repeat,
        clock: &dyn Clock,
    ) -> Option<Duration> {
        let again = error.is_rate()
            || error.is_not_sent() && error.is_passing()
            || repeat == Repeat::Safe && error.is_passing();
        if !again || tried >= self.tries_max {
            return None;
        }
        if let Some(asked) = error.retry_after() {
            // Everybody was told the same second.
            return (asked <= self.asked_max).then(|| asked + part(self.wait, clock.random()));
        }
        let doubled = self.wait.saturating_mul(1 << tried.saturating_sub(1).min(16));
        let wait = doubled.min(self.wait_max);
        Some(wait / 2 + part(wait / 2, clock.random()))
    }
}

/// From nothing to all of `time`.
fn part(time: Duration, random: u64) -> Duration {
    let share = u32::try_from(random % 1001).unwrap_or(0);
    time.saturating_mul(share) / 1000
}
