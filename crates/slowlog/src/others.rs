//! What is sent in place of a log, and is none: known by name, so that the remedy can be said.

/// Something that is no log of statements.
pub(crate) struct Other {
    /// What it is.
    pub(crate) what: &'static str,
    /// What to ask for, or to do.
    pub(crate) remedy: &'static str,
    is: fn(&[u8]) -> bool,
}

/// The log itself, for tools that have read it.
const THE_LOG: &str = "send the log that it was made of";

/// All that are known.
static OTHERS: &[Other] = &[
    Other {
        what: "a report of pgBadger",
        remedy: THE_LOG,
        is: |head| has(head, b"pgBadger") && (has(head, b"<html") || has(head, b"<title")),
    },
    Other {
        what: "a report of pt-query-digest",
        remedy: THE_LOG,
        is: |head| {
            (has(head, b"# Overall: ") && has(head, b" unique, "))
                || (has(head, b"# Profile") && has(head, b"# Rank Query ID"))
                || (has(head, b"user time, ") && has(head, b" vsz\n# Current date: "))
        },
    },
    Other {
        what: "output of mysqldumpslow",
        remedy: THE_LOG,
        is: |head| {
            has(head, b"Reading mysql slow query log from ")
                || (has(head, b"Count: ") && has(head, b"  Time=") && has(head, b"  Lock="))
        },
    },
    Other {
        what: "a general query log of MySQL, which has no durations",
        remedy: "send the slow query log: `--how-to --database mysql` says how to turn it on",
        is: is_general_log,
    },
    Other {
        what: "a log of Patroni",
        remedy: "send the log of the PostgreSQL server",
        is: |head| lines_with(head, &[b"INFO: no action. I am (", b"INFO: Lock owner: "]) > 0,
    },
    Other {
        what: "a dump of a PostgreSQL database",
        remedy: "send the server's log, or `\\copy (select * from pg_stat_statements) to 'x.csv' csv header`",
        is: |head| has(head, b"-- PostgreSQL database dump") || head.starts_with(b"PGDMP"),
    },
    Other {
        what: "a dump of a MySQL database",
        remedy: "send the slow query log, or a dump of mysql.slow_log",
        is: |head| has(head, b"-- MySQL dump ") || has(head, b"-- MariaDB dump "),
    },
    Other {
        what: "the plan of a statement",
        remedy: "send the log; plans that auto_explain puts into it are read",
        is: |head| {
            has(head, b"QUERY PLAN")
                || (has(head, b"(cost=") && has(head, b" rows=") && has(head, b" width="))
        },
    },
    Other {
        what: "a list of sessions, of one moment",
        remedy: "send the log, or pg_stat_statements",
        is: |head| {
            let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
            has(line, b"pid") && has(line, b"query_start") && has(line, b"state")
        },
    },
];

fn has(head: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(head, needle).is_some()
}

fn lines_with(head: &[u8], needles: &[&[u8]]) -> usize {
    head.split(|byte| *byte == b'\n')
        .filter(|line| needles.iter().any(|needle| has(line, needle)))
        .count()
}

/// The banner that both logs of MySQL have, and lines with a command and no header.
pub(crate) fn is_general_log(head: &[u8]) -> bool {
    let commands: &[&[u8]] = &[b" Query\t", b" Connect\t", b" Prepare\t", b" Execute\t"];
    has(head, b"Id Command") && lines_with(head, commands) > 0 && !has(head, b"# Query_time: ")
}

/// What a source is, if it is none that is read.
pub(crate) fn of(head: &[u8]) -> Option<&'static Other> {
    OTHERS.iter().find(|other| (other.is)(head))
}

#[cfg(test)]
mod tests {
    use crate::{NotRecognised, Options, Reader};
    use model::Head;

    #[test]
    fn what_is_no_log_is_refused_by_its_name_with_what_to_send() {
        for (text, what) in [
            ("<!DOCTYPE html><html><head><title>pgBadger: x</title>", "pgBadger"),
            (
                "\n# 340ms user time, 20ms system time, 26.0M rss, 220M vsz\n# Current date: x\n",
                "pt-query-digest",
            ),
            (
                "Reading mysql slow query log from slow.log\nCount: 20  Time=15.00s (300s)  Lock=0.00s\n",
                "mysqldumpslow",
            ),
            (
                "/usr/sbin/mysqld, Version: 8.0.36 (x). started with:\nTcp port: 3306  Unix socket: x\nTime                 Id Command    Argument\n2026-11-22T10:00:00.000000Z\t    8 Query\tselect 1\n",
                "general query log",
            ),
            (
                "2026-11-22 10:00:00,123 INFO: no action. I am (pg-0), the leader with the lock\n",
                "Patroni",
            ),
            ("--\n-- PostgreSQL database dump\n--\nCREATE TABLE a (b int);\n", "dump"),
            (" Seq Scan on posts  (cost=0.00..1.00 rows=1 width=8)\n   Filter: x\n", "plan"),
        ] {
            let head = Head { path: "x", bytes: text.as_bytes(), whole: true };
            let error = Reader::new(&Options::default(), &head, "x").err().expect(what);
            assert!(matches!(error, NotRecognised::Other { .. }), "{what}: {error}");
            assert!(error.to_string().contains(what), "{error}");
            assert!(!error.to_string().contains("--prefix"), "{error}");
        }
    }

    #[test]
    fn a_prefix_is_advised_where_lines_may_have_one() {
        let advice = |text: &str| {
            let head = Head { path: "x", bytes: text.as_bytes(), whole: true };
            Reader::new(&Options::default(), &head, "x").err().unwrap().to_string()
        };
        assert!(advice("it took a duration: five\n").contains("--prefix"));
        assert!(!advice("a,b,c\n1,2,3\n").contains("--prefix"));
    }
}
