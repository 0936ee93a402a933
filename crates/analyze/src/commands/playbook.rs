//! `analyze playbook`: the steps of the Sev 1 procedure, what is due, the file for Playbooks.

use super::incident::{self, file_of};
use crate::args::{PlaybookArgs, PlaybookCommand};
use crate::clock;
use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use model::{Exit, Report};
use playbook::{Calendar, Clock, ClockState, IncidentRecord, Playbook};
use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

pub(crate) fn run(args: PlaybookArgs, out: &mut dyn Write) -> Result<Exit> {
    match args.command {
        PlaybookCommand::Steps { playbook } => {
            for step in &load(playbook.as_deref())?.steps {
                writeln!(
                    out,
                    "{:2} {:26} {:9} {}",
                    step.number,
                    text::escape::terminal(&step.id),
                    step.kind.as_str(),
                    text::escape::terminal(&step.title)
                )?;
            }
            Ok(Exit::Ran)
        }
        PlaybookCommand::Show { report } => super::report::steps(&report, out),
        PlaybookCommand::Due { incident, holidays, tz, playbook } => {
            let zone = tz.as_deref().map(clock::zone).transpose()?;
            due(&incident, holidays.as_deref(), zone, &*load(playbook.as_deref())?, out)
        }
        PlaybookCommand::Export { output, playbook } => {
            let file = playbook::playbooks_file(&*load(playbook.as_deref())?);
            match output {
                None => writeln!(out, "{file}")?,
                #[expect(clippy::disallowed_methods, reason = "the file that the user names")]
                Some(path) => std::fs::write(&path, format!("{file}\n"))
                    .with_context(|| format!("cannot write {}", path.display()))?,
            }
            Ok(Exit::Ran)
        }
    }
}

/// The shipped playbook, or the one of a file.
pub(crate) fn load(path: Option<&Path>) -> Result<Cow<'static, Playbook>> {
    let Some(path) = path else { return Ok(Cow::Borrowed(Playbook::shipped())) };
    #[expect(clippy::disallowed_methods, reason = "the playbook that the user names")]
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Cow::Owned(Playbook::parse(&text).with_context(|| path.display().to_string())?))
}

/// The clocks of an analysis: they run only where people said when the impact began, so that a
/// report over data alone does not depend on when it is made.
pub(crate) fn clocks_of(
    playbook: &Playbook,
    record: &IncidentRecord,
    report: &Report,
) -> Result<Vec<Clock>> {
    if record.impact_start.is_none() {
        return Ok(Vec::new());
    }
    let source = report.inputs.iter().find(|input| input.kind == "incident file" && input.read);
    let folder = source.and_then(|input| Path::new(&input.path).parent());
    let read = incident::calendar(record, folder, None, None);
    let without = read.is_err();
    let calendar =
        read.unwrap_or(Calendar { zone: record.zone.unwrap_or(Tz::UTC), ..Calendar::default() });
    let mut clocks = playbook::clocks(playbook, record, &calendar, clock::now()?);
    if without {
        // The report is worth more than the holidays; the clocks say what they lack.
        for clock in &mut clocks {
            clock.note.push_str("; the holiday file was not read");
        }
    }
    Ok(clocks)
}

/// What is due when.
pub(super) fn due(
    place: &Path,
    holidays: Option<&Path>,
    zone: Option<Tz>,
    playbook: &Playbook,
    out: &mut dyn Write,
) -> Result<Exit> {
    let path = file_of(place);
    let record = incident::read(&path)?.record();
    let calendar = incident::calendar(&record, path.parent(), holidays, zone)?;
    let now = clock::now()?;
    let clocks = playbook::clocks(playbook, &record, &calendar, now);
    writeln!(out, "now {}   {}", utc(now), local(now, calendar.zone))?;
    for fault in &record.faults {
        writeln!(out, "incident.toml: {}", text::escape::terminal(fault))?;
    }
    for clock in &clocks {
        let what = text::escape::terminal(&clock.what).into_owned();
        writeln!(out, "{:11} {what}", clock.state.as_str())?;
        if let Some(due) = clock.due {
            let left = match clock.state {
                ClockState::Overdue => format!("{} over", span(now - due)),
                ClockState::Running => format!("{} left", span(due - now)),
                ClockState::Ended
                | ClockState::NotStarted
                | ClockState::NotNeeded
                | ClockState::Done => String::new(),
            };
            writeln!(out, "            {}   {}   {left}", utc(due), local(due, calendar.zone))?;
        }
        writeln!(
            out,
            "            step {}; {}",
            text::escape::terminal(&clock.step),
            text::escape::terminal(&clock.note)
        )?;
    }
    Ok(if playbook::is_overdue(&clocks) { Exit::Overdue } else { Exit::Ran })
}

fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn local(at: DateTime<Utc>, zone: Tz) -> String {
    format!("{} ({})", at.with_timezone(&zone).format("%a %Y-%m-%d %H:%M %Z"), zone.name())
}

/// `1 d 2 h 5 min`, rounded down.
fn span(span: TimeDelta) -> String {
    let minutes = span.num_minutes().max(0);
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, minutes) => format!("{days} d {hours} h {minutes} min"),
    }
}
