//! Answers as clients print them.

use crate::{AnswerCell, Answers, Database, FORMATS, parse, questions};
use model::{Head, Parsed};
use proptest::prelude::*;

fn read(text: &str) -> Parsed<Answers> {
    parse("answers.txt", text.as_bytes())
}

fn score(text: &str) -> u8 {
    let format = FORMATS.first().unwrap();
    (format.score)(&Head { path: "x", bytes: text.as_bytes(), whole: true })
}

/// Question and number of rows of every answer.
fn came(parsed: &Parsed<Answers>) -> Vec<(&str, usize)> {
    let answers = parsed.records.answers.iter();
    answers.map(|answer| (answer.question.id.as_str(), answer.rows.len())).collect()
}

/// The statement of each row of the first answer.
fn statements(parsed: &Parsed<Answers>) -> Vec<&str> {
    let rows = parsed.records.answers.first().map_or(&[][..], |answer| &answer.rows);
    rows.iter()
        .filter_map(|row| {
            let AnswerCell::Statement(text) = row.cell("query")? else { return None };
            Some(text.untrusted())
        })
        .collect()
}

const ALIGNED: &str = "\
mattermost=> SELECT pid, ...
  pid  | blocked_by | usename |  waits_for   | wait_event |    query     
-------+------------+---------+--------------+------------+--------------
 28787 | {28672}    | mm|user | 00:00:02.476 | tuple      | update a set+
       |            |         |              |            |  b = 'x' 
 28792 | {28787}    | tester  | 00:00:02.4   |            | select 'ü日'
(2 rows)

Time: 1.234 ms
";
const EXPANDED: &str = "\
Expanded display is on.
-[ RECORD 1 ]-----------
pid        | 28787
blocked_by | {28672}
usename    | mm|user
waits_for  | 00:00:02.476
wait_event | tuple
query      | update a set+
           |  b = 'x'
-[ RECORD 2 ]-----------
pid        | 28792
blocked_by | {28787}
usename    | tester
waits_for  | 00:00:02.4
wait_event | 
query      | select 'ü日'

";
const CSV: &str = "\
pid,blocked_by,usename,waits_for,wait_event,query
28787,{28672},mm|user,00:00:02.476,tuple,\"update a set
 b = 'x'\"
28792,{28787},tester,00:00:02.4,,select 'ü日'
";
const PGADMIN: &str = "\
\"pid\",\"blocked_by\",\"usename\",\"waits_for\",\"wait_event\",\"query\"
28787,\"{28672}\",\"mm|user\",\"0:00:02.476\",\"tuple\",\"update a set
 b = 'x'\"
28792,\"{28787}\",\"tester\",\"0:00:02.4\",NULL,\"select 'ü日'\"
";
const DBEAVER: &str = "\
pid;blocked_by;usename;waits_for;wait_event;query
28787;{28672};mm|user;0 years 0 mons 0 days 0 hours 0 mins 2.476 secs;tuple;\"update a set
 b = 'x'\"
28792;{28787};tester;0 years 0 mons 0 days 0 hours 0 mins 2.4 secs;[NULL];select 'ü日'
";

#[test]
fn one_answer_is_the_same_in_every_form_that_clients_of_postgresql_write() {
    for text in [ALIGNED, EXPANDED, CSV, PGADMIN, DBEAVER] {
        assert!(score(text) > 90, "{text}");
        let parsed = read(text);
        assert!(parsed.issues.is_empty(), "{text}{:?}", parsed.issues);
        assert_eq!(came(&parsed), [("pg-blocked", 2)], "{text}");
        assert_eq!(statements(&parsed), ["update a set\n b = 'x'", "select 'ü日'"], "{text}");
        let answer = &parsed.records.answers[0];
        let row = &answer.rows[0];
        assert_eq!((row.int("pid"), row.text("user")), (Some(28787), Some("mm|user")));
        assert_eq!(row.cell("waits_for"), Some(&AnswerCell::Span(2_476)));
        assert_eq!(answer.rows[1].cell("wait_event"), None, "an empty cell is no value");
        assert_eq!(parsed.records.database, Some(Database::Postgres));
    }
}

const BOX: &str = "\
mysql> SELECT ID, USER ...
+----+------+------------+---------+------+------------+-----------------+
| ID | USER | DB         | COMMAND | TIME | STATE      | query           |
+----+------+------------+---------+------+------------+-----------------+
|  6 | root | mattermost | Query   |   12 | User sleep | select sleep(5) |
|  8 | mm   | NULL       | Query   |    1 | Updating   | update Posts set
	Message = 'a | b'         |
+----+------+------------+---------+------+------------+-----------------+
2 rows in set (0.00 sec)
";
const VERTICAL: &str = "\
*************************** 1. row ***************************
     ID: 6
   USER: root
     DB: mattermost
COMMAND: Query
   TIME: 12
  STATE: User sleep
  query: select sleep(5)
*************************** 2. row ***************************
     ID: 8
   USER: mm
     DB: NULL
COMMAND: Query
   TIME: 1
  STATE: Updating
  query: update Posts set
	Message = 'a | b'
2 rows in set (0.00 sec)
";
const BATCH: &str = "ID\tUSER\tDB\tCOMMAND\tTIME\tSTATE\tquery\n6\troot\tmattermost\tQuery\t12\tUser sleep\tselect sleep(5)\n8\tmm\tNULL\tQuery\t1\tUpdating\tupdate Posts set\\n\\tMessage = 'a | b'\n";

#[test]
fn one_answer_is_the_same_in_every_form_that_clients_of_mysql_write() {
    for text in [BOX, VERTICAL, BATCH] {
        assert!(score(text) > 90, "{text}");
        let parsed = read(text);
        assert!(parsed.issues.is_empty(), "{text}{:?}", parsed.issues);
        assert_eq!(came(&parsed), [("mysql-processes", 2)], "{text}");
        assert_eq!(
            statements(&parsed),
            ["select sleep(5)", "update Posts set\n\tMessage = 'a | b'"]
        );
        let rows = &parsed.records.answers[0].rows;
        assert_eq!(rows[0].cell("query_age"), Some(&AnswerCell::Span(12_000)));
        assert_eq!(rows[1].cell("database"), None);
    }
    // A row that cannot be cut is counted, and the answer is not whole.
    let parsed =
        read(&BOX.replace("|  8 | mm   | NULL       | Query   |    1", "|  8 | mm   | NULL"));
    assert_eq!((came(&parsed), parsed.coverage.skipped), (vec![("mysql-processes", 1)], 1));
    assert!(!parsed.records.answers[0].whole);
}

#[test]
fn what_the_sheet_announces_tells_empty_answers_from_refused_and_unreadable_ones() {
    let parsed = read(
        "+----------+\n| question |\n+----------+\n| mysql-lock-waits |\n+----------+\n\
         +----------+\n| question |\n+----------+\n| mysql-slow |\n+----------+\n\
         ERROR 1142 (42000) at line 9: SELECT command denied to user\n\
         +----------+\n| question |\n+----------+\n| mysql-purge |\n+----------+\n\
         something else\n\
         +----------+\n| question |\n+----------+\n| mysql-tables |\n+----------+\n",
    );
    assert_eq!(came(&parsed), [("mysql-lock-waits", 0), ("mysql-purge", 0)]);
    let whole: Vec<bool> = parsed.records.answers.iter().map(|answer| answer.whole).collect();
    assert_eq!(whole, [true, false]);
    let refused = &parsed.records.refused[0];
    assert_eq!(refused.question.map(|asked| asked.id.as_str()), Some("mysql-slow"));
    assert!(parsed.issues.iter().any(|issue| issue.reason.contains("last question")));
}

#[test]
fn a_result_that_nobody_asked_for_is_listed_and_the_next_is_read() {
    let parsed = read(&format!(
        " id | secret \n----+--------\n  1 | x\n(1 row)\n\n{ALIGNED}ERROR:  relation \"pg_stat_statements\" does not exist\nLINE 1: SELECT\n"
    ));
    assert_eq!(came(&parsed), [("pg-blocked", 2)]);
    let unknown = &parsed.records.unknown[0];
    assert_eq!((unknown.columns.len(), unknown.n_rows, unknown.line), (2, 1, 1));
    // The object that is missing says which question it was.
    let refused = parsed.records.refused[0].question.unwrap();
    assert!(refused.id.starts_with("pg-slow"), "{}", refused.id);
    assert_eq!(score(" id | secret \n----+--------\n  1 | x\n(1 row)\n"), 0);
}

#[test]
fn a_file_that_is_cut_is_read_as_far_as_it_goes() {
    for (text, n_rows) in [(ALIGNED, 2), (EXPANDED, 2), (CSV, 2), (BATCH, 2), (VERTICAL, 2)] {
        let mut seen = 0;
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let parsed = read(&text[..end]);
            let rows: usize = came(&parsed).iter().map(|(_, rows)| rows).sum();
            assert!(rows <= n_rows, "{rows} rows at {end} of {text}");
            seen = seen.max(rows);
        }
        assert_eq!(seen, n_rows, "{text}");
    }
    let short = ALIGNED.replace("(2 rows)", "(20 rows)");
    assert!(read(&short).issues.iter().any(|issue| issue.reason.starts_with("fewer rows")));
}

#[test]
fn questions_of_names_and_values_are_told_by_the_names() {
    let parsed = read(
        "Variable_name\tValue\nThreads_connected\t12\nMax_used_connections\t151\n\nVariable_name\tValue\nmax_connections\t151\nversion\t8.0.36\n",
    );
    assert_eq!(came(&parsed), [("mysql-connections", 2), ("mysql-settings", 2)]);
    // Anybody's table of names and values is none.
    assert_eq!(score("NAME\tCOUNT\nalice\t3\n"), 0);
}

#[test]
fn a_statement_that_the_sheet_cut_says_so() {
    let long = "x".repeat(200);
    let text = format!(
        "pid,blocked_by,usename,waits_for,wait_event,query\n1,{{2}},u,00:00:01,tuple,{long}\n"
    );
    assert!(statements(&read(&text))[0].ends_with(" ..."));
}

#[test]
fn sixteen_bit_text_of_a_redirection_is_read() {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(ALIGNED.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(came(&parse("x", &bytes)), [("pg-blocked", 2)]);
    let format = FORMATS.first().unwrap();
    assert!((format.score)(&Head { path: "x", bytes: &bytes, whole: true }) > 90);
}

#[test]
fn when_the_answers_were_given_is_known_from_the_database() {
    let parsed = read(
        "version,up_since,is_replica,now\n\"PostgreSQL 15.8 (Debian)\",2026-03-01 00:00:00+00,f,2026-03-05 10:35:00.5+01\n",
    );
    let at = parsed.records.at.unwrap().to_rfc3339();
    assert_eq!(at, "2026-03-05T09:35:00.500+00:00");
    assert_eq!(parsed.coverage.window.unwrap().start, parsed.records.at.unwrap());
}

#[test]
fn no_two_questions_of_one_database_have_the_same_columns_unless_names_tell_them_apart() {
    for (n, one) in questions().iter().enumerate() {
        for other in questions().iter().skip(n + 1) {
            let outputs = |of: &crate::DbaQuestion| {
                let mut names: Vec<String> =
                    of.columns.iter().map(|column| column.output.to_lowercase()).collect();
                names.sort();
                names
            };
            let same = outputs(one) == outputs(other);
            let told = one.names().count() > 2 || one.table == other.table;
            assert!(!same || told, "{} and {}", one.id, other.id);
        }
    }
}

#[test]
fn statements_are_the_last_columns_of_every_question() {
    use crate::AnswerKind;
    for question in questions() {
        let is_statement = |kind| kind == AnswerKind::Statement;
        let mut kinds = question.columns.iter().map(|column| is_statement(column.kind));
        let first = kinds.position(|statement| statement);
        assert!(first.is_none() || kinds.all(|statement| statement), "{}", question.id);
    }
}

#[test]
fn what_is_read_is_bounded() {
    let mut text = String::from("datname,xid_age\n");
    text.push_str(&"a,1\n".repeat(20_000));
    let parsed = read(&text);
    assert_eq!(came(&parsed), [("pg-wraparound", 5_000)]);
    assert!(parsed.coverage.skipped > 0);
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse("x", &bytes);
    }

    #[test]
    fn any_mixture_of_what_clients_print_is_read(parts in prop::collection::vec(0_usize..14, 0..40), cut in 0_usize..4000) {
        const PARTS: [&str; 14] = [ALIGNED, EXPANDED, CSV, BOX, VERTICAL, BATCH, "|", "+--+--+\n", "-[ RECORD 1 ]\n", "*** 1. row ***\n", "\"", " | ", "-----+---\n", "\n"];
        let text: String = parts.iter().map(|part| PARTS[*part]).collect();
        let bytes = text.as_bytes();
        let parsed = parse("x", &bytes[..cut.min(bytes.len())]);
        prop_assert!(parsed.records.answers.iter().all(|answer| answer.rows.len() <= 5_000));
    }
}
