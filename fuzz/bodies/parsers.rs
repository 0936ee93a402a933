//! What is fuzzed: every function that bytes of a stranger reach, with what must hold whatever the
//! bytes. Shared by the fuzzers of this folder and by `tests/fuzz_smoke.rs`.

use input::{Flow, Limits, Session};
use model::{Head, Sink as _};
use packet::PacketReader;
use packet::log::{LogReader, LogRecords};
use slowlog::fingerprint::{Engine, fingerprint};
use text::{Raw, Redactor, escape};

/// Bytes that a recogniser may look at.
const HEAD_BYTES: usize = 64 * 1024;

fn head<'a>(path: &'a str, data: &'a [u8]) -> Head<'a> {
    let bytes = data.get(..HEAD_BYTES).unwrap_or(data);
    Head { path, bytes, whole: data.len() <= HEAD_BYTES }
}

/// The first byte chooses, the rest is the input.
fn choice<'a, T: Copy>(among: &[T], data: &'a [u8]) -> Option<(T, &'a [u8])> {
    let (first, rest) = data.split_first()?;
    Some((*among.get(usize::from(*first) % among.len())?, rest))
}

/// Redaction and escaping: clearing twice changes nothing, and no control character is left.
pub(crate) fn text(data: &[u8]) {
    let raw = Raw::from_bytes(data);
    let redactor = Redactor::new();
    let once = redactor.clear(&raw);
    let twice = Redactor::new().clear(&Raw::new(once.as_str()));
    assert_eq!(once, twice, "cleared twice");
    let controls = once.as_str().chars().any(|c| c.is_control() && c != '\n' && c != '\t');
    assert!(!controls, "control characters are taken out");
    redactor.clear_named("SqlSettings.DataSource", &raw);
    let line = escape::terminal(once.as_str());
    assert!(!line.contains('\n'), "one line");
    let html = escape::html(once.as_str());
    assert!(!html.contains('<') && !html.contains('>'), "{html}");
    escape::markdown(once.as_str());
    let span = escape::code_span(once.as_str());
    assert!(span.starts_with('`') && span.ends_with('`'), "{span}");
    escape::code_span_in_table(once.as_str());
    escape::fence("text", once.as_str());
    escape::csv_cell(once.as_str());
}

/// Archives, compressed files, anything: listed and read to the end within small limits.
pub(crate) fn containers(data: &[u8]) {
    let limits = Limits {
        members_max: 200,
        member_bytes_max: 1 << 20,
        total_bytes_max: 8 << 20,
        ratio_free_bytes: 1 << 16,
        ..Limits::default()
    };
    let mut n_bytes = 0_u64;
    let summary = input::visit_bytes("fuzz", data.to_vec(), &Session::new(limits), &mut |source| {
        let name = source.member.name();
        assert!(!name.contains(['\n', '\u{1b}']), "{name:?}");
        source.reader.pump(|block| n_bytes += block.len() as u64);
        Flow::Continue
    });
    assert!(summary.n_members <= 201, "{} members", summary.n_members);
    assert!(n_bytes <= (9 << 20) + data.len() as u64, "{n_bytes} bytes");
}

/// Members of packets, by name or by content.
pub(crate) fn packet_member(data: &[u8]) {
    const NAMES: &[&str] = &[
        "support_packet.yaml",
        "metadata.yaml",
        "diagnostics.yaml",
        "com.mattermost.calls/diagnostics.yaml",
        "stats.yaml",
        "jobs.yaml",
        "permissions.yaml",
        "plugins.json",
        "sanitized_config.json",
        "database_schema.yaml",
        "postgres_schema_dump.sql",
        "warning.txt",
        "goroutines",
        "cpu.prof",
        "heap.prof",
        "unknown",
    ];
    let Some((name, bytes)) = choice(NAMES, data) else { return };
    let reader = PacketReader::new("p.zip", &[name]);
    let Some(member) = reader.members().first() else { return };
    let kind = PacketReader::kind_of(&head(name, bytes));
    let records = reader.read_member(member, kind, bytes);
    reader.assemble(vec![records], LogRecords::default(), Vec::new());
}

/// Logs of the server, cut where blocks end.
pub(crate) fn server_log(data: &[u8]) {
    let Some((block, bytes)) = choice(&[1, 7, 64, 4096], data) else { return };
    let mut whole = LogReader::new("a.log", "", None);
    whole.push(bytes);
    let mut blocks = LogReader::new("a.log", "", None);
    bytes.chunks(block).for_each(|block| blocks.push(block));
    let (whole, blocks) = (whole.finish(), blocks.finish());
    assert_eq!(whole.coverage.records, blocks.coverage.records, "blocks of {block}");
    assert_eq!(whole.issues, blocks.issues, "blocks of {block}");
}

/// Database logs in every format that the first bytes are recognised as.
pub(crate) fn slow_log(data: &[u8]) {
    let Some((threads, bytes)) = choice(&[1, 3], data) else { return };
    let options = slowlog::Options { threads, ..slowlog::Options::default() };
    let head = head("db.log", bytes);
    for format in slowlog::FORMATS {
        (format.score)(&head);
    }
    let Ok(mut reader) = slowlog::Reader::new(&options, &head, "db.log") else { return };
    bytes.chunks(997).for_each(|block| reader.push(block));
    reader.finish();
}

/// The start of a log of each reader: it is recognised by this, and reads whatever follows.
const STARTS: &[(&str, &str)] = &[
    (
        "stderr",
        "2026-11-22 06:00:00.000 UTC [7] u@d LOG:  duration: 1.5 ms  statement: select 1\n2026-11-22 06:00:01.000 UTC [8] u@d LOG:  duration: 2.5 ms  statement: select 2\n",
    ),
    (
        "csvlog",
        "2026-11-22 06:00:01.000 UTC,\"u\",\"d\",7,\"h:1\",6b.1,1,\"SELECT\",2026-11-22 06:00:00 UTC,,0,LOG,00000,\"duration: 1 ms  statement: select 1\",,,,,,,,,\"\",\"x\",,0\n",
    ),
    (
        "jsonlog",
        "{\"timestamp\":\"2026-11-22 06:00:01.000 UTC\",\"pid\":7,\"error_severity\":\"LOG\",\"message\":\"duration: 1 ms  statement: select 1\"}\n",
    ),
    (
        "syslog",
        "Nov 22 06:00:00 db postgres[7]: [1-1] u=u,d=d LOG:  duration: 1.5 ms  statement: select 1\nNov 22 06:00:01 db postgres[8]: [2-1] u=u,d=d LOG:  duration: 2.5 ms  statement: select 2\n",
    ),
    (
        "mysql",
        "# Time: 2026-11-22T06:00:00.000000Z\n# User@Host: u[u] @ h []  Id: 5\n# Query_time: 1.5  Lock_time: 0.5 Rows_sent: 1  Rows_examined: 7\nSET timestamp=1795327200;\nselect 1;\n",
    ),
    (
        "table",
        "start_time\tuser_host\tquery_time\tlock_time\trows_sent\trows_examined\tdb\tlast_insert_id\tinsert_id\tserver_id\tsql_text\tthread_id\n2026-11-22 06:00:00.000000\tu[u] @ h []\t00:00:01.500000\t00:00:00.000000\t1\t7\td\t0\t0\t1\tselect 1\t5\n",
    ),
    ("pg_stat_statements", "queryid,calls,total_exec_time,rows,query\n1,5,10.5,5,select 1\n"),
    (
        "digests",
        "SCHEMA_NAME,DIGEST,DIGEST_TEXT,COUNT_STAR,SUM_TIMER_WAIT,SUM_LOCK_TIME,SUM_ROWS_SENT,SUM_ROWS_EXAMINED\nd,ab,SELECT ?,5,1000000000,0,5,5\n",
    ),
    (
        "azure",
        "{\"category\":\"MySqlSlowLogs\",\"properties\":{\"start_time\":\"2026-11-22T06:00:00Z\",\"query_time\":1.5,\"lock_time\":0,\"rows_sent\":1,\"rows_examined\":7,\"host\":\"u[u] @ h []\",\"db\":\"d\",\"sql_text\":\"select 1\"}}\n",
    ),
    (
        "pgbouncer",
        "2026-11-22 06:00:00.000 UTC [7] LOG C-0x5601: d/u@10.0.0.1:41537 login attempt: db=d user=u tls=no\n2026-11-22 06:00:40.000 UTC [7] LOG stats: 784 xacts/s, 785 queries/s, in 403910 B/s, out 1893441 B/s, xact 6107 us, query 6103 us, wait 110 us\n",
    ),
    (
        "column",
        "timestamp,message\n1,\"2026-11-22 06:00:00.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 1\"\n2,\"",
    ),
    (
        "envelope",
        "[{\"message\":\"2026-11-22 06:00:00.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 1\"},{\"message\":\"",
    ),
    (
        "heads",
        "2026-11-22T06:00:00.1Z 2026-11-22 06:00:00.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 1\n2026-11-22T06:00:01.1Z 2026-11-22 06:00:01.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 2\n",
    ),
    (
        "loki",
        "2026-11-22T06:00:01.1Z {app=\"a\"} 2026-11-22 06:00:01.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 2\n2026-11-22T06:00:00.1Z {app=\"a\"} 2026-11-22 06:00:00.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 1\n",
    ),
    (
        "newest",
        "timestamp,message\r\n1795327201000,2026-11-22 06:00:01.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 2\r\n1795327200000,2026-11-22 06:00:00.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 1\r\n",
    ),
    (
        "journal",
        "__REALTIME_TIMESTAMP=1795327200000000\n_HOSTNAME=h\nSYSLOG_IDENTIFIER=postgres\n_PID=7\nMESSAGE=[1-1] u@d LOG:  duration: 1.5 ms  statement: select 1\n\n__REALTIME_TIMESTAMP=1795327200000000\nSYSLOG_IDENTIFIER=postgres\n_PID=7\nMESSAGE=[2-1] u@d LOG:  duration: 1.5 ms  statement: select 1\n\n",
    ),
    (
        "yaml",
        "---\ntextPayload: '2026-11-22 06:00:00.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 1'\ntimestamp: '2026-11-22T06:00:00Z'\n---\ntextPayload: '2026-11-22 06:00:01.000 UTC [7] LOG:  duration: 1.5 ms  statement: select 2'\ntimestamp: '2026-11-22T06:00:01Z'\n---\n",
    ),
    (
        "rows",
        "log_time,process_id,error_severity,message\n2026-11-22 06:00:00.000 UTC,7,LOG,duration: 1 ms  statement: select 1\n",
    ),
    (
        "grid",
        " calls | total_time | query    \n-------+------------+----------\n     1 |        1.5 | select 1\n     2 |        2.5 | select 2\n",
    ),
    (
        "boxes",
        "+----------------------------+-----------------+----------+\n| start_time                 | query_time      | sql_text |\n+----------------------------+-----------------+----------+\n| 2026-11-22 06:00:00.000000 | 00:00:01.500000 | select 1 |\n| 2026-11-22 06:00:01.000000 | 00:00:01.500000 | select 2 |\n",
    ),
    (
        "expanded",
        "-[ RECORD 1 ]----\ncalls      | 1\ntotal_time | 1.5\nquery      | select 1\n-[ RECORD 2 ]----\ncalls      | 1\ntotal_time | 1.5\nquery      | select 2\n",
    ),
    (
        "vertical",
        "*************************** 1. row ***************************\nstart_time: 2026-11-22 06:00:00\nquery_time: 00:00:01.5\n  sql_text: select 1\n*************************** 2. row ***************************\nstart_time: 2026-11-22 06:00:01\nquery_time: 00:00:01.5\n  sql_text: select 2\n",
    ),
    ("unaligned", "calls|total_time|query\n1|1.5|select\n 1\n2|2.5|select 2\n3|3.5|select\n3\n"),
    (
        "inserts",
        "INSERT INTO `slow_log` (start_time,query_time,sql_text) VALUES ('2026-11-22 06:00:00','00:00:01.5','select 1'),('2026-11-22 06:00:01','00:00:01.5','select 2'),",
    ),
    (
        "markup",
        "<resultset><row><field name=\"calls\">1</field><field name=\"total_time\">1.5</field><field name=\"query\">select 1</field></row><row>",
    ),
];

/// The reader of one format over whatever follows its start: the same for any number of threads and
/// any cut, and what came before is kept.
pub(crate) fn slow_reader(format: &str, data: &[u8]) {
    let start = STARTS.iter().find(|(name, _)| *name == format);
    let (_, start) = start.expect("a format of the list");
    let Some((step, rest)) = choice(&[1, 13, 997], data) else { return };
    let bytes = [start.as_bytes(), rest].concat();
    let head = Head { path: "db.log", bytes: start.as_bytes(), whole: false };
    let read = |threads: usize, step: usize| {
        let options = slowlog::Options { threads, ..slowlog::Options::default() };
        let mut reader = slowlog::Reader::new(&options, &head, "db.log").expect("recognised");
        bytes.chunks(step).for_each(|block| reader.push(block));
        reader.finish()
    };
    let whole = read(1, bytes.len());
    assert!(whole == read(2, step), "blocks of {step}");
    let sources = &whole.records.sources;
    assert!(sources.iter().map(|source| source.records).sum::<u64>() > 0, "the start is read");
}

/// What stands around logs and tables, or is how they are printed: the first byte chooses.
pub(crate) fn slow_wrapped(data: &[u8]) {
    const NAMES: &[&str] = &[
        "heads",
        "loki",
        "newest",
        "journal",
        "yaml",
        "rows",
        "grid",
        "boxes",
        "expanded",
        "vertical",
        "unaligned",
        "inserts",
        "markup",
    ];
    if let Some((name, rest)) = choice(NAMES, data) {
        slow_reader(name, rest);
    }
}

/// Inference of a prefix from lines, and a prefix that a user names: the first line.
pub(crate) fn slow_prefix(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (named, lines) = data.split_at(end);
    let head = head("db.log", lines);
    for prefix in [None, Some(String::from_utf8_lossy(named).into_owned())] {
        let options = slowlog::Options { prefix, ..slowlog::Options::default() };
        if let Ok(mut reader) = slowlog::Reader::new(&options, &head, "db.log") {
            reader.push(lines);
            reader.finish();
        }
    }
}

/// Statements, of either engine.
pub(crate) fn statement(data: &[u8]) {
    for engine in [Engine::PostgreSql, Engine::MySql] {
        let found = fingerprint(data, engine);
        assert!(found.text.len() <= slowlog::fingerprint::TEXT_BYTES_MAX + 8);
        slowlog::fingerprint::without_literals(data, engine);
    }
}

/// Metric files, by name or by content.
pub(crate) fn metric_file(data: &[u8]) {
    const NAMES: &[&str] = &[
        "API Latency-data-2025-03-12 10_09_00.csv",
        "DB_Calls_per_second_grafana_data_export.csv",
        "api_latency_p99.json",
        "x.txt",
    ];
    let Some((name, bytes)) = choice(NAMES, data) else { return };
    let head = head(name, bytes);
    for format in metrics::FORMATS {
        (format.score)(&head);
    }
    let parsed = metrics::parse(name, bytes, &metrics::Options::default());
    let finite = |series: &metrics::Series| {
        series.samples.iter().filter_map(|sample| sample.value).all(f64::is_finite)
    };
    assert!(parsed.records.series.iter().all(finite), "gaps are gaps, not NaN");
}

/// Answers of a DBA, as clients print them.
pub(crate) fn dba_answers(data: &[u8]) {
    let head = head("answers.txt", data);
    for format in dba::FORMATS {
        (format.score)(&head);
    }
    let parsed = dba::parse("answers.txt", data);
    for answer in &parsed.records.answers {
        assert!(answer.rows.len() <= 5_000, "{} rows", answer.rows.len());
        for row in &answer.rows {
            let finite = |cell: &dba::AnswerCell| !matches!(cell, dba::AnswerCell::Float(value) if !value.is_finite());
            assert!(row.cells.iter().all(|(_, cell)| finite(cell)), "gaps are gaps, not NaN");
        }
    }
}
