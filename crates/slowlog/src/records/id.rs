//! What stands beside each of thousands of queries and their spans, so that it is shared.

use model::Place;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The id of a query: `q:` and 12 hexadecimal digits. Copies share the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(Arc<str>);

impl QueryId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for QueryId {
    fn default() -> Self {
        Self::from("")
    }
}

impl Deref for QueryId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for QueryId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl From<String> for QueryId {
    fn from(id: String) -> Self {
        Self(id.into())
    }
}

impl PartialEq<str> for QueryId {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for QueryId {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl PartialEq<String> for QueryId {
    fn eq(&self, other: &String) -> bool {
        *self.0 == **other
    }
}

impl fmt::Display for QueryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A line of a source. Copies share the source's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    source: Arc<str>,
    line: u64,
}

impl Default for Spot {
    fn default() -> Self {
        Self { source: "".into(), line: 0 }
    }
}

impl Spot {
    /// A line of a source, counted from 1; 0 for none.
    pub fn line(source: &Arc<str>, line: u64) -> Self {
        Self { source: Arc::clone(source), line }
    }

    /// The source, as it was given.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The place in it, `line:12`; empty for none.
    pub fn location(&self) -> String {
        if self.line == 0 { String::new() } else { format!("line:{}", self.line) }
    }

    /// As a place of any source.
    pub fn place(&self) -> Place {
        Place { source: self.source.as_ref().to_owned(), location: self.location() }
    }
}

impl std::borrow::Borrow<str> for QueryId {
    fn borrow(&self) -> &str {
        &self.0
    }
}
