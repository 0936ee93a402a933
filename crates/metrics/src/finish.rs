//! The last steps of every series: order, gaps, step, ceiling.

use crate::limits::{CEILING, QUANTILE_BY_ORDER};
use crate::panels::Query;
use crate::{Sample, Series, guess, identify};
use model::Issues;

/// The largest finite bucket of the server's histograms is 10 s: a quantile from there on is
/// cut off, and rounding may show it as a little less.
const CEILING_S: f64 = 9.9;

/// Brings a series into its promised shape.
pub(crate) fn finish(series: &mut Series, issues: &mut Issues) {
    order(series, issues);
    series.step_s = step_s(&series.samples);
    drop_foreign_grid(series);
    mark_gaps(series);
    guess::settle(series);
    let quantile = series.quantile.is_some() && series.unit == "s";
    if quantile && series.samples.iter().any(|s| s.value.is_some_and(|v| v >= CEILING_S)) {
        identify::limit(series, CEILING);
    }
}

fn order(series: &mut Series, issues: &mut Issues) {
    let samples = &mut series.samples;
    if samples.is_sorted_by(|a, b| a.at_ms < b.at_ms) {
        return;
    }
    samples.reverse();
    if !samples.is_sorted_by(|a, b| a.at_ms < b.at_ms) {
        samples.reverse();
        if !samples.is_sorted_by_key(|sample| sample.at_ms) {
            issues.add("rows are not in order of time", series.location.clone(), 0);
            samples.sort_by_key(|sample| sample.at_ms);
        }
        // Of several values for one moment the last one with a value stands.
        samples.dedup_by(|later, earlier| {
            let same = later.at_ms == earlier.at_ms;
            if same && later.value.is_some() {
                earlier.value = later.value;
            }
            same
        });
    }
}

/// The median distance of two samples with values, in seconds.
fn step_s(samples: &[Sample]) -> u32 {
    let mut last = None;
    let mut steps: Vec<i64> = Vec::new();
    for sample in samples.iter().filter(|sample| sample.value.is_some()) {
        if let Some(last) = last.replace(sample.at_ms) {
            steps.push(sample.at_ms - last);
        }
    }
    let median = match steps.first().copied() {
        None => 0,
        // The usual case: a sample every so often.
        Some(first) if steps.iter().all(|step| *step == first) => first,
        Some(_) => {
            let middle = steps.len() / 2;
            *steps.select_nth_unstable(middle).1
        }
    };
    u32::try_from((median + 500) / 1000).unwrap_or(u32::MAX)
}

/// Drops empty cells that belong to the times of other series of a join: they are no gaps.
fn drop_foreign_grid(series: &mut Series) {
    // Joins of different times leave at least every other cell empty; fewer are real gaps.
    let n_empty = series.samples.len() - series.points();
    if n_empty * 5 < series.samples.len() * 2 {
        return;
    }
    let near_ms = i64::from(series.step_s) * 900;
    let mut next_value = vec![i64::MAX; series.samples.len()];
    let mut next = i64::MAX;
    for (sample, slot) in series.samples.iter().zip(&mut next_value).rev() {
        if sample.value.is_some() {
            next = sample.at_ms;
        }
        *slot = next;
    }
    let mut previous = i64::MIN;
    let mut next_value = next_value.into_iter();
    series.samples.retain(|sample| {
        let next = next_value.next().unwrap_or(i64::MAX);
        if sample.value.is_some() {
            previous = sample.at_ms;
            return true;
        }
        let foreign = sample.at_ms.saturating_sub(previous) < near_ms
            && next.saturating_sub(sample.at_ms) < near_ms;
        !foreign
    });
}

/// Puts a gap where points are missing altogether.
fn mark_gaps(series: &mut Series) {
    let step_ms = i64::from(series.step_s) * 1000;
    let jumps = |a: &Sample, b: &Sample| {
        step_ms > 0 && a.value.is_some() && b.value.is_some() && b.at_ms - a.at_ms > step_ms * 3 / 2
    };
    let missing = series.samples.windows(2).any(|pair| matches!(pair, [a, b] if jumps(a, b)));
    if !missing {
        return;
    }
    let mut marked = Vec::with_capacity(series.samples.len() + 16);
    for sample in series.samples.drain(..) {
        if let Some(last) = marked.last()
            && jumps(last, &sample)
        {
            marked.push(Sample { at_ms: last.at_ms + step_ms, value: None });
        }
        marked.push(sample);
    }
    series.samples = marked;
}

/// Names quantiles whose legends do not say which they are, by the order of the panel's queries.
///
/// Grafana lists all series of the first query before those of the second. Taken only if every
/// node is there as often as there are queries and each later quantile is the smaller one.
pub(crate) fn quantiles_by_order(series: &mut [Series], queries: &'static [Query]) {
    let open: Vec<usize> = series
        .iter()
        .enumerate()
        .filter(|(_, s)| s.limits.iter().any(|limit| limit == QUANTILE_BY_ORDER))
        .map(|(idx, _)| idx)
        .collect();
    if open.len() < 2 || queries.len() < 2 {
        return;
    }
    let chunk = open.len() / queries.len();
    let at = |idx: usize| open.get(idx).and_then(|at| series.get(*at));
    let fits = open.len().is_multiple_of(queries.len())
        && (chunk..open.len()).all(|idx| match (at(idx - chunk), at(idx)) {
            (Some(a), Some(b)) => a.node == b.node && median(a) >= median(b),
            _ => false,
        });
    for (n, idx) in open.iter().enumerate() {
        let Some(series) = series.get_mut(*idx) else { continue };
        match queries.get(n / chunk.max(1)).filter(|_| fits) {
            Some(query) => {
                query.name.clone_into(&mut series.name);
                series.quantile = guess::quantile_of(query.name);
            }
            None => {
                // Which quantile stays open: the name without it.
                if let Some((base, _)) = series.name.clone().rsplit_once('-') {
                    base.clone_into(&mut series.name);
                }
                series.quantile = None;
            }
        }
    }
}

fn median(series: &Series) -> f64 {
    upper_median(&series.samples).unwrap_or(0.0)
}

/// The upper median of the values; `None` without any.
pub(crate) fn upper_median(samples: &[Sample]) -> Option<f64> {
    let mut values: Vec<f64> = samples.iter().filter_map(|sample| sample.value).collect();
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}
