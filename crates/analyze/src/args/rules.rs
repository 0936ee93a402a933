//! Commands of the program itself: rules, completions.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

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
    /// Lists the places that commands may leave open, such as `<pid>`, and where one gets them.
    Places,
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
