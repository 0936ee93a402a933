//! Function calls.

use super::{Compiler, Function};
use crate::expr::functions::{AGGREGATES, FUNCTIONS, FunctionDoc, Gives, SPECIAL, Takes};
use crate::expr::{Expr, Node};
use crate::fault::nearest;
use sqlparser::ast::{self, FunctionArg, FunctionArgExpr, FunctionArguments};
use std::ops::Range;
use tables::Kind;

impl Compiler<'_, '_, '_> {
    pub(super) fn call(&mut self, function: ast::Function) -> Expr {
        let name = function.name.to_string().to_ascii_uppercase();
        let place = match function.name.0.as_slice() {
            [ident] => self.source.range(ident.span),
            _ => self.source.word(&function.name.to_string(), 0),
        };
        if function.over.is_some() {
            return self
                .fault(&place, "window functions are not part of the language; use a column");
        }
        if AGGREGATES.contains(&name.as_str()) {
            return self
                .fault(&place, format!("{name} is an aggregate: only a [let] may compute it"));
        }
        let doc = Function::find(&name);
        if doc.is_none() && !SPECIAL.contains(&name.as_str()) {
            let known = FUNCTIONS.iter().map(|doc| doc.name).chain(SPECIAL.iter().copied());
            let near = nearest(&name, known);
            return self.fault_near(&place, format!("no function {name}"), near);
        }
        let plain = function.filter.is_none()
            && function.null_treatment.is_none()
            && function.within_group.is_empty()
            && matches!(function.parameters, FunctionArguments::None);
        let FunctionArguments::List(list) = function.args else {
            return self.fault(&place, format!("{name} takes values in brackets"));
        };
        if !plain || list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
            return self.fault(&place, format!("{name} takes plain values and no clauses"));
        }
        let mut args = Vec::with_capacity(list.args.len());
        for arg in list.args {
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => args.push(self.expr(expr)),
                FunctionArg::Unnamed(
                    FunctionArgExpr::QualifiedWildcard(_) | FunctionArgExpr::Wildcard,
                )
                | FunctionArg::Named { .. }
                | FunctionArg::ExprNamed { .. } => {
                    return self.fault(&place, format!("{name} takes plain values"));
                }
            }
        }
        if args.iter().any(|arg| matches!(arg.node, Node::Broken)) {
            return Expr { node: Node::Broken, kind: None, span: place };
        }
        match doc {
            Some(doc) => self.function(doc, args, place),
            None => self.special(&name, args, place),
        }
    }

    fn function(
        &mut self,
        doc: &'static FunctionDoc,
        mut args: Vec<Expr>,
        place: Range<usize>,
    ) -> Expr {
        let kinds: Vec<Option<Kind>> = args.iter().map(|arg| arg.kind).collect();
        let number =
            |kind: &Option<Kind>| matches!(kind, Some(Kind::Int | Kind::Float | Kind::Span) | None);
        let only = |want: Kind| move |kind: &Option<Kind>| kind.is_none_or(|kind| kind == want);
        let (fits, wants) = match (doc.takes, kinds.as_slice()) {
            (Takes::Number, [one]) => (number(one), "one number"),
            (Takes::NumberAndDecimals, [one]) => (number(one), "a number"),
            (Takes::NumberAndDecimals, [one, Some(Kind::Int)]) => {
                (number(one), "a number and its decimals")
            }
            (Takes::Text, [one]) => (only(Kind::Text)(one), "one text"),
            (Takes::Span, [one]) => {
                (only(Kind::Span)(one), "one length of time, such as `ended_at - started_at`")
            }
            (Takes::Time, [one]) => (only(Kind::Time)(one), "one time"),
            (Takes::Version, [one]) => (only(Kind::Version)(one), "one version"),
            (Takes::Several, [_, _, ..]) => (true, ""),
            (takes, _) => (false, words(takes)),
        };
        if !fits {
            return self.fault(&place, format!("{} takes {wants}", doc.name));
        }
        let first = if doc.takes == Takes::Several {
            self.common(args.iter_mut(), doc.name)
        } else {
            kinds.first().copied().flatten()
        };
        let kind = match doc.gives {
            Gives::Same => first,
            Gives::Kind(kind) => Some(kind),
        };
        Expr { node: Node::Call(doc.function, args), kind, span: place }
    }

    fn special(&mut self, name: &str, mut args: Vec<Expr>, place: Range<usize>) -> Expr {
        match (name, args.len()) {
            ("COALESCE", 2..) => {
                let kind = self.common(args.iter_mut(), "COALESCE");
                Expr { node: Node::Coalesce(args), kind, span: place }
            }
            ("NULLIF", 2) => {
                let kind = self.common(args.iter_mut(), "NULLIF");
                match <[Expr; 2]>::try_from(args) {
                    Ok([left, right]) => Expr {
                        node: Node::NullIf(Box::new(left), Box::new(right)),
                        kind,
                        span: place,
                    },
                    Err(_) => self.fault(&place, "NULLIF takes two values"),
                }
            }
            ("REGEXP_LIKE", 2) => match <[Expr; 2]>::try_from(args) {
                Ok([part, pattern]) => self.pattern_of(part, &pattern, "~"),
                Err(_) => self.fault(&place, "REGEXP_LIKE takes a text and a pattern"),
            },
            ("IS_MASKED", 1) => match args.first().map(|arg| &arg.node) {
                Some(Node::Fact(at)) => {
                    Expr { node: Node::IsMasked(*at), kind: Some(Kind::Bool), span: place }
                }
                _ => self.fault(&place, "IS_MASKED takes a fact; tables have a column `masked`"),
            },
            ("COALESCE", _) => self.fault(&place, "COALESCE takes two or more values"),
            ("NULLIF", _) => self.fault(&place, "NULLIF takes two values"),
            ("REGEXP_LIKE", _) => self.fault(&place, "REGEXP_LIKE takes a text and a pattern"),
            (other, _) => self.fault(&place, format!("{other} takes one fact")),
        }
    }
}

fn words(takes: Takes) -> &'static str {
    match takes {
        Takes::Number => "one number",
        Takes::NumberAndDecimals => "a number and, if wanted, its decimals",
        Takes::Text => "one text",
        Takes::Several => "two or more values",
        Takes::Span => "one length of time",
        Takes::Time => "one time",
        Takes::Version => "one version",
    }
}
