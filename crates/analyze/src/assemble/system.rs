//! The first line of a report and step 5: what system this is, and what is not known of it.

use crate::commands::slowlog::how_to;
use chrono::{DateTime, Utc};
use metrics::Metrics;
use model::{PacketInfo, Place, Unknown};
use playbook::{InfoRow, SystemInfo};
use tables::{Cell, Engine, FactState, Tables, find_fact};
use text::{Raw, Redactor, Text};

/// Facts of step 5 as data: group, label, path. Those that the packet lacks are asked for where
/// `ask` says so.
const ROWS: &[(&str, &str, &str, bool)] = &[
    ("Mattermost", "version", "server.version", true),
    ("Mattermost", "build", "server.build_hash", false),
    ("Mattermost", "installed as", "server.installation_type", false),
    ("Mattermost", "nodes", "cluster.number_of_nodes", false),
    ("Mattermost", "registered users", "stats.registered_users", true),
    ("Mattermost", "daily active users", "stats.daily_active_users", true),
    ("Mattermost", "monthly active users", "stats.monthly_active_users", false),
    ("Mattermost", "posts", "stats.posts", false),
    ("Mattermost", "channels", "stats.channels", false),
    ("Mattermost", "licence", "license.sku_short_name", false),
    ("Mattermost", "licensed users", "license.users", false),
    ("Application nodes", "operating system", "server.os", false),
    ("Application nodes", "architecture", "server.architecture", false),
    ("Application nodes", "CPU cores", "server.cpu_cores", true),
    ("Application nodes", "memory (MB)", "server.total_memory_mb", true),
    ("Application nodes", "container CPU limit", "server.container_cpu_limit", false),
    ("Application nodes", "container memory limit (MB)", "server.container_memory_limit_mb", false),
    ("Application nodes", "started at", "server.started_at", false),
    ("Application nodes", "websocket connections", "websocket.connections", false),
    ("Application nodes", "open database connections", "database.master_connections", false),
    ("Database", "type", "database.type", true),
    ("Database", "version", "database.version", true),
    ("Database", "schema version", "database.schema_version", false),
    ("Database", "CPU cores", "database.cpu_cores", true),
    ("Database", "memory (MB)", "database.memory_mb", true),
    ("Database", "max_connections", "database.max_connections", true),
    ("Database", "read replicas configured", "SqlSettings.DataSourceReplicas.length", false),
    (
        "Settings",
        "user typing timeout (ms)",
        "ServiceSettings.TimeBetweenUserTypingUpdatesMilliseconds",
        true,
    ),
    ("Settings", "user typing messages", "ServiceSettings.EnableUserTypingMessages", true),
    ("Settings", "max notifications per channel", "TeamSettings.MaxNotificationsPerChannel", true),
    ("Settings", "replica lag settings", "SqlSettings.ReplicaLagSettings.length", true),
    ("Settings", "max open connections", "SqlSettings.MaxOpenConns", true),
    ("Settings", "max idle connections", "SqlSettings.MaxIdleConns", true),
    ("Settings", "query timeout (s)", "SqlSettings.QueryTimeout", false),
    ("Settings", "cluster", "ClusterSettings.Enable", false),
    ("Settings", "file driver", "FileSettings.DriverName", false),
    ("Settings", "search engine indexing", "ElasticsearchSettings.EnableIndexing", false),
    ("Settings", "search engine searching", "ElasticsearchSettings.EnableSearching", false),
    ("Settings", "cache", "CacheSettings.CacheType", false),
    ("Settings", "log level of the file", "LogSettings.FileLevel", false),
    ("Settings", "metrics", "MetricsSettings.Enable", false),
];

/// A cell as people read it.
pub(crate) fn shown(cell: Cell<'_>) -> Option<String> {
    if let Cell::Bool(on) = cell {
        return Some(if on { "on" } else { "off" }.to_owned());
    }
    (!cell.is_null()).then(|| cell.to_string())
}

/// The value of a fact with the nodes that have another one: `16`, or `16 on mm-1, 8 on mm-2`.
fn value_of(tables: &Tables, path: &str, redactor: &Redactor) -> Option<(Text, Place)> {
    let facts = tables.facts();
    let readings = facts.values(path);
    let mut by_value: Vec<(String, Vec<&str>, Place)> = Vec::new();
    for reading in &readings {
        let value = match reading.state {
            FactState::Value(cell) => shown(cell)?,
            FactState::Masked => "hidden by the server".to_owned(),
            FactState::Unreadable => "not readable".to_owned(),
            FactState::Missing | FactState::NotApplicable => continue,
        };
        let node = reading.node.unwrap_or("");
        match by_value.iter_mut().find(|(known, _, _)| *known == value) {
            Some((_, nodes, _)) => nodes.push(node),
            None => by_value.push((value, vec![node], reading.place.cloned().unwrap_or_default())),
        }
    }
    let place = by_value.first()?.2.clone();
    let mut text = Text::new();
    let several = by_value.len() > 1;
    for (idx, (value, nodes, _)) in by_value.iter().enumerate() {
        if idx > 0 {
            text.push_ours(", ");
        }
        text.push_value(redactor.clear(&Raw::new(value.as_str())));
        if several && nodes.iter().any(|node| !node.is_empty()) {
            text.push_ours(" on ");
            text.push_value(redactor.clear(&Raw::new(nodes.join(", "))));
        }
    }
    Some((text, place))
}

/// Step 5, and what steps 6 and 8 need to say what is missing.
pub(crate) fn system_info(tables: &Tables, metrics: &[Metrics], redactor: &Redactor) -> SystemInfo {
    let mut info = SystemInfo::default();
    for (group, label, path, ask) in ROWS {
        if let Some((value, place)) = value_of(tables, path, redactor) {
            info.rows.push(InfoRow { group, label: (*label).to_owned(), value, place });
        } else if *ask {
            let how = find_fact(path).and_then(|doc| doc.how_to_get_on(tables.engine()));
            let how = how.unwrap_or_default();
            let lower = group.to_lowercase();
            info.missing.push(Unknown {
                what: Text::ours(format!("{lower}: {label}")),
                why: Text::ours("not in the packet"),
                how_to_get: Text::ours(how),
            });
        }
    }
    info.slow_logging = slow_logging(tables);
    let missing = metrics::missing_views(metrics.iter());
    for view in metrics::View::playbook() {
        let lacking = missing.iter().find(|missing| missing.view == *view);
        info.views.push((
            view.title().to_owned(),
            lacking.is_none(),
            Text::ours(lacking.map_or_else(String::new, |view| view.how_to_get.clone())),
        ));
    }
    info
}

/// How to turn slow query logging on and off again for this database.
fn slow_logging(tables: &Tables) -> Vec<Text> {
    let databases: &[&'static str] = match (tables.engine(), tables.database_product()) {
        (Some(Engine::Postgresql), _) => &["postgres"],
        (Some(Engine::Mysql), Some("MariaDB")) => &["mariadb"],
        (Some(Engine::Mysql), _) => &["mysql"],
        (None, _) => &["postgres", "mysql"],
    };
    let lines = databases.iter().flat_map(|database| {
        let named = databases.len() > 1;
        how_to::in_report(database)
            .into_iter()
            .map(move |line| if named { format!("{database}: {line}") } else { line })
    });
    lines.map(Text::ours).collect()
}

/// The headline of a report.
pub(crate) fn packet_info(
    tables: &Tables,
    source: &str,
    era: &str,
    generated_at: Option<DateTime<Utc>>,
    redactor: &Redactor,
) -> PacketInfo {
    let facts = tables.facts();
    let value = |path: &str| value_of(tables, path, redactor).map(|(text, _)| text);
    let mut headline: Vec<(String, Text)> = Vec::new();
    let mut add = |label: &str, value: Option<Text>| {
        if let Some(value) = value {
            headline.push((label.to_owned(), value));
        }
    };
    add("Mattermost", value("server.version"));
    let nodes = facts.nodes().len();
    add(
        "",
        (nodes > 0).then(|| {
            Text::ours(if nodes == 1 { "1 node".to_owned() } else { format!("{nodes} nodes") })
        }),
    );
    let installed = facts.get("server.installation_type", None).cell();
    if !matches!(installed, Cell::Text("unknown" | "")) {
        add("", value("server.installation_type"));
    }
    let database = tables.database_product().unwrap_or("database");
    add(database, value("database.version").or_else(|| (database != "database").then(Text::new)));
    if let Cell::Int(replicas) = facts.get("SqlSettings.DataSourceReplicas.length", None).cell() {
        add(
            "",
            Some(Text::ours(match replicas {
                0 => "no replica".to_owned(),
                1 => "1 replica".to_owned(),
                n => format!("{n} replicas"),
            })),
        );
    }
    for (path, label) in [
        ("stats.daily_active_users", "daily users"),
        ("stats.active_users", "active users"),
        ("stats.registered_users", "registered users"),
    ] {
        if let Cell::Int(users) = facts.get(path, None).cell() {
            add("", Some(Text::ours(format!("{users} {label}"))));
            break;
        }
    }
    PacketInfo {
        source: source.to_owned(),
        era: era.to_owned(),
        generated_at,
        customer: value("license.company").unwrap_or_default(),
        headline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_fact_and_says_how_to_get_it() {
        for (_, label, path, _) in ROWS {
            let fact = find_fact(path).unwrap_or_else(|| panic!("{label}: no fact {path}"));
            assert!(!fact.how_to_get.is_empty(), "{path}");
        }
    }
}
