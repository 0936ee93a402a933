//! What is known of a session.

use super::super::scan::{Phase, Rec};
use super::super::severity::Severity;
use super::RECENT;
use super::plans::Plans;
use crate::queries::Renumbered;

/// A statement that a session ran.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ran {
    pub(crate) query: u32,
    pub(crate) start_us: i64,
    pub(crate) end_us: i64,
    pub(crate) writes: bool,
    /// Whether it begins or ends a transaction: it holds up nobody by itself.
    pub(crate) brackets: bool,
}

/// A primary record that waits for its DETAIL, CONTEXT and STATEMENT.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) severity: Severity,
    pub(crate) at_us: i64,
    pub(crate) line: u64,
    pub(crate) pid: u32,
    pub(crate) ctx: u32,
    pub(crate) sqlstate: [u8; 5],
    pub(crate) message: Vec<u8>,
    pub(crate) detail: Vec<u8>,
    pub(crate) context: Vec<u8>,
    pub(crate) query: Option<u32>,
    /// Why the process began the checkpoint before this record.
    pub(super) checkpoint: &'static str,
}

impl Pending {
    /// A record of which nothing but its message is known.
    pub(crate) fn alone(severity: Severity, at_us: i64, line: u64, message: &[u8]) -> Self {
        Self {
            severity,
            at_us,
            line,
            pid: 0,
            ctx: 0,
            sqlstate: [0; 5],
            message: message.to_vec(),
            detail: Vec::new(),
            context: Vec::new(),
            query: None,
            checkpoint: "",
        }
    }
}

/// What is known of a session.
#[derive(Debug, Default)]
pub(crate) struct Session {
    pub(crate) ctx: u32,
    /// The context in which its connection arrived: only the host is known then.
    pub(super) arrived: u32,
    pub(super) seen: u64,
    pub(super) pending: Option<Box<Pending>>,
    /// A statement that was logged without its duration, and since then nothing: query, phase, line,
    /// time.
    pub(crate) untimed: Option<(u32, Phase, u64, i64)>,
    pub(super) ddl: Option<usize>,
    /// Statements that were prepared by name: name, query.
    pub(super) prepared: Vec<(Box<[u8]>, u32)>,
    /// An EXECUTE with its duration, whose DETAIL may say what it executed: record, line, context,
    /// query.
    pub(super) executing: Option<(Rec, u64, u32, u32)>,
    pub(super) plans: Plans,
    pub(crate) recent: [Option<Ran>; RECENT],
    /// The lock that it waits for.
    pub(crate) waits: Option<usize>,
    /// Whether others were seen to wait for it.
    pub(crate) blocks: bool,
}

impl Session {
    /// Follows numbers of queries, which have changed.
    pub(super) fn renumber(&mut self, renumbered: &Renumbered) {
        let numbers = [
            self.untimed.as_mut().map(|(query, _, _, _)| query),
            self.pending.as_mut().and_then(|pending| pending.query.as_mut()),
            self.executing.as_mut().map(|(_, _, _, query)| query),
        ];
        let ran = self.recent.iter_mut().flatten().map(|ran| &mut ran.query);
        let prepared = self.prepared.iter_mut().map(|(_, query)| query);
        for number in numbers.into_iter().flatten().chain(ran).chain(prepared) {
            *number = renumbered.of(*number);
        }
        self.plans.renumber(renumbered);
    }
}
