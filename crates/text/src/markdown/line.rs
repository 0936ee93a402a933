//! One line, as pieces that must not be cut.

use crate::{Segment, Text, Value, escape};

/// Characters of a value that are posted: the whole of it stands in the report.
const VALUE_CHARS_MAX: usize = 400;
/// Characters of a piece of prose: where a line is too long it is broken between pieces.
const PIECE_CHARS_MAX: usize = 400;

/// What breaks a word that would be something else than a word.
const BREAK: char = '\u{200B}';
/// Signs for which [`escape::markdown`] may break a word.
const SIGNS: [char; 11] = ['@', '＠', '﹫', '~', '～', '#', '＃', '﹟', '$', ':', '.'];

/// Manuals that our rules and steps point to: the only links that are posted.
const MANUALS: &[&str] = &[
    "https://docs.mattermost.com/",
    "https://developers.mattermost.com/",
    "https://www.postgresql.org/docs/",
    "https://dev.mysql.com/doc/",
    "https://mariadb.com/kb/",
];

/// A line of a message: safe wherever it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub(super) pieces: Vec<String>,
}

impl Line {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds Markdown of our own, as it is: it is known when the program is built.
    #[must_use]
    pub fn ours(mut self, words: &'static str) -> Self {
        self.push(words.to_owned());
        self
    }

    /// Adds a text: values as code, other words broken so that they are nothing but words.
    #[must_use]
    pub fn text(mut self, text: &Text) -> Self {
        for segment in text.segments() {
            match segment {
                Segment::Ours(words) => self.words(words),
                Segment::Value(value) => self.push_value(value),
            }
        }
        self
    }

    /// Adds words that the program formed: a time, a count, a level.
    #[must_use]
    pub fn said(self, words: impl Into<String>) -> Self {
        self.text(&Text::ours(words))
    }

    /// Adds a value as code, also when it is a bare figure.
    #[must_use]
    pub fn code(mut self, value: &Value) -> Self {
        if !value.as_str().trim().is_empty() {
            self.push(escape::code_span(&short(value.as_str())));
        }
        self
    }

    /// Adds another line behind this one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for piece in other.pieces {
            self.push(piece);
        }
        self
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| piece.trim().is_empty())
    }

    fn push_value(&mut self, value: &Value) {
        let words = value.as_str();
        if is_figure(words) {
            self.prose(words);
        } else if !words.trim().is_empty() {
            self.push(escape::code_span(&short(words)));
        }
    }

    /// Words with code in them: what stands between two equal runs of backticks stays code.
    fn words(&mut self, words: &str) {
        let mut rest = words;
        while let Some(open) = rest.find('`') {
            let (before, from) = rest.split_at(open);
            let ticks = from.len() - from.trim_start_matches('`').len();
            let (run, inside) = from.split_at(ticks);
            let Some((code, after)) = split_at_run(inside, run) else {
                // Opened and never closed.
                self.prose(before);
                self.prose(run);
                rest = inside;
                continue;
            };
            self.prose(before);
            if code.trim().is_empty() {
                self.prose(code);
            } else {
                self.push(escape::code_span(&short(code.trim())));
            }
            rest = after;
        }
        self.prose(rest);
    }

    /// Words without code, in pieces that end at spaces.
    fn prose(&mut self, words: &str) {
        let mut piece = String::new();
        let mut n_chars = 0;
        for word in words.split_inclusive([' ', '\n', '\t']) {
            for part in parts(word) {
                let n = part.chars().count();
                if n_chars > 0 && n_chars + n > PIECE_CHARS_MAX {
                    self.broken(&piece);
                    piece.clear();
                    n_chars = 0;
                }
                if let Some(manual) = manual(part) {
                    self.broken(&piece);
                    piece.clear();
                    n_chars = 0;
                    self.push(manual.to_owned());
                    piece.push_str(part.get(manual.len()..).unwrap_or_default());
                } else {
                    piece.push_str(part);
                }
                n_chars += n;
            }
        }
        self.broken(&piece);
    }

    /// One piece of prose. A space in front of it is kept: it may follow another piece. A word
    /// that would have to be broken stands in code, so that it can still be copied.
    fn broken(&mut self, words: &str) {
        let mut plain = String::new();
        for word in words.split_inclusive(|c: char| c.is_whitespace()) {
            let bare = word.trim();
            if bare.contains(SIGNS) && escape::markdown(bare).contains(BREAK) {
                self.escaped(&plain);
                plain.clear();
                if word.starts_with(|c: char| c.is_whitespace()) {
                    self.push(" ".to_owned());
                }
                self.push(escape::code_span(bare));
                plain.push_str(if word.ends_with(|c: char| c.is_whitespace()) { " " } else { "" });
            } else {
                plain.push_str(word);
            }
        }
        self.escaped(&plain);
    }

    fn escaped(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        let spaced = words.starts_with(|c: char| c.is_whitespace()) && !self.pieces.is_empty();
        let mut piece = if spaced { " ".to_owned() } else { String::new() };
        piece.push_str(&escape::markdown(words));
        self.push(piece);
    }

    /// Adds a piece. Two runs of backticks that touch would be one that closes nothing.
    fn push(&mut self, mut piece: String) {
        let touches = self.pieces.last().is_some_and(|last| last.ends_with('`'))
            && piece.trim_start_matches('\\').starts_with('`');
        if touches {
            piece.insert(0, ' ');
        }
        self.pieces.push(piece);
    }

    /// The line in stretches of at most `max` characters, broken between pieces.
    pub(super) fn stretches(&self, max: usize) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut current = String::new();
        let mut n_chars = 0;
        for piece in &self.pieces {
            let n = piece.chars().count();
            if n_chars > 0 && n_chars + n > max {
                out.push(current.trim().to_owned());
                current.clear();
                n_chars = 0;
            }
            current.push_str(piece);
            n_chars += n;
        }
        if !current.trim().is_empty() {
            out.push(current.trim().to_owned());
        }
        out
    }

    /// The line as a cell of a table, of at most `max` characters: `…` stands for the rest.
    pub(super) fn cell(&self, max: usize) -> String {
        let mut out = String::new();
        let mut n_chars = 0;
        for piece in &self.pieces {
            // A pipe would end the cell, and what a backslash does to it depends on the renderer.
            let piece = piece.replace("\\|", "│").replace('|', "│");
            n_chars += piece.chars().count();
            if n_chars > max {
                out.push('…');
                break;
            }
            out.push_str(&piece);
        }
        out.trim().to_owned()
    }
}

/// A value cut to what is posted of it.
fn short(words: &str) -> String {
    let mut out: String = words.chars().take(VALUE_CHARS_MAX).collect();
    if out.len() < words.len() {
        out.push('…');
    }
    out
}

/// Digits and what belongs to figures and times: it mentions nobody and is no word.
fn is_figure(words: &str) -> bool {
    words.len() <= 32
        && words.bytes().any(|b| b.is_ascii_digit())
        && words
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b':' | b'-' | b' ' | b'%'))
}

/// The text before the next run of exactly as many backticks, and what follows it.
fn split_at_run<'t>(text: &'t str, run: &str) -> Option<(&'t str, &'t str)> {
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let at = from + rest.find('`')?;
        let found = text.get(at..)?;
        let n_ticks = found.len() - found.trim_start_matches('`').len();
        if n_ticks == run.len() {
            return Some((text.get(..at)?, found.get(n_ticks..)?));
        }
        from = at + n_ticks;
    }
}

/// A word in parts of at most [`PIECE_CHARS_MAX`] characters.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.char_indices().nth(PIECE_CHARS_MAX).map_or(rest.len(), |(at, _)| at);
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(part)
    })
}

/// The link to a manual that a word begins with, without what ends a sentence.
fn manual(word: &str) -> Option<&str> {
    MANUALS.iter().find(|manual| word.starts_with(**manual))?;
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':' | '#');
    let end = word.find(|c| !plain(c)).unwrap_or(word.len());
    Some(word.get(..end)?.trim_end_matches(['.', ':', '-', '_', '#']))
}
