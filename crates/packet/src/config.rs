//! Settings out of a configuration, sanitised or not, under their newest names.

use crate::layout::Member;
use crate::scalar::untyped;
use crate::tree::{Tree, pointer};
use crate::{Scalar, Setting, SettingItem};
use model::{Issues, Place};
use std::collections::BTreeSet;

/// Settings and entries of lists of one configuration. A real one has some 700; those of plugins
/// add a few hundred.
const SETTINGS_MAX: usize = 50_000;

/// What a setting was called before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alias {
    /// The newest path.
    pub(crate) path: &'static str,
    /// The older path.
    pub(crate) older: &'static str,
    /// What becomes of the value.
    pub(crate) convert: Convert,
}

/// What becomes of an older setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Convert {
    /// Nothing.
    Same,
    /// Days become hours; the older setting stays, since the newest format has it too.
    DaysToHours,
}

const fn renamed(path: &'static str, older: &'static str) -> Alias {
    Alias { path, older, convert: Convert::Same }
}

/// Every renamed setting. `ElasticsearchSettings.BulkIndexingTimeWindowSeconds` is not among them:
/// `BatchSize` took its place and counts something else.
pub(crate) static ALIASES: &[Alias] = &[
    renamed("ElasticsearchSettings.ConnectionURL", "ElasticsearchSettings.ConnectionUrl"),
    renamed("ClusterSettings.UseIPAddress", "ClusterSettings.UseIpAddress"),
    renamed(
        "ClusterSettings.EnableGossipEncryption",
        "ClusterSettings.EnableExperimentalGossipEncryption",
    ),
    renamed("LogSettings.AdvancedLoggingJSON", "LogSettings.AdvancedLoggingConfig"),
    renamed(
        "ExperimentalAuditSettings.AdvancedLoggingJSON",
        "ExperimentalAuditSettings.AdvancedLoggingConfig",
    ),
    renamed(
        "NotificationLogSettings.AdvancedLoggingJSON",
        "NotificationLogSettings.AdvancedLoggingConfig",
    ),
    renamed("PluginSettings.MarketplaceURL", "PluginSettings.MarketplaceUrl"),
    renamed("ServiceSettings.EnableHardenedMode", "ServiceSettings.ExperimentalEnableHardenedMode"),
    renamed(
        "ConnectedWorkspacesSettings.EnableSharedChannels",
        "ExperimentalSettings.EnableSharedChannels",
    ),
    renamed(
        "TeamSettings.EnableChannelCategorySorting",
        "ExperimentalSettings.ExperimentalChannelCategorySorting",
    ),
    Alias {
        path: "ServiceSettings.SessionLengthWebInHours",
        older: "ServiceSettings.SessionLengthWebInDays",
        convert: Convert::DaysToHours,
    },
    Alias {
        path: "ServiceSettings.SessionLengthMobileInHours",
        older: "ServiceSettings.SessionLengthMobileInDays",
        convert: Convert::DaysToHours,
    },
    Alias {
        path: "ServiceSettings.SessionLengthSSOInHours",
        older: "ServiceSettings.SessionLengthSSOInDays",
        convert: Convert::DaysToHours,
    },
];

/// Lists that the server writes as `null` when they are empty.
const LISTS: &[&str] = &[
    "SqlSettings.DataSourceReplicas",
    "SqlSettings.DataSourceSearchReplicas",
    "SqlSettings.ReplicaLagSettings",
    "ServiceSettings.TrustedProxyIPHeader",
];

/// Settings, and entries of lists of objects.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) settings: Vec<Setting>,
    pub(crate) items: Vec<SettingItem>,
}

/// Reads all settings.
///
/// - Output: every single value under its dotted path, older names under the newest (unless both
///   are there); lengths and values of lists; entries of lists of objects.
/// - Issues: values that are cut off; settings beyond [`SETTINGS_MAX`].
pub(crate) fn read(root: &Tree, member: &Member, issues: &mut Issues) -> Config {
    let mut reader = Reader { member, issues, config: Config::default() };
    for (name, value) in root.entries() {
        reader.value(name, &pointer("", name), value);
    }
    let mut config = reader.config;
    rename(&mut config.settings);
    config
}

struct Reader<'a> {
    member: &'a Member,
    issues: &'a mut Issues,
    config: Config,
}

impl Reader<'_> {
    /// A value and all below it. The depth of a tree is bounded where it is read.
    fn value(&mut self, path: &str, location: &str, value: &Tree) {
        match value {
            Tree::Map(entries) => {
                for (name, value) in entries {
                    self.value(&format!("{path}.{name}"), &pointer(location, name), value);
                }
            }
            Tree::List(items) => self.list(path, location, items),
            Tree::Leaf(Scalar::Null) if LISTS.contains(&path) => self.list(path, location, &[]),
            Tree::Leaf(scalar) => self.push(path.to_owned(), location, untyped(scalar)),
            Tree::Cut => {
                self.issues.add("a setting is cut off", location, 1);
                self.push(path.to_owned(), location, Scalar::Unreadable);
            }
        }
    }

    fn list(&mut self, path: &str, location: &str, items: &[Tree]) {
        let is_whole = items.last() != Some(&Tree::Cut);
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let length = if is_whole { Scalar::Int(length) } else { Scalar::Unreadable };
        self.push(format!("{path}.length"), location, length);
        for (idx, item) in (0_u64..).zip(items) {
            let location = pointer(location, &idx.to_string());
            match item {
                Tree::Map(_) => self.item(path, idx, "", &location, item),
                Tree::Leaf(_) | Tree::List(_) | Tree::Cut => {
                    self.value(&format!("{path}.{idx}"), &location, item);
                }
            }
        }
    }

    /// An object in a list, or a value in one.
    fn item(&mut self, path: &str, index: u64, key: &str, location: &str, value: &Tree) {
        let scalar = match value {
            Tree::Map(entries) => {
                for (name, value) in entries {
                    let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                    self.item(path, index, &key, &pointer(location, name), value);
                }
                return;
            }
            Tree::List(items) => {
                for (idx, value) in items.iter().enumerate() {
                    let at = pointer(location, &idx.to_string());
                    self.item(path, index, &format!("{key}.{idx}"), &at, value);
                }
                return;
            }
            Tree::Leaf(scalar) => untyped(scalar),
            Tree::Cut => {
                self.issues.add("a setting is cut off", location, 1);
                Scalar::Unreadable
            }
        };
        if self.has_room(location) {
            self.config.items.push(SettingItem {
                node: self.member.node.clone(),
                path: path.to_owned(),
                index,
                key: key.to_owned(),
                value: scalar,
                place: self.place(location),
            });
        }
    }

    fn push(&mut self, path: String, location: &str, value: Scalar) {
        if self.has_room(location) {
            let place = self.place(location);
            self.config.settings.push(Setting {
                node: self.member.node.clone(),
                path,
                value,
                place,
            });
        }
    }

    fn has_room(&mut self, location: &str) -> bool {
        let has_room = self.config.settings.len() + self.config.items.len() < SETTINGS_MAX;
        if !has_room {
            self.issues.add("too many settings: the rest is left out", location, 1);
        }
        has_room
    }

    fn place(&self, location: &str) -> Place {
        Place { source: self.member.source.clone(), location: location.to_owned() }
    }
}

/// Gives older settings their newest names.
fn rename(settings: &mut Vec<Setting>) {
    let paths: BTreeSet<String> = settings.iter().map(|setting| setting.path.clone()).collect();
    let mut converted = Vec::new();
    for setting in settings.iter_mut() {
        for alias in ALIASES {
            let Some(below) = setting.path.strip_prefix(alias.older) else { continue };
            let is_it = below.is_empty() || below.starts_with('.');
            let path = format!("{}{below}", alias.path);
            if !is_it || paths.contains(&path) {
                continue;
            }
            match (alias.convert, &setting.value) {
                (Convert::Same, _) => setting.path = path,
                (Convert::DaysToHours, Scalar::Int(days)) => {
                    let value = Scalar::Int(days.saturating_mul(24));
                    converted.push(Setting { path, value, ..setting.clone() });
                }
                (Convert::DaysToHours, value) => {
                    let value = value.clone();
                    converted.push(Setting { path, value, ..setting.clone() });
                }
            }
            break;
        }
    }
    settings.append(&mut converted);
}

#[cfg(test)]
mod tests;
