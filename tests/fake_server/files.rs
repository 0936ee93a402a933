//! Files.

use super::http::{Request, Response};
use super::{State, StoredFile};
use serde_json::{Value as Json, json};

/// Bytes of a file.
const FILE_BYTES_MAX: usize = 104_857_600;

pub(super) fn route(state: &mut State, request: &Request) -> Option<Response> {
    let account = state.account(request)?;
    match (request.method.as_str(), request.parts().as_slice()) {
        ("POST", ["files"]) => {
            if !account.member || request.asked("channel_id") != state.channel {
                return Some(state.forbidden());
            }
            if !state.take_files {
                let id = "api.file.attachments.disabled.app_error";
                return Some(state.error(501, id, "File attachments have been disabled."));
            }
            if request.body.len() > FILE_BYTES_MAX {
                let id = "api.file.upload_file.too_large_detailed.app_error";
                return Some(state.error(413, id, "Unable to upload file."));
            }
            let name = request.asked("filename").rsplit('/').next().unwrap_or_default().to_owned();
            let file = StoredFile {
                id: state.new_id("file"),
                user: account.id,
                name,
                bytes: request.body.clone(),
                post: String::new(),
            };
            let answer = json!({"file_infos": [info(&file)], "client_ids": []});
            state.files.push(file);
            Some(Response::json(201, &answer))
        }
        ("GET", ["files", id, "info"]) => {
            find(state, id).map(|file| Response::json(200, &info(file)))
        }
        ("GET", ["files", id]) => find(state, id).map(|file| Response::bytes(file.bytes.clone())),
        _ => None,
    }
}

fn find<'s>(state: &'s State, id: &str) -> Option<&'s StoredFile> {
    state.files.iter().find(|file| file.id == id)
}

fn info(file: &StoredFile) -> Json {
    let extension = file.name.rsplit_once('.').map_or("", |(_, extension)| extension);
    json!({"id": file.id, "name": file.name, "extension": extension, "size": file.bytes.len()})
}
