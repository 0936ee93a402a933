//! `[let.NAME]`: local facts from tables.

use super::Compiler;
use crate::expr::{ColumnUse, ExprFault, LetNames, Scope, Used, single_call};
use crate::fault::nearest;
use crate::place::Placed;
use crate::rule::{Aggregate, How, Let};
use crate::spec::{RuleSpec, Word};
use std::collections::BTreeMap;
use tables::{Kind, TableDoc};

impl Compiler<'_> {
    /// Compiles every let. Their conditions name columns of their own table, facts, parameters and,
    /// as `row.column`, the row that a table rule asks; no other let.
    pub(super) fn all_lets(&mut self, spec: &RuleSpec) -> Vec<Let> {
        let mut lets = Vec::new();
        let mut names = Vec::new();
        for (name, keys) in &spec.lets {
            if let Some((one, known)) = self.one_let(name, keys) {
                lets.push(one);
                names.push(known);
            } else {
                // Keeps the places of those that follow; the rule has a fault and is not run.
                names.push(LetNames { name: name.get_ref().clone(), values: Vec::new() });
            }
        }
        self.lets = names;
        lets
    }

    fn one_let(&mut self, name: &Word, keys: &BTreeMap<Word, Word>) -> Option<(Let, LetNames)> {
        let from = keys.iter().find(|(key, _)| key.get_ref() == "from").map(|(_, word)| word);
        let Some(from) = from else {
            self.fault(name.span(), format!("[let.{}] needs `from`", name.get_ref()), None);
            return None;
        };
        let table = self.table_of(from)?;
        let mut own = Used {
            facts: std::mem::take(&mut self.used.facts),
            // The rule's own columns: a let that names the row adds to them.
            row: std::mem::take(&mut self.used.columns),
            ..Used::default()
        };
        let mut faults: Vec<(Placed, Vec<ExprFault>)> = Vec::new();
        let scope = Scope { table: Some(table), params: &self.params, lets: &[], row: self.table };
        let mut condition = None;
        let (mut values, mut known) = (Vec::new(), Vec::new());
        for (key, word) in keys {
            let placed = Placed::new(self.file.text, word);
            match key.get_ref().as_str() {
                "from" => {}
                "where" => match crate::expr::condition(&placed.text, scope, &mut own) {
                    Ok(expr) => condition = Some(expr),
                    Err(found) => faults.push((placed, found)),
                },
                value => match aggregate(&placed.text, table, &mut own.columns) {
                    Ok((how, column, kind, unit)) => {
                        values.push(Aggregate { how, column });
                        known.push((value.to_owned(), Some(kind), unit));
                    }
                    Err(fault) => faults.push((placed, vec![fault])),
                },
            }
        }
        self.used.facts = own.facts;
        self.used.columns = own.row;
        self.used.params.extend(own.params);
        for (placed, found) in faults {
            self.report(&placed, found);
        }
        if values.is_empty() {
            let message =
                format!("[let.{}] needs a value, such as `n = \"COUNT(*)\"`", name.get_ref());
            self.fault(name.span(), message, None);
            return None;
        }
        let name = name.get_ref().clone();
        let mut by_row = false;
        if let Some(condition) = &condition {
            condition.walk(&mut |part| by_row |= matches!(part.node, crate::expr::Node::Row(_)));
        }
        let one =
            Let { name: name.clone(), table, condition, columns: own.columns, values, by_row };
        Some((one, LetNames { name, values: known }))
    }
}

type Found = (How, Option<usize>, Kind, &'static str);

/// COUNT(*), COUNT(c), COUNT(DISTINCT c), SUM(c), MIN(c) or MAX(c).
fn aggregate(
    text: &str,
    table: &TableDoc,
    columns: &mut Vec<ColumnUse>,
) -> Result<Found, ExprFault> {
    let whole = 0..text.trim_end().len();
    let fault = |message: &str, near| ExprFault {
        span: whole.clone(),
        message: message.to_owned(),
        nearest: near,
    };
    let forms = "a value of a [let] is COUNT(*), COUNT(DISTINCT c), SUM(c), MIN(c) or MAX(c)";
    let call = single_call(text)?.ok_or_else(|| fault(forms, None))?;
    let Some(name) = call.column else {
        return if call.function == "COUNT" && !call.distinct {
            Ok((How::Count, None, Kind::Int, ""))
        } else {
            Err(fault(forms, None))
        };
    };
    let Some(doc) = table.columns.iter().find(|column| column.name == name) else {
        let near = nearest(&name, table.columns.iter().map(|column| column.name));
        return Err(fault(&format!("no column `{name}` in table `{}`", table.name), near));
    };
    let how = match (call.function.as_str(), call.distinct) {
        ("COUNT", true) => How::CountDistinct,
        ("COUNT", false) => How::Count,
        ("SUM", false) => How::Sum,
        ("MIN", false) => How::Min,
        ("MAX", false) => How::Max,
        _ => return Err(fault(forms, None)),
    };
    if how == How::Sum && !matches!(doc.kind, Kind::Int | Kind::Float | Kind::Span) {
        return Err(fault(&format!("SUM needs numbers; `{name}` is {}", doc.kind.as_str()), None));
    }
    let at = columns.iter().position(|column| column.name == doc.name).unwrap_or_else(|| {
        columns.push(ColumnUse { name: doc.name, unit: doc.unit });
        columns.len() - 1
    });
    let (kind, unit) = match how {
        How::Count | How::CountDistinct => (Kind::Int, ""),
        How::Sum | How::Min | How::Max => (doc.kind, doc.unit),
    };
    Ok((how, Some(at), kind, unit))
}
