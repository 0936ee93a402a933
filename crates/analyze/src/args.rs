//! The command line: what may be asked, and the help that a tired person can use.

mod channel;
mod incident;
mod rules;
mod sources;

pub(crate) use channel::{PostArgs, ReachArgs, WatchArgs};
pub(crate) use incident::{
    DraftArgs, IncidentArgs, IncidentCommand, PlaybookArgs, PlaybookCommand,
};
pub(crate) use rules::{CompletionsArgs, RulesArgs, RulesCommand};
pub(crate) use sources::{
    DbaArgs, ExportArgs, GrafanaArgs, QueryArgs, RequestArgs, SlowlogArgs, TablesArgs,
};

use crate::clock;
use anyhow::Result;
use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand, ValueHint};
use input::Limits;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples, most used first:
  analyze bundle.zip                               what is wrong, what to do, what was not checked
  analyze bundle.zip slow.log grafana/*.csv        the same, from all sources together
  analyze incident-folder/ -o report.md -o report.json
  analyze bundle.zip --incident '2026-03-01T09:18Z..2026-03-01T10:30Z'
  analyze bundle.zip --step review-configuration   only that step of the playbook
  analyze request --version 10.11 --hosting rds    what to ask the customer for, with commands
  analyze slowlog slow.log                         a database log alone: what dominates and changed
  analyze post incident-folder/ --channel TEAM/CHANNEL
                                                   the findings into the incident channel
  analyze query bundle.zip \"SELECT level, SUM(calls) FROM log_patterns GROUP BY level\"";

const AFTER: &str = "\
Exit codes: 0 ran; 1 failed; 2 wrong arguments or rule files; 3 an input or a member was not read, or \
over 1 % of a source's records were skipped; 10 with --fail-on, a finding of that level or above; \
11 a clock of the playbook is overdue.

Standard output carries the report only. Nothing is sent anywhere but by `post`, `watch` and `incident start`; nothing is
extracted to disk.";

/// Says what is wrong with a Mattermost server from its support packet, slow query log and Grafana
/// exports: how sure it is, on which evidence, what to do now and what it could not check.
#[derive(Debug, Parser)]
#[command(
    name = "analyze",
    version,
    before_help = EXAMPLES,
    after_help = AFTER,
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    /// The subcommand; without one, INPUT is read and a report is written.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// What to read, and how.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReadArgs {
    /// Support packets, logs, exports, folders of them; `-` is standard input.
    #[arg(value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// How to read.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct HowArgs {
    #[command(flatten)]
    pub(crate) time: TimeArgs,
    /// A fact that the packet lacks: database.max_connections=500. May be repeated.
    #[arg(long = "fact", value_name = "PATH=VALUE", help_heading = "Reading")]
    pub(crate) facts: Vec<String>,
    /// Settings of this program; default: analyze.toml in the current folder, if there is one.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Reading")]
    pub(crate) config: Option<PathBuf>,
    /// Further rules: a folder of rule files. May be repeated.
    #[arg(long = "rules", value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Reading")]
    pub(crate) rule_folders: Vec<PathBuf>,
    /// A playbook of one's own instead of the shipped one (steps.toml's form).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Reading")]
    pub(crate) playbook: Option<PathBuf>,
    /// With several packets: the one whose facts hold (a part of its path). Default: the newest.
    #[arg(long, value_name = "PART", help_heading = "Reading")]
    pub(crate) packet: Option<String>,
    /// The view of a metric file: FILE=VIEW. May be repeated.
    #[arg(long = "panel", value_name = "FILE=VIEW", help_heading = "Reading")]
    pub(crate) panels: Vec<String>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// When it happened, and in which zone.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct TimeArgs {
    /// When it happened, set against the rest: START..END in UTC or with an offset; END may be left
    /// out.
    #[arg(long, value_name = "START..END", help_heading = "Time")]
    pub(crate) incident: Option<String>,
    /// Begin of the incident (with --until: the same as --incident).
    #[arg(long, value_name = "TIME", help_heading = "Time")]
    pub(crate) since: Option<String>,
    /// End of the incident.
    #[arg(long, value_name = "TIME", help_heading = "Time")]
    pub(crate) until: Option<String>,
    /// Zone of times that carry none, and in which times are shown to people: Europe/Berlin.
    #[arg(long, value_name = "ZONE", help_heading = "Time")]
    pub(crate) tz: Option<String>,
}

impl TimeArgs {
    /// The zone that was named.
    pub(crate) fn zone(&self) -> Result<Option<Tz>> {
        self.tz.as_deref().map(clock::zone).transpose()
    }
}

/// More threads than any machine of a responder has.
const THREADS_MAX: usize = 256;

/// What every reading of logs can be told.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReadingArgs {
    /// log_line_prefix of PostgreSQL logs, where it cannot be inferred.
    #[arg(long, value_name = "PREFIX", help_heading = "Reading")]
    pub(crate) prefix: Option<String>,
    /// Threads; default: one per core. The result does not depend on it.
    #[arg(long, value_name = "N", help_heading = "Reading")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

impl ReadingArgs {
    /// How many threads: what was asked for, else one per core.
    pub(crate) fn threads(&self) -> usize {
        self.threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
            .clamp(1, THREADS_MAX)
    }
}

/// Limits of reading, raised.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LimitArgs {
    /// Raise the limit of members in one archive.
    #[arg(long, value_name = "N", help_heading = "Limits")]
    pub(crate) max_members: Option<u64>,
    /// Raise the limit of unpacked bytes of one member or packed file.
    #[arg(long, value_name = "BYTES", help_heading = "Limits")]
    pub(crate) max_member_bytes: Option<u64>,
    /// Raise the limit of unpacked bytes of all inputs together.
    #[arg(long, value_name = "BYTES", help_heading = "Limits")]
    pub(crate) max_total_bytes: Option<u64>,
    /// Raise the limit of the compression ratio.
    #[arg(long, value_name = "N", help_heading = "Limits")]
    pub(crate) max_ratio: Option<u64>,
}

impl LimitArgs {
    /// The limits: the defaults, where none is raised.
    pub(crate) fn limits(&self) -> Limits {
        let defaults = Limits::default();
        Limits {
            members_max: self.max_members.unwrap_or(defaults.members_max),
            member_bytes_max: self.max_member_bytes.unwrap_or(defaults.member_bytes_max),
            total_bytes_max: self.max_total_bytes.unwrap_or(defaults.total_bytes_max),
            ratio_max: self.max_ratio.unwrap_or(defaults.ratio_max),
            ..defaults
        }
    }
}

/// What to write.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// How to write a report.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WriteArgs {
    /// The format of standard output: terminal, markdown, json.
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: Option<String>,
    /// Write to a file instead; the extension gives the format. May be repeated.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: Vec<PathBuf>,
    /// Everything: all findings, evidence, the timeline and every step.
    #[arg(long, help_heading = "Output")]
    pub(crate) all: bool,
    /// Only this step of the playbook.
    #[arg(long, value_name = "ID", help_heading = "Output")]
    pub(crate) step: Option<String>,
    /// Only findings of this severity or above.
    #[arg(long, value_name = "LEVEL", help_heading = "Output")]
    pub(crate) severity: Option<String>,
    /// Exit with 10 when there is a finding of this severity or above.
    #[arg(long, value_name = "LEVEL", help_heading = "Output")]
    pub(crate) fail_on: Option<String>,
    /// What became of every rule.
    #[arg(long, help_heading = "Output")]
    pub(crate) outcomes: bool,
    /// Colour: auto, always, never.
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(crate) color: String,
}

/// What else can be asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What to ask the customer for, with the commands that get it.
    Request(RequestArgs),
    /// Answers a SELECT over the tables of the inputs.
    Query(QueryArgs),
    /// Writes all tables as Parquet files.
    Export(ExportArgs),
    /// Charts, sparklines and changes of metric exports, and which views are missing.
    Grafana(GrafanaArgs),
    /// What dominates a database log, what changed in it, and what stood in the way.
    Slowlog(Box<SlowlogArgs>),
    /// The steps of the Sev 1 playbook: filled from the inputs, what is due, a file for Playbooks.
    Playbook(PlaybookArgs),
    /// Makes and changes the incident file: what people know, decide and note.
    Incident(IncidentArgs),
    /// Drafts a reply, an update, a summary: facts only; a person completes and sends it.
    Draft(DraftArgs),
    /// Prints read-only questions for the customer's DBA; what comes back is an input.
    Dba(DbaArgs),
    /// Posts the findings into the incident channel, and keeps its posts up to date.
    Post(Box<PostArgs>),
    /// Reads what people drop into the incident channel, and answers in the thread.
    Watch(Box<WatchArgs>),
    /// Documents the tables and their columns.
    Tables(TablesArgs),
    /// Lists, explains, tests and checks rules.
    Rules(RulesArgs),
    /// Prints the completions of a shell: bash, zsh, fish, elvish, powershell.
    Completions(CompletionsArgs),
    /// Prints the manual page.
    Man,
}
