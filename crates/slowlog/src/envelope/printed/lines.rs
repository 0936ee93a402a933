//! Whole lines of a printed table, without their ends.

use super::ROW_BYTES_MAX;

/// Puts lines together.
#[derive(Debug)]
pub(super) struct Lines {
    lines: crate::lines::Lines,
    /// Lines of which the end was dropped.
    pub(super) cut: u64,
}

impl Default for Lines {
    fn default() -> Self {
        Self { lines: crate::lines::Lines::new(ROW_BYTES_MAX), cut: 0 }
    }
}

impl Lines {
    /// Gives every line that these bytes end.
    pub(super) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&[u8])) {
        let Self { lines, cut } = self;
        lines.push(bytes, |line, _, is_cut| {
            *cut += u64::from(is_cut);
            take(trim(line));
        });
    }

    /// Gives the last line, if it has no end.
    pub(super) fn end(&mut self, mut take: impl FnMut(&[u8])) {
        let Self { lines, cut } = self;
        lines.finish(|line, _, is_cut| {
            *cut += u64::from(is_cut);
            take(trim(line));
        });
    }
}

fn trim(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
