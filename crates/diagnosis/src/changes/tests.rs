use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use model::Place;
use proptest::prelude::*;

/// A deterministic noise between -1 and 1.
fn noise(idx: usize) -> f64 {
    let mut x = (idx as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x1234_5678);
    x ^= x >> 31;
    x = x.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^= x >> 29;
    (x % 2000) as f64 / 1000.0 - 1.0
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000, 0).unwrap()
}

fn signal(kind: SignalKind, unit: &str, values: impl IntoIterator<Item = Option<f64>>) -> Signal {
    Signal {
        id: "s".into(),
        kind,
        metric: "m".into(),
        subject: String::new(),
        node: String::new(),
        unit: unit.into(),
        start: start(),
        step_s: 60,
        values: values.into_iter().collect(),
        higher_is_worse: true,
        floor: 0.0,
        place: Place { source: "x.csv".into(), location: "series".into() },
    }
}

fn minute(n: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(n)
}

fn found(signal: &Signal) -> Vec<Change> {
    changes(std::slice::from_ref(signal), &Options::default())
}

#[test]
fn a_score_of_five_is_five_in_however_long_a_step() {
    let values: Vec<Option<f64>> =
        (0..180).map(|n| Some(if n < 120 { 0.0 } else { 5.0 })).collect();
    let health = Signal {
        id: "series:1".to_owned(),
        kind: SignalKind::Cluster,
        metric: "cluster-health".to_owned(),
        subject: String::new(),
        node: String::new(),
        unit: "count".to_owned(),
        start: chrono::DateTime::from_timestamp(1_770_000_000, 0).unwrap(),
        step_s: 60,
        values,
        higher_is_worse: true,
        floor: 1.0,
        place: model::Place::default(),
    };
    let found = changes(std::slice::from_ref(&health), &Options::default());
    assert_eq!(found.first().map(|change| change.after), Some(5.0));
    let errors = Signal { metric: "log-errors".to_owned(), ..health };
    let found = changes(&[errors], &Options::default());
    assert_eq!(found.first().map(|change| change.after), Some(25.0), "events add up");
}

#[test]
fn a_step_is_found_at_its_onset_and_still_goes_on() {
    let values = (0..240).map(|i| Some(if i < 150 { 0.5 } else { 4.0 } * (1.0 + 0.05 * noise(i))));
    let changes = found(&signal(SignalKind::Api, "s", values));
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].kind, changes[0].onset, changes[0].until),
        (ChangeKind::Rise, minute(150), None)
    );
    assert!((changes[0].ratio.unwrap() - 8.0).abs() < 0.8);
    assert_eq!(changes[0].confidence, Confidence::Certain);
}

#[test]
fn a_change_that_ends_says_when() {
    let values = (0..240)
        .map(|i| Some(if (100..140).contains(&i) { 4.0 } else { 0.5 } * (1.0 + 0.05 * noise(i))));
    let changes = found(&signal(SignalKind::Api, "s", values));
    assert_eq!((changes[0].onset, changes[0].until), (minute(100), Some(minute(140))));
}

#[test]
fn a_days_drift_is_no_change() {
    let values =
        (0..720).map(|i| Some((10.0 + 25.0 * (i as f64 / 720.0)) * (1.0 + 0.08 * noise(i))));
    assert_eq!(found(&signal(SignalKind::Http, "1/s", values)), []);
}

#[test]
fn single_spikes_are_no_change() {
    let values = (0..300).map(|i| Some(if i % 47 == 46 { 30.0 } else { 1.0 + 0.1 * noise(i) }));
    assert_eq!(found(&signal(SignalKind::Api, "s", values)), []);
}

#[test]
fn gaps_neither_make_nor_hide_a_change() {
    let quiet = (0..200).map(|i| (i % 5 != 0).then(|| 1.0 + 0.1 * noise(i)));
    assert_eq!(found(&signal(SignalKind::Api, "s", quiet)), []);
    let step =
        (0..200).map(|i| (i % 5 != 0).then(|| if i < 101 { 1.0 } else { 9.0 } + 0.1 * noise(i)));
    assert_eq!(found(&signal(SignalKind::Api, "s", step))[0].onset, minute(101));
}

#[test]
fn errors_that_begin_appear() {
    let values = (0..120).map(|i| Some(if i < 70 { 0.0 } else { 12.0 + noise(i).round() }));
    let changes = found(&signal(SignalKind::Log, "count", values));
    assert_eq!(
        (changes[0].kind, changes[0].onset, changes[0].ratio),
        (ChangeKind::Appears, minute(70), None)
    );
}

#[test]
fn a_handful_of_events_is_no_change() {
    let values = (0..120).map(|i| Some(if i % 29 == 28 { 1.0 } else { 0.0 }));
    assert_eq!(found(&signal(SignalKind::Log, "count", values)), []);
}

#[test]
fn rare_errors_that_begin_are_found_in_coarser_steps() {
    let values = (0..200).map(|i| Some(if i >= 120 && i % 2 == 0 { 2.0 } else { 0.0 }));
    let changes = found(&signal(SignalKind::Log, "count", values));
    assert_eq!(changes[0].kind, ChangeKind::Appears);
    assert!((changes[0].onset - minute(120)).abs() <= TimeDelta::minutes(5));
}

#[test]
fn a_few_errors_each_quarter_of_an_hour_begin_with_the_first_of_them() {
    let values = (0..240).map(|i| Some(if i >= 133 && i % 3 == 1 { 1.0 } else { 0.0 }));
    let changes = found(&signal(SignalKind::Log, "count", values));
    assert_eq!(
        (changes[0].kind, changes[0].onset, changes[0].until),
        (ChangeKind::Appears, minute(133), None)
    );
    assert!(changes[0].after > 0.0);
}

#[test]
fn a_jump_on_top_of_a_rise_that_goes_on_is_found_as_well() {
    let level = |i: usize| {
        if i < 60 {
            10.0
        } else if i < 180 {
            18.0
        } else {
            90.0
        }
    };
    let values = (0..300).map(|i| Some(level(i) * (1.0 + 0.03 * noise(i))));
    let mut onsets: Vec<_> =
        found(&signal(SignalKind::Http, "1/s", values)).iter().map(|c| c.onset).collect();
    onsets.sort();
    assert_eq!(onsets, [minute(60), minute(180)]);
}

#[test]
fn a_fall_to_zero_vanishes() {
    let values = (0..200).map(|i| Some(if i < 120 { 50.0 + noise(i) } else { 0.0 }));
    assert_eq!(
        found(&signal(SignalKind::Websocket, "count", values))[0].kind,
        ChangeKind::Vanishes
    );
}

#[test]
fn memory_that_grows_without_a_plateau_is_a_ramp() {
    let values = (0..360).map(|i| Some(1e9 * (1.0 + i as f64 / 360.0) + 1e7 * noise(i)));
    let changes = found(&signal(SignalKind::Process, "bytes", values));
    assert_eq!((changes[0].kind, changes[0].confidence), (ChangeKind::Ramp, Confidence::Possible));
}

#[test]
fn growth_is_dated_from_where_it_begins() {
    let values =
        (0..720).map(|i| Some(1e9 * (1.0 + (i.max(240) - 240) as f64 / 100.0) + 2e7 * noise(i)));
    let changes = found(&signal(SignalKind::Process, "bytes", values));
    let onset = changes[0].onset;
    assert_eq!(changes[0].kind, ChangeKind::Ramp);
    assert!(onset >= minute(180) && onset <= minute(300), "{onset}");
}

#[test]
fn what_comes_and_goes_with_the_day_is_no_ramp() {
    let day = |i: usize| (i as f64 / 1440.0 * std::f64::consts::TAU).sin();
    let values = (0..2880).map(|i| Some(2e9 * (1.0 + 0.5 * day(i)) + 1e7 * noise(i)));
    let changes = found(&signal(SignalKind::Process, "bytes", values));
    assert!(changes.iter().all(|change| change.kind != ChangeKind::Ramp), "{changes:?}");
}

#[test]
fn differences_below_the_floor_do_not_matter() {
    let mut quiet =
        signal(SignalKind::Api, "s", (0..200).map(|i| Some(if i < 100 { 0.001 } else { 0.004 })));
    assert_eq!(found(&quiet).len(), 1);
    quiet.floor = 0.05;
    assert_eq!(found(&quiet), []);
}

proptest! {
    #[test]
    fn no_values_panic(values in proptest::collection::vec(proptest::option::of(any::<f64>()), 0..300), step_s in 0u32..4000) {
        let mut signal = signal(SignalKind::Process, "count", values);
        signal.step_s = step_s;
        let _ = found(&signal);
    }
}
