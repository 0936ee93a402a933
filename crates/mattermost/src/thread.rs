//! A thread that is kept up to date: one post for the whole, a reply for each part, files.
//!
//! Every post carries a mark in its props: whose thread it belongs to (`key`), which part it is,
//! and the hash of what we wrote. A later run finds its posts by the mark and changes them in
//! place. A post whose text has another hash was edited by a person: it is kept, and what we have
//! to say since stands in a reply beside it. Files cannot be exchanged in a post on every server:
//! newer ones come in a new reply, and the older says so.

mod apply;
mod check;
mod mark;
mod survey;

pub use apply::{Done, Interrupted, Posted, apply};
pub use check::PlanError;
pub use mark::fingerprint;
pub use survey::{Survey, ThreadError, survey};

use crate::{Upload, UserId};
use serde_json::{Map, Value as Json};
use text::Markdown;

/// What is to stand in the channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Which thread of this account in the channel: one for each incident.
    pub key: String,
    /// The parts; the first is the thread's first post.
    pub parts: Vec<Part>,
    /// What is kept in the mark of the first post for the next run.
    pub memory: Map<String, Json>,
}

/// A part of a thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its name: stable over runs.
    pub id: String,
    /// Whether its posts are pinned.
    pub pin: bool,
    /// What it says: one message, or several where it is long. None is empty.
    pub messages: Vec<Markdown>,
    /// Files; with files there is one message, and each batch that fits a post gets it.
    pub files: Vec<Upload>,
    /// What an older batch of files says once there is a newer one.
    pub superseded: Markdown,
}

impl Part {
    /// A part that is text alone.
    pub fn text(id: impl Into<String>, pin: bool, messages: Vec<Markdown>) -> Self {
        Self { id: id.into(), pin, messages, files: Vec::new(), superseded: Markdown::default() }
    }
}

/// Who posts where.
#[derive(Clone, Debug)]
pub struct Place {
    /// The channel.
    pub channel: crate::ChannelId,
    /// Whose token it is.
    pub me: UserId,
    /// What fits.
    pub limits: crate::Limits,
}
