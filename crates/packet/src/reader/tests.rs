use super::*;
use crate::Era;
use proptest::prelude::*;

/// Reads members as the program does, and puts them together.
fn packet(members: &[(&str, &[u8])]) -> Packet {
    let paths: Vec<&str> = members.iter().map(|(path, _)| *path).collect();
    let reader = PacketReader::new("p.zip", &paths);
    let read = reader
        .members()
        .iter()
        .zip(members)
        .map(|(member, (path, bytes))| {
            let kind = PacketReader::kind_of(&Head { path, bytes, whole: true });
            reader.read_member(member, kind, bytes)
        })
        .collect();
    reader.assemble(read, LogRecords::default(), Vec::new())
}

fn fact<'a>(packet: &'a Packet, path: &str) -> Vec<(Option<&'a str>, &'a Scalar)> {
    let of_path = packet.facts.iter().filter(|fact| fact.path == path);
    of_path.map(|fact| (fact.node.as_deref(), &fact.value)).collect()
}

const METADATA: &[u8] = b"version: 1\ntype: support-packet\ngenerated_at: 1787745840000\nserver_version: 11.9.2\nserver_id: a\n";
const DIAGNOSTICS: &[u8] = b"version: 2\nserver:\n  hostname: mm-a\n  version: 11.9.2\ndatabase:\n  master_connections: 32\n";
const CONFIG: &[u8] = b"{\n    \"SqlSettings\": {\n        \"MaxOpenConns\": 100\n    }\n}";

#[test]
fn the_time_of_a_packet_is_that_of_its_metadata_alone() {
    let with = packet(&[("metadata.yaml", METADATA)]);
    assert_eq!(with.generated_at.unwrap().to_rfc3339(), "2026-08-26T12:04:00+00:00");
    let reader = PacketReader::new("mattermost_support_packet_2023-03-07-01-05.zip", &[]);
    assert_eq!(reader.assemble(Vec::new(), LogRecords::default(), Vec::new()).generated_at, None);
}

#[test]
fn the_version_of_the_metadata_stands_in_for_missing_diagnostics() {
    let packet = packet(&[("metadata.yaml", METADATA)]);
    assert_eq!(fact(&packet, "server.version"), [(None, &Scalar::Text("11.9.2".into()))]);
    assert_eq!(packet.era, Era::V11);
}

#[test]
fn facts_of_nodes_name_their_node() {
    let packet = packet(&[
        ("mm-b/diagnostics.yaml", DIAGNOSTICS),
        ("mm-a/diagnostics.yaml", DIAGNOSTICS),
        ("mm-a/sanitized_config.json", CONFIG),
        ("metadata.yaml", METADATA),
    ]);
    assert_eq!(packet.nodes, ["mm-a", "mm-b"]);
    let connections = fact(&packet, "database.master_connections");
    assert_eq!(connections, [(Some("mm-a"), &Scalar::Int(32)), (Some("mm-b"), &Scalar::Int(32))]);
    assert_eq!(packet.settings[0].node.as_deref(), Some("mm-a"));
    assert_eq!(packet.settings[0].place.source, "p.zip!mm-a/sanitized_config.json");
}

#[test]
fn several_diagnostics_at_the_root_are_told_apart_by_their_host() {
    let other = String::from_utf8_lossy(DIAGNOSTICS).replace("mm-a", "mm-b");
    let packet = packet(&[
        ("diagnostics.yaml", DIAGNOSTICS),
        ("diagnostics.yaml", other.as_bytes()),
        ("diagnostics.yaml", other.as_bytes()),
        ("stats.yaml", b"registered_users: 5\nactive_users: 4\nposts: 3\n"),
    ]);
    assert_eq!(packet.nodes, ["mm-a", "mm-b", "mm-b#2"]);
    assert_eq!(fact(&packet, "database.master_connections").len(), 3);
    assert_eq!(packet.members.iter().filter(|member| !member.issues.is_empty()).count(), 3);
}

#[test]
fn the_order_of_members_changes_nothing() {
    let mut members: Vec<(&str, &[u8])> = vec![
        ("mm-b/diagnostics.yaml", DIAGNOSTICS),
        ("mm-a/diagnostics.yaml", DIAGNOSTICS),
        ("mm-a/sanitized_config.json", CONFIG),
        ("metadata.yaml", METADATA),
        ("warning.txt", b"1 error occurred:\n\t* x\n"),
    ];
    let first = format!("{:?}", packet(&members));
    members.reverse();
    assert_eq!(format!("{:?}", packet(&members)), first);
}

#[test]
fn a_broken_member_loses_no_other() {
    let packet = packet(&[
        ("stats.yaml", b"\xff\xfe\x00\x01"),
        ("plugins.json", b"{"),
        ("cpu.prof", b"\x1f\x8bnonsense"),
        ("metadata.yaml", METADATA),
    ]);
    assert!(packet.generated_at.is_some());
    for member in packet.members.iter().filter(|member| member.kind != MemberKind::Metadata) {
        assert!(!member.issues.is_empty(), "{}", member.path);
    }
}

#[test]
fn an_unsanitised_configuration_alone_is_read() {
    let config = b"{\n  \"SqlSettings\": {\n    \"DataSource\": \"postgres://mm:pw@db/mm\"\n  }\n}";
    let reader = PacketReader::new("config.json", &["config.json"]);
    let member = &reader.members()[0];
    let records = reader.read_member(member, MemberKind::Config, config);
    let packet = reader.assemble(vec![records], LogRecords::default(), Vec::new());
    assert_eq!(packet.settings[0].place.source, "config.json");
    assert!(!format!("{packet:?}").contains("mm:pw"), "secrets stay out of debug output");
}

#[test]
fn what_is_not_read_is_said() {
    let packet = packet(&[("tsdb_dump.tar.gz", b"\x1f\x8b"), ("notes.docx", b"PK\x03\x04")]);
    for member in &packet.members {
        assert!(!member.read);
        assert_eq!(member.issues.iter().count(), 1);
    }
}

#[test]
fn a_member_over_the_limit_is_read_up_to_it() {
    let mut text = b"posts: 12\nactive_users: 3\nregistered_users: 4\n#".to_vec();
    text.resize(MEMBER_BYTES_MAX + 1, b'x');
    let packet = packet(&[("stats.yaml", &text)]);
    assert_eq!(fact(&packet, "stats.posts").len(), 1);
    assert!(packet.members[0].issues.iter().any(|issue| issue.reason.starts_with("longer than")));
}

#[test]
fn a_plugins_folder_is_no_node_even_when_the_plugin_is_not_known() {
    let packet = packet(&[
        ("mm-a/diagnostics.yaml", DIAGNOSTICS),
        ("my-plugin/diagnostics.yaml", b"version: 1.2.3\nqueue: 7\n"),
    ]);
    assert_eq!(packet.nodes, ["mm-a"]);
    assert_eq!(fact(&packet, "plugins.my-plugin.queue"), [(None, &Scalar::Int(7))]);
}

/// Every kind that is read here.
const KINDS: &[MemberKind] = &[
    MemberKind::SupportPacket,
    MemberKind::Metadata,
    MemberKind::Diagnostics,
    MemberKind::PluginDiagnostics,
    MemberKind::Stats,
    MemberKind::Jobs,
    MemberKind::Permissions,
    MemberKind::Plugins,
    MemberKind::Config,
    MemberKind::DatabaseSchema,
    MemberKind::SchemaDump,
    MemberKind::Warning,
    MemberKind::Goroutines,
    MemberKind::CpuProfile,
    MemberKind::HeapProfile,
    MemberKind::TsdbDump,
    MemberKind::Log,
    MemberKind::Other,
];

fn read_as_everything(bytes: &[u8]) {
    let reader = PacketReader::new("p", &["x/member"]);
    let _ = PacketReader::kind_of(&Head { path: "x/member", bytes, whole: true });
    let members: Vec<MemberRecords> =
        KINDS.iter().map(|kind| reader.read_member(&reader.members()[0], *kind, bytes)).collect();
    let _ = reader.assemble(members, LogRecords::default(), Vec::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn random_text_never_panics(text in "([a-z_]{1,8}|[:\\-{}\\[\\]\"'&*!|>#%@, \n\t0-9])*") {
        read_as_everything(text.as_bytes());
    }

    #[test]
    fn bytes_changed_anywhere_never_panic(at in 0..10_000_usize, byte: u8) {
        for member in [METADATA, DIAGNOSTICS, CONFIG] {
            let mut bytes = member.to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            read_as_everything(&bytes);
        }
    }
}
