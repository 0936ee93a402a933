//! What was searched: the sources behind a table, and which time they cover.

use chrono::TimeDelta;
use model::{CheckedInput, Window};

/// Time that may lack at either end or in between, and the window still counts as covered: a
/// quiet server logs nothing for that long.
const SLACK_S: i64 = 120;
/// One of so many parts of a window may lack at its end.
const END_PARTS: i32 = 10;

/// The limit of a pooler's log: it has events, and says nothing of those of the database itself, so
/// where it stands alone nothing is known to be absent.
pub(crate) const POOLER_ALONE: &str = "log of the pooler alone";

/// A source behind a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SourceCoverage {
    /// The input path and, behind `!`, the member.
    pub label: String,
    /// The node that it belongs to; empty when it is about all.
    pub node: String,
    /// The time that it covers; `None`: it has no times (a configuration).
    pub window: Option<Window>,
    /// What it cannot show, in the fixed words of [`model::Coverage`].
    pub limits: Vec<String>,
    /// Records read.
    pub records: u64,
}

impl From<&CheckedInput> for SourceCoverage {
    fn from(input: &CheckedInput) -> Self {
        Self {
            label: input.path.clone(),
            node: String::new(),
            window: input.window,
            limits: input.limits.clone(),
            records: input.records,
        }
    }
}

/// Whether the sources of a table cover a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// No source of the table was read.
    Unread,
    /// The sources have no times: they count as covering every window.
    Timeless,
    /// On every node, up to a slack of two minutes.
    Whole,
    /// On some node only this part (the part of the node with the least).
    Part(Window),
    /// On some node nothing of it.
    Outside,
}

/// Whether `sources` cover `window` on every node that they name.
pub(crate) fn covers(sources: &[SourceCoverage], window: Window) -> Covers {
    let shows = |source: &&SourceCoverage| !source.limits.iter().any(|it| it == POOLER_ALONE);
    let all = sources;
    let sources: Vec<&SourceCoverage> = sources.iter().filter(shows).collect();
    if sources.is_empty() {
        return if all.is_empty() { Covers::Unread } else { Covers::Outside };
    }
    let timed: Vec<(&str, Window)> = sources
        .iter()
        .filter_map(|source| source.window.map(|window| (source.node.as_str(), window)))
        .collect();
    if timed.is_empty() {
        return Covers::Timeless;
    }
    let mut nodes: Vec<&str> = timed.iter().map(|(node, _)| *node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let slack = TimeDelta::seconds(SLACK_S);
    // Charts are saved, logs fetched and packets made one after the other: the last minutes of a
    // long window are in some of them only.
    let at_the_end = slack.max((window.end - window.start) / END_PARTS);
    let mut least: Option<Covers> = None;
    for node in nodes {
        let of_node = timed.iter().filter(|(other, _)| *other == node).map(|(_, window)| *window);
        let covered = longest(of_node.collect(), window, slack);
        let kind = match covered {
            None => return Covers::Outside,
            Some(part)
                if part.start <= window.start + slack && part.end + at_the_end >= window.end =>
            {
                Covers::Whole
            }
            Some(part) => Covers::Part(part),
        };
        least = Some(match (least, kind) {
            (None | Some(Covers::Whole), kind) => kind,
            (Some(Covers::Part(mine)), Covers::Part(other)) => {
                let shorter = other.end - other.start < mine.end - mine.start;
                Covers::Part(if shorter { other } else { mine })
            }
            (Some(least), _) => least,
        });
    }
    least.unwrap_or(Covers::Timeless)
}

/// The longest stretch within `window` that `parts` cover without a gap over `slack`.
fn longest(mut parts: Vec<Window>, window: Window, slack: TimeDelta) -> Option<Window> {
    parts.sort_unstable_by_key(|part| (part.start, part.end));
    let mut joined: Vec<Window> = Vec::new();
    for part in parts {
        match joined.last_mut() {
            Some(last) if part.start <= last.end + slack => last.end = last.end.max(part.end),
            Some(_) | None => joined.push(part),
        }
    }
    joined
        .into_iter()
        .map(|part| Window { start: part.start.max(window.start), end: part.end.min(window.end) })
        .filter(|part| part.start <= part.end)
        .max_by_key(|part| part.end - part.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn window(start_min: i64, end_min: i64) -> Window {
        let at = |min: i64| DateTime::from_timestamp(min * 60, 0).expect("a time");
        Window { start: at(start_min), end: at(end_min) }
    }

    fn source(node: &str, window: Option<Window>) -> SourceCoverage {
        SourceCoverage { node: node.to_owned(), window, ..SourceCoverage::default() }
    }

    #[test]
    fn every_node_has_to_cover_the_window() {
        let incident = window(100, 200);
        let whole = source("a", Some(window(50, 250)));
        let part = source("b", Some(window(180, 250)));
        assert_eq!(covers(std::slice::from_ref(&whole), incident), Covers::Whole);
        assert_eq!(covers(&[whole, part], incident), Covers::Part(window(180, 200)));
    }

    #[test]
    fn the_log_of_a_pooler_alone_shows_no_absence() {
        let incident = window(100, 200);
        let mut pooler = source("", Some(window(50, 250)));
        pooler.limits.push(POOLER_ALONE.to_owned());
        assert_eq!(covers(std::slice::from_ref(&pooler), incident), Covers::Outside);
        let database = source("", Some(window(90, 210)));
        assert_eq!(covers(&[pooler, database], incident), Covers::Whole);
    }

    #[test]
    fn rotated_logs_of_a_node_are_joined() {
        let first = source("a", Some(window(50, 149)));
        let second = source("a", Some(window(150, 199)));
        assert_eq!(covers(&[second, first], window(100, 200)), Covers::Whole);
    }

    #[test]
    fn the_last_minutes_of_a_long_window_may_lack() {
        let saved_earlier = source("", Some(window(0, 191)));
        assert_eq!(covers(std::slice::from_ref(&saved_earlier), window(100, 200)), Covers::Whole);
        assert_eq!(
            covers(&[saved_earlier], window(180, 200)),
            Covers::Part(window(180, 191)),
            "of a short window they are too much"
        );
    }

    #[test]
    fn unread_timeless_and_outside_are_three_things() {
        assert_eq!(covers(&[], window(0, 1)), Covers::Unread);
        assert_eq!(covers(&[source("", None)], window(0, 1)), Covers::Timeless);
        let late = source("a", Some(window(300, 400)));
        assert_eq!(covers(&[late], window(100, 200)), Covers::Outside);
    }
}
