//! The sheet for the customer's DBA: read-only questions to the database, from one list.

use serde::Deserialize;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Database {
    /// PostgreSQL and what speaks like it.
    Postgres,
    /// MySQL.
    Mysql,
    /// MariaDB.
    Mariadb,
}

impl Database {
    /// Every database, in the order of help.
    pub const ALL: &'static [Self] = &[Self::Postgres, Self::Mysql, Self::Mariadb];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
        }
    }

    /// The database of that word.
    pub fn parse(word: &str) -> Option<Self> {
        let word = if word == "postgresql" { "postgres" } else { word };
        Self::ALL.iter().copied().find(|database| database.as_str() == word)
    }

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
        }
    }
}

/// Where a database may run.
pub const HOSTINGS: &[&str] = &["self", "rds", "aurora", "azure", "cloudsql", "operator"];

/// A question to the database.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DbaQuestion {
    /// Its stable id.
    pub id: String,
    /// What it is about: `activity`, `locks`, ...
    pub topic: String,
    /// For which databases.
    pub databases: Vec<Database>,
    /// The first major version that it is for.
    #[serde(default)]
    pub since: Option<u32>,
    /// The first major version that it is no longer for.
    #[serde(default)]
    pub until: Option<u32>,
    /// For these hostings only; empty for all.
    #[serde(default)]
    pub only: Vec<String>,
    /// Not for these hostings.
    #[serde(default)]
    pub not: Vec<String>,
    /// Why it is asked.
    pub why: String,
    /// What to look for in the answer.
    pub look: String,
    /// Which right or extension it needs.
    #[serde(default)]
    pub needs: String,
    /// The statement.
    pub sql: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    question: Vec<DbaQuestion>,
}

static QUESTIONS: LazyLock<Vec<DbaQuestion>> = LazyLock::new(|| {
    toml::from_str::<List>(include_str!("../data/dba.toml"))
        .map(|list| list.question)
        .unwrap_or_default()
});

/// Every question.
pub fn questions() -> &'static [DbaQuestion] {
    &QUESTIONS
}

/// For which database a sheet is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbaTarget {
    /// The database.
    pub database: Database,
    /// Its major version, where it is known.
    pub major: Option<u32>,
    /// Where it runs, where that is known: one of [`HOSTINGS`].
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
        let _ = writeln!(out, "{}", question.sql.trim());
    }
    out
}

#[cfg(test)]
mod tests;
