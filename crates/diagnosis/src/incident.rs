//! The window of the incident, from the agreement of signals.
//!
//! A change speaks for an incident the more users notice it, the surer it is and the more kinds of
//! signals change with it within a quarter of an hour. One signal alone makes none, and neither
//! does load that rises without anything getting worse.

use crate::recurring::is_usual;
use crate::wording;
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    Change, ChangeKind, Confidence, Finding, Incident, Kind, Severity, Signal, SignalKind, Suspect,
    Traffic, Window,
};
use std::collections::{BTreeMap, BTreeSet};
use text::Text;

/// Changes that belong together begin within this time of one another: exports are rates over five
/// minutes, and queues take minutes to fill.
const TOGETHER: TimeDelta = TimeDelta::minutes(15);
/// The weight that an incident needs: two kinds of signals that users notice, or one and several
/// that they do not.
const WEIGHT_MIN: f64 = 2.0;
/// The weight that is enough where no metrics were given: then logs alone can show an incident.
const WEIGHT_MIN_OF_LOGS: f64 = 1.6;
/// From this weight on the window is likely, and from twice as much certain.
const WEIGHT_LIKELY: f64 = 3.5;
/// The share of the weight that has begun when the incident has.
const STARTED_SHARE: f64 = 0.08;
/// Lines of impact.
const IMPACT_LINES: usize = 4;
/// What is over for longer than this is not what people call about, where something else goes on.
const LONG_OVER: TimeDelta = TimeDelta::hours(1);
/// A disturbance below this length is a blip.
const BRIEF: TimeDelta = TimeDelta::minutes(30);

/// Detects the window of the incident; `None`: the signals carry none.
pub fn incident(changes: &[Change], signals: &[Signal]) -> Option<Incident> {
    let by_id: BTreeMap<&str, &Signal> = signals.iter().map(|s| (s.id.as_str(), s)).collect();
    let signal_of = |change: &Change| by_id.get(change.signal.as_str()).copied();
    let worse: Vec<&Change> = changes
        .iter()
        .filter(|change| weight(change) > 0.0 && !is_usual(change, signal_of(change)))
        .collect();
    let data_end = last_data(changes, signals);
    let metrics = signals.iter().any(|signal| {
        matches!(
            signal.kind,
            SignalKind::Api
                | SignalKind::Http
                | SignalKind::Store
                | SignalKind::Process
                | SignalKind::Websocket
        )
    });
    let weight_min = if metrics { WEIGHT_MIN } else { WEIGHT_MIN_OF_LOGS };
    let onsets: BTreeSet<DateTime<Utc>> = worse.iter().map(|change| change.onset).collect();
    let (begin, total, _) = onsets
        .into_iter()
        .map(|onset| (onset, cluster_weight(&worse, onset)))
        .filter(|(_, weight)| *weight >= weight_min)
        .map(|(onset, weight)| (onset, weight, weight * standing(&worse, onset, data_end)))
        .fold(None, |best: Option<(DateTime<Utc>, f64, f64)>, candidate| match best {
            // The earliest of equally heavy clusters.
            Some((.., heaviest)) if candidate.2 <= heaviest + 1e-9 => best,
            _ => Some(candidate),
        })?;
    let members: Vec<&Change> = members(&worse, begin);
    let start = start_of(&members)?;
    let end = end_of(&members);
    let confidence = if total >= 2.0 * WEIGHT_LIKELY {
        Confidence::Certain
    } else if total >= WEIGHT_LIKELY {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let last_data = data_end.unwrap_or(start);
    let incident = Incident {
        start,
        end,
        last_data,
        given: false,
        confidence,
        impact: Vec::new(),
        traffic: Traffic::default(),
    };
    Some(measured(incident, changes, signals))
}

/// The incident that the user gives: the window is theirs, the impact is read from the signals.
pub fn given(
    start: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
    changes: &[Change],
    signals: &[Signal],
) -> Incident {
    let last_data = last_data(changes, signals).unwrap_or(start);
    let incident = Incident {
        start,
        end,
        last_data,
        given: true,
        confidence: Confidence::Certain,
        impact: Vec::new(),
        traffic: Traffic::default(),
    };
    measured(incident, changes, signals)
}

/// With its impact and its traffic.
fn measured(mut incident: Incident, changes: &[Change], signals: &[Signal]) -> Incident {
    incident.traffic = Traffic {
        requests: ratio_of("http-requests", &incident, signals),
        calls: ratio_of("db-calls", &incident, signals),
    };
    incident.impact = impact(&incident, changes, signals);
    incident
}

/// The incident that the gravest finding with a time dates when no signal does: a server that does
/// not start, in a log of nothing else. Never surer than possible.
pub fn from_findings(findings: &[Finding], signals: &[Signal]) -> Option<Incident> {
    let grave = findings.iter().filter(|finding| {
        finding.kind == Kind::Fault
            && finding.severity <= Severity::High
            && finding.confidence <= Confidence::Likely
    });
    let finding = grave.filter(|finding| finding.window.is_some()).min_by(|a, b| a.order(b))?;
    Some(possible(finding.window?.start, finding.title.clone(), signals))
}

/// The incident that a suspect dates when no signal does: a crash loop without metrics, a licence
/// that ran out. Never surer than possible.
pub fn from_suspect(
    suspect: &Suspect,
    findings: &[Finding],
    signals: &[Signal],
) -> Option<Incident> {
    let grave = suspect
        .findings
        .iter()
        .filter_map(|&idx| findings.get(idx))
        .any(|f| f.severity <= Severity::High && f.confidence <= Confidence::Likely);
    let start = suspect.onset.filter(|_| grave)?;
    Some(possible(start, suspect.summary.clone(), signals))
}

fn possible(start: DateTime<Utc>, impact: Text, signals: &[Signal]) -> Incident {
    let mut incident = Incident {
        start,
        end: None,
        last_data: last_data(&[], signals).unwrap_or(start).max(start),
        given: false,
        confidence: Confidence::Possible,
        impact: Vec::new(),
        traffic: Traffic::default(),
    };
    incident = measured(incident, &[], signals);
    incident.impact = vec![impact];
    incident
}

/// The window of an incident, closed by the last data when it still goes on.
pub fn window(incident: &Incident) -> Window {
    let end =
        incident.end.unwrap_or(incident.last_data).max(incident.start + TimeDelta::minutes(1));
    Window { start: incident.start, end }
}

pub(crate) fn last_data(changes: &[Change], signals: &[Signal]) -> Option<DateTime<Utc>> {
    let of_signals = signals.iter().filter_map(|signal| {
        signal.values.iter().rposition(Option::is_some).map(|idx| signal.time(idx))
    });
    changes.iter().map(|change| change.last_at).chain(of_signals).max()
}

/// How much a change speaks for an incident.
fn weight(change: &Change) -> f64 {
    let up = matches!(change.kind, ChangeKind::Rise | ChangeKind::Appears | ChangeKind::Burst);
    let down = matches!(change.kind, ChangeKind::Fall | ChangeKind::Vanishes | ChangeKind::Dip);
    let ratio = change.ratio.unwrap_or(f64::INFINITY);
    let kind = match change.signal_kind {
        SignalKind::Api => 2.0,
        SignalKind::Log
        | SignalKind::Store
        | SignalKind::Query
        | SignalKind::Pool
        | SignalKind::Database => 1.2,
        SignalKind::Websocket => 1.5,
        SignalKind::Cluster | SignalKind::Service => 0.8,
        SignalKind::Process => 0.6,
        SignalKind::Http => 0.4,
        SignalKind::Other => 0.3,
    };
    let direction = match (change.higher_is_worse, up, down) {
        (true, true, _) => 1.0,
        // Load and connections: a large jump either way is noticed, a usual peak is not.
        (false, true, _) if ratio >= 3.0 => 0.6,
        (false, _, true) if ratio <= 0.5 && change.signal_kind == SignalKind::Websocket => 1.0,
        (false, _, true) if ratio <= 0.3 => 0.6,
        _ => 0.0,
    };
    let sure = match change.confidence {
        Confidence::Certain => 1.0,
        Confidence::Likely => 0.7,
        Confidence::Possible => 0.3,
    };
    let lasting =
        if matches!(change.kind, ChangeKind::Burst | ChangeKind::Dip) { 0.6 } else { 1.0 };
    kind * direction * sure * lasting
}

fn members<'c>(worse: &[&'c Change], begin: DateTime<Utc>) -> Vec<&'c Change> {
    worse
        .iter()
        .copied()
        .filter(|change| change.onset >= begin && change.onset <= begin + TOGETHER)
        .collect()
}

/// The weight of what begins within a quarter of an hour from `begin`: each kind and metric counts
/// fully once, and each further subject or node a tenth.
fn cluster_weight(worse: &[&Change], begin: DateTime<Utc>) -> f64 {
    let mut by_metric: BTreeMap<(SignalKind, &str), Vec<f64>> = BTreeMap::new();
    let members = members(worse, begin);
    // One signal alone is none, however sure.
    if members.len() < 2 {
        return 0.0;
    }
    for change in members {
        by_metric
            .entry((change.signal_kind, change.metric.as_str()))
            .or_default()
            .push(weight(change));
    }
    by_metric
        .values_mut()
        .map(|weights| {
            weights.sort_by(|a, b| b.total_cmp(a));
            let first = weights.first().copied().unwrap_or(0.0);
            let rest: f64 = weights.iter().skip(1).take(10).sum();
            first + 0.1 * rest
        })
        .sum()
}

/// How much the cluster that begins at `begin` counts among others: the longer it is over and the
/// shorter it was, the less it is why somebody asks now.
fn standing(worse: &[&Change], begin: DateTime<Utc>, data_end: Option<DateTime<Utc>>) -> f64 {
    match (end_of(&members(worse, begin)), data_end) {
        (Some(end), Some(data_end)) if data_end - end >= LONG_OVER => {
            if end - begin < BRIEF {
                0.4
            } else {
                0.7
            }
        }
        _ => 1.0,
    }
}

/// The first onset at which a share of the weight has begun: one small signal that was early, such
/// as a query that was slow three minutes before all others, does not date the whole. What is merely
/// possible dates nothing where something is surer.
fn start_of(members: &[&Change]) -> Option<DateTime<Utc>> {
    let is_sure = |change: &&&Change| change.confidence < Confidence::Possible;
    let mut dating: Vec<&Change> = members.iter().filter(is_sure).copied().collect();
    if dating.is_empty() {
        dating = members.to_vec();
    }
    dating.sort_by_key(|change| change.onset);
    let total: f64 = dating.iter().map(|change| weight(change)).sum();
    let mut begun = 0.0;
    let first = dating.iter().find(|change| {
        begun += weight(change);
        begun >= STARTED_SHARE * total
    });
    first.or(dating.first()).map(|change| change.onset)
}

/// When most of the weight had ended; `None`: it still goes on.
fn end_of(members: &[&Change]) -> Option<DateTime<Utc>> {
    let total: f64 = members.iter().map(|change| weight(change)).sum();
    let mut ends: Vec<(DateTime<Utc>, f64)> = members
        .iter()
        .filter_map(|change| change.until.map(|until| (until, weight(change))))
        .collect();
    ends.sort_by_key(|end| end.0);
    let mut ended = 0.0;
    for (until, weight) in ends {
        ended += weight;
        if ended >= 0.6 * total {
            return Some(until);
        }
    }
    None
}

/// What users see, and whether it is load: the largest latency, errors, and the usual volumes.
fn impact(incident: &Incident, changes: &[Change], signals: &[Signal]) -> Vec<Text> {
    let begin = incident.start - TimeDelta::minutes(5);
    let end = window(incident).end;
    let mut shown: Vec<(&str, &Change)> = Vec::new();
    let mut during: Vec<&Change> = changes
        .iter()
        .filter(|change| change.onset >= begin && change.onset < end && weight(change) > 0.0)
        .collect();
    during.sort_by(|a, b| {
        user_order(a.signal_kind)
            .cmp(&user_order(b.signal_kind))
            .then_with(|| b.z.abs().total_cmp(&a.z.abs()))
    });
    for change in during {
        if shown.iter().all(|(metric, _)| *metric != change.metric) {
            shown.push((change.metric.as_str(), change));
        }
    }
    let mut lines: Vec<Text> = shown
        .iter()
        .take(IMPACT_LINES - 1)
        .map(|(_, change)| wording::change_text(change))
        .collect();
    lines.extend(load(incident, signals));
    lines
}

/// What users notice comes first.
fn user_order(kind: SignalKind) -> u8 {
    match kind {
        SignalKind::Api => 0,
        SignalKind::Websocket => 1,
        SignalKind::Log => 2,
        SignalKind::Store => 3,
        SignalKind::Query => 4,
        SignalKind::Pool => 5,
        SignalKind::Database => 6,
        SignalKind::Process => 7,
        SignalKind::Cluster => 8,
        SignalKind::Service => 9,
        SignalKind::Http => 10,
        SignalKind::Other => 11,
    }
}

/// Whether volumes are usual: slowness and traffic need different people.
fn load(incident: &Incident, signals: &[Signal]) -> Option<Text> {
    let ratios = [
        ("HTTP requests", incident.traffic.requests),
        ("database calls", incident.traffic.calls),
        ("node CPU", ratio_of("cpu-utilization", incident, signals)),
    ];
    let known: Vec<(&str, f64)> =
        ratios.into_iter().filter_map(|(label, ratio)| Some((label, ratio?))).collect();
    let largest = known.iter().map(|(_, ratio)| *ratio).reduce(f64::max)?;
    let parts: Vec<String> =
        known.iter().map(|(label, ratio)| format!("{label} x{ratio:.1}")).collect();
    let verdict = if largest < Traffic::AS_BEFORE { "Load is as before: " } else { "Load: " };
    Some(Text::ours(format!("{verdict}{}", parts.join(", "))))
}

/// The median over all nodes of a metric in the incident over that of the hour before.
fn ratio_of(metric: &str, incident: &Incident, signals: &[Signal]) -> Option<f64> {
    let mut ratios: Vec<f64> = signals
        .iter()
        .filter(|signal| signal.metric == metric)
        .filter_map(|signal| ratio_across(signal, incident))
        .collect();
    crate::baseline::median(&mut ratios)
}

/// The median of the hour before against that of the incident.
fn ratio_across(signal: &Signal, incident: &Incident) -> Option<f64> {
    let end = window(incident).end;
    let mut before = Vec::new();
    let mut during = Vec::new();
    for (idx, value) in signal.values.iter().enumerate() {
        let Some(value) = value else { continue };
        let at = signal.time(idx);
        if at >= incident.start && at < end {
            during.push(*value);
        } else if at < incident.start && at >= incident.start - TimeDelta::hours(1) {
            before.push(*value);
        }
    }
    let before = crate::baseline::median(&mut before)?;
    let during = crate::baseline::median(&mut during)?;
    (before > 0.0).then(|| during / before)
}

#[cfg(test)]
mod tests;
