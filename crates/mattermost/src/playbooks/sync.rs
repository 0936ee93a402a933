//! Steps into items, one change at a time, each looked at afterwards.

use super::block;
use super::matching::{Key, items_of};
use super::wire::{Item, ItemState, Run};
use super::{StepText, run_path};
use crate::Error;
use crate::client::Client;
use crate::ids::RunId;
use crate::retry::Repeat;
use serde::Serialize;
use std::time::Duration;
use ureq::http::Method;

/// Attempts for one item before it is given up: a person who writes at the same time is slower.
const TRIES_MAX: usize = 8;
/// The wait before another attempt.
const WAIT: Duration = Duration::from_millis(400);

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Steps whose text was written.
    pub written: Vec<String>,
    /// Steps whose item was checked off.
    pub checked: Vec<String>,
    /// How many items were as they should be.
    pub n_same: usize,
    /// Steps that were left alone, and why.
    pub left: Vec<(String, LeftAlone)>,
    /// Changes that met another item and were taken back.
    pub n_repaired: usize,
}

/// Why an item was left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftAlone {
    /// The run has no item that is surely this step's.
    NoItem,
    /// One of the two lines around our part of its text is gone.
    Damaged,
    /// A person has opened it again.
    OpenedAgain,
    /// A person works on it or has skipped it.
    Taken,
    /// Somebody took it away meanwhile.
    Gone,
}

impl LeftAlone {
    /// As words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoItem => "the run has no item that is surely this step's",
            Self::Damaged => {
                "a line around the part of analyze is gone from its text: nothing was written"
            }
            Self::OpenedAgain => "a person opened it again: it stays open",
            Self::Taken => "a person works on it or skipped it: it is not checked off",
            Self::Gone => "somebody took the item away",
        }
    }
}

/// What stopped it; what was done until then stands beside it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SyncError {
    /// The run is finished.
    Finished,
    /// A change was lost again and again.
    Lost(String),
    /// The account may not change the run.
    NotAllowed(Error),
    /// Another failure.
    Failed(Error),
}

#[derive(Serialize)]
struct StateBody {
    new_state: &'static str,
}

/// All three have to be sent: what is left out is emptied.
#[derive(Serialize)]
struct ItemBody<'i> {
    title: &'i str,
    command: &'i str,
    description: &'i str,
}

/// A change of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    State(ItemState),
    Text(String),
}

/// Writes the steps into the items of a run. Done again, it changes nothing.
pub fn sync(client: &Client, run: &RunId, steps: &[StepText]) -> (Synced, Option<SyncError>) {
    let mut done = Synced::default();
    let error = all(client, run, steps, &mut done).err();
    (done, error)
}

fn all(
    client: &Client,
    id: &RunId,
    steps: &[StepText],
    done: &mut Synced,
) -> Result<(), SyncError> {
    let mut run = read(client, id)?;
    let keys = items_of(&run, steps);
    for (step, key) in steps.iter().zip(keys) {
        match key {
            Some(key) => one(client, id, step, &key, &mut run, done)?,
            None => done.left.push((step.id.clone(), LeftAlone::NoItem)),
        }
    }
    Ok(())
}

fn read(client: &Client, id: &RunId) -> Result<Run, SyncError> {
    let run = client.run(id).map_err(of_error)?;
    if run.finished { Err(SyncError::Finished) } else { Ok(run) }
}

fn of_error(error: Error) -> SyncError {
    let message = error.refusal().map_or("", |refusal| refusal.message.as_str());
    match error.status() {
        Some(403) => SyncError::NotAllowed(error),
        Some(400) if message.contains("finished") => SyncError::Finished,
        _ => SyncError::Failed(error),
    }
}

/// Brings one item to what it should be. `run` is as it was read last.
fn one(
    client: &Client,
    id: &RunId,
    step: &StepText,
    key: &Key,
    run: &mut Run,
    done: &mut Synced,
) -> Result<(), SyncError> {
    let (mut written, mut checked, mut lost) = (false, false, false);
    for tried in 0..TRIES_MAX {
        let Some(item) = key.find(run).cloned() else {
            done.left.push((step.id.clone(), LeftAlone::Gone));
            return Ok(());
        };
        let Some(parts) = block::parts(&item.description) else {
            done.left.push((step.id.clone(), LeftAlone::Damaged));
            return Ok(());
        };
        let was_checked = parts.was_checked();
        let change = match item.state {
            ItemState::Open if step.complete && !was_checked => {
                Some(Change::State(ItemState::Closed))
            }
            ItemState::Open | ItemState::InProgress | ItemState::Closed | ItemState::Other => {
                // The order matters: checked off first, then said so.
                let says = step.complete && (was_checked || item.state == ItemState::Closed);
                let text = parts.with(&step.text, says);
                (text != item.description).then_some(Change::Text(text))
            }
        };
        let Some(change) = change else {
            if step.complete {
                match item.state {
                    ItemState::Open => done.left.push((step.id.clone(), LeftAlone::OpenedAgain)),
                    ItemState::InProgress | ItemState::Other => {
                        done.left.push((step.id.clone(), LeftAlone::Taken));
                    }
                    ItemState::Closed => {}
                }
            }
            if checked {
                done.checked.push(step.id.clone());
            }
            if written {
                done.written.push(step.id.clone());
            } else if !checked {
                done.n_same += 1;
            }
            return Ok(());
        };
        if lost {
            client.clock().sleep(WAIT);
        }
        let before = run.clone();
        let failed = match apply(client, id, &item, &change) {
            Ok(()) => None,
            // A place that is no longer there is a failure of the server, and so is one that was
            // done: the run tells.
            Err(error) if error.is_passing() && !error.is_rate() => Some(error),
            Err(error) => return Err(of_error(error)),
        };
        *run = read(client, id)?;
        done.n_repaired += repair(client, id, key, &item, &change, &before, run)?;
        let arrived = key.find(run).is_some_and(|now| has(now, &change));
        lost = !arrived;
        match (&change, arrived) {
            (Change::State(_), true) => checked = true,
            (Change::Text(_), true) => written = true,
            _ => {}
        }
        if let (Some(error), true) = (failed, tried + 1 == TRIES_MAX && !arrived) {
            return Err(SyncError::Failed(error));
        }
    }
    // One more look: the last attempt may have been the one that arrived.
    if let Some(item) = key.find(run)
        && let Some(parts) = block::parts(&item.description)
    {
        let says = step.complete && (parts.was_checked() || item.state == ItemState::Closed);
        if parts.with(&step.text, says) == item.description {
            if checked {
                done.checked.push(step.id.clone());
            }
            if written {
                done.written.push(step.id.clone());
            }
            return Ok(());
        }
    }
    Err(SyncError::Lost(step.id.clone()))
}

fn has(item: &Item, change: &Change) -> bool {
    match change {
        Change::State(state) => item.state == *state,
        Change::Text(text) => item.description == *text,
    }
}

fn apply(client: &Client, run: &RunId, item: &Item, change: &Change) -> Result<(), Error> {
    let (list, idx) = item.place;
    let place = format!("/checklists/{list}/item/{idx}");
    match change {
        Change::State(state) => client.tell_json(
            "check off an item",
            Method::PUT,
            run_path(run, &format!("{place}/state")),
            &StateBody { new_state: state.word() },
            Repeat::IfNotDone,
        ),
        Change::Text(text) => client.tell_json(
            "write an item's text",
            Method::PUT,
            run_path(run, &place),
            &ItemBody { title: &item.title, command: &item.command, description: text },
            Repeat::IfNotDone,
        ),
    }
}

/// Takes a change back that met another item: somebody moved items between our look and our
/// change. Gives how many were taken back.
fn repair(
    client: &Client,
    id: &RunId,
    key: &Key,
    meant: &Item,
    change: &Change,
    before: &Run,
    run: &mut Run,
) -> Result<usize, SyncError> {
    let Some(met) = run.items.iter().find(|item| item.place == meant.place).cloned() else {
        return Ok(0);
    };
    if met.id.is_empty() || key.is(run, &met) || !has(&met, change) {
        return Ok(0);
    }
    let Some(was) = before.items.iter().find(|item| item.id == met.id) else { return Ok(0) };
    let back = match change {
        Change::State(_) if was.state != met.state => Change::State(was.state),
        Change::Text(_) if was.description != met.description || was.title != met.title => {
            Change::Text(was.description.clone())
        }
        Change::State(_) | Change::Text(_) => return Ok(0),
    };
    let target = Item { place: met.place, ..was.clone() };
    apply(client, id, &target, &back).map_err(of_error)?;
    *run = read(client, id)?;
    Ok(1)
}
