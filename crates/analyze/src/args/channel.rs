//! Commands of the incident channel.

use super::{HowArgs, ReadArgs};
use clap::{Args, ValueHint};
use std::path::PathBuf;

const POST_EXAMPLES: &str = "\
Examples:
  analyze post incident/ --channel ops/sev1-acme --dry-run
                                                    what would be posted; needs no token
  ANALYZE_MM_TOKEN=... analyze post incident/ --server https://chat.example.com --channel ops/sev1-acme --charts
                                                    the same again later: posts are updated in place
  ANALYZE_MM_WEBHOOK=... analyze post bundle.zip --webhook
                                                    without files, threads and updates";

/// `analyze post`.
#[derive(Debug, Args)]
#[command(before_help = POST_EXAMPLES)]
pub(crate) struct PostArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// The incident channel: TEAM/CHANNEL as in its address, or its id. Default: `channel` of
    /// incident.toml, else of analyze.toml.
    #[arg(long, value_name = "TEAM/CHANNEL", help_heading = "Where")]
    pub(crate) channel: Option<String>,
    /// The server: <https://chat.example.com>. Default: ANALYZE_MM_SERVER, else analyze.toml.
    #[arg(long, value_name = "URL", help_heading = "Where")]
    pub(crate) server: Option<String>,
    /// Which thread of the channel: only where a channel has several incidents.
    #[arg(long, value_name = "NAME", default_value = "main", help_heading = "Where")]
    pub(crate) key: String,
    /// Print what would be posted, and send nothing.
    #[arg(long, help_heading = "What")]
    pub(crate) dry_run: bool,
    /// Attach a chart (PNG) for each view of the metrics.
    #[arg(long, help_heading = "What")]
    pub(crate) charts: bool,
    /// Attach no report.
    #[arg(long, help_heading = "What")]
    pub(crate) no_files: bool,
    /// Leave the checklists of the channel's run alone.
    #[arg(long, help_heading = "Run")]
    pub(crate) no_checklist: bool,
    /// Which run, where the channel has several: its id or address. Default: `run` of
    /// incident.toml, else the one of the channel.
    #[arg(long, value_name = "RUN", help_heading = "Run")]
    pub(crate) run: Option<String>,
    /// Remind the run's owner of a status update in an hour.
    #[arg(long, help_heading = "Run")]
    pub(crate) remind: bool,
    /// Put the first post on the run's timeline (needs a Professional licence).
    #[arg(long, help_heading = "Run")]
    pub(crate) timeline: bool,
    /// A file that holds the token, readable by its owner only. Default: ANALYZE_MM_TOKEN, else
    /// analyze.toml. A token is never an argument.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Who")]
    pub(crate) token_file: Option<PathBuf>,
    /// Post through the incoming webhook whose address is in ANALYZE_MM_WEBHOOK.
    #[arg(long, help_heading = "Who")]
    pub(crate) webhook: bool,
    /// The same, its address in a file that is readable by its owner only.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Who")]
    pub(crate) webhook_file: Option<PathBuf>,
    /// Certificates (PEM) that are trusted instead of the public ones. The proxy is HTTPS_PROXY,
    /// without it for the hosts of NO_PROXY.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Connection")]
    pub(crate) ca_file: Option<PathBuf>,
}

const WATCH_EXAMPLES: &str = "\
Examples:
  ANALYZE_MM_TOKEN=... analyze watch --server https://chat.example.com --channel ops/sev1-acme
                                                    until Ctrl-C; what was answered is not answered again
  analyze watch --channel ops/sev1-acme --once      one look, for cron";

/// `analyze watch`.
#[derive(Debug, Args)]
#[command(before_help = WATCH_EXAMPLES)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    pub(crate) how: HowArgs,
    /// The incident channel: TEAM/CHANNEL as in its address, or its id. Default: analyze.toml.
    #[arg(long, value_name = "TEAM/CHANNEL", help_heading = "Where")]
    pub(crate) channel: Option<String>,
    #[command(flatten)]
    pub(crate) reach: ReachArgs,
    /// Look once, answer, and end.
    #[arg(long, help_heading = "When")]
    pub(crate) once: bool,
    /// Seconds between two looks.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, help_heading = "When")]
    pub(crate) every: u64,
    /// Look back so many hours for what nobody has answered.
    #[arg(long, value_name = "HOURS", default_value_t = 24, help_heading = "When")]
    pub(crate) back: u32,
    /// Megabytes of all files of a post; larger ones are not fetched.
    #[arg(long, value_name = "MB", default_value_t = 32, help_heading = "Limits")]
    pub(crate) max_mb: u64,
}

/// How the server is reached, and with whose token.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReachArgs {
    /// The server: <https://chat.example.com>. Default: ANALYZE_MM_SERVER, else analyze.toml.
    #[arg(long, value_name = "URL", help_heading = "Where")]
    pub(crate) server: Option<String>,
    /// A file that holds the token, readable by its owner only. Default: ANALYZE_MM_TOKEN, else
    /// analyze.toml. A token is never an argument.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Who")]
    pub(crate) token_file: Option<PathBuf>,
    /// Certificates (PEM) that are trusted instead of the public ones.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Connection")]
    pub(crate) ca_file: Option<PathBuf>,
}
