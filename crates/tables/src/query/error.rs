//! Why a question is not answered.

/// A fault in a question, with its place in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Groups of which nothing is asked but some of their keys.
    #[error(
        "GROUP BY without an aggregate among the results: use SELECT DISTINCT, or add COUNT(*); what HAVING compares must be a result too"
    )]
    Group,
    /// Not SQL.
    #[error("line {line}, column {column}: {what}")]
    Syntax {
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// What the parser expected.
        what: String,
    },
    /// Not one SELECT.
    #[error("a question is one SELECT (WITH is allowed), and this is {what}")]
    NotOneSelect {
        /// What it is.
        what: &'static str,
    },
    /// Too long.
    #[error("the question has more than {max} words and signs")]
    TooLong {
        /// The limit.
        max: usize,
    },
    /// Something that is not offered.
    #[error("line {line}, column {column}: {what} is not supported; {instead}")]
    Unsupported {
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// What.
        what: String,
        /// What to write instead.
        instead: String,
    },
    /// No such table.
    #[error("line {line}, column {column}: there is no table `{table}`{hint}")]
    UnknownTable {
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// The name.
        table: String,
        /// The nearest name, as a clause.
        hint: String,
    },
    /// A table without a source.
    #[error("table `{table}` was not read: no input holds this ({about})")]
    NotRead {
        /// The table.
        table: &'static str,
        /// What a row would be.
        about: &'static str,
    },
    /// No such column.
    #[error("line {line}, column {column}: there is no column `{name}`{hint}")]
    UnknownColumn {
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// The name.
        name: String,
        /// The nearest name, as a clause.
        hint: String,
    },
    /// Anything else that the engine refuses.
    #[error("the question cannot be answered: {what}")]
    Engine {
        /// What the engine says, without dumps.
        what: String,
    },
}
