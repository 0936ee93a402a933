//! Commands of the incident: the playbook, the incident file, drafts.

use super::{ReachArgs, ReadArgs, ReportArgs};
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

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
