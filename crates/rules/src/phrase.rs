//! Rows as phrases: `api latency p99 on mm-1, rise: 0.53 s -> 5.66 s (x10.8)`.
//!
//! A phrase is a text with columns in braces. `{a}` shows a column in its unit, `{a:b}` in the unit
//! that column `b` names, `{a~}` with spaces for hyphens, `{a*}` as a multiple (`x10.8`), `{a#call}`
//! with its noun (`1 call`, `2 calls`), and `{-a}` not at all: it says that the phrase covers `a`.
//! `[...]` is left out when a column in it is null or false, and `[...|...]` takes the first part
//! that can be shown.

mod list;

use crate::expr::Val;
use crate::format;
use std::sync::LazyLock;
use tables::Table;
use text::Text;

/// How a row of one table reads.
pub(crate) struct Phrase {
    table: &'static str,
    parts: Vec<Part>,
}

enum Part {
    Ours(String),
    Column(&'static str, Show),
    /// The first alternative of which every column is there.
    Choice(Vec<Vec<Part>>),
}

enum Show {
    Plain,
    InUnitOf(&'static str),
    Words,
    Times,
    Counted(&'static str),
    Covered,
}

static ALL: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let phrase = |&(table, text): &(&'static str, &'static str)| {
        let mut rest = text;
        Phrase { table, parts: parts(&mut rest) }
    };
    list::PHRASES.iter().map(phrase).collect()
});

impl Phrase {
    /// The phrase of a table, if it has one.
    pub(crate) fn of(table: &str) -> Option<&'static Self> {
        ALL.iter().find(|phrase| phrase.table == table)
    }

    /// The row in words; `None` when a column is null that the phrase cannot do without.
    pub(crate) fn show(&self, table: Table<'_>, row: usize) -> Option<Text> {
        let mut out = Text::new();
        let needed =
            self.parts.iter().filter(|part| !matches!(part, Part::Column(_, Show::Covered)));
        fill(needed, table, row, &mut out).then_some(out)
    }

    /// Whether the phrase has said a column.
    pub(crate) fn covers(&self, column: &str) -> bool {
        mentions(&self.parts, column)
    }
}

/// Writes parts; `false` when a column that they need is null or false.
fn fill<'p>(
    parts: impl Iterator<Item = &'p Part>,
    table: Table<'_>,
    row: usize,
    out: &mut Text,
) -> bool {
    for part in parts {
        match part {
            Part::Ours(words) => out.push_ours(words.clone()),
            Part::Column(name, show) => {
                let value = table.column(name).map_or(Val::Null, |view| Val::of(view.get(row)));
                if value.is_null() || matches!(value, Val::Bool(false)) {
                    return false;
                }
                out.push_text(shown(&value, name, show, table, row));
            }
            Part::Choice(choices) => {
                for choice in choices {
                    let mut text = Text::new();
                    if fill(choice.iter(), table, row, &mut text) {
                        out.push_text(text);
                        break;
                    }
                }
            }
        }
    }
    true
}

fn shown(value: &Val<'_>, name: &str, show: &Show, table: Table<'_>, row: usize) -> Text {
    let unit = table.doc().column(name).map_or("", |column| column.unit);
    match show {
        Show::Plain => format::value(value, unit),
        Show::InUnitOf(other) => {
            let unit = table.column(other).map(|view| Val::of(view.get(row)));
            format::value(value, unit.as_ref().and_then(Val::text).unwrap_or(""))
        }
        Show::Words => {
            let words = value.text().unwrap_or("").replace('-', " ");
            format::value(&Val::Text(words.into()), unit)
        }
        Show::Times => Text::ours("x").with_text(format::value(value, "")),
        Show::Counted(noun) => {
            let plural = if matches!(value, Val::Int(1)) { "" } else { "s" };
            format::value(value, unit).with_ours(format!(" {noun}{plural}"))
        }
        Show::Covered => Text::new(),
    }
}

fn mentions(parts: &[Part], column: &str) -> bool {
    parts.iter().any(|part| match part {
        Part::Ours(_) => false,
        Part::Column(name, show) => {
            *name == column || matches!(show, Show::InUnitOf(unit) if *unit == column)
        }
        Part::Choice(choices) => choices.iter().any(|choice| mentions(choice, column)),
    })
}

/// The parts up to the end of the text or of the bracket in which they stand.
fn parts(rest: &mut &'static str) -> Vec<Part> {
    let mut out = Vec::new();
    loop {
        let end = rest.find(['{', '[', ']', '|']).unwrap_or(rest.len());
        let (words, behind) = rest.split_at(end);
        if !words.is_empty() {
            out.push(Part::Ours(words.to_owned()));
        }
        let mut chars = behind.chars();
        match chars.next() {
            Some('{') => {
                let (inner, after) = chars.as_str().split_once('}').unwrap_or((chars.as_str(), ""));
                out.push(column(inner));
                *rest = after;
            }
            Some('[') => {
                let mut choices = Vec::new();
                *rest = chars.as_str();
                loop {
                    choices.push(parts(rest));
                    let mut chars = rest.chars();
                    let more = chars.next() == Some('|');
                    *rest = chars.as_str();
                    if !more {
                        break;
                    }
                }
                out.push(Part::Choice(choices));
            }
            // The caller takes the end of a bracket.
            _ => {
                *rest = behind;
                return out;
            }
        }
    }
}

fn column(inner: &'static str) -> Part {
    if let Some(name) = inner.strip_prefix('-') {
        Part::Column(name, Show::Covered)
    } else if let Some(name) = inner.strip_suffix('~') {
        Part::Column(name, Show::Words)
    } else if let Some(name) = inner.strip_suffix('*') {
        Part::Column(name, Show::Times)
    } else if let Some((name, unit)) = inner.split_once(':') {
        Part::Column(name, Show::InUnitOf(unit))
    } else if let Some((name, noun)) = inner.split_once('#') {
        Part::Column(name, Show::Counted(noun))
    } else {
        Part::Column(inner, Show::Plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tables::TableDoc;

    fn columns(parts: &[Part]) -> Vec<&'static str> {
        parts
            .iter()
            .flat_map(|part| match part {
                Part::Ours(_) => Vec::new(),
                Part::Column(name, Show::InUnitOf(unit)) => vec![*name, *unit],
                Part::Column(name, _) => vec![*name],
                Part::Choice(choices) => {
                    choices.iter().flat_map(|choice| columns(choice)).collect()
                }
            })
            .collect()
    }

    #[test]
    fn phrases_name_tables_and_columns_that_there_are() {
        assert!(list::PHRASES.windows(2).all(|pair| pair[0].0 < pair[1].0), "sorted, once each");
        for phrase in ALL.iter() {
            let doc = TableDoc::find(phrase.table).expect(phrase.table);
            for name in columns(&phrase.parts) {
                assert!(doc.column(name).is_some(), "{}.{name}", phrase.table);
            }
        }
    }

    #[test]
    fn every_bracket_and_brace_is_closed() {
        for (table, text) in list::PHRASES {
            for (open, close) in [('[', ']'), ('{', '}')] {
                assert_eq!(text.matches(open).count(), text.matches(close).count(), "{table}");
            }
            let mut rest = *text;
            parts(&mut rest);
            assert_eq!(rest, "", "{table}");
        }
    }
}
