//! Parentheses, brackets, and the commas in them.

use super::{Fingerprinter, Last, Limit};
use crate::fingerprint::frames::{Frame, FrameKind, Range, Rows};
use crate::fingerprint::words;

impl Fingerprinter {
    pub(super) fn open(&mut self) {
        if self.utility.swallows() {
            return;
        }
        let call = matches!(self.last, Last::Word | Last::Quoted) && self.utility.calls();
        let word = if self.last == Last::Word { self.last_bytes() } else { b"" };
        let kind = match self.frames.last().map(|frame| frame.rows) {
            Some(Rows::Expected { .. }) => FrameKind::Row,
            _ if word == b"in" => FrameKind::In,
            _ if call => FrameKind::Call,
            _ if matches!(self.last, Last::Word | Last::Quoted) => {
                if words::is_before_parenthesis(word) { FrameKind::Tuple } else { FrameKind::Plain }
            }
            _ => FrameKind::Tuple,
        };
        self.write(Last::Open, b"(");
        let start = self.last_start;
        self.frames.push(Frame::new(kind, start));
    }

    pub(super) fn close(&mut self) {
        if self.utility.swallows() {
            return;
        }
        while self.in_case() {
            self.frames.pop();
        }
        if self.frames.len() <= 1 {
            self.write(Last::Close, b")");
            return;
        }
        self.end_branch();
        self.end_item();
        let Some(frame) = self.frames.pop() else { return };
        let inner = frame.start + 1;
        let pure = frame.pure && self.text.len() > inner;
        let many = frame.items > 1;
        let collapses = pure
            && match frame.kind {
                FrameKind::In | FrameKind::Row | FrameKind::Call => true,
                FrameKind::Tuple => many,
                FrameKind::Plain | FrameKind::Array | FrameKind::Case => false,
            };
        if collapses {
            self.text.truncate(inner);
            self.text.extend_from_slice(b"?+");
            self.last = Last::List;
        }
        self.write(Last::Close, b")");
        let row = Range { start: frame.start, end: self.text.len() };
        if !pure || frame.kind == FrameKind::Plain {
            self.impure();
        }
        if frame.kind == FrameKind::Row {
            self.end_row(row);
        }
    }

    /// Ends a row of `VALUES`: one that equals the row before it is taken back.
    pub(super) fn end_row(&mut self, row: Range) {
        let Some(parent) = self.frames.last_mut() else { return };
        let Rows::Expected { before } = parent.rows else { return };
        match before {
            Some(before) if before.of(&self.text) == row.of(&self.text) => {
                parent.rows = Rows::Read { row: before };
                self.cut_back(before.end, Last::Close);
            }
            _ => parent.rows = Rows::Read { row },
        }
    }

    pub(super) fn open_bracket(&mut self) {
        if self.utility.swallows() {
            return;
        }
        self.leave_rows();
        let is_array = self.last == Last::Word && self.last_bytes() == b"array";
        let array = is_array.then_some((self.last_start, self.pure_before_array));
        self.write(Last::OpenBracket, b"[");
        let kind = if is_array { FrameKind::Array } else { FrameKind::Plain };
        let mut frame = Frame::new(kind, self.last_start);
        frame.array = array;
        self.frames.push(frame);
    }

    pub(super) fn close_bracket(&mut self) {
        if self.utility.swallows() {
            return;
        }
        while self.in_case() {
            self.frames.pop();
        }
        if self.frames.len() <= 1 {
            self.write(Last::CloseBracket, b"]");
            return;
        }
        self.end_item();
        let Some(frame) = self.frames.pop() else { return };
        match frame.array {
            Some((start, parent_pure)) if frame.pure && self.text.len() > frame.start + 1 => {
                // The whole array is one value.
                self.text.truncate(start);
                self.text.push(b'?');
                self.last = Last::Value;
                self.last_start = start;
                if let Some(parent) = self.frames.last_mut() {
                    parent.pure = parent_pure;
                }
            }
            _ => {
                self.impure();
                self.write(Last::CloseBracket, b"]");
            }
        }
    }

    pub(super) fn comma(&mut self) {
        if self.utility.swallows() {
            self.utility.comma();
            return;
        }
        if self.limit == Limit::Value {
            self.write(Last::Word, b"offset");
            self.limit = Limit::Offset;
            return;
        }
        let rows = match self.frames.last().map(|frame| frame.rows) {
            Some(Rows::Read { row }) => Rows::Expected { before: Some(row) },
            _ => Rows::None,
        };
        self.end_item();
        self.write(Last::Comma, b",");
        if let Some(frame) = self.frames.last_mut() {
            frame.items = frame.items.saturating_add(1);
            frame.rows = rows;
        }
    }
}
