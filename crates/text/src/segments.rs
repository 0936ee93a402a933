//! Sentences made of our words and of values.

use crate::Value;
use std::fmt::Write as _;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Our own words, or those of a rule: trusted.
    Ours(String),
    /// From an input: cleared, and escaped by each sink.
    Value(Value),
}

/// A text of a finding or a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Vec<Segment>);

impl Text {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text of our own words alone.
    pub fn ours(words: impl Into<String>) -> Self {
        Self::new().with_ours(words)
    }

    /// A text that is one value.
    pub fn value(value: Value) -> Self {
        Self::new().with_value(value)
    }

    /// Adds our own words.
    #[must_use]
    pub fn with_ours(mut self, words: impl Into<String>) -> Self {
        self.push_ours(words);
        self
    }

    /// Adds a value.
    #[must_use]
    pub fn with_value(mut self, value: Value) -> Self {
        self.push_value(value);
        self
    }

    /// Adds another text.
    #[must_use]
    pub fn with_text(mut self, text: Text) -> Self {
        self.push_text(text);
        self
    }

    /// Adds our own words.
    pub fn push_ours(&mut self, words: impl Into<String>) {
        let words = words.into();
        if let Some(Segment::Ours(last)) = self.0.last_mut() {
            last.push_str(&words);
        } else if !words.is_empty() {
            self.0.push(Segment::Ours(words));
        }
    }

    /// Adds a value.
    pub fn push_value(&mut self, value: Value) {
        self.0.push(Segment::Value(value));
    }

    /// Adds another text.
    pub fn push_text(&mut self, text: Text) {
        for segment in text.0 {
            match segment {
                Segment::Ours(words) => self.push_ours(words),
                Segment::Value(value) => self.push_value(value),
            }
        }
    }

    /// The pieces, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words and values without any escaping: for JSON (whose encoder escapes), for sorting
    /// and for tests.
    pub fn plain(&self) -> String {
        self.render(str::to_owned)
    }

    /// The text with every value passed through `escape`.
    pub fn render(&self, escape: impl Fn(&str) -> String) -> String {
        let mut out = String::new();
        for segment in &self.0 {
            match segment {
                Segment::Ours(words) => out.push_str(words),
                Segment::Value(value) => {
                    let _ = write!(out, "{}", escape(value.as_str()));
                }
            }
        }
        out
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Self {
        Self::ours(words)
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self::ours(words)
    }
}

impl From<Value> for Text {
    fn from(value: Value) -> Self {
        Self::value(value)
    }
}
