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
