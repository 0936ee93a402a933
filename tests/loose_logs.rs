//! Logs and metrics that came without a packet: whose they are, and whether their clocks agree.

use crate::command::analyze;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Minutes of every made source.
const MINUTES: i64 = 300;
/// 2025-03-12 06:00 UTC.
const START_S: i64 = 1_741_759_200;

/// A log of a quiet server with restarts at these minutes (and ten seconds).
fn log(restarts: &[i64]) -> String {
    let mut out = String::new();
    let mut line = |minute: i64, second: i64, msg: &str| {
        let at = START_S + minute * 60 + second;
        let (h, m, s) = (at / 3600 % 24, at / 60 % 60, at % 60);
        let _ = writeln!(
            out,
            r#"{{"timestamp":"2025-03-12 {h:02}:{m:02}:{s:02}.000 Z","level":"info","msg":"{msg}","caller":"app/server.go:1"}}"#
        );
    };
    for minute in 0..MINUTES {
        if restarts.contains(&minute) {
            line(minute, 10, "Server is initializing...");
            line(minute, 14, "Starting Server...");
        }
        line(minute, 40, "Worker: Job is complete");
    }
    out
}

/// Goroutines that fall at these minutes, formatted in local time `offset_min` east of UTC.
fn goroutines(restarts: &[i64], offset_min: i64) -> String {
    let mut out = "\"Time\",\"app-1:8067\"".to_owned();
    let mut since = 60;
    for minute in 0..MINUTES {
        let at = START_S + (minute + offset_min) * 60;
        let (day, h, m) = (12 + (at / 86_400 - START_S / 86_400), at / 3600 % 24, at / 60 % 60);
        // A scrape at the full minute sees the restart of the minute before.
        since = if restarts.contains(&(minute - 1)) { 0 } else { since + 1 };
        let value = if since < 8 { 200 + since * 50 } else { 600 + minute % 7 };
        let _ = write!(out, "\r\n2025-03-{day:02} {h:02}:{m:02}:00,{value}");
    }
    out
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("analyze-loose-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn put(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const BY_NODE: &str = "SELECT node, SUM(calls) AS n FROM log_minutes GROUP BY node ORDER BY node";

#[test]
fn logs_of_two_nodes_are_two_nodes_and_rotated_parts_are_one() {
    let folder = folder("nodes");
    let one = put(&folder, "node1/mattermost.log", &log(&[]));
    let two = put(&folder, "node2/mattermost.log", &log(&[100]));
    let said = analyze(&["query", &one, &two, BY_NODE]);
    assert!(said.contains("node1  300") && said.contains("node2  302"), "{said}");
    let patterns = "SELECT COUNT(*) AS n, COUNT(DISTINCT pattern_id) AS ids FROM log_patterns";
    assert!(analyze(&["query", &one, &two, patterns]).contains("3    3"));
    assert!(analyze(&[&one, &two]).contains("2 nodes"));

    let whole = log(&[]);
    let (early, late) = whole.split_at(whole.len() / 2 / 116 * 116);
    let old = put(&folder, "r/mattermost-2025-03-12T08-30-00.000.log", early);
    let new = put(&folder, "r/mattermost.log", late);
    let said = analyze(&["query", &old, &new, BY_NODE]);
    assert!(said.contains("(1 row)"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn exports_in_an_unnamed_zone_are_moved_where_restarts_say_which() {
    let folder = folder("zone");
    let restarts = [47, 131, 218];
    let log = put(&folder, "mattermost.log", &log(&restarts));
    let csv = put(&folder, "goroutines.csv", &goroutines(&restarts, 330));
    let said = analyze(&[&log, &csv, "--all"]);
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("the metrics are 5 h 30 min ahead of the nodes' logs (certain, from 3 restarts that both saw)"),
        "{said}"
    );
    assert!(flat.contains("moved by -19800 s onto the nodes' clock"), "{said}");
    assert!(!flat.contains("local time without zone"), "{said}");
    let first = analyze(&["query", &log, &csv, "SELECT first_at FROM series"]);
    assert!(first.contains("2025-03-12T06:00:00Z"), "{first}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_zone_that_the_user_names_wrongly_is_said_and_nothing_is_moved() {
    let folder = folder("named");
    let restarts = [47, 131, 218];
    let log = put(&folder, "mattermost.log", &log(&restarts));
    let csv = put(&folder, "goroutines.csv", &goroutines(&restarts, 120));
    let said = analyze(&[&log, &csv, "--all", "--tz", "UTC"]);
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("2 h 0 min ahead of the nodes' logs"), "{said}");
    assert!(
        flat.contains("a zone is probably read wrongly") && !flat.contains("moved by"),
        "{said}"
    );
    let right = analyze(&[&log, &csv, "--all", "--tz", "Europe/Kyiv"]);
    assert!(!right.contains("nodes' logs ("), "{right}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn restarts_at_equal_distances_say_nothing_of_the_clocks() {
    let folder = folder("hourly");
    let log = put(&folder, "mattermost.log", &log(&[30, 90, 150, 210, 270]));
    // The export covers less, so that it fits an hour earlier and later as well.
    let whole = goroutines(&[30, 90, 150, 210, 270], 0);
    let kept: Vec<&str> = whole
        .lines()
        .enumerate()
        .filter(|(n, _)| *n == 0 || (80..240).contains(n))
        .map(|(_, line)| line)
        .collect();
    let csv = put(&folder, "goroutines.csv", &kept.join("\r\n"));
    let said = analyze(&[&log, &csv, "--all", "--tz", "Europe/Berlin"]);
    assert!(
        !said.contains("ahead of the nodes' logs") && !said.contains("behind the nodes'"),
        "{said}"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_log_whose_lines_name_their_host_is_of_that_node() {
    let folder = folder("own-name");
    let carried = |host: &str| {
        let lines = log(&[]);
        let lines =
            lines.lines().map(|line| format!("Mar 12 06:00:01 {host} mattermost[17]: {line}\n"));
        lines.collect::<String>()
    };
    let one = put(&folder, "mattermost.log", &carried("app-7"));
    let nodes = "SELECT DISTINCT node FROM log_sources ORDER BY node";
    let said = analyze(&["query", &one, nodes]);
    assert!(said.contains("app-7"), "{said}");
    // A log says it better than the file that somebody named.
    let a = put(&folder, "first.log", &carried("app-7"));
    let b = put(&folder, "second.log", &carried("app-8"));
    let said = analyze(&["query", &a, &b, nodes]);
    assert!(said.contains("app-7") && said.contains("app-8"), "{said}");
    assert!(!said.contains("first"), "{said}");
    // One that gathers the logs of others is none of them.
    let b = put(&folder, "second.log", &carried("app-7"));
    let said = analyze(&["query", &a, &b, nodes]);
    assert!(said.contains("first") && said.contains("second"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_gap_of_all_traffic_with_a_stop_and_a_start_is_a_downtime_and_one_without_is_not() {
    let folder = folder("downtime");
    let requests = |gap: std::ops::Range<i64>| {
        let mut out = "\"Time\",\"app-1:8067\"".to_owned();
        for minute in (0..MINUTES).filter(|minute| !gap.contains(minute)) {
            let at_ms = (START_S + minute * 60) * 1000;
            let _ = write!(out, "\r\n{at_ms},{}.5", 12 + minute % 3);
        }
        out
    };
    let line = |minute: i64, msg: &str| {
        let at = START_S + minute * 60 + 10;
        let (h, m, s) = (at / 3600 % 24, at / 60 % 60, at % 60);
        format!(
            r#"{{"timestamp":"2025-03-12 {h:02}:{m:02}:{s:02}.000 Z","level":"info","msg":"{msg}","caller":"app/server.go:1"}}"#
        )
    };
    let mut stopped: Vec<String> = Vec::new();
    for minute in 0..MINUTES {
        match minute {
            100 => stopped.push(line(minute, "Stopping Server...")),
            101..130 => {}
            130 => stopped.extend([
                line(minute, "Server is initializing..."),
                line(minute, "Starting Server..."),
            ]),
            _ => stopped.push(line(minute, "Worker: Job is complete")),
        }
    }
    let chart = "HTTP Requests per second-data-as-joinbyfield-2025-03-12 11_10_00.csv";
    let csv = put(&folder, chart, &requests(101..131));
    let down = put(&folder, "mattermost.log", &stopped.join("\n"));
    let said = analyze(&["grafana", &csv, &down]);
    assert!(said.contains("Incident from 2025-03-12 07:40 UTC to 2025-03-12 08:10 UTC"), "{said}");
    assert!(said.contains("No server served anybody for 30 min"), "{said}");
    let said = analyze(&[&csv, &down]);
    assert!(said.contains("from 2025-03-12 07:40:10 to 08:10:10"), "{said}");
    let ran = put(&folder, "mattermost.log", &log(&[]));
    let said = analyze(&["grafana", &csv, &ran]);
    assert!(!said.contains("Incident"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
}
