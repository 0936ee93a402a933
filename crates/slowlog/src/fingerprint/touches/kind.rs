//! What a statement does, and whether it writes.

use super::Piece;
use crate::fingerprint::lex::Kind;
use crate::fingerprint::{StatementKind, keywords};

/// What the first statement that does something does.
pub(super) fn kind(pieces: &[Piece<'_>]) -> StatementKind {
    let mut best = StatementKind::Other;
    let mut depth = 0_i32;
    let mut at_start = true;
    let mut in_with = false;
    for piece in pieces {
        match piece.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            Kind::Semicolon => {
                at_start = true;
                in_with = false;
                depth = 0;
            }
            Kind::Word if at_start || (in_with && depth == 0) => {
                let found = match (at_start, piece.text) {
                    (true, "with") => {
                        in_with = true;
                        None
                    }
                    (true, "explain") => Some(StatementKind::Utility),
                    (true, word) => Some(keywords::statement_kind(word)),
                    (false, word @ ("select" | "insert" | "update" | "delete" | "merge")) => {
                        in_with = false;
                        Some(keywords::statement_kind(word))
                    }
                    (false, _) => None,
                };
                at_start = false;
                if let Some(found) = found {
                    // A transaction or a setting around it is not what it does.
                    let idle = |kind| {
                        matches!(
                            kind,
                            StatementKind::Transaction
                                | StatementKind::Utility
                                | StatementKind::Other
                        )
                    };
                    if best == StatementKind::Other || (idle(best) && !idle(found)) {
                        best = found;
                    }
                }
            }
            _ if at_start => at_start = false,
            _ => {}
        }
    }
    // `WITH x AS (...) (SELECT ...) UNION (SELECT ...)`.
    if in_with && best == StatementKind::Other { StatementKind::Select } else { best }
}

pub(super) fn writes(kind: StatementKind, pieces: &[Piece<'_>]) -> bool {
    match kind {
        StatementKind::Insert
        | StatementKind::Update
        | StatementKind::Delete
        | StatementKind::Merge
        | StatementKind::Ddl
        | StatementKind::Call => true,
        StatementKind::Copy => pieces.iter().any(|piece| piece.text == "from"),
        StatementKind::Select => pieces.windows(2).any(|pair| {
            let [first, second] = pair else { return false };
            // `FOR UPDATE`, `FOR SHARE`, and a change within `WITH`.
            (first.text == "for" && matches!(second.text, "update" | "share" | "no" | "key"))
                || (first.kind == Kind::Open
                    && matches!(second.text, "insert" | "update" | "delete"))
        }),
        StatementKind::Transaction
        | StatementKind::Maintenance
        | StatementKind::Utility
        | StatementKind::Other => false,
    }
}
