//! The points of series, read by columns: there are millions of them.

use crate::{Data, Table, TextData};
use std::collections::BTreeMap;
use std::ops::Range;

/// A point: milliseconds since 1970 in UTC, and the value; `None` is a gap.
pub(crate) type Point = (i64, Option<f64>);

/// The table `samples`, by series.
pub(crate) struct Samples<'t> {
    times_ms: &'t [i64],
    time_gaps: Option<&'t [bool]>,
    values: &'t [f64],
    value_gaps: Option<&'t [bool]>,
    /// The rows of each series; the points of one stand together, mostly in one run.
    runs: BTreeMap<&'t str, Vec<Range<usize>>>,
}

impl<'t> Samples<'t> {
    /// Looks up where the points of each series stand.
    pub(crate) fn of(table: Table<'t>) -> Option<Self> {
        let (ids, at, values) =
            (table.column("series_id")?, table.column("at")?, table.column("value")?);
        let (Data::Text(ids), Data::Time(times_ms), Data::Float(cells)) =
            (ids.data(), at.data(), values.data())
        else {
            return None;
        };
        Some(Self {
            times_ms,
            time_gaps: at.nulls(),
            values: cells,
            value_gaps: values.nulls(),
            runs: runs(ids),
        })
    }

    /// The points of a series in the order of the table; none for a series that has none.
    pub(crate) fn points(&self, series_id: &str) -> Vec<Point> {
        let is_gap = |gaps: Option<&[bool]>, row: usize| {
            gaps.and_then(|gaps| gaps.get(row)).copied().unwrap_or(false)
        };
        let rows = self.runs.get(series_id).into_iter().flatten().cloned().flatten();
        rows.filter(|row| !is_gap(self.time_gaps, *row))
            .filter_map(|row| {
                let value = self.values.get(row).copied();
                let value = value.filter(|_| !is_gap(self.value_gaps, row));
                self.times_ms.get(row).map(|at_ms| (*at_ms, value))
            })
            .collect()
    }
}

fn runs<'t>(ids: TextData<'t>) -> BTreeMap<&'t str, Vec<Range<usize>>> {
    let mut runs: BTreeMap<&str, Vec<Range<usize>>> = BTreeMap::new();
    let mut from = 0;
    for run in ids.codes.chunk_by(|a, b| a == b) {
        if let Some(id) = ids.get(from) {
            runs.entry(id.as_str()).or_default().push(from..from + run.len());
        }
        from += run.len();
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::table;
    use crate::table::TableData;
    use model::Place;

    #[test]
    fn points_come_by_series_in_order_with_their_gaps() {
        let mut data = TableData::new(table("samples"));
        let place = Place { source: "a.csv".into(), location: "column:2".into() };
        for (id, points) in [
            ("one", vec![(1, Some(1.0)), (2, None)]),
            ("two", vec![(1, Some(9.0))]),
            ("one", vec![(3, Some(3.0))]),
        ] {
            data.push_rows(&place, points.len(), |rows| {
                rows.word("series_id", id);
                rows.times("at", points.iter().map(|(at_ms, _)| *at_ms));
                rows.floats("value", points.iter().map(|(_, value)| *value));
            });
        }
        let samples = Samples::of(data.view()).expect("the columns of samples");
        assert_eq!(samples.points("one"), [(1, Some(1.0)), (2, None), (3, Some(3.0))]);
        assert_eq!(samples.points("two"), [(1, Some(9.0))]);
        assert_eq!(samples.points("three"), []);
        assert_eq!(data.view().place(3), place);
        assert_eq!(data.view().n_rows(), 4);
    }
}
