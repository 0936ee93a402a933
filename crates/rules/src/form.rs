//! Reading the form of a rule file: every fault of it, not the first alone.

use crate::fault::{Fault, File, nearest};
use crate::spec::RuleSpec;
use serde::Deserialize;
use std::ops::Range;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

/// Faults of form that are reported for one file; then its form is given up.
const FORM_FAULTS_MAX: usize = 50;

/// The rule as written, if the file is TOML at all. What is wrong in it is left out and reported.
pub(crate) fn read(file: File<'_>, faults: &mut Vec<Fault>) -> Option<RuleSpec> {
    let (table, errors) = DeTable::parse_recoverable(file.text);
    if !errors.is_empty() {
        for error in errors {
            let at = error.span().unwrap_or(0..0);
            faults.push(file.fault(at, fragment(error.message()), None));
        }
        return None;
    }
    let mut table = table;
    for _ in 0..FORM_FAULTS_MAX {
        match RuleSpec::deserialize(Deserializer::from(table.clone())) {
            Ok(spec) => return Some(spec),
            Err(error) => {
                let at = error.span().unwrap_or(0..0);
                let (message, near) = words(error.message());
                faults.push(file.fault(at.clone(), message, near));
                if !remove(table.get_mut(), &at) {
                    return None;
                }
            }
        }
    }
    None
}

/// The message of an unknown key with the nearest known one, others as they are.
fn words(message: &str) -> (String, Option<String>) {
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return (fragment(message), None);
    };
    let mut quoted = rest.split('`');
    let name = quoted.next().unwrap_or_default();
    // What follows is "expected one of `a`, `b`": every second piece is a name.
    let known: Vec<&str> = quoted.skip(1).step_by(2).collect();
    (format!("no key `{name}` here"), nearest(name, known))
}

fn fragment(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join(" ")
}

/// Removes the entry whose key or value stands at `span`, wherever it is.
fn remove(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    let own = table
        .iter()
        .find(|(key, value)| key.span() == *span || value.span() == *span)
        .map(|(key, _)| key.clone());
    if let Some(key) = own {
        return table.remove(&key).is_some();
    }
    table.iter_mut().any(|(_, value)| remove_in(value.get_mut(), span))
}

fn remove_in<'i>(value: &mut DeValue<'i>, span: &Range<usize>) -> bool {
    match value {
        DeValue::Table(table) => remove(table, span),
        DeValue::Array(items) => {
            let mut kept: DeArray<'i> = DeArray::new();
            let mut found = false;
            for mut item in std::mem::replace(items, DeArray::new()) {
                if !found && item.span() == *span {
                    found = true;
                    continue;
                }
                found = found || remove_in(item.get_mut(), span);
                kept.push(item);
            }
            *items = kept;
            found
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => false,
    }
}
