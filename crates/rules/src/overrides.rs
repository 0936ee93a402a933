//! What a user changes about rules: `[rules.ID]` of `analyze.toml`.

use crate::compile::param;
use crate::expr::Param;
use crate::fault::{Faults, File, nearest};
use crate::rule::Rule;
use model::{Level, Severity};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Spanned, Value};

/// What a user changes, by rule id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    rules: BTreeMap<String, Override>,
}

/// What a user changes about one rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Override {
    /// Why it is switched off.
    pub(crate) disabled: Option<String>,
    pub(crate) severity: Option<Severity>,
    pub(crate) params: BTreeMap<String, Param>,
    /// Where it stands: the fault that is reported when there is no such rule.
    place: Option<crate::fault::Fault>,
}

/// The part of a file of settings that is about rules; other keys belong to others.
#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, OverrideSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverrideSpec {
    disabled: Option<Spanned<String>>,
    severity: Option<Spanned<String>>,
    #[serde(default)]
    params: BTreeMap<String, Spanned<Value>>,
}

impl Overrides {
    /// Reads the `[rules.ID]` sections of a file of settings; its other sections are not looked
    /// at. Whether rules and parameters exist is checked by [`crate::load()`].
    ///
    /// ```toml
    /// [rules.typing-events-too-frequent]
    /// severity = "low"
    /// params.users = 5000
    /// [rules.gossip-compression-on]
    /// disabled = "measured: the network is the bottleneck here"
    /// ```
    pub fn parse(name: &str, text: &str) -> Result<Self, Faults> {
        let file = File { name, text };
        let settings: Settings = toml::from_str(text).map_err(|error| {
            Faults(vec![file.fault(error.span().unwrap_or(0..0), error.message(), None)])
        })?;
        let mut faults = Faults::default();
        let mut out = Self::default();
        for (id, spec) in settings.rules {
            let mut over = Override {
                place: Some(file.fault(
                    id.span(),
                    format!("there is no rule `{}`", id.get_ref()),
                    None,
                )),
                ..Override::default()
            };
            if let Some(reason) = spec.disabled {
                if reason.get_ref().trim().is_empty() {
                    let message = "`disabled` gives the reason, for those who read the report";
                    faults.0.push(file.fault(reason.span(), message, None));
                }
                over.disabled = Some(reason.into_inner());
            }
            if let Some(word) = spec.severity {
                over.severity = Severity::parse(word.get_ref());
                if over.severity.is_none() {
                    let known: Vec<&str> =
                        Severity::ALL.iter().map(|level| level.as_str()).collect();
                    let message = format!("`severity` is one of {}", known.join(", "));
                    faults.0.push(file.fault(word.span(), message, nearest(word.get_ref(), known)));
                }
            }
            for (name, value) in spec.params {
                match param(value.get_ref()) {
                    Ok(param) => {
                        over.params.insert(name, param);
                    }
                    Err(message) => faults.0.push(file.fault(value.span(), message, None)),
                }
            }
            out.rules.insert(id.into_inner(), over);
        }
        faults.or(out)
    }

    /// Adds those of another file; it goes before.
    pub fn merge(&mut self, other: Self) {
        self.rules.extend(other.rules);
    }

    pub(crate) fn of(&self, id: &str) -> Option<&Override> {
        self.rules.get(id)
    }

    /// Faults of rules that do not exist and of parameters that their rules do not have.
    pub(crate) fn check(&self, rules: &[Rule], faults: &mut Faults) {
        for (id, over) in &self.rules {
            let Some(place) = &over.place else { continue };
            match rules.iter().find(|rule| rule.id == *id) {
                None => faults.0.push(crate::fault::Fault {
                    nearest: nearest(id, rules.iter().map(|rule| rule.id.as_str())),
                    ..place.clone()
                }),
                Some(rule) => {
                    for name in over.params.keys().filter(|name| !rule.params.contains_key(*name)) {
                        faults.0.push(crate::fault::Fault {
                            message: format!("the rule `{id}` has no parameter `{name}`"),
                            nearest: nearest(name, rule.params.keys().map(String::as_str)),
                            ..place.clone()
                        });
                    }
                }
            }
        }
    }
}
