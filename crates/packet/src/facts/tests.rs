use super::*;
use crate::document::yaml;

fn facts(kind: MemberKind, text: &str) -> (Vec<FactRecord>, Issues) {
    let member = Member {
        path: "jira/diagnostics.yaml".into(),
        source: "p.zip!member".into(),
        folder: "jira".into(),
        ..Member::default()
    };
    let mut issues = Issues::default();
    let facts = read(&yaml(text.as_bytes()).root, kind, &member, true, &mut issues);
    (facts, issues)
}

fn value(facts: &[FactRecord], path: &str) -> Option<Scalar> {
    facts.iter().find(|fact| fact.path == path).map(|fact| fact.value.clone())
}

#[test]
fn the_error_of_the_file_store_is_read_however_it_is_spelt() {
    for key in ["erorr", "error"] {
        let (facts, _) =
            facts(MemberKind::Diagnostics, &format!("file_store:\n  {key}: no space\n"));
        assert_eq!(value(&facts, "file_store.error"), Some(Scalar::Text("no space".into())));
    }
}

#[test]
fn a_value_of_another_type_is_unreadable_and_the_rest_stands() {
    let (facts, issues) = facts(
        MemberKind::Diagnostics,
        "database:\n  master_connections: many\n  replica_connections: \"7\"\n",
    );
    assert_eq!(value(&facts, "database.master_connections"), Some(Scalar::Unreadable));
    assert_eq!(value(&facts, "database.replica_connections"), Some(Scalar::Int(7)));
    assert_eq!(issues.skipped(), 1);
    assert_eq!(issues.iter().next().unwrap().location, "/database/master_connections");
}

#[test]
fn versions_are_text_even_where_they_look_like_numbers() {
    let (facts, _) =
        facts(MemberKind::Diagnostics, "database:\n  version: 16\n  schema_version: 140\n");
    assert_eq!(value(&facts, "database.version"), Some(Scalar::Text("16".into())));
    assert_eq!(value(&facts, "database.schema_version"), Some(Scalar::Text("140".into())));
}

#[test]
fn times_are_times() {
    let (facts, _) = facts(
        MemberKind::Diagnostics,
        "license:\n  expires_at: 1805025840000\nserver:\n  started_at: 2026-08-16T15:30:42+02:00\n",
    );
    let Some(Scalar::Time(expires)) = value(&facts, "license.expires_at") else {
        panic!("no time")
    };
    assert_eq!(expires.timestamp(), 1_805_025_840);
    let Some(Scalar::Time(started)) = value(&facts, "server.started_at") else { panic!("no time") };
    assert_eq!(started.to_rfc3339(), "2026-08-16T13:30:42+00:00");
}

#[test]
fn fields_of_newer_servers_keep_their_own_path() {
    let (facts, _) = facts(MemberKind::Diagnostics, "redis:\n  status: OK\n  nodes: [a, b]\n");
    assert_eq!(value(&facts, "redis.status"), Some(Scalar::Text("OK".into())));
    assert_eq!(value(&facts, "redis.nodes.length"), Some(Scalar::Int(2)));
}

#[test]
fn the_flat_file_speaks_the_newest_names() {
    let (facts, _) = facts(
        MemberKind::SupportPacket,
        "server_version: 9.8.0\ndatabase_version: \"14.13\"\ndatabase_schema_version: \"113\"\nmaster_db_connections: 18\nlicense_to: A\nlicense_is_trial: \"true\"\ntotal_posts: 5\nldap_sync_jobs: []\n",
    );
    assert_eq!(value(&facts, "database.version"), Some(Scalar::Text("14.13".into())));
    assert_eq!(value(&facts, "database.schema_version"), Some(Scalar::Text("113".into())));
    assert_eq!(value(&facts, "database.master_connections"), Some(Scalar::Int(18)));
    assert_eq!(value(&facts, "license.company"), Some(Scalar::Text("A".into())));
    assert_eq!(value(&facts, "license.is_trial"), Some(Scalar::Bool(true)));
    assert_eq!(value(&facts, "stats.posts"), Some(Scalar::Int(5)));
    assert!(facts.iter().all(|fact| !fact.path.contains("jobs")));
}

#[test]
fn the_schema_version_of_old_servers_is_no_database_version() {
    let (facts, _) = facts(
        MemberKind::SupportPacket,
        "server_version: 7.8.0\ndatabase_type: postgres\ndatabase_version: \"105\"\n",
    );
    assert_eq!(value(&facts, "database.version"), None);
    assert_eq!(value(&facts, "database.schema_version"), Some(Scalar::Text("105".into())));
}

#[test]
fn the_schema_version_of_the_oldest_servers_is_the_servers_own() {
    let (facts, _) = facts(
        MemberKind::SupportPacket,
        "server_os: linux\ndatabase_type: postgres\ndatabase_version: 5.37.0\n",
    );
    assert_eq!(value(&facts, "server.version"), Some(Scalar::Text("5.37.0".into())));
    assert_eq!(value(&facts, "database.version"), None);
    assert_eq!(value(&facts, "database.schema_version"), None);
}

#[test]
fn a_zero_that_may_be_a_failed_query_is_kept_and_noted() {
    let (facts, issues) = facts(MemberKind::Stats, "registered_users: 0\nguests: 0\nposts: 12\n");
    assert_eq!(value(&facts, "stats.registered_users"), Some(Scalar::Int(0)));
    assert_eq!(
        issues.iter().map(|issue| (issue.count, issue.skipped)).collect::<Vec<_>>(),
        [(1, 0)]
    );
}

#[test]
fn a_licence_that_says_nothing_of_a_trial_is_none() {
    let (with, _) = facts(MemberKind::Diagnostics, "license:\n  company: A\n");
    assert_eq!(value(&with, "license.is_trial"), Some(Scalar::Bool(false)));
    let (without, _) = facts(MemberKind::Diagnostics, "server:\n  os: linux\n");
    assert_eq!(value(&without, "license.is_trial"), None);
}

#[test]
fn what_a_plugin_says_is_filed_under_the_plugin() {
    let (facts, _) = facts(MemberKind::PluginDiagnostics, "version: 4.1.1\ninstances: 2\n");
    assert_eq!(value(&facts, "plugins.jira.instances"), Some(Scalar::Int(2)));
}
