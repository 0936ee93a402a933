//! Labels in a legend: `name {instance="app-1:8067", job="mattermost"}`.

use crate::limits::{LABEL_CHARS_MAX, LABELS_MAX};

/// A legend without its braces, and the labels that stood in them.
///
/// Grafana writes label sets when a query has no legend; the value may hold escaped quotes.
pub(crate) fn split(legend: &str) -> (String, Vec<(String, String)>) {
    let Some((before, set)) = legend.split_once('{') else {
        return (legend.trim().to_owned(), Vec::new());
    };
    let Some(set) = set.trim_end().strip_suffix('}') else {
        return (legend.trim().to_owned(), Vec::new());
    };
    match parse_set(set) {
        Some(labels) => (before.trim().to_owned(), labels),
        None => (legend.trim().to_owned(), Vec::new()),
    }
}

/// The labels of a set without its braces.
pub(crate) fn parse_set(set: &str) -> Option<Vec<(String, String)>> {
    let mut labels = Vec::new();
    let mut rest = set.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start().strip_prefix('"')?;
        let (value, end) = value_of(after)?;
        if labels.len() < LABELS_MAX {
            labels.push((clip(name.trim()), clip(&value)));
        }
        rest = after.get(end..)?.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if rest.is_empty() => rest,
            None => return None,
        };
    }
    Some(labels)
}

/// The value up to its closing quote, and the position behind that.
fn value_of(text: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => {
                value.push(if c == 'n' { '\n' } else { c });
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((value, at + 1)),
            other => value.push(other),
        }
    }
    None
}

/// The first characters of a text, up to [`LABEL_CHARS_MAX`].
pub(crate) fn clip(text: &str) -> String {
    text.chars().take(LABEL_CHARS_MAX).collect()
}

/// An instance without its port: the node.
pub(crate) fn node_of(instance: &str) -> &str {
    match instance.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => instance,
    }
}

#[cfg(test)]
mod tests {
    use super::{node_of, split};
    use proptest::prelude::*;

    #[test]
    fn a_name_in_front_and_the_labels_are_taken_apart() {
        let (name, labels) = split(r#"p99-app-1:8067 {instance="app-1:8067", job="mattermost"}"#);
        assert_eq!(name, "p99-app-1:8067");
        assert_eq!(labels[1], ("job".to_owned(), "mattermost".to_owned()));
        assert_eq!(split(r#"{instance="", job="x\"y"}"#).1[1].1, "x\"y");
        assert_eq!(split("{{instance}}").0, "{{instance}}");
        assert_eq!(split("plain").1, []);
    }

    #[test]
    fn the_port_is_no_part_of_the_node() {
        assert_eq!(node_of("app-1:8067"), "app-1");
        assert_eq!(node_of("[fd00::1]:8067"), "[fd00::1]");
        assert_eq!(node_of("app-1"), "app-1");
    }

    proptest! {
        #[test]
        fn any_legend_is_taken_apart(legend in "\\PC*") {
            let _ = split(&legend);
            let _ = split(&format!("{{{legend}}}"));
        }
    }
}
