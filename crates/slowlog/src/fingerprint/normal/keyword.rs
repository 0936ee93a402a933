//! Words: keywords that the rules treat in their own way, and all others.

use super::{Fingerprinter, Last, Limit};
use crate::fingerprint::frames::{Connector, Frame, FrameKind, Rows};
use crate::fingerprint::utility::Action;

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

impl Fingerprinter {
    pub(super) fn word_or_utility(&mut self) {
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

    pub(super) fn in_case(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.kind == FrameKind::Case)
    }
}
