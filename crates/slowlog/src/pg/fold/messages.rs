//! Messages of the server: what they mean, with their DETAIL, CONTEXT and STATEMENT.

use super::super::locks::Locks;
use super::super::message;
use super::super::plans;
use super::super::scan::{NO_TIME, Rec};
use super::super::severity::Severity;
use super::{Fold, Pending};
use crate::records::EventClass;
use crate::spans::moment;
use xxhash_rust::xxh3::xxh3_64;

impl Fold {
    /// Takes any other record.
    pub(super) fn message(
        &mut self,
        rec: &Rec,
        severity: Severity,
        line: u64,
        ctx: u32,
        text: &[u8],
    ) {
        if severity == Severity::Log {
            if text.starts_with(b"checkpoint starting:")
                || text.starts_with(b"restartpoint starting:")
            {
                self.checkpoint = (rec.pid, message::checkpoint_cause(text));
                return;
            }
            if text.starts_with(b"starting PostgreSQL") {
                self.starting_us = Some(rec.at_us);
                self.started = true;
            } else if text.starts_with(b"database system is ready to accept")
                && let Some(started_us) = self.starting_us.take()
            {
                // The end of a start that was counted when it began.
                let us = u64::try_from(rec.at_us.saturating_sub(started_us)).unwrap_or(0);
                if rec.at_us != NO_TIME && started_us != NO_TIME {
                    self.events.took(EventClass::Restart, "start", us);
                }
                return;
            } else if text.starts_with(b"database system is ready to accept")
                && !std::mem::replace(&mut self.started, true)
                && rec.at_us != NO_TIME
            {
                self.ready_us = Some(rec.at_us);
            }
            if text.starts_with(b"parameter \"log_statement_sample_rate\" changed")
                || text.starts_with(b"parameter \"log_transaction_sample_rate\" changed")
                || text.starts_with(b"parameter \"log_min_duration_sample\" changed")
            {
                self.sampled = true;
            }
            if text.starts_with(b"parse ") || text.starts_with(b"bind ") {
                return;
            }
        } else if severity <= Severity::Error
            && let Some(session) = self.sessions.get_mut(&rec.pid)
        {
            // The statement that was logged before has failed: no duration is missing.
            if session.untimed.take().is_some() && session.ddl.is_none() {
                self.untimed = self.untimed.saturating_sub(1);
            }
            if let Some(ddl) = session.ddl.take().and_then(|at| self.ddl.get_mut(at)) {
                ddl.failed = true;
                ddl.ended_at = (rec.at_us != NO_TIME).then(|| moment(rec.at_us));
            }
        }
        self.messages.add(rec.at_us, rec.pid, 0, xxh3_64(text.trim_ascii_end()));
        let mut pending = Pending {
            severity,
            at_us: rec.at_us,
            line,
            pid: rec.pid,
            ctx,
            sqlstate: rec.sqlstate,
            message: text.to_vec(),
            detail: Vec::new(),
            context: Vec::new(),
            query: None,
            checkpoint: self.checkpoint.1,
        };
        // Another process, after a restart, says nothing of this one's.
        if self.checkpoint.0 != rec.pid {
            pending.checkpoint = "";
        }
        if let Some(session) = self.sessions.get_mut(&rec.pid) {
            session.pending = Some(Box::new(pending));
        }
    }

    /// Makes of a session's pending record what it means.
    pub(crate) fn flush(&mut self, pid: u32) {
        if let Some((rec, line, ctx, query)) =
            self.sessions.get_mut(&pid).and_then(|session| session.executing.take())
        {
            self.execution(&rec, line, ctx, query);
        }
        let Some(pending) = self.sessions.get_mut(&pid).and_then(|session| session.pending.take())
        else {
            return;
        };
        if Locks::take(self, &pending) {
            return;
        }
        let text = &pending.message;
        let complete = text.starts_with(b"checkpoint complete:")
            || text.starts_with(b"restartpoint complete:");
        let found = if complete {
            Some(message::Meaning {
                class: EventClass::Checkpoint,
                cause: pending.checkpoint.to_owned(),
                subject: &[],
                amount: message::micros(
                    message::decimal_behind(text, "total=").unwrap_or(0.0),
                    1e6,
                ),
                unit: "us",
                sqlstate: "",
                of_user: false,
            })
        } else {
            message::meaning(pending.severity, text, &pending.sqlstate)
        };
        let Some(mut found) = found else { return };
        let who = self.contexts.get(pending.ctx).cloned().unwrap_or_default();
        if found.of_user && found.subject.is_empty() {
            found.subject = &who.user;
        }
        if found.class == EventClass::Deadlock {
            self.deadlock(&pending);
            found.subject = message::quoted_behind(&pending.context, "relation \"");
        }
        if found.class == EventClass::Cancelled {
            Locks::cancelled(self, pending.pid, pending.at_us);
        }
        let shape = pending.query.and_then(|query| self.queries.shape(query)).cloned();
        if pending.severity == Severity::Panic && found.class != EventClass::Panic {
            let panic = message::Meaning {
                class: EventClass::Panic,
                cause: found.class.as_str().to_owned(),
                ..found.clone()
            };
            self.events.add(&panic, &pending, &who.database, shape.as_deref(), &self.label);
        }
        if let Some(held_back) = plans::held_back(text, &found) {
            self.events.add(&held_back, &pending, &who.database, shape.as_deref(), &self.label);
        }
        self.events.add(&found, &pending, &who.database, shape.as_deref(), &self.label);
    }

    /// Takes what a plan says about the planner's estimates.
    pub(super) fn misestimate(&mut self, rec: &Rec, line: u64, ctx: u32, query: u32, text: &[u8]) {
        let Some((found, message)) = plans::misestimate(text) else { return };
        let shape = self.queries.shape(query).cloned();
        let who = self.contexts.get(ctx).cloned().unwrap_or_default();
        let pending = Pending {
            severity: Severity::Log,
            at_us: rec.at_us,
            line,
            pid: rec.pid,
            ctx,
            sqlstate: rec.sqlstate,
            message,
            detail: Vec::new(),
            context: Vec::new(),
            query: None,
            checkpoint: "",
        };
        self.events.add(&found, &pending, &who.database, shape.as_deref(), &self.label);
    }
}
