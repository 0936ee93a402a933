//! Texts of rules with placeholders: `{{ fact | let.value | column | :param | expression }}`.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "parts that are not named are walked or answered alike"
)]

mod number;

use crate::expr::{Expr, ExprFault, Function, Node, Operator, Scope, Used, Val};
use crate::format;
use text::Text;

/// A text with placeholders.
#[derive(Clone, Debug, Default)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Ours(String),
    Value(Box<Expr>, String),
}

/// The values of a template's placeholders, in order.
pub(crate) type Filled = Vec<Text>;

/// Values of one placeholder that are shown when nodes differ; more are counted.
const VALUES_MAX: usize = 3;

impl Template {
    /// Compiles a text. Places in faults are bytes of `text`.
    pub(crate) fn compile(
        text: &str,
        scope: Scope<'_>,
        used: &mut Used,
    ) -> Result<Self, Vec<ExprFault>> {
        let mut parts = Vec::new();
        let mut faults = Vec::new();
        let mut rest = 0;
        while let Some(open) = find(text, "{{", rest) {
            let before = text.get(rest..open).unwrap_or_default();
            if !before.is_empty() {
                parts.push(Part::Ours(before.to_owned()));
            }
            let Some(close) = find(text, "}}", open) else {
                let message = "this placeholder is not closed by `}}`".to_owned();
                faults.push(ExprFault { span: open..open + 2, message, nearest: None });
                rest = text.len();
                break;
            };
            let inner = text.get(open + 2..close).unwrap_or_default();
            match crate::expr::value(inner, scope, used) {
                Ok(expr) => {
                    let unit = unit(&expr, scope, used).unwrap_or_default();
                    parts.push(Part::Value(Box::new(expr), unit.to_owned()));
                }
                Err(inner_faults) => {
                    faults.extend(inner_faults.into_iter().map(|fault| ExprFault {
                        span: fault.span.start + open + 2..fault.span.end + open + 2,
                        ..fault
                    }))
                }
            }
            rest = close + 2;
        }
        let tail = text.get(rest..).unwrap_or_default();
        if !tail.is_empty() {
            parts.push(Part::Ours(tail.to_owned()));
        }
        if faults.is_empty() { Ok(Self { parts }) } else { Err(faults) }
    }

    /// The values of the placeholders.
    pub(crate) fn fill(&self, env: &crate::expr::Env<'_>) -> Filled {
        self.parts
            .iter()
            .filter_map(|part| match part {
                Part::Ours(_) => None,
                Part::Value(expr, unit) => Some(format::value(&expr.eval(env), unit)),
            })
            .collect()
    }

    /// The text with the values of one or several nodes; values that differ are all named.
    pub(crate) fn text(&self, filled: &[Filled]) -> Text {
        let mut out = Text::new();
        let mut idx = 0;
        let mut is_one = false;
        for part in &self.parts {
            match part {
                Part::Ours(words) if is_one => {
                    out.push_ours(number::singular(words));
                    is_one = false;
                }
                Part::Ours(words) => out.push_ours(words.clone()),
                Part::Value(..) => {
                    let mut values: Vec<&Text> = Vec::new();
                    for value in filled.iter().filter_map(|values| values.get(idx)) {
                        if !values.contains(&value) {
                            values.push(value);
                        }
                    }
                    for (n, value) in values.iter().take(VALUES_MAX).enumerate() {
                        if n > 0 {
                            out.push_ours(" / ");
                        }
                        out.push_text((*value).clone());
                    }
                    if values.len() > VALUES_MAX {
                        out.push_ours(format!(" / {} more", values.len() - VALUES_MAX));
                    }
                    is_one = matches!(values.as_slice(), [value] if value.plain() == "1");
                    idx += 1;
                }
            }
        }
        out
    }

    /// The text with its placeholders as written, for lists of rules.
    pub(crate) fn names(&self, names: &crate::expr::Names<'_>) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Ours(words) => words.clone(),
                Part::Value(expr, _) => format!("<{}>", expr.show(names)),
            })
            .collect()
    }
}

fn find(text: &str, what: &str, from: usize) -> Option<usize> {
    Some(from + text.get(from..)?.find(what)?)
}

/// The unit of a value: that of its name, kept by what does not change a unit.
fn unit(expr: &Expr, scope: Scope<'_>, used: &Used) -> Option<&'static str> {
    let unit_of = |expr: &Expr| unit(expr, scope, used);
    match &expr.node {
        Node::Fact(at) => used.facts.get(*at).map(|fact| fact.unit),
        Node::Column(at) => used.columns.get(*at).map(|column| column.unit),
        Node::Let(at, value) => {
            scope.lets.get(*at).and_then(|one| one.values.get(*value)).map(|(_, _, unit)| *unit)
        }
        Node::Negate(part) => unit_of(part),
        Node::Call(
            Function::Abs | Function::Round | Function::Greatest | Function::Least,
            args,
        ) => args.first().and_then(unit_of),
        Node::Coalesce(parts) => parts.iter().find_map(unit_of),
        Node::NullIf(left, _) => unit_of(left),
        Node::Arithmetic(Operator::Add | Operator::Subtract, left, right) => {
            unit_of(left).or_else(|| unit_of(right))
        }
        Node::Arithmetic(Operator::Multiply, left, right) => match (&left.node, &right.node) {
            (_, Node::Constant(..)) => unit_of(left),
            (Node::Constant(..), _) => unit_of(right),
            _ => None,
        },
        Node::Arithmetic(Operator::Divide, left, right) => {
            matches!(right.node, Node::Constant(Val::Int(_) | Val::Float(_), _))
                .then(|| unit_of(left))?
        }
        _ => None,
    }
}
