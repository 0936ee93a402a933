//! Tables as the engine takes them.

use crate::table::TableData;
use crate::{Cell, Data};
use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, NamedFrom, PlSmallStr, PolarsResult, Series, TimeUnit,
};

/// Behind the name of a version column: its sort key, for comparisons.
pub(super) const KEY_SUFFIX: &str = "__version_key";

/// A table as a frame; with `keys`, versions have sort keys beside them.
pub(super) fn frame(table: &TableData, keys: bool) -> PolarsResult<DataFrame> {
    let mut columns: Vec<Column> = Vec::new();
    for view in table.view().columns() {
        let name = PlSmallStr::from_static(view.doc().name);
        let nulls = view.nulls();
        let series = match view.data() {
            Data::Bool(values) => Series::new(name, with_gaps(values, nulls)),
            Data::Int(values) | Data::Span(values) => Series::new(name, with_gaps(values, nulls)),
            Data::Float(values) => Series::new(name, with_gaps(values, nulls)),
            Data::Time(values) => Series::new(name, with_gaps(values, nulls))
                .cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?,
            Data::Text(texts) => {
                let texts: Vec<Option<&str>> = (0..table.n_rows)
                    .map(|row| texts.get(row).map(|value| value.as_str()))
                    .collect();
                Series::new(name, texts)
            }
            Data::Version(_) => {
                let versions: Vec<_> = (0..table.n_rows)
                    .map(|row| {
                        if let Cell::Version(version) = view.get(row) {
                            Some(version)
                        } else {
                            None
                        }
                    })
                    .collect();
                if keys {
                    let keys: Vec<Option<String>> = versions
                        .iter()
                        .map(|version| version.map(|version| version.sort_key()))
                        .collect();
                    let key = format!("{}{KEY_SUFFIX}", view.doc().name);
                    columns.push(Series::new(key.into(), keys).into_column());
                }
                let words: Vec<Option<String>> = versions
                    .iter()
                    .map(|version| version.map(|version| version.to_string()))
                    .collect();
                Series::new(name, words)
            }
        };
        columns.push(series.into_column());
    }
    DataFrame::new(columns)
}

fn with_gaps<T: Copy>(values: &[T], nulls: Option<&[bool]>) -> Vec<Option<T>> {
    match nulls {
        None => values.iter().map(|value| Some(*value)).collect(),
        Some(nulls) => {
            values.iter().zip(nulls).map(|(value, null)| (!null).then_some(*value)).collect()
        }
    }
}
