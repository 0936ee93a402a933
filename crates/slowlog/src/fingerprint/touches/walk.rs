//! Tables, columns and the names that only the statement itself knows.

use super::{NAMES_MAX, Piece};
use crate::fingerprint::lex::Kind;
use crate::fingerprint::{StatementKind, keywords};
use std::collections::BTreeSet;

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

/// A walk over the tokens that collects names.
#[derive(Debug, Default)]
pub(super) struct Walk<'a> {
    pub(super) pieces: &'a [Piece<'a>],
    pub(super) kind: StatementKind,
    pub(super) tables: BTreeSet<&'a str>,
    pub(super) columns: BTreeSet<&'a str>,
    /// Names that only this statement knows: of `WITH`, aliases.
    pub(super) own: BTreeSet<&'a str>,
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

    /// Walks over all of them.
    pub(super) fn run(&mut self) {
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
