//! Reads one member with the parser of its kind.

use super::recognise::{Reader, Recognised};
use super::{Options, is_single, slow};
use dba::Answers;
use input::{Container, ContainerKind, Session};
use metrics::Metrics;
use model::{Issues, Parsed, Sink as _};
use packet::log::{LogReader, LogRecords};
use packet::{MemberKind, PacketReader};
use playbook::{IncidentFile, IncidentRecord};
use slowlog::SlowLog;
use std::io::Read as _;

/// Bytes read at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// The server ends every line that it writes.
const NO_LINE_END: &str = "the last line has no end: it may be cut off there";

/// What one member gave.
pub(super) enum Gave {
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

pub(super) fn one_member(
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
            let max = PacketReader::bytes_max(*kind).unwrap_or(0);
            let whole = whole(container, idx, max, session, &mut issues);
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
            let whole = whole(container, idx, metrics::SOURCE_BYTES_MAX, session, &mut issues);
            let mut parsed = metrics::parse(
                member.source(),
                &whole,
                &metrics::Options { tz: options.zone, view },
            );
            parsed.issues.merge(issues);
            Gave::Metrics(Box::new(parsed), whole.len() as u64)
        }
        (Reader::Dba, _) => {
            let whole = whole(container, idx, dba::BYTES_MAX, session, &mut issues);
            let mut parsed = dba::parse(member.source(), &whole);
            parsed.issues.merge(issues);
            Gave::Dba(Box::new(parsed), whole.len() as u64)
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
    let whole = whole(container, idx, playbook::INCIDENT_BYTES_MAX, session, &mut issues);
    let bytes = whole.len() as u64;
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

/// Reads a member as a whole, and one byte more than `max_bytes`, so that its parser sees that it
/// is too long.
fn whole(
    container: &Container,
    idx: usize,
    max_bytes: usize,
    session: &Session,
    issues: &mut Issues,
) -> Vec<u8> {
    let mut whole = Vec::new();
    let max_bytes = (max_bytes as u64).saturating_add(1);
    pump(container, idx, max_bytes, session, issues, |block| whole.extend_from_slice(block));
    whole
}

/// Reads a member in blocks, at most `max` bytes, and gives how many there were.
pub(super) fn pump(
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
