//! Rule files, from those that are shipped and those of the user.

use crate::compile;
use crate::fault::{Faults, File, nearest};
use crate::form;
use crate::overrides::Overrides;
use crate::rule::Rule;
use crate::spec::RuleSpec;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// A rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSource {
    /// The path: its stem is the rule's id, its folder the area.
    pub path: String,
    /// The text.
    pub text: String,
}

/// The rules that come with the program, by path.
pub fn shipped() -> Vec<RuleSource> {
    SHIPPED
        .iter()
        .map(|(path, text)| RuleSource { path: (*path).to_owned(), text: (*text).to_owned() })
        .collect()
}

/// The shipped rules without their cases, which are most of their text: all that a report needs, in
/// a third of the time.
pub fn shipped_without_cases() -> Vec<RuleSource> {
    SHIPPED
        .iter()
        .map(|(path, text)| RuleSource {
            path: (*path).to_owned(),
            text: without_cases(text).to_owned(),
        })
        .collect()
}

/// The text before its first case, when nothing but cases follows.
fn without_cases(text: &str) -> &str {
    let Some(at) = text.find("\n[[case]]") else { return text };
    let (before, cases) = text.split_at(at + 1);
    let only_cases = cases
        .lines()
        .filter(|line| line.starts_with('['))
        .all(|line| line.starts_with("[[case]]") || line.starts_with("[case."));
    if only_cases { before } else { text }
}

/// Compiles rules, sorted by id. A rule of the same id further back replaces one before it: so a
/// user's file replaces a shipped one. With any fault in any file there are no rules but all
/// faults.
pub fn load(sources: &[RuleSource], overrides: &Overrides) -> Result<Vec<Rule>, Faults> {
    let mut faults = Faults::default();
    let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
    let mut specs = Vec::new();
    // Reading and compiling the rules is most of what a small report takes.
    let compiled: Vec<_> = sources
        .par_iter()
        .map(|source| {
            let file = File { name: &source.path, text: &source.text };
            let mut own = Vec::new();
            let spec = form::read(file, &mut own);
            let rule = spec.as_ref().and_then(|spec| {
                compile::compile(file, spec, overrides.of(stem(&source.path)), &mut own)
            });
            (file, spec, rule, own)
        })
        .collect();
    for (file, spec, rule, own) in compiled {
        if let Some(rule) = rule
            && own.is_empty()
        {
            rules.insert(rule.id.clone(), rule);
        }
        faults.0.extend(own);
        specs.extend(spec.map(|spec| (file, spec)));
    }
    let ids: Vec<&str> = sources.iter().map(|source| stem(&source.path)).collect();
    for (file, spec) in &specs {
        for word in &spec.supersedes {
            let id = word.get_ref().as_str();
            if !ids.contains(&id) {
                let near = nearest(id, ids.iter().copied());
                faults.0.push(file.fault(word.span(), format!("there is no rule `{id}`"), near));
            } else if id == stem(file.name) {
                faults.0.push(file.fault(word.span(), "a rule does not supersede itself", None));
            }
        }
    }
    for (file, spec) in &specs {
        for word in &spec.supersedes {
            if let Some(path) = way_back(stem(file.name), word.get_ref(), &specs) {
                let message = format!("rules that hide one another: {path}");
                faults.0.push(file.fault(word.span(), message, None));
            }
        }
    }
    let rules: Vec<Rule> = rules.into_values().collect();
    if faults.0.is_empty() {
        overrides.check(&rules, &mut faults);
    }
    faults.or(rules)
}

/// The way from a rule over what it supersedes back to itself, if there is one and it is longer than
/// one step.
fn way_back(own: &str, first: &str, specs: &[(File<'_>, RuleSpec)]) -> Option<String> {
    let next = |id: &str| {
        let spec = specs.iter().rev().find(|(file, _)| stem(file.name) == id);
        spec.map(|(_, spec)| spec.supersedes.iter().map(|word| word.get_ref().as_str()))
    };
    let mut open = vec![vec![first]];
    let mut seen = BTreeSet::from([first]);
    while let Some(way) = open.pop() {
        let Some(last) = way.last().copied().filter(|last| *last != own) else { continue };
        for id in next(last).into_iter().flatten() {
            if id == own {
                return Some(format!("{own} > {} > {own}", way.join(" > ")));
            }
            if seen.insert(id) {
                open.push(way.iter().copied().chain([id]).collect());
            }
        }
    }
    None
}

fn stem(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".toml")
}
