//! What a program says about itself in a comment beside its statement.

use super::Engine;
use super::lex::{Kind, Lexer};
use std::collections::BTreeMap;

/// Keys that name a part of a program, by the conventions of sqlcommenter and of Mattermost's
/// plugins. Other keys may name users or trace ids and are left out.
const KEYS: &[&str] = &[
    "action",
    "app",
    "application",
    "controller",
    "db_driver",
    "framework",
    "job",
    "method",
    "plugin",
    "route",
    "service",
    "store",
];

/// Longest value that is taken; names of program parts are shorter.
const VALUE_BYTES_MAX: usize = 64;

/// A run of letters and digits as long as this is rather an id than a word.
const ID_BYTES_MIN: usize = 20;

/// The attributes in the first and the last comment of a statement.
pub(super) fn attributes(sql: &[u8], engine: Engine) -> Vec<(String, String)> {
    let mut found = BTreeMap::new();
    let mut lexer = Lexer::new(sql, engine);
    let mut comments = 0;
    while let Some(token) = lexer.next() {
        if token.kind != Kind::Comment {
            continue;
        }
        comments += 1;
        // A few are enough; thousands are an attack.
        if comments > 8 {
            break;
        }
        let text = sql.get(token.start..token.end).unwrap_or_default();
        if let Some(inner) = text.strip_prefix(b"/*").and_then(|text| text.strip_suffix(b"*/"))
            && inner.len() <= 1024
            && let Ok(inner) = std::str::from_utf8(inner)
        {
            pairs(inner, &mut found);
        }
    }
    found.into_iter().collect()
}

fn pairs(comment: &str, found: &mut BTreeMap<String, String>) {
    for part in comment.split(',') {
        let Some((key, value)) = part.split_once(['=', ':']) else { continue };
        let key = key.trim().to_ascii_lowercase();
        let value = value.trim().trim_matches('\'');
        if KEYS.binary_search(&key.as_str()).is_ok() && is_safe(value) {
            found.entry(key).or_insert_with(|| value.to_owned());
        }
    }
}

fn is_safe(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= VALUE_BYTES_MAX
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./{}".contains(&b))
        && value.split(|c: char| !c.is_ascii_alphanumeric()).all(|run| {
            run.len() < ID_BYTES_MIN && run.bytes().filter(u8::is_ascii_digit).count() < 4
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str) -> Vec<(String, String)> {
        attributes(sql.as_bytes(), Engine::PostgreSql)
    }

    #[test]
    fn a_plugin_and_sqlcommenter_are_read() {
        assert_eq!(
            of("SELECT 1 /* plugin:playbooks */"),
            [("plugin".to_owned(), "playbooks".to_owned())]
        );
        assert_eq!(
            of("SELECT 1 /*action='list',controller='runs',traceparent='00-5b'*/"),
            [
                ("action".to_owned(), "list".to_owned()),
                ("controller".to_owned(), "runs".to_owned())
            ]
        );
    }

    #[test]
    fn what_may_be_customer_data_is_left_out() {
        assert!(of("SELECT 1 /* plugin:jane@example.com */").is_empty());
        assert!(of("SELECT 1 /* user:jane */").is_empty());
        assert!(of("SELECT 1 /* route:/users/ij68zqwet1ukoj8y1d5s5ezydd */").is_empty());
        assert!(of("SELECT '/* plugin:x */'").is_empty());
    }
}
