use super::*;

fn nodes(paths: &[&str]) -> Vec<Option<String>> {
    members("p.zip", paths).into_iter().map(|member| member.node).collect()
}

#[test]
fn a_packet_of_one_server_has_no_nodes() {
    assert_eq!(nodes(&["mattermost.log", "diagnostics.yaml", "stats.yaml"]), [None, None, None]);
}

#[test]
fn folders_of_a_cluster_are_nodes_whatever_their_name() {
    let found = nodes(&[
        "10.0.0.7/mattermost.log",
        "mm-app-6b8/goroutines",
        "stats.yaml",
        "10.0.0.7/cluster.log",
    ]);
    assert_eq!(
        found,
        [Some("10.0.0.7".into()), Some("mm-app-6b8".into()), None, Some("10.0.0.7".into())]
    );
}

#[test]
fn a_plugin_folder_is_no_node() {
    let found =
        nodes(&["mm-1/diagnostics.yaml", "com.mattermost.calls/diagnostics.yaml", "stats.yaml"]);
    assert_eq!(found, [Some("mm-1".into()), None, None]);
}

#[test]
fn a_wrapping_folder_is_taken_off() {
    let found =
        nodes(&["packet/mm-1/mattermost.log", "packet/stats.yaml", "__MACOSX/packet/._stats.yaml"]);
    assert_eq!(found, [Some("mm-1".into()), None, None]);
    assert_eq!(nodes(&["packet/mattermost.log", "packet/support_packet.yaml"]), [None, None]);
}

#[test]
fn a_folder_with_one_nodes_members_alone_is_that_node() {
    assert_eq!(
        nodes(&["mm-1/mattermost.log", "mm-1/goroutines"]),
        [Some("mm-1".into()), Some("mm-1".into())]
    );
}

#[test]
fn folders_that_sort_one_servers_files_are_no_nodes() {
    assert_eq!(nodes(&["logs/mattermost.log", "config/sanitized_config.json"]), [None, None]);
    assert_eq!(nodes(&["app/mattermost.log", "etc/sanitized_config.json"]), [None, None]);
    assert_eq!(nodes(&["logs/mattermost.log", "stats.yaml"]), [None, None]);
    assert_eq!(
        nodes(&["logs/mattermost.log", "logs/notifications.log", "config/sanitized_config.json"]),
        [None, None, None]
    );
    assert_eq!(
        nodes(&["a/mattermost.log", "b/mattermost.log"]),
        [Some("a".into()), Some("b".into())],
        "two that have the same are two"
    );
}

#[test]
fn members_of_the_same_path_are_all_kept_and_told_apart() {
    let found = members("p.zip", &["mattermost.log", "mattermost.log", "stats.yaml"]);
    assert_eq!(found[0].node.as_deref(), Some("#1"));
    assert_eq!(found[1].node.as_deref(), Some("#2"));
    assert_eq!(found[2].node, None);
    assert_eq!(found[0].source, "p.zip!mattermost.log");
    assert_eq!(found[1].source, "p.zip!mattermost.log#2");
    assert!(found[0].ambiguous && found[1].ambiguous && !found[2].ambiguous);
}

#[test]
fn two_nodes_of_one_name_stay_two() {
    let found =
        nodes(&["mm/diagnostics.yaml", "mm/diagnostics.yaml", "mm/goroutines", "stats.yaml"]);
    assert_eq!(found, [Some("mm".into()), Some("mm#2".into()), Some("mm".into()), None]);
}

#[test]
fn a_loose_file_is_its_own_source() {
    assert_eq!(members("config.json", &["config.json"])[0].source, "config.json");
}

#[test]
fn a_packet_is_known_by_its_members() {
    assert!(is_packet(["x/support_packet.yaml"]));
    assert!(is_packet(["mm-1/diagnostics.yaml", "metadata.yaml"]));
    assert!(!is_packet(["diagnostics.yaml"]));
    assert!(!is_packet(["a.csv", "b.csv", "postgresql.log"]));
}
