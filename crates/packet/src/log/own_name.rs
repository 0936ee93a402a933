//! The name of the server that wrote a log, where its lines tell it: the host before each line, the
//! host that a shipper adds to each, what the server says of itself when it starts.
//!
//! A cluster's lines name others: who joined, left or is suspected. These say nothing about whose
//! log it is, and neither does a host that stands in a few lines.

use super::line::{Form, Line};

/// Names that are told apart; a log with more of them is a collection.
const NAMES_MAX: usize = 4;
/// Characters of a name: the longest of a host.
const NAME_MAX: usize = 253;
/// The share of lines that have to carry the one name, in percent: a shipper misses some lines
/// when it starts.
const SHARE_MIN: u64 = 90;
/// Begins of what a server says about itself, lower case.
const OF_ITSELF: &[&[u8]] = &[b"starting cluster", b"cluster started", b"starting inter-node"];

/// Collects the names in the lines of one log.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnName {
    /// Before the lines, by the carrier.
    carried: Names,
    /// In a field of the lines.
    fields: Names,
    /// In a field of the lines that a server writes about itself.
    itself: Names,
}

/// How many lines have each name.
#[derive(Clone, Debug, Default)]
struct Names {
    counts: Vec<(String, u64)>,
    /// Lines with names beyond the limit, or with none that can be one.
    n_other: u64,
}

impl Names {
    fn add(&mut self, name: &[u8]) {
        if let Some((_, n)) = self.counts.iter_mut().find(|(known, _)| known.as_bytes() == name) {
            *n += 1;
            return;
        }
        match own(name) {
            Some(name) if self.counts.len() < NAMES_MAX => self.counts.push((name, 1)),
            _ => self.n_other += 1,
        }
    }

    /// The only name that enough of `n_lines` have.
    fn only(&self, n_lines: u64) -> Option<&str> {
        let (name, n) = self.counts.iter().max_by_key(|(_, n)| *n)?;
        let all = self.n_other + self.counts.iter().map(|(_, n)| n).sum::<u64>();
        (n * 100 >= SHARE_MIN * all.max(n_lines)).then_some(name.as_str())
    }
}

impl OwnName {
    /// Takes a line; `host` is what its carrier names.
    pub(super) fn see(&mut self, line: &Line<'_>, host: &[u8]) {
        // What the kernel says comes by the same carrier from the same host.
        if !host.is_empty() {
            self.carried.add(host);
        }
        if line.form == Form::Text {
            return;
        }
        if !line.node.is_empty() {
            self.fields.add(line.node.bytes);
            let msg = line.msg.bytes;
            let of_itself = OF_ITSELF.iter().any(|begin| {
                msg.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin))
            });
            if of_itself {
                self.itself.add(line.node.bytes);
            }
        }
        if let Some(address) = listening(line.msg.bytes) {
            self.itself.add(address);
        }
    }

    /// The name, if the log of `n_records` lines tells one.
    pub(super) fn name(&self, n_records: u64) -> Option<&str> {
        self.itself
            .only(0)
            .or_else(|| self.carried.only(n_records))
            .or_else(|| self.fields.only(n_records))
    }
}

/// The address in `Server is listening on 10.0.2.11:8065`; none where it listens on all of them.
fn listening(msg: &[u8]) -> Option<&[u8]> {
    const BEGIN: &[u8] = b"server is listening on ";
    let head = msg.get(..BEGIN.len())?;
    if !head.eq_ignore_ascii_case(BEGIN) {
        return None;
    }
    let address = msg.get(BEGIN.len()..)?;
    let host = address.get(..address.iter().rposition(|byte| *byte == b':')?)?;
    (!host.is_empty() && !host.starts_with(b"[")).then_some(host)
}

/// A text that may be the name of one host: no address that every host has, no sentence.
fn own(name: &[u8]) -> Option<String> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let name = std::str::from_utf8(name).ok().filter(|name| name.len() <= NAME_MAX)?;
    let everybody = matches!(name, "" | "-" | "0.0.0.0" | "localhost" | "unknown")
        || name.starts_with("127.")
        || name.starts_with("localhost.");
    (!everybody && name.bytes().all(|byte| plain(&byte))).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::log::LogReader;
    use model::Sink as _;
    use std::fmt::Write as _;

    fn own_name(log: &str) -> String {
        let mut reader = LogReader::new("mattermost.log", "", None);
        reader.push(log.as_bytes());
        reader.finish().records.sources[0].own_name.clone()
    }

    fn lines(line: impl Fn(usize) -> String) -> String {
        (0..40).fold(String::new(), |mut log, n| {
            let _ = writeln!(log, "{}", line(n));
            log
        })
    }

    fn json(n: usize, msg: &str, more: &str) -> String {
        format!(
            r#"{{"timestamp":"2025-03-12 06:{n:02}:00.000 Z","level":"info","msg":"{msg}"{more}}}"#
        )
    }

    #[test]
    fn the_host_before_each_line_is_the_node() {
        let job = |n| json(n, "Worker: Job is complete", "");
        let syslog = lines(|n| format!("Mar 12 06:{n:02}:00 app-1 mattermost[17]: {}", job(n)));
        assert_eq!(own_name(&syslog), "app-1");
        let pods = lines(|n| format!("[pod/mattermost-7c9d-x2kqp/mattermost] {}", job(n)));
        assert_eq!(own_name(&pods), "mattermost-7c9d-x2kqp");
        let two =
            lines(|n| format!("Mar 12 06:{n:02}:00 app-{} mattermost[17]: {}", n % 2, job(n)));
        assert_eq!(own_name(&two), "");
    }

    #[test]
    fn a_host_that_a_shipper_adds_to_each_line_is_the_node() {
        let shipped = lines(|n| json(n, "Worker: Job is complete", r#","hostname":"app-2""#));
        assert_eq!(own_name(&shipped), "app-2");
    }

    #[test]
    fn what_a_server_says_when_it_starts_is_about_itself() {
        let starts = lines(|n| match n {
            3 => json(n, "Starting Cluster", r#","node_id":"app-3","cluster_name":"prod""#),
            _ => json(n, "Worker: Job is complete", ""),
        });
        assert_eq!(own_name(&starts), "app-3");
        let listens = lines(|n| match n {
            3 => json(n, "Server is listening on 10.0.2.11:8065", ""),
            _ => json(n, "Worker: Job is complete", ""),
        });
        assert_eq!(own_name(&listens), "10.0.2.11");
    }

    #[test]
    fn lines_about_others_do_not_name_the_log() {
        let others = lines(|n| match n % 4 {
            0 => json(n, "Cluster node joined", r#","hostname":"app-9""#),
            1 => json(n, "memberlist: Suspect app-9 has failed, no acks received", ""),
            2 => json(n, "Server is listening on [::]:8065", ""),
            _ => json(n, "Worker: Job is complete", ""),
        });
        assert_eq!(own_name(&others), "");
    }
}
