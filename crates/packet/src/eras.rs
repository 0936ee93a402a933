//! Every field of every era, and the fact that it becomes: the names of the newest format.
//!
//! The one place that knows how eras differ. `docs/packet.md` shows [`FIELDS`] as a table, and a
//! test holds that it shows all of it.

use crate::{Era, MemberKind};
use Shape::{Bool, Elsewhere, Float, Int, List, Millis, Text, Time};

/// What a field's value is, whatever its writer made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text; a bare number is its digits.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A truth value; early eras wrote it as text.
    Bool,
    /// A moment with its zone; 1970 is none.
    Time,
    /// A moment as milliseconds since 1970; 0 is none.
    Millis,
    /// Text values in order: `<fact>.length` and `<fact>.0`, `<fact>.1`, ...
    List,
    /// Read elsewhere (jobs).
    Elsewhere,
}

impl Shape {
    /// The word in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Time => "time",
            Self::Millis => "time (epoch ms)",
            Self::List => "list",
            Self::Elsewhere => "jobs",
        }
    }
}

/// A field of a member, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The member that it stands in.
    pub member: MemberKind,
    /// Its dotted path in the member.
    pub key: &'static str,
    /// The fact's path; empty: none.
    pub fact: &'static str,
    /// What its value is.
    pub shape: Shape,
    /// Since which server it is written there.
    pub since: &'static str,
}

const fn flat(key: &'static str, fact: &'static str, shape: Shape, since: &'static str) -> Field {
    Field { member: MemberKind::SupportPacket, key, fact, shape, since }
}

const fn meta(key: &'static str, fact: &'static str, shape: Shape) -> Field {
    Field { member: MemberKind::Metadata, key, fact, shape, since: "9.11" }
}

const fn diag(key: &'static str, shape: Shape, since: &'static str) -> Field {
    Field { member: MemberKind::Diagnostics, key, fact: key, shape, since }
}

const fn stat(key: &'static str, fact: &'static str, since: &'static str) -> Field {
    Field { member: MemberKind::Stats, key, fact, shape: Shape::Int, since }
}

/// Every known field. Others keep their own path, so that nothing that a newer server writes is
/// lost.
pub static FIELDS: &[Field] = &[
    flat("server_os", "server.os", Text, "5.32"),
    flat("server_architecture", "server.architecture", Text, "5.32"),
    flat("server_version", "server.version", Text, "6.0"),
    flat("build_hash", "server.build_hash", Text, "6.0"),
    flat("database_type", "database.type", Text, "5.32"),
    // Until 7.x it is the version of the schema: see `database_version_fact`.
    flat("database_version", "database.version", Text, "5.32"),
    flat("database_schema_version", "database.schema_version", Text, "8.0"),
    flat("websocket_connections", "websocket.connections", Int, "8.0"),
    flat("master_db_connections", "database.master_connections", Int, "8.0"),
    flat("read_db_connections", "database.replica_connections", Int, "8.0"),
    flat("cluster_id", "cluster.id", Text, "8.0"),
    flat("file_driver", "file_store.file_driver", Text, "8.0"),
    flat("file_status", "file_store.file_status", Text, "8.0"),
    flat("ldap_vendor_name", "ldap.server_name", Text, "5.32"),
    flat("ldap_vendor_version", "ldap.server_version", Text, "5.32"),
    flat("elastic_server_version", "elastic.server_version", Text, "5.32"),
    flat("elastic_server_plugins", "elastic.server_plugins", List, "5.32"),
    flat("license_to", "license.company", Text, "8.0"),
    flat("license_supported_users", "license.users", Int, "6.0"),
    flat("license_is_trial", "license.is_trial", Bool, "8.0"),
    flat("active_users", "stats.active_users", Int, "7.0"),
    flat("daily_active_users", "stats.daily_active_users", Int, "7.8"),
    flat("monthly_active_users", "stats.monthly_active_users", Int, "7.8"),
    flat("inactive_user_count", "stats.deactivated_users", Int, "7.8"),
    flat("total_posts", "stats.posts", Int, "7.8"),
    flat("total_channels", "stats.channels", Int, "7.8"),
    flat("total_teams", "stats.teams", Int, "7.8"),
    flat("data_retention_jobs", "", Elsewhere, "7.8"),
    flat("message_export_jobs", "", Elsewhere, "7.8"),
    flat("elastic_post_indexing_jobs", "", Elsewhere, "7.8"),
    flat("elastic_post_aggregation_jobs", "", Elsewhere, "7.8"),
    flat("bleve_post_indexin_jobs", "", Elsewhere, "7.8"),
    flat("ldap_sync_jobs", "", Elsewhere, "7.8"),
    flat("migration_jobs", "", Elsewhere, "7.8"),
    flat("compliance_jobs", "", Elsewhere, "7.8"),
    meta("version", "packet.metadata_version", Int),
    meta("type", "packet.type", Text),
    meta("generated_at", "packet.generated_at", Millis),
    meta("server_version", "packet.server_version", Text),
    meta("server_id", "packet.server_id", Text),
    meta("license_id", "packet.license_id", Text),
    meta("customer_id", "packet.customer_id", Text),
    Field {
        member: MemberKind::Diagnostics,
        key: "version",
        fact: "packet.diagnostics_version",
        shape: Int,
        since: "10.5",
    },
    diag("license.company", Text, "10.5"),
    diag("license.users", Int, "10.5"),
    diag("license.sku_short_name", Text, "10.5"),
    diag("license.is_trial", Bool, "10.5"),
    diag("license.is_gov_sku", Bool, "10.5"),
    diag("license.is_non_production", Bool, "11.0"),
    diag("license.is_cloud", Bool, "11.0"),
    diag("license.is_seat_count_enforced", Bool, "11.0"),
    diag("license.expires_at", Millis, "11.9"),
    diag("license.extra_users", Int, "11.9"),
    diag("server.os", Text, "10.5"),
    diag("server.architecture", Text, "10.5"),
    diag("server.hostname", Text, "10.5"),
    diag("server.version", Text, "10.5"),
    diag("server.build_hash", Text, "10.5"),
    diag("server.installation_type", Text, "10.5"),
    diag("server.cpu_cores", Int, "11.4"),
    diag("server.total_memory_mb", Int, "11.4"),
    diag("server.container_cpu_limit", Float, "11.8"),
    diag("server.container_memory_limit_mb", Int, "11.8"),
    diag("server.process_id", Int, "11.8"),
    diag("server.started_at", Time, "11.8"),
    diag("server.host_started_at", Time, "11.8"),
    diag("server.open_file_descriptors", Int, "11.8"),
    diag("server.max_file_descriptors", Int, "11.8"),
    diag("server.go_version", Text, "11.8"),
    diag("config.store_type", Text, "10.5"),
    diag("database.type", Text, "10.5"),
    diag("database.version", Text, "10.5"),
    diag("database.schema_version", Text, "10.5"),
    diag("database.master_connections", Int, "10.5"),
    diag("database.replica_connections", Int, "10.5"),
    diag("database.search_connections", Int, "10.5"),
    diag("database.master_connections_in_use", Int, "11.9"),
    diag("database.master_connections_idle", Int, "11.9"),
    diag("database.master_pool_wait_count", Int, "11.9"),
    diag("database.master_pool_wait_duration_ms", Int, "11.9"),
    diag("database.master_connections_closed_max_idle", Int, "11.9"),
    diag("database.master_connections_closed_max_lifetime", Int, "11.9"),
    diag("database.replica_connections_in_use", Int, "11.9"),
    diag("database.replica_connections_idle", Int, "11.9"),
    diag("database.replica_pool_wait_count", Int, "11.9"),
    diag("database.replica_pool_wait_duration_ms", Int, "11.9"),
    diag("database.replica_connections_closed_max_idle", Int, "11.9"),
    diag("database.replica_connections_closed_max_lifetime", Int, "11.9"),
    diag("database.cache_hit_ratio", Float, "11.9"),
    diag("database.deadlocks", Int, "11.9"),
    diag("database.temp_files", Int, "11.9"),
    diag("database.temp_bytes_mb", Float, "11.9"),
    diag("database.rollbacks", Int, "11.9"),
    diag("database.idle_in_transaction_count", Int, "11.9"),
    diag("database.longest_query_duration_seconds", Float, "11.9"),
    diag("database.waiting_for_lock_count", Int, "11.9"),
    diag("database.posts_dead_tuples", Int, "11.9"),
    diag("database.posts_last_autovacuum", Time, "11.9"),
    diag("file_store.file_status", Text, "10.5"),
    diag("file_store.file_driver", Text, "10.5"),
    diag("file_store.error", Text, "11.7"),
    Field {
        member: MemberKind::Diagnostics,
        key: "file_store.erorr",
        fact: "file_store.error",
        shape: Text,
        since: "10.5",
    },
    diag("file_store.filesystem_type", Text, "11.9"),
    diag("file_store.total_mb", Int, "11.9"),
    diag("file_store.available_mb", Int, "11.9"),
    diag("websocket.connections", Int, "10.5"),
    diag("cluster.id", Text, "10.5"),
    diag("cluster.number_of_nodes", Int, "10.5"),
    diag("cluster.is_leader", Bool, "11.9"),
    diag("notifications.email.status", Text, "11.8"),
    diag("notifications.email.error", Text, "11.8"),
    diag("notifications.push.status", Text, "11.8"),
    diag("notifications.push.error", Text, "11.8"),
    diag("ldap.status", Text, "10.5"),
    diag("ldap.error", Text, "10.5"),
    diag("ldap.server_name", Text, "10.5"),
    diag("ldap.server_version", Text, "10.5"),
    diag("saml.provider_type", Text, "11.2"),
    diag("saml.status", Text, "11.9"),
    diag("saml.error", Text, "11.9"),
    diag("elastic.backend", Text, "11.2"),
    diag("elastic.status", Text, "11.9"),
    diag("elastic.server_version", Text, "10.5"),
    diag("elastic.server_plugins", List, "10.5"),
    diag("elastic.error", Text, "11.0"),
    diag("oauth_providers.gitlab.status", Text, "11.9"),
    diag("oauth_providers.gitlab.error", Text, "11.9"),
    diag("oauth_providers.google.status", Text, "11.9"),
    diag("oauth_providers.google.error", Text, "11.9"),
    diag("oauth_providers.office365.status", Text, "11.9"),
    diag("oauth_providers.office365.error", Text, "11.9"),
    diag("oauth_providers.openid.status", Text, "11.9"),
    diag("oauth_providers.openid.error", Text, "11.9"),
    stat("registered_users", "stats.registered_users", "10.5"),
    stat("active_users", "stats.active_users", "10.5"),
    stat("daily_active_users", "stats.daily_active_users", "10.5"),
    stat("monthly_active_users", "stats.monthly_active_users", "10.5"),
    stat("deactivated_users", "stats.deactivated_users", "10.5"),
    stat("guests", "stats.guests", "10.5"),
    stat("single_channel_guests", "stats.single_channel_guests", "11.6"),
    stat("bot_accounts", "stats.bot_accounts", "10.5"),
    stat("posts", "stats.posts", "10.5"),
    stat("channels", "stats.channels", "10.5"),
    stat("teams", "stats.teams", "10.5"),
    stat("slash_commands", "stats.slash_commands", "10.5"),
    stat("incoming_webhooks", "stats.incoming_webhooks", "10.5"),
    stat("outgoing_webhooks", "stats.outgoing_webhooks", "10.5"),
];

/// The field of that path in a member of that kind.
pub(crate) fn field(member: MemberKind, key: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.member == member && field.key == key)
}

/// Numbers that are above zero on any server in use: where they are zero, the query failed (up to
/// 11.6, which writes failed queries as zero).
pub(crate) const NEVER_ZERO: &[&str] = &[
    "stats.registered_users",
    "stats.active_users",
    "stats.posts",
    "stats.channels",
    "stats.teams",
];

/// The fact of `database_version` in the flat file. Until 7.x it held the version of the schema,
/// and there was no `database_schema_version` beside it; in 5.x that was the server's version, as
/// the server itself had written it into the database.
pub(crate) fn database_version_fact(
    has_schema_version: bool,
    server_version: Option<&str>,
    value: &str,
) -> &'static str {
    let major = server_version.and_then(|version| numbers(version).first().copied());
    // A schema's version is one number from 6.0 on; 14.13 is a database's.
    if has_schema_version || (major >= Some(8) && value.contains('.')) {
        "database.version"
    } else if server_version.is_none() && value.contains('.') {
        "server.version"
    } else {
        "database.schema_version"
    }
}

/// The leading numbers of a version: `10.11.4-rc1` gives 10, 11, 4.
pub(crate) fn numbers(version: &str) -> Vec<u64> {
    version
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| {
            let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            part.get(..digits).and_then(|digits| digits.parse().ok())
        })
        .take(3)
        .collect()
}

/// The era, by the members that there are and by the server's version.
pub(crate) fn era(kinds: &[MemberKind], has_node_folders: bool, version: Option<&str>) -> Era {
    let has = |kind| kinds.contains(&kind);
    let numbers = version.map(numbers).unwrap_or_default();
    let (major, minor) = (numbers.first().copied(), numbers.get(1).copied().unwrap_or(0));
    if has(MemberKind::SupportPacket) {
        return if has(MemberKind::Metadata) { Era::FlatWithMetadata } else { Era::Flat };
    }
    match major {
        Some(major) if major >= 11 => Era::V11,
        Some(10) if minor >= 10 => Era::NodeFolders,
        Some(10) if minor >= 5 => Era::Diagnostics,
        Some(10) => Era::FlatWithMetadata,
        Some(9) if minor >= 11 => Era::FlatWithMetadata,
        Some(_) => Era::Flat,
        None if has(MemberKind::Diagnostics) && has_node_folders => Era::NodeFolders,
        None if has(MemberKind::Diagnostics) || has(MemberKind::Stats) => Era::Diagnostics,
        None => Era::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documentation, which lists the same fields for people.
    const PAGE: &str = include_str!("../../../docs/packet.md");

    /// The rows of the page's table under that heading.
    fn rows(heading: &str) -> Vec<&'static str> {
        let (_, rest) = PAGE.split_once(heading).expect("the heading is there");
        rest.lines()
            .skip_while(|line| !line.starts_with("|---"))
            .skip(1)
            .take_while(|line| line.starts_with('|'))
            .collect()
    }

    #[test]
    fn the_documentation_lists_every_field() {
        let members = [
            (MemberKind::SupportPacket, "support_packet.yaml"),
            (MemberKind::Metadata, "metadata.yaml"),
            (MemberKind::Diagnostics, "diagnostics.yaml"),
            (MemberKind::Stats, "stats.yaml"),
        ];
        let member = |kind| members.iter().find(|(known, _)| *known == kind).expect("known").1;
        let expected: Vec<String> = FIELDS
            .iter()
            .map(|field| {
                let fact =
                    if field.fact.is_empty() { String::new() } else { format!("`{}`", field.fact) };
                let file = member(field.member);
                let shape = field.shape.as_str();
                format!("| {file} | `{}` | {fact} | {shape} | {} |", field.key, field.since)
            })
            .collect();
        assert_eq!(rows("## Fields"), expected, "the table should be:\n{}", expected.join("\n"));
    }

    #[test]
    fn the_documentation_lists_every_renamed_setting() {
        let expected: Vec<String> = crate::config::ALIASES
            .iter()
            .map(|alias| {
                let value = match alias.convert {
                    crate::config::Convert::Same => "as it is",
                    crate::config::Convert::DaysToHours => "days become hours; the older stays",
                };
                format!("| `{}` | `{}` | {value} |", alias.older, alias.path)
            })
            .collect();
        assert_eq!(rows("## Renamed settings"), expected, "{}", expected.join("\n"));
    }

    #[test]
    fn the_meaning_of_database_version_follows_its_era() {
        let fact = database_version_fact;
        assert_eq!(fact(false, None, "5.37.0"), "server.version");
        assert_eq!(fact(false, Some("7.8.0"), "105"), "database.schema_version");
        assert_eq!(fact(true, Some("9.8.0"), "14.13"), "database.version");
        assert_eq!(fact(false, Some("8.1.0"), "14.13"), "database.version");
    }

    #[test]
    fn eras_follow_members_and_version() {
        use MemberKind::{Diagnostics, Metadata, Stats, SupportPacket};
        assert_eq!(era(&[SupportPacket], false, Some("9.8.1")), Era::Flat);
        assert_eq!(era(&[SupportPacket, Metadata], false, Some("10.4.2")), Era::FlatWithMetadata);
        assert_eq!(era(&[Diagnostics, Stats], false, Some("10.6.1")), Era::Diagnostics);
        assert_eq!(era(&[Diagnostics], true, Some("10.11.4")), Era::NodeFolders);
        assert_eq!(era(&[Diagnostics], true, Some("11.9.0")), Era::V11);
        assert_eq!(era(&[Diagnostics], true, None), Era::NodeFolders);
        assert_eq!(era(&[MemberKind::Log], false, None), Era::Unknown);
    }

    #[test]
    fn no_field_stands_twice() {
        let mut keys: Vec<_> = FIELDS.iter().map(|field| (field.member, field.key)).collect();
        keys.sort_unstable();
        let n_keys = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), n_keys);
    }
}
