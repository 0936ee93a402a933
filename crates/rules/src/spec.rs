//! A rule as written. What can be wrong beyond its form is found when it is compiled.

use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Spanned, Value};

pub(crate) type Word = Spanned<String>;

/// The keys of a rule file. Every key is optional here, so that all that is missing or wrong is
/// reported at once.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleSpec {
    pub(crate) id: Option<Word>,
    pub(crate) title: Option<Word>,
    pub(crate) kind: Option<Word>,
    pub(crate) severity: Option<Word>,
    pub(crate) confidence: Option<Word>,
    pub(crate) step: Option<Word>,
    pub(crate) cause: Option<Word>,
    pub(crate) basis: Option<Word>,
    pub(crate) from: Option<Word>,
    pub(crate) subject: Option<Word>,
    pub(crate) order: Option<Word>,
    pub(crate) limit: Option<Spanned<u64>>,
    #[serde(default)]
    pub(crate) group: Vec<Word>,
    pub(crate) first: Option<Word>,
    pub(crate) last: Option<Word>,
    pub(crate) impact: Option<Word>,
    #[serde(default)]
    pub(crate) requires: Vec<Word>,
    #[serde(default)]
    pub(crate) supersedes: Vec<Word>,
    #[serde(rename = "where")]
    pub(crate) condition: Option<Word>,
    #[serde(default)]
    pub(crate) params: BTreeMap<Word, Spanned<Value>>,
    #[serde(default)]
    pub(crate) escalate: Vec<EscalateSpec>,
    pub(crate) summary: Option<Word>,
    pub(crate) why: Option<Word>,
    #[serde(default)]
    pub(crate) do_not: Vec<Word>,
    pub(crate) false_positives: Option<Word>,
    pub(crate) measure: Option<Word>,
    #[serde(default)]
    pub(crate) references: Vec<Word>,
    #[serde(default)]
    pub(crate) action: Vec<ActionSpec>,
    #[serde(rename = "let", default)]
    pub(crate) lets: BTreeMap<Word, BTreeMap<Word, Word>>,
    #[serde(default)]
    pub(crate) case: Vec<CaseSpec>,
}

/// When a finding is worse than its rule says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EscalateSpec {
    pub(crate) when: Option<Word>,
    pub(crate) severity: Option<Word>,
    pub(crate) confidence: Option<Word>,
}

/// What to do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionSpec {
    #[serde(rename = "do")]
    pub(crate) action: Option<Word>,
    pub(crate) who: Option<Word>,
    pub(crate) command: Option<Word>,
    pub(crate) precheck: Option<Word>,
    pub(crate) restart: Option<Word>,
    pub(crate) breaks: Option<Word>,
    pub(crate) undo: Option<Word>,
    pub(crate) verify: Option<Word>,
}

/// A test of the rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseSpec {
    pub(crate) name: Option<Word>,
    /// The server's version; short for the fact `server.version`.
    pub(crate) version: Option<Word>,
    #[serde(default)]
    pub(crate) facts: BTreeMap<Word, Spanned<Value>>,
    /// Facts that are present and hidden.
    #[serde(default)]
    pub(crate) masked: Vec<Word>,
    /// Facts that are present and could not be understood.
    #[serde(default)]
    pub(crate) unreadable: Vec<Word>,
    /// Facts of each node.
    #[serde(default)]
    pub(crate) nodes: BTreeMap<String, BTreeMap<Word, Spanned<Value>>>,
    /// Rows by table; a table that is named was read, a key that is left out is NULL.
    #[serde(default)]
    pub(crate) tables: BTreeMap<Word, Vec<BTreeMap<Word, Spanned<Value>>>>,
    /// What the source of a table covers and cannot show.
    #[serde(default)]
    pub(crate) sources: BTreeMap<Word, SourceSpec>,
    #[serde(default)]
    pub(crate) series: Vec<SeriesSpec>,
    pub(crate) incident: Option<WindowSpec>,
    pub(crate) expect: Option<Spanned<Value>>,
}

/// A source of a case's table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceSpec {
    pub(crate) start: Option<Spanned<Value>>,
    pub(crate) end: Option<Spanned<Value>>,
    #[serde(default)]
    pub(crate) limits: Vec<String>,
}

/// A window of a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowSpec {
    pub(crate) start: Spanned<Value>,
    pub(crate) end: Spanned<Value>,
}

/// A signal of a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesSpec {
    pub(crate) metric: Word,
    pub(crate) kind: Option<Word>,
    #[serde(default)]
    pub(crate) subject: String,
    #[serde(default)]
    pub(crate) node: String,
    #[serde(default)]
    pub(crate) unit: String,
    pub(crate) start: Option<Spanned<Value>>,
    /// Seconds, or `1m`.
    pub(crate) step: Option<Spanned<Value>>,
    pub(crate) higher_is_worse: Option<bool>,
    pub(crate) floor: Option<f64>,
    /// promtool's notation.
    pub(crate) values: Word,
}
