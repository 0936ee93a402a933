//! The first of two steps from a statement to its fingerprint: literals out, the rest as it
//! stands. Cheap, and only a key: texts of one key have one fingerprint, while several keys may
//! lead to the same one.
#![expect(
    clippy::indexing_slicing,
    reason = "one scan over bytes; every index is below the length that the loop checks"
)]

use crate::fingerprint::Engine;

/// Bytes at which the scan has to look closer.
static STOPS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b'0';
    while byte <= b'9' {
        table[byte as usize] = true;
        byte += 1;
    }
    table[b'\'' as usize] = true;
    table[b'"' as usize] = true;
    table[b'$' as usize] = true;
    table[b'-' as usize] = true;
    table[b'/' as usize] = true;
    table[b'#' as usize] = true;
    table[b'`' as usize] = true;
    table
};

/// Whether a byte continues an identifier.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

/// Writes `sql` to `out` (which is emptied first) with the insides of strings taken out and every
/// run of digits as one `0`. Comments and quoted identifiers stay.
pub(crate) fn mask(sql: &[u8], engine: Engine, out: &mut Vec<u8>) {
    out.clear();
    let mysql = engine == Engine::MySql;
    let mut copied = 0;
    let mut at = 0;
    let n = sql.len();
    while at < n {
        if !STOPS[usize::from(sql[at])] {
            at += 1;
            continue;
        }
        let byte = sql[at];
        let after_word = at > 0 && is_word(sql[at - 1]);
        match byte {
            b'0'..=b'9' => {
                let start = at;
                while at < n && sql[at].is_ascii_digit() {
                    at += 1;
                }
                // `q2`, `$1` and `1e5` stay.
                if !(after_word || at < n && is_word(sql[at])) {
                    out.extend_from_slice(&sql[copied..start]);
                    out.push(b'0');
                    copied = at;
                }
            }
            b'\'' => {
                let backslash = mysql
                    || (after_word
                        && sql[at - 1].eq_ignore_ascii_case(&b'e')
                        && !(at > 1 && is_word(sql[at - 2])));
                out.extend_from_slice(&sql[copied..=at]);
                (at, copied) = inside_out(sql, string_end(sql, at + 1, b'\'', backslash));
            }
            b'"' if mysql => {
                out.extend_from_slice(&sql[copied..=at]);
                (at, copied) = inside_out(sql, string_end(sql, at + 1, b'"', true));
            }
            b'"' => at = string_end(sql, at + 1, b'"', false).min(n),
            b'`' => at = string_end(sql, at + 1, b'`', false).min(n),
            b'$' if !mysql && !after_word => match dollar_tag(sql, at) {
                Some(tag_end) => {
                    let tag = &sql[at..tag_end];
                    out.extend_from_slice(&sql[copied..tag_end]);
                    match memchr::memmem::find(&sql[tag_end..], tag) {
                        Some(len) => {
                            copied = tag_end + len;
                            at = copied + tag.len();
                        }
                        None => {
                            at = n;
                            copied = n;
                        }
                    }
                }
                None => at += 1,
            },
            // MySQL subtracts twice in `1--'a'`: its comments need white space behind the dashes.
            b'-' if sql.get(at + 1) == Some(&b'-')
                && (!mysql || sql.get(at + 2).is_none_or(|&byte| byte <= b' ')) =>
            {
                at = line_end(sql, at);
            }
            b'#' if mysql => at = line_end(sql, at),
            b'/' if sql.get(at + 1) == Some(&b'*') => at = comment_end(sql, at, !mysql),
            _ => at += 1,
        }
    }
    out.extend_from_slice(&sql[copied.min(n)..]);
}

/// Where to go on and what to copy from behind a string that ends at `end`: its closing quote,
/// if it has one.
fn inside_out(sql: &[u8], end: usize) -> (usize, usize) {
    if end <= sql.len() { (end, end - 1) } else { (sql.len(), sql.len()) }
}

/// The place behind the quote that closes a string whose inside begins at `at`; one more than the
/// length when nothing closes it.
fn string_end(sql: &[u8], mut at: usize, quote: u8, backslash: bool) -> usize {
    let unclosed = sql.len() + 1;
    loop {
        let Some(rest) = sql.get(at..) else { return unclosed };
        let next = if backslash {
            memchr::memchr2(quote, b'\\', rest)
        } else {
            memchr::memchr(quote, rest)
        };
        let Some(len) = next else { return unclosed };
        at += len;
        if sql[at] == b'\\' || sql.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
}

/// The end of `$tag$` at `at`, if it is one.
fn dollar_tag(sql: &[u8], at: usize) -> Option<usize> {
    let name = sql[at + 1..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | 0x80..))
        .count();
    let starts_with_digit = sql.get(at + 1).is_some_and(u8::is_ascii_digit);
    (!starts_with_digit && sql.get(at + 1 + name) == Some(&b'$')).then_some(at + name + 2)
}

/// The end of a comment up to its line.
fn line_end(sql: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &sql[at..]).map_or(sql.len(), |len| at + len)
}

/// The end of a comment in `/* */`.
fn comment_end(sql: &[u8], mut at: usize, nests: bool) -> usize {
    let mut depth = 0u32;
    loop {
        let Some(len) = sql.get(at..).and_then(|rest| memchr::memchr2(b'*', b'/', rest)) else {
            return sql.len();
        };
        at += len;
        match (sql[at], sql.get(at + 1)) {
            (b'/', Some(b'*')) if depth == 0 || nests => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::fingerprint;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn masked(sql: &str, engine: Engine) -> String {
        let mut out = Vec::new();
        mask(sql.as_bytes(), engine, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_literals_are_taken_out() {
        for (sql, expected) in [
            ("select 'a''b', 12, q2, $1", "select '', 0, q2, $1"),
            (r"select E'a\'b', 'c'", "select E'', ''"),
            (r"select 'a\', 5", r"select '', 0"),
            ("select $$it's$$, $x$ 1 $x$", "select $$$$, $x$$x$"),
            ("select \"a 1\" -- it's 5\n, 7", "select \"a 1\" -- it's 5\n, 0"),
            ("select 1 /* 'x /* 2 */ */ , 3", "select 0 /* 'x /* 2 */ */ , 0"),
            ("select 'cut", "select '"),
            ("select 1.5, 0x1F, 1e5", "select 0.0, 0x1F, 1e5"),
        ] {
            assert_eq!(masked(sql, Engine::PostgreSql), expected);
        }
        assert_eq!(
            masked("select \"it's\", 'a\\'b', `q 1`, 2 # x", Engine::MySql),
            "select \"\", '', `q 1`, 0 # x"
        );
    }

    /// Pieces that statements are made of, many of them dangerous.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("'"),
            Just("''"),
            Just("\\"),
            Just("\""),
            Just("$$"),
            Just("$a$"),
            Just("$1"),
            Just("--"),
            Just("\n"),
            Just("/*"),
            Just("*/"),
            Just("E'"),
            Just("1"),
            Just("23"),
            Just("0"),
            Just("."),
            Just("e"),
            Just("x"),
            Just("-"),
            Just("+"),
            Just(" "),
            Just(","),
            Just("("),
            Just(")"),
            Just("in "),
            Just("select "),
            Just("'a'"),
            Just("'b c'"),
            Just("null"),
            Just("true"),
            Just("limit "),
            Just("values "),
            Just("`"),
            Just("#"),
            Just(";"),
            Just("_"),
            Just("..."),
            Just("é"),
            Just("begin;"),
            Just("union "),
        ]
        .prop_map(str::to_owned)
    }

    #[test]
    fn two_dashes_of_mysql_begin_a_comment_only_before_white_space() {
        assert_eq!(masked("select --'b', 'a'", Engine::MySql), "select --'', ''");
        assert_eq!(masked("select -- 'b', 'a'", Engine::MySql), "select -- 'b', 'a'");
        assert_eq!(masked("select --'b', 'a'", Engine::PostgreSql), "select --'b', 'a'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn texts_of_one_key_have_one_fingerprint(texts in prop::collection::vec(prop::collection::vec(piece(), 0..7), 30)) {
            for engine in [Engine::PostgreSql, Engine::MySql] {
                let mut seen: BTreeMap<String, (String, String)> = BTreeMap::new();
                for pieces in &texts {
                    let text = pieces.concat();
                    let key = masked(&text, engine);
                    let fingerprint = fingerprint(text.as_bytes(), engine).text;
                    if let Some((other, kept)) = seen.get(&key) {
                        prop_assert_eq!(kept, &fingerprint, "{:?} and {:?} have the key {:?}", other, text, key);
                    }
                    seen.insert(key, (text, fingerprint));
                }
            }
        }

        #[test]
        fn other_literals_give_the_same_key_and_fingerprint(pieces in prop::collection::vec(piece(), 0..12), digit in 1u32..1000, word in "[a-z ]{0,9}") {
            let text = pieces.concat();
            let other = text.replace("23", &digit.to_string()).replace("'a'", &format!("'{word}'"));
            for engine in [Engine::PostgreSql, Engine::MySql] {
                if masked(&text, engine) == masked(&other, engine) {
                    prop_assert_eq!(fingerprint(text.as_bytes(), engine).text, fingerprint(other.as_bytes(), engine).text);
                }
            }
        }

        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut out = Vec::new();
            mask(&bytes, Engine::PostgreSql, &mut out);
            prop_assert!(out.len() <= bytes.len() * 2 + 2);
            mask(&bytes, Engine::MySql, &mut out);
        }
    }
}
