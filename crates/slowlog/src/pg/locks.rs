//! Who waits for whom.

mod deadlock;
mod replay;

use super::events::Waited;
use super::fold::{Fold, Pending, Ran};
use super::message::{self, Meaning};
use super::scan::{Context, NO_TIME};
use super::severity::Severity;
use crate::queries::Queries;
use crate::records::{EventClass, LockOutcome, LockParty, LockWait};
use crate::spans::moment;
use chrono::{DateTime, Utc};
use memchr::memmem;
use model::Place;
use std::collections::BTreeMap;
use std::sync::Arc;
use text::Raw;

/// Waits that are listed; more are counted as events.
const LOCKS_MAX: usize = 4_000;
/// Holders of a lock, and waiters for it, that are listed.
const PIDS_MAX: usize = 64;
/// Longest chain of waits that is followed.
const CHAIN_MAX: usize = 32;
/// How long a wait is taken to last whose end the log does not show: ten minutes.
const UNKNOWN_US: u64 = 600_000_000;
/// Deadlocks whose two sides are not yet logged.
const DEADLOCKED_MAX: usize = 256;
/// Waits at the end of the list among which one with a known end is looked for.
const NEWEST: usize = 256;

/// Waits for locks as they were logged.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    list: Vec<LockWait>,
    /// When each wait in `list` began, in microseconds since the epoch.
    began: Vec<i64>,
    /// As which event each wait in `list` is counted.
    waited: Vec<Waited>,
    /// By holder: the waits in `list`, and when they were logged.
    watched: BTreeMap<u32, Vec<(usize, i64)>>,
    /// Waits that ended in a deadlock, by waiter: how long.
    deadlocked: BTreeMap<u32, u64>,
    /// Whether some were not listed.
    pub(crate) overflowed: bool,
}

/// `process 12581 still waiting for ShareLock on transaction 136751 after 101.071 ms`.
struct Wait<'a> {
    pid: u32,
    how: &'a [u8],
    mode: &'a [u8],
    target: &'a [u8],
    us: u64,
}

fn parse(text: &[u8]) -> Option<Wait<'_>> {
    let rest = text.strip_prefix(b"process ")?;
    let (pid, len) = super::prefix::number(rest)?;
    let rest = rest.get(len + 1..)?;
    let forms: [&[u8]; 5] = [
        b"still waiting for ",
        b"acquired ",
        b"detected deadlock while waiting for ",
        b"avoided deadlock for ",
        b"failed to acquire ",
    ];
    let how = forms.into_iter().find(|form| rest.starts_with(form))?;
    let rest = rest.get(how.len()..)?;
    let on = memmem::find(rest, b" on ")?;
    let behind = rest.get(on + 4..)?;
    let end = memmem::find(behind, b" after ")
        .or_else(|| memmem::find(behind, b" by rearranging"))
        .unwrap_or(behind.len());
    let us = message::decimal_behind(behind, " after ").map_or(0, |ms| message::micros(ms, 1e3));
    Some(Wait { pid, how, mode: rest.get(..on)?, target: behind.get(..end)?, us })
}

/// The kind of thing that is locked: the words before the first number.
fn kind_of(target: &[u8]) -> String {
    let end = target
        .iter()
        .position(|byte| byte.is_ascii_digit() || *byte == b'(')
        .unwrap_or(target.len());
    String::from_utf8_lossy(target.get(..end).unwrap_or_default()).trim().to_owned()
}

/// Process ids in a text, up to the end of a sentence.
fn pids(text: &[u8]) -> Vec<u32> {
    let end = memchr::memchr(b'.', text).unwrap_or(text.len());
    text.get(..end)
        .unwrap_or_default()
        .split(|byte| !byte.is_ascii_digit())
        .filter_map(|word| super::prefix::number(word).map(|(pid, _)| pid))
        .take(PIDS_MAX)
        .collect()
}

/// Who holds a lock and who waits for it, in the DETAIL of a wait.
fn holders_and_queue(detail: &[u8]) -> (Vec<u32>, Vec<u32>) {
    let behind = |key: &[u8]| {
        memmem::find(detail, key)
            .and_then(|at| detail.get(at + key.len()..))
            .map(pids)
            .unwrap_or_default()
    };
    (behind(b"holding the lock: "), behind(b"Wait queue: "))
}

/// One side of a lock: who, and what it ran.
fn party(pid: u32, who: Option<&Arc<Context>>, ran: Option<Statement>) -> LockParty {
    let name =
        |of: fn(&Context) -> &[u8]| who.map(|who| Raw::from_bytes(of(who))).unwrap_or_default();
    LockParty {
        pid: Some(pid),
        user: name(|who| &who.user),
        database: name(|who| &who.database),
        application: name(|who| &who.application),
        client: name(|who| &who.host),
        fingerprint_id: ran.as_ref().map(|ran| ran.id.clone()),
        since: ran.as_ref().and_then(|ran| ran.since),
        fingerprint: ran.map(|ran| ran.text).unwrap_or_default(),
        is_guess: false,
    }
}

/// A statement of one side of a lock.
pub(super) struct Statement {
    id: String,
    text: String,
    /// When it began.
    since: Option<DateTime<Utc>>,
}

/// What ran, and since when.
fn statement(queries: &Queries, ran: &Ran) -> Option<Statement> {
    let since = (ran.start_us != NO_TIME).then(|| moment(ran.start_us));
    named(queries, ran.query).map(|known| Statement { since, ..known })
}

/// Id and text of a query.
fn named(queries: &Queries, query: u32) -> Option<Statement> {
    queries.shape(query).map(|shape| Statement {
        id: shape.id.to_string(),
        text: shape.text.to_string(),
        since: None,
    })
}

impl Locks {
    /// Takes a record about a lock; whether it was one.
    pub(crate) fn take(fold: &mut Fold, pending: &Pending) -> bool {
        if pending.severity != Severity::Log {
            return false;
        }
        if let Some(conflict) = replay::parse(&pending.message) {
            return Self::replay(fold, pending, &conflict);
        }
        let Some(wait) = parse(&pending.message) else { return false };
        if wait.how.starts_with(b"detected") {
            fold.locks.deadlocked.insert(wait.pid, wait.us);
            if fold.locks.deadlocked.len() > DEADLOCKED_MAX {
                fold.locks.deadlocked.pop_first();
            }
            return true;
        }
        if wait.how.starts_with(b"acquired") {
            let known = fold.sessions.get_mut(&wait.pid).and_then(|session| session.waits.take());
            if let Some(at) = known {
                Self::lasted(fold, at, wait.us, LockOutcome::Acquired);
                return true;
            }
            Self::begin(fold, pending, &wait, LockOutcome::Acquired);
            return true;
        }
        if wait.how.starts_with(b"still") {
            if let Some(at) = fold.locks.same_wait(&wait, pending.at_us) {
                // The log has its newest first: the end of this wait is known already.
                Self::told(fold, at, pending);
                return true;
            }
            Self::begin(fold, pending, &wait, LockOutcome::Unknown);
        }
        true
    }

    /// Notes how a wait ended, and how long it took in all.
    fn lasted(fold: &mut Fold, at: usize, us: u64, outcome: LockOutcome) {
        let Some(lock) = fold.locks.list.get_mut(at) else { return };
        let more_us = us.saturating_sub(lock.waited_us);
        lock.waited_us = lock.waited_us.max(us);
        lock.outcome = outcome;
        if let Some(waited) = fold.locks.waited.get(at) {
            fold.events.lasted(waited, more_us, us);
        }
    }

    /// A wait in the list whose end was logged and that is the one of this record, by process, mode
    /// and time.
    fn same_wait(&self, wait: &Wait<'_>, at_us: i64) -> Option<usize> {
        let began_us = at_us.saturating_sub_unsigned(wait.us);
        let near_us = if at_us % 1_000_000 == 0 { 1_000_000 } else { 2_000 };
        self.list.iter().enumerate().rev().take(NEWEST).find_map(|(at, lock)| {
            let began = *self.began.get(at)?;
            let same = lock.waiter.pid == Some(wait.pid)
                && lock.outcome == LockOutcome::Acquired
                && lock.mode.as_bytes() == wait.mode
                && lock.waited_us >= wait.us
                && at_us != NO_TIME
                && (began - began_us).abs() <= near_us;
            same.then_some(at)
        })
    }

    /// Adds to a wait in the list what the record of its beginning tells.
    fn told(fold: &mut Fold, at: usize, pending: &Pending) {
        let (holders, queue) = holders_and_queue(&pending.detail);
        let who = holders.first().and_then(|pid| {
            let session = fold.sessions.get(pid)?;
            Some((*pid, fold.contexts.get(session.ctx).cloned()?))
        });
        let first = holders.first().copied();
        if let Some(lock) = fold.locks.list.get_mut(at) {
            lock.queue_pids = queue;
            lock.blocker_pids = holders;
            lock.at = moment(pending.at_us);
            lock.blocker = match who {
                Some((pid, who)) => party(pid, Some(&who), None),
                None => LockParty { pid: first, ..LockParty::default() },
            };
        }
    }

    /// Lists a wait.
    fn begin(fold: &mut Fold, pending: &Pending, wait: &Wait<'_>, outcome: LockOutcome) {
        let (holders, queue) = holders_and_queue(&pending.detail);
        let mut relation = message::quoted_behind(&pending.context, "relation \"");
        if relation.is_empty()
            && let Some(rest) =
                memmem::find(wait.target, b"relation ").and_then(|at| wait.target.get(at + 9..))
        {
            relation = rest
                .get(..rest.iter().take_while(|byte| byte.is_ascii_digit()).count())
                .unwrap_or_default();
        }
        let shape = pending.query.and_then(|query| fold.queries.shape(query)).cloned();
        // The number of a relation says nothing; a statement over one table waits for that one.
        let names = shape.as_ref().filter(|_| relation.iter().all(u8::is_ascii_digit));
        let names = names.map(|shape| shape.names()).filter(|names| names.tables.len() == 1);
        if let Some(table) = names.as_ref().and_then(|names| names.tables.first())
            && !relation.is_empty()
        {
            relation = table.as_bytes();
        }
        let mode = String::from_utf8_lossy(wait.mode).into_owned();
        let found = Meaning {
            class: EventClass::LockWait,
            cause: mode.clone(),
            subject: relation,
            amount: wait.us,
            unit: "us",
            sqlstate: "",
            of_user: false,
        };
        let who = fold.contexts.get(pending.ctx).cloned().unwrap_or_default();
        fold.events.add(&found, pending, &who.database, shape.as_deref(), &fold.label);
        if fold.locks.list.len() >= LOCKS_MAX {
            fold.locks.overflowed = true;
            return;
        }
        let blocker_pid = holders.first().copied();
        let at_us = pending.at_us;
        let (blocker, seen_running) =
            Self::holder(fold, blocker_pid, at_us.saturating_sub_unsigned(wait.us), at_us);
        let number = fold.locks.list.len();
        let waiter_ran = pending.query.and_then(|query| named(&fold.queries, query));
        let began_us = at_us.saturating_sub_unsigned(wait.us);
        fold.locks.began.push(began_us);
        fold.locks.waited.push(Waited {
            cause: mode.clone(),
            subject: relation.to_vec(),
            fingerprint_id: shape.as_ref().map_or_else(String::new, |shape| shape.id.to_string()),
            database: who.database.to_vec(),
        });
        fold.locks.list.push(LockWait {
            at: moment(if at_us == NO_TIME { 0 } else { at_us }),
            started_at: moment(if at_us == NO_TIME { 0 } else { began_us }),
            waiter: party(wait.pid, fold.contexts.get(pending.ctx), waiter_ran),
            blocker,
            blocker_pids: holders,
            queue_pids: queue,
            root_pid: None,
            mode,
            target: kind_of(wait.target),
            relation: Raw::from_bytes(relation),
            waited_us: wait.us,
            outcome,
            foreign: false,
            place: Place::line(&fold.label, pending.line),
        });
        if outcome == LockOutcome::Unknown {
            // Of a log whose lines have no process id, the message has it.
            fold.sessions.entry(wait.pid).or_default().waits = Some(number);
            if let Some(pid) = blocker_pid.filter(|_| !seen_running) {
                // As many as are listed at most.
                fold.locks.watched.entry(pid).or_default().push((number, at_us));
                fold.sessions.entry(pid).or_default().blocks = true;
            }
        }
    }

    /// Who held a lock at that moment, what it ran, and whether that was seen to run then.
    fn holder(fold: &mut Fold, pid: Option<u32>, began_us: i64, at_us: i64) -> (LockParty, bool) {
        let Some(pid) = pid else { return (LockParty::default(), false) };
        fold.flush(pid);
        let session = fold.sessions.get(&pid);
        let who = session.and_then(|session| fold.contexts.get(session.ctx));
        let recent = session.map(|session| session.recent).unwrap_or_default();
        let ran: Vec<Ran> = recent.into_iter().flatten().filter(|ran| !ran.brackets).collect();
        // What ran at that moment holds it up; else what was logged before it ran and whose end is
        // not logged; else what it wrote last holds locks; else what it ran last.
        // Times in whole seconds name several: the one that ran when the wait began, then.
        let runs = |ran: &&Ran, at_us: i64| ran.start_us <= at_us && at_us <= ran.end_us;
        let then = ran
            .iter()
            .find(|ran| runs(ran, began_us) && runs(ran, at_us))
            .or_else(|| ran.iter().find(|ran| runs(ran, at_us)));
        let open = session.and_then(|session| session.untimed).map(|(query, _, _, start_us)| Ran {
            query,
            start_us,
            end_us: at_us,
            writes: false,
            brackets: false,
        });
        let open = open.as_ref().filter(|open| open.start_us <= at_us);
        let before = || ran.iter().filter(|ran| ran.end_us <= at_us);
        let seen = then
            .or(open)
            .or_else(|| before().find(|ran| ran.writes))
            .or_else(|| before().next())
            .or_else(|| ran.first());
        let known = seen.and_then(|ran| statement(&fold.queries, ran));
        let is_guess = then.is_none() && open.is_none() && known.is_some();
        (LockParty { is_guess, ..party(pid, who, known) }, then.is_some())
    }

    /// Hears what a holder ran, and as whom: the statement that ran while others waited is what
    /// held them up. Whether it is to be watched further.
    pub(crate) fn ran(
        &mut self,
        pid: u32,
        ran: &Ran,
        who: Option<&Arc<Context>>,
        queries: &Queries,
    ) -> bool {
        let Some(watched) = self.watched.get_mut(&pid) else { return false };
        if ran.brackets {
            return true;
        }
        watched.retain(|(number, at_us)| {
            let overlaps = ran.start_us <= *at_us && *at_us <= ran.end_us;
            if let Some(lock) = self.list.get_mut(*number)
                && (overlaps || lock.blocker.fingerprint_id.is_none())
                && let Some(known) = statement(queries, ran)
            {
                if lock.blocker.is_nameless() {
                    lock.blocker = party(pid, who, None);
                }
                lock.blocker.fingerprint_id = Some(known.id);
                lock.blocker.fingerprint = known.text;
                lock.blocker.since = known.since;
                lock.blocker.is_guess = !overlaps;
            }
            false
        });
        self.watched.remove(&pid);
        false
    }

    /// Hears that a session's statement was cancelled.
    pub(crate) fn cancelled(fold: &mut Fold, pid: u32, at_us: i64) {
        let waits = fold.sessions.get_mut(&pid).and_then(|session| session.waits.take());
        let Some(at) = waits else { return };
        if let Some(lock) = fold.locks.list.get(at) {
            let logged = lock.at.timestamp_micros();
            let more = u64::try_from(at_us.saturating_sub(logged)).unwrap_or(0);
            let more = if at_us == NO_TIME { 0 } else { more };
            let us = lock.waited_us.saturating_add(more);
            Self::lasted(fold, at, us, LockOutcome::Cancelled);
        }
    }

    /// All waits, by time and place, each with the root of its chain.
    pub(crate) fn finish(mut self) -> Vec<LockWait> {
        let mut by_waiter: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (number, lock) in self.list.iter().enumerate() {
            by_waiter.entry(lock.waiter.pid.unwrap_or(0)).or_default().push(number);
        }
        // Who held up this process at that moment, if it waited itself.
        let holder_of = |pid: u32, at_us: i64| -> Option<u32> {
            let waits = by_waiter.get(&pid)?;
            waits.iter().find_map(|number| {
                let (lock, began) = (self.list.get(*number)?, *self.began.get(*number)?);
                let open = lock.outcome == LockOutcome::Unknown;
                let ended =
                    began.saturating_add_unsigned(if open { UNKNOWN_US } else { lock.waited_us });
                (began <= at_us && at_us <= ended).then(|| lock.blocker_pids.first().copied())?
            })
        };
        let roots: Vec<Option<u32>> = self
            .list
            .iter()
            .map(|lock| {
                let mut pid = lock.blocker_pids.first().copied()?;
                for _ in 0..CHAIN_MAX {
                    match holder_of(pid, lock.at.timestamp_micros()) {
                        Some(next) if next != pid && lock.outcome != LockOutcome::Deadlock => {
                            pid = next
                        }
                        _ => break,
                    }
                }
                Some(pid)
            })
            .collect();
        for (lock, root) in self.list.iter_mut().zip(roots) {
            lock.root_pid = root;
        }
        let mut list = self.list;
        list.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.waiter.pid.cmp(&b.waiter.pid)));
        list
    }
}
