//! YAML and JSON documents into [`Tree`]s, as much of them as can be read.

use crate::tree::{DEPTH_MAX, Fill, Tree, VALUES_MAX, keep_last_of_each};
use model::Issues;
use serde::de::DeserializeSeed as _;
use std::collections::BTreeSet;

/// Values that aliases of a YAML document may add. The server writes none at all.
const ALIAS_VALUES_MAX: usize = 1_000;

/// Sections, or entries of one section, of a broken document that are read on their own. The
/// configuration has 45 sections, a schema some 100 tables.
const PARTS_MAX: usize = 10_000;

/// A document and what was left out of it.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// What was read.
    pub(crate) root: Tree,
    /// What was not.
    pub(crate) issues: Issues,
    /// Whether something was cut off or broken.
    pub(crate) broken: bool,
}

/// The text of a member, without a byte order mark; what is not UTF-8 becomes U+FFFD.
pub(crate) fn decode(bytes: &[u8], issues: &mut Issues) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            let line = 1 + memchr::memchr_iter(
                b'\n',
                bytes.get(..error.valid_up_to()).unwrap_or_default(),
            )
            .count();
            issues.add("not valid UTF-8: the bytes are replaced", format!("line:{line}"), 0);
            String::from_utf8_lossy(bytes).into_owned()
        }
    }
}

/// Reads a YAML document.
///
/// - Output: all that could be read. When the document is broken, each section (a name at the
///   start of a line), and each entry of a section's list, is read on its own, so that a broken
///   one loses only its rest.
/// - Issues: what is broken, with its line; a last line without a line break (its value may be
///   cut off, and counts as unreadable).
pub(crate) fn yaml(bytes: &[u8]) -> Document {
    let mut document = Document::default();
    let text = decode(bytes, &mut document.issues);
    if text.trim().is_empty() {
        document.broken = true;
        document.issues.add("empty", "", 0);
        return document;
    }
    let mut left = VALUES_MAX;
    if read_yaml(&text, &mut document.root, &mut left).is_err() || !is_map(&document.root) {
        document.broken = true;
        document.root = Tree::Map(Vec::new());
        left = VALUES_MAX;
        read_sections(&text, &mut document, &mut left);
    }
    if !text.ends_with('\n') {
        let line = text.lines().count();
        document.root.cut_last();
        document.issues.add("ends within a line: the last value is left out", at_line(line), 1);
        document.broken = true;
    }
    document
}

fn is_map(tree: &Tree) -> bool {
    matches!(tree, Tree::Map(_))
}

fn at_line(line: usize) -> String {
    format!("line:{line}")
}

/// Reads one YAML document into `root`; on an error what was read stands. Gives the line.
fn read_yaml(text: &str, root: &mut Tree, left: &mut usize) -> Result<(), usize> {
    let fill = Fill { slot: root, left, depth: 0 };
    let result = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |de| {
        fill.deserialize(de)
    });
    result.map_err(|error| {
        error.location().and_then(|at| usize::try_from(at.line()).ok()).unwrap_or(1).max(1)
    })
}

/// Limits for documents that nobody vouches for: no long aliases, no deep nesting.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            max_nodes: VALUES_MAX,
            max_events: 3 * VALUES_MAX,
            max_aliases: ALIAS_VALUES_MAX,
            max_anchors: ALIAS_VALUES_MAX,
            max_recorded_anchor_events: 10 * ALIAS_VALUES_MAX,
            max_documents: 4,
        },
        alias_limits: {
            let mut limits = serde_saphyr::Options::default().alias_limits;
            limits.max_total_replayed_events = ALIAS_VALUES_MAX;
            limits
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        strict_booleans: true,
        with_snippet: false,
    }
}

/// The first lines of sections, by number from 0: a name at the very start of a line.
fn section_starts(lines: &[&str]) -> Vec<usize> {
    let is_start = |line: &&str| {
        line.contains(':')
            && line
                .bytes()
                .next()
                .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'"')
    };
    lines.iter().enumerate().filter(|(_, line)| is_start(line)).map(|(idx, _)| idx).collect()
}

/// Reads each section on its own.
fn read_sections(text: &str, document: &mut Document, left: &mut usize) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let starts = section_starts(&lines);
    if starts.is_empty() {
        document.issues.add("not a document of named values", at_line(1), 1);
        return;
    }
    if let Some(beyond) = starts.get(PARTS_MAX) {
        let reason = "too many sections in a broken document: the rest is left out";
        document.issues.add(reason, at_line(beyond + 1), 1);
    }
    let Tree::Map(root) = &mut document.root else { return };
    for (idx, &start) in starts.iter().enumerate().take(PARTS_MAX) {
        let end = starts.get(idx + 1).copied().unwrap_or(lines.len());
        let section = lines.get(start..end).unwrap_or_default();
        let mut part = Tree::Cut;
        if let Err(line) = read_yaml(&section.concat(), &mut part, left) {
            document.issues.add("cannot be read", at_line(start + line), 1);
            if let Some(items) = read_items(section, &mut document.issues, start, left) {
                part = items;
            }
        }
        if let Tree::Map(entries) = part {
            root.extend(entries);
        }
    }
    keep_last_of_each(root);
}

/// Reads the entries of a section's list (`- ` at one and the same indent) each on its own. `None`: the section holds no
/// list.
fn read_items(
    section: &[&str],
    issues: &mut Issues,
    start: usize,
    left: &mut usize,
) -> Option<Tree> {
    let name = section.first()?.trim_end().strip_suffix(':')?.trim_matches('"').to_owned();
    let first = section.get(1)?;
    let indent = first.len() - first.trim_start_matches(' ').len();
    let starts: Vec<usize> = (1..section.len())
        .filter(|&idx| {
            section.get(idx).is_some_and(|line| {
                line.get(indent..).is_some_and(|rest| rest.starts_with("- "))
                    && line.bytes().take(indent).all(|b| b == b' ')
            })
        })
        .collect();
    if let Some(beyond) = starts.get(PARTS_MAX) {
        let reason = "too many entries in a broken list: the rest is left out";
        issues.add(reason, at_line(start + beyond + 1), 1);
    }
    let mut items = Vec::new();
    for (idx, &from) in starts.iter().enumerate().take(PARTS_MAX) {
        let to = starts.get(idx + 1).copied().unwrap_or(section.len());
        let mut part = Tree::Cut;
        let text = section.get(from..to).unwrap_or_default().concat();
        if let Err(line) = read_yaml(&text, &mut part, left) {
            issues.add("entry cannot be read as a whole", at_line(start + from + line), 1);
        }
        if let Tree::List(read) = part {
            items.extend(read.into_iter().filter(|item| *item != Tree::Cut));
        }
    }
    (!items.is_empty()).then(|| Tree::Map(vec![(name, Tree::List(items))]))
}

/// Reads a JSON document.
///
/// - Output: all that could be read. When the document is broken, each section (a name at the
///   indent of the first) is read on its own, so that a broken one loses only its rest.
/// - Issues: what is broken, with its line.
pub(crate) fn json(bytes: &[u8]) -> Document {
    let mut document = Document::default();
    let text = decode(bytes, &mut document.issues);
    if text.trim().is_empty() {
        document.broken = true;
        document.issues.add("empty", "", 0);
        return document;
    }
    let text = without_cut_token(&text);
    let mut left = VALUES_MAX;
    let read = read_json(text, &mut document.root, &mut left);
    let Err(line) = read else {
        if !is_map(&document.root) {
            document.broken = true;
            document.issues.add("not a document of named values", at_line(1), 1);
        }
        return document;
    };
    document.broken = true;
    if !is_map(&document.root) {
        document.issues.add("not a document of named values", at_line(line), 1);
        return document;
    }
    document.issues.add("cut off or broken", at_line(line), 1);
    resume_json(text, line, &mut document, &mut left);
    document
}

/// The text without a number or word at its end, which may be the beginning of a longer one.
fn without_cut_token(text: &str) -> &str {
    text.trim_end().trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// Reads one JSON value into `root`; on an error what was read stands. Gives the line.
fn read_json(text: &str, root: &mut Tree, left: &mut usize) -> Result<(), usize> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Fill { slot: root, left, depth: 0 }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| error.line().max(1))
}

/// After an error: reads the sections that the first reading did not reach.
fn resume_json(text: &str, broken_at: usize, document: &mut Document, left: &mut usize) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let Some(first) = lines.iter().find(|line| line.trim_start().starts_with('"')) else { return };
    let indent = first.len() - first.trim_start().len();
    if indent == 0 {
        return;
    }
    let is_start = |line: &&str| {
        line.len() - line.trim_start().len() == indent
            && line.trim_start().starts_with('"')
            && line.contains("\":")
    };
    let starts: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| is_start(line)).map(|(idx, _)| idx).collect();
    let resumed = starts
        .iter()
        .enumerate()
        .filter(|(idx, _)| starts.get(idx + 1).copied().unwrap_or(lines.len()) >= broken_at);
    let mut read: Vec<(String, Tree)> = Vec::new();
    for (idx, &start) in resumed.take(PARTS_MAX) {
        let end = starts.get(idx + 1).copied().unwrap_or(lines.len());
        let section = lines.get(start..end).unwrap_or_default().concat();
        let mut part = Tree::Cut;
        // The end of the section is not the end of a document: what was read by then counts.
        let section = section.trim_end().trim_end_matches(',');
        let _ = read_json(&format!("{{{section}}}"), &mut part, left);
        if let Tree::Map(entries) = part {
            read.extend(entries.into_iter().filter(|(_, value)| *value != Tree::Cut));
        }
    }
    let again: BTreeSet<String> = read.iter().map(|(name, _)| name.clone()).collect();
    if let Tree::Map(root) = &mut document.root {
        root.retain(|(name, _)| !again.contains(name));
        root.append(&mut read);
    }
}

#[cfg(test)]
mod tests;
