//! State within its budgets.

use super::{Context, Fold, NO_CONTEXT, SESSIONS_MAX, keys_sorted};
use std::collections::BTreeSet;

impl Fold {
    /// Brings state within its budgets, between chunks.
    pub(super) fn settle(&mut self) {
        let sessions = &self.sessions;
        #[expect(clippy::iter_over_hash_type, reason = "into a set, whatever the order")]
        let held = || {
            let mut held = BTreeSet::new();
            for session in sessions.values() {
                held.extend(session.untimed.map(|(query, _, _, _)| query));
                held.extend(session.plans.held());
                held.extend(session.executing.map(|(_, _, _, query)| query));
            }
            held
        };
        if let Some(renumbered) = self.queries.settle(held) {
            for pid in keys_sorted(&self.sessions) {
                if let Some(session) = self.sessions.get_mut(&pid) {
                    session.renumber(&renumbered);
                }
            }
        }
        if self.sessions.len() > SESSIONS_MAX {
            let mut by_age: Vec<(u64, u32)> = keys_sorted(&self.sessions)
                .into_iter()
                .filter_map(|pid| self.sessions.get(&pid).map(|session| (session.seen, pid)))
                .collect();
            by_age.sort_unstable();
            by_age.truncate(by_age.len() - SESSIONS_MAX / 2);
            for (_, pid) in by_age {
                self.close(pid);
                let forgotten = self.sessions.remove(&pid);
                self.limits.sessions |=
                    forgotten.is_some_and(|session| session.waits.is_some() || session.blocks);
            }
        }
    }

    /// The number of a context.
    pub(super) fn context(&mut self, context: Context) -> u32 {
        if context == Context::default() {
            return NO_CONTEXT;
        }
        self.contexts.number(context, &mut self.queries)
    }
}
