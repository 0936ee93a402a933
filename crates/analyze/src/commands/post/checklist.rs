//! The run of the channel: steps into its checklists, and what else was asked of it.
//!
//! The posts stand already. A server without Playbooks, a channel without a run or an account that
//! may not write is no failure: it is said, with what helps.

use super::super::report::Analysed;
use super::failed;
use crate::args::PostArgs;
use anyhow::{Context as _, Result};
use mattermost::playbooks::{RunFound, StepText, SyncError, Synced, bots_may_take_part, sync};
use mattermost::{Client, Place, Plan, PostId, RunId, User};
use model::StepState;
use playbook::{IncidentRecord, Playbook, StepKind};
use std::io::Write;

/// The reminder of status updates, in seconds: the update that is due every hour.
const REMIND_S: u64 = 3600;

/// What was posted, by whom and where.
pub(super) struct Told<'a> {
    pub(super) client: &'a Client,
    pub(super) place: &'a Place,
    pub(super) me: &'a User,
    pub(super) root: Option<&'a PostId>,
    pub(super) plan: &'a Plan,
}

/// The run that the arguments or the incident file name: an id, or the address of its page.
pub(super) fn named_run(args: &PostArgs, record: &IncidentRecord) -> Result<Option<RunId>> {
    let written = record.run.untrusted().trim();
    let (text, whence) = match &args.run {
        Some(text) => (text.as_str(), "--run"),
        None if written.is_empty() => return Ok(None),
        None => (written, "run of incident.toml"),
    };
    let last = text.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    RunId::parse(last).map(Some).with_context(|| {
        format!(
            "{whence} {}: write the id of the run, or the address of its page",
            text::escape::terminal(text)
        )
    })
}

/// Writes the steps into the items of the run.
pub(super) fn checklist(
    told: &Told<'_>,
    named: Option<&RunId>,
    analysed: &Analysed,
    args: &PostArgs,
    out: &mut dyn Write,
) -> Result<()> {
    let Some(run) = run_of(told, named, out)? else { return Ok(()) };
    let playbook = super::super::playbook::load(args.read.how.playbook.as_deref())?;
    let steps = steps(told.plan, analysed, &playbook);
    let (done, error) = sync(told.client, &run, &steps);
    say(&done, out)?;
    match error {
        None => {}
        Some(SyncError::Finished) => {
            writeln!(out, "checklist: the run is finished; nothing more is written into it")?;
            return Ok(());
        }
        Some(SyncError::NotAllowed(_)) => return keywords(told, &steps, args, out),
        Some(SyncError::Lost(step)) => {
            return Err(failed(format!(
                "the item of {step} does not keep what is written into it: somebody or something \
                 writes at the same time; run the same command again"
            )));
        }
        Some(SyncError::Failed(error)) => return Err(failed(error)),
        Some(_) => return Err(failed("the checklist could not be written")),
    }
    asked_for(told, &run, args, out)
}

/// The run; `None` when there is none to write into, which is said.
fn run_of(told: &Told<'_>, named: Option<&RunId>, out: &mut dyn Write) -> Result<Option<RunId>> {
    if let Some(run) = named {
        return Ok(Some(run.clone()));
    }
    match told.client.find_run(&told.place.channel).map_err(failed)? {
        RunFound::One(run) => return Ok(Some(run.id)),
        RunFound::None => writeln!(
            out,
            "checklist: the channel has no run; start one with `analyze incident start`, or from \
             the playbook of `analyze playbook export`"
        )?,
        RunFound::NoPlugin => {
            writeln!(out, "checklist: the server has no Playbooks; the posts hold every step")?;
        }
        RunFound::Finished(run) => writeln!(
            out,
            "checklist: the run {} is finished; restart it, or name another with --run",
            run.name
        )?,
        RunFound::Several(runs) => {
            writeln!(out, "checklist: several runs in this channel; name one with --run:")?;
            for run in runs {
                writeln!(out, "  --run {}   {}", run.id, run.name)?;
            }
        }
        RunFound::NotAllowed(_) => writeln!(
            out,
            "checklist: {} may not see runs here; make it a participant of the run",
            told.me.name
        )?,
    }
    Ok(None)
}

/// What each step says in the channel, for its item.
fn steps(plan: &Plan, analysed: &Analysed, playbook: &Playbook) -> Vec<StepText> {
    playbook
        .steps
        .iter()
        .filter_map(|step| {
            let part = plan.parts.iter().find(|part| part.id == step.id)?;
            let filled = analysed.report.steps.iter().find(|filled| filled.step == step.id)?;
            Some(StepText {
                id: step.id.clone(),
                title: step.title.clone(),
                text: part.messages.first()?.clone(),
                // Never what a person decides.
                complete: step.kind == StepKind::Filled && filled.state == StepState::Done,
            })
        })
        .collect()
}

fn say(done: &Synced, out: &mut dyn Write) -> Result<()> {
    writeln!(
        out,
        "checklist: {} items written, {} checked off, {} as they were",
        done.written.len(),
        done.checked.len(),
        done.n_same
    )?;
    for (step, why) in &done.left {
        writeln!(out, "checklist: {step}: {}", why.as_str())?;
    }
    if done.n_repaired > 0 {
        writeln!(
            out,
            "checklist: {} changes met another item, which somebody had moved, and were taken back",
            done.n_repaired
        )?;
    }
    Ok(())
}

/// The way of an account that may post and not write into the run.
fn keywords(
    told: &Told<'_>,
    steps: &[StepText],
    args: &PostArgs,
    out: &mut dyn Write,
) -> Result<()> {
    let version = told.client.playbooks_version().map_err(failed)?;
    let name = &told.me.name;
    let helps = match version {
        Some(version) if told.me.bot && !bots_may_take_part(version) => format!(
            "Playbooks {version} lets no bot take part: use a token of a person who takes part, make \
             {name} the owner of the run, or update Playbooks to 1.41 or 2.1"
        ),
        _ => format!("make {name} a participant of the run, or use the token of one"),
    };
    writeln!(out, "checklist: {name} may not write into the run; {helps}")?;
    let Some(root) = told.root else { return Ok(()) };
    let posted = told
        .client
        .post_keywords(&told.place.channel, root, &told.me.id, &args.key, steps)
        .map_err(failed)?;
    if !posted.is_empty() {
        writeln!(
            out,
            "checklist: posted the keywords of {} complete steps, which check off the items of a \
             playbook that analyze imported",
            posted.len()
        )?;
    }
    Ok(())
}

/// Reminder and timeline, where they were asked for.
fn asked_for(told: &Told<'_>, run: &RunId, args: &PostArgs, out: &mut dyn Write) -> Result<()> {
    if args.remind {
        told.client.remind(run, REMIND_S).map_err(failed)?;
        writeln!(out, "checklist: the owner is reminded of a status update in an hour")?;
    }
    if let (true, Some(root)) = (args.timeline, told.root) {
        let run = told.client.run(run).map_err(failed)?;
        match told.client.add_to_timeline(&run, told.me, root, "Findings of analyze") {
            Ok(true) => writeln!(out, "checklist: the first post is on the run's timeline")?,
            Ok(false) => {}
            Err(error) if error.status() == Some(403) => writeln!(
                out,
                "checklist: the timeline needs a Professional licence; add the post by hand: \
                 More actions > Add to run timeline"
            )?,
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(())
}
