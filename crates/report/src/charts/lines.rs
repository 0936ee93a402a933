//! What is drawn of the series: the highest as lines, the rest as a band, no finer than pixels.

use super::{ChartSeries, ChartSpec, SERIES_MAX};
use chrono::{DateTime, Utc};
use model::Window;

/// Columns of the plot that are told apart: one per pixel of its width.
const COLUMNS: usize = 700;

/// A piece of a line without gaps: share of the window's width (0 to 1), and value.
pub(super) type Piece = Vec<(f64, f64)>;

/// A piece of a band without gaps: share of the window's width, lowest and highest value.
pub(super) type BandPiece = Vec<(f64, f64, f64)>;

/// Steps without a point that are a gap, whether a file has empty cells there or no rows.
const GAP_STEPS: f64 = 2.6;

/// A series as it is drawn.
pub(super) struct Line {
    /// What the legend says.
    pub(super) label: String,
    /// Its pieces between gaps.
    pub(super) pieces: Vec<Piece>,
    /// The highest value in the window.
    pub(super) max: f64,
}

/// What is drawn.
pub(super) struct Plan {
    /// The highest series, in the order of the chart.
    pub(super) lines: Vec<Line>,
    /// Of all others, in pieces between gaps.
    pub(super) band: Vec<BandPiece>,
    /// How many series the band stands for.
    pub(super) n_band: usize,
    /// The lowest value of the axis.
    pub(super) min: f64,
    /// The highest value of the axis.
    pub(super) max: f64,
    /// Whether the axis goes by powers of ten, where lines would lie flat on it otherwise.
    pub(super) log: bool,
}

/// A line whose peak is so many times below the top cannot be seen on a linear axis.
const FLAT_TIMES: f64 = 15.0;
/// A logarithmic axis goes down so many times from its top at most.
const LOG_SPAN: f64 = 1e5;

impl Plan {
    /// `None` if no series has a value in the window.
    pub(super) fn new(spec: &ChartSpec) -> Option<Self> {
        let window = spec.window;
        if window.end <= window.start {
            return None;
        }
        let mut ranked: Vec<(usize, f64)> = spec
            .series
            .iter()
            .enumerate()
            .filter_map(|(idx, series)| {
                let max = values(series, window).fold(f64::NEG_INFINITY, f64::max);
                max.is_finite().then_some((idx, max))
            })
            .collect();
        // The highest first; of equal ones the order of the chart.
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let rest = ranked.split_off(ranked.len().min(SERIES_MAX));
        ranked.sort_by_key(|(idx, _)| *idx);
        let lines: Vec<Line> = ranked
            .iter()
            .filter_map(|(idx, max)| {
                let series = spec.series.get(*idx)?;
                Some(Line {
                    label: series.label.plain(),
                    pieces: pieces(series, window),
                    max: *max,
                })
            })
            .collect();
        let all = || spec.series.iter().flat_map(|series| values(series, window));
        let max = all().fold(f64::NEG_INFINITY, f64::max);
        if !max.is_finite() {
            return None;
        }
        let mut top = max;
        for threshold in &spec.thresholds {
            // A threshold far above would press the values flat.
            if threshold.value.is_finite() && threshold.value <= max * 3.0 {
                top = top.max(threshold.value);
            }
        }
        let min = all().fold(0.0, f64::min);
        let top = if top > min { top } else { min + 1.0 };
        // Durations only: half of a count or of a heap should look like half.
        let flat = lines.iter().any(|line| line.max > 0.0 && line.max * FLAT_TIMES < top);
        let lowest = all().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
        if spec.unit == "s" && flat && min >= 0.0 && lowest < top {
            let rest_series: Vec<&ChartSeries> =
                rest.iter().filter_map(|(idx, _)| spec.series.get(*idx)).collect();
            return Some(Self {
                lines,
                band: band(&rest_series, window),
                n_band: rest.len(),
                min: lowest.max(top / LOG_SPAN) * 0.8,
                max: top * 1.4,
                log: true,
            });
        }
        let rest_series: Vec<&ChartSeries> =
            rest.iter().filter_map(|(idx, _)| spec.series.get(*idx)).collect();
        Some(Self {
            lines,
            band: band(&rest_series, window),
            n_band: rest.len(),
            min,
            max: top + (top - min) * 0.06,
            log: false,
        })
    }

    /// Where a value lies on the axis, 0 to 1; what a logarithmic axis cannot show lies on its
    /// lower end.
    pub(super) fn height(&self, value: f64) -> f64 {
        if self.log {
            (value.max(self.min) / self.min).ln() / (self.max / self.min).ln()
        } else {
            (value - self.min) / (self.max - self.min)
        }
    }

    /// Entries of the legend.
    pub(super) fn legend_len(&self) -> usize {
        self.lines.len() + usize::from(self.n_band > 0)
    }
}

/// Where a time lies in the window, 0 to 1.
pub(super) fn share(at: DateTime<Utc>, window: Window) -> f64 {
    let ms = |at: DateTime<Utc>| at.timestamp_millis();
    #[expect(clippy::cast_precision_loss, reason = "spans of charts are far below 2^52 ms")]
    let share =
        (ms(at) - ms(window.start)) as f64 / (ms(window.end) - ms(window.start)).max(1) as f64;
    share
}

fn values(series: &ChartSeries, window: Window) -> impl Iterator<Item = f64> {
    inside(series, window).filter_map(|(_, value)| value)
}

fn inside(
    series: &ChartSeries,
    window: Window,
) -> impl Iterator<Item = (DateTime<Utc>, Option<f64>)> {
    series
        .points
        .iter()
        .filter(move |(at, _)| window.start <= *at && *at <= window.end)
        .map(|(at, value)| (*at, value.filter(|value| value.is_finite())))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares are 0 to 1")]
#[expect(clippy::cast_precision_loss, reason = "a small constant")]
fn column(share: f64) -> usize {
    (share * COLUMNS as f64) as usize
}

/// The line cut at gaps; where several points share a column their first, lowest, highest and
/// last stay, so that no peak is lost.
fn pieces(series: &ChartSeries, window: Window) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut open: Piece = Vec::new();
    let mut cell: Vec<(f64, f64)> = Vec::new();
    let mut cell_column = usize::MAX;
    let gap = GAP_STEPS * step(series, window);
    let mut last_x = f64::NEG_INFINITY;
    for (at, value) in inside(series, window) {
        let x = share(at, window);
        match value {
            Some(value) => {
                if x - last_x > gap {
                    flush(&mut cell, &mut open);
                    pieces.extend((!open.is_empty()).then(|| std::mem::take(&mut open)));
                }
                last_x = x;
                if column(x) != cell_column {
                    flush(&mut cell, &mut open);
                    cell_column = column(x);
                }
                cell.push((x, value));
            }
            None => {
                flush(&mut cell, &mut open);
                if !open.is_empty() {
                    pieces.push(std::mem::take(&mut open));
                }
            }
        }
    }
    flush(&mut cell, &mut open);
    if !open.is_empty() {
        pieces.push(open);
    }
    pieces
}

fn flush(cell: &mut Vec<(f64, f64)>, open: &mut Piece) {
    if cell.len() <= 4 {
        open.append(cell);
        return;
    }
    let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
    let mut kept: Vec<(f64, f64)> =
        [cell.first(), cell.iter().min_by(by_value), cell.iter().max_by(by_value), cell.last()]
            .into_iter()
            .flatten()
            .copied()
            .collect();
    kept.sort_by(|a, b| a.0.total_cmp(&b.0));
    kept.dedup();
    open.append(&mut kept);
    cell.clear();
}

/// The usual distance of two points, as a share of the window; 1 for a single point.
fn step(series: &ChartSeries, window: Window) -> f64 {
    let mut distances: Vec<f64> = inside(series, window)
        .zip(inside(series, window).skip(1))
        .map(|((a, _), (b, _))| share(b, window) - share(a, window))
        .filter(|distance| *distance > 0.0)
        .collect();
    let middle = distances.len() / 2;
    if distances.is_empty() {
        return 1.0;
    }
    *distances.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Lowest and highest value of several series per column, cut where none of them has a point.
fn band(series: &[&ChartSeries], window: Window) -> Vec<BandPiece> {
    let mut columns: Vec<Option<(f64, f64, f64)>> = vec![None; COLUMNS + 1];
    for (at, value) in series.iter().flat_map(|series| inside(series, window)) {
        let x = share(at, window);
        let (Some(value), Some(slot)) = (value, columns.get_mut(column(x))) else { continue };
        let (_, low, high) = slot.unwrap_or((x, value, value));
        *slot = Some((x, low.min(value), high.max(value)));
    }
    #[expect(clippy::cast_precision_loss, reason = "a small constant")]
    let narrowest = 2.0 / COLUMNS as f64;
    let step = series.iter().map(|series| step(series, window)).fold(0.0, f64::max);
    let gap = (GAP_STEPS * step).max(narrowest);
    let mut pieces: Vec<BandPiece> = Vec::new();
    for point in columns.into_iter().flatten() {
        match pieces.last_mut() {
            Some(piece) if piece.last().is_some_and(|last| point.0 - last.0 <= gap) => {
                piece.push(point);
            }
            _ => pieces.push(vec![point]),
        }
    }
    pieces
}
