//! Which escape each piece of a shape is.

use super::tokens::{Kind, Token};
use memchr::memmem;
use std::collections::BTreeSet;

/// Keys before a value, lower case, and the escape of what follows.
const KEYS: &[(&str, char)] = &[
    ("user", 'u'),
    ("usr", 'u'),
    ("u", 'u'),
    ("db", 'd'),
    ("database", 'd'),
    ("dbname", 'd'),
    ("d", 'd'),
    ("app", 'a'),
    ("application", 'a'),
    ("application_name", 'a'),
    ("a", 'a'),
    ("client", 'h'),
    ("host", 'h'),
    ("remote", 'h'),
    ("h", 'h'),
    ("pid", 'p'),
    ("p", 'p'),
    ("sess", 'c'),
    ("session", 'c'),
    ("sid", 'c'),
    ("line", 'l'),
    ("ln", 'l'),
    ("txid", 'x'),
    ("xid", 'x'),
    ("trx_id", 'x'),
    ("tx", 'x'),
    ("vxid", 'v'),
    ("qid", 'Q'),
    ("query_id", 'Q'),
    ("queryid", 'Q'),
    ("state", 'e'),
    ("sqlstate", 'e'),
    ("code", 'e'),
    ("cmd", 'i'),
    ("tag", 'i'),
    ("backend", 'b'),
    ("type", 'b'),
    ("local", 'L'),
    ("server", 'L'),
];

/// Command tags: a piece that holds nothing else is one.
const TAGS: &[&str] = &[
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "PARSE",
    "BIND",
    "SET",
    "SHOW",
    "COPY",
    "CREATE",
    "ALTER",
    "DROP",
    "TRUNCATE",
    "VACUUM",
    "ANALYZE",
    "PREPARE",
    "EXECUTE",
    "DEALLOCATE",
    "FETCH",
    "DECLARE",
    "CLOSE",
    "LOCK",
    "CALL",
    "DO",
    "EXPLAIN",
    "DISCARD",
    "SAVEPOINT",
    "RELEASE",
    "idle",
    "authentication",
    "startup",
    "initializing",
];

/// Highest process id of Linux.
const PID_MAX: u64 = 4_194_304;
/// What stands for a piece whose meaning is not known: its value is passed over.
const UNKNOWN: char = 'i';

/// The escapes of a shape's pieces.
pub(super) struct Roles {
    escapes: Vec<Option<char>>,
    /// Escapes of empty values behind a piece.
    behind: Vec<Option<char>>,
}

impl Roles {
    /// The escape that a piece is; `None` for what stands there as it is.
    pub(super) fn escape(&self, at: usize) -> Option<char> {
        self.escapes.get(at).copied().flatten()
    }

    /// The first piece that is a name.
    pub(super) fn first_name(&self) -> Option<usize> {
        self.escapes.iter().position(|role| matches!(role, Some('u' | 'd' | 'a')))
    }

    /// The escape of an empty value behind a piece.
    pub(super) fn behind(&self, at: usize) -> Option<char> {
        self.behind.get(at).copied().flatten()
    }

    /// Of the lines of one shape and their messages. `background`: whether a word also stands at
    /// its place in lines of processes without a session, and so is none of their names. `spaced`:
    /// whether other lines have several words in a word's place, as applications do.
    pub(super) fn of(
        lines: &[Vec<Token<'_>>],
        messages: &[&[u8]],
        background: impl Fn(usize, &[u8]) -> bool,
        spaced: impl Fn(usize) -> bool,
    ) -> Self {
        let Some(first) = lines.first() else {
            return Self { escapes: Vec::new(), behind: Vec::new() };
        };
        let mut roles = Self { escapes: vec![None; first.len()], behind: vec![None; first.len()] };
        let mut keyed: Vec<Option<char>> = vec![None; first.len()];
        for at in 0..first.len() {
            let (is_key, escape, value_at) = key(first, at);
            if !is_key {
                continue;
            }
            if let Some(slot) = keyed.get_mut(at) {
                // A key stays as it is.
                *slot = Some('\0');
            }
            let Some(escape) = escape else { continue };
            match first.get(value_at).map(|token| token.kind) {
                Some(Kind::Between(_)) | None => {
                    if let Some(slot) =
                        value_at.checked_sub(1).and_then(|b| roles.behind.get_mut(b))
                    {
                        *slot = Some(escape);
                    }
                }
                Some(_) => {
                    if let Some(slot) = keyed.get_mut(value_at) {
                        *slot = Some(escape);
                    }
                }
            }
        }
        let at_of = |wanted: fn(Kind) -> bool| -> Vec<usize> {
            first
                .iter()
                .enumerate()
                .filter(|(at, token)| wanted(token.kind) && keyed.get(*at) != Some(&Some('\0')))
                .map(|(at, _)| at)
                .collect()
        };
        roles.times(lines, &at_of(|kind| matches!(kind, Kind::Time { .. })));
        for (at, token) in first.iter().enumerate() {
            let escape = match token.kind {
                Kind::Epoch => 'n',
                Kind::Session => 'c',
                Kind::Remote => 'r',
                Kind::Virtual => 'v',
                Kind::State => 'e',
                Kind::Host | Kind::Time { .. } | Kind::Number { .. } | Kind::Word { .. } => {
                    continue;
                }
                Kind::Between(_) => continue,
            };
            roles.set(at, escape);
        }
        // Of several addresses the last is the client's: `%L` stands before it, if anywhere.
        let hosts = at_of(|kind| kind == Kind::Host);
        for (nth, at) in hosts.iter().enumerate() {
            let named = keyed.get(*at).copied().flatten();
            let is_last = nth + 1 == hosts.len();
            roles.set(*at, named.unwrap_or(if is_last { 'h' } else { 'L' }));
        }
        let numbers: Vec<usize> = at_of(|kind| matches!(kind, Kind::Number { .. }))
            .into_iter()
            .filter(|at| {
                let text = first.get(*at).map_or(&b""[..], |token| token.text);
                let same = lines.iter().all(|line| line.get(*at).is_some_and(|it| it.text == text));
                !(same && lines.len() > 1 && text != b"0" && background(*at, text))
            })
            .collect();
        roles.numbers(lines, messages, &keyed, &numbers);
        let words: Vec<usize> = at_of(|kind| matches!(kind, Kind::Word { .. }))
            .into_iter()
            .filter(|at| !background(*at, first.get(*at).map_or(b"", |token| token.text)))
            .collect();
        // Applications stand behind users and databases, mostly.
        let by_sign = |at: usize| {
            let text = |at: Option<usize>| at.and_then(|at| first.get(at)).map(|token| token.text);
            text(at.checked_sub(1)) == Some(b"@") || text(Some(at + 1)) == Some(b"@")
        };
        let application = words.iter().rev().copied().find(|at| {
            keyed.get(*at) == Some(&None) && !roles.has('a') && !by_sign(*at) && spaced(*at)
        });
        if let Some(at) = application {
            roles.set(at, 'a');
        }
        roles.words(lines, messages, &keyed, &words);
        roles
    }

    fn set(&mut self, at: usize, escape: char) {
        if let Some(slot) = self.escapes.get_mut(at) {
            *slot = Some(escape);
        }
    }

    fn has(&self, escape: char) -> bool {
        self.escapes.iter().chain(&self.behind).any(|role| *role == Some(escape))
    }

    /// The time of the record, and that of the session's start, which never is later.
    fn times(&mut self, lines: &[Vec<Token<'_>>], times: &[usize]) {
        let when = |at: usize| lines.iter().filter_map(move |line| Some(line.get(at)?.at_us));
        let latest = times.iter().copied().max_by_key(|at| when(*at).max());
        for at in times {
            let millis = lines
                .first()
                .and_then(|line| line.get(*at))
                .is_some_and(|token| token.kind == Kind::Time { millis: true });
            // Of equal ones that with thousandths is written when the record is.
            let is_start = times.len() > 1
                && !millis
                && (Some(*at) != latest || times.iter().any(|other| other != at));
            let is_start =
                is_start && times.iter().any(|other| other != at && !self.is(*other, 's'));
            self.set(
                *at,
                if is_start {
                    's'
                } else if millis {
                    'm'
                } else {
                    't'
                },
            );
        }
    }

    fn is(&self, at: usize, escape: char) -> bool {
        self.escape(at) == Some(escape)
    }

    fn numbers(
        &mut self,
        lines: &[Vec<Token<'_>>],
        messages: &[&[u8]],
        keyed: &[Option<char>],
        numbers: &[usize],
    ) {
        let values = |at: usize| {
            lines.iter().map(move |line| {
                let text = line.get(at).map_or(&b""[..], |token| token.text);
                std::str::from_utf8(text).ok().and_then(|text| text.parse::<u64>().ok())
            })
        };
        let could_be_pid = |at: usize| {
            !matches!(keyed.get(at).copied().flatten(), Some(escape) if escape != 'p')
                && values(at).all(|value| value.is_some_and(|v| (1..=PID_MAX).contains(&v)))
        };
        // What a session id or a message says of the process is sure.
        let agrees = |at: usize| {
            let told = lines.iter().zip(messages).zip(values(at));
            told.filter(|((line, message), value)| {
                value.is_some() && pid_told(line, message) == *value
            })
            .count()
        };
        let text = |at: Option<usize>| {
            at.and_then(|at| lines.first()?.get(at)).map_or(&b""[..], |token| token.text)
        };
        let bracketed = |at: usize| {
            matches!(text(at.checked_sub(1)), b"[" | b"(")
                && matches!(text(Some(at + 1)), b"]" | b")" | b"-" | b"/")
        };
        let n_told = lines.iter().zip(messages).filter(|(l, m)| pid_told(l, m).is_some()).count();
        let pid = numbers
            .iter()
            .copied()
            .filter(|at| could_be_pid(*at) && (n_told == 0 || agrees(*at) * 2 >= n_told))
            .max_by_key(|at| {
                let named = keyed.get(*at) == Some(&Some('p'));
                (agrees(*at), named, bracketed(*at), std::cmp::Reverse(*at))
            });
        for at in numbers {
            let one = values(*at).all(|value| value == Some(1));
            let behind_number = text(at.checked_sub(1)) == b"-" && text(Some(at + 1)) == b"]";
            if Some(*at) == pid {
                self.set(*at, 'p');
            } else if let Some(escape) = keyed.get(*at).copied().flatten() {
                self.set(*at, escape);
            } else if one && behind_number {
                // `[%l-1]`, as pgBadger's manual has it.
            } else if values(*at).any(|value| value.is_none_or(|v| v > u64::from(u32::MAX))) {
                self.set(*at, 'Q');
            } else if values(*at).all(|value| value == Some(0)) {
                self.set(*at, if self.has('x') { 'Q' } else { 'x' });
            } else {
                self.set(*at, if self.has('l') { 'x' } else { 'l' });
            }
        }
    }

    fn words(
        &mut self,
        lines: &[Vec<Token<'_>>],
        messages: &[&[u8]],
        keyed: &[Option<char>],
        words: &[usize],
    ) {
        let values = |at: usize| -> BTreeSet<&[u8]> {
            lines.iter().filter_map(|line| Some(line.get(at)?.text)).collect()
        };
        let mut open = Vec::new();
        let known: BTreeSet<usize> =
            words.iter().copied().filter(|at| self.escape(*at).is_some()).collect();
        for at in words.iter().filter(|at| !known.contains(at)) {
            let found = values(*at);
            let tags = found.iter().all(|value| TAGS.iter().any(|tag| tag.as_bytes() == *value));
            match keyed.get(*at).copied().flatten() {
                Some(escape) => self.set(*at, escape),
                None if tags => self.set(*at, 'i'),
                None => open.push(*at),
            }
        }
        // A user stands before `@` or `/`, its database behind.
        let text = |at: usize| {
            lines.first().and_then(|line| line.get(at)).map_or(&b""[..], |token| token.text)
        };
        for at in open.clone() {
            let next = at + 2;
            if text(at + 1) == b"@" && open.contains(&next) && !self.has('u') && !self.has('d') {
                self.set(at, 'u');
                self.set(next, 'd');
            }
        }
        open.retain(|at| self.escape(*at).is_none());
        // Messages that name both tell which is which.
        let told = |key: &[u8]| -> BTreeSet<&[u8]> {
            messages.iter().filter_map(|message| word_behind(message, key)).collect()
        };
        let (users, databases) = (told(b"user=".as_slice()), told(b"database=".as_slice()));
        let tells = |at: usize, known: &BTreeSet<&[u8]>| {
            !known.is_empty() && values(at).intersection(known).next().is_some()
        };
        let mut order = vec!['u', 'd', 'a'];
        order.retain(|escape| !self.has(*escape));
        // One database of several users stands before them in some prefixes.
        if let [first, second, ..] = open.as_slice()
            && order.starts_with(&['u', 'd'])
        {
            let constant = values(*first).len() == 1 && values(*second).len() > 1;
            let swapped = tells(*first, &databases) && tells(*second, &users);
            let as_usual = tells(*first, &users) && tells(*second, &databases);
            if !as_usual && (swapped || constant) {
                order.swap(0, 1);
            }
        }
        let mut order = order.into_iter();
        for at in open {
            let escape = order.next().unwrap_or(UNKNOWN);
            self.set(at, escape);
        }
    }
}

/// Whether a piece is a key, which escape it names, and where its value stands: behind `=`, `:` or
/// `":`, and a quote or bracket.
fn key(line: &[Token<'_>], at: usize) -> (bool, Option<char>, usize) {
    let no = (false, None, 0);
    let Some(token) = line.get(at).filter(|token| matches!(token.kind, Kind::Word { .. })) else {
        return no;
    };
    let between = |at: usize| match line.get(at).map(|token| token.kind) {
        Some(Kind::Between(char)) => Some(char),
        _ => None,
    };
    let name = String::from_utf8_lossy(token.text).to_lowercase();
    let escape = KEYS.iter().find(|(key, _)| *key == name).map(|(_, escape)| *escape);
    let mut next = at + 1;
    let quoted = between(next) == Some('"');
    if quoted {
        next += 1;
    }
    let is_key = match between(next) {
        Some('=') => true,
        Some(':') => quoted || escape.is_some() && name.len() > 1,
        _ => false,
    };
    if !is_key {
        return no;
    }
    next += 1;
    while matches!(between(next), Some('"' | '\'' | ' ')) && between(next - 1) != Some('"') {
        next += 1;
    }
    (true, escape, next)
}

/// The process of a line, where its session id or its message tells it.
fn pid_told(line: &[Token<'_>], message: &[u8]) -> Option<u64> {
    let session = line.iter().find(|token| token.kind == Kind::Session);
    if let Some(pid) = session.and_then(|token| super::super::prefix::pid_of_session(token.text)) {
        return Some(u64::from(pid));
    }
    let at = memmem::find(message, b"process ")?;
    let rest = message.get(at + 8..)?;
    let (pid, len) = super::super::prefix::number(rest)?;
    let words: [&[u8]; 4] = [b" still waiting", b" acquired", b" detected", b" avoided"];
    let behind = rest.get(len..)?;
    words.iter().any(|word| behind.starts_with(word)).then_some(u64::from(pid))
}

/// The word behind a key in a message that authorises a connection.
fn word_behind<'a>(message: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    memmem::find(message, b"connection authorized: ")?;
    let rest = message.get(memmem::find(message, key)? + key.len()..)?;
    let len = rest.iter().position(|byte| byte.is_ascii_whitespace()).unwrap_or(rest.len());
    rest.get(..len)
}
