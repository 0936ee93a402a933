//! What became of the incident's signals since a mitigation: recovered, not yet, or no data.

use crate::wording;
use chrono::{DateTime, TimeDelta, Utc};
use model::{Change, ChangeKind, Confidence, Incident};
use std::collections::BTreeMap;
use text::Text;

/// A mitigation needs so long to show: rates over five minutes do not fall at once.
const SHOWS_AFTER: TimeDelta = TimeDelta::minutes(5);
/// A signal that ended so shortly before the note still counts as recovered by it: people note what
/// they have done.
const NOTED_LATE: TimeDelta = TimeDelta::minutes(10);
/// Names in one line; more are counted.
const NAMED_MAX: usize = 6;

/// How a signal stands after a mitigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recovered {
    /// Back at its usual level since then.
    At(DateTime<Utc>),
    /// Still away from it at its last value, which is of then.
    NotYet(DateTime<Utc>),
    /// Its data ends before a mitigation could show.
    NoData(DateTime<Utc>),
}

/// How the signals that got worse in the incident stand after a mitigation, by what they measure
/// and on which node. A signal that was back long before the mitigation is left out.
pub fn recovery<'c>(
    changes: &'c [Change],
    incident: &Incident,
    mitigated: DateTime<Utc>,
) -> Vec<(&'c Change, Recovered)> {
    let mut by_signal: BTreeMap<&str, (&Change, Recovered)> = BTreeMap::new();
    let of_incident = changes.iter().filter(|change| {
        change.onset >= incident.start - SHOWS_AFTER
            && change.onset < mitigated
            && change.confidence < Confidence::Possible
            && change.higher_is_worse
            && matches!(
                change.kind,
                ChangeKind::Rise | ChangeKind::Appears | ChangeKind::Burst | ChangeKind::Ramp
            )
    });
    for change in of_incident {
        let state = match change.until {
            Some(until) if until < mitigated - NOTED_LATE => continue,
            Some(until) => Recovered::At(until),
            None if change.last_at < mitigated + SHOWS_AFTER => Recovered::NoData(change.last_at),
            None => Recovered::NotYet(change.last_at),
        };
        let known = by_signal.entry(change.signal.as_str()).or_insert((change, state));
        // Of two changes of a signal the one that goes on tells how it stands.
        if change.until.is_none() {
            *known = (change, state);
        }
    }
    by_signal.into_values().collect()
}

/// The same in lines: what is not yet back comes first.
pub fn recovery_lines(
    changes: &[Change],
    incident: &Incident,
    mitigated: DateTime<Utc>,
) -> Vec<Text> {
    let states = recovery(changes, incident, mitigated);
    let since = mitigated.format("%H:%M UTC");
    let mut lines = Vec::new();
    let mut line = |head: String, wanted: fn(&Recovered) -> bool, with_time: bool| {
        let mut names: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        for (change, state) in states.iter().filter(|(_, state)| wanted(state)) {
            let (Recovered::At(at) | Recovered::NotYet(at) | Recovered::NoData(at)) = *state;
            let latest = names.entry(wording::subject(change)).or_insert(at);
            *latest = at.max(*latest);
        }
        if names.is_empty() {
            return;
        }
        let mut text = Text::ours(head);
        for (nth, (name, at)) in names.iter().take(NAMED_MAX).enumerate() {
            text.push_ours(if nth == 0 { " " } else { ", " });
            text.push_value(text::Value::trusted(name));
            if with_time {
                text.push_ours(format!(" ({})", at.format("%H:%M UTC")));
            }
        }
        if names.len() > NAMED_MAX {
            text.push_ours(format!(" and {} more", names.len() - NAMED_MAX));
        }
        lines.push(text);
    };
    line(
        format!("Not yet back since the mitigation at {since}:"),
        |state| matches!(state, Recovered::NotYet(_)),
        false,
    );
    line(
        format!("Recovered since the mitigation at {since}:"),
        |state| matches!(state, Recovered::At(_)),
        true,
    );
    line(
        format!("No data yet after the mitigation at {since}:"),
        |state| matches!(state, Recovered::NoData(_)),
        false,
    );
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Place, SignalKind};

    fn minute(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000, 0).unwrap() + TimeDelta::minutes(n)
    }

    fn change(metric: &str, until: Option<i64>, last: i64) -> Change {
        Change {
            signal: metric.into(),
            signal_kind: SignalKind::Api,
            metric: metric.into(),
            subject: String::new(),
            node: String::new(),
            unit: "s".into(),
            kind: ChangeKind::Rise,
            onset: minute(60),
            until: until.map(minute),
            last_at: minute(last),
            before: 0.5,
            after: 5.0,
            ratio: Some(10.0),
            z: 20.0,
            persistence: 1.0,
            higher_is_worse: true,
            confidence: Confidence::Certain,
            place: Place { source: "x".into(), location: "y".into() },
        }
    }

    #[test]
    fn each_signal_says_how_it_stands() {
        let incident = Incident {
            start: minute(60),
            end: None,
            last_data: minute(200),
            given: false,
            confidence: Confidence::Likely,
            impact: Vec::new(),
            traffic: model::Traffic::default(),
        };
        let changes = [
            change("api-latency-p99", Some(126), 200),
            change("store-latency-p99", None, 200),
            change("log-errors", None, 118),
            change("over-long-before", Some(80), 200),
        ];
        let lines: Vec<String> =
            recovery_lines(&changes, &incident, minute(120)).iter().map(Text::plain).collect();
        let (at, back) = (minute(120).format("%H:%M UTC"), minute(126).format("%H:%M UTC"));
        assert_eq!(
            lines,
            [
                format!("Not yet back since the mitigation at {at}: store latency p99"),
                format!("Recovered since the mitigation at {at}: api latency p99 ({back})"),
                format!("No data yet after the mitigation at {at}: log errors"),
            ]
        );
    }

    #[test]
    fn a_mitigation_before_the_incident_says_nothing() {
        let incident = Incident {
            start: minute(60),
            end: None,
            last_data: minute(200),
            given: false,
            confidence: Confidence::Likely,
            impact: Vec::new(),
            traffic: model::Traffic::default(),
        };
        assert!(recovery_lines(&[change("m", None, 200)], &incident, minute(10)).is_empty());
    }
}
