//! What the name of a file says: the panel's title, the transform, the time of the export.

use crate::times::{self, DateOrder};
use chrono::NaiveDateTime;

/// A file name of Grafana's "Download CSV", taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FileName {
    /// The panel's title, or the stem of a file that was named by a person.
    pub(crate) title: String,
    /// Whether Grafana named the file, so that the title is the panel's.
    pub(crate) exported: bool,
    /// Whether the series were joined into one table.
    pub(crate) joined: bool,
    /// When it was exported, on the clock of the dashboard.
    pub(crate) exported_at: Option<NaiveDateTime>,
}

/// Takes the last part of a path apart; members of archives stand behind `!`.
pub(crate) fn parse(path: &str) -> FileName {
    let name = path.rsplit(['/', '\\', '!']).next().unwrap_or(path);
    let stem = stem(name);
    if let Some((title, rest)) = split_data(stem) {
        let (joined, at) = match rest.strip_prefix("as-") {
            Some(as_transform) => (true, as_transform.split_once('-').map_or("", |(_, at)| at)),
            None => (false, rest),
        };
        return FileName {
            title: title.to_owned(),
            exported: true,
            joined,
            exported_at: export_time(at),
        };
    }
    let lower = stem.to_ascii_lowercase();
    let cut = lower.find("grafana_data_export").or_else(|| lower.find("grafana-data-export"));
    let title = cut.and_then(|at| stem.get(..at)).unwrap_or(stem);
    FileName { title: title.trim_matches(['_', '-', ' ', '.']).to_owned(), ..FileName::default() }
}

/// The title and what follows `-data-`; the title itself may hold `-data-`.
fn split_data(stem: &str) -> Option<(&str, &str)> {
    let at = stem.rfind("-data-")?;
    let rest = stem.get(at + "-data-".len()..)?;
    let looks_exported = rest.starts_with("as-") || rest.starts_with(|c: char| c.is_ascii_digit());
    looks_exported.then(|| (stem.get(..at).unwrap_or_default(), rest))
}

/// Without extensions (also of compression) and the `(1)` of a browser.
fn stem(name: &str) -> &str {
    let mut stem = name;
    for extension in [".gz", ".zst", ".csv", ".tsv", ".txt", ".json"] {
        let cut = stem.len().saturating_sub(extension.len());
        if stem.get(cut..).is_some_and(|end| end.eq_ignore_ascii_case(extension)) {
            stem = stem.get(..cut).unwrap_or(stem);
        }
    }
    let stem = stem.trim_end();
    match stem.rsplit_once(" (") {
        Some((before, number))
            if number.strip_suffix(')').is_some_and(|n| {
                n.len() <= 3 && !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())
            }) && split_data(before).is_some() =>
        {
            before
        }
        _ => stem,
    }
}

/// The time of an export; browsers store `:` and `/` as `_`, `-` or a space.
fn export_time(text: &str) -> Option<NaiveDateTime> {
    let mut numbers = Vec::new();
    for part in text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()) {
        numbers.push(part);
    }
    let [a, b, c, hour, minute, second] = *numbers else { return None };
    let half = if text.contains("PM") || text.contains("pm") {
        " PM"
    } else if text.contains("AM") || text.contains("am") {
        " AM"
    } else {
        ""
    };
    let separator = if text.contains('.') && !text.starts_with("20") { '.' } else { '/' };
    let order = if half.is_empty() { DateOrder::DayFirst } else { DateOrder::MonthFirst };
    let written = format!("{a}{separator}{b}{separator}{c} {hour}:{minute}:{second}{half}");
    times::time(&written, order).map(|time| times::naive(time.ms()))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use proptest::prelude::*;

    #[test]
    fn title_transform_and_time_stand_in_an_exported_name() {
        let name = parse("x.zip!a/API Latency-data-as-joinbyfield-2024-05-01 14_12_00 (1).csv");
        assert_eq!(name.title, "API Latency");
        assert!(name.joined && name.exported);
        assert_eq!(name.exported_at.expect("a time").to_string(), "2024-05-01 14:12:00");
        let name = parse("Connection Pool (Master)-data-2024-05-01 14_12_00.csv");
        assert_eq!((name.title.as_str(), name.joined), ("Connection Pool (Master)", false));
        let name = parse("HTTP Requests-data-as-joinbyfield-05_01_2024, 04_12_00 PM.csv");
        assert_eq!(name.exported_at.expect("a time").to_string(), "2024-05-01 16:12:00");
        let name = parse("HTTP Requests-data-as-joinbyfield-01.05.2024, 16_12_00.csv.gz");
        assert_eq!(name.exported_at.expect("a time").to_string(), "2024-05-01 16:12:00");
    }

    #[test]
    fn other_names_are_titles_as_they_stand() {
        assert_eq!(parse("API_Latency__grafana_data_export.csv").title, "API_Latency");
        assert_eq!(parse("dir/cpu.csv").title, "cpu");
        assert_eq!(parse("Connection Pool (Master).csv").title, "Connection Pool (Master)");
        assert_eq!(parse("metrics (1).csv").title, "metrics (1)");
        assert!(!parse("my-data-set.csv").exported);
    }

    proptest! {
        #[test]
        fn any_name_is_taken_apart(name in "\\PC*") {
            let _ = parse(&name);
            let _ = parse(&format!("{name}-data-as-{name}.csv"));
        }
    }
}
