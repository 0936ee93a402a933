//! The reader as its users see it.

mod cases;
mod forms;
mod life;
mod merging;

use super::{LogReader, LogRecords};
use model::{Parsed, Sink};

/// Reads a whole text at once.
fn read(text: &str) -> Parsed<LogRecords> {
    read_bytes(text.as_bytes())
}

fn read_bytes(bytes: &[u8]) -> Parsed<LogRecords> {
    let mut reader = LogReader::new("x/mattermost.log", "node-a", None);
    reader.push(bytes);
    reader.finish()
}

/// The text of the only pattern.
fn only_pattern(parsed: &Parsed<LogRecords>) -> &super::LogPattern {
    assert_eq!(parsed.records.patterns.len(), 1, "one pattern");
    &parsed.records.patterns[0]
}
