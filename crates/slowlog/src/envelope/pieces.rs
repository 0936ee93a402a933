//! What comes out of an envelope: pieces, each a line or a record, in the order of their times.

use super::when;
use crate::pg::generic;
use model::Issues;

/// Bytes of an export with the newest first that are held to be turned round. Consoles export
/// 10,000 records or less, `gcloud` as many as one asks for.
pub(super) const NEWEST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Pieces that are held with them.
const NEWEST_PIECES_MAX: usize = 100_000;

/// Said of an export that is larger.
const IN_PARTS: &str = "newest first and longer than is turned round at once: turned in parts, so \
                        that what belongs together may be apart";

/// Where a piece begins, and when it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) start: usize,
    pub(super) at_us: Option<i64>,
}

/// How pieces are handed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    /// The export has the newest first: it is turned round.
    pub(super) newest_first: bool,
    /// The lines have no time of their own: the envelope's is put before.
    pub(super) untimed: bool,
}

/// What an opener writes into.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub(super) bytes: Vec<u8>,
    /// Kept where the order matters.
    pub(super) marks: Vec<Mark>,
    manner: Manner,
    /// Whether the order is looked at: then nothing is handed on before the end.
    looked_at: bool,
    /// The time that the piece at hand may need.
    at_us: Option<i64>,
    begins: bool,
    /// What was turned round and is not yet handed on.
    turned: Vec<u8>,
    /// Pieces that had a line end of their own.
    pub(super) n_lines: usize,
    pub(super) issues: Issues,
}

impl Pieces {
    pub(super) fn new(manner: Manner) -> Self {
        Self { manner, ..Self::default() }
    }

    /// To look at the pieces themselves.
    pub(super) fn to_look_at() -> Self {
        Self { looked_at: true, ..Self::default() }
    }

    /// Whether the time of a piece is wanted.
    pub(super) fn wants_time(&self) -> bool {
        self.looked_at || self.manner.newest_first || self.manner.untimed
    }

    /// Begins a piece, with the time that the envelope gives.
    pub(super) fn begin(&mut self, at_us: Option<i64>) {
        if self.manner.newest_first
            && (self.bytes.len() > NEWEST_BYTES_MAX || self.marks.len() > NEWEST_PIECES_MAX)
        {
            // Here, whatever blocks the bytes come in.
            let mut turned = std::mem::take(&mut self.turned);
            self.turn(&mut turned);
            self.turned = turned;
            self.issues.add(IN_PARTS, "", 0);
        }
        if self.looked_at || self.manner.newest_first {
            self.marks.push(Mark { start: self.bytes.len(), at_us });
        }
        self.at_us = at_us;
        self.begins = true;
    }

    /// Goes on with the piece; its first text holds at least the prefix of its line.
    pub(super) fn text(&mut self, text: &[u8]) {
        if std::mem::take(&mut self.begins)
            && self.manner.untimed
            && let Some(at_us) = self.at_us
            && generic::read_untimed(text).is_some()
        {
            self.bytes.extend_from_slice(when::shown(at_us).as_bytes());
        }
        self.bytes.extend_from_slice(text);
    }

    /// Ends the line, if there is one to be ended.
    pub(super) fn end_line(&mut self) {
        if self.bytes.last().is_some_and(|byte| *byte != b'\n') {
            self.bytes.push(b'\n');
        }
    }

    /// Moves what may go on to `out`.
    pub(super) fn hand_on(&mut self, out: &mut Vec<u8>) {
        if self.manner.newest_first {
            out.append(&mut self.turned);
        } else {
            out.append(&mut self.bytes);
        }
    }

    /// Moves all that is left to `out`.
    pub(super) fn hand_on_rest(&mut self, out: &mut Vec<u8>) {
        if self.manner.newest_first {
            self.end_line();
            out.append(&mut self.turned);
            self.turn(out);
        } else {
            out.append(&mut self.bytes);
        }
    }

    /// Moves all to `out`, the oldest first.
    fn turn(&mut self, out: &mut Vec<u8>) {
        let ends = self.marks.iter().skip(1).map(|mark| mark.start);
        let ends = ends.chain(std::iter::once(self.bytes.len()));
        let mut pieces: Vec<(Mark, usize)> = self.marks.iter().copied().zip(ends).collect();
        pieces.reverse();
        if pieces.iter().all(|(mark, _)| mark.at_us.is_some()) {
            // What has one time keeps the order in which it was written.
            pieces.sort_by_key(|(mark, _)| mark.at_us);
        }
        let first = self.marks.first().map_or(self.bytes.len(), |mark| mark.start);
        out.extend_from_slice(self.bytes.get(..first).unwrap_or_default());
        for (mark, end) in pieces {
            out.extend_from_slice(self.bytes.get(mark.start..end).unwrap_or_default());
            if out.last().is_some_and(|byte| *byte != b'\n') {
                out.push(b'\n');
            }
        }
        self.bytes.clear();
        self.marks.clear();
    }

    /// Whether anything waits to be turned round.
    pub(super) fn is_held(&self) -> bool {
        self.manner.newest_first
    }

    /// Whether most pieces that were looked at end a line by themselves.
    pub(super) fn are_lines(&self) -> bool {
        self.n_lines > 0 && self.n_lines * 2 >= self.marks.len()
    }

    /// How pieces that were looked at are to be handed on.
    pub(super) fn manner_of(&self) -> Manner {
        let ends = self.marks.iter().skip(1).map(|mark| mark.start);
        let ends = ends.chain(std::iter::once(self.bytes.len()));
        let (mut up, mut down, mut timed, mut untimed) = (0_u32, 0_u32, 0_u32, 0_u32);
        let mut before = None;
        for (mark, end) in self.marks.iter().zip(ends) {
            let text = self.bytes.get(mark.start..end).unwrap_or_default();
            if mark.at_us.is_some() && generic::read_untimed(text).is_some() {
                let own = when::in_record(text).is_some() || generic::is_timed(text);
                if own { timed += 1 } else { untimed += 1 }
            }
            let at_us = mark.at_us.or_else(|| when::in_record(text));
            if let (Some(before), Some(at_us)) = (before, at_us) {
                up += u32::from(at_us > before);
                down += u32::from(at_us < before);
            }
            before = at_us.or(before);
        }
        Manner { newest_first: down > up * 4, untimed: untimed > timed }
    }
}
