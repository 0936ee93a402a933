//! `analyze incident start`: the run of the playbook with its channel, the roles, the reminder.
//!
//! Run again it makes nothing twice: the run is noted in the incident file as soon as it is there,
//! and one of its name is found where it could not be noted.

use super::write;
use crate::args::ReachArgs;
use crate::commands::post::failed;
use crate::commands::post::reach::{self, Asked};
use crate::settings::Settings;
use anyhow::{Context as _, Result, bail};
use mattermost::playbooks::{Run, StartSpec, Started};
use mattermost::{Client, RunId, User, UserId};
use model::Exit;
use playbook::{IncidentFile, IncidentRecord, Playbook, ROLES};
use std::io::Write;
use std::path::Path;

/// The reminder of status updates, in seconds: the CEO is in the loop after an hour of impact.
const REMIND_S: u64 = 3600;

pub(super) fn run(
    path: &Path,
    mut file: IncidentFile,
    team: &str,
    args: &ReachArgs,
    playbook: &Playbook,
    out: &mut dyn Write,
) -> Result<Exit> {
    let record = file.record();
    let customer = record.customer.untrusted().trim().to_owned();
    if customer.is_empty() {
        bail!(
            "the run is named after the customer; write it: analyze incident set customer 'NAME'"
        );
    }
    let settings = Settings::load(None)?.mattermost;
    let asked = Asked {
        server: args.server.as_deref(),
        token_file: args.token_file.as_deref(),
        ca_file: args.ca_file.as_deref(),
    };
    let client = reach::client(&asked, &settings)?;
    let me = client.me().map_err(failed)?;
    let roles = accounts(&client, &record, out)?;

    let known = RunId::parse(last(record.run.untrusted()));
    let started = match known {
        Some(id) => {
            let run = client.run(&id).map_err(failed)?;
            Started { run, imported: false, was_there: true }
        }
        None => {
            let spec = StartSpec {
                team: client.team(team).map_err(failed)?,
                title: playbook::PLAYBOOKS_TITLE.to_owned(),
                file: playbook::playbooks_file_of(playbook, Some(me.id.as_str())),
                name: name_of(&record, &customer),
                owner: owner(&roles, &me),
            };
            client.start_run(&spec).map_err(failed)?
        }
    };
    // First of all: what is noted is not made again.
    note(&mut file, path, &started.run)?;
    let what = if started.was_there { "is there" } else { "started" };
    writeln!(out, "run {}: {what}", started.run.name)?;
    if started.imported {
        writeln!(out, "imported the playbook {} into the team", playbook::PLAYBOOKS_TITLE)?;
    }
    invite(&client, &started.run, &roles, out)?;
    if started.run.reminds {
        writeln!(out, "reminder: set already")?;
    } else {
        match client.remind(&started.run.id, REMIND_S) {
            Ok(()) => writeln!(out, "reminder: a status update is due in an hour")?,
            Err(error) if error.status() == Some(403) => writeln!(
                out,
                "reminder: {} may not set it; the first status update begins it",
                me.name
            )?,
            Err(error) => return Err(failed(error)),
        }
    }
    writeln!(out, "next: analyze post {} (the channel is noted)", folder(path).display())?;
    Ok(Exit::Ran)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn last(text: &str) -> &str {
    text.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// The same for the same incident: by it a run is found again.
fn name_of(record: &IncidentRecord, customer: &str) -> String {
    let began = record
        .impact_start
        .map_or_else(String::new, |at| at.format(" %Y-%m-%d %H:%M UTC").to_string());
    format!("Sev 1 {customer}{began}")
}

/// The accounts of the roles: key, name and account.
fn accounts(
    client: &Client,
    record: &IncidentRecord,
    out: &mut dyn Write,
) -> Result<Vec<(&'static str, User)>> {
    let mut found = Vec::new();
    for (key, name) in ROLES {
        let handle = record.role(key).map(|raw| raw.untrusted().trim().to_owned());
        let Some(handle) = handle.filter(|handle| !handle.is_empty()) else { continue };
        match client.user_by_name(handle.trim_start_matches('@')) {
            Ok(user) => found.push((*key, user)),
            Err(error) if matches!(error.status(), Some(400 | 404)) => {
                let handle = text::escape::terminal(&handle).into_owned();
                writeln!(out, "{name}: no account {handle}; correct roles.{key}")?;
            }
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(found)
}

/// The owner of the roles; without one whoever starts it.
fn owner(roles: &[(&'static str, User)], me: &User) -> UserId {
    roles.iter().find(|(key, _)| *key == "owner").map_or(&me.id, |(_, user)| &user.id).clone()
}

fn note(file: &mut IncidentFile, path: &Path, run: &Run) -> Result<()> {
    file.set("run", run.id.as_str()).context("noting the run")?;
    if let Some(channel) = &run.channel {
        file.set("channel", channel.as_str()).context("noting the channel")?;
    }
    write(path, file)
}

/// Adds the roles to the run and its channel. Who may not add to the run still invites to the
/// channel.
fn invite(
    client: &Client,
    run: &Run,
    roles: &[(&'static str, User)],
    out: &mut dyn Write,
) -> Result<()> {
    let users: Vec<UserId> = roles
        .iter()
        .map(|(_, user)| user.id.clone())
        .filter(|user| !run.participants.iter().any(|there| there == user.as_str()))
        .collect();
    if !users.is_empty()
        && let Err(error) = client.add_to_run(&run.id, &users)
    {
        writeln!(out, "roles: not made participants of the run: {error}")?;
    }
    let Some(channel) = &run.channel else { return Ok(()) };
    for (key, user) in roles {
        match client.add_to_channel(channel, &user.id) {
            Ok(()) => writeln!(out, "{key}: {} is invited", user.name)?,
            Err(error) => writeln!(out, "{key}: {} is not invited: {error}", user.name)?,
        }
    }
    let missing: Vec<&str> = ROLES
        .iter()
        .filter(|(key, _)| !roles.iter().any(|(found, _)| found == key))
        .map(|(_, name)| *name)
        .collect();
    if !missing.is_empty() {
        writeln!(out, "missing roles: {}", missing.join(", "))?;
    }
    Ok(())
}
