//! Robust statistics: what a signal was like before, and how far a value is from it.

/// A normal distribution's standard deviation is this many median absolute deviations.
pub(crate) const MAD_TO_SIGMA: f64 = 1.4826;
/// The noise that is assumed at least, as a share of the median: exports are rounded to three
/// digits, and a flat line must not make every wobble an outlier.
const NOISE_SHARE_MIN: f64 = 0.05;

/// The median; `None` for no values. Reorders `values`.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if below.is_empty() || below.len() > middle || values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = values.get(..middle)?.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(f64::midpoint(lower, upper))
}

/// What a signal was like in quiet times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Baseline {
    /// The median.
    pub(crate) median: f64,
    /// One scaled deviation: never zero.
    pub(crate) scale: f64,
}

impl Baseline {
    /// Of `values`, for a signal whose differences below `floor` do not matter and which is a
    /// count of events when `count`: then chance alone moves it by the root of its mean.
    pub(crate) fn of(values: &[f64], floor: f64, count: bool) -> Option<Self> {
        Self::around(median(&mut values.to_vec())?, values, floor, count)
    }

    /// As [`Baseline::of`], where the median is known.
    pub(crate) fn around(median: f64, values: &[f64], floor: f64, count: bool) -> Option<Self> {
        let mut deviations: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
        let mad = self::median(&mut deviations)?;
        let mut scale = (MAD_TO_SIGMA * mad).max(NOISE_SHARE_MIN * median.abs()).max(floor / 6.0);
        if count {
            #[expect(clippy::cast_precision_loss, reason = "a count of points")]
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            scale = scale.max((mean.max(0.0) + 1.0).sqrt());
        }
        Some(Self { median, scale: scale.max(f64::MIN_POSITIVE) })
    }

    /// How many scaled deviations `value` lies above the median.
    pub(crate) fn z(&self, value: f64) -> f64 {
        (value - self.median) / self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&mut [5.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(median(&mut []), None);
    }

    #[test]
    fn one_spike_does_not_move_the_baseline() {
        let baseline = Baseline::of(&[1.0, 1.1, 0.9, 1.0, 90.0, 1.0, 1.1], 0.0, false).unwrap();
        assert!(baseline.median < 1.2 && baseline.scale < 0.3, "{baseline:?}");
    }

    #[test]
    fn a_flat_line_has_noise_all_the_same() {
        assert!(Baseline::of(&[2.0; 20], 0.0, false).unwrap().scale >= 0.1);
    }
}
