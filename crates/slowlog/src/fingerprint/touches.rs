//! What a fingerprint touches: read from its text, once per fingerprint.
//!
//! This is no parser of SQL. It knows where names of tables stand (behind `FROM`, `JOIN`, `INTO`,
//! `UPDATE`, `TABLE` ...), which names are only of this statement (`WITH`, aliases), and takes
//! what is left for columns.

#![expect(clippy::wildcard_enum_match_arm, reason = "most tokens say nothing about names")]

use super::lex::{Kind, Lexer};
use super::{Engine, StatementKind, keywords};
use std::collections::BTreeSet;

/// Most names that are kept of a kind; a statement with more is generated.
const NAMES_MAX: usize = 200;

/// What a statement touches.
#[derive(Debug, Default)]
pub(super) struct Touches {
    /// What it does.
    pub(super) kind: StatementKind,
    /// Tables, sorted.
    pub(super) tables: Vec<String>,
    /// Columns, sorted.
    pub(super) columns: Vec<String>,
    /// The object of a schema change.
    pub(super) object: Option<String>,
    /// Whether it writes.
    pub(super) writes: bool,
}

/// A token of the text.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    kind: Kind,
    text: &'a str,
}

/// Reads the text of a fingerprint.
pub(super) fn touches(text: &str) -> Touches {
    let mut lexer = Lexer::new(text.as_bytes(), Engine::PostgreSql);
    let mut pieces = Vec::new();
    while let Some(token) = lexer.next() {
        if let Some(text) = text.get(token.start..token.end) {
            pieces.push(Piece { kind: token.kind, text });
        }
    }
    let kind = kind(&pieces);
    let mut walk = Walk { pieces: &pieces, kind, ..Walk::default() };
    walk.run();
    let object = if kind == StatementKind::Ddl { object(&pieces) } else { None };
    let writes = writes(kind, &pieces);
    let Walk { mut tables, mut columns, own, .. } = walk;
    tables.retain(|name| !own.contains(name));
    columns.retain(|name| !own.contains(name) && !tables.contains(name));
    Touches {
        kind,
        tables: tables.into_iter().take(NAMES_MAX).map(unquote).collect(),
        columns: columns.into_iter().take(NAMES_MAX).map(unquote).collect(),
        object,
        writes,
    }
}

fn unquote(name: &str) -> String {
    name.trim_matches('`').to_owned()
}

/// What the first statement that does something does.
fn kind(pieces: &[Piece<'_>]) -> StatementKind {
    let mut best = StatementKind::Other;
    let mut depth = 0_i32;
    let mut at_start = true;
    let mut in_with = false;
    for piece in pieces {
        match piece.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            Kind::Semicolon => {
                at_start = true;
                in_with = false;
                depth = 0;
            }
            Kind::Word if at_start || (in_with && depth == 0) => {
                let found = match (at_start, piece.text) {
                    (true, "with") => {
                        in_with = true;
                        None
                    }
                    (true, "explain") => Some(StatementKind::Utility),
                    (true, word) => Some(keywords::statement_kind(word)),
                    (false, word @ ("select" | "insert" | "update" | "delete" | "merge")) => {
                        in_with = false;
                        Some(keywords::statement_kind(word))
                    }
                    (false, _) => None,
                };
                at_start = false;
                if let Some(found) = found {
                    // A transaction or a setting around it is not what it does.
                    let idle = |kind| {
                        matches!(
                            kind,
                            StatementKind::Transaction
                                | StatementKind::Utility
                                | StatementKind::Other
                        )
                    };
                    if best == StatementKind::Other || (idle(best) && !idle(found)) {
                        best = found;
                    }
                }
            }
            _ if at_start => at_start = false,
            _ => {}
        }
    }
    // `WITH x AS (...) (SELECT ...) UNION (SELECT ...)`.
    if in_with && best == StatementKind::Other { StatementKind::Select } else { best }
}

fn writes(kind: StatementKind, pieces: &[Piece<'_>]) -> bool {
    match kind {
        StatementKind::Insert
        | StatementKind::Update
        | StatementKind::Delete
        | StatementKind::Merge
        | StatementKind::Ddl
        | StatementKind::Call => true,
        StatementKind::Copy => pieces.iter().any(|piece| piece.text == "from"),
        StatementKind::Select => pieces.windows(2).any(|pair| {
            let [first, second] = pair else { return false };
            // `FOR UPDATE`, `FOR SHARE`, and a change within `WITH`.
            (first.text == "for" && matches!(second.text, "update" | "share" | "no" | "key"))
                || (first.kind == Kind::Open
                    && matches!(second.text, "insert" | "update" | "delete"))
        }),
        StatementKind::Transaction
        | StatementKind::Maintenance
        | StatementKind::Utility
        | StatementKind::Other => false,
    }
}

/// The words of a schema change up to its object's kind, with `concurrently`.
pub(super) fn action(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').take(8).collect();
    let verb = words.first().copied().unwrap_or_default();
    let kind = words.iter().position(|word| keywords::is_object_kind(word));
    match kind {
        Some(kind) if keywords::statement_kind(verb) == StatementKind::Ddl => {
            let with = usize::from(words.get(kind + 1) == Some(&"concurrently"));
            words.get(..=kind + with).unwrap_or_default().join(" ")
        }
        _ => verb.to_owned(),
    }
}

/// The name of what a schema change makes, alters or drops; several are joined by `, `.
fn object(pieces: &[Piece<'_>]) -> Option<String> {
    let mut words = pieces.iter().enumerate().skip(1);
    let verb = pieces.first()?.text;
    let of_object = |word: &str| keywords::is_object_kind(word);
    // The last word of the object's kind: `materialized view`, `unique index concurrently`.
    let mut at = if verb == "truncate" { Some(1) } else { None };
    for (idx, piece) in words.by_ref() {
        if piece.kind != Kind::Word || idx > 8 {
            break;
        }
        if of_object(piece.text) {
            at = Some(idx + 1);
            break;
        }
    }
    let mut at = at?;
    let mut names = Vec::new();
    while let Some(piece) = pieces.get(at) {
        match (piece.kind, piece.text) {
            (Kind::Word, "concurrently" | "if" | "not" | "exists" | "only" | "table") => at += 1,
            (Kind::Word, "on") => break,
            (Kind::Word | Kind::Quoted, _) => {
                let mut name = piece.text;
                while let (Some(dot), Some(next)) = (pieces.get(at + 1), pieces.get(at + 2))
                    && dot.kind == Kind::Dot
                {
                    name = next.text;
                    at += 2;
                }
                names.push(unquote(name));
                let more = pieces.get(at + 1).is_some_and(|piece| piece.kind == Kind::Comma);
                if !more || names.len() >= NAMES_MAX {
                    break;
                }
                at += 2;
            }
            _ => break,
        }
    }
    if names.is_empty() { None } else { Some(names.join(", ")) }
}

/// An open parenthesis.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    /// Whether a function's arguments stand in it.
    call: bool,
    /// Whether a `SELECT` (or a change) stands in it.
    query: bool,
    /// Whether a comma leads to a further table.
    tables: bool,
}

#[derive(Debug, Default)]
struct Walk<'a> {
    pieces: &'a [Piece<'a>],
    kind: StatementKind,
    tables: BTreeSet<&'a str>,
    columns: BTreeSet<&'a str>,
    /// Names that only this statement knows: of `WITH`, aliases.
    own: BTreeSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn piece(&self, at: usize) -> Option<Piece<'a>> {
        self.pieces.get(at).copied()
    }

    fn is(&self, at: usize, kind: Kind) -> bool {
        self.piece(at).is_some_and(|piece| piece.kind == kind)
    }

    fn text(&self, at: usize) -> &'a str {
        self.piece(at).map_or("", |piece| piece.text)
    }

    fn run(&mut self) {
        let mut groups = vec![Group { query: true, ..Group::default() }];
        let mut expects = false;
        let mut at = 0;
        while let Some(piece) = self.piece(at) {
            match piece.kind {
                Kind::Open => {
                    let call = at > 0 && self.is_callee(at - 1);
                    groups.push(Group { call, ..Group::default() });
                    // `FROM (a JOIN b ...)` and `FROM (SELECT ...)` alike go on inside.
                    expects = expects && !call;
                }
                Kind::Close => {
                    if groups.len() > 1 {
                        groups.pop();
                    }
                    // Behind the options of `VACUUM (...)`.
                    expects = self.kind == StatementKind::Maintenance && self.tables.is_empty();
                }
                Kind::Comma => {
                    expects = groups.last().is_some_and(|group| group.tables);
                }
                Kind::Semicolon => {
                    groups.truncate(1);
                    expects = false;
                }
                Kind::Word | Kind::Quoted => {
                    (at, expects) = self.name(at, piece, expects, &mut groups);
                }
                Kind::Cast => at += 1,
                Kind::Literal
                | Kind::Number
                | Kind::Placeholder
                | Kind::List
                | Kind::Operator
                | Kind::OpenBracket
                | Kind::CloseBracket
                | Kind::Dot
                | Kind::Comment
                | Kind::Cut => expects = false,
            }
            at += 1;
        }
    }

    /// Whether the word before a parenthesis is called with it.
    fn is_callee(&self, at: usize) -> bool {
        self.piece(at).is_some_and(|piece| match piece.kind {
            Kind::Word => {
                !keywords::is_keyword(piece.text)
                    || matches!(
                        piece.text,
                        "cast"
                            | "char"
                            | "convert"
                            | "date"
                            | "extract"
                            | "grouping"
                            | "if"
                            | "left"
                            | "mod"
                            | "replace"
                            | "right"
                            | "time"
                            | "timestamp"
                            | "values"
                            | "week"
                            | "year"
                    )
            }
            Kind::Quoted => true,
            _ => false,
        })
    }

    /// A word or name at `at`. Gives the place of its last piece and whether a table follows.
    fn name(
        &mut self,
        at: usize,
        piece: Piece<'a>,
        expects: bool,
        groups: &mut [Group],
    ) -> (usize, bool) {
        let is_keyword = piece.kind == Kind::Word && keywords::is_keyword(piece.text);
        if is_keyword && !self.is(at + 1, Kind::Dot) {
            return (at, self.keyword(at, piece.text, expects, groups));
        }
        let mut end = at;
        while self.is(end + 1, Kind::Dot)
            && (self.is(end + 2, Kind::Word) || self.is(end + 2, Kind::Quoted))
        {
            end += 2;
        }
        let last = self.text(end);
        let opens = self.is(end + 1, Kind::Open);
        if expects {
            let before = at.checked_sub(1).map_or("", |at| self.text(at));
            // `FROM unnest(...)` calls a function; `INTO t(a, b)` does not. What follows the
            // function's parenthesis is met as an alias in its turn.
            if !opens || !matches!(before, "from" | "join" | "," | "lateral" | "using") {
                self.tables.insert(last);
                self.alias(end + 1);
            }
            return (end, false);
        }
        if self.is_common_table(at) {
            self.own.insert(last);
            return (end, false);
        }
        let before = at.checked_sub(1).and_then(|at| self.piece(at));
        let is_alias = before.is_some_and(|before| {
            before.text == "as"
                || matches!(before.kind, Kind::Close | Kind::Placeholder | Kind::Quoted)
                || (before.kind == Kind::Word && !keywords::is_keyword(before.text))
        });
        let star = self.is(end + 1, Kind::Dot);
        if is_alias && end == at {
            self.own.insert(last);
        } else if !opens && !star && last != "*" {
            self.columns.insert(last);
        }
        (end, false)
    }

    fn keyword(&self, at: usize, word: &str, expects: bool, groups: &mut [Group]) -> bool {
        let ddl = matches!(self.kind, StatementKind::Ddl | StatementKind::Maintenance);
        // `COPY t FROM STDIN`.
        let copies = self.kind == StatementKind::Copy && groups.len() == 1;
        let Some(group) = groups.last_mut() else { return false };
        match word {
            "select" | "insert" | "delete" | "values" => {
                group.query = true;
                group.tables = false;
                false
            }
            "from" => {
                let distinct = at.checked_sub(1).is_some_and(|at| self.text(at) == "distinct");
                let reads = (group.query || !group.call) && !distinct && !copies;
                group.tables = reads;
                reads
            }
            "join" | "into" | "references" => true,
            "update" => {
                // Not `FOR UPDATE`, `ON UPDATE`, `DO UPDATE`, `KEY UPDATE`.
                let before = at.checked_sub(1).map_or("", |at| self.text(at));
                let begins = !matches!(before, "for" | "on" | "do" | "key");
                group.query |= begins;
                group.tables = begins;
                begins
            }
            "table" | "truncate" | "vacuum" | "analyze" | "cluster" => {
                // These take several tables.
                group.tables |= matches!(
                    self.text(0),
                    "truncate" | "drop" | "vacuum" | "analyze" | "optimize" | "check" | "repair"
                );
                ddl || (word == "table" && (self.kind == StatementKind::Utility || at == 0))
            }
            // `CREATE INDEX ... ON t`.
            "on" => ddl && matches!(self.text(0), "create" | "drop"),
            "copy" => true,
            "using" => self.kind == StatementKind::Delete && !self.is(at + 1, Kind::Open),
            "only" | "lateral" | "if" | "not" | "exists" | "ignore" | "concurrently" | "full"
            | "verbose" | "freeze" => expects,
            "where" | "set" | "group" | "order" | "having" | "limit" | "union" | "except"
            | "intersect" | "returning" | "window" | "offset" | "fetch" | "for" => {
                group.tables = false;
                false
            }
            _ => false,
        }
    }

    /// The alias of a table, behind its name.
    fn alias(&mut self, at: usize) {
        let at = if self.text(at) == "as" { at + 1 } else { at };
        if let Some(piece) = self.piece(at)
            && (piece.kind == Kind::Quoted
                || (piece.kind == Kind::Word && !keywords::is_keyword(piece.text)))
        {
            self.own_alias(piece.text);
        }
    }

    /// An alias may repeat the table's own name.
    fn own_alias(&mut self, name: &'a str) {
        if !self.tables.contains(name) {
            self.own.insert(name);
        }
    }

    /// Whether the name at `at` is one that `WITH` makes.
    fn is_common_table(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map_or("", |at| self.text(at));
        if !matches!(before, "with" | "recursive" | ",") {
            return false;
        }
        let mut next = at + 1;
        if self.is(next, Kind::Open) {
            let mut depth = 0_usize;
            // A list of columns; bounded, so that the walk stays linear.
            for _ in 0..NAMES_MAX {
                match self.piece(next).map(|piece| piece.kind) {
                    Some(Kind::Open) => depth += 1,
                    Some(Kind::Close) => depth = depth.saturating_sub(1),
                    Some(_) => {}
                    None => return false,
                }
                next += 1;
                if depth == 0 {
                    break;
                }
            }
        }
        if self.text(next) != "as" {
            return false;
        }
        next += 1;
        while matches!(self.text(next), "not" | "materialized") {
            next += 1;
        }
        self.is(next, Kind::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::{Fingerprint, fingerprint};

    fn of(sql: &str) -> Fingerprint {
        fingerprint(sql.as_bytes(), Engine::PostgreSql)
    }

    #[test]
    fn tables_are_told_from_aliases_functions_and_common_tables() {
        for (sql, tables) in [
            (
                "select a from Posts p join public.Users as u on u.Id = p.UserId, \"Teams\" t",
                "posts teams users",
            ),
            (
                "with c as (select id from channels), d(x) as materialized (select 1 from c) update channelmembers cm set a = 1 from c where c.id = cm.id",
                "channelmembers channels",
            ),
            ("select * from unnest($1) x, lateral (select 1 from jobs) y", "jobs"),
            ("insert into t (a, b) select c, d from u where e in (select f from v)", "t u v"),
            ("delete from a using b where a.x = b.x", "a b"),
            (
                "select extract(epoch from created), trim(both from name), x is distinct from y from t",
                "t",
            ),
            ("select 1 from t for update of t", "t"),
            ("insert into t values (1) on conflict (id) do update set a = excluded.a", "t"),
            ("insert into t (a) values (1) on duplicate key update a = values(a)", "t"),
            ("select a from t left join (select b from u) v on v.b = t.a", "t u"),
            ("drop index concurrently idx_posts", ""),
            ("create index idx on posts using btree (createat)", "posts"),
            ("alter table posts add column x int", "posts"),
            ("truncate table posts, jobs", "jobs posts"),
            ("vacuum (full, analyze) posts", "posts"),
            ("copy posts (a, b) from stdin", "posts"),
            ("refresh materialized view concurrently v", ""),
            ("explain analyze select a from t", "t"),
        ] {
            assert_eq!(of(sql).tables.join(" "), tables, "{sql}");
        }
    }

    #[test]
    fn columns_are_what_is_left() {
        let columns = |sql: &str| of(sql).columns.join(" ");
        assert_eq!(
            columns(
                "select p.Id, count(*) as n from Posts p where p.UserId = $1 and lower(Message) like 'x' group by p.Id order by n limit 5"
            ),
            "id message userid"
        );
        assert_eq!(columns("update t set a = b + 1 where c::bigint = 2"), "a b c");
        assert_eq!(columns("insert into t (a, b) values (1, 2)"), "a b");
    }

    #[test]
    fn the_object_and_the_action_of_a_schema_change_are_told() {
        for (sql, action, object) in [
            (
                "DROP INDEX CONCURRENTLY IF EXISTS public.idx_x",
                "drop index concurrently",
                Some("idx_x"),
            ),
            ("DROP INDEX a, b", "drop index", Some("a, b")),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY idx_y ON t (a)",
                "create unique index concurrently",
                Some("idx_y"),
            ),
            ("CREATE INDEX ON t (a)", "create index", None),
            ("ALTER TABLE ONLY posts ADD COLUMN a int", "alter table", Some("posts")),
            ("ALTER TABLE `posts` DROP INDEX idx_a", "alter table", Some("posts")),
            ("TRUNCATE posts", "truncate", Some("posts")),
            ("REINDEX INDEX CONCURRENTLY idx_x", "reindex index concurrently", Some("idx_x")),
            (
                "CREATE MATERIALIZED VIEW \"Odd View\" AS SELECT 1",
                "create materialized view",
                Some("Odd View"),
            ),
        ] {
            let found = of(sql);
            assert_eq!(found.kind, StatementKind::Ddl, "{sql}");
            assert_eq!(found.action(), action, "{sql}");
            assert_eq!(found.object.as_deref(), object, "{sql}");
        }
        assert_eq!(of("select 1").object, None);
    }

    #[test]
    fn what_writes_is_known() {
        for sql in [
            "insert into t values (1)",
            "select 1 from t for update",
            "with x as (delete from t returning a) select a from x",
            "begin; update t set a = 1; commit",
            "drop table t",
            "copy t from stdin",
        ] {
            assert!(of(sql).writes, "{sql}");
        }
        for sql in [
            "select 1 from t",
            "select a from t for_update",
            "copy t to stdout",
            "set a = 1",
            "begin",
            "vacuum t",
            "explain select 1",
        ] {
            assert!(!of(sql).writes, "{sql}");
        }
        for (sql, kind) in [
            ("begin; update t set a = 1", StatementKind::Update),
            ("(select 1) union (select 2)", StatementKind::Select),
            ("with x as (select 1) insert into t select * from x", StatementKind::Insert),
            ("administrator command: Ping", StatementKind::Utility),
            (
                "with x as (select 1 from t) (select * from x) union (select 2)",
                StatementKind::Select,
            ),
            ("savepoint x", StatementKind::Transaction),
            ("", StatementKind::Other),
        ] {
            assert_eq!(of(sql).kind, kind, "{sql}");
        }
    }
}
