//! The text of an expression, its tokens, and where they stand.

use sqlparser::ast;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer, TokenizerError};
use std::ops::Range;

/// Operators and words of one expression; literals do not count. A chain of so many terms is as
/// deep as the tree gets, since the parser limits brackets by itself.
const TERMS_MAX: usize = 400;

/// Brackets within brackets.
const DEPTH_MAX: usize = 40;

/// Something wrong with an expression, at bytes of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExprFault {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) nearest: Option<String>,
}

/// A parsed expression with the places of its literals, which the AST does not keep.
pub(crate) struct Source<'t> {
    text: &'t str,
    line_starts: Vec<usize>,
    literals: std::vec::IntoIter<(Token, Range<usize>)>,
}

impl<'t> Source<'t> {
    /// Parses one expression and nothing behind it.
    pub(crate) fn parse(text: &'t str) -> Result<(Self, ast::Expr), ExprFault> {
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(idx, _)| idx + 1)).collect();
        let mut source = Self { text, line_starts, literals: Vec::new().into_iter() };
        let whole = 0..text.trim_end().len();
        let fault = |span, message: String| ExprFault { span, message, nearest: None };
        if text.trim().is_empty() {
            return Err(fault(whole, "the expression is empty".to_owned()));
        }
        let dialect = GenericDialect {};
        let tokens = match Tokenizer::new(&dialect, text).tokenize_with_location() {
            Ok(tokens) => tokens,
            Err(TokenizerError { message, location }) => {
                let at = source.offset(location);
                return Err(fault(at..source.after(at), lower(&message)));
            }
        };
        let is_literal = |token: &Token| {
            matches!(
                token,
                Token::Number(..)
                    | Token::SingleQuotedString(_)
                    | Token::Whitespace(_)
                    | Token::Comma
            )
        };
        let terms = tokens.iter().filter(|token| !is_literal(&token.token)).count();
        if terms > TERMS_MAX {
            return Err(fault(
                whole,
                format!("the expression has {terms} terms; at most {TERMS_MAX} are taken"),
            ));
        }
        let literals: Vec<_> = tokens
            .iter()
            .filter(|token| matches!(token.token, Token::Number(..) | Token::SingleQuotedString(_)))
            .map(|token| (token.token.clone(), source.range(token.span)))
            .collect();
        source.literals = literals.into_iter();
        let mut parser = Parser::new(&dialect)
            .with_recursion_limit(DEPTH_MAX)
            .with_tokens_with_locations(tokens);
        let parsed = parser.parse_expr().and_then(|expr| {
            let TokenWithSpan { token, span } = parser.next_token();
            if token == Token::EOF {
                Ok(expr)
            } else {
                Err(ParserError::ParserError(format!(
                    "Expected: the end, found: {token}{}",
                    span.start
                )))
            }
        });
        match parsed {
            Ok(expr) => Ok((source, expr)),
            Err(ParserError::RecursionLimitExceeded) => {
                Err(fault(whole, format!("more than {DEPTH_MAX} brackets within brackets")))
            }
            Err(ParserError::TokenizerError(message) | ParserError::ParserError(message)) => {
                let (message, at) = source.place_in(&message);
                Err(fault(at, message))
            }
        }
    }

    /// Splits the parser's ` at Line: 1, Column: 5` from its message.
    fn place_in(&self, message: &str) -> (String, Range<usize>) {
        let end = self.text.trim_end().len();
        let Some((words, place)) = message.split_once(" at Line: ") else {
            return (lower(message), self.last()..end);
        };
        let mut numbers = place.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok());
        let (Some(line), Some(column)) = (numbers.next(), numbers.next()) else {
            return (lower(words), self.last()..end);
        };
        let start = self.offset(Location { line, column });
        let word = self.text.get(start..).unwrap_or_default();
        let word = word
            .split(|c: char| c.is_whitespace() || c == ')' || c == '(')
            .next()
            .unwrap_or_default();
        (lower(words), start..if word.is_empty() { self.after(start) } else { start + word.len() })
    }

    /// The byte behind the character at `at`.
    fn after(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.chars().next().map_or(0, char::len_utf8)
    }

    /// Where the last character stands.
    fn last(&self) -> usize {
        self.text.trim_end().char_indices().next_back().map_or(0, |(idx, _)| idx)
    }

    /// The byte of a location.
    fn offset(&self, at: Location) -> usize {
        let line = usize::try_from(at.line).unwrap_or(1).saturating_sub(1);
        let start = self.line_starts.get(line).copied().unwrap_or(self.text.len());
        let column = usize::try_from(at.column).unwrap_or(1).saturating_sub(1);
        let rest = self.text.get(start..).unwrap_or_default();
        start + rest.char_indices().nth(column).map_or(rest.len(), |(idx, _)| idx)
    }

    /// The bytes of a span; empty when it is unknown.
    pub(crate) fn range(&self, span: Span) -> Range<usize> {
        if span.start.line == 0 {
            return 0..0;
        }
        self.offset(span.start)..self.offset(span.end)
    }

    /// The bytes of the next literal that reads `written`. Literals come in the order of the text.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only two tokens are literals")]
    pub(crate) fn literal(&mut self, written: &str) -> Range<usize> {
        let mut rest = self.literals.clone();
        let found = rest.find(|(token, _)| match token {
            Token::Number(number, _) => number == written,
            Token::SingleQuotedString(text) => text == written,
            _ => false,
        });
        match found {
            Some((_, span)) => {
                self.literals = rest;
                span
            }
            None => 0..self.text.trim_end().len(),
        }
    }

    /// The bytes of `word` at or after `from`, without case.
    pub(crate) fn word(&self, word: &str, from: usize) -> Range<usize> {
        let text = self.text.to_ascii_lowercase();
        let from = from.min(text.len());
        match text.get(from..).and_then(|rest| rest.find(&word.to_ascii_lowercase())) {
            Some(idx) => from + idx..from + idx + word.len(),
            None => 0..self.text.trim_end().len(),
        }
    }
}

/// The parser's message as a fragment of ours.
fn lower(message: &str) -> String {
    let message = message.strip_prefix("sql parser error: ").unwrap_or(message);
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
