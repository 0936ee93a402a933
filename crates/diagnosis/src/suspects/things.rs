//! Causes that a named thing is behind, a plugin or a job: findings that name none belong to the
//! one that is named.

use super::{Grounds, Group};
use chrono::{DateTime, TimeDelta, Utc};
use model::Finding;
use std::collections::BTreeSet;

/// Causes of which a plugin or a job is the subject.
const OF_THINGS: &[&str] = &["job-storm", "plugin-overload"];
/// Findings of one thing begin within this time of one another.
const TOGETHER: TimeDelta = TimeDelta::minutes(15);
/// Shorter names are found by chance.
const LETTERS_MIN: usize = 4;

/// Joins the groups of a cause that are about one thing: those that name the same, and those that
/// name none and began with the only one that is named.
pub(super) fn join(groups: Vec<Group>, grounds: &Grounds<'_>) -> Vec<Group> {
    let mut joined: Vec<Group> = Vec::new();
    let mut nameless: Vec<Group> = Vec::new();
    for (cause, members) in groups {
        if !OF_THINGS.contains(&cause.id) {
            joined.push((cause, members));
            continue;
        }
        let own = named(&members, grounds);
        if own.is_empty() {
            nameless.push((cause, members));
            continue;
        }
        let same = joined.iter_mut().find(|(other, known)| {
            other.id == cause.id && !named(known, grounds).is_disjoint(&own)
        });
        match same {
            Some((_, known)) => known.extend(members),
            None => joined.push((cause, members)),
        }
    }
    for (cause, members) in nameless {
        let mut of_cause = joined.iter_mut().filter(|(other, _)| other.id == cause.id);
        match (of_cause.next(), of_cause.next()) {
            (Some((_, known)), None) if together(&members, known, grounds) => known.extend(members),
            _ => joined.push((cause, members)),
        }
    }
    joined
}

/// The first finding that names a thing as its subject.
pub(super) fn first_named<'f>(own: &[&'f Finding], grounds: &Grounds<'_>) -> Option<&'f Finding> {
    own.iter().copied().find(|finding| {
        let subject = finding.subject.plain();
        finding.cause.as_deref().is_some_and(|cause| OF_THINGS.contains(&cause))
            && grounds.things.iter().any(|thing| is_named(thing, &subject))
    })
}

/// The things that the subjects of findings name.
fn named<'g>(members: &[usize], grounds: &Grounds<'g>) -> BTreeSet<&'g str> {
    let subjects: Vec<String> = members
        .iter()
        .filter_map(|&idx| grounds.findings.get(idx))
        .map(|finding| finding.subject.plain())
        .collect();
    grounds
        .things
        .iter()
        .filter(|thing| subjects.iter().any(|subject| is_named(thing, subject)))
        .map(String::as_str)
        .collect()
}

/// Whether a word of a subject is a thing's name; `EnterpriseDataRetention` is `data_retention`,
/// and `github.com/mattermost` is not `github`.
fn is_named(thing: &str, subject: &str) -> bool {
    let name = letters(thing);
    name.len() >= LETTERS_MIN
        && subject
            .split(|c: char| c.is_whitespace() || ",;:\"'()=".contains(c))
            .map(letters)
            .any(|word| word == name || thing.contains('_') && word.ends_with(&name))
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn together(a: &[usize], b: &[usize], grounds: &Grounds<'_>) -> bool {
    match (onset(a, grounds), onset(b, grounds)) {
        (Some(a), Some(b)) => (a - b).abs() <= TOGETHER,
        _ => true,
    }
}

fn onset(members: &[usize], grounds: &Grounds<'_>) -> Option<DateTime<Utc>> {
    let findings = members.iter().filter_map(|&idx| grounds.findings.get(idx));
    findings.filter_map(|finding| finding.window).map(|window| window.start).min()
}

#[cfg(test)]
mod tests {
    use super::is_named;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        assert!(is_named("jira", "jira"));
        assert!(is_named("data_retention", "EnterpriseDataRetention"));
        assert!(!is_named("github", "github.com/mattermost/mattermost/server/public/plugin"));
        assert!(!is_named("api", "api"), "too short to say anything");
    }
}
