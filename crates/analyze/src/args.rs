//! The command line: what may be asked, and the help that a tired person can use.

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
    /// When it happened: START..END in UTC or with an offset; END may be left out.
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
    /// The window that is set against the rest: START..END in UTC or with an offset; END may be
    /// left out.
    #[arg(long, value_name = "START..END", help_heading = "Time")]
    pub(crate) incident: Option<String>,
    /// Begin of the window.
    #[arg(long, value_name = "TIME", help_heading = "Time")]
    pub(crate) since: Option<String>,
    /// End of the window.
    #[arg(long, value_name = "TIME", help_heading = "Time")]
    pub(crate) until: Option<String>,
    /// Compare with these logs instead of the rest of the time. May be repeated.
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = ValueHint::AnyPath, help_heading = "Time")]
    pub(crate) baseline: Vec<String>,
    /// Zone of times that carry none, and in which times are shown to people: Europe/Berlin.
    #[arg(long, value_name = "ZONE", help_heading = "Time")]
    pub(crate) tz: Option<String>,
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
    /// What a row is: fingerprint, table, user, application, minute.
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

/// `analyze playbook`.
#[derive(Debug, Args)]
pub(crate) struct PlaybookArgs {
    #[command(subcommand)]
    pub(crate) command: PlaybookCommand,
}

/// What to do with the playbook.
#[derive(Debug, Subcommand)]
pub(crate) enum PlaybookCommand {
    /// Prints every step with its state, text, sources and time.
    Show {
        #[command(flatten)]
        report: Box<ReportArgs>,
    },
    /// Lists the steps: number, id, kind, title.
    Steps {
        /// A playbook of one's own instead of the shipped one.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        playbook: Option<PathBuf>,
    },
    /// Shows what is due when; exit code 11 when a clock is overdue.
    Due {
        /// The incident folder or its incident.toml.
        #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::AnyPath)]
        incident: PathBuf,
        /// A file with a holiday on each line, instead of the one that the incident file names.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        holidays: Option<PathBuf>,
        /// The zone of local times and business days, instead of the one of the incident file.
        #[arg(long, value_name = "ZONE")]
        tz: Option<String>,
        /// A playbook of one's own instead of the shipped one.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        playbook: Option<PathBuf>,
    },
    /// Writes the playbook as a file that Mattermost Playbooks imports.
    Export {
        /// Write to a file instead of standard output.
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        output: Option<PathBuf>,
        /// A playbook of one's own instead of the shipped one.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        playbook: Option<PathBuf>,
    },
}

/// `analyze incident`.
#[derive(Debug, Args)]
pub(crate) struct IncidentArgs {
    #[command(subcommand)]
    pub(crate) command: IncidentCommand,
    /// The incident folder or its incident.toml; default: the current folder.
    #[arg(long, value_name = "DIR", global = true, value_hint = ValueHint::AnyPath)]
    pub(crate) dir: Option<PathBuf>,
    /// A playbook of one's own instead of the shipped one.
    #[arg(long, value_name = "FILE", global = true, value_hint = ValueHint::FilePath)]
    pub(crate) playbook: Option<PathBuf>,
}

/// What to do with the incident file.
#[derive(Debug, Subcommand)]
pub(crate) enum IncidentCommand {
    /// Makes a folder with an incident file; one that is there is never overwritten.
    New {
        /// The folder; it is made if it is not there.
        #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
        folder: PathBuf,
        /// The customer's name.
        #[arg(long, value_name = "NAME")]
        customer: Option<String>,
        /// When the impact began.
        #[arg(long, value_name = "TIME")]
        impact_start: Option<String>,
    },
    /// Notes what happened: note, decision, mitigation, update, ceo.
    Note {
        /// The kind.
        kind: String,
        /// What happened, in a sentence.
        text: String,
        /// When; default: now.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Sets a field, a role or a link: impact_start, resolved, zone, roles.csm, links.ticket ...
    Set {
        /// The field.
        key: String,
        /// Its value.
        value: String,
    },
    /// Notes that a person has done a step.
    Done {
        /// The step's id.
        step: String,
        /// When; default: now.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Starts the run of this playbook on a Mattermost server, with its channel; imports the
    /// playbook where the team has none, invites the roles, and sets the 1-hour reminder. What is
    /// there already is taken, not doubled.
    Start {
        /// The team, by the name in its address.
        #[arg(long, value_name = "TEAM")]
        team: String,
        #[command(flatten)]
        reach: ReachArgs,
    },
    /// Shows what is due when, as `analyze playbook due` does; exit code 11 when a clock is overdue.
    Due,
    /// Sets a step not needed, as a person decided (steps 16 to 32).
    NotNeeded {
        /// The step's id.
        step: String,
        /// Why.
        #[arg(long, value_name = "REASON")]
        because: String,
    },
}

/// `analyze draft`.
#[derive(Debug, Args)]
pub(crate) struct DraftArgs {
    /// first-reply, customer-update, executive-update, qa-steps, pull-request, retrospective,
    /// incident-summary, customer-summary.
    #[arg(value_name = "DRAFT")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// A template of one's own instead of the shipped one (docs/playbook.md).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) template: Option<PathBuf>,
    /// Print the shipped template, to begin one's own with.
    #[arg(long)]
    pub(crate) show_template: bool,
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

/// `analyze tables`.
#[derive(Debug, Args)]
pub(crate) struct TablesArgs {
    /// Only this table; `facts` lists the catalogue of facts.
    pub(crate) name: Option<String>,
}

/// `analyze rules`.
#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
    /// Further rules: a folder of rule files. May be repeated.
    #[arg(long = "rules", value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub(crate) rule_folders: Vec<PathBuf>,
}

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Lists all rules.
    List,
    /// Explains one rule: its text; with --on, every term with its values on an input.
    Explain {
        /// The rule's id.
        id: String,
        /// Inputs to evaluate it on.
        #[arg(long = "on", value_name = "INPUT", num_args = 1..)]
        inputs: Vec<String>,
    },
    /// Runs the cases of all rules, or of the rules of a folder.
    Test {
        /// A folder of rule files; default: the shipped rules.
        folder: Option<PathBuf>,
    },
    /// Reports every fault of rule files at once.
    Lint {
        /// A folder of rule files; default: the shipped rules.
        folder: Option<PathBuf>,
    },
}

/// `analyze completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}
