//! Tables of the database's logs.

use super::tables;
use crate::TableDoc;

pub(super) const TABLES: &[TableDoc] = tables! {
    "queries": "A fingerprint of the database's slow query logs." {
        "fingerprint_id" Text "" "the fingerprint's id";
        "fingerprint" Text "" "the statement without its literals";
        "engine" Text "" "postgresql or mysql; both where logs of both have it";
        "store_method" Text "" "the feature of the server that it belongs to, where that is sure";
        "calls" Int "" "how many statements";
        "total_ms" Float "ms" "time of all of them";
        "mean_ms" Float "ms" "mean time";
        "p50_ms" Float "ms" "median time";
        "p95_ms" Float "ms" "95th percentile of the time";
        "p99_ms" Float "ms" "99th percentile of the time";
        "max_ms" Float "ms" "longest time";
        "min_ms" Float "ms" "shortest time";
        "stddev_ms" Float "ms" "standard deviation of the time";
        "share" Float "ratio" "its time over that of all fingerprints; of those of Mattermost's databases where it is one of them";
        "rows" Int "" "rows returned, where the log says so";
        "rows_examined" Int "" "rows read, where the log says so";
        "lock_ms" Float "ms" "time waited for locks, where the log says so";
        "full_scans" Int "" "statements that read a whole table, where the log says so";
        "tmp_disk_tables" Int "" "temporary tables on disk, where the log says so";
        "started_at" Time "" "when the earliest statement began: the time of the log, which is its end, less its duration";
        "first_at" Time "" "the first statement's end";
        "onset" Time "" "when it began to cost more than usual; the first statement when there were none before; null when it did not";
        "last_at" Time "" "the last statement's end";
        "tables" Text "" "the tables it names, joined with `, `";
        "columns" Text "" "the columns it names, joined with `, `";
        "kind" Text "" "select, insert, update, delete, ddl, utility ...";
        "users" Text "" "database users, joined with `, `";
        "databases" Text "" "databases, joined with `, `";
        "foreign" Bool "" "whether it is of another system's database on the same server: rules pass such rows over unless they name this column";
        "applications" Text "" "applications, joined with `, `";
        "clients" Text "" "client hosts, joined with `, `";
        "sample" Text "" "the longest statement; without its literals unless they were asked for";
        "truncated" Bool "" "whether the text was cut";
        "calls_before" Int "" "statements before the incident; null without a window";
        "calls_in" Int "" "statements in the incident; null without a window";
        "per_minute_before" Float "1/min" "statements per minute before the incident, of the time covered";
        "per_minute_in" Float "1/min" "statements per minute in the incident, of the time covered";
        "mean_before_ms" Float "ms" "mean time before the incident";
        "mean_in_ms" Float "ms" "mean time in the incident";
        "p95_before_ms" Float "ms" "95th percentile before the incident";
        "p95_in_ms" Float "ms" "95th percentile in the incident";
        "share_before" Float "ratio" "as share, before the incident";
        "share_in" Float "ratio" "as share, in the incident";
    }
    "query_minutes": "A fingerprint in a minute." {
        "fingerprint_id" Text "" "the fingerprint's id";
        "minute" Time "" "the minute's start";
        "span_min" Int "min" "how many minutes it spans: 1, or more when there were too many";
        "calls" Int "" "how many statements";
        "total_ms" Float "ms" "time of all of them";
        "max_ms" Float "ms" "longest time";
    }
    "locks": "A wait for a lock." {
        "at" Time "" "when it was logged";
        "started_at" Time "" "when the wait began";
        "waiter_pid" Int "id" "the process that waited";
        "blocker_pid" Int "id" "the process that held the lock; the first if there are several";
        "root_pid" Int "id" "the process at the root of the chain of waits, where the log says so";
        "relation" Text "" "the table, where the log says so";
        "mode" Text "" "the lock's mode";
        "target" Text "" "what is locked: transaction, tuple, relation ...";
        "waited_ms" Float "ms" "how long it waited: the whole wait when it was acquired, else so far";
        "outcome" Text "" "acquired, cancelled, deadlock or unknown";
        "waiter_fingerprint_id" Text "" "what waited";
        "blocker_fingerprint_id" Text "" "what held the lock, where the log says so";
        "waiter_fingerprint" Text "" "the statement that waited, without its literals";
        "blocker_fingerprint" Text "" "the statement of the holder, without its literals";
        "waiter_user" Text "" "the database user that waited";
        "blocker_user" Text "" "the database user that held the lock";
        "waiter_application" Text "" "the application that waited";
        "blocker_application" Text "" "the application that held the lock";
        "blocker_client" Text "" "the client host that held the lock";
        "blocker_since" Time "" "when the holder's statement began, where the log says so";
        "waiter_database" Text "" "the database of the one that waited";
        "blocker_database" Text "" "the database of the one that held the lock";
        "foreign" Bool "" "whether it is of another system's database on the same server: rules pass such rows over unless they name this column";
    }
    "replay_waits": "A wait of the replay on a standby for a statement that runs there." {
        "at" Time "" "when it was logged";
        "started_at" Time "" "when the wait began";
        "ended_at" Time "" "when replay went on, where the log says so";
        "conflict" Text "" "what they conflict on: snapshot, lock ...";
        "waited_ms" Float "ms" "how long it waited: the whole wait when it ended, else so far";
        "holder_pid" Int "id" "the process of the statement; the first if there are several";
        "holder_user" Text "" "its database user";
        "holder_application" Text "" "its application";
        "holder_client" Text "" "its client host";
        "holder_database" Text "" "its database";
        "fingerprint_id" Text "" "the statement, where the log has it";
        "fingerprint" Text "" "the statement, without its literals";
        "since" Time "" "when the statement began, where the log says so";
    }
    "database_events": "Events of the database of one class, cause, subject and fingerprint." {
        "class" Text "" "lock-wait, deadlock, cancelled, temporary-file, checkpoint, refused, restart, crash, disk-full ...";
        "cause" Text "" "the cause within the class, in fixed words";
        "subject" Text "" "on what: a table, an index, a user";
        "fingerprint_id" Text "" "the query that it happened to";
        "fingerprint" Text "" "its statement, without its literals";
        "database" Text "" "the database, where it is another system's";
        "foreign" Bool "" "whether it is of another system's database on the same server: rules pass such rows over unless they name this column";
        "calls" Int "" "how many";
        "amount" Int "" "what was measured, added up, in `unit`";
        "amount_max" Int "" "the largest of them, in `unit`";
        "unit" Text "" "bytes, us, rows or times; null without a measure";
        "sqlstate" Text "" "the SQLSTATE, where the log has it";
        "first_at" Time "" "the first";
        "onset" Time "" "when its class and cause began to be more than usual; the first when there were none before, or in the incident when there they are at least three times as many; null when they are not";
        "last_at" Time "" "the last";
        "sample" Text "" "one line of it";
        "class_calls_before" Int "" "events of the class and cause before the incident; null without a window";
        "class_calls_in" Int "" "events of the class and cause in the incident; null without a window";
    }
    "event_minutes": "A class and cause of events of the database in a minute." {
        "class" Text "" "the class";
        "cause" Text "" "the cause";
        "foreign" Bool "" "whether it is of another system's database on the same server: rules pass such rows over unless they name this column";
        "minute" Time "" "the minute's start";
        "span_min" Int "min" "how many minutes it spans: 1, or more when there were too many";
        "calls" Int "" "how many";
    }
    "ddl": "A statement that changed the database's schema." {
        "at" Time "" "when it was logged: its end, or its start where statements are logged before they run";
        "started_at" Time "" "when it began, where the log has its duration or logged it before it ran";
        "ended_at" Time "" "when it ended or failed, where the log says so";
        "user" Text "" "the database user";
        "database" Text "" "the database";
        "application" Text "" "the application";
        "client" Text "" "the client host";
        "fingerprint_id" Text "" "the fingerprint's id";
        "statement" Text "" "the statement without its literals";
        "action" Text "" "drop index, create index concurrently, alter table ...";
        "object" Text "" "the index of DROP INDEX, the table of ALTER TABLE";
        "build_sql" Text "sql" "the statement that makes the index again without blocking writes, for an index of the server's migrations that was dropped";
        "duration_ms" Float "ms" "how long it took, where the log says so";
        "failed" Bool "" "whether it failed";
        "foreign" Bool "" "whether it is of another system's database on the same server: rules pass such rows over unless they name this column";
    }
    "connection_minutes": "Connections that the database authorised in a minute." {
        "minute" Time "" "the minute's start";
        "span_min" Int "min" "how many minutes it spans: 1, or more when there were too many";
        "user" Text "" "the database user";
        "database" Text "" "the database";
        "host" Text "" "the client host";
        "application" Text "" "the application";
        "calls" Int "" "how many";
    }
    "load_minutes": "How busy the database was in a minute with the statements that were logged." {
        "minute" Time "" "the minute's start";
        "span_min" Int "min" "how many minutes it spans: 1, or more when there were too many";
        "calls" Int "" "statements that ended in it";
        "total_ms" Float "ms" "time that statements ran within it";
        "foreign_ms" Float "ms" "of it that of statements of other systems' databases; where a statement ran for long, spread over its mean time";
        "concurrency" Float "" "statements that ran at once, on average";
    }
    "pooler_minutes": "What the pooler before the database (PgBouncer) reported and logged in a minute." {
        "minute" Time "" "the minute's start";
        "span_min" Int "min" "how many minutes it spans: 1, or more when there were too many";
        "logins" Int "" "clients that logged in, where logins are logged";
        "server_connections" Int "" "connections that were opened to the database, where these are logged";
        "reports" Int "" "reports of figures; the figures are means over them";
        "transactions_per_s" Float "1/s" "transactions a second";
        "queries_per_s" Float "1/s" "statements a second";
        "transaction_ms" Float "ms" "mean time of a transaction";
        "query_ms" Float "ms" "mean time of a statement";
        "wait_ms" Float "ms" "time that clients waited for a connection: per second until PgBouncer 1.22, per wait from 1.23 on";
        "wait_max_ms" Float "ms" "the highest `wait_ms` of the reports";
    }
    "database_sources": "A database log that was read." {
        "label" Text "" "the input and, behind `!`, the member";
        "engine" Text "" "postgresql or mysql";
        "format" Text "" "the format that was recognised";
        "start" Time "" "the first record";
        "end" Time "" "the last record";
        "records" Int "" "records read";
        "unknown_lines" Int "" "lines that were no part of any record";
        "threshold_ms" Float "ms" "statements below are not logged; 0: all are; null: not known";
        "statements" Int "" "statements with a time";
        "all_statements" Bool "" "whether every statement was logged";
    }
};
