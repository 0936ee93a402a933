//! What is timed besides executions, and executions that are logged twice.

use super::{read, read_with};
use crate::Options;

fn line(ms: u32, pid: u32, what: &str) -> String {
    let (seconds, ms) = (ms / 1000, ms % 1000);
    format!("2026-11-22 06:00:{seconds:02}.{ms:03} UTC [{pid}] {what}\n")
}

fn calls(text: &str) -> Vec<(String, u64, u64)> {
    let whole = read(text.as_bytes());
    for step in [1, 7, 100] {
        let cut = read_with(&Options { threads: 3, ..Options::default() }, text.as_bytes(), step);
        assert!(whole == cut);
    }
    let of = |query: &crate::Query| (query.fingerprint.clone(), query.calls, query.total_us);
    whole.records.queries.iter().map(|query| of(query)).collect()
}

#[test]
fn time_in_parse_and_bind_is_shown_by_query_and_added_to_no_call() {
    let text = [
        line(1_000, 7, "LOG:  duration: 0.400 ms  parse <unnamed>: select a from t where b = $1"),
        line(3_000, 7, "LOG:  duration: 2000.000 ms  bind <unnamed>: select a from t where b = $1"),
        line(3_001, 7, "LOG:  duration: 0.500 ms  execute <unnamed>: select a from t where b = $1"),
        line(9_000, 8, "LOG:  duration: 5000.000 ms  parse <unnamed>: select c from u"),
        line(9_500, 9, "LOG:  duration: 400.000 ms  fastpath function call: \"lo_open\" (OID 952)"),
    ]
    .concat();
    assert_eq!(calls(&text), [("select a from t where b = ?".to_owned(), 1, 500)]);
    let log = read(text.as_bytes()).records;
    let phases = log.sources[0].phases;
    assert_eq!((phases.parse.calls, phases.parse.total_us), (2, 5_000_400));
    assert_eq!((phases.fastpath.calls, phases.fastpath.total_us), (1, 400_000));
    let preparing: Vec<(&str, u64, u64)> = log
        .preparing
        .iter()
        .map(|one| (one.fingerprint.as_str(), one.timed.calls, one.timed.total_us))
        .collect();
    assert_eq!(
        preparing,
        [("select c from u", 1, 5_000_000), ("select a from t where b = ?", 1, 2_000_000)]
    );
}

const PLAN: &str = "plan:\n\tQuery Text: select a from t where b = $1\n\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)";

#[test]
fn a_plan_after_its_execute_is_no_second_call() {
    let text = [
        line(
            1_000,
            7,
            "LOG:  duration: 20.000 ms  execute <unnamed>: select a from t where b = $1",
        ),
        line(1_000, 7, &format!("LOG:  duration: 19.500 ms  {PLAN}")),
        // In a transaction the portal is closed much later.
        line(
            2_000,
            7,
            "LOG:  duration: 30.000 ms  execute <unnamed>: select a from t where b = $1",
        ),
        line(9_000, 7, &format!("LOG:  duration: 29.500 ms  {PLAN}")),
        // Of an execution that was below the threshold of durations.
        line(9_500, 7, &format!("LOG:  duration: 8.000 ms  {PLAN}")),
    ]
    .concat();
    assert_eq!(calls(&text), [("select a from t where b = ?".to_owned(), 3, 58_000)]);
}

#[test]
fn a_plan_before_its_statement_is_no_second_call_whichever_end_of_the_log_comes_first() {
    let mut lines = [
        line(1_000, 7, &format!("LOG:  duration: 19.500 ms  {PLAN}")),
        line(1_001, 7, "LOG:  duration: 20.500 ms  statement: select a from t where b = 5"),
        line(3_000, 7, &format!("LOG:  duration: 29.500 ms  {PLAN}")),
        line(3_001, 7, "LOG:  duration: 30.500 ms  statement: select a from t where b = 6"),
    ];
    let expected = [("select a from t where b = ?".to_owned(), 2, 51_000)];
    assert_eq!(calls(&lines.concat()), expected);
    lines.reverse();
    assert_eq!(calls(&lines.concat()), expected);
}

#[test]
fn statements_inside_a_function_are_part_of_its_call() {
    let inner = "plan:\n\tQuery Text: select count(*) from u\n\tSeq Scan on u  (cost=0.00..1.00 rows=1 width=4)";
    let outer = "plan:\n\tQuery Text: select f(1)\n\tResult  (cost=0.00..1.00 rows=1 width=4)";
    let nested = [
        line(1_100, 7, &format!("LOG:  duration: 40.000 ms  {inner}")),
        line(1_100, 7, "CONTEXT:  SQL statement \"select count(*) from u\"\n\tPL/pgSQL function f(integer) line 3 at SQL statement"),
        line(1_200, 7, &format!("LOG:  duration: 30.000 ms  {inner}")),
        line(1_200, 7, "CONTEXT:  SQL statement \"select count(*) from u\"\n\tPL/pgSQL function f(integer) line 4 at SQL statement"),
        line(1_210, 7, &format!("LOG:  duration: 200.000 ms  {outer}")),
    ]
    .concat();
    assert_eq!(calls(&nested), [("select f(?)".to_owned(), 1, 200_000)]);
    let duration = line(1_211, 7, "LOG:  duration: 201.000 ms  statement: select f(1)");
    assert_eq!(calls(&format!("{nested}{duration}")), [("select f(?)".to_owned(), 1, 201_000)]);
}

#[test]
fn plans_alone_count_as_the_executions_that_they_are_of() {
    let text: String = (1..20)
        .map(|n| line(n * 1_000, 7, &format!("LOG:  duration: 12.000 ms  {PLAN}")))
        .collect();
    assert_eq!(calls(&text), [("select a from t where b = ?".to_owned(), 19, 19 * 12_000)]);
    // The same in whole seconds.
    let text = text.replace(".000 UTC", " UTC");
    assert_eq!(calls(&text), [("select a from t where b = ?".to_owned(), 19, 19 * 12_000)]);
}

#[test]
fn durations_without_a_statement_are_counted_and_said() {
    let text: String = (1..50).map(|n| line(n * 1_000, 7, "LOG:  duration: 12.000 ms")).collect();
    let parsed = read(text.as_bytes());
    let unpaired = parsed.records.sources[0].phases.unpaired;
    assert_eq!((unpaired.calls, unpaired.total_us), (49, 49 * 12_000));
    let limits = &parsed.coverage.limits;
    assert!(limits.iter().any(|limit| limit == "durations without statements"), "{limits:?}");
}
