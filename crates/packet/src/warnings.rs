//! `warning.txt`: what the server could not collect, in both shapes that it has had.

use crate::Warning;
use crate::document::decode;
use crate::layout::Member;
use model::{Issues, Place};

/// Warnings of one packet. The server has some 20 collectors.
const WARNINGS_MAX: usize = 1_000;

/// Bytes of one warning; a longer one is cut.
const WARNING_BYTES_MAX: usize = 4_096;

/// Reads all warnings.
///
/// - Input: one a line (until 8.x), or a list under `2 errors occurred:` with `\t* ` before each.
/// - Output: one record for each, in the order of the file; lines that go on with one are part of
///   it.
/// - Issues: warnings beyond [`WARNINGS_MAX`].
pub(crate) fn read(bytes: &[u8], member: &Member, issues: &mut Issues) -> Vec<Warning> {
    let text = decode(bytes, issues);
    let is_list = text.lines().any(is_heading);
    let mut found: Vec<(u64, String)> = Vec::new();
    for (number, line) in (1_u64..).zip(text.lines()) {
        let trimmed = line.trim();
        if trimmed.is_empty() || is_heading(line) {
            continue;
        }
        let bullet = trimmed.strip_prefix("* ");
        // The lines of a key must not become warnings of their own: it is known by its first line.
        let goes_on = bullet.is_none()
            && (is_list || found.last().is_some_and(|(_, last)| is_in_key(last, trimmed)));
        if goes_on && let Some((_, last)) = found.last_mut() {
            last.push(' ');
            last.push_str(trimmed);
        } else if found.len() < WARNINGS_MAX {
            found.push((number, bullet.unwrap_or(trimmed).to_owned()));
        } else {
            issues.add("too many warnings: the rest is left out", format!("line:{number}"), 1);
        }
    }
    found
        .into_iter()
        .map(|(number, mut text)| {
            text.truncate(text.floor_char_boundary(WARNING_BYTES_MAX));
            Warning { text: text.into(), place: Place::line(&member.source, number) }
        })
        .collect()
}

/// Whether a line goes on with a key in PEM that the text before it has begun.
fn is_in_key(text: &str, line: &str) -> bool {
    let begun = text.rfind("-----BEGIN ").and_then(|begin| text.get(begin..));
    begun.is_some_and(|block| !block.contains("-----END "))
        && (line.starts_with("-----END ") || !line.contains(' '))
}

/// `3 errors occurred:`
fn is_heading(line: &str) -> bool {
    let line = line.trim();
    line.starts_with(|c: char| c.is_ascii_digit())
        && (line.ends_with(" errors occurred:") || line.ends_with(" error occurred:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(text: &str) -> Vec<(String, String)> {
        read(text.as_bytes(), &Member::default(), &mut Issues::default())
            .into_iter()
            .map(|warning| (warning.text.untrusted().to_owned(), warning.place.location))
            .collect()
    }

    #[test]
    fn both_shapes_give_one_warning_each() {
        let expected = |a: u32, b: u32| {
            [
                ("first: failed".to_owned(), format!("line:{a}")),
                ("second".to_owned(), format!("line:{b}")),
            ]
        };
        assert_eq!(warnings("first: failed\nsecond\n"), expected(1, 2));
        assert_eq!(
            warnings("2 errors occurred:\n\t* first: failed\n\t* second\n\n"),
            expected(2, 3)
        );
    }

    #[test]
    fn a_warning_over_several_lines_is_one() {
        let found = warnings("1 error occurred:\n\t* failed:\n\t  because of this\n");
        assert_eq!(found, [("failed: because of this".to_owned(), "line:2".to_owned())]);
    }

    #[test]
    fn a_key_over_several_lines_is_one_warning() {
        let text =
            "bad: -----BEGIN PRIVATE KEY-----\nTUlJ\neA==\n-----END PRIVATE KEY-----\nnext\n";
        let found: Vec<String> = warnings(text).into_iter().map(|(text, _)| text).collect();
        let key = "bad: -----BEGIN PRIVATE KEY----- TUlJ eA== -----END PRIVATE KEY-----";
        assert_eq!(found, [key, "next"]);
        assert_eq!(warnings("-----BEGIN PRIVATE KEY-----\nTUlJ\nis cut off\n").len(), 2);
    }

    #[test]
    fn an_empty_file_has_none() {
        assert!(warnings("").is_empty());
    }
}
