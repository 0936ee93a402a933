//! Writes a report. Formats lay out; they decide, count, sort and filter nothing but what
//! [`Style`] says.

pub mod channel;
pub mod charts;
mod json;
mod labels;
mod markdown;
mod over;
mod phrase;
mod terminal;

use chrono_tz::Tz;
use model::{Report, Severity};
use std::io::{self, Write};

/// How an output is to look.
#[derive(Clone, Debug)]
pub struct Style {
    /// Colours by escape sequences: only for a terminal.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Everything instead of one screen.
    pub all: bool,
    /// Findings weaker than this are left out of outputs for people.
    pub severity: Severity,
    /// The zone in which times are shown to people; `None`: UTC. JSON is always UTC.
    pub zone: Option<Tz>,
    /// Show only this step of the playbook.
    pub step: Option<String>,
    /// Show the outcome of every rule.
    pub outcomes: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            width: 100,
            all: false,
            severity: Severity::Info,
            zone: None,
            step: None,
            outcomes: false,
        }
    }
}

/// An output format, as data: `--format` takes these names and `--help` shows these lines.
pub struct Format {
    /// The value of `--format`.
    pub name: &'static str,
    /// Extensions of `-o FILE` that choose it.
    pub extensions: &'static [&'static str],
    /// One line for `--help`.
    pub help: &'static str,
    /// Writes the whole report. Gives only the writer's errors.
    pub write: fn(&Report, &Style, &mut dyn Write) -> io::Result<()>,
}

/// Every format, in `--help`'s order. To add one: its module, its line here, its snapshot.
pub static FORMATS: &[Format] = &[terminal::FORMAT, markdown::FORMAT, json::FORMAT];

/// The format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// The format that the extension of a file name chooses.
pub fn format_of_file(path: &str) -> Option<&'static Format> {
    let extension = path.rsplit_once('.')?.1.to_ascii_lowercase();
    FORMATS.iter().find(|format| format.extensions.contains(&extension.as_str()))
}
