//! Local clocks settled across files: what one export says about the zone of the others.

use crate::limits::LOCAL_TIME;
use crate::zone::{OffsetGuess, Reference, infer_offset};
use crate::{Clock, Metrics};
use chrono::{DateTime, NaiveDateTime, Utc};
use model::{Confidence, Window};

/// What was concluded about the clock of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockNote {
    /// Which of the files, by index.
    pub file: usize,
    /// The offset that was taken away from its times.
    pub guess: OffsetGuess,
}

/// What sources other than exports say about the clock of the exports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// When the support packet was generated.
    pub packet_at: Option<DateTime<Utc>>,
    /// The last record of the logs, where there is no packet.
    pub last_record: Option<DateTime<Utc>>,
    /// The offset that the server's own logs are written in, if it is not UTC: people who look at a
    /// dashboard mostly sit in the zone of their server.
    pub log_offset_s: Option<i32>,
}

/// An export whose times are UTC.
struct Known {
    window: Window,
    exported: Option<NaiveDateTime>,
}

/// Seconds by which the ends of two exports of one dashboard range may differ: two usual steps.
const SAME_END_S: i64 = 120;

/// Offsets of all time zones are multiples of this.
const QUARTER_S: i64 = 900;

/// An export whose last sample is older than this was not made of a range that ended then.
const FRESH_S: i64 = 1800;

/// Moves local times without a zone to UTC where the exports themselves say the offset.
///
/// In this order: an export with epoch times of the same dashboard range (start and end differ by
/// the same whole offset); an export with epoch times whose file name says when it was made; the
/// time of the packet against that of the export; the end of the logs, likely where it gives the
/// offset that the logs are written in; that offset alone. Files that nothing speaks for stay local.
/// The limit `local time without zone` goes away only where the guess is likely.
pub fn settle_clocks(files: &mut [Metrics], hints: Hints) -> Vec<ClockNote> {
    let known: Vec<Known> = files
        .iter()
        .filter(|file| file.series.iter().all(|series| series.clock == Clock::Utc))
        .filter_map(|file| Some(Known { window: window(file)?, exported: file.exported_at }))
        .collect();
    let mut notes = Vec::new();
    for (idx, file) in files.iter_mut().enumerate() {
        if file.series.iter().all(|series| series.clock != Clock::Local) {
            continue;
        }
        let Some(local) = window(file) else { continue };
        let exported = file.exported_at;
        let fresh = exported.is_some_and(|at| is_fresh(local, at));
        let by_range =
            || agreed(known.iter().filter_map(|known| same_range(local, exported, known)));
        let by_name = || {
            let mut guess = agreed(known.iter().filter_map(|known| {
                infer_offset(known.exported?, Reference::LastSample(known.window.end))
            }))?;
            if !fresh {
                guess.confidence = Confidence::Possible;
            }
            Some(guess)
        };
        let by_packet = || infer_offset(exported?, Reference::PacketGenerated(hints.packet_at?));
        let surest = [by_range(), by_name(), by_packet(), by_logs(exported, hints)]
            .into_iter()
            .flatten()
            .min_by_key(|guess| guess.confidence);
        let Some(guess) = surest else { continue };
        for series in &mut file.series {
            series.with_offset(guess.offset_s);
            if guess.confidence <= Confidence::Likely {
                series.limits.retain(|limit| limit != LOCAL_TIME);
            }
        }
        notes.push(ClockNote { file: idx, guess });
    }
    notes
}

/// What the logs say: their end against the time of export, and the offset they are written in.
fn by_logs(exported: Option<NaiveDateTime>, hints: Hints) -> Option<OffsetGuess> {
    let by_end = exported
        .zip(hints.last_record)
        .and_then(|(exported, at)| infer_offset(exported, Reference::LastRecord(at)));
    match (by_end, hints.log_offset_s) {
        (Some(guess), Some(offset_s)) if guess.offset_s == offset_s => Some(OffsetGuess {
            confidence: Confidence::Likely,
            why: format!("{}, which gives the offset that the logs are written in", guess.why),
            ..guess
        }),
        (_, Some(offset_s)) => Some(OffsetGuess {
            offset_s,
            confidence: Confidence::Possible,
            why: "the offset that the server's own logs are written in".to_owned(),
        }),
        (guess, None) => guess,
    }
}

fn window(file: &Metrics) -> Option<Window> {
    file.series.iter().filter_map(|series| series.window()).reduce(Window::hull)
}

/// Whether an export's range ended when it was made; both times are of the same clock.
fn is_fresh(local: Window, exported: NaiveDateTime) -> bool {
    (0..FRESH_S).contains(&(exported.and_utc() - local.end).num_seconds())
}

/// The offset between two exports of one range: both ends are off by the same.
///
/// Ranges such as "the last six hours" move: unless the exports were made together, or the range
/// was over long before the export, that they are as long says little.
fn same_range(
    local: Window,
    exported: Option<NaiveDateTime>,
    known: &Known,
) -> Option<OffsetGuess> {
    let utc = known.window;
    let (start, end) =
        ((local.start - utc.start).num_seconds(), (local.end - utc.end).num_seconds());
    let offset_s = (end + QUARTER_S / 2).div_euclid(QUARTER_S) * QUARTER_S;
    let near = |difference_s: i64| (difference_s - offset_s).abs() <= SAME_END_S;
    let long = (utc.end - utc.start).num_seconds() > FRESH_S;
    if !(near(start) && near(end) && long && (-12 * 3600..=14 * 3600).contains(&offset_s)) {
        return None;
    }
    let sure = exported.is_some_and(|at| {
        let together =
            known.exported.is_some_and(|known| (at - known).num_seconds().abs() <= FRESH_S);
        together || !is_fresh(local, at)
    });
    Some(OffsetGuess {
        offset_s: i32::try_from(offset_s).ok()?,
        confidence: if sure { Confidence::Likely } else { Confidence::Possible },
        why: "first and last sample against those of an export of the same range in utc".to_owned(),
    })
}

/// The surest of several guesses; if they contradict one another no more than possible.
fn agreed(guesses: impl Iterator<Item = OffsetGuess>) -> Option<OffsetGuess> {
    let all: Vec<OffsetGuess> = guesses.collect();
    let mut best = all.iter().min_by_key(|guess| (guess.confidence, guess.offset_s))?.clone();
    if all.iter().any(|guess| guess.offset_s != best.offset_s) {
        best.confidence = Confidence::Possible;
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use super::{Hints, settle_clocks};
    use crate::{Clock, Metrics, Options, parse};
    use chrono::DateTime;
    use model::Confidence;

    const START_S: i64 = 1_741_770_000;

    /// An export of an hour, with epochs or as local text.
    fn export(name: &str, start_s: i64, local: bool) -> Metrics {
        let mut text = "\"Time\",\"web-1:8067\"\n".to_owned();
        for minute in 0..=60 {
            let at = DateTime::from_timestamp(start_s + minute * 60, 0).expect("a time");
            let time = if local {
                at.format("%F %T").to_string()
            } else {
                at.timestamp_millis().to_string()
            };
            text.push_str(&format!("{time},{minute}\n"));
        }
        parse(name, text.as_bytes(), &Options::default()).records
    }

    #[test]
    fn an_old_range_exported_much_later_is_settled_by_its_ends() {
        // Both exports were made three hours after the range: the names alone would mislead.
        let mut files = [
            export("Goroutines-data-2025-03-12 15_04_00.csv", START_S, false),
            export("Heap Utilization-data-2025-03-12 15_05_00.csv", START_S + 7200, true),
        ];
        let notes = settle_clocks(&mut files, Hints::default());
        assert_eq!(
            (notes[0].guess.offset_s, notes[0].guess.confidence),
            (7200, Confidence::Likely)
        );
        assert_eq!(files[1].series[0].samples[0].at_ms, START_S * 1000);
        assert_eq!(files[1].series[0].clock, Clock::Inferred { offset_s: 7200 });
    }

    #[test]
    fn exports_that_contradict_one_another_make_the_guess_no_more_than_possible() {
        let mut files = [
            export("A-data-2025-03-12 12_04_00.csv", START_S, false),
            export("B-data-2025-03-12 14_04_00.csv", START_S, false),
            export("C-data-2025-03-12 12_07_00.csv", START_S + 9600, true),
        ];
        let notes = settle_clocks(&mut files, Hints::default());
        assert_eq!(notes[0].guess.confidence, Confidence::Possible);
        assert!(files[2].series[0].limits.iter().any(|limit| limit == crate::LOCAL_TIME));
    }

    #[test]
    fn a_range_that_moved_between_two_exports_does_not_mislead() {
        // The last hour, in UTC at 10:04 and again at 12:04 on a clock two hours ahead of it.
        let mut files = [
            export("A-data-2025-03-12 12_04_00.csv", START_S, false),
            export("B-data-2025-03-12 14_04_00.csv", START_S + 4 * 3600, true),
        ];
        let notes = settle_clocks(&mut files, Hints::default());
        assert_eq!(
            (notes[0].guess.offset_s, notes[0].guess.confidence),
            (7200, Confidence::Likely)
        );
    }

    #[test]
    fn logs_say_the_zone_where_there_is_no_packet() {
        let hints = Hints {
            last_record: DateTime::from_timestamp(START_S + 3600, 0),
            log_offset_s: Some(7200),
            ..Hints::default()
        };
        let local = || [export("Heap-data-2025-03-12 12_04_00.csv", START_S + 7200, true)];
        let mut files = local();
        let notes = settle_clocks(&mut files, hints);
        assert_eq!(
            (notes[0].guess.offset_s, notes[0].guess.confidence),
            (7200, Confidence::Likely)
        );
        // A log in UTC says nothing about the zone, and its end alone is a weak hint.
        let mut files = local();
        let notes = settle_clocks(&mut files, Hints { log_offset_s: None, ..hints });
        assert_eq!(
            (notes[0].guess.offset_s, notes[0].guess.confidence),
            (7200, Confidence::Possible)
        );
        let mut files = [export("heap.csv", START_S + 7200, true)];
        let notes = settle_clocks(&mut files, hints);
        assert_eq!(notes[0].guess.confidence, Confidence::Possible);
    }

    #[test]
    fn without_any_hint_times_stay_local() {
        let mut files = [export("heap.csv", START_S, true)];
        assert_eq!(settle_clocks(&mut files, Hints::default()), []);
        assert_eq!(files[0].series[0].clock, Clock::Local);
    }
}
