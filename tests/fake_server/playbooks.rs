//! Playbooks: the plugin's routes lie under `/plugins/playbooks/api/v0`. What was observed on
//! version 1.39.4 and read in the source of newer ones.

use super::http::{Request, Response};
use super::{Account, State, id};
use serde_json::{Value as Json, json};

/// A version of the plugin and what is other in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PluginRelease {
    pub(crate) version: &'static str,
    /// Whether a bot that takes part may write.
    pub(crate) bots: bool,
    /// Whether the list of runs is filtered by channel.
    pub(crate) filters_channel: bool,
    /// Whether a finished run takes no change.
    pub(crate) keeps_finished: bool,
}

/// The versions that differ.
pub(crate) static PLUGINS: &[PluginRelease] = &[
    PluginRelease { version: "1.39.4", bots: false, filters_channel: false, keeps_finished: false },
    PluginRelease { version: "1.41.0", bots: true, filters_channel: true, keeps_finished: false },
    PluginRelease { version: "2.8.0", bots: true, filters_channel: true, keeps_finished: true },
];

/// An item of a checklist.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FakeItem {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) command: String,
    pub(crate) state: String,
    /// Words that check it off, and whose: empty for anybody's.
    pub(crate) keywords: Vec<(String, Vec<String>)>,
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FakeRun {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) channel: String,
    pub(crate) playbook: String,
    pub(crate) owner: String,
    pub(crate) participants: Vec<String>,
    pub(crate) finished: bool,
    pub(crate) checklists: Vec<Vec<FakeItem>>,
    pub(crate) timeline: Vec<String>,
    pub(crate) reminder_s: u64,
}

/// What a person does to a run.
pub(crate) type Act = fn(&mut FakeRun);

/// What the plugin knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Playbooks {
    pub(crate) runs: Vec<FakeRun>,
    /// Id, title and file.
    pub(crate) playbooks: Vec<(String, String, Json)>,
    pub(crate) licensed: bool,
    /// How many of the next changes of items are answered and lost.
    pub(crate) lose: usize,
    /// How many changes of items were asked for.
    pub(crate) n_changes: usize,
    /// What a person does before the change of that number.
    pub(crate) meanwhile: Vec<(usize, Act)>,
}

impl Playbooks {
    /// A run in the channel, with items of these titles in one checklist.
    pub(crate) fn add_run(&mut self, channel: &str, name: &str, titles: &[&str]) -> &mut FakeRun {
        let n = self.runs.len() + 1;
        let items = titles.iter().enumerate().map(|(idx, title)| FakeItem {
            id: id("item", n * 100 + idx),
            title: (*title).to_owned(),
            ..FakeItem::default()
        });
        self.runs.push(FakeRun {
            id: id("run", n),
            name: name.to_owned(),
            channel: channel.to_owned(),
            owner: id("owner", 1),
            checklists: vec![items.collect()],
            ..FakeRun::default()
        });
        self.runs.last_mut().expect("it was pushed")
    }
}

fn release(state: &State) -> Option<PluginRelease> {
    let (_, version) = state.plugins.iter().find(|(id, _)| *id == "playbooks")?;
    PLUGINS.iter().find(|it| it.version == *version).copied()
}

fn error(status: u16, message: &str) -> Response {
    Response::json(status, &json!({"error": message}))
}

fn failed() -> Response {
    error(500, "An internal error has occurred. Check app server logs for details.")
}

/// A post may hold words that check off items.
pub(super) fn posted(state: &mut State, user: &str, message: &str) {
    if release(state).is_none() {
        return;
    }
    let channel = state.channel.clone();
    for run in state.playbooks.runs.iter_mut().filter(|run| run.channel == channel) {
        for item in run.checklists.iter_mut().flatten() {
            let meant = item.keywords.iter().any(|(word, users)| {
                message.contains(word) && (users.is_empty() || users.iter().any(|it| it == user))
            });
            if meant {
                item.state = "closed".to_owned();
            }
        }
    }
}

pub(super) fn route(state: &mut State, request: &Request) -> Option<Response> {
    let rest = request.path.strip_prefix("/plugins/playbooks/")?;
    let Some(release) = release(state) else {
        return Some(Response::text(404, "text/plain", "404 page not found\n"));
    };
    let Some(account) = state.account(request) else {
        return Some(Response::text(401, "text/plain", "Not authorized"));
    };
    let parts: Vec<&str> = rest.strip_prefix("api/v0/").unwrap_or("-").split('/').collect();
    let body = request.json();
    Some(match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["runs"]) => runs(state, release, request),
        ("GET", ["runs", "channel", channel]) => of_channel(state, channel),
        ("GET", ["runs", run]) => match find(state, run) {
            Some(found) => Response::json(200, &wire(found)),
            None => error(404, "Not found"),
        },
        ("POST", ["runs", "add-to-timeline-dialog"]) => timeline(state, &account, &body),
        ("POST", ["runs"]) => start(state, &account, &body),
        ("POST", ["runs", run, "reminder"]) => remind(state, release, &account, run, &body),
        ("PUT", ["runs", run, "checklists", list, "item", idx, what @ ..]) => {
            change(state, release, &account, &[run, list, idx], what, &body)
        }
        ("GET", ["playbooks"]) => {
            let items: Vec<Json> = state
                .playbooks
                .playbooks
                .iter()
                .filter(|(_, title, _)| title.contains(request.asked("search_term")))
                .map(|(id, title, _)| json!({"id": id, "title": title, "delete_at": 0}))
                .collect();
            Response::json(200, &json!({"has_more": false, "items": items}))
        }
        ("POST", ["playbooks", "import"]) => import(state, request, &body),
        ("POST", ["query"]) => query(state, release, &account, &body),
        _ => error(404, "Not found"),
    })
}

fn find<'s>(state: &'s State, id: &str) -> Option<&'s FakeRun> {
    state.playbooks.runs.iter().find(|run| run.id == id)
}

fn wire(run: &FakeRun) -> Json {
    let checklists: Vec<Json> = run
        .checklists
        .iter()
        .map(|items| {
            let items: Vec<Json> = items
                .iter()
                .map(|item| {
                    json!({"id": item.id, "title": item.title, "description": item.description,
                           "command": item.command, "state": item.state, "assignee_id": "",
                           "due_date": 0})
                })
                .collect();
            json!({"id": "", "title": "Steps", "items": items})
        })
        .collect();
    let events: Vec<Json> =
        run.timeline.iter().map(|post| json!({"post_id": post, "delete_at": 0})).collect();
    json!({"id": run.id, "name": run.name, "channel_id": run.channel, "playbook_id": run.playbook,
           "current_status": if run.finished { "Finished" } else { "InProgress" },
           "owner_user_id": run.owner, "participant_ids": run.participants,
           "previous_reminder": run.reminder_s * 1_000_000_000, "timeline_events": events,
           "checklists": checklists})
}

fn runs(state: &State, release: PluginRelease, request: &Request) -> Response {
    let number = |key: &str, default: usize| request.asked(key).parse().unwrap_or(default);
    let (page, per_page) = (number("page", 0), number("per_page", 1000));
    let (channel, playbook) = (request.asked("channel_id"), request.asked("playbook_id"));
    let found: Vec<&FakeRun> = state
        .playbooks
        .runs
        .iter()
        .filter(|run| request.asked("statuses") != "InProgress" || !run.finished)
        .filter(|run| !release.filters_channel || channel.is_empty() || run.channel == channel)
        .filter(|run| playbook.is_empty() || run.playbook == playbook)
        .collect();
    let items: Vec<Json> =
        found.iter().skip(page * per_page).take(per_page).map(|run| wire(run)).collect();
    let has_more = found.len() > (page + 1) * per_page;
    Response::json(
        200,
        &json!({"total_count": found.len(), "page_count": found.len().div_ceil(per_page.max(1)),
                "has_more": has_more, "items": items}),
    )
}

fn of_channel(state: &State, channel: &str) -> Response {
    let found: Vec<&FakeRun> =
        state.playbooks.runs.iter().filter(|run| run.channel == channel).collect();
    match found.as_slice() {
        [] => error(404, "Not found"),
        [run] => Response::json(200, &wire(run)),
        _ => error(400, "multiple runs in the channel"),
    }
}

/// Why an account may not change a run; `None`: it may.
fn refusal(release: PluginRelease, account: &Account, run: &FakeRun) -> Option<Response> {
    let takes_part = run.participants.contains(&account.id) && (release.bots || !account.bot);
    if run.owner != account.id && !takes_part {
        return Some(error(403, "Not authorized"));
    }
    (run.finished && release.keeps_finished).then(|| error(400, "cannot modify a finished run"))
}

fn change(
    state: &mut State,
    release: PluginRelease,
    account: &Account,
    place: &[&str; 3],
    what: &[&str],
    body: &Json,
) -> Response {
    let plugin = &mut state.playbooks;
    let n = plugin.n_changes;
    plugin.n_changes += 1;
    let meanwhile: Vec<Act> =
        plugin.meanwhile.iter().filter(|(at, _)| *at == n).map(|(_, act)| *act).collect();
    let Some(run) = plugin.runs.iter_mut().find(|run| run.id == place[0]) else {
        return error(404, "Not found");
    };
    for act in meanwhile {
        act(run);
    }
    if let Some(refused) = refusal(release, account, run) {
        return refused;
    }
    let index = |text: &str| text.parse::<usize>().unwrap_or(usize::MAX);
    let item = run.checklists.get_mut(index(place[1])).and_then(|it| it.get_mut(index(place[2])));
    // A place that is not there is no 400.
    let Some(item) = item else { return failed() };
    let lost = plugin.lose > 0;
    plugin.lose = plugin.lose.saturating_sub(1);
    match what {
        ["state"] => {
            let new = body["new_state"].as_str().unwrap_or("-").to_owned();
            if !["", "closed", "in_progress", "skipped"].contains(&new.as_str()) {
                return error(400, "bad parameter new state");
            }
            if !lost {
                item.state = new;
            }
        }
        [] => {
            // What is left out is emptied.
            let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
            if !lost {
                item.title = text("title");
                item.description = text("description");
                item.command = text("command");
            }
        }
        _ => return error(404, "Not found"),
    }
    Response::json(200, &json!({}))
}

fn remind(
    state: &mut State,
    release: PluginRelease,
    account: &Account,
    run: &str,
    body: &Json,
) -> Response {
    let Some(run) = state.playbooks.runs.iter_mut().find(|it| it.id == run) else {
        return error(404, "Not found");
    };
    if let Some(refused) = refusal(release, account, run) {
        return refused;
    }
    match body["new_reminder_seconds"].as_u64() {
        Some(seconds) if seconds > 0 => {
            run.reminder_s = seconds;
            Response::json(204, &json!({}))
        }
        _ => error(400, "reminder must be positive"),
    }
}

fn timeline(state: &mut State, account: &Account, body: &Json) -> Response {
    if !state.playbooks.licensed {
        return error(403, "timeline feature is not covered by current server license");
    }
    let dialog: Json =
        serde_json::from_str(body["state"].as_str().unwrap_or_default()).unwrap_or_default();
    let (Some(post), Some(run)) =
        (dialog["post_id"].as_str(), body["submission"]["playbook_run"].as_str())
    else {
        return error(400, "bad request");
    };
    if body["user_id"] != json!(account.id) {
        return error(403, "Not authorized");
    }
    match state.playbooks.runs.iter_mut().find(|it| it.id == run) {
        Some(run) => {
            run.timeline.push(post.to_owned());
            Response::json(200, &json!({}))
        }
        None => error(404, "Not found"),
    }
}

fn import(state: &mut State, request: &Request, body: &Json) -> Response {
    if request.asked("team_id").is_empty() {
        return error(403, "Not authorized");
    }
    if body["version"] != json!(1) {
        return error(400, "Unsupported import version");
    }
    if body.get("id").is_some() {
        return error(400, "given playbook already has ID");
    }
    if body["category_name"].as_str().unwrap_or_default().len() > 22 {
        return error(400, "invalid category name");
    }
    for item in body["checklists"].as_array().into_iter().flatten() {
        for item in item["items"].as_array().into_iter().flatten() {
            for action in item["task_actions"].as_array().into_iter().flatten() {
                let trigger = &action["trigger"];
                let payload: Json =
                    serde_json::from_str(trigger["payload"].as_str().unwrap_or_default())
                        .unwrap_or_default();
                let fits = trigger["type"] == "keywords_by_users"
                    && payload["keywords"].is_array()
                    && action["actions"][0]["type"] == "mark_item_as_done"
                    && action["actions"][0]["payload"].is_string();
                if !fits {
                    return error(400, "invalid task actions");
                }
            }
        }
    }
    let id = state.new_id("playbook");
    let title = body["title"].as_str().unwrap_or_default().to_owned();
    state.playbooks.playbooks.push((id.clone(), title, body.clone()));
    Response::json(201, &json!({"id": id}))
}

fn start(state: &mut State, account: &Account, body: &Json) -> Response {
    let words = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let known = state.playbooks.playbooks.iter().find(|(id, ..)| *id == words("playbook_id"));
    let Some((playbook, _, file)) = known.cloned() else { return error(404, "Not found") };
    if words("owner_user_id").is_empty() || words("team_id").is_empty() || words("name").is_empty()
    {
        return error(400, "bad request");
    }
    let list = |value: &Json| -> Vec<Json> { value.as_array().cloned().unwrap_or_default() };
    let strings = |value: &Json| -> Vec<String> {
        list(value).iter().filter_map(|it| it.as_str().map(str::to_owned)).collect()
    };
    let mut checklists = Vec::new();
    for checklist in list(&file["checklists"]) {
        let mut items = Vec::new();
        for item in list(&checklist["items"]) {
            let mut keywords = Vec::new();
            for action in list(&item["task_actions"]) {
                let payload = action["trigger"]["payload"].as_str().unwrap_or_default();
                let payload: Json = serde_json::from_str(payload).unwrap_or_default();
                for word in strings(&payload["keywords"]) {
                    keywords.push((word, strings(&payload["user_ids"])));
                }
            }
            let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
            items.push(FakeItem {
                id: state.new_id("item"),
                title: text("title"),
                description: text("description"),
                command: text("command"),
                state: String::new(),
                keywords,
            });
        }
        checklists.push(items);
    }
    let mut participants = vec![words("owner_user_id"), account.id.clone()];
    if file["invite_users_enabled"] == json!(true) {
        participants.extend(strings(&file["invited_user_ids"]));
    }
    participants.sort();
    participants.dedup();
    let run = FakeRun {
        id: state.new_id("run"),
        name: words("name"),
        channel: state.channel.clone(),
        playbook,
        owner: words("owner_user_id"),
        participants,
        checklists,
        ..FakeRun::default()
    };
    let answer = Response::json(201, &wire(&run));
    state.playbooks.runs.push(run);
    answer
}

fn query(state: &mut State, release: PluginRelease, account: &Account, body: &Json) -> Response {
    let refused = json!({"errors": [{"message": "not authorized"}]});
    if body["operationName"] != json!("AddRunParticipants") {
        return Response::json(200, &refused);
    }
    let users: Vec<String> = body["variables"]["u"]
        .as_array()
        .map(|users| users.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let run = body["variables"]["r"].as_str().unwrap_or_default();
    let found = state.playbooks.runs.iter_mut().find(|it| it.id == run);
    match found.filter(|run| refusal(release, account, run).is_none()) {
        Some(run) => {
            for user in users {
                if !run.participants.contains(&user) {
                    run.participants.push(user);
                }
            }
            Response::json(200, &json!({"data": {"addRunParticipants": ""}}))
        }
        None => Response::json(200, &refused),
    }
}
