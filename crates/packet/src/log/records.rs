//! What logs give, and how parts of it are joined.

use super::LogLevel;
use chrono::{DateTime, Utc};
use model::{Place, Window};
use std::collections::BTreeMap;
use text::Raw;

/// Everything that one or several logs gave.
///
/// Shape: patterns by id; minutes by pattern, node and minute; fields and tops by pattern and
/// field, most frequent value first; events by time; sources by label.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogRecords {
    /// Kinds of messages.
    pub patterns: Vec<LogPattern>,
    /// How often each came, per node and minute; minutes without a line have no row.
    pub minutes: Vec<LogMinute>,
    /// Which fields the lines of a pattern had, and how often.
    pub fields: Vec<LogField>,
    /// The most frequent values of those fields.
    pub top: Vec<LogTop>,
    /// What happened once.
    pub events: Vec<ServerEvent>,
    /// What was read.
    pub sources: Vec<LogSource>,
}

/// From where in the server a line comes, as its fields tell. Part of a pattern's identity, since
/// the same words mean different things from a plugin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The server itself.
    #[default]
    Server,
    /// An error of an API request: `err_where` and `http_code` stand in the line.
    Api,
    /// A plugin: `plugin_id` stands in the line.
    Plugin,
    /// An audit record.
    Audit,
    /// Text that is no log line: Go's panics and runtime errors.
    Runtime,
}

impl Origin {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Api => "api",
            Self::Plugin => "plugin",
            Self::Audit => "audit",
            Self::Runtime => "runtime",
        }
    }
}

/// A kind of message: a text with its variable parts taken out.
#[derive(Clone, Debug, PartialEq)]
pub struct LogPattern {
    /// 16 hex digits; the same for the same level, origin and pattern, whatever was read.
    pub pattern_id: String,
    /// The id of the known message ([`super::KNOWN`]) that it is.
    pub known_id: Option<&'static str>,
    /// Its level.
    pub level: LogLevel,
    /// From where in the server it comes.
    pub origin: Origin,
    /// The message and, behind `: `, the error; variable parts as `<id>`, `<n>`, `<ip>` ...
    pub pattern: Raw,
    /// Lines.
    pub calls: u64,
    /// Time of the first line; none when no line had a time.
    pub first_at: Option<DateTime<Utc>>,
    /// Time of the last line.
    pub last_at: Option<DateTime<Utc>>,
    /// Where the first line stands.
    pub first_place: Place,
    /// The most lines within a minute on one node.
    pub peak_per_minute: u64,
    /// The minute of the peak.
    pub peak_at: Option<DateTime<Utc>>,
    /// Lines by node.
    pub nodes: BTreeMap<String, u64>,
    /// A line of it, as it was read (cut when long).
    pub sample: Raw,
    /// Where the sample stands.
    pub sample_place: Place,
    /// The most frequent `err_where`; empty if none.
    pub err_where: Raw,
    /// The most frequent caller, without its line number; empty if none.
    pub caller: Raw,
}

/// Lines of a pattern on a node in a minute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogMinute {
    /// The pattern.
    pub pattern_id: String,
    /// The node.
    pub node: String,
    /// Start of the minute.
    pub minute: DateTime<Utc>,
    /// How many minutes the cell spans: 1, or a power of two when there were too many cells.
    pub width_min: u32,
    /// The pattern's level.
    pub level: LogLevel,
    /// Lines.
    pub calls: u64,
}

/// A field of a pattern's lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogField {
    /// The pattern.
    pub pattern_id: String,
    /// The field's name in this tool (`path`, `user_id`, `ip_addr` ...).
    pub field: &'static str,
    /// Lines that had it. `LogTop::calls / LogField::calls` is a value's share.
    pub calls: u64,
    /// A value that is not listed has at most so many lines (0: every value is listed).
    pub unlisted_max: u64,
}

/// A frequent value of a field, by the space-saving algorithm.
#[derive(Clone, Debug, PartialEq)]
pub struct LogTop {
    /// The pattern.
    pub pattern_id: String,
    /// The field's name in this tool.
    pub field: &'static str,
    /// The value; paths are templates (`/api/v4/channels/{id}/stats`).
    pub value: Raw,
    /// Lines, at most `error` too many.
    pub calls: u64,
    /// How many too many there may be.
    pub error: u64,
    /// Time of its first line that was counted.
    pub first_at: Option<DateTime<Utc>>,
    /// Time of its last line.
    pub last_at: Option<DateTime<Utc>>,
    /// Lines over time, of lines that were counted and had a time.
    pub minutes: Vec<TopMinute>,
}

/// Lines with one value in a span of minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopMinute {
    /// Start of the span.
    pub minute: DateTime<Utc>,
    /// Its length in minutes, a power of two.
    pub width_min: u32,
    /// Lines.
    pub calls: u64,
}

/// What sort of event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServerEventKind {
    /// The server started.
    Start,
    /// The server stopped in order.
    Stop,
    /// The server was gone without stopping: a crash, a kill, a lost machine. `at` is the time of
    /// the last line before; `before` holds the last messages.
    UncleanStop,
    /// The server began to start and did not come up.
    StartFailed,
    /// It initialised, and for minutes nothing was logged: it waited, or migrated the schema.
    StartStalled,
    /// Another version or build than at the start before.
    VersionChange,
    /// The cluster's leader changed.
    LeaderChange,
    /// The configuration was saved or reloaded.
    ConfigurationChange,
    /// A plugin was switched on.
    PluginEnabled,
    /// A plugin was switched off.
    PluginDisabled,
    /// A plugin was installed, upgraded or removed.
    PluginInstalled,
    /// A plugin failed its health check or was restarted.
    PluginCrashed,
    /// A licence was read, changed, removed or refused.
    LicenseChange,
    /// A job started.
    JobStart,
    /// A job ended.
    JobEnd,
    /// A job failed.
    JobFailed,
    /// A migration ran or failed.
    Migration,
    /// A node joined or left, or the discovery failed.
    ClusterNode,
    /// The server was set busy, or no longer busy.
    BusyState,
    /// A panic or a fatal error of the runtime.
    Panic,
    /// Caches were purged, connections recycled: an administrator's action.
    AdminAction,
}

impl ServerEventKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::UncleanStop => "unclean-stop",
            Self::StartFailed => "start-failed",
            Self::StartStalled => "start-stalled",
            Self::VersionChange => "version-change",
            Self::LeaderChange => "leader-change",
            Self::ConfigurationChange => "configuration-change",
            Self::PluginEnabled => "plugin-enabled",
            Self::PluginDisabled => "plugin-disabled",
            Self::PluginInstalled => "plugin-installed",
            Self::PluginCrashed => "plugin-crashed",
            Self::LicenseChange => "license-change",
            Self::JobStart => "job-start",
            Self::JobEnd => "job-end",
            Self::JobFailed => "job-failed",
            Self::Migration => "migration",
            Self::ClusterNode => "cluster-node",
            Self::BusyState => "busy-state",
            Self::Panic => "panic",
            Self::AdminAction => "admin-action",
        }
    }
}

/// Something that happened once, or several times in a row.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerEvent {
    /// When; for lines without a time that of the line before; none when there was none.
    pub at: Option<DateTime<Utc>>,
    /// On which node.
    pub node: String,
    /// What sort of event.
    pub kind: ServerEventKind,
    /// About what: a plugin, a job's type, a version; empty for the server.
    pub subject: Raw,
    /// The message, with the error if there is one.
    pub text: Raw,
    /// Where it stands.
    pub place: Place,
    /// How often in a row (same kind and subject, with little time between).
    pub count: u64,
    /// Time of the last of them.
    pub last_at: Option<DateTime<Utc>>,
    /// For stops: the last messages before, newest first, one per pattern.
    pub before: Vec<RecentMessage>,
}

/// One of the last messages before a stop.
#[derive(Clone, Debug, PartialEq)]
pub struct RecentMessage {
    /// Its pattern.
    pub pattern_id: String,
    /// When it last came.
    pub at: DateTime<Utc>,
    /// Its level.
    pub level: LogLevel,
    /// The message as it was read, with what it was about.
    pub text: Raw,
    /// Where it stands.
    pub place: Place,
}

/// A pattern that comes right before unclean stops: see [`LogRecords::before_unclean_stops`].
#[derive(Clone, Debug, PartialEq)]
pub struct BeforeStop {
    /// The pattern.
    pub pattern_id: String,
    /// Unclean stops that it came before.
    pub stops: u64,
    /// Unclean stops in all.
    pub stops_total: u64,
    /// The share of the patterns' minutes, of all minutes with a line, in which it came at all:
    /// the chance to see it before a stop by accident, 0 to 1.
    pub by_chance: f64,
    /// Its message before the last of these stops.
    pub text: Raw,
    /// Where that stands.
    pub place: Place,
}

/// What sort of log a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogKind {
    /// The server's log.
    #[default]
    Mattermost,
    /// The log of notifications (up to 10.12).
    Notifications,
    /// The audit log.
    Audit,
    /// The log of the LDAP synchronisation.
    Ldap,
    /// Another log with lines of this form.
    Other,
}

impl LogKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mattermost => "mattermost",
            Self::Notifications => "notifications",
            Self::Audit => "audit",
            Self::Ldap => "ldap",
            Self::Other => "other",
        }
    }
}

/// A log that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct LogSource {
    /// The input path and, behind `!`, the member.
    pub label: String,
    /// The node.
    pub node: String,
    /// What its lines say which server wrote them: the host before them or in a field of each, or
    /// what it says about itself when it starts. Empty where they do not.
    pub own_name: String,
    /// What sort of log, by content.
    pub kind: LogKind,
    /// The format of most lines: `json`, `json zap`, `plain`, `zap console`, `text`.
    pub format: &'static str,
    /// From the first to the last line with a time.
    pub window: Option<Window>,
    /// Lines read as records.
    pub records: u64,
    /// Lines lost.
    pub skipped: u64,
    /// Lines that belong to the record before: stack traces, multi-line text.
    pub continuations: u64,
    /// Records by level.
    pub levels: BTreeMap<LogLevel, u64>,
    /// Whether debugging was on: lines of level debug or trace.
    pub debug: bool,
    /// The offsets from UTC that its times name, in seconds east, with how many lines had each.
    /// Empty: times are epochs or name no zone.
    pub offsets_s: BTreeMap<i32, u64>,
    /// Bytes read.
    pub bytes: u64,
    /// Seconds from the first to the last line with a time.
    pub span_s: u64,
    /// What it cannot show, in fixed words.
    pub limits: Vec<String>,
}
