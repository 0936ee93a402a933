//! What a fingerprint touches: read from its text, once per fingerprint.
//!
//! This is no parser of SQL. It knows where names of tables stand (behind `FROM`, `JOIN`, `INTO`,
//! `UPDATE`, `TABLE` ...), which names are only of this statement (`WITH`, aliases), and takes
//! what is left for columns.

#![expect(clippy::wildcard_enum_match_arm, reason = "most tokens say nothing about names")]

mod kind;
mod object;
mod walk;

use super::lex::{Kind, Lexer};
use super::{Engine, StatementKind};
use kind::{kind, writes};
use object::object;
use walk::Walk;

use memchr::memmem::Finder;
pub(crate) use object::action;
use std::sync::LazyLock;

/// Most names that are kept of a kind; a statement with more is generated.
const NAMES_MAX: usize = 200;

/// What a statement touches.
#[derive(Debug, Default)]
pub(crate) struct Touches {
    /// What it does.
    pub(crate) kind: StatementKind,
    /// Tables, sorted.
    pub(crate) tables: Vec<String>,
    /// Columns, sorted.
    pub(crate) columns: Vec<String>,
    /// The object of a schema change.
    pub(crate) object: Option<String>,
    /// Whether it writes.
    pub(crate) writes: bool,
}

/// A token of the text.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    kind: Kind,
    text: &'a str,
}

/// The tokens of the text of a fingerprint.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut lexer = Lexer::new(text.as_bytes(), Engine::PostgreSql);
    let mut pieces = Vec::new();
    while let Some(token) = lexer.next() {
        if let Some(text) = text.get(token.start..token.end) {
            pieces.push(Piece { kind: token.kind, text });
        }
    }
    pieces
}

/// What the text of a fingerprint does, and whether it writes; without cutting it into tokens where
/// its first word decides.
pub(crate) fn kind_and_writes(text: &str) -> (StatementKind, bool) {
    /// Searchers are dear to make.
    static FOR: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("for "));
    if memchr::memchr(b';', text.as_bytes()).is_none() {
        match text.split_once(' ').map(|(word, _)| word) {
            Some("select")
                if FOR.find(text.as_bytes()).is_none()
                    && !memchr::memchr_iter(b'(', text.as_bytes()).any(|at| {
                        // `insert`, `update`, `delete`.
                        matches!(text.as_bytes().get(at + 1), Some(b'i' | b'u' | b'd'))
                    }) =>
            {
                return (StatementKind::Select, false);
            }
            Some("insert") => return (StatementKind::Insert, true),
            Some("update") => return (StatementKind::Update, true),
            Some("delete") => return (StatementKind::Delete, true),
            _ => {}
        }
    }
    let pieces = pieces(text);
    let kind = kind(&pieces);
    (kind, writes(kind, &pieces))
}

/// Reads the text of a fingerprint.
pub(crate) fn touches(text: &str) -> Touches {
    let pieces = pieces(text);
    let kind = kind(&pieces);
    let mut walk = Walk { pieces: &pieces, kind, ..Walk::default() };
    walk.run();
    let object = if kind == StatementKind::Ddl { object(&pieces) } else { None };
    let writes = writes(kind, &pieces);
    let Walk { mut tables, mut columns, own, .. } = walk;
    tables.retain(|name| !own.contains(name));
    columns.retain(|name| !own.contains(name) && !tables.contains(name));
    Touches {
        kind,
        tables: tables.into_iter().take(NAMES_MAX).map(unquote).collect(),
        columns: columns.into_iter().take(NAMES_MAX).map(unquote).collect(),
        object,
        writes,
    }
}

fn unquote(name: &str) -> String {
    name.trim_matches('`').to_owned()
}

#[cfg(test)]
mod tests;
