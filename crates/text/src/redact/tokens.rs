//! Secrets that are known by their shape.

use super::{Edit, Edited};
use memchr::memmem;
use regex::Regex;
use std::sync::LazyLock;

/// The shapes: each alternative is one group, in the order of [`KINDS`].
static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u)(eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?)",
        r"|(\b(?:AKIA|ASIA|AGPA|AROA|AIPA|ANPA)[A-Z0-9]{16}\b)",
        r"|(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}",
        r"|\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|agent)-[A-Za-z0-9_-]{16,}",
        r"|\bxox[a-z]-[A-Za-z0-9-]{8,}|\bxapp-[A-Za-z0-9-]{8,}|\bAIza[A-Za-z0-9_-]{30,}",
        r"|\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|\bnpm_[A-Za-z0-9]{30,})",
        r"|(?i:\b(?:bearer|basic))[ \t]+([A-Za-z0-9._~+/=-]{8,})",
    ))
    .ok()
});

const KINDS: [(&str, &str); 4] =
    [("jwt", "[jwt]"), ("aws-key", "[aws-key]"), ("token", "[token]"), ("token", "***")];

/// Masks tokens.
pub(super) fn clear(text: &str) -> Option<Edited> {
    let shapes = SHAPES.as_ref()?;
    let mut edit = Edit::new(text);
    for found in shapes.captures_iter(text) {
        for (group, (kind, mask)) in (1..).zip(KINDS) {
            let Some(secret) = found.get(group) else { continue };
            // `basic authentication` is no token.
            let word = group == 4
                && secret.len() < 24
                && secret
                    .as_str()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'.');
            if !word {
                edit.replace(secret.start(), secret.end(), mask, kind);
            }
        }
    }
    edit.finish()
}

/// Masks private keys in PEM, also one that is cut off.
pub(super) fn private_keys(text: &str) -> Option<Edited> {
    let bytes = text.as_bytes();
    let mut edit = Edit::new(text);
    let mut done = 0;
    for begin in memmem::find_iter(bytes, b"-----BEGIN ") {
        if begin < done {
            continue;
        }
        let label = bytes.get(begin..(begin + 64).min(bytes.len())).unwrap_or_default();
        if memmem::find(label, b"PRIVATE KEY").is_none() {
            continue;
        }
        let rest = bytes.get(begin..).unwrap_or_default();
        let end = memmem::find(rest, b"-----END ")
            .and_then(|end| Some(end + 9 + memmem::find(rest.get(end + 9..)?, b"-----")? + 5))
            .unwrap_or(rest.len());
        edit.replace(begin, begin + end, "[private-key]", "private-key");
        done = begin + end;
    }
    edit.finish()
}
