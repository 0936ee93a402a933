//! Our part of an item's text: between two lines of our own. What stands outside is people's.

use text::Markdown;

/// The line above our part.
const START: &str = "▼ **analyze** writes this part again at each run";
/// The line below it.
const END: &str = "▲ **analyze**";
/// Says that the item was checked off from data; where it stands, an open item was opened again
/// by a person.
const CHECKED: &str = "✓ checked off from complete data";
/// Characters of our part: a description of 60 kB was taken, and nobody reads so much.
const TEXT_RUNES_MAX: usize = 12_000;

/// A description, cut where our part stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts<'d> {
    before: &'d str,
    ours: Option<&'d str>,
    after: &'d str,
}

/// Cuts a description; `None` when one of our lines is missing: then nobody can tell what is ours.
pub(super) fn parts(description: &str) -> Option<Parts<'_>> {
    let line = |wanted: &str| {
        let mut at = 0;
        description.split_inclusive('\n').find_map(|line| {
            let start = at;
            at += line.len();
            (line.trim() == wanted).then_some((start, at))
        })
    };
    match (line(START), line(END)) {
        (None, None) => Some(Parts { before: description, ours: None, after: "" }),
        (Some((start, inside)), Some((end, behind))) if inside <= end => Some(Parts {
            before: description.get(..start)?,
            ours: description.get(inside..end),
            after: description.get(behind..)?,
        }),
        _ => None,
    }
}

impl Parts<'_> {
    /// Whether our part says that the item was checked off.
    pub(super) fn was_checked(&self) -> bool {
        self.ours.is_some_and(|ours| ours.lines().any(|line| line.trim() == CHECKED))
    }

    /// The description with `text` as our part.
    pub(super) fn with(&self, text: &Markdown, checked: bool) -> String {
        let mut ours: String = text.as_str().chars().take(TEXT_RUNES_MAX).collect();
        if ours.len() < text.as_str().len() {
            // Between two lines: no code is cut open that was closed on its line.
            let kept = ours.rfind('\n').unwrap_or(0);
            ours.truncate(kept);
            ours.push_str("\n…");
        }
        // Nothing within may look like one of our lines.
        let ours = ours.replace('▼', "▽").replace('▲', "△");
        let mut out = String::new();
        let before = self.before.trim_end();
        if !before.is_empty() {
            out.push_str(before);
            out.push_str("\n\n");
        }
        out.push_str(START);
        out.push('\n');
        out.push_str(ours.trim());
        out.push('\n');
        if checked {
            out.push_str(CHECKED);
            out.push('\n');
        }
        out.push_str(END);
        let after = self.after.trim();
        if !after.is_empty() {
            out.push_str("\n\n");
            out.push_str(after);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn composed(description: &str, checked: bool) -> String {
        parts(description).expect("whole").with(&Markdown::ours("Two nodes.\n\n- one"), checked)
    }

    #[test]
    fn what_people_wrote_stays_on_both_sides() {
        let first = composed("Call Ann first.", false);
        assert!(first.starts_with("Call Ann first.\n\n▼ "), "{first}");
        let edited = format!("{first}\n\nBen: done that.\n");
        let again = composed(&edited, true);
        assert!(again.starts_with("Call Ann first.\n\n▼ "), "{again}");
        assert!(again.ends_with("▲ **analyze**\n\nBen: done that."), "{again}");
        assert!(parts(&again).expect("whole").was_checked());
        assert!(!parts(&edited).expect("whole").was_checked());
    }

    #[test]
    fn a_part_whose_end_somebody_took_away_is_left_alone() {
        let first = composed("", false);
        for broken in [first.replace(END, ""), first.replace(START, "")] {
            assert_eq!(parts(&broken), None, "{broken}");
        }
        assert_eq!(parts(&format!("{END}\n{START}\n")), None);
    }

    proptest! {
        #[test]
        fn writing_the_same_again_changes_nothing(people in "[a-z▼▲\n ]{0,60}", checked in any::<bool>()) {
            let once = composed(&people, checked);
            prop_assert_eq!(composed(&once, checked), once);
        }
    }
}
