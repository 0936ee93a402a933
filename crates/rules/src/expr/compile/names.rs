//! Names in an expression: columns, facts, values of a `[let]`, parameters.

use super::{ColumnUse, Compiler, FactUse, Param};
use crate::expr::functions::{Function, SPECIAL};
use crate::expr::{Expr, Node};
use crate::fault::nearest;
use crate::schema::{self, FactInfo};
use sqlparser::ast;
use std::ops::Range;
use tables::TableDoc;

impl Compiler<'_, '_, '_> {
    pub(super) fn column(&mut self, ident: &ast::Ident) -> Expr {
        let span = self.source.range(ident.span);
        let name = ident.value.as_str();
        let Some(table) = self.scope.table else {
            if Function::is_name(name) {
                return self.fault(&span, format!("`{name}` is a function: write `{name}(...)`"));
            }
            let near = self.near_dotted(name);
            return self.fault_near(
                &span,
                format!(
                    "`{name}` is a bare name, but the rule has no `from` table; facts are dotted"
                ),
                near,
            );
        };
        let Some(info) = table.column(name) else {
            let near = nearest(name, table.columns.iter().map(|column| column.name));
            return self.fault_near(
                &span,
                format!("no column `{name}` in table `{}`", table.name),
                near,
            );
        };
        let kind = Some(info.kind);
        let at =
            self.used.columns.iter().position(|column| column.name == name).unwrap_or_else(|| {
                self.used.columns.push(ColumnUse { name: info.name, unit: info.unit });
                self.used.columns.len() - 1
            });
        Expr { node: Node::Column(at), kind, span }
    }

    pub(super) fn dotted(&mut self, idents: &[ast::Ident]) -> Expr {
        let first = idents.first().map_or(0..0, |ident| self.source.range(ident.span));
        let last = idents.last().map_or(0..0, |ident| self.source.range(ident.span));
        let span = first.start..last.end;
        let words: Vec<&str> = idents.iter().map(|ident| ident.value.as_str()).collect();
        let path = words.join(".");
        if let [name, value] = words.as_slice()
            && let Some(at) = self.scope.lets.iter().position(|one| one.name == *name)
        {
            return self.let_value(at, value, span);
        }
        if let (["row", name], Some(table)) = (words.as_slice(), self.scope.row) {
            return self.row_column(table, name, span);
        }
        let Some(info) = schema::fact(&path) else {
            let near = self.near_dotted(&path);
            let message = format!("no fact `{path}` in the catalogue");
            return self.fault_near(&span, message, near);
        };
        let at = self.used.facts.iter().position(|fact| fact.path == path).unwrap_or_else(|| {
            let FactInfo { unit, per_node, .. } = info;
            self.used.facts.push(FactUse { path: path.clone(), unit, per_node });
            self.used.facts.len() - 1
        });
        Expr { node: Node::Fact(at), kind: Some(info.kind), span }
    }

    /// `row.column`: a column of the row that the rule asks.
    fn row_column(&mut self, table: &'static TableDoc, name: &str, span: Range<usize>) -> Expr {
        let Some(info) = table.column(name) else {
            let near = nearest(name, table.columns.iter().map(|column| column.name));
            let message = format!("no column `{name}` in table `{}`", table.name);
            return self.fault_near(&span, message, near);
        };
        let at = self.used.row.iter().position(|column| column.name == name).unwrap_or_else(|| {
            self.used.row.push(ColumnUse { name: info.name, unit: info.unit });
            self.used.row.len() - 1
        });
        Expr { node: Node::Row(at), kind: Some(info.kind), span }
    }

    fn let_value(&mut self, at: usize, value: &str, span: Range<usize>) -> Expr {
        let Some(one) = self.scope.lets.get(at) else { return self.fault(&span, "no such let") };
        if let Some((idx, (_, kind, _))) =
            one.values.iter().enumerate().find(|(_, (name, ..))| name == value)
        {
            self.used.lets.insert((at, idx));
            return Expr { node: Node::Let(at, idx), kind: *kind, span };
        }
        let near = nearest(value, one.values.iter().map(|(name, ..)| name.as_str()));
        self.fault_near(&span, format!("no value `{value}` in [let.{}]", one.name), near)
    }

    fn near_dotted(&self, name: &str) -> Option<String> {
        let lets: Vec<String> = self
            .scope
            .lets
            .iter()
            .flat_map(|one| one.values.iter().map(|(value, ..)| format!("{}.{value}", one.name)))
            .collect();
        let facts = schema::fact_paths().map(|path: &str| path);
        let all: Vec<&str> = lets.iter().map(String::as_str).chain(facts).collect();
        nearest(name, all)
    }

    /// Looks up `:name`.
    pub(super) fn param(&mut self, written: &str, span: &Range<usize>) -> Option<Param> {
        let Some(name) = written.strip_prefix(':') else {
            self.fault(span, format!("`{written}` is not taken; parameters are written `:name`"));
            return None;
        };
        let Some(param) = self.scope.params.get(name) else {
            let near = nearest(name, self.scope.params.keys().map(String::as_str));
            self.fault_near(span, format!("no parameter `{name}` in `params`"), near);
            return None;
        };
        self.used.params.insert(name.to_owned());
        Some(param.clone())
    }
}

impl Function {
    fn is_name(name: &str) -> bool {
        Self::find(name).is_some() || SPECIAL.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}
