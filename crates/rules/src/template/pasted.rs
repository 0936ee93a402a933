//! What may stand in a command that somebody will paste into a shell or a database client.
//!
//! Everything that was read is untrusted: a plugin, a table or a user may be called `x; rm -rf /`.

use crate::expr::Val;

/// The unit of columns with whole statements of our own catalogue.
const STATEMENT: &str = "sql";
/// Longer is no name.
const NAME_CHARS_MAX: usize = 200;

/// Whether a value is nothing but a name, a number or an address to a shell, to PostgreSQL and to
/// MySQL, in quotes or without; several names may be joined with `, `.
pub(super) fn is_safe(value: &Val<'_>, unit: &str) -> bool {
    match value {
        Val::Text(_) if unit == STATEMENT => true,
        Val::Text(text) => text.len() <= NAME_CHARS_MAX && text.split(", ").all(is_name),
        Val::Null
        | Val::Bool(_)
        | Val::Int(_)
        | Val::Float(_)
        | Val::Version(_)
        | Val::Time(_)
        | Val::Span(_) => true,
    }
}

/// No white space, no quotes, nothing that a shell expands; no option and no comment either.
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.:/@%+=-".contains(c);
    !name.is_empty()
        && name.chars().all(is_plain)
        && !name.starts_with(['-', '=', '%', '@'])
        && !name.contains("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(text: &str) -> bool {
        is_safe(&Val::Text(text.into()), "")
    }

    #[test]
    fn names_and_addresses_go_into_a_command() {
        for text in [
            "posts",
            "public.posts",
            "posts, channels",
            "com.github.dlp-scanner",
            "/mnt/nfs/data/",
            "https://search.example.com:9200",
            "10.0.2.11",
            "svc@directory.example.com",
        ] {
            assert!(safe(text), "{text}");
        }
    }

    #[test]
    fn what_a_shell_or_a_database_takes_for_more_stays_out() {
        for text in [
            "",
            "x; rm -rf /",
            "$(reboot)",
            "`id`",
            "a b",
            "posts; DROP TABLE posts",
            "posts'",
            "posts\"",
            "posts--",
            "-rf",
            "--all",
            "a|b",
            "a&b",
            "a>b",
            "a\nb",
            "a\\b",
            "*",
            "~root",
            "posts,\u{202e}users",
            "posts/*x*/",
            "a, ",
            ", a",
        ] {
            assert!(!safe(text), "{text}");
        }
        assert!(!safe(&"a".repeat(NAME_CHARS_MAX + 1)));
    }
}
