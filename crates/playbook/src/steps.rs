//! The playbook's steps, read from data.

use serde::Deserialize;
use std::sync::LazyLock;

/// What the tool does for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// The tool writes the content from the data.
    Filled,
    /// The tool drafts or supplies facts; a person decides and sends.
    Assisted,
    /// A person acts; the tool shows the state and the clock.
    Tracked,
}

impl StepKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Assisted => "assisted",
            Self::Tracked => "tracked",
        }
    }
}

/// One step of the procedure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its place in the procedure, from 1.
    pub number: u16,
    /// Its stable id.
    pub id: String,
    /// Its title in the playbook.
    pub title: String,
    /// The playbook's own note; may be empty.
    #[serde(default)]
    pub note: String,
    /// What the tool does for it.
    pub kind: StepKind,
    /// What the tool gives for it.
    #[serde(default)]
    pub gives: String,
    /// What a person must do.
    #[serde(default)]
    pub person: String,
    /// The checklist that it stands in.
    #[serde(default)]
    pub checklist: String,
    /// The draft that belongs to it; empty for none.
    #[serde(default)]
    pub draft: String,
    /// Its clock.
    #[serde(default)]
    pub due: Option<Due>,
    /// Whether a person may set it not needed.
    #[serde(default)]
    pub optional: bool,
}

/// From which moment a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DueFrom {
    /// The start of impact.
    Impact,
    /// The resolution.
    Resolved,
}

/// The clock of a step: minutes or business days after a moment; minutes win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// From which moment.
    pub from: DueFrom,
    /// Minutes.
    #[serde(default)]
    pub minutes: u32,
    /// Business days, where there are no minutes.
    #[serde(default)]
    pub business_days: u32,
}

/// A playbook: a version and its steps in order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// The version of this list.
    pub version: u32,
    /// The steps, in order of their numbers.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// Why a playbook file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaybookError {
    /// Not the form of a playbook file.
    #[error("playbook file: {0}")]
    Form(#[from] Box<toml::de::Error>),
    /// Two steps with the same id or number.
    #[error("playbook file: step `{0}` stands twice; give each step its own id and number")]
    Twice(String),
}

/// The shipped playbook.
static SHIPPED: LazyLock<Playbook> = LazyLock::new(|| {
    Playbook::parse(include_str!("../steps.toml"))
        .unwrap_or(Playbook { version: 0, steps: Vec::new() })
});

impl Playbook {
    /// The playbook that the program ships.
    pub fn shipped() -> &'static Playbook {
        &SHIPPED
    }

    /// Reads a playbook file; steps that the shipped one lacks are kept as they are.
    pub fn parse(text: &str) -> Result<Self, PlaybookError> {
        let mut playbook: Playbook = toml::from_str(text).map_err(Box::new)?;
        playbook.steps.sort_by_key(|step| step.number);
        for (idx, step) in playbook.steps.iter().enumerate() {
            if playbook
                .steps
                .iter()
                .take(idx)
                .any(|other| other.id == step.id || other.number == step.number)
            {
                return Err(PlaybookError::Twice(step.id.clone()));
            }
        }
        Ok(playbook)
    }

    /// The step of that id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_playbook_has_all_forty_steps_in_order() {
        let numbers: Vec<u16> = Playbook::shipped().steps.iter().map(|step| step.number).collect();
        assert_eq!(numbers, (1..=40).collect::<Vec<u16>>());
    }

    #[test]
    fn every_step_says_what_a_person_does_and_what_the_tool_supplies() {
        for step in &Playbook::shipped().steps {
            assert!(!step.person.is_empty() && !step.checklist.is_empty(), "{}", step.id);
            assert!(!step.gives.is_empty(), "{}", step.id);
        }
    }

    #[test]
    fn only_steps_16_to_32_may_be_set_not_needed() {
        for step in &Playbook::shipped().steps {
            assert_eq!(step.optional, (16..=32).contains(&step.number), "{}", step.id);
        }
    }

    #[test]
    fn step_ids_are_frozen() {
        let ids: Vec<&str> =
            Playbook::shipped().steps.iter().map(|step| step.id.as_str()).collect();
        insta::assert_snapshot!(ids.join("\n"));
    }

    #[test]
    fn a_step_that_stands_twice_is_refused_by_name() {
        let text = "version = 1\n[[step]]\nnumber = 1\nid = \"a\"\ntitle = \"A\"\nkind = \"tracked\"\n\
                    [[step]]\nnumber = 2\nid = \"a\"\ntitle = \"B\"\nkind = \"tracked\"\n";
        assert!(Playbook::parse(text).unwrap_err().to_string().contains("step `a` stands twice"));
    }
}
