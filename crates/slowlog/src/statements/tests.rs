use super::*;
use proptest::prelude::*;

fn read(export: &str, engine: Engine) -> Parsed<SlowLog> {
    let head = Head { path: "", bytes: export.as_bytes(), whole: true };
    let mut sink = Statements::new(&head, "pgss.csv", engine);
    sink.push(export.as_bytes());
    sink.finish()
}

const PG15: &str = "userid,dbid,toplevel,queryid,query,plans,calls,total_exec_time,min_exec_time,max_exec_time,mean_exec_time,stddev_exec_time,rows\n\
16384,16385,t,-31,\"SELECT a FROM Users\n WHERE Id IN ($1,$2)\",0,10,100.5,0.5,20,10.05,2,10\n\
16384,16385,t,-32,\"SELECT a FROM Users WHERE Id IN ($1)\",0,5,50,0.25,30,10,1,5\n\
10,16385,t,-33,\"ALTER ROLE x PASSWORD 'canary'\",0,1,1,1,1,1,0,0\n";

#[test]
fn rows_of_one_fingerprint_are_one_query() {
    let parsed = read(PG15, Engine::PostgreSql);
    assert!(parsed.issues.is_empty(), "{:?}", parsed.issues);
    let log = &parsed.records;
    assert_eq!(log.queries.len(), 2);
    let users = &log.queries[0];
    assert_eq!(users.fingerprint, "select a from users where id in (?+)");
    assert_eq!(
        (users.calls, users.total_us, users.min_us, users.max_us),
        (15, 150_500, 250, 30_000)
    );
    assert_eq!(users.rows, Some(15));
    assert_eq!(users.users[0].value.untrusted(), "16384");
    assert_eq!(users.max_place.location(), "line:2");
    // 10 calls of 10.05 ms with a deviation of 2 ms, 5 of 10 ms with 1 ms.
    assert!((users.stddev_us().unwrap() - 1_732.0).abs() < 5.0, "{:?}", users.stddev_us());
    assert_eq!(parsed.coverage.limits, ["totals since a reset", "no times"]);
}

#[test]
fn literals_that_the_server_left_are_taken_out() {
    let parsed = read(PG15, Engine::PostgreSql);
    assert!(parsed.records.queries.iter().all(|query| !query.fingerprint.contains("canary")
        && !query.sample_text().untrusted().contains("canary")));
}

#[test]
fn old_and_foreign_names_of_columns_are_known() {
    let old = "\"rolname\";\"datname\";\"query\";\"calls\";\"total_time\";\"rows\"\n\"mmuser\";\"mm\";\"SELECT ?\";3;1,5;3\n";
    let head = Head { path: "", bytes: old.as_bytes(), whole: true };
    assert_eq!((PG_FORMAT.score)(&head), 95);
    let parsed = read(old, Engine::PostgreSql);
    assert_eq!(parsed.records.queries[0].total_us, 1_500);
    assert_eq!(parsed.records.queries[0].users[0].value.untrusted(), "mmuser");
}

#[test]
fn digests_are_in_picoseconds_and_meet_the_fingerprints_of_logs() {
    let export = "SCHEMA_NAME\tDIGEST\tDIGEST_TEXT\tCOUNT_STAR\tSUM_TIMER_WAIT\tMIN_TIMER_WAIT\tMAX_TIMER_WAIT\tSUM_LOCK_TIME\tSUM_ROWS_SENT\tSUM_ROWS_EXAMINED\tSUM_SELECT_SCAN\tFIRST_SEEN\tLAST_SEEN\n\
mattermost\tab\tSELECT COUNT ( * ) FROM `Posts` WHERE `Id` IN (...) AND `Type` != ? LIMIT ?, ...\t4\t8000000000000\t1000000000000\t3000000000000\t1000000\t4\t400\t4\t2023-01-17 05:00:00.000000\t2023-01-17 06:00:00.000000\n\
NULL\tNULL\tNULL\t7\t7000000\t0\t1\t0\t0\t0\t0\t2023-01-17 05:00:00\t2023-01-17 06:00:00\n";
    let head = Head { path: "", bytes: export.as_bytes(), whole: true };
    assert_eq!((DIGEST_FORMAT.score)(&head), 95);
    let parsed = read(export, Engine::MySql);
    assert_eq!(parsed.records.sources[0].engine, Engine::MySql);
    let query = &parsed.records.queries[0];
    let raw = b"select count(*) from Posts where Id in ('a', 'b') and Type <> 'x' limit 5, 10";
    let same = crate::fingerprint::fingerprint(raw, Engine::MySql);
    assert_eq!(query.fingerprint, same.text);
    assert_eq!((query.calls, query.total_us, query.max_us), (4, 8_000_000, 3_000_000));
    assert_eq!(
        (query.lock_us, query.rows_examined, query.full_scans),
        (Some(1), Some(400), Some(4))
    );
    assert_eq!(query.last_at.unwrap().to_rfc3339(), "2023-01-17T06:00:00+00:00");
    assert_eq!(parsed.records.queries[1].fingerprint_id, OTHER_ID);
}

#[test]
fn the_difference_of_two_exports_is_what_happened_between() {
    let before = read(PG15, Engine::PostgreSql);
    let later =
        PG15.replace("0,10,100.5", "0,12,180.5").replace("0,1,1,1,1,1,0,0", "0,0,0,1,1,1,0,0");
    let after = read(&later, Engine::PostgreSql);
    let between = difference(&before, &after);
    assert_eq!(between.records.queries.len(), 1);
    let query = &between.records.queries[0];
    assert_eq!((query.calls, query.total_us), (2, 80_000));
    assert_eq!(between.coverage.limits, ["no times"]);
    let reset = difference(&after, &read(&PG15.replace("0,10,100.5", "0,2,9"), Engine::PostgreSql));
    assert_eq!(reset.records.queries[0].calls, 7);
    assert!(!reset.issues.is_empty());
}

#[test]
fn a_real_export_is_read_whole() {
    let path = format!(
        "{}/../../../shared/data/slowlog/pg_stat_statements_pg15.csv",
        env!("CARGO_MANIFEST_DIR")
    );
    #[expect(clippy::disallowed_methods, reason = "samples stand outside the repository")]
    let Ok(export) = std::fs::read_to_string(&path) else {
        println!("skipped: {path} is not here");
        return;
    };
    let parsed = read(&export, Engine::PostgreSql);
    assert!(parsed.issues.is_empty(), "{:?}", parsed.issues);
    // Counted with Python's csv module.
    assert_eq!(
        (parsed.coverage.records, parsed.records.sources[0].phases.statement.calls),
        (61, 360)
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for (engine, names) in [(Engine::PostgreSql, "query,calls,total_time\n"), (Engine::MySql, "DIGEST_TEXT,COUNT_STAR,SUM_TIMER_WAIT\n")] {
            let head = Head { path: "", bytes: &bytes, whole: true };
            let mut sink = Statements::new(&head, "x", engine);
            sink.push(names.as_bytes());
            sink.push(&bytes);
            let _ = sink.finish();
        }
    }
}
