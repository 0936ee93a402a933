//! What metric files give: series of samples.

use chrono::{DateTime, NaiveDateTime, Utc};
use model::Window;
use std::fmt;
use text::Raw;

/// All series of one source, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    /// The series.
    pub series: Vec<Series>,
    /// When the file was exported on the clock of the dashboard, if its name says so.
    pub exported_at: Option<NaiveDateTime>,
}

/// The view of the incident playbook that a series belongs to.
///
/// The first seven are those that the playbook asks for; the rest help to read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// Calls to the store, per second or by method.
    DbCalls,
    /// How long API requests take.
    ApiLatency,
    /// How long store calls take, as a whole or by method.
    StoreLatency,
    /// HTTP requests per second.
    HttpRequests,
    /// API requests by handler: how many, how long.
    ApiRequests,
    /// CPU of the server process.
    Cpu,
    /// Memory of the server process.
    Memory,
    /// Open database connections and the connection pools.
    Connections,
    /// How far replicas are behind.
    ReplicaLag,
    /// Goroutines, garbage collection, file descriptors.
    Process,
    /// Websocket connections, reconnects, events and buffers.
    Websocket,
    /// Cluster health and requests.
    Cluster,
    /// Errors of the API.
    Errors,
    /// Posts, logins, searches, jobs, plugins, notifications.
    Service,
}

impl View {
    /// Every view; the seven of the playbook first, in its order.
    pub const ALL: &'static [Self] = &[
        Self::DbCalls,
        Self::ApiLatency,
        Self::StoreLatency,
        Self::HttpRequests,
        Self::ApiRequests,
        Self::Cpu,
        Self::Memory,
        Self::Connections,
        Self::ReplicaLag,
        Self::Process,
        Self::Websocket,
        Self::Cluster,
        Self::Errors,
        Self::Service,
    ];

    /// The seven views that the playbook asks for, in its order.
    pub fn playbook() -> &'static [Self] {
        Self::ALL.split_at(7).0
    }

    /// The word for it, as the user writes it in `FILE=VIEW`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DbCalls => "db-calls",
            Self::ApiLatency => "api-latency",
            Self::StoreLatency => "store-latency",
            Self::HttpRequests => "http-requests",
            Self::ApiRequests => "api-requests",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Connections => "connections",
            Self::ReplicaLag => "replica-lag",
            Self::Process => "process",
            Self::Websocket => "websocket",
            Self::Cluster => "cluster",
            Self::Errors => "errors",
            Self::Service => "service",
        }
    }

    /// Its name in the playbook, or for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::DbCalls => "DB calls",
            Self::ApiLatency => "API latency",
            Self::StoreLatency => "Store latency",
            Self::HttpRequests => "Top HTTP requests",
            Self::ApiRequests => "Top API requests",
            Self::Cpu => "CPU utilization",
            Self::Memory => "memory utilization",
            Self::Connections => "Database connections",
            Self::ReplicaLag => "Replica lag",
            Self::Process => "Process",
            Self::Websocket => "Websockets",
            Self::Cluster => "Cluster",
            Self::Errors => "API errors",
            Self::Service => "Services",
        }
    }

    /// The view of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|view| view.as_str() == word)
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How the times of a series came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The file says UTC or an offset, or the user gave the zone: the times are UTC.
    #[default]
    Utc,
    /// The file has local times and no zone: the times are written as if local were UTC, and are
    /// wrong by the unknown offset until [`Series::with_offset`].
    Local,
    /// Local times that were moved to UTC by an offset from elsewhere, in seconds east of UTC.
    Inferred {
        /// The offset that was taken away.
        offset_s: i32,
    },
}

/// A point of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When, in milliseconds since 1970 (see [`Clock`] for which zone).
    pub at_ms: i64,
    /// The value, finite; `None` is a gap.
    pub value: Option<f64>,
}

impl Sample {
    /// When, as a time.
    pub fn at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.at_ms).unwrap_or_default()
    }
}

/// One metric over time.
///
/// Shape: samples in order of time, at most one for a moment, gaps as `None`, every value finite
/// and in `unit`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The canonical metric, the same from every form of export: `api-latency-p99`,
    /// `store-method-duration`, `cpu-utilization` ... (column `metric` of `panels.tsv`). For a
    /// panel or metric that is not known: its own name in lower case, digits and `-`.
    pub name: String,
    /// The Prometheus metric under it, without function (`mattermost_api_time`); empty if unknown.
    pub metric: String,
    /// The view of the playbook; `None` for a panel that is not known.
    pub view: Option<View>,
    /// The unit of the values: `s`, `1/s`, `count`, `count per 5 min`, `bytes`,
    /// `percent of one core`, `ratio`; empty if unknown.
    pub unit: String,
    /// The panel's title as it stands in the file name; empty if it does not.
    pub panel: Raw,
    /// The legend: the column's header as exported, or the labels of a Prometheus result.
    pub legend: Raw,
    /// Labels, in the file's order.
    pub labels: Vec<(String, Raw)>,
    /// The application server (the `instance` without port); empty for a sum over all.
    pub node: Raw,
    /// What the metric is about: store method, API handler, database, job type; empty for none.
    pub subject: Raw,
    /// The quantile of a latency (0.99), if it is one.
    pub quantile: Option<f64>,
    /// Whether it is a sum over several nodes.
    pub total: bool,
    /// What was done to the values and what they are: `ms times 0.001`, `percent of one core: 400
    /// is four cores`; empty if they stand as exported.
    pub scale_note: String,
    /// The samples.
    pub samples: Vec<Sample>,
    /// How the times came about.
    pub clock: Clock,
    /// The usual distance of two samples in seconds (median); 0 with fewer than two.
    pub step_s: u32,
    /// The input path.
    pub source: String,
    /// Which series of the source it is: `column:3`, or a JSON pointer such as `/data/result/0`.
    /// A sample's location is this, `@` and its time.
    pub location: String,
    /// What this series cannot show, in fixed words (`histogram ceiling`, `rounded values` ...).
    pub limits: Vec<String>,
}

impl Series {
    /// From the first to the last sample with a value.
    pub fn window(&self) -> Option<Window> {
        let mut known = self.samples.iter().filter(|sample| sample.value.is_some());
        let first = known.next()?;
        let last = known.next_back().unwrap_or(first);
        Some(Window { start: first.at(), end: last.at() })
    }

    /// How many samples have a value.
    pub fn points(&self) -> usize {
        self.samples.iter().filter(|sample| sample.value.is_some()).count()
    }

    /// Where the sample of that time stands: `column:3@2024-05-01T10:30:00Z`.
    pub fn location_at(&self, at: DateTime<Utc>) -> String {
        format!("{}@{}", self.location, at.format("%Y-%m-%dT%H:%M:%SZ"))
    }

    /// Moves all samples by `by_ms` milliseconds, for a clock that is known to be off.
    pub fn shift(&mut self, by_ms: i64) {
        for sample in &mut self.samples {
            sample.at_ms = sample.at_ms.saturating_add(by_ms);
        }
    }

    /// Local times without a zone become UTC by taking away `offset_s`, seconds east of UTC.
    ///
    /// Does nothing to a series whose times are UTC already.
    pub fn with_offset(&mut self, offset_s: i32) {
        if self.clock == Clock::Local {
            self.shift(-i64::from(offset_s).saturating_mul(1000));
            self.clock = Clock::Inferred { offset_s };
        }
    }
}
