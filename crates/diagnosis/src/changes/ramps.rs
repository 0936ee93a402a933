//! Growth without a plateau: of memory, goroutines, file descriptors.
//!
//! The course is cut into blocks. What was flat and then grows to the end is a bent line: the bend
//! with the least squared error dates the growth. It counts when nearly all blocks behind the bend
//! lie above those before them, when no single step makes the growth, and when it still goes on.

use super::Found;
use crate::baseline::{Baseline, median};
use model::{Signal, SignalKind};

/// Blocks of the whole course.
const BLOCKS: usize = 24;
/// Points that a block has at least.
const BLOCK_POINTS_MIN: usize = 4;
/// Blocks behind the bend at least: a quarter of what was exported.
const GROWING_BLOCKS_MIN: usize = 6;
/// The factor by which it has grown.
const GROWTH_MIN: f64 = 1.3;
/// The share of pairs of blocks of which the later one is higher.
const CONCORDANT_MIN: f64 = 0.9;
/// The share of the growth that one step from block to block may have.
const STEP_MAX: f64 = 0.5;
/// The share of the growth that lies in the last third: less is a plateau.
const LATE_MIN: f64 = 0.15;

/// The growth of a signal; `None`: it has a plateau, or grows in one step, or not.
pub(super) fn ramp(grid: &Signal, points: &[f64]) -> Option<Found> {
    if grid.kind != SignalKind::Process || points.len() < BLOCKS * BLOCK_POINTS_MIN {
        return None;
    }
    let size = points.len() / BLOCKS;
    // What is left over belongs to the first block: the newest values count.
    let skipped = points.len() - size * BLOCKS;
    let medians: Vec<f64> = points
        .get(skipped..)?
        .chunks(size)
        .filter_map(|chunk| median(&mut chunk.to_vec()))
        .collect();
    let bend = bend(&medians)?;
    let growing = medians.get(bend..)?;
    if !grows(growing) {
        return None;
    }
    let from = if bend == 0 { 0 } else { skipped + bend * size };
    let quiet = points.get(..(from + size).min(points.len()))?;
    let baseline = Baseline::of(quiet, grid.floor, false)?;
    Some(Found { baseline, up: true, from, to: points.len(), ended: false, is_ramp: true })
}

/// Whether blocks grow steadily up to the last.
fn grows(blocks: &[f64]) -> bool {
    let n = blocks.len();
    let (Some(&first), Some(&last)) = (blocks.first(), blocks.last()) else { return false };
    let Some(&late) = blocks.get(n * 2 / 3) else { return false };
    if n < GROWING_BLOCKS_MIN || first <= 0.0 || last < first * GROWTH_MIN {
        return false;
    }
    let growth = last - first;
    let steepest = blocks
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some(b - a),
            _ => None,
        })
        .fold(0.0, f64::max);
    concordant(blocks) >= CONCORDANT_MIN
        && steepest <= STEP_MAX * growth
        && last - late >= LATE_MIN * growth
}

/// The share of pairs of which the later one is higher.
#[expect(clippy::cast_precision_loss, reason = "a handful of blocks")]
fn concordant(blocks: &[f64]) -> f64 {
    let mut higher = 0_usize;
    let mut pairs = 0_usize;
    for (idx, earlier) in blocks.iter().enumerate() {
        let later = blocks.get(idx + 1..).unwrap_or_default();
        pairs += later.len();
        higher += later.iter().filter(|value| *value > earlier).count();
    }
    if pairs == 0 { 0.0 } else { higher as f64 / pairs as f64 }
}

/// The block at which a flat line bends upwards: the one with the least squared error. `None`
/// when no line upwards fits.
fn bend(blocks: &[f64]) -> Option<usize> {
    (0..=blocks.len().checked_sub(GROWING_BLOCKS_MIN)?)
        .filter_map(|at| Some((at, bent_error(blocks, at)?)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(at, _)| at)
}

/// The squared error of the best line that is flat up to `at` and rises from there.
#[expect(clippy::cast_precision_loss, reason = "a handful of blocks")]
fn bent_error(blocks: &[f64], at: usize) -> Option<f64> {
    let n = blocks.len() as f64;
    let along = |idx: usize| idx.saturating_sub(at) as f64;
    let mean_x = (0..blocks.len()).map(along).sum::<f64>() / n;
    let mean_y = blocks.iter().sum::<f64>() / n;
    let (mut xy, mut xx) = (0.0, 0.0);
    for (idx, value) in blocks.iter().enumerate() {
        xy += (along(idx) - mean_x) * (value - mean_y);
        xx += (along(idx) - mean_x).powi(2);
    }
    let slope = xy / xx;
    (slope.is_finite() && slope > 0.0).then(|| {
        let level = mean_y - slope * mean_x;
        let error = |(idx, value): (usize, &f64)| (value - level - slope * along(idx)).powi(2);
        blocks.iter().enumerate().map(error).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bend_is_where_growth_begins() {
        let blocks: Vec<f64> =
            (0..24).map(|i| if i < 9 { 100.0 } else { 100.0 + 30.0 * f64::from(i - 9) }).collect();
        assert_eq!(bend(&blocks), Some(9));
    }

    #[test]
    fn a_step_a_plateau_and_a_fall_do_not_grow() {
        let step: Vec<f64> = (0..12).map(|i| if i < 6 { 100.0 } else { 300.0 }).collect();
        assert!(!grows(&step));
        let plateau: Vec<f64> = (0..12).map(|i| f64::from(i.min(6)) * 50.0 + 100.0).collect();
        assert!(!grows(&plateau));
        let fall: Vec<f64> = (0..12).map(|i| 900.0 - f64::from(i) * 50.0).collect();
        assert!(!grows(&fall));
        let growth: Vec<f64> = (0..12).map(|i| 100.0 + f64::from(i) * 20.0).collect();
        assert!(grows(&growth));
    }
}
