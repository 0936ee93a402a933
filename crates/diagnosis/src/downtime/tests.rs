//! Which gaps are downtimes, and which are not.

use super::*;
use model::Place;

fn minute(n: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000, 0).unwrap() + TimeDelta::minutes(n)
}

fn window(from: i64, to: i64) -> Window {
    Window { start: minute(from), end: minute(to) }
}

/// Six hours of minutes with values but in the minutes of `gap`.
fn series(kind: SignalKind, node: &str, gap: std::ops::Range<i64>) -> Signal {
    Signal {
        id: format!("series:{node}"),
        kind,
        metric: "http-requests".to_owned(),
        subject: String::new(),
        node: node.to_owned(),
        unit: "1/s".to_owned(),
        start: minute(0),
        step_s: 60,
        values: (0..360).map(|n| (!gap.contains(&n)).then_some(12.0)).collect(),
        higher_is_worse: false,
        floor: 1.0,
        place: Place::default(),
    }
}

/// A server that stopped in order and came up again; its last start took two minutes.
fn stopped(node: &str, from: i64, to: i64) -> Absences {
    Absences {
        node: node.to_owned(),
        orderly: vec![window(from, to)],
        starts: vec![window(to - 2, to)],
        log_window: window(-100, 900),
    }
}

fn of_logs(of_logs: Vec<Absences>, n_nodes: usize) -> Presence {
    Presence { of_logs, of_metrics: Vec::new(), n_nodes }
}

#[test]
fn traffic_that_stops_between_stop_and_start_is_a_downtime_to_the_second() {
    let signals =
        [series(SignalKind::Http, "a", 101..149), series(SignalKind::Store, "a", 102..150)];
    let found = downtime(&of_logs(vec![stopped("a", 100, 148)], 1), &signals).unwrap();
    assert_eq!((found.window, found.confidence), (window(100, 148), Confidence::Certain));
    assert_eq!((found.n_series, found.n_logs), (2, 1));
    let words = found.words().plain();
    assert!(words.contains("48 min") && words.contains("all 2 series of traffic stop"), "{words}");
}

#[test]
fn a_gap_of_the_monitoring_is_no_downtime() {
    let mut all: Vec<Signal> =
        ["a", "b"].iter().map(|node| series(SignalKind::Http, node, 100..148)).collect();
    all.push(series(SignalKind::Process, "a", 100..148));
    assert_eq!(downtime(&Presence { n_nodes: 2, ..Presence::default() }, &all), None);
    // The metrics behind the gap go on where they were, or the log runs through.
    let ran = Presence {
        of_metrics: vec![("a".to_owned(), Vec::new()), ("b".to_owned(), vec![window(99, 148)])],
        n_nodes: 2,
        ..Presence::default()
    };
    assert_eq!(downtime(&ran, &all), None);
    let ran = Absences {
        node: "a".to_owned(),
        orderly: Vec::new(),
        starts: Vec::new(),
        log_window: window(0, 360),
    };
    assert_eq!(downtime(&of_logs(vec![ran], 1), &all), None);
}

#[test]
fn processes_that_began_anew_behind_the_gap_make_it_a_downtime() {
    let all: Vec<Signal> =
        ["a", "b"].iter().map(|node| series(SignalKind::Api, node, 100..148)).collect();
    let anew = Presence {
        of_metrics: vec![
            ("a".to_owned(), vec![window(99, 148)]),
            ("b".to_owned(), vec![window(99, 149)]),
        ],
        n_nodes: 2,
        ..Presence::default()
    };
    let found = downtime(&anew, &all).unwrap();
    assert_eq!((found.window, found.confidence), (window(100, 148), Confidence::Likely));
    assert_eq!(found.n_metrics, 2);
}

#[test]
fn a_rolling_restart_and_a_node_that_serves_are_no_downtime() {
    let rolling = of_logs(vec![stopped("a", 100, 120), stopped("b", 121, 140)], 2);
    assert_eq!(downtime(&rolling, &[]), None);
    let both = of_logs(vec![stopped("a", 100, 120), stopped("b", 102, 131)], 2);
    let one_serves = [series(SignalKind::Http, "a", 100..121), series(SignalKind::Http, "b", 0..0)];
    assert_eq!(downtime(&both, &one_serves), None);
}

#[test]
fn logs_of_all_nodes_are_enough_without_charts_and_one_of_two_is_not() {
    let both = of_logs(vec![stopped("a", 100, 120), stopped("b", 102, 131)], 2);
    let found = downtime(&both, &[]).unwrap();
    assert_eq!((found.window, found.confidence), (window(102, 120), Confidence::Likely));
    assert_eq!(downtime(&of_logs(vec![stopped("a", 100, 120)], 2), &[]), None);
}

#[test]
fn a_restart_of_two_minutes_is_a_restart() {
    let quick = of_logs(vec![stopped("a", 100, 102)], 1);
    assert_eq!(downtime(&quick, &[series(SignalKind::Http, "a", 100..103)]), None);
    assert_eq!(downtime(&quick, &[]), None);
}

#[test]
fn a_server_that_died_is_down_from_where_its_traffic_stops() {
    let died = Absences {
        node: "a".to_owned(),
        orderly: Vec::new(),
        starts: vec![window(130, 131)],
        log_window: window(0, 360),
    };
    let found =
        downtime(&of_logs(vec![died], 1), &[series(SignalKind::Http, "a", 100..132)]).unwrap();
    assert_eq!((found.window, found.confidence), (window(100, 131), Confidence::Likely));
}

#[test]
fn an_incident_without_changes_is_the_downtime_and_is_over() {
    let signals = [series(SignalKind::Http, "a", 101..149)];
    let presence = of_logs(vec![stopped("a", 100, 148)], 1);
    let incident = detected(&[], &signals, &presence).unwrap();
    assert_eq!((incident.start, incident.end), (minute(100), Some(minute(148))));
    assert_eq!(incident.last_data, minute(359));
    assert_eq!(detected(&[], &signals, &Presence::default()), None);
}

#[test]
fn a_log_that_begins_behind_the_gap_does_not_speak_against_a_downtime() {
    let mut late = stopped("b", 300, 301);
    late.log_window = window(200, 360);
    let nodes = of_logs(vec![stopped("a", 100, 148), late], 2);
    let found = downtime(&nodes, &[series(SignalKind::Http, "a", 101..149)]).unwrap();
    assert_eq!((found.window, found.confidence), (window(100, 148), Confidence::Likely));
}

#[test]
fn what_is_slow_after_a_planned_downtime_keeps_its_own_begin() {
    let slow = |kind, node: &str| Signal {
        metric: "latency".to_owned(),
        unit: "s".to_owned(),
        higher_is_worse: true,
        floor: 0.05,
        id: format!("series:{kind:?}{node}"),
        values: (0..360)
            .map(|n| match n {
                100..148 => None,
                0..100 => Some(0.3 + 0.01 * (n % 3) as f64),
                _ => Some(6.0 + 0.1 * (n % 3) as f64),
            })
            .collect(),
        ..series(kind, node, 0..0)
    };
    let signals =
        [slow(SignalKind::Api, "a"), slow(SignalKind::Store, "a"), slow(SignalKind::Pool, "a")];
    let changes = crate::changes(&signals, &crate::Options::default());
    let presence = of_logs(vec![stopped("a", 100, 148)], 1);
    let incident = detected(&changes, &signals, &presence).unwrap();
    assert!(incident.start >= minute(148), "{}", incident.start);
    assert!(incident.impact[0].plain().contains("No server served anybody for 48 min"));
}
