//! Which item is which step.

use super::StepText;
use super::wire::{Item, Run};

/// An item and how it is found again, after people have moved items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    id: String,
    title: String,
    /// For items without an id: which of those with this title.
    nth: usize,
}

impl Key {
    fn of(run: &Run, item: &Item) -> Self {
        let same = run.items.iter().filter(|other| other.title == item.title);
        let nth = same.take_while(|other| other.place != item.place).count();
        Self { id: item.id.clone(), title: item.title.clone(), nth }
    }

    /// The item in a run that was read again.
    pub(super) fn find<'r>(&self, run: &'r Run) -> Option<&'r Item> {
        if self.id.is_empty() {
            return run.items.iter().filter(|item| item.title == self.title).nth(self.nth);
        }
        run.items.iter().find(|item| item.id == self.id)
    }

    /// Whether an item is this one.
    pub(super) fn is(&self, run: &Run, item: &Item) -> bool {
        self.find(run).is_some_and(|found| found.place == item.place)
    }
}

/// The items of the steps, in the order of the steps; `None` for a step without a sure one.
///
/// By the step's id in the item's text, where our own playbook has it. Else by the title; where
/// several steps or items have the same one, the first is the first and so on, if there are as
/// many of both.
pub(super) fn items_of(run: &Run, steps: &[StepText]) -> Vec<Option<Key>> {
    steps
        .iter()
        .map(|step| {
            let named: Vec<&Item> = run.items.iter().filter(|item| names(item, &step.id)).collect();
            if let [item] = named.as_slice() {
                return Some(Key::of(run, item));
            }
            let title = plain(&step.title);
            let titled: Vec<&Item> = run
                .items
                .iter()
                .filter(|item| plain(&item.title) == title && !names_another(item, step, steps))
                .collect();
            let alike: Vec<&StepText> =
                steps.iter().filter(|other| plain(&other.title) == title).collect();
            let nth = alike.iter().position(|other| other.id == step.id)?;
            (titled.len() == alike.len())
                .then(|| titled.get(nth))
                .flatten()
                .map(|item| Key::of(run, item))
        })
        .collect()
}

/// Whether an item's text names a step by its id, in code.
fn names(item: &Item, id: &str) -> bool {
    item.description.contains(&format!("`{id}`"))
}

/// Whether an item is known to be another step's.
fn names_another(item: &Item, step: &StepText, steps: &[StepText]) -> bool {
    steps.iter().any(|other| other.id != step.id && names(item, &other.id))
        && !names(item, &step.id)
}

/// A title without a number in front, case, and spaces.
fn plain(title: &str) -> String {
    let bare =
        title.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' '));
    bare.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
