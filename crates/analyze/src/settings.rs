//! `analyze.toml`: facts, overrides of rules, where to post.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The file that is read from the current folder when `--config` names none.
pub(crate) const FILE: &str = "analyze.toml";

/// What `analyze.toml` may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Facts that packets lack: `"database.max_connections" = 500`.
    #[serde(default)]
    pub(crate) facts: BTreeMap<String, toml::Value>,
    /// Overrides of rules: only here so that the section is allowed; the `rules` crate reads it.
    #[serde(default, rename = "rules")]
    _rules: BTreeMap<String, toml::Value>,
    /// The server and the channel that `post` posts to.
    #[serde(default)]
    pub(crate) mattermost: MattermostSettings,
}

/// `[mattermost]`: where to post. No secret stands here, but the name of a file may.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MattermostSettings {
    /// The server's address.
    pub(crate) server: Option<String>,
    /// `TEAM/CHANNEL`.
    pub(crate) channel: Option<String>,
    /// A file that holds the token, readable by its owner only.
    pub(crate) token_file: Option<PathBuf>,
    /// A file that holds the address of the webhook, readable by its owner only.
    pub(crate) webhook_file: Option<PathBuf>,
    /// Certificates (PEM) that are trusted instead of the public ones.
    pub(crate) ca_file: Option<PathBuf>,
}

impl Settings {
    /// Reads `path`, or `analyze.toml` in the current folder where it exists.
    pub(crate) fn load(path: Option<&Path>) -> Result<Self> {
        let (path, needed) = path.map_or((Path::new(FILE), false), |path| (path, true));
        #[expect(clippy::disallowed_methods, reason = "analyze reads its own settings")]
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if !needed && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        toml::from_str(&text)
            .with_context(|| format!("{} is not as docs/settings.md says", path.display()))
    }

    /// Facts of the file and of the command line (which win), as path and value.
    pub(crate) fn facts(&self, arguments: &[String]) -> Result<Vec<(String, String)>> {
        let mut facts: BTreeMap<String, String> = BTreeMap::new();
        for (path, value) in &self.facts {
            let value = match value {
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(n) => n.to_string(),
                toml::Value::Float(n) => n.to_string(),
                toml::Value::Boolean(b) => b.to_string(),
                toml::Value::Datetime(at) => at.to_string(),
                toml::Value::Array(_) | toml::Value::Table(_) => {
                    bail!("[facts] \"{path}\": a fact is one value; write \"{path}\" = 500")
                }
            };
            facts.insert(path.clone(), value);
        }
        for argument in arguments {
            let Some((path, value)) = argument.split_once('=') else {
                bail!(
                    "--fact {argument}: write --fact PATH=VALUE, such as database.max_connections=500"
                );
            };
            facts.insert(path.trim().to_owned(), value.trim().to_owned());
        }
        Ok(facts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_wins_over_the_file() {
        let settings: Settings =
            toml::from_str("[facts]\n\"database.max_connections\" = 100").unwrap();
        let facts = settings.facts(&["database.max_connections=500".to_owned()]).unwrap();
        assert_eq!(facts, [("database.max_connections".to_owned(), "500".to_owned())]);
    }

    #[test]
    fn a_fact_without_a_value_says_how_to_write_it() {
        let error =
            Settings::default().facts(&["database.max_connections".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("write --fact PATH=VALUE"));
    }
}
