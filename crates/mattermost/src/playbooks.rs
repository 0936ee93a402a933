//! Playbooks: the run of the incident, its checklists, its reminder and its timeline.
//!
//! The plugin answers under `/plugins/playbooks/api/v0`. It loads and rewrites a whole run for
//! each change and checks no version, so that two changes at once lose one: here one change is
//! made at a time, the run is read again after each, and a change that is not there is made again.
//! Items are addressed by their place; they are found by their id, and a change that met another
//! item, because a person moved one meanwhile, is taken back.

mod block;
mod find;
mod keywords;
mod matching;
mod start;
mod sync;
mod wire;

pub use find::RunFound;
pub use start::{StartSpec, Started};
pub use sync::{LeftAlone, SyncError, Synced, sync};
pub use wire::{Item, ItemState, Run, RunLine};

use crate::ids::RunId;
use crate::server::Version;
use text::Markdown;

/// The plugin's id.
pub const PLUGIN: &str = "playbooks";

/// From this version on a bot that takes part in a run may write into it; before, only as the
/// owner of the run or as an administrator of the system. The line 2.x began with 2.1.
const BOTS_SINCE: [Version; 2] =
    [Version { major: 1, minor: 41, patch: 0 }, Version { major: 2, minor: 1, patch: 0 }];

/// Whether a bot that takes part in a run may write into it, with that version of the plugin.
pub fn bots_may_take_part(version: Version) -> bool {
    BOTS_SINCE.iter().any(|since| version >= *since && version.major == since.major)
        || version.major > 2
}

/// What a step of the playbook says, for its item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepText {
    /// The step's id.
    pub id: String,
    /// Its title, by which an item is found that does not name the id.
    pub title: String,
    /// What the data says.
    pub text: Markdown,
    /// Whether the data completes it: only then its item is checked off.
    pub complete: bool,
}

/// A path of the plugin's API.
fn path(rest: &str) -> String {
    format!("/plugins/{PLUGIN}/api/v0{rest}")
}

fn run_path(run: &RunId, rest: &str) -> String {
    path(&format!("/runs/{run}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_take_part_since_two_releases() {
        for (version, may) in
            [("1.39.4", false), ("1.41.0", true), ("2.0.1", false), ("2.1.0", true), ("3.0", true)]
        {
            assert_eq!(
                bots_may_take_part(Version::parse(version).expect(version)),
                may,
                "{version}"
            );
        }
    }
}
