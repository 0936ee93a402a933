//! Text on both sides of redaction.

use std::fmt;

/// Text as it was read: may hold secrets, personal data and control characters.
///
/// Has no `Display`, and its `Debug` shows the length only, so that it cannot reach an output by
/// accident.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Raw(String);

impl Raw {
    /// Text from an input.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Bytes from an input; what is not UTF-8 becomes U+FFFD.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into_owned())
    }

    /// The text itself, for looking at it: parsing, comparing, grouping. Never for an output.
    pub fn untrusted(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes)", self.0.len())
    }
}

impl From<&str> for Raw {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Raw {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// Text from an input after redaction and without control characters. Sinks still escape it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(pub(crate) String);

impl Value {
    /// A word that this program formed itself (an id, a kind, a rule's word), or text that the
    /// user asked to see unredacted: nothing but control characters is taken out.
    pub fn trusted(words: &str) -> Self {
        Self(crate::escape::terminal(words).into_owned())
    }

    /// The cleared text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
