//! Logs that came without a packet: whose node each is, and one set of them.

use super::Sources;
use packet::log::{LogRecords, LooseLog, loose_nodes};
use packet::{MemberKind, MemberReport, Packet};
use std::collections::{BTreeMap, BTreeSet};

/// Names the nodes of logs that lie beside each other in a folder or archive which is no packet.
pub(super) fn name_nodes(reports: &mut [MemberReport], logs: &mut [LogRecords]) {
    let open: Vec<usize> = (0..)
        .zip(reports.iter())
        .filter(|(_, report)| report.node.is_none())
        .map(|(idx, _)| idx)
        .collect();
    // A log by itself is named together with the others that were named by themselves.
    if reports.len() < 2 {
        return;
    }
    let loose: Vec<LooseLog<'_>> = open
        .iter()
        .filter_map(|idx| reports.get(*idx))
        .map(|report| LooseLog { path: &report.path, window: report.coverage.window })
        .collect();
    let told: Vec<Option<String>> =
        open.iter().map(|idx| logs.get(*idx).and_then(own_name)).collect();
    for (idx, node) in open.into_iter().zip(preferred(told, loose_nodes(&loose))) {
        if let (Some(report), Some(logs), Some(node)) =
            (reports.get_mut(idx), logs.get_mut(idx), node)
        {
            logs.set_node(&node);
            report.node = Some(node);
        }
    }
}

/// Puts logs that were named one by one into one set, so that a pattern is one pattern however
/// many files it stands in, and names their nodes.
pub(super) fn join(sources: &mut Sources) {
    let (loose, mut packets): (Vec<Packet>, Vec<Packet>) =
        std::mem::take(&mut sources.packets).into_iter().partition(is_loose);
    let logs: Vec<LooseLog<'_>> = loose
        .iter()
        .map(|packet| LooseLog {
            path: &packet.source,
            window: packet.members.first().and_then(|member| member.coverage.window),
        })
        .collect();
    let hosts = hosts(sources);
    // Beside the configuration or the diagnostics of a node lies its log.
    let known: BTreeSet<&String> = packets.iter().flat_map(|packet| &packet.nodes).collect();
    let beside = |path: &str| {
        let folder = path.rsplit(['/', '\\']).nth(1)?.to_owned();
        known.contains(&folder).then_some(folder)
    };
    let told: Vec<Option<String>> = loose.iter().map(|packet| own_name(&packet.logs)).collect();
    let names: Vec<Option<String>> = preferred(told, loose_nodes(&logs))
        .into_iter()
        .zip(&logs)
        .map(|(name, log)| {
            let name = name.map(|name| hosts.get(&short(&name)).cloned().flatten().unwrap_or(name));
            name.or_else(|| beside(log.path))
        })
        .collect();
    let mut joined: Option<Packet> = None;
    for (mut packet, node) in loose.into_iter().zip(names) {
        if let Some(node) = node {
            packet.logs.set_node(&node);
            for member in &mut packet.members {
                member.node = Some(node.clone());
            }
        }
        match &mut joined {
            None => joined = Some(packet),
            Some(first) => {
                first.logs.merge(packet.logs);
                first.members.extend(packet.members);
            }
        }
    }
    if let Some(mut packet) = joined {
        let nodes: BTreeSet<String> =
            packet.members.iter().filter_map(|member| member.node.clone()).collect();
        packet.nodes = nodes.into_iter().collect();
        packets.push(packet);
    }
    sources.packets = packets;
}

/// The name that a log tells itself; none where its files disagree.
fn own_name(logs: &LogRecords) -> Option<String> {
    let names: BTreeSet<&str> = logs.sources.iter().map(|s| s.own_name.as_str()).collect();
    let mut names = names.into_iter().filter(|name| !name.is_empty());
    let name = names.next()?.to_owned();
    names.next().is_none().then_some(name)
}

/// The name that each log tells itself, else the one that its path says. Where logs that are of
/// several servers by their paths all tell the same name, it is that of the host that gathered
/// them.
fn preferred(told: Vec<Option<String>>, by_path: Vec<Option<String>>) -> Vec<Option<String>> {
    let paths: BTreeSet<&String> = by_path.iter().flatten().collect();
    let names: BTreeSet<&String> = told.iter().flatten().collect();
    if names.len() < paths.len() && told.iter().all(Option::is_some) {
        return by_path;
    }
    told.into_iter().zip(by_path).map(|(told, path)| told.or(path)).collect()
}

/// One log by itself, and nothing else.
fn is_loose(packet: &Packet) -> bool {
    matches!(packet.members.as_slice(), [member]
        if member.kind == MemberKind::Log && member.node.is_none())
}

/// The nodes that metrics name, by the first part of their names; `None` where two share it.
fn hosts(sources: &Sources) -> BTreeMap<String, Option<String>> {
    let mut hosts: BTreeMap<String, Option<String>> = BTreeMap::new();
    let nodes: BTreeSet<&str> = sources
        .metrics
        .iter()
        .flat_map(|file| &file.series)
        .map(|series| series.node.untrusted())
        .filter(|node| !node.is_empty())
        .collect();
    for node in nodes {
        hosts
            .entry(short(node))
            .and_modify(|known| *known = None)
            .or_insert_with(|| Some(node.to_owned()));
    }
    hosts
}

/// A host's name without its domain; an address whole.
fn short(name: &str) -> String {
    let first = name.split('.').next().unwrap_or(name);
    let address = first.bytes().all(|byte| byte.is_ascii_digit());
    if address { name.to_owned() } else { first.to_ascii_lowercase() }
}
