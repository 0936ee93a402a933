//! Facts as rules meet them, and the nodes on which they are the same.

use super::Options;
use crate::expr::{FactState, FactValue, Val};
use crate::rule::Rule;
use crate::schema::{
    INCIDENT_AS_BEFORE, INCIDENT_CALLS, INCIDENT_END, INCIDENT_REQUESTS, INCIDENT_START,
};
use chrono::{DateTime, Utc};
use model::{Place, Traffic, Window};
use std::collections::BTreeSet;
use tables::{Engine, Scope, Tables};

/// What is the same for every rule of a run.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) tables: &'a Tables,
    pub(crate) incident: Option<Window>,
    traffic: Traffic,
    /// Which database it is about, where that is known.
    pub(crate) engine: Option<Engine>,
    /// Facts of the cluster on which nodes disagree.
    disagree: BTreeSet<&'static str>,
    /// Where facts were looked for: one place per member; empty when no packet was read.
    searched: Vec<(&'static str, Place)>,
}

/// Nodes on which every fact of a rule is the same; none when the rule is not about nodes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) nodes: Vec<String>,
    pub(crate) facts: Vec<FactState>,
    /// For table rules: takes the rows of nodes that are in no group.
    pub(crate) rest: bool,
    /// Whether there are other groups, so that rows have to be told apart by node.
    pub(crate) split: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(tables: &'a Tables, options: &Options) -> Self {
        let facts = tables.facts();
        let disagree = facts.disagreements().into_iter().map(|doc| doc.path).collect();
        let mut searched: Vec<(&'static str, Place)> = Vec::new();
        for path in facts.known_paths() {
            let Some(doc) = tables::find_fact(path) else { continue };
            let place =
                facts.values(path).into_iter().find(|fact| !fact.given).and_then(|fact| fact.place);
            if let Some(place) = place
                && !searched.iter().any(|(member, _)| *member == doc.member)
            {
                searched.push((doc.member, place.clone()));
            }
        }
        let engine = tables.engine();
        Self {
            tables,
            incident: options.incident,
            traffic: options.traffic,
            engine,
            disagree,
            searched,
        }
    }

    /// A fact on a node, or on none in particular.
    fn state(&self, path: &str, node: Option<&str>) -> FactState {
        if let Some(value) = self.of_incident(path) {
            return value;
        }
        let fact = self.tables.facts().get(path, node);
        let (state, outside) = match fact.state {
            tables::FactState::Value(_) => (FactValue::Known, false),
            tables::FactState::Masked => (FactValue::Masked, false),
            tables::FactState::Unreadable => (FactValue::Unreadable, false),
            tables::FactState::NotApplicable => (FactValue::Missing, true),
            tables::FactState::Missing if self.searched.is_empty() => (FactValue::NotRead, false),
            tables::FactState::Missing => (FactValue::Missing, false),
        };
        let place = fact.place.cloned().or_else(|| self.searched_for(path));
        FactState { state, value: Val::of(fact.cell()).into_owned(), place, outside }
    }

    /// What the engine itself knows of the incident; `None` for every other path.
    fn of_incident(&self, path: &str) -> Option<FactState> {
        let time = |at: Option<DateTime<Utc>>| at.map(|at| Val::Time(at.timestamp_millis()));
        let value = match path {
            INCIDENT_START => time(self.incident.map(|window| window.start)),
            INCIDENT_END => time(self.incident.map(|window| window.end)),
            INCIDENT_REQUESTS => self.traffic.requests.map(Val::float),
            INCIDENT_CALLS => self.traffic.calls.map(Val::float),
            INCIDENT_AS_BEFORE => self.traffic.is_as_before().map(Val::Bool),
            _ => return None,
        };
        let place = Place { source: "incident".to_owned(), location: path.to_owned() };
        Some(FactState {
            state: match (&value, path) {
                (Some(_), _) => FactValue::Known,
                (None, INCIDENT_START | INCIDENT_END) => FactValue::NotRead,
                // Nobody charted it.
                (None, _) => FactValue::Missing,
            },
            value: value.unwrap_or(Val::Null),
            place: Some(place),
            outside: false,
        })
    }

    /// The member that would have a fact: what an absence cites.
    fn searched_for(&self, path: &str) -> Option<Place> {
        let member = tables::find_fact(path)?.member;
        let exact = self.searched.iter().find(|(known, _)| *known == member);
        let (known, place) = exact.or_else(|| self.searched.first())?;
        let location = if *known == member { "whole member" } else { "no such member" };
        Some(Place { source: place.source.clone(), location: location.to_owned() })
    }
}

/// The groups of nodes on which a rule has to be run, by the first node's name.
pub(crate) fn groups(rule: &Rule, run: &Run<'_>) -> Vec<Group> {
    let on = |node: Option<&str>| -> Vec<FactState> {
        rule.facts.iter().map(|fact| run.state(&fact.path, node)).collect()
    };
    let nodes = run.tables.facts().nodes();
    let by_node = rule
        .facts
        .iter()
        .take(rule.n_condition_facts)
        .any(|fact| fact.per_node || run.disagree.contains(fact.path.as_str()));
    if !by_node || nodes.is_empty() {
        return vec![Group { nodes: Vec::new(), facts: on(None), rest: true, split: false }];
    }
    let mut groups: Vec<Group> = Vec::new();
    for node in nodes {
        let facts = on(Some(node));
        let same = groups.iter_mut().find(|group| {
            let pairs = group.facts.iter().zip(&facts);
            pairs
                .take(rule.n_condition_facts)
                .all(|(a, b)| a.state == b.state && a.value == b.value && a.outside == b.outside)
        });
        match same {
            Some(group) => group.nodes.push(node.clone()),
            None => {
                groups.push(Group { nodes: vec![node.clone()], facts, rest: false, split: true })
            }
        }
    }
    // Rows about nodes that no packet knows meet the facts of the cluster alone.
    if rule.rows.as_ref().is_some_and(|rows| rows.node.is_some()) {
        let facts = rule
            .facts
            .iter()
            .map(|fact| {
                let scope = tables::find_fact(&fact.path).map(|doc| doc.scope);
                let mut state = run.state(&fact.path, None);
                if scope == Some(Scope::Node) {
                    state = FactState { state: FactValue::Missing, value: Val::Null, ..state };
                }
                state
            })
            .collect();
        groups.push(Group { nodes: Vec::new(), facts, rest: true, split: true });
    }
    groups
}

/// Why a fact has no value, behind its path.
pub(crate) fn state_word(state: Option<FactValue>) -> &'static str {
    match state {
        Some(FactValue::Masked) => " (masked)",
        Some(FactValue::Unreadable) => " (unreadable)",
        Some(FactValue::Known | FactValue::Missing | FactValue::NotRead) | None => "",
    }
}
