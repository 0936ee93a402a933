//! The server: version, limits, plugins.

use crate::client::Client;
use crate::error::cleared;
use crate::{Error, Fault};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use text::Value;

/// A version of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// As in 10.11.5: 10.
    pub major: u32,
    /// 11.
    pub minor: u32,
    /// 5.
    pub patch: u32,
}

impl Version {
    /// A version; what is left out of `10.11` is zero.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().trim_start_matches('v').splitn(4, '.');
        let mut next = || {
            let part = parts.next().unwrap_or("0");
            let digits = part.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            digits.parse::<u32>().ok()
        };
        Some(Self { major: next()?, minor: next()?, patch: next()? })
    }

    /// The version of `X-Version-Id`: `<version>.<build>.<hash>.<licensed>`.
    pub(crate) fn of_header(text: &str) -> Option<Self> {
        if text.is_empty() { None } else { Self::parse(text) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Unicode scalar values of a message.
    pub message_runes: usize,
    /// Unicode scalar values of all props of a post, written as JSON.
    pub props_runes: usize,
    /// Files of a post.
    pub files_per_post: usize,
    /// Bytes of a file.
    pub file_bytes: u64,
    /// Whether files may be attached at all.
    pub files: bool,
}

/// Fits into the columns of every database that a server ever had.
const MESSAGE_RUNES_MIN: usize = 4000;
/// No version takes more: 65535 bytes of four each.
const MESSAGE_RUNES_MAX: usize = 16_383;
/// Before and in the versions where the limit was measured to be larger.
const PROPS_RUNES_OLD: usize = 8000;
const PROPS_RUNES_NEW: usize = 760_000;
const PROPS_NEW_SINCE: Version = Version { major: 7, minor: 6, patch: 0 };
/// Ten ids with their quotes and commas are what the column holds.
const FILES_PER_POST: usize = 10;
/// Where the server does not say: the smallest of its defaults.
const FILE_BYTES: u64 = 50 << 20;

impl Limits {
    /// The limits that hold on every server.
    pub const SMALLEST: Self = Self {
        message_runes: MESSAGE_RUNES_MIN,
        props_runes: PROPS_RUNES_OLD,
        files_per_post: FILES_PER_POST,
        file_bytes: FILE_BYTES,
        files: true,
    };

    fn of(settings: &BTreeMap<String, serde_json::Value>, version: Option<Version>) -> Self {
        let words = |key: &str| settings.get(key).and_then(|value| value.as_str());
        let number = |key: &str| words(key).and_then(|words| words.parse::<u64>().ok());
        let runes = number("MaxPostSize").and_then(|runes| usize::try_from(runes).ok());
        let new = version.is_some_and(|version| version >= PROPS_NEW_SINCE);
        Self {
            message_runes: runes.map_or(MESSAGE_RUNES_MIN, |runes| {
                runes.clamp(MESSAGE_RUNES_MIN, MESSAGE_RUNES_MAX)
            }),
            props_runes: if new { PROPS_RUNES_NEW } else { PROPS_RUNES_OLD },
            files_per_post: FILES_PER_POST,
            file_bytes: number("MaxFileSize").filter(|bytes| *bytes > 0).unwrap_or(FILE_BYTES),
            files: words("EnableFileAttachments") != Some("false"),
        }
    }
}

/// What was learnt about a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its version, where it told.
    pub version: Option<Version>,
    /// What fits.
    pub limits: Limits,
}

/// A plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Its id: `playbooks`.
    pub id: Value,
    /// Its version.
    pub version: Option<Version>,
}

#[derive(Deserialize)]
struct PluginManifest {
    #[serde(default)]
    id: String,
    #[serde(default)]
    version: String,
}

impl Client {
    /// Asks for version and limits. With a token the server tells more.
    pub fn server(&self) -> Result<Server, Error> {
        const DOING: &str = "read the server's limits";
        let settings: BTreeMap<String, serde_json::Value> =
            self.get(DOING, "/api/v4/config/client?format=old".to_owned())?;
        let told = settings.get("Version").and_then(|version| version.as_str());
        let version = told.and_then(Version::parse).or_else(|| self.version());
        if version.is_none() && !settings.contains_key("BuildNumber") {
            let why = "the answer has no version: this is no Mattermost server";
            return Err(Error::new(DOING, Fault::Answer(why)));
        }
        Ok(Server { version, limits: Limits::of(&settings, version) })
    }

    /// The plugins with a part in the browser; every user may ask.
    pub fn plugins(&self) -> Result<Vec<Plugin>, Error> {
        let plugins: Option<Vec<PluginManifest>> =
            self.get("list the plugins", "/api/v4/plugins/webapp".to_owned())?;
        let plugin = |found: &PluginManifest| Plugin {
            id: cleared(&found.id),
            version: Version::parse(&found.version),
        };
        Ok(plugins.unwrap_or_default().iter().map(plugin).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_tells_the_version() {
        let header = "5.37.0.5.37.0.6a2d0271.false";
        assert_eq!(Version::of_header(header), Version::parse("5.37.0"));
        assert_eq!(
            Version::of_header("10.11.5.17.ab.true").map(|v| v.to_string()).as_deref(),
            Some("10.11.5")
        );
        assert_eq!(Version::of_header(""), None);
        assert_eq!(Version::of_header("no version"), None);
        assert!(Version::parse("9.11") < Version::parse("11.0"));
        assert_eq!(Version::parse("v1.39.4-rc1").map(|v| v.to_string()).as_deref(), Some("1.39.4"));
    }

    #[test]
    fn limits_come_from_the_server_and_are_small_where_it_is_silent() {
        let settings = |json: &str| serde_json::from_str(json).expect("JSON");
        let told = settings(
            r#"{"MaxPostSize":"16383","MaxFileSize":"104857600","EnableFileAttachments":"true"}"#,
        );
        let new = Limits::of(&told, Version::parse("10.5.0"));
        assert_eq!(
            (new.message_runes, new.props_runes, new.file_bytes),
            (16383, 760_000, 104_857_600)
        );
        assert_eq!(Limits::of(&settings("{}"), None), Limits::SMALLEST);
        let old = Limits::of(
            &settings(r#"{"MaxPostSize":"99999999","EnableFileAttachments":"false"}"#),
            Version::parse("5.37.0"),
        );
        assert_eq!((old.message_runes, old.props_runes, old.files), (16383, 8000, false));
    }
}
