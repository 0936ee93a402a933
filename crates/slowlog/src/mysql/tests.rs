use super::run::SlowLogFile;
use crate::records::{Query, SlowLog};
use model::{Parsed, Sink};
use proptest::prelude::*;

fn read(log: &[u8]) -> Parsed<SlowLog> {
    let mut sink = SlowLogFile::new("slow.log", 1, None, false);
    sink.push(log);
    sink.finish()
}

fn query<'a>(log: &'a SlowLog, start: &str) -> &'a Query {
    log.queries.iter().find(|query| query.fingerprint.starts_with(start)).expect(start)
}

const EXTENDED: &str = r"mysqld, Version: 8.0.32 (MySQL Community Server - GPL). started with:
Tcp port: 3306  Unix socket: /var/lib/mysql/mysql.sock
Time                 Id Command    Argument
# Time: 2023-01-17T05:02:48.669700Z
# User@Host: mmuser[mmuser] @  [10.0.2.11]  Id:  3862
# Query_time: 1.879874  Lock_time: 0.000010 Rows_sent: 88  Rows_examined: 533384
use mattermost;
SET timestamp=1673931766;
SELECT a FROM Posts WHERE Id = 'x';
# Time: 2023-01-17T05:03:00.000000Z
# User@Host: mmuser[mmuser] @  [10.0.2.11]  Id:  3862
# Query_time: 2.000000  Lock_time: 0.000010 Rows_sent: 2  Rows_examined: 6
SET timestamp=1673931778;
SELECT a FROM Posts WHERE Id = 'it''s
# not a header
-- nor this
SET timestamp=1;
use other;
# User of this
y';
# Time: 2023-01-17T05:04:00.000000Z
# User@Host: root[root] @ localhost []  Id:     9
# Query_time: 10.5  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 0
SET timestamp=1673931829;
# administrator command: Quit;
mysqld, Version: 8.0.32 (MySQL Community Server - GPL). started with:
Tcp port: 3306  Unix socket: /var/lib/mysql/mysql.sock
Time                 Id Command    Argument
# Time: 2023-01-17T05:05:00.000000Z
# User@Host: mmuser[mmuser] @  [10.0.2.12]  Id:  3862
# Query_time: 1.000000  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 0 Thread_id: 5 Errno: 1205 Killed: 0
use other;
SET timestamp=1673931899;
DROP INDEX idx_posts_create_at ON Posts;
";

#[test]
fn an_entry_keeps_its_own_lines_whatever_they_look_like() {
    let parsed = read(EXTENDED.as_bytes());
    assert!(parsed.issues.is_empty(), "{:?}", parsed.issues);
    let log = parsed.records;
    assert_eq!(log.sources[0].records, 4);
    assert_eq!(log.sources[0].unknown_lines, 0);
    let posts = query(&log, "select a from posts where id = ?");
    assert_eq!((posts.calls, posts.total_us), (2, 3_879_874));
    assert_eq!(
        (posts.rows, posts.rows_examined, posts.lock_us),
        (Some(90), Some(533_390), Some(20))
    );
    assert_eq!(posts.first_at.unwrap().to_rfc3339(), "2023-01-17T05:02:48.669700+00:00");
    assert_eq!(posts.first_place.location(), "line:4");
    assert_eq!(posts.databases[0].value.untrusted(), "mattermost");
    assert_eq!(query(&log, "administrator").fingerprint, "administrator command: quit");
    assert_eq!(log.ddl.len(), 1);
    assert_eq!(log.ddl[0].action, "drop index");
    assert_eq!(log.ddl[0].object.untrusted(), "idx_posts_create_at");
    assert_eq!(log.ddl[0].database.untrusted(), "other");
    assert!(log.ddl[0].failed);
    assert_eq!(log.events[0].cause, "lock timeout");
    assert_eq!(log.sources[0].lines, EXTENDED.lines().count() as u64);
}

#[test]
fn old_logs_carry_their_time_and_database_on() {
    let log = read(
        b"# Time: 071015 21:43:52\n# User@Host: root[root] @ localhost []\n# Query_time: 2  Lock_time: 0  Rows_sent: 1  Rows_examined: 0\nuse test;\nselect sleep(2) from n;\n# User@Host: root[root] @ localhost []\n# Query_time: 3  Lock_time: 0  Rows_sent: 1  Rows_examined: 0\nselect sleep(3) from n;\n# Time: 071015 21:45:10 # User@Host: a[a] @ b []\n# Query_time: 4  Lock_time: 0  Rows_sent: 1  Rows_examined: 0\nselect sleep(4) from n;\n",
    );
    assert_eq!(log.coverage.limits, ["slow statements only", "local time without zone"]);
    let sleep = query(&log.records, "select sleep(?)");
    assert_eq!(sleep.calls, 3);
    assert_eq!(sleep.databases.len(), 1);
    assert_eq!(sleep.first_at.unwrap().to_rfc3339(), "2007-10-15T21:43:52+00:00");
    assert_eq!(sleep.last_at.unwrap().to_rfc3339(), "2007-10-15T21:45:10+00:00");
}

#[test]
fn a_sampled_log_counts_what_it_stands_for() {
    let log = read(
        b"# User@Host: u[u] @ h []\n# Thread_id: 3  Schema: db1  Last_errno: 0  Killed: 0\n# Query_time: 0.5  Lock_time: 0.1  Rows_sent: 1  Rows_examined: 7\n# Full_scan: Yes  Tmp_disk_tables: 2\n# Log_slow_rate_type: query  Log_slow_rate_limit: 20\nSET timestamp=1673931899;\nselect a from t;\n",
    );
    let select = query(&log.records, "select a from t");
    assert_eq!((select.calls, select.total_us, select.max_us), (20, 10_000_000, 500_000));
    assert_eq!((select.rows_examined, select.lock_us), (Some(140), Some(2_000_000)));
    assert_eq!((select.full_scans, select.tmp_disk_tables), (Some(20), Some(40)));
    assert_eq!(select.databases[0].value.untrusted(), "db1");
    assert!(log.coverage.limits.contains(&"sampled".to_owned()));
}

#[test]
fn a_cut_log_gives_what_is_whole() {
    let at = EXTENDED.find("SELECT").unwrap();
    let log = read(&EXTENDED.as_bytes()[at..EXTENDED.len() - 100]);
    assert_eq!((log.records.sources[0].records, log.coverage.skipped), (2, 1));
    assert_eq!(log.records.sources[0].unknown_lines, 1);
    let no_time = EXTENDED.replacen("# Query_time: 2.000000", "# Query_time: none", 1);
    let log = read(no_time.as_bytes());
    assert_eq!(log.coverage.skipped, 1);
    assert_eq!(log.records.sources[0].records, 3);
}

/// Reads a file of the shared samples, if it is there.
fn shared(path: &str) -> Option<Vec<u8>> {
    let path = format!("{}/../../../shared/{path}", env!("CARGO_MANIFEST_DIR"));
    #[expect(clippy::disallowed_methods, reason = "samples stand outside the repository")]
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        println!("skipped: {path} is not here");
    }
    bytes
}

#[test]
fn real_logs_of_mariadb_and_mysql_are_read_whole() {
    // Counted with grep -c '^# User@Host' and by adding Query_time up in awk.
    // The two samples of MariaDB end within their last entry.
    for (path, entries, cut, total_us) in [
        ("data/slowlog/mariadb_slow.log", 23, 1, None),
        ("data/slowlog/mariadb_slow_explain.log", 16, 1, None),
        ("cases/dev/mysql-file-count-join/input/mysql-slow.log", 5596, 0, Some(72_659_170_067_u64)),
    ] {
        let Some(bytes) = shared(path) else { continue };
        let parsed = read(&bytes);
        assert_eq!(parsed.coverage.skipped, cut, "{path}");
        assert_eq!(parsed.coverage.records, entries, "{path}");
        assert_eq!(parsed.records.sources[0].unknown_lines, 0, "{path}");
        if let Some(total_us) = total_us {
            assert_eq!(parsed.records.sources[0].phases.statement.total_us, total_us);
        }
    }
}

#[test]
fn line_ends_of_windows_change_nothing() {
    let windows = read(EXTENDED.replace('\n', "\r\n").as_bytes());
    let unix = read(EXTENDED.as_bytes());
    let shown = |parsed: &Parsed<SlowLog>| {
        let log = &parsed.records;
        let queries = log.queries.iter();
        let queries = queries.map(|q| (q.fingerprint.clone(), q.calls, q.total_us, q.first_at));
        (queries.collect::<Vec<_>>(), log.sources[0].unknown_lines)
    };
    assert_eq!(shown(&windows), shown(&unix));
}

#[test]
fn a_real_export_of_the_table_is_read_whole() {
    let Some(bytes) = shared("data/slowlog/mariadb_slow_log_table.tsv") else { return };
    let head = model::Head { path: "", bytes: &bytes, whole: true };
    let mut sink = super::table::SlowLogTable::new(&head, "table.tsv", None, false);
    sink.push(&bytes);
    let parsed = sink.finish();
    // Counted with wc -l, less the row of names.
    assert_eq!((parsed.coverage.records, parsed.coverage.skipped), (159, 0));
}

#[test]
fn any_number_of_threads_gives_the_same() {
    // More than one block, with a database that is carried over blocks.
    let log = EXTENDED.repeat(2_000);
    let whole = read(log.as_bytes());
    for threads in [2, 5] {
        let mut sink = SlowLogFile::new("slow.log", threads, None, false);
        for piece in log.as_bytes().chunks(100_000) {
            sink.push(piece);
        }
        assert!(sink.finish() == whole, "{threads} threads");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn where_the_bytes_are_cut_changes_nothing(cuts in prop::collection::vec(1_usize..400, 1..40)) {
        let whole = read(EXTENDED.as_bytes());
        let mut sink = SlowLogFile::new("slow.log", 1, None, false);
        // Blocks as small as they can be.
        sink.look_at = 1;
        let mut rest = EXTENDED.as_bytes();
        for cut in cuts.iter().cycle() {
            let (now, later) = rest.split_at(rest.len().min(*cut));
            sink.push(now);
            sink.look_at = sink.look_at.min(now.len());
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(sink.finish(), whole);
    }

    #[test]
    fn any_bytes_are_read(
        pieces in prop::collection::vec(prop_oneof![
            prop::sample::select(EXTENDED.lines().collect::<Vec<_>>()).prop_map(|line| format!("{line}\n").into_bytes()),
            prop::collection::vec(any::<u8>(), 0..20),
        ], 0..60)
    ) {
        let log = pieces.concat();
        let parsed = read(&log);
        prop_assert_eq!(parsed.records.sources[0].lines, (log.split_inclusive(|&b| b == b'\n').count()) as u64);
    }
}
