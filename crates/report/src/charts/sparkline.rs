//! A series as a line of blocks, for a terminal.

/// Blocks from lowest to highest.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One block per value between the lowest and the highest; a gap is a space.
///
/// A series without any change is a line of lowest blocks.
pub fn sparkline(values: &[Option<f64>]) -> String {
    let known = || values.iter().flatten().copied().filter(|value| value.is_finite());
    let (low, high) =
        (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let block = |value: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 7"
        )]
        let idx =
            if high > low { ((value - low) / (high - low) * 7.0).round() as usize } else { 0 };
        BLOCKS.get(idx).copied().unwrap_or(' ')
    };
    values.iter().map(|value| value.filter(|value| value.is_finite()).map_or(' ', block)).collect()
}

/// At most `columns` values (at least one): the highest of each stretch.
pub fn thinned(values: &[Option<f64>], columns: usize) -> Vec<Option<f64>> {
    let columns = columns.max(1).min(values.len());
    let end_of = |column: usize| column * values.len() / columns;
    (0..columns)
        .filter_map(|column| values.get(end_of(column)..end_of(column + 1)))
        .map(|stretch| stretch.iter().flatten().copied().reduce(f64::max))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{sparkline, thinned};
    use proptest::prelude::*;

    #[test]
    fn lowest_and_highest_values_span_the_blocks_and_gaps_stay_empty() {
        assert_eq!(sparkline(&[Some(0.0), Some(3.5), None, Some(7.0)]), "▁▅ █");
        assert_eq!(sparkline(&[Some(5.0), Some(5.0)]), "▁▁");
        assert_eq!(sparkline(&[]), "");
    }

    #[test]
    fn a_long_series_keeps_its_peaks_and_gaps() {
        let values = [Some(1.0), Some(9.0), None, None, Some(2.0)];
        assert_eq!(thinned(&values, 3), [Some(1.0), Some(9.0), Some(2.0)]);
        assert_eq!(thinned(&values, 2), [Some(9.0), Some(2.0)]);
        assert_eq!(thinned(&[], 3), []);
        assert_eq!(thinned(&values, 5), values);
        assert_eq!(thinned(&values, 0), [Some(9.0)]);
    }

    proptest! {
        #[test]
        fn any_values_give_one_character_each(values in proptest::collection::vec(any::<Option<f64>>(), 0..50)) {
            prop_assert_eq!(sparkline(&values).chars().count(), values.len());
        }
    }
}
