//! From a condition that holds to a finding.

use super::evidence::{self, EVIDENCE_MAX};
use super::{Group, LetState, Run};
use crate::expr::{Env, Leaf, Val};
use crate::rule::{ActionText, EngineText, Rows, Rule, TextId};
use crate::schema;
use crate::template::{Filled, open};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    Action, Confidence, Evidence, Finding, FindingSpec, Kind, NoEvidence, Severity, Window,
};
use tables::{Engine, Table};
use text::{Text, Value};

/// How long before an incident something may have begun that belongs to it.
const BEFORE_INCIDENT: TimeDelta = TimeDelta::minutes(45);

/// A finding while those of other nodes may still join it.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) subject: Text,
    /// What keeps it apart from others about the same subject.
    pub(crate) apart: Vec<String>,
    pub(crate) nodes: Vec<String>,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) window: Option<Window>,
    pub(crate) impact: f64,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) evidence_more: u64,
    /// The placeholders of the rule's texts, once per group of nodes.
    pub(crate) filled: Vec<Vec<Filled>>,
}

impl Draft {
    /// The finding of a rule about facts.
    pub(crate) fn of_facts(
        rule: &Rule,
        run: &Run<'_>,
        group: &Group,
        lets: &[LetState<'_>],
        env: Env<'_>,
        decided: &Leaf,
    ) -> Self {
        let (severity, confidence, leaf) = levels(rule, &[env], decided);
        let (evidence, evidence_more) = evidence::of_names(rule, run, group, lets, &leaf);
        let filled = fill(rule, &env);
        let subject = rule.subject.and_then(|id| {
            let own = filled.get(id)?.clone();
            Some(rule.template(id).text(&[own]))
        });
        Self {
            subject: subject.unwrap_or_default(),
            apart: Vec::new(),
            nodes: group.nodes.clone(),
            severity,
            confidence,
            window: began(run, lets, &leaf).map(|at| Window { start: at, end: at }),
            impact: 0.0,
            evidence,
            evidence_more,
            filled: vec![filled],
        }
    }

    /// The finding of a table rule about some rows of one subject.
    #[expect(
        clippy::too_many_arguments,
        reason = "all that a row's finding is made of, from one caller"
    )]
    pub(crate) fn of_rows(
        rule: &Rule,
        rows: &Rows,
        run: &Run<'_>,
        group: &Group,
        lets: &[LetState<'_>],
        env: Env<'_>,
        table: Table<'_>,
        matched: &[usize],
        apart: Vec<String>,
    ) -> Self {
        let first = env.at(matched.first().copied().unwrap_or(0));
        let mut decided = Leaf::default();
        let shown = matched.get(..matched.len().min(EVIDENCE_MAX)).unwrap_or_default();
        let envs: Vec<Env<'_>> = shown.iter().map(|row| env.at(*row)).collect();
        for env in &envs {
            rule.condition.decided(env, &mut decided);
        }
        let (severity, confidence, leaf) = levels(rule, &envs, &decided);
        let columns = evidence::columns(&rule.names(), rows.subject, &leaf.columns);
        let mut evidence: Vec<Evidence> =
            shown.iter().map(|row| evidence::of_row(table, *row, &columns)).collect();
        let (of_names, more) = evidence::of_names(rule, run, group, lets, &leaf);
        evidence.extend(of_names);
        let all = || matched.iter().map(|row| env.at(*row));
        let start = all().filter_map(|env| Val::of(env.cell(rows.first?)).time()).min();
        let end = all().filter_map(|env| Val::of(env.cell(rows.last?)).time()).max();
        let impact: f64 = all().filter_map(|env| Val::of(env.cell(rows.impact?)).number()).sum();
        let mut nodes: Vec<String> = match rows.node {
            Some(at) => all()
                .filter_map(|env| {
                    let tables::Cell::Text(node) = env.cell(at) else { return None };
                    (!node.is_empty()).then(|| node.to_owned())
                })
                .collect(),
            None => group.nodes.clone(),
        };
        nodes.sort();
        nodes.dedup();
        let subject = Val::of(first.cell(rows.subject));
        let subject =
            if subject.is_null() { Text::new() } else { crate::format::value(&subject, "") };
        Self {
            subject,
            apart,
            nodes,
            severity,
            confidence,
            // What has no end still goes on; its begin is what orders causes.
            window: start.map(|start| Window { start, end: end.unwrap_or(start).max(start) }),
            // A sum over nothing is -0.0.
            impact: impact.abs().min(1.0),
            evidence,
            evidence_more: more + u64::try_from(matched.len() - shown.len()).unwrap_or(0),
            filled: vec![fill(rule, &first)],
        }
    }

    /// The finding, with what is for that engine; while it is not known what is for one of them
    /// says for which.
    pub(crate) fn finding(
        self,
        rule: &Rule,
        engine: Option<Engine>,
    ) -> Result<Finding, NoEvidence> {
        let text = |id: TextId| -> Text {
            let filled: Vec<Filled> =
                self.filled.iter().filter_map(|all| all.get(id)).cloned().collect();
            rule.template(id).text(&filled)
        };
        let fits = |of: Option<Engine>| of.is_none() || engine.is_none() || of == engine;
        let named = |of: Option<Engine>, id: TextId| match of {
            Some(of) if engine.is_none() => {
                Text::ours(format!("{}: ", of.label())).with_text(text(id))
            }
            Some(_) | None => text(id),
        };
        let list = |texts: &[EngineText]| -> Vec<Text> {
            let mine = texts.iter().filter(|of| fits(of.engine));
            mine.map(|of| named(of.engine, of.text)).collect()
        };
        let joined = |texts: &[EngineText]| {
            list(texts).into_iter().reduce(|all, one| all.with_text(Text::ours(" ")).with_text(one))
        };
        let action = |action: &ActionText| {
            let (command, precheck) = (action.command.map(text), action.precheck.map(text));
            Action {
                action: named(action.engine, action.action),
                who: action.who,
                fill_in: fill_in([&precheck, &command], action.engine.or(engine)),
                // Of a command in parts perhaps none is left.
                command: command.filter(|command| !command.is_empty()),
                precheck,
                restart: action.restart,
                breaks: action.breaks.map(text),
                undo: action.undo.map(text),
                verify: action.verify.map(text),
            }
        };
        let mut evidence = self.evidence.clone();
        let cut = evidence.len().saturating_sub(EVIDENCE_MAX);
        evidence.truncate(EVIDENCE_MAX);
        Finding::new(FindingSpec {
            rule: rule.id.clone(),
            kind: rule.kind,
            severity: self.severity,
            confidence: self.confidence,
            basis: rule.basis,
            title: text(rule.title),
            summary: text(rule.summary),
            why: joined(&rule.why).unwrap_or_default(),
            actions: rule.actions.iter().filter(|one| fits(one.engine)).map(action).collect(),
            do_not: list(&rule.do_not),
            subject: self.subject.clone(),
            nodes: self.nodes.iter().map(|node| Text::value(Value::trusted(node))).collect(),
            window: self.window,
            impact: self.impact,
            step: rule.step.clone(),
            cause: rule.cause.clone(),
            evidence,
            evidence_more: self.evidence_more + u64::try_from(cut).unwrap_or(0),
            false_positives: joined(&rule.false_positives).unwrap_or_default(),
            references: rule
                .references
                .iter()
                .filter(|address| fits(manual_of(address)))
                .cloned()
                .collect(),
        })
    }
}

/// Where one gets what commands leave open, `<pid>`.
fn fill_in(commands: [&Option<Text>; 2], engine: Option<Engine>) -> Option<Text> {
    let commands: Vec<String> = commands.into_iter().flatten().map(Text::plain).collect();
    let mut places: Vec<&str> = Vec::new();
    for place in commands.iter().flat_map(|command| open::places(command)) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let lines: Vec<String> = places
        .into_iter()
        .filter_map(|place| Some(format!("<{place}>: {}", open::source(place, engine)?)))
        .collect();
    (!lines.is_empty()).then(|| Text::ours(lines.join("; ")))
}

/// The engine whose manual an address belongs to.
fn manual_of(address: &str) -> Option<Engine> {
    Engine::named(address.split('/').nth(2)?)
}

/// When what a rule without rows found began: with the rows of the lets that decided.
fn began(run: &Run<'_>, lets: &[LetState<'_>], leaf: &Leaf) -> Option<DateTime<Utc>> {
    run.earliest(leaf.lets.iter().filter_map(|at| lets.get(*at)).filter_map(|one| one.began))
}

impl Run<'_> {
    /// The earliest time that fits the incident; without an incident, or when none fits, the
    /// earliest of all.
    pub(crate) fn earliest(
        &self,
        times: impl Iterator<Item = DateTime<Utc>>,
    ) -> Option<DateTime<Utc>> {
        let from = self.incident.map(|incident| incident.start - BEFORE_INCIDENT);
        let fits = |at: &DateTime<Utc>| from.is_none_or(|from| *at >= from);
        times.min_by_key(|at| (!fits(at), *at))
    }
}

fn fill(rule: &Rule, env: &Env<'_>) -> Vec<Filled> {
    rule.templates.iter().map(|template| template.fill(env)).collect()
}

/// Joins findings of several groups of nodes that are equally bad, equally sure and about the same
/// subject, in the order of their first.
pub(crate) fn join(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut out: Vec<Draft> = Vec::new();
    for draft in drafts {
        let same = out.iter_mut().find(|known| {
            known.severity == draft.severity
                && known.confidence == draft.confidence
                && known.subject == draft.subject
                && known.apart == draft.apart
        });
        let Some(known) = same else {
            out.push(draft);
            continue;
        };
        known.nodes.extend(draft.nodes);
        known.nodes.sort();
        known.nodes.dedup();
        for entry in draft.evidence {
            if !known.evidence.contains(&entry) {
                known.evidence.push(entry);
            }
        }
        known.evidence_more += draft.evidence_more;
        known.impact = (known.impact + draft.impact).clamp(0.0, 1.0);
        known.window = match (known.window, draft.window) {
            (Some(a), Some(b)) => Some(a.hull(b)),
            (a, b) => a.or(b),
        };
        known.filled.extend(draft.filled);
    }
    out
}

/// How bad and how sure, with escalations and caps, and the terms that decided that.
///
/// A finding about a setting stays at medium until an escalation by a symptom: size and settings
/// alone are none. Advice stays at low until it is escalated.
fn levels(rule: &Rule, envs: &[Env<'_>], decided: &Leaf) -> (Severity, Confidence, Leaf) {
    let mut leaf = decided.clone();
    let about_setting = !is_symptom(rule, decided) && names_setting(rule, decided);
    let mut severity = match rule.severity_override {
        Some(wanted) => wanted,
        None => {
            let mut severity = rule.severity;
            if rule.kind == Kind::Advice {
                severity = severity.max(Severity::Low);
            }
            if about_setting { severity.max(Severity::Medium) } else { severity }
        }
    };
    let mut confidence = rule.confidence;
    for escalation in &rule.escalations {
        let Some(env) = envs.iter().find(|env| escalation.when.truth(env) == Some(true)) else {
            continue;
        };
        let mut own = Leaf::default();
        escalation.when.decided(env, &mut own);
        if let Some(raised) = escalation.severity {
            let capped = about_setting && !is_symptom(rule, &own);
            severity = severity.min(if capped { raised.max(Severity::Medium) } else { raised });
        }
        if let Some(raised) = escalation.confidence {
            confidence = confidence.min(raised);
        }
        leaf.add(own);
    }
    (severity, confidence, leaf)
}

/// Whether a term names something that happens, beside settings and sizes.
fn is_symptom(rule: &Rule, leaf: &Leaf) -> bool {
    let names = rule.names();
    let fact = leaf.facts.iter().any(|at| {
        let path = names.fact(*at);
        !schema::is_setting(path) && !schema::is_size(path)
    });
    let one = leaf
        .lets
        .iter()
        .filter_map(|at| rule.lets.get(*at))
        .any(|one| !schema::is_settings_table(one.table.name));
    let row = !leaf.columns.is_empty()
        && rule.rows.as_ref().is_some_and(|rows| !schema::is_settings_table(rows.table.name));
    fact || one || row
}

fn names_setting(rule: &Rule, leaf: &Leaf) -> bool {
    let names = rule.names();
    leaf.facts.iter().any(|at| schema::is_setting(names.fact(*at)))
        || leaf
            .lets
            .iter()
            .filter_map(|at| rule.lets.get(*at))
            .any(|one| schema::is_settings_table(one.table.name))
        || rule.rows.as_ref().is_some_and(|rows| schema::is_settings_table(rows.table.name))
}
