//! Runs of jobs, as `jobs.yaml` and the flat file of early eras list them.

use crate::layout::Member;
use crate::moment;
use crate::tree::{Tree, pointer};
use crate::{Job, Scalar};
use chrono::{DateTime, Utc};
use model::{Issues, Place};

/// Runs of one packet. The server writes five of each of eight kinds.
const JOBS_MAX: usize = 10_000;

/// Values of one run's data.
const DATA_MAX: usize = 100;

/// Reads all lists whose name ends in `_jobs`.
///
/// - Output: one record for each run, in the order of the file (newest first of each kind).
///   Times are read in all three forms; 1970 is no time.
/// - Issues: an entry that is no run; a time that cannot be read; runs beyond [`JOBS_MAX`].
pub(crate) fn read(root: &Tree, member: &Member, issues: &mut Issues) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (list, value) in root.entries() {
        let Some(list_kind) = list.strip_suffix("_jobs") else { continue };
        let at_list = pointer("", list);
        if matches!(value, Tree::Cut | Tree::Map(_)) {
            issues.add("a list of jobs cannot be read", at_list.clone(), 1);
        }
        for (idx, entry) in value.items().iter().enumerate() {
            let location = pointer(&at_list, &idx.to_string());
            if jobs.len() >= JOBS_MAX {
                issues.add("too many jobs: the rest is left out", location, 1);
                continue;
            }
            if entry.entries().is_empty() {
                issues.add("an entry is no job", location, 1);
                continue;
            }
            let place = Place { source: member.source.clone(), location };
            jobs.push(job(entry, list_kind, place, issues));
        }
    }
    jobs
}

fn job(entry: &Tree, list_kind: &str, place: Place, issues: &mut Issues) -> Job {
    let text = |name| entry.get(name).and_then(Tree::text);
    let int = |name| entry.get(name).and_then(Tree::int);
    // Early eras wrote Go's names in lower case, without the underscores.
    let mut at = |name: &str, older: &str| {
        let value = entry.get(name).or_else(|| entry.get(older))?;
        moment_of(value).unwrap_or_else(|moment::NotAMoment| {
            issues.add("a time of a job cannot be read", place.location.clone(), 0);
            None
        })
    };
    let created_at = at("create_at", "createat");
    let started_at = at("start_at", "startat");
    let last_activity_at = at("last_activity_at", "lastactivityat");
    let mut data = Vec::new();
    let mut error = None;
    for (name, value) in entry.get("data").map(Tree::entries).unwrap_or_default() {
        let Some(value) = value.text() else { continue };
        if name == "error" {
            error = Some(value.into());
        } else if data.len() < DATA_MAX {
            data.push((name.clone(), value.into()));
        }
    }
    Job {
        kind: text("type").unwrap_or_else(|| list_kind.to_owned()),
        id: text("id").unwrap_or_default().into(),
        status: text("status").unwrap_or_default(),
        priority: int("priority"),
        created_at,
        started_at,
        last_activity_at,
        progress: int("progress"),
        error,
        data,
        place,
    }
}

/// A time in any form; no value is no time.
pub(crate) fn moment_of(value: &Tree) -> Result<Option<DateTime<Utc>>, moment::NotAMoment> {
    match value {
        Tree::Leaf(Scalar::Null) => Ok(None),
        Tree::Leaf(Scalar::Int(ms)) => moment::millis(*ms),
        Tree::Leaf(Scalar::Text(text)) => moment::text(text.untrusted()),
        Tree::Leaf(_) | Tree::List(_) | Tree::Map(_) | Tree::Cut => Err(moment::NotAMoment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    fn jobs(text: &str) -> (Vec<Job>, Issues) {
        let mut issues = Issues::default();
        let jobs = read(&yaml(text.as_bytes()).root, &Member::default(), &mut issues);
        (jobs, issues)
    }

    #[test]
    fn both_forms_of_a_job_give_the_same() {
        let (newer, _) = jobs(
            "ldap_sync_jobs:\n- id: a\n  type: ldap_sync\n  priority: 0\n  create_at: \"2023-03-07T14:00:03.181+02:00\"\n  start_at: \"1970-01-01T02:00:00+02:00\"\n  last_activity_at: \"2023-03-07T12:00:35.641Z\"\n  status: success\n  progress: 100\n  data: {}\n",
        );
        let (older, _) = jobs(
            "ldap_sync_jobs:\n- id: a\n  type: ldap_sync\n  priority: 0\n  createat: 1678190403181\n  startat: 0\n  lastactivityat: 1678190435641\n  status: success\n  progress: 100\n  data: {}\n",
        );
        assert_eq!(newer, older);
        assert_eq!(newer[0].started_at, None);
        assert_eq!(newer[0].created_at.unwrap().timestamp_millis(), 1_678_190_403_181);
    }

    #[test]
    fn an_error_stands_apart_from_the_data() {
        let (jobs, _) = jobs(
            "message_export_jobs:\n- id: a\n  status: error\n  progress: -1\n  data:\n    error: \"boom — why — cause\"\n    batch: \"7\"\n",
        );
        assert_eq!(jobs[0].error.as_ref().unwrap().untrusted(), "boom — why — cause");
        assert_eq!(jobs[0].data.len(), 1);
        assert_eq!(jobs[0].progress, Some(-1));
        assert_eq!(jobs[0].kind, "message_export");
    }

    #[test]
    fn empty_lists_are_no_jobs_and_no_issue() {
        let (jobs, issues) = jobs("a_jobs: []\nb_jobs: null\nc_jobs:\n");
        assert!(jobs.is_empty() && issues.is_empty());
    }

    #[test]
    fn a_broken_entry_loses_itself_alone() {
        let (jobs, issues) = jobs("a_jobs:\n- nothing\n- id: b\n  create_at: soon\n");
        assert_eq!(jobs.len(), 1);
        assert_eq!(jobs[0].created_at, None);
        assert_eq!(issues.skipped(), 1);
        assert_eq!(issues.iter().count(), 2);
    }
}
