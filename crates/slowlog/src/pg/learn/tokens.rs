//! The head of a line in pieces: times, addresses, numbers, words, and what stands between.

use super::super::clock::Clock;
use super::super::prefix;
use std::net::IpAddr;

/// What a piece is. Lines whose pieces are of the same kinds have one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A time; whether with thousandths.
    Time { millis: bool },
    /// A time as seconds since the epoch.
    Epoch,
    /// A session id.
    Session,
    /// An address, `[local]`.
    Host,
    /// An address with its port.
    Remote,
    /// A virtual transaction id.
    Virtual,
    /// Digits, maybe behind a sign; padded to a width, or 0.
    Number { width: usize },
    /// An SQLSTATE.
    State,
    /// Anything else with letters; padded to a width, or 0.
    Word { width: usize },
    /// What stands between.
    Between(char),
}

/// A piece of a head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a [u8],
    /// Whether blanks that belong to it stand on its right.
    pub(super) pads_right: bool,
    /// Of times: when.
    pub(super) at_us: i64,
}

/// Whether a character may stand in a name.
fn in_word(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '$' | '.')
}

/// The pieces of a head; `None` where it is no text.
pub(super) fn read(head: &[u8]) -> Option<Vec<Token<'_>>> {
    let text = std::str::from_utf8(head).ok()?;
    let mut clock = Clock::new(None);
    let mut out: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let starts = !text.get(..at)?.chars().next_back().is_some_and(char::is_alphanumeric);
        let (kind, len, at_us) = piece(rest, starts, &mut clock)?;
        out.push(Token { kind, text: rest.get(..len)?.as_bytes(), pads_right: false, at_us });
        at += len;
    }
    Some(padded(out))
}

/// The piece at the start of a text: its kind, its length, and of a time, when.
fn piece(rest: &str, starts: bool, clock: &mut Clock) -> Option<(Kind, usize, i64)> {
    let bytes = rest.as_bytes();
    if starts {
        if let Some((at_us, len)) = clock.parse(bytes) {
            return Some((Kind::Time { millis: bytes.get(19) == Some(&b'.') }, len, at_us));
        }
        if let Some((at_us, len)) = prefix::epoch(bytes) {
            return Some((Kind::Epoch, len, at_us));
        }
        if let Some(len) = super::super::generic::session_like(bytes) {
            return Some((Kind::Session, len, 0));
        }
        if let Some((kind, len)) = address(rest) {
            return Some((kind, len, 0));
        }
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let word: usize = word_len(rest);
    if starts {
        let sign = usize::from(rest.starts_with('-'));
        if rest.starts_with("00000") && word == 5 {
            return Some((Kind::State, 5, 0));
        }
        let n = digits(rest.get(sign..)?);
        if n > 0 && n + sign >= word.max(1) {
            let behind = rest.get(sign + n..)?;
            let local = behind.strip_prefix('/').map_or(0, digits);
            if sign == 0 && local > 0 {
                return Some((Kind::Virtual, n + 1 + local, 0));
            }
            // A sign is part of a number only where it cannot be what stands between.
            if sign == 0 || n > 9 {
                return Some((Kind::Number { width: 0 }, sign + n, 0));
            }
        }
    }
    if word > 0 {
        let is_state = word == 5
            && bytes.get(..5)?.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && bytes.get(..2)?.iter().any(u8::is_ascii_digit);
        let kind = if is_state { Kind::State } else { Kind::Word { width: 0 } };
        return Some((kind, word, 0));
    }
    let char = rest.chars().next()?;
    Some((Kind::Between(char), char.len_utf8(), 0))
}

/// The length of a name: a hyphen between two letters is part of it.
fn word_len(rest: &str) -> usize {
    let mut len = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let joins = char == '-'
            && at > 0
            && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric())
            && rest.get(..at).is_some_and(|word| word.chars().any(char::is_alphabetic));
        if !in_word(char) && !joins {
            break;
        }
        len = at + char.len_utf8();
    }
    len
}

/// An address at the start of a text, with its port if it has one.
fn address(rest: &str) -> Option<(Kind, usize)> {
    let len = if rest.starts_with("[local]") {
        7
    } else {
        let mut len = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'))
            .count();
        // What follows an address may be a colon.
        loop {
            let text = rest.get(..len).filter(|text| text.len() >= 3)?;
            if text.parse::<IpAddr>().is_ok() {
                break len;
            }
            len = text.strip_suffix(':')?.len();
        }
    };
    let behind = rest.get(len..)?;
    let digits = behind
        .strip_prefix('(')
        .map_or(0, |port| port.bytes().take_while(u8::is_ascii_digit).count());
    if digits > 0 && behind.as_bytes().get(digits + 1) == Some(&b')') {
        return Some((Kind::Remote, len + digits + 2));
    }
    Some((Kind::Host, len))
}

/// Takes blanks that pad a number or a word into it.
fn padded(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    const BLANK: Kind = Kind::Between(' ');
    let mut out: Vec<Token<'_>> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let blanks =
            tokens.get(at..).map_or(0, |rest| rest.iter().take_while(|t| t.kind == BLANK).count());
        let behind = tokens.get(at + blanks);
        let is_between =
            |token: Option<&Token<'_>>| matches!(token, Some(Token { kind: Kind::Between(_), .. }));
        let before = out.last().map(|token| token.kind);
        // `[  4965]`: blanks behind what is no blank and before a number or a word.
        let opened = matches!(before, Some(Kind::Between('[' | '(' | '{' | '<')));
        let pads_left = (blanks > 1 || blanks == 1 && opened)
            && matches!(before, Some(Kind::Between(_)))
            && behind.is_some_and(|token| token.can_be_padded());
        if pads_left && let Some(behind) = behind {
            out.push(behind.wide(blanks, false));
            at += blanks + 1;
            continue;
        }
        // `mmuser    |` and `4965      2026-...`: the last blank stands between where nothing
        // else does.
        let last_is_between = !is_between(behind);
        let room = blanks.saturating_sub(usize::from(last_is_between));
        if blanks > 1
            && let Some(last) = out.last_mut().filter(|last| last.can_be_padded())
        {
            *last = last.wide(room, true);
            at += room;
            continue;
        }
        out.push(*token);
        at += 1;
    }
    out
}

impl<'a> Token<'a> {
    fn can_be_padded(&self) -> bool {
        matches!(self.kind, Kind::Number { .. } | Kind::Word { .. })
    }

    /// With so many blanks more.
    fn wide(&self, blanks: usize, pads_right: bool) -> Token<'a> {
        let width = self.text.len() + blanks;
        let kind = if matches!(self.kind, Kind::Number { .. }) {
            Kind::Number { width }
        } else {
            Kind::Word { width }
        };
        Token { kind, pads_right, ..*self }
    }
}
