//! Replay on a standby that waits for a statement there.

use super::super::fold::{Fold, Pending};
use super::super::message;
use super::super::scan::NO_TIME;
use super::{LOCKS_MAX, Locks, pids};
use crate::pg::events::Waited;
use crate::records::{LockOutcome, LockParty, LockWait, REPLAY};
use crate::spans::moment;
use memchr::memmem;
use model::Place;
use text::Raw;

/// Letters of the kind of a conflict.
const KIND_MAX: usize = 40;

/// `recovery still waiting after 1000.071 ms: recovery conflict on snapshot`.
pub(super) struct Conflict<'a> {
    finished: bool,
    us: u64,
    kind: &'a [u8],
}

pub(super) fn parse(text: &[u8]) -> Option<Conflict<'_>> {
    let rest = text.strip_prefix(b"recovery ")?;
    let finished = rest.starts_with(b"finished waiting after ");
    if !finished && !rest.starts_with(b"still waiting after ") {
        return None;
    }
    let us = message::micros(message::decimal_behind(rest, " after ").unwrap_or(0.0), 1e3);
    let kind = memmem::find(rest, b"recovery conflict on ").and_then(|at| rest.get(at + 21..))?;
    Some(Conflict { finished, us, kind: kind.get(..kind.len().min(KIND_MAX))? })
}

impl Locks {
    /// Takes a conflict of replay; whether it is no event of its own, but the end of one.
    pub(super) fn replay(fold: &mut Fold, pending: &Pending, conflict: &Conflict<'_>) -> bool {
        let known = fold.sessions.get_mut(&pending.pid).and_then(|session| session.waits.take());
        if let Some(wait) = known.and_then(|at| fold.locks.list.get_mut(at)) {
            wait.waited_us = wait.waited_us.max(conflict.us);
            if conflict.finished {
                wait.outcome = LockOutcome::Acquired;
                return true;
            }
        }
        if fold.locks.list.len() >= LOCKS_MAX {
            fold.locks.overflowed = true;
            return conflict.finished;
        }
        // `Conflicting process: 77120.`, `Conflicting processes: 77120, 77121.`
        let holders = memmem::find(&pending.detail, b"Conflicting process")
            .and_then(|at| pending.detail.get(at..))
            .map(pids)
            .unwrap_or_default();
        let at_us = pending.at_us;
        let blocker_pid = holders.first().copied();
        let began_us = at_us.saturating_sub_unsigned(conflict.us);
        let (blocker, seen_running) = Self::holder(fold, blocker_pid, began_us, at_us);
        let number = fold.locks.list.len();
        fold.locks.began.push(began_us);
        fold.locks.waited.push(Waited::default());
        fold.locks.list.push(LockWait {
            at: moment(if at_us == NO_TIME { 0 } else { at_us }),
            started_at: moment(if at_us == NO_TIME { 0 } else { began_us }),
            waiter: LockParty { pid: Some(pending.pid), ..LockParty::default() },
            blocker,
            blocker_pids: holders,
            queue_pids: Vec::new(),
            root_pid: None,
            mode: String::from_utf8_lossy(conflict.kind).into_owned(),
            target: REPLAY.to_owned(),
            relation: Raw::default(),
            waited_us: conflict.us,
            outcome: if conflict.finished { LockOutcome::Acquired } else { LockOutcome::Unknown },
            foreign: false,
            place: Place::line(&fold.label, pending.line),
        });
        if !conflict.finished {
            if let Some(session) = fold.sessions.get_mut(&pending.pid) {
                session.waits = Some(number);
            }
            if let Some(pid) = blocker_pid.filter(|_| !seen_running) {
                fold.locks.watched.entry(pid).or_default().push((number, at_us));
                fold.sessions.entry(pid).or_default().blocks = true;
            }
        }
        conflict.finished
    }
}
