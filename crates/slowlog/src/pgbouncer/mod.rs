//! Logs of PgBouncer, the pooler that stands between a server and PostgreSQL: who was refused, who
//! waited in vain, what became of the connections to the database, and how long clients waited.

mod figures;
mod line;
mod log;
mod meaning;

#[cfg(test)]
mod tests;

pub(crate) use log::PgBouncerLog;
use model::{Format, Head};

/// The log of a pooler.
pub(crate) const FORMAT: Format =
    Format { name: "pgbouncer", kind: "pooler log", score: |head| score(head) };

/// What such a log cannot show: tables of the database's own log are not covered by it.
pub(crate) const LIMIT: &str = "log of the pooler alone";

/// Lines at the start of a source that are looked at.
const LINES_MAX: usize = 200;

/// How sure it is that a source is such a log: most of its first lines have the form, and some a
/// text that no other program writes.
fn score(head: &Head<'_>) -> u8 {
    let mut reader = line::LineReader::new(None);
    let (mut seen, mut read, mut ours) = (0_u32, 0_u32, 0_u32);
    let lines = head.bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    for text in lines.take(LINES_MAX) {
        seen += 1;
        if let Some(line) = reader.read(text) {
            read += 1;
            ours += u32::from(line.socket.is_some() || line.is_of_pooler());
        }
    }
    if ours > 0 && read * 2 >= seen { 96 } else { 0 }
}
