//! A parsed question in the form that the engine answers: results named as they were written, and
//! groups that it can make.

use super::QueryError;
use sqlparser::ast::{
    Distinct, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident, OrderBy,
    Query, Select, SelectItem, SetExpr, TableFactor, TableWithJoins, Value,
};

/// Functions that make one value of many. The engine of this build has no way to make groups whose
/// results are nothing but plain sums, minima and the like, so the gate wraps those.
const AGGREGATES: &[&str] = &[
    "array_agg",
    "avg",
    "corr",
    "count",
    "covar",
    "covar_samp",
    "first",
    "last",
    "max",
    "median",
    "min",
    "quantile_cont",
    "quantile_disc",
    "stddev",
    "stddev_samp",
    "stdev",
    "stdev_samp",
    "sum",
    "var",
    "var_samp",
    "variance",
];

/// Shapes a question and all that it contains.
///
/// - Errors: groups without any aggregate among the results, which the engine cannot make.
pub(super) fn shape(query: &mut Query) -> Result<(), QueryError> {
    if let Some(with) = &mut query.with {
        with.cte_tables.iter_mut().try_for_each(|cte| shape(&mut cte.query))?;
    }
    set(&mut query.body)?;
    if let (SetExpr::Select(select), Some(order)) = (query.body.as_ref(), &mut query.order_by) {
        by_name(select, order);
    }
    Ok(())
}

fn set(body: &mut SetExpr) -> Result<(), QueryError> {
    match body {
        SetExpr::Select(one) => select(one),
        SetExpr::Query(query) => shape(query),
        SetExpr::SetOperation { left, right, .. } => {
            set(left)?;
            set(right)
        }
        SetExpr::Values(_) | SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Table(_) => Ok(()),
    }
}

fn select(select: &mut Select) -> Result<(), QueryError> {
    for from in &mut select.from {
        joined(from)?;
    }
    groups(select)?;
    for item in &mut select.projection {
        let SelectItem::UnnamedExpr(expr) = item else { continue };
        if let Some(written) = as_written(expr) {
            let alias = Ident::with_quote('"', written);
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
        }
    }
    let results = std::mem::take(&mut select.projection);
    if let Some(having) = &mut select.having {
        name_results(having, &results);
        if has_aggregate(&having.to_string()) {
            return Err(QueryError::Group);
        }
    }
    select.projection = results;
    Ok(())
}

fn joined(from: &mut TableWithJoins) -> Result<(), QueryError> {
    let factors = from.joins.iter_mut().map(|join| &mut join.relation);
    std::iter::once(&mut from.relation).chain(factors).try_for_each(|factor| {
        if let TableFactor::Derived { subquery, .. } = factor { shape(subquery) } else { Ok(()) }
    })
}

/// Groups without an aggregate are the distinct rows, when what is asked for is the key.
fn groups(select: &mut Select) -> Result<(), QueryError> {
    let GroupByExpr::Expressions(keys, _) = &select.group_by else { return Ok(()) };
    let written = |expr: &Expr| expr.to_string();
    let results: Vec<String> = select
        .projection
        .iter()
        .map(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => written(expr),
            SelectItem::QualifiedWildcard(..) | SelectItem::Wildcard(_) => item.to_string(),
        })
        .collect();
    if keys.is_empty() || results.iter().any(|result| has_aggregate(result)) {
        return Ok(());
    }
    let is_key = |result: &String| keys.iter().any(|key| written(key) == *result);
    if select.having.is_some() || results.len() != keys.len() || !results.iter().all(is_key) {
        return Err(QueryError::Group);
    }
    select.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
    select.distinct = Some(Distinct::Distinct);
    Ok(())
}

/// Whether a piece of SQL calls an aggregate; names in quotes call nothing.
fn has_aggregate(sql: &str) -> bool {
    let sql: String = sql.to_ascii_lowercase().split('"').step_by(2).collect();
    sql.match_indices('(').any(|(at, _)| {
        let before = sql.get(..at).unwrap_or_default();
        let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
        name.is_some_and(|name| AGGREGATES.contains(&name))
    })
}

/// An aggregate or count as it was written, without what the gate put around it: `SUM(calls)`.
#[expect(clippy::wildcard_enum_match_arm, reason = "the two forms that the gate makes")]
fn as_written(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Cast { expr, .. } if matches!(**expr, Expr::Function(_)) => Some(expr.to_string()),
        Expr::Function(call) if call.name.to_string() == "COALESCE" => {
            let FunctionArguments::List(list) = &call.args else { return None };
            let [FunctionArg::Unnamed(FunctionArgExpr::Expr(inner)), second] = list.args.as_slice()
            else {
                return None;
            };
            let null = FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(Value::Null)));
            (*second == null && matches!(inner, Expr::Function(_))).then(|| inner.to_string())
        }
        Expr::Function(call) => Some(call.to_string()),
        _ => None,
    }
}

/// The engine sorts and filters groups by names of results only.
fn by_name(select: &Select, order: &mut OrderBy) {
    for one in &mut order.exprs {
        name_results(&mut one.expr, &select.projection);
    }
}

/// Puts the name of a result wherever an expression repeats it.
#[expect(clippy::wildcard_enum_match_arm, reason = "what comparisons are made of")]
fn name_results(expr: &mut Expr, results: &[SelectItem]) {
    let named = results.iter().find_map(|item| match item {
        SelectItem::ExprWithAlias { expr: result, alias } if result == expr => Some(alias),
        _ => None,
    });
    if let Some(alias) = named {
        *expr = Expr::Identifier(alias.clone());
        return;
    }
    match expr {
        Expr::BinaryOp { left, right, .. } => {
            name_results(left, results);
            name_results(right, results);
        }
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => name_results(inner, results),
        _ => {}
    }
}
