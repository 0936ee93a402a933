//! What a message of a PostgreSQL server means: its class, cause and subject.

mod cleared;
mod errors;
mod known;
mod routine;

use super::severity::Severity;
use crate::records::EventClass as Class;
use memchr::memmem;

pub(crate) use cleared::cleared;
pub(crate) use routine::checkpoint_cause;

/// What a message means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meaning<'a> {
    pub(crate) class: Class,
    pub(crate) cause: String,
    pub(crate) subject: &'a [u8],
    pub(crate) amount: u64,
    pub(crate) unit: &'static str,
    /// SQLSTATE that the text implies, or empty.
    pub(crate) sqlstate: &'static str,
    /// Whether the subject, where the message has none, is the session's user.
    pub(crate) of_user: bool,
}

impl Meaning<'_> {
    /// A class and a cause, and nothing else.
    pub(crate) fn plain(class: Class, cause: &str) -> Self {
        Self {
            class,
            cause: cause.to_owned(),
            subject: &[],
            amount: 0,
            unit: "",
            sqlstate: "",
            of_user: false,
        }
    }
}

fn contains(text: &[u8], what: &str) -> bool {
    what.is_empty() || memmem::find(text, what.as_bytes()).is_some()
}

/// What stands in the first double quotes.
pub(crate) fn quoted(text: &[u8]) -> &[u8] {
    quoted_behind(text, "\"")
}

/// What stands in double quotes behind `key`, which ends in one.
pub(crate) fn quoted_behind<'a>(text: &'a [u8], key: &str) -> &'a [u8] {
    let Some(rest) = memmem::find(text, key.as_bytes()).and_then(|at| text.get(at + key.len()..))
    else {
        return &[];
    };
    let end = memchr::memchr(b'"', rest).unwrap_or(0);
    rest.get(..end).unwrap_or_default()
}

/// The number behind `key`, in thousandths of its unit rounded to whole `scale`s.
pub(crate) fn decimal_behind(text: &[u8], key: &str) -> Option<f64> {
    let rest = text.get(memmem::find(text, key.as_bytes())? + key.len()..)?;
    let len =
        rest.iter().take(24).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    std::str::from_utf8(rest.get(..len)?).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Microseconds of a number of seconds or milliseconds, rounded; durations in messages have at
/// most three decimals.
pub(crate) fn micros(value: f64, unit_us: f64) -> u64 {
    (value * unit_us).round() as u64
}

/// What a message means; `None` for a message that says nothing.
pub(crate) fn meaning<'a>(
    severity: Severity,
    text: &'a [u8],
    sqlstate: &[u8],
) -> Option<Meaning<'a>> {
    if severity == Severity::Log
        && let Some(found) = routine::routine(text)
    {
        return Some(found);
    }
    for known in known::KNOWN {
        if !text.starts_with(known.begins.as_bytes()) || !contains(text, known.contains) {
            continue;
        }
        let mut found =
            Meaning { sqlstate: known.sqlstate, ..Meaning::plain(known.class, known.cause) };
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "only these carry more than their cause"
        )]
        match known.class {
            Class::DiskFull => found.cause = storage(text).to_owned(),
            Class::Crash | Class::ArchiveFailure
                if !known.contains.is_empty() || known.begins.starts_with("archive") =>
            {
                found.cause = numbered(text, known.cause)
            }
            Class::Refused | Class::Authentication | Class::Terminated => {
                found.of_user = true;
                found.subject = quoted_behind(text, "user \"");
            }
            Class::Configuration => found.subject = quoted(text),
            Class::Corruption | Class::Io => found.subject = quoted(text),
            _ => {}
        }
        return Some(found);
    }
    match severity {
        Severity::Error | Severity::Fatal | Severity::Panic => {
            Some(errors::error(severity, text, sqlstate))
        }
        Severity::Warning => Some(Meaning::plain(Class::Warning, "other")),
        Severity::Log
        | Severity::Notice
        | Severity::Info
        | Severity::Debug
        | Severity::Detail
        | Severity::Hint
        | Severity::Query
        | Severity::Context
        | Severity::Statement
        | Severity::Location
        | Severity::Backtrace => None,
    }
}

/// Which storage is full.
fn storage(text: &[u8]) -> &'static str {
    if contains(text, "pg_wal")
        || contains(text, "pg_xlog")
        || contains(text, "xlogtemp")
        || contains(text, "write-ahead log")
    {
        "wal"
    } else if contains(text, "pgsql_tmp") || contains(text, "temporary file") {
        "temporary file"
    } else if contains(text, "extend file")
        || contains(text, "base/")
        || contains(text, "write block")
    {
        "table"
    } else if contains(text, "shared memory") {
        "shared memory"
    } else {
        "file"
    }
}

/// `signal 9`, `exit code 1`: the number behind a word.
fn numbered(text: &[u8], word: &str) -> String {
    let key = format!("{word} ");
    match decimal_behind(text, &key) {
        Some(number) => format!("{word} {}", number as u64),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests;
