//! What a user sees of the files that people really send, from small made exports.

use chrono_tz::Tz;
use metrics::{
    Clock, FORMATS, Hints, Metrics, Options, Reader, Series, View, missing_views, parse,
    settle_clocks,
};
use model::{Confidence, Head, Parsed, Sink as _};
use proptest::prelude::*;
use std::path::Path;

/// The first time of the made scenario, 2025-03-12 09:00 UTC, in milliseconds.
const START_MS: i64 = 1_741_770_000_000;

/// p99 of the first node; the third value is a gap.
const P99_WEB_1: [Option<f64>; 6] =
    [Some(0.212), Some(0.218_512_345), None, Some(1.75), Some(9.95), Some(10.0)];

#[expect(clippy::disallowed_methods, reason = "a test reads its own fixtures")]
fn bytes(name: &str) -> Vec<u8> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/grafana");
    std::fs::read(dir.join(name)).expect("a fixture")
}

fn read(name: &str, tz: Option<Tz>) -> Parsed<Metrics> {
    parse(name, &bytes(name), &Options { tz, view: None })
}

fn read_text(name: &str, text: &str) -> Parsed<Metrics> {
    parse(name, text.as_bytes(), &Options::default())
}

fn said(parsed: &Parsed<Metrics>, part: &str) -> bool {
    parsed.issues.iter().any(|issue| issue.reason.contains(part))
}

fn has_limit(series: &Series, limit: &str) -> bool {
    series.limits.iter().any(|known| known == limit)
}

#[test]
fn every_form_of_the_same_export_gives_the_same_series() {
    let berlin = Some(chrono_tz::Europe::Berlin);
    let utc = Some(chrono_tz::UTC);
    for (name, tz, error, n_series) in [
        ("API Latency-data-as-joinbyfield-2025-03-12 10_07_00.csv", None, 0.0, 4),
        ("API Latency-data-as-joinbyfield-2025-03-12 10_08_00.csv", berlin, 0.005, 4),
        ("API Latency-data-2025-03-12 10_09_00.csv", utc, 0.005, 1),
        ("API Latency-data-as-joinbyfield-2025-03-12 09_10_00.csv", utc, 0.005, 4),
        ("API Latency-data-as-joinbyfield-2025-03-12 09_11_00.csv", utc, 0.005, 4),
        ("API_Latency columns grafana_data_export.csv", None, 0.0, 4),
        ("API_Latency rows grafana_data_export.csv", None, 0.0, 4),
        ("API Latency resaved excel de.csv", utc, 0.0, 4),
        ("API Latency resaved excel us.csv", utc, 0.0, 4),
        ("API Latency resaved libreoffice us.csv", utc, 0.0, 4),
        ("API Latency resaved libreoffice de.csv", utc, 0.0, 4),
        ("API Latency two frames.csv", None, 0.0, 4),
        ("API Latency undefined.csv", None, 0.0, 4),
        ("api_latency_p99.json", None, 0.0, 2),
        ("api latency p99.txt", None, 0.0, 2),
    ] {
        let parsed = read(name, tz);
        let series = &parsed.records.series;
        assert_eq!(series.len(), n_series, "{name}");
        let first = &series[0];
        assert_eq!((first.name.as_str(), first.unit.as_str()), ("api-latency-p99", "s"), "{name}");
        assert_eq!(first.node.untrusted(), "web-1", "{name}");
        assert_eq!((first.view, first.quantile), (Some(View::ApiLatency), Some(0.99)), "{name}");
        assert_eq!((first.clock, first.step_s), (Clock::Utc, 60), "{name}");
        assert_eq!(first.samples.len(), 6, "{name}");
        for ((sample, expected), n) in first.samples.iter().zip(P99_WEB_1).zip(0..) {
            assert_eq!(sample.at_ms, START_MS + n * 60_000, "{name}");
            let near = match (sample.value, expected) {
                (Some(value), Some(expected)) => {
                    (value - expected).abs() <= expected * error + 1e-12
                }
                (found, expected) => found == expected,
            };
            assert!(near, "{name}: {:?} instead of {expected:?}", sample.value);
        }
        assert!(has_limit(first, metrics::CEILING), "{name}");
        assert_eq!(has_limit(first, metrics::ROUNDED), error > 0.0, "{name}");
        let head = Head { path: name, bytes: &bytes(name), whole: true };
        let best = FORMATS.iter().map(|format| (format.score)(&head)).max();
        assert!(best >= Some(80), "{name}: {best:?}");
    }
}

#[test]
fn the_default_click_is_told_as_the_first_series_only() {
    let parsed = read("API Latency-data-2025-03-12 10_09_00.csv", None);
    assert!(parsed.coverage.limits.iter().any(|limit| limit == metrics::FIRST_SERIES_ONLY));
    let missing = missing_views([&parsed.records].into_iter());
    assert_eq!(missing.len(), 7);
    let api =
        missing.iter().find(|missing| missing.view == View::ApiLatency).expect("partly there");
    assert!(api.partly && api.how_to_get.contains("Series joined by time"));
    let whole = read("API Latency-data-as-joinbyfield-2025-03-12 10_07_00.csv", None);
    assert_eq!(missing_views([&whole.records].into_iter()).len(), 6);
}

#[test]
fn local_times_stay_local_until_another_export_says_the_zone() {
    let local = read("API Latency-data-as-joinbyfield-2025-03-12 10_08_00.csv", None);
    assert!(local.records.series.iter().all(|series| series.clock == Clock::Local));
    assert!(local.coverage.limits.iter().any(|limit| limit == metrics::LOCAL_TIME));
    let epoch = read("API Latency-data-as-joinbyfield-2025-03-12 10_07_00.csv", None);
    let mut files = [local.records, epoch.records];
    let notes = settle_clocks(&mut files, Hints::default());
    assert_eq!(notes.len(), 1);
    assert_eq!((notes[0].guess.offset_s, notes[0].guess.confidence), (3600, Confidence::Likely));
    assert_eq!(files[0].series[0].samples[0].at_ms, START_MS);
    assert_eq!(files[0].series[0].clock, Clock::Inferred { offset_s: 3600 });
}

#[test]
fn the_time_of_the_packet_says_the_zone_when_no_export_does() {
    let local = read("API Latency-data-as-joinbyfield-2025-03-12 10_08_00.csv", None);
    let packet = chrono::DateTime::from_timestamp_millis(START_MS + 5 * 60_000);
    let mut files = [local.records];
    let notes = settle_clocks(&mut files, Hints { packet_at: packet, ..Hints::default() });
    assert_eq!(notes[0].guess.offset_s, 3600);
    assert_eq!(files[0].series[0].samples[0].at_ms, START_MS);
}

#[test]
fn bad_files_say_what_they_are_and_lose_nothing_else() {
    for (name, part, n_series, skipped) in [
        ("bad login page.csv", "HTML page", 0, 0),
        ("bad header only.csv", "header without rows", 1, 0),
        ("bad cut.csv", "last line is cut", 4, 1),
        ("bad rounded times.csv", "rounded by a spreadsheet", 1, 2),
        ("bad table without time-data-2025-03-12 10_20_00.csv", "without a time column", 0, 2),
    ] {
        let parsed = read(name, None);
        assert!(said(&parsed, part), "{name}: {:?}", parsed.issues);
        assert_eq!(parsed.records.series.len(), n_series, "{name}");
        assert_eq!(parsed.coverage.skipped, skipped, "{name}");
        let head = Head { path: name, bytes: &bytes(name), whole: true };
        assert!(FORMATS.iter().any(|format| (format.score)(&head) > 0), "{name} is nobody's");
    }
    let mixed = read("bad mixed delimiters.csv", None);
    assert!(said(&mixed, "another delimiter"));
    let values: Vec<_> = mixed.records.series[1].samples.iter().filter_map(|s| s.value).collect();
    assert_eq!(values, [2.0, 4.0, 6.0]);
}

#[test]
fn an_empty_file_and_a_cut_json_are_told() {
    assert!(said(&read_text("x.csv", ""), "empty"));
    assert!(said(&read_text("x.csv", "\u{feff}\r\n"), "empty"));
    let whole = String::from_utf8(bytes("api_latency_p99.json")).expect("text");
    let cut = read_text("api_latency_p99.json", &whole[..whole.len() - 60]);
    assert!(said(&cut, "ends early"));
    assert_eq!(cut.records.series.len(), 2);
    assert_eq!(cut.records.series[0].points(), 5);
    let error = r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
    assert!(said(&read_text("x.json", error), "error instead of data"));
}

#[test]
fn a_million_columns_and_endless_rows_meet_a_limit_that_is_said() {
    let mut wide = "Time".to_owned();
    wide.push_str(&",a".repeat(1_000_000));
    wide.push_str("\n1741770000000");
    wide.push_str(&",1".repeat(1_000_000));
    let parsed = read_text("wide.csv", &wide);
    assert!(said(&parsed, "columns: the rest was not read"), "{:?}", parsed.issues);
    assert!(!parsed.records.series.is_empty());
}

#[test]
fn counters_of_prometheus_become_rates_and_a_restart_is_a_gap() {
    let json = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":
        {"__name__":"go_sql_wait_count_total","db_name":"master","instance":"web-1:8067"},
        "values":[[1741770000,"10"],[1741770060,"70"],[1741770120,"3"],[1741770180,"63"],
        [1741770240,"63"],[1741770300,"123"]]}]}}"#;
    let parsed = read_text("anything.json", json);
    let series = &parsed.records.series[0];
    assert_eq!((series.name.as_str(), series.unit.as_str()), ("pool-wait-count", "1/s"));
    assert_eq!(series.subject.untrusted(), "master");
    let values: Vec<_> = series.samples.iter().map(|sample| sample.value).collect();
    assert_eq!(values, [None, Some(1.0), None, Some(1.0), Some(0.0), Some(1.0)]);
}

#[test]
fn a_view_given_by_the_user_holds_for_a_file_that_says_nothing() {
    let text =
        "\"Time\",\"web-1:8067\",\"web-2:8067\"\n1741770000000,120,130\n1741770060000,125,131\n";
    let alone = read_text("export.csv", text);
    assert_eq!(alone.records.series[0].view, None);
    assert_eq!(alone.records.series[0].name, "export");
    let options = Options { tz: None, view: Some(View::Cpu) };
    let told = parse("export.csv", text.as_bytes(), &options);
    assert_eq!(told.records.series[0].name, "cpu-utilization");
    assert_eq!(told.records.series[0].unit, "percent of one core");
    assert_eq!(told.records.series[1].node.untrusted(), "web-2");
}

#[test]
fn legends_that_somebody_wrote_keep_their_node_or_their_words() {
    let text =
        "\"Time\",\"99th percentile web-1:8067\",\"median eu cluster\"\n1741770000000,0.5,0.01\n";
    let parsed = read_text("API Latency-data-as-joinbyfield-2025-03-12 10_00_00.csv", text);
    let [p99, p50] = &*parsed.records.series else { panic!("two series") };
    assert_eq!((p99.name.as_str(), p99.node.untrusted()), ("api-latency-p99", "web-1"));
    assert_eq!(
        (p50.name.as_str(), p50.subject.untrusted()),
        ("api-latency-p50", "median eu cluster")
    );
    assert!(!p99.total && !p50.total);
}

#[test]
fn answers_whose_keys_come_in_another_order_are_read() {
    let json = r#"{"data":{"result":[{"metric":{"instance":"web-1:8067"},"values":[[1741770000.5,"2"]]}],
        "resultType":"matrix"},"status":"success","warnings":["x"]}"#;
    let head = Head { path: "cpu.json", bytes: json.as_bytes(), whole: true };
    assert!(FORMATS.iter().any(|format| (format.score)(&head) >= 90));
    let parsed = read_text("cpu.json", json);
    assert_eq!(parsed.records.series[0].name, "cpu-utilization");
    assert_eq!(parsed.records.series[0].samples[0].at_ms, START_MS + 500);
}

#[test]
fn an_answer_named_after_a_panel_that_scales_is_scaled_back() {
    let json = r#"{"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"instance":"web-1:8067"},"values":[[1741770000,"250"]]}]}}"#;
    let parsed = read_text("Mean API Request Time (in milliseconds).json", json);
    let series = &parsed.records.series[0];
    assert_eq!((series.unit.as_str(), series.samples[0].value), ("s", Some(0.25)));
}

#[test]
fn traps_of_the_dashboards_are_told() {
    let messages = read_text(
        "Number of messages _ min-data-2025-03-12 10_00_00.csv",
        "\"Time\",\"Value\"\n1741770000000,12\n",
    );
    assert_eq!(messages.records.series[0].unit, "1/s");
    assert!(messages.records.series[0].scale_note.contains("per second"));
    let mean = read_text(
        "Mean API Request Time (in milliseconds)-data-as-joinbyfield-2025-03-12 10_00_00.csv",
        "\"Time\",\"web-1:8067\"\n1741770000000,250\n",
    );
    assert_eq!(mean.records.series[0].samples[0].value, Some(0.25));
    let pool = read_text(
        "Connection Pool (Master)-data-as-joinbyfield-2025-03-12 10_00_00.csv",
        "\"Time\",\"open_conns\",\"in_use_conns\",\"wait_count\"\n1741770000000,50,48,0\n",
    );
    let names: Vec<&str> = pool.records.series.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(names, ["pool-open", "pool-in-use", "pool-wait-count"]);
    assert!(has_limit(&pool.records.series[1], metrics::SUM_OVER_NODES));
    assert_eq!(pool.records.series[1].subject.untrusted(), "master");
    let top = read_text(
        "Top 10 DB calls by duration-data-as-joinbyfield-2025-03-12 10_00_00.csv",
        "\"Time\",\"PostStore.Save\"\n1741770000000,0.01\n",
    );
    assert_eq!(top.records.series[0].subject.untrusted(), "PostStore.Save");
    assert!(has_limit(&top.records.series[0], metrics::TOP_LIST));
}

#[test]
fn logs_and_tables_of_queries_are_never_taken_for_metrics() {
    let csvlog = "2025-03-12 09:00:00.123 UTC,\"mm\",\"mm\",4242,\"10.0.0.1:5000\",65f0,1,\"SELECT\",\
        2025-03-12 08:00:00 UTC,3/12,0,LOG,00000,\"duration: 1200.5 ms\",,,,,,,,,\"app\"\n";
    let with_header =
        format!("log_time,user_name,database_name,process_id,session_id,message\n{csvlog}");
    let statements =
        "userid,dbid,queryid,query,calls,total_exec_time\n10,5,77,\"SELECT 1\",3,4.5\n";
    let slow = "start_time\tuser_host\tquery_time\tlock_time\trows_sent\trows_examined\tsql_text\n\
        2025-03-12 09:00:00.000000\tmm[mm]\t00:00:02.1\t00:00:00\t1\t90000\tSELECT 1\n";
    let activity = "time,pid,state,query\n2025-03-12 09:00:00,1,active,SELECT 1\n";
    let json_log =
        "{\"timestamp\":\"2025-03-12 09:00:00.000 Z\",\"level\":\"error\",\"msg\":\"x\"}\n";
    let json_db =
        "{\"timestamp\":\"2025-03-12 09:00:00 UTC\",\"pid\":1,\"message\":\"duration: 5 ms\"}\n";
    let plain = "2025-03-12 09:00:00 UTC [42] LOG:  duration: 12.5 ms  statement: SELECT 1, 2\n";
    let people = "name,city,age\nAda,London,36\n";
    for text in [csvlog, &with_header, statements, slow, activity, json_log, json_db, plain, people]
    {
        let head = Head { path: "export.csv", bytes: text.as_bytes(), whole: true };
        for format in FORMATS {
            assert_eq!((format.score)(&head), 0, "{} takes {text}", format.name);
        }
    }
}

#[test]
fn any_table_of_a_time_and_numbers_is_an_unknown_panel() {
    let text = "timestamp,orders,refunds\n2025-03-12T09:00:00Z,10,1\n2025-03-12T09:05:00Z,12,\n";
    let head = Head { path: "orders.csv", bytes: text.as_bytes(), whole: true };
    assert!(FORMATS.iter().any(|format| (format.score)(&head) > 0));
    let parsed = read_text("orders.csv", text);
    let series = &parsed.records.series[1];
    assert_eq!(
        (series.name.as_str(), series.subject.untrusted(), series.step_s),
        ("orders", "refunds", 0)
    );
    assert!(has_limit(series, metrics::UNKNOWN_PANEL));
    assert_eq!(series.samples[1].value, None);
}

#[test]
fn a_sample_has_a_place() {
    let parsed = read("API Latency-data-as-joinbyfield-2025-03-12 10_07_00.csv", None);
    let series = &parsed.records.series[0];
    let place = series.location_at(series.samples[4].at());
    assert_eq!(place, "column:2@2025-03-12T09:04:00Z");
    assert_eq!(series.source, "API Latency-data-as-joinbyfield-2025-03-12 10_07_00.csv");
}

#[test]
fn cuts_between_pushes_change_nothing() {
    let name = "API Latency-data-as-joinbyfield-2025-03-12 09_11_00.csv";
    let whole = read(name, None);
    let mut reader = Reader::new(name, Options::default());
    for chunk in bytes(name).chunks(7) {
        reader.push(chunk);
    }
    assert_eq!(reader.finish(), whole);
}

fn shape_holds(parsed: &Parsed<Metrics>) {
    for series in &parsed.records.series {
        assert!(series.samples.is_sorted_by(|a, b| a.at_ms < b.at_ms));
        assert!(series.samples.iter().all(|s| s.value.is_none_or(f64::is_finite)));
        assert!(!series.location.is_empty() && !series.name.is_empty());
    }
}

proptest! {
    #[test]
    fn any_bytes_give_series_of_the_promised_shape(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for path in ["x.csv", "API Latency-data-2025-03-12 10_00_00.csv", "x.json"] {
            shape_holds(&parse(path, &bytes, &Options::default()));
            let head = Head { path, bytes: &bytes, whole: true };
            for format in FORMATS {
                prop_assert!((format.score)(&head) <= 100);
            }
        }
    }

    #[test]
    fn any_cut_of_an_export_gives_series_of_the_promised_shape(which in 0_usize..6, at in 0_usize..1300) {
        let names = [
            "API Latency-data-as-joinbyfield-2025-03-12 10_08_00.csv",
            "API Latency-data-as-joinbyfield-2025-03-12 09_11_00.csv",
            "API_Latency rows grafana_data_export.csv",
            "API Latency two frames.csv",
            "api_latency_p99.json",
            "api latency p99.txt",
        ];
        let whole = bytes(names[which]);
        shape_holds(&parse(names[which], &whole[..at.min(whole.len())], &Options::default()));
    }

    #[test]
    fn any_table_of_cells_gives_series_of_the_promised_shape(
        cells in proptest::collection::vec("[0-9:., \"a-zT/-]{0,12}", 0..60),
        per_row in 1_usize..6,
    ) {
        let rows: Vec<String> = cells.chunks(per_row).map(|row| row.join(",")).collect();
        let text = format!("Time,a,b,c\n{}", rows.join("\n"));
        shape_holds(&parse("x.csv", text.as_bytes(), &Options { tz: Some(chrono_tz::Europe::Berlin), view: None }));
    }
}

#[test]
fn an_error_of_grafana_saved_as_csv_says_what_it_is() {
    let name = "DB Calls per second-data-2025-03-12 09_10_00.csv";
    for (body, says) in [
        (
            r#"{"message":"Unauthorized","messageId":"auth.unauthorized","statusCode":401}"#,
            "refused",
        ),
        (r#"{"results":{"A":{"error":"bad gateway","status":502,"frames":[]}}}"#, "with an error"),
        (r#"{"results":{"A":{"frames":[]}}}"#, "json instead of a table"),
    ] {
        let head = model::Head { path: name, bytes: body.as_bytes(), whole: true };
        assert!(FORMATS.iter().any(|format| (format.score)(&head) > 0), "{body}");
        let parsed = parse(name, body.as_bytes(), &Options::default());
        assert!(parsed.records.series.is_empty());
        let reasons: Vec<String> =
            parsed.issues.iter().map(|issue| issue.reason.to_string()).collect();
        assert!(reasons.iter().any(|reason| reason.contains(says)), "{reasons:?}");
    }
}
