//! Which feature of Mattermost a query belongs to.
//!
//! The list is data: `store_methods.tsv`, a line per query of the server's store that can be told
//! for sure by its tables and by what is distinctive in its text.

use super::StatementKind;
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// One line of the list.
#[derive(Debug)]
struct Line {
    method: &'static str,
    /// The statement's kind; empty for any.
    kind: &'static str,
    tables: Vec<&'static str>,
    /// As searchers, which are dear to make: each is put to thousands of queries.
    contains: Vec<Finder<'static>>,
    lacks: Vec<Finder<'static>>,
}

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let list = |field: Option<&'static str>, separator: &str| -> Vec<&'static str> {
        field.unwrap_or_default().split(separator).filter(|part| !part.is_empty()).collect()
    };
    include_str!("store_methods.tsv")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .skip(1)
        .map(|line| {
            let mut fields = line.split('\t');
            let finders = |parts: Vec<&'static str>| parts.into_iter().map(Finder::new).collect();
            Line {
                method: fields.next().unwrap_or_default(),
                kind: fields.next().unwrap_or_default(),
                tables: list(fields.next(), ","),
                contains: finders(list(fields.next(), "; ")),
                lacks: finders(list(fields.next(), "; ")),
            }
        })
        .collect()
});

impl Line {
    fn fits(&self, text: &str, kind: StatementKind, tables: &[String]) -> bool {
        (self.kind.is_empty() || self.kind == kind.as_str())
            && self.tables.iter().all(|wanted| match wanted.strip_suffix('*') {
                Some(start) => tables.iter().any(|table| table.starts_with(start)),
                None => tables.iter().any(|table| table == wanted),
            })
            && self.contains.iter().all(|part| part.find(text.as_bytes()).is_some())
            && self.lacks.iter().all(|part| part.find(text.as_bytes()).is_none())
    }
}

/// The store method that a fingerprint comes from, when lines of exactly one method fit.
pub(crate) fn store_method(
    text: &str,
    kind: StatementKind,
    tables: &[String],
) -> Option<&'static str> {
    if tables.is_empty() && kind != StatementKind::Ddl {
        return None;
    }
    let mut methods =
        LINES.iter().filter(|line| line.fits(text, kind, tables)).map(|line| line.method);
    let first = methods.next()?;
    methods.all(|method| method == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::{Engine, fingerprint};

    fn method(sql: &str) -> Option<&'static str> {
        fingerprint(sql.as_bytes(), Engine::PostgreSql).store_method
    }

    #[test]
    fn queries_of_the_store_are_known_by_their_method() {
        for (sql, expected) in [
            (
                "SELECT COUNT(FileInfo.Id) FROM FileInfo JOIN Posts ON FileInfo.PostId = Posts.Id WHERE Posts.ChannelId = 'x' AND Posts.DeleteAt = 0",
                "ChannelStore.GetFileCount",
            ),
            ("SELECT COUNT(*) FROM FileInfo WHERE DeleteAt = 0", "FileInfoStore.CountAll"),
            (
                "SELECT SidebarCategories.Id, SidebarChannels.ChannelId FROM SidebarCategories LEFT JOIN SidebarChannels ON SidebarChannels.CategoryId=SidebarCategories.Id WHERE (SidebarCategories.UserId = $1 AND SidebarCategories.TeamId = $2)",
                "ChannelStore.GetSidebarCategoriesForTeamForUser",
            ),
            ("SELECT * FROM Sessions WHERE Token = $1 OR Id = $2 LIMIT 1", "SessionStore.Get"),
            (
                "UPDATE Status SET LastActivityAt = $1 WHERE UserId = $2",
                "StatusStore.UpdateLastActivityAt",
            ),
            (
                "SELECT q2.* FROM Posts q2 WHERE to_tsvector('english', q2.Message) @@ to_tsquery('english', $1) AND q2.ChannelId IN (SELECT Id FROM Channels, ChannelMembers WHERE Id = ChannelId AND UserId = $2) ORDER BY q2.CreateAt DESC",
                "PostStore.Search",
            ),
            (
                "WITH cte AS (SELECT * FROM Posts WHERE UpdateAt > $1 AND ChannelId = $2 LIMIT 1000) (SELECT * FROM cte) UNION (SELECT * FROM Posts p1 WHERE id IN (SELECT rootid FROM cte)) ORDER BY CreateAt DESC",
                "PostStore.GetPostsSince",
            ),
            ("SELECT * FROM IR_Incident WHERE Id = $1", "plugin:playbooks"),
            (
                "refresh materialized view concurrently posts_by_team_day",
                "PostStore.RefreshPostStats",
            ),
        ] {
            assert_eq!(method(sql), Some(expected), "{sql}");
        }
    }

    #[test]
    fn other_queries_are_left_alone() {
        for sql in [
            "SELECT 1",
            "SELECT * FROM Posts",
            "SELECT userid, count(*) FROM Posts WHERE lower(Message) LIKE 'x' GROUP BY userid",
            "DELETE FROM Sessions WHERE Token = $1",
            "SELECT * FROM status_pages WHERE userid = 1",
        ] {
            assert_eq!(method(sql), None, "{sql}");
        }
    }

    #[test]
    fn every_line_can_fit() {
        assert!(LINES.len() > 60);
        for line in LINES.iter() {
            assert!(line.method.contains('.') || line.method.starts_with("plugin:"), "{line:?}");
            assert!(!line.tables.is_empty() || !line.contains.is_empty(), "{line:?}");
            for part in line.contains.iter().map(Finder::needle) {
                assert!(line.lacks.iter().all(|lacking| lacking.find(part).is_none()), "{line:?}");
                assert_eq!(part, part.to_ascii_lowercase(), "{line:?}");
            }
        }
    }
}
