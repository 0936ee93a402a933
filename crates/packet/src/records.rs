//! The records of a packet: what it says, without judgement, each with the place where it stands.
//!
//! Names that come from the input (paths of settings, nodes, member paths) are strings, since they
//! are looked up by name; whoever shows them clears them first, like every [`Raw`].

use chrono::{DateTime, Utc};
use model::{Coverage, Issues, Place};
use text::Raw;

/// Everything that one support packet holds.
///
/// Shape: every list is in a fixed order that does not depend on the order of entries in the
/// archive or on threads: by member path, then as it stands in the member.
#[derive(Debug, Default)]
pub struct Packet {
    /// The input's path, as the user named it.
    pub source: String,
    /// Which era of the packet format it is.
    pub era: Era,
    /// When it was generated; `None`: no member says so. Never taken from the archive's name
    /// (whose hour has twelve values in old eras) or the entries' times.
    pub generated_at: Option<DateTime<Utc>>,
    /// Single values under the names of the newest format.
    pub facts: Vec<FactRecord>,
    /// Settings, lengths of lists included.
    pub settings: Vec<Setting>,
    /// Entries of lists of objects among the settings.
    pub setting_items: Vec<SettingItem>,
    /// The application servers that have a folder or diagnostics of their own, sorted. Empty:
    /// one server, or an era that keeps everything at the root.
    pub nodes: Vec<String>,
    /// The last runs of jobs.
    pub jobs: Vec<Job>,
    /// Installed plugins.
    pub plugins: Vec<Plugin>,
    /// Indexes of the schema dump.
    pub indexes: Vec<Index>,
    /// Columns of the schema dump.
    pub columns: Vec<Column>,
    /// Tables of the schema dump.
    pub schema_tables: Vec<SchemaTable>,
    /// Storage options of tables in the schema dump.
    pub schema_options: Vec<SchemaOption>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Permission schemes.
    pub schemes: Vec<Scheme>,
    /// What the server itself could not collect.
    pub warnings: Vec<Warning>,
    /// Goroutines with the same state, wait reason and stack.
    pub goroutines: Vec<GoroutineGroup>,
    /// The heaviest functions of CPU and heap profiles.
    pub profile: Vec<ProfileFunction>,
    /// What the logs say.
    pub logs: crate::log::LogRecords,
    /// Every member, by path: what it is and what became of it.
    pub members: Vec<MemberReport>,
}

/// Eras of the packet format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Era {
    /// No member says.
    #[default]
    Unknown,
    /// Servers 5.32 to 9.10: one flat `support_packet.yaml`.
    Flat,
    /// 9.11 to 10.4: the flat file and `metadata.yaml`.
    FlatWithMetadata,
    /// 10.5 to 10.9: `diagnostics.yaml`, `stats.yaml`, `jobs.yaml`, all at the root.
    Diagnostics,
    /// 10.10 to 10.12: a folder per node in a cluster.
    NodeFolders,
    /// 11.0 and later.
    V11,
}

impl Era {
    /// The versions of the server that write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Flat => "5.32-9.10",
            Self::FlatWithMetadata => "9.11-10.4",
            Self::Diagnostics => "10.5-10.9",
            Self::NodeFolders => "10.10-10.12",
            Self::V11 => "11.x",
        }
    }
}

/// A value as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// `null`, or an empty value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number; finite.
    Float(f64),
    /// Text.
    Text(Raw),
    /// A moment, where the field is one.
    Time(DateTime<Utc>),
    /// Taken out by the server (nothing but asterisks): there is a value, and it is not known.
    Masked,
    /// There is a value that is not of the field's type; an issue says where.
    Unreadable,
}

/// A single value under the name that the newest packet format has for it.
#[derive(Clone, Debug, PartialEq)]
pub struct FactRecord {
    /// The dotted path: `database.master_connections`, `stats.posts`, `packet.server_id`.
    pub path: String,
    /// The node that says so; `None`: the whole cluster, or the only server.
    pub node: Option<String>,
    /// The value.
    pub value: Scalar,
    /// Where it stands; the location is a JSON pointer.
    pub place: Place,
}

/// A setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The node whose configuration it is; `None`: the only server.
    pub node: Option<String>,
    /// The dotted path under its newest name: `SqlSettings.MaxOpenConns`. A list has
    /// `<path>.length`, a scalar in it `<path>.0`.
    pub path: String,
    /// The value.
    pub value: Scalar,
    /// Where it stands; the location is a JSON pointer with the name in the file, which may be an
    /// older one.
    pub place: Place,
}

/// A value of an object in a list: one column of one entry of `SqlSettings.ReplicaLagSettings`.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingItem {
    /// The node whose configuration it is; `None`: the only server.
    pub node: Option<String>,
    /// The list's path.
    pub path: String,
    /// Which entry, from 0.
    pub index: u64,
    /// Which key of the entry; nested keys are joined with dots.
    pub key: String,
    /// The value.
    pub value: Scalar,
    /// Where it stands; the location is a JSON pointer.
    pub place: Place,
}

/// A run of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// What it does: `ldap_sync`, `data_retention`, `migrations`, ...
    pub kind: String,
    /// The run's id.
    pub id: Raw,
    /// `pending`, `in_progress`, `success`, `error`, `cancel_requested`, `canceled`, `warning`.
    pub status: String,
    /// Its priority.
    pub priority: Option<i64>,
    /// When it was asked for.
    pub created_at: Option<DateTime<Utc>>,
    /// When it began; `None`: not yet (written as 1970).
    pub started_at: Option<DateTime<Utc>>,
    /// When it last did something: the end of a finished run. `None`: never (written as 1970).
    pub last_activity_at: Option<DateTime<Utc>>,
    /// 0 to 100, and -1 after an error.
    pub progress: Option<i64>,
    /// Why it failed.
    pub error: Option<Raw>,
    /// Its data, without the error, in the order of the file.
    pub data: Vec<(String, Raw)>,
    /// Where it stands.
    pub place: Place,
}

/// Whether a plugin runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PluginState {
    /// Enabled (older: active).
    Enabled,
    /// Installed, and disabled (older: inactive).
    Disabled,
}

impl PluginState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// An installed plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Its id: `com.mattermost.calls`.
    pub id: String,
    /// Its name.
    pub name: Raw,
    /// Its version.
    pub version: Raw,
    /// Whether it runs.
    pub state: PluginState,
    /// The oldest server that it runs on.
    pub min_server_version: Option<Raw>,
    /// Whether it has a part in the server; without one it loads browsers only.
    pub has_server: bool,
    /// Where it stands.
    pub place: Place,
}

/// An index of the schema dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// The statement that creates it.
    pub definition: Raw,
    /// Where it stands.
    pub place: Place,
}

/// A column of the schema dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Its type: `character varying`, `bigint`.
    pub data_type: String,
    /// The longest text that it takes, in characters.
    pub max_length: Option<i64>,
    /// Whether it takes NULL.
    pub is_nullable: Option<bool>,
    /// Where it stands.
    pub place: Place,
}

/// A table of the schema dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaTable {
    /// Its name.
    pub name: String,
    /// Its collation; the database's where none is given.
    pub collation: Option<String>,
    /// How many columns it has in the dump.
    pub columns: u64,
    /// How many indexes it has in the dump.
    pub indexes: u64,
    /// Where it stands.
    pub place: Place,
}

/// A storage option of a table: `autovacuum_vacuum_scale_factor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaOption {
    /// The table.
    pub table: String,
    /// The option.
    pub name: String,
    /// Its value.
    pub value: Raw,
    /// Where it stands.
    pub place: Place,
}

/// A role and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name: `system_admin`, `channel_user`.
    pub name: String,
    /// Whether the server made it.
    pub built_in: Option<bool>,
    /// Whether a scheme manages it.
    pub scheme_managed: Option<bool>,
    /// When it was deleted; `None`: it is in use.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// What it may do.
    pub permissions: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// A permission scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Its name.
    pub name: Raw,
    /// `team`, `channel`, ...
    pub scope: String,
    /// When it was deleted; `None`: it is in use.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub place: Place,
}

/// Something that the server could not collect for the packet: a symptom by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it says, without the bullet.
    pub text: Raw,
    /// Where it stands; the location is a line.
    pub place: Place,
}

/// Goroutines of one node with the same state, wait reason and stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoroutineGroup {
    /// The node.
    pub node: Option<String>,
    /// `waiting`, `running`, `runnable`, `syscall`, ...
    pub state: String,
    /// What they wait for: `IO wait`, `select`, `chan receive`, `semacquire`; `None`: they do not
    /// wait, or the dump does not say.
    pub wait_reason: Option<String>,
    /// How many.
    pub goroutines: u64,
    /// How many of them are shown with a wait of at least a minute.
    pub waiting_over_minute: u64,
    /// The longest wait, in minutes (the runtime shows none under a minute).
    pub longest_wait_min: u64,
    /// The innermost function outside the Go runtime and standard library, else the outermost.
    pub top: Raw,
    /// The functions, innermost first, without arguments and addresses, one a line; the last line
    /// may be `created by ...`.
    pub stack: Raw,
    /// Where the first of them stands; the location is a line.
    pub place: Place,
}

/// What a profile measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileKind {
    /// Time on a processor, over five seconds.
    Cpu,
    /// Memory in use.
    Heap,
}

impl ProfileKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Heap => "heap",
        }
    }
}

/// A function in a profile.
///
/// Shape: the heaviest first, by `flat`, then by `cumulative`.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileFunction {
    /// The node.
    pub node: Option<String>,
    /// What the profile measures.
    pub kind: ProfileKind,
    /// The function.
    pub function: Raw,
    /// Its file; empty: not known.
    pub file: Raw,
    /// The line in it where it was met most; 0: not known.
    pub line: u64,
    /// What it used itself, in `unit`.
    pub flat: i64,
    /// What it and all that it called used, in `unit`; recursion counts once.
    pub cumulative: i64,
    /// `flat` over the profile's total, 0 to 1.
    pub flat_share: f64,
    /// `cumulative` over the profile's total, 0 to 1.
    pub cumulative_share: f64,
    /// `nanoseconds`, `bytes`, `count`.
    pub unit: String,
    /// Where it stands.
    pub place: Place,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberKind {
    /// `support_packet.yaml`: everything, flat (until 10.4).
    SupportPacket,
    /// `metadata.yaml` (from 9.11).
    Metadata,
    /// `diagnostics.yaml` of the server (from 10.5).
    Diagnostics,
    /// `<plugin>/diagnostics.yaml` (from 10.4).
    PluginDiagnostics,
    /// `stats.yaml` (from 10.5).
    Stats,
    /// `jobs.yaml` (from 10.5).
    Jobs,
    /// `permissions.yaml` (from 10.5).
    Permissions,
    /// `plugins.json`.
    Plugins,
    /// `sanitized_config.json`, or a `config.json`.
    Config,
    /// `database_schema.yaml` (from 10.11).
    DatabaseSchema,
    /// `postgres_schema_dump.sql`.
    SchemaDump,
    /// `warning.txt`.
    Warning,
    /// `goroutines`.
    Goroutines,
    /// `cpu.prof`.
    CpuProfile,
    /// `heap.prof`.
    HeapProfile,
    /// `tsdb_dump.tar.gz` of the metrics plugin: recognised, not read.
    TsdbDump,
    /// A log of the server: `mattermost.log`, `notifications.log`, `audit.log` or any name.
    Log,
    /// Not known.
    Other,
}

impl MemberKind {
    /// The name that reports show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SupportPacket => "support packet yaml",
            Self::Metadata => "metadata",
            Self::Diagnostics => "diagnostics",
            Self::PluginDiagnostics => "plugin diagnostics",
            Self::Stats => "stats",
            Self::Jobs => "jobs",
            Self::Permissions => "permissions",
            Self::Plugins => "plugins",
            Self::Config => "configuration",
            Self::DatabaseSchema => "database schema",
            Self::SchemaDump => "schema dump",
            Self::Warning => "warnings",
            Self::Goroutines => "goroutine dump",
            Self::CpuProfile => "cpu profile",
            Self::HeapProfile => "heap profile",
            Self::TsdbDump => "metrics plugin dump",
            Self::Log => "mattermost log",
            Self::Other => "not recognised",
        }
    }
}

/// What became of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberReport {
    /// The path in the packet.
    pub path: String,
    /// The input's path and, behind `!`, the member's: what places name as their source.
    pub source: String,
    /// The node whose member it is.
    pub node: Option<String>,
    /// What it is.
    pub kind: MemberKind,
    /// Bytes, after decompression.
    pub bytes: u64,
    /// What it covers, and what it cannot show.
    pub coverage: Coverage,
    /// What was left out, and why.
    pub issues: Issues,
    /// Whether it was read at all; what is recognised and not read is an issue.
    pub read: bool,
}
