//! Why a rule gave what it gave: the tree of its condition with the values of both sides.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "parts that are not named are walked or answered alike"
)]

use crate::evaluate::{
    Group, LetState, Run, evaluate, fact_text, groups, lets, lets_of_row, row_place, row_text,
};
use crate::expr::{Env, Expr, Names, Node, Origin, show_constant};
use crate::expr::{FactState, Val};
use crate::rule::Rule;
use crate::{Options, format};
use model::Place;
use tables::{ColumnView, Tables};
use text::Text;

/// Rows that are explained.
const ROWS_MAX: usize = 3;

/// Why a rule gave what it gave.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The rule's id.
    pub rule: String,
    /// Its lines, with their depth.
    pub lines: Vec<(usize, Text)>,
}

impl Explanation {
    /// The lines as one text, two spaces per depth.
    pub fn text(&self) -> Text {
        let mut out = Text::new();
        for (depth, line) in &self.lines {
            out.push_ours("  ".repeat(*depth));
            out.push_text(line.clone());
            out.push_ours("\n");
        }
        out
    }

    fn line(&mut self, depth: usize, text: impl Into<Text>) {
        self.lines.push((depth, text.into()));
    }
}

/// Explains a rule on these tables: per group of nodes on which its facts are the same, the AND/OR
/// tree with TRUE, FALSE or UNKNOWN and the values on both sides, where each value comes from, and
/// for table rules the first rows that matched or those with most true terms.
pub fn explain(rule: &Rule, tables: &Tables, options: &Options) -> Explanation {
    let run = Run::new(tables, options);
    let mut out = Explanation { rule: rule.id.clone(), lines: Vec::new() };
    let outcomes = evaluate(std::slice::from_ref(rule), tables, options);
    for outcome in &outcomes {
        out.line(0, format!("{} ({}): {}", rule.id, rule.file, outcome.outcome.as_str()));
        for name in &outcome.missing {
            out.line(1, format!("missing: {name}"));
        }
        if !outcome.basis.is_empty() {
            out.line(1, Text::ours("basis: ").with_text(outcome.basis.clone()));
        }
    }
    for (name, param) in &rule.params {
        let value = match param {
            crate::expr::Param::One(value) => show_constant(value),
            crate::expr::Param::Many(values) => {
                values.iter().map(show_constant).collect::<Vec<_>>().join(", ")
            }
        };
        out.line(1, format!(":{name} = {value} (parameter)"));
    }
    for group in groups(rule, &run) {
        if group.rest && group.split {
            continue;
        }
        on_group(&mut out, rule, &run, &group);
    }
    out
}

fn on_group(out: &mut Explanation, rule: &Rule, run: &Run<'_>, group: &Group) {
    if !group.nodes.is_empty() {
        out.line(1, format!("on {}", group.nodes.join(", ")));
    }
    for (fact, state) in rule.facts.iter().take(rule.n_condition_facts).zip(&group.facts) {
        out.line(2, fact_line(&fact.path, fact.unit, state));
    }
    let lets = lets(rule, run, group);
    for (one, state) in rule.lets.iter().zip(&lets).filter(|(one, _)| !one.by_row) {
        let_lines(out, rule, one, state);
    }
    let values: Vec<_> = lets.iter().map(|one| one.values.clone()).collect();
    let env = Env { facts: &group.facts, lets: &values, columns: &[], row: 0, outer: None };
    let names = rule.names();
    let Some(rows) = &rule.rows else {
        tree(out, 2, "where", &rule.condition, &names, &env);
        for escalation in &rule.escalations {
            tree(out, 2, "escalate when", &escalation.when, &names, &env);
        }
        return;
    };
    let Some(table) = run.tables.table(rows.table.name) else {
        out.line(2, format!("{} was not read", rows.table.name));
        return;
    };
    let columns: Vec<ColumnView<'_>> =
        rule.columns.iter().filter_map(|column| table.column(column.name)).collect();
    let env = Env { columns: &columns, ..env };
    let mut ranked: Vec<(bool, usize, usize)> = (0..table.n_rows())
        .map(|row| {
            let env = env.at(row);
            (rule.condition.truth(&env) == Some(true), rule.condition.true_terms(&env), row)
        })
        .collect();
    ranked.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then(a.2.cmp(&b.2)));
    let n_true = ranked.iter().filter(|(matched, ..)| *matched).count();
    out.line(
        2,
        format!("{} rows of {}, {n_true} match; the nearest:", table.n_rows(), rows.table.name),
    );
    let shown: Vec<(&str, &str)> =
        rule.columns.iter().map(|column| (column.name, column.unit)).collect();
    for (_, _, row) in ranked.into_iter().take(ROWS_MAX) {
        let place = row_place(table, row);
        out.line(
            3,
            at(&place).with_text(Text::ours(": ")).with_text(row_text(table, row, &shown, None)),
        );
        let own = lets_of_row(rule, run, group, &lets, &env.at(row));
        for (one, state) in rule.lets.iter().zip(&own).filter(|(one, _)| one.by_row) {
            let_lines(out, rule, one, state);
        }
        let values: Vec<_> = own.iter().map(|one| one.values.clone()).collect();
        let env = Env { lets: &values, ..env.at(row) };
        tree(out, 4, "where", &rule.condition, &names, &env);
        for escalation in &rule.escalations {
            tree(out, 4, "escalate when", &escalation.when, &names, &env);
        }
    }
}

fn fact_line(path: &str, unit: &str, state: &FactState) -> Text {
    let text = fact_text(path, unit, state);
    match &state.place {
        Some(place) => text.with_text(Text::ours(", from ")).with_text(at(place)),
        None => text,
    }
}

/// Places are formed by us and by the names of what the user gave.
fn at(place: &Place) -> Text {
    Text::ours(format!("{} {}", place.source, place.location))
}

fn let_lines(out: &mut Explanation, rule: &Rule, one: &crate::rule::Let, state: &LetState<'_>) {
    let names = rule.let_names_of(one);
    let wanted =
        one.condition.as_ref().map(|condition| format!(" where {}", condition.show(&names)));
    let wanted = wanted.unwrap_or_default();
    if state.view.is_none() {
        out.line(2, format!("[let.{}] {} was not read", one.name, one.table.name));
        return;
    }
    out.line(
        2,
        format!("[let.{}] {} rows of {}{wanted}", one.name, state.n_matched, one.table.name),
    );
    let known = rule.let_names.iter().find(|known| known.name == one.name);
    for (idx, value) in state.values.iter().enumerate() {
        let (name, unit) = known
            .and_then(|known| known.values.get(idx))
            .map_or(("?", ""), |(name, _, unit)| (name.as_str(), *unit));
        out.line(
            3,
            Text::ours(format!("{}.{name} = ", one.name))
                .with_text(format::value(&value.value, unit)),
        );
    }
}

/// The AND/OR tree of a condition.
fn tree(
    out: &mut Explanation,
    depth: usize,
    head: &str,
    expr: &Expr,
    names: &Names<'_>,
    env: &Env<'_>,
) {
    let truth = match expr.truth(env) {
        Some(true) => "TRUE   ",
        Some(false) => "FALSE  ",
        None => "UNKNOWN",
    };
    let head = if head.is_empty() { String::new() } else { format!("{head} ") };
    match &expr.node {
        Node::All(parts) | Node::Any(parts) => {
            let word = if matches!(expr.node, Node::All(_)) { "AND" } else { "OR" };
            out.line(depth, format!("{truth} {head}{word}"));
            for part in parts {
                tree(out, depth + 1, "", part, names, env);
            }
        }
        Node::Not(part) => {
            out.line(depth, format!("{truth} {head}NOT"));
            tree(out, depth + 1, "", part, names, env);
        }
        _ => {
            let text = Text::ours(format!("{truth} {head}{}", expr.show(names)));
            out.line(depth, text.with_text(sides(expr, names, env)));
        }
    }
}

/// The values that stand on the sides of a term, those written in it left out.
fn sides(expr: &Expr, names: &Names<'_>, env: &Env<'_>) -> Text {
    let mut out = Text::new();
    for part in expr.parts() {
        if matches!(part.node, Node::Constant(_, Origin::Written)) {
            continue;
        }
        out.push_ours(if out.is_empty() { "   [" } else { ", " });
        out.push_ours(format!("{} = ", part.show(names)));
        out.push_text(match part.eval(env) {
            Val::Null => Text::ours("unknown"),
            value => format::value(&value, ""),
        });
    }
    if !out.is_empty() {
        out.push_ours("]");
    }
    out
}
