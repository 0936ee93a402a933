//! Names from inside archives and folders, as labels.

/// Longer names are cut: a label is for a line of a report.
const LABEL_CHARS_MAX: usize = 240;

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

/// A path or a name without anything that a terminal would act upon, and not too long.
pub(crate) fn shown(name: &str) -> String {
    let clean = text::escape::terminal(name);
    let n_chars = clean.chars().count();
    if n_chars <= LABEL_CHARS_MAX {
        return clean.into_owned();
    }
    // The end of a path tells more than its start.
    let tail: String = clean.chars().skip(n_chars - (LABEL_CHARS_MAX - 1)).collect();
    format!("…{tail}")
}
