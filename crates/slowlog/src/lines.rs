//! Lines out of pushed bytes, cut anywhere; long ones are cut to a limit.

use memchr::memchr;

/// Puts lines together.
#[derive(Debug)]
pub(crate) struct Lines {
    /// The start of a line whose end has not come.
    partial: Vec<u8>,
    line_max: usize,
    count: u64,
    bytes: u64,
    /// Whether bytes of the line were passed over.
    cut: bool,
}

impl Lines {
    /// No lines yet; of one that is longer than `line_max` bytes the start is kept.
    pub(crate) fn new(line_max: usize) -> Self {
        Self { partial: Vec::new(), line_max, count: 0, bytes: 0, cut: false }
    }

    /// Lines so far.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes bytes; gives each line that they end without its end, with its number from 1, and
    /// whether it was cut.
    pub(crate) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&[u8], u64, bool)) {
        self.bytes += bytes.len() as u64;
        let mut rest = bytes;
        while let Some(at) = memchr(b'\n', rest) {
            let (part, behind) = rest.split_at_checked(at).unwrap_or((rest, b""));
            rest = behind.get(1..).unwrap_or_default();
            self.count += 1;
            if self.partial.is_empty() && !self.cut {
                let kept = part.get(..self.line_max).unwrap_or(part);
                take(kept, self.count, kept.len() < part.len());
                continue;
            }
            self.keep(part);
            take(&self.partial, self.count, self.cut);
            self.partial.clear();
            self.cut = false;
        }
        self.keep(rest);
    }

    /// Ends the input: a last line without its end is a line.
    pub(crate) fn finish(&mut self, mut take: impl FnMut(&[u8], u64, bool)) {
        if !self.partial.is_empty() || self.cut {
            self.count += 1;
            take(&self.partial, self.count, self.cut);
            self.partial = Vec::new();
            self.cut = false;
        }
    }

    fn keep(&mut self, part: &[u8]) {
        let room = self.line_max.saturating_sub(self.partial.len());
        self.cut |= part.len() > room;
        self.partial.extend_from_slice(part.get(..part.len().min(room)).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(pieces: &[&[u8]]) -> Vec<(Vec<u8>, u64, bool)> {
        let mut lines = Lines::new(4);
        let mut out = Vec::new();
        for piece in pieces {
            lines.push(piece, |text, n, cut| out.push((text.to_vec(), n, cut)));
        }
        lines.finish(|text, n, cut| out.push((text.to_vec(), n, cut)));
        out
    }

    #[test]
    fn lines_are_numbered_and_cut() {
        let expected = [
            (b"ab".to_vec(), 1, false),
            (b"abcd".to_vec(), 2, true),
            (vec![], 3, false),
            (b"x".to_vec(), 4, false),
        ];
        assert_eq!(lines(&[b"ab\nabcdef\n\nx"]), expected);
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_changes_nothing(text in "[a\n]{0,30}", cut in 0_usize..30) {
            let bytes = text.as_bytes();
            let (one, two) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(lines(&[bytes]), lines(&[one, two]));
        }
    }
}
