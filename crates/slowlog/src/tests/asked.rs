//! Filters and groups: every call is counted, whoever ran it.

use super::{read, read_with};
use crate::{Filter, Options, Party, SlowLog};
use std::collections::BTreeMap;

/// A line per `(user, client, milliseconds)`; one statement for all.
fn log(statements: &[(u32, u32, u32)]) -> String {
    let mut text = String::new();
    for (n, (user, client, ms)) in statements.iter().enumerate() {
        let second = n % 60;
        text.push_str(&format!(
            "2026-11-22 06:00:{second:02}.000 UTC [{}]: user=u{user},db=mm,app=,client=c{client} LOG:  duration: {ms}.000 ms  statement: select {n}\n",
            100 + n
        ));
    }
    text
}

fn by(text: &str, by: Party) -> SlowLog {
    read_with(&Options { by: Some(by), ..Options::default() }, text.as_bytes(), 65_536).records
}

/// Calls by name.
fn calls(log: &SlowLog) -> BTreeMap<&str, u64> {
    log.queries.iter().map(|query| (query.fingerprint.as_str(), query.calls)).collect()
}

fn of_user(user: &str) -> Options {
    let filter = Filter { users: vec![user.to_owned()], ..Filter::default() };
    Options { filter, ..Options::default() }
}

#[test]
fn a_query_of_many_clients_is_counted_for_each_of_them() {
    for n in [12, 13, 100, 1_000] {
        let statements: Vec<(u32, u32, u32)> = (0..3 * n).map(|at| (1, at % n, 10)).collect();
        let text = log(&statements);
        assert_eq!(calls(&by(&text, Party::User)), BTreeMap::from([("u1", u64::from(3 * n))]));
        let clients = by(&text, Party::Client);
        assert_eq!(clients.queries.len(), n as usize);
        assert!(clients.queries.iter().all(|query| query.calls == 3));
        // Beside the query, users are whole too, and of clients as many as are listed.
        let log = read(text.as_bytes()).records;
        assert_eq!(log.queries[0].users[0].calls, u64::from(3 * n));
        assert!(log.queries[0].clients.iter().all(|top| top.calls == 3));
    }
}

#[test]
fn the_last_of_many_users_is_found() {
    let statements: Vec<(u32, u32, u32)> = (0..300).map(|at| (at % 30, 0, 10)).collect();
    let log = read_with(&of_user("u29"), log(&statements).as_bytes(), 65_536).records;
    assert_eq!(log.queries[0].calls, 10);
    assert_eq!(log.load.iter().map(|span| span.calls).sum::<u64>(), 10);
}

#[test]
fn what_there_was_to_ask_for_is_known_when_nothing_passes() {
    let statements: Vec<(u32, u32, u32)> = (0..300).map(|at| (at % 30, 0, 10)).collect();
    let log = read_with(&of_user("nobody"), log(&statements).as_bytes(), 65_536).records;
    assert!(log.queries.is_empty());
    let users = &log.offered.parties[Party::User as usize];
    assert_eq!(users.len(), 30);
    assert_eq!(log.sources[0].records, 300);
}

#[test]
fn more_users_than_are_told_apart_are_one_row_and_none_is_lost() {
    let statements: Vec<(u32, u32, u32)> =
        (0..40_000).map(|at| (at % 20_000, at % 7, 10)).collect();
    let text = log(&statements);
    let parsed =
        read_with(&Options { by: Some(Party::User), ..Options::default() }, text.as_bytes(), 9_999);
    let log = &parsed.records;
    assert_eq!(log.queries.iter().map(|query| query.calls).sum::<u64>(), 40_000);
    assert!(
        parsed
            .coverage
            .limits
            .iter()
            .any(|limit| limit == "further rows as one" || limit == "further clients as one")
    );
    let threads = Options { by: Some(Party::User), threads: 16, ..Options::default() };
    assert!(parsed == read_with(&threads, text.as_bytes(), 77_777));
    // One of them, asked for by name, is counted whole however many there are.
    let one = read_with(&of_user("u19999"), text.as_bytes(), 65_536).records;
    assert_eq!(one.queries[0].calls, 2);
}

#[test]
fn the_threshold_is_that_of_the_log_whoever_is_asked_for() {
    let mut statements: Vec<(u32, u32, u32)> = (0..400).map(|at| (1, 0, 1_000 + at % 90)).collect();
    statements.push((2, 0, 9_000));
    let text = log(&statements);
    let whole = read(text.as_bytes());
    let one = read_with(&of_user("u2"), text.as_bytes(), 65_536);
    assert_eq!(whole.records.sources[0].threshold_us, Some(1_000_000));
    assert_eq!(one.records.sources[0].threshold_us, Some(1_000_000));
    assert_eq!(whole.coverage.limits, one.coverage.limits);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(60))]
    #[test]
    fn filters_and_groups_agree_with_an_independent_count(statements in proptest::collection::vec((0u32..40, 0u32..40, 1u32..500), 1..400), user in 0u32..40) {
        let text = log(&statements);
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        for (user, _, _) in &statements {
            *expected.entry(format!("u{user}")).or_default() += 1;
        }
        let found = by(&text, Party::User);
        let found: BTreeMap<String, u64> = calls(&found).into_iter().map(|(name, calls)| (name.to_owned(), calls)).collect();
        proptest::prop_assert_eq!(&found, &expected);
        let name = format!("u{user}");
        let one = read_with(&of_user(&name), text.as_bytes(), 65_536).records;
        let us: u64 = statements.iter().filter(|(of, _, _)| *of == user).map(|(_, _, ms)| u64::from(*ms) * 1_000).sum();
        proptest::prop_assert_eq!(one.queries.iter().map(|query| query.total_us).sum::<u64>(), us);
        proptest::prop_assert_eq!(one.load.iter().map(|span| span.total_us).sum::<u64>(), us);
    }
}
