//! A file of answers cut into results: tables of text, whatever client printed them.
//!
//! Prompts, echoed statements, timings and what else stands between results is passed over;
//! messages of errors are kept.

use crate::{aligned, delimited, vertical};

/// Rows of a result that are kept: every question of the sheet has a limit of at most 1,000.
pub(crate) const ROWS_MAX: usize = 5_000;
/// Columns of a result that are kept. `SHOW ALL SLAVES STATUS` has about 60.
pub(crate) const COLUMNS_MAX: usize = 200;
/// Results and messages of a file that are kept: the sheet has about 30 questions.
pub(crate) const PIECES_MAX: usize = 2_000;

/// Characters of a line that is part of no result.
const OTHER_CHARS: usize = 200;

/// One result, as printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Printed {
    /// The line of its first row of names, from 1.
    pub(crate) line: u64,
    /// The names of its columns.
    pub(crate) columns: Vec<String>,
    /// Its rows: line, and one cell for each column.
    pub(crate) rows: Vec<(u64, Vec<String>)>,
    /// The rows that the client says it printed: `(3 rows)`.
    pub(crate) said: Option<u64>,
    /// Rows that could not be cut into cells.
    pub(crate) broken: u64,
    /// How many lines it takes.
    pub(crate) n_lines: usize,
}

impl Printed {
    /// Keeps a row, as long as there is room.
    pub(crate) fn push(&mut self, line: u64, cells: Vec<String>) {
        if self.rows.len() < ROWS_MAX {
            self.rows.push((line, cells));
        } else {
            self.broken += 1;
        }
    }
}

/// What a file holds, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A result.
    Result(Printed),
    /// The message of an error, and its line.
    Error(u64, String),
    /// The client says that there are no rows: `(0 rows)`, `Empty set`.
    Nothing,
    /// Any other line that is not empty: echo, prompts, and what cannot be read.
    Other(String),
}

/// The lines of a text, without their ends.
pub(crate) fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// The number of a line: a line's index, counted from 1.
pub(crate) fn number(idx: usize) -> u64 {
    idx as u64 + 1
}

/// Cuts a text into results and errors.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    let lines = lines(text);
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < lines.len() && pieces.len() < PIECES_MAX {
        let found = vertical::read(&lines, at)
            .or_else(|| aligned::read(&lines, at))
            .or_else(|| delimited::read(&lines, at));
        if let Some(printed) = found {
            at += printed.n_lines.max(1);
            pieces.push(Piece::Result(printed));
            continue;
        }
        let line = lines.get(at).copied().unwrap_or_default();
        if let Some(message) = error(line) {
            pieces.push(Piece::Error(number(at), message));
        } else if said(line) == Some(0) || line.starts_with("Empty set") {
            pieces.push(Piece::Nothing);
        } else if !line.trim().is_empty() && !matches!(pieces.last(), Some(Piece::Other(_))) {
            // One of them says that there is something.
            pieces.push(Piece::Other(line.chars().take(OTHER_CHARS).collect()));
        }
        at += 1;
    }
    pieces
}

/// The message of a line that reports an error: `psql:sheet.sql:12: ERROR:  ...`,
/// `ERROR 1142 (42000) at line 9: ...`.
fn error(line: &str) -> Option<String> {
    let line = line.trim_start();
    let at = line.find("ERROR")?;
    let before = line.get(..at)?;
    if !(before.is_empty() || before.starts_with("psql:") || before.ends_with("> ")) {
        return None;
    }
    let rest = line.get(at + "ERROR".len()..)?;
    if let Some(message) = rest.strip_prefix(':') {
        return Some(message.trim().to_owned());
    }
    let (code, message) = rest.split_once(": ")?;
    code.trim_start().starts_with(|c: char| c.is_ascii_digit()).then(|| message.trim().to_owned())
}

/// The number of rows that a client says it printed: `(3 rows)` of psql in any language,
/// `3 rows in set (0.01 sec)` of mysql.
pub(crate) fn said(line: &str) -> Option<u64> {
    let line = line.trim();
    if let Some(inside) = line.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let (count, word) = inside.split_once(' ')?;
        return count.parse().ok().filter(|_| word.chars().all(char::is_alphabetic));
    }
    let (count, rest) = line.split_once(' ')?;
    (rest.starts_with("row in set") || rest.starts_with("rows in set"))
        .then(|| count.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_counts_are_known_in_the_words_of_both_clients() {
        assert_eq!(
            error("psql:sheet.sql:12: ERROR:  relation \"x\" does not exist").as_deref(),
            Some("relation \"x\" does not exist")
        );
        assert_eq!(
            error("ERROR 1142 (42000) at line 9: SELECT command denied").as_deref(),
            Some("SELECT command denied")
        );
        assert_eq!(error("Last_Error: none"), None);
        assert_eq!(error(" active | ERROR: x"), None);
        assert_eq!(said("(3 rows)"), Some(3));
        assert_eq!(said("(1 Zeile)"), Some(1));
        assert_eq!(said("12 rows in set (0.00 sec)"), Some(12));
        assert_eq!(said("(3, 4)"), None);
    }
}
