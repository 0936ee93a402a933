//! What a fingerprint touches: read from its text, once per fingerprint.
//!
//! This is no parser of SQL. It knows where names of tables stand (behind `FROM`, `JOIN`, `INTO`,
//! `UPDATE`, `TABLE` ...), which names are only of this statement (`WITH`, aliases), and takes
//! what is left for columns.

#![expect(clippy::wildcard_enum_match_arm, reason = "most tokens say nothing about names")]

use super::lex::{Kind, Lexer};
use super::{Engine, StatementKind, keywords};
use memchr::memmem::Finder;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Most names that are kept of a kind; a statement with more is generated.
const NAMES_MAX: usize = 200;

/// What a statement touches.
#[derive(Debug, Default)]
pub(crate) struct Touches {
    /// What it does.
    pub(crate) kind: StatementKind,
    /// Tables, sorted.
    pub(crate) tables: Vec<String>,
    /// Columns, sorted.
    pub(crate) columns: Vec<String>,
    /// The object of a schema change.
    pub(crate) object: Option<String>,
    /// Whether it writes.
    pub(crate) writes: bool,
}

/// A token of the text.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    kind: Kind,
    text: &'a str,
}

/// The tokens of the text of a fingerprint.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut lexer = Lexer::new(text.as_bytes(), Engine::PostgreSql);
    let mut pieces = Vec::new();
    while let Some(token) = lexer.next() {
        if let Some(text) = text.get(token.start..token.end) {
            pieces.push(Piece { kind: token.kind, text });
        }
    }
    pieces
}

/// What the text of a fingerprint does, and whether it writes; without cutting it into tokens where
/// its first word decides.
pub(crate) fn kind_and_writes(text: &str) -> (StatementKind, bool) {
    /// Searchers are dear to make.
    static FOR: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("for "));
    if memchr::memchr(b';', text.as_bytes()).is_none() {
        match text.split_once(' ').map(|(word, _)| word) {
            Some("select")
                if FOR.find(text.as_bytes()).is_none()
                    && !memchr::memchr_iter(b'(', text.as_bytes()).any(|at| {
                        // `insert`, `update`, `delete`.
                        matches!(text.as_bytes().get(at + 1), Some(b'i' | b'u' | b'd'))
                    }) =>
            {
                return (StatementKind::Select, false);
            }
            Some("insert") => return (StatementKind::Insert, true),
            Some("update") => return (StatementKind::Update, true),
            Some("delete") => return (StatementKind::Delete, true),
            _ => {}
        }
    }
    let pieces = pieces(text);
    let kind = kind(&pieces);
    (kind, writes(kind, &pieces))
}

/// Reads the text of a fingerprint.
pub(crate) fn touches(text: &str) -> Touches {
    let pieces = pieces(text);
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
pub(crate) fn action(text: &str) -> String {
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
mod tests;
