//! Both sides of a deadlock.

use super::super::events::Waited;
use super::super::fold::{Fold, Pending};
use super::super::scan::NO_TIME;
use super::super::{message, prefix};
use super::{LOCKS_MAX, PIDS_MAX, Statement, kind_of, party};
use crate::fingerprint::{Engine, fingerprint};
use crate::records::{LockOutcome, LockParty, LockWait};
use crate::spans::moment;
use memchr::memmem;
use model::Place;
use std::collections::BTreeMap;
use text::Raw;

impl Fold {
    /// Lists both sides of a deadlock.
    pub(crate) fn deadlock(&mut self, pending: &Pending) {
        let mut statements: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
        let mut waits = Vec::new();
        let mut speaker = None;
        for line in pending.detail.split(|byte| *byte == b'\n') {
            let head = line.strip_prefix(b"Process ").and_then(|rest| {
                prefix::number(rest).map(|(pid, len)| (pid, rest.get(len..).unwrap_or_default()))
            });
            match head {
                Some((pid, rest)) if rest.starts_with(b" waits for ") => {
                    let rest = rest.get(11..).unwrap_or_default();
                    let on = memmem::find(rest, b" on ").unwrap_or(rest.len());
                    let by = memmem::find(rest, b"; blocked by process ");
                    let blocker =
                        by.and_then(|at| prefix::number(rest.get(at + 21..)?)).map(|(pid, _)| pid);
                    let mode =
                        String::from_utf8_lossy(rest.get(..on).unwrap_or_default()).into_owned();
                    let target = rest
                        .get(
                            (on + 4).min(rest.len())
                                ..by.unwrap_or(rest.len()).max((on + 4).min(rest.len())),
                        )
                        .unwrap_or_default();
                    waits.push((pid, mode, kind_of(target), blocker));
                }
                Some((pid, rest)) if rest.starts_with(b": ") => {
                    statements.insert(pid, rest.get(2..).unwrap_or_default().to_vec());
                    speaker = Some(pid);
                }
                _ => {
                    if let Some(text) = speaker.and_then(|pid| statements.get_mut(&pid)) {
                        text.push(b'\n');
                        text.extend_from_slice(line);
                    }
                }
            }
            if waits.len() > PIDS_MAX {
                break;
            }
        }
        let relation = Raw::from_bytes(message::quoted_behind(&pending.context, "relation \""));
        let side = |fold: &Self, pid: u32| {
            let who = if pid == pending.pid {
                fold.contexts.get(pending.ctx)
            } else {
                fold.sessions.get(&pid).and_then(|session| fold.contexts.get(session.ctx))
            };
            let ran = statements
                .get(&pid)
                .map(|text| fingerprint(text, Engine::PostgreSql))
                .map(|known| Statement { id: known.id.to_string(), text: known.text, since: None });
            party(pid, who, ran)
        };
        for (pid, mode, target, blocker) in waits {
            if self.locks.list.len() >= LOCKS_MAX {
                self.locks.overflowed = true;
                break;
            }
            let known = self.sessions.get_mut(&pid).and_then(|session| session.waits.take());
            if let Some(lock) = known.and_then(|at| self.locks.list.get_mut(at)) {
                lock.outcome = LockOutcome::Deadlock;
                continue;
            }
            let waited_us = self.locks.deadlocked.remove(&pid).unwrap_or(0);
            let began_us = pending.at_us.saturating_sub_unsigned(waited_us);
            let wait = LockWait {
                at: moment(if pending.at_us == NO_TIME { 0 } else { pending.at_us }),
                started_at: moment(if pending.at_us == NO_TIME { 0 } else { began_us }),
                waiter: side(self, pid),
                blocker: blocker.map_or_else(LockParty::default, |pid| side(self, pid)),
                blocker_pids: blocker.into_iter().collect(),
                queue_pids: Vec::new(),
                root_pid: None,
                mode,
                target,
                relation: relation.clone(),
                waited_us,
                outcome: LockOutcome::Deadlock,
                foreign: false,
                place: Place::line(&self.label, pending.line),
            };
            self.locks.began.push(began_us);
            self.locks.waited.push(Waited::default());
            self.locks.list.push(wait);
        }
    }
}
