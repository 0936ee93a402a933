//! Colours, as terminals get them: `\x1b[32m`.

use super::Open;
use super::pieces::Pieces;
use memchr::memchr;

/// Longest sequence that is taken for one.
const SEQUENCE_MAX: usize = 16;

/// Takes colours out.
#[derive(Debug, Default)]
pub(super) struct Colours {
    /// The bytes of a sequence that has begun.
    sequence: Vec<u8>,
}

/// Whether colours stand in a source: in its first line, and in one of five.
pub(super) fn are_in(head: &[u8]) -> bool {
    let has = |line: &[u8]| memchr::memmem::find(line, b"\x1b[").is_some();
    let mut lines = head.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).take(50);
    let first = lines.next().is_some_and(has);
    let (mut seen, mut coloured) = (1, 1);
    for line in lines {
        seen += 1;
        coloured += usize::from(has(line));
    }
    first && coloured * 5 >= seen
}

impl Open for Colours {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let mut rest = bytes;
        while let Some((&byte, later)) = rest.split_first() {
            if self.sequence.is_empty() {
                let plain = memchr(b'\x1b', rest).unwrap_or(rest.len());
                let (text, behind) = rest.split_at_checked(plain).unwrap_or((rest, b""));
                out.bytes.extend_from_slice(text);
                rest = behind;
                if let Some(later) = rest.strip_prefix(b"\x1b") {
                    self.sequence.push(b'\x1b');
                    rest = later;
                }
                continue;
            }
            let fits = match self.sequence.len() {
                1 => byte == b'[',
                n => n < SEQUENCE_MAX && (byte.is_ascii_digit() || matches!(byte, b';' | b'?')),
            };
            let ends = self.sequence.len() > 1 && matches!(byte, b'm' | b'K' | b'J' | b'H');
            if ends {
                self.sequence.clear();
                rest = later;
            } else if fits {
                self.sequence.push(byte);
                rest = later;
            } else {
                // No colour: it stays as it is.
                out.bytes.append(&mut self.sequence);
            }
        }
    }

    fn end(&mut self, out: &mut Pieces) {
        out.bytes.append(&mut self.sequence);
    }
}
