//! The traps of the language, each a test.

use super::*;
use std::collections::BTreeMap;
use tables::{Cell, TableDoc};

fn params() -> BTreeMap<String, Param> {
    BTreeMap::from([
        ("limit".to_owned(), Param::One(Val::Int(5))),
        ("min".to_owned(), Param::One(Val::Text("11.0".into()))),
        (
            "levels".to_owned(),
            Param::Many(vec![Val::Text("error".into()), Val::Text("fatal".into())]),
        ),
    ])
}

/// Compiles a condition over facts and columns of `queries`.
fn compile(text: &str) -> Result<(Expr, Used), String> {
    let params = params();
    let scope = Scope { table: TableDoc::find("queries"), params: &params, lets: &[], row: None };
    let mut used = Used::default();
    match condition(text, scope, &mut used) {
        Ok(expr) => Ok((expr, used)),
        Err(faults) => {
            let words = faults.iter().map(|fault| {
                let near =
                    fault.nearest.as_ref().map(|near| format!(" [{near}]")).unwrap_or_default();
                format!(
                    "{}: {}{near}",
                    text.get(fault.span.clone()).unwrap_or_else(|| panic!("{text:?}: {fault:?}")),
                    fault.message
                )
            });
            Err(words.collect::<Vec<_>>().join("; "))
        }
    }
}

/// What a condition gives when facts have these values; others are missing.
fn truth(text: &str, facts: &[(&str, FactState)]) -> Option<bool> {
    let (expr, used) = compile(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    let states = states(&used, facts);
    expr.truth(&Env { facts: &states, lets: &[], columns: &[], row: 0, outer: None })
}

fn states(used: &Used, facts: &[(&str, FactState)]) -> Vec<FactState> {
    used.facts
        .iter()
        .map(|fact| {
            facts
                .iter()
                .find(|(path, _)| *path == fact.path)
                .map_or_else(|| state(FactValue::Missing, Val::Null), |(_, state)| state.clone())
        })
        .collect()
}

fn state(state: FactValue, value: Scalar) -> FactState {
    FactState { state, value, place: None, outside: false }
}

fn known(value: Scalar) -> FactState {
    state(FactValue::Known, value)
}

fn version(text: &str) -> Scalar {
    Val::of(Cell::parse(Kind::Version, text).unwrap()).into_owned()
}

/// The names that would decide an unknown condition.
fn unknowns(text: &str, facts: &[(&str, FactState)]) -> Vec<String> {
    let (expr, used) = compile(text).unwrap();
    let states = states(&used, facts);
    let mut out = Vec::new();
    expr.unknowns(&Env { facts: &states, lets: &[], columns: &[], row: 0, outer: None }, &mut out);
    out.iter()
        .map(|one| match one {
            Unknown::Fact(at) => used.facts[*at].path.clone(),
            Unknown::Let(_)
            | Unknown::Column(_)
            | Unknown::Row(_)
            | Unknown::Nothing(_)
            | Unknown::Undefined(..) => {
                format!("{one:?}")
            }
        })
        .collect()
}

const USERS: &str = "stats.registered_users";
const POSTS: &str = "stats.posts";

#[test]
fn division_by_zero_is_unknown_not_infinite() {
    let facts = [(USERS, known(Val::Int(0))), (POSTS, known(Val::Int(7)))];
    assert_eq!(truth("stats.posts / stats.registered_users > 5", &facts), None);
    assert_eq!(truth("stats.posts % stats.registered_users = 0", &facts), None);
    assert_eq!(truth("stats.posts / 0 > 5", &facts), None);
    assert_eq!(truth("stats.posts / 0.0 > 5", &facts), None);
}

#[test]
fn division_of_whole_numbers_keeps_the_fraction() {
    let facts = [(USERS, known(Val::Int(2))), (POSTS, known(Val::Int(1)))];
    assert_eq!(truth("stats.posts / stats.registered_users = 0.5", &facts), Some(true));
}

#[test]
fn an_overflow_is_unknown_and_nothing_wraps() {
    let facts = [(USERS, known(Val::Int(2))), (POSTS, known(Val::Int(i64::MAX)))];
    assert_eq!(truth("stats.posts * stats.registered_users > 0", &facts), None);
    assert_eq!(truth("stats.posts + 1 > 0", &facts), None);
    assert_eq!(truth("stats.registered_users - 2000 < 0", &facts), Some(true));
    let least = [(POSTS, known(Val::Int(i64::MIN)))];
    assert_eq!(truth("ABS(stats.posts) > 0", &least), None);
    assert_eq!(truth("-stats.posts > 0", &least), None);
    assert_eq!(truth("stats.posts % -1 = 0", &least), None);
}

#[test]
fn numbers_that_are_not_finite_are_unknown() {
    let facts = [("database.cache_hit_ratio", known(Val::Float(f64::MAX)))];
    assert_eq!(truth("database.cache_hit_ratio * 10 > 2", &facts), None);
    assert_eq!(Val::of(Cell::Float(f64::NAN)), Val::Null);
}

#[test]
fn versions_compare_as_versions() {
    let facts = [("server.version", known(version("9.11.0")))];
    assert_eq!(truth("server.version < '11.0'", &facts), Some(true));
    assert_eq!(truth("server.version >= :min", &facts), Some(false));
    assert_eq!(truth("server.version = '9.11'", &facts), Some(true));
    assert_eq!(truth("server.version BETWEEN '9.5' AND '10.0'", &facts), Some(true));
    assert_eq!(truth("server.version IN ('9.10', '9.11.0')", &facts), Some(true));
    assert_eq!(truth("MAJOR(server.version) = 9", &facts), Some(true));
    assert_eq!(truth("VERSION('9.11.0') < VERSION('11.0')", &facts), Some(true));
    assert!(compile("server.version > 'new'").unwrap_err().contains("no version"));
    assert!(compile("server.os < '11.0'").unwrap_err().contains("compared as text"));
}

#[test]
fn false_and_missing_is_false() {
    let off = [("ServiceSettings.EnableUserTypingMessages", known(Val::Bool(false)))];
    let text = "ServiceSettings.EnableUserTypingMessages AND stats.posts > 5";
    assert_eq!(truth(text, &off), Some(false));
    let on = [("ServiceSettings.EnableUserTypingMessages", known(Val::Bool(true)))];
    assert_eq!(truth(text, &on), None);
    assert_eq!(unknowns(text, &on), [POSTS]);
    assert_eq!(
        truth("NOT ServiceSettings.EnableUserTypingMessages OR stats.posts > 5", &off),
        Some(true)
    );
}

#[test]
fn only_what_would_decide_is_missing() {
    let facts = [(USERS, known(Val::Int(1)))];
    let text = "(stats.registered_users > 5 AND stats.posts > 5) OR stats.teams > 5";
    assert_eq!(unknowns(text, &facts), ["stats.teams"]);
}

#[test]
fn an_undecidable_case_is_unknown() {
    let text = "CASE WHEN stats.posts > 5 THEN 1 ELSE 2 END = 2";
    assert_eq!(truth(text, &[]), None);
    assert_eq!(unknowns(text, &[]), [POSTS]);
    assert_eq!(truth(text, &[(POSTS, known(Val::Int(1)))]), Some(true));
    let text = "CASE stats.posts WHEN 1 THEN TRUE WHEN 2 THEN FALSE END";
    assert_eq!(truth(text, &[(POSTS, known(Val::Int(2)))]), Some(false));
    assert_eq!(truth(text, &[(POSTS, known(Val::Int(3)))]), None);
}

#[test]
fn masked_is_neither_missing_nor_empty() {
    let path = "SqlSettings.DataSource";
    let masked = [(path, state(FactValue::Masked, Val::Null))];
    assert_eq!(truth("IS_MASKED(SqlSettings.DataSource)", &masked), Some(true));
    assert_eq!(truth("SqlSettings.DataSource IS NULL", &masked), Some(false));
    assert_eq!(truth("SqlSettings.DataSource IS NOT NULL", &masked), Some(true));
    assert_eq!(truth("SqlSettings.DataSource = ''", &masked), None);
    assert_eq!(truth("COALESCE(SqlSettings.DataSource, '') = ''", &masked), None);
    assert_eq!(truth("COALESCE(SqlSettings.DataSource, '') = ''", &[]), Some(true));
    assert_eq!(truth("IS_MASKED(SqlSettings.DataSource)", &[]), None);
}

#[test]
fn what_was_never_looked_for_is_not_null_but_unknown() {
    let not_read = [(POSTS, state(FactValue::NotRead, Val::Null))];
    assert_eq!(truth("stats.posts IS NULL", &not_read), None);
    assert_eq!(truth("stats.posts IS NULL", &[]), Some(true));
    assert_eq!(truth("COALESCE(stats.posts, 0) = 0", &not_read), None);
}

#[test]
fn in_with_null_follows_sql() {
    assert_eq!(truth("1 IN (1, stats.posts)", &[]), Some(true));
    assert_eq!(truth("2 IN (1, stats.posts)", &[]), None);
    assert_eq!(truth("2 NOT IN (1, 3)", &[]), Some(true));
    assert_eq!(
        truth("server.os IN (:levels)", &[("server.os", known(Val::Text("fatal".into())))]),
        Some(true)
    );
}

#[test]
fn spans_are_lengths_of_time() {
    let at = |ms| known(Val::Time(ms));
    let facts = [
        ("packet.generated_at", at(10_000_000)),
        ("server.started_at", at(10_000_000 - 5_400_000)),
    ];
    let age = "packet.generated_at - server.started_at";
    assert_eq!(truth(&format!("{age} > INTERVAL '1 hour'"), &facts), Some(true));
    assert_eq!(truth(&format!("{age} > INTERVAL '2' HOUR"), &facts), Some(false));
    assert_eq!(truth(&format!("{age} = 5400000"), &facts), Some(true));
    assert_eq!(truth(&format!("HOURS({age}) = 1.5"), &facts), Some(true));
    assert_eq!(
        truth("server.started_at + INTERVAL '90 minutes' = packet.generated_at", &facts),
        Some(true)
    );
    assert_eq!(truth("server.started_at > '1970-01-01T00:00:00Z'", &facts), Some(true));
    assert_eq!(truth(&format!("({age}) / INTERVAL '30 minutes' = 3"), &facts), Some(true));
    assert!(
        compile("packet.generated_at - 5 > 3").unwrap_err().contains("cannot compute time - int")
    );
    assert!(
        compile("packet.generated_at > 5").unwrap_err().contains("cannot compare time with int")
    );
}

#[test]
fn patterns_match_whole_texts_and_regular_expressions_parts() {
    let os = [("server.os", known(Val::Text("linux_x".into())))];
    for (text, wanted) in [
        ("server.os LIKE 'linux%'", true),
        ("server.os LIKE 'inux%'", false),
        ("server.os LIKE 'LINUX%'", false),
        ("server.os ILIKE 'LINUX__'", true),
        ("server.os LIKE 'linux\\_x'", true),
        ("server.os NOT LIKE '%win%'", true),
        ("server.os ~ 'nu.'", true),
        ("server.os ~* 'NU.'", true),
        ("server.os !~ '^win'", true),
        ("REGEXP_LIKE(server.os, '^linux')", true),
        ("LENGTH(server.os) = 7", true),
        ("LOWER('ABC') = 'abc'", true),
    ] {
        assert_eq!(truth(text, &os), Some(wanted), "{text}");
    }
    assert!(compile("server.os ~ '('").unwrap_err().contains("regular expression"));
    assert!(compile("stats.posts LIKE '5%'").unwrap_err().contains("needs a text"));
}

#[test]
fn functions_give_null_for_null() {
    assert_eq!(truth("GREATEST(1, stats.posts) = 1", &[]), None);
    assert_eq!(truth("GREATEST(1, 2.5, 2) = 2.5", &[]), Some(true));
    assert_eq!(truth("LEAST(3, 2) = 2", &[]), Some(true));
    assert_eq!(truth("ROUND(2.567, 1) = 2.6", &[]), Some(true));
    assert_eq!(truth("NULLIF(3, 3) IS NULL", &[]), Some(true));
    assert_eq!(truth("COALESCE(NULL, 4) = 4", &[]), Some(true));
}

#[test]
fn what_is_not_in_the_language_is_refused_at_its_place() {
    for (text, wanted) in [
        ("SUM(calls) > 5", "SUM: SUM is an aggregate"),
        ("calls > COUNT(*)", "COUNT: COUNT is an aggregate"),
        ("calls > (SELECT 1)", "subqueries"),
        ("calls IN (SELECT 1)", "subqueries"),
        ("EXISTS (SELECT 1)", "subqueries"),
        ("ROW_NUMBER() OVER (ORDER BY calls) = 1", "ROW_NUMBER: window functions"),
        ("read_csv('x') = 1", "read_csv: no function READ_CSV"),
        ("LENGHT(kind) = 1", "[LENGTH]"),
        ("cals > 5", "cals: no column `cals` in table `queries` [calls]"),
        ("SqlSettings.MaxOpenCons > 5", "[SqlSettings.MaxOpenConns]"),
        ("calls > :limits", ":limits: no parameter `limits` in `params` [limit]"),
        ("calls = NULL", "IS NULL"),
        ("calls", "this is int, not a condition"),
        ("calls AND TRUE", "calls: this is int"),
        ("calls > 'many'", "no int"),
        ("kind > 5", "cannot compare text with int"),
        ("calls > 5 GARBAGE", "GARBAGE: expected: the end"),
        ("calls > ", "expected"),
        ("calls > 5; DROP TABLE x", "expected: the end"),
        ("calls > 99999999999999999999", "out of range"),
        ("CAST(calls AS TEXT) = '5'", "casts"),
        ("calls > 5 IS TRUE", "hide what is unknown"),
        ("calls || 'x' = 'x'", "operator ||"),
        ("IS_MASKED(calls)", "takes a fact"),
        ("TRUE < FALSE", "no order"),
        ("calls = :levels", "only IN takes one"),
        ("", "empty"),
    ] {
        let fault = compile(text).expect_err(text);
        assert!(fault.contains(wanted), "{text}: {fault}");
    }
}

#[test]
fn every_fault_of_an_expression_is_reported() {
    let faults = compile("cals > 5 AND stats.psts > 5 AND calls LIKE 'x' AND SUM(calls) > :limit")
        .unwrap_err();
    for wanted in ["cals", "stats.psts", "needs a text", "aggregate"] {
        assert!(faults.contains(wanted), "{wanted}: {faults}");
    }
}

#[test]
fn deep_and_long_expressions_are_refused_without_a_crash() {
    assert!(compile(&format!("{}calls{} > 5", "(".repeat(500), ")".repeat(500))).is_err());
    assert!(compile(&format!("calls{} > 5", " + 1".repeat(5000))).is_err());
    assert!(compile(&format!("{} calls > 5", "NOT ".repeat(5000))).is_err());
    assert!(compile(&format!("calls > 5{}", " AND calls > 5".repeat(90))).is_ok());
    let list: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
    assert!(compile(&format!("calls IN ({})", list.join(", "))).is_ok());
}

#[test]
fn an_expression_is_shown_as_it_was_meant() {
    for text in [
        "calls > 5 AND (kind = 'select' OR share >= :limit)",
        "NOT (calls > 5 AND rows IS NULL)",
        "(calls + 1) * 2 > -5",
        "kind IN ('a', 'it''s') AND kind LIKE 'x%'",
        "COALESCE(rows, 0) > ROUND(share, 2)",
    ] {
        let (expr, used) = compile(text).unwrap();
        let names = Names { facts: &used.facts, columns: &used.columns, lets: &[], row: &[] };
        let shown = expr.show(&names);
        let (again, used) = compile(&shown).unwrap_or_else(|fault| panic!("{shown}: {fault}"));
        let names = Names { facts: &used.facts, columns: &used.columns, lets: &[], row: &[] };
        assert_eq!(again.show(&names), shown, "{text}");
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }
}

#[test]
fn random_texts_never_panic() {
    const WORDS: &[&str] = &[
        "calls",
        "stats.posts",
        "5",
        "'a'",
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        ">",
        "=",
        "IN",
        "LIKE",
        "CASE",
        "WHEN",
        "THEN",
        "END",
        "NULL",
        "IS",
        "BETWEEN",
        "INTERVAL",
        "'1 hour'",
        "-",
        "/",
        ":limit",
        "COALESCE",
        ",",
        "server.version",
        "~",
        "COUNT",
        "*",
        "ä",
        "\n",
        "'",
        "\"",
        ".",
        ":",
        "{",
        "--",
        "/*",
        "share",
        "1e999",
    ];
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut compiled = 0;
    for _ in 0..20_000 {
        let n = numbers.below(12);
        let text: Vec<&str> = (0..n).map(|_| WORDS[numbers.below(WORDS.len())]).collect();
        for text in [text.join(" "), text.concat()] {
            if let Ok((expr, used)) = compile(&text) {
                compiled += 1;
                let states = states(&used, &[]);
                let env = Env { facts: &states, lets: &[], columns: &[], row: 0, outer: None };
                let mut unknown = Vec::new();
                if expr.truth(&env).is_none() {
                    expr.unknowns(&env, &mut unknown);
                    assert!(!unknown.is_empty(), "{text}");
                }
            }
        }
    }
    assert!(compiled > 0);
}
