//! What else happened, on the screen: events by class, who held the locks, changes of the schema,
//! and what the log lacks.

use super::super::{Answer, phrase};
use super::{Line, NAMED, line};
use chrono::TimeDelta;
use model::Window;
use slowlog::summary::Occurrence;
use slowlog::{Ddl, Engine, EventClass, LockParty, LockWait, PoolerMinute};
use std::collections::BTreeMap;
use text::Text;

/// Events by the line in which they stand; worst first. The classes are in the order of a line.
static EVENTS: &[(&str, &[EventClass])] = &[
    (
        "SERVER",
        &[
            EventClass::Panic,
            EventClass::Crash,
            EventClass::DiskFull,
            EventClass::OutOfMemory,
            EventClass::Corruption,
            EventClass::Wraparound,
            EventClass::ForkFailure,
            EventClass::Io,
            EventClass::Restart,
            EventClass::Configuration,
        ],
    ),
    ("LOCKS", &[EventClass::Deadlock, EventClass::LockWait]),
    ("CANCELLED", &[EventClass::Cancelled, EventClass::Terminated]),
    ("REFUSED", &[EventClass::Refused, EventClass::Authentication]),
    (
        "REPLICAS",
        &[EventClass::ReplicationConflict, EventClass::Replication, EventClass::ArchiveFailure],
    ),
    ("CHECKPOINTS", &[EventClass::Checkpoint]),
    ("TEMP FILES", &[EventClass::TemporaryFile]),
    ("AUTOVACUUM", &[EventClass::Autovacuum, EventClass::Autoanalyze]),
    ("ERRORS", &[EventClass::Error, EventClass::Warning]),
];

/// Classes whose absence is worth a word, and how they are called.
static MISSED: &[(EventClass, &str)] = &[
    (EventClass::LockWait, "lock waits (log_lock_waits)"),
    (EventClass::Deadlock, "deadlocks"),
    (EventClass::Cancelled, "cancelled statements"),
    (EventClass::Refused, "refused connections"),
    (EventClass::TemporaryFile, "temporary files (log_temp_files)"),
    (EventClass::Checkpoint, "checkpoints (log_checkpoints)"),
    (EventClass::Autovacuum, "autovacuum (log_autovacuum_min_duration)"),
];

/// How one and how several of a class are called, where the class's word with an `s` is not it.
static NAMES: &[(EventClass, &str, &str)] = &[
    (EventClass::Crash, "crash", "crashes"),
    (EventClass::DiskFull, "write without space", "writes without space"),
    (EventClass::OutOfMemory, "out of memory", "times out of memory"),
    (EventClass::Corruption, "sign of damaged data", "signs of damaged data"),
    (EventClass::Wraparound, "warning of wraparound", "warnings of wraparound"),
    (EventClass::Io, "failed read or write", "failed reads or writes"),
    (EventClass::Restart, "start or stop", "starts and stops"),
    (EventClass::Configuration, "setting", "settings"),
    (EventClass::Cancelled, "statement", "statements"),
    (EventClass::Terminated, "ended session", "ended sessions"),
    (EventClass::Refused, "connection", "connections"),
    (EventClass::Authentication, "failed login", "failed logins"),
    (EventClass::ReplicationConflict, "conflict of replay", "conflicts of replay"),
    (EventClass::Replication, "replication fault", "replication faults"),
    (EventClass::Autovacuum, "vacuum", "vacuums"),
    (EventClass::Autoanalyze, "analyze", "analyzes"),
];

/// How long before the window schema changes are named: what breaks an incident often comes
/// right before it.
const DDL_BEFORE_MIN: i64 = 60;

impl Answer<'_> {
    pub(super) fn events(&self, happened: &[Occurrence], window: Option<Window>) -> Vec<Line> {
        let mut out = Vec::new();
        for (label, classes) in EVENTS {
            let parts: Vec<String> = classes
                .iter()
                .filter_map(|class| happened.iter().find(|one| one.class == *class))
                .map(occurrence)
                .collect();
            if !parts.is_empty() {
                out.push(line(label, Text::ours(parts.join("; "))));
            }
            if *label == "LOCKS" {
                out.extend(self.blockers(window, parts.is_empty()));
            }
        }
        out.extend(self.pooler(window));
        out
    }

    /// How long clients waited in a pooler, and how busy it was.
    fn pooler(&self, window: Option<Window>) -> Option<Line> {
        let minutes = self.read.log.pooler.iter();
        let minutes: Vec<&PoolerMinute> = minutes
            .filter(|it| it.reports > 0 && window.is_none_or(|window| window.contains(it.minute)))
            .collect();
        let busiest = minutes.iter().map(|it| it.queries_per_s / it.reports).max()?;
        let mut text = format!("at most {} statements a second", phrase::count(busiest));
        if let Some(worst) = minutes
            .iter()
            .filter(|it| it.wait_reports > 0)
            .max_by_key(|it| (it.wait_max_us, std::cmp::Reverse(it.minute)))
        {
            text.push_str(&format!(
                "; clients waited {} for a connection at the worst ({}, {} statements a second then)",
                phrase::duration(worst.wait_max_us as f64),
                phrase::moment(worst.minute, self.asked.zone),
                phrase::count(worst.queries_per_s / worst.reports)
            ));
        }
        Some(line("POOLER", Text::ours(text)))
    }

    /// Who stood in the way: the roots of the chains of waits, most waits first.
    fn blockers(&self, window: Option<Window>, first: bool) -> Vec<Line> {
        let locks: Vec<&LockWait> = self
            .read
            .log
            .locks
            .iter()
            .filter(|lock| window.is_none_or(|window| window.contains(lock.at)))
            .collect();
        let mut roots: BTreeMap<u32, (u64, u64, Option<&LockParty>)> = BTreeMap::new();
        for lock in &locks {
            let Some(pid) = lock.root_pid.or(lock.blocker.pid) else { continue };
            let root = roots.entry(pid).or_default();
            root.0 += 1;
            root.1 = root.1.max(lock.waited_us);
            if lock.blocker.pid == Some(pid)
                && root.2.is_none_or(|party| party.fingerprint.is_empty())
            {
                root.2 = Some(&lock.blocker);
            }
        }
        let mut roots: Vec<_> = roots.into_iter().collect();
        roots.sort_by_key(|(pid, (waits, longest, _))| {
            (std::cmp::Reverse((*waits, *longest)), *pid)
        });
        let n = roots.len();
        let mut out = Vec::new();
        for (pid, (waits, longest, party)) in roots.into_iter().take(NAMED) {
            let mut text =
                Text::ours(format!("pid {pid} held up {}", phrase::plural(waits, "wait")));
            if longest > 0 {
                text.push_ours(format!(", the longest {}", phrase::duration(longest as f64)));
            }
            if let Some(party) = party {
                for (words, raw) in [
                    (" (user ", &party.user),
                    (", application ", &party.application),
                    (", client ", &party.client),
                ] {
                    if !raw.is_empty() {
                        text.push_ours(words);
                        text.push_value(self.redactor.clear(raw));
                    }
                }
                if !party.user.is_empty() {
                    text.push_ours(")");
                }
                if party.fingerprint.is_empty() {
                    text.push_ours("; what it ran is not in the log");
                } else {
                    text.push_ours(if party.is_guess { "; before, it ran: " } else { ": " });
                    text.push_value(self.statement(&party.fingerprint));
                }
            }
            out.push(line(if first && out.is_empty() { "LOCKS" } else { "" }, text));
        }
        if n > NAMED {
            out.push(line("", Text::ours(format!("and {} more holders", n - NAMED))));
        }
        out
    }

    pub(super) fn ddl(&self, window: Option<Window>) -> Vec<Line> {
        let all: Vec<&Ddl> = self
            .read
            .log
            .ddl
            .iter()
            .filter(|ddl| {
                window.is_none_or(|window| {
                    let start = window.start - TimeDelta::minutes(DDL_BEFORE_MIN);
                    ddl.ran_in(Window { start, ..window })
                })
            })
            .collect();
        let mut out = Vec::new();
        for ddl in all.iter().take(NAMED) {
            let mut text = Text::ours(format!(
                "{}  {} ",
                phrase::moment(ddl.began(), self.asked.zone),
                ddl.action
            ));
            text.push_value(self.redactor.clear(&ddl.object));
            if !ddl.user.is_empty() {
                text.push_ours(" by user ");
                text.push_value(self.redactor.clear(&ddl.user));
            }
            if let Some(us) = ddl.duration_us {
                text.push_ours(format!(", took {}", phrase::duration(us as f64)));
            }
            if ddl.failed {
                text.push_ours(", failed");
            }
            if let Some(window) = window.filter(|window| ddl.began() < window.start) {
                let ahead = phrase::minutes((window.start - ddl.began()).as_seconds_f64() / 60.0);
                text.push_ours(format!(", began {ahead} before the window"));
            }
            out.push(line(if out.is_empty() { "DDL" } else { "" }, text));
        }
        if all.len() > NAMED {
            out.push(line("", Text::ours(format!("and {} more", all.len() - NAMED))));
        }
        out
    }

    /// What a log of PostgreSQL could show and this one does not.
    pub(super) fn missed(&self, happened: &[Occurrence]) -> Option<Line> {
        if self.difference || self.read.is_statistics() {
            return None;
        }
        if self.read.log.sources.iter().all(|source| source.format == "pgbouncer") {
            return None;
        }
        if self.read.log.sources.iter().all(|source| source.engine == Engine::MySql) {
            return Some(line(
                "NOT IN IT",
                Text::ours(
                    "locks by holder, errors, refused connections, checkpoints: a slow query log has statements only",
                ),
            ));
        }
        let names: Vec<&str> = MISSED
            .iter()
            .filter(|(class, _)| happened.iter().all(|one| one.class != *class))
            .map(|(_, name)| *name)
            .collect();
        let mut text =
            "rows and time in locks of statements: PostgreSQL does not log them".to_owned();
        let limit = |word: &str| self.read.limits.iter().any(|limit| limit == word);
        let not_understood: u64 =
            self.read.log.sources.iter().map(|source| source.unknown_lines).sum();
        if !names.is_empty() && limit("messages in another language") {
            text.push_str(&format!("; {}: cannot be told in that language", names.join(", ")));
        } else if !names.is_empty() && not_understood > 0 {
            text.push_str(&format!(
                "; {}: none was found, but {} not understood",
                names.join(", "),
                match not_understood {
                    1 => "1 line was".to_owned(),
                    n => format!("{} lines were", phrase::count(n)),
                }
            ));
        } else if !names.is_empty() {
            text.push_str(&format!(
                "; {}: none happened, or they are not logged",
                names.join(", ")
            ));
        }
        Some(line("NOT IN IT", Text::ours(text)))
    }
}

/// `12 lock waits (ShareLock 10, ExclusiveLock 2)`.
fn occurrence(one: &Occurrence) -> String {
    let mut text = match NAMES.iter().find(|(class, _, _)| *class == one.class) {
        Some((_, one_name, _)) if one.calls == 1 => format!("1 {one_name}"),
        Some((_, _, names)) => format!("{} {names}", phrase::count(one.calls)),
        None => phrase::plural(one.calls, &one.class.as_str().replace('-', " ")),
    };
    let causes: Vec<String> = one
        .causes
        .iter()
        .filter(|(cause, _)| !cause.is_empty())
        .take(NAMED)
        .map(|(cause, calls)| format!("{cause} {}", phrase::count(*calls)))
        .collect();
    if !causes.is_empty() {
        text.push_str(&format!(" ({})", causes.join(", ")));
    }
    let amount = |n: u64| match one.unit {
        "bytes" => phrase::bytes(n),
        _ => phrase::duration(n as f64),
    };
    if let (Some(all), Some(max)) = (one.amount, one.amount_max)
        && max > 0
    {
        if one.class != EventClass::Checkpoint {
            text.push_str(&format!(", {} together", amount(all)));
        }
        text.push_str(&format!(
            ", {} {}",
            if one.unit == "bytes" { "largest" } else { "longest" },
            amount(max)
        ));
    }
    text
}
