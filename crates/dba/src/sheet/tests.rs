use super::*;
use crate::question::HOSTINGS;

fn target(database: Database, major: Option<u32>, hosting: Option<&str>) -> DbaTarget {
    DbaTarget { database, major, hosting: hosting.map(str::to_owned) }
}

/// Words that change something, or that cost a busy server dearly.
const NEVER: &[&str] = &[
    "INSERT",
    "UPDATE ",
    "DELETE",
    "DROP",
    "ALTER",
    "TRUNCATE",
    "GRANT ",
    "REVOKE ",
    "REINDEX",
    "KILL",
    "PG_TERMINATE",
    "PG_CANCEL",
    "FOR SHARE",
    "LOCK TABLE",
    "SET GLOBAL",
    "PGSTATTUPLE",
    "PG_RELATION_SIZE",
    "PG_TOTAL_RELATION_SIZE",
    "COUNT(*) FROM POSTS",
    "EXPLAIN",
    "INTO ",
];

#[test]
fn every_statement_only_reads() {
    assert!(questions().len() > 35);
    for question in questions() {
        let sql = question.sql.trim().to_uppercase();
        assert!(sql.starts_with("SELECT ") || sql.starts_with("SHOW "), "{}", question.id);
        assert!(
            sql.ends_with(';') && sql.matches(';').count() == 1,
            "{}: one statement",
            question.id
        );
        for word in NEVER {
            // `UPDATE_TIME` is a column.
            assert!(!sql.contains(word), "{} holds {word}", question.id);
        }
    }
}

#[test]
fn every_select_that_can_be_long_is_cut() {
    for question in questions().iter().filter(|question| question.sql.trim().starts_with("SELECT"))
    {
        let sql = question.sql.to_uppercase();
        let one_row = [
            "pg-connections",
            "pg-replica-delay",
            "pg-statistics",
            "pg-checkpoints",
            "pg-checkpoints-17",
            "pg-version",
            "migrations",
        ];
        let short = [
            "pg-replication",
            "pg-replication-aurora",
            "pg-vacuum-running",
            "pg-wraparound",
            "pg-settings",
            "mysql-purge",
            "pg-indexes-invalid",
        ];
        assert!(
            sql.contains("LIMIT ")
                || one_row.contains(&question.id.as_str())
                || short.contains(&question.id.as_str()),
            "{}",
            question.id
        );
    }
}

#[test]
fn every_question_says_why_and_has_an_id_of_its_own() {
    let mut ids: Vec<&str> = questions().iter().map(|question| question.id.as_str()).collect();
    ids.sort_unstable();
    let n = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), n);
    for question in questions() {
        assert!(!question.why.is_empty() && !question.look.is_empty(), "{}", question.id);
        for hosting in question.only.iter().chain(&question.not) {
            assert!(HOSTINGS.contains(&hosting.as_str()), "{}", question.id);
        }
    }
}

#[test]
fn every_database_is_asked_about_every_topic() {
    let topics = [
        "activity",
        "locks",
        "connections",
        "replication",
        "bloat",
        "vacuum",
        "statistics",
        "slow statements",
        "settings",
    ];
    for (database, versions) in [
        (Database::Postgres, &[11, 12, 13, 15, 16, 17, 18][..]),
        (Database::Mysql, &[5, 8, 9][..]),
        (Database::Mariadb, &[10, 11][..]),
    ] {
        for major in versions {
            for hosting in HOSTINGS {
                let asked = questions_for(&target(database, Some(*major), Some(hosting)));
                for topic in topics {
                    assert!(
                        asked.iter().any(|question| question.topic == topic),
                        "{} {major} on {hosting}: {topic}",
                        database.as_str()
                    );
                }
            }
        }
    }
}

#[test]
fn columns_that_a_version_has_not_are_not_asked_for() {
    let of = |major| dba_sheet(&target(Database::Postgres, Some(major), Some("self")));
    assert!(of(12).contains("total_time") && !of(12).contains("total_exec_time"));
    assert!(of(13).contains("total_exec_time") && !of(13).contains("mean_time::"));
    assert!(of(16).contains("pg_stat_bgwriter") && !of(16).contains("pg_stat_checkpointer"));
    assert!(of(17).contains("pg_stat_checkpointer") && !of(17).contains("pg_stat_bgwriter"));
}

#[test]
fn a_sheet_begins_by_making_the_session_safe() {
    for database in Database::ALL {
        let sheet = dba_sheet(&target(*database, None, None));
        let first = sheet.lines().find(|line| !line.starts_with("--") && !line.is_empty()).unwrap();
        assert!(first.contains("READ ONLY") || first.contains("read_only"), "{first}");
        assert!(
            sheet.contains("5s") || sheet.contains("5000") || sheet.contains("max_statement_time")
        );
    }
}

#[test]
fn an_aurora_cluster_is_asked_in_its_own_words() {
    let sheet = dba_sheet(&target(Database::Postgres, Some(15), Some("aurora")));
    assert!(sheet.contains("aurora_replica_status") && !sheet.contains("pg_stat_replication"));
}
