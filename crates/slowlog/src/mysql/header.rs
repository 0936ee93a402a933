//! The lines before a statement: who, how long, how much.
//!
//! Source: MySQL 8.4 manual, 7.4.5 "The Slow Query Log"; MariaDB, "Slow Query Log Extended
//! Statistics"; Percona Server 5.7, "Slow Query Log".

use super::time;

/// What the lines before a statement say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Header<'a> {
    /// `# Time`: end of the statement.
    pub(crate) time: Option<time::Stamp>,
    /// `SET timestamp`, in microseconds since the epoch.
    pub(crate) timestamp_us: Option<i64>,
    /// The user that logged in.
    pub(crate) user: &'a [u8],
    /// The client's name, or its address where it has no name.
    pub(crate) host: &'a [u8],
    /// `Schema` (may be empty), or the name in `use`.
    pub(crate) database: Option<&'a [u8]>,
    /// Connection id.
    pub(crate) thread: Option<u64>,
    /// `Query_time` in microseconds. Without one there is no entry.
    pub(crate) query_us: Option<u64>,
    /// `Lock_time` in microseconds.
    pub(crate) lock_us: Option<u64>,
    /// `Rows_sent`.
    pub(crate) rows_sent: Option<u64>,
    /// `Rows_examined`.
    pub(crate) rows_examined: Option<u64>,
    /// `Rows_affected`.
    pub(crate) rows_affected: Option<u64>,
    /// `Full_scan: Yes`.
    pub(crate) full_scan: Option<bool>,
    /// `Tmp_disk_tables`, `Created_tmp_disk_tables`.
    pub(crate) tmp_disk_tables: Option<u64>,
    /// `Last_errno`, `Errno`: 0 without an error.
    pub(crate) error: u64,
    /// `Log_slow_rate_limit`: one of so many statements or sessions is logged.
    pub(crate) rate: Option<u64>,
    /// Whether it is MariaDB, whose `SET timestamp` is the start of the statement.
    pub(crate) mariadb: bool,
}

impl<'a> Header<'a> {
    /// When the statement ended at the earliest and at the latest, in microseconds since the epoch
    /// or by the server's clock: `SET timestamp` is its start or its end, by version.
    pub(super) fn ended_us(&self) -> Option<(i64, i64)> {
        match (self.timestamp_us, self.time) {
            (Some(us), _) => Some((us, us.saturating_add_unsigned(self.query_us.unwrap_or(0)))),
            (None, Some(time::Stamp::Utc(us) | time::Stamp::Local(us))) => Some((us, us)),
            (None, None) => None,
        }
    }

    /// Reads a line that begins with `#`, without its line end.
    pub(crate) fn line(&mut self, line: &'a [u8]) {
        if let Some(rest) = line.strip_prefix(b"# Time: ") {
            self.time = time::stamp(rest);
            // `# Time: ... # User@Host: ...` on one line.
            if let Some(at) = memchr::memmem::find(rest, b"# User@Host: ") {
                self.line(rest.get(at..).unwrap_or_default());
            }
        } else if let Some(rest) = line.strip_prefix(b"# User@Host: ") {
            self.user_host(rest);
        } else if let Some(rest) = line.strip_prefix(b"# Query_time: ") {
            let behind = self.times(rest);
            self.pairs(behind);
        } else if let Some(rest) = line.strip_prefix(b"#") {
            self.pairs(rest);
        }
    }

    /// The four values that every server writes on one line, in their order; what is behind them.
    fn times(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let (value, rest) = word(rest);
        self.query_us = time::seconds(value);
        let Some((value, rest)) = behind(rest, b"Lock_time: ") else { return rest };
        self.lock_us = time::seconds(value);
        let Some((value, rest)) = behind(rest, b"Rows_sent: ") else { return rest };
        self.rows_sent = number(value);
        let Some((value, rest)) = behind(rest, b"Rows_examined: ") else { return rest };
        self.rows_examined = number(value);
        rest
    }

    /// `root[root] @ localhost [127.0.0.1]  Id:     5`
    fn user_host(&mut self, rest: &'a [u8]) {
        (self.user, self.host) = user_host(rest);
        if let Some(at) = memchr::memrchr(b']', rest) {
            self.pairs(rest.get(at + 1..).unwrap_or_default());
        }
    }

    /// `Key: value  Key: value`: a value may be missing or have one space or two before the next.
    fn pairs(&mut self, rest: &'a [u8]) {
        let mut at = 0;
        let mut key: &[u8] = b"";
        while let Some(len) = rest.get(at..).and_then(|rest| rest.iter().position(|&b| b > b' ')) {
            at += len;
            let word = rest.get(at..).unwrap_or_default();
            let len = word.iter().position(|&b| b <= b' ').unwrap_or(word.len());
            let word = word.get(..len).unwrap_or_default();
            at += len;
            match word.strip_suffix(b":") {
                Some(name) => {
                    if key == b"Schema" {
                        self.database = Some(b"");
                    }
                    key = name;
                }
                None if !key.is_empty() => {
                    self.value(key, word);
                    key = b"";
                }
                None => {}
            }
        }
        if key == b"Schema" {
            self.database = Some(b"");
        }
        // A name may hold a blank: what ends it is two of them, or the end of the line.
        if let Some(rest) =
            memchr::memmem::find(rest, b"Schema: ").and_then(|at| rest.get(at + 8..))
        {
            let end = memchr::memmem::find(rest, b"  ").unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default().trim_ascii();
            if memchr::memchr(b' ', name).is_some() && memchr::memmem::find(name, b": ").is_none() {
                self.database = Some(name);
            }
        }
    }

    fn value(&mut self, key: &[u8], value: &'a [u8]) {
        match key {
            b"Query_time" => self.query_us = time::seconds(value),
            b"Lock_time" => self.lock_us = time::seconds(value),
            b"Rows_sent" => self.rows_sent = number(value),
            b"Rows_examined" => self.rows_examined = number(value),
            b"Rows_affected" => self.rows_affected = number(value),
            b"Thread_id" | b"Id" => self.thread = number(value),
            b"Schema" => self.database = Some(value),
            b"Full_scan" => self.full_scan = Some(value == b"Yes"),
            b"Tmp_disk_tables" | b"Created_tmp_disk_tables" => {
                self.tmp_disk_tables = number(value);
            }
            b"Last_errno" | b"Errno" => self.error = number(value).unwrap_or(0),
            b"Log_slow_rate_limit" => self.rate = number(value),
            // `QC_hit` is MariaDB's, `QC_Hit` Percona's.
            b"QC_hit" => self.mariadb = true,
            _ => {}
        }
    }
}

/// The first word, and what is behind it.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let len = text.iter().position(|&b| b <= b' ').unwrap_or(text.len());
    text.split_at_checked(len).unwrap_or((text, b""))
}

/// The value of `key`, if that is what comes next behind one blank or two.
fn behind<'t>(text: &'t [u8], key: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let text = text.strip_prefix(b" ")?;
    let text = text.strip_prefix(b" ").unwrap_or(text);
    Some(word(text.strip_prefix(key)?))
}

/// The user and the client's host of `user[priv] @ host [address]`.
pub(crate) fn user_host(text: &[u8]) -> (&[u8], &[u8]) {
    let at = memchr::memmem::find(text, b" @ ").unwrap_or(text.len());
    let (user, rest) = text.split_at_checked(at).unwrap_or((text, b""));
    let user = user.iter().position(|&b| b == b'[').and_then(|end| user.get(..end)).unwrap_or(user);
    let rest = rest.strip_prefix(b" @ ").unwrap_or(rest);
    let open = memchr::memchr(b'[', rest).unwrap_or(rest.len());
    let host = rest.get(..open).unwrap_or_default().trim_ascii();
    if !host.is_empty() {
        return (user, host);
    }
    let address = rest.get(open + 1..).unwrap_or_default();
    let close = memchr::memchr(b']', address).unwrap_or(address.len());
    (user, address.get(..close).unwrap_or_default())
}

/// A whole number; a fraction is cut off.
pub(crate) fn number(value: &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    let mut any = false;
    for &byte in value {
        match byte {
            b'0'..=b'9' => {
                number = number.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                any = true;
            }
            b'.' if any => break,
            _ => return None,
        }
    }
    any.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(lines: &str) -> Header<'_> {
        let mut header = Header::default();
        for line in lines.lines() {
            header.line(line.as_bytes());
        }
        header
    }

    #[test]
    fn every_era_says_who_and_how_long() {
        let old = header(
            "# User@Host: root[root] @ localhost []\n# Query_time: 2  Lock_time: 0  Rows_sent: 1  Rows_examined: 0",
        );
        assert_eq!((old.user, old.host), (&b"root"[..], &b"localhost"[..]));
        assert_eq!((old.query_us, old.rows_sent), (Some(2_000_000), Some(1)));

        let mysql8 = header(
            "# Time: 2019-08-09T18:00:00.000001Z\n# User@Host: mm-user[mm-user] @  [10.1.1.1]  Id:     5\n# Query_time: 0.000110  Lock_time: 0.000002 Rows_sent: 1  Rows_examined: 10 Thread_id: 7 Errno: 1205 Killed: 0 Bytes_received: 0 Created_tmp_disk_tables: 3 Start: 2019-08-09T18:00:00.000000Z End: 2019-08-09T18:00:00.000001Z",
        );
        assert_eq!((mysql8.user, mysql8.host), (&b"mm-user"[..], &b"10.1.1.1"[..]));
        assert_eq!((mysql8.query_us, mysql8.lock_us), (Some(110), Some(2)));
        assert_eq!((mysql8.error, mysql8.tmp_disk_tables, mysql8.thread), (1205, Some(3), Some(7)));

        let percona = header(
            "# User@Host: [SQL_SLAVE] @  []\n# Thread_id: 3 Schema:   Last_errno: 0  Killed: 0\n# Query_time: 1.5  Lock_time: 0.1  Rows_sent: 1  Rows_examined: 9\n# QC_Hit: No  Full_scan: Yes  Full_join: No  Tmp_table: Yes  Tmp_table_on_disk: No\n# Log_slow_rate_type: query  Log_slow_rate_limit: 20",
        );
        assert_eq!(
            (percona.user, percona.host, percona.database),
            (&b""[..], &b""[..], Some(&b""[..]))
        );
        assert_eq!(
            (percona.full_scan, percona.rate, percona.mariadb),
            (Some(true), Some(20), false)
        );

        let mariadb = header(
            "# User@Host: u[p] @ h [1.2.3.4]\n# Thread_id: 12  Schema: mattermost  QC_hit: No",
        );
        assert_eq!((mariadb.database, mariadb.mariadb), (Some(&b"mattermost"[..]), true));
    }

    #[test]
    fn time_and_user_may_share_a_line() {
        let both = header("# Time: 071015 21:43:52 # User@Host: u[u] @ h []");
        assert_eq!(both.user, b"u");
        assert!(both.time.is_some());
    }
}
