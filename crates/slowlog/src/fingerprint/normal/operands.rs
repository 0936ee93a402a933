//! Values, lists, operators and names.

use super::{BeforeSign, Fingerprinter, Last, Limit, NAME_BYTES_MAX, words};
use crate::fingerprint::utility::Action;

impl Fingerprinter {
    pub(super) fn value(&mut self) {
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

    pub(super) fn list(&mut self) {
        if self.utility.swallows() {
            return;
        }
        if self.limit == Limit::Offset {
            self.write(Last::Value, b"?");
            return;
        }
        self.write(Last::List, b"?+");
    }

    pub(super) fn operator(&mut self, bytes: &[u8]) {
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

    pub(super) fn quoted(&mut self, bytes: &[u8]) {
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
    pub(super) fn name(&mut self) {
        if self.utility.word(b"") == Action::Value {
            self.value();
            return;
        }
        self.impure();
        let word = std::mem::take(&mut self.word);
        self.write(Last::Word, &word);
        self.word = word;
    }
}
