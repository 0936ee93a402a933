//! Messages of servers whose `lc_messages` is not English, as the English ones that mean the same.
//!
//! One table (`data/messages.tsv`) has the messages that are looked at, in each language. What is
//! translated back is read like any other; what is not in the table stays as it is, and an error
//! is still told by its SQLSTATE where the log has it.

mod template;

use super::severity::Severity;
use crate::shapes::Map;
use std::sync::LazyLock;
use template::{Part, Template};

/// The table: language, message, translation.
const TABLE: &str = include_str!("../../data/messages.tsv");

/// Languages of the table, and how they are called; a language's number is its place here.
pub(crate) const LANGUAGES: &[(&str, &str)] = &[
    ("de", "German"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ru", "Russian"),
    ("zh_CN", "Chinese"),
    ("ko", "Korean"),
    ("sv", "Swedish"),
    ("uk", "Ukrainian"),
    ("pt_BR", "Portuguese"),
];

/// Bytes of the start of a message by which its template is looked up.
const KEY: usize = 4;
/// Longest message that is translated back with what it names; a statement may be longer.
const NAMED_MAX: usize = 256;

/// A line of the table.
struct Row {
    language: usize,
    /// The English message.
    meant: Template,
    /// What the server writes.
    written: Template,
}

/// The table, ready to be searched.
struct Tables {
    rows: Vec<Row>,
    by_start: Map<[u8; KEY], Vec<usize>>,
    /// Those that begin with something that varies.
    others: Vec<usize>,
    severities: Map<&'static str, Severity>,
    /// Inside messages, by language: what stands for ` database=`.
    pieces: Vec<(usize, String, String)>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables {
        rows: Vec::new(),
        by_start: Map::default(),
        others: Vec::new(),
        severities: Map::default(),
        pieces: Vec::new(),
    };
    for (language, meant, written) in lines() {
        if let Some(severity) = Severity::of(meant.as_bytes()) {
            tables.severities.insert(written, severity);
        } else if let (true, Some((meant, _)), Some((written, _))) =
            (meant.starts_with(' '), meant.split_once('%'), written.split_once('%'))
        {
            tables.pieces.push((language, meant.to_owned(), written.to_owned()));
        } else {
            tables.rows.push(Row {
                language,
                meant: Template::of(meant),
                written: Template::of(written),
            });
        }
    }
    // Of two that fit, the one that says more.
    tables.rows.sort_by_key(|row| std::cmp::Reverse(row.written.len()));
    for (at, row) in tables.rows.iter().enumerate() {
        match row.written.start().first_chunk::<KEY>() {
            Some(key) => tables.by_start.entry(*key).or_default().push(at),
            None => tables.others.push(at),
        }
    }
    tables
});

/// Lines of the table: number of the language, message, translation.
fn lines() -> impl Iterator<Item = (usize, &'static str, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split('\t');
        let language = fields.next()?;
        let number = LANGUAGES.iter().position(|(code, _)| *code == language)?;
        Some((number, fields.next()?, fields.next()?))
    })
}

/// The severity that a word of some language names.
pub(crate) fn severity(word: &str) -> Option<Severity> {
    TABLES.severities.get(word).copied()
}

/// The English message of one in another language, and the number of that language.
pub(crate) fn english(message: &[u8]) -> Option<(Vec<u8>, usize)> {
    // What an English server writes most.
    if message.is_empty()
        || message.starts_with(b"duration: ")
        || message.starts_with(b"parameters: ")
    {
        return None;
    }
    let tables = &*TABLES;
    let by_start = message.first_chunk::<KEY>().and_then(|key| tables.by_start.get(key));
    // Those that begin with a name or a number are not English.
    let is_foreign = || message.iter().take(NAMED_MAX).any(|byte| *byte >= 0x80);
    let others: &[usize] = if by_start.is_none() && is_foreign() { &tables.others } else { &[] };
    by_start.into_iter().flatten().chain(others).find_map(|at| {
        let row = tables.rows.get(*at)?;
        let mut text = tables.message(row, message)?;
        if text.starts_with(b"connection authorized: ") {
            for (_, meant, written) in
                tables.pieces.iter().filter(|(language, ..)| *language == row.language)
            {
                text = String::from_utf8_lossy(&text).replace(written, meant).into_bytes();
            }
        }
        Some((text, row.language))
    })
}

/// The same of a text whose lines are messages of their own, as the two sides of a deadlock are.
pub(crate) fn english_lines(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    english(first.trim_ascii())?;
    let mut language = None;
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let body = line.trim_ascii();
        match english(body) {
            Some((meant, number)) => {
                language = language.or(Some(number));
                out.extend_from_slice(&meant);
                if line.ends_with(b"\n") {
                    out.push(b'\n');
                }
            }
            None => out.extend_from_slice(line),
        }
    }
    Some((out, language?))
}

impl Tables {
    /// The English message of one that a row fits.
    fn message(&self, row: &Row, message: &[u8]) -> Option<Vec<u8>> {
        let is_duration = row.meant.start().starts_with(b"duration: ");
        let (args, rest) = row.written.read(message)?;
        // Behind a message may stand where in the statement it is of; behind a duration nothing.
        let rest = rest.trim_ascii_end();
        if !rest.is_empty() && (is_duration || rest.first() != Some(&b' ')) {
            return None;
        }
        let decimal = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',');
        if is_duration && !args.first().is_some_and(|ms| ms.iter().all(decimal)) {
            return None;
        }
        let of_lock = row.meant.start().eq_ignore_ascii_case(b"process ");
        let mut out = Vec::with_capacity(message.len());
        for part in row.meant.parts() {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Value { number, .. } => {
                    let value = args.get(*number).copied().unwrap_or_default();
                    match self.target(value, row.language).filter(|_| of_lock) {
                        Some(meant) => out.extend_from_slice(&meant),
                        None => out.extend_from_slice(value),
                    }
                }
            }
        }
        out.extend_from_slice(rest);
        Some(out)
    }

    /// What is locked, in English.
    fn target(&self, value: &[u8], language: usize) -> Option<Vec<u8>> {
        let value = (value.len() < NAMED_MAX).then_some(value)?;
        self.rows
            .iter()
            .filter(|row| row.language == language && row.meant.ends_in_number())
            .find_map(|row| {
                let (args, rest) = row.written.read(value)?;
                if !rest.is_empty() {
                    return None;
                }
                let mut out = Vec::new();
                for part in row.meant.parts() {
                    match part {
                        Part::Text(text) => out.extend_from_slice(text),
                        Part::Value { number, .. } => {
                            out.extend_from_slice(args.get(*number).copied().unwrap_or_default());
                        }
                    }
                }
                Some(out)
            })
    }
}

#[cfg(test)]
mod tests;
