//! `analyze incident`: makes and changes the incident file.

mod start;

use crate::args::{IncidentArgs, IncidentCommand};
use crate::clock;
use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use model::Exit;
use playbook::{Calendar, INCIDENT_FILE, IncidentFile, IncidentRecord, Playbook, Step};
use std::io::Write;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &IncidentArgs, out: &mut dyn Write) -> Result<Exit> {
    if let IncidentCommand::New { folder, customer, impact_start } = &args.command {
        return new(folder, customer.as_deref(), impact_start.as_deref(), out);
    }
    let path = file_of(args.dir.as_deref().unwrap_or(Path::new(".")));
    if matches!(args.command, IncidentCommand::Due) {
        let playbook = super::playbook::load(args.playbook.as_deref())?;
        return super::playbook::due(&path, None, None, &playbook, out);
    }
    let mut file = read(&path)?;
    let zone = file.record().zone;
    let playbook = super::playbook::load(args.playbook.as_deref())?;
    if let IncidentCommand::Start { team, reach } = &args.command {
        return start::run(&path, file, team, reach, &playbook, out);
    }
    let said = match &args.command {
        IncidentCommand::New { .. } | IncidentCommand::Start { .. } | IncidentCommand::Due => {
            return Ok(Exit::Ran);
        }
        IncidentCommand::Note { kind, text, at } => {
            let at = moment(at.as_deref(), zone)?;
            if text.trim().is_empty() {
                bail!("a note without a text says nothing; write what happened");
            }
            file.note(kind, text, at)?;
            format!("noted {kind} at {}", at.format("%Y-%m-%d %H:%M UTC"))
        }
        IncidentCommand::Set { key, value } => {
            file.set(key, value)?;
            format!("set {key}")
        }
        IncidentCommand::Done { step, at } => {
            let at = moment(at.as_deref(), zone)?;
            let step = step_of(&playbook, step)?;
            file.done(step, at)?;
            format!("step {} is done, {}", step.id, at.format("%Y-%m-%d %H:%M UTC"))
        }
        IncidentCommand::NotNeeded { step, because } => {
            let step = step_of(&playbook, step)?;
            file.not_needed(step, because, clock::now()?)?;
            format!("step {} is not needed", step.id)
        }
    };
    write(&path, &file)?;
    writeln!(out, "{}: {}", path.display(), text::escape::terminal(&said))?;
    Ok(Exit::Ran)
}

fn new(
    folder: &Path,
    customer: Option<&str>,
    impact_start: Option<&str>,
    out: &mut dyn Write,
) -> Result<Exit> {
    let mut file = IncidentFile::new();
    if let Some(customer) = customer {
        file.set("customer", customer)?;
    }
    if let Some(start) = impact_start {
        file.set("impact_start", start)?;
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let path = folder.join(INCIDENT_FILE);
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
    if made.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::AlreadyExists) {
        bail!(
            "{} is there already and is kept; `analyze incident note` and `set` add to it",
            path.display()
        );
    }
    let mut target = made.with_context(|| format!("cannot make {}", path.display()))?;
    target
        .write_all(file.text().as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    writeln!(
        out,
        "made {}; put packet, logs and exports beside it and run: analyze {}",
        path.display(),
        folder.display()
    )?;
    Ok(Exit::Ran)
}

/// The incident file that a path names: a folder's, or itself.
pub(crate) fn file_of(place: &Path) -> PathBuf {
    if place.is_dir() { place.join(INCIDENT_FILE) } else { place.to_owned() }
}

/// Reads an incident file.
pub(crate) fn read(path: &Path) -> Result<IncidentFile> {
    #[expect(clippy::disallowed_methods, reason = "the incident file that the user names")]
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("cannot read {}; `analyze incident new FOLDER` makes one", path.display())
    })?;
    IncidentFile::parse(&text).with_context(|| path.display().to_string())
}

/// Writes beside the file and then puts it in its place, so that a full disk loses nothing.
pub(crate) fn write(path: &Path, file: &IncidentFile) -> Result<()> {
    let beside = path.with_extension("toml.new");
    #[expect(clippy::disallowed_methods, reason = "the incident file that the user names")]
    std::fs::write(&beside, file.text())
        .and_then(|()| std::fs::rename(&beside, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The calendar of an incident: the zone and the holidays of the arguments, else of the file.
pub(crate) fn calendar(
    record: &IncidentRecord,
    folder: Option<&Path>,
    holidays: Option<&Path>,
    zone: Option<Tz>,
) -> Result<Calendar> {
    let named = record.holidays.untrusted().trim();
    let path = match holidays {
        Some(path) => Some(path.to_owned()),
        None if named.is_empty() => None,
        None => Some(folder.unwrap_or(Path::new(".")).join(named)),
    };
    let holidays = match path {
        None => std::collections::BTreeSet::new(),
        Some(path) => {
            #[expect(clippy::disallowed_methods, reason = "the holiday file that the user names")]
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read the holiday file {}", path.display()))?;
            Calendar::parse_holidays(&text).with_context(|| path.display().to_string())?
        }
    };
    Ok(Calendar { zone: zone.or(record.zone).unwrap_or(Tz::UTC), holidays })
}

fn moment(at: Option<&str>, zone: Option<Tz>) -> Result<DateTime<Utc>> {
    at.map_or_else(clock::now, |at| clock::parse_time(at, zone).context("--at"))
}

fn step_of<'p>(playbook: &'p Playbook, id: &str) -> Result<&'p Step> {
    playbook.step(id).with_context(|| {
        let near = tables::nearest_name(id, playbook.steps.iter().map(|step| step.id.as_str()));
        format!(
            "no step `{id}`{}; `analyze playbook steps` lists them",
            near.map_or_else(String::new, |near| format!(", did you mean `{near}`?"))
        )
    })
}
