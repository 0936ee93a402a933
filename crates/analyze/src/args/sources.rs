//! Commands over the sources: requests, questions, exports, charts, database logs, the DBA.

use super::{HowArgs, ReadArgs, ReadingArgs, TimeArgs};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `analyze request`.
#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    /// The customer's Mattermost version, as far as it is known.
    #[arg(long = "version", value_name = "VERSION")]
    pub(crate) server_version: Option<String>,
    /// Where the database runs: self, rds, aurora, azure, cloudsql, operator.
    #[arg(long, value_name = "HOSTING")]
    pub(crate) hosting: Option<String>,
    /// The database: postgres, mysql.
    #[arg(long, value_name = "DATABASE", default_value = "postgres")]
    pub(crate) database: String,
}

/// `analyze query`.
#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// Inputs as for the report, and last the SELECT.
    #[arg(value_name = "INPUT... SELECT", required = true, num_args = 1..)]
    pub(crate) inputs_and_sql: Vec<String>,
    /// text, csv, json, parquet.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Write to a file; the extension gives the format.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Without redaction; only to a terminal or a file.
    #[arg(long)]
    pub(crate) raw: bool,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// `analyze export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// The folder to write to; it is made if it is not there.
    #[arg(short, long, value_name = "DIR", required = true, value_hint = ValueHint::DirPath)]
    pub(crate) output: PathBuf,
    /// Without redaction.
    #[arg(long)]
    pub(crate) raw: bool,
}

/// `analyze grafana`.
#[derive(Debug, Args)]
pub(crate) struct GrafanaArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// The folder for the charts: a PNG and an SVG for each view; it is made if it is not there.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: Option<PathBuf>,
}

const SLOWLOG_EXAMPLES: &str = "\
Examples:
  analyze slowlog postgresql.log*                   what dominates, what stood in the way
  analyze slowlog db.log --incident '2026-03-01T09:18Z..2026-03-01T10:30Z'
                                                    what is new, slower, more frequent in it
  analyze slowlog today.log --baseline yesterday.log
  zcat slow.log.gz | analyze slowlog - --group table --format csv
  analyze slowlog --how-to --database postgres --hosting rds
                                                    how to turn slow logging on and off";

/// `analyze slowlog`.
#[derive(Debug, Args)]
#[command(before_help = SLOWLOG_EXAMPLES)]
pub(crate) struct SlowlogArgs {
    /// Logs of PostgreSQL, MySQL or MariaDB, of any number of nodes, in any order, packed or not;
    /// exports of pg_stat_statements and of digests; folders; `-` is standard input.
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) time: TimeArgs,
    /// Compare with these logs instead of the rest of the time. May be repeated.
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = ValueHint::AnyPath, help_heading = "Time")]
    pub(crate) baseline: Vec<String>,
    /// Only this database (schema). All filters may be repeated: any of them.
    #[arg(long, value_name = "NAME", help_heading = "Which statements")]
    pub(crate) database: Vec<String>,
    /// Only this user; `none` for statements without one.
    #[arg(long, value_name = "NAME", help_heading = "Which statements")]
    pub(crate) user: Vec<String>,
    /// Only this application.
    #[arg(long, value_name = "NAME", help_heading = "Which statements")]
    pub(crate) application: Vec<String>,
    /// Only this client host.
    #[arg(long, value_name = "HOST", help_heading = "Which statements")]
    pub(crate) client: Vec<String>,
    /// Only statements that name this table.
    #[arg(long, value_name = "NAME", help_heading = "Which statements")]
    pub(crate) table: Vec<String>,
    /// Only this kind: select, insert, update, delete, ddl, ...
    #[arg(long, value_name = "KIND", help_heading = "Which statements")]
    pub(crate) kind: Vec<String>,
    /// Which first: total, calls, mean, p95, p99, max, rows, change. Default: change where there
    /// is something to compare, else total.
    #[arg(long, value_name = "BY", help_heading = "Output")]
    pub(crate) sort: Option<String>,
    /// How many rows; 0 for all. Default: 10 for people, all for machines.
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub(crate) top: Option<usize>,
    /// What a row is: fingerprint, table, user, database, application, client, minute.
    #[arg(long, value_name = "BY", help_heading = "Output")]
    pub(crate) group: Option<String>,
    /// The format of standard output: terminal, markdown, json, csv.
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: Option<String>,
    /// Write to a file instead; the extension gives the format. May be repeated.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: Vec<PathBuf>,
    /// Show the longest call of each query with its literals; only on a terminal.
    #[arg(long, help_heading = "Output")]
    pub(crate) show_literals: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// How to turn slow logging on, fetch the log and turn it off again; --database is postgres,
    /// mysql or mariadb then.
    #[arg(long, help_heading = "How to get a log")]
    pub(crate) how_to: bool,
    /// With --how-to: where the database runs: self, rds, aurora, azure, cloudsql, operator.
    #[arg(long, value_name = "HOSTING", help_heading = "How to get a log")]
    pub(crate) hosting: Option<String>,
    /// With --how-to: the database's version, such as 15.8.
    #[arg(long, value_name = "VERSION", help_heading = "How to get a log")]
    pub(crate) database_version: Option<String>,
}

/// `analyze dba`.
#[derive(Debug, Args)]
pub(crate) struct DbaArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// The database, where the inputs do not tell: postgres, mysql, mariadb.
    #[arg(long, value_name = "DATABASE")]
    pub(crate) database: Option<String>,
    /// Its version, where the inputs do not tell: 15 or 8.0.36.
    #[arg(long = "db-version", value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// Where it runs: self, rds, aurora, azure, cloudsql, operator.
    #[arg(long, value_name = "HOSTING")]
    pub(crate) hosting: Option<String>,
}

/// `analyze tables`.
#[derive(Debug, Args)]
pub(crate) struct TablesArgs {
    /// Only this table; `facts` lists the catalogue of facts.
    pub(crate) name: Option<String>,
}
