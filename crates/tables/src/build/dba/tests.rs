use super::*;
use crate::{FactState, Tables};

fn tables(text: &str) -> Tables {
    let parsed = ::dba::parse("answers.txt", text.as_bytes());
    let mut builder = TablesBuilder::new();
    builder.dba(&parsed.records, &Redactor::new());
    builder.build()
}

fn cell<'t>(tables: &'t Tables, table: &str, row: usize, column: &str) -> Cell<'t> {
    tables.table(table).unwrap().column(column).unwrap().get(row)
}

const CHAIN: &str = "\
pid,blocked_by,usename,waits_for,wait_event,query
200,{100},mmuser,00:01:10,transactionid,UPDATE channelmembers SET msgcount = 'canary' WHERE userid = 'x'
201,{200},mmuser,00:01:00,tuple,UPDATE channelmembers SET msgcount = 1
202,\"{200,201}\",mmuser,00:00:50,tuple,UPDATE channelmembers SET msgcount = 2
300,{301},mmuser,00:00:02,transactionid,UPDATE a SET b = 1
301,{300},mmuser,00:00:02,transactionid,UPDATE a SET b = 2
pid,usename,application_name,state,wait_event_type,wait_event,transaction_age,query_age,query
100,dba_admin,psql,idle in transaction,Client,ClientRead,00:12:00,00:11:58,DELETE FROM channelmembers WHERE userid = 'canary'
";

#[test]
fn the_root_of_a_chain_is_found_and_described() {
    let tables = tables(CHAIN);
    for row in 0..3 {
        assert_eq!(cell(&tables, "dba_locks", row, "root_pid"), Cell::Int(100));
        assert_eq!(cell(&tables, "dba_locks", row, "waiters"), Cell::Int(3));
        assert_eq!(
            cell(&tables, "dba_locks", row, "root_state"),
            Cell::Text("idle in transaction")
        );
        assert_eq!(cell(&tables, "dba_locks", row, "root_transaction_age"), Cell::Span(720_000));
    }
    // Two that wait for each other have no root.
    assert_eq!(cell(&tables, "dba_locks", 3, "root_pid"), Cell::Null);
    assert_eq!(cell(&tables, "dba_activity", 0, "blocks"), Cell::Int(3));
    let query = cell(&tables, "dba_locks", 0, "root_query");
    assert_eq!(query, Cell::Text("delete from channelmembers where userid = ?"));
}

#[test]
fn literals_of_statements_are_in_no_table() {
    let tables = tables(CHAIN);
    for table in tables.iter() {
        for column in table.columns() {
            for row in 0..table.n_rows() {
                assert!(!column.get(row).to_string().contains("canary"), "{}", column.doc().name);
            }
        }
    }
}

#[test]
fn settings_become_facts_that_no_packet_says() {
    let tables = tables(
        "name,setting,unit,source,pending_restart\nshared_buffers,16384,8kB,default,f\nmax_connections,500,,configuration file,t\nwork_mem,4096,kB,default,f\nautovacuum,off,,configuration file,f\nmax_standby_streaming_delay,-1,ms,default,f\n",
    );
    let fact = |path| tables.facts().get(path, None).state;
    assert_eq!(fact("database.shared_buffers_mb"), FactState::Value(Cell::Int(128)));
    assert_eq!(fact("database.max_connections"), FactState::Value(Cell::Int(500)));
    assert_eq!(fact("database.work_mem_mb"), FactState::Value(Cell::Float(4.0)));
    assert_eq!(fact("database.autovacuum"), FactState::Value(Cell::Bool(false)));
    assert_eq!(cell(&tables, "dba_settings", 0, "number"), Cell::Float(134_217_728.0));
    assert_eq!(cell(&tables, "dba_settings", 4, "number"), Cell::Float(-1.0));
    let place = tables.facts().get("database.max_connections", None).place.unwrap().clone();
    assert_eq!((place.source.as_str(), place.location.as_str()), ("answers.txt", "line:3"));
}

#[test]
fn two_readings_of_the_counters_give_what_happened_between() {
    let tables = tables(
        "at,datname,numbackends,xact_commit,xact_rollback,blks_read,blks_hit,tup_returned,tup_fetched,temp_files,temp_bytes,deadlocks,stats_reset\n\
         2026-03-05 10:00:00+00,mm,10,1,5,100,900,1,1,1,1000,2,2026-01-01 00:00:00+00\n\
         2026-03-05 10:01:00+00,mm,10,1,9,100,900,1,1,1,4000,2,2026-01-01 00:00:00+00\n",
    );
    assert_eq!(cell(&tables, "dba_statistics", 0, "since_before"), Cell::Null);
    assert_eq!(cell(&tables, "dba_statistics", 1, "since_before"), Cell::Span(60_000));
    assert_eq!(cell(&tables, "dba_statistics", 1, "temp_bytes_more"), Cell::Int(3_000));
    assert_eq!(cell(&tables, "dba_statistics", 1, "hit_ratio"), Cell::Float(0.9));
    let deadlocks = tables.facts().get("database.deadlocks", None).state;
    assert_eq!(deadlocks, FactState::Value(Cell::Int(2)));
}

#[test]
fn a_missing_index_is_seen_in_the_whole_list_of_indexes() {
    let list = "relname,indexrelname,idx_scan,idx_tup_read,indisvalid\nsidebarchannels,sidebarchannels_pkey,5,5,t\nposts,idx_posts_create_at,5,5,t\nschema_version,migrations\n140,140\n";
    let tables = tables(list);
    let expected = tables.table("expected_indexes").unwrap();
    let name = expected.column("name").unwrap();
    let row = (0..expected.n_rows())
        .find(|row| name.get(*row) == Cell::Text("idx_sidebarchannels_categoryid"))
        .unwrap();
    assert_eq!(cell(&tables, "expected_indexes", row, "state"), Cell::Text("dropped-later"));
    assert_eq!(expected.place(row).source, "answers.txt");
}

#[test]
fn a_question_without_rows_is_read_and_empty_and_a_refused_one_is_not() {
    let tables = tables(
        " question \n----------\n pg-blocked\n(1 row)\n\n pid | blocked_by | usename | waits_for | wait_event | query \n-----+------------+---------+-----------+------------+-------\n(0 rows)\n\n question \n----------\n pg-slow\n(1 row)\n\npsql:sheet.sql:9: ERROR:  relation \"pg_stat_statements\" does not exist\n",
    );
    assert_eq!(tables.table("dba_locks").unwrap().n_rows(), 0);
    assert!(tables.table("dba_statements").is_none());
    let outcome = |row| cell(&tables, "dba_answers", row, "outcome").to_string();
    assert_eq!((outcome(0), outcome(1)), ("no rows".to_owned(), "refused".to_owned()));
}

#[test]
fn every_question_goes_into_a_documented_table_with_columns_of_its_kind() {
    use crate::Kind;
    use ::dba::AnswerKind;
    for question in ::dba::questions() {
        let doc = TableDoc::find(&question.table)
            .unwrap_or_else(|| panic!("{}: no table {}", question.id, question.table));
        for column in &question.columns {
            let kind = match column.kind {
                AnswerKind::Skip | AnswerKind::InnodbStatus => continue,
                AnswerKind::Text | AnswerKind::Statement => Kind::Text,
                AnswerKind::Int | AnswerKind::Kibibytes => Kind::Int,
                AnswerKind::Float => Kind::Float,
                AnswerKind::Bool => Kind::Bool,
                AnswerKind::Time => Kind::Time,
                AnswerKind::Span | AnswerKind::Seconds | AnswerKind::Milliseconds => Kind::Span,
            };
            let found = doc.column(&column.column);
            let place = format!("{}: {}.{}", question.id, doc.name, column.column);
            assert_eq!(found.map(|column| column.kind), Some(kind), "{place}");
        }
    }
}
