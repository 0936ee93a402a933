//! Runs and their items, as the plugin writes them.

use crate::error::cleared;
use crate::ids::{ChannelId, PostId, RunId, UserId, list_or_null};
use serde::Deserialize;
use text::Value;

/// The state of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// Nobody has begun.
    Open,
    /// Somebody works on it.
    InProgress,
    /// Checked off.
    Closed,
    /// Skipped, or a state that we do not know: nothing is done about it.
    Other,
}

impl ItemState {
    fn of(word: &str) -> Self {
        match word {
            "" | "open" => Self::Open,
            "in_progress" => Self::InProgress,
            "closed" => Self::Closed,
            _ => Self::Other,
        }
    }

    /// The word that the plugin takes for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Open | Self::Other => "",
            Self::InProgress => "in_progress",
            Self::Closed => "closed",
        }
    }
}

/// An item of a checklist. Title, text and command are people's: they go back as they came, and
/// are shown to nobody by us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id; old versions have none.
    pub(super) id: String,
    /// The place of its checklist and its own, from 0.
    pub(super) place: (usize, usize),
    pub(super) title: String,
    pub(super) description: String,
    pub(super) command: String,
    /// Its state.
    pub(super) state: ItemState,
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Its name.
    pub name: Value,
    /// Its channel.
    pub channel: Option<ChannelId>,
    /// Whether it is finished.
    pub finished: bool,
    /// Who owns it.
    pub owner: Option<UserId>,
    /// Who takes part.
    pub participants: Vec<String>,
    /// The posts on its timeline.
    pub timeline: Vec<PostId>,
    /// Whether a reminder is set.
    pub reminds: bool,
    /// Its items, in their order.
    pub items: Vec<Item>,
}

/// A run, as lists name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLine {
    /// Its id.
    pub id: RunId,
    /// Its name.
    pub name: Value,
}

#[derive(Deserialize)]
pub(super) struct WireRun {
    id: RunId,
    #[serde(default)]
    name: String,
    #[serde(default)]
    pub(super) channel_id: String,
    #[serde(default)]
    current_status: String,
    #[serde(default)]
    owner_user_id: String,
    #[serde(default)]
    previous_reminder: i64,
    #[serde(default, deserialize_with = "list_or_null")]
    participant_ids: Vec<String>,
    #[serde(default, deserialize_with = "list_or_null")]
    timeline_events: Vec<WireEvent>,
    #[serde(default, deserialize_with = "list_or_null")]
    checklists: Vec<WireChecklist>,
}

#[derive(Deserialize)]
struct WireEvent {
    #[serde(default)]
    post_id: String,
    #[serde(default)]
    delete_at: i64,
}

#[derive(Deserialize)]
struct WireChecklist {
    #[serde(default, deserialize_with = "list_or_null")]
    items: Vec<WireItem>,
}

#[derive(Deserialize)]
struct WireItem {
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    command: String,
    #[serde(default)]
    state: String,
}

#[derive(Deserialize)]
pub(super) struct WireRuns {
    #[serde(default)]
    pub(super) has_more: bool,
    #[serde(default, deserialize_with = "list_or_null")]
    pub(super) items: Vec<WireRun>,
}

impl WireRun {
    pub(super) fn is_finished(&self) -> bool {
        self.current_status == "Finished"
    }

    pub(super) fn line(&self) -> RunLine {
        RunLine { id: self.id.clone(), name: cleared(&self.name) }
    }

    /// The name as it came, for comparing.
    pub(super) fn raw_name(&self) -> &str {
        &self.name
    }

    pub(super) fn run(self) -> Run {
        let mut items = Vec::new();
        for (list, checklist) in self.checklists.into_iter().enumerate() {
            for (idx, item) in checklist.items.into_iter().enumerate() {
                items.push(Item {
                    id: item.id,
                    place: (list, idx),
                    title: item.title,
                    description: item.description,
                    command: item.command,
                    state: ItemState::of(&item.state),
                });
            }
        }
        Run {
            name: cleared(&self.name),
            channel: ChannelId::parse(&self.channel_id),
            finished: self.current_status == "Finished",
            owner: UserId::parse(&self.owner_user_id),
            participants: self.participant_ids,
            timeline: self
                .timeline_events
                .iter()
                .filter(|event| event.delete_at == 0)
                .filter_map(|event| PostId::parse(&event.post_id))
                .collect(),
            reminds: self.previous_reminder > 0,
            items,
            id: self.id,
        }
    }
}
