//! Messages without the values that stand in them.

use memchr::memmem;

/// Words before a double quote behind which a name of the schema stands, which may be shown.
static NAMES: &[&str] = &[
    "relation",
    "table",
    "index",
    "constraint",
    "column",
    "database",
    "role",
    "user",
    "function",
    "schema",
    "type",
    "extension",
    "parameter",
    "file",
    "tablespace",
    "view",
    "sequence",
    "trigger",
    "path",
    "encoding",
    "publication",
    "subscription",
    "slot",
    "segment",
    "directory",
    "setting",
];

/// Longest sample of a message.
const SAMPLE_MAX: usize = 400;

/// The first line of a message with its values taken out: what stands in quotes, unless it is a
/// name of the schema; addresses and long numbers.
pub(crate) fn cleared(text: &[u8]) -> String {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // Only stderr says where in the statement.
    let first =
        memmem::find(first, b" at character ").and_then(|at| first.get(..at)).unwrap_or(first);
    let text =
        String::from_utf8_lossy(first.get(..first.len().min(SAMPLE_MAX * 2)).unwrap_or_default());
    let mut out = String::with_capacity(text.len().min(SAMPLE_MAX));
    let mut rest = text.as_ref();
    while let Some(at) = rest.find(['"', '\'']) {
        let (before, quoted) = rest.split_at(at);
        out.push_str(before);
        let quote = if quoted.starts_with('"') { '"' } else { '\'' };
        let inside = quoted.get(1..).unwrap_or_default();
        let end = inside.find(quote).unwrap_or(inside.len());
        let word = before.trim_end().rsplit(' ').next().unwrap_or_default();
        out.push(quote);
        if quote == '"' && NAMES.contains(&word) {
            out.push_str(inside.get(..end).unwrap_or_default());
        } else {
            out.push('?');
        }
        out.push(quote);
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out.truncate(out.floor_char_boundary(SAMPLE_MAX));
    out
}
