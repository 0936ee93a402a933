//! Whole logs through the reader.

mod asked;
mod budgets;
mod forms;
mod incidents;
mod languages;
mod phases;
mod samples;
mod sessions;
mod twice;
mod waits;

use crate::{Options, Reader, SlowLog};
use model::{Head, Parsed, Sink as _};

pub(crate) fn read_with(options: &Options, bytes: &[u8], step: usize) -> Parsed<SlowLog> {
    let head = Head {
        path: "test.log",
        bytes: &bytes[..bytes.len().min(64 * 1024)],
        whole: bytes.len() <= 64 * 1024,
    };
    let mut reader = Reader::new(options, &head, "test.log").unwrap();
    for part in bytes.chunks(step) {
        reader.push(part);
    }
    reader.finish()
}

pub(crate) fn read(bytes: &[u8]) -> Parsed<SlowLog> {
    read_with(&Options::default(), bytes, 65_536)
}

/// Asserts part by part, so that a difference is named.
fn assert_same(one: &Parsed<SlowLog>, other: &Parsed<SlowLog>) {
    let (a, b) = (&one.records, &other.records);
    assert_eq!(a.sources, b.sources);
    for (a, b) in a.queries.iter().zip(&b.queries) {
        assert_eq!(a, b, "{:?} {:?}", a.fingerprint, b.fingerprint);
    }
    assert_eq!(a.minutes, b.minutes);
    assert_eq!(a.locks, b.locks);
    assert_eq!(a.events, b.events);
    assert_eq!(a.ddl, b.ddl);
    assert_eq!(a.load, b.load);
    assert_eq!(one.coverage, other.coverage);
    assert_eq!(one, other);
}
