//! Files: upload, look at, fetch.

use crate::client::{Client, read};
use crate::error::cleared;
use crate::ids::{ChannelId, FileId};
use crate::retry::Repeat;
use crate::transport::{Body, Call, escaped};
use crate::{Error, Fault};
use serde::Deserialize;
use text::Value;
use ureq::http::Method;

/// A file to be uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its name; one of ours, with an extension that says what it is.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A file that the server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// Its id.
    pub id: FileId,
    /// Its name: whoever uploaded it chose it.
    pub name: Value,
    /// Its extension, in small letters.
    pub extension: String,
    /// How large it is.
    pub bytes: u64,
}

#[derive(Deserialize)]
struct WireInfo {
    id: FileId,
    #[serde(default)]
    name: String,
    #[serde(default)]
    extension: String,
    #[serde(default)]
    size: u64,
}

#[derive(Deserialize)]
struct Uploaded {
    #[serde(default)]
    file_infos: Vec<WireInfo>,
}

impl Client {
    /// Uploads a file for a channel. It belongs to no post until one is made with it; uploading
    /// twice leaves one that nobody sees, so that it may be repeated.
    pub fn upload(&self, channel: &ChannelId, file: &Upload) -> Result<FileInfo, Error> {
        const DOING: &str = "upload a file";
        let path = format!("/api/v4/files?channel_id={channel}&filename={}", escaped(&file.name));
        let call = Call {
            doing: DOING,
            method: Method::POST,
            path,
            body: Body::File(&file.bytes),
            repeat: Repeat::Safe,
        };
        let uploaded: Uploaded = read(DOING, &self.send(&call)?)?;
        let Some(found) = uploaded.file_infos.into_iter().next() else {
            return Err(Error::new(DOING, Fault::Answer("the server names no file that it took")));
        };
        Ok(info(found))
    }

    /// What is known of a file.
    pub fn file_info(&self, id: &FileId) -> Result<FileInfo, Error> {
        self.get("look at a file", format!("/api/v4/files/{id}/info")).map(info)
    }

    /// Fetches a file of at most 32 MiB; check [`FileInfo::bytes`] before.
    pub fn download(&self, id: &FileId) -> Result<Vec<u8>, Error> {
        let call = Call {
            doing: "fetch a file",
            method: Method::GET,
            path: format!("/api/v4/files/{id}"),
            body: Body::None,
            repeat: Repeat::Safe,
        };
        Ok(self.send(&call)?.bytes)
    }
}

fn info(found: WireInfo) -> FileInfo {
    FileInfo {
        id: found.id,
        name: cleared(&found.name),
        extension: cleared(&found.extension).as_str().to_ascii_lowercase(),
        bytes: found.size,
    }
}
