//! Tables of the server's logs.

use super::tables;
use crate::TableDoc;

pub(super) const TABLES: &[TableDoc] = tables! {
    "log_patterns": "A message pattern of the server's logs." {
        "pattern_id" Text "" "the pattern's id";
        "known_id" Text "" "the id of a known message; null for others";
        "pattern" Text "" "the message with its changing parts as placeholders";
        "level" Text "" "debug, info, warn, error, critical, fatal";
        "origin" Text "" "server, api, plugin, audit or runtime";
        "err_where" Text "" "the most frequent place of the error";
        "caller" Text "" "the most frequent caller";
        "calls" Int "" "how many lines";
        "first_at" Time "" "the first line";
        "onset" Time "" "when its lines began to be more than usual; the first line when there were none before; null when they did not";
        "last_at" Time "" "the last line";
        "peak_per_minute" Int "1/min" "lines in the busiest minute";
        "peak_at" Time "" "the busiest minute";
        "nodes" Text "" "the nodes that logged it, joined with `, `";
        "n_nodes" Int "" "how many nodes logged it";
        "sample" Text "" "one line of it";
        "certificate_until" Time "" "when the certificate that the line refuses ended";
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
        "width_min" Int "min" "how many minutes it spans: 1, or more when there were too many";
        "calls" Int "" "how many lines";
    }
    "log_top": "A frequent value of a field of a message pattern." {
        "pattern_id" Text "" "the pattern's id";
        "field" Text "" "path, user_id, ip_addr, plugin_id, err_where, http_code ...";
        "value" Text "" "the value";
        "calls" Int "" "how many lines, at most";
        "error" Int "" "by how much `calls` may be too high";
        "share" Float "ratio" "calls over the lines of the pattern that have the field";
        "first_at" Time "" "the first line that was counted";
        "onset" Time "" "the first line when there were none before the incident; the first in it when there they are at least three times as many a minute; null when they are not, and without a window";
        "last_at" Time "" "the last line";
        "calls_before" Int "" "lines before the incident; null without a window";
        "calls_in" Int "" "lines in the incident; null without a window";
        "per_minute_before" Float "1/min" "lines per minute before the incident, of the time that the logs cover";
        "per_minute_in" Float "1/min" "lines per minute in the incident, of the time that the logs cover";
        "share_before" Float "ratio" "calls over those of all listed values of the field, before the incident";
        "share_in" Float "ratio" "calls over those of all listed values of the field, in the incident";
    }
    "server_events": "Something that happened once on a server." {
        "at" Time "" "when";
        "node" Text "" "on which node";
        "kind" Text "" "start, start-stalled, stop, unclean-stop, version-change, leader-change, configuration-change, plugin-enabled, plugin-crashed, job-start, job-end, migration ...";
        "subject" Text "" "what it happened to: a plugin, a job, a version";
        "text" Text "" "the line that says so";
        "calls" Int "" "how often in a row";
        "last_at" Time "" "the last of them";
    }
    "stop_messages": "One of the last messages before a server stopped." {
        "at" Time "" "when the server stopped";
        "node" Text "" "on which node";
        "kind" Text "" "stop or unclean-stop";
        "pattern_id" Text "" "the message's pattern";
        "message_at" Time "" "when the message last came";
        "level" Text "" "its level";
        "text" Text "" "the message";
    }
    "log_sources": "A log that was read." {
        "label" Text "" "the input and, behind `!`, the member";
        "node" Text "" "the node";
        "kind" Text "" "mattermost, notifications, audit, ldap or other";
        "format" Text "" "the format of most lines";
        "start" Time "" "the first line with a time";
        "end" Time "" "the last line with a time";
        "records" Int "" "lines read as records";
        "skipped" Int "" "lines lost";
        "errors" Int "" "records of level error and above";
        "warnings" Int "" "records of level warn";
        "debug_lines" Int "" "records of level debug and below";
        "debug" Bool "" "whether debugging was on";
        "span_s" Int "s" "time from the first to the last line";
    }
};
