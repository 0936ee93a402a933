//! Where the characters of a TOML string stand in the file.

use std::ops::Range;
use toml::Spanned;

/// The text of a TOML string and, for each of its bytes, the byte of the file.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) text: String,
    /// The whole string in the file, quotes included.
    pub(crate) span: Range<usize>,
    /// One entry per byte of the text and one for its end.
    bytes: Vec<usize>,
}

impl Placed {
    /// Maps a string that was read from `file`.
    pub(crate) fn new(file: &str, word: &Spanned<String>) -> Self {
        let (text, span) = (word.get_ref(), word.span());
        let raw = file.get(span.clone()).unwrap_or_default();
        let (quotes, escapes) = match raw {
            raw if raw.starts_with("\"\"\"") => (3, true),
            raw if raw.starts_with("'''") => (3, false),
            raw if raw.starts_with('"') => (1, true),
            _ => (1, false),
        };
        let mut at = span.start + quotes;
        if quotes == 3 {
            let rest = file.get(at..).unwrap_or_default();
            at += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
        }
        let mut bytes = Vec::with_capacity(text.len() + 1);
        for c in text.chars() {
            let mut rest = file.get(at..).unwrap_or_default();
            let mut len = c.len_utf8();
            if escapes {
                // A backslash at the end of a line swallows the white space that follows.
                while let Some(tail) = rest.strip_prefix('\\')
                    && tail.trim_start_matches([' ', '\t']).starts_with(['\n', '\r'])
                {
                    at += 1 + tail.len() - tail.trim_start().len();
                    rest = file.get(at..).unwrap_or_default();
                }
                let mut raw = rest.chars();
                if raw.next() == Some('\\') {
                    len = match raw.next() {
                        Some('x') => 4,
                        Some('u') => 6,
                        Some('U') => 10,
                        _ => 2,
                    };
                }
            }
            if c == '\n' && rest.starts_with("\r\n") {
                len = 2;
            }
            bytes.extend(std::iter::repeat_n(at, c.len_utf8()));
            at += len;
        }
        bytes.push(at);
        Self { text: text.clone(), span, bytes }
    }

    /// The bytes of the file that hold these bytes of the text.
    pub(crate) fn place(&self, at: &Range<usize>) -> Range<usize> {
        let last = self.bytes.last().copied().unwrap_or(self.span.end);
        let byte = |idx: usize| self.bytes.get(idx).copied().unwrap_or(last);
        byte(at.start)..byte(at.end.max(at.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct File {
        where_: Spanned<String>,
    }

    fn found(file: &str, word: &str) -> String {
        let parsed: File = toml::from_str(file).expect("valid");
        let placed = Placed::new(file, &parsed.where_);
        let at = placed.text.find(word).expect("there");
        file[placed.place(&(at..at + word.len()))].to_owned()
    }

    #[test]
    fn words_are_found_in_every_sort_of_string() {
        assert_eq!(found("where_ = \"a < bad\"", "bad"), "bad");
        assert_eq!(found("where_ = '''\n  a \\ b\n  AND bad'''", "bad"), "bad");
        assert_eq!(
            found("where_ = \"\"\"\n  a \\\n   AND ä\\u00e4 \\\"bad\\\" x\"\"\"", "bad"),
            "bad"
        );
        assert_eq!(found("where_ = 'a AND bad'", "bad"), "bad");
        assert_eq!(found("where_ = \"\"\"\r\na\r\nAND bad\"\"\"", "bad"), "bad");
    }
}
