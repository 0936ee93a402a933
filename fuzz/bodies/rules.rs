//! What is fuzzed of rule files and questions; see `parsers.rs`.

use rules::{Overrides, RuleSource};

/// A rule file, and the same bytes as settings that override rules.
pub(crate) fn rule_file(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let overrides = Overrides::parse("analyze.toml", &text).unwrap_or_default();
    let source = RuleSource { path: "area/rule.toml".to_owned(), text };
    match rules::load(&[source], &overrides) {
        Ok(loaded) => drop(rules::test(&loaded)),
        Err(faults) => assert!(!faults.to_string().is_empty(), "faults are named"),
    }
}

/// A question in SQL.
pub(crate) fn question(data: &[u8]) {
    if let Err(error) = tables::check_query(&String::from_utf8_lossy(data)) {
        assert!(!error.to_string().is_empty(), "faults are named");
    }
}
