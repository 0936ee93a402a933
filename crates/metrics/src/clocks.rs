//! Local clocks settled across files: what one export says about the zone of the others.

use crate::limits::LOCAL_TIME;
use crate::zone::{OffsetGuess, Reference, infer_offset};
use crate::{Clock, Metrics};
use chrono::{DateTime, Utc};
use model::{Confidence, Level as _};

/// What was concluded about the clock of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockNote {
    /// Which of the files, by index.
    pub file: usize,
    /// The offset that was taken away from its times.
    pub guess: OffsetGuess,
}

/// Moves local times without a zone to UTC where the exports themselves say the offset.
///
/// Every file name holds the time of the export on the dashboard's clock. An export with epoch
/// times of the same person gives the difference to UTC; else the time of the packet does, if it
/// is near. All files that agree share one offset; files that nothing speaks for stay local.
/// The limit `local time without zone` goes away only where the guess is likely.
pub fn settle_clocks(files: &mut [Metrics], packet_at: Option<DateTime<Utc>>) -> Vec<ClockNote> {
    let from_epochs = files.iter().filter_map(|file| {
        let utc = !file.series.is_empty() && file.series.iter().all(|s| s.clock == Clock::Utc);
        let last = file.series.iter().filter_map(|s| s.window()).map(|w| w.end).max()?;
        let guess = infer_offset(file.exported_at?, Reference::LastSample(last))?;
        utc.then_some(guess)
    });
    let shared = best(from_epochs);
    let mut notes = Vec::new();
    for (idx, file) in files.iter_mut().enumerate() {
        if file.series.iter().all(|s| s.clock != Clock::Local) {
            continue;
        }
        let by_packet = || infer_offset(file.exported_at?, Reference::PacketGenerated(packet_at?));
        let Some(guess) = shared.clone().or_else(by_packet) else { continue };
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

/// The surest guess; files that contradict one another make it no more than possible.
fn best(guesses: impl Iterator<Item = OffsetGuess>) -> Option<OffsetGuess> {
    let all: Vec<OffsetGuess> = guesses.collect();
    let mut best = all
        .iter()
        .min_by_key(|guess| (guess.confidence.as_str() != "likely", guess.offset_s))?
        .clone();
    if all.iter().any(|guess| guess.offset_s != best.offset_s) {
        best.confidence = Confidence::Possible;
    }
    Some(best)
}
