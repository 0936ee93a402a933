//! The clock of metrics against that of the nodes' logs, from restarts that both saw.
//!
//! A log dates the start of a server to the second; metrics show it between two samples. The shift
//! at which every restart of one falls on a restart of the other is the offset, zone included. Where
//! several shifts fit (a server that restarts every hour), nothing is said.

use crate::ClockOffset;
use chrono::{DateTime, Utc};
use model::{Confidence, Window};

/// What two sources saw of the restarts of one node.
#[derive(Clone, Debug)]
pub struct Restarts {
    /// Starts, by the node's log.
    pub of_log: Vec<DateTime<Utc>>,
    /// What that log covers.
    pub log_window: Window,
    /// The last sample before each restart and the first after it.
    pub of_metrics: Vec<Window>,
    /// What the metrics cover.
    pub metrics_window: Window,
}

/// Offsets that are tried: every zone against every other.
const OFFSET_MAX_S: i64 = 15 * 3600;
/// A server is scraped only when it listens, some time after its first line.
const SLACK_S: i64 = 90;
/// Offsets of zones are multiples of this.
const ZONE_STEP_S: i64 = 15 * 60;
/// The smallest offset between two zones that is told from a clock that is off.
const ZONE_MIN_S: i64 = 1800;

/// Things that two sources saw, at least, where each may be chance.
const SIGHTINGS_MIN: u64 = 2;

/// How well a shift fits.
#[derive(Clone, Copy, Debug)]
struct Fit {
    shift_s: i64,
    matched: i64,
    missed: i64,
    /// The shifts that all matches allow.
    lowest_s: i64,
    highest_s: i64,
}

impl Fit {
    fn score(self) -> i64 {
        self.matched - 2 * self.missed
    }
}

/// By how much the clock of the metrics is ahead of the logs'; `None` where they do not say.
pub fn restart_offset(nodes: &[Restarts]) -> Option<ClockOffset> {
    let mut shifts: Vec<i64> = nodes
        .iter()
        .flat_map(|node| {
            node.of_metrics.iter().flat_map(|seen| {
                let middle = seen.start + (seen.end - seen.start) / 2;
                node.of_log.iter().map(move |start| (middle - *start).num_seconds())
            })
        })
        .filter(|shift| shift.abs() <= OFFSET_MAX_S)
        .collect();
    shifts.sort_unstable();
    shifts.dedup();
    let fits: Vec<Fit> = shifts.into_iter().map(|shift_s| fit(nodes, shift_s)).collect();
    let best = fits.iter().copied().max_by(|a, b| {
        // Of equal shifts the smaller one: clocks are mostly right.
        a.score().cmp(&b.score()).then(b.shift_s.abs().cmp(&a.shift_s.abs()))
    })?;
    if best.matched == 0 || best.missed * 3 > best.matched {
        return None;
    }
    let rival = fits
        .iter()
        .filter(|fit| fit.lowest_s > best.highest_s || fit.highest_s < best.lowest_s)
        .map(|fit| fit.score())
        .max()
        .unwrap_or(0)
        .max(0);
    // Restarts at equal distances fit at several shifts.
    if rival * 2 > best.score() {
        return None;
    }
    let middle = i64::midpoint(best.lowest_s, best.highest_s);
    let precision_s = ((best.highest_s - best.lowest_s) / 2).max(1);
    let agree = (best.lowest_s - SLACK_S..=best.highest_s + SLACK_S).contains(&0);
    let zone_s = middle.div_euclid(ZONE_STEP_S) * ZONE_STEP_S;
    let zone_s = if middle - zone_s > ZONE_STEP_S / 2 { zone_s + ZONE_STEP_S } else { zone_s };
    let is_zone = zone_s.abs() >= ZONE_MIN_S
        && (best.lowest_s - SLACK_S..=best.highest_s + SLACK_S).contains(&zone_s);
    let confidence = match best.matched {
        3.. if best.missed == 0 => Confidence::Certain,
        2.. => Confidence::Likely,
        _ if is_zone => Confidence::Likely,
        _ => Confidence::Possible,
    };
    let ahead_s = match (agree, is_zone) {
        (true, _) => 0,
        (false, true) => zone_s,
        (false, false) => middle,
    };
    let n_events = u64::try_from(best.matched).unwrap_or(0);
    Some(ClockOffset { ahead_s, precision_s, confidence, n_events })
}

/// The same of things that are less surely the same on both sides, such as errors of connections
/// when the database restarts: once may be chance, so at least two have to fit, and none may be
/// missing.
pub fn sighting_offset(sources: &Restarts) -> Option<ClockOffset> {
    let offset = restart_offset(std::slice::from_ref(sources))?;
    let best = fit(std::slice::from_ref(sources), shift_of(sources, &offset)?);
    (offset.n_events >= SIGHTINGS_MIN && best.missed == 0).then_some(offset)
}

/// The shift behind an offset that was rounded to a zone or to none.
fn shift_of(sources: &Restarts, offset: &ClockOffset) -> Option<i64> {
    let shifts = sources.of_metrics.iter().flat_map(|seen| {
        let middle = seen.start + (seen.end - seen.start) / 2;
        sources.of_log.iter().map(move |start| (middle - *start).num_seconds())
    });
    shifts.min_by_key(|shift| (shift - offset.ahead_s).abs())
}

/// The zone that exports of local times were written in if they are ahead by that much.
pub fn zone_of(offset: &ClockOffset) -> Option<i64> {
    let is_zone = offset.ahead_s.abs() >= ZONE_MIN_S && offset.ahead_s % ZONE_STEP_S == 0;
    is_zone.then_some(offset.ahead_s)
}

/// Whether a restart that metrics saw lies in a time.
pub(crate) fn seen_in(seen: &[Window], time: Window) -> bool {
    seen.iter().any(|seen| seen.start <= time.end && time.start <= seen.end)
}

fn fit(nodes: &[Restarts], shift_s: i64) -> Fit {
    let mut fit = Fit { shift_s, matched: 0, missed: 0, lowest_s: i64::MIN, highest_s: i64::MAX };
    let seconds = |at: DateTime<Utc>| at.timestamp();
    for node in nodes {
        for seen in &node.of_metrics {
            let (from, to) = (seconds(seen.start), seconds(seen.end));
            let found = node
                .of_log
                .iter()
                .map(|start| seconds(*start))
                .find(|start| (from - SLACK_S..=to + SLACK_S).contains(&(start + shift_s)));
            match found {
                Some(start) => {
                    fit.matched += 1;
                    fit.lowest_s = fit.lowest_s.max(from - start);
                    fit.highest_s = fit.highest_s.min(to - start);
                }
                None if covers(node.log_window, from - shift_s, to - shift_s) => fit.missed += 1,
                None => {}
            }
        }
        for start in node.of_log.iter().map(|start| seconds(*start)) {
            let on_metrics = start + shift_s;
            let seen = node.of_metrics.iter().any(|seen| {
                (seconds(seen.start) - SLACK_S..=seconds(seen.end) + SLACK_S).contains(&on_metrics)
            });
            if !seen && covers(node.metrics_window, on_metrics - SLACK_S, on_metrics + SLACK_S) {
                fit.missed += 1;
            }
        }
    }
    if fit.lowest_s > fit.highest_s {
        // Matches within the slack on either side.
        std::mem::swap(&mut fit.lowest_s, &mut fit.highest_s);
    }
    fit
}

fn covers(window: Window, from: i64, to: i64) -> bool {
    window.start.timestamp() <= from && to <= window.end.timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(s: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000, 0).unwrap() + TimeDelta::seconds(s)
    }

    /// A node over six hours; metrics of one minute whose clock is `ahead_s` ahead.
    fn node(starts: &[i64], ahead_s: i64) -> Restarts {
        let window = |shift: i64| Window { start: at(shift), end: at(21_600 + shift) };
        let seen = starts.iter().map(|start| {
            let on_metrics = start + ahead_s;
            let before = on_metrics.div_euclid(60) * 60;
            Window { start: at(before), end: at(before + 60) }
        });
        Restarts {
            of_log: starts.iter().map(|start| at(*start)).collect(),
            log_window: window(0),
            of_metrics: seen.collect(),
            metrics_window: window(ahead_s),
        }
    }

    #[test]
    fn several_restarts_give_the_zone_for_certain() {
        let found = restart_offset(&[node(&[4_000, 9_111, 15_900], 7_200)]).unwrap();
        assert_eq!((found.ahead_s, found.confidence), (7_200, Confidence::Certain));
        assert_eq!((zone_of(&found), found.n_events), (Some(7_200), 3));
    }

    #[test]
    fn a_clock_that_is_off_is_told_within_a_sample() {
        let nodes = [node(&[4_000, 9_111], 400), node(&[12_345], 400)];
        let found = restart_offset(&nodes).unwrap();
        assert!((found.ahead_s - 400).abs() <= 60, "{found:?}");
        assert_eq!(zone_of(&found), None);
        assert!(found.precision_s <= 60);
    }

    #[test]
    fn one_restart_is_enough_for_a_zone_and_possible_for_anything_else() {
        let zone = restart_offset(&[node(&[9_111], -18_000)]).unwrap();
        assert_eq!((zone.ahead_s, zone.confidence), (-18_000, Confidence::Likely));
        let odd = restart_offset(&[node(&[9_111], 1_234)]).unwrap();
        assert_eq!(odd.confidence, Confidence::Possible);
    }

    #[test]
    fn clocks_that_agree_have_no_offset() {
        assert_eq!(restart_offset(&[node(&[4_000, 9_111], 0)]).unwrap().ahead_s, 0);
    }

    #[test]
    fn sightings_of_things_that_have_nothing_to_do_with_one_another_give_no_offset() {
        let mut state = 88_172_645_463_325_252_u64;
        let mut next = |below: i64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            i64::try_from(state % u64::try_from(below).unwrap()).unwrap()
        };
        // A day; one to five restarts of one, and one to five bursts of errors of the other.
        let day = Window { start: at(0), end: at(86_400) };
        let (mut found, mut certain) = (0, 0);
        for _ in 0..20_000 {
            let (n_own, n_other) = (1 + next(5), 1 + next(5));
            let of_log = (0..n_own).map(|_| at(next(86_400))).collect();
            let of_metrics = (0..n_other)
                .map(|_| {
                    let from = next(1440) * 60;
                    Window { start: at(from), end: at(from + 60) }
                })
                .collect();
            let chance = Restarts { of_log, log_window: day, of_metrics, metrics_window: day };
            let offset = sighting_offset(&chance).filter(|offset| offset.ahead_s != 0);
            found += i32::from(offset.is_some());
            certain += i32::from(offset.is_some_and(|o| o.confidence == Confidence::Certain));
        }
        println!("{found} and {certain} certain of 20000");
        assert!(found <= 60, "{found} of 20000 are said by chance: more than 3 in 1000");
        assert!(certain <= 2, "{certain} of 20000 would be applied by chance");
    }

    #[test]
    fn sightings_give_the_offset_of_two_and_more_and_nothing_of_one() {
        let minutes = |starts: &[i64], ahead_s: i64| Restarts {
            log_window: Window { start: at(-90_000), end: at(180_000) },
            ..node(starts, ahead_s)
        };
        let found = sighting_offset(&minutes(&[4_000, 9_111, 15_900], 400)).unwrap();
        assert!((found.ahead_s - 400).abs() <= 60, "{found:?}");
        assert_eq!(found.confidence, Confidence::Certain);
        assert_eq!(
            sighting_offset(&minutes(&[4_000, 9_111], 400)).unwrap().confidence,
            Confidence::Likely
        );
        assert_eq!(sighting_offset(&minutes(&[4_000], 400)), None);
        // A third that only one of them saw says that they are not the same.
        let mut one_more = minutes(&[4_000, 9_111], 400);
        one_more.of_metrics.push(Window { start: at(18_000), end: at(18_060) });
        assert_eq!(sighting_offset(&one_more), None);
    }

    #[test]
    fn restarts_at_equal_distances_and_restarts_of_others_say_nothing() {
        let hourly: Vec<i64> = (1..6).map(|hour| hour * 3_600).collect();
        let mut cut = node(&hourly, 3_600);
        cut.metrics_window = Window { start: at(7_000), end: at(18_500) };
        cut.of_metrics.retain(|seen| seen.start >= at(7_000) && seen.end <= at(18_500));
        assert_eq!(restart_offset(&[cut]), None);
        // Two restarts in the log, of which the metrics saw none, and one that only they saw.
        let mut other = node(&[4_000, 9_000], 0);
        other.of_metrics = vec![Window { start: at(16_000), end: at(16_060) }];
        assert_eq!(restart_offset(&[other]), None);
        assert_eq!(restart_offset(&[]), None);
    }
}
