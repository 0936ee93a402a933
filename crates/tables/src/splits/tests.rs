use super::*;
use crate::TablesBuilder;
use ::packet::log::{LogKind, LogSource};
use ::packet::{FactRecord, Packet, Scalar, Setting};
use model::{Place, SignalKind};
use std::collections::BTreeMap as Map;
use text::Redactor;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000 + minute * 60, 0).expect("a time")
}

fn place() -> Place {
    Place { source: "p.zip!x".to_owned(), location: "/".to_owned() }
}

/// A packet of nodes with their versions and pool limits, and a log of each.
fn packet(nodes: &[(&str, &str, i64)]) -> Packet {
    let mut packet = Packet {
        source: "p.zip".to_owned(),
        nodes: nodes.iter().map(|(node, ..)| (*node).to_owned()).collect(),
        ..Packet::default()
    };
    for (node, version, pool) in nodes {
        let node = (*node).to_owned();
        packet.facts.push(FactRecord {
            node: Some(node.clone()),
            path: "server.version".to_owned(),
            value: Scalar::Text((*version).into()),
            place: place(),
        });
        for (path, value) in [
            ("SqlSettings.MaxOpenConns", Scalar::Int(*pool)),
            ("ClusterSettings.AdvertiseAddress", Scalar::Text(node.as_str().into())),
        ] {
            packet.settings.push(Setting {
                node: Some(node.clone()),
                path: path.to_owned(),
                value,
                place: place(),
            });
        }
        packet.logs.sources.push(LogSource {
            label: format!("{node}/mattermost.log"),
            node,
            own_name: String::new(),
            kind: LogKind::Mattermost,
            format: "json",
            window: Some(Window { start: at(0), end: at(120) }),
            records: 9,
            skipped: 0,
            continuations: 0,
            levels: Map::new(),
            debug: false,
            offsets_s: Map::new(),
            bytes: 9,
            span_s: 7_200,
            limits: Vec::new(),
        });
    }
    packet
}

fn errors(node: &str, confidence: Confidence) -> Change {
    Change {
        signal: format!("log:errors:{node}"),
        signal_kind: SignalKind::Log,
        metric: "log-errors".to_owned(),
        subject: String::new(),
        node: node.to_owned(),
        unit: "count".to_owned(),
        kind: ChangeKind::Appears,
        onset: at(30),
        until: None,
        last_at: at(119),
        before: 0.0,
        after: 20.0,
        ratio: None,
        z: 9.0,
        persistence: 1.0,
        higher_is_worse: true,
        confidence,
        place: place(),
    }
}

/// The columns `what`, `value`, `value_others`, `nodes`, `others` of each row.
fn splits(nodes: &[(&str, &str, i64)], changes: &[Change]) -> Vec<[String; 5]> {
    let mut builder = TablesBuilder::new();
    builder.packet(&packet(nodes), &Redactor::new());
    let mut tables = builder.build();
    tables.set_window(Window { start: at(31), end: at(119) }, None);
    tables.set_changes(changes);
    let rows = tables.table("node_splits").expect("the table");
    (0..rows.n_rows())
        .map(|row| {
            ["what", "value", "value_others", "nodes", "others"].map(|name| word(rows, name, row))
        })
        .collect()
}

#[test]
fn the_setting_that_tells_the_sick_node_from_the_others_is_named() {
    let nodes = [("a", "10.11.4", 100), ("b", "10.11.4", 10), ("c", "10.11.4", 100)];
    assert_eq!(
        splits(&nodes, &[errors("b", Confidence::Likely)]),
        [["SqlSettings.MaxOpenConns", "10", "100", "b", "a, c"].map(str::to_owned)]
    );
    // The other way round it tells nothing: a has the value of c, which is well.
    assert!(splits(&nodes, &[errors("a", Confidence::Likely)]).is_empty());
}

#[test]
fn another_version_stands_for_its_settings() {
    let nodes = [("a", "10.11.4", 100), ("b", "10.12.0", 10)];
    assert_eq!(
        splits(&nodes, &[errors("b", Confidence::Certain)]),
        [["version", "10.12.0", "10.11.4", "b", "a"].map(str::to_owned)]
    );
}

#[test]
fn nodes_that_all_suffer_or_may_suffer_tell_nothing() {
    let nodes = [("a", "10.11.4", 100), ("b", "10.12.0", 10)];
    let b = || errors("b", Confidence::Certain);
    assert!(splits(&nodes, &[errors("a", Confidence::Likely), b()]).is_empty());
    assert!(splits(&nodes, &[errors("a", Confidence::Possible), b()]).is_empty());
    let over = Change { until: Some(at(20)), onset: at(10), ..b() };
    assert!(splits(&nodes, &[over]).is_empty());
}

#[test]
fn the_newer_version_is_told_from_the_older() {
    let newer = |sick: &str, well: &str| is_newer(sick, &BTreeSet::from([well]));
    assert_eq!(newer("10.12.0", "10.11.4"), Some(true));
    assert_eq!(newer("10.9.4", "10.11.4"), Some(false));
    assert_eq!(newer("custom build", "10.11.4"), None);
}
