//! E-mail addresses.

use super::{Edit, Edited};

/// Ends that look like a domain and are the name of a file or a unit.
const NOT_DOMAINS: &[&str] = &[
    "service", "socket", "timer", "target", "slice", "scope", "mount", "log", "png", "jpg", "jpeg",
    "gif", "svg", "webp", "conf", "yaml", "json",
];

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-')
}

/// The domain at the start of `text`, without a dot at its end.
fn domain(text: &str) -> Option<&str> {
    let end =
        text.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-')).unwrap_or(text.len());
    let domain = text.get(..end)?.trim_end_matches(['.', '-']);
    let (host, top) = domain.rsplit_once('.')?;
    // `jane@example.org-data-2025.csv`, as files are named: no top-level domain has a hyphen, but
    // for those in other scripts.
    let top = if top.starts_with("xn--") { top } else { top.split('-').next()? };
    let domain = domain.get(..host.len() + 1 + top.len())?;
    let known = NOT_DOMAINS.iter().any(|no| top.eq_ignore_ascii_case(no));
    // `jane@example.org.log` is the name of a file; `postgresql@14.log` has no domain in it.
    let (domain, host, top) = match host.rsplit_once('.') {
        Some((host, top)) if known => (domain.get(..host.len() + 1 + top.len())?, host, top),
        _ => (domain, host, top),
    };
    let is_version =
        host.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_top =
        top.starts_with("xn--") || top.chars().count() >= 2 && top.chars().all(char::is_alphabetic);
    let known = NOT_DOMAINS.iter().any(|no| top.eq_ignore_ascii_case(no));
    (!host.is_empty() && is_top && !is_version && !known).then_some(domain)
}

/// Replaces addresses by what `pseudonym` gives for them (in lower case).
pub(super) fn clear(text: &str, mut pseudonym: impl FnMut(&str) -> String) -> Option<Edited> {
    let mut edit = Edit::new(text);
    let mut done = 0;
    let signs = memchr::memchr2_iter(b'@', b'%', text.as_bytes());
    for at in signs {
        // `%40` is the sign in an address of a page.
        let rest = text.get(at..).unwrap_or_default();
        let behind = if rest.starts_with('@') {
            1
        } else if rest.starts_with("%40") {
            3
        } else {
            continue;
        };
        if at < done {
            continue;
        }
        let before = text.get(done..at).unwrap_or_default();
        let local_len: usize =
            before.chars().rev().take_while(|c| is_local(*c)).map(char::len_utf8).sum();
        let local = before.get(before.len() - local_len..).unwrap_or_default();
        let start = at - local_len;
        done = at + behind;
        let Some(domain) = text.get(done..).and_then(domain) else { continue };
        if local.trim_matches('.').is_empty() {
            continue;
        }
        done += domain.len();
        let address = format!("{local}@{domain}").to_lowercase();
        edit.replace(start, done, &pseudonym(&address), "email");
    }
    edit.finish()
}
