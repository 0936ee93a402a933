//! A customer sees commands of the database that he has, and of no other.

use crate::command::{analyze, run};

/// What no customer of MySQL or MariaDB may be told.
const POSTGRESQL: &[&str] = &[
    "pg_",
    "VACUUM",
    "CONCURRENTLY",
    "regclass",
    "ALTER ROLE",
    "ALTER SYSTEM",
    "autovacuum",
    "work_mem",
    "shared_buffers",
    "REINDEX",
    "psql",
    "SHOW max_connections",
    "indisvalid",
];
/// What no customer of PostgreSQL may be told.
const MYSQL: &[&str] = &[
    "PROCESSLIST",
    "processlist",
    "performance_schema",
    "INNODB",
    "innodb",
    "KILL QUERY",
    "SHOW VARIABLES",
    "SHOW INDEX",
    "ANALYZE TABLE",
    "OPTIMIZE TABLE",
    "long_query_time",
];

/// Everything that the tool makes of an incident.
fn outputs(incident: &str) -> Vec<(&'static str, String)> {
    let run = |args: &[&str]| {
        let output = run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    vec![
        ("screen", run(&[incident])),
        ("everything", run(&[incident, "--all"])),
        ("Markdown", run(&[incident, "--format", "markdown"])),
        ("JSON", run(&[incident, "--format", "json"])),
        ("posts", run(&["post", incident, "--channel", "ops/sev1", "--dry-run"])),
        ("playbook", run(&["playbook", "show", incident])),
    ]
}

/// Words of the other database. A file that was read keeps its name.
#[track_caller]
fn has_none(incident: &str, words: &[&str]) {
    for (output, text) in outputs(incident) {
        let text = text.replace("mm-prod-db_postgresql", "").replace("pg-primary", "");
        let lines: Vec<&str> =
            // Outcomes of rules that do not apply are listed by the rule's id.
            text.lines()
                .filter(|line| !line.trim_start().starts_with("\"rule\": "))
                .filter(|line| words.iter().any(|word| line.contains(word)))
                .collect();
        assert!(lines.is_empty(), "{output} of {incident}:\n{}", lines.join("\n"));
    }
}

#[test]
fn a_customer_of_mysql_sees_nothing_of_postgresql() {
    has_none("fixtures/incidents/mysql-file-count", POSTGRESQL);
    let screen = analyze(&["fixtures/incidents/mysql-file-count"]);
    assert!(screen.contains("information_schema.statistics"), "{screen}");
}

#[test]
fn a_customer_of_postgresql_sees_nothing_of_mysql() {
    for incident in ["sidebar-missing-index", "pool-busy-db", "healthy-cluster"] {
        has_none(&format!("fixtures/incidents/{incident}"), MYSQL);
    }
}

#[test]
fn an_unknown_database_gets_commands_with_the_name_of_their_engine() {
    let csv = "fixtures/incidents/mysql-file-count/\
        API Latency-data-as-seriestocolumns-2023-01-17 10_18_45.csv";
    let methods = "fixtures/incidents/mysql-file-count/\
        Top 10 DB calls by duration-data-as-seriestocolumns-2023-01-17 10_17_21.csv";
    let screen = analyze(&[csv, methods, "--tz", "UTC", "--all"]);
    assert!(screen.contains("PostgreSQL: "), "{screen}");
    assert!(screen.contains("MySQL/MariaDB: "), "{screen}");
}

#[test]
fn a_log_of_another_database_than_the_packets_is_a_disagreement() {
    let log = "fixtures/incidents/sidebar-missing-index/\
        mm-prod-db_postgresql_2025-11-05_06-10h.log.gz";
    let screen = analyze(&["fixtures/incidents/mysql-file-count", log]);
    let at = screen.find("which database it is").unwrap_or_else(|| panic!("{screen}"));
    assert!(screen[at..].contains("commands are those of"), "{screen}");
    let own = analyze(&["fixtures/incidents/mysql-file-count"]);
    assert!(!own.contains("which database it is"), "{own}");
}
