//! Patterns and signs.

use super::{Compiler, constant};
use crate::expr::{Expr, Node, Origin, Pattern, Val};
use sqlparser::ast;
use tables::Kind;

/// A pattern as it is compiled: `%` and `_` of LIKE become regular expressions.
fn like_regex(pattern: &str) -> String {
    let mut out = String::from("(?s)^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => out.push_str(".*"),
            '_' => out.push('.'),
            '\\' => out.push_str(&regex::escape(&chars.next().unwrap_or('\\').to_string())),
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    out.push('$');
    out
}

impl Compiler<'_, '_, '_> {
    pub(super) fn pattern(
        &mut self,
        expr: ast::Expr,
        pattern: ast::Expr,
        word: &'static str,
    ) -> Expr {
        let part = self.expr(expr);
        let pattern = self.expr(pattern);
        self.pattern_of(part, &pattern, word)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an allow-list: what is not named is refused"
    )]
    pub(super) fn pattern_of(&mut self, part: Expr, pattern: &Expr, word: &'static str) -> Expr {
        if !matches!(part.kind, Some(Kind::Text) | None) {
            let kind = part.kind.map_or("NULL", Kind::as_str);
            return self.fault(&part.span.clone(), format!("{word} needs a text, this is {kind}"));
        }
        let (written, origin) = match &pattern.node {
            Node::Constant(Val::Text(text), origin) => (text.as_ref().to_owned(), origin.clone()),
            Node::Broken => return Expr { node: Node::Broken, kind: None, span: part.span },
            _ => {
                return self.fault(
                    &pattern.span.clone(),
                    format!("{word} needs a written pattern or a parameter"),
                );
            }
        };
        let regex = match word {
            "LIKE" => like_regex(&written),
            "ILIKE" => format!("(?i){}", like_regex(&written)),
            "~*" => format!("(?i){written}"),
            _ => written.clone(),
        };
        match regex::Regex::new(&regex) {
            Ok(regex) => {
                let span = part.span.start..pattern.span.end;
                let pattern = Pattern { word, written, origin, regex };
                Expr { node: Node::Match(Box::new(part), pattern), kind: Some(Kind::Bool), span }
            }
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default().trim().to_owned();
                self.fault(&pattern.span.clone(), format!("not a regular expression: {why}"))
            }
        }
    }

    pub(super) fn negate(&mut self, expr: ast::Expr) -> Expr {
        let part = self.expr(expr);
        match (&part.node, part.kind) {
            (Node::Constant(Val::Int(value), Origin::Written), _) => {
                constant(Val::Int(value.saturating_neg()), Origin::Written, part.span)
            }
            (Node::Constant(Val::Float(value), Origin::Written), _) => {
                constant(Val::Float(-value), Origin::Written, part.span)
            }
            (_, Some(Kind::Int | Kind::Float | Kind::Span) | None) => {
                let (kind, span) = (part.kind, part.span.clone());
                Expr { node: Node::Negate(Box::new(part)), kind, span }
            }
            (_, Some(kind @ (Kind::Bool | Kind::Text | Kind::Version | Kind::Time))) => {
                let message = format!("a {} has no negative", kind.as_str());
                self.fault(&part.span.clone(), message)
            }
        }
    }
}
