//! Names of inputs and of what is in them, as labels.
//!
//! A name is data as any other: it may hold an address of a customer, or a token. It is cleared
//! here, once, so that every output and every place of evidence has the same label.

use std::sync::LazyLock;
use text::{Raw, Redactor};

/// Longer names are cut: a label is for a line of a report.
const LABEL_CHARS_MAX: usize = 240;

/// Clears names. The pseudonyms are hashes, so that they are none of those that a report numbers
/// (`email-1`), and two names that differ stay apart.
static NAMES: LazyLock<Redactor> = LazyLock::new(|| Redactor::with_key(b"names of inputs"));

/// A name as a label: `/` between parts, no drive, no leading `/`, `..` shown as `__`, nothing
/// that a terminal would act upon. Gives whether the name tried to leave its folder.
pub(crate) fn member(name: &str) -> (String, bool) {
    let mut outside = name.starts_with(['/', '\\']);
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                outside = true;
                parts.push("__");
            }
            drive if parts.is_empty() && drive.len() == 2 && drive.ends_with(':') => outside = true,
            part => parts.push(part),
        }
    }
    let clean = shown(&parts.join("/"));
    (if clean.is_empty() { "(no name)".to_owned() } else { clean }, outside)
}

/// A path or a name without secrets, addresses of people and anything that a terminal would act
/// upon, and not too long.
pub(crate) fn shown(name: &str) -> String {
    let clean = NAMES.clear(&Raw::new(name));
    let clean = text::escape::terminal(clean.as_str());
    let n_chars = clean.chars().count();
    if n_chars <= LABEL_CHARS_MAX {
        return clean.into_owned();
    }
    // The end of a path tells more than its start.
    let tail: String = clean.chars().skip(n_chars - (LABEL_CHARS_MAX - 1)).collect();
    format!("…{tail}")
}
