//! Reads what the user names: opens containers, recognises members by content, hands each to its
//! parser, and keeps what became of every one.

mod loose;
pub(crate) mod recognise;
mod report;
pub(crate) mod slow;

use crate::progress::Progress;
use anyhow::{Result, bail};
use chrono_tz::Tz;
use dba::Answers;
use input::{Container, ContainerKind, Named, Session};
use metrics::Metrics;
use model::{CheckedInput, Coverage, Issues, Parsed, Sink as _};
use packet::log::{LogReader, LogRecords};
use packet::{MemberKind, Packet, PacketReader};
use playbook::{IncidentFile, IncidentRecord};
use rayon::prelude::*;
use recognise::{Reader, Recognised, recognise};
use slowlog::SlowLog;
use std::ffi::OsStr;
use std::io::Read as _;

/// How to read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The zone of times that carry none.
    pub(crate) zone: Option<Tz>,
    /// `log_line_prefix` of PostgreSQL logs.
    pub(crate) prefix: Option<String>,
    /// The view of metric files, by a part of their path.
    pub(crate) panels: Vec<(String, metrics::View)>,
    /// Threads.
    pub(crate) threads: usize,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// Packets, and loose members of packets as packets of their own.
    pub(crate) packets: Vec<Packet>,
    /// Database logs and statistics, merged.
    pub(crate) slow: Option<SlowLog>,
    /// Metric files.
    pub(crate) metrics: Vec<Metrics>,
    /// What came back from the customer's DBA, one per file.
    pub(crate) dba: Vec<Answers>,
    /// The index into `inputs` of each metric file.
    metric_lines: Vec<usize>,
    /// Database logs without years, as member and the index into `inputs`, of the container that
    /// is read.
    yearless: Vec<(usize, usize)>,
    /// What people wrote, in the incident file of a folder.
    pub(crate) incident: Option<IncidentRecord>,
    /// What became of every source, in the order in which they were named.
    pub(crate) inputs: Vec<CheckedInput>,
    /// Whether something that was named, or a member of a packet, was not read.
    pub(crate) incomplete: Vec<String>,
}

impl Sources {
    /// Adds a database log to the others.
    fn add_slow(&mut self, records: SlowLog) {
        match &mut self.slow {
            Some(slow) => slow.merge(records),
            slow => *slow = Some(records),
        }
    }

    /// Notes what became of a member that was not read, or not whole.
    fn note_incomplete(&mut self, line: &CheckedInput) {
        if !line.read {
            self.incomplete.push(format!("{} was not read", line.path));
        } else if line.skipped.saturating_mul(100) > line.records.saturating_add(line.skipped) {
            self.incomplete.push(format!("{}: over 1 % of its records were skipped", line.path));
        }
    }

    /// Moves all metrics, whose clock is off, and says so in what was read.
    pub(crate) fn shift_metrics(&mut self, by: chrono::TimeDelta) {
        for (file, idx) in self.metrics.iter_mut().zip(&self.metric_lines) {
            for series in &mut file.series {
                match i32::try_from(-by.num_seconds()) {
                    Ok(offset_s) if series.clock == metrics::Clock::Local => {
                        series.with_offset(offset_s);
                    }
                    _ => series.shift(by.num_milliseconds()),
                }
                series.limits.retain(|limit| limit != metrics::LOCAL_TIME);
            }
            if let Some(line) = self.inputs.get_mut(*idx) {
                line.limits.retain(|limit| limit != metrics::LOCAL_TIME);
                line.window = line
                    .window
                    .map(|window| model::Window { start: window.start + by, end: window.end + by });
                let seconds = by.num_seconds();
                line.limits.push(format!("times moved by {seconds} s onto the nodes' clock"));
            }
        }
    }
}

/// Bytes read at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// Reads all inputs. Gives an error only for a wrong request; what cannot be read is in the
/// result.
pub(crate) fn read(
    inputs: &[String],
    options: &Options,
    session: &Session,
    progress: &Progress,
) -> Result<Sources> {
    let mut sources = Sources::default();
    let mut later = slow::Later::default();
    for name in inputs {
        let named = Named::parse(OsStr::new(name));
        let containers = match input::list(&named, session) {
            Ok(containers) => containers,
            Err(error) => bail!("{error}"),
        };
        for container in containers {
            progress.expect(container.source_bytes());
            one_container(&container, options, session, &mut sources);
            later.keep(container, &mut sources);
        }
    }
    finish(sources, later, options, session)
}

/// Reads files in memory, as [`read`] reads those that are named.
pub(crate) fn read_in_memory(
    files: Vec<(String, Vec<u8>)>,
    options: &Options,
    session: &Session,
) -> Result<Sources> {
    let mut sources = Sources::default();
    let mut later = slow::Later::default();
    for (name, bytes) in files {
        for container in input::list_bytes(&name, bytes, session) {
            one_container(&container, options, session, &mut sources);
            later.keep(container, &mut sources);
        }
    }
    finish(sources, later, options, session)
}

/// What can only be done when all else was read: logs that wait for a year, nodes, clocks.
fn finish(
    mut sources: Sources,
    later: slow::Later,
    options: &Options,
    session: &Session,
) -> Result<Sources> {
    later.read(options, session, &mut sources);
    loose::join(&mut sources);
    settle_clocks(&mut sources);
    if session.is_cancelled() {
        bail!("interrupted; nothing was written");
    }
    Ok(sources)
}

/// Moves local times of metrics to UTC where other sources say the offset, and says so.
fn settle_clocks(sources: &mut Sources) {
    let hints = zone_hints(sources);
    let notes = metrics::settle_clocks(&mut sources.metrics, hints);
    for (file, idx) in sources.metrics.iter().zip(&sources.metric_lines) {
        let Some(line) = sources.inputs.get_mut(*idx) else { continue };
        line.window =
            file.series.iter().filter_map(metrics::Series::window).reduce(model::Window::hull);
        let local = file
            .series
            .iter()
            .any(|series| series.limits.iter().any(|limit| limit == metrics::LOCAL_TIME));
        if !local {
            line.limits.retain(|limit| limit != metrics::LOCAL_TIME);
        }
    }
    for note in notes {
        let line = sources.metric_lines.get(note.file).and_then(|idx| sources.inputs.get_mut(*idx));
        if let Some(line) = line {
            let (sign, offset_s) = if note.guess.offset_s < 0 {
                ('-', -note.guess.offset_s)
            } else {
                ('+', note.guess.offset_s)
            };
            line.limits.push(format!(
                "zone inferred: UTC{sign}{:02}:{:02} ({})",
                offset_s / 3600,
                offset_s % 3600 / 60,
                note.guess.confidence
            ));
        }
    }
}

/// What packets and logs say about the zone of exports.
fn zone_hints(sources: &Sources) -> metrics::Hints {
    let packet_at = sources.packets.iter().filter_map(|packet| packet.generated_at).max();
    let logs = || sources.packets.iter().flat_map(|packet| &packet.logs.sources);
    let of_logs = logs().filter_map(|source| source.window).map(|window| window.end);
    let of_database = sources.slow.iter().flat_map(|slow| &slow.sources);
    let of_database = of_database.filter_map(|source| source.window).map(|window| window.end);
    let last_record = match packet_at {
        Some(_) => None,
        None => of_logs.chain(of_database).max(),
    };
    let mut offsets: std::collections::BTreeMap<i32, u64> = std::collections::BTreeMap::new();
    for (offset_s, lines) in logs().flat_map(|source| &source.offsets_s) {
        *offsets.entry(*offset_s).or_default() += lines;
    }
    // In a year of summer and winter time the newest lines would have to decide.
    let log_offset_s = match offsets.iter().next() {
        Some((offset_s, _)) if offsets.len() == 1 && *offset_s != 0 => Some(*offset_s),
        _ => None,
    };
    metrics::Hints { packet_at, last_record, log_offset_s }
}

/// The server ends every line that it writes.
const NO_LINE_END: &str = "the last line has no end: it may be cut off there";

/// What one member gave.
enum Gave {
    Member(Box<packet::MemberRecords>),
    Log(Box<Parsed<LogRecords>>, u64),
    Slow(Box<Parsed<SlowLog>>, u64),
    /// A database log whose times have no year: read when all else is.
    Yearless,
    Metrics(Box<Parsed<Metrics>>, u64),
    Dba(Box<Parsed<Answers>>, u64),
    Incident(Box<IncidentRecord>, Issues, u64),
    Nothing(Issues, u64),
}

fn one_container(
    container: &Container,
    options: &Options,
    session: &Session,
    sources: &mut Sources,
) {
    let recognised: Vec<Recognised> = container.members().iter().map(recognise).collect();
    // Members of a packet are read together: which node each belongs to is seen from all paths.
    let of_packet: Vec<usize> = (0..)
        .zip(&recognised)
        .filter(|(_, r)| matches!(r.reader, Reader::Packet(_)))
        .map(|(idx, _)| idx)
        .collect();
    let paths: Vec<&str> = of_packet
        .iter()
        .filter_map(|&idx| container.members().get(idx))
        .map(input::Member::path)
        .collect();
    let paths_or_label: Vec<&str> =
        if is_single(container) { vec![container.label()] } else { paths };
    let reader = PacketReader::new(
        container.label(),
        if of_packet.is_empty() { &[] } else { &paths_or_label },
    );

    let position = |idx: usize| of_packet.iter().position(|&known| known == idx);
    let work = |idx: usize| -> Gave {
        one_member(container, idx, &recognised, &reader, position(idx), options, session)
    };
    // Database logs use all threads themselves, so they are read one after the other.
    let (large, small): (Vec<usize>, Vec<usize>) = (0..recognised.len())
        .partition(|&idx| recognised.get(idx).is_some_and(|r| matches!(r.reader, Reader::Slow)));
    let mut gave: Vec<(usize, Gave)> = small.into_par_iter().map(|idx| (idx, work(idx))).collect();
    for idx in large {
        let mut gave_here = work(idx);
        // Added at once: a folder may hold a hundred of them.
        if let Gave::Slow(parsed, _) = &mut gave_here {
            sources.add_slow(std::mem::take(&mut parsed.records));
        }
        gave.push((idx, gave_here));
    }
    gave.sort_by_key(|(idx, _)| *idx);
    collect(container, &recognised, &reader, gave, sources);
}

/// Whether it is a file by itself.
fn is_single(container: &Container) -> bool {
    container.members().len() == 1
        && matches!(container.kind(), ContainerKind::File | ContainerKind::Stream)
}

fn one_member(
    container: &Container,
    idx: usize,
    recognised: &[Recognised],
    reader: &PacketReader,
    position: Option<usize>,
    options: &Options,
    session: &Session,
) -> Gave {
    let (Some(member), Some(known)) = (container.members().get(idx), recognised.get(idx)) else {
        return Gave::Nothing(Issues::default(), 0);
    };
    let mut issues = member.issues().clone();
    // What is not opened has the reason among its issues.
    if member.unopened().is_some() {
        return Gave::Nothing(issues, 0);
    }
    let packet_member = position.and_then(|position| reader.members().get(position));
    match (&known.reader, packet_member) {
        (Reader::Packet(MemberKind::Log), Some(of_packet)) => {
            // Whose a log by itself is shows when all of them are read.
            let node = of_packet.node.as_deref().filter(|_| !is_single(container));
            let mut log = LogReader::new(&of_packet.source, node.unwrap_or(""), None);
            if of_packet.ambiguous {
                let reason = "several members of this name: which node wrote it is not known";
                issues.add(reason, "", 0);
            }
            let mut last = b'\n';
            let bytes = pump(container, idx, u64::MAX, session, &mut issues, |block| {
                last = block.last().copied().unwrap_or(last);
                log.push(block);
            });
            if last != b'\n' {
                issues.add(NO_LINE_END, "", 0);
            }
            let mut parsed = log.finish();
            parsed.issues.merge(issues);
            Gave::Log(Box::new(parsed), bytes)
        }
        (Reader::Packet(kind), Some(of_packet)) => {
            let max = PacketReader::bytes_max(*kind).unwrap_or(0) as u64;
            let mut whole = Vec::new();
            pump(container, idx, max.saturating_add(1), session, &mut issues, |block| {
                whole.extend_from_slice(block)
            });
            let mut records = reader.read_member(of_packet, *kind, &whole);
            records.report.issues.merge(issues);
            Gave::Member(Box::new(records))
        }
        (Reader::Slow, _) => slow::one(container, idx, options, None, session),
        (Reader::Metrics, _) => {
            let view = options
                .panels
                .iter()
                .find(|(part, _)| member.source().contains(part.as_str()))
                .map(|(_, view)| *view);
            let mut whole = Vec::new();
            let max = metrics::SOURCE_BYTES_MAX as u64;
            let bytes =
                pump(container, idx, max.saturating_add(1), session, &mut issues, |block| {
                    whole.extend_from_slice(block)
                });
            let mut parsed = metrics::parse(
                member.source(),
                &whole,
                &metrics::Options { tz: options.zone, view },
            );
            parsed.issues.merge(issues);
            Gave::Metrics(Box::new(parsed), bytes)
        }
        (Reader::Dba, _) => {
            let mut whole = Vec::new();
            let max = dba::BYTES_MAX as u64;
            let bytes =
                pump(container, idx, max.saturating_add(1), session, &mut issues, |block| {
                    whole.extend_from_slice(block)
                });
            let mut parsed = dba::parse(member.source(), &whole);
            parsed.issues.merge(issues);
            Gave::Dba(Box::new(parsed), bytes)
        }
        (Reader::Incident, _) => incident_file(container, idx, session, issues),
        (Reader::Packet(_), None) | (Reader::None, _) => Gave::Nothing(issues, 0),
    }
}

/// What people wrote. In an archive it may be the customer's: only a folder's or a named file's
/// counts.
fn incident_file(container: &Container, idx: usize, session: &Session, mut issues: Issues) -> Gave {
    if !matches!(container.kind(), ContainerKind::Folder | ContainerKind::File) {
        issues.add("an incident file in an archive is not ours, and is not used", "", 0);
        return Gave::Nothing(issues, 0);
    }
    let mut whole = Vec::new();
    let max = playbook::INCIDENT_BYTES_MAX as u64;
    let bytes = pump(container, idx, max.saturating_add(1), session, &mut issues, |block| {
        whole.extend_from_slice(block)
    });
    match IncidentFile::parse(&String::from_utf8_lossy(&whole)) {
        Ok(file) => {
            let record = file.record();
            for fault in &record.faults {
                issues.add(fault.as_str(), "", 0);
            }
            Gave::Incident(Box::new(record), issues, bytes)
        }
        Err(error) => {
            let error = error.to_string();
            issues.add(error.lines().next().unwrap_or_default(), "", 0);
            Gave::Nothing(issues, bytes)
        }
    }
}

/// Reads a member in blocks, at most `max` bytes, and gives how many there were.
fn pump(
    container: &Container,
    idx: usize,
    max: u64,
    session: &Session,
    issues: &mut Issues,
    mut each: impl FnMut(&[u8]),
) -> u64 {
    let mut reader = container.open(idx);
    let mut block = vec![0; BLOCK_BYTES];
    let mut read = 0;
    while read < max && !session.is_cancelled() {
        let room = usize::try_from(max - read).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
        match reader.read(block.get_mut(..room).unwrap_or_default()) {
            Ok(0) => break,
            Ok(n) => {
                each(block.get(..n).unwrap_or_default());
                read += n as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                issues.add(format!("reading ended early: {error}"), format!("byte:{read}"), 0);
                break;
            }
        }
    }
    issues.merge(reader.issues());
    read
}

fn collect(
    container: &Container,
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
    let of_packet: Vec<usize> = (0..)
        .zip(recognised)
        .filter(|(_, r)| matches!(r.reader, Reader::Packet(_)))
        .map(|(idx, _)| idx)
        .collect();
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
