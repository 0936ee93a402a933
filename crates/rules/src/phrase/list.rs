//! How a row of each table reads as evidence. A table that is not here is shown column by column.

/// Table and phrase, by table.
pub(super) const PHRASES: &[(&str, &str)] = &[
    (
        "changes",
        "{metric~}[ of {subject}][ on {node}], {kind}: {before:unit} -> {after:unit}[ ({ratio*})]\
         {-confidence}{-signal_kind}{-higher_is_worse}",
    ),
    (
        "connection_minutes",
        "{calls#connection}[ of {user}][ from {host}][ ({application})] authorised",
    ),
    (
        "database_events",
        "[{cause}|{class}][ on {subject}][ in {fingerprint_id}]: \
         {calls#time}[, of this kind {class_calls_in} in the incident, {class_calls_before} before]\
         {-class}{-foreign}",
    ),
    (
        "dba_clients",
        "{connections#connection}[ of {user}][ from {client}][ ({application})][, {share} of all]",
    ),
    ("dba_connections", "{used} of {max_connections} connections are open"),
    (
        "dba_locks",
        "process {pid}[ of {user}] has waited[ {waits_for}][ for process {root_pid}]\
         [ of {root_user}][ ({root_application})][, {root_state}][: {root_query}]",
    ),
    (
        "ddl",
        "{action}[ {object}][ by database user {user}][ ({application})][ from {client}]\
         [{-failed}, failed]{-build_sql}",
    ),
    ("event_minutes", "[{cause}|{class}]: {calls#time}{-class}"),
    (
        "expected_indexes",
        "index {name} of {table}: {state}[ (migration {migration} makes it)]{-present}",
    ),
    (
        "goroutines",
        "{goroutines#goroutine}[ in {wait_reason}| in {state}] at {top}[ on {node}]{-state}",
    ),
    ("indexes", "index {name} on {table}"),
    ("jobs", "job {type} is {status}[, created {created_at}][, started {started_at}][: {error}]"),
    ("load_minutes", "{calls#statement} ended, {concurrency} ran at once"),
    (
        "locks",
        "[{waiter_user} waited|a session waited][ {waited_ms}][ for {relation}]\
         [, held by {blocker_user}[ ({blocker_application})]|, held by process {blocker_pid}][: {blocker_fingerprint}]{-at}",
    ),
    ("log_minutes", "{calls#line} of level {level}"),
    (
        "log_patterns",
        "[{calls_in#line} in the incident[ ({per_minute_in}, {per_minute_before} before)]|{calls#line}] \
         of level {level}: [{known_id}, ]{pattern}{-calls}",
    ),
    (
        "log_top",
        "{field} {value}: [{calls_in#line} in the incident[, {share_in} of all]|{calls#line}[, {share} of all]]\
         {-calls}{-error}[ ({per_minute_in}, {per_minute_before} before)]",
    ),
    (
        "node_splits",
        "{what} {value} on {nodes}, {value_others} on {others}: {metrics}\
         {-n_metrics}{-n_differences}{-newer}",
    ),
    ("plugins", "plugin {id}[ {version}] is {state}"),
    (
        "pooler_minutes",
        "[waits of {wait_ms}, ][statements of {query_ms}, ][{queries_per_s}]\
         {-wait_max_ms}{-reports}",
    ),
    (
        "queries",
        "[{store_method}, ]{fingerprint_id}[ over {tables}]: \
         [{calls_in#call} in the incident (before {calls_before})[, mean {mean_in_ms}][ (before {mean_before_ms})]\
         [, {share_in} of the time]|{calls#call}[, mean {mean_ms}][, {share} of the time]]\
         {-calls}{-kind}{-per_minute_in}{-per_minute_before}",
    ),
    ("query_minutes", "{fingerprint_id}: {calls#call}[, {total_ms} together]"),
    (
        "series",
        "{metric~}[ of {subject}][ on {node}]: \
         [median {incident_median:unit} in the incident[ (before {baseline_median:unit})]\
         [, up to {incident_max:unit}]|median {median:unit}, last {last:unit}]",
    ),
    ("server_events", "{kind~}[: {subject}][ on {node}][ ({text})]{-calls}"),
    ("settings", "{path} = [{value}|(masked)]{-masked}[ on {node}]"),
    ("stop_messages", "last message before the stop[ of {node}]: {text}{-kind}{-level}"),
];
