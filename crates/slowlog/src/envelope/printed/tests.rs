//! One table in every form that clients print, against CSV.

use crate::SlowLog;
use crate::tests::{read, read_with};
use crate::{Options, Query};
use proptest::prelude::*;

const NAMES: [&str; 5] = ["userid", "calls", "total_exec_time", "query", "rows"];

/// Values as the server has them: a text of several lines, with what separates columns in it.
fn statistics() -> Vec<[String; 5]> {
    let texts = [
        "select $1 as \"a|b\",\n  $2\nfrom posts",
        "select id from users where name = 'x' -- \\ + .",
        "update channels set total = total + $1",
        "select count(*) from posts p\n where p.userid = $1 || $2\n\n   and x",
    ];
    let row = |(n, text): (usize, &str)| {
        [
            "10".to_owned(),
            (n + 3).to_string(),
            format!("{}.5", n * 100),
            text.to_owned(),
            n.to_string(),
        ]
    };
    texts.into_iter().enumerate().map(row).collect()
}

fn csv(names: &[&str], rows: &[impl AsRef<[String]>]) -> String {
    let field = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
    let line = |row: &[String]| row.iter().map(field).collect::<Vec<_>>().join(",");
    let rows: Vec<String> = rows.iter().map(|row| line(row.as_ref())).collect();
    format!("{}\n{}\n", names.join(","), rows.join("\n"))
}

fn queries(log: &SlowLog) -> Vec<(String, u64, u64, Option<u64>)> {
    let of = |query: &Query| (query.fingerprint.clone(), query.calls, query.total_us, query.rows);
    log.queries.iter().map(|query| of(query)).collect()
}

fn same(printed: &str, plain: &str, what: &str) {
    let expected = queries(&read(plain.as_bytes()).records);
    assert!(expected.len() >= 3, "{what}: {expected:?}");
    for step in [3, 4_096] {
        let got = read_with(&Options::default(), printed.as_bytes(), step);
        assert_eq!(queries(&got.records), expected, "{what}:\n{printed}");
        assert_eq!(got.coverage.skipped, 0, "{what}");
    }
}

/// As `psql` pads: each cell as its lines, marked where one follows.
fn psql(names: &[&str], rows: &[[String; 5]], border: usize, unicode: bool) -> String {
    let (bar, dash, cross, mark) =
        if unicode { ("│", "─", "┼", "↵") } else { ("|", "-", "+", "+") };
    let longest = |idx: usize| {
        let cells = rows.iter().flat_map(|row| row[idx].split('\n')).map(|l| l.chars().count());
        cells.chain([names[idx].len()]).max().unwrap()
    };
    let widths: Vec<usize> = (0..names.len()).map(longest).collect();
    let segments: Vec<String> = widths.iter().map(|width| dash.repeat(width + 2)).collect();
    let mut rule = segments.join(cross);
    if border == 2 {
        rule = format!("{cross}{rule}{cross}");
    }
    let frame =
        |line: String| if border == 2 { format!("{bar}{line}{bar}\n") } else { line + "\n" };
    let head = names.iter().zip(&widths).map(|(name, width)| format!(" {name:^width$} "));
    let mut out = String::new();
    if border == 2 {
        out += &format!("{rule}\n");
    }
    out += &frame(head.collect::<Vec<_>>().join(bar));
    out += &format!("{rule}\n");
    for row in rows {
        let cells: Vec<Vec<&str>> = row.iter().map(|cell| cell.split('\n').collect()).collect();
        for n in 0..cells.iter().map(Vec::len).max().unwrap() {
            let line = cells.iter().zip(&widths).enumerate().map(|(idx, (cell, width))| {
                let text = cell.get(n).copied().unwrap_or("");
                let end = if n + 1 < cell.len() { mark } else { " " };
                if idx == 3 {
                    format!(" {text:<width$}{end}")
                } else {
                    format!(" {text:>width$}{end}")
                }
            });
            out += &frame(line.collect::<Vec<_>>().join(bar));
        }
    }
    if border == 2 {
        out += &format!("{rule}\n");
    }
    format!("{out}({} rows)\n\n", rows.len())
}

#[test]
fn statistics_are_read_however_psql_prints_them() {
    let rows = statistics();
    let plain = csv(&NAMES, &rows);
    for (border, unicode) in [(1, false), (2, false), (1, true), (2, true)] {
        let table = psql(&NAMES, &rows, border, unicode);
        same(&table, &plain, "aligned");
        let session = format!(
            "psql (15.8)\nType \"help\" for help.\n\nmm=> select * from x;\n{table}Time: 3.0 ms\n"
        );
        same(&session, &plain, "in a session");
    }
    let mut expanded = String::from("Expanded display is on.\n");
    let mut unaligned_x = String::new();
    let mut unaligned = NAMES.join("|") + "\n";
    for (n, row) in rows.iter().enumerate() {
        expanded += &format!("-[ RECORD {} ]---+-------------\n", n + 1);
        for (name, value) in NAMES.iter().zip(row) {
            let lines: Vec<&str> = value.split('\n').collect();
            for (nth, line) in lines.iter().enumerate() {
                let name = if nth == 0 { name } else { "" };
                let mark = if nth + 1 < lines.len() { "+" } else { "" };
                expanded += format!("{name:<15} | {line:<60}{mark}").trim_end();
                expanded += "\n";
            }
            unaligned_x += &format!("{name}|{value}\n");
        }
        unaligned_x += "\n";
        unaligned += &(row.join("|") + "\n");
    }
    same(&expanded, &plain, "expanded");
    same(&unaligned_x, &plain, "expanded, unaligned");
    same(&format!("{unaligned}({} rows)\n", rows.len()), &plain, "unaligned");
    same(
        &unaligned.replace(" || ", " ").replace('|', "\t"),
        &plain.replace(" || ", " ").replace("a|b", "a\tb"),
        "tabs",
    );
    let objects: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| serde_json::json!({"userid": row[0], "calls": row[1].parse::<u64>().unwrap(), "total_exec_time": row[2].parse::<f64>().unwrap(), "query": row[3], "rows": row[4]}))
        .collect();
    let json = serde_json::Value::from(objects.clone()).to_string();
    same(&json, &plain, "json_agg");
    same(&serde_json::to_string_pretty(&objects).unwrap(), &plain, "pretty");
    let elements: Vec<String> = objects.iter().map(ToString::to_string).collect();
    let width = elements.iter().map(String::len).max().unwrap() + 2;
    let agg = elements.join(", +\n  ");
    same(
        &format!(" json_agg \n{}\n [{agg}]\n(1 row)\n", "-".repeat(width)),
        &plain,
        "json_agg, aligned",
    );
    let cell = |text: &String| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;")
            .replace('\n', "<br />\n")
    };
    let html: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "<tr valign=\"top\">{}</tr>",
                row.iter()
                    .map(|text| format!("<td align=\"left\">{}</td>", cell(text)))
                    .collect::<String>()
            )
        })
        .collect();
    let head: String =
        NAMES.iter().map(|name| format!("<th align=\"center\">{name}</th>")).collect();
    same(
        &format!("<table border=\"1\">\n<tr>{head}</tr>\n{}</table>\n", html.join("\n")),
        &plain,
        "HTML",
    );
}

#[test]
fn copy_without_names_is_told_by_its_columns() {
    let plain = csv(&["userid", "calls", "total_time", "query", "rows"], &statistics());
    for (columns, query, calls, total, n_rows) in [
        (18, 3, 4, 5, 6),
        (23, 3, 4, 5, 10),
        (32, 3, 10, 11, 16),
        (43, 4, 11, 12, 17),
        (49, 4, 11, 12, 17),
    ] {
        let line = |row: &[String; 5]| {
            let mut fields = vec!["0".to_owned(); columns];
            fields[0].clone_from(&row[0]);
            if columns > 32 {
                fields[2] = "t".to_owned();
            }
            for (place, value) in [(calls, 1), (total, 2), (query, 3), (n_rows, 4)] {
                fields[place] = row[value].replace('\\', "\\\\").replace('\n', "\\n");
            }
            fields.join("\t") + "\n"
        };
        same(&statistics().iter().map(line).collect::<String>(), &plain, &columns.to_string());
    }
}

const SLOW: [&str; 4] = ["start_time", "user_host", "query_time", "sql_text"];

fn slow() -> Vec<[String; 4]> {
    let texts = [
        "SELECT a,\n  b | c\nFROM Posts\nWHERE x = 1",
        "insert into t values ('it''s', \"dq;\\\"x\")",
        "select 'a;b\n# Time: 2020-01-01T00:00:00.000000Z\n# User@Host: e[e] @ h []\n# Query_time: 99.0  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 1\nSET timestamp=1577836800;\ndrop table x;\n'",
        "update c set n = 'x: y' where (a) = 'b'",
    ];
    let row = |(n, text): (usize, &str)| {
        [
            format!("2026-11-22 06:00:0{n}.000000"),
            "u[u] @ localhost []".to_owned(),
            format!("00:00:0{}.500000", n + 1),
            text.to_owned(),
        ]
    };
    texts.into_iter().enumerate().map(row).collect()
}

#[test]
fn rows_of_the_slow_log_are_read_however_they_are_printed_or_dumped() {
    let rows = slow();
    let plain = csv(&SLOW, &rows);
    let widths: Vec<usize> =
        (0..4).map(|n| rows.iter().map(|row| row[n].chars().count()).max().unwrap()).collect();
    let rule =
        format!("+{}+\n", widths.iter().map(|w| "-".repeat(w + 2)).collect::<Vec<_>>().join("+"));
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!(" {cell:<width$} "));
        format!("|{}|\n", cells.collect::<Vec<_>>().join("|"))
    };
    let body: String = rows.iter().map(|row| line(row)).collect();
    let names = SLOW.map(str::to_owned);
    same(
        &format!("{rule}{}{rule}{body}{rule}4 rows in set (0.00 sec)\n", line(&names)),
        &plain,
        "boxes",
    );
    let mut vertical = String::new();
    let mut xml = String::from("<?xml version=\"1.0\"?>\n<resultset>\n");
    let mut tuples = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        vertical +=
            &format!("*************************** {}. row ***************************\n", n + 1);
        xml += "  <row>\n";
        for (name, value) in SLOW.iter().zip(row) {
            vertical += &format!("{name:>10}: {value}\n");
            let value = value
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;");
            xml += &format!("\t<field name=\"{name}\">{value}</field>\n");
        }
        xml += "  </row>\n";
        let quoted = row.iter().map(|value| {
            format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
        });
        tuples.push(format!("({})", quoted.collect::<Vec<_>>().join(",")));
    }
    same(&format!("{vertical}4 rows in set (0.00 sec)\n"), &plain, "vertical");
    same(&format!("{xml}</resultset>\n"), &plain, "XML");
    let table = "-- It's a dump; of 'slow_log\n/*!40101 SET NAMES utf8mb4 */;\nCREATE TABLE `slow_log` (\n  `start_time` timestamp(6) NOT NULL COMMENT 'a;b',\n  `user_host` mediumtext,\n  `query_time` time(6),\n  `sql_text` mediumtext\n) ENGINE=CSV;\n";
    same(&format!("{table}INSERT INTO `slow_log` VALUES {};\n", tuples.join(",")), &plain, "dump");
    same(
        &format!("{table}INSERT INTO `slow_log` VALUES\n{};\n", tuples.join(",\n")),
        &plain,
        "dump",
    );
    let single: String = tuples.iter().map(|tuple| format!("INSERT INTO mysql.slow_log (`start_time`, `user_host`,`query_time`,`sql_text`) VALUES {tuple};\n")).collect();
    same(&single, &plain, "an INSERT to a row");
    let hex: String = tuples.iter().zip(&rows).map(|(tuple, row)| {
        let (before, _) = tuple.rsplit_once(",'").unwrap_or((tuple, ""));
        let _ = before;
        let digits: String = row[3].bytes().map(|byte| format!("{byte:02X}")).collect();
        format!("INSERT INTO slow_log (start_time,user_host,query_time,sql_text) VALUES ('{}','{}','{}',0x{digits});\n", row[0], row[1], row[2])
    }).collect();
    same(&hex, &plain, "--hex-blob");
    let raw: String = rows.iter().map(|row| row.join("\t") + "\n").collect();
    same(&format!("{}\n{raw}", SLOW.join("\t")), &plain, "--raw");
}

#[test]
fn times_of_sys_have_their_units() {
    let sys = "query\tdb\tfull_scan\texec_count\ttotal_latency\tmax_latency\trows_sent\trows_examined\tlast_seen\nSELECT `a` FROM `t`\tmm\t*\t2\t1.23 s\t800.00 ms\t2\t10\t2026-11-22 06:00:00\nSELECT `b` FROM `u` WHERE  ...  `x` = ?\tmm\t\t4\t456.78 ms\t1.50 m\t0\t0\t2026-11-22 06:00:00\nDELETE FROM `v`\tmm\t\t1\t12 us\t12 us\t0\t0\t2026-11-22 06:00:00\n";
    let got = read(sys.as_bytes());
    let us: Vec<_> = got.records.queries.iter().map(|q| (q.total_us, q.max_us)).collect();
    assert_eq!(us, [(1_230_000, 800_000), (456_780, 90_000_000), (12, 12)]);
    assert!(got.issues.iter().any(|issue| issue.reason.starts_with("statement shortened")));
    let rounded = " total_ms | calls | query \n----------+-------+-------\n     5.06 |     1 | select 1\n(1 row)\n";
    assert_eq!(read(rounded.as_bytes()).records.queries[0].total_us, 5_060);
    let seconds = "query,calls,total_seconds\nselect 1,2,0.5\n";
    assert_eq!(read(seconds.as_bytes()).records.queries[0].total_us, 500_000);
}

proptest! {
    #[test]
    fn any_bytes_are_taken_behind_any_start(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in 1usize..50) {
        let rows = statistics();
        let starts = [
            psql(&NAMES, &rows, 1, false),
            psql(&NAMES, &rows, 2, false),
            "-[ RECORD 1 ]-+--\ncalls | 1\ntotal_time | 2\nquery | select 1\n-[ RECORD 2 ]-+--\n".to_owned(),
            "calls|total_time|query\n1|2|select\n 1\n1|2|select\n2\n".to_owned(),
            "*************************** 1. row ***************************\n  calls: 1\ntotal_time: 1\nquery: x\n".to_owned(),
            "INSERT INTO slow_log (start_time,query_time,sql_text) VALUES ('2026-11-22 06:00:00','00:00:01','select 1'),(".to_owned(),
            "<resultset><row><field name=\"calls\">1</field><field name=\"total_time\">1</field><field name=\"query\">x</field></row>".to_owned(),
        ];
        for start in starts {
            let all = [start.as_bytes(), &bytes].concat();
            let head = model::Head { path: "x", bytes: &all, whole: true };
            let Ok(mut one) = crate::Reader::new(&Options::default(), &head, "x") else { continue };
            let mut other = crate::Reader::new(&Options::default(), &head, "x").unwrap();
            model::Sink::push(&mut one, &all);
            all.chunks(cut).for_each(|part| model::Sink::push(&mut other, part));
            prop_assert_eq!(model::Sink::finish(one), model::Sink::finish(other));
        }
    }
}
