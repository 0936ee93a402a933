//! Several statements in one text.

use super::{Fingerprinter, Last, Limit};
use crate::fingerprint::frames::{Frame, FrameKind, Range};

impl Fingerprinter {
    pub(super) fn semicolon(&mut self) {
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

    pub(super) fn end_statement(&mut self) {
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
