//! Slow query logs of MySQL, MariaDB and Percona Server, and exports of `mysql.slow_log`.

pub(crate) mod azure;
mod chunk;
mod chunked;
mod columns;
mod ends;
mod entries;
mod fold;
mod header;
pub(crate) mod run;
pub(crate) mod table;
pub(crate) mod time;

pub(crate) use columns::portal_time;

#[cfg(test)]
mod tests;

use model::{Format, Head};

/// The slow log file, of every version and vendor.
pub(crate) const FILE_FORMAT: Format =
    Format { name: "mysql slow log", kind: "slow query log", score: score_file };

/// How sure it is that a source is a slow log file.
fn score_file(head: &Head<'_>) -> u8 {
    let mut users = 0;
    let mut times = 0;
    let mut banner = false;
    // A table of another kind may hold a post into which somebody pasted a log.
    let first = head.bytes.split(|&b| b == b'\n').find(|line| !line.trim_ascii().is_empty());
    if first.is_some_and(is_other) {
        return 0;
    }
    for line in head.bytes.split(|&b| b == b'\n').take(400) {
        users += u32::from(line.starts_with(b"# User@Host: "));
        times += u32::from(line.starts_with(b"# Query_time: "));
        banner |= entries::is_banner(line);
    }
    match (users, times, banner) {
        (1.., 1.., _) => 95,
        (_, 1.., true) => 90,
        // A log to which nothing slow was written yet.
        (0, 0, true) => 60,
        (0, 1.., false) => 50,
        _ => 0,
    }
}

/// Whether the first line of a source is that of an export: a row of columns, a frame, markup.
fn is_other(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let tabs = line.iter().filter(|byte| **byte == b'\t').count();
    let fields = memchr::memmem::find_iter(line, b"\",\"").count();
    let named = |name: &[u8]| memchr::memmem::find(line, name).is_some();
    tabs >= 5 && !line.starts_with(b"Time")
        || fields >= 3
        || named(b"query_time") && named(b"sql_text")
        || line.starts_with(b"*****")
        || line.starts_with(b"+--")
        || line.starts_with(b"<?xml")
        || line.starts_with(b"INSERT INTO")
        || line.starts_with(b"-- MySQL dump")
        || line.starts_with(b"-- MariaDB dump")
        || line.starts_with(b"/*M!")
}
