//! Tables of the database's logs.

use super::tables;
use crate::TableDoc;

pub(super) const TABLES: &[TableDoc] = tables! {
    "queries": "A fingerprint of the database's slow query logs." {
        "fingerprint_id" Text "" "the fingerprint's id";
        "fingerprint" Text "" "the statement without its literals";
        "calls" Int "" "how many statements";
        "total_ms" Float "ms" "time of all of them";
        "mean_ms" Float "ms" "mean time";
        "p50_ms" Float "ms" "median time";
        "p95_ms" Float "ms" "95th percentile of the time";
        "p99_ms" Float "ms" "99th percentile of the time";
        "max_ms" Float "ms" "longest time";
        "share" Float "ratio" "its time over that of all fingerprints";
        "rows" Int "" "rows returned, where the log says so";
        "rows_examined" Int "" "rows read, where the log says so";
        "lock_ms" Float "ms" "time waited for locks, where the log says so";
        "first_at" Time "" "the first statement";
        "last_at" Time "" "the last statement";
        "tables" Text "" "the tables it names, joined with `, `";
        "kind" Text "" "select, insert, update, delete, ddl, utility ...";
        "users" Text "" "database users, joined with `, `";
        "databases" Text "" "databases, joined with `, `";
        "applications" Text "" "applications, joined with `, `";
        "sample" Text "" "one statement without its literals";
        "calls_before" Int "" "statements before the incident; null without a window";
        "calls_in" Int "" "statements in the incident; null without a window";
        "per_minute_before" Float "1/min" "statements per minute before the incident, of the time covered";
        "per_minute_in" Float "1/min" "statements per minute in the incident, of the time covered";
        "mean_before_ms" Float "ms" "mean time before the incident";
        "mean_in_ms" Float "ms" "mean time in the incident";
        "p95_before_ms" Float "ms" "95th percentile before the incident";
        "p95_in_ms" Float "ms" "95th percentile in the incident";
        "share_before" Float "ratio" "its time over that of all fingerprints before the incident";
        "share_in" Float "ratio" "its time over that of all fingerprints in the incident";
    }
    "query_minutes": "A fingerprint in a minute." {
        "fingerprint_id" Text "" "the fingerprint's id";
        "minute" Time "" "the minute's start";
        "calls" Int "" "how many statements";
        "total_ms" Float "ms" "time of all of them";
        "max_ms" Float "ms" "longest time";
    }
    "locks": "A wait for a lock." {
        "at" Time "" "when it was logged";
        "waiter_pid" Int "" "the process that waited";
        "blocker_pid" Int "" "the process that held the lock; the first if there are several";
        "relation" Text "" "the table, where the log says so";
        "mode" Text "" "the lock's mode";
        "waited_ms" Float "ms" "how long it had waited by then";
        "outcome" Text "" "still-waiting, acquired, deadlock, cancelled ...";
    }
    "database_events": "A class of events of the database." {
        "class" Text "" "the class: checkpoint, deadlock, connection refused, cancelled statement ...";
        "cause" Text "" "the cause within the class, where the log says so";
        "calls" Int "" "how many";
        "first_at" Time "" "the first";
        "last_at" Time "" "the last";
        "sample" Text "" "one line of it";
        "calls_before" Int "" "events before the incident; null without a window";
        "calls_in" Int "" "events in the incident; null without a window";
    }
    "event_minutes": "A class of events of the database in a minute." {
        "class" Text "" "the class";
        "minute" Time "" "the minute's start";
        "calls" Int "" "how many";
    }
};
