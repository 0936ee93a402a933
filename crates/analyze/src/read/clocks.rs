//! The clocks of metric files: local times moved to UTC where other sources say the offset.

use super::Sources;
use std::collections::BTreeMap;

impl Sources {
    /// Moves all metrics, whose clock is off, and says so in what was read.
    pub(crate) fn shift_metrics(&mut self, by: chrono::TimeDelta) {
        for (file, idx) in self.metrics.iter_mut().zip(&self.metric_lines) {
            for series in &mut file.series {
                match i32::try_from(-by.num_seconds()) {
                    Ok(offset_s) if series.clock == metrics::Clock::Local => {
                        series.with_offset(offset_s);
                    }
                    _ => series.shift(by.num_milliseconds()),
                }
                series.limits.retain(|limit| limit != metrics::LOCAL_TIME);
            }
            if let Some(line) = self.inputs.get_mut(*idx) {
                line.limits.retain(|limit| limit != metrics::LOCAL_TIME);
                line.window = line
                    .window
                    .map(|window| model::Window { start: window.start + by, end: window.end + by });
                let seconds = by.num_seconds();
                line.limits.push(format!("times moved by {seconds} s onto the nodes' clock"));
            }
        }
    }
}

/// Moves local times of metrics to UTC where other sources say the offset, and says so.
pub(super) fn settle_clocks(sources: &mut Sources) {
    let hints = zone_hints(sources);
    let notes = metrics::settle_clocks(&mut sources.metrics, hints);
    for (file, idx) in sources.metrics.iter().zip(&sources.metric_lines) {
        let Some(line) = sources.inputs.get_mut(*idx) else { continue };
        line.window =
            file.series.iter().filter_map(metrics::Series::window).reduce(model::Window::hull);
        let local = file
            .series
            .iter()
            .any(|series| series.limits.iter().any(|limit| limit == metrics::LOCAL_TIME));
        if !local {
            line.limits.retain(|limit| limit != metrics::LOCAL_TIME);
        }
    }
    for note in notes {
        let line = sources.metric_lines.get(note.file).and_then(|idx| sources.inputs.get_mut(*idx));
        if let Some(line) = line {
            let (sign, offset_s) = if note.guess.offset_s < 0 {
                ('-', -note.guess.offset_s)
            } else {
                ('+', note.guess.offset_s)
            };
            line.limits.push(format!(
                "zone inferred: UTC{sign}{:02}:{:02} ({})",
                offset_s / 3600,
                offset_s % 3600 / 60,
                note.guess.confidence
            ));
        }
    }
}

/// What packets and logs say about the zone of exports.
fn zone_hints(sources: &Sources) -> metrics::Hints {
    let packet_at = sources.packets.iter().filter_map(|packet| packet.generated_at).max();
    let logs = || sources.packets.iter().flat_map(|packet| &packet.logs.sources);
    let of_logs = logs().filter_map(|source| source.window).map(|window| window.end);
    let of_database = sources.slow.iter().flat_map(|slow| &slow.sources);
    let of_database = of_database.filter_map(|source| source.window).map(|window| window.end);
    let last_record = match packet_at {
        Some(_) => None,
        None => of_logs.chain(of_database).max(),
    };
    let mut offsets: BTreeMap<i32, u64> = BTreeMap::new();
    for (offset_s, lines) in logs().flat_map(|source| &source.offsets_s) {
        *offsets.entry(*offset_s).or_default() += lines;
    }
    // In a year of summer and winter time the newest lines would have to decide.
    let log_offset_s = match offsets.iter().next() {
        Some((offset_s, _)) if offsets.len() == 1 && *offset_s != 0 => Some(*offset_s),
        _ => None,
    };
    metrics::Hints { packet_at, last_record, log_offset_s }
}
