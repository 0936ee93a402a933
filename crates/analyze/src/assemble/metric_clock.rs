//! The clock of metrics against that of the nodes' logs: restarts that both saw.

use crate::read::Sources;
use chrono::{DateTime, TimeDelta, Utc};
use diagnosis::{ClockOffset, Restarts};
use metrics::Clock;
use model::{Confidence, TimelineEntry, TimelineKind, Unknown};
use tables::Tables;
use text::Text;

/// Clocks that differ by less are right: metrics are sampled once a minute.
const OFF_MIN_S: i64 = 90;

/// The clock of the metrics against the logs'.
#[derive(Clone, Debug)]
pub(crate) struct MetricClock {
    offset: ClockOffset,
    /// Whether the metrics were moved onto the nodes' clock.
    applied: bool,
    /// Whether the exports do not say their zone.
    zoneless: bool,
    /// The first restart of those that are in the logs.
    at: DateTime<Utc>,
}

/// Compares the clocks, and moves the metrics onto the nodes' clock where that is sure; `None`:
/// nothing to say, or no difference.
pub(crate) fn settle(tables: &mut Tables, sources: &mut Sources) -> Option<MetricClock> {
    let restarts: Vec<Restarts> = tables
        .restarts()
        .into_iter()
        .map(|node| Restarts {
            of_log: node.of_log,
            log_window: node.log_window,
            of_metrics: node.of_metrics,
            metrics_window: node.metrics_window,
        })
        .collect();
    let offset = diagnosis::restart_offset(&restarts)?;
    if offset.ahead_s.abs() < OFF_MIN_S {
        return None;
    }
    let at = restarts.iter().flat_map(|node| &node.of_log).min().copied()?;
    // A time with its zone is not two hours off: then it is the log whose zone is not what it says.
    let zoneless = one_clock(sources) == Some(Clock::Local);
    let guessed = matches!(one_clock(sources), Some(Clock::Inferred { .. }));
    let movable = zoneless || guessed || diagnosis::zone_of(&offset).is_none();
    let applied =
        offset.confidence == Confidence::Certain && one_clock(sources).is_some() && movable;
    if applied {
        let by = TimeDelta::seconds(-offset.ahead_s);
        tables.shift_metrics(by);
        sources.shift_metrics(by);
    }
    Some(MetricClock { offset, applied, zoneless, at })
}

/// How the times of all series came about, if it is the same for all.
fn one_clock(sources: &Sources) -> Option<Clock> {
    let mut clocks = sources.metrics.iter().flat_map(|file| &file.series).map(|s| s.clock);
    let first = clocks.next()?;
    clocks.all(|clock| clock == first).then_some(first)
}

fn words(clock: &MetricClock) -> String {
    let ahead_s = clock.offset.ahead_s;
    let side = if ahead_s > 0 { "ahead of" } else { "behind" };
    let restarts = match clock.offset.n_events {
        1 => "a restart".to_owned(),
        n => format!("{n} restarts"),
    };
    let basis = format!("{}, from {restarts} that both saw", clock.offset.confidence);
    let Some(zone_s) = diagnosis::zone_of(&clock.offset) else {
        return format!(
            "the clock of the metrics is {} s {side} the nodes' logs (to {} s, {basis})",
            ahead_s.abs(),
            clock.offset.precision_s,
        );
    };
    let (hours, minutes) = (zone_s.abs() / 3600, zone_s.abs() % 3600 / 60);
    let probably = if clock.zoneless {
        let sign = if zone_s < 0 { '-' } else { '+' };
        format!("they are probably in the zone UTC{sign}{hours:02}:{minutes:02}")
    } else {
        "a zone is probably read wrongly by that much".to_owned()
    };
    format!("the metrics are {hours} h {minutes} min {side} the nodes' logs ({basis}): {probably}")
}

/// The entry of the timeline.
pub(crate) fn entry(clock: &MetricClock) -> TimelineEntry {
    let done = if clock.applied {
        "; the metrics are moved onto the nodes' clock"
    } else {
        "; times are shown as exported"
    };
    TimelineEntry {
        time: clock.at,
        end: None,
        precision_s: u32::try_from(clock.offset.precision_s).unwrap_or(60),
        node: String::new(),
        subject: Text::ours("clock"),
        what: Text::ours(format!("{}{done}", words(clock))),
        source: "server's logs and metrics".to_owned(),
        kind: TimelineKind::Inferred,
    }
}

/// What cannot be relied on while the metrics stay where they are.
pub(crate) fn unknown(clock: &MetricClock) -> Option<Unknown> {
    (!clock.applied).then(|| Unknown {
        what: Text::ours("the order of what metrics and logs show"),
        why: Text::ours(words(clock)),
        how_to_get: Text::ours(
            "export again with epoch times (Formatted data off), or say the zone with --tz",
        ),
    })
}
