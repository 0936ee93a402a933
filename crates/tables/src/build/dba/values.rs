//! Values of answers as cells.

use crate::cell::Cell;
use crate::clearing::Clearing;
use crate::table::RowWriter;
use ::dba::{AnswerCell, AnswerRow};
use chrono::{DateTime, Utc};
use slowlog::fingerprint::{Engine, Fingerprinter};
use text::Raw;

/// Writes a value as it was read.
pub(super) fn write(
    out: &mut RowWriter<'_>,
    column: &str,
    cell: &AnswerCell,
    engine: Engine,
    clearing: &Clearing<'_>,
    statements: &mut Fingerprinter,
) {
    match cell {
        AnswerCell::Bool(value) => out.bool(column, Some(*value)),
        AnswerCell::Int(value) => out.int(column, Some(*value)),
        AnswerCell::Float(value) => out.float(column, Some(*value)),
        AnswerCell::Time(at) => out.time(column, Some(*at)),
        AnswerCell::Span(ms) => out.cell(column, Cell::Span(*ms)),
        AnswerCell::Text(text) => out.value_or_gap(column, clearing.text(text)),
        AnswerCell::Statement(text) => {
            let Some((text, id)) = statement(text, engine, statements) else { return };
            let text = clearing.text(&Raw::new(text));
            out.value_or_gap(column, text);
            if column == "query" {
                out.word("fingerprint_id", &id.unwrap_or_default());
            }
            out
        }
    };
}

/// A statement without its literals, and its id unless the sheet cut it.
pub(super) fn statement(
    text: &Raw,
    engine: Engine,
    statements: &mut Fingerprinter,
) -> Option<(String, Option<String>)> {
    let text = text.untrusted();
    // What a session without the right sees instead.
    if text.starts_with('<') {
        return None;
    }
    let found = statements.fingerprint(text.as_bytes(), engine);
    Some((found.text, (!found.truncated).then(|| found.id.to_string())))
}

pub(super) fn time(row: &AnswerRow, column: &str) -> Option<DateTime<Utc>> {
    match row.cell(column)? {
        AnswerCell::Time(at) => Some(*at),
        AnswerCell::Bool(_)
        | AnswerCell::Int(_)
        | AnswerCell::Float(_)
        | AnswerCell::Span(_)
        | AnswerCell::Text(_)
        | AnswerCell::Statement(_) => None,
    }
}

pub(super) fn float(row: &AnswerRow, column: &str) -> Option<f64> {
    match row.cell(column)? {
        AnswerCell::Float(value) => Some(*value),
        AnswerCell::Bool(_)
        | AnswerCell::Int(_)
        | AnswerCell::Time(_)
        | AnswerCell::Span(_)
        | AnswerCell::Text(_)
        | AnswerCell::Statement(_) => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows and blocks are far below 2^53")]
pub(super) fn share(part: i64, all: i64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

/// A setting as a number: sizes in bytes, times in milliseconds.
pub(super) fn number(value: &str, unit: &str) -> Option<f64> {
    let value: f64 = value.trim().parse().ok().filter(|value: &f64| value.is_finite())?;
    // -1 and 0 switch something off.
    if value <= 0.0 {
        return Some(value);
    }
    let digits = unit.trim_end_matches(|c: char| !c.is_ascii_digit());
    let blocks: f64 = if digits.is_empty() { 1.0 } else { digits.parse().ok()? };
    let factor = match unit.trim_start_matches(|c: char| c.is_ascii_digit()) {
        "kB" => 1024.0,
        "MB" => 1024.0 * 1024.0,
        "GB" => 1024.0 * 1024.0 * 1024.0,
        "s" => 1e3,
        "min" => 60e3,
        "h" => 3_600e3,
        "d" => 86_400e3,
        // B, ms, and what has none.
        _ => 1.0,
    };
    Some(value * blocks * factor)
}

#[expect(clippy::cast_precision_loss, reason = "counts and bytes are far below 2^53")]
pub(super) fn number_of(row: &AnswerRow, column: &str) -> Option<f64> {
    float(row, column).or_else(|| row.int(column).map(|value| value as f64))
}
