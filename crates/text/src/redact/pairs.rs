//! `key=value`, `"key":"value"`, `key: value` and their relatives.

use super::keys::{Secrecy, is_harmless, qualifies_key, secrecy};
use super::{Edit, Edited, MASK};
use regex::Regex;
use std::sync::LazyLock;

/// Words that every secret's name holds.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u:pass|pwd|\bpw\b|[_-]pw\b|secret|token|key|authoriz|cookie|salt|credential|jwt|signature|\bsig\b|identified)").ok()
});

/// The longest name of a key: longer runs of letters are data.
const KEY_BYTES_MAX: usize = 256;

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'$')
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A look at bytes by position; beyond the end there is 0.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn at(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    fn skip(&self, mut at: usize, is: impl Fn(u8) -> bool) -> usize {
        while at < self.0.len() && is(self.at(at)) {
            at += 1;
        }
        at
    }
}

/// Masks the values of secret keys.
pub(super) fn clear(text: &str) -> Option<Edited> {
    let words = WORDS.as_ref()?;
    let bytes = Bytes(text.as_bytes());
    let mut edit = Edit::new(text);
    let mut done = 0;
    for word in words.find_iter(text) {
        if word.start() < done {
            continue;
        }
        let mut start = word.start();
        while start > done && is_key_byte(bytes.at(start - 1)) {
            start -= 1;
        }
        let end = bytes.skip(word.end(), is_key_byte);
        done = end;
        if end - start > KEY_BYTES_MAX {
            continue;
        }
        let Some(value) = value_of(text, bytes, start, end) else { continue };
        let Value { from, to, secrecy } = value;
        let key = text.get(start..end).unwrap_or_default();
        let Some(secret) = text.get(from..to) else { continue };
        done = to.max(end);
        if !is_harmless(secret, secrecy, key) && !is_said(text, key, from) {
            edit.replace(from, to, MASK, "secret");
        }
    }
    edit.finish()
}

/// Whether it is no value but what a program says next: `"Invalid Credentials": 80090308: LdapErr`
/// (the code tells a locked account from a wrong password), `Check BindUsername and BindPassword.: `.
fn is_said(text: &str, key: &str, from: usize) -> bool {
    let behind = text.get(from..).unwrap_or_default();
    let is_of_directory = behind.get(..8).is_some_and(|code| {
        code.bytes().all(|byte| byte.is_ascii_hexdigit())
            && behind.get(8..).is_some_and(|rest| rest.starts_with(": LdapErr"))
    });
    is_of_directory
        || key.ends_with('.') && text.get(..from).is_some_and(|text| text.ends_with(": "))
}

struct Value {
    from: usize,
    to: usize,
    secrecy: Secrecy,
}

/// The value of the key at `start..end`, if the key names a secret and has one.
fn value_of(text: &str, bytes: Bytes<'_>, start: usize, end: usize) -> Option<Value> {
    let name = text.get(start..end)?;
    let key = name.trim_start_matches(['-', '.', '$']);
    if name.eq_ignore_ascii_case("identified") {
        let (from, to) = sql_literal(text, end, 80)?;
        return Some(Value { from, to, secrecy: Secrecy::Strong });
    }
    let secrecy = secrecy(key).or_else(|| named_in_two_words(text, start, key))?;
    // The end of a quoted name, of any depth of escaping, and of an index.
    let mut at = bytes.skip(end, |byte| byte == b'\\');
    if matches!(bytes.at(at), b'"' | b'\'' | b'`') {
        at += 1;
        if bytes.at(at) == b']' {
            at += 1;
        }
    } else {
        at = end;
    }
    let behind_name = at;
    at = bytes.skip(at, is_space);
    let separator = bytes.at(at);
    let assigned = match separator {
        b'=' => true,
        b':' => bytes.at(at + 1) == b'=',
        b'!' if bytes.at(at + 1) == b'=' => true,
        b'>' if start > 0 && bytes.at(start - 1) == b'<' => {
            let from = at + 1;
            return Some(Value { from, to: bytes.skip(from, |byte| byte != b'<'), secrecy });
        }
        // ALTER USER mmuser PASSWORD 'x'
        b'\'' if at > behind_name => {
            let (from, to) = sql_literal(text, at, 1)?;
            return Some(Value { from, to, secrecy });
        }
        // --password x
        _ if name.starts_with('-') && at > behind_name && separator != b'-' => {
            let (from, to) = bounds(text, bytes, at, Until::Delimiter)?;
            return Some(Value { from, to, secrecy });
        }
        _ => return None,
    };
    if secrecy == Secrecy::Assigned && !assigned {
        return None;
    }
    at = bytes.skip(at, |byte| matches!(byte, b'=' | b':' | b'>' | b'!'));
    let spaced = is_space(bytes.at(at));
    at = bytes.skip(at, is_space);
    let until = until(bytes, start, key, assigned, spaced);
    if until == Until::Header {
        at = behind_scheme(text, bytes, at);
    }
    let (from, to) = bounds(text, bytes, at, until)?;
    Some(Value { from, to, secrecy })
}

/// `private key`: the word in front of `key`.
fn named_in_two_words(text: &str, start: usize, key: &str) -> Option<Secrecy> {
    let is_key = key.eq_ignore_ascii_case("key") || key.eq_ignore_ascii_case("keys");
    let before = text.get(..start)?.strip_suffix(' ').filter(|_| is_key)?;
    let n_letters = before.bytes().rev().take(12).take_while(u8::is_ascii_alphabetic).count();
    let word = before.get(before.len() - n_letters..)?;
    qualifies_key(word).then_some(Secrecy::Strong)
}

/// The literal that begins within `within` bytes.
fn sql_literal(text: &str, from: usize, within: usize) -> Option<(usize, usize)> {
    let near = text.as_bytes().get(from..)?;
    let quote = near.iter().take(within).position(|byte| *byte == b'\'')?;
    let start = from + quote + 1;
    let rest = text.as_bytes().get(start..)?;
    let len = rest.iter().position(|byte| *byte == b'\'').unwrap_or(rest.len());
    Some((start, start + len))
}

/// Where a value without quotes ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// At a blank, or at a delimiter that another thing follows.
    Delimiter,
    /// At the end of the line.
    Line,
    /// As a word, behind the name of a scheme (`Bearer`).
    Header,
    /// At the end of the line or of a bracket: cookies.
    Cookies,
}

fn until(bytes: Bytes<'_>, start: usize, key: &str, assigned: bool, spaced: bool) -> Until {
    let lower = key.to_ascii_lowercase();
    if lower.ends_with("authorization") {
        return Until::Header;
    }
    if lower.ends_with("cookie") && !assigned {
        return Until::Cookies;
    }
    // The one secret that is made of several words.
    if lower.ends_with("passphrase") {
        return Until::Line;
    }
    let mut before = start;
    while before > 0 && start - before < 80 && matches!(bytes.at(before - 1), b' ' | b'\t' | b'-') {
        before -= 1;
    }
    let begins_line = before == 0 || bytes.at(before - 1) == b'\n';
    if begins_line && !assigned && spaced { Until::Line } else { Until::Delimiter }
}

fn behind_scheme(text: &str, bytes: Bytes<'_>, at: usize) -> usize {
    const SCHEMES: &[&str] = &["bearer", "basic", "token", "negotiate", "apikey"];
    let open = bytes.skip(at, |byte| matches!(byte, b'[' | b'"' | b'\\' | b'\''));
    let end = bytes.skip(open, |byte| byte.is_ascii_alphabetic());
    let word = text.get(open..end).unwrap_or_default();
    let known =
        SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme)) && is_space(bytes.at(end));
    if known { bytes.skip(end, is_space) } else { at }
}

/// From the first to behind the last byte of the value at `at`.
fn bounds(text: &str, bytes: Bytes<'_>, at: usize, until: Until) -> Option<(usize, usize)> {
    let len = text.len();
    if at >= len {
        return None;
    }
    let quote_at = bytes.skip(at, |byte| byte == b'\\');
    let depth = quote_at - at;
    let quote = bytes.at(quote_at);
    if matches!(quote, b'"' | b'\'' | b'`') {
        let from = quote_at + 1;
        return Some((from, closing(bytes, from, quote, depth)));
    }
    if bytes.at(at) == b'[' && until != Until::Header {
        let to = bytes.skip(at + 1, |byte| byte != b']' && byte != b'\n');
        return Some((at + 1, to));
    }
    if bytes.at(at) == b'{' {
        return None;
    }
    let to = match until {
        Until::Line => bytes.skip(at, |byte| byte != b'\n'),
        Until::Cookies => bytes.skip(at, |byte| !matches!(byte, b'\n' | b']' | b'"' | b'\'')),
        Until::Delimiter | Until::Header => {
            let mut to = at;
            while to < len && !ends_value(bytes, to) {
                to += 1;
            }
            to
        }
    };
    (to > at).then_some((at, to))
}

/// The closing quote: preceded by no more backslashes than the opening one was.
fn closing(bytes: Bytes<'_>, from: usize, quote: u8, depth: usize) -> usize {
    let mut n_slashes = 0;
    let mut at = from;
    while at < bytes.0.len() {
        match bytes.at(at) {
            b'\\' => n_slashes += 1,
            byte => {
                let closes = if depth == 0 { n_slashes % 2 == 0 } else { n_slashes <= depth };
                if byte == quote && closes {
                    // The backslashes belong to the quote, unless they are pairs.
                    return if depth == 0 { at } else { at - n_slashes };
                }
                n_slashes = 0;
            }
        }
        at += 1;
    }
    at
}

/// Whether a value without quotes ends at `at`. Passwords hold commas, brackets and ampersands;
/// they end one only where something else begins.
fn ends_value(bytes: Bytes<'_>, at: usize) -> bool {
    match bytes.at(at) {
        b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'`' | b'<' | b'>' => true,
        b'\\' => matches!(bytes.at(at + 1), b'"' | b'n' | b'\\'),
        b',' | b';' | b'&' | b')' | b']' | b'}' | b'|' => {
            let next = bytes.at(at + 1);
            if matches!(
                next,
                0 | b' ' | b'\t' | b'\n' | b'"' | b'\'' | b',' | b';' | b')' | b']' | b'}'
            ) {
                return true;
            }
            // Another pair.
            let mut end = at + 1;
            while end - at < 40 && is_key_byte(bytes.at(end)) {
                end += 1;
            }
            end > at + 1 && matches!(bytes.at(end), b'=' | b':')
        }
        _ => false,
    }
}
