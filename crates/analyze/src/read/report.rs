//! What became of a source, as one line of the report.

use super::Recognised;
use input::{Container, ContainerKind};
use model::{CheckedInput, Coverage, Issues, Window};
use packet::log::LogRecords;
use packet::{MemberReport, Packet};

/// A line for a source with that coverage.
pub(super) fn line(
    path: &str,
    kind: &str,
    format: &str,
    bytes: u64,
    coverage: &Coverage,
    issues: &Issues,
    read: bool,
) -> CheckedInput {
    CheckedInput {
        path: path.to_owned(),
        kind: kind.to_owned(),
        format: format.to_owned(),
        bytes,
        records: coverage.records,
        skipped: coverage.skipped.max(issues.skipped()),
        window: coverage.window,
        limits: coverage.limits.clone(),
        issues: issues.iter().cloned().collect(),
        read,
    }
}

/// A member of a packet.
pub(super) fn packet_member(member: &MemberReport, known: &Recognised) -> CheckedInput {
    let mut line = line(
        &member.source,
        "packet member",
        member.kind.as_str(),
        member.bytes,
        &member.coverage,
        &member.issues,
        member.read,
    );
    if let Some(other) = known.tie {
        line.limits.push(format!("also fits {other}"));
    }
    line
}

/// A server's log, in a packet or loose.
pub(super) fn log(
    member: &MemberReport,
    _records: &LogRecords,
    known: &Recognised,
) -> CheckedInput {
    line(&member.source, "log", known.format, member.bytes, &member.coverage, &member.issues, true)
}

/// The packet as a whole.
pub(super) fn packet(packet: &Packet, container: &Container) -> CheckedInput {
    let windows = packet.members.iter().filter_map(|member| member.coverage.window);
    CheckedInput {
        path: packet.source.clone(),
        kind: "packet".to_owned(),
        format: format!("support packet {}", packet.era.as_str()),
        bytes: packet.members.iter().map(|member| member.bytes).sum(),
        records: packet.members.len() as u64,
        skipped: 0,
        window: windows.reduce(Window::hull),
        limits: Vec::new(),
        issues: container.issues().iter().cloned().collect(),
        read: true,
    }
}

/// An archive or a folder that is no packet, with what was wrong with it as a whole.
pub(super) fn container(container: &Container) -> CheckedInput {
    let kind = match container.kind() {
        ContainerKind::Folder => "folder",
        ContainerKind::Zip | ContainerKind::Tar => "archive",
        ContainerKind::File | ContainerKind::Stream => "file",
    };
    let read = !container.members().is_empty();
    let mut line = line(
        container.label(),
        kind,
        "",
        container.source_bytes(),
        &Coverage::default(),
        container.issues(),
        read,
    );
    // Members, not records.
    line.skipped = 0;
    line
}
