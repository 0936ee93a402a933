//! A statement as it was written, but for what may be customer data.

use super::Engine;
use super::lex::{Kind, Lexer};

/// The statement with `?` for every literal and without its comments: for samples, whose layout
/// a person wants to recognise. Names, case and space stay; control characters become spaces.
///
/// A string that never ends is taken out up to the end of the statement.
pub fn without_literals(sql: &[u8], engine: Engine) -> String {
    let mut lexer = Lexer::new(sql, engine);
    let mut shown = Vec::with_capacity(sql.len());
    let mut copied = 0;
    let mut after_string = false;
    while let Some(token) = lexer.next() {
        // Space between tokens.
        shown.extend_from_slice(sql.get(copied..token.start).unwrap_or_default());
        copied = token.end;
        let bytes = sql.get(token.start..token.end).unwrap_or_default();
        let joined = after_string && token.kind == Kind::Literal;
        after_string = token.kind == Kind::Literal || (after_string && token.kind == Kind::Comment);
        match token.kind {
            // Strings side by side are one.
            Kind::Literal if joined => {}
            Kind::Literal | Kind::Number => shown.push(b'?'),
            // Data that lost its quotes.
            Kind::Word | Kind::Quoted if bytes.len() > super::normal::NAME_BYTES_MAX => {
                shown.push(b'?');
            }
            Kind::Comment => shown.push(b' '),
            Kind::Word
            | Kind::Quoted
            | Kind::Placeholder
            | Kind::List
            | Kind::Operator
            | Kind::Open
            | Kind::Close
            | Kind::OpenBracket
            | Kind::CloseBracket
            | Kind::Comma
            | Kind::Semicolon
            | Kind::Dot
            | Kind::Cast
            | Kind::Cut => shown.extend_from_slice(bytes),
        }
    }
    let mut shown = String::from_utf8_lossy(&shown).into_owned();
    if shown.contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
        shown = shown
            .chars()
            .map(|c| if c.is_control() && c != '\n' && c != '\t' { ' ' } else { c })
            .collect();
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_stays_and_the_values_go() {
        assert_eq!(
            without_literals(
                b"SELECT *\n\tFROM Posts -- jane\nWHERE Id='x' AND n = -5",
                Engine::PostgreSql
            ),
            "SELECT *\n\tFROM Posts  \nWHERE Id=? AND n = -?"
        );
        assert_eq!(without_literals(b"select \"secret\", 'cut", Engine::MySql), "select ?, ?");
    }
}
