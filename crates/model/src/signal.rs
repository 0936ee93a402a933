//! Everything that varies over time, and the changes in it.

use crate::{Confidence, Place};
use chrono::{DateTime, Utc};

/// What a signal measures. The order is the dependency chain: what lies lower is nearer the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignalKind {
    /// The database host or its events: CPU, checkpoints, lock waits, refusals.
    Database,
    /// Latency or load of one fingerprint or store method.
    Query,
    /// The store as a whole: latency, calls.
    Store,
    /// Connection pools and open connections.
    Pool,
    /// The process: CPU, memory, goroutines, file descriptors.
    Process,
    /// The cluster: health, requests.
    Cluster,
    /// Latency of the API.
    Api,
    /// Calls of the API by handler or in total, HTTP requests.
    Http,
    /// Websockets: connections, reconnects, buffers.
    Websocket,
    /// Search, jobs, push, e-mail, plugins: services beside the main path.
    Service,
    /// Counts of log patterns.
    Log,
    /// Anything else.
    Other,
}

/// A quantity over time on a regular grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Unique within a run: `series:12`, `query:q:1f..:load`, `log:7:calls`.
    pub id: String,
    /// What it measures.
    pub kind: SignalKind,
    /// The metric: `api-latency-p99`, `store-method-latency`, `query-load`, `query-calls`,
    /// `query-mean`, `log-calls`, `database-event-calls`, or a canonical metric name.
    pub metric: String,
    /// Of what: a store method, a handler, a fingerprint id, a pattern id; empty for the whole.
    /// Cleared text.
    pub subject: String,
    /// On which node; empty for all.
    pub node: String,
    /// The unit: `s`, `1/s`, `bytes`, `count`, `ratio`, ...
    pub unit: String,
    /// Time of the first value.
    pub start: DateTime<Utc>,
    /// Seconds between two values.
    pub step_s: u32,
    /// The values; a gap is `None`, never NaN.
    pub values: Vec<Option<f64>>,
    /// Whether a higher value is worse (latency, errors), or only different (calls, connections).
    pub higher_is_worse: bool,
    /// The smallest difference that matters, in the signal's unit.
    pub floor: f64,
    /// Where it was read.
    pub place: Place,
}

impl Signal {
    /// The time of value `idx`.
    pub fn time(&self, idx: usize) -> DateTime<Utc> {
        let offset_s =
            i64::try_from(idx).unwrap_or(i64::MAX / 2).saturating_mul(i64::from(self.step_s));
        self.start
            .checked_add_signed(chrono::TimeDelta::try_seconds(offset_s).unwrap_or_default())
            .unwrap_or(self.start)
    }
}

/// What sort of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// Went up and stayed.
    Rise,
    /// Went down and stayed.
    Fall,
    /// Was not there before.
    Appears,
    /// Stopped.
    Vanishes,
    /// Grows without a plateau.
    Ramp,
    /// Went up for a short time and came back.
    Burst,
    /// Fell for a short time and came back.
    Dip,
    /// Fell to zero and restarted: a counter or a process began anew.
    Reset,
}

impl ChangeKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rise => "rise",
            Self::Fall => "fall",
            Self::Appears => "appears",
            Self::Vanishes => "vanishes",
            Self::Ramp => "ramp",
            Self::Burst => "burst",
            Self::Dip => "dip",
            Self::Reset => "reset",
        }
    }
}

/// A change of a signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The signal's id.
    pub signal: String,
    /// What the signal measures.
    pub signal_kind: SignalKind,
    /// The signal's metric.
    pub metric: String,
    /// The signal's subject.
    pub subject: String,
    /// The signal's node.
    pub node: String,
    /// The signal's unit.
    pub unit: String,
    /// What sort of change.
    pub kind: ChangeKind,
    /// When it began.
    pub onset: DateTime<Utc>,
    /// When it ended; `None`: still going on at the last value.
    pub until: Option<DateTime<Utc>>,
    /// The signal's last value with data.
    pub last_at: DateTime<Utc>,
    /// Median before.
    pub before: f64,
    /// Median while it lasted.
    pub after: f64,
    /// `after / before`; `None` when there was nothing before.
    pub ratio: Option<f64>,
    /// Robust z: distance from the baseline in scaled median absolute deviations.
    pub z: f64,
    /// The share of values after the onset that are beyond the threshold, 0 to 1.
    pub persistence: f64,
    /// Whether higher is worse in this signal.
    pub higher_is_worse: bool,
    /// How sure.
    pub confidence: Confidence,
    /// Where it was read.
    pub place: Place,
}
