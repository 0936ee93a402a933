//! The plugin, and the run of a channel.

use super::wire::{Run, RunLine, WireRun, WireRuns};
use super::{PLUGIN, path, run_path};
use crate::client::Client;
use crate::ids::{ChannelId, RunId};
use crate::server::Version;
use crate::{Error, ErrorId};

/// Pages of runs that are looked through: version 1.39 gives the runs of all channels.
const PAGES_MAX: usize = 40;
/// Runs of a page.
const PAGE_RUNS: usize = 50;

/// What a channel has.
#[derive(Clone, Debug, PartialEq)]
pub enum RunFound {
    /// One run that goes on.
    One(Box<Run>),
    /// No run.
    None,
    /// Several that go on: which is meant has to be said.
    Several(Vec<RunLine>),
    /// Only a finished one.
    Finished(RunLine),
    /// The server has no Playbooks.
    NoPlugin,
    /// The account may not see runs here.
    NotAllowed(Error),
}

impl Client {
    /// The version of Playbooks; `None` when the server has none, or does not tell.
    pub fn playbooks_version(&self) -> Result<Option<Version>, Error> {
        match self.plugins() {
            Ok(plugins) => Ok(plugins
                .iter()
                .find(|plugin| plugin.id.as_str() == PLUGIN)
                .and_then(|plugin| plugin.version)),
            Err(error) if matches!(error.status(), Some(401 | 403 | 404 | 501)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A run by its id.
    pub fn run(&self, id: &RunId) -> Result<Run, Error> {
        Ok(self.get::<WireRun>("read the run", run_path(id, ""))?.run())
    }

    /// The run of a channel.
    ///
    /// The list of runs is asked and filtered here: version 1.39 ignores the channel in the
    /// question, and the question for the one run of a channel counts finished ones as well.
    pub fn find_run(&self, channel: &ChannelId) -> Result<RunFound, Error> {
        let going = match self.runs_of(channel, "&statuses=InProgress") {
            Ok(runs) => runs,
            Err(error) => return not_there(error),
        };
        let going: Vec<WireRun> = going.into_iter().filter(|run| !run.is_finished()).collect();
        match going.as_slice() {
            [] => {}
            [one] => return Ok(RunFound::One(Box::new(self.run(&one.line().id)?))),
            several => return Ok(RunFound::Several(several.iter().map(WireRun::line).collect())),
        }
        let all = match self.runs_of(channel, "") {
            Ok(runs) => runs,
            Err(error) => return not_there(error),
        };
        Ok(all.last().map_or(RunFound::None, |run| RunFound::Finished(run.line())))
    }

    pub(super) fn runs_of(&self, channel: &ChannelId, more: &str) -> Result<Vec<WireRun>, Error> {
        let mut found = Vec::new();
        for page in 0..PAGES_MAX {
            let rest = format!("/runs?channel_id={channel}&page={page}&per_page={PAGE_RUNS}{more}");
            let runs: WireRuns = self.get("look for the run of the channel", path(&rest))?;
            let has_more = runs.has_more && !runs.items.is_empty();
            found.extend(runs.items.into_iter().filter(|run| run.channel_id == channel.as_str()));
            if !has_more {
                break;
            }
        }
        Ok(found)
    }
}

/// What a refusal to list runs means.
fn not_there(error: Error) -> Result<RunFound, Error> {
    match (error.status(), error.id()) {
        (Some(404 | 501), _) => Ok(RunFound::NoPlugin),
        (Some(403), _) | (_, Some(ErrorId::Forbidden)) => Ok(RunFound::NotAllowed(error)),
        _ => Err(error),
    }
}
