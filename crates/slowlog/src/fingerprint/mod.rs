//! Queries without their literals: which statement is the same query as which.
//!
//! The rules are versioned ([`VERSION`]) and the same for every engine, so that a statement has
//! one id whether it was read in a PostgreSQL log, a MySQL log, `pg_stat_statements` or a digest
//! table. The engine only decides how bytes become tokens (what a double quote means, whether a
//! backslash escapes, which comments there are).

mod attributes;
mod frames;
mod keywords;
mod lex;
mod literals;
mod normal;
mod store;
mod touches;
mod utility;
mod words;

use std::fmt;

pub use literals::without_literals;
pub use normal::Fingerprinter;
pub(crate) use store::store_method;
pub(crate) use touches::{Touches, action, kind_and_writes, touches as touched};

/// The version of the rules. Ids of different versions are not comparable.
pub const VERSION: &str = "fp1";

/// Longest text of a fingerprint in bytes: no query that a person wrote is longer, and what is
/// kept per fingerprint must be bounded. Longer ones are cut and marked as truncated.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Whose SQL it is: decides how it is cut into tokens, never what an id is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// PostgreSQL: `"x"` is an identifier, `#` an operator, a backslash is no escape outside
    /// `E''`, comments nest.
    PostgreSql,
    /// MySQL, MariaDB, Percona: `"x"` is a string, `#` a comment, a backslash escapes.
    MySql,
}

/// The identity of a fingerprint: stable over formats, engines and runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FingerprintId(u64);

impl FingerprintId {
    /// All of it, as a number.
    pub(crate) fn number(self) -> u64 {
        self.0
    }

    /// The id of a fingerprint's text.
    pub fn of(text: &[u8]) -> Self {
        Self::with(&mut Vec::new(), text)
    }

    /// The same, for many texts: with a buffer that is kept.
    pub(crate) fn with(buffer: &mut Vec<u8>, text: &[u8]) -> Self {
        buffer.clear();
        buffer.extend_from_slice(b"v1\0");
        buffer.extend_from_slice(text);
        let [a, b, c, d, e, f, g, h, ..] = xxhash_rust::xxh3::xxh3_128(buffer).to_be_bytes();
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    /// All 16 hexadecimal digits.
    pub fn hex(self) -> String {
        format!("{:016x}", self.0)
    }
}

impl fmt::Display for FingerprintId {
    /// The short form of reports: `q:` and 12 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "q:{:012x}", self.0 >> 16)
    }
}

/// What a statement does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatementKind {
    /// Reads rows.
    Select,
    /// Adds rows.
    Insert,
    /// Changes rows.
    Update,
    /// Removes rows.
    Delete,
    /// `MERGE`.
    Merge,
    /// Changes the schema: `CREATE`, `ALTER`, `DROP`, `TRUNCATE`, `REINDEX` ...
    Ddl,
    /// `BEGIN`, `COMMIT`, `ROLLBACK`, `SAVEPOINT` ...
    Transaction,
    /// `COPY`, `LOAD DATA`.
    Copy,
    /// `VACUUM`, `ANALYZE`, `OPTIMIZE`, `CHECKPOINT` ...
    Maintenance,
    /// `SET`, `SHOW`, `EXPLAIN`, `PREPARE`, cursors, locks, administrator commands ...
    Utility,
    /// `CALL`, `DO`.
    Call,
    /// Not recognised.
    #[default]
    Other,
}

impl StatementKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Merge => "merge",
            Self::Ddl => "ddl",
            Self::Transaction => "transaction",
            Self::Copy => "copy",
            Self::Maintenance => "maintenance",
            Self::Utility => "utility",
            Self::Call => "call",
            Self::Other => "other",
        }
    }
}

/// A query with its literals taken out, and what it touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// The first 64 bits of XXH3-128 over `v1\0` and the text.
    pub id: FingerprintId,
    /// The statement: lower case, `?` for every value, `?+` for every list of values.
    pub text: String,
    /// What it does.
    pub kind: StatementKind,
    /// The tables that it names, lower case, without schema, sorted, each once.
    pub tables: Vec<String>,
    /// The columns that it names, lower case, without table, sorted, each once. Names that may
    /// also be something else (aliases of expressions) are among them.
    pub columns: Vec<String>,
    /// The object of a schema change: the index, table or view that it makes, alters or drops.
    pub object: Option<String>,
    /// Whether it changes rows or schema, or locks rows (`FOR UPDATE`).
    pub writes: bool,
    /// Whether the statement was cut, by the server's log or by [`TEXT_BYTES_MAX`]. Its text
    /// then ends in ` ...`, so that it is never mistaken for a whole one.
    pub truncated: bool,
    /// How many more branches of equal shape a `UNION` had.
    pub union_repeats: u32,
    /// Attributes from a leading or trailing comment (`/* plugin:playbooks */`, sqlcommenter),
    /// only of known keys and with values that cannot be customer data.
    pub attributes: Vec<(String, String)>,
    /// The feature of Mattermost that it belongs to, if that is sure: `PostStore.Search`.
    pub store_method: Option<&'static str>,
}

impl Fingerprint {
    /// The verb of a schema change and its object's kind: `drop index`,
    /// `create unique index concurrently`, `alter table`; the first word of any other statement.
    pub fn action(&self) -> String {
        touches::action(&self.text)
    }
}

/// The fingerprint of a statement.
///
/// One pass over the bytes and one over the result, linear in `sql` whatever it holds. For many
/// statements use a [`Fingerprinter`], which keeps its buffers.
pub fn fingerprint(sql: &[u8], engine: Engine) -> Fingerprint {
    Fingerprinter::default().fingerprint(sql, engine)
}

#[cfg(test)]
mod tests;
