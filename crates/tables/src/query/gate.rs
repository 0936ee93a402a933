//! What may be asked: one SELECT over documented tables, without functions that read files.
//!
//! The engine's language reaches files and changes its own tables; and its counts are unsigned and
//! wrap. So every question is parsed here first, and rewritten word by word: counts become signed,
//! columns named like keywords are quoted, versions compare by their sort key.

use super::QueryError;
use crate::build::{nearest_clause, nearest_name};
use crate::{Kind, TableDoc, Version};
use sqlparser::ast::{SetExpr, Statement, TableFactor, TableWithJoins};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Words and signs of a question: an expression as deep as this still fits the stack.
const TOKENS_MAX: usize = 4000;

/// Functions whose results are unsigned in the engine.
const UNSIGNED: &[&str] = &[
    "count",
    "length",
    "char_length",
    "character_length",
    "octet_length",
    "bit_length",
    "strpos",
    "rank",
    "dense_rank",
    "row_number",
    "array_length",
];

/// Aggregates that the engine would hand to a part of it which is not built in, when a group's
/// results are nothing else: a function around them keeps them away from it.
const PLAIN_AGGREGATES: &[&str] = &["sum", "min", "max", "first", "last", "avg"];

/// Column names that the parser takes for keywords.
const KEYWORD_COLUMNS: &[&str] = &["table", "end", "user", "top"];

/// What people write and the engine does not know, and what to write instead.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("date_trunc", "tables of minutes have a column `minute`; else CAST(at AS BIGINT) // 60000"),
    ("regexp_extract", "use SPLIT_PART"),
    ("regexp_replace", "use SPLIT_PART or REPLACE"),
    ("regexp_substr", "use SPLIT_PART"),
    ("percentile_cont", "use QUANTILE_CONT(x, 0.95)"),
    ("percentile_disc", "use QUANTILE_DISC(x, 0.95)"),
    ("approx_quantile", "use QUANTILE_CONT(x, 0.95)"),
    ("json_extract", "settings are in the table `settings` by path"),
    ("generate_series", "tables of minutes have a column `minute`"),
    ("current_timestamp", "answers must not depend on when they are made; write the time"),
    ("current_date", "answers must not depend on when they are made; write the date"),
    ("now", "answers must not depend on when they are made; write the time"),
    ("random", "answers must not depend on chance"),
];

/// A question that may be put to the engine.
#[derive(Debug)]
pub(super) struct Gated {
    /// The rewritten question.
    pub(super) sql: String,
    /// The tables that it names, each once.
    pub(super) tables: Vec<&'static TableDoc>,
    /// The words of the original, for the places of faults.
    pub(super) words: Vec<Word>,
}

/// A name in the original question.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) line: u64,
    pub(super) column: u64,
}

pub(super) fn gate(sql: &str) -> Result<Gated, QueryError> {
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, sql).tokenize_with_location().map_err(|error| {
        let at = error.location;
        QueryError::Syntax { line: at.line, column: at.column, what: error.message }
    })?;
    if tokens.len() > TOKENS_MAX {
        return Err(QueryError::TooLong { max: TOKENS_MAX });
    }
    let tokens: Vec<TokenWithSpan> =
        tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
    // Before the rewriting, which takes the word TABLE for a column's name.
    if tokens.first().is_some_and(|first| !begins_a_question(&first.token)) {
        return Err(QueryError::NotOneSelect { what: "another statement" });
    }
    refuse(&tokens)?;
    let words: Vec<Word> = tokens.iter().filter_map(word).collect();
    let sql = rewrite(&tokens);
    let statements = Parser::parse_sql(&dialect, &sql).map_err(|error| syntax(&error, &tokens))?;
    let mut statements = statements.into_iter();
    let (Some(statement), None) = (statements.next(), statements.next()) else {
        return Err(QueryError::NotOneSelect { what: "none or several" });
    };
    let Statement::Query(mut query) = statement else {
        return Err(QueryError::NotOneSelect { what: "another statement" });
    };
    super::select::shape(&mut query)?;
    let sql = query.to_string();
    let mut names = Names { ctes: Vec::new(), tables: Vec::new() };
    names.query(&query)?;
    let mut tables: Vec<&'static TableDoc> = Vec::new();
    // Subqueries in expressions are found by their words; a name too many costs nothing.
    let in_words = words.iter().map(|word| word.text.as_str()).filter_map(TableDoc::find);
    for name in &names.tables {
        if names.ctes.iter().any(|cte| cte.eq_ignore_ascii_case(name)) {
            continue;
        }
        let doc = TableDoc::find(name).ok_or_else(|| {
            let (line, column) = place(&words, name);
            let near = nearest_name(name, crate::TABLES.iter().map(|table| table.name));
            let hint = nearest_clause(near.as_ref());
            QueryError::UnknownTable { line, column, table: name.clone(), hint }
        })?;
        tables.push(doc);
    }
    let has_subquery = tokens.windows(2).any(|pair| {
        matches!(pair, [open, select] if open.token == Token::LParen && is_word(&select.token, "select"))
    });
    if has_subquery {
        // Only tables behind FROM or JOIN, so that a column's name calls for no table.
        let behind = tokens.windows(2).filter_map(|pair| match pair {
            [from, name] if is_word(&from.token, "from") || is_word(&from.token, "join") => {
                word(name)
            }
            _ => None,
        });
        let behind: Vec<String> = behind.map(|word| word.text).collect();
        tables.extend(in_words.filter(|doc| behind.iter().any(|name| name == doc.name)));
    }
    tables.sort_unstable_by_key(|doc| doc.name);
    tables.dedup_by_key(|doc| doc.name);
    Ok(Gated { sql, tables, words })
}

fn begins_a_question(token: &Token) -> bool {
    matches!(token, Token::LParen | Token::SemiColon)
        || ["select", "with", "values"].iter().any(|word| is_word(token, word))
}

/// Refuses by name what reads files and what the engine does not know.
fn refuse(tokens: &[TokenWithSpan]) -> Result<(), QueryError> {
    for (idx, token) in tokens.iter().enumerate() {
        let Some(word) = word(token) else { continue };
        let name = word.text.to_ascii_lowercase();
        let called = tokens.get(idx + 1).is_some_and(|next| next.token == Token::LParen);
        let (line, column) = (word.line, word.column);
        let unsupported = |what: String, instead: &str| {
            Err(QueryError::Unsupported { line, column, what, instead: instead.to_owned() })
        };
        if called && (name.starts_with("read_") || name.starts_with("scan_")) {
            return unsupported(
                format!("{}()", word.text),
                "a question reads the tables only; name files as inputs",
            );
        }
        if name == "recursive" {
            return unsupported("WITH RECURSIVE".to_owned(), "join the table with itself");
        }
        let after_call = idx.checked_sub(1).and_then(|before| tokens.get(before));
        if name == "filter" && called && after_call.is_some_and(|t| t.token == Token::RParen) {
            let instead = "use SUM(CASE WHEN ... THEN 1 ELSE 0 END)";
            return unsupported("FILTER (WHERE ...)".to_owned(), instead);
        }
        if !called && !name.starts_with("current_") {
            continue;
        }
        if let Some((_, instead)) = UNSUPPORTED.iter().find(|(known, _)| *known == name) {
            return unsupported(word.text.to_ascii_uppercase(), instead);
        }
    }
    Ok(())
}

/// The question with signed counts, quoted names and version keys.
fn rewrite(tokens: &[TokenWithSpan]) -> String {
    let mut out: Vec<String> = tokens.iter().map(|token| token.token.to_string()).collect();
    let text = |idx: usize| tokens.get(idx).map(|token| &token.token);
    let mut open_cases = 0_usize;
    for (idx, token) in tokens.iter().enumerate() {
        let Token::Word(found) = &token.token else { continue };
        if found.quote_style.is_some() {
            continue;
        }
        let name = found.value.to_ascii_lowercase();
        let called = text(idx + 1) == Some(&Token::LParen);
        if name == "case" {
            open_cases += 1;
        } else if name == "end" && open_cases > 0 {
            open_cases -= 1;
        } else if name == "over" && called && text(idx + 2) == Some(&Token::RParen) {
            // The engine wants a key to partition by; a constant is one for all rows.
            if let Some(slot) = out.get_mut(idx + 1) {
                slot.push_str("PARTITION BY 1");
            }
        } else if KEYWORD_COLUMNS.contains(&name.as_str()) && !called {
            if let Some(slot) = out.get_mut(idx) {
                *slot = format!("\"{name}\"");
            }
        } else if called {
            let (before, after) = if UNSIGNED.contains(&name.as_str()) {
                ("CAST(", " AS BIGINT)")
            } else if PLAIN_AGGREGATES.contains(&name.as_str()) {
                ("COALESCE(", ", NULL)")
            } else {
                continue;
            };
            let last = call_end(tokens, idx + 1);
            if let Some(slot) = out.get_mut(idx) {
                slot.insert_str(0, before);
            }
            if let Some(slot) = out.get_mut(last) {
                slot.push_str(after);
            }
        }
    }
    versions(tokens, &mut out);
    out.join(" ")
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only parentheses count")]
/// The last token of a call: behind its arguments and OVER.
fn call_end(tokens: &[TokenWithSpan], open: usize) -> usize {
    let close = |open: usize| {
        let mut depth = 0_usize;
        for (idx, token) in tokens.iter().enumerate().skip(open) {
            match token.token {
                Token::LParen => depth += 1,
                Token::RParen if depth <= 1 => return idx,
                Token::RParen => depth -= 1,
                _ => {}
            }
        }
        tokens.len().saturating_sub(1)
    };
    let mut end = close(open);
    if tokens.get(end + 1).is_some_and(|token| is_word(&token.token, "over")) {
        let next = tokens.get(end + 2).map(|token| &token.token);
        end = if next == Some(&Token::LParen) { close(end + 2) } else { end + 2 };
    }
    end
}

/// `version >= '10.5'` compares sort keys; `at >= '2026-03-05T09:18:00Z'` compares times.
fn versions(tokens: &[TokenWithSpan], out: &mut [String]) {
    let is = |name: &str, kind: Kind| {
        let columns = crate::TABLES.iter().flat_map(|table| table.columns);
        columns.filter(|column| column.kind == kind).any(|column| column.name == name)
    };
    for (idx, trio) in tokens.windows(3).enumerate() {
        let [left, operator, right] = trio else { continue };
        let compares = matches!(
            operator.token,
            Token::Lt | Token::Gt | Token::LtEq | Token::GtEq | Token::Eq | Token::Neq
        );
        let pair = match (&left.token, &right.token) {
            (Token::Word(name), Token::SingleQuotedString(text)) => {
                Some((idx, name, idx + 2, text))
            }
            (Token::SingleQuotedString(text), Token::Word(name)) => {
                Some((idx + 2, name, idx, text))
            }
            _ => None,
        };
        let Some((name_idx, name, text_idx, text)) = pair.filter(|_| compares) else { continue };
        // Times as our own answers write them: with zone, which Polars does not read.
        if is(&name.value, Kind::Time)
            && let Ok(at) = chrono::DateTime::parse_from_rfc3339(text)
            && let Some(slot) = out.get_mut(text_idx)
        {
            *slot = format!("'{}'", at.with_timezone(&chrono::Utc).format("%Y-%m-%d %H:%M:%S%.f"));
            continue;
        }
        let (true, Some(version)) = (is(&name.value, Kind::Version), Version::parse(text)) else {
            continue;
        };
        if let Some(slot) = out.get_mut(name_idx) {
            *slot = format!("\"{}{}\"", name.value, super::frame::KEY_SUFFIX);
        }
        if let Some(slot) = out.get_mut(text_idx) {
            *slot = format!("'{}'", version.sort_key());
        }
    }
}

/// The tables that a question names outside of expressions.
struct Names {
    ctes: Vec<String>,
    tables: Vec<String>,
}

impl Names {
    fn query(&mut self, query: &sqlparser::ast::Query) -> Result<(), QueryError> {
        if let Some(with) = &query.with {
            for cte in &with.cte_tables {
                self.ctes.push(cte.alias.name.value.clone());
                self.query(&cte.query)?;
            }
        }
        self.set(&query.body)
    }

    fn set(&mut self, body: &SetExpr) -> Result<(), QueryError> {
        match body {
            SetExpr::Select(select) => select.from.iter().try_for_each(|from| self.joined(from)),
            SetExpr::Query(query) => self.query(query),
            SetExpr::SetOperation { left, right, .. } => {
                self.set(left)?;
                self.set(right)
            }
            SetExpr::Values(_) => Ok(()),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Table(_) => {
                Err(QueryError::NotOneSelect { what: "another statement" })
            }
        }
    }

    fn joined(&mut self, from: &TableWithJoins) -> Result<(), QueryError> {
        self.factor(&from.relation)?;
        from.joins.iter().try_for_each(|join| self.factor(&join.relation))
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an allow-list: whatever else there is is refused"
    )]
    fn factor(&mut self, factor: &TableFactor) -> Result<(), QueryError> {
        match factor {
            TableFactor::Table { name, args: None, .. } => {
                let name = name.0.iter().map(|part| part.value.as_str()).collect::<Vec<_>>();
                self.tables.push(name.join("."));
                Ok(())
            }
            TableFactor::Derived { subquery, .. } => self.query(subquery),
            TableFactor::NestedJoin { table_with_joins, .. } => self.joined(table_with_joins),
            TableFactor::UNNEST { .. } => Ok(()),
            _ => Err(QueryError::NotOneSelect { what: "one with a function in FROM" }),
        }
    }
}

fn word(token: &TokenWithSpan) -> Option<Word> {
    let Token::Word(word) = &token.token else { return None };
    Some(Word {
        text: word.value.clone(),
        line: token.span.start.line,
        column: token.span.start.column,
    })
}

fn is_word(token: &Token, name: &str) -> bool {
    matches!(token, Token::Word(word) if word.value.eq_ignore_ascii_case(name))
}

/// Where a name stands first; the start of the question if it does not.
pub(super) fn place(words: &[Word], name: &str) -> (u64, u64) {
    let last = name.rsplit('.').next().unwrap_or(name);
    words.iter().find(|word| word.text == last).map_or((1, 1), |word| (word.line, word.column))
}

/// A syntax fault in the place of the original. The parser saw one line, with our changes.
fn syntax(error: &sqlparser::parser::ParserError, tokens: &[TokenWithSpan]) -> QueryError {
    let message = error.to_string();
    let what = message.trim_start_matches("sql parser error: ");
    let what = what.split(" at Line:").next().unwrap_or(what).to_owned();
    let found = what.rsplit("found: ").next().unwrap_or_default();
    let token = tokens.iter().rev().find(|token| token.token.to_string() == found);
    let at = token.or(tokens.last()).map(|token| token.span.start);
    let (line, column) = at.map_or((1, 1), |at| (at.line, at.column));
    QueryError::Syntax { line, column, what }
}
