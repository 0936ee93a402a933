//! A `log_line_prefix` learnt from the lines of a log: what varies from line to line becomes an
//! escape, what stands between stays.
//!
//! No word of a log is ever taken as it stands for a part of the prefix, unless processes without
//! a session have it too: names vary, and a prefix that holds one reads the lines of one user.

mod roles;
mod tokens;

use super::generic;
use roles::Roles;
use std::collections::{BTreeMap, BTreeSet};
use tokens::{Kind, Token};

/// Shapes of lines that are looked at: the most frequent ones.
const SHAPES_MAX: usize = 6;
/// Tokens of a head that are looked at.
const TOKENS_MAX: usize = 96;

/// Lines of one shape: the kinds of their tokens are the same.
struct Shape<'a> {
    lines: Vec<Vec<Token<'a>>>,
    messages: Vec<&'a [u8]>,
}

/// The prefixes that the lines suggest, at most a dozen.
pub(crate) fn prefixes(lines: &[&[u8]]) -> Vec<String> {
    let mut shapes: BTreeMap<Vec<Kind>, Shape<'_>> = BTreeMap::new();
    for line in lines {
        let Some((head, _, at)) = generic::split(line) else { continue };
        let Some(tokens) = tokens::read(head).filter(|tokens| tokens.len() <= TOKENS_MAX) else {
            continue;
        };
        let kinds = tokens.iter().map(|token| token.kind).collect();
        let shape = shapes
            .entry(kinds)
            .or_insert_with(|| Shape { lines: Vec::new(), messages: Vec::new() });
        shape.lines.push(tokens);
        shape.messages.push(line.get(at..).unwrap_or_default());
    }
    let mut ranked: Vec<(&Vec<Kind>, &Shape<'_>)> = shapes.iter().collect();
    ranked.sort_by_key(|(kinds, shape)| std::cmp::Reverse((shape.lines.len(), kinds.len())));
    let mut out = Vec::new();
    for (kinds, shape) in ranked.iter().filter(|(kinds, _)| !has_address(kinds)).take(SHAPES_MAX) {
        // Where lines of processes without a session end: there `%q` stands.
        let stop = ranked
            .iter()
            .map(|(shorter, _)| shorter.len())
            .filter(|len| *len < kinds.len())
            .filter(|len| ranked.iter().any(|(k, _)| k.len() == *len && kinds.starts_with(k)))
            .max();
        let background = |at: usize, word: &[u8]| {
            ranked.iter().filter(|(other, _)| other.get(..=at) == kinds.get(..=at)).any(
                |(_, shape)| {
                    shape.lines.iter().zip(&shape.messages).any(|(line, message)| {
                        is_background(message) && line.get(at).is_some_and(|t| t.text == word)
                    })
                },
            )
        };
        // Whether other lines have several words where these have one, between the same pieces.
        let spaced = |at: usize| {
            let here = values(shape, at);
            ranked.iter().any(|(other, lines)| {
                let more = other.len().saturating_sub(kinds.len());
                more > 0
                    && other.get(..=at) == kinds.get(..=at)
                    && other.get(at + 1) == Some(&Kind::Between(' '))
                    && other.get(at + more..) == kinds.get(at..)
                    && values(lines, at).is_disjoint(&here)
            })
        };
        let roles = Roles::of(&shape.lines, &shape.messages, background, spaced);
        let names = roles.first_name().map(|at| {
            // Behind the blank before it.
            let blank = |kind: &Kind| *kind == Kind::Between(' ');
            kinds.get(..at).and_then(|before| before.iter().rposition(blank)).map_or(0, |b| b + 1)
        });
        for stop in [None, stop, names] {
            let text = written(shape, &roles, stop);
            if !out.contains(&text) {
                out.push(text);
            }
        }
    }
    out
}

/// Whether a user of a shape is an address, `jane@corp.com`: the shape of others is plainer.
fn has_address(kinds: &[Kind]) -> bool {
    kinds.windows(5).any(|five| {
        let word = |kind: Option<&Kind>| matches!(kind, Some(Kind::Word { .. }));
        let sign = |kind: Option<&Kind>| kind == Some(&Kind::Between('@'));
        word(five.first())
            && sign(five.get(1))
            && word(five.get(2))
            && sign(five.get(3))
            && word(five.get(4))
    })
}

/// What stands at a place in the lines of a shape.
fn values<'a>(shape: &Shape<'a>, at: usize) -> BTreeSet<&'a [u8]> {
    shape.lines.iter().filter_map(|line| Some(line.get(at)?.text)).collect()
}

/// Whether a message is of a process without a session, which has no user.
fn is_background(message: &[u8]) -> bool {
    const BEGINS: [&[u8]; 8] = [
        b"checkpoint ",
        b"automatic ",
        b"database system ",
        b"listening on ",
        b"starting PostgreSQL",
        b"received ",
        b"shutting down",
        b"background worker",
    ];
    let text = message.get(memchr::memchr(b':', message).map_or(0, |at| at + 1)..);
    let text = text.unwrap_or_default().trim_ascii_start();
    BEGINS.iter().any(|begin| text.starts_with(begin))
}

/// The prefix of a shape, with `%q` before token `stop`.
fn written(shape: &Shape<'_>, roles: &Roles, stop: Option<usize>) -> String {
    let mut out = String::new();
    let Some(first) = shape.lines.first() else { return out };
    for (at, token) in first.iter().enumerate() {
        if stop == Some(at) {
            out.push_str("%q");
        }
        match roles.escape(at) {
            Some(escape) => {
                let width = if let Kind::Word { width } | Kind::Number { width } = token.kind
                    && width > 0
                {
                    width.to_string()
                } else {
                    String::new()
                };
                out.push('%');
                if token.pads_right && !width.is_empty() {
                    out.push('-');
                }
                out.push_str(&width);
                out.push(escape);
            }
            None => {
                for char in String::from_utf8_lossy(token.text).chars() {
                    if char == '%' {
                        out.push('%');
                    }
                    out.push(char);
                }
            }
        }
        if let Some(empty) = roles.behind(at) {
            out.push('%');
            out.push(empty);
        }
    }
    out
}

#[cfg(test)]
mod tests;
