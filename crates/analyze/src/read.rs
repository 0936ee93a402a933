//! Reads what the user names: opens containers, recognises members by content, hands each to its
//! parser, and keeps what became of every one.

mod clocks;
mod collect;
mod loose;
mod member;
pub(crate) mod recognise;
mod report;
pub(crate) mod slow;

use crate::progress::Progress;
use anyhow::{Result, bail};
use chrono_tz::Tz;
use dba::Answers;
use input::{Container, ContainerKind, Named, Session};
use member::{Gave, one_member};
use metrics::Metrics;
use model::CheckedInput;
use packet::{Packet, PacketReader};
use playbook::IncidentRecord;
use rayon::prelude::*;
use recognise::{Reader, Recognised, recognise};
use slowlog::SlowLog;
use std::ffi::OsStr;

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
}

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
    if let Some(slow) = &mut sources.slow {
        slow.settle_owners();
    }
    loose::join(&mut sources);
    clocks::settle_clocks(&mut sources);
    if session.is_cancelled() {
        bail!("interrupted; nothing was written");
    }
    Ok(sources)
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
    collect::collect(container, &of_packet, &recognised, &reader, gave, sources);
}

/// Whether it is a file by itself.
fn is_single(container: &Container) -> bool {
    container.members().len() == 1
        && matches!(container.kind(), ContainerKind::File | ContainerKind::Stream)
}
