//! The pass that makes the text of a fingerprint: tokens in, canonical text out.
//!
//! What is repeated (items of a list, rows of `VALUES`, arms of `CASE`, branches of `UNION`) is
//! taken back as soon as its second occurrence is complete, by cutting the end of the text, so
//! that the work stays linear and the text small however long the statement is.

#![expect(clippy::indexing_slicing, reason = "hot: ranges are offsets into the text just written")]

mod groups;
mod keyword;
mod operands;
mod repeats;
mod statements;
mod write;

use super::frames::{Frame, FrameKind, Range};
use super::lex::{Kind, Lexer, Token};
use super::utility::Utility;
use super::{Engine, Fingerprint, FingerprintId, TEXT_BYTES_MAX, attributes, touches, words};
use write::Last;

/// Deepest nesting that is followed; no person writes this, and what lies deeper is cut.
const DEPTH_MAX: usize = 2_000;

/// Longest name that is kept; PostgreSQL allows 63 bytes, MySQL 64 characters.
pub(super) const NAME_BYTES_MAX: usize = 256;

/// Longest operator that is kept.
const OPERATOR_BYTES_MAX: usize = 16;

/// How far a `LIMIT` has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Limit {
    #[default]
    No,
    Word,
    Value,
    Offset,
}

/// How things stood before a run of signs.
#[derive(Clone, Copy, Debug, Default)]
struct BeforeSign {
    len: usize,
    last: Last,
    last_start: usize,
    pure: bool,
}

/// Makes fingerprints one after the other, in buffers that are kept.
#[derive(Debug, Default)]
pub struct Fingerprinter {
    text: Vec<u8>,
    word: Vec<u8>,
    frames: Vec<Frame>,
    utility: Utility,
    last: Last,
    /// Where the last token begins in `text`.
    last_start: usize,
    /// Whether the last token came from a string, so that a string behind it belongs to it.
    after_string: bool,
    limit: Limit,
    /// Whether the group was pure before the last `array`.
    pure_before_array: bool,
    before_sign: BeforeSign,
    statement_start: usize,
    statement_before: Option<Range>,
    statement_run: u32,
    /// Length of a leading `begin; `, which is dropped when more follows.
    begin_len: usize,
    truncated: bool,
    union_repeats: u32,
}

impl Fingerprinter {
    /// The whole fingerprint. See [`super::fingerprint`].
    pub fn fingerprint(&mut self, sql: &[u8], engine: Engine) -> Fingerprint {
        self.text(sql, engine);
        let text = String::from_utf8_lossy(&self.text).into_owned();
        let touched = touches::touches(&text);
        let store_method = super::store::store_method(&text, touched.kind, &touched.tables);
        Fingerprint {
            id: FingerprintId::of(text.as_bytes()),
            kind: touched.kind,
            tables: touched.tables,
            columns: touched.columns,
            object: touched.object,
            writes: touched.writes,
            truncated: self.truncated,
            union_repeats: self.union_repeats,
            attributes: attributes::attributes(sql, engine),
            store_method,
            text,
        }
    }

    /// The text alone, without allocation once the buffers have grown.
    pub fn text(&mut self, sql: &[u8], engine: Engine) -> &[u8] {
        self.reset();
        let mut lexer = Lexer::new(sql, engine);
        let mut cut = false;
        while let Some(token) = lexer.next() {
            if token.kind == Kind::Cut {
                cut = true;
                break;
            }
            if self.text.len() + (token.end - token.start).min(256) > TEXT_BYTES_MAX
                || self.frames.len() > DEPTH_MAX
            {
                cut = true;
                break;
            }
            self.take(sql, token);
        }
        self.end(cut || lexer.open_end);
        &self.text
    }

    /// Whether the statement that [`Self::text`] took last was cut.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    fn reset(&mut self) {
        self.text.clear();
        self.frames.clear();
        self.frames.push(Frame::new(FrameKind::Plain, 0));
        self.utility.begin();
        self.last = Last::Start;
        self.last_start = 0;
        self.after_string = false;
        self.limit = Limit::No;
        self.statement_start = 0;
        self.statement_before = None;
        self.statement_run = 1;
        self.begin_len = 0;
        self.truncated = false;
        self.union_repeats = 0;
    }

    fn end(&mut self, cut: bool) {
        let open = self.frames.len() > 1;
        if !cut && !open {
            self.end_statement();
        }
        if self.begin_len > 0 && self.text.len() > self.begin_len {
            self.text.drain(..self.begin_len);
        }
        self.truncated = cut || self.frames.iter().skip(1).any(|f| f.kind != FrameKind::Case);
        while let Some(last) = self.text.last()
            && (matches!(last, b' ' | b';') || (self.truncated && *last == b','))
        {
            self.text.pop();
        }
        if self.truncated {
            let space: &[u8] = if self.text.is_empty() { b"..." } else { b" ..." };
            self.text.extend_from_slice(space);
        }
    }

    fn take(&mut self, sql: &[u8], token: Token) {
        let bytes = &sql[token.start..token.end];
        let after_string = std::mem::take(&mut self.after_string);
        match token.kind {
            Kind::Comment => self.after_string = after_string,
            Kind::Cut => {}
            // Longer than any engine's names or operators: rather data that lost its quote.
            Kind::Word if bytes.len() > NAME_BYTES_MAX => self.value(),
            Kind::Operator if bytes.len() > OPERATOR_BYTES_MAX => self.value(),
            Kind::Word => {
                self.word.clear();
                self.word.extend(bytes.iter().map(u8::to_ascii_lowercase));
                if !self.word.is_ascii() && std::str::from_utf8(&self.word).is_err() {
                    self.value();
                } else {
                    self.word_or_utility();
                }
            }
            Kind::Quoted => self.quoted(bytes),
            Kind::Literal => {
                // Strings side by side are one.
                if !(after_string && self.last == Last::Value) {
                    self.value();
                }
                self.after_string = true;
            }
            Kind::Number => self.value(),
            Kind::Placeholder => self.value(),
            Kind::List => self.list(),
            Kind::Operator => self.operator(bytes),
            Kind::Open => self.open(),
            Kind::Close => self.close(),
            Kind::OpenBracket => self.open_bracket(),
            Kind::CloseBracket => self.close_bracket(),
            Kind::Comma => self.comma(),
            Kind::Semicolon => self.semicolon(),
            // A dot or cast that follows nothing is a slip, and would read as part of what comes
            // next.
            Kind::Dot | Kind::Cast if self.utility.swallows() || !self.after_operand() => {}
            Kind::Dot => self.write(Last::Dot, b"."),
            Kind::Cast => {
                self.impure();
                self.write(Last::Cast, b"::");
            }
        }
    }
}
