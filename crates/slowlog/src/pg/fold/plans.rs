//! Plans of auto_explain: each is of an execution that may be logged by itself, before it or after
//! it, or of a statement inside a function. None is counted twice.
//!
//! With the simple protocol a plan comes right before the duration of its statement. With the
//! extended protocol it comes when the portal is closed: after the duration of `execute`, and in a
//! transaction as late as the next `bind`. Statements inside functions end before the statement
//! that called the function.

use super::super::scan::{NO_SHAPE, NO_TIME, Rec};
use crate::queries::Renumbered;
use std::collections::VecDeque;

/// Plans of a session that wait for what they are of: statements of a function, mostly.
const WAITING_MAX: usize = 64;
/// How much a plan may take longer than its statement: a rounding.
const ROUNDING_US: u64 = 1_000;
/// How far the times of two records of one moment may lie apart: a rounding.
const MOMENT_US: i64 = 1_500;

/// A plan as it was logged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub(super) query: u32,
    pub(super) rec: Rec,
    pub(super) line: u64,
    pub(super) ctx: u32,
}

/// The last execution of a session.
#[derive(Clone, Copy, Debug)]
struct Executed {
    query: u32,
    at_us: i64,
    us: u64,
    /// Whether its plan came before it.
    planned: bool,
}

/// The plans of a session.
#[derive(Debug, Default)]
pub(super) struct Plans {
    /// Those whose statement may still come.
    waiting: VecDeque<Planned>,
    /// Those whose statement was not logged.
    alone: VecDeque<Planned>,
    last: Option<Executed>,
    /// Whether the session's last record is the last plan in `waiting`.
    is_open: bool,
}

/// Whether a record of a time and a duration lies within another: if `surely`, whatever the
/// roundings of their times hide, else if they allow it.
fn within(inner: (i64, u64), outer: (i64, u64), surely: bool) -> bool {
    if inner.0 == NO_TIME || outer.0 == NO_TIME {
        return inner.1 <= outer.1 + ROUNDING_US;
    }
    let whole = inner.0 % 1_000_000 == 0 && outer.0 % 1_000_000 == 0;
    let slack = match (whole, surely) {
        (true, true) => -1_000_000,
        (true, false) => 1_000_000,
        (false, true) => -MOMENT_US,
        (false, false) => MOMENT_US,
    };
    let start = |(at_us, us): (i64, u64)| at_us.saturating_sub_unsigned(us);
    inner.1 <= outer.1 + ROUNDING_US
        && inner.0 <= outer.0.saturating_add(slack.abs())
        && start(inner).saturating_add(slack) >= start(outer)
}

impl Plans {
    /// Takes a plan.
    pub(super) fn take(&mut self, plan: Planned) {
        self.is_open = false;
        if let Some(last) = &mut self.last
            && last.query == plan.query
            && plan.rec.us <= last.us + ROUNDING_US
            && (!last.planned || within((plan.rec.at_us, plan.rec.us), (last.at_us, last.us), true))
        {
            // The portal of the last execution was closed; or the log has its newest first.
            last.planned = true;
            return;
        }
        let outer = (plan.rec.at_us, plan.rec.us);
        self.waiting.retain(|before| !within((before.rec.at_us, before.rec.us), outer, true));
        // What did not end within this one's time ran before it began.
        self.alone.extend(self.waiting.drain(..));
        if plan.query != NO_SHAPE {
            self.waiting.push_back(plan);
            self.is_open = true;
        }
    }

    /// Hears of the CONTEXT of the session's last record: a plan that has one is of a statement
    /// inside a function.
    pub(super) fn in_context(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.waiting.pop_back();
        }
    }

    /// Hears of any other record.
    pub(super) fn other(&mut self) {
        self.is_open = false;
    }

    /// Hears of an execution: plans within its time are of it, or of statements inside it. Whether
    /// there was one; the others are of statements that were not logged.
    pub(super) fn settle(&mut self, query: u32, rec: &Rec) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|plan| {
            // Of another text it is a part only where that is sure.
            let surely = plan.query != query;
            !within((plan.rec.at_us, plan.rec.us), (rec.at_us, rec.us), surely)
        });
        let planned = self.waiting.len() < before;
        self.alone.extend(self.waiting.drain(..));
        planned
    }

    /// Notes an execution.
    pub(super) fn executed(&mut self, query: u32, rec: &Rec, planned: bool) {
        self.last = Some(Executed { query, at_us: rec.at_us, us: rec.us, planned });
    }

    /// Ends the wait of all.
    pub(super) fn close(&mut self) {
        self.alone.extend(self.waiting.drain(..));
    }

    /// The next plan that counts as an execution.
    pub(super) fn next_alone(&mut self) -> Option<Planned> {
        if self.waiting.len() > WAITING_MAX {
            self.alone.extend(self.waiting.pop_front());
        }
        self.alone.pop_front()
    }

    /// Numbers of queries that must not be moved while it is open which execution they are of.
    pub(super) fn held(&self) -> impl Iterator<Item = u32> {
        self.waiting.iter().chain(&self.alone).map(|plan| plan.query)
    }

    /// Follows numbers of queries, which have changed.
    pub(super) fn renumber(&mut self, renumbered: &Renumbered) {
        let plans = self.waiting.iter_mut().chain(&mut self.alone).map(|plan| &mut plan.query);
        for number in plans.chain(self.last.iter_mut().map(|last| &mut last.query)) {
            *number = renumbered.of(*number);
        }
    }
}
