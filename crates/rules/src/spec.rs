//! A rule as written. What can be wrong beyond its form is found when it is compiled.

use serde::Deserialize;
use std::collections::BTreeMap;
use tables::Engine;
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
    /// The engine without which the rule makes no sense.
    pub(crate) engine: Option<Word>,
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
    pub(crate) why: Option<TextSpec>,
    #[serde(default)]
    pub(crate) do_not: Vec<TextSpec>,
    pub(crate) false_positives: Option<TextSpec>,
    pub(crate) measure: Option<TextSpec>,
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
    pub(crate) action: Option<TextSpec>,
    pub(crate) who: Option<Word>,
    pub(crate) engine: Option<Word>,
    pub(crate) command: Option<TextSpec>,
    pub(crate) precheck: Option<TextSpec>,
    pub(crate) restart: Option<Word>,
    pub(crate) breaks: Option<TextSpec>,
    pub(crate) undo: Option<TextSpec>,
    pub(crate) verify: Option<TextSpec>,
}

/// A text for every database, or one for each engine.
#[derive(Clone, Debug)]
pub(crate) enum TextSpec {
    One(Word),
    ByEngine(EngineSpec),
}

/// Texts by engine; what is left out says nothing to that engine.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EngineSpec {
    pub(crate) postgresql: Option<Word>,
    pub(crate) mysql: Option<Word>,
}

impl TextSpec {
    /// The texts, each with its engine.
    pub(crate) fn words(&self) -> impl Iterator<Item = (Option<Engine>, &Word)> {
        let (one, of) = match self {
            Self::One(word) => (Some(word), None),
            Self::ByEngine(of) => (None, Some(of)),
        };
        let postgresql = of.and_then(|of| of.postgresql.as_ref());
        let mysql = of.and_then(|of| of.mysql.as_ref());
        one.map(|word| (None, word))
            .into_iter()
            .chain(postgresql.map(|word| (Some(Engine::Postgresql), word)))
            .chain(mysql.map(|word| (Some(Engine::Mysql), word)))
    }

    /// Where its first text stands.
    pub(crate) fn span(&self) -> std::ops::Range<usize> {
        self.words().next().map_or(0..0, |(_, word)| word.span())
    }
}

impl<'de> Deserialize<'de> for TextSpec {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // Kept in its place: which of the two it is shows behind the place alone.
        let body = Spanned::<Body>::deserialize(from)?;
        let span = body.span();
        Ok(match body.into_inner() {
            Body::One(text) => Self::One(Spanned::new(span, text)),
            Body::ByEngine(of) => Self::ByEngine(of),
        })
    }
}

enum Body {
    One(String),
    ByEngine(EngineSpec),
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> serde::de::Visitor<'de> for Either {
            type Value = Body;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text, or one for each engine: `{ postgresql = ..., mysql = ... }`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Body, E> {
                Ok(Body::One(text.to_owned()))
            }

            fn visit_map<M: serde::de::MapAccess<'de>>(self, map: M) -> Result<Body, M::Error> {
                EngineSpec::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    .map(Body::ByEngine)
            }
        }
        from.deserialize_any(Either)
    }
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
    pub(crate) requests_ratio: Option<f64>,
    pub(crate) calls_ratio: Option<f64>,
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
