//! Starting the run of an incident: the playbook, the run with its channel, who takes part, the
//! reminder, the timeline.

use super::wire::{Run, RunLine, WireRun, WireRuns};
use super::{path, run_path};
use crate::client::Client;
use crate::ids::{ChannelId, PlaybookId, PostId, RunId, TeamId, UserId, list_or_null};
use crate::people::User;
use crate::retry::Repeat;
use crate::transport::escaped;
use crate::{Error, Fault};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use ureq::http::Method;

/// Pages of playbooks and runs that are looked through.
const PAGES_MAX: usize = 20;
/// Playbooks and runs of a page.
const PER_PAGE: usize = 50;

/// A run to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartSpec {
    /// The team.
    pub team: TeamId,
    /// The title of the playbook, by which it is found or imported.
    pub title: String,
    /// The playbook as a file of the import, for when the team has none of that title.
    pub file: String,
    /// The run's name: a run of that name that goes on is taken, not doubled.
    pub name: String,
    /// Who owns it.
    pub owner: UserId,
}

/// A run that was started or found.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    /// The run.
    pub run: Run,
    /// Whether the playbook was imported now.
    pub imported: bool,
    /// Whether the run was there.
    pub was_there: bool,
}

#[derive(Deserialize)]
struct WirePlaybooks {
    #[serde(default)]
    has_more: bool,
    #[serde(default, deserialize_with = "list_or_null")]
    items: Vec<WirePlaybook>,
}

#[derive(Deserialize)]
struct WirePlaybook {
    id: PlaybookId,
    #[serde(default)]
    title: String,
    #[serde(default)]
    delete_at: i64,
}

#[derive(Deserialize)]
struct Made<T> {
    id: T,
}

#[derive(Deserialize)]
struct WireTeam {
    id: TeamId,
}

#[derive(Serialize)]
struct NewRun<'a> {
    name: &'a str,
    owner_user_id: &'a UserId,
    team_id: &'a TeamId,
    playbook_id: &'a PlaybookId,
    create_public_run: bool,
}

impl Client {
    /// The team of a name.
    pub fn team(&self, name: &str) -> Result<TeamId, Error> {
        let path = format!("/api/v4/teams/name/{}", escaped(name));
        Ok(self.get::<WireTeam>("find the team", path)?.id)
    }

    /// Starts a run, or takes the one of that name that goes on: a run whose making was not
    /// answered is found and not made twice.
    pub fn start_run(&self, spec: &StartSpec) -> Result<Started, Error> {
        let (playbook, imported) = match self.playbook_titled(spec)? {
            Some(id) => (id, false),
            None => (self.import_playbook(spec)?, true),
        };
        if let Some(line) = self.run_named(spec, &playbook)? {
            return Ok(Started { run: self.run(&line.id)?, imported, was_there: true });
        }
        let new = NewRun {
            name: &spec.name,
            owner_user_id: &spec.owner,
            team_id: &spec.team,
            playbook_id: &playbook,
            create_public_run: false,
        };
        let made = self.send_json::<Made<RunId>>(
            "start the run",
            Method::POST,
            path("/runs"),
            &new,
            Repeat::IfNotDone,
        );
        let id = match made {
            Ok(made) => made.id,
            Err(error) if error.is_not_sent() => return Err(error),
            Err(error) => match self.run_named(spec, &playbook)? {
                Some(line) => line.id,
                None => return Err(error),
            },
        };
        Ok(Started { run: self.run(&id)?, imported, was_there: false })
    }

    fn playbook_titled(&self, spec: &StartSpec) -> Result<Option<PlaybookId>, Error> {
        for page in 0..PAGES_MAX {
            let rest = format!(
                "/playbooks?team_id={}&search_term={}&page={page}&per_page={PER_PAGE}",
                spec.team,
                escaped(&spec.title)
            );
            let found: WirePlaybooks = self.get("look for the playbook", path(&rest))?;
            let has_more = found.has_more && !found.items.is_empty();
            let mut titled =
                found.items.into_iter().filter(|it| it.title == spec.title && it.delete_at == 0);
            if let Some(playbook) = titled.next() {
                return Ok(Some(playbook.id));
            }
            if !has_more {
                break;
            }
        }
        Ok(None)
    }

    fn import_playbook(&self, spec: &StartSpec) -> Result<PlaybookId, Error> {
        const DOING: &str = "import the playbook";
        let file: Json = serde_json::from_str(&spec.file)
            .map_err(|_| Error::new(DOING, Fault::Answer("the playbook is no JSON")))?;
        let rest = format!("/playbooks/import?team_id={}", spec.team);
        let made = self.send_json::<Made<PlaybookId>>(
            DOING,
            Method::POST,
            path(&rest),
            &file,
            Repeat::IfNotDone,
        );
        match made {
            Ok(made) => Ok(made.id),
            Err(error) if error.is_not_sent() => Err(error),
            // Whether it was imported is not known: look again.
            Err(error) => self.playbook_titled(spec)?.ok_or(error),
        }
    }

    fn run_named(&self, spec: &StartSpec, playbook: &PlaybookId) -> Result<Option<RunLine>, Error> {
        for page in 0..PAGES_MAX {
            let rest = format!(
                "/runs?team_id={}&playbook_id={playbook}&statuses=InProgress&page={page}&per_page={PER_PAGE}",
                spec.team
            );
            let runs: WireRuns = self.get("look for the run", path(&rest))?;
            let has_more = runs.has_more && !runs.items.is_empty();
            let named = |run: &&WireRun| run.raw_name() == spec.name && !run.is_finished();
            if let Some(run) = runs.items.iter().find(named) {
                return Ok(Some(run.line()));
            }
            if !has_more {
                break;
            }
        }
        Ok(None)
    }

    /// Adds an account to a channel; one that is there stays.
    pub fn add_to_channel(&self, channel: &ChannelId, user: &UserId) -> Result<(), Error> {
        let path = format!("/api/v4/channels/{channel}/members");
        let body = json!({"user_id": user});
        self.tell_json("invite to the channel", Method::POST, path, &body, Repeat::Safe)
    }

    /// Adds accounts to those who take part in a run, and to its channel. Only who takes part, owns
    /// the run or administers the system may.
    pub fn add_to_run(&self, run: &RunId, users: &[UserId]) -> Result<(), Error> {
        const DOING: &str = "add to the run";
        // No other way in the plugin's interface; it needs the name of the operation.
        let query = "mutation AddRunParticipants($r:String!,$u:[String!]!){addRunParticipants(runID:$r,userIDs:$u,forceAddToChannel:true)}";
        let body = json!({
            "operationName": "AddRunParticipants",
            "query": query,
            "variables": {"r": run, "u": users},
        });
        let answer: Json =
            self.send_json(DOING, Method::POST, path("/query"), &body, Repeat::Safe)?;
        // Refusals come with a status of success.
        match answer.get("errors").and_then(Json::as_array) {
            Some(errors) if !errors.is_empty() => {
                Err(Error::new(DOING, Fault::Answer("the plugin refused it")))
            }
            _ => Ok(()),
        }
    }

    /// Sets the reminder of status updates; without it none comes before the first update.
    pub fn remind(&self, run: &RunId, seconds: u64) -> Result<(), Error> {
        let body = json!({"new_reminder_seconds": seconds});
        self.tell_json(
            "set the reminder",
            Method::POST,
            run_path(run, "/reminder"),
            &body,
            Repeat::Safe,
        )
    }

    /// Puts a post on the timeline of a run, once.
    pub fn add_to_timeline(
        &self,
        run: &Run,
        me: &User,
        post: &PostId,
        summary: &'static str,
    ) -> Result<bool, Error> {
        if run.timeline.contains(post) {
            return Ok(false);
        }
        // The dialog's own form: what it keeps is JSON within JSON.
        let body = json!({
            "user_id": me.id,
            "submission": {"playbook_run": run.id, "summary": summary},
            "state": json!({"post_id": post}).to_string(),
        });
        self.tell_json(
            "add to the timeline",
            Method::POST,
            path("/runs/add-to-timeline-dialog"),
            &body,
            Repeat::IfNotDone,
        )?;
        Ok(true)
    }
}
