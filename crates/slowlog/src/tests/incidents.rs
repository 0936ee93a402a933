//! What a log says of an incident: who blocked, what was started, why there was a checkpoint.

use super::read;

#[test]
fn a_blocker_that_is_logged_only_when_it_ends_has_its_user_too() {
    let mut text = String::new();
    for pid in 1..=400 {
        text.push_str(&format!(
            "2026-01-20 11:05:01.000 UTC [{pid}] mmuser@mattermost LOG:  process {pid} still waiting for AccessShareLock on relation 16500 of database 16384 after 1000.071 ms\n\
             2026-01-20 11:05:01.000 UTC [{pid}] mmuser@mattermost DETAIL:  Process holding the lock: 9911. Wait queue: {pid}.\n"
        ));
    }
    text.push_str("2026-01-20 11:51:00.000 UTC [9911] postgres@mattermost LOG:  duration: 2760000.000 ms  statement: VACUUM FULL channelmembers\n");
    let parsed = read(text.as_bytes());
    assert_eq!(parsed.records.locks.len(), 400);
    for wait in &parsed.records.locks {
        assert_eq!(wait.blocker.user.untrusted(), "postgres");
        assert_eq!(wait.blocker.fingerprint, "vacuum full channelmembers");
    }
}

#[test]
fn a_start_counts_once_and_a_checkpoint_keeps_its_cause_over_a_restart() {
    let text = "\
2026-01-20 02:00:00.000 UTC [10] LOG:  checkpoint starting: time
2026-01-20 02:03:14.000 UTC [10] LOG:  checkpoint complete: wrote 2780 buffers (0.3%); write=193.000 s, sync=0.059 s, total=194.000 s
2026-01-20 03:00:00.000 UTC [1] LOG:  starting PostgreSQL 16.6 on x86_64-pc-linux-gnu
2026-01-20 03:00:00.100 UTC [1] LOG:  listening on IPv4 address \"0.0.0.0\", port 5432
2026-01-20 03:00:02.500 UTC [1] LOG:  database system is ready to accept connections
2026-01-20 04:00:00.000 UTC [20] LOG:  checkpoint starting: wal
2026-01-20 04:00:21.000 UTC [20] LOG:  checkpoint complete: wrote 2780 buffers (0.3%); write=20.000 s, sync=0.059 s, total=21.000 s
2026-01-20 05:00:00.000 UTC [1] LOG:  all server processes terminated; reinitializing
2026-01-20 05:00:01.000 UTC [1] LOG:  database system is ready to accept connections
2026-01-20 05:05:00.000 UTC [30] LOG:  checkpoint starting: wal
";
    let parsed = read(text.as_bytes());
    let of = |class: crate::EventClass| -> Vec<(String, u64, u64)> {
        let events = parsed.records.events.iter().filter(|event| event.class == class);
        events.map(|event| (event.cause.clone(), event.calls, event.amount_max)).collect()
    };
    assert_eq!(
        of(crate::EventClass::Checkpoint),
        [("time".to_owned(), 1, 194_000_000), ("wal".to_owned(), 1, 21_000_000)]
    );
    assert_eq!(
        of(crate::EventClass::Restart),
        [("ready".to_owned(), 1, 0), ("start".to_owned(), 1, 2_500_000)]
    );
}
