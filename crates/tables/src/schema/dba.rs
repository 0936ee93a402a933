//! Tables of what came back from the customer's DBA: the state of the database at one moment.

use super::tables;
use crate::TableDoc;

pub(super) const TABLES: &[TableDoc] = tables! {
    "dba_answers": "A question of the DBA sheet and what became of it." {
        "question" Text "" "the question's id; null when the file does not tell";
        "topic" Text "" "what it is about: activity, locks, connections ...";
        "outcome" Text "" "answered, no rows, answered in part, not readable or refused";
        "rows" Int "" "rows of the answer";
        "message" Text "" "the database's message, when it refused";
        "at" Time "" "when the file was made, by the clock of the database; null when it does not tell";
    }
    "dba_server": "The database server that answered." {
        "question" Text "" "the question that was answered";
        "version" Text "" "its version in its own words";
        "up_since" Time "" "when it was started";
        "is_replica" Bool "" "whether it is a replica";
        "at" Time "" "when it answered";
    }
    "dba_migrations": "How far the schema migrations of the server have come." {
        "question" Text "" "the question that was answered";
        "schema_version" Int "id" "the last migration that has run";
        "migrations" Int "" "how many have run";
    }
    "dba_sessions": "Sessions of one state, wait, application and user." {
        "question" Text "" "the question that was answered";
        "state" Text "" "active, idle, idle in transaction ...";
        "wait_event_type" Text "" "what kind of thing they wait for: Lock, LWLock, IO, Client ...";
        "wait_event" Text "" "what they wait for";
        "application" Text "" "the application that they name";
        "user" Text "" "the database user";
        "sessions" Int "" "how many";
        "longest_in_state" Span "ms" "how long the one that is longest in this state has been in it";
    }
    "dba_activity": "A session that does something or holds a transaction open." {
        "question" Text "" "the question that was answered";
        "pid" Int "id" "its process or thread";
        "user" Text "" "the database user";
        "database" Text "" "the database";
        "application" Text "" "the application that it names";
        "state" Text "" "active, idle in transaction ...; of MySQL the command";
        "wait_event_type" Text "" "what kind of thing it waits for";
        "wait_event" Text "" "what it waits for; of MySQL the state";
        "transaction_age" Span "ms" "how long its transaction has been open";
        "query_age" Span "ms" "how long since its statement began";
        "query" Text "" "its statement, without its literals";
        "fingerprint_id" Text "" "the statement's fingerprint; null when the sheet cut it";
        "rows_locked" Int "" "rows that its transaction holds locked";
        "rows_modified" Int "" "rows that its transaction changed";
        "alike" Int "" "active sessions of the answer that run the same statement";
        "blocks" Int "" "sessions that wait for it, itself or through others; 0 when the sheet's answers about locks name none";
    }
    "dba_locks": "A session that waits for a lock." {
        "question" Text "" "the question that was answered";
        "pid" Int "id" "the process or thread that waits";
        "user" Text "" "its database user";
        "waits_for" Span "ms" "how long it has waited; of PostgreSQL since its statement began";
        "wait_event" Text "" "what kind of lock";
        "query" Text "" "its statement, without its literals";
        "fingerprint_id" Text "" "the statement's fingerprint; null when the sheet cut it";
        "blocked_by" Text "" "the processes that hold the lock";
        "root_pid" Int "id" "the process at the root of the chain of waits";
        "waiters" Int "" "sessions that wait for that root";
        "root_user" Text "" "the root's database user, where the answers tell";
        "root_application" Text "" "the root's application, where the answers tell";
        "root_state" Text "" "the root's state, where the answers tell";
        "root_transaction_age" Span "ms" "how long the root's transaction has been open, where the answers tell";
        "root_query" Text "" "the root's last statement, without its literals";
    }
    "dba_relation_locks": "Locks of one mode on one table." {
        "question" Text "" "the question that was answered";
        "relation" Text "" "the table or index";
        "mode" Text "" "the lock's mode";
        "granted" Bool "" "whether they are held; else they are waited for";
        "locks" Int "" "how many";
    }
    "dba_connections": "How many connections the database has and takes." {
        "question" Text "" "the question that was answered";
        "used" Int "" "connections that are open";
        "max_connections" Int "" "connections that it takes";
        "reserved" Int "" "of these, kept for superusers";
    }
    "dba_clients": "Connections of one client, application, user and database." {
        "question" Text "" "the question that was answered";
        "client" Text "" "the client's address";
        "application" Text "" "the application that it names";
        "user" Text "" "the database user";
        "database" Text "" "the database";
        "connections" Int "" "how many";
        "share" Float "ratio" "of all connections that the answer lists";
    }
    "dba_replication": "A replica, as its primary or as it sees itself." {
        "question" Text "" "the question that was answered";
        "replica" Text "" "the replica's name";
        "client" Text "" "the address of the other side";
        "state" Text "" "streaming, catchup ...";
        "sync_state" Text "" "async, sync, quorum ...";
        "is_replica" Bool "" "whether the server that answered is a replica";
        "write_lag" Span "ms" "until the replica has written";
        "flush_lag" Span "ms" "until the replica has flushed";
        "lag" Span "ms" "until the replica has replayed";
        "bytes_behind" Float "bytes" "write-ahead log that it has not replayed";
        "since_last_replayed" Span "ms" "since the last transaction that it replayed; grows on a quiet primary too";
        "received" Text "" "the position up to which it has received";
        "replayed" Text "" "the position up to which it has replayed";
        "io_running" Text "" "whether it receives: Yes, No, Connecting";
        "sql_running" Text "" "whether it applies: Yes, No";
        "error" Text "" "its last error";
    }
    "dba_slots": "A replication slot." {
        "question" Text "" "the question that was answered";
        "slot" Text "" "its name";
        "type" Text "" "physical or logical";
        "active" Bool "" "whether somebody reads from it";
        "bytes_kept" Float "bytes" "write-ahead log that is kept for it";
    }
    "dba_tables": "A table of the database, from its counters." {
        "question" Text "" "the question that was answered";
        "relation" Text "" "the table";
        "engine" Text "" "its storage engine";
        "live_rows" Int "" "live rows, as counted or estimated";
        "dead_rows" Int "" "dead rows, as counted";
        "dead_share" Float "ratio" "dead rows of all rows";
        "modified_rows" Int "" "rows changed since it was analysed";
        "table_scans" Int "" "reads of the whole table since the counters were reset";
        "rows_scanned" Int "" "rows that these read";
        "index_scans" Int "" "reads through an index since the counters were reset";
        "last_autovacuum" Time "" "when autovacuum last vacuumed it";
        "last_autoanalyze" Time "" "when autovacuum last analysed it";
        "last_vacuum" Time "" "when somebody last vacuumed it";
        "last_analyze" Time "" "when somebody last analysed it";
        "vacuumed_at" Time "" "the later of both vacuums";
        "analyzed_at" Time "" "the later of both analyses";
        "data_bytes" Int "bytes" "size of its rows";
        "index_bytes" Int "bytes" "size of its indexes";
        "free_bytes" Int "bytes" "space that is free inside it";
    }
    "dba_sizes": "A table or an index with its size, as the catalogue estimates it." {
        "question" Text "" "the question that was answered";
        "relation" Text "" "its name";
        "kind" Text "" "r: table, i: index, m: materialised view";
        "rows" Int "" "rows; -1: never analysed";
        "bytes" Int "bytes" "its size";
    }
    "dba_vacuum": "A vacuum that runs." {
        "question" Text "" "the question that was answered";
        "pid" Int "id" "its process";
        "relation" Text "" "the table";
        "phase" Text "" "what it does now";
        "blocks" Int "" "blocks of the table";
        "blocks_scanned" Int "" "blocks that it has read";
        "running_for" Span "ms" "how long it has run";
    }
    "dba_wraparound": "A database and the age of its oldest transaction id." {
        "question" Text "" "the question that was answered";
        "database" Text "" "the database";
        "xid_age" Int "" "transactions since";
    }
    "dba_snapshots": "A session or prepared transaction that holds vacuum back." {
        "question" Text "" "the question that was answered";
        "holder" Text "" "session or prepared";
        "name" Text "" "the process, or the name of the prepared transaction";
        "xmin_age" Int "" "transactions since its oldest";
        "open_for" Span "ms" "how long it has been open";
    }
    "dba_statistics": "Counters of the database since they were reset." {
        "question" Text "" "the question that was answered";
        "at" Time "" "when they were read";
        "database" Text "" "the database";
        "sessions" Int "" "sessions in it";
        "commits" Int "" "transactions committed";
        "rollbacks" Int "" "transactions rolled back";
        "blocks_read" Int "" "blocks read from disk or from the system's cache";
        "blocks_hit" Int "" "blocks found in shared_buffers";
        "hit_ratio" Float "ratio" "blocks found of all";
        "rows_returned" Int "" "rows read";
        "rows_fetched" Int "" "rows read through indexes";
        "temp_files" Int "" "temporary files";
        "temp_bytes" Int "bytes" "written to temporary files";
        "deadlocks" Int "" "deadlocks";
        "reset_at" Time "" "when the counters were reset";
        "since_before" Span "ms" "since the reading of the same database before it; null for the first";
        "temp_bytes_more" Int "bytes" "temporary bytes since then";
        "deadlocks_more" Int "" "deadlocks since then";
        "rollbacks_more" Int "" "roll-backs since then";
    }
    "dba_checkpoints": "Checkpoints since the counters were reset." {
        "question" Text "" "the question that was answered";
        "timed" Int "" "started by the clock";
        "requested" Int "" "started for other reasons, mostly too much write-ahead log";
        "write_ms" Float "ms" "time spent on writing";
        "sync_ms" Float "ms" "time spent on syncing";
        "buffers_backend" Int "" "buffers that sessions had to write themselves";
        "reset_at" Time "" "when the counters were reset";
    }
    "dba_counters": "A counter of MySQL or MariaDB." {
        "question" Text "" "the question that was answered";
        "name" Text "" "its name";
        "value" Float "" "its value since the server started, or now";
    }
    "dba_statements": "A statement among those that took the most time since the counters were reset." {
        "question" Text "" "the question that was answered";
        "query_id" Text "" "the database's own id";
        "fingerprint_id" Text "" "the statement's fingerprint; null when the sheet cut it";
        "query" Text "" "the statement, without its literals";
        "calls" Int "" "how often";
        "total_ms" Float "ms" "time of all of them";
        "share" Float "ratio" "its time of that of all statements that the answer lists";
        "mean_ms" Float "ms" "mean time";
        "max_ms" Float "ms" "longest time";
        "rows" Int "" "rows returned";
        "rows_examined" Int "" "rows read";
        "blocks_read" Int "" "blocks read from disk or from the system's cache";
        "temp_blocks_written" Int "" "blocks written to temporary files";
        "tmp_disk_tables" Int "" "temporary tables on disk";
    }
    "dba_indexes": "An index of the database." {
        "question" Text "" "the question that was answered";
        "relation" Text "" "the table";
        "index" Text "" "the index";
        "valid" Bool "" "whether reads may use it";
        "ready" Bool "" "whether writes keep it";
        "scans" Int "" "reads through it since the counters were reset";
        "rows_read" Int "" "rows that these read";
        "position" Int "" "of MySQL: the column's place in the index, from 1";
        "column" Text "" "of MySQL: the column";
        "cardinality" Int "" "of MySQL: an estimate of its different values";
    }
    "dba_settings": "A setting of the database." {
        "question" Text "" "the question that was answered";
        "name" Text "" "its name";
        "value" Text "" "its value as printed";
        "unit" Text "" "the unit of the value as printed";
        "number" Float "" "its value as a number; of PostgreSQL sizes in bytes, times in milliseconds";
        "set_by" Text "" "where it was set: default, configuration file ...";
        "pending_restart" Bool "" "whether it was changed and waits for a restart";
    }
};
