//! Installed plugins, under both pairs of names that `plugins.json` has had.

use crate::layout::Member;
use crate::tree::{Tree, pointer};
use crate::{Plugin, PluginState};
use model::{Issues, Place};

/// Plugins of one packet. The marketplace has some 50.
const PLUGINS_MAX: usize = 1_000;

/// The lists: newest names, then those up to 10.4.
const LISTS: &[(&str, PluginState)] = &[
    ("enabled", PluginState::Enabled),
    ("disabled", PluginState::Disabled),
    ("active", PluginState::Enabled),
    ("inactive", PluginState::Disabled),
];

/// Reads all plugins: enabled ones first, in the order of the file.
///
/// Issues: an entry without an id; a document without any list; plugins beyond [`PLUGINS_MAX`].
pub(crate) fn read(root: &Tree, member: &Member, issues: &mut Issues) -> Vec<Plugin> {
    let mut plugins = Vec::new();
    if LISTS.iter().all(|(list, _)| root.get(list).is_none()) {
        issues.add("no list of plugins", "", 1);
    }
    for (list, state) in LISTS {
        let at_list = pointer("", list);
        for (idx, entry) in root.get(list).map(Tree::items).unwrap_or_default().iter().enumerate() {
            let location = pointer(&at_list, &idx.to_string());
            let text = |name| entry.get(name).and_then(Tree::text);
            let Some(id) = text("id").filter(|id| !id.is_empty()) else {
                issues.add("a plugin without an id", location, 1);
                continue;
            };
            if plugins.len() >= PLUGINS_MAX {
                issues.add("too many plugins: the rest is left out", location, 1);
                continue;
            }
            plugins.push(Plugin {
                id,
                name: text("name").unwrap_or_default().into(),
                version: text("version").unwrap_or_default().into(),
                state: *state,
                min_server_version: text("min_server_version").map(Into::into),
                has_server: ["server", "backend"]
                    .iter()
                    .any(|name| entry.get(name).is_some_and(|server| !server.is_null())),
                place: Place { source: member.source.clone(), location },
            });
        }
    }
    plugins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::json;

    fn plugins(text: &str) -> Vec<(String, PluginState, bool)> {
        read(&json(text.as_bytes()).root, &Member::default(), &mut Issues::default())
            .into_iter()
            .map(|plugin| (plugin.id, plugin.state, plugin.has_server))
            .collect()
    }

    #[test]
    fn both_shapes_say_the_same() {
        let expected = [
            ("a".to_owned(), PluginState::Enabled, true),
            ("b".into(), PluginState::Disabled, false),
        ];
        let newer = r#"{"enabled": [{"id": "a", "server": {}}], "disabled": [{"id": "b"}]}"#;
        let older = r#"{"active": [{"id": "a", "server": {}}], "inactive": [{"id": "b"}]}"#;
        assert_eq!(plugins(newer), expected);
        assert_eq!(plugins(older), expected);
    }

    #[test]
    fn a_truncated_list_keeps_the_plugins_before() {
        let text = "{\n    \"enabled\": [\n        {\n            \"id\": \"a\",\n            \"version\": \"1.0\"\n        },\n        {\n            \"na";
        assert_eq!(plugins(text).len(), 1);
    }
}
