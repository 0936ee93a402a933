//! Credentials in addresses and data source names, and addresses that are secrets themselves.

use super::{Edit, Edited, MASK};
use memchr::{memchr, memmem, memrchr};

/// Schemes in whose addresses an `@` anywhere ends the credentials: passwords hold `/` and `#`.
const DATABASES: &[&str] = &[
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "mongodb",
    "ldap",
    "ldaps",
    "smtp",
    "smtps",
];

fn ends_token(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        None | Some(b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'`' | b'<' | b'>') => true,
        Some(b'\\') => matches!(bytes.get(at + 1), Some(b'"' | b'n' | b'\\')),
        Some(_) => false,
    }
}

fn token_end(bytes: &[u8], mut at: usize) -> usize {
    while !ends_token(bytes, at) {
        at += 1;
    }
    at
}

/// Masks user and password in front of the host.
pub(super) fn credentials(text: &str) -> Option<Edited> {
    let bytes = text.as_bytes();
    memchr(b'@', bytes)?;
    let mut edit = Edit::new(text);
    let mut done = 0;
    // Of the blank-separated token at hand, looked at once however many addresses it holds.
    let (mut token, mut last_at) = (0, None);
    for found in memmem::find_iter(bytes, b"://") {
        let start = found + 3;
        if start < done {
            continue;
        }
        if start >= token {
            token = token_end(bytes, start);
            let slice = bytes.get(start..token).unwrap_or_default();
            let query = memchr(b'?', slice).unwrap_or(slice.len());
            let in_front = slice.get(..query).and_then(|path| memrchr(b'@', path));
            last_at = in_front.or_else(|| memrchr(b'@', slice)).map(|at| start + at);
        }
        let mut authority_end = start;
        while authority_end < token && !matches!(bytes.get(authority_end), Some(b'/' | b'?' | b'#'))
        {
            authority_end += 1;
        }
        let authority = bytes.get(start..authority_end).unwrap_or_default();
        let at = match memrchr(b'@', authority) {
            Some(at) => Some(start + at),
            None if has_password(authority) || is_database(text, found) => {
                last_at.filter(|at| *at > start)
            }
            None => None,
        };
        done = authority_end;
        if let Some(at) = at {
            mask(&mut edit, text, start, at);
            done = at + 1;
        }
    }
    edit.finish()
}

fn mask(edit: &mut Edit<'_>, text: &str, start: usize, end: usize) {
    let masked = text
        .get(start..end)
        .is_none_or(|user| user.bytes().all(|byte| matches!(byte, b'*' | b':')));
    if !masked {
        edit.replace(start, end, MASK, "credentials");
    }
}

/// A `:` that no port follows: `user:pa` of `user:pa/ss@host`.
fn has_password(authority: &[u8]) -> bool {
    if authority.first() == Some(&b'[') {
        return false;
    }
    memchr(b':', authority)
        .and_then(|at| authority.get(at + 1..))
        .is_some_and(|port| !port.iter().all(u8::is_ascii_digit))
}

fn is_database(text: &str, scheme_end: usize) -> bool {
    let before = text.as_bytes().get(..scheme_end).unwrap_or_default();
    let n = before.iter().rev().take(12).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let scheme = text.get(scheme_end - n..scheme_end).unwrap_or_default();
    DATABASES.iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Masks `user:password` of `user:password@tcp(host:3306)/db`.
pub(super) fn mysql(text: &str) -> Option<Edited> {
    let bytes = text.as_bytes();
    let mut edit = Edit::new(text);
    let mut done = 0;
    for at in memmem::find_iter(bytes, b"@") {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let is_dsn =
            [&b"tcp("[..], b"tcp6(", b"unix(", b"("].iter().any(|start| rest.starts_with(start));
        if !is_dsn || at < done {
            continue;
        }
        let mut start = at;
        while start > done
            && !matches!(bytes.get(start - 1), Some(b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'`'))
        {
            start -= 1;
        }
        let token = text.get(start..at).unwrap_or_default();
        // `mysql://user:password@tcp(`, and `dsn=user:password@tcp(`.
        if let Some(scheme) = token.rfind("://") {
            start += scheme + 3;
        } else if let Some(assigned) =
            token.find('=').filter(|eq| !token.get(..*eq).unwrap_or_default().contains(':'))
        {
            start += assigned + 1;
        }
        mask(&mut edit, text, start, at);
        done = at + 1;
    }
    edit.finish()
}

/// What makes an address a secret, and how many bytes at least must follow.
const HOOKS: &[(&str, usize)] = &[
    ("/hooks/", 16),
    ("hooks.slack.com/services/", 8),
    ("hooks.slack.com/workflows/", 8),
    ("webhook.office.com/", 16),
    ("/api/webhooks/", 16),
];

/// Masks what makes the address of a webhook a secret.
pub(super) fn webhooks(text: &str) -> Option<Edited> {
    let bytes = text.as_bytes();
    let mut edit = Edit::new(text);
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (marker, min) in HOOKS {
        for at in memmem::find_iter(bytes, marker.as_bytes()) {
            let start = at + marker.len();
            let in_path = |byte: &u8| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'_' | b'-' | b'/' | b'@' | b'.' | b'%')
            };
            // Longer ones are masked as far as this; the rest follows in the next round.
            let n = bytes
                .get(start..)
                .unwrap_or_default()
                .iter()
                .take(512)
                .take_while(|byte| in_path(byte))
                .count();
            if n >= *min {
                found.push((start, start + n));
            }
        }
    }
    found.sort_unstable();
    let mut done = 0;
    for (start, end) in found {
        if start >= done {
            edit.replace(start, end, MASK, "webhook");
            done = end;
        }
    }
    edit.finish()
}
