//! Waits for locks: each once, as long as it was, and what the holder ran.

use super::{read, read_with};
use crate::{EventClass, LockOutcome, Options, SlowLog};

fn stamped(at: &str, pid: u32, what: &str) -> String {
    format!("2026-11-22 06:00:{at} UTC [{pid}] {what}\n")
}

/// One wait of 365 ms for what 71 holds; 71 ran an update in a transaction.
fn wait() -> Vec<String> {
    vec![
        stamped("01.000", 71, "LOG:  duration: 0.100 ms  statement: begin"),
        stamped(
            "01.100",
            71,
            "LOG:  duration: 5.000 ms  statement: update channels set total = 0 where id = 'c1'",
        ),
        stamped(
            "02.101",
            72,
            "LOG:  process 72 still waiting for ShareLock on transaction 5 after 101.071 ms",
        ) + &stamped("02.101", 72, "DETAIL:  Process holding the lock: 71. Wait queue: 72.")
            + &stamped("02.101", 72, "STATEMENT:  update channels set total = 1 where id = 'c1'"),
        stamped("02.365", 71, "LOG:  duration: 0.200 ms  statement: commit"),
        stamped(
            "02.366",
            72,
            "LOG:  process 72 acquired ShareLock on transaction 5 after 365.414 ms",
        ) + &stamped("02.366", 72, "STATEMENT:  update channels set total = 1 where id = 'c1'"),
    ]
}

#[track_caller]
fn assert_one_wait(log: &SlowLog) {
    assert_eq!(log.locks.len(), 1, "{:?}", log.locks);
    let lock = &log.locks[0];
    assert_eq!((lock.waited_us, lock.outcome), (365_414, LockOutcome::Acquired));
    assert_eq!(lock.blocker.pid, Some(71));
    let events: Vec<_> =
        log.events.iter().filter(|event| event.class == EventClass::LockWait).collect();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].calls, events[0].amount, events[0].amount_max), (1, 365_414, 365_414));
}

#[test]
fn a_wait_counts_once_and_as_long_as_it_was() {
    let log = read(wait().concat().as_bytes()).records;
    assert_one_wait(&log);
    // Not the commit, which ran while the other waited.
    let blocker = &log.locks[0].blocker;
    assert_eq!(blocker.fingerprint, "update channels set total = ? where id = ?");
    assert!(blocker.is_guess);
}

#[test]
fn in_whole_seconds_the_holder_is_not_said_to_run_its_commit() {
    let text = wait().concat();
    let text: String = text
        .lines()
        .map(|line| {
            let (head, rest) = line.split_at(19);
            format!("{head}{}\n", rest.get(4..).unwrap())
        })
        .collect();
    let log = read(text.as_bytes()).records;
    assert_eq!(log.locks.len(), 1);
    assert_eq!(log.locks[0].blocker.fingerprint, "update channels set total = ? where id = ?");
}

#[test]
fn the_newest_first_is_the_same_wait() {
    let mut records = wait();
    records.reverse();
    assert_one_wait(&read(records.concat().as_bytes()).records);
}

#[test]
fn without_process_ids_the_message_tells_who_waits() {
    let text = wait().concat().replace(" [71]", "").replace(" [72]", "");
    let options = Options { prefix: Some("%m ".to_owned()), ..Options::default() };
    assert_one_wait(&read_with(&options, text.as_bytes(), 65_536).records);
}

#[test]
fn what_happened_in_a_log_without_times_is_not_denied() {
    let text: String = wait()
        .concat()
        .lines()
        .map(|line| format!("{}\n", line.split_once("UTC ").unwrap().1))
        .collect();
    let options = Options { prefix: Some("[%p] ".to_owned()), ..Options::default() };
    let log = read_with(&options, text.as_bytes(), 65_536).records;
    let happened = crate::summary::occurrences(&log, None);
    assert_eq!(happened.len(), 1, "{happened:?}");
    assert_eq!((happened[0].class, happened[0].calls), (EventClass::LockWait, 1));
}
