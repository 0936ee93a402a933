//! What is wrong with a rule file, and where.

use std::fmt;
use std::ops::Range;

/// One fault of a rule file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// The known name that comes nearest to the unknown one.
    pub nearest: Option<String>,
    /// The line itself.
    pub excerpt: String,
    /// How many characters the caret line marks.
    pub width: usize,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        if let Some(nearest) = &self.nearest {
            write!(f, "; nearest: `{nearest}`")?;
        }
        let number = self.line.to_string();
        // Tabs stay tabs, so that the carets stand under what they mark.
        let indent: String = self
            .excerpt
            .chars()
            .take(self.column.saturating_sub(1))
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        write!(f, "\n  {number} | {}", self.excerpt)?;
        write!(f, "\n  {} | {indent}{}", " ".repeat(number.len()), "^".repeat(self.width.max(1)))
    }
}

/// All faults of all files, in order of file and place.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// The faults, sorted, or `value` when there are none.
    pub(crate) fn or<T>(mut self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            return Ok(value);
        }
        self.0.sort();
        self.0.dedup();
        Err(self)
    }
}

/// A rule file: its name and its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

impl File<'_> {
    /// A fault at a byte range of the file.
    pub(crate) fn fault(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        nearest: Option<String>,
    ) -> Fault {
        let start = floor_boundary(self.text, span.start);
        let before = self.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |idx| idx + 1);
        let rest = self.text.get(line_start..).unwrap_or_default();
        let excerpt = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let column = self.text.get(line_start..start).unwrap_or_default().chars().count() + 1;
        let end = floor_boundary(self.text, span.end.max(start)).min(line_start + excerpt.len());
        let width = self.text.get(start..end).unwrap_or_default().chars().count().max(1);
        Fault {
            file: self.name.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
            message: message.into(),
            nearest,
            excerpt: excerpt.to_owned(),
            width,
        }
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The candidate nearest to `name`, if one is near: equal without case or in its last segment, or
/// within a third of its letters.
pub(crate) fn nearest<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<String> {
    let lower = name.to_lowercase();
    let last = lower.rsplit('.').next().unwrap_or_default().to_owned();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let distance = if lower.contains('.') && other.rsplit('.').next() == Some(&last) {
                1
            } else {
                distance(&lower, &other)
            };
            (distance <= (lower.len() / 3).max(2)).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// Letters that have to be changed, added, taken or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = Vec::with_capacity(b.len() + 1);
        next.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let at = |line: &[usize], idx: usize| line.get(idx).copied().unwrap_or(usize::MAX / 2);
            let mut cost = at(&row, j) + usize::from(x != y);
            cost = cost.min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_shows_the_line_and_marks_the_place() {
        let file = File { name: "rules/a/b.toml", text: "id = \"b\"\nwhere = \"cals > 5\"\n" };
        let fault = file.fault(18..22, "no column `cals`", nearest("cals", ["calls", "share"]));
        assert_eq!(
            fault.to_string(),
            "rules/a/b.toml:2:10: no column `cals`; nearest: `calls`\n  2 | where = \"cals > 5\"\n    |          ^^^^"
        );
    }

    #[test]
    fn a_fault_beyond_the_end_of_the_file_does_not_panic() {
        let file = File { name: "x", text: "ä" };
        assert_eq!(file.fault(1..99, "m", None).column, 1);
        assert_eq!(File { name: "x", text: "" }.fault(5..9, "m", None).line, 1);
    }

    #[test]
    fn far_names_are_not_offered() {
        assert_eq!(
            nearest("MaxOpenCons", ["MaxOpenConns", "QueryTimeout"]).as_deref(),
            Some("MaxOpenConns")
        );
        assert_eq!(nearest("banana", ["calls", "share"]), None);
        assert_eq!(
            nearest("stats.MaxOpenConns", ["SqlSettings.MaxOpenConns"]).as_deref(),
            Some("SqlSettings.MaxOpenConns")
        );
    }
}
