use super::*;
use crate::{Cell, SourceCoverage, TABLES, TablesBuilder};

fn tables() -> Tables {
    let mut builder = TablesBuilder::new();
    for (id, calls, total, p95) in [("q:1", 10, 1000.0, Some(12.5)), ("q:2", 3, 30.0, None)] {
        let p95 = p95.map_or(Cell::Null, Cell::Float);
        builder
            .row(
                "queries",
                &[
                    ("fingerprint_id", Cell::Text(id)),
                    ("calls", Cell::Int(calls)),
                    ("total_ms", Cell::Float(total)),
                    ("p95_ms", p95),
                    ("users", Cell::Text("=cmd|' /C calc'!A0")),
                    ("first_at", Cell::Text("2026-03-05T09:18:00Z")),
                ],
            )
            .expect("a row");
    }
    for (node, version) in [("a", "9.11.0"), ("b", "10.5.1"), ("c", "11.0.0-rc1")] {
        builder
            .row("nodes", &[("node", Cell::Text(node)), ("version", Cell::Text(version))])
            .expect("a row");
    }
    builder.read("locks", SourceCoverage::default()).expect("a table");
    builder.build()
}

fn rows(sql: &str) -> Vec<Vec<String>> {
    let answer = tables().query(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    (0..answer.n_rows())
        .map(|row| {
            (0..answer.columns().len())
                .map(|column| answer.cell(row, column).unwrap_or_else(|| "null".to_owned()))
                .collect()
        })
        .collect()
}

fn refused(sql: &str) -> String {
    match tables().query(sql) {
        Ok(_) => panic!("{sql} was answered"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn times_are_compared_as_answers_write_them() {
    assert_eq!(
        rows("SELECT COUNT(*) FROM queries WHERE first_at >= '2026-03-05T09:18:00Z'"),
        [["2"]]
    );
    assert_eq!(
        rows("SELECT COUNT(*) FROM queries WHERE first_at > '2026-03-05T10:18:00+01:00'"),
        [["0"]]
    );
}

#[test]
fn counts_are_signed_wherever_they_stand() {
    assert_eq!(rows("SELECT COUNT(*) - 2000 FROM queries"), [["-1998"]]);
    assert_eq!(rows("SELECT COUNT(*) AS n FROM locks"), [["0"]]);
    assert_eq!(
        rows("SELECT users, COUNT(*) - 5 AS n FROM queries GROUP BY users HAVING COUNT(*) - 5 < 0")
            .len(),
        1
    );
    let all = rows("SELECT COUNT(*) OVER () - 5 AS n FROM queries");
    assert_eq!(all, [["-3"], ["-3"]]);
    assert_eq!(rows("SELECT LENGTH(fingerprint_id) - 10 AS n FROM queries LIMIT 1"), [["-7"]]);
    let n = rows("SELECT n - 9 AS m FROM (SELECT COUNT(DISTINCT node) AS n FROM nodes) t");
    assert_eq!(n, [["-6"]]);
}

#[test]
fn groups_are_made_whatever_is_asked_of_them() {
    let sums = "SELECT users, SUM(calls) AS n FROM queries GROUP BY users ORDER BY n DESC";
    assert_eq!(rows(sums), [["=cmd|' /C calc'!A0", "13"]]);
    let by_sum = "SELECT fingerprint_id, SUM(calls), MAX(total_ms), MIN(calls), AVG(calls) \
                  FROM queries GROUP BY fingerprint_id ORDER BY SUM(calls) DESC";
    assert_eq!(rows(by_sum).iter().map(|row| row[1].as_str()).collect::<Vec<_>>(), ["10", "3"]);
    let two = "SELECT users, fingerprint_id, SUM(calls) FROM queries GROUP BY 1, 2 ORDER BY 3";
    assert_eq!(rows(two).len(), 2);
    let keys = "SELECT fingerprint_id FROM queries GROUP BY fingerprint_id ORDER BY fingerprint_id";
    assert_eq!(rows(keys), [["q:1"], ["q:2"]]);
    let having = "SELECT fingerprint_id, SUM(calls) FROM queries GROUP BY fingerprint_id \
                  HAVING SUM(calls) > 5";
    assert_eq!(rows(having), [["q:1", "10"]]);
    let inside = "SELECT MAX(n) FROM (SELECT users, SUM(calls) AS n FROM queries GROUP BY users) t";
    assert_eq!(rows(inside), [["13"]]);
    assert!(refused("SELECT users FROM queries GROUP BY users, calls").contains("DISTINCT"));
}

#[test]
fn results_are_named_as_they_were_written() {
    let answer = tables()
        .query("SELECT COUNT(*), SUM(calls), MAX(calls), calls FROM queries GROUP BY calls")
        .expect("an answer");
    assert_eq!(answer.columns(), ["COUNT(*)", "SUM(calls)", "MAX(calls)", "calls"]);
}

#[test]
fn gaps_are_null_and_never_nan() {
    assert_eq!(rows("SELECT fingerprint_id FROM queries WHERE p95_ms > 1"), [["q:1"]]);
    assert_eq!(rows("SELECT fingerprint_id FROM queries WHERE p95_ms IS NULL"), [["q:2"]]);
    let shares = rows("SELECT 0.0 / 0.0 AS share, 1.0 / 0.0 AS ratio FROM queries LIMIT 1");
    assert_eq!(shares, [["null", "null"]]);
}

#[test]
fn versions_compare_as_versions() {
    let newer = "SELECT node FROM nodes WHERE version >= '10.2' ORDER BY node";
    assert_eq!(rows(newer), [["b"], ["c"]]);
    assert_eq!(
        rows("SELECT node FROM nodes WHERE '11.0' > version AND version > '10.5'"),
        [["b"], ["c"]]
    );
    let answer = tables().query("SELECT * FROM nodes").expect("an answer");
    assert!(!answer.columns().iter().any(|name| name.contains("key")));
}

#[test]
fn times_are_utc() {
    assert_eq!(
        rows("SELECT first_at FROM queries WHERE first_at > '2026-03-05 09:00:00' LIMIT 1"),
        [["2026-03-05T09:18:00Z"]]
    );
}

#[test]
fn every_column_of_every_table_can_be_named_bare() {
    let mut faults = Vec::new();
    for table in TABLES {
        for column in table.columns {
            let sql =
                format!("SELECT {} FROM {} WHERE {} IS NULL", column.name, table.name, column.name);
            if let Err(error) = check_query(&sql) {
                faults.push(format!("{sql}: {error}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn joins_windows_and_with_work() {
    let share = "WITH q AS (SELECT fingerprint_id, total_ms / SUM(total_ms) OVER () AS share \
                 FROM queries) SELECT fingerprint_id FROM q WHERE share > 0.9";
    assert_eq!(rows(share), [["q:1"]]);
    let both = "SELECT a.node, b.fingerprint_id FROM nodes a CROSS JOIN queries b \
                WHERE b.calls > 5 ORDER BY a.node";
    assert_eq!(rows(both).len(), 3);
    let inside = "SELECT node FROM nodes WHERE node IN (SELECT node FROM nodes WHERE node = 'a')";
    assert_eq!(rows(inside), [["a"]]);
    let case = "SELECT CASE WHEN calls > 5 THEN 'many' ELSE 'few' END AS n FROM queries";
    assert_eq!(rows(case), [["many"], ["few"]]);
}

#[test]
fn files_and_other_statements_are_out_of_reach() {
    for sql in [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM queries, read_parquet('x')",
        "SELECT * FROM queries WHERE calls IN (SELECT a FROM read_ipc('x'))",
        "SELECT * FROM \"read_csv\"('x')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM queries; SELECT 1",
        "DROP TABLE queries",
        "CREATE TABLE t AS SELECT * FROM queries",
        "DELETE FROM queries",
        "TRUNCATE TABLE queries",
        "EXPLAIN SELECT 1",
        "SHOW TABLES",
        "INSERT INTO queries VALUES (1)",
        "",
        "SELECT",
    ] {
        refused(sql);
        assert!(check_query(sql).is_err(), "{sql}");
    }
}

#[test]
fn faults_are_told_with_their_place_and_in_our_words() {
    assert_eq!(
        refused("SELECT *\nFROM querys"),
        "line 2, column 6: there is no table `querys`: did you mean `queries`?"
    );
    assert_eq!(
        refused("SELECT fingerprnt FROM queries"),
        "line 1, column 8: there is no column `fingerprnt`: did you mean `fingerprint`?"
    );
    let unread = refused("SELECT * FROM jobs");
    assert!(unread.starts_with("table `jobs` was not read"), "{unread}");
    for sql in ["DROP TABLE queries", "CREATE TABLE t AS SELECT 1", "DELETE FROM queries"] {
        assert!(refused(sql).ends_with("and this is another statement"), "{sql}");
    }
    for (sql, word) in [
        ("SELECT DATE_TRUNC('minute', first_at) FROM queries", "DATE_TRUNC"),
        ("SELECT calls FROM queries WHERE calls > (SELECT MAX(calls) FROM queries)", "subquery"),
        ("WITH RECURSIVE r AS (SELECT 1) SELECT * FROM r", "RECURSIVE"),
        ("SELECT CURRENT_TIMESTAMP FROM queries", "CURRENT_TIMESTAMP"),
        ("SELECT * FROM queries WHERE EXISTS (SELECT 1 FROM nodes)", "EXISTS"),
        ("SELECT COUNT(*) FILTER (WHERE calls > 5) FROM queries", "FILTER"),
        ("SELECT FOO(calls) FROM queries", "foo"),
    ] {
        let error = refused(sql);
        assert!(error.to_lowercase().contains(&word.to_lowercase()), "{sql}: {error}");
        assert!(error.len() < 300 && !error.contains("Ident"), "{error}");
    }
}

#[test]
fn a_very_deep_or_long_question_is_refused_and_ends_nothing() {
    refused(&format!("SELECT 1 FROM queries WHERE {} 1", "calls = 1 OR ".repeat(5000)));
    refused(&format!("SELECT {}1{}", "(".repeat(1500), ")".repeat(1500)));
    let chain =
        format!("SELECT calls FROM queries WHERE {} calls = 1", "calls = 2 OR ".repeat(300));
    let _ = tables().query(&chain);
}

#[test]
fn csv_cells_are_no_formulas_and_json_keeps_types() {
    let answer = tables()
        .query("SELECT users, calls - 5 AS n, p95_ms FROM queries ORDER BY calls")
        .expect("an answer");
    let written = |format| {
        let mut out = Vec::new();
        answer.write(format, &mut out).expect("written");
        out
    };
    let csv = String::from_utf8(written(AnswerFormat::Csv)).expect("text");
    assert_eq!(csv, "users,n,p95_ms\n'=cmd|' /C calc'!A0,-2,\n'=cmd|' /C calc'!A0,5,12.5\n");
    let json: serde_json::Value =
        serde_json::from_slice(&written(AnswerFormat::Json)).expect("json");
    assert_eq!(json[0]["n"], -2);
    assert!(json[0]["p95_ms"].is_null());
    assert!(written(AnswerFormat::Parquet).starts_with(b"PAR1"));
    let text = String::from_utf8(written(AnswerFormat::Text)).expect("text");
    assert!(text.ends_with("(2 rows)\n"), "{text}");
}

#[test]
fn a_table_is_exported_as_parquet() {
    let mut out = Vec::new();
    tables().export("queries", &mut out).expect("written");
    assert!(out.starts_with(b"PAR1") && out.ends_with(b"PAR1"));
    assert!(tables().export("jobs", &mut Vec::new()).is_err());
}
