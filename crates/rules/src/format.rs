//! Values as people read them, by unit.

use crate::expr::Val;
use text::{Text, Value};

/// What stands for a value that is not known.
pub(crate) const UNKNOWN: &str = "(unknown)";

/// A value with its unit. Text from an input stays a value; numbers are our own words.
pub(crate) fn value(val: &Val<'_>, unit: &str) -> Text {
    match val {
        Val::Null => Text::ours(UNKNOWN),
        Val::Bool(value) => Text::ours(if *value { "true" } else { "false" }),
        Val::Int(number) => Text::ours(int(*number, unit)),
        Val::Float(number) => Text::ours(float(*number, unit)),
        // The name of a unit, not a value in one.
        Val::Text(name) if unit == "unit" => Text::ours(per(name)),
        Val::Text(text) => Text::value(Value::trusted(text.as_ref())),
        Val::Version(version) => Text::ours(version.to_string()),
        Val::Time(_) => Text::ours(val.time().map_or_else(
            || UNKNOWN.to_owned(),
            |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        )),
        Val::Span(ms) => Text::ours(duration(*ms)),
    }
}

/// A value as it is typed into a command: a whole number without separators.
pub(crate) fn exact(val: &Val<'_>, unit: &str) -> Text {
    match val {
        Val::Int(number) if matches!(unit, "" | "count") => Text::ours(number.to_string()),
        Val::Float(number) if unit.is_empty() && number.fract() == 0.0 => {
            Text::ours(format!("{number:.0}"))
        }
        Val::Null
        | Val::Bool(_)
        | Val::Int(_)
        | Val::Float(_)
        | Val::Text(_)
        | Val::Version(_)
        | Val::Time(_)
        | Val::Span(_) => value(val, unit),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn int(number: i64, unit: &str) -> String {
    match unit {
        "ms" => duration(number),
        "s" => duration(number.saturating_mul(1000)),
        "min" => duration(number.saturating_mul(60_000)),
        "bytes" => bytes(number as f64),
        "KB" => bytes(number as f64 * 1024.0),
        "MB" => bytes(number as f64 * 1024.0 * 1024.0),
        "ratio" => percent(number as f64),
        "" | "count" => thousands(number),
        // What identifies is no quantity: process 77123.
        "id" => number.to_string(),
        "%" => format!("{} %", thousands(number)),
        other => format!("{} {}", thousands(number), per(other)),
    }
}

fn float(number: f64, unit: &str) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, and is shown with three digits"
    )]
    let whole = |number: f64| number.round() as i64;
    match unit {
        "ms" if number.abs() < 10.0 => format!("{} ms", digits(number)),
        "ms" => duration(whole(number)),
        "s" => float(number * 1000.0, "ms"),
        "min" => duration(whole(number * 60_000.0)),
        "bytes" => bytes(number),
        "KB" => bytes(number * 1024.0),
        "MB" => bytes(number * 1024.0 * 1024.0),
        "ratio" => percent(number),
        "" | "count" => digits(number),
        "%" | "percent" => format!("{} %", digits(number)),
        other => format!("{} {}", digits(number), per(other)),
    }
}

/// `1/min` as it stands behind a number.
fn per(unit: &str) -> &str {
    match unit {
        "1/min" => "per minute",
        "1/s" => "per second",
        "1/h" => "per hour",
        // `count per 5 min`
        other => other.strip_prefix("count ").unwrap_or(other),
    }
}

/// A ratio as a percentage.
fn percent(ratio: f64) -> String {
    format!("{} %", digits(ratio * 100.0))
}

/// Three digits, or all before the point.
fn digits(number: f64) -> String {
    // No minus before what is nothing.
    let number = if number == 0.0 { 0.0 } else { number };
    let size = number.abs();
    if size >= 100.0 || number.fract() == 0.0 && size >= 1.0 {
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        return thousands(number.round() as i64);
    }
    let decimals = if size >= 10.0 { 1 } else { 2 };
    let text = if size > 0.0 && size < 0.01 {
        format!("{number:.4}")
    } else {
        format!("{number:.decimals$}")
    };
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    text.to_owned()
}

/// A whole number with thousands separators.
fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Milliseconds in the unit that fits.
#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn duration(ms: i64) -> String {
    const UNITS: &[(f64, &str)] =
        &[(86_400_000.0, "days"), (3_600_000.0, "h"), (60_000.0, "min"), (1000.0, "s")];
    let size = (ms as f64).abs();
    match UNITS
        .iter()
        .find(|(unit_ms, word)| size >= unit_ms * if *word == "days" { 2.0 } else { 1.0 })
    {
        Some((unit_ms, word)) => format!("{} {word}", digits(ms as f64 / unit_ms)),
        None => format!("{ms} ms"),
    }
}

fn bytes(number: f64) -> String {
    const UNITS: &[&str] = &["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut number = number;
    let mut unit = 0;
    while number.abs() >= 1024.0 && unit + 1 < UNITS.len() {
        number /= 1024.0;
        unit += 1;
    }
    format!("{} {}", digits(number), UNITS.get(unit).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(val: Val<'_>, unit: &str) -> String {
        value(&val, unit).plain()
    }

    #[test]
    fn values_are_shown_in_the_unit_that_fits() {
        assert_eq!(shown(Val::Int(1_234_567), ""), "1,234,567");
        assert_eq!(shown(Val::Int(-1_000), ""), "-1,000");
        assert_eq!(shown(Val::Float(0.8649), "ratio"), "86.5 %");
        assert_eq!(shown(Val::Float(1.0), "ratio"), "100 %");
        assert_eq!(shown(Val::Int(950), "ms"), "950 ms");
        assert_eq!(shown(Val::Float(1900.0), "ms"), "1.9 s");
        assert_eq!(shown(Val::Float(2.6), "ms"), "2.6 ms");
        assert_eq!(shown(Val::Int(3_600_000), "ms"), "1 h");
        assert_eq!(shown(Val::Span(90_000), ""), "1.5 min");
        assert_eq!(shown(Val::Int(4096), "MB"), "4 GiB");
        assert_eq!(shown(Val::Int(512), "bytes"), "512 bytes");
        assert_eq!(shown(Val::Float(0.004), ""), "0.004");
        assert_eq!(shown(Val::Int(7), "1/min"), "7 per minute");
        assert_eq!(shown(Val::Time(0), ""), "1970-01-01 00:00:00 UTC");
        assert_eq!(shown(Val::Null, "ms"), "(unknown)");
    }

    #[test]
    fn what_is_typed_into_a_command_has_no_separators() {
        assert_eq!(exact(&Val::Int(65_536), "").plain(), "65536");
        assert_eq!(exact(&Val::Float(25_000.0), "").plain(), "25000");
        assert_eq!(exact(&Val::Int(90_000), "ms").plain(), "1.5 min");
    }

    #[test]
    fn extremes_do_not_panic() {
        for number in [i64::MIN, i64::MAX, 0] {
            for unit in ["", "ms", "s", "min", "bytes", "MB", "ratio", "%"] {
                shown(Val::Int(number), unit);
                shown(Val::Span(number), unit);
                shown(Val::Time(number), unit);
            }
        }
        for number in [f64::MAX, f64::MIN, 0.0, f64::MIN_POSITIVE] {
            for unit in ["", "ms", "s", "min", "bytes", "MB", "ratio", "%"] {
                shown(Val::Float(number), unit);
            }
        }
    }
}
