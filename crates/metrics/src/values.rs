//! One cell to one number: scale words, units, decimal commas, gaps.

use std::borrow::Cow;

/// What sort of quantity a cell's unit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// A bare number, or one with a scale word (`K`, `Mil`).
    Plain,
    /// Time; the value is in seconds.
    Seconds,
    /// Size; the value is in bytes.
    Bytes,
    /// The value is in percent.
    Percent,
    /// Something per second.
    PerSecond,
    /// Bytes per second.
    BytesPerSecond,
    /// Bits per second.
    BitsPerSecond,
}

impl Family {
    /// The unit of values of this family; empty for plain numbers.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Seconds => "s",
            Self::Bytes => "bytes",
            Self::Percent => "percent",
            Self::PerSecond => "1/s",
            Self::BytesPerSecond => "bytes/s",
            Self::BitsPerSecond => "bit/s",
        }
    }
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    /// A finite number.
    Value(f64, Family),
    /// Nothing was measured.
    Gap,
    /// Infinity: measured, but no number.
    Infinite,
    /// Something else.
    Bad,
}

/// How a file writes numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decimals {
    /// `1,234.5` and `1234.5`.
    Point,
    /// `1.234,5` and `1234,5`: only in files whose delimiter is not the comma.
    Comma,
}

/// Reads a cell.
pub(crate) fn cell(text: &str, decimals: Decimals) -> Cell {
    let bytes = text.as_bytes();
    // The usual case by far: digits and nothing else.
    if bytes.first().is_some_and(|b| b.is_ascii_digit() || *b == b'-')
        && bytes.iter().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'))
        && (decimals == Decimals::Point || !text.contains('.'))
        && let Ok(value) = text.parse::<f64>()
    {
        return if value.is_finite() { Cell::Value(value, Family::Plain) } else { Cell::Infinite };
    }
    // The usual case of formatted exports: `471 ms`, `2.77 K`.
    if let Some((number, unit)) = text.split_once(' ')
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && (decimals == Decimals::Point || !number.contains('.'))
        && let (Ok(value), Some(unit)) = (number.parse::<f64>(), unit_of(unit))
    {
        return scaled(value, unit);
    }
    slow_cell(text.trim_matches(is_blank), decimals)
}

fn scaled(value: f64, (factor, family): (f64, Family)) -> Cell {
    // Division keeps 471 ms at 0.471 s where a factor of 0.001 would not.
    let value = if factor < 1.0 { value / (1.0 / factor) } else { value * factor };
    if value.is_finite() { Cell::Value(value, family) } else { Cell::Infinite }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{feff}')
}

fn slow_cell(text: &str, decimals: Decimals) -> Cell {
    // Legacy exports put an apostrophe before text that starts with a sign.
    let text = text.strip_prefix('\'').unwrap_or(text).trim_matches('"');
    match text {
        "" | "-" | "null" | "NULL" | "undefined" | "NaN" | "nan" | "N/A" | "n/a" | "No data" => {
            return Cell::Gap;
        }
        "Infinity" | "-Infinity" | "+Inf" | "-Inf" | "Inf" => return Cell::Infinite,
        _ => {}
    }
    if text.trim_start_matches(['-', '+']).starts_with('∞') {
        return Cell::Infinite;
    }
    let end = number_end(text);
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    let Some(value) = number_of(number, decimals) else { return Cell::Bad };
    unit_of(unit.trim_matches(is_blank)).map_or(Cell::Bad, |unit| scaled(value, unit))
}

/// Where the number ends and the unit begins.
fn number_end(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    let mut any_digit = false;
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|next| next.1);
        let belongs = match c {
            '0'..='9' => {
                any_digit = true;
                true
            }
            '-' | '+' | '\u{2212}' => {
                at == 0 || text.get(..at).is_some_and(|before| before.ends_with(['e', 'E']))
            }
            '.' | ',' => true,
            // A group separator stands between digits only.
            ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’' => {
                any_digit && next.is_some_and(|n| n.is_ascii_digit())
            }
            'e' | 'E' => {
                any_digit && next.is_some_and(|n| n.is_ascii_digit() || matches!(n, '-' | '+'))
            }
            _ => false,
        };
        if !belongs {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn number_of(text: &str, decimals: Decimals) -> Option<f64> {
    let mut plain: Cow<'_, str> = Cow::Borrowed(text);
    if text.contains(|c: char| is_blank(c) || matches!(c, '\'' | '’' | '\u{2212}')) {
        plain = Cow::Owned(
            text.chars()
                .filter(|c| !is_blank(*c) && !matches!(c, '\'' | '’'))
                .map(|c| if c == '\u{2212}' { '-' } else { c })
                .collect(),
        );
    }
    let (last_point, last_comma) = (plain.rfind('.'), plain.rfind(','));
    let decimal = match (last_point, last_comma) {
        (Some(point), Some(comma)) => Some(if point > comma { '.' } else { ',' }),
        (None, Some(_)) if decimals == Decimals::Comma => Some(','),
        (None, Some(_)) => {
            // Commas in a comma file: groups of three, or the export is broken.
            if !grouped(&plain, ',') {
                return None;
            }
            None
        }
        (Some(_), None) if plain.matches('.').count() > 1 => None,
        (Some(_), None) if decimals == Decimals::Comma && grouped(&plain, '.') => None,
        (Some(_), None) => Some('.'),
        (None, None) => None,
    };
    if plain.contains(',') || decimal.is_none() && plain.contains('.') {
        let cleaned: String = plain
            .chars()
            .filter_map(|c| match c {
                '.' | ',' if Some(c) == decimal => Some('.'),
                '.' | ',' => None,
                other => Some(other),
            })
            .collect();
        plain = Cow::Owned(cleaned);
    }
    plain.parse::<f64>().ok()
}

/// Whether every separator is followed by exactly three digits.
fn grouped(text: &str, separator: char) -> bool {
    let mut parts = text.trim_start_matches(['-', '+']).split(separator);
    parts.next().is_some_and(|first| (1..=3).contains(&first.len()))
        && parts.all(|part| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Factor and family of what stands behind a number, as Grafana's value formats write it.
fn unit_of(unit: &str) -> Option<(f64, Family)> {
    if let Some(plain) = scale_of(unit) {
        return Some((plain, Family::Plain));
    }
    let known = match unit {
        "ns" => (1e-9, Family::Seconds),
        "µs" | "μs" | "us" => (1e-6, Family::Seconds),
        "ms" => (1e-3, Family::Seconds),
        "s" | "sec" | "second" | "seconds" => (1.0, Family::Seconds),
        "m" | "min" | "mins" | "minute" | "minutes" => (60.0, Family::Seconds),
        "h" | "hour" | "hours" => (3600.0, Family::Seconds),
        "d" | "day" | "days" => (86_400.0, Family::Seconds),
        "week" | "weeks" => (604_800.0, Family::Seconds),
        "month" | "months" => (2_629_800.0, Family::Seconds),
        "year" | "years" => (31_536_000.0, Family::Seconds),
        "%" | "percent" => (1.0, Family::Percent),
        _ => return scaled_unit(unit),
    };
    Some(known)
}

/// Factor of a scale word alone.
fn scale_of(word: &str) -> Option<f64> {
    Some(match word {
        "" => 1.0,
        "K" | "k" => 1e3,
        "Mil" | "M" => 1e6,
        "Bil" | "G" => 1e9,
        "Tri" | "T" => 1e12,
        "Quadr" => 1e15,
        "Quint" => 1e18,
        "Sext" => 1e21,
        "Sept" => 1e24,
        _ => return None,
    })
}

/// Sizes with a prefix (`MB`, `GiB`, `kB/s`) and rates with a scale word (`K req/s`, `kreq/s`).
fn scaled_unit(unit: &str) -> Option<(f64, Family)> {
    for (suffix, family) in [
        ("B/s", Family::BytesPerSecond),
        ("Bs", Family::BytesPerSecond),
        ("b/s", Family::BitsPerSecond),
        ("bps", Family::BitsPerSecond),
        ("B", Family::Bytes),
    ] {
        if let Some(prefix) = unit.strip_suffix(suffix)
            && let Some(factor) = prefix_of(prefix.trim())
        {
            return Some((factor, family));
        }
    }
    for suffix in
        ["req/s", "reqps", "ops/s", "ops", "c/s", "cps", "io/s", "rd/s", "wr/s", "msg/s", "/s"]
    {
        if let Some(prefix) = unit.strip_suffix(suffix) {
            let prefix = prefix.trim();
            if let Some(factor) = scale_of(prefix).or_else(|| prefix_of(prefix)) {
                return Some((factor, Family::PerSecond));
            }
        }
    }
    for suffix in ["/min", "ops/m", "c/m", "req/m", "opm"] {
        if let Some(prefix) = unit.strip_suffix(suffix)
            && let Some(factor) = scale_of(prefix.trim())
        {
            return Some((factor / 60.0, Family::PerSecond));
        }
    }
    None
}

fn prefix_of(prefix: &str) -> Option<f64> {
    Some(match prefix {
        "" => 1.0,
        "k" | "K" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        "Pi" => 1024.0 * 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    })
}

/// Significant digits of a number as written: how much a rounded export kept.
pub(crate) fn significant_digits(text: &str) -> usize {
    let number = text.split_at_checked(number_end(text)).map_or(text, |(number, _)| number);
    let mantissa = number.split(['e', 'E']).next().unwrap_or(number);
    mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|b| *b == b'0').count()
}

#[cfg(test)]
mod tests {
    use super::{Cell, Decimals, Family, cell, significant_digits};
    use proptest::prelude::*;

    fn value(text: &str) -> Cell {
        cell(text, Decimals::Point)
    }

    #[test]
    fn the_unit_may_change_from_cell_to_cell() {
        assert_eq!(value("471 ms"), Cell::Value(0.471, Family::Seconds));
        assert_eq!(value("7.95 s"), Cell::Value(7.95, Family::Seconds));
        assert_eq!(value("1.50 mins"), Cell::Value(90.0, Family::Seconds));
        assert_eq!(value("1.5 min"), Cell::Value(90.0, Family::Seconds));
        assert_eq!(value("2.77 K"), Cell::Value(2770.0, Family::Plain));
        assert_eq!(value("1.2 Mil"), Cell::Value(1_200_000.0, Family::Plain));
        assert_eq!(value("1.32 GB"), Cell::Value(1.32e9, Family::Bytes));
        assert_eq!(value("1 MiB"), Cell::Value(1_048_576.0, Family::Bytes));
        assert_eq!(value("12.5%"), Cell::Value(12.5, Family::Percent));
        assert_eq!(value("1.2K req/s"), Cell::Value(1200.0, Family::PerSecond));
        assert_eq!(value("3 kB/s"), Cell::Value(3000.0, Family::BytesPerSecond));
        assert_eq!(value("-1.5e-3"), Cell::Value(-0.0015, Family::Plain));
    }

    #[test]
    fn gaps_and_infinities_are_no_numbers() {
        for gap in ["", " ", "null", "undefined", "NaN", "\u{a0}"] {
            assert_eq!(value(gap), Cell::Gap, "{gap:?}");
        }
        for infinite in ["Infinity", "-Infinity", "∞ year", "∞ years", "-∞", "1e999"] {
            assert_eq!(value(infinite), Cell::Infinite, "{infinite:?}");
        }
        assert_eq!(value("hello"), Cell::Bad);
        assert_eq!(value("1.2 zorkmids"), Cell::Bad);
    }

    #[test]
    fn decimal_commas_and_groups_are_told_apart() {
        let comma = |text| cell(text, Decimals::Comma);
        assert_eq!(comma("0,4713"), Cell::Value(0.4713, Family::Plain));
        assert_eq!(comma("1.324.983.219"), Cell::Value(1_324_983_219.0, Family::Plain));
        assert_eq!(comma("1.234,5"), Cell::Value(1234.5, Family::Plain));
        assert_eq!(comma("471 ms"), Cell::Value(0.471, Family::Seconds));
        assert_eq!(comma("7,95 s"), Cell::Value(7.95, Family::Seconds));
        assert_eq!(value("1,234.567"), Cell::Value(1234.567, Family::Plain));
        assert_eq!(value("1,234"), Cell::Value(1234.0, Family::Plain));
        assert_eq!(value("1\u{202f}234"), Cell::Value(1234.0, Family::Plain));
        assert_eq!(value("0,47"), Cell::Bad);
    }

    #[test]
    fn digits_are_counted_without_leading_zeros() {
        assert_eq!(significant_digits("0.0573"), 3);
        assert_eq!(significant_digits("471 ms"), 3);
        assert_eq!(significant_digits("0.4713229152767041"), 16);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_finite_value_or_none(text in "\\PC*") {
            for decimals in [Decimals::Point, Decimals::Comma] {
                if let Cell::Value(value, _) = cell(&text, decimals) {
                    prop_assert!(value.is_finite());
                }
            }
            let _ = significant_digits(&text);
        }
    }
}
