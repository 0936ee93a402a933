//! Standard input and pipes: read once, in order.

use super::{gzip, log, read, zip_of};
use crate::{ContainerKind, Limits, Session, list::stream};
use std::io::Cursor;

fn piped(bytes: Vec<u8>, limits: Limits) -> crate::Container {
    let mut containers =
        stream("standard input", Box::new(Cursor::new(bytes)), &Session::new(limits));
    assert_eq!(containers.len(), 1);
    containers.remove(0)
}

#[test]
fn a_log_on_a_pipe_is_read_as_it_comes_and_once() {
    for bytes in [log(20_000), gzip(&log(20_000))] {
        let container = piped(bytes, Limits::default());
        assert_eq!(container.kind(), ContainerKind::Stream);
        assert!(log(20_000).starts_with(container.members()[0].head().bytes));
        assert!(
            read(&container, "standard input") == log(20_000),
            "no byte is lost behind the head"
        );
        let mut again = container.open(0);
        again.pump(|_| panic!("a pipe cannot be read twice"));
        assert!(again.issues().iter().any(|issue| issue.reason.contains("can be read once")));
    }
}

#[test]
fn a_short_text_on_a_pipe_is_known_whole() {
    for n_bytes in [0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1] {
        let bytes = vec![b'x'; n_bytes];
        let container = piped(bytes.clone(), Limits::default());
        assert!(read(&container, "standard input") == bytes, "{n_bytes}");
    }
}

#[test]
fn an_archive_on_a_pipe_is_taken_into_memory_up_to_the_limit() {
    let zip = zip_of(&[("a.log", &log(50_000)), ("b.log", &log(10))]);
    let container = piped(zip.clone(), Limits::default());
    assert_eq!(container.kind(), ContainerKind::Zip);
    assert!(read(&container, "b.log") == log(10));
    let limits = Limits { spool_bytes_max: 100_000, ..Limits::default() };
    let container = piped(zip, limits);
    assert!(container.issues().iter().any(|issue| issue.reason.contains("save it to a file")));
    let start = read(&container, "a.log");
    assert!(!start.is_empty() && log(50_000).starts_with(&start));
}
