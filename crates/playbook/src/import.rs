//! This playbook as a file that Mattermost Playbooks imports.
//!
//! What really reminds people decides its form: a due date alone reminds nobody, an item without
//! assignee neither, so every item belongs to the owner of the run; the reminder of status updates
//! is the only post that comes by itself, so it is switched on.

use crate::{Due, Playbook, Step, StepKind};
use serde::Serialize;

/// The version of the file that Playbooks imports.
const VERSION: u32 = 1;
/// Milliseconds of a day: due dates in the file know no business days, so a business day is one
/// day; `analyze playbook due` knows the calendar.
const DAY_MS: u64 = 86_400_000;
/// Bytes of the longest name of a category in the sidebar.
const CATEGORY_BYTES_MAX: usize = 22;

#[derive(Serialize)]
struct PlaybookFile {
    version: u32,
    title: &'static str,
    description: &'static str,
    checklists: Vec<ChecklistFile>,
    create_public_playbook_run: bool,
    channel_mode: &'static str,
    run_summary_template_enabled: bool,
    run_summary_template: &'static str,
    status_update_enabled: bool,
    reminder_message_template: &'static str,
    reminder_timer_default_seconds: u32,
    retrospective_enabled: bool,
    retrospective_reminder_interval_seconds: u32,
    retrospective_template: &'static str,
    message_on_join_enabled: bool,
    message_on_join: &'static str,
    categorize_channel_enabled: bool,
    category_name: &'static str,
    create_channel_member_on_new_participant: bool,
    remove_channel_member_on_removed_participant: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    invite_users_enabled: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invited_user_ids: Vec<String>,
    metrics: Vec<MetricFile>,
}

#[derive(Serialize)]
struct ChecklistFile {
    title: String,
    items: Vec<ItemFile>,
}

#[derive(Serialize)]
struct ItemFile {
    title: String,
    description: String,
    command: &'static str,
    due_date: u64,
    assignee_type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    task_actions: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct MetricFile {
    title: &'static str,
    description: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    target: Option<u64>,
}

const CATEGORY: &str = "MME Sev 1";
const _: () = assert!(CATEGORY.len() <= CATEGORY_BYTES_MAX);

/// The title under which it is imported and found again.
pub const PLAYBOOKS_TITLE: &str = "MME Sev 1";

/// The file, as JSON.
pub fn playbooks_file(playbook: &Playbook) -> String {
    playbooks_file_of(playbook, None)
}

/// The file for a server on which `account` (an id) will write: it takes part in each run, and its
/// posts check off steps that data completes, also where it may not write into the run. Nobody
/// else's posts do.
pub fn playbooks_file_of(playbook: &Playbook, account: Option<&str>) -> String {
    let mut checklists: Vec<ChecklistFile> = Vec::new();
    for step in &playbook.steps {
        let title = if step.checklist.is_empty() { "Steps" } else { &step.checklist };
        let item = item(step, account);
        match checklists.iter_mut().find(|checklist| checklist.title == title) {
            Some(checklist) => checklist.items.push(item),
            None => checklists.push(ChecklistFile { title: title.to_owned(), items: vec![item] }),
        }
    }
    let file = PlaybookFile {
        version: VERSION,
        title: PLAYBOOKS_TITLE,
        description: "The response to a Sev 1 outage at a customer of Mattermost Enterprise. Right after the start of a run \
                      send the first status update: only then the reminder of updates begins.",
        checklists,
        create_public_playbook_run: false,
        channel_mode: "create_new_channel",
        run_summary_template_enabled: true,
        run_summary_template: "**Customer**:\n**Impact since (UTC)**:\n**What users see**:\n**Server version**:\n**Owner, CSM, TAM, DE**:\n**Call**:",
        status_update_enabled: true,
        reminder_message_template: "**Condition**:\n**What we know (as of)**:\n**Done**:\n**Next**:\n**Needed from the customer**:\n**Anticipated resolution (a person writes it)**:",
        reminder_timer_default_seconds: 3600,
        retrospective_enabled: true,
        retrospective_template: "### Impact\n\n### Cause\n\n### Timeline\n\n### What helped, what held us up\n\n### What changes (owner, until)\n",
        retrospective_reminder_interval_seconds: 86_400,
        message_on_join_enabled: true,
        message_on_join: "Read the pinned posts first. The owner runs the checklists; unredacted customer data does not belong in this channel.",
        categorize_channel_enabled: true,
        category_name: CATEGORY,
        create_channel_member_on_new_participant: true,
        remove_channel_member_on_removed_participant: false,
        invite_users_enabled: account.is_some(),
        invited_user_ids: account.into_iter().map(str::to_owned).collect(),
        metrics: vec![
            MetricFile {
                title: "Time to mitigate",
                description: "From the start of impact until users could work again",
                kind: "metric_duration",
                target: None,
            },
            MetricFile {
                title: "Users affected",
                description: "",
                kind: "metric_integer",
                target: None,
            },
        ],
    };
    serde_json::to_string_pretty(&file).unwrap_or_default()
}

fn item(step: &Step, account: Option<&str>) -> ItemFile {
    let mut description = Vec::new();
    if !step.note.is_empty() {
        description.push(format!("_{}_", step.note));
    }
    if !step.person.is_empty() {
        description.push(format!("**A person:** {}", step.person));
    }
    if !step.gives.is_empty() {
        description.push(format!("**Supplied:** {}", step.gives));
    }
    if step.optional {
        description.push("A person may skip it, with the reason.".to_owned());
    }
    if step.due.is_some_and(|due| due.minutes == 0) {
        description.push(
            "The due date here counts days from the start of the run; `analyze playbook due` counts business days from the resolution."
                .to_owned(),
        );
    }
    // By it the item is found, whatever its title becomes.
    description.push(format!("Step `{}`", step.id));
    ItemFile {
        title: step.title.clone(),
        description: description.join("\n\n"),
        command: if step.draft == "customer-update" || step.draft == "first-reply" {
            "/playbook update"
        } else {
            ""
        },
        due_date: step.due.as_ref().map_or(0, due_ms),
        assignee_type: "owner",
        task_actions: account
            .filter(|_| step.kind == StepKind::Filled)
            .map(|account| keyword_action(&step.id, account))
            .into_iter()
            .collect(),
    }
}

/// The word that checks off the item of a step, in a post of the importing account.
pub fn completed_keyword(step: &str) -> String {
    format!("analyze-completed-{step}")
}

/// Payloads are JSON within JSON.
fn keyword_action(step: &str, account: &str) -> serde_json::Value {
    let words = serde_json::json!({"keywords": [completed_keyword(step)], "user_ids": [account]});
    let done = serde_json::json!({"enabled": true});
    serde_json::json!({
        "trigger": {"type": "keywords_by_users", "payload": words.to_string()},
        "actions": [{"type": "mark_item_as_done", "payload": done.to_string()}],
    })
}

/// Milliseconds from the start of the run.
fn due_ms(due: &Due) -> u64 {
    match due.minutes {
        0 => u64::from(due.business_days) * DAY_MS,
        minutes => u64::from(minutes) * 60_000,
    }
}

#[cfg(test)]
mod tests;
