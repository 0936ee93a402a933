//! Logs inside what collectors and cloud consoles put around them: JSON with the line as one
//! string, and heads of containers before every line. Inside is a log of any format, read as if it
//! came by itself.

mod column;
mod heads;
mod json;

use crate::mysql;
use crate::pg::layout::{self, Layout};
use crate::pgbouncer;
use column::Column;
use heads::{HeadKind, Heads};
use json::{Objects, Strings};
use model::{Format, Head};

/// The format in the list of all.
pub(crate) const FORMAT: Format = Format {
    name: "database log in an export",
    kind: "database log",
    score: |head| if detect(head).is_some() { 97 } else { 0 },
};

/// The keys of strings that hold a line or an entry, by who writes them: Google Cloud, Docker,
/// CloudWatch and others, journald.
const KEYS: &[&str] = &["textPayload", "log", "message", "MESSAGE"];

/// What stands around a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// JSON, in which every line or entry is the string of this key.
    Strings(&'static str),
    /// An array of the objects that are otherwise one to a line.
    Objects,
    /// A head before every line.
    Heads(HeadKind),
    /// CSV, in which every line or entry is the field of this column.
    Column(&'static str),
}

impl Envelope {
    /// What is said of it.
    pub(crate) fn what(self) -> String {
        match self {
            Self::Strings(key) => format!("read out of JSON, from its `{key}`"),
            Self::Objects => "read out of a JSON array".to_owned(),
            Self::Heads(kind) => format!("read behind the heads of {}", kind.what()),
            Self::Column(name) => format!("read out of CSV, from its column `{name}`"),
        }
    }
}

/// Takes an envelope off, block by block, in bounded memory.
pub(crate) enum Opener {
    Strings(Strings),
    Objects(Objects),
    Heads(Heads),
    Column(Box<Column>),
}

impl Opener {
    pub(crate) fn new(envelope: Envelope) -> Self {
        match envelope {
            Envelope::Strings(key) => Self::Strings(Strings::new(key)),
            Envelope::Objects => Self::Objects(Objects::default()),
            Envelope::Heads(kind) => Self::Heads(Heads::new(kind)),
            Envelope::Column(name) => Self::Column(Box::new(Column::new(name))),
        }
    }

    /// Appends what is inside of the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Strings(strings) => strings.push(bytes, out),
            Self::Objects(objects) => objects.push(bytes, out),
            Self::Heads(heads) => heads.push(bytes, out),
            Self::Column(column) => column.push(bytes, out),
        }
    }

    /// Appends what still waits.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Strings(_) | Self::Objects(_) => {}
            Self::Heads(heads) => heads.end(out),
            Self::Column(column) => column.end(out),
        }
    }
}

/// What is inside of the first bytes of a source.
pub(crate) fn inside(envelope: Envelope, head: &[u8]) -> Vec<u8> {
    let mut opener = Opener::new(envelope);
    let mut out = Vec::new();
    opener.push(head, &mut out);
    // A line that the head cuts is not looked at.
    out
}

/// The envelope of a source, if there is one around a log that can be read.
pub(crate) fn detect(head: &Head<'_>) -> Option<Envelope> {
    let bytes = head.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head.bytes);
    // Formats of lines without a head of their own, whatever stands before them.
    let is_bare = |text: &[u8]| {
        let head = Head { path: head.path, bytes: text, whole: false };
        [mysql::FILE_FORMAT, pgbouncer::FORMAT].iter().any(|format| (format.score)(&head) > 0)
    };
    let is_lines = |text: &[u8]| {
        let found = layout::recognise(text, false, None);
        found.is_some_and(|found| matches!(found.layout, Layout::Stderr(_) | Layout::Csv))
    };
    let start = bytes.trim_ascii_start();
    if matches!(start.first(), Some(b'{' | b'[')) && !start.starts_with(b"[pod/") {
        let plain = layout::recognise(bytes, head.whole, None);
        if plain.is_some_and(|found| matches!(found.layout, Layout::Json)) {
            return None;
        }
        let objects = inside(Envelope::Objects, bytes);
        let found = layout::recognise(&objects, false, None);
        if found.is_some_and(|found| matches!(found.layout, Layout::Json)) {
            return Some(Envelope::Objects);
        }
        if mysql::azure::score(bytes) > 0 {
            return None;
        }
        if mysql::azure::score(&objects) > 0 {
            return Some(Envelope::Objects);
        }
        return KEYS.iter().map(|key| Envelope::Strings(key)).find(|envelope| {
            let text = inside(*envelope, bytes);
            is_bare(&text) || is_lines(&text)
        });
    }
    if let Some(name) = column::name_of(bytes) {
        let envelope = Envelope::Column(name);
        let text = inside(envelope, bytes);
        return (is_bare(&text) || is_lines(&text)).then_some(envelope);
    }
    let kind = HeadKind::of(bytes)?;
    let text = inside(Envelope::Heads(kind), bytes);
    // What only has times before it is read elsewhere where it is PostgreSQL's.
    let fits = is_bare(&text) || (kind != HeadKind::Time && is_lines(&text));
    fits.then_some(Envelope::Heads(kind))
}

#[cfg(test)]
mod tests;
