//! Whole lines out of blocks.

use super::ROW_BYTES_MAX;

/// Puts lines together.
#[derive(Debug, Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
    /// Lines of which the end was dropped.
    pub(super) cut: u64,
}

impl Lines {
    /// Gives every line that these bytes end, without its end.
    pub(super) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&[u8])) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(end) if self.partial.is_empty() => take(trim(end)),
                Some(end) => {
                    self.keep(end);
                    let line = std::mem::take(&mut self.partial);
                    take(trim(&line));
                    self.partial = line;
                    self.partial.clear();
                }
                None => self.keep(part),
            }
        }
    }

    /// Gives the last line, if it has no end.
    pub(super) fn end(&mut self, mut take: impl FnMut(&[u8])) {
        if !self.partial.is_empty() {
            take(trim(&std::mem::take(&mut self.partial)));
        }
    }

    fn keep(&mut self, part: &[u8]) {
        let room = ROW_BYTES_MAX.saturating_sub(self.partial.len());
        self.cut += u64::from(part.len() > room);
        self.partial.extend_from_slice(part.get(..part.len().min(room)).unwrap_or_default());
    }
}

fn trim(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
