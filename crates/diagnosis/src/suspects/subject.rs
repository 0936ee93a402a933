//! What findings are about, and whether two are about the same thing.

use model::Finding;
use std::collections::BTreeSet;
use text::Text;

/// Findings of one cause are about the same thing when one has no subject or the subjects share a
/// telling word: an index and its table, a query and its store method.
pub(super) fn same_subject(a: &Finding, b: &Finding) -> bool {
    if a.subject.is_empty() || b.subject.is_empty() || a.subject == b.subject {
        return true;
    }
    let (a, b) = (
        words(&a.subject.plain(), &a.summary.plain()),
        words(&b.subject.plain(), &b.summary.plain()),
    );
    a.0.intersection(&b.1).next().is_some() || b.0.intersection(&a.1).next().is_some()
}

/// Words that many subjects share.
const COMMON: &[&str] = &[
    "after",
    "among",
    "before",
    "calls",
    "context",
    "database",
    "deadline",
    "error",
    "errors",
    "exceeded",
    "failed",
    "failure",
    "first",
    "incident",
    "index",
    "instance",
    "latency",
    "mattermost",
    "message",
    "minute",
    "nodes",
    "packet",
    "plugin",
    "postgresql",
    "queries",
    "query",
    "records",
    "request",
    "requests",
    "second",
    "select",
    "server",
    "since",
    "slow",
    "statement",
    "statements",
    "store",
    "table",
    "tables",
    "there",
    "these",
    "their",
    "times",
    "update",
    "users",
    "where",
    "which",
    "while",
    "without",
];

/// The telling words of a subject, and those of subject and summary.
pub(super) fn words(subject: &str, summary: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let split = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| word.len() >= 5)
            .map(str::to_ascii_lowercase)
            // Names of whole stores and of kinds of things say nothing about which one it is.
            .filter(|word| !word.ends_with("store") && !COMMON.contains(&word.as_str()))
            .collect()
    };
    let subject = split(subject);
    let mut all = split(summary);
    all.extend(subject.iter().cloned());
    (subject, all)
}

/// Findings whose subjects share a telling word; unlike [`same_subject`] an empty subject is not
/// enough.
pub(super) fn same_subject_strictly(a: &Finding, b: &Finding) -> bool {
    !a.subject.is_empty() && !b.subject.is_empty() && same_subject(a, b)
}

/// The subject of the strongest finding and the next one that differs: the symptom and the thing.
pub(super) fn subject(best: &Finding, own: &[&Finding]) -> Text {
    let mut subject = best.subject.clone();
    let words = subject.plain();
    let second = own
        .iter()
        .map(|finding| &finding.subject)
        .find(|other| !other.is_empty() && other.plain() != words);
    if let Some(second) = second {
        if !subject.is_empty() {
            subject.push_ours("; ");
        }
        subject.push_text(second.clone());
    }
    if subject.is_empty() { best.title.clone() } else { subject }
}

/// A summary with the one node in front that it is about and does not name.
pub(super) fn with_node(finding: &Finding) -> Text {
    let summary = &finding.summary;
    match finding.nodes.as_slice() {
        [node] if !summary.plain().contains(&node.plain()) => {
            node.clone().with_ours(": ").with_text(summary.clone())
        }
        _ => summary.clone(),
    }
}
