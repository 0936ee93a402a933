//! Messages of a server at work: temporary files, vacuum, checkpoints, conflicts of replay.

use super::{Meaning, contains, decimal_behind, micros, quoted_behind};
use crate::records::EventClass as Class;
use memchr::memmem;

/// Messages of a server at work.
pub(super) fn routine(text: &[u8]) -> Option<Meaning<'_>> {
    let mut found = Meaning {
        class: Class::Checkpoint,
        cause: String::new(),
        subject: &[],
        amount: 0,
        unit: "us",
        sqlstate: "",
        of_user: false,
    };
    if text.starts_with(b"temporary file: path ") {
        found.class = Class::TemporaryFile;
        found.unit = "bytes";
        found.amount = decimal_behind(text, ", size ").unwrap_or(0.0) as u64;
        return Some(found);
    }
    if text.starts_with(b"automatic ") {
        let (vacuum, analyze) = (
            contains(text.get(..60.min(text.len()))?, "vacuum"),
            text.starts_with(b"automatic analyze"),
        );
        if !vacuum && !analyze {
            return None;
        }
        found.class = if analyze { Class::Autoanalyze } else { Class::Autovacuum };
        let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if contains(first, "to prevent wraparound") {
            "wraparound".clone_into(&mut found.cause);
        } else if contains(first, "aggressive") {
            "aggressive".clone_into(&mut found.cause);
        }
        found.subject = quoted_behind(text, "table \"");
        found.amount = micros(decimal_behind(text, "elapsed: ").unwrap_or(0.0), 1e6);
        return Some(found);
    }
    if text.starts_with(b"recovery still waiting after ") {
        found.class = Class::ReplicationConflict;
        found.amount = micros(decimal_behind(text, "waiting after ").unwrap_or(0.0), 1e3);
        let cause = memmem::find(text, b"recovery conflict on ")
            .and_then(|at| text.get(at + 21..))
            .unwrap_or_default();
        found.cause = String::from_utf8_lossy(cause.get(..cause.len().min(40)).unwrap_or_default())
            .into_owned();
        return Some(found);
    }
    None
}

/// The cause of a checkpoint, from the words behind `checkpoint starting:`.
pub(crate) fn checkpoint_cause(text: &[u8]) -> &'static str {
    let restart = text.starts_with(b"restartpoint");
    let causes: [(&str, &str, &str); 5] = [
        ("shutdown", "shutdown", "restartpoint shutdown"),
        ("end-of-recovery", "end of recovery", "restartpoint"),
        (" wal", "wal", "restartpoint wal"),
        (" xlog", "wal", "restartpoint wal"),
        (" time", "time", "restartpoint time"),
    ];
    let plain = causes.iter().find(|(word, _, _)| contains(text, word));
    match (plain, restart) {
        (Some((_, cause, _)), false) => cause,
        (Some((_, _, cause)), true) => cause,
        (None, false) => "requested",
        (None, true) => "restartpoint",
    }
}
