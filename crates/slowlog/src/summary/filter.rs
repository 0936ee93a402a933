//! Which statements are asked for.

use crate::fingerprint::StatementKind;
use crate::records::{Query, Top};

/// Which statements: of each list, any of its words; all lists that are not empty.
///
/// Tables and kinds belong to a query, so those two are exact. Users, databases, applications and
/// clients are counted beside a query: its calls and its time are exact for one of these lists,
/// its percentiles are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Databases, or schemas of MySQL.
    pub databases: Vec<String>,
    /// Users.
    pub users: Vec<String>,
    /// Applications.
    pub applications: Vec<String>,
    /// Client hosts.
    pub clients: Vec<String>,
    /// Tables, in any case.
    pub tables: Vec<String>,
    /// Kinds of statements.
    pub kinds: Vec<StatementKind>,
}

/// How much of a query was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Some of it.
    Some {
        /// Its calls.
        calls: u64,
        /// Their time, in microseconds.
        total_us: u64,
    },
}

impl Filter {
    /// Whether everything is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many of the lists that are counted beside a query are in use.
    pub(super) fn n_beside(&self) -> usize {
        [&self.databases, &self.users, &self.applications, &self.clients]
            .iter()
            .filter(|words| !words.is_empty())
            .count()
    }

    /// How much of a query is asked for; `None` for nothing.
    pub fn part(&self, query: &Query) -> Option<Part> {
        if !self.kinds.is_empty() && !self.kinds.contains(&query.kind) {
            return None;
        }
        if !self.tables.is_empty() {
            let wanted = |table: &String| {
                // `public.posts` is found as `posts` too.
                let bare = table.rsplit('.').next().unwrap_or(table);
                self.tables
                    .iter()
                    .any(|word| word.eq_ignore_ascii_case(table) || word.eq_ignore_ascii_case(bare))
            };
            if !query.tables.iter().any(wanted) {
                return None;
            }
        }
        let lists = [
            (&self.databases, &query.databases),
            (&self.users, &query.users),
            (&self.applications, &query.applications),
            (&self.clients, &query.clients),
        ];
        let mut part = Part::Whole;
        for (words, tops) in lists {
            if words.is_empty() {
                continue;
            }
            let (calls, total_us) = counted(words, tops);
            if calls == 0 {
                return None;
            }
            let (known_calls, known_us) = match part {
                Part::Whole => (query.calls, query.total_us),
                Part::Some { calls, total_us } => (calls, total_us),
            };
            if calls < known_calls {
                part = Part::Some { calls, total_us: total_us.min(known_us) };
            }
        }
        Some(part)
    }
}

/// Calls and time of the values that are asked for.
fn counted(words: &[String], tops: &[Top]) -> (u64, u64) {
    tops.iter()
        .filter(|top| {
            let value = top.value.untrusted();
            words.iter().any(|word| word == value || value.is_empty() && word == "none")
        })
        .fold((0, 0), |(calls, us), top| {
            (calls.saturating_add(top.calls), us.saturating_add(top.total_us))
        })
}
