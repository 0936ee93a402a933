//! Words of SQL that are no names.

mod list;

use super::StatementKind;
use foldhash::fast::FixedState;
use list::KEYWORDS;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Kinds of objects that a schema change may name. Sorted.
const OBJECT_KINDS: &[&str] = &[
    "collation",
    "column",
    "constraint",
    "database",
    "domain",
    "event",
    "extension",
    "function",
    "index",
    "policy",
    "procedure",
    "publication",
    "role",
    "rule",
    "schema",
    "sequence",
    "server",
    "statistics",
    "subscription",
    "system",
    "table",
    "tablespace",
    "trigger",
    "type",
    "user",
    "view",
];

/// The same, to look a word up in: it is asked for every word of every query that is kept.
static WORDS: LazyLock<HashSet<&str, FixedState>> =
    LazyLock::new(|| KEYWORDS.iter().copied().collect());

/// Whether a word is no name.
pub(super) fn is_keyword(word: &str) -> bool {
    WORDS.contains(word)
}

/// Whether a word is a kind of object.
pub(super) fn is_object_kind(word: &str) -> bool {
    OBJECT_KINDS.binary_search(&word).is_ok()
}

/// What a statement does that begins with this word.
pub(super) fn statement_kind(word: &str) -> StatementKind {
    match word {
        "select" | "table" | "values" => StatementKind::Select,
        "insert" | "replace" => StatementKind::Insert,
        "update" => StatementKind::Update,
        "delete" => StatementKind::Delete,
        "merge" => StatementKind::Merge,
        "create" | "alter" | "drop" | "truncate" | "reindex" | "rename" | "comment" | "grant"
        | "revoke" | "refresh" | "reassign" | "security" => StatementKind::Ddl,
        "begin" | "start" | "commit" | "rollback" | "end" | "abort" | "savepoint" | "release" => {
            StatementKind::Transaction
        }
        "copy" | "load" => StatementKind::Copy,
        "vacuum" | "analyze" | "analyse" | "optimize" | "check" | "repair" | "cluster"
        | "checkpoint" => StatementKind::Maintenance,
        "call" | "do" => StatementKind::Call,
        "set" | "reset" | "show" | "explain" | "describe" | "desc" | "prepare" | "execute"
        | "deallocate" | "declare" | "fetch" | "move" | "close" | "open" | "lock" | "unlock"
        | "listen" | "unlisten" | "notify" | "discard" | "use" | "flush" | "kill"
        | "administrator" | "change" | "xa" | "handler" | "install" | "purge" | "shutdown" => {
            StatementKind::Utility
        }
        _ => StatementKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(KEYWORDS.is_sorted());
        assert!(OBJECT_KINDS.is_sorted());
    }
}
