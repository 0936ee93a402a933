//! What names in rules are resolved against: the catalogue of facts and the documented tables.

use tables::{Kind, Scope, TableDoc};

/// The window of the incident, which the engine itself knows. Missing while none is known.
pub(crate) const INCIDENT_START: &str = "incident.start";
/// See [`INCIDENT_START`].
pub(crate) const INCIDENT_END: &str = "incident.end";

/// Requests in the incident over those of the hour before, as the report's impact has them.
pub(crate) const INCIDENT_REQUESTS: &str = "incident.requests_ratio";
/// Calls of the database in the incident over those of the hour before.
pub(crate) const INCIDENT_CALLS: &str = "incident.calls_ratio";
/// Whether both are as before.
pub(crate) const INCIDENT_AS_BEFORE: &str = "incident.traffic_as_before";

/// What the engine itself knows of the incident.
const OF_INCIDENT: &[(&str, Kind)] = &[
    (INCIDENT_START, Kind::Time),
    (INCIDENT_END, Kind::Time),
    (INCIDENT_REQUESTS, Kind::Float),
    (INCIDENT_CALLS, Kind::Float),
    (INCIDENT_AS_BEFORE, Kind::Bool),
];

/// Tables that rules never read: they are made from what rules say.
const AFTER_RULES: &[&str] = &["suspects", "timeline"];

/// What is known about a fact before any input is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FactInfo {
    pub(crate) kind: Kind,
    pub(crate) unit: &'static str,
    pub(crate) per_node: bool,
}

/// The fact of that path.
pub(crate) fn fact(path: &str) -> Option<FactInfo> {
    if let Some((_, kind)) = OF_INCIDENT.iter().find(|(known, _)| *known == path) {
        return Some(FactInfo { kind: *kind, unit: "", per_node: false });
    }
    tables::find_fact(path).map(|doc| FactInfo {
        kind: doc.kind,
        unit: doc.unit,
        per_node: doc.scope == Scope::Node,
    })
}

/// Every path.
pub(crate) fn fact_paths() -> impl Iterator<Item = &'static str> {
    OF_INCIDENT.iter().map(|(path, _)| *path).chain(tables::catalogue().iter().map(|doc| doc.path))
}

/// The table of that name, if rules may read it.
pub(crate) fn table(name: &str) -> Option<&'static TableDoc> {
    TableDoc::find(name).filter(|doc| !AFTER_RULES.contains(&doc.name))
}

/// Every table that rules may read.
pub(crate) fn table_names() -> impl Iterator<Item = &'static str> {
    tables::TABLES.iter().map(|doc| doc.name).filter(|name| !AFTER_RULES.contains(name))
}

/// Whether a fact is a setting: its first segment names a section of the configuration.
pub(crate) fn is_setting(path: &str) -> bool {
    let first = path.split('.').next().unwrap_or_default();
    first.ends_with("Settings") || first == "FeatureFlags"
}

/// Whether a fact says how large the installation is or what it consists of. Such a fact puts a
/// setting into proportion; it is no symptom.
pub(crate) fn is_size(path: &str) -> bool {
    let first = path.split('.').next().unwrap_or_default();
    matches!(first, "stats" | "license" | "packet" | "incident" | "config")
        || matches!(
            path,
            "server.version"
                | "server.cpu_cores"
                | "server.total_memory_mb"
                | "server.os"
                | "server.installation_type"
                | "cluster.number_of_nodes"
                | "database.type"
                | "database.version"
                | "database.max_connections"
                | "database.memory_mb"
                | "database.cpu_cores"
        )
}

/// Whether rows of a table are what somebody chose to export: that one is not there says nothing.
pub(crate) fn is_chosen(table: &str) -> bool {
    matches!(table, "series" | "samples")
}

/// Whether the rows of a table are settings.
pub(crate) fn is_settings_table(table: &str) -> bool {
    matches!(table, "settings" | "setting_items")
}
/// Columns that say when a row's thing began, the best first. The span of a series is that of its
/// export and dates nothing.
pub(crate) fn dating_columns(table: &TableDoc) -> &'static [&'static str] {
    if is_span(table) { &["onset"] } else { &["onset", "started_at", "first_at", "at", "minute"] }
}

/// Columns that say when it ended, the best first.
pub(crate) fn ending_columns(table: &TableDoc) -> &'static [&'static str] {
    if is_span(table) { &[] } else { &["last_at", "ended_at", "at", "until", "minute"] }
}

fn is_span(table: &TableDoc) -> bool {
    table.column("step_s").is_some()
}
