//! Calls of one function with one column, as a `[let]` has them.

use crate::expr::source::{ExprFault, Source};
use sqlparser::ast;

/// A call of one function with one column or `*`.
pub(crate) struct SingleCall {
    /// In upper case.
    pub(crate) function: String,
    pub(crate) distinct: bool,
    /// `None` for `*`.
    pub(crate) column: Option<String>,
}

/// Reads `SUM(calls)`; `None` when the text is something else.
#[expect(clippy::wildcard_enum_match_arm, reason = "an allow-list: what is not named is refused")]
pub(crate) fn single_call(text: &str) -> Result<Option<SingleCall>, ExprFault> {
    let (_, parsed) = Source::parse(text)?;
    let ast::Expr::Function(function) = parsed else { return Ok(None) };
    let ast::FunctionArguments::List(list) = function.args else { return Ok(None) };
    let plain = function.over.is_none()
        && function.filter.is_none()
        && function.within_group.is_empty()
        && list.clauses.is_empty();
    let [ast::FunctionArg::Unnamed(arg)] = list.args.as_slice() else { return Ok(None) };
    let column = match arg {
        ast::FunctionArgExpr::Wildcard => None,
        ast::FunctionArgExpr::Expr(ast::Expr::Identifier(ident)) => Some(ident.value.clone()),
        _ => return Ok(None),
    };
    Ok(plain.then(|| SingleCall {
        function: function.name.to_string().to_ascii_uppercase(),
        distinct: list.duplicate_treatment == Some(ast::DuplicateTreatment::Distinct),
        column,
    }))
}
