//! Starts, stops and what came before them.

use super::super::ServerEventKind as Kind;
use super::read;

/// A log from `second message` lines; `!` before a message means level error.
fn log(lines: &[(u32, &str)]) -> String {
    lines
        .iter()
        .map(|(second, msg)| {
            let (minute, second) = (second / 60, second % 60);
            let (msg, fields) = msg.split_once('|').unwrap_or((msg, ""));
            format!("{{\"timestamp\":\"2022-08-17 20:{minute:02}:{second:02}.000 Z\",\"level\":\"info\",\"msg\":\"{msg}\"{fields}}}\n")
        })
        .collect()
}

const START: &str = "Server is initializing...";
const UP: &str = "Starting Server...";
const STOP: &str = "Stopping Server...";

fn kinds(lines: &[(u32, &str)]) -> Vec<Kind> {
    read(&log(lines)).records.events.iter().map(|event| event.kind).collect()
}

#[test]
fn a_start_after_a_stop_is_clean() {
    assert_eq!(
        kinds(&[
            (0, "x"),
            (1, STOP),
            (2, "Server stopped"),
            (3, START),
            (4, UP),
            (5, "Server is listening on [::]:8065")
        ]),
        [Kind::Stop, Kind::Start]
    );
}

#[test]
fn a_start_without_a_stop_is_unclean_and_keeps_the_last_messages() {
    let parsed = read(&log(&[
        (0, START),
        (1, UP),
        (2, "old"),
        (200, r#"Extracting file|,"filename":"plan.pdf""#),
        (201, "request"),
        (202, "request"),
        (240, START),
        (241, r#"Current version is 10.11.3 (x)|,"current_version":"10.11.3""#),
        (242, UP),
    ]));
    let events = &parsed.records.events;
    assert_eq!(
        events.iter().map(|e| e.kind).collect::<Vec<_>>(),
        [Kind::Start, Kind::UncleanStop, Kind::Start]
    );
    let unclean = &events[1];
    assert_eq!(unclean.at.unwrap().to_rfc3339(), "2022-08-17T20:03:22+00:00");
    let texts: Vec<&str> = unclean.before.iter().map(|m| m.text.untrusted()).collect();
    assert_eq!(texts, ["request", "Extracting file file=plan.pdf"]);
    assert_eq!(events[2].subject.untrusted(), "10.11.3");
    let before = parsed.records.before_unclean_stops();
    assert!(
        before[0].text.untrusted().starts_with("Extracting file")
            || before[0].text.untrusted() == "request"
    );
    assert_eq!((before[0].stops, before[0].stops_total), (1, 1));
}

#[test]
fn a_log_that_begins_with_a_start_tells_of_no_stop() {
    assert_eq!(kinds(&[(0, START), (1, UP), (2, "x")]), [Kind::Start]);
}

#[test]
fn a_command_that_initialises_beside_the_server_is_no_restart() {
    assert_eq!(kinds(&[(0, "x"), (1, START), (2, STOP), (3, "Server stopped"), (4, "x")]), []);
}

#[test]
fn a_server_that_does_not_come_up_is_a_failed_start() {
    assert_eq!(
        kinds(&[
            (0, "x"),
            (60, START),
            (62, "Failed to ping DB"),
            (90, START),
            (92, "Failed to ping DB"),
            (120, START),
            (122, UP)
        ]),
        [Kind::UncleanStop, Kind::StartFailed, Kind::StartFailed, Kind::Start]
    );
}

#[test]
fn a_start_that_says_nothing_for_minutes_is_stalled() {
    let parsed = read(&log(&[
        (0, START),
        (1, r#"Current version is 10.11.4 (10.11.4/b/c)|,"current_version":"10.11.4""#),
        (2, "Pinging SQL"),
        (2540, "Loaded config"),
        (2541, UP),
    ]));
    let stalled: Vec<_> =
        parsed.records.events.iter().filter(|e| e.kind == Kind::StartStalled).collect();
    assert_eq!(stalled.len(), 1);
    let lasted = stalled[0].last_at.unwrap() - stalled[0].at.unwrap();
    assert_eq!(lasted.num_seconds(), 2538);
    assert!(stalled[0].text.untrusted().ends_with("last message: Pinging SQL"));
    let failed = read(&log(&[(0, START), (2, "Pinging SQL"), (600, START), (602, UP)]));
    assert!(failed.records.events.iter().all(|e| e.kind != Kind::StartStalled));
}

#[test]
fn another_version_is_a_change_and_the_same_is_none() {
    let version = |v: &str| format!(r#"Current version is {v} ({v}/b/c)|,"current_version":"{v}""#);
    let (old, new) = (version("10.11.2"), version("10.11.3"));
    let lines = [
        (0, START),
        (1, &*old),
        (2, UP),
        (3, STOP),
        (10, START),
        (11, &*old),
        (12, UP),
        (13, STOP),
        (20, START),
        (21, &*new),
        (22, UP),
    ];
    let parsed = read(&log(&lines));
    let change: Vec<_> =
        parsed.records.events.iter().filter(|e| e.kind == Kind::VersionChange).collect();
    assert_eq!(change.len(), 1);
    assert_eq!(change[0].text.untrusted(), "10.11.2 -> 10.11.3");
}

#[test]
fn repeated_events_are_one_with_their_count() {
    let parsed = read(&log(&[
        (0, r#"Health check failed for plugin|,"id":"focalboard","error":"x""#),
        (30, r#"Health check failed for plugin|,"id":"focalboard","error":"x""#),
        (31, r#"Health check failed for plugin|,"id":"jira","error":"x""#),
        (400, r#"Enabled plugin|,"plugin_id":"focalboard","caller":"api4/plugin.go:231""#),
    ]));
    let events: Vec<_> =
        parsed.records.events.iter().map(|e| (e.kind, e.subject.untrusted(), e.count)).collect();
    assert_eq!(
        events,
        [
            (Kind::PluginCrashed, "focalboard", 2),
            (Kind::PluginCrashed, "jira", 1),
            (Kind::PluginEnabled, "focalboard", 1),
        ]
    );
}

#[test]
fn what_the_kernel_says_between_the_lines_has_their_time() {
    let journal = concat!(
        "Sep 02 11:14:28 chat mattermost[1200]: {\"timestamp\":\"2025-09-02 09:14:28.052 Z\",\"level\":\"info\",\"msg\":\"a line\"}\n",
        "Sep 02 11:14:30 chat kernel: Out of memory: Killed process 1200 (mattermost) total-vm:9214880kB\n",
        "Sep 02 11:14:42 chat mattermost[1300]: {\"timestamp\":\"2025-09-02 09:14:42.000 Z\",\"level\":\"info\",\"msg\":\"Server is initializing...\"}\n",
        "Sep 02 11:14:44 chat mattermost[1300]: {\"timestamp\":\"2025-09-02 09:14:44.000 Z\",\"level\":\"info\",\"msg\":\"Starting Server...\"}\n",
    );
    let parsed = read(journal);
    let kill =
        parsed.records.patterns.iter().find(|p| p.known_id == Some("out-of-memory")).unwrap();
    assert_eq!(kill.first_at.unwrap().to_rfc3339(), "2025-09-02T09:14:30.052+00:00");
    let gone = parsed.records.events.iter().find(|e| e.kind == Kind::UncleanStop).unwrap();
    assert!(gone.text.untrusted().contains("Killed process 1200"), "{:?}", gone.text);
}
