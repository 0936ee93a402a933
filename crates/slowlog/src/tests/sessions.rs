//! Records that belong together.

use super::read_with;
use crate::{EventClass, Options, SlowLog};

/// A log of made records: time, process id, text. Process 1 has no session, 2 is another application.
fn made(records: &[(&str, u32, &str)]) -> Vec<u8> {
    let mut out = String::new();
    for (time, pid, text) in records {
        let who = match pid {
            1 => "",
            2 => "mmuser@mattermost/ops 10.0.0.9",
            _ => "mmuser@mattermost/mattermost 10.0.0.1",
        };
        let q = if who.is_empty() { String::new() } else { format!("{who} ") };
        out.push_str(&format!("2026-11-22 {time} UTC [{pid}] {q}{text}\n"));
    }
    out.into_bytes()
}

fn read_made(records: &[(&str, u32, &str)]) -> SlowLog {
    let bytes = made(records);
    let options =
        Options { prefix: Some("%m [%p] %q%u@%d/%a %h ".to_owned()), ..Options::default() };
    let parsed = read_with(&options, &bytes, bytes.len());
    assert!(parsed.issues.is_empty(), "{:?}", parsed.issues);
    parsed.records
}

#[test]
fn a_waiter_is_told_who_blocked_it_and_with_what() {
    let log = read_made(&[
        ("06:00:00.000", 3, "LOG:  duration: 1.000 ms  statement: select 1"),
        (
            "06:00:10.000",
            4,
            "LOG:  process 4 still waiting for ShareLock on transaction 99 after 1000.071 ms",
        ),
        ("06:00:10.000", 4, "DETAIL:  Process holding the lock: 2. Wait queue: 4, 5."),
        ("06:00:10.000", 4, "CONTEXT:  while updating tuple (11,20) in relation \"channels\""),
        ("06:00:10.000", 4, "STATEMENT:  update channels set a = 1 where id = 'x'"),
        (
            "06:00:11.000",
            5,
            "LOG:  process 5 still waiting for AccessShareLock on relation 16402 of database 16385 after 1000.000 ms",
        ),
        ("06:00:11.000", 5, "DETAIL:  Process holding the lock: 4. Wait queue: 5."),
        ("06:00:11.000", 5, "STATEMENT:  select 2"),
        (
            "06:00:15.000",
            2,
            "LOG:  duration: 9000.000 ms  statement: update channels set totalmsgcount = 0",
        ),
        (
            "06:00:15.500",
            4,
            "LOG:  process 4 acquired ShareLock on transaction 99 after 6500.500 ms",
        ),
        (
            "06:00:15.600",
            4,
            "LOG:  duration: 6600.000 ms  statement: update channels set a = 1 where id = 'x'",
        ),
        ("06:00:16.000", 5, "ERROR:  canceling statement due to lock timeout"),
        ("06:00:16.000", 5, "STATEMENT:  select 2"),
    ]);
    assert_eq!(log.locks.len(), 2);
    let wait = &log.locks[0];
    assert_eq!((wait.waiter.pid, wait.blocker.pid, wait.waited_us), (Some(4), Some(2), 6_500_500));
    assert_eq!(wait.outcome, crate::LockOutcome::Acquired);
    assert_eq!(
        (wait.mode.as_str(), wait.target.as_str(), wait.relation.untrusted()),
        ("ShareLock", "transaction", "channels")
    );
    assert_eq!(wait.queue_pids, [4, 5]);
    assert_eq!(wait.waiter.fingerprint, "update channels set a = ? where id = ?");
    assert_eq!(wait.blocker.fingerprint, "update channels set totalmsgcount = ?");
    assert_eq!(
        (
            wait.blocker.application.untrusted(),
            wait.blocker.user.untrusted(),
            wait.blocker.client.untrusted()
        ),
        ("ops", "mmuser", "10.0.0.9")
    );
    let second = &log.locks[1];
    assert_eq!(
        (second.root_pid, second.outcome, second.relation.untrusted()),
        (Some(2), crate::LockOutcome::Cancelled, "16402")
    );
    assert_eq!(second.waited_us, 6_000_000);
    let cancelled = log.events.iter().find(|event| event.class == EventClass::Cancelled).unwrap();
    assert_eq!(
        (cancelled.cause.as_str(), cancelled.fingerprint.as_str()),
        ("lock timeout", "select ?")
    );
}

#[test]
fn a_deadlock_shows_both_sides() {
    let log = read_made(&[
        ("06:00:00.000", 2, "LOG:  duration: 1.000 ms  statement: begin"),
        (
            "06:00:10.000",
            3,
            "LOG:  process 3 detected deadlock while waiting for ShareLock on transaction 7 after 1003.979 ms",
        ),
        ("06:00:10.000", 3, "ERROR:  deadlock detected"),
        (
            "06:00:10.000",
            3,
            "DETAIL:  Process 3 waits for ShareLock on transaction 7; blocked by process 2.\n\tProcess 2 waits for ShareLock on transaction 8; blocked by process 3.\n\tProcess 3: update a set x = 'secret'\n\tProcess 2: update b\n\t set y = 5",
        ),
        ("06:00:10.000", 3, "CONTEXT:  while updating tuple (1,2) in relation \"a\""),
        ("06:00:10.000", 3, "STATEMENT:  update a set x = 'secret'"),
    ]);
    let sides: Vec<(Option<u32>, Option<u32>, &str, &str)> = log
        .locks
        .iter()
        .map(|lock| {
            (
                lock.waiter.pid,
                lock.blocker.pid,
                lock.waiter.fingerprint.as_str(),
                lock.blocker.fingerprint.as_str(),
            )
        })
        .collect();
    assert_eq!(
        sides,
        [
            (Some(2), Some(3), "update b set y = ?", "update a set x = ?"),
            (Some(3), Some(2), "update a set x = ?", "update b set y = ?")
        ]
    );
    assert!(log.locks.iter().all(|lock| lock.outcome == crate::LockOutcome::Deadlock));
    assert_eq!(log.locks[1].waited_us, 1_003_979);
    let event = log.events.iter().find(|event| event.class == EventClass::Deadlock).unwrap();
    assert_eq!(
        (event.subject.untrusted(), event.fingerprint.as_str(), event.sqlstate.as_str()),
        ("a", "update a set x = ?", "40P01")
    );
}

#[test]
fn a_plan_and_its_statement_are_one_execution() {
    let log = read_made(&[
        (
            "06:00:00.200",
            3,
            "LOG:  duration: 196.991 ms  plan:\n\tQuery Text: select a from t where b = 5\n\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)",
        ),
        ("06:00:00.200", 3, "LOG:  duration: 197.500 ms  statement: select a from t where b = 5"),
        // Below the threshold of statements: the plan is all there is.
        (
            "06:00:01.000",
            3,
            "LOG:  duration: 50.000 ms  plan:\n\tQuery Text: select a from t where b = 6\n\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)",
        ),
        (
            "06:00:05.000",
            3,
            "LOG:  duration: 60.000 ms  plan:\n\t{\n\t  \"Query Text\": \"select a\\nfrom t where b = 7\",\n\t  \"Plan\": {}\n\t}",
        ),
    ]);
    assert_eq!(
        log.queries.len(),
        1,
        "{:?}",
        log.queries.iter().map(|query| &query.fingerprint).collect::<Vec<_>>()
    );
    assert_eq!((log.queries[0].calls, log.queries[0].total_us), (3, 197_500 + 50_000 + 60_000));
    assert_eq!(log.sources[0].phases.plan.calls, 3);
}

#[test]
fn durations_find_the_statement_that_was_logged_before() {
    let log = read_made(&[
        ("06:00:00.000", 3, "LOG:  duration: 0.100 ms"),
        ("06:00:00.000", 3, "LOG:  duration: 0.200 ms"),
        ("06:00:00.000", 3, "LOG:  execute <unnamed>: select a from t where b = $1"),
        ("06:00:00.000", 3, "DETAIL:  parameters: $1 = '5'"),
        ("06:00:00.000", 4, "LOG:  statement: select 2"),
        ("06:00:00.500", 3, "LOG:  duration: 500.000 ms"),
        ("06:00:00.600", 4, "LOG:  duration: 600.000 ms"),
        ("06:00:01.000", 4, "LOG:  statement: drop index idx_a"),
        ("06:00:01.100", 4, "ERROR:  index \"idx_a\" does not exist"),
        ("06:00:01.100", 4, "STATEMENT:  drop index idx_a"),
    ]);
    let phases = log.sources[0].phases;
    assert_eq!(
        (
            phases.execute.calls,
            phases.execute.total_us,
            phases.statement.calls,
            phases.statement.total_us,
            phases.unpaired.calls
        ),
        (1, 500_000, 1, 600_000, 2)
    );
    assert_eq!(log.ddl.len(), 1);
    assert!(log.ddl[0].failed);
    assert_eq!(
        (log.ddl[0].action.as_str(), log.ddl[0].object.untrusted(), log.ddl[0].user.untrusted()),
        ("drop index", "idx_a", "mmuser")
    );
}

#[test]
fn no_literal_comes_out_unless_asked_for() {
    let records: &[(&str, u32, &str)] = &[
        (
            "06:00:00.000",
            3,
            "LOG:  duration: 5.000 ms  statement: select 'canary-1' from t where x = 4711",
        ),
        ("06:00:01.000", 3, "ERROR:  invalid input syntax for type integer: \"canary-2\""),
        ("06:00:01.000", 3, "STATEMENT:  select 'canary-3'::int"),
        (
            "06:00:02.000",
            3,
            "ERROR:  duplicate key value violates unique constraint \"users_email_key\"",
        ),
        ("06:00:02.000", 3, "DETAIL:  Key (email)=(canary-4@example.test) already exists."),
        ("06:00:03.000", 3, "LOG:  statement: create role x password 'canary-5'"),
    ];
    let texts = |log: &SlowLog| -> String {
        let mut out = String::new();
        for query in &log.queries {
            out.push_str(&query.fingerprint);
            out.push_str(query.sample_text().untrusted());
        }
        for event in &log.events {
            out.push_str(&event.fingerprint);
            out.push_str(event.sample.untrusted());
            out.push_str(event.subject.untrusted());
        }
        for ddl in &log.ddl {
            out.push_str(&ddl.statement);
        }
        out
    };
    let log = read_made(records);
    let all = texts(&log);
    assert!(!all.contains("canary") && !all.contains("4711"), "{all}");
    let bytes = made(records);
    let kept = read_with(
        &Options {
            prefix: Some("%m [%p] %q%u@%d/%a %h ".to_owned()),
            keep_literals: true,
            ..Options::default()
        },
        &bytes,
        10,
    )
    .records;
    assert_eq!(
        kept.queries[0].sample_text().untrusted(),
        "select 'canary-1' from t where x = 4711"
    );
}

#[test]
fn an_execute_by_name_is_what_was_prepared() {
    let log = read_made(&[
        (
            "06:00:00.000",
            3,
            "LOG:  duration: 1.000 ms  statement: PREPARE q (int) AS select a from t where b = $1",
        ),
        ("06:00:01.000", 3, "LOG:  duration: 1500.000 ms  statement: EXECUTE q(5)"),
        ("06:00:01.000", 3, "DETAIL:  prepare: PREPARE q (int) AS select a from t where b = $1"),
        // Another session, whose PREPARE is not in the log.
        ("06:00:02.000", 4, "LOG:  duration: 1600.000 ms  statement: execute \"Q 2\" ('x');"),
        ("06:00:02.000", 4, "DETAIL:  prepare: prepare \"Q 2\" as\n\tselect a from t where b = $1"),
        // Without details: by the name, in the session alone.
        ("06:00:03.000", 3, "LOG:  statement: execute q(7)"),
        ("06:00:04.700", 3, "LOG:  duration: 1700.000 ms"),
        ("06:00:05.000", 3, "LOG:  duration: 1800.000 ms  statement: execute q(8)"),
        ("06:00:06.000", 5, "LOG:  duration: 900.000 ms  statement: execute q(9)"),
    ]);
    let shown: Vec<(&str, u64, u64)> = log
        .queries
        .iter()
        .map(|query| (query.fingerprint.as_str(), query.calls, query.total_us))
        .collect();
    assert_eq!(
        shown,
        [
            ("select a from t where b = ?", 4, 6_600_000),
            ("execute ?(?)", 1, 900_000),
            ("prepare ?(int) as select a from t where b = ?", 1, 1_000),
        ]
    );
    assert_eq!(log.sources[0].phases.statement.calls, 6);
}

#[test]
fn a_statement_that_was_logged_when_it_began_is_what_holds_others_up() {
    let wait = "LOG:  process 4 still waiting for RowExclusiveLock on relation 16731 of database 16402 after 1000.857 ms";
    let log = read_made(&[
        ("06:00:00.000", 2, "LOG:  statement: CREATE INDEX dwh ON posts (updateat)"),
        ("06:00:10.000", 4, wait),
        ("06:00:10.000", 4, "DETAIL:  Process holding the lock: 2. Wait queue: 4."),
        ("06:00:10.000", 4, "STATEMENT:  INSERT INTO posts (id) VALUES ($1)"),
        ("06:00:40.000", 4, "ERROR:  canceling statement due to statement timeout"),
    ]);
    let lock = &log.locks[0];
    assert_eq!(lock.blocker.fingerprint, "create index dwh on posts(updateat)");
    assert_eq!(lock.blocker.since.unwrap().to_string(), "2026-11-22 06:00:00 UTC");
    assert_eq!(lock.relation.untrusted(), "posts", "the number of a relation says nothing");
}

#[test]
fn replay_that_waits_names_the_statement_that_holds_it() {
    let log = read_made(&[
        ("06:00:00.000", 3, "LOG:  duration: 1.000 ms  statement: select 1"),
        (
            "06:01:00.000",
            1,
            "LOG:  recovery still waiting after 1000.071 ms: recovery conflict on snapshot",
        ),
        ("06:01:00.000", 1, "DETAIL:  Conflicting process: 2."),
        ("06:11:00.000", 2, "LOG:  duration: 660000.000 ms  statement: select count(*) from posts"),
        (
            "06:11:00.000",
            1,
            "LOG:  recovery finished waiting after 601000.000 ms: recovery conflict on snapshot",
        ),
    ]);
    assert_eq!(log.locks.len(), 1);
    let wait = &log.locks[0];
    assert!(wait.is_replay());
    assert_eq!((wait.mode.as_str(), wait.waited_us), ("snapshot", 601_000_000));
    assert_eq!(wait.blocker.application.untrusted(), "ops");
    assert_eq!(wait.blocker.fingerprint, "select count(*) from posts");
    assert_eq!(wait.blocker.since.unwrap().to_string(), "2026-11-22 06:00:00 UTC");
    let conflicts = log.events.iter().filter(|it| it.class == EventClass::ReplicationConflict);
    assert_eq!(conflicts.map(|event| event.calls).sum::<u64>(), 1);
}
