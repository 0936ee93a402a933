//! Why a source is not read.

use model::Head;
use text::Raw;

/// Why a source cannot be read as a database log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotRecognised {
    /// No known format fits.
    #[error("{label} is no database log: {}", why(tried, *lines_have_prefix))]
    Format {
        /// The source.
        label: String,
        /// Its first lines, as read.
        first_lines: Vec<Raw>,
        /// The formats that were tried.
        tried: Vec<&'static str>,
        /// Whether its lines may have a prefix, which the user could name.
        lines_have_prefix: bool,
    },
    /// It is something else that is known.
    #[error("{label} is {what}: {remedy}")]
    Other {
        /// The source.
        label: String,
        /// What it is.
        what: &'static str,
        /// What to send, or to do.
        remedy: &'static str,
    },
    /// The named prefix reads no line.
    #[error(
        "hardly a line at the start of {label} begins with the prefix `{prefix}`, also behind a collector's \
         head; without --prefix {}",
        inferred.as_ref().map_or_else(|| "it is inferred".to_owned(), |inferred| format!("`{inferred}` is read"))
    )]
    Prefix {
        /// The source.
        label: String,
        /// The prefix, as given.
        prefix: String,
        /// The prefix that is inferred without it, if one is.
        inferred: Option<String>,
        /// Its first lines, as read.
        first_lines: Vec<Raw>,
    },
    /// It is an audit log, which says what was run and not how long it took.
    #[error(
        "{label} is an audit log of Azure Database for MySQL (MySqlAuditLogs), which has no durations; \
         export the category MySqlSlowLogs"
    )]
    Audit {
        /// The source.
        label: String,
    },
    /// The named prefix is none.
    #[error("`{prefix}` is no log_line_prefix: an escape in it does not exist")]
    Escape {
        /// The prefix, as given.
        prefix: String,
    },
}

/// Lines that an error shows.
const FIRST_LINES: usize = 3;
/// Longest line that an error shows.
const FIRST_LINE_BYTES: usize = 200;

pub(super) fn first_lines(head: &Head<'_>) -> Vec<Raw> {
    head.bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .take(FIRST_LINES)
        .map(|line| {
            Raw::from_bytes(line.get(..line.len().min(FIRST_LINE_BYTES)).unwrap_or_default())
        })
        .collect()
}

/// What was tried, and what may help.
fn why(tried: &[&str], lines_have_prefix: bool) -> String {
    let remedy =
        if lines_have_prefix { "; name the prefix of its lines with --prefix" } else { "" };
    format!("tried {}{remedy}", tried.join(", "))
}

/// Whether some line has a severity somewhere, or a duration, behind what may be a prefix.
pub(super) fn may_have_prefix(head: &[u8]) -> bool {
    const MARKS: &[&[u8]] = &[b"LOG: ", b"ERROR: ", b"FATAL: ", b"STATEMENT: ", b"duration: "];
    MARKS.iter().any(|mark| memchr::memmem::find(head, mark).is_some())
}
