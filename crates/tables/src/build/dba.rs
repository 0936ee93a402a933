//! Tables and facts of what came back from the customer's DBA.

mod beside;
mod derived;
mod facts;
mod values;

use super::schema::IndexesThere;
use super::{TablesBuilder, table};
use crate::TableDoc;
use crate::cell::Cell;
use crate::clearing::Clearing;
use crate::coverage::SourceCoverage;
use crate::facts::find_fact;
use ::dba::{Answer, Answers};
use beside::{Beside, engine_of};
use derived::derived;
pub(crate) use facts::AnswerFacts;
use facts::facts_of;
use model::{Place, Window};
use slowlog::fingerprint::Fingerprinter;
use std::collections::BTreeMap;
use text::Redactor;
use values::write;

/// Answers that hold at the moment at which they were given, and say nothing about another.
const MOMENTARY: &[&str] = &[
    "dba_sessions",
    "dba_activity",
    "dba_locks",
    "dba_relation_locks",
    "dba_connections",
    "dba_clients",
    "dba_replication",
    "dba_vacuum",
    "dba_snapshots",
];

/// What became of a question that was answered.
fn outcome(answer: &Answer) -> &'static str {
    match (answer.whole, answer.rows.is_empty()) {
        (true, false) => "answered",
        (true, true) => "no rows",
        (false, false) => "answered in part",
        (false, true) => "not readable",
    }
}

impl TablesBuilder {
    /// Adds what a file of answers says.
    pub fn dba(&mut self, answers: &Answers, redactor: &Redactor) {
        let clearing = &Clearing::with(redactor);
        self.dba_outcomes(answers, clearing);
        let beside = Beside::of(answers);
        let mut statements = Fingerprinter::default();
        for answer in &answers.answers {
            let Some(doc) = TableDoc::find(&answer.question.table) else { continue };
            if answer.rows.is_empty() && !answer.whole {
                continue;
            }
            let momentary = MOMENTARY.contains(&doc.name);
            let window = answers.at.filter(|_| momentary).map(|at| Window { start: at, end: at });
            self.source(
                doc.name,
                SourceCoverage {
                    label: answers.source.clone(),
                    node: String::new(),
                    window,
                    limits: Vec::new(),
                    records: answer.rows.len() as u64,
                },
            );
            let engine = engine_of(answer);
            let data = self.data(doc);
            for row in &answer.rows {
                let place = Place::line(&answers.source, row.line);
                data.push(&place, |out| {
                    out.word("question", &answer.question.id);
                    for (column, cell) in &row.cells {
                        write(out, column, cell, engine, clearing, &mut statements);
                    }
                    derived(out, doc.name, answer, row, &beside, clearing);
                });
            }
        }
        self.answers.push(facts_of(answers, clearing));
    }

    fn dba_outcomes(&mut self, answers: &Answers, clearing: &Clearing<'_>) {
        let source = SourceCoverage { label: answers.source.clone(), ..SourceCoverage::default() };
        self.source("dba_answers", source);
        let data = self.data(table("dba_answers"));
        for answer in &answers.answers {
            data.push(&Place::line(&answers.source, answer.line), |row| {
                row.word("question", &answer.question.id);
                row.word("topic", &answer.question.topic);
                row.word("outcome", outcome(answer));
                row.int("rows", Some(answer.rows.len()));
                row.time("at", answers.at);
            });
        }
        for refused in &answers.refused {
            data.push(&Place::line(&answers.source, refused.line), |row| {
                row.word("question", refused.question.map_or("", |asked| asked.id.as_str()));
                row.word("topic", refused.question.map_or("", |asked| asked.topic.as_str()));
                row.word("outcome", "refused");
                row.value_or_gap("message", clearing.text(&refused.message));
                row.time("at", answers.at);
            });
        }
    }

    /// What the packet does not say, and the answers do.
    pub(super) fn settle_answers(&mut self) {
        for answers in std::mem::take(&mut self.answers) {
            for (path, stored, place) in answers.facts {
                let Some(doc) = find_fact(path) else { continue };
                if self.tables.facts.values(path).is_empty() {
                    self.tables.facts.add(doc, None, stored, place, false);
                }
            }
            let Some(indexes) = answers.indexes else { continue };
            if self.tables.sources.contains_key("expected_indexes") {
                continue;
            }
            let version = self.tables.facts.get("database.schema_version", None).cell();
            let version = if let Cell::Int(version) = version { Some(version) } else { None };
            let label = answers.whole.source.clone();
            self.source("expected_indexes", SourceCoverage { label, ..SourceCoverage::default() });
            self.compare_indexes(IndexesThere {
                version,
                tables: BTreeMap::new(),
                indexes: indexes
                    .iter()
                    .map(|(table, index, place)| ((table.clone(), index.clone()), place))
                    .collect(),
                whole: answers.whole,
                packet: "",
            });
        }
    }
}

#[cfg(test)]
mod tests;
