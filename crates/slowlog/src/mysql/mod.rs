//! Slow query logs of MySQL, MariaDB and Percona Server, and exports of `mysql.slow_log`.

pub(crate) mod azure;
mod chunk;
mod chunked;
mod columns;
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
