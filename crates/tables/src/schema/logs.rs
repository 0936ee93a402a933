//! Tables of the server's logs.

use super::tables;
use crate::TableDoc;

pub(super) const TABLES: &[TableDoc] = tables! {
    "log_patterns": "A message pattern of the server's logs." {
        "pattern_id" Text "" "the pattern's id";
        "known_id" Text "" "the id of a known message; null for others";
        "pattern" Text "" "the message with its changing parts as placeholders";
        "level" Text "" "debug, info, warn, error, critical, fatal";
        "calls" Int "" "how many lines";
        "first_at" Time "" "the first line";
        "last_at" Time "" "the last line";
        "peak_per_minute" Int "1/min" "lines in the busiest minute";
        "peak_at" Time "" "the busiest minute";
        "nodes" Text "" "the nodes that logged it, joined with `, `";
        "n_nodes" Int "" "how many nodes logged it";
        "sample" Text "" "one line of it";
        "calls_before" Int "" "lines before the incident; null without a window";
        "calls_in" Int "" "lines in the incident; null without a window";
        "per_minute_before" Float "1/min" "lines per minute before the incident, of the time that the logs cover";
        "per_minute_in" Float "1/min" "lines per minute in the incident, of the time that the logs cover";
    }
    "log_minutes": "A message pattern on a node in a minute." {
        "pattern_id" Text "" "the pattern's id";
        "node" Text "" "the node";
        "level" Text "" "debug, info, warn, error, critical, fatal";
        "minute" Time "" "the minute's start";
        "calls" Int "" "how many lines";
    }
    "log_top": "A frequent value of a field of a message pattern." {
        "pattern_id" Text "" "the pattern's id";
        "field" Text "" "path, user_id, ip_addr, plugin_id, err_where, http_code ...";
        "value" Text "" "the value";
        "calls" Int "" "how many lines, at most";
        "error" Int "" "by how much `calls` may be too high";
    }
    "server_events": "Something that happened once on a server." {
        "at" Time "" "when";
        "node" Text "" "on which node";
        "kind" Text "" "start, stop, unclean-stop, version-change, leader-change, configuration-change, plugin-enabled, plugin-crashed, job-start, job-end, migration ...";
        "subject" Text "" "what it happened to: a plugin, a job, a version";
        "text" Text "" "the line that says so";
    }
};
