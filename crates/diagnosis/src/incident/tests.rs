use super::*;
use crate::{Options, changes};
use model::Place;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000, 0).unwrap()
}

fn minute(n: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(n)
}

fn signal(
    kind: SignalKind,
    metric: &str,
    unit: &str,
    worse: bool,
    value: impl Fn(usize) -> f64,
) -> Signal {
    Signal {
        id: metric.into(),
        kind,
        metric: metric.into(),
        subject: String::new(),
        node: String::new(),
        unit: unit.into(),
        start: start(),
        step_s: 60,
        values: (0..240)
            .map(|i| Some(value(i) * (1.0 + 0.02 * ((i * 7919) % 13) as f64 / 13.0)))
            .collect(),
        higher_is_worse: worse,
        floor: 0.0,
        place: Place { source: "x.csv".into(), location: "series".into() },
    }
}

fn detect(signals: &[Signal]) -> Option<Incident> {
    incident(&changes(signals, &Options::default()), signals)
}

#[test]
fn latency_and_errors_that_begin_together_are_an_incident_that_goes_on() {
    let signals = [
        signal(SignalKind::Api, "api-latency-p99", "s", true, |i| if i < 120 { 0.5 } else { 5.0 }),
        signal(SignalKind::Log, "log-calls", "count", true, |i| if i < 123 { 0.0 } else { 20.0 }),
        signal(SignalKind::Http, "http-requests", "1/s", false, |_| 10.0),
    ];
    let incident = detect(&signals).unwrap();
    assert_eq!((incident.start, incident.end), (minute(120), None));
    assert_eq!(incident.last_data, minute(239));
    let impact: Vec<String> = incident.impact.iter().map(Text::plain).collect();
    assert!(impact[0].starts_with("api latency p99 505 ms -> 5.05 s (x10)"), "{impact:?}");
    assert_eq!(impact.last().unwrap(), "Load is as before: HTTP requests x1.0");
}

#[test]
fn a_rush_hour_is_no_incident() {
    let rush = |i: usize| if i < 100 { 10.0 } else { 16.0 };
    let signals = [
        signal(SignalKind::Http, "http-requests", "1/s", false, rush),
        signal(SignalKind::Store, "db-calls", "1/s", false, |i| rush(i) * 4.0),
        signal(SignalKind::Process, "cpu-utilization", "percent", true, |i| rush(i) * 6.0),
        signal(SignalKind::Api, "api-latency-p99", "s", true, |i| if i < 100 { 0.5 } else { 0.6 }),
    ];
    assert_eq!(detect(&signals), None);
}

#[test]
fn one_signal_alone_is_no_incident() {
    let signals =
        [signal(
            SignalKind::Api,
            "api-latency-p99",
            "s",
            true,
            |i| if i < 120 { 0.5 } else { 5.0 },
        )];
    assert_eq!(detect(&signals), None);
}

#[test]
fn logs_alone_make_an_incident_where_there_is_nothing_else() {
    let errors = |i: usize| if i < 120 { 0.0 } else { 12.0 };
    let logs = [
        signal(SignalKind::Log, "log-calls", "count", true, errors),
        signal(SignalKind::Log, "log-errors", "count", true, |i| 1.0 + errors(i)),
    ];
    let incident = detect(&logs).unwrap();
    assert_eq!((incident.start, incident.end), (minute(120), None));
    assert!(incident.confidence >= Confidence::Likely);
    // Charts that show nothing speak against it, as long as errors of the log are all there is.
    let [calls, errors] = logs;
    let quiet = signal(SignalKind::Api, "api-latency-p99", "s", true, |_| 0.5);
    let weak = Signal { higher_is_worse: false, ..errors };
    assert_eq!(detect(&[calls, weak, quiet]), None);
}

#[test]
fn an_incident_that_is_over_says_when_it_ended() {
    let during = |i: usize| (100..150).contains(&i);
    let signals =
        [
            signal(SignalKind::Api, "api-latency-p99", "s", true, |i| {
                if during(i) { 5.0 } else { 0.5 }
            }),
            signal(SignalKind::Store, "store-latency-p99", "s", true, |i| {
                if during(i) { 1.0 } else { 0.09 }
            }),
        ];
    let incident = detect(&signals).unwrap();
    assert_eq!((incident.start, incident.end), (minute(100), Some(minute(150))));
}

#[test]
fn what_goes_on_comes_before_a_blip_that_is_long_over() {
    let errors = |i: usize| if i < 60 { 0.0 } else { 20.0 };
    let blip = |i: usize| if (100..125).contains(&i) { 9.0 } else { 0.3 };
    let signals = [
        signal(SignalKind::Log, "log-calls", "count", true, errors),
        signal(SignalKind::Log, "log-errors", "count", true, errors),
        signal(SignalKind::Store, "store-latency-p99", "s", true, blip),
        signal(SignalKind::Api, "api-latency-p99", "s", true, blip),
        signal(SignalKind::Http, "http-requests", "1/s", false, |_| 10.0),
    ];
    let both = detect(&signals).unwrap();
    assert_eq!((both.start, both.end), (minute(60), None));
    // Alone, the blip is the incident.
    let alone = detect(&signals[2..]).unwrap();
    assert_eq!(alone.start, minute(100));
    assert!(alone.end.is_some());
}
