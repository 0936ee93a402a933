//! The questions: one list, which says what is asked and how the answer is read back.

use serde::Deserialize;
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
    /// The table that the answer goes into.
    pub table: String,
    /// The columns of the answer, in its order.
    pub columns: Vec<AnswerColumn>,
    /// Whether the answer has more columns than are kept.
    #[serde(default)]
    pub open: bool,
    /// The statement.
    pub sql: String,
}

impl DbaQuestion {
    /// Whether it is asked of PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.databases.contains(&Database::Postgres)
    }

    /// For an answer of names and values: the names that the statement asks for.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.sql.split('\'').skip(1).step_by(2)
    }

    /// The number of characters at which the statement cuts texts: `left(query, 200)`.
    pub(crate) fn text_max(&self) -> Option<usize> {
        let lower = self.sql.to_ascii_lowercase();
        let (_, rest) = lower.split_once("left(")?;
        let (inside, _) = rest.split_once(')')?;
        inside.rsplit(',').next()?.trim().parse().ok()
    }
}

/// How a column of an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Yes or no.
    Bool,
    /// A moment.
    Time,
    /// An interval, as PostgreSQL and its clients write it.
    Span,
    /// Seconds, as a number.
    Seconds,
    /// Milliseconds, as a number.
    Milliseconds,
    /// Kibibytes: kept as bytes.
    Kibibytes,
    /// SQL: its literals must be taken out.
    Statement,
    /// The text of `SHOW ENGINE INNODB STATUS`: figures are read from it.
    InnodbStatus,
    /// Not kept.
    Skip,
}

impl AnswerKind {
    /// Every kind with its word in the list of questions.
    const ALL: &'static [(&'static str, Self)] = &[
        ("text", Self::Text),
        ("int", Self::Int),
        ("float", Self::Float),
        ("bool", Self::Bool),
        ("time", Self::Time),
        ("span", Self::Span),
        ("seconds", Self::Seconds),
        ("ms", Self::Milliseconds),
        ("kb", Self::Kibibytes),
        ("statement", Self::Statement),
        ("innodb", Self::InnodbStatus),
        ("skip", Self::Skip),
    ];
}

/// A column of an answer: `OUTPUT KIND` or `OUTPUT KIND -> COLUMN`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AnswerColumn {
    /// Its name as the client prints it.
    pub output: String,
    /// How it is read.
    pub kind: AnswerKind,
    /// The column of the table.
    pub column: String,
}

impl TryFrom<String> for AnswerColumn {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not `OUTPUT KIND` or `OUTPUT KIND -> COLUMN`");
        let (left, column) = match text.split_once(" -> ") {
            Some((left, column)) => (left, Some(column)),
            None => (text.as_str(), None),
        };
        let (output, word) = left.split_once(' ').ok_or_else(wrong)?;
        let (_, kind) = AnswerKind::ALL.iter().find(|(name, _)| *name == word).ok_or_else(wrong)?;
        Ok(Self {
            output: output.to_owned(),
            kind: *kind,
            column: column.unwrap_or(output).to_owned(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    question: Vec<DbaQuestion>,
}

static QUESTIONS: LazyLock<Vec<DbaQuestion>> = LazyLock::new(|| {
    toml::from_str::<List>(include_str!("../dba.toml"))
        .map(|list| list.question)
        .unwrap_or_default()
});

/// Every question.
pub fn questions() -> &'static [DbaQuestion] {
    &QUESTIONS
}

/// The question of that id.
pub fn question(id: &str) -> Option<&'static DbaQuestion> {
    questions().iter().find(|question| question.id == id)
}
