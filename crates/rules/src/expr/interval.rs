//! Lengths of time as rules write them.

/// Milliseconds of `5 minutes`, `1 hour 30 minutes`, `250ms`; `None` when it is no length of time.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let mut total = 0_f64;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(digits)?;
        let after = after.trim_start();
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (word, next) = after.split_at_checked(letters)?;
        total += number.parse::<f64>().ok()? * unit_ms(word)?;
        rest = next.trim_start();
    }
    whole(total)
}

/// Milliseconds of `number` times the unit.
pub(crate) fn of(number: &str, unit: &str) -> Option<i64> {
    whole(number.trim().parse::<f64>().ok()? * unit_ms(unit)?)
}

fn whole(ms: f64) -> Option<i64> {
    /// A thousand years: beyond it a length of time is a slip.
    const SPAN_MS_MAX: f64 = 1000.0 * 366.0 * 86_400_000.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked: finite and within a thousand years"
    )]
    (ms.is_finite() && ms.abs() <= SPAN_MS_MAX).then(|| ms.round() as i64)
}

fn unit_ms(word: &str) -> Option<f64> {
    Some(match word.to_ascii_lowercase().as_str() {
        "ms" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "second" | "seconds" => 1000.0,
        "m" | "min" | "minute" | "minutes" => 60_000.0,
        "h" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        "w" | "week" | "weeks" => 7.0 * 86_400_000.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_written() {
        assert_eq!(parse("5 minutes"), Some(300_000));
        assert_eq!(parse("1 hour 30 minutes"), Some(5_400_000));
        assert_eq!(parse("250ms"), Some(250));
        assert_eq!(parse("1.5 h"), Some(5_400_000));
        assert_eq!(of("2", "HOUR"), Some(7_200_000));
        for bad in
            ["", "5", "minutes", "5 bananas", "5 minutes and", "99999999999 weeks", "-1 hour"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
