//! Database logs: those whose times have no year wait until everything else is read, since that
//! tells the year.

use super::member::{Gave, pump};
use super::recognise::{Recognised, recognise};
use super::{Options, Sources, report};
use chrono::{DateTime, Days, Utc};
use input::{Container, Member, Session};
use model::{CheckedInput, Coverage, Issues, Sink as _};
use slowlog::Until;

/// What else was read is of the same incident: a log that came later is of the days after it.
const INCIDENT_DAYS: Days = Days::new(60);
/// A file is written after its last record, in whatever zone that is.
const WRITTEN_DAYS: Days = Days::new(2);

/// Reads a database log; without `until`, one whose times have no year is left for later.
pub(super) fn one(
    container: &Container,
    idx: usize,
    options: &Options,
    until: Option<Option<Until>>,
    session: &Session,
) -> Gave {
    let Some(member) = container.members().get(idx) else {
        return Gave::Nothing(Issues::default(), 0);
    };
    let mut issues = member.issues().clone();
    let reading = slowlog::Options {
        threads: options.threads,
        prefix: options.prefix.clone(),
        keep_literals: false,
        tz: options.zone,
        until: until.flatten(),
        ..slowlog::Options::default()
    };
    let mut slow = match slowlog::Reader::new(&reading, &member.head(), member.source()) {
        Ok(slow) => slow,
        Err(error) => {
            issues.add(error.to_string(), "", 0);
            return Gave::Nothing(issues, 0);
        }
    };
    if until.is_none() && slow.wants_year() {
        return Gave::Yearless;
    }
    let bytes = pump(container, idx, u64::MAX, session, &mut issues, |block| slow.push(block));
    let mut parsed = slow.finish();
    parsed.issues.merge(issues);
    Gave::Slow(Box::new(parsed), bytes)
}

/// The line of a database log in the list of inputs.
pub(super) fn line(
    member: &Member,
    known: &Recognised,
    bytes: u64,
    coverage: &Coverage,
    issues: &Issues,
) -> CheckedInput {
    report::line(member.source(), "slow query log", known.format, bytes, coverage, issues, true)
}

/// Database logs that wait, by container: member, and index into the list of inputs.
#[derive(Default)]
pub(super) struct Later {
    waiting: Vec<(Container, Vec<(usize, usize)>)>,
}

impl Later {
    /// Keeps a container of which logs wait.
    pub(super) fn keep(&mut self, container: Container, sources: &mut Sources) {
        let yearless = std::mem::take(&mut sources.yearless);
        if !yearless.is_empty() {
            self.waiting.push((container, yearless));
        }
    }

    /// Reads what waits.
    pub(super) fn read(self, options: &Options, session: &Session, sources: &mut Sources) {
        let of_others = until_of(sources);
        for (container, waiting) in &self.waiting {
            for &(idx, input) in waiting {
                let Some(member) = container.members().get(idx) else { continue };
                let until = of_others.or_else(|| until_written(member));
                let gave = one(container, idx, options, Some(until), session);
                let Gave::Slow(mut parsed, bytes) = gave else { continue };
                sources.add_slow(std::mem::take(&mut parsed.records));
                let known = recognise(member);
                let line = line(member, &known, bytes, &parsed.coverage, &parsed.issues);
                sources.note_incomplete(&line);
                if let Some(input) = sources.inputs.get_mut(input) {
                    *input = line;
                }
            }
        }
    }
}

/// The latest moment of what else was read: the packet's, else that of charts, else of logs.
fn until_of(sources: &Sources) -> Option<Until> {
    let latest = |windows: &[model::Window]| windows.iter().map(|window| window.end).max();
    let packet = sources.packets.iter().filter_map(|packet| packet.generated_at).max();
    let charts: Vec<_> = sources
        .metrics
        .iter()
        .flat_map(|file| &file.series)
        .filter_map(metrics::Series::window)
        .collect();
    let logs: Vec<_> = sources
        .packets
        .iter()
        .flat_map(|packet| &packet.logs.sources)
        .filter_map(|source| source.window)
        .collect();
    let of_incident = packet
        .map(|at| (at, "the support packet"))
        .or_else(|| latest(&charts).map(|at| (at, "the charts")))
        .or_else(|| latest(&logs).map(|at| (at, "the nodes' logs")));
    match of_incident {
        Some((at, by)) => Some(Until { at: at.checked_add_days(INCIDENT_DAYS)?, by }),
        None => sources.slow.as_ref().and_then(until_other_logs),
    }
}

/// The latest moment of other database logs.
pub(crate) fn until_other_logs(slow: &slowlog::SlowLog) -> Option<Until> {
    let at =
        slow.sources.iter().filter_map(|source| source.window).map(|window| window.end).max()?;
    Some(Until { at: at.checked_add_days(INCIDENT_DAYS)?, by: "the other database logs" })
}

/// When the file was written.
pub(crate) fn until_written(member: &Member) -> Option<Until> {
    let at: DateTime<Utc> = DateTime::from_timestamp(member.modified_s()?, 0)?;
    Some(Until { at: at.checked_add_days(WRITTEN_DAYS)?, by: "the file's modification time" })
}
