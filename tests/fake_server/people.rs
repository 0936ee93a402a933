//! Accounts, the channel, the server's settings, plugins, webhooks.

use super::http::{Request, Response};
use super::{HOOK, MESSAGE_RUNES, State, posts};
use serde_json::{Value as Json, json};

pub(super) fn route(state: &mut State, request: &Request) -> Option<Response> {
    if let Some(hook) = request.path.strip_prefix("/hooks/") {
        return Some(webhook(state, hook, request));
    }
    let parts = request.parts();
    let account = state.account(request);
    if parts.as_slice() == ["config", "client"] {
        let mut settings = json!({"Version": state.release.version, "BuildNumber": "1"});
        if account.is_some() {
            settings["MaxPostSize"] = json!(MESSAGE_RUNES.to_string());
            settings["MaxFileSize"] = json!("104857600");
            settings["EnableFileAttachments"] = json!(state.take_files.to_string());
        }
        return Some(Response::json(200, &settings));
    }
    if !request.path.starts_with("/api/v4/") {
        return None;
    }
    let Some(account) = account else {
        let id = "api.context.session_expired.app_error";
        return Some(state.error(401, id, "Invalid or expired session, please login again."));
    };
    match parts.as_slice() {
        ["users", "me"] => Some(Response::json(
            200,
            &json!({"id": account.id, "username": account.name, "is_bot": account.bot,
                    "roles": "system_user"}),
        )),
        ["teams", "name", team, "channels", "name", channel] => {
            if (*team, *channel) != ("ops", "sev1") {
                let id = "app.channel.get_by_name.missing.app_error";
                return Some(state.error(404, id, "Channel does not exist."));
            }
            Some(Response::json(200, &shown(state)))
        }
        ["channels", id] if *id == state.channel => Some(Response::json(200, &shown(state))),
        ["channels", id, "members", user] if *id == state.channel => {
            let found = state.accounts.iter().find(|it| it.id == *user && it.member);
            Some(match found {
                Some(member) => Response::json(200, &json!({"user_id": member.id})),
                None => state.error(404, "app.channel.get_member.missing.app_error", "No member."),
            })
        }
        ["teams", "name", "ops"] => {
            Some(Response::json(200, &json!({"id": super::id("team", 1), "name": "ops"})))
        }
        ["users", "username", name] => {
            let known = ["ann", "ben", "cleo"].iter().find(|known| *known == name);
            Some(match known {
                Some(name) => Response::json(
                    200,
                    &json!({"id": super::id(name, 1), "username": name, "roles": "system_user"}),
                ),
                None => state.error(404, "app.user.missing_account.const", "No such account."),
            })
        }
        ["channels", id, "members"] if *id == state.channel && request.method == "POST" => {
            let user = request.json()["user_id"].as_str().unwrap_or_default().to_owned();
            if !state.invited.contains(&user) {
                state.invited.push(user.clone());
            }
            Some(Response::json(201, &json!({"user_id": user})))
        }
        ["plugins", "webapp"] => {
            let plugins: Vec<Json> = state
                .plugins
                .iter()
                .map(|(id, version)| json!({"id": id, "version": version}))
                .collect();
            Some(Response::json(200, &Json::Array(plugins)))
        }
        _ => None,
    }
}

fn shown(state: &State) -> Json {
    json!({"id": state.channel, "team_id": super::id("team", 1), "display_name": "Sev 1",
           "delete_at": i64::from(state.archived)})
}

/// A webhook posts text, splits what is too long in the middle, and says `ok`.
fn webhook(state: &mut State, hook: &str, request: &Request) -> Response {
    if hook != HOOK {
        return state.error(400, "web.incoming_webhook.invalid.app_error", "Invalid webhook.");
    }
    let body = request.json();
    let text = body["text"].as_str().unwrap_or_default().to_owned();
    if text.is_empty() {
        return state.error(400, "web.incoming_webhook.text.app_error", "No text specified.");
    }
    let runes: Vec<char> = text.chars().collect();
    for part in runes.chunks(MESSAGE_RUNES) {
        let message: String = part.iter().collect();
        posts::store(
            state,
            &super::id("hook", 1),
            "",
            &message,
            json!({"from_webhook": "true"}),
            Vec::new(),
        );
    }
    Response::text(200, "text/plain", "ok")
}
