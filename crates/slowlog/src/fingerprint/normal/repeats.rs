//! What repeats is taken back: arms, branches, items.

#![expect(clippy::indexing_slicing, reason = "hot: ranges are offsets into the text just written")]

use super::{Fingerprinter, Last};
use crate::fingerprint::frames::{FrameKind, Range, Rows};

impl Fingerprinter {
    /// Ends an arm of a `CASE`: one that equals the arm before it is taken back.
    pub(super) fn end_arm(&mut self) {
        let end = self.text.len();
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(start) = frame.arm_start.take() else { return };
        let arm = Range { start, end };
        match frame.arm_before {
            Some(before)
                if self.text[arm.start..].starts_with(b"when ? then ")
                    && before.of(&self.text) == arm.of(&self.text) =>
            {
                self.cut_back(before.end, Last::Value);
                // The arm may have ended in a word or a parenthesis; only the space matters.
                self.last = Last::CloseBracket;
            }
            _ => frame.arm_before = Some(arm),
        }
    }

    /// Ends a branch of a `UNION`: a third that equals the two before it is taken back.
    pub(super) fn end_branch(&mut self) {
        let end = self.text.len();
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(start) = frame.branch_start.take() else { return };
        if end <= start {
            return;
        }
        let branch = Range { start, end };
        let connector = frame.connector.take();
        let unit = Range { start: connector.map_or(start, |c| c.start), end };
        let union = connector.is_some_and(|c| c.union);
        let equal =
            union && frame.branch_before.is_some_and(|b| b.of(&self.text) == branch.of(&self.text));
        if !equal {
            frame.branch_before = Some(branch);
            frame.unit_before = None;
            return;
        }
        self.union_repeats = self.union_repeats.saturating_add(1);
        match frame.unit_before {
            Some(before) if before.of(&self.text) == unit.of(&self.text) => {
                self.cut_back(before.end, Last::CloseBracket);
            }
            _ => {
                frame.branch_before = Some(branch);
                frame.unit_before = Some(unit);
            }
        }
    }

    /// Ends an item of a list: one that equals the item before it is taken back.
    pub(super) fn end_item(&mut self) {
        let end = self.text.len();
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(start) = frame.item_start.take() else { return };
        if !matches!(frame.kind, FrameKind::In | FrameKind::Array) {
            return;
        }
        let item = Range { start, end };
        match frame.item_before {
            Some(before) if before.of(&self.text) == item.of(&self.text) => {
                self.cut_back(before.end, Last::CloseBracket);
            }
            _ => frame.item_before = Some(item),
        }
    }

    /// What follows is no further row of `VALUES`.
    pub(super) fn leave_rows(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.rows = Rows::None;
        }
    }
}
