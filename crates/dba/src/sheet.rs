//! The sheet: questions for one database, as SQL that can be read aloud, pasted, or run as a file.

use crate::question::{Database, DbaQuestion, questions};
use std::fmt::Write as _;

/// For which database a sheet is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbaTarget {
    /// The database.
    pub database: Database,
    /// Its major version, where it is known.
    pub major: Option<u32>,
    /// Where it runs, where that is known: one of [`HOSTINGS`](crate::question::HOSTINGS).
    pub hosting: Option<String>,
}

/// The questions for a database, in the order of the list. Without a version those of every
/// version, without a hosting those of every hosting.
pub fn questions_for(target: &DbaTarget) -> Vec<&'static DbaQuestion> {
    questions()
        .iter()
        .filter(|question| question.databases.contains(&target.database))
        .filter(|question| {
            target.major.is_none_or(|major| {
                question.since.is_none_or(|since| major >= since)
                    && question.until.is_none_or(|until| major < until)
            })
        })
        .filter(|question| match &target.hosting {
            None => true,
            Some(hosting) => {
                (question.only.is_empty() || question.only.contains(hosting))
                    && !question.not.contains(hosting)
            }
        })
        .collect()
}

/// The column under which the sheet prints the id of each question before its answer.
pub(crate) const MARK: &str = "question";

/// What makes a session safe: read-only, and given up after seconds.
pub fn preamble(database: Database) -> &'static [&'static str] {
    match database {
        Database::Postgres => &[
            "SET default_transaction_read_only = on;",
            "SET statement_timeout = '5s';",
            "SET lock_timeout = '1s';",
            "SET application_name = 'support-read-only';",
        ],
        Database::Mysql => &[
            "SET SESSION TRANSACTION READ ONLY;",
            "SET SESSION max_execution_time = 5000;",
            "SET SESSION lock_wait_timeout = 1;",
        ],
        Database::Mariadb => &[
            "SET SESSION TRANSACTION READ ONLY;",
            "SET SESSION max_statement_time = 5;",
            "SET SESSION lock_wait_timeout = 1;",
        ],
    }
}

/// The sheet: SQL with comments, so that it can be read aloud, pasted, or run as a file.
pub fn dba_sheet(target: &DbaTarget) -> String {
    let mut out = String::new();
    let version =
        target.major.map_or_else(|| "version not known".to_owned(), |major| major.to_string());
    let hosting = target.hosting.as_deref().unwrap_or("hosting not known");
    let _ = writeln!(
        out,
        "-- Questions to {} ({version}, {hosting}). They only read.",
        target.database.title()
    );
    let _ = writeln!(
        out,
        "-- Each gives up after 5 seconds. An error about a right or an extension harms nothing: go on."
    );
    let _ = writeln!(
        out,
        "-- Send what they print, not screenshots. Statements may hold data: use the agreed upload."
    );
    let _ = writeln!(
        out,
        "-- {}\n",
        match target.database {
            Database::Postgres =>
                "Run it with: psql -X --pset pager=off -f sheet.sql DATABASE > answers.txt 2>&1",
            Database::Mysql | Database::Mariadb =>
                "Run it with: mysql --force --table DATABASE < sheet.sql > answers.txt 2>&1",
        }
    );
    for line in preamble(target.database) {
        let _ = writeln!(out, "{line}");
    }
    let mut topic = "";
    for (number, question) in (1..).zip(questions_for(target)) {
        if question.topic != topic {
            topic = &question.topic;
            let _ = writeln!(out, "\n-- ==== {topic} ====");
        }
        let _ = writeln!(out, "\n-- {number}. {}: {}", question.id, question.why);
        let _ = writeln!(out, "--    Look for: {}", question.look);
        if !question.needs.is_empty() {
            let _ = writeln!(out, "--    Needs: {}", question.needs);
        }
        let versions = match (question.since, question.until) {
            (Some(since), Some(until)) => format!("{since} to before {until}"),
            (Some(since), None) => format!("{since} and later"),
            (None, Some(until)) => format!("before {until}"),
            (None, None) => String::new(),
        };
        if target.major.is_none() && !versions.is_empty() {
            let _ = writeln!(out, "--    Only for version {versions}");
        }
        if target.hosting.is_none() && !question.only.is_empty() {
            let _ = writeln!(out, "--    Only on {}", question.only.join(", "));
        }
        // An answer without rows, or an error, says nothing about what was asked.
        let _ = writeln!(out, "SELECT '{}' AS {MARK};", question.id);
        let _ = writeln!(out, "{}", question.sql.trim());
    }
    out
}

#[cfg(test)]
mod tests;
