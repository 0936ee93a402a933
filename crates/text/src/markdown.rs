//! Markdown that may be posted: made of our own words and of cleared values only.
//!
//! A [`Markdown`] comes from a [`Document`], and a document from [`Line`]s, which take words that
//! are known when the program is built, [`crate::Text`]s and [`crate::Value`]s; nothing else can
//! become one.
//! Values stand in code, where they can neither mention, link, embed nor match a word that
//! somebody watches for; bare figures alone stand as they are. Words of a `Text` that are not of
//! the program's source are broken in the same way, but for the code in them and for links to the
//! manuals that the rules name.

mod document;
mod line;

pub use document::{Block, Document};
pub use line::Line;

use std::fmt;

/// A message that may be posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markdown(String);

impl Markdown {
    /// Words that are known when the program is built, as they are.
    pub fn ours(words: &'static str) -> Self {
        Self(words.to_owned())
    }

    /// The message.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How long it is for a server, which counts Unicode scalar values.
    pub fn runes(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether there is nothing to post.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Display for Markdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
