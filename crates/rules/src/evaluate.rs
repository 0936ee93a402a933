//! Running rules: in parallel, with the same result for any number of threads.

mod evidence;
mod facts;
mod finding;
mod lets;
mod rows;

pub(crate) use evidence::{fact_text, row_place, row_text};
pub(crate) use facts::{Group, Run, groups};
pub(crate) use lets::{LetState, lets, lets_of_row};

use crate::expr::{Env, Leaf, Unknown};
use crate::rule::Rule;
use crate::schema;
use finding::Draft;
use model::{Finding, OutcomeKind, OutcomeLine, Severity, Traffic, Window};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tables::{Covers, Tables};
use text::Text;

/// What a run of the rules is about.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// The window of the incident: what has to be covered before a rule is clear.
    pub incident: Option<Window>,
    /// How much there was to do in it: the figures that the report's impact has.
    pub traffic: Traffic,
}

/// What became of a rule.
#[derive(Clone, Debug)]
pub struct RuleOutcome {
    /// The rule's id.
    pub rule: String,
    /// The rule's title, placeholders as names.
    pub title: String,
    /// The step of the playbook.
    pub step: String,
    /// The rule's severity, before escalation.
    pub severity: Severity,
    /// What became of it.
    pub outcome: OutcomeKind,
    /// Its findings, in order.
    pub findings: Vec<Finding>,
    /// For skipped: what was missing.
    pub missing: Vec<String>,
    /// What it rests on, or why.
    pub basis: Text,
    /// Further findings beyond the rule's limit, as one line.
    pub more: Option<Text>,
}

impl RuleOutcome {
    /// The outcome as the report lists it.
    pub fn line(&self) -> OutcomeLine {
        OutcomeLine {
            rule: self.rule.clone(),
            title: self.title.clone(),
            step: self.step.clone(),
            severity: self.severity,
            outcome: self.outcome,
            missing: self.missing.clone(),
            basis: self.basis.clone(),
        }
    }
}

/// What a rule gives on one group of nodes.
#[derive(Debug)]
pub(crate) enum Verdict {
    Fired { drafts: Vec<Draft>, more: usize, more_impact: f64, note: String },
    Clear { note: String },
    Skipped { missing: Vec<String> },
    NotApplicable { why: String },
}

/// Runs every rule. Outcomes come by rule id; findings are sorted by whoever joins them, with
/// [`Finding::order`].
pub fn evaluate(rules: &[Rule], tables: &Tables, options: &Options) -> Vec<RuleOutcome> {
    let run = Run::new(tables, options);
    let mut outcomes: Vec<RuleOutcome> = rules.par_iter().map(|rule| guarded(rule, &run)).collect();
    outcomes.sort_by(|a, b| a.rule.cmp(&b.rule));
    supersede(rules, &mut outcomes);
    outcomes
}

/// A rule that panics is at fault and stops no other.
/// Which rows of a table are of another system's database on the same server. None, where what asks
/// names the column that says so.
fn of_others<'t>(
    table: &tables::Table<'t>,
    asked: &[crate::expr::ColumnUse],
) -> impl Fn(usize) -> bool + use<'t> {
    const COLUMN: &str = "foreign";
    let names_it = asked.iter().any(|column| column.name == COLUMN);
    let column = table.column(COLUMN).filter(|_| !names_it);
    move |row| column.as_ref().is_some_and(|column| column.get(row) == tables::Cell::Bool(true))
}

fn guarded(rule: &Rule, run: &Run<'_>) -> RuleOutcome {
    catch_unwind(AssertUnwindSafe(|| one(rule, run))).unwrap_or_else(|panic| {
        let why = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it stopped");
        outcome(rule, OutcomeKind::Error, Vec::new(), Text::ours(format!("the rule failed: {why}")))
    })
}

fn outcome(rule: &Rule, kind: OutcomeKind, missing: Vec<String>, basis: Text) -> RuleOutcome {
    RuleOutcome {
        rule: rule.id.clone(),
        title: rule.title(),
        step: rule.step.clone(),
        severity: rule.severity(),
        outcome: kind,
        findings: Vec::new(),
        missing,
        basis,
        more: None,
    }
}

fn one(rule: &Rule, run: &Run<'_>) -> RuleOutcome {
    if let Some(reason) = &rule.disabled {
        return outcome(
            rule,
            OutcomeKind::Disabled,
            Vec::new(),
            Text::ours(format!("by the user: {reason}")),
        );
    }
    if let (Some(of), Some(engine)) = (rule.engine, run.engine)
        && of != engine
    {
        let (of, engine) = (of.label(), engine.label());
        let basis = Text::ours(format!("it is about {of}, the database is {engine}"));
        return outcome(rule, OutcomeKind::NotApplicable, Vec::new(), basis);
    }
    let broken = run.broken_requirements(rule);
    if !broken.is_empty() {
        let basis = Text::ours("a source cannot show what the rule needs");
        return outcome(rule, OutcomeKind::Skipped, broken, basis);
    }
    let verdicts: Vec<Verdict> =
        groups(rule, run).iter().map(|group| on_group(rule, run, group)).collect();
    join(rule, run, verdicts)
}

/// Runs a rule on the nodes of one group.
fn on_group(rule: &Rule, run: &Run<'_>, group: &Group) -> Verdict {
    let lets = lets(rule, run, group);
    let values: Vec<_> = lets.iter().map(|one| one.values.clone()).collect();
    let env = Env { facts: &group.facts, lets: &values, columns: &[], row: 0, outer: None };
    match &rule.rows {
        Some(rows) => rows::table_rule(rule, rows, run, group, &lets, env),
        None => fact_rule(rule, run, group, &lets, env),
    }
}

fn fact_rule(
    rule: &Rule,
    run: &Run<'_>,
    group: &Group,
    lets: &[LetState<'_>],
    env: Env<'_>,
) -> Verdict {
    let mut leaf = Leaf::default();
    match rule.condition.truth(&env) {
        Some(true) => {
            rule.condition.decided(&env, &mut leaf);
            let absent =
                leaf.lets.iter().filter_map(|at| lets.get(*at)).filter(|one| one.n_matched == 0);
            let gaps: Vec<String> = absent.filter_map(|one| run.gap(one.table)).collect();
            if !gaps.is_empty() {
                return Verdict::Skipped { missing: gaps };
            }
            let draft = Draft::of_facts(rule, run, group, lets, env, &leaf);
            Verdict::Fired { drafts: vec![draft], more: 0, more_impact: 0.0, note: String::new() }
        }
        Some(false) => {
            rule.condition.decided(&env, &mut leaf);
            clear(run, lets, &leaf.lets)
        }
        None => {
            let mut unknown = Vec::new();
            rule.condition.unknowns(&env, &mut unknown);
            undecided(rule, run, lets, env, &unknown)
        }
    }
}

/// Clear, if the sources that were searched cover the incident.
fn clear(run: &Run<'_>, lets: &[LetState<'_>], decided: &[usize]) -> Verdict {
    let gaps: Vec<String> = decided
        .iter()
        .filter_map(|at| lets.get(*at))
        .filter_map(|one| run.gap(one.table))
        .collect();
    if gaps.is_empty() {
        Verdict::Clear { note: String::new() }
    } else {
        Verdict::Skipped { missing: gaps }
    }
}

/// What an unknown result comes to.
pub(crate) fn undecided(
    rule: &Rule,
    run: &Run<'_>,
    lets: &[LetState<'_>],
    env: Env<'_>,
    unknown: &[Unknown],
) -> Verdict {
    if rule.condition.outside(&env) {
        let why = unknown_names(rule, lets, &env, unknown).join(", ");
        return Verdict::NotApplicable { why: format!("the server's version does not have {why}") };
    }
    // MIN and MAX over no row are known: there is nothing, and nothing is missing. But a series that
    // nobody exported was not looked at.
    let nothing: Vec<usize> = unknown
        .iter()
        .filter_map(|one| match one {
            Unknown::Nothing(at) => rule
                .lets
                .get(*at)
                .is_some_and(|one| !schema::is_chosen(one.table.name))
                .then_some(*at),
            Unknown::Fact(_)
            | Unknown::Let(_)
            | Unknown::Column(_)
            | Unknown::Row(_)
            | Unknown::Undefined(..) => None,
        })
        .collect();
    if nothing.len() == unknown.len() {
        return clear(run, lets, &nothing);
    }
    Verdict::Skipped { missing: unknown_names(rule, lets, &env, unknown) }
}

/// What would decide, as names for people.
pub(crate) fn unknown_names(
    rule: &Rule,
    lets: &[LetState<'_>],
    env: &Env<'_>,
    unknown: &[Unknown],
) -> Vec<String> {
    let names = rule.names();
    let mut out: BTreeSet<String> = BTreeSet::new();
    for one in unknown {
        match one {
            Unknown::Fact(at) => {
                let state = env.fact(*at).map(|fact| fact.state);
                out.insert(format!("{}{}", names.fact(*at), facts::state_word(state)));
            }
            Unknown::Let(at) => {
                if let Some(one) = lets.get(*at) {
                    out.extend(one.missing.iter().cloned());
                }
            }
            Unknown::Column(at) | Unknown::Row(at) => {
                let table = rule.rows.as_ref().map_or("", |rows| rows.table.name);
                out.insert(format!("{table}.{}", names.column(*at)));
            }
            Unknown::Nothing(at) => {
                let chosen = rule.lets.get(*at).filter(|one| schema::is_chosen(one.table.name));
                out.extend(chosen.map(|one| one.table.name.to_owned()));
            }
            Unknown::Undefined(start, end) => {
                let text = rule.written.get(*start..*end).unwrap_or_default();
                out.insert(format!(
                    "`{}` has no result",
                    text.split_whitespace().collect::<Vec<_>>().join(" ")
                ));
            }
        }
    }
    out.into_iter().collect()
}

/// Joins what the groups of nodes gave: fired outranks skipped, which outranks clear.
fn join(rule: &Rule, run: &Run<'_>, verdicts: Vec<Verdict>) -> RuleOutcome {
    let (mut drafts, mut more, mut more_impact) = (Vec::new(), 0, 0.0);
    let (mut missing, mut notes, mut outside) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut any_clear = false;
    for verdict in verdicts {
        match verdict {
            Verdict::Fired { drafts: own, more: rest, more_impact: impact, note } => {
                drafts.extend(own);
                more += rest;
                more_impact += impact;
                notes.insert(note);
            }
            Verdict::Clear { note } => {
                any_clear = true;
                notes.insert(note);
            }
            Verdict::Skipped { missing: own } => missing.extend(own),
            Verdict::NotApplicable { why } => outside.push(why),
        }
    }
    notes.remove("");
    if !drafts.is_empty() {
        return fired(rule, run, drafts, more, more_impact, &notes);
    }
    if !missing.is_empty() {
        let missing: Vec<String> = missing.into_iter().collect();
        return outcome(rule, OutcomeKind::Skipped, missing, run.basis(rule, &notes));
    }
    if any_clear {
        return outcome(rule, OutcomeKind::Clear, Vec::new(), run.basis(rule, &notes));
    }
    match outside.into_iter().next() {
        Some(why) => outcome(rule, OutcomeKind::NotApplicable, Vec::new(), Text::ours(why)),
        None => outcome(rule, OutcomeKind::Clear, Vec::new(), run.basis(rule, &notes)),
    }
}

fn fired(
    rule: &Rule,
    run: &Run<'_>,
    drafts: Vec<Draft>,
    more: usize,
    more_impact: f64,
    notes: &BTreeSet<String>,
) -> RuleOutcome {
    let mut joined = finding::join(drafts);
    let limit = rule.rows.as_ref().map_or(usize::MAX, |rows| rows.limit);
    let cut = joined.split_off(limit.min(joined.len()));
    let n_more = more + cut.len();
    let impact = more_impact + cut.iter().map(|draft| draft.impact).sum::<f64>();
    let mut out = outcome(rule, OutcomeKind::Fired, Vec::new(), run.basis(rule, notes));
    if n_more > 0 {
        let sum = match rule.rows.as_ref().and_then(|rows| rows.impact) {
            Some(at) => {
                let name = rule.names().column(at).to_owned();
                let value = crate::format::value(&crate::expr::Val::float(impact), "ratio").plain();
                format!(", {name} {value} together")
            }
            None => String::new(),
        };
        out.more = Some(Text::ours(format!("{n_more} more of the same{sum}")));
    }
    for draft in joined {
        match draft.finding(rule, run.engine) {
            Ok(finding) => out.findings.push(finding),
            Err(error) => {
                return outcome(
                    rule,
                    OutcomeKind::Error,
                    Vec::new(),
                    Text::ours(error.to_string()),
                );
            }
        }
    }
    out
}

/// What a finding is about: its subject and its nodes.
type About = (String, Vec<Text>);

/// Hides the findings of weaker rules about the same subject on the same nodes. A finding about
/// the whole (without subject) hides and is hidden whatever the subject.
fn supersede(rules: &[Rule], outcomes: &mut [RuleOutcome]) {
    let fired: Vec<(String, Vec<About>)> = outcomes
        .iter()
        .filter(|outcome| !outcome.findings.is_empty())
        .map(|outcome| {
            let about = outcome.findings.iter().map(|one| (one.subject.plain(), one.nodes.clone()));
            (outcome.rule.clone(), about.collect())
        })
        .collect();
    for rule in rules.iter().filter(|rule| !rule.supersedes.is_empty()) {
        let Some((_, about)) = fired.iter().find(|(id, _)| *id == rule.id) else { continue };
        for weaker in outcomes.iter_mut().filter(|outcome| rule.supersedes.contains(&outcome.rule))
        {
            if weaker.findings.is_empty() {
                continue;
            }
            weaker.findings.retain(|finding| {
                let subject = finding.subject.plain();
                !about.iter().any(|(known, nodes)| {
                    (known.is_empty() || subject.is_empty() || *known == subject)
                        && (nodes.is_empty()
                            || finding.nodes.iter().all(|node| nodes.contains(node)))
                })
            });
            if weaker.findings.is_empty() {
                weaker.outcome = OutcomeKind::Superseded;
                weaker.basis = Text::ours(format!("by {}", rule.id));
                weaker.more = None;
            }
        }
    }
}

impl Run<'_> {
    /// What a table's sources lack of the incident's window; `None` when nothing.
    pub(crate) fn gap(&self, table: &str) -> Option<String> {
        let window = self.incident?;
        let span = |window: Window| {
            format!("{}-{}", window.start.format("%H:%M"), window.end.format("%H:%M"))
        };
        match self.tables.covers(table, window) {
            Covers::Timeless | Covers::Whole => None,
            Covers::Unread => Some(format!("{table} (not read)")),
            Covers::Part(part) => {
                Some(format!("{table} covers {} of {}", span(part), span(window)))
            }
            Covers::Outside => Some(format!("{table} covers nothing of {}", span(window))),
        }
    }

    /// Limits of sources that would make a rule's answer wrong.
    fn broken_requirements(&self, rule: &Rule) -> Vec<String> {
        let mut out = BTreeSet::new();
        for table in rule.tables() {
            for source in self.tables.sources(table) {
                for limit in &source.limits {
                    for (word, limits) in &rule.requires {
                        if limits.iter().any(|known| limit.starts_with(known)) {
                            out.insert(format!("{word}: {} has {limit}", source.label));
                        }
                    }
                }
            }
        }
        out.into_iter().collect()
    }

    /// What an outcome rests on: the sources that were searched, their times and limits.
    fn basis(&self, rule: &Rule, notes: &BTreeSet<String>) -> Text {
        /// Sources of a table that are named; more are counted.
        const NAMED_MAX: usize = 2;
        let mut parts: Vec<String> = Vec::new();
        for table in rule.tables() {
            let sources = self.tables.sources(table);
            let named = sources.iter().take(NAMED_MAX).map(|source| {
                let window = source.window.map_or_else(String::new, |window| {
                    format!(
                        " {} to {}",
                        window.start.format("%Y-%m-%d %H:%M"),
                        window.end.format("%H:%M UTC")
                    )
                });
                let limits = if source.limits.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", source.limits.join(", "))
                };
                format!("{}{window}{limits}", source.label)
            });
            let named: Vec<String> = named.collect();
            let more = if sources.len() > NAMED_MAX {
                format!(" and {} more", sources.len() - NAMED_MAX)
            } else {
                String::new()
            };
            if !named.is_empty() {
                parts.push(format!("{table} of {}{more}", named.join(", ")));
            }
        }
        let n_facts = rule.n_condition_facts;
        if n_facts > 0 {
            parts.push(format!("{n_facts} {}", if n_facts == 1 { "fact" } else { "facts" }));
        }
        parts.extend(notes.iter().cloned());
        // Labels are paths that the user named; they hold no input text.
        Text::ours(parts.join("; "))
    }
}
