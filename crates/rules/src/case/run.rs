//! Running the cases of rules, and what every rule has to show in them.

use super::{Case, build};
use crate::evaluate::evaluate;
use crate::rule::Rule;
use model::OutcomeKind;
use rayon::prelude::*;
use std::fmt;

/// The result of one case, or of one demand on a rule's cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The rule's id.
    pub rule: String,
    /// The rule's file.
    pub file: String,
    /// The line of the case's name.
    pub line: usize,
    /// The case's name, or what is demanded.
    pub case: String,
    /// What is wrong; `None`: passed.
    pub failure: Option<String>,
}

/// The results of all cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseReport {
    /// Every case and every demand, by rule and place.
    pub results: Vec<CaseResult>,
}

impl CaseReport {
    /// How many failed.
    pub fn n_failed(&self) -> usize {
        self.failures().count()
    }

    /// Those that failed.
    pub fn failures(&self) -> impl Iterator<Item = &CaseResult> {
        self.results.iter().filter(|result| result.failure.is_some())
    }
}

impl fmt::Display for CaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for result in self.failures() {
            let why = result.failure.as_deref().unwrap_or_default();
            writeln!(f, "{}:{}: {}: {why}", result.file, result.line, result.case)?;
        }
        write!(f, "{} cases, {} failed", self.results.len(), self.n_failed())
    }
}

/// Runs every case of every rule, each alone, and checks that each rule shows in its cases what a
/// rule has to show.
pub fn test(rules: &[Rule]) -> CaseReport {
    let results: Vec<Vec<CaseResult>> = rules
        .par_iter()
        .map(|rule| {
            let mut out: Vec<CaseResult> = rule
                .cases
                .iter()
                .map(|case| CaseResult {
                    rule: rule.id.clone(),
                    file: rule.file.clone(),
                    line: case.line,
                    case: case.name.clone(),
                    failure: run(rule, case).err(),
                })
                .collect();
            out.extend(demands(rule));
            out
        })
        .collect();
    CaseReport { results: results.into_iter().flatten().collect() }
}

fn run(rule: &Rule, case: &Case) -> Result<(), String> {
    let (tables, options) = build::build(case)?;
    let outcomes = evaluate(std::slice::from_ref(rule), &tables, &options);
    let outcome = outcomes.first().ok_or("the rule gave no outcome")?;
    if let Some(why) = case.expect.differs(outcome) {
        return Err(why);
    }
    // A summary is read aloud in a call: what is not known is left out or said in words.
    for finding in &outcome.findings {
        let summary = finding.summary.plain();
        if summary.contains(crate::format::UNKNOWN) {
            return Err(format!(
                "the summary has a value that is not known; put that part into [[ ]], or COALESCE it: {summary}"
            ));
        }
    }
    Ok(())
}

/// What the cases of a rule have to show.
fn demands(rule: &Rule) -> Vec<CaseResult> {
    let shows = |kind: OutcomeKind| rule.cases.iter().any(|case| case.expect.outcome == kind);
    let mut lacking = Vec::new();
    if !shows(OutcomeKind::Fired) {
        lacking.push("a case that fires");
    }
    if !shows(OutcomeKind::Clear) {
        lacking.push("a case that is clear");
    }
    if !shows(OutcomeKind::Skipped) && (rule.n_condition_facts > 0 || !rule.tables().is_empty()) {
        lacking.push("a case that is skipped for want of a fact or a source");
    }
    if let Some(rows) = &rule.rows {
        let name = rows.table.name;
        let mine = |case: &Case| {
            case.spec
                .tables
                .iter()
                .find(|(table, _)| table.get_ref() == name)
                .map(|(_, rows)| rows.clone())
        };
        let used: Vec<&str> = condition_columns(rule);
        let with_null =
            rule.cases.iter().filter_map(mine).flatten().any(|row| {
                used.iter().any(|column| !row.keys().any(|key| key.get_ref() == column))
            });
        // `changes` comes from series, which leave no gap to be shown.
        let from_series = rule.cases.iter().any(|case| !case.spec.series.is_empty());
        if !used.is_empty() && !with_null && !from_series {
            lacking.push("a case with a row that lacks a column of the condition");
        }
        if !rule
            .cases
            .iter()
            .any(|case| mine(case).is_some_and(|rows| rows.len() > 1) || case.spec.series.len() > 1)
        {
            lacking.push("a case with two rows");
        }
        let without = rule
            .cases
            .iter()
            .any(|case| mine(case).is_none() && (case.spec.series.is_empty() || name != "changes"));
        if !without {
            lacking.push("a case without the table");
        }
    }
    lacking
        .into_iter()
        .map(|what| CaseResult {
            rule: rule.id.clone(),
            file: rule.file.clone(),
            line: 1,
            case: "cases".to_owned(),
            failure: Some(format!("the rule lacks {what}")),
        })
        .collect()
}

/// Columns in the rule's condition.
fn condition_columns(rule: &Rule) -> Vec<&'static str> {
    let mut out = Vec::new();
    rule.condition.walk(&mut |expr| {
        if let crate::expr::Node::Column(at) = expr.node
            && let Some(column) = rule.columns.get(at)
        {
            out.push(column.name);
        }
    });
    out
}
