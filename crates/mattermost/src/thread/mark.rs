//! The mark by which a post is found again.

use crate::posts::{MARK, Post};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use xxhash_rust::xxh3::xxh3_128;

/// The hash of what we wrote: tells an edited post from one that is as we left it.
pub fn fingerprint(bytes: &[u8]) -> String {
    format!("{:032x}", xxh3_128(bytes))
}

/// What stands in the props of a post of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Which thread.
    pub(super) key: String,
    /// Which part.
    pub(super) part: String,
    /// Which message of the part, from 1.
    pub(super) n: usize,
    /// 0; 1 for what stands beside a post that a person edited, 2 beside that one, and so on.
    #[serde(default)]
    pub(super) copy: usize,
    /// The hash of the message.
    pub(super) hash: String,
    /// The hash of the files, their names and what is in them; empty without files.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) files: String,
    /// How many files belong to it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) n_files: usize,
    /// Of the first post: what the next run needs.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) memory: Map<String, Json>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl Mark {
    /// The mark of a post, if it is one of that thread.
    pub(super) fn of(post: &Post, key: &str) -> Option<Self> {
        let mark: Self = serde_json::from_value(post.props.get(MARK)?.clone()).ok()?;
        (mark.key == key).then_some(mark)
    }

    pub(super) fn json(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// A post of ours and its mark.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Marked {
    pub(super) post: Post,
    pub(super) mark: Mark,
}

impl Marked {
    /// Whether a person changed the text. A server that changes texts by itself sets no time of
    /// an edit.
    pub(super) fn is_edited(&self) -> bool {
        self.post.edit_at > 0
            && fingerprint(self.post.message.untrusted().as_bytes()) != self.mark.hash
    }
}
