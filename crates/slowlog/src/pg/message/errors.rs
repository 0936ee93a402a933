//! Errors: by their text, else by their SQLSTATE.

use super::{Meaning, contains, quoted_behind};
use crate::pg::severity::Severity;
use crate::records::EventClass as Class;
use memchr::memmem;

/// Errors by their text; what stands in quotes behind `subject` is the subject.
static ERRORS: &[(&str, &str, &str)] = &[
    ("duplicate key value violates unique constraint", "unique violation", "23505"),
    ("violates foreign key constraint", "foreign key violation", "23503"),
    ("violates not-null constraint", "not-null violation", "23502"),
    ("violates check constraint", "check violation", "23514"),
    ("violates exclusion constraint", "exclusion violation", "23P01"),
    ("syntax error", "syntax", "42601"),
    ("unterminated quoted", "syntax", "42601"),
    ("invalid input syntax", "invalid input", "22P02"),
    ("invalid input value for enum", "invalid input", "22P02"),
    ("value too long for type", "value too long", "22001"),
    ("invalid byte sequence", "encoding", "22021"),
    ("unsupported Unicode escape sequence", "encoding", "22P05"),
    ("out of range", "out of range", "22003"),
    ("division by zero", "division by zero", "22012"),
    ("current transaction is aborted", "aborted transaction", "25P02"),
    ("could not serialize access", "serialization failure", "40001"),
    ("could not obtain lock", "lock not available", "55P03"),
    ("permission denied", "permission denied", "42501"),
    ("must be owner of", "permission denied", "42501"),
    ("read-only transaction", "read-only transaction", "25006"),
    ("cached plan must not change result type", "stale plan", "0A000"),
    ("stack depth limit exceeded", "too complex", "54001"),
    ("index row", "index row too long", "54000"),
    ("string is too long for tsvector", "too long for text search", "54000"),
    ("bind message", "protocol", "08P01"),
    ("invalid message", "protocol", "08P01"),
    ("incomplete startup packet", "protocol", "08P01"),
    ("invalid length of startup packet", "protocol", "08P01"),
    ("unsupported frontend protocol", "protocol", "0A000"),
    ("SSL error", "tls", "08P01"),
    ("could not accept SSL connection", "tls", "08P01"),
    ("multiple assignments to same column", "syntax", "42601"),
    ("column reference", "ambiguous column", "42702"),
    ("operator does not exist", "undefined function", "42883"),
    ("there is no parameter", "undefined parameter", "42P02"),
];

/// What an SQLSTATE class is called, for messages that are not known by their text.
static CODES: &[(&str, &str)] = &[
    ("00", "success"),
    ("01", "warning"),
    ("08", "connection"),
    ("0A", "not supported"),
    ("22", "data"),
    ("23", "constraint"),
    ("25", "transaction state"),
    ("26", "statement name"),
    ("28", "authorization"),
    ("2B", "dependent objects"),
    ("34", "cursor name"),
    ("3D", "undefined database"),
    ("3F", "undefined schema"),
    ("40", "transaction rollback"),
    ("42", "syntax or access"),
    ("53", "resources"),
    ("54", "program limit"),
    ("55", "object state"),
    ("57", "operator intervention"),
    ("58", "system"),
    ("72", "snapshot"),
    ("F0", "configuration"),
    ("HV", "foreign data"),
    ("P0", "plpgsql"),
    ("XX", "internal"),
];

/// An error by its text, else by its SQLSTATE.
pub(super) fn error<'a>(severity: Severity, text: &'a [u8], sqlstate: &[u8]) -> Meaning<'a> {
    let class = if severity == Severity::Panic { Class::Panic } else { Class::Error };
    let mut found = Meaning::plain(class, "other");
    if let Some((_, cause, code)) = ERRORS.iter().find(|(words, _, _)| contains(text, words)) {
        (*cause).clone_into(&mut found.cause);
        found.sqlstate = code;
        if cause.ends_with("violation") {
            found.subject = quoted_behind(text, "constraint \"");
        } else if *cause == "permission denied" {
            found.subject = last_word(text);
        }
        return found;
    }
    let missing = memmem::find(text, b" does not exist");
    let exists = memmem::find(text, b" already exists");
    if missing.is_some() || exists.is_some() {
        let kinds: [(&str, &str, &str); 10] = [
            ("role \"", "role", "28000"),
            ("database \"", "database", "3D000"),
            ("relation \"", "table", "42P01"),
            ("column ", "column", "42703"),
            ("function ", "function", "42883"),
            ("index \"", "index", "42704"),
            ("prepared statement \"", "prepared statement", "26000"),
            ("schema \"", "schema", "3F000"),
            ("type \"", "type", "42704"),
            ("cursor \"", "cursor", "34000"),
        ];
        if let Some((key, kind, code)) =
            kinds.iter().find(|(key, _, _)| text.starts_with(key.as_bytes()))
        {
            let word = if missing.is_some() { "undefined" } else { "duplicate" };
            found.cause = format!("{word} {kind}");
            found.sqlstate = if missing.is_some() { code } else { "" };
            if severity == Severity::Fatal && matches!(*kind, "role" | "database") {
                found.class = Class::Authentication;
                (*kind).clone_into(&mut found.cause);
            }
            // `column "x"`, and `column t.x` without quotes.
            let rest = text.get(key.len()..).unwrap_or_default();
            let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
            let end = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b' ' | b'('))
                .unwrap_or(rest.len());
            found.subject = if *kind == "prepared statement" {
                &[]
            } else {
                rest.get(..end).unwrap_or_default()
            };
        }
        return found;
    }
    if let Some((_, cause)) =
        sqlstate.get(..2).and_then(|code| CODES.iter().find(|(known, _)| known.as_bytes() == code))
    {
        (*cause).clone_into(&mut found.cause);
    }
    found
}

fn last_word(text: &[u8]) -> &[u8] {
    text.rsplit(|byte| *byte == b' ').next().unwrap_or_default()
}
