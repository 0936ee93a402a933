//! Durations, plans and schema changes of sessions.

use super::super::scan::{NO_SHAPE, NO_TIME, Phase, Rec};
use super::plans::Planned;
use super::{DDL_MAX, Fold, Ran};
use crate::fingerprint::StatementKind;
use crate::queries::Execution;
use crate::records::{Ddl, Work};
use crate::spans::moment;
use model::Place;
use text::Raw;

impl Fold {
    /// Takes a duration.
    pub(super) fn timed(
        &mut self,
        rec: &Rec,
        phase: Phase,
        line: u64,
        ctx: u32,
        query: u32,
        name: &[u8],
    ) {
        let Some(session) = self.sessions.get_mut(&rec.pid) else { return };
        let sum = match phase {
            Phase::Statement => &mut self.phases.statement,
            Phase::Execute => &mut self.phases.execute,
            Phase::Parse => &mut self.phases.parse,
            Phase::Bind => &mut self.phases.bind,
            Phase::Fastpath => &mut self.phases.fastpath,
            Phase::Bare => match session.untimed.take() {
                Some((query, phase, started_line, _)) => {
                    self.untimed = self.untimed.saturating_sub(u64::from(session.ddl.is_none()));
                    if let Some(ddl) = session.ddl.take().and_then(|at| self.ddl.get_mut(at)) {
                        ddl.duration_us = Some(rec.us);
                        if rec.at_us != NO_TIME {
                            ddl.started_at =
                                Some(moment(rec.at_us.saturating_sub_unsigned(rec.us)));
                            ddl.ended_at = Some(moment(rec.at_us));
                        }
                    }
                    let sum = if phase == Phase::Execute {
                        &mut self.phases.execute
                    } else {
                        &mut self.phases.statement
                    };
                    sum.calls += 1;
                    sum.total_us += rec.us;
                    let planned = session.plans.settle(query, rec);
                    session.plans.executed(query, rec, planned);
                    self.count_plans(rec.pid);
                    self.execution(rec, started_line, ctx, query);
                    return;
                }
                None => &mut self.phases.unpaired,
            },
        };
        sum.calls += 1;
        sum.total_us += rec.us;
        if !matches!(phase, Phase::Statement | Phase::Execute) {
            if query != NO_SHAPE {
                self.queries.prepare(query, ctx, rec.us);
            }
            return;
        }
        session.untimed = None;
        let planned = session.plans.settle(query, rec);
        self.count_plans(rec.pid);
        if let Some(session) = self.sessions.get_mut(&rec.pid) {
            session.plans.executed(query, rec, planned);
        }
        let is_ddl = self.is_ddl(query);
        if is_ddl {
            self.ddl(rec, line, ctx, query, Some(rec.us));
        }
        if phase == Phase::Statement && !name.is_empty() {
            let query = self.prepared(rec.pid, name).unwrap_or(query);
            if let Some(session) = self.sessions.get_mut(&rec.pid) {
                session.executing = Some((*rec, line, ctx, query));
            }
            return;
        }
        self.execution(rec, line, ctx, query);
    }

    pub(super) fn is_ddl(&self, query: u32) -> bool {
        self.queries.shape(query).is_some_and(|shape| shape.kind == StatementKind::Ddl)
    }

    /// Counts an execution.
    pub(super) fn execution(&mut self, rec: &Rec, line: u64, ctx: u32, query: u32) {
        let at_us = (rec.at_us != NO_TIME).then_some(rec.at_us);
        let execution =
            Execution { at_us, us: rec.us, ctx, line, weight: 1, work: Work::default() };
        let id = self.queries.shape(query).map_or(0, |shape| shape.id.number());
        self.identity.add(rec.at_us, rec.pid, rec.us, id);
        let is_asked_for = self.queries.add(query, &execution);
        let Some(at_us) = at_us else { return };
        if is_asked_for {
            self.load.add(at_us, rec.us);
        }
        let shape = self.queries.shape(query);
        let ran = Ran {
            query,
            start_us: at_us.saturating_sub_unsigned(rec.us),
            end_us: at_us,
            writes: shape.is_some_and(|shape| shape.writes),
            brackets: shape.is_some_and(|shape| shape.kind == StatementKind::Transaction),
        };
        let Some(session) = self.sessions.get_mut(&rec.pid) else { return };
        if !ran.brackets {
            session.recent.rotate_right(1);
            if let Some(first) = session.recent.first_mut() {
                *first = Some(ran);
            }
        }
        session.waits = None;
        if session.blocks {
            let who = self.contexts.get(ctx);
            session.blocks = self.locks.ran(rec.pid, &ran, who, &self.queries);
        }
    }

    /// Takes a statement that was logged without its duration.
    pub(super) fn untimed(&mut self, rec: &Rec, phase: Phase, line: u64, ctx: u32, query: u32) {
        self.count_plans_all(rec.pid);
        let is_ddl = self.is_ddl(query);
        let entry = is_ddl.then(|| self.ddl(rec, line, ctx, query, None)).flatten();
        self.untimed += u64::from(!is_ddl);
        if let Some(session) = self.sessions.get_mut(&rec.pid) {
            session.untimed = Some((query, phase, line, rec.at_us));
            session.ddl = entry;
        }
    }

    /// Takes a plan of auto_explain: counted later, unless its statement is logged too.
    pub(super) fn plan(&mut self, rec: &Rec, line: u64, ctx: u32, query: u32) {
        self.phases.plan.calls += 1;
        self.phases.plan.total_us += rec.us;
        let Some(session) = self.sessions.get_mut(&rec.pid) else { return };
        session.plans.take(Planned { query, rec: *rec, line, ctx });
        self.count_plans(rec.pid);
    }

    /// Counts the plans of a session whose statements were not logged, as far as that is known.
    fn count_plans(&mut self, pid: u32) {
        while let Some(plan) =
            self.sessions.get_mut(&pid).and_then(|session| session.plans.next_alone())
        {
            self.execution(&plan.rec, plan.line, plan.ctx, plan.query);
        }
    }

    /// Counts the plans that wait too, since no duration of their statements will follow.
    pub(super) fn count_plans_all(&mut self, pid: u32) {
        if let Some(session) = self.sessions.get_mut(&pid) {
            session.plans.close();
        }
        self.count_plans(pid);
    }

    /// Lists a schema change; its place in the list.
    pub(super) fn ddl(
        &mut self,
        rec: &Rec,
        line: u64,
        ctx: u32,
        query: u32,
        duration_us: Option<u64>,
    ) -> Option<usize> {
        if self.ddl.len() >= DDL_MAX {
            self.limits.ddl = true;
            return None;
        }
        let shape = self.queries.shape(query)?;
        let who = self.contexts.get(ctx)?;
        let at_us = (rec.at_us != NO_TIME).then_some(rec.at_us);
        self.ddl.push(Ddl {
            at: moment(rec.at_us.max(0)),
            started_at: at_us
                .map(|at_us| moment(at_us.saturating_sub_unsigned(duration_us.unwrap_or(0)))),
            ended_at: at_us.filter(|_| duration_us.is_some()).map(moment),
            user: Raw::from_bytes(&who.user),
            database: Raw::from_bytes(&who.database),
            application: Raw::from_bytes(&who.application),
            client: Raw::from_bytes(&who.host),
            fingerprint_id: shape.id.to_string(),
            statement: shape.text.to_string(),
            action: action_of(&shape.text),
            object: Raw::new(shape.names().object.unwrap_or_default()),
            duration_us,
            failed: false,
            foreign: false,
            place: Place::line(&self.label, line),
        });
        Some(self.ddl.len() - 1)
    }
}

/// The verb of a schema change and the kind of its object.
fn action_of(text: &str) -> String {
    let mut words = text.split([' ', '(']).filter(|word| {
        !matches!(
            *word,
            "or" | "replace" | "unique" | "temporary" | "temp" | "unlogged" | "global" | "local"
        )
    });
    let verb = words.next().unwrap_or_default();
    let kind = words.next().unwrap_or_default();
    let mut action = if matches!(verb, "truncate") && kind != "table" {
        "truncate table".to_owned()
    } else {
        format!("{verb} {kind}")
    };
    if words.next() == Some("concurrently") {
        action.push_str(" concurrently");
    }
    action
}
