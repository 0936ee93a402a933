//! What is over, and what is not over with it.

use crate::Style;
use crate::phrase::when;
use model::{Change, ChangeKind, Confidence, Report, SignalKind};
use text::{Text, Value};

/// That it is over, before steps that look at what goes on now, and what is not over with it;
/// `None` while it goes on.
pub(crate) fn over(report: &Report, style: &Style) -> Option<Text> {
    let end = report.incident.as_ref()?.end?;
    let since = when(end, report, style);
    let still = still_worse(report);
    if still.is_empty() {
        return Some(Text::ours(format!(
            "The data shows it over since {since}: what looks at the present finds nothing any more, \
             the rest is for when it comes back."
        )));
    }
    let mut text = Text::ours(format!(
        "The data shows most of it over since {since}, but not all. Still as bad at the end of the data:"
    ));
    for (idx, change) in still.into_iter().enumerate() {
        text.push_ours(if idx == 0 { " " } else { "; " });
        text.push_ours(change.metric.replace('-', " "));
        if !change.subject.is_empty() {
            text.push_ours(" of ");
            text.push_value(Value::trusted(&change.subject));
        }
        text.push_ours(format!(" since {}", when(change.onset, report, style)));
    }
    text.push_ours(".");
    Some(text)
}

/// Changes for the worse that are sure, noticed by users or in errors, and go on at the end of the
/// data; one for each metric and subject, two at most.
fn still_worse(report: &Report) -> Vec<&Change> {
    let mut still: Vec<&Change> = Vec::new();
    for change in &report.changes {
        let noticed = matches!(
            change.signal_kind,
            SignalKind::Api | SignalKind::Store | SignalKind::Websocket | SignalKind::Log
        );
        let worse = matches!(change.kind, ChangeKind::Rise | ChangeKind::Appears)
            && change.higher_is_worse
            && change.until.is_none()
            && change.confidence < Confidence::Possible;
        let known = still
            .iter()
            .any(|known| (&known.metric, &known.subject) == (&change.metric, &change.subject));
        if noticed && worse && !known {
            still.push(change);
        }
    }
    still.sort_by_key(|change| (change.signal_kind == SignalKind::Log, change.onset));
    still.truncate(2);
    still
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};
    use model::{Incident, Place};

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000, 0).unwrap() + TimeDelta::minutes(minute)
    }

    fn errors(until: Option<DateTime<Utc>>) -> Change {
        Change {
            signal: "log:1:calls".to_owned(),
            signal_kind: SignalKind::Log,
            metric: "log-calls".to_owned(),
            subject: "push-failed".to_owned(),
            node: String::new(),
            unit: "count".to_owned(),
            kind: ChangeKind::Appears,
            onset: at(10),
            until,
            last_at: at(200),
            before: 0.0,
            after: 20.0,
            ratio: None,
            z: 9.0,
            persistence: 1.0,
            higher_is_worse: true,
            confidence: Confidence::Certain,
            place: Place { source: "mattermost.log".to_owned(), location: "line:1".to_owned() },
        }
    }

    fn said(changes: Vec<Change>) -> String {
        let incident = Incident {
            start: at(60),
            end: Some(at(80)),
            last_data: at(200),
            given: false,
            confidence: Confidence::Likely,
            impact: Vec::new(),
            traffic: model::Traffic::default(),
        };
        let report = Report { incident: Some(incident), changes, ..Report::default() };
        over(&report, &Style::default()).unwrap().plain()
    }

    #[test]
    fn what_is_not_over_is_said() {
        let all_over = said(vec![errors(Some(at(90)))]);
        assert!(all_over.starts_with("The data shows it over since "), "{all_over}");
        let not_all = said(vec![errors(None), errors(None)]);
        assert!(not_all.contains("but not all"), "{not_all}");
        assert_eq!(not_all.matches("log calls of push-failed since ").count(), 1, "{not_all}");
    }
}
