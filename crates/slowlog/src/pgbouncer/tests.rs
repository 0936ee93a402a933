//! Logs of PgBouncer, as its versions write them.

use crate::tests::{read, read_with};
use crate::{EventClass, Options, SlowLog};

/// A log of 1.18, with logins, refusals, waits in vain and a database that goes away.
const LOG: &str = "\
2026-03-01 09:17:02.001 UTC [42] LOG process up: PgBouncer 1.18.0, libevent 2.1.12-stable (epoll), adns: c-ares 1.18.1, tls: OpenSSL 3.0.11
2026-03-01 09:17:03.001 UTC [42] LOG C-0x5601: mattermost/mmuser@10.0.0.1:41537 login attempt: db=mattermost user=mmuser tls=no
2026-03-01 09:17:03.002 UTC [42] LOG S-0x7701: mattermost/mmuser@10.0.0.9:5432 new connection to server (from 10.0.0.5:44444)
2026-03-01 09:17:40.000 UTC [42] LOG stats: 784 xacts/s, 785 queries/s, in 403910 B/s, out 1893441 B/s, xact 6107 us, query 6103 us, wait 110 us
2026-03-01 09:18:05.000 UTC [42] LOG C-0x5602: mattermost/mmuser@10.0.0.1:41538 closing because: query_wait_timeout (age=121s)
2026-03-01 09:18:05.000 UTC [42] WARNING C-0x5602: mattermost/mmuser@10.0.0.1:41538 pooler error: query_wait_timeout
2026-03-01 09:18:06.000 UTC [42] WARNING C-0x5603: mattermost/mmuser@10.0.0.2:41538 pooler error: query_wait_timeout
2026-03-01 09:18:07.000 UTC [42] LOG C-0x5604: (nodb)/(nouser)@10.0.0.2:41539 closing because: no more connections allowed (max_client_conn) (age=0s)
2026-03-01 09:18:07.000 UTC [42] WARNING C-0x5604: (nodb)/(nouser)@10.0.0.2:41539 pooler error: no more connections allowed (max_client_conn)
2026-03-01 09:18:08.000 UTC [42] LOG C-0x5605: mattermost/mmuser@[::1]:41539 closing because: client close request (age=12s)
2026-03-01 09:18:40.000 UTC [42] LOG stats: 2 xacts/s, 2 queries/s, in 910 B/s, out 3441 B/s, xact 6107 us, query 5103 us, wait 48000110 us
2026-03-01 09:19:00.000 UTC [42] LOG S-0x7701: mattermost/mmuser@10.0.0.9:5432 closing because: server conn crashed? (age=117s)
2026-03-01 09:19:01.000 UTC [42] WARNING S-0x7702: mattermost/mmuser@10.0.0.9:5432 server login failed: FATAL sorry, too many clients already
2026-03-01 09:19:01.000 UTC [42] LOG S-0x7702: mattermost/mmuser@10.0.0.9:5432 closing because: login failed (age=0s)
2026-03-01 09:19:02.000 UTC [42] WARNING DNS lookup failed: db.internal: result=0
2026-03-01 09:19:03.000 UTC [42] LOG C-0x5606: mattermost/mmuser@10.0.0.1:41540 closing because: server login has been failing, try again later (server_login_retry) (age=0s)
2026-03-01 09:19:04.000 UTC [42] WARNING C-0x5607: mattermost/other@10.0.0.1:41541 pooler error: no such user: other
2026-03-01 09:19:30.000 UTC [42] LOG got SIGTERM, fast exit
";

fn counts(log: &SlowLog) -> Vec<(&'static str, String, String, u64)> {
    let of = |it: &crate::DatabaseEvent| {
        (it.class.as_str(), it.cause.clone(), it.subject.untrusted().to_owned(), it.calls)
    };
    log.events.iter().map(of).collect()
}

#[test]
fn events_are_counted_once_and_named_after_the_setting() {
    let parsed = read(LOG.as_bytes());
    let log = &parsed.records;
    let source = &log.sources[0];
    assert_eq!((source.format, source.records, source.unknown_lines), ("pgbouncer", 18, 0));
    assert_eq!(source.limits, ["log of the pooler alone"]);
    let expected = [
        ("refused", "pooler: max_client_conn", "", 1),
        ("refused", "pooler: server login failed", "mmuser", 1),
        ("refused", "pooler: server name not found", "", 1),
        ("refused", "pooler: server_login_retry", "mmuser", 1),
        ("refused", "too many clients", "mmuser", 1),
        ("authentication", "role", "other", 1),
        ("terminated", "pooler: query_wait_timeout", "mmuser", 2),
        ("terminated", "pooler: server connection lost", "mmuser", 1),
        ("restart", "pooler: shutdown requested", "", 1),
        ("restart", "pooler: started", "", 1),
    ];
    let expected = expected.map(|(a, b, c, n)| (a, b.to_owned(), c.to_owned(), n));
    assert_eq!(counts(log), expected);
    let waits = log.events.iter().find(|it| it.cause.ends_with("query_wait_timeout")).unwrap();
    assert_eq!(waits.first_at.to_rfc3339(), "2026-03-01T09:18:05+00:00");
    assert_eq!(waits.place.location, "line:5");
    let minutes: u64 = log.event_minutes.iter().map(|it| it.calls).sum();
    assert_eq!(minutes, 11);
}

#[test]
fn figures_are_kept_by_minute() {
    let parsed = read(LOG.as_bytes());
    let minutes = &parsed.records.pooler;
    assert_eq!(minutes.len(), 2);
    let (calm, full) = (&minutes[0], &minutes[1]);
    assert_eq!((calm.logins, calm.server_connections, calm.reports), (1, 1, 1));
    assert_eq!((calm.transactions_per_s, calm.queries_per_s), (784, 785));
    assert_eq!((calm.transaction_us, calm.query_us, calm.wait_us), (6_107, 6_103, 110));
    assert_eq!((full.queries_per_s, full.wait_us, full.wait_max_us), (2, 48_000_110, 48_000_110));
}

#[test]
fn every_version_is_read() {
    let old = "2019-12-11 10:19:08.954 24802 LOG Stats: 46 xacts/s, 1048 queries/s, in 37236 B/s, out 2536967 B/s, xact 111273 us, query 5242 us wait time 296 us\n2019-12-11 10:19:10.557 24802 WARNING C-0x1ee0ef0: (nodb)/(nouser)@10.11.1.107:11048 Pooler Error: client_login_timeout\n";
    let oldest =
        "2013-05-07 18:32:33.447 25104 LOG Stats: 12 req/s, in 20 b/s, out 30 b/s,query 40 us\n";
    let new = "2026-02-05 21:12:10.631 MSK [1502899] LOG stats: 784 xacts/s, 785 queries/s, 3 client parses/s, 2 server parses/s, 1 binds/s, in 403910 B/s, out 1893441 B/s, xact 6107 us, query 6103 us, wait 110 us\n";
    let expected = [
        (old, 46, 1_048, 111_273, 5_242, (1, 296), "2019-12-11T10:19:00+00:00"),
        (oldest, 0, 12, 0, 40, (0, 0), "2013-05-07T18:32:00+00:00"),
        (new, 784, 785, 6_107, 6_103, (1, 110), "2026-02-05T18:12:00+00:00"),
    ];
    for (text, transactions, queries, transaction_us, query_us, wait, at) in expected {
        let parsed = read(text.as_bytes());
        assert_eq!(parsed.records.sources[0].format, "pgbouncer", "{text}");
        let minute = &parsed.records.pooler[0];
        assert_eq!((minute.transactions_per_s, minute.queries_per_s), (transactions, queries));
        assert_eq!((minute.transaction_us, minute.query_us), (transaction_us, query_us));
        assert_eq!((minute.wait_reports, minute.wait_us), wait, "{text}");
        assert_eq!(minute.minute.to_rfc3339(), at);
    }
    let events = read(old.as_bytes()).records.events;
    assert_eq!(
        (events[0].class, events[0].cause.as_str()),
        (EventClass::Refused, "pooler: client_login_timeout")
    );
}

#[test]
fn a_container_s_heads_and_any_cut_change_nothing() {
    let whole = read(LOG.as_bytes());
    for step in [1, 13, 200] {
        assert_eq!(read_with(&Options::default(), LOG.as_bytes(), step), whole, "{step}");
    }
    let compose: String = LOG.lines().map(|line| format!("pgbouncer-1  | {line}\n")).collect();
    assert_eq!(counts(&read(compose.as_bytes()).records), counts(&whole.records));
}

#[test]
fn logs_of_the_database_and_of_its_pooler_stand_side_by_side() {
    let database = "2026-03-01 09:18:00.000 UTC [7] LOG:  duration: 1500.000 ms  statement: select 1 from t\n2026-03-01 09:18:01.000 UTC [8] LOG:  starting PostgreSQL 15.4 on x86_64\n";
    let mut both = read(database.as_bytes()).records;
    both.merge(read(LOG.as_bytes()).records);
    assert_eq!(both.sources.len(), 2);
    assert_eq!((both.queries.len(), both.pooler.len()), (1, 2));
    let starts: Vec<&str> = both
        .events
        .iter()
        .filter(|it| it.class == EventClass::Restart)
        .map(|it| it.cause.as_str())
        .collect();
    assert_eq!(starts, ["pooler: shutdown requested", "pooler: started", "start"]);
}
