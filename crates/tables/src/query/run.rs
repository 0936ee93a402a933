//! Putting a question to the engine.

use super::frame::{KEY_SUFFIX, frame};
use super::gate::{Gated, place};
use super::{QueryAnswer, QueryError};
use crate::build::{nearest_clause, nearest_name};
use crate::table::TableData;
use polars::prelude::{DataFrame, IntoLazy, PolarsResult};
use polars::sql::SQLContext;

/// The stack for planning: the engine's planner descends once per level of an expression.
const STACK_BYTES: usize = 64 << 20;

/// Answers a question over the tables that it names.
pub(super) fn run(gated: &Gated, tables: &[&TableData]) -> Result<QueryAnswer, QueryError> {
    let answered = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        // A fault inside the engine ends this thread, not the program.
        let handle = thread.spawn_scoped(scope, || execute(&gated.sql, tables));
        handle.ok().and_then(|handle| handle.join().ok())
    });
    match answered {
        Some(Ok(frame)) => Ok(QueryAnswer::of_frame(frame)),
        Some(Err(error)) => Err(explain(&error.to_string(), gated)),
        None => Err(QueryError::Engine { what: "the engine failed on it".to_owned() }),
    }
}

fn execute(sql: &str, tables: &[&TableData]) -> PolarsResult<DataFrame> {
    // A context is never used twice: aliases of one question would be tables of the next.
    let mut context = SQLContext::new();
    for table in tables {
        context.register(table.doc.name, frame(table, true)?.lazy());
    }
    let frame = context.execute(sql)?.collect()?;
    let hidden: Vec<String> = frame
        .get_column_names()
        .iter()
        .filter(|name| name.contains(KEY_SUFFIX))
        .map(|name| name.to_string())
        .collect();
    Ok(frame.drop_many(hidden))
}

/// The engine's message in our words, with a place.
fn explain(message: &str, gated: &Gated) -> QueryError {
    if let Some(name) = quoted_behind(
        message,
        &[
            "unable to find column ",
            "no column named ",
            "no table or struct column named ",
            "not found: ",
        ],
    ) {
        let known = gated.tables.iter().flat_map(|table| table.columns).map(|column| column.name);
        let hint = nearest_clause(nearest_name(&name, known).as_ref());
        let (line, column) = place(&gated.words, &name);
        return QueryError::UnknownColumn { line, column, name, hint };
    }
    let unsupported = |what: &str, word: &str, instead: &str| {
        let at = gated.words.iter().find(|other| other.text.eq_ignore_ascii_case(word));
        let (line, column) = at.map_or((1, 1), |word| (word.line, word.column));
        QueryError::Unsupported { line, column, what: what.to_owned(), instead: instead.to_owned() }
    };
    if message.contains("subquery comparisons") {
        let instead = "CROSS JOIN a derived table of one row, or use IN (SELECT ...)";
        return unsupported("comparing with a subquery", "select", instead);
    }
    if let Some(name) = quoted_behind(message, &["unsupported function "]) {
        return unsupported(
            &format!("the function {name}"),
            &name,
            "the functions are those of Polars SQL",
        );
    }
    if message.contains("ROWS BETWEEN") {
        let instead = "only UNBOUNDED PRECEDING to CURRENT ROW is";
        return unsupported("this window frame", "rows", instead);
    }
    if message.contains("EXISTS") || message.contains("Exists") {
        let instead = "CROSS JOIN (SELECT COUNT(*) ...), or IN (SELECT ...)";
        return unsupported("this EXISTS", "exists", instead);
    }
    let first = message.lines().next().unwrap_or_default();
    let dump = first.contains("Ident {") || first.contains("Some(") || first.len() > 300;
    let what = if dump { "a construct in it is not supported" } else { first };
    QueryError::Engine { what: what.to_owned() }
}

/// The name in quotes behind one of `phrases`.
fn quoted_behind(message: &str, phrases: &[&str]) -> Option<String> {
    let rest = phrases.iter().find_map(|phrase| message.split_once(phrase))?.1;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    rest.get(1..)?.split(quote).next().map(str::to_owned)
}
