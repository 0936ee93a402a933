//! Keeps what every member of a container gave, and what became of it.

use super::member::Gave;
use super::recognise::Recognised;
use super::{Sources, is_single, loose, report, slow};
use input::Container;
use model::{Coverage, Issues};
use packet::log::LogRecords;
use packet::{MemberKind, PacketReader};

pub(super) fn collect(
    container: &Container,
    of_packet: &[usize],
    recognised: &[Recognised],
    reader: &PacketReader,
    gave: Vec<(usize, Gave)>,
    sources: &mut Sources,
) {
    let mut members = Vec::new();
    let mut logs: Vec<LogRecords> = Vec::new();
    let mut log_reports = Vec::new();
    let mut lines = Vec::new();
    let mut metric_lines = Vec::new();
    let mut yearless = Vec::new();
    for (idx, gave) in gave {
        let (Some(member), Some(known)) = (container.members().get(idx), recognised.get(idx))
        else {
            continue;
        };
        match gave {
            Gave::Member(records) => {
                lines.push(report::packet_member(&records.report, known));
                members.push(*records);
            }
            Gave::Log(parsed, bytes) => {
                let position = of_packet.iter().position(|&known| known == idx);
                if let Some(of_packet) =
                    position.and_then(|position| reader.members().get(position))
                {
                    let mut line = PacketReader::report(
                        of_packet,
                        MemberKind::Log,
                        bytes,
                        parsed.coverage.clone(),
                        parsed.issues.clone(),
                    );
                    line.node = line.node.filter(|_| !is_single(container));
                    lines.push(report::log(&line, &parsed.records, known));
                    log_reports.push(line);
                    logs.push(parsed.records);
                }
            }
            Gave::Slow(parsed, bytes) => {
                lines.push(slow::line(member, known, bytes, &parsed.coverage, &parsed.issues));
            }
            Gave::Yearless => {
                yearless.push((idx, lines.len()));
                let (coverage, issues) = (Coverage::default(), Issues::default());
                lines.push(slow::line(member, known, 0, &coverage, &issues));
            }
            Gave::Metrics(parsed, bytes) => {
                let read = !parsed.records.series.is_empty();
                metric_lines.push(lines.len());
                lines.push(report::line(
                    member.source(),
                    "metrics",
                    known.format,
                    bytes,
                    &parsed.coverage,
                    &parsed.issues,
                    read,
                ));
                sources.metrics.push(parsed.records);
            }
            Gave::Dba(parsed, bytes) => {
                let read = !parsed.records.answers.is_empty() || !parsed.records.refused.is_empty();
                lines.push(report::line(
                    member.source(),
                    known.kind,
                    known.format,
                    bytes,
                    &parsed.coverage,
                    &parsed.issues,
                    read,
                ));
                sources.dba.push(parsed.records);
            }
            Gave::Incident(record, mut issues, bytes) => {
                let coverage =
                    Coverage { records: record.notes.len() as u64, ..Coverage::default() };
                let first = sources.incident.is_none();
                if first {
                    sources.incident = Some(*record);
                } else {
                    issues.add("a second incident file, and is not used", "", 0);
                }
                lines.push(report::line(
                    member.source(),
                    known.kind,
                    known.format,
                    bytes,
                    &coverage,
                    &issues,
                    first,
                ));
            }
            Gave::Nothing(mut issues, bytes) => {
                if issues.is_empty() {
                    issues.add(known.why_not, "", 0);
                }
                lines.push(report::line(
                    member.source(),
                    known.kind,
                    known.format,
                    bytes,
                    &Coverage::default(),
                    &issues,
                    false,
                ));
            }
        }
    }
    let mut is_packet = false;
    if !of_packet.is_empty() {
        is_packet = packet::is_packet(reader.members().iter().map(|member| member.path.as_str()));
        if !is_packet {
            loose::name_nodes(&mut log_reports, &mut logs);
        }
        let mut all_logs = LogRecords::default();
        logs.into_iter().for_each(|logs| all_logs.merge(logs));
        let packet = reader.assemble(members, all_logs, log_reports);
        if is_packet {
            sources.inputs.push(report::packet(&packet, container));
        }
        sources.packets.push(packet);
    }
    // Noted only (a hidden file), or members were lost.
    let lost = container.issues().skipped() > 0;
    if !is_packet && !container.issues().is_empty() {
        sources.inputs.push(report::container(container));
    }
    if lost {
        sources.incomplete.push(format!("{} was not read whole", container.label()));
    }
    for line in &lines {
        sources.note_incomplete(line);
    }
    let before = sources.inputs.len();
    sources.yearless.extend(yearless.into_iter().map(|(idx, line)| (idx, before + line)));
    sources.metric_lines.extend(metric_lines.into_iter().map(|line| before + line));
    sources.inputs.extend(lines);
}
