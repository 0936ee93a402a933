//! Which node wrote which of several loose logs: by the names of files and folders.

use super::LogRecords;
use chrono::TimeDelta;
use model::Window;
use std::collections::BTreeMap;

/// Words of a log's name that say what it is, not who wrote it.
const OWN_WORDS: &[&str] =
    &["mattermost", "notifications", "notification", "audit", "ldap", "log", "logs", "server"];

/// Ends of names that say how a log is packed or that it is one.
const ENDS: &[&str] = &["gz", "zst", "bz2", "xz", "zip", "log", "txt", "json", "jsonl", "out"];

/// What stands between the words of a name, one byte each.
const SEPARATORS: [char; 4] = ['-', '_', '.', ' '];

/// A log that was handed over by itself.
#[derive(Clone, Copy, Debug)]
pub struct LooseLog<'a> {
    /// Its path as it was named.
    pub path: &'a str,
    /// From its first to its last line with a time.
    pub window: Option<Window>,
}

/// Names the nodes of loose logs, one entry for each log; `None` for a log of the only node.
///
/// - The name is what a file's name says besides that it is a log (`mattermost-app-1.log.gz` is of
///   `app-1`); else the folder in which the paths differ (`node1/mattermost.log`).
/// - Rotated logs of a node have its name: dates and numbers at the end are no part of it.
/// - Logs are of several nodes only where two of them ran at the same time: parts of one log, or
///   logs from before and after, follow each other.
pub fn loose_nodes(logs: &[LooseLog<'_>]) -> Vec<Option<String>> {
    let unnamed = || vec![None; logs.len()];
    let hints: Vec<String> = logs.iter().map(|log| hint(log.path)).collect();
    let folders: Vec<Vec<&str>> = logs.iter().map(|log| folders(log.path)).collect();
    let by_folder: Vec<&Vec<&str>> =
        folders.iter().zip(&hints).filter(|(_, hint)| hint.is_empty()).map(|(f, _)| f).collect();
    let depth = differing(&by_folder);
    let names: Vec<Option<String>> = hints
        .into_iter()
        .zip(&folders)
        .map(|(hint, folders)| match hint.is_empty() {
            false => Some(hint),
            true => folders.get(depth?).map(|folder| (*folder).to_owned()),
        })
        .collect();
    let mut spans: BTreeMap<&Option<String>, Window> = BTreeMap::new();
    for (name, log) in names.iter().zip(logs) {
        if let Some(window) = log.window {
            spans.entry(name).and_modify(|span| *span = span.hull(window)).or_insert(window);
        }
    }
    let spans: Vec<Window> = spans.into_values().collect();
    let together = spans
        .iter()
        .enumerate()
        .any(|(idx, a)| spans.iter().skip(idx + 1).any(|b| ran_together(*a, *b)));
    if together { names } else { unnamed() }
}

/// Whether two logs cover half of the shorter one's time both.
fn ran_together(a: Window, b: Window) -> bool {
    let both = a.end.min(b.end) - a.start.max(b.start);
    let shorter = (a.end - a.start).min(b.end - b.start);
    both > TimeDelta::zero() && both * 2 >= shorter
}

fn parts(path: &str) -> Vec<&str> {
    path.split(['/', '\\', '!']).filter(|part| !matches!(*part, "" | "." | "..")).collect()
}

/// The folders of a path, the innermost first.
fn folders(path: &str) -> Vec<&str> {
    let mut parts = parts(path);
    parts.pop();
    parts.reverse();
    parts
}

/// The innermost folder in which the paths differ.
fn differing(paths: &[&Vec<&str>]) -> Option<usize> {
    let depth = paths.iter().map(|folders| folders.len()).max()?;
    (0..depth)
        .find(|&at| paths.windows(2).any(|pair| matches!(pair, [a, b] if a.get(at) != b.get(at))))
}

/// What a file's name says besides that it is a log, of which kind and of which date.
fn hint(path: &str) -> String {
    let mut name = parts(path).pop().unwrap_or_default();
    while let Some((before, end)) = name.rsplit_once('.') {
        let packed = ENDS.contains(&end.to_ascii_lowercase().as_str());
        let number = !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
        if !packed && !number {
            break;
        }
        name = before;
    }
    let name = without_date(name);
    let is_own =
        |word: &str| word.is_empty() || OWN_WORDS.contains(&word.to_ascii_lowercase().as_str());
    // Words keep their place, so that what remains has its own separators.
    let mut at = 0;
    let mut kept: Option<(usize, usize)> = None;
    for word in name.split(SEPARATORS) {
        if !is_own(word) {
            let start = kept.map_or(at, |(start, _)| start);
            kept = Some((start, at + word.len()));
        }
        at += word.len() + 1;
    }
    kept.and_then(|(start, end)| name.get(start..end)).unwrap_or_default().to_owned()
}

/// A name without the date of rotation at its end: `-2026-03-01T10-20-30.123`, `-20260301`.
fn without_date(name: &str) -> &str {
    let is_date = |rest: &str| {
        let digits = rest.bytes().filter(u8::is_ascii_digit).count();
        rest.starts_with("20")
            && digits >= 6
            && rest
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.' | b':' | b'T' | b'Z'))
    };
    name.char_indices()
        .filter(|(_, c)| SEPARATORS.contains(c))
        .find(|(at, _)| name.get(at + 1..).is_some_and(is_date))
        .and_then(|(at, _)| name.get(..at))
        .unwrap_or(name)
}

impl LogRecords {
    /// Names the node of all records that have none yet.
    pub fn set_node(&mut self, node: &str) {
        let set = |of: &mut String| {
            if of.is_empty() {
                node.clone_into(of);
            }
        };
        for pattern in &mut self.patterns {
            if let Some(calls) = pattern.nodes.remove("") {
                *pattern.nodes.entry(node.to_owned()).or_default() += calls;
            }
        }
        self.minutes.iter_mut().for_each(|minute| set(&mut minute.node));
        self.events.iter_mut().for_each(|event| set(&mut event.node));
        self.sources.iter_mut().for_each(|source| set(&mut source.node));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn minutes(start: i64, end: i64) -> Option<Window> {
        let at = |min: i64| DateTime::from_timestamp(1_770_000_000 + min * 60, 0).unwrap();
        Some(Window { start: at(start), end: at(end) })
    }

    fn named(logs: &[(&str, i64, i64)]) -> Vec<String> {
        let logs: Vec<LooseLog<'_>> = logs
            .iter()
            .map(|(path, start, end)| LooseLog { path, window: minutes(*start, *end) })
            .collect();
        loose_nodes(&logs).into_iter().map(Option::unwrap_or_default).collect()
    }

    #[test]
    fn nodes_are_named_by_file_or_by_the_folder_that_differs() {
        assert_eq!(named(&[("app-1.log", 0, 60), ("app-2.log", 5, 70)]), ["app-1", "app-2"]);
        assert_eq!(
            named(&[("in/node1/mattermost.log", 0, 60), ("in/node2/mattermost.log", 0, 50)]),
            ["node1", "node2"]
        );
        assert_eq!(
            named(&[("node1/logs/mattermost.log", 0, 60), ("node2/logs/mattermost.log", 0, 50)]),
            ["node1", "node2"]
        );
        assert_eq!(
            named(&[("mattermost_ip-10-0-2-11.log", 0, 9), ("mattermost_ip-10-0-2-12.log", 0, 9)]),
            ["ip-10-0-2-11", "ip-10-0-2-12"]
        );
    }

    #[test]
    fn rotated_logs_are_of_one_node() {
        let one = [
            ("mattermost.log", 60, 90),
            ("mattermost-2026-03-01T10-20-30.123.log.gz", 0, 60),
            ("notifications.log", 0, 90),
            ("mattermost.log.1", 30, 60),
        ];
        assert_eq!(named(&one), ["", "", "", ""]);
        assert_eq!(
            named(&[
                ("app-1/mattermost.log", 60, 90),
                ("app-1/mattermost-2026-03-01.log.gz", 0, 60),
                ("app-2/mattermost.log", 0, 90),
            ]),
            ["app-1", "app-1", "app-2"]
        );
        assert_eq!(
            named(&[("audit-app-1.log", 0, 9), ("app-1.log", 0, 9), ("app-2-20260301.log", 0, 9)]),
            ["app-1", "app-1", "app-2"]
        );
    }

    #[test]
    fn logs_that_follow_each_other_are_not_told_apart() {
        assert_eq!(named(&[("before.log", 0, 60), ("after.log", 60, 90)]), ["", ""]);
        assert_eq!(named(&[("part1.log", 0, 61), ("part2.log", 60, 90)]), ["", ""]);
        assert_eq!(named(&[("incident.log", 0, 60)]), [""]);
    }
}
