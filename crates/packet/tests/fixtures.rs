//! The made packets of every era: what must be read from them, whole and cut off.

#![expect(clippy::disallowed_methods, reason = "tests read their fixtures")]

use model::{Head, Sink as _};
use packet::log::{LogReader, LogRecords};
use packet::{Era, MemberKind, MemberRecords, Packet, PacketReader, Scalar};
use std::path::{Path, PathBuf};

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The members of a made packet, by path.
fn members(era: &str) -> Vec<(String, Vec<u8>)> {
    let top = root().join("fixtures/packets").join(era);
    let mut found = Vec::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder exists") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&top).expect("below").to_string_lossy();
                found.push((name.replace('\\', "/"), std::fs::read(&path).expect("readable")));
            }
        }
    }
    found.sort();
    found
}

fn read(members: &[(String, Vec<u8>)]) -> Packet {
    let paths: Vec<&str> = members.iter().map(|(path, _)| path.as_str()).collect();
    let reader = PacketReader::new("packet.zip", &paths);
    let mut records = Vec::new();
    let mut logs = Vec::new();
    for (member, (path, bytes)) in reader.members().iter().zip(members) {
        let head = bytes.get(..64 * 1024).unwrap_or(bytes);
        let kind =
            PacketReader::kind_of(&Head { path, bytes: head, whole: head.len() == bytes.len() });
        if kind == MemberKind::Log {
            let (coverage, issues) = Default::default();
            logs.push(PacketReader::report(member, kind, bytes.len() as u64, coverage, issues));
        } else {
            records.push(reader.read_member(member, kind, bytes));
        }
    }
    reader.assemble(records, LogRecords::default(), logs)
}

/// The value of a fact as text, for every node that has it.
fn fact(packet: &Packet, path: &str) -> Vec<String> {
    let of_path = packet.facts.iter().filter(|fact| fact.path == path);
    of_path.map(|fact| shown(&fact.value)).collect()
}

fn shown(value: &Scalar) -> String {
    match value {
        Scalar::Text(text) => text.untrusted().to_owned(),
        Scalar::Int(number) => number.to_string(),
        Scalar::Float(number) => number.to_string(),
        Scalar::Bool(truth) => truth.to_string(),
        Scalar::Time(at) => at.to_rfc3339(),
        Scalar::Null => "null".to_owned(),
        Scalar::Masked => "masked".to_owned(),
        Scalar::Unreadable => "unreadable".to_owned(),
    }
}

/// What a made packet must give.
struct Made {
    folder: &'static str,
    era: Era,
    nodes: &'static [&'static str],
    version: &'static str,
    generated_at: Option<&'static str>,
    jobs: usize,
    enabled_plugins: usize,
    goroutines: u64,
    facts: &'static [(&'static str, &'static str)],
}

const MADE: &[Made] = &[
    Made {
        folder: "5.37",
        era: Era::Flat,
        nodes: &[],
        version: "5.37.0",
        generated_at: None,
        jobs: 0,
        enabled_plugins: 3,
        goroutines: 0,
        facts: &[("database.type", "postgres"), ("ldap.server_name", "OpenLDAP")],
    },
    Made {
        folder: "7.8",
        era: Era::Flat,
        nodes: &[],
        version: "7.8.4",
        generated_at: None,
        jobs: 11,
        enabled_plugins: 3,
        goroutines: 0,
        facts: &[
            ("database.schema_version", "105"),
            ("stats.active_users", "1180"),
            ("stats.deactivated_users", "96"),
            ("license.users", "1500"),
        ],
    },
    Made {
        folder: "9.8",
        era: Era::Flat,
        nodes: &[],
        version: "9.8.1",
        generated_at: None,
        jobs: 11,
        enabled_plugins: 2,
        goroutines: 102,
        facts: &[
            ("database.version", "14.13"),
            ("database.schema_version", "119"),
            ("database.master_connections", "22"),
            ("file_store.file_status", "OK"),
        ],
    },
    Made {
        folder: "10.4",
        era: Era::FlatWithMetadata,
        nodes: &[],
        version: "10.4.2",
        generated_at: Some("2025-02-18T14:02:00+00:00"),
        jobs: 11,
        enabled_plugins: 2,
        goroutines: 102,
        facts: &[
            ("plugins.com.mattermost.calls.active_calls", "0"),
            ("websocket.connections", "1043"),
        ],
    },
    Made {
        folder: "10.6",
        era: Era::Diagnostics,
        nodes: &[],
        version: "10.6.2",
        generated_at: Some("2025-05-06T10:14:00+00:00"),
        jobs: 11,
        enabled_plugins: 2,
        goroutines: 102,
        facts: &[("stats.registered_users", "4120"), ("packet.diagnostics_version", "1")],
    },
    Made {
        folder: "10.11-cluster",
        era: Era::NodeFolders,
        nodes: &["mm-1", "mm-2"],
        version: "10.11.4",
        generated_at: Some("2025-11-12T09:31:00+00:00"),
        jobs: 11,
        enabled_plugins: 2,
        goroutines: 204,
        facts: &[("plugins.jira.connected_users", "412"), ("database.encoding", "UTF8")],
    },
    Made {
        folder: "11.9-cluster",
        era: Era::V11,
        nodes: &["mm-app-0", "mm-app-1", "mm-app-2"],
        version: "11.9.2",
        generated_at: Some("2026-09-09T08:12:00+00:00"),
        jobs: 11,
        enabled_plugins: 2,
        goroutines: 306,
        facts: &[
            ("stats.registered_users", "19840"),
            ("license.expires_at", "2030-01-01T00:00:00+00:00"),
            ("database.cache_hit_ratio", "0.9953"),
            ("elastic.server_plugins.0", "analysis-icu"),
            ("cluster.number_of_nodes", "3"),
        ],
    },
];

#[test]
fn every_era_gives_what_it_holds_without_any_issue() {
    for made in MADE {
        let packet = read(&members(made.folder));
        let name = made.folder;
        assert_eq!(packet.era, made.era, "{name}");
        assert_eq!(packet.nodes, made.nodes, "{name}");
        let generated_at = packet.generated_at.map(|at| at.to_rfc3339());
        assert_eq!(generated_at.as_deref(), made.generated_at, "{name}");
        let version = fact(&packet, "server.version");
        assert_eq!(version.first().map(String::as_str), Some(made.version), "{name}");
        for (path, value) in made.facts {
            assert_eq!(
                fact(&packet, path).first().map(String::as_str),
                Some(*value),
                "{name} {path}"
            );
        }
        assert_eq!(packet.jobs.len(), made.jobs, "{name}");
        assert!(packet.jobs.iter().all(|job| job.created_at.is_some() && job.started_at.is_some()));
        let enabled =
            packet.plugins.iter().filter(|plugin| plugin.state == packet::PluginState::Enabled);
        assert_eq!(enabled.count(), made.enabled_plugins, "{name}");
        let goroutines: u64 = packet.goroutines.iter().map(|group| group.goroutines).sum();
        assert_eq!(goroutines, made.goroutines, "{name}");
        assert_eq!(packet.profile.is_empty(), made.goroutines == 0, "{name}");
        assert!(packet.settings.len() > 400 * made.nodes.len().max(1), "{name}");
        for member in &packet.members {
            let issues: Vec<_> = member.issues.iter().collect();
            assert!(member.read && issues.is_empty(), "{name} {}: {issues:?}", member.path);
            assert_ne!(member.kind, MemberKind::Other, "{name} {}", member.path);
        }
    }
}

#[test]
fn logs_of_every_era_are_read_line_by_line() {
    for made in MADE {
        for (path, bytes) in members(made.folder) {
            if !path.ends_with(".log") {
                continue;
            }
            let mut reader = LogReader::new(&path, "", None);
            reader.push(&bytes);
            let parsed = reader.finish();
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            assert_eq!(parsed.coverage.records, lines, "{} {path}", made.folder);
            assert_eq!(parsed.issues.skipped(), 0, "{} {path}", made.folder);
            assert!(parsed.coverage.window.is_some(), "{} {path}", made.folder);
        }
    }
}

#[test]
fn settings_of_every_era_answer_to_their_newest_names() {
    for made in MADE {
        let packet = read(&members(made.folder));
        for path in [
            "SqlSettings.MaxOpenConns",
            "SqlSettings.DataSource",
            "SqlSettings.DataSourceReplicas.length",
            "ElasticsearchSettings.ConnectionURL",
            "ClusterSettings.UseIPAddress",
            "ClusterSettings.EnableGossipEncryption",
            "LogSettings.FileLevel",
            "PluginSettings.MarketplaceURL",
            "ServiceSettings.SessionLengthWebInHours",
        ] {
            let found = packet.settings.iter().filter(|setting| setting.path == path).count();
            assert_eq!(found, made.nodes.len().max(1), "{} {path}", made.folder);
        }
    }
}

#[test]
fn replica_lag_settings_are_rows() {
    let packet = read(&members("11.9-cluster"));
    let rows: Vec<_> = packet
        .setting_items
        .iter()
        .filter(|item| item.path == "SqlSettings.ReplicaLagSettings")
        .map(|item| (item.node.as_deref(), item.index, item.key.as_str()))
        .collect();
    assert_eq!(rows.len(), 9);
    assert_eq!(rows[0], (Some("mm-app-0"), 0, "DataSource"));
}

/// Every value that is read from a member cut off anywhere is the one that the whole member gives,
/// or is unreadable: nothing is made up from the half of a value.
#[test]
fn a_member_cut_off_anywhere_gives_no_wrong_value() {
    for folder in ["7.8", "10.4", "10.6", "11.9-cluster"] {
        for (path, bytes) in members(folder) {
            if path.ends_with(".log") || path.contains("mm-app-1/") || path.contains("mm-app-2/") {
                continue;
            }
            let reader = PacketReader::new("p.zip", &[path.as_str()]);
            let kind = PacketReader::kind_of(&Head {
                path: &path,
                bytes: bytes.get(..64 * 1024).unwrap_or(&bytes),
                whole: false,
            });
            let one = |bytes: &[u8]| -> (Packet, u64) {
                let records: MemberRecords = reader.read_member(&reader.members()[0], kind, bytes);
                let said = records.report.issues.iter().count() as u64;
                (reader.assemble(vec![records], LogRecords::default(), Vec::new()), said)
            };
            let (whole, _) = one(&bytes);
            let step = (bytes.len() / 97).max(1);
            for end in (0..bytes.len()).step_by(step) {
                let (cut, _) = one(&bytes[..end]);
                compare(&whole, &cut, &format!("{folder}/{path} cut at {end}"));
            }
        }
    }
}

fn compare(whole: &Packet, cut: &Packet, what: &str) {
    for fact in &cut.facts {
        let same = whole.facts.iter().any(|other| {
            other.path == fact.path
                && (other.value == fact.value || matches!(fact.value, Scalar::Unreadable))
        });
        assert!(
            same || is_cut_key(whole, &fact.path, &fact.value),
            "{what}: {} {:?}",
            fact.path,
            fact.value
        );
    }
    for setting in &cut.settings {
        let same = whole.settings.iter().any(|other| {
            other.path == setting.path
                && (other.value == setting.value || matches!(setting.value, Scalar::Unreadable))
        });
        let is_unreadable = setting.value == Scalar::Unreadable;
        assert!(same || is_unreadable, "{what}: {} {:?}", setting.path, setting.value);
    }
    for job in &cut.jobs {
        for at in [job.created_at, job.started_at, job.last_activity_at].into_iter().flatten() {
            let known = whole.jobs.iter().any(|other| {
                [other.created_at, other.started_at, other.last_activity_at].contains(&Some(at))
            });
            assert!(known, "{what}: a job at {at}");
        }
    }
    for index in &cut.indexes {
        assert!(
            whole
                .indexes
                .iter()
                .any(|other| { other.name == index.name && other.definition == index.definition }),
            "{what}: index {}",
            index.name
        );
    }
    assert!(cut.profile.is_empty() || cut.profile == whole.profile, "{what}: profile");
}

/// A name that is cut off has no value.
fn is_cut_key(whole: &Packet, path: &str, value: &Scalar) -> bool {
    let is_section = || whole.facts.iter().any(|fact| fact.path.starts_with(path));
    *value == Scalar::Unreadable || (*value == Scalar::Null && is_section())
}
