//! Words of a rule: levels, parameters, what is required.

use super::Compiler;
use crate::expr::{Expr, Node, Origin, Param, Scalar, Val};
use crate::fault::nearest;
use crate::overrides::Override;
use crate::spec::{RuleSpec, Word};
use model::Level;
use std::ops::Range;
use toml::Value;

impl Compiler<'_> {
    /// A required word that is not empty.
    pub(super) fn word(&mut self, word: Option<&Word>, key: &str) -> Option<String> {
        match word {
            Some(word) if !word.get_ref().trim().is_empty() => Some(word.get_ref().clone()),
            Some(word) => {
                self.fault(word.span(), format!("`{key}` is empty"), None);
                None
            }
            None => {
                self.fault(0..0, format!("the key `{key}` is missing"), None);
                None
            }
        }
    }

    /// A required word of a vocabulary.
    pub(super) fn level<L: Level>(&mut self, word: Option<&Word>, key: &str) -> Option<L> {
        let text = self.word(word, key)?;
        let found = L::parse(&text);
        if found.is_none() {
            let known: Vec<&str> = L::ALL.iter().map(|level| level.as_str()).collect();
            let message = format!("`{key}` is one of {}", known.join(", "));
            let near = nearest(&text, known);
            self.fault(word.map_or(0..0, Word::span), message, near);
        }
        found
    }

    /// The parameters with the user's overrides.
    pub(super) fn params(&mut self, spec: &RuleSpec, over: Option<&Override>) {
        for (name, value) in &spec.params {
            let value = match param(value.get_ref()) {
                Ok(param) => param,
                Err(message) => {
                    self.fault(value.span(), message, None);
                    continue;
                }
            };
            let wanted = over.and_then(|over| over.params.get(name.get_ref()));
            let value = wanted.cloned().unwrap_or(value);
            self.params.insert(name.get_ref().clone(), value);
        }
    }
}

/// A value of TOML as a parameter.
pub(crate) fn param(value: &Value) -> Result<Param, String> {
    if let Value::Array(items) = value {
        let items: Result<Vec<Scalar>, String> = items.iter().map(scalar).collect();
        return match items? {
            items if items.is_empty() => Err("a list has at least one value".to_owned()),
            items => Ok(Param::Many(items)),
        };
    }
    scalar(value).map(Param::One)
}

/// A value of TOML as a single value; times are read as such.
pub(crate) fn scalar(value: &Value) -> Result<Scalar, String> {
    match value {
        Value::Boolean(value) => Ok(Val::Bool(*value)),
        Value::Integer(value) => Ok(Val::Int(*value)),
        Value::Float(value) if value.is_finite() => Ok(Val::Float(*value)),
        Value::Float(_) => Err("a number is finite".to_owned()),
        Value::String(text) => Ok(Val::Text(text.clone().into())),
        Value::Datetime(at) => match tables::Cell::parse(tables::Kind::Time, &at.to_string()) {
            Some(cell) => Ok(Val::of(cell).into_owned()),
            None => {
                Err("a time has a date, a time of day and a zone: 2026-03-05T09:18:00Z".to_owned())
            }
        },
        Value::Array(_) | Value::Table(_) => Err("this is not a single value".to_owned()),
    }
}

/// Where a number is written into a condition that reads like a threshold: not 0 or 1.
pub(super) fn bare_threshold(side: &Expr) -> Option<Range<usize>> {
    let Node::Constant(value, Origin::Written) = &side.node else { return None };
    let is_threshold = match value {
        Val::Int(value) => !(-1..=1).contains(value),
        Val::Float(_) | Val::Span(_) => true,
        Val::Null | Val::Bool(_) | Val::Text(_) | Val::Version(_) | Val::Time(_) => false,
    };
    is_threshold.then(|| side.span.clone())
}
