use super::*;
use serde_json::Value;

fn file() -> Value {
    serde_json::from_str(&playbooks_file(Playbook::shipped())).unwrap()
}

fn items(file: &Value) -> Vec<&Value> {
    let checklists = file["checklists"].as_array().unwrap();
    checklists.iter().flat_map(|checklist| checklist["items"].as_array().unwrap()).collect()
}

#[test]
fn every_step_is_an_item_in_the_order_of_the_playbook() {
    let file = file();
    let titles: Vec<&str> =
        items(&file).iter().map(|item| item["title"].as_str().unwrap()).collect();
    let steps: Vec<&str> =
        Playbook::shipped().steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(titles, steps);
}

#[test]
fn the_file_keeps_the_rules_of_the_import() {
    let file = file();
    assert_eq!(file["version"], 1, "others are refused");
    assert!(file.get("id").is_none(), "an id is refused");
    assert!(file["category_name"].as_str().unwrap().len() <= 22);
    assert!(file["reminder_timer_default_seconds"].as_u64().unwrap() > 0);
    assert!(
        ["create_new_channel", "link_existing_channel"]
            .contains(&file["channel_mode"].as_str().unwrap())
    );
    let metrics = file["metrics"].as_array().unwrap();
    assert!(metrics.len() <= 4);
    for metric in metrics {
        let kind = metric["type"].as_str().unwrap();
        assert!(["metric_duration", "metric_currency", "metric_integer"].contains(&kind));
    }
    for item in items(&file) {
        let command = item["command"].as_str().unwrap();
        assert!(command.is_empty() || command.starts_with('/'));
        for forbidden in ["state", "assignee_id", "task_actions", "id"] {
            assert!(item.get(forbidden).is_none(), "{forbidden}");
        }
    }
    assert!(playbooks_file(Playbook::shipped()).len() < 5_000_000);
}

#[test]
fn every_item_belongs_to_the_owner_since_others_remind_nobody() {
    assert!(items(&file()).iter().all(|item| item["assignee_type"] == "owner"));
}

#[test]
fn updates_to_the_customer_are_reminded_every_hour() {
    let file = file();
    assert_eq!(
        (&file["status_update_enabled"], &file["reminder_timer_default_seconds"]),
        (&true.into(), &3600.into())
    );
}

#[test]
fn due_dates_are_relative_to_the_start_of_the_run() {
    let file = file();
    let due: Vec<u64> = items(&file)
        .iter()
        .filter_map(|item| item["due_date"].as_u64())
        .filter(|due| *due > 0)
        .collect();
    assert_eq!(due, [3_600_000, 86_400_000, 86_400_000, 172_800_000, 259_200_000]);
}

#[test]
fn a_step_of_a_users_playbook_without_checklist_is_kept() {
    let playbook = Playbook::parse(
        "version = 1\n[[step]]\nnumber = 1\nid = \"ours\"\ntitle = \"Call the plumber\"\nkind = \"tracked\"\n",
    )
    .unwrap();
    let file: Value = serde_json::from_str(&playbooks_file(&playbook)).unwrap();
    assert_eq!(file["checklists"][0]["items"][0]["title"], "Call the plumber");
}

#[test]
fn the_account_that_imports_it_may_check_off_by_a_word_and_nobody_else() {
    let file: Value = serde_json::from_str(&playbooks_file_of(
        Playbook::shipped(),
        Some("abcdefghijklmnopqrstuvwxyz"),
    ))
    .unwrap();
    assert_eq!(file["invited_user_ids"][0], "abcdefghijklmnopqrstuvwxyz");
    let steps = &Playbook::shipped().steps;
    for (item, step) in items(&file).iter().zip(steps) {
        let actions = item.get("task_actions").and_then(Value::as_array);
        assert_eq!(actions.is_some(), step.kind == StepKind::Filled, "{}", step.id);
        for action in actions.into_iter().flatten() {
            assert_eq!(action["trigger"]["type"], "keywords_by_users");
            let payload = action["trigger"]["payload"].as_str().unwrap();
            let payload: Value = serde_json::from_str(payload).unwrap();
            assert_eq!(payload["user_ids"], serde_json::json!(["abcdefghijklmnopqrstuvwxyz"]));
            assert_eq!(payload["keywords"], serde_json::json!([completed_keyword(&step.id)]));
            assert_eq!(action["actions"][0]["payload"], "{\"enabled\":true}");
        }
        assert!(item["description"].as_str().unwrap().contains(&format!("`{}`", step.id)));
    }
}
