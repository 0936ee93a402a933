//! The vocabulary of root causes, what each explains, and what would disprove it.

/// What is known of a cause, as data.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    /// Its id, as rules and reports name it.
    pub id: &'static str,
    /// In words.
    pub title: &'static str,
    /// How near the root it lies: 0 is something that somebody did or that broke by itself, 3 is
    /// what users notice. Of two causes where one explains the other, the lower comes first.
    pub depth: u8,
    /// Causes that follow from it.
    pub explains: &'static [&'static str],
    /// What would disprove it, and the table in which it would stand.
    pub disproof: &'static [(&'static str, &'static str)],
    /// What a tired person must not do about it.
    pub do_not: &'static [&'static str],
}

/// Shorthand for the list below.
const fn cause(
    id: &'static str,
    title: &'static str,
    depth: u8,
    explains: &'static [&'static str],
    disproof: &'static [(&'static str, &'static str)],
    do_not: &'static [&'static str],
) -> Cause {
    Cause { id, title, depth, explains, disproof, do_not }
}

const SLOW_DATABASE: &[&str] = &[
    "slow-query-regression",
    "database-cpu-saturated",
    "connection-pool-exhausted",
    "database-connections-exhausted",
    "lock-contention",
    "goroutine-leak",
    "websocket-backpressure",
    "reconnect-storm",
    "cpu-saturated",
];
const SLOW_NODES: &[&str] = &[
    "connection-pool-exhausted",
    "websocket-backpressure",
    "cluster-instability",
    "goroutine-leak",
    "reconnect-storm",
    "cpu-saturated",
    "slow-query-regression",
    "database-cpu-saturated",
    "rate-limited",
];
const NO_RESTART: &str = "restart the nodes at once: every client reconnects and reloads";
const NO_POOL: &str =
    "raise MaxOpenConns, QueryTimeout or max_connections: more work for a database that is behind";

/// Every cause, by id. `none` is the answer of a healthy system and is no suspect.
pub static CAUSES: &[Cause] = &[
    cause(
        "bot-flood",
        "one client floods the server with requests",
        0,
        SLOW_NODES,
        &[
            ("requests of that client fall and the latency stays high", "log_top"),
            ("the same rise from many users and addresses", "log_top"),
        ],
        &[NO_RESTART, "switch rate limiting on for everyone"],
    ),
    cause(
        "cluster-instability",
        "the nodes of the cluster lose one another",
        1,
        &["reconnect-storm", "websocket-backpressure", "job-storm"],
        &[("a stable leader and all nodes present throughout", "server_events")],
        &[NO_RESTART],
    ),
    cause(
        "connection-pool-exhausted",
        "requests wait for a connection of the pool",
        3,
        &["goroutine-leak", "websocket-backpressure"],
        &[("connections in use stay below the limit while requests are slow", "series")],
        &[NO_POOL],
    ),
    cause(
        "cpu-saturated",
        "the application nodes have no CPU left",
        2,
        &["websocket-backpressure", "goroutine-leak", "reconnect-storm"],
        &[("CPU of the nodes below 80 % of their cores while requests are slow", "series")],
        &[NO_RESTART],
    ),
    cause(
        "database-connections-exhausted",
        "the database refuses further connections",
        2,
        &["connection-pool-exhausted", "slow-query-regression"],
        &[("no refusal in the database log while errors go on", "database_events")],
        &["raise max_connections during the incident (restarts the database)", NO_RESTART],
    ),
    cause(
        "database-cpu-saturated",
        "the database has no CPU left",
        2,
        &[
            "slow-query-regression",
            "connection-pool-exhausted",
            "goroutine-leak",
            "websocket-backpressure",
            "lock-contention",
        ],
        &[("CPU of the database host below 80 % during the incident", "")],
        &[NO_POOL, NO_RESTART],
    ),
    cause(
        "database-memory-undersized",
        "the database works from disk for want of memory",
        1,
        SLOW_DATABASE,
        &[("cache hit ratio above 99 % and no temporary files", "database_events")],
        &["change shared_buffers during the incident (restarts the database)"],
    ),
    cause(
        "deadlock",
        "transactions block one another and are aborted",
        2,
        &["slow-query-regression", "lock-contention"],
        &[("errors go on without deadlocks in the database log", "database_events")],
        &[],
    ),
    cause(
        "debug-logging",
        "debug or trace logging loads the nodes",
        1,
        &["cpu-saturated", "disk-full"],
        &[("the same log volume before it began", "log_patterns")],
        &[],
    ),
    cause(
        "disk-full",
        "a disk is full",
        0,
        &[
            "file-store-failure",
            "slow-query-regression",
            "database-connections-exhausted",
            "connection-pool-exhausted",
            "search-engine-down",
            "job-storm",
            "network-fault",
        ],
        &[("free space on the volume that the error names", "")],
        &[
            "delete files of the database by hand, above all its write-ahead, redo or binary logs",
            "restart the database before there is space",
        ],
    ),
    cause(
        "email-failure",
        "e-mail is not delivered",
        1,
        &[],
        &[("the mail server accepts a test message", "")],
        &[],
    ),
    cause(
        "file-store-failure",
        "the file store fails",
        1,
        &["job-storm"],
        &[("uploads and downloads work on every node", "")],
        &[],
    ),
    cause(
        "goroutine-leak",
        "goroutines pile up",
        2,
        &["memory-leak", "cpu-saturated"],
        &[("the goroutines fall back when the load does", "series")],
        &[NO_RESTART],
    ),
    cause(
        "job-storm",
        "background jobs take what users need",
        1,
        &[
            "slow-query-regression",
            "database-cpu-saturated",
            "cpu-saturated",
            "connection-pool-exhausted",
        ],
        &[("no job ran when it began", "jobs")],
        &[],
    ),
    cause(
        "ldap-sync-storm",
        "the LDAP synchronisation loads the database",
        1,
        &["slow-query-regression", "database-cpu-saturated", "connection-pool-exhausted"],
        &[("no synchronisation ran when it began", "jobs")],
        &[],
    ),
    cause(
        "license-expired",
        "the licence has expired",
        0,
        &["cluster-instability", "replica-lag", "search-engine-down", "network-fault"],
        &[("a valid licence in the System Console", "")],
        &[],
    ),
    cause(
        "lock-contention",
        "statements wait for a lock",
        1,
        &[
            "slow-query-regression",
            "connection-pool-exhausted",
            "database-connections-exhausted",
            "deadlock",
            "goroutine-leak",
        ],
        &[("waits without a blocker in the list of sessions", "locks")],
        &[
            "terminate the blocker before you know what it is; cancel it first, never kill -9",
            NO_POOL,
        ],
    ),
    cause(
        "memory-leak",
        "memory grows without a plateau",
        1,
        &["out-of-memory-kill", "cpu-saturated"],
        &[("memory falls back when the load does", "series")],
        &[],
    ),
    cause(
        "mention-storm",
        "mentions of whole channels fan out",
        1,
        &[
            "websocket-backpressure",
            "push-proxy-failure",
            "cpu-saturated",
            "database-cpu-saturated",
            "slow-query-regression",
        ],
        &[("the number of posts and notifications is as before", "series")],
        &["silence @channel everywhere without having measured the storm"],
    ),
    cause(
        "misconfiguration",
        "a setting is wrong",
        0,
        SLOW_NODES,
        &[("the setting was the same long before it began", "settings")],
        &[],
    ),
    cause(
        "missing-index",
        "an index is missing",
        0,
        SLOW_DATABASE,
        &[
            ("the index is there and valid: ask the database for it", "indexes"),
            ("the query's plan uses another index", ""),
        ],
        &[NO_RESTART, NO_POOL, "fail over"],
    ),
    cause(
        "network-fault",
        "the network between the parts fails",
        0,
        &[
            "reconnect-storm",
            "connection-pool-exhausted",
            "cluster-instability",
            "search-engine-down",
            "push-proxy-failure",
            "email-failure",
            "file-store-failure",
            "websocket-backpressure",
        ],
        &[("the same errors towards every host, also on the same machine", "log_patterns")],
        &[NO_RESTART],
    ),
    cause(
        "out-of-memory-kill",
        "a process is killed for want of memory",
        1,
        &["reconnect-storm", "cluster-instability", "memory-leak"],
        &[("dmesg or the orchestrator names another reason for the restarts", "")],
        &["restart again without removing what fills the memory"],
    ),
    cause(
        "plugin-overload",
        "a plugin loads the server",
        0,
        &[
            "connection-pool-exhausted",
            "database-connections-exhausted",
            "cpu-saturated",
            "memory-leak",
            "goroutine-leak",
            "slow-query-regression",
            "database-cpu-saturated",
            "out-of-memory-kill",
            "lock-contention",
            "websocket-backpressure",
        ],
        &[("the load stays when the plugin is disabled", "")],
        &["disable all plugins at once: then nobody knows which it was"],
    ),
    cause(
        "push-proxy-failure",
        "push notifications are not delivered",
        1,
        &["goroutine-leak"],
        &[("the push proxy answers from every node", "")],
        &[],
    ),
    cause(
        "rate-limited",
        "requests are refused by a limit",
        1,
        &["reconnect-storm"],
        &[("no 429 at the proxy or the server", "")],
        &[],
    ),
    cause(
        "reconnect-storm",
        "clients reconnect all at once",
        2,
        &[
            "websocket-backpressure",
            "cpu-saturated",
            "slow-query-regression",
            "database-cpu-saturated",
            "connection-pool-exhausted",
            "goroutine-leak",
        ],
        &[("the number of websocket connections did not fall before it", "series")],
        &[NO_RESTART],
    ),
    cause(
        "replica-lag",
        "a read replica lags behind",
        1,
        &[],
        &[("the replay position of the replica follows the primary", "series")],
        &["move all reads to a primary that has no room for them"],
    ),
    cause(
        "schema-migration",
        "a schema migration runs or holds locks",
        0,
        SLOW_DATABASE,
        &[("no DDL and no version change before it began", "database_events")],
        &["stop a migration half-way; ask a Mattermost engineer first"],
    ),
    cause(
        "search-engine-down",
        "the search engine is not available",
        1,
        &["slow-query-regression", "database-cpu-saturated"],
        &[("the search engine answers from every node", "")],
        &["start a full reindex during the incident"],
    ),
    cause(
        "slow-query-regression",
        "a query has become slow",
        2,
        &[
            "connection-pool-exhausted",
            "database-cpu-saturated",
            "goroutine-leak",
            "websocket-backpressure",
            "reconnect-storm",
            "lock-contention",
        ],
        &[("its mean is as before and only its calls rose", "queries")],
        &[NO_POOL, NO_RESTART],
    ),
    cause(
        "stale-statistics",
        "the planner works with stale statistics",
        0,
        SLOW_DATABASE,
        &[("plans are the same after ANALYZE", "")],
        &["rebuild the whole table: it is locked until that is done"],
    ),
    cause(
        "table-bloat",
        "dead rows slow a table down",
        1,
        SLOW_DATABASE,
        &[("few dead rows against the table's own trigger", "nodes")],
        &["rebuild the whole table: it is locked until that is done"],
    ),
    cause(
        "typing-event-fanout",
        "typing events flood the websockets",
        1,
        &["websocket-backpressure", "cpu-saturated"],
        &[("broadcasts of type typing are few", "series")],
        &[],
    ),
    cause(
        "version-regression",
        "the new version behaves worse",
        0,
        SLOW_DATABASE,
        &[("the same before the upgrade", "queries")],
        &["downgrade without a backup of the database"],
    ),
    cause(
        "websocket-backpressure",
        "websocket queues run full",
        3,
        &["reconnect-storm"],
        &[("no full queue in the logs while clients reconnect", "log_patterns")],
        &[NO_RESTART],
    ),
];

/// Causes of which there may be several at once, each with a subject of its own. Of all others
/// there is one, whatever its findings name: one full disk, one storm of reconnects.
const BY_SUBJECT: &[&str] = &[
    "job-storm",
    "lock-contention",
    "misconfiguration",
    "missing-index",
    "plugin-overload",
    "schema-migration",
    "slow-query-regression",
    "stale-statistics",
    "table-bloat",
];

impl Cause {
    /// Whether findings of it with different subjects are different suspects.
    pub fn is_by_subject(&self) -> bool {
        BY_SUBJECT.contains(&self.id)
    }
}

/// The cause of that id.
pub fn cause_of(id: &str) -> Option<&'static Cause> {
    CAUSES.iter().find(|cause| cause.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_sorted_unique_and_explain_only_known_ones() {
        assert!(CAUSES.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(BY_SUBJECT.iter().all(|id| cause_of(id).is_some()));
        for cause in CAUSES {
            for explained in cause.explains {
                let other = cause_of(explained)
                    .unwrap_or_else(|| panic!("{} explains unknown {explained}", cause.id));
                assert_ne!(other.id, cause.id);
            }
        }
    }
}
