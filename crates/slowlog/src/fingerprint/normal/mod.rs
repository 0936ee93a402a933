//! The pass that makes the text of a fingerprint: tokens in, canonical text out.
//!
//! What is repeated (items of a list, rows of `VALUES`, arms of `CASE`, branches of `UNION`) is
//! taken back as soon as its second occurrence is complete, by cutting the end of the text, so
//! that the work stays linear and the text small however long the statement is.

#![expect(clippy::indexing_slicing, reason = "hot: ranges are offsets into the text just written")]

mod groups;
mod repeats;

use super::frames::{Connector, Frame, FrameKind, Range, Rows};
use super::lex::{Kind, Lexer, Token};
use super::utility::{Action, Utility};
use super::{Engine, Fingerprint, FingerprintId, TEXT_BYTES_MAX, attributes, touches, words};

/// Deepest nesting that is followed; no person writes this, and what lies deeper is cut.
const DEPTH_MAX: usize = 2_000;

/// Longest name that is kept; PostgreSQL allows 63 bytes, MySQL 64 characters.
pub(super) const NAME_BYTES_MAX: usize = 256;

/// Longest operator that is kept.
const OPERATOR_BYTES_MAX: usize = 16;

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

/// A word as an integer that no other word has, but for words of more than nine bytes, which all
/// have the same.
const fn pack(word: &[u8]) -> u64 {
    if word.is_empty() || word.len() > 9 {
        return u64::MAX;
    }
    // Seven bits a letter: what is not ASCII shares an integer with nothing below.
    let mut packed = 0;
    let mut at = 0;
    while at < word.len() {
        if word[at] >= 0x80 {
            return u64::MAX;
        }
        packed = packed << 7 | word[at] as u64;
        at += 1;
    }
    packed
}

const ALL_: u64 = pack(b"all");
const ARRAY_: u64 = pack(b"array");
const ASC_: u64 = pack(b"asc");
const CASE_: u64 = pack(b"case");
const DEFAULT_: u64 = pack(b"default");
const DISTINCT_: u64 = pack(b"distinct");
const ELSE_: u64 = pack(b"else");
const END_: u64 = pack(b"end");
const EXCEPT_: u64 = pack(b"except");
const FALSE_: u64 = pack(b"false");
const FETCH_: u64 = pack(b"fetch");
const FOR_: u64 = pack(b"for");
const INTERSECT_: u64 = pack(b"intersect");
const LIMIT_: u64 = pack(b"limit");
const NULL_: u64 = pack(b"null");
const ORDER_: u64 = pack(b"order");
const SELECT_: u64 = pack(b"select");
const TRUE_: u64 = pack(b"true");
const UNION_: u64 = pack(b"union");
const VALUES_: u64 = pack(b"values");
const WHEN_: u64 = pack(b"when");
const WITH_: u64 = pack(b"with");

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

    fn after_operand(&self) -> bool {
        matches!(
            self.last,
            Last::Word | Last::Quoted | Last::Value | Last::Close | Last::CloseBracket
        )
    }

    // Writing.

    /// Writes a token with the space that belongs before it.
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

    fn space_before(&self, what: Last) -> bool {
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

    fn last_bytes(&self) -> &[u8] {
        &self.text[self.last_start.min(self.text.len())..]
    }

    /// Cuts the text back to `len`, after which `last` is what was written last.
    fn cut_back(&mut self, len: usize, last: Last) {
        self.text.truncate(len);
        self.last = last;
        self.last_start = len.saturating_sub(1);
    }

    fn impure(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pure = false;
        }
    }

    /// Whether a value stands next, rather than an operator.
    fn value_position(&self) -> bool {
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

    // Tokens.

    fn value(&mut self) {
        if self.utility.swallows() {
            return;
        }
        self.utility.value();
        self.leave_rows();
        if self.last == Last::Sign {
            self.drop_signs();
        }
        self.write(Last::Value, b"?");
        self.limit = match self.limit {
            Limit::Word => Limit::Value,
            Limit::No | Limit::Value | Limit::Offset => Limit::No,
        };
    }

    /// Takes signs back that turned out to belong to a value.
    fn drop_signs(&mut self) {
        let before = self.before_sign;
        self.text.truncate(before.len);
        self.last = before.last;
        self.last_start = before.last_start;
        if let Some(frame) = self.frames.last_mut() {
            frame.pure = before.pure;
            frame.item_start = frame.item_start.filter(|start| *start < before.len);
            frame.branch_start = frame.branch_start.filter(|start| *start < before.len);
        }
    }

    fn list(&mut self) {
        if self.utility.swallows() {
            return;
        }
        if self.limit == Limit::Offset {
            self.write(Last::Value, b"?");
            return;
        }
        self.write(Last::List, b"?+");
    }

    fn operator(&mut self, bytes: &[u8]) {
        if self.utility.swallows() {
            if matches!(bytes, b"=" | b":=") {
                self.assignment();
            }
            return;
        }
        self.leave_rows();
        let bytes = if bytes == b"!=" { b"<>" } else { bytes };
        if matches!(bytes, b"+" | b"-") && self.value_position() {
            if self.last != Last::Sign {
                self.before_sign = BeforeSign {
                    len: self.text.len(),
                    last: self.last,
                    last_start: self.last_start,
                    pure: self.frames.last().is_some_and(|frame| frame.pure),
                };
            }
            self.write(Last::Sign, bytes);
            self.impure();
            return;
        }
        self.impure();
        if bytes == b":" && self.text == b"administrator command" {
            // As the server writes it.
            self.text.push(b':');
            return;
        }
        self.write(Last::Operator, bytes);
        if matches!(bytes, b"=" | b":=") && self.utility.assigns() {
            self.text.truncate(self.last_start);
            self.text.push(b'=');
            self.write(Last::Value, b"?");
            self.utility.swallow();
        }
    }

    /// A further `, name =` of a `SET`.
    fn assignment(&mut self) {
        if let Some(name) = self.utility.take_name() {
            self.write(Last::Comma, b",");
            self.write(Last::Word, &name);
            self.write(Last::Operator, b"=");
            self.write(Last::Value, b"?");
        }
    }

    fn quoted(&mut self, bytes: &[u8]) {
        if self.utility.swallows() {
            self.utility.name(b"");
            return;
        }
        let quote = bytes.iter().position(|&b| b == b'"' || b == b'`').unwrap_or(0);
        let inner = bytes.get(quote + 1..bytes.len().saturating_sub(1)).unwrap_or(b"");
        self.word.clear();
        self.word.extend(inner.iter().map(u8::to_ascii_lowercase));
        let is_plain = matches!(self.word.first(), Some(b'a'..=b'z' | b'_'))
            && self.word.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$'));
        if is_plain && !words::is_treated(&self.word) && !self.utility.reads_words() {
            self.leave_rows();
            self.name();
            return;
        }
        // Longer than any engine allows, or with what no name has: rather a literal.
        let is_name = inner.len() <= NAME_BYTES_MAX
            && std::str::from_utf8(inner).is_ok()
            && !inner.iter().any(|&b| b < b' ' || b == b'`' || b == 0x7f);
        if !is_name {
            self.value();
            return;
        }
        if self.utility.word(b"") == Action::Value {
            self.value();
            return;
        }
        self.leave_rows();
        self.impure();
        let mut name = Vec::with_capacity(inner.len() + 2);
        name.push(b'`');
        name.extend_from_slice(inner);
        name.push(b'`');
        self.write(Last::Quoted, &name);
    }

    /// Writes `self.word` as a name.
    fn name(&mut self) {
        if self.utility.word(b"") == Action::Value {
            self.value();
            return;
        }
        self.impure();
        let word = std::mem::take(&mut self.word);
        self.write(Last::Word, &word);
        self.word = word;
    }

    fn word_or_utility(&mut self) {
        let word = std::mem::take(&mut self.word);
        let action = if self.last == Last::Dot { Action::Write } else { self.utility.word(&word) };
        match action {
            Action::Swallow => {}
            Action::Value => self.value(),
            Action::WriteAndSwallow => {
                self.write(Last::Word, &word);
                self.write(Last::Value, b"?");
                self.utility.swallow();
            }
            Action::Assign => {
                self.write(Last::Operator, b"=");
                self.write(Last::Value, b"?");
                self.utility.swallow();
            }
            Action::Write if self.last == Last::Dot => self.write(Last::Word, &word),
            Action::Write => self.keyword(&word),
        }
        self.word = word;
    }

    fn keyword(&mut self, word: &[u8]) {
        let in_statement = self.last != Last::Start;
        // One comparison of integers decides for nearly all words, which are none of these.
        let packed = pack(word);
        match packed {
            NULL_ | TRUE_ | FALSE_ if self.is_value_word(word) => {
                self.value();
                return;
            }
            ASC_ if in_statement => return,
            DEFAULT_ if self.last == Last::Comma || self.last == Last::Open => {
                // In rows of VALUES it stands for a value, so it does not end the row's purity.
                self.leave_rows();
                let in_row = self.frames.last().is_some_and(|f| f.kind == FrameKind::Row);
                if in_row {
                    self.write(Last::Value, b"?");
                    return;
                }
            }
            WHEN_ | ELSE_ | END_ if self.in_case() => self.end_arm(),
            UNION_ | EXCEPT_ | INTERSECT_ => {
                self.end_branch();
                let at = self.text.len();
                if let Some(frame) = self.frames.last_mut() {
                    frame.connector = Some(Connector { start: at, union: packed == UNION_ });
                }
            }
            ORDER_ | LIMIT_ | FETCH_ | FOR_ if in_statement => self.end_branch(),
            SELECT_ | WITH_ | VALUES_ => {
                if let Some(frame) = self.frames.last_mut()
                    && frame.kind == FrameKind::In
                    && frame.item_start.is_none()
                {
                    frame.kind = FrameKind::Plain;
                }
            }
            _ => {}
        }
        let is_end = packed == END_ && self.in_case();
        if packed == ARRAY_ {
            self.pure_before_array = self.frames.last().is_some_and(|frame| frame.pure);
        }
        self.leave_rows();
        self.impure();
        self.write(Last::Word, word);
        match packed {
            CASE_ => {
                let start = self.last_start;
                self.frames.push(Frame::new(FrameKind::Case, start));
            }
            WHEN_ => {
                let start = self.last_start;
                if let Some(frame) = self.frames.last_mut()
                    && frame.kind == FrameKind::Case
                {
                    frame.arm_start = Some(start);
                }
            }
            LIMIT_ => self.limit = Limit::Word,
            // The words between two branches belong to neither.
            UNION_ | EXCEPT_ | INTERSECT_ => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.branch_start = None;
                }
            }
            ALL_ | DISTINCT_ => {
                let start = self.last_start;
                if let Some(frame) = self.frames.last_mut()
                    && frame.connector.is_some()
                    && frame.branch_start == Some(start)
                {
                    frame.branch_start = None;
                }
            }
            VALUES_ => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.rows = Rows::Expected { before: None };
                }
            }
            _ if is_end => {
                self.frames.pop();
            }
            _ => {}
        }
    }

    /// Whether `NULL`, `TRUE` or `FALSE` stands for a value here.
    fn is_value_word(&self, word: &[u8]) -> bool {
        if self.last == Last::Word && self.last_bytes() == b"not" && word != b"null" {
            let before = &self.text[..self.last_start];
            return !before.ends_with(b" is ");
        }
        self.value_position()
    }

    fn in_case(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.kind == FrameKind::Case)
    }

    // Statements.

    fn semicolon(&mut self) {
        if self.frames.len() > 1 {
            // Within parentheses it can only be text that went wrong; as a space.
            return;
        }
        self.end_statement();
        if self.text.len() > self.statement_start {
            let first = &self.text[self.statement_start..];
            let begins = self.statement_start == 0
                && (first == b"begin" || first.starts_with(b"start transaction"));
            self.text.extend_from_slice(b"; ");
            self.statement_start = self.text.len();
            if begins {
                self.begin_len = self.statement_start;
            }
        }
        self.last = Last::Start;
        self.last_start = self.text.len();
        self.utility.begin();
        self.limit = Limit::No;
        self.frames.clear();
        self.frames.push(Frame::new(FrameKind::Plain, self.text.len()));
    }

    fn end_statement(&mut self) {
        self.end_branch();
        let statement = Range { start: self.statement_start, end: self.text.len() };
        if statement.end <= statement.start {
            return;
        }
        let words = statement.of(&self.text);
        match self.statement_before {
            Some(before) if before.of(&self.text) == words => {
                self.statement_run = self.statement_run.saturating_add(1);
                if self.statement_run > 2 {
                    self.text.truncate(statement.start);
                    return;
                }
            }
            _ => self.statement_run = 1,
        }
        self.statement_before = Some(statement);
    }
}
