//! Rule files over tables and facts: compiled, evaluated, explained, tested.
//!
//! A rule is one TOML file of the top-level folder `rules/`; docs/rules.md says how to write one.
//! [`load()`] compiles rules and reports every fault of every file with its place; [`evaluate()`] runs
//! them over [`tables::Tables`]; [`test()`] runs the cases that they bring; [`lint()`] says what is no
//! fault and still wrong.

mod case;
mod compile;
mod evaluate;
mod explain;
mod expr;
mod fault;
mod form;
mod format;
mod load;
mod overrides;
mod phrase;
mod place;
mod rule;
mod schema;
mod spec;
mod template;
mod vocabulary;

pub use case::{CaseReport, CaseResult, test};
pub use evaluate::{Options, RuleOutcome, evaluate};
pub use explain::{Explanation, explain};
pub use expr::functions;
pub use fault::{Fault, Faults};
pub use load::{RuleSource, load, shipped, shipped_without_cases};
pub use overrides::Overrides;
pub use rule::Rule;
pub use vocabulary::{REQUIREMENTS, STEPS, causes};

/// A place that commands leave open, where one gets what belongs there, and the rules that have it.
pub type OpenPlace = (String, String, Vec<String>);

/// The places that the commands of rules leave open while the data does not fill them, by name.
pub fn places(rules: &[Rule]) -> Vec<OpenPlace> {
    let mut places: std::collections::BTreeMap<(String, String), Vec<String>> =
        std::collections::BTreeMap::new();
    for rule in rules {
        for (place, source) in rule.places() {
            let of = places.entry((place, source)).or_default();
            if !of.contains(&rule.id) {
                of.push(rule.id.clone());
            }
        }
    }
    places.into_iter().map(|((place, source), of)| (place, source, of)).collect()
}

/// What is no fault and still wrong with rules: parameters and lets that are never used, actions
/// without `who`, faults without action and `measure`, missing references, thresholds that cannot
/// be overridden, causes and steps that do not exist.
pub fn lint(rules: &[Rule]) -> Vec<Fault> {
    let mut out: Vec<Fault> = rules.iter().flat_map(|rule| rule.lints.iter().cloned()).collect();
    out.sort();
    out
}
