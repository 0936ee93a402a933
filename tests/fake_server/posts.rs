//! Posts, threads, pins.

use super::http::{Request, Response};
use super::{Account, MESSAGE_RUNES, State, StoredPost, mentions};
use serde_json::{Map, Value as Json, json};

/// How long a `pending_post_id` is remembered.
const PENDING_MS: i64 = 30_000;
/// Files of a post: what the column holds.
const FILES_MAX: usize = 10;

pub(super) fn route(state: &mut State, request: &Request) -> Option<Response> {
    let account = state.account(request)?;
    let parts = request.parts();
    match (request.method.as_str(), parts.as_slice()) {
        ("POST", ["posts"]) => Some(create(state, &account, &request.json())),
        ("GET", ["channels", id, "posts"]) if *id == state.channel => {
            let number = |key: &str, default: usize| request.asked(key).parse().unwrap_or(default);
            let (page, per_page) = (number("page", 0), number("per_page", 60).min(200));
            let since: i64 = request.asked("since").parse().unwrap_or(-1);
            let mut newest = state.visible();
            newest.reverse();
            let chosen: Vec<&StoredPost> = if since >= 0 {
                newest.into_iter().filter(|post| post.create_at.max(post.edit_at) > since).collect()
            } else {
                newest.into_iter().skip(page * per_page).take(per_page).collect()
            };
            Some(seen(state, &account, list(state, &chosen)))
        }
        ("GET", ["channels", id, "pinned"]) if *id == state.channel => {
            let pinned: Vec<&StoredPost> =
                state.visible().into_iter().filter(|post| post.pinned).collect();
            Some(seen(state, &account, list(state, &pinned)))
        }
        ("GET", ["posts", id]) => Some(match find(state, id) {
            Some(post) => seen(state, &account, Response::json(200, &wire(state, post))),
            None => gone(state),
        }),
        ("GET", ["posts", id, "thread"]) => {
            let thread: Vec<&StoredPost> = state
                .visible()
                .into_iter()
                .filter(|post| post.id == *id || post.root == *id)
                .collect();
            Some(if thread.is_empty() { gone(state) } else { list(state, &thread) })
        }
        ("PUT", ["posts", id, "patch"]) => Some(patch(state, &account, id, &request.json())),
        ("DELETE", ["posts", id]) => Some(delete(state, &account, id)),
        ("POST", ["posts", id, what @ ("pin" | "unpin")]) => {
            if !account.member {
                return Some(state.forbidden());
            }
            let Some(post) = state.posts.iter_mut().find(|post| post.id == *id) else {
                return Some(gone(state));
            };
            post.pinned = *what == "pin";
            Some(Response::json(200, &json!({"status": "OK"})))
        }
        _ => None,
    }
}

fn gone(state: &State) -> Response {
    state.error(404, "app.post.get.app_error", "Unable to get the post.")
}

/// An answer for those who are in the channel.
fn seen(state: &State, account: &Account, response: Response) -> Response {
    if account.member { response } else { state.forbidden() }
}

fn find<'s>(state: &'s State, id: &str) -> Option<&'s StoredPost> {
    state.posts.iter().find(|post| post.id == id && post.delete_at == 0)
}

fn wire(state: &State, post: &StoredPost) -> Json {
    json!({"id": post.id, "create_at": post.create_at, "update_at": post.create_at.max(post.edit_at),
           "edit_at": post.edit_at, "delete_at": post.delete_at, "is_pinned": post.pinned,
           "user_id": post.user, "channel_id": state.channel, "root_id": post.root,
           "message": post.message, "type": "", "props": post.props, "hashtags": "",
           "pending_post_id": "",
           "file_ids": if post.files.is_empty() { Json::Null } else { json!(post.files) }})
}

fn list(state: &State, posts: &[&StoredPost]) -> Response {
    let order: Vec<&str> = posts.iter().map(|post| post.id.as_str()).collect();
    let by_id: Map<String, Json> =
        posts.iter().map(|post| (post.id.clone(), wire(state, post))).collect();
    Response::json(
        200,
        &json!({"order": order, "posts": by_id, "next_post_id": "", "prev_post_id": ""}),
    )
}

/// What a post of this version may not be.
fn refusal(state: &State, message: &str, props: &Json, n_files: usize) -> Option<Response> {
    if message.contains('\0') {
        return Some(state.error(500, "app.post.save.app_error", "Unable to save the Post."));
    }
    if message.chars().count() > MESSAGE_RUNES {
        return Some(state.error(400, state.release.too_long, "Invalid message."));
    }
    if props.to_string().chars().count() > state.release.props_runes {
        return Some(state.error(400, "model.post.is_valid.props.app_error", "Invalid props."));
    }
    if n_files > FILES_MAX {
        let id = "model.post.is_valid.file_ids.app_error";
        return Some(state.error(
            400,
            id,
            "Invalid file ids. Note that uploads are limited to 5 files.",
        ));
    }
    None
}

fn create(state: &mut State, account: &Account, body: &Json) -> Response {
    let pending = body["pending_post_id"].as_str().unwrap_or_default().to_owned();
    let now = state.now_ms;
    if let Some((at, id)) = state.pending.get(&pending)
        && now - at < PENDING_MS
        && let Some(post) = find(state, id)
    {
        return Response::json(201, &wire(state, post));
    }
    if !account.member || body["channel_id"] != json!(state.channel) {
        return state.forbidden();
    }
    if state.archived {
        let id = "api.post.create_post.can_not_post_to_deleted.error";
        return state.error(400, id, "Can not post to deleted channel.");
    }
    let root = body["root_id"].as_str().unwrap_or_default().to_owned();
    if !root.is_empty() && find(state, &root).is_none_or(|post| !post.root.is_empty()) {
        let id = "api.post.create_post.root_id.app_error";
        return state.error(400, id, "Invalid RootId parameter.");
    }
    let message = body["message"].as_str().unwrap_or_default().to_owned();
    let files: Vec<String> = body["file_ids"]
        .as_array()
        .map(|ids| ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let mut props = if body["props"].is_object() { body["props"].clone() } else { json!({}) };
    if account.bot {
        props["from_bot"] = json!("true");
    }
    if let Some(refused) = refusal(state, &message, &props, files.len()) {
        return refused;
    }
    let id = store(state, &account.id, &root, &message, props, files);
    if !pending.is_empty() {
        state.pending.insert(pending, (now, id.clone()));
    }
    find(state, &id).map_or_else(|| gone(state), |post| Response::json(201, &wire(state, post)))
}

/// Keeps a post, attaches its files and notes whom it mentions.
pub(super) fn store(
    state: &mut State,
    user: &str,
    root: &str,
    message: &str,
    props: Json,
    files: Vec<String>,
) -> String {
    let id = state.new_id("post");
    let mut attached = Vec::new();
    for file in files {
        // One that is unknown, another's or used already is left out without a word.
        let fits = state
            .files
            .iter_mut()
            .find(|it| it.id == file && it.user == user && it.post.is_empty());
        if state.drop_files > 0 {
            state.drop_files -= 1;
        } else if let Some(found) = fits {
            found.post.clone_from(&id);
            attached.push(file);
        }
    }
    for word in mentions::fired(&state.release, message, &props) {
        state.mentions.push((id.clone(), word));
    }
    super::playbooks::posted(state, user, message);
    let post = StoredPost {
        id: id.clone(),
        user: user.to_owned(),
        root: root.to_owned(),
        message: message.to_owned(),
        props,
        files: attached,
        pinned: false,
        create_at: state.now_ms,
        edit_at: 0,
        delete_at: 0,
    };
    state.posts.push(post);
    id
}

fn patch(state: &mut State, account: &Account, id: &str, body: &Json) -> Response {
    let Some(post) = find(state, id).cloned() else { return gone(state) };
    if post.user != account.id {
        return state.forbidden();
    }
    if state.now_ms - post.create_at > state.edit_limit_ms {
        let id = "api.post.update_post.permissions_time_limit.app_error";
        return state.error(400, id, "Post edit is only allowed for some seconds.");
    }
    let mut changed = post.clone();
    if let Some(message) = body["message"].as_str() {
        changed.message = message.to_owned();
    }
    if body["props"].is_object() {
        changed.props = body["props"].clone();
    }
    if let Some(refused) = refusal(state, &changed.message, &changed.props, changed.files.len()) {
        return refused;
    }
    if changed != post {
        changed.edit_at = state.now_ms;
    }
    let answer = Response::json(200, &wire(state, &changed));
    if let Some(stored) = state.posts.iter_mut().find(|post| post.id == id) {
        *stored = changed;
    }
    answer
}

fn delete(state: &mut State, account: &Account, id: &str) -> Response {
    let Some(post) = find(state, id).cloned() else { return gone(state) };
    if post.user != account.id || !state.may_delete {
        return state.forbidden();
    }
    let now = state.now_ms;
    for stored in &mut state.posts {
        if stored.id == id || stored.root == id {
            stored.delete_at = now;
        }
    }
    Response::json(200, &json!({"status": "OK"}))
}
