//! The list of known messages: one entry each, in the order in which they are tried.

use super::known::{Known, Scope};

macro_rules! known {
    ($($id:literal $scope:ident msg[$($msg:literal),*] text[$($text:literal),*] not[$($not:literal),*]
       $meaning:literal $source:literal;)*) => {
        /// Every known message, in the order in which they are tried.
        pub static KNOWN: &[Known] = &[$(Known {
            id: $id,
            msg: &[$($msg),*],
            text: &[$($text),*],
            not: &[$($not),*],
            scope: Scope::$scope,
            meaning: $meaning,
            source: $source,
        },)*];
    };
}

known! {
    // The runtime and the operating system.
    "out-of-memory" Any msg["runtime: out of memory", "out of memory: killed process", "oom-kill", "oomkilled", "invoked oom-killer", "cannot allocate memory"] text[] not[]
        "the process ran out of memory or was killed for it" "Go runtime; Linux kernel";
    "process-killed" Any msg["code=killed", "status=9/kill", "main process exited"] text[] not[]
        "the service manager saw the process end" "systemd";
    "go-fatal-error" Runtime msg["fatal error:"] text[] not[]
        "the Go runtime stopped the process" "Go runtime";
    "go-panic" Runtime msg["panic:", "[signal ", "unexpected fault address"] text[] not[]
        "a Go panic ended the process" "Go runtime";
    "hub-panic" Any msg["recovering from hub panic", "webhub stopped unexpectedly"] text[] not[]
        "a websocket hub crashed and was restarted" "app/platform/web_hub.go";
    "job-panic" Any msg["unhandled panic in job"] text[] not[]
        "a job panicked" "jobs/jobs.go";
    "server-start-failed" Any msg["error starting server"] text[] not[]
        "the server did not come up" "app/server.go";

    // Audit.
    "audit-login-failed" Audit msg["audit login fail"] text[] not[]
        "a login failed" "server/public/model/audit_record.go";
    "audit-queue-full" Any msg["audit logging queue full"] text[] not[]
        "audit records are dropped" "channels/audit/audit.go";

    // Websockets.
    "websocket-slow" Any msg["websocket.slow"] text[] not[]
        "a connection's queue is half full: typing and status events are dropped; some are normal" "app/platform/web_conn.go";
    "websocket-full" Any msg["websocket.full"] text[] not[]
        "a connection's queue is 95 % full" "app/platform/web_conn.go";
    "websocket-hub-closing" Any msg["webhub.broadcast: cannot send, closing websocket", "webhub.broadcast: cannot send"] text[] not[]
        "a full connection was closed: its client reconnects" "app/platform/web_hub.go";
    "websocket-hub-deadlock" Any msg["hub processing might be deadlock", "hub queue is almost full", "processasync function timed out"] text[] not[]
        "a websocket hub does not keep up" "app/platform/web_hub.go";
    "websocket-hub-stopping" Any msg["stopping websocket hub connections"] text[] not[]
        "websocket hubs stop: the server stops" "app/platform/web_hub.go";
    "websocket-cache-invalidation" Any msg["error while invalidating channel member cache"] text[] not[]
        "a hub could not refresh its members" "app/platform/web_hub.go";
    "websocket-error" Any msg["websocket session error", "websocket request handling error", "failed to upgrade websocket connection"] text[] not[]
        "a websocket request failed" "wsapi/websocket_handler.go";
    "websocket-closed" Any msg["websocket.nextreader", "websocket.send", "websocket.ticker", "websocket.readjson"] text[] not[]
        "a client's connection ended; many at once: a disconnect" "app/platform/web_conn.go";
    "status-channel-full" Any msg["status update channel is full"] text[] not[]
        "statuses change faster than they are stored: mass connects or disconnects" "app/platform/status.go";
    "status-save-failed" Any msg["failed to save multiple statuses", "failed to save status"] text[] not[]
        "statuses could not be stored" "app/platform/status.go";

    // The database: what failed.
    "replica-setup-skipped" Any msg["failed to setup connection. skipping"] text[] not[]
        "a replica is offline: its reads go elsewhere" "store/sqlstore/store.go";
    "replica-lag-setup-skipped" Any msg["failed to setup replica lag handle"] text[] not[]
        "the replica lag query has no connection" "store/sqlstore/store.go";
    "replica-lag-query-error" Any msg["replicalagabs query returned error", "replicalagtime query returned error"] text[] not[]
        "the replica lag query is wrong or not allowed" "server/enterprise/metrics/metrics.go";
    "migration-failed" Any msg["failed to run app migration", "failed to apply database migrations", "could not get the schema version", "worker: failed to run migration", "failed to run migration", "migration failed"] text[] not[]
        "a migration failed: the server may not start" "app/migrations.go";
    "db-recycle" Any msg["recycle database connections", "recycling database connections"] text[] not[]
        "an administrator recycled the database connections" "app/admin.go";
    "db-health-write-failed" Any msg["unable to write to database", "unable to remove ping health check value"] text[] not[]
        "the health check cannot write to the database" "api4/system.go";
    "no-space-left" Any msg[] text["no space left on device", "disk quota exceeded", "could not extend file", "could not write to file"] not[]
        "a disk is full: of the server, or of the database if the error is its" "PostgreSQL; Linux";
    "too-many-clients" Any msg[] text["too many clients already", "too many connections for role", "too many connections for database", "too many connections"] not[]
        "the database refuses connections: max_connections is exhausted" "PostgreSQL, SQLSTATE 53300; MySQL 1040";
    "connection-slots-reserved" Any msg[] text["remaining connection slots are reserved"] not[]
        "the database refuses connections: only reserved slots are left" "PostgreSQL, SQLSTATE 53300";
    "pgbouncer-limit" Any msg[] text["no more connections allowed", "query_wait_timeout", "pgbouncer cannot connect"] not[]
        "the connection pooler refuses or drops connections" "PgBouncer";
    "db-recovery-mode" Any msg[] text["database system is in recovery mode", "database system is starting up", "database system is shutting down", "terminating connection due to administrator command", "the database system is not yet accepting connections"] not[]
        "the database is down, starting or failing over" "PostgreSQL, SQLSTATE 57P03 and 57P01";
    "db-read-only" Any msg[] text["read-only transaction", "--read-only option", "read_only"] not[]
        "the server writes to a replica: a failover, or the wrong address" "PostgreSQL, SQLSTATE 25006; MySQL 1290";
    "conflict-with-recovery" Any msg[] text["conflict with recovery"] not[]
        "a replica cancelled queries in favour of replication" "PostgreSQL, SQLSTATE 40001";
    "deadlock-detected" Any msg[] text["deadlock detected", "deadlock found", "repeatable transaction failures"] not[]
        "transactions block each other" "PostgreSQL, SQLSTATE 40P01; store/retrylayer/retrylayer.go";
    "serialization-failure" Any msg[] text["could not serialize access"] not[]
        "transactions conflict" "PostgreSQL, SQLSTATE 40001";
    "lock-timeout" Any msg[] text["lock timeout", "lock wait timeout exceeded"] not[]
        "a lock was not granted in time" "PostgreSQL, SQLSTATE 55P03; MySQL 1205";
    "statement-timeout" Store msg[] text["canceling statement due to statement timeout", "canceling statement due to user request", "query execution was interrupted"] not[]
        "a statement was cancelled: by its timeout, or since the server gave it up" "PostgreSQL, SQLSTATE 57014";
    "db-authentication-failed" Any msg[] text["password authentication failed", "no pg_hba.conf entry", "access denied for user"] not[]
        "the database refuses the login" "PostgreSQL, SQLSTATE 28P01 and 28000; MySQL 1045";
    "db-corruption" Any msg[] text["invalid page in block", "could not read block", "missing chunk number", "data corrupted"] not[]
        "the database found damaged data" "PostgreSQL, SQLSTATE XX001";
    "db-schema-mismatch" Any msg[] text["does not exist (sqlstate", "pq: relation", "pq: column", "unknown column"] not[]
        "a table or column is missing: a migration did not run" "PostgreSQL, SQLSTATE 42P01 and 42703";
    // Behind the reasons why it may fail, which say more.
    "db-ping-failed" Any msg["failed to ping db", "failed to open sql connection", "failed to ping database"] text[] not[]
        "the database cannot be reached at a start or reconnect" "server/public/utils/sql/sql_utils.go";
    "db-duplicate-key" Any msg[] text["duplicate key value", "duplicate entry"] not[]
        "a row was there already; a few are normal" "PostgreSQL, SQLSTATE 23505";
    "search-query-error" Any msg["query error searching posts", "query error searching files"] text[] not[]
        "a search in the database failed, often by its timeout" "store/sqlstore/post_store.go";
    "db-write-pressure" Any msg["error updating channel lastpostat", "unable to populate the reply count"] text[] not[]
        "side writes of posts fail" "store/sqlstore/post_store.go";

    // What the server asks of others: before the generic deadlines.
    "link-preview-deadline" Any msg["og image", "oembed", "opengraph", "link metadata", "link preview"] text["deadline exceeded", "client.timeout", "i/o timeout", "timeout awaiting"] not[]
        "the preview of a link took too long; normal" "app/post_metadata.go";
    "link-preview-error" Any msg["og image", "oembed", "opengraph", "link metadata", "link preview"] text[] not[]
        "the preview of a link failed; normal" "app/post_metadata.go";
    "outgoing-webhook-timeout" Any msg["outgoing webhook post timed out", "outgoing integration action request timed out", "outgoing command request timed out"] text[] not[]
        "somebody else's integration is slow" "app/webhook.go";
    "outgoing-webhook-failed" Any msg["outgoing webhook", "outgoing integration", "outgoing command"] text[] not[]
        "somebody else's integration failed" "app/webhook.go";
    "bad-device-token" Any msg[] text["baddevicetoken", "reported as removed", "push_proxy_remove_device"] not[]
        "a device was uninstalled; normal" "app/notification_push.go";
    "push-proxy-send-error" Any msg["failed to send to push proxy", "unable to send push notification", "push proxy failed", "failed to send push"] text[] not[]
        "push notifications do not go out" "app/notification_push.go";
    "too-many-users-in-channel" Any msg["too many users to notify"] text[] not[]
        "a mention in a channel above the limit of notifications" "app/notification.go";
    "email-batching-full" Any msg["email batching job's receiving buffer was full"] text[] not[]
        "e-mails go out at once instead of in batches" "app/email/email_batching.go";
    "email-send-failed" Any msg["error while sending the email", "mail server connection test failed", "unable to send notification email", "error sending email notification", "failed to send invite email", "failed to send password reset email", "failed to send welcome email", "failed to send guest magic link email", "unable to send batched email notification", "error while sending the license expired email", "failed to send email"] text[] not[]
        "e-mails do not go out" "app/email/email.go";
    "audit-error" Audit msg[] text["<str>"] not[]
        "a request failed" "server/public/model/audit_record.go";

    // LDAP, SAML.
    "ldap-sync-failed" Any msg["failed to start ldap sync", "enterpriseldapsync", "ldap sync failed", "failed ldap sync", "not executing ldap sync", "failed to run ldap sync"] text[] not[]
        "the LDAP synchronisation does not run" "app/ldap.go";
    "ldap-unreachable" Any msg["ldap"] text["ldap result code 200", "network error", "connection refused", "i/o timeout", "no such host", "unable to connect"] not[]
        "the LDAP server cannot be reached: logins fail" "go-ldap";
    "ldap-error" Any msg[] text["ldap result code"] not[]
        "the LDAP server refused" "go-ldap";
    "saml-error" Any msg["saml"] text["error", "fail", "invalid", "unable"] not[]
        "logins by SAML fail" "app/saml.go";
    "oauth-error" Any msg[] text["invalid_client", "unauthorized_client", "invalid_grant", "bad response from token request", "token request failed", "aadsts"] not[]
        "a login over OpenID or OAuth fails" "app/oauth.go";

    // Search engines.
    "elasticsearch-disk-watermark" Any msg[] text["flood-stage watermark", "flood stage disk watermark", "index read-only / allow delete", "disk usage exceeded"] not[]
        "the search engine's disk is full: it takes no writes" "Elasticsearch";
    "elasticsearch-rejected" Any msg[] text["es_rejected_execution", "rejected execution of", "circuit_breaking_exception", "too many requests"] not["push"]
        "the search engine is overloaded" "Elasticsearch";
    "elasticsearch-index-failed" Any msg["bulk indexer", "indexer error", "failed to index batch", "error flushing live indexing buffer", "had partial failures", "index aggregation job failed", "encountered error indexing", "encountered error while indexing", "encountered error refresh the indexes", "failed to synchronously bulk-index", "failed to update channel_type on posts"] text[] not[]
        "posts are not indexed" "server/enterprise/elasticsearch";
    "elasticsearch-search-failed" Any msg["search engine", "searchengine", "encountered error on search", "encountered error on autocomplete"] text["error", "fail"] not["failed to update search engine config", "failed to stop elasticsearch"]
        "a search in the search engine failed" "app/platform/searchengine.go";
    "elasticsearch-config-failed" Any msg["failed to update search engine config", "failed to stop elasticsearch engine", "failed to start elasticsearch", "failed to start search engine"] text[] not[]
        "the search engine could not be started or stopped" "app/platform/searchengine.go";
    "elasticsearch-error" Any msg["elasticsearch", "opensearch"] text["error", "fail", "unable", "timeout", "refused"] not[]
        "the search engine failed" "server/enterprise/elasticsearch";

    // Plugins.
    "plugin-health-check-failed" Any msg["health check failed for plugin"] text[] not[]
        "a plugin does not answer" "public/plugin/health_check.go";
    "plugin-restart-failed" Any msg["failed to restart plugin"] text[] not[]
        "a crashed plugin did not come back" "public/plugin/health_check.go";
    "plugin-deactivated" Any msg["deactivating plugin due to multiple crashes"] text[] not[]
        "a plugin crashed three times within an hour and was switched off" "public/plugin/health_check.go";
    "plugin-rpc-failed" Any msg["rpc call", "plugin failed to servehttp"] text[] not[]
        "a plugin's process did not take a call" "public/plugin/client_rpc_generated.go";
    "plugin-activate-failed" Any msg["unable to activate plugin", "failed to sync plugin from file store", "failed to start up plugins"] text[] not[]
        "a plugin does not start" "app/plugin.go";
    "plugin-deactivate-slow" Any msg["plugin ondeactivate() failed", "plugin ondeactivate() error"] text[] not[]
        "a plugin does not stop" "public/plugin";
    "plugin-invalid-status" Any msg["invalid status code returned from plugin"] text[] not[]
        "a plugin answered without a status; normal" "app/plugin_requests.go";
    "plugin-missing" Any msg["access to route for non-existent plugin"] text[] not[]
        "somebody asks for a plugin that is not there; normal" "app/plugin_requests.go";

    // Files.
    "extracting-file" Any msg["extracting file"] text[] not["failed", "error"]
        "the text of a file is taken out for search" "app/extract_plugin_tar.go; services/docextractor";
    "extract-failed" Any msg["failed to extract file content", "failed to extract", "unable to get document content"] text[] not[]
        "the text of a file could not be taken out" "app/file.go";
    "s3-slowdown" Any msg[] text["slowdown", "slow down", "reduce your request rate", "please reduce your request"] not[]
        "the file store throttles" "minio-go";
    "request-time-too-skewed" Any msg[] text["requesttimetooskewed", "difference between the request time and the server", "request time and the server's time is too large", "request time is too skewed"] not[]
        "this node's clock is wrong" "minio-go";
    "s3-access-denied" Any msg["file", "s3", "bucket", "upload", "image", "preview", "thumbnail"] text["access denied", "accessdenied", "invalidaccesskeyid", "access key id you provided", "signaturedoesnotmatch", "request signature we calculated", "expiredtoken", "security token included in the request", "nosuchbucket", "specified bucket does not exist", "requesttimetooskewed", "request time and the current time is too large"] not[]
        "the file store refuses the key" "minio-go";
    "file-storage-problem" Any msg["problem with file storage settings", "unable to test filestore connection", "unable to test the connection to file storage", "unable to access the file storage", "unable to get a file reader", "unable to open the file", "unable to read the file", "unable to write the file", "unable to check if the file exists"] text[] not["no space left", "not found", "no such file", "does not exist", "nosuchkey"]
        "the file store does not work" "app/server.go";
    "file-preview-failed" Any msg["unable to upload thumbnail", "unable to upload preview", "failed to get image orientation"] text[] not[]
        "a preview could not be made or stored" "app/file.go";

    // Caches.
    "session-cache-failed" Any msg["failed to add session to cache", "failed to clear session cache", "failed to purge session cache", "failed to remove session from cache"] text[] not[]
        "the cache of sessions does not work: with Redis, Redis is down" "app/platform/session.go";
    "redis-error" Any msg[] text["redis", "userstore.getmany", "failed to get from cache", "error while trying to get from cache"] not["successfully"]
        "the cache in Redis does not work" "store/localcachelayer";
    "cache-connected" Any msg["successfully connected to cache backend"] text[] not[]
        "the cache works" "app/platform/service.go";

    // Cluster.
    "leader-changed" Any msg["cluster leader changed"] text[] not[]
        "another node leads; more than a few an hour: gossip is unstable" "app/server.go";
    "cluster-ping-failed" Any msg["clusterdiscoveryservice failed"] text[] not[]
        "a node cannot write that it is there" "app/platform/cluster_discovery.go";
    "cluster-not-in-sync" Any msg["cluster not in sync", "cluster config mismatch", "error validating caches from cluster message", "could not get cluster info", "webconn count from cluster"] text[] not[]
        "nodes disagree or do not answer" "jobs/batch_migration_worker.go";
    "cluster-gossip" Any msg[] text["memberlist:", "gossip", "suspect "] not["database"]
        "the cluster's gossip reports trouble" "hashicorp/memberlist";

    // Busy, limits, health.
    "busy-activated" Any msg["server busy state activated", "server busy state activitated"] text[] not[]
        "non-critical services are switched off" "api4/system.go";
    "busy-cleared" Any msg["server busy state cleared"] text[] not[]
        "non-critical services are on again" "api4/system.go";
    "goroutines-over-threshold" Any msg["running goroutines is over the health threshold"] text[] not[]
        "too many goroutines: the node does not keep up" "api4/system.go";
    "rate-limited" Any msg["denied due to throttling settings", "rate limiting broken"] text[] not[]
        "requests are refused by rate limiting" "app/ratelimit.go";
    "email-rate-limited" Any msg["email", "invite"] text["rate limit exceeded"] not[]
        "invitations are throttled" "app/email/email.go";

    // Licence.
    "license-missing" Any msg["license key from", "no valid enterprise license found", "license key required"] text[] not[]
        "no licence: enterprise features and replicas are off" "app/platform/license.go";
    "license-expired" Any msg["license expired", "license has expired", "license is expired", "expired license"] text[] not[]
        "the licence ran out" "app/platform/license.go";
    "license-read-failed" Any msg["failed to read license", "invalid license", "failed to load license", "error while removing the license", "license is invalid", "failed to get system admins for license"] text[] not[]
        "the licence could not be read" "app/platform/license.go";
    "license-valid" Any msg["license key is valid"] text[] not[]
        "the licence holds" "app/platform/license.go";

    // Jobs.
    "job-error" Any msg["failed job", "job execution error", "failed to set job error", "failed to schedule job", "getting all pending statuses", "worker: failed", "simpleworker: failed", "job failed"] text[] not[]
        "a job failed" "jobs/base_workers.go";
    "job-wedged" Any msg["job appears to be wedged"] text[] not[]
        "a migration job hangs" "jobs/migrations/scheduler.go";

    // Support packet.
    "support-packet-failed" Any msg["failed to generate file for support packet", "failed to generate support packet", "support packet"] text["fail", "error", "blocked"] not[]
        "the packet is not whole" "app/support_packet.go";
    "log-read-blocked" Any msg["blocked attempt to read log file outside allowed root"] text[] not[]
        "a log stands outside of the allowed folder: it is not in the packet" "app/platform/log.go";

    // What is always there.
    "http-request" Any msg["received http request"] text[] not[]
        "a request, with debugging on" "web/handlers.go";
    "client-metric-exceeded" Any msg["metric observation exceeded"] text[] not[]
        "a client reported a value beyond its histogram; normal" "server/enterprise/metrics/histogram.go";
    "hijacked-connection" Any msg["on hijacked connection"] text[] not[]
        "an answer to a websocket that is gone; many at once: a disconnect" "net/http";
    "session-expired" Any msg["invalid or expired session", "error while getting session token"] text[] not[]
        "a client has to log in again" "web/context.go";

    // Why: last, so that what failed is said first.
    "tls-handshake-error" Any msg["tls handshake error"] text[] not[]
        "a client broke off the TLS handshake; normal with health checks of proxies" "net/http";
    "x509" Any msg[] text["x509:", "certificate signed by unknown authority", "certificate has expired"] not[]
        "a certificate is not trusted" "crypto/x509";
    "too-many-open-files" Any msg[] text["too many open files"] not[]
        "the limit of open files is met" "Linux, EMFILE";
    "store-deadline-exceeded" Store msg[] text["context deadline exceeded"] not[]
        "a statement ran into QueryTimeout, or the pool gave no connection in time" "store/sqlstore; SqlSettings.QueryTimeout";
    "plugin-deadline-exceeded" Plugin msg[] text["deadline exceeded", "client.timeout exceeded"] not[]
        "a plugin waited too long for something" "plugins";
    "outgoing-deadline-exceeded" Any msg[] text["client.timeout exceeded", "timeout awaiting response headers", "context deadline exceeded"] not[]
        "a request that the server made took too long" "net/http";
    "context-canceled" Any msg[] text["context canceled"] not[]
        "the client left before the answer" "context";
    "bad-connection" Any msg[] text["driver: bad connection", "sql: connection is already closed", "invalid connection"] not[]
        "connections to the database break" "database/sql";
    "connection-refused" Any msg[] text["connection refused"] not[]
        "something that the server needs does not listen" "net";
    "no-such-host" Any msg[] text["no such host", "server misbehaving", "temporary failure in name resolution"] not[]
        "a name does not resolve" "net";
    "io-timeout" Any msg[] text["i/o timeout"] not[]
        "something that the server needs does not answer" "net";
    "connection-reset" Store msg[] text["connection reset by peer", "broken pipe", "unexpected eof"] not["writing response", "closing websocket"]
        "connections to the database break" "net";
    "client-gone" Any msg["error while writing response", "error writing response"] text[] not[]
        "the client left before the answer; normal" "web/handlers.go";
}
