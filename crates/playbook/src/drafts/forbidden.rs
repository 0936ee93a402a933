//! What must not stand in a text that leaves the house.

use super::DraftFacts;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use text::{Raw, escape};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    #[serde(default)]
    list: Vec<List>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    why: String,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    texts: Vec<String>,
}

static LISTS: LazyLock<Lists> =
    LazyLock::new(|| toml::from_str(include_str!("../../data/forbidden.toml")).unwrap_or_default());

/// Everything of the list that stands in a text, each with why it must not.
pub fn forbidden_in(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut found = Vec::new();
    for list in &LISTS.list {
        for word in list.words.iter().filter(|word| has_word(&lower, word)) {
            found.push(format!("`{word}` ({})", list.why));
        }
        for part in list.texts.iter().filter(|part| text.contains(part.as_str())) {
            found.push(format!("`{}` ({})", part.trim(), list.why));
        }
    }
    if let Some(address) = ip_address(text) {
        found.push(format!("`{address}` (a network address)"));
    }
    found
}

/// For a text to the customer; their own name may hold any word.
pub(super) fn for_customer(text: &str, facts: &DraftFacts<'_>) -> Vec<String> {
    let mut text = text.to_owned();
    for name in customer_names(facts) {
        text = text.replace(&name, "");
    }
    let mut found = forbidden_in(&text);
    found.extend(named(&text, facts));
    found
}

/// For a public text: nothing of the customer.
pub(super) fn for_public(text: &str, facts: &DraftFacts<'_>) -> Vec<String> {
    let mut found = named(text, facts);
    for name in customer_names(facts).into_iter().filter(|name| name.chars().count() > 2) {
        if text.contains(&name) {
            found.push("the customer's name".to_owned());
        }
    }
    found.extend(ip_address(text).map(|address| format!("`{address}` (a network address)")));
    found.dedup();
    found
}

/// Names of the customer, as drafts show them.
fn customer_names(facts: &DraftFacts<'_>) -> Vec<String> {
    let written = facts.redactor.clear(&facts.record.customer);
    let licensed = facts.report.and_then(|report| report.packet.as_ref());
    let licensed = licensed.map(|packet| packet.customer.plain()).unwrap_or_default();
    [written.as_str(), &licensed]
        .iter()
        .flat_map(|name| [escape::markdown(name), (*name).to_owned()])
        .filter(|name| !name.is_empty())
        .collect()
}

/// Nodes and handles that stand in the text. A name of letters alone is also a word, and what is
/// safe by construction may hold it.
fn named(text: &str, facts: &DraftFacts<'_>) -> Vec<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    if let Some(report) = facts.report {
        names.extend(report.findings.iter().flat_map(|f| f.nodes.iter().map(text::Text::plain)));
        names.extend(report.changes.iter().map(|change| change.node.clone()));
        names.extend(report.timeline.iter().map(|entry| entry.node.clone()));
    }
    names.extend(
        facts.record.roles.iter().map(|(_, handle): &(String, Raw)| handle.untrusted().to_owned()),
    );
    let lower = text.to_lowercase();
    names
        .iter()
        .filter(|name| name.chars().count() > 2 && !name.chars().all(char::is_alphabetic))
        .filter(|name| has_word(&lower, &name.to_lowercase()))
        .map(|name| format!("`{}` (a node or a handle)", escape::terminal(name)))
        .collect()
}

/// Whether `lower` holds `word` with no letter or digit beside it.
fn has_word(lower: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !word.is_empty()
        && lower.match_indices(word).any(|(at, _)| {
            let (before, behind) = (lower.get(..at), lower.get(at + word.len()..));
            !inside(before.and_then(|text| text.chars().next_back()))
                && !inside(behind.and_then(|text| text.chars().next()))
        })
}

/// The first IPv4 or IPv6 address of a text. A version of four parts with a part over 255 is none.
fn ip_address(text: &str) -> Option<&str> {
    text.split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'))
        .map(|word| word.trim_matches(['.', ':']))
        .find(|word| {
            let v4 = word.split(':').next().unwrap_or_default();
            v4.parse::<std::net::Ipv4Addr>().is_ok()
                || word.len() > 6 && word.parse::<std::net::Ipv6Addr>().is_ok()
        })
}
