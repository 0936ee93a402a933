//! State within its budgets.

use super::{CONTEXTS_MAX, Context, Fold, NO_CONTEXT, SESSIONS_MAX, keys_sorted};
use crate::queries::FURTHER_WANTED;
use std::collections::BTreeSet;
use std::sync::Arc;

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
        if let Some(number) = self.context_ids.get(&context) {
            return *number;
        }
        if self.contexts.len() >= CONTEXTS_MAX {
            self.limits.contexts = true;
            let kept = match self.queries.further_context(&context.names()) {
                Ok(kept) => kept,
                Err(number) => return number,
            };
            // What was asked for is told apart beyond the budget, up to as much again.
            let reduced = context.kept(kept);
            if let Some(number) = self.context_ids.get(&reduced) {
                return *number;
            }
            if self.contexts.len() >= 2 * CONTEXTS_MAX {
                return FURTHER_WANTED;
            }
            return self.new_context(reduced);
        }
        self.new_context(context)
    }

    fn new_context(&mut self, context: Context) -> u32 {
        self.queries.push_context(&context.names());
        let number = u32::try_from(self.contexts.len()).unwrap_or(NO_CONTEXT);
        let context = Arc::new(context);
        self.contexts.push(Arc::clone(&context));
        self.context_ids.insert(context, number);
        number
    }
}
