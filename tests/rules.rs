//! What rules name in other crates, where a wrong name would never fire and never be noticed.

use packet::log::KNOWN;
use std::collections::BTreeSet;

/// Texts in single quotes, and in the double quotes of a case's row, that are compared with a column
/// `known_id` in a rule.
fn known_ids(text: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for (at, _) in text.match_indices("known_id") {
        let rest = &text[at + "known_id".len()..];
        // `known_id = 'a'`, `known_id IN ('a', 'b')`, `COALESCE(known_id, '') = 'a'`, and in a case
        // `known_id = "a"`.
        let rest = rest.trim_start_matches(", ''").trim_start_matches(')').trim_start();
        let rest = rest.trim_start_matches("NOT ");
        if let Some(list) = rest.strip_prefix("IN (") {
            let list = &list[..list.find(')').unwrap_or(list.len())];
            ids.extend(list.split(',').map(|id| id.trim().trim_matches('\'').to_owned()));
        } else if let Some(value) = rest.strip_prefix("= ").or_else(|| rest.strip_prefix("<> ")) {
            let value = value.trim_start();
            if let Some(quote) = value.chars().next().filter(|c| matches!(c, '\'' | '"')) {
                ids.extend(value[1..].split(quote).next().map(str::to_owned));
            }
        }
    }
    ids.retain(|id| !id.is_empty() && !id.starts_with(':'));
    ids
}

#[test]
fn known_messages_that_rules_name_are_known() {
    let known: BTreeSet<&str> = KNOWN.iter().map(|known| known.id).collect();
    let mut n_named = 0;
    let mut unknown = Vec::new();
    for source in rules::shipped() {
        for id in known_ids(&source.text) {
            n_named += 1;
            if !known.contains(id.as_str()) {
                unknown.push(format!("{}: no known message `{id}`", source.path));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(n_named > 100, "the search finds what rules name: {n_named}");
}

#[test]
fn names_of_known_messages_are_found_in_every_form() {
    let text = "known_id = 'a' AND known_id IN ('b', 'c') AND COALESCE(known_id, '') NOT IN ('d')\n{ known_id = \"e\" } known_id IN (:ids)";
    assert_eq!(known_ids(text), ["a", "b", "c", "d", "e"].map(str::to_owned).into());
}
