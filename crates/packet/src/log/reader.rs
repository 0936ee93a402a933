//! Reads a log as a stream of bytes.

mod finish;
mod state;

pub use finish::ALL_ERRORS;

use super::{LogKind, LogRecords, prefix};
use memchr::memchr;
use model::{Parsed, Sink};
use state::State;

/// A line longer than this is cut: servers cut fields at 2 KiB, and stack traces reach some 10 KiB.
const LINE_MAX: usize = 256 * 1024;

/// Reads a Mattermost log of any era and form; forms may change from line to line.
///
/// - Input: JSON of logr and zap, logr's plain form, zap's console form, audit records; prefixes of
///   journald, syslog, container runtimes and kubectl are taken away; keys may have other names.
/// - Output: [`LogRecords`] of this one source.
/// - Issues: lines that are none, are cut, or have no time; patterns and events beyond their limits.
/// - Memory: bounded by the limits of patterns, minutes and values, whatever the log's length.
#[derive(Debug)]
pub struct LogReader {
    label: String,
    node: String,
    hint: Option<LogKind>,
    /// The start of a line whose end is yet to come, cut to [`LINE_MAX`].
    carry: Vec<u8>,
    /// Whether `carry` lost its end.
    carry_cut: bool,
    scratch: Vec<u8>,
    state: State,
}

impl LogReader {
    /// A reader of the source with this label (`packet.zip!node/mattermost.log`), of a node. The
    /// kind is told by content; `hint` decides when content does not.
    pub fn new(label: &str, node: &str, hint: Option<LogKind>) -> Self {
        Self {
            label: label.to_owned(),
            node: node.to_owned(),
            hint,
            carry: Vec::new(),
            carry_cut: false,
            scratch: Vec::new(),
            state: State::new(label, node),
        }
    }

    /// Reads a whole line without its line feed.
    fn line(&mut self, line: &[u8], cut: bool) {
        let state = &mut self.state;
        state.n_line += 1;
        let mut line = line;
        let cut = cut || line.len() > LINE_MAX;
        line = line.get(..LINE_MAX).unwrap_or(line);
        if state.n_line == 1 {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if cut {
            state.issue("a line is longer than the limit and was cut", 0);
        }
        if prefix::without_colour(line, &mut self.scratch) {
            let plain = std::mem::take(&mut self.scratch);
            state.any(&plain, None, 0);
            self.scratch = plain;
        } else {
            state.any(line, None, 0);
        }
    }
}

impl Sink for LogReader {
    type Records = LogRecords;

    fn push(&mut self, bytes: &[u8]) {
        self.state.bytes += bytes.len() as u64;
        let mut rest = bytes;
        while let Some(at) = memchr(b'\n', rest) {
            let (line, after) = rest.split_at(at);
            rest = after.get(1..).unwrap_or_default();
            if self.carry.is_empty() {
                self.line(line, false);
            } else {
                self.extend(line);
                self.end_line();
            }
        }
        self.extend(rest);
    }

    fn finish(mut self) -> Parsed<LogRecords> {
        if !self.carry.is_empty() {
            self.end_line();
        }
        self.state.finish(&self.label, &self.node, self.hint)
    }
}

impl LogReader {
    fn extend(&mut self, bytes: &[u8]) {
        // One byte over the limit is kept, so that a cut line is known as such.
        let room = (LINE_MAX + 1).saturating_sub(self.carry.len());
        self.carry_cut |= bytes.len() > room;
        self.carry.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.carry);
        let cut = std::mem::take(&mut self.carry_cut);
        self.line(&line, cut);
        line.clear();
        self.carry = line;
    }
}
