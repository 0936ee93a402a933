//! Tables of what was read at all, and of support packets.

use super::tables;
use crate::TableDoc;

pub(super) const TABLES: &[TableDoc] = tables! {
    "inputs": "A source that was read." {
        "path" Text "" "the input and, behind `!`, the member";
        "kind" Text "" "what sort of source: packet, log, slow query log, metrics, not recognised ...";
        "format" Text "" "the format's name";
        "bytes" Int "bytes" "bytes read, after decompression";
        "records" Int "" "records read";
        "skipped" Int "" "records skipped";
        "start" Time "" "time of the first record";
        "end" Time "" "time of the last record";
        "limits" Text "" "what it cannot show, joined with `; `";
        "read" Bool "" "whether it was read at all";
    }
    #[packet]
    "nodes": "An application server." {
        "node" Text "" "the host name";
        "version" Version "" "the server's version";
        "build_hash" Text "" "the build";
        "os" Text "" "the operating system";
        "architecture" Text "" "the processor architecture";
        "installation_type" Text "" "how it was installed: docker, operator, omnibus, unknown ...";
        "go_version" Text "" "the Go release that built it";
        "cpu_cores" Int "" "cores of the host";
        "total_memory_mb" Int "MB" "memory of the host";
        "container_cpu_limit" Float "" "cores that the container may use";
        "container_memory_limit_mb" Int "MB" "memory that the container may use";
        "process_id" Int "id" "the server's process";
        "started_at" Time "" "when the process started";
        "host_started_at" Time "" "when the host started";
        "open_file_descriptors" Int "" "open files and sockets";
        "max_file_descriptors" Int "" "open files and sockets that are allowed";
        "database_master_connections" Int "" "open connections to the primary, of this node";
        "database_master_connections_in_use" Int "" "connections to the primary in use";
        "database_master_connections_idle" Int "" "idle connections to the primary";
        "database_replica_connections" Int "" "open connections to read replicas, of this node";
        "database_replica_connections_in_use" Int "" "connections to read replicas in use";
        "database_replica_connections_idle" Int "" "idle connections to read replicas";
        "database_search_connections" Int "" "open connections to search replicas";
        "database_master_pool_wait_count" Int "" "waits for a connection to the primary since the start";
        "database_master_pool_wait_duration_ms" Int "ms" "time waited for a connection to the primary since the start";
        "database_replica_pool_wait_count" Int "" "waits for a connection to a replica since the start";
        "database_replica_pool_wait_duration_ms" Int "ms" "time waited for a connection to a replica since the start";
        "websocket_connections" Int "" "websocket connections of this node";
        "file_store_file_status" Text "" "OK or FAIL";
        "file_store_file_driver" Text "" "local, amazons3 ...";
        "file_store_total_mb" Int "MB" "size of the local file store";
        "file_store_available_mb" Int "MB" "free space of the local file store";
        "cluster_id" Text "" "the node's id in the cluster";
        "cluster_is_leader" Bool "" "whether it leads the cluster";
        "cluster_number_of_nodes" Int "" "nodes that this node sees, itself included";
    }
    #[packet]
    "settings": "A setting of the configuration." {
        "node" Text "" "the node, empty when the packet has one configuration";
        "path" Text "" "the dotted path: `SqlSettings.MaxOpenConns`";
        "value" Text "" "the value as text; null when masked or null";
        "masked" Bool "" "whether the value is present and unreadable";
    }
    #[packet]
    "setting_items": "A value in an entry of a list of objects of the configuration." {
        "node" Text "" "the node, empty when the packet has one configuration";
        "path" Text "" "the path of the list";
        "index" Int "" "the entry, counted from 0";
        "key" Text "" "the key in the entry";
        "value" Text "" "the value as text; null when masked or null";
        "masked" Bool "" "whether the value is present and unreadable";
    }
    #[packet]
    "jobs": "A run of a job." {
        "id" Text "" "the job's id";
        "type" Text "" "the type: ldap_sync, data_retention, elasticsearch_post_indexing ...";
        "status" Text "" "pending, in_progress, success, error, warning, canceled ...";
        "priority" Int "" "the priority";
        "progress" Int "%" "progress; -1 after an error";
        "created_at" Time "" "when it was created";
        "started_at" Time "" "when it was started; null before";
        "ended_at" Time "" "its last activity; the end when it is no longer running";
        "error" Text "" "the error, if it failed";
    }
    #[packet]
    "plugins": "An installed plugin." {
        "id" Text "" "the plugin's id";
        "name" Text "" "its name";
        "version" Version "" "its version";
        "state" Text "" "enabled or disabled";
        "min_server_version" Version "" "the oldest server that it supports";
        "has_server" Bool "" "whether it has a part in the server";
    }
    #[packet]
    "warnings": "What the server could not put into the packet." {
        "text" Text "" "what the server said";
    }
    #[packet]
    "schema_tables": "A table of the database, from the schema dump." {
        "table" Text "" "the table";
        "collation" Text "" "its collation";
        "columns" Int "" "how many columns it has";
        "indexes" Int "" "how many indexes it has";
        "options" Text "" "its storage options, as `key=value` joined with `, `";
    }
    #[packet]
    "indexes": "An index of the database, from the schema dump." {
        "table" Text "" "the table";
        "name" Text "" "the index";
        "definition" Text "" "the statement that makes it";
        "unique" Bool "" "whether it is unique";
    }
    #[packet]
    "columns": "A column of the database, from the schema dump." {
        "table" Text "" "the table";
        "name" Text "" "the column";
        "type" Text "" "its data type";
        "max_length" Int "" "its greatest length";
        "nullable" Bool "" "whether it may be null";
    }
    #[packet]
    "expected_indexes": "An index that a schema migration of the server makes." {
        "table" Text "" "the table";
        "name" Text "" "the index";
        "definition" Text "" "the statement that makes it";
        "build_sql" Text "sql" "the statement that makes it again without blocking writes";
        "migration" Int "id" "the migration that makes it";
        "since_schema_version" Int "id" "the schema version from which on it exists";
        "dropped_in" Int "id" "the migration that drops it again; null if none does";
        "present" Bool "" "whether the schema dump has it, or without one the DBA's list of indexes; null without both";
        "state" Text "" "present, dropped-later (the migration had run and the index is gone), migration-not-run, retired (a later migration drops it), not-in-dump (the dump or list lacks the whole table) or unknown";
    }
    #[packet]
    "goroutines": "A group of goroutines with equal stacks." {
        "node" Text "" "the node";
        "state" Text "" "running, waiting, runnable, syscall ...";
        "wait_reason" Text "" "what they wait for: IO wait, select, chan receive, semacquire ...";
        "goroutines" Int "" "how many";
        "waiting_over_minute" Int "" "how many of them have waited for a minute or more";
        "longest_wait_min" Int "min" "the longest wait in the group";
        "top" Text "" "the innermost function";
        "stack" Text "" "the functions, innermost first, joined with ` < `";
    }
    #[packet]
    "profile": "A function in a profile." {
        "node" Text "" "the node";
        "kind" Text "" "cpu or heap";
        "function" Text "" "the function";
        "file" Text "" "the source file";
        "line" Int "id" "the line in it";
        "flat" Int "" "what the function itself used, in `unit`";
        "cumulative" Int "" "what it and all that it called used, in `unit`";
        "flat_share" Float "ratio" "flat over the total of the profile";
        "cumulative_share" Float "ratio" "cumulative over the total of the profile";
        "unit" Text "" "nanoseconds, bytes or count";
    }
};
