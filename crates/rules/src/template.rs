//! Texts of rules with placeholders: `{{ fact | let.value | column | :param | expression }}`, with
//! words for what is not known, `{{ expression or <words> }}`, and with parts `[[ ... ]]` that are
//! left out when nothing is known for a placeholder in them.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "parts that are not named are walked or answered alike"
)]

mod number;
pub(crate) mod open;
mod pasted;

use crate::expr::{Expr, ExprFault, Function, Node, Operator, Scope, Used, Val};
use crate::format;
use text::Text;

/// A text with placeholders.
#[derive(Clone, Debug, Default)]
pub(crate) struct Template {
    parts: Vec<Part>,
    /// Whole numbers without separators: what is typed into a shell.
    exact: bool,
    /// A command: values that a shell or a database might take for more than a name stay out.
    pasted: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Ours(String),
    Value(Box<Slot>),
    /// Left out when one of its values is not known; never one within another.
    Optional(Vec<Part>),
}

/// A place for a value.
#[derive(Clone, Debug)]
struct Slot {
    expr: Expr,
    unit: String,
    /// What stands there while the value is not known: `<table>`.
    open: Option<String>,
    /// The expression as written.
    written: String,
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
        while let Some(open) = find(text, "[[", rest) {
            let Some(close) = find(text, "]]", open) else {
                let message = "this part is not closed by `]]`".to_owned();
                faults.push(ExprFault { span: open..open + 2, message, nearest: None });
                break;
            };
            parts.extend(plain(text, rest..open, scope, used, &mut faults));
            let inner = plain(text, open + 2..close, scope, used, &mut faults);
            if !inner.iter().any(|part| matches!(part, Part::Value(_))) {
                let message = "a part `[[ ... ]]` has a placeholder that may be unknown".to_owned();
                faults.push(ExprFault { span: open..close + 2, message, nearest: None });
            }
            parts.push(Part::Optional(inner));
            rest = close + 2;
        }
        parts.extend(plain(text, rest..text.len(), scope, used, &mut faults));
        if faults.is_empty() {
            Ok(Self { parts, exact: false, pasted: false })
        } else {
            Err(faults)
        }
    }

    /// From here on whole numbers have no separators: the text is a command or a value to set.
    pub(crate) fn make_exact(&mut self) {
        self.exact = true;
    }

    /// From here on it is a command: a value goes in only when it is nothing but a name, a number
    /// or an address wherever it is pasted; else the place stays open.
    pub(crate) fn make_pasted(&mut self) {
        self.make_exact();
        self.pasted = true;
    }

    /// What a command takes from the data without words for when it is not known.
    pub(crate) fn without_words(&self) -> impl Iterator<Item = &str> {
        let is_open =
            |slot: &&Slot| slot.open.is_none() && !matches!(slot.expr.node, Node::Constant(..));
        self.slots().filter(is_open).map(|slot| slot.written.as_str())
    }

    /// The places that it leaves open, or does when their values are not known.
    pub(crate) fn places(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut add = |words: &str| out.extend(open::places(words).into_iter().map(str::to_owned));
        for part in &self.parts {
            match part {
                Part::Ours(words) => add(words),
                Part::Value(slot) => match &slot.open {
                    Some(words) => add(words),
                    None if self.pasted && matches!(slot.expr.node, Node::Fact(_)) => {
                        add(&format!("<{}>", slot.written));
                    }
                    None => {}
                },
                // Left out when its values are not known.
                Part::Optional(inner) => inner.iter().for_each(|part| {
                    if let Part::Ours(words) = part {
                        add(words);
                    }
                }),
            }
        }
        out
    }

    /// The places for values, without those that are left out when they are not known.
    fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(slot) => Some(slot.as_ref()),
            Part::Ours(_) | Part::Optional(_) => None,
        })
    }

    /// A value in words; nothing when it is not known or may not be pasted.
    fn shown(&self, slot: &Slot, value: &Val<'_>) -> Option<Text> {
        if value.is_null() || self.pasted && !pasted::is_safe(value, &slot.unit) {
            return None;
        }
        Some(if self.exact {
            format::exact(value, &slot.unit)
        } else {
            format::value(value, &slot.unit)
        })
    }

    /// What stands where nothing is known.
    fn open(&self, slot: &Slot) -> Text {
        match &slot.open {
            Some(words) => Text::ours(words.clone()),
            None if self.pasted => Text::ours(format!("<{}>", slot.written)),
            None => Text::ours(format::UNKNOWN),
        }
    }

    /// The values of the placeholders; of an unknown one in an optional part nothing.
    pub(crate) fn fill(&self, env: &crate::expr::Env<'_>) -> Filled {
        let mut out = Filled::new();
        let shown = |slot: &Slot| self.shown(slot, &slot.expr.eval(env));
        for part in &self.parts {
            match part {
                Part::Ours(_) => {}
                Part::Value(slot) => out.push(shown(slot).unwrap_or_else(|| self.open(slot))),
                Part::Optional(inner) => {
                    for part in inner {
                        if let Part::Value(slot) = part {
                            out.push(shown(slot).unwrap_or_default());
                        }
                    }
                }
            }
        }
        out
    }

    /// The text with the values of one or several nodes; values that differ are all named. Of an
    /// optional part those of the nodes that know all of its values.
    pub(crate) fn text(&self, filled: &[Filled]) -> Text {
        let mut writer = Writer::default();
        let mut idx = 0;
        let all: Vec<&Filled> = filled.iter().collect();
        for part in &self.parts {
            let Part::Optional(inner) = part else {
                match part {
                    // One command cannot have the values of several nodes.
                    Part::Value(slot) if self.pasted && differ(&all, idx) => {
                        writer.out.push_text(self.open(slot));
                        idx += 1;
                    }
                    Part::Value(_) | Part::Ours(_) | Part::Optional(_) => {
                        writer.part(part, &all, &mut idx);
                    }
                }
                continue;
            };
            let n = inner.iter().filter(|part| matches!(part, Part::Value(_))).count();
            let knows =
                |values: &&Filled| values.iter().skip(idx).take(n).all(|value| !value.is_empty());
            let knowing: Vec<&Filled> = filled.iter().filter(knows).collect();
            if knowing.is_empty() {
                idx += n;
                continue;
            }
            for part in inner {
                writer.part(part, &knowing, &mut idx);
            }
        }
        writer.out
    }

    /// The text with its placeholders as written, for lists of rules.
    pub(crate) fn names(&self, names: &crate::expr::Names<'_>) -> String {
        fn shown(parts: &[Part], names: &crate::expr::Names<'_>) -> String {
            parts
                .iter()
                .map(|part| match part {
                    Part::Ours(words) => words.clone(),
                    Part::Value(slot) => match &slot.open {
                        Some(words) => words.clone(),
                        None => format!("<{}>", slot.expr.show(names)),
                    },
                    Part::Optional(inner) => shown(inner, names),
                })
                .collect()
        }
        shown(&self.parts, names)
    }
}

/// Whether nodes have different values for a placeholder.
fn differ(filled: &[&Filled], idx: usize) -> bool {
    let mut values = filled.iter().filter_map(|values| values.get(idx));
    let first = values.next();
    values.any(|value| Some(value) != first)
}

/// A text in the making.
#[derive(Debug, Default)]
struct Writer {
    out: Text,
    /// Whether the last value was 1.
    is_one: bool,
    /// Whether the last value ends a sentence by itself.
    is_ended: bool,
}

impl Writer {
    fn part(&mut self, part: &Part, filled: &[&Filled], idx: &mut usize) {
        match part {
            Part::Ours(words) => {
                let words = if self.is_one { number::singular(words) } else { words.clone() };
                let words = words.strip_prefix('.').filter(|_| self.is_ended).unwrap_or(&words);
                self.out.push_ours(words.to_owned());
                (self.is_one, self.is_ended) = (false, false);
            }
            Part::Value(_) => {
                let mut values: Vec<&Text> = Vec::new();
                for value in filled.iter().filter_map(|values| values.get(*idx)) {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
                for (n, value) in values.iter().take(VALUES_MAX).enumerate() {
                    if n > 0 {
                        self.out.push_ours(" / ");
                    }
                    self.out.push_text((*value).clone());
                }
                if values.len() > VALUES_MAX {
                    self.out.push_ours(format!(" / {} more", values.len() - VALUES_MAX));
                }
                let last = values.last().map(|value| value.plain()).unwrap_or_default();
                self.is_one = values.len() == 1 && last == "1";
                self.is_ended = values.len() <= VALUES_MAX && last.ends_with('.');
                *idx += 1;
            }
            // None stands within another.
            Part::Optional(_) => {}
        }
    }
}

/// The parts of a stretch of a text without `[[ ... ]]`.
fn plain(
    text: &str,
    at: std::ops::Range<usize>,
    scope: Scope<'_>,
    used: &mut Used,
    faults: &mut Vec<ExprFault>,
) -> Vec<Part> {
    let mut parts = Vec::new();
    let text = text.get(..at.end).unwrap_or_default();
    let mut rest = at.start;
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
        let (inner, words) = with_words(inner);
        match crate::expr::value(inner, scope, used) {
            Ok(expr) => {
                let unit = unit(&expr, scope, used).unwrap_or_default().to_owned();
                let written = inner.trim().to_owned();
                parts.push(Part::Value(Box::new(Slot { expr, unit, open: words, written })));
            }
            Err(inner_faults) => {
                faults.extend(inner_faults.into_iter().map(|fault| ExprFault {
                    span: fault.span.start + open + 2..fault.span.end + open + 2,
                    ..fault
                }));
            }
        }
        rest = close + 2;
    }
    let tail = text.get(rest..).unwrap_or_default();
    if !tail.is_empty() {
        parts.push(Part::Ours(tail.to_owned()));
    }
    parts
}

/// A placeholder without and with its words for what is not known: `name or <index>`.
fn with_words(inner: &str) -> (&str, Option<String>) {
    let words = inner.trim_end().strip_suffix('>').and_then(|rest| rest.rsplit_once(" or <"));
    match words {
        Some((value, words)) => (value, Some(format!("<{words}>"))),
        None => (inner, None),
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
        Node::Case(arms, otherwise) => {
            arms.iter().map(|(_, value)| value).chain(otherwise.as_deref()).find_map(unit_of)
        }
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
