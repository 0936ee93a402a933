//! What a schema change does to which object.

use super::{NAMES_MAX, Piece, unquote};
use crate::fingerprint::lex::Kind;
use crate::fingerprint::{StatementKind, keywords};

/// The words of a schema change up to its object's kind, with `concurrently`.
pub(crate) fn action(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').take(8).collect();
    let verb = words.first().copied().unwrap_or_default();
    let kind = words.iter().position(|word| keywords::is_object_kind(word));
    match kind {
        Some(kind) if keywords::statement_kind(verb) == StatementKind::Ddl => {
            let with = usize::from(words.get(kind + 1) == Some(&"concurrently"));
            words.get(..=kind + with).unwrap_or_default().join(" ")
        }
        _ => verb.to_owned(),
    }
}

/// The name of what a schema change makes, alters or drops; several are joined by `, `.
pub(super) fn object(pieces: &[Piece<'_>]) -> Option<String> {
    let mut words = pieces.iter().enumerate().skip(1);
    let verb = pieces.first()?.text;
    let of_object = |word: &str| keywords::is_object_kind(word);
    // The last word of the object's kind: `materialized view`, `unique index concurrently`.
    let mut at = if verb == "truncate" { Some(1) } else { None };
    for (idx, piece) in words.by_ref() {
        if piece.kind != Kind::Word || idx > 8 {
            break;
        }
        if of_object(piece.text) {
            at = Some(idx + 1);
            break;
        }
    }
    let mut at = at?;
    let mut names = Vec::new();
    while let Some(piece) = pieces.get(at) {
        match (piece.kind, piece.text) {
            (Kind::Word, "concurrently" | "if" | "not" | "exists" | "only" | "table") => at += 1,
            (Kind::Word, "on") => break,
            (Kind::Word | Kind::Quoted, _) => {
                let mut name = piece.text;
                while let (Some(dot), Some(next)) = (pieces.get(at + 1), pieces.get(at + 2))
                    && dot.kind == Kind::Dot
                {
                    name = next.text;
                    at += 2;
                }
                names.push(unquote(name));
                let more = pieces.get(at + 1).is_some_and(|piece| piece.kind == Kind::Comma);
                if !more || names.len() >= NAMES_MAX {
                    break;
                }
                at += 2;
            }
            _ => break,
        }
    }
    if names.is_empty() { None } else { Some(names.join(", ")) }
}
