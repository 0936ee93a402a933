//! Bytes to tokens: the only place that knows where a literal, a comment or a name ends.
//!
//! Every token is found in one step forward; nothing is looked at twice, so that the time is
//! linear whatever the bytes are.

#![expect(clippy::indexing_slicing, reason = "hot: every index is below a length just compared")]

mod ends;
mod operators;

use super::Engine;

pub(super) use ends::{comment_end, dollar_string, number_end, string_end};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or an unquoted name.
    Word,
    /// A name in quotes.
    Quoted,
    /// A string in any form.
    Literal,
    /// A number in any form.
    Number,
    /// `$1`, `?`, `:name`, `%s`, `@p1`.
    Placeholder,
    /// `?+` or `...`: a list that was already taken out.
    List,
    /// An operator.
    Operator,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `.`
    Dot,
    /// `::`
    Cast,
    /// A comment.
    Comment,
    /// `...` at the end: the text was cut.
    Cut,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Its first byte.
    pub(super) start: usize,
    /// The byte behind it.
    pub(super) end: usize,
}

/// White space and control characters: logs hold NULs after a crash, and none belongs in SQL.
const SPACE: u8 = 1;
/// Begins a name.
const ALPHA: u8 = 2;
/// A decimal digit.
const DIGIT: u8 = 4;
/// `$`, which goes on within a name.
const DOLLAR: u8 = 8;
/// Part of an operator.
const OPERATOR: u8 = 16;

/// What each byte may be.
static CLASS: [u8; 256] = {
    let mut class = [0_u8; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            0..=b' ' | 0x7f => SPACE,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..=0xff => ALPHA,
            b'0'..=b'9' => DIGIT,
            b'$' => DOLLAR,
            b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b'~' | b'!' | b'@' | b'#' | b'%'
            | b'^' | b'&' | b'|' => OPERATOR,
            _ => 0,
        };
        byte += 1;
    }
    class
};

/// Whether a byte goes on within a name.
#[inline]
pub(super) fn in_name(byte: u8) -> bool {
    CLASS[usize::from(byte)] & (ALPHA | DIGIT | DOLLAR) != 0
}

/// Whether a byte is white space.
#[inline]
pub(super) fn is_space(byte: u8) -> bool {
    CLASS[usize::from(byte)] & SPACE != 0
}

/// Cuts a statement into tokens.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    sql: &'a [u8],
    at: usize,
    engine: Engine,
    /// What the last token was, comments apart: decides what a dot or a sign belongs to.
    last: Option<Kind>,
    /// Whether a comma that was last came behind a placeholder.
    value_comma: bool,
    /// Whether the end came within a string, a name or a comment.
    pub(super) open_end: bool,
}

impl<'a> Lexer<'a> {
    /// Begins at the first byte.
    pub(super) fn new(sql: &'a [u8], engine: Engine) -> Self {
        Self { sql, at: 0, engine, last: None, value_comma: false, open_end: false }
    }

    fn byte(&self, at: usize) -> u8 {
        self.sql.get(at).copied().unwrap_or(0)
    }

    /// The next token; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Token> {
        while self.at < self.sql.len() && is_space(self.sql[self.at]) {
            self.at += 1;
        }
        let start = self.at;
        let &first = self.sql.get(start)?;
        let (kind, end) = self.token(first, start);
        self.at = end.min(self.sql.len());
        if kind != Kind::Comment {
            self.value_comma = kind == Kind::Comma && self.last == Some(Kind::Placeholder);
            self.last = Some(kind);
        }
        Some(Token { kind, start, end: self.at })
    }

    fn token(&mut self, first: u8, start: usize) -> (Kind, usize) {
        let class = CLASS[usize::from(first)];
        if class & ALPHA != 0 {
            return self.word(start);
        }
        if class & DIGIT != 0 {
            let (end, is_name) = number_end(self.sql, start, self.engine);
            return (if is_name { Kind::Word } else { Kind::Number }, end);
        }
        match first {
            b'\'' => (Kind::Literal, self.quoted(start + 1, b'\'', self.engine == Engine::MySql)),
            b'"' if self.engine == Engine::MySql => {
                (Kind::Literal, self.quoted(start + 1, b'"', true))
            }
            b'"' | b'`' => self.name(start + 1, first),
            b'$' => self.dollar(start),
            b'(' => (Kind::Open, start + 1),
            b')' => (Kind::Close, start + 1),
            b'[' => (Kind::OpenBracket, start + 1),
            b']' => (Kind::CloseBracket, start + 1),
            b',' => (Kind::Comma, start + 1),
            b';' => (Kind::Semicolon, start + 1),
            b'.' => self.dot(start),
            b'?' => self.question(start),
            b':' => self.colon(start),
            _ => {
                if let Some(end) = comment_end(self.sql, start, self.engine) {
                    self.open_end |= end > self.sql.len();
                    return (Kind::Comment, end);
                }
                self.operator(first, start)
            }
        }
    }

    /// A word, or a string with a prefix (`E''`, `_utf8''`, `U&""`).
    fn word(&mut self, start: usize) -> (Kind, usize) {
        let mut end = start + 1;
        while end < self.sql.len() && in_name(self.sql[end]) {
            end += 1;
        }
        match self.byte(end) {
            b'\'' if is_string_prefix(&self.sql[start..end], self.engine) => {
                let escapes =
                    self.engine == Engine::MySql || matches!(self.sql[start], b'e' | b'E');
                (Kind::Literal, self.quoted(end + 1, b'\'', escapes))
            }
            b'"' if self.engine == Engine::MySql
                && is_string_prefix(&self.sql[start..end], self.engine) =>
            {
                (Kind::Literal, self.quoted(end + 1, b'"', true))
            }
            b'&' if end == start + 1
                && self.engine == Engine::PostgreSql
                && matches!(self.sql[start], b'u' | b'U') =>
            {
                match self.byte(end + 1) {
                    b'\'' => (Kind::Literal, self.quoted(end + 2, b'\'', false)),
                    b'"' => self.name(end + 2, b'"'),
                    _ => (Kind::Word, end),
                }
            }
            _ => (Kind::Word, end),
        }
    }

    /// The end of a string whose quote opened just before `at`.
    fn quoted(&mut self, at: usize, quote: u8, escapes: bool) -> usize {
        let end = string_end(self.sql, at, quote, escapes);
        self.open_end |= end > self.sql.len();
        end
    }

    /// A name in quotes. One that never ends may hold anything, so it counts as a literal.
    fn name(&mut self, at: usize, quote: u8) -> (Kind, usize) {
        let end = string_end(self.sql, at, quote, false);
        if end > self.sql.len() {
            self.open_end = true;
            return (Kind::Literal, end);
        }
        (Kind::Quoted, end)
    }

    /// `$1`, or `$tag$ ... $tag$`.
    fn dollar(&mut self, start: usize) -> (Kind, usize) {
        match dollar_string(self.sql, start, self.engine) {
            Some(end) => {
                self.open_end |= end > self.sql.len();
                (Kind::Literal, end)
            }
            None => {
                let mut end = start + 1;
                while end < self.sql.len() && in_name(self.sql[end]) {
                    end += 1;
                }
                let is_name = CLASS[usize::from(self.byte(start + 1))] & ALPHA != 0;
                (if is_name { Kind::Word } else { Kind::Placeholder }, end)
            }
        }
    }

    fn dot(&mut self, start: usize) -> (Kind, usize) {
        if self.sql[start..].starts_with(b"...") {
            let mut end = start + 3;
            while end < self.sql.len() && is_space(self.sql[end]) {
                end += 1;
            }
            let kind = match self.sql.get(end) {
                Some(b')' | b']') => Kind::List,
                // `LIMIT ?, ...` of a digest table.
                None if self.last == Some(Kind::Comma) && self.value_comma => Kind::Placeholder,
                None => Kind::Cut,
                Some(_) => Kind::Placeholder,
            };
            self.open_end |= kind == Kind::Cut;
            return (kind, start + 3);
        }
        let after_name = matches!(
            self.last,
            Some(Kind::Word | Kind::Quoted | Kind::Close | Kind::CloseBracket | Kind::Placeholder)
        );
        // `t.5` is no column; `select .5` is a number.
        let is_apart = start.checked_sub(1).is_some_and(|before| is_space(self.byte(before)));
        if (!after_name || is_apart) && self.byte(start + 1).is_ascii_digit() {
            return (Kind::Number, number_end(self.sql, start, self.engine).0);
        }
        (Kind::Dot, start + 1)
    }

    fn question(&self, start: usize) -> (Kind, usize) {
        match self.byte(start + 1) {
            b'+' => {
                let mut end = start + 2;
                while end < self.sql.len() && is_space(self.sql[end]) {
                    end += 1;
                }
                match self.byte(end) {
                    b')' | b']' => (Kind::List, start + 2),
                    _ => (Kind::Placeholder, start + 1),
                }
            }
            // The containment operators of jsonb.
            b'|' | b'&' if self.engine == Engine::PostgreSql => (Kind::Operator, start + 2),
            _ => (Kind::Placeholder, start + 1),
        }
    }

    fn colon(&self, start: usize) -> (Kind, usize) {
        match self.byte(start + 1) {
            b':' => (Kind::Cast, start + 2),
            b'=' => (Kind::Operator, start + 2),
            byte if CLASS[usize::from(byte)] & ALPHA != 0 => {
                let mut end = start + 2;
                while end < self.sql.len() && in_name(self.sql[end]) {
                    end += 1;
                }
                (Kind::Placeholder, end)
            }
            _ => (Kind::Operator, start + 1),
        }
    }
}

/// Whether a word just before a quote belongs to the string.
fn is_string_prefix(word: &[u8], engine: Engine) -> bool {
    match word {
        [b'e' | b'E' | b'n' | b'N' | b'x' | b'X' | b'b' | b'B'] => true,
        [b'_', ..] => engine == Engine::MySql,
        _ => false,
    }
}
