//! Writing tokens, with the space that belongs between two.

use super::{Fingerprinter, Limit};
use crate::fingerprint::words;

/// What was written last: decides the space before the next token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Last {
    /// Nothing yet, or a `;`.
    #[default]
    Start,
    /// A keyword or a name without quotes.
    Word,
    /// A name that needs quotes.
    Quoted,
    /// `?`
    Value,
    /// `?+`
    List,
    /// An operator between two operands.
    Operator,
    /// A sign before an operand.
    Sign,
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
    /// `.`
    Dot,
    /// `::`
    Cast,
}

impl Fingerprinter {
    #[inline]
    pub(super) fn after_operand(&self) -> bool {
        matches!(
            self.last,
            Last::Word | Last::Quoted | Last::Value | Last::Close | Last::CloseBracket
        )
    }

    /// Writes a token with the space that belongs before it.
    #[inline]
    pub(super) fn write(&mut self, what: Last, bytes: &[u8]) {
        if self.space_before(what) {
            self.text.push(b' ');
        }
        self.last_start = self.text.len();
        self.text.extend_from_slice(bytes);
        self.last = what;
        if what != Last::Word {
            self.utility.begun();
        }
        if what != Last::Comma
            && let Some(frame) = self.frames.last_mut()
        {
            frame.begin(self.last_start);
        }
        if !matches!(what, Last::Comma | Last::Value | Last::Sign) {
            self.limit = Limit::No;
        }
    }

    #[inline]
    pub(super) fn space_before(&self, what: Last) -> bool {
        match (self.last, what) {
            (Last::Start | Last::Open | Last::OpenBracket | Last::Dot | Last::Cast, _)
            | (_, Last::Close | Last::CloseBracket | Last::Comma | Last::Dot | Last::Cast) => false,
            (Last::Word, Last::Open) => words::is_before_parenthesis(self.last_bytes()),
            (Last::Quoted | Last::Value, Last::Open) => false,
            (
                Last::Word | Last::Quoted | Last::Value | Last::Close | Last::CloseBracket,
                Last::OpenBracket,
            ) => false,
            _ => true,
        }
    }

    #[inline]
    pub(super) fn last_bytes(&self) -> &[u8] {
        &self.text[self.last_start.min(self.text.len())..]
    }

    /// Cuts the text back to `len`, after which `last` is what was written last.
    pub(super) fn cut_back(&mut self, len: usize, last: Last) {
        self.text.truncate(len);
        self.last = last;
        self.last_start = len.saturating_sub(1);
    }

    #[inline]
    pub(super) fn impure(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pure = false;
        }
    }

    /// Whether a value stands next, rather than an operator.
    #[inline]
    pub(super) fn value_position(&self) -> bool {
        match self.last {
            Last::Operator | Last::Sign | Last::Open | Last::OpenBracket | Last::Comma => true,
            Last::Word => words::is_before_value(self.last_bytes()),
            Last::Start
            | Last::Quoted
            | Last::Value
            | Last::List
            | Last::Close
            | Last::CloseBracket
            | Last::Dot
            | Last::Cast => false,
        }
    }
}
