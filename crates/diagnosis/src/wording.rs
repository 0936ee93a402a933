//! Changes in words, with figures as people write them.

use model::{Change, ChangeKind};
use text::{Text, Value};

/// A value with its unit: `5.7 s`, `2.6 ms`, `1.3 GB`, `12 /s`.
pub fn quantity(value: f64, unit: &str) -> String {
    let (scaled, unit) = match unit {
        "s" if value.abs() < 0.9995 => (value * 1000.0, " ms"),
        "s" => (value, " s"),
        "ms" if value.abs() >= 1000.0 => (value / 1000.0, " s"),
        "ms" => (value, " ms"),
        "bytes" if value.abs() >= 1e9 => (value / 1e9, " GB"),
        "bytes" if value.abs() >= 1e6 => (value / 1e6, " MB"),
        "bytes" => (value / 1e3, " kB"),
        "1/s" => (value, " /s"),
        "ratio" => (value * 100.0, " %"),
        "percent" | "%" => (value, " %"),
        "percent of one core" => (value, " % of a core"),
        "count" | "" | "1" | "none" | "short" => (value, ""),
        // `count per 5 min`
        other => {
            let (figures, unit) = (figures(value), other.strip_prefix("count ").unwrap_or(other));
            let unit = match unit.strip_prefix("statements ") {
                Some(rest) if figures == "1" => format!("statement {rest}"),
                Some(_) | None => unit.to_owned(),
            };
            return format!("{figures} {unit}");
        }
    };
    format!("{}{unit}", figures(scaled))
}

/// At most three significant digits.
fn figures(value: f64) -> String {
    let size = value.abs();
    if size >= 99.5 {
        format!("{value:.0}")
    } else if size >= 9.95 {
        format!("{value:.1}").trim_end_matches(".0").to_owned()
    } else {
        let text = format!("{value:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// A change as a text. Names in it come from tables, where they were cleared; sinks escape them.
pub fn change_text(change: &Change) -> Text {
    Text::value(Value::trusted(&self::change(change)))
}

/// `API latency p99 0.52 s -> 5.7 s (x11) on mm-1 from 09:19`.
pub fn change(change: &Change) -> String {
    let mut out = subject(change);
    out.push_str(&match change.kind {
        ChangeKind::Appears => format!(" begins: {}", quantity(change.after, &change.unit)),
        ChangeKind::Vanishes => format!(" stops: {} before", quantity(change.before, &change.unit)),
        ChangeKind::Rise
        | ChangeKind::Fall
        | ChangeKind::Ramp
        | ChangeKind::Burst
        | ChangeKind::Dip
        | ChangeKind::Reset => {
            let (before, after) =
                (quantity(change.before, &change.unit), quantity(change.after, &change.unit));
            format!(" {} -> {after}", without_long_unit(&before, &after))
        }
    });
    if let Some(ratio) = change.ratio.filter(|_| change.kind != ChangeKind::Vanishes) {
        out.push_str(&format!(" (x{})", figures(ratio)));
    }
    if change.kind == ChangeKind::Ramp {
        out.push_str(" without a plateau");
    }
    if !change.node.is_empty() {
        out.push_str(&format!(" on {}", change.node));
    }
    out.push_str(&format!(" from {}", change.onset.format("%H:%M")));
    if let Some(until) = change.until {
        out.push_str(&format!(" to {}", until.format("%H:%M")));
    }
    out.push_str(" UTC");
    out
}

/// `14.4` of `14.4 per 10 min` when what comes behind says the same unit of several words.
fn without_long_unit<'t>(before: &'t str, after: &str) -> &'t str {
    match (before.split_once(' '), after.split_once(' ')) {
        (Some((figure, unit)), Some((_, other))) if unit == other && unit.contains(' ') => figure,
        _ => before,
    }
}

/// The metric in words, with its subject.
pub fn subject(change: &Change) -> String {
    let metric = change.metric.replace('-', " ");
    if change.subject.is_empty() { metric } else { format!("{metric} of {}", change.subject) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_the_unit_that_people_use() {
        let shown = [
            quantity(0.0026, "s"),
            quantity(5.7, "s"),
            quantity(1.32e9, "bytes"),
            quantity(0.86, "ratio"),
            quantity(359.0, "count"),
            quantity(12.0, "1/s"),
        ];
        assert_eq!(shown, ["2.6 ms", "5.7 s", "1.32 GB", "86 %", "359", "12 /s"]);
    }
}
