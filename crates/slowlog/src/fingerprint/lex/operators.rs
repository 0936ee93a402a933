//! Operators, and what stands before a sign.

use super::{ALPHA, CLASS, DIGIT, Kind, Lexer, OPERATOR, in_name};
use crate::fingerprint::Engine;

impl Lexer<'_> {
    pub(super) fn operator(&self, first: u8, start: usize) -> (Kind, usize) {
        let next = self.byte(start + 1);
        if first == b'@' {
            if next == b'@' && CLASS[usize::from(self.byte(start + 2))] & ALPHA != 0 {
                // A server variable, with its scope.
                let mut end = start + 3;
                while in_name(self.byte(end))
                    || (self.byte(end) == b'.'
                        && CLASS[usize::from(self.byte(end + 1))] & ALPHA != 0)
                {
                    end += 1;
                }
                return (Kind::Word, end);
            }
            if CLASS[usize::from(next)] & (ALPHA | DIGIT) != 0 {
                let mut end = start + 2;
                while end < self.sql.len() && in_name(self.sql[end]) {
                    end += 1;
                }
                return (Kind::Placeholder, end);
            }
        }
        if first == b'%' && next == b's' && !in_name(self.byte(start + 2)) && !self.after_value() {
            return (Kind::Placeholder, start + 2);
        }
        let end = match self.engine {
            Engine::PostgreSql => self.operator_postgresql(start),
            Engine::MySql => operator_mysql(self.sql, start),
        };
        (Kind::Operator, end)
    }

    /// Whether the last token ends a value, so that what follows is an operator.
    pub(super) fn after_value(&self) -> bool {
        match self.last {
            Some(
                Kind::Word
                | Kind::Quoted
                | Kind::Literal
                | Kind::Number
                | Kind::Placeholder
                | Kind::List
                | Kind::Close
                | Kind::CloseBracket,
            ) => true,
            Some(
                Kind::Operator
                | Kind::Open
                | Kind::OpenBracket
                | Kind::Comma
                | Kind::Semicolon
                | Kind::Dot
                | Kind::Cast
                | Kind::Comment
                | Kind::Cut,
            )
            | None => false,
        }
    }

    /// As long as possible, but not into a comment, and a sign at its end belongs to what
    /// follows unless the operator holds one of `~!@#%^&|` (manual, 4.1.3).
    pub(super) fn operator_postgresql(&self, start: usize) -> usize {
        let mut end = start + 1;
        while end < self.sql.len() && CLASS[usize::from(self.sql[end])] & OPERATOR != 0 {
            let pair = (self.sql[end - 1], self.sql[end]);
            if pair == (b'-', b'-') || pair == (b'/', b'*') {
                end -= 1;
                break;
            }
            end += 1;
        }
        let end = end.max(start + 1);
        let special = self.sql[start..end]
            .iter()
            .any(|byte| matches!(byte, b'~' | b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'|'));
        let mut shorter = end;
        while !special && shorter > start + 1 && matches!(self.sql[shorter - 1], b'+' | b'-') {
            shorter -= 1;
        }
        shorter
    }
}

/// Operators of MySQL of more than one byte, longest first.
const OPERATORS_MYSQL: &[&[u8]] =
    &[b"->>", b"<=>", b"<=", b">=", b"<>", b"!=", b"->", b"&&", b"||", b"<<", b">>"];

fn operator_mysql(sql: &[u8], start: usize) -> usize {
    let rest = &sql[start..];
    OPERATORS_MYSQL
        .iter()
        .find(|operator| rest.starts_with(operator))
        .map_or(start + 1, |operator| start + operator.len())
}
