//! An answer and its forms.

use chrono::{DateTime, SecondsFormat, Utc};
use polars::prelude::{AnyValue, Column, DataFrame, DataType, IntoColumn, PolarsError, TimeUnit};
use polars_io::parquet::write::ParquetWriter;
use std::borrow::Cow;
use std::io::Write;

/// Letters of a cell that the text form shows.
const SHOWN_MAX: usize = 120;

/// A form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerFormat {
    /// A table for people.
    Text,
    /// Comma-separated, with a header.
    Csv,
    /// An array of objects.
    Json,
    /// Apache Parquet.
    Parquet,
}

impl AnswerFormat {
    /// The words for them, in the order of the variants.
    pub const NAMES: [&'static str; 4] = ["text", "csv", "json", "parquet"];

    /// The format of that word, or of that file extension.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "text" | "txt" => Some(Self::Text),
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// Why an answer was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// No such table, or it was not read.
    #[error("there is no table `{table}`, or it was not read")]
    NoTable {
        /// The name.
        table: String,
    },
    /// The target refused it.
    #[error("cannot write the answer")]
    Io(#[from] std::io::Error),
    /// The target refused it while it was written as CSV.
    #[error("cannot write the answer as csv")]
    Csv(#[from] csv::Error),
    /// It has no JSON form.
    #[error("cannot write the answer as json")]
    Json(#[from] serde_json::Error),
    /// The engine refused it.
    #[error("cannot write the answer: {0}")]
    Engine(String),
}

impl WriteError {
    pub(super) fn of_polars(error: &PolarsError) -> Self {
        Self::Engine(error.to_string())
    }
}

/// The rows of an answer. Numbers are signed, gaps are null.
#[derive(Clone, Debug)]
pub struct QueryAnswer {
    frame: DataFrame,
}

impl QueryAnswer {
    /// Signed numbers, and gaps in place of what is no number.
    pub(super) fn of_frame(frame: DataFrame) -> Self {
        let columns: Vec<Column> = frame.get_columns().iter().map(tidy).collect();
        Self { frame: DataFrame::new(columns).unwrap_or(frame) }
    }

    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.frame.height()
    }

    /// The names of the columns.
    pub fn columns(&self) -> Vec<String> {
        self.frame.get_column_names().iter().map(|name| name.to_string()).collect()
    }

    /// A cell as text; `None` for null.
    pub fn cell(&self, row: usize, column: usize) -> Option<String> {
        let value = self.frame.select_at_idx(column)?.get(row).ok()?;
        shown(&value)
    }

    /// Writes the answer.
    pub fn write(&self, format: AnswerFormat, out: &mut dyn Write) -> Result<(), WriteError> {
        match format {
            AnswerFormat::Text => self.write_text(out),
            AnswerFormat::Csv => self.write_csv(out),
            AnswerFormat::Json => self.write_json(out),
            AnswerFormat::Parquet => {
                let mut frame = self.frame.clone();
                ParquetWriter::new(out)
                    .finish(&mut frame)
                    .map(|_| ())
                    .map_err(|error| WriteError::of_polars(&error))
            }
        }
    }

    fn rows(&self) -> impl Iterator<Item = Vec<AnyValue<'_>>> {
        let columns = self.frame.get_columns();
        (0..self.frame.height()).map(move |row| {
            columns.iter().map(|column| column.get(row).unwrap_or(AnyValue::Null)).collect()
        })
    }

    fn write_text(&self, out: &mut dyn Write) -> Result<(), WriteError> {
        let header = self.columns();
        let rows: Vec<Vec<String>> = self
            .rows()
            .map(|row| row.iter().map(|value| cut(&shown(value).unwrap_or_default())).collect())
            .collect();
        let right: Vec<bool> =
            self.frame.get_columns().iter().map(|column| column.dtype().is_numeric()).collect();
        let mut widths: Vec<usize> = header.iter().map(|name| name.chars().count()).collect();
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut line = |cells: &[String]| -> std::io::Result<()> {
            let padded: Vec<String> = cells
                .iter()
                .zip(&widths)
                .zip(&right)
                .map(
                    |((cell, width), right)| {
                        if *right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
                    },
                )
                .collect();
            writeln!(out, "{}", padded.join("  ").trim_end())
        };
        line(&header)?;
        for row in &rows {
            line(row)?;
        }
        let n_rows = rows.len();
        writeln!(out, "({n_rows} {})", if n_rows == 1 { "row" } else { "rows" })?;
        Ok(())
    }

    fn write_csv(&self, out: &mut dyn Write) -> Result<(), WriteError> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(self.columns().iter().map(|name| harmless(name).into_owned()))?;
        for row in self.rows() {
            writer.write_record(row.iter().map(|value| {
                let text = shown(value).unwrap_or_default();
                if is_text(value) { harmless(&text).into_owned() } else { text }
            }))?;
        }
        writer.flush()?;
        Ok(())
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<(), WriteError> {
        let names = self.columns();
        writeln!(out, "[")?;
        let n_rows = self.n_rows();
        for (idx, row) in self.rows().enumerate() {
            let object: serde_json::Map<String, serde_json::Value> =
                names.iter().cloned().zip(row.iter().map(json)).collect();
            serde_json::to_writer(&mut *out, &object)?;
            writeln!(out, "{}", if idx + 1 < n_rows { "," } else { "" })?;
        }
        writeln!(out, "]")?;
        Ok(())
    }
}

/// Unsigned and short numbers become signed and wide; NaN and infinities become gaps.
fn tidy(column: &Column) -> Column {
    let dtype = column.dtype();
    if dtype.is_integer() && *dtype != DataType::Int64 {
        return column.cast(&DataType::Int64).unwrap_or_else(|_| column.clone());
    }
    if dtype.is_float() {
        let wide = column.cast(&DataType::Float64).unwrap_or_else(|_| column.clone());
        if let Ok(numbers) = wide.f64() {
            let finite: polars::prelude::Float64Chunked =
                numbers.iter().map(|number| number.filter(|number| number.is_finite())).collect();
            return polars::prelude::IntoSeries::into_series(
                finite.with_name(column.name().clone()),
            )
            .into_column();
        }
    }
    column.clone()
}

/// A spreadsheet takes such a cell for a formula; behind an apostrophe it is text.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

fn is_text(value: &AnyValue<'_>) -> bool {
    matches!(value, AnyValue::String(_) | AnyValue::StringOwned(_))
}

fn time(value: i64, unit: TimeUnit) -> Option<String> {
    let at: DateTime<Utc> = match unit {
        TimeUnit::Milliseconds => DateTime::from_timestamp_millis(value)?,
        TimeUnit::Microseconds => DateTime::from_timestamp_micros(value)?,
        TimeUnit::Nanoseconds => DateTime::from_timestamp_nanos(value),
    };
    Some(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// A cell as text.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the engine's types depend on its features; its own form fits the rest"
)]
fn shown(value: &AnyValue<'_>) -> Option<String> {
    match value {
        AnyValue::Null => None,
        AnyValue::String(text) => Some((*text).to_owned()),
        AnyValue::StringOwned(text) => Some(text.to_string()),
        AnyValue::Boolean(value) => Some(value.to_string()),
        AnyValue::Int64(value) => Some(value.to_string()),
        AnyValue::Float64(value) => Some(value.to_string()),
        AnyValue::Datetime(value, unit, _) => time(*value, *unit),
        other => Some(other.to_string()),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "everything else is written as text")]
fn json(value: &AnyValue<'_>) -> serde_json::Value {
    match value {
        AnyValue::Null => serde_json::Value::Null,
        AnyValue::Boolean(value) => (*value).into(),
        AnyValue::Int64(value) => (*value).into(),
        AnyValue::Float64(value) => (*value).into(),
        other => shown(other).map_or(serde_json::Value::Null, Into::into),
    }
}
