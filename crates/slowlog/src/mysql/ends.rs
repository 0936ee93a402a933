//! Where a statement ends: at the next entry that does not stand inside a string. What people wrote
//! to each other is in strings, and somebody may have pasted a slow log. That one is of earlier.

use super::entries::{begin_of, begins_entry};
use memchr::{memchr, memchr_iter, memchr3, memmem};

/// How far behind a header inside a string its end is looked for: a post is shorter. A statement
/// that the server cut inside a string has none.
const LOOK_MAX: usize = 80 * 1024;
/// Entries are written when statements end, to a rounding of seconds.
const ORDER_US: i64 = 2_000_000;
/// Statements of a block that were cut inside a string from which on strings are not looked at:
/// the server cuts all that are long.
const CUT_MAX: u32 = 8;

/// Finds the ends of the statements of a block.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// Statements that had no end of their string.
    cut: u32,
}

impl Ends {
    /// Where the statement that begins at `start` ends. `ended_us`: when it did.
    pub(super) fn statement_end(
        &mut self,
        text: &[u8],
        start: usize,
        ended_us: Option<(i64, i64)>,
    ) -> usize {
        let mut at = start;
        if begins_entry(text.get(at..).unwrap_or_default()) {
            return at;
        }
        let mut first_inside = None;
        let mut quotes = Quotes::default();
        let mut seen_to = start;
        while let Some(found) = text.get(at..).and_then(|tail| memchr(b'\n', tail)) {
            at += found + 1;
            if text.get(at) != Some(&b'#') || !begins_entry(text.get(at..).unwrap_or_default()) {
                continue;
            }
            if self.cut >= CUT_MAX {
                return at;
            }
            // Most statements need no closer look.
            if first_inside.is_none() && !may_be_inside(text.get(start..at).unwrap_or_default()) {
                return at;
            }
            quotes.read(text.get(seen_to..at).unwrap_or_default());
            seen_to = at;
            if !quotes.is_open() {
                return at;
            }
            // A statement that was cut inside its string is followed by one that ended later.
            let next_us = text.get(at..).and_then(|entry| begin_of(entry).ended_us());
            if let (Some((ended_us, _)), Some((_, next_us))) = (ended_us, next_us)
                && next_us >= ended_us - ORDER_US
            {
                return at;
            }
            let inside = *first_inside.get_or_insert(at);
            if at - inside > LOOK_MAX {
                break;
            }
        }
        match first_inside {
            Some(inside) => {
                self.cut += 1;
                inside
            }
            None => text.len(),
        }
    }
}

/// Whether a string may be open at the end of a text: mostly told by the number of quotes, unless
/// one is escaped or stands in a comment.
fn may_be_inside(text: &[u8]) -> bool {
    let single = memchr_iter(b'\'', text).count();
    let double = memchr_iter(b'"', text).count();
    if single + double == 0 {
        return false;
    }
    let has = |what: &[u8]| memmem::find(text, what).is_some();
    single % 2 == 1
        || double % 2 == 1
        || memchr(b'\\', text).is_some()
        || single > 0 && double > 0
        || has(b"--")
        || has(b"/*")
}

/// Which string a reader of SQL is in.
#[derive(Clone, Copy, Debug, Default)]
struct Quotes {
    open: Option<u8>,
}

impl Quotes {
    fn is_open(self) -> bool {
        self.open.is_some()
    }

    /// Reads on.
    fn read(&mut self, text: &[u8]) {
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            match self.open {
                Some(quote) => {
                    let Some(found) = memchr::memchr2(quote, b'\\', rest) else { return };
                    if rest.get(found) == Some(&b'\\') && quote != b'`' {
                        at += found + 2;
                        continue;
                    }
                    at += found + 1;
                    if rest.get(found) == Some(&quote) {
                        // Two of them are one inside the string: closed and opened again.
                        self.open = None;
                    }
                }
                None => {
                    let quote = memchr3(b'\'', b'"', b'`', rest);
                    let until = quote.unwrap_or(rest.len());
                    if let Some(len) = comment(rest.get(..until).unwrap_or_default(), rest) {
                        at += len;
                        continue;
                    }
                    let Some(found) = quote else { return };
                    self.open = rest.get(found).copied();
                    at += found + 1;
                }
            }
        }
    }
}

/// Where the first comment that begins in `plain` ends in `rest`, of which it is the start: quotes
/// in it are none.
fn comment(plain: &[u8], rest: &[u8]) -> Option<usize> {
    let forms: [(&[u8], &[u8]); 3] = [(b"-- ", b"\n"), (b"#", b"\n"), (b"/*", b"*/")];
    let (start, (begin, end)) = forms
        .into_iter()
        .filter_map(|form| memmem::find(plain, form.0).map(|at| (at, form)))
        .min_by_key(|(at, _)| *at)?;
    let behind = start + begin.len();
    let len =
        memmem::find(rest.get(behind..)?, end).map_or(rest.len(), |len| behind + len + end.len());
    Some(len)
}

#[cfg(test)]
mod tests {
    use super::super::entries::entries;

    fn statements(log: &str) -> Vec<String> {
        let mut out = Vec::new();
        entries(log.as_bytes(), |entry| out.push(String::from_utf8_lossy(entry.sql).into_owned()));
        out
    }

    fn entry_at(epoch: u32, sql: &str) -> String {
        format!(
            "# User@Host: u[u] @ h []  Id: 5\n# Query_time: 0.5  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 7\nSET timestamp={epoch};\n{sql};\n"
        )
    }

    fn entry(sql: &str) -> String {
        entry_at(1_795_327_200, sql)
    }

    #[test]
    fn a_log_that_somebody_pasted_into_a_post_is_part_of_the_statement() {
        let pasted = entry_at(1_795_327_000, "drop table x");
        for text in [
            format!("insert into posts values ('look: a;b\n{pasted}')"),
            format!("insert into posts values ('{pasted}{pasted}it''s \\' this', \"{pasted}\")"),
            format!("-- it's\ninsert into posts values ('a;\n{pasted}')"),
        ] {
            let log = format!("{}{}{}", entry("select 1"), entry(&text), entry("select 2"));
            assert_eq!(statements(&log), ["select 1", text.as_str(), "select 2"], "{log}");
        }
    }

    #[test]
    fn a_statement_that_was_cut_inside_a_string_ends_at_the_next_entry() {
        let log = format!("{}{}", entry("select 'abc"), entry("select 2"));
        assert_eq!(statements(&log), ["select 'abc", "select 2"]);
        let many: String = (0..200).map(|n| entry(&format!("select 'abc{n}"))).collect();
        assert_eq!(statements(&many).len(), 200);
    }
}
