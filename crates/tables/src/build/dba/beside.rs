//! What is known beside a row of an answer: who waits for whom, who runs the same.

use super::values::statement;
use ::dba::{Answer, AnswerCell, AnswerRow, Answers};
use slowlog::fingerprint::{Engine, Fingerprinter};
use std::collections::{BTreeMap, BTreeSet};

/// What is known beside a row of an answer.
pub(super) struct Beside<'a> {
    /// Sessions that wait, by pid: whom each waits for.
    blocked_by: BTreeMap<i64, Vec<i64>>,
    /// The other way round: who waits, by the pid that is waited for.
    waiting: BTreeMap<i64, Vec<i64>>,
    /// What is said about sessions, by pid.
    pub(super) sessions: BTreeMap<i64, Vec<&'a AnswerRow>>,
    /// How many active sessions run a statement, by its text without literals.
    pub(super) running: BTreeMap<String, usize>,
    /// The rows of `dba_statistics` in their order.
    pub(super) statistics: Vec<&'a AnswerRow>,
}

impl<'a> Beside<'a> {
    pub(super) fn of(answers: &'a Answers) -> Self {
        let rows = |table: &'static str| {
            answers
                .answers
                .iter()
                .filter(move |answer| answer.question.table == table)
                .flat_map(|answer| &answer.rows)
        };
        let pid = |row: &'a AnswerRow| row.int("pid");
        let mut blocked_by: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for row in rows("dba_locks") {
            let Some(pid) = pid(row) else { continue };
            let holders = pids(row.text("blocked_by").unwrap_or_default());
            blocked_by.entry(pid).or_default().extend(holders);
        }
        let mut waiting: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (waiter, holders) in &blocked_by {
            for holder in holders {
                waiting.entry(*holder).or_default().push(*waiter);
            }
        }
        let mut sessions: BTreeMap<i64, Vec<&'a AnswerRow>> = BTreeMap::new();
        for row in rows("dba_activity") {
            if let Some(pid) = pid(row) {
                sessions.entry(pid).or_default().push(row);
            }
        }
        let mut running: BTreeMap<String, usize> = BTreeMap::new();
        let mut statements = Fingerprinter::default();
        for answer in answers.answers.iter().filter(|answer| runs_statements(answer)) {
            for row in &answer.rows {
                if let Some(text) = running_statement(row, answer, &mut statements) {
                    *running.entry(text).or_default() += 1;
                }
            }
        }
        let statistics = rows("dba_statistics").collect();
        Self { blocked_by, waiting, sessions, running, statistics }
    }

    /// Who waits for nobody at the end of the chain from `pid`; `None` when it has no end.
    pub(super) fn root(&self, pid: i64) -> Option<i64> {
        let mut seen = BTreeSet::from([pid]);
        let mut at = *self.blocked_by.get(&pid)?.first()?;
        while let Some(next) = self.blocked_by.get(&at).and_then(|holders| holders.first()) {
            // Who waits for each other is a deadlock, which the database ends by itself.
            if !seen.insert(at) {
                return None;
            }
            at = *next;
        }
        Some(at)
    }

    /// How many sessions wait for `pid`, themselves or through others.
    pub(super) fn waiters(&self, pid: i64) -> usize {
        let mut found = BTreeSet::new();
        let mut next = vec![pid];
        while let Some(holder) = next.pop() {
            for waiter in self.waiting.get(&holder).into_iter().flatten() {
                if *waiter != pid && found.insert(*waiter) {
                    next.push(*waiter);
                }
            }
        }
        found.len()
    }
}

/// Answers that list each session once, with what it runs.
pub(super) fn runs_statements(answer: &Answer) -> bool {
    matches!(answer.question.id.as_str(), "pg-longest" | "mysql-processes")
}

/// What an active session runs, without literals.
pub(super) fn running_statement(
    row: &AnswerRow,
    answer: &Answer,
    statements: &mut Fingerprinter,
) -> Option<String> {
    if row.text("state").is_none_or(|state| state.starts_with("idle")) {
        return None;
    }
    let AnswerCell::Statement(text) = row.cell("query")? else { return None };
    Some(statement(text, engine_of(answer), statements)?.0)
}

pub(super) fn engine_of(answer: &Answer) -> Engine {
    if answer.question.is_postgres() { Engine::PostgreSql } else { Engine::MySql }
}

/// `{100,200}` or `100`: process ids.
pub(super) fn pids(text: &str) -> Vec<i64> {
    /// Holders of one lock that are kept.
    const HOLDERS_MAX: usize = 64;
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .take(HOLDERS_MAX)
        .collect()
}
