//! Which member belongs to which node, by the paths of all members.

use std::collections::{BTreeMap, BTreeSet};

/// Members that a node writes for itself, in its folder from 10.10 in a cluster.
const NODE_FILES: &[&str] = &[
    "diagnostics.yaml",
    "sanitized_config.json",
    "cpu.prof",
    "heap.prof",
    "goroutines",
    "mattermost.log",
    "notifications.log",
    "audit.log",
    "ldap.log",
];

/// Members that the packet has once, at its root.
const ROOT_FILES: &[&str] = &[
    "support_packet.yaml",
    "metadata.yaml",
    "stats.yaml",
    "jobs.yaml",
    "permissions.yaml",
    "plugins.json",
    "database_schema.yaml",
    "postgres_schema_dump.sql",
    "warning.txt",
    "tsdb_dump.tar.gz",
];

/// Plugins that write diagnostics into a folder of their own. Others are known by the content of
/// their diagnostics.
const PLUGIN_FOLDERS: &[&str] = &[
    "github",
    "com.github.manland.mattermost-plugin-gitlab",
    "jira",
    "com.mattermost.calls",
    "focalboard",
    "playbooks",
    "com.mattermost.mscalendar",
    "com.mattermost.gcal",
];

/// Folders that say what kind of files is in them, and no host is called so.
const KIND_FOLDERS: &[&str] = &[
    "audit",
    "conf",
    "config",
    "configs",
    "configuration",
    "data",
    "files",
    "log",
    "logs",
    "mattermost",
    "packet",
    "profiles",
    "support",
    "support_packet",
];

/// A member of a packet, before it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The path in the packet as it was given.
    pub path: String,
    /// What places name as their source: the input and, behind `!`, the member. Unique: further
    /// members of the same path end in `#2`, `#3`.
    pub source: String,
    /// The node whose member it is; `None`: the only server, or the packet as a whole.
    ///
    /// A node is a folder (a host name, an address, a pod's name). Where several nodes wrote under
    /// one name, the further ones are `name#2`, and at the root `#1`, `#2`, in the order of the
    /// archive.
    pub node: Option<String>,
    /// Whether other members have the same path, so that it is not sure which node wrote it.
    pub ambiguous: bool,
    /// The folder that it lies in, below a folder that wraps the whole packet; empty: none.
    pub(crate) folder: String,
}

impl Member {
    /// The last part of the path, in lower case.
    pub(crate) fn file_name(&self) -> String {
        file_name(&self.path)
    }
}

/// The last part of a path, in lower case.
pub(crate) fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Whether these are the members of a support packet (an archive or a folder).
pub fn is_packet<'a>(paths: impl IntoIterator<Item = &'a str>) -> bool {
    let mut hints = 0;
    for path in paths {
        match file_name(path).as_str() {
            "support_packet.yaml" | "sanitized_config.json" => return true,
            "diagnostics.yaml"
            | "metadata.yaml"
            | "stats.yaml"
            | "jobs.yaml"
            | "plugins.json"
            | "permissions.yaml"
            | "mattermost.log"
            | "goroutines"
            | "database_schema.yaml"
            | "cpu.prof"
            | "heap.prof" => hints += 1,
            _ => {}
        }
    }
    // One such name alone is a loose file, or somebody else's.
    hints >= 2
}

/// Whether archivers put it there and it says nothing: `__MACOSX/`, `.DS_Store`, folders.
pub(crate) fn is_debris(path: &str) -> bool {
    let name = file_name(path);
    name.is_empty()
        || name == ".ds_store"
        || name == "thumbs.db"
        || name == "desktop.ini"
        || name.starts_with("._")
        || parts(path).first() == Some(&"__MACOSX")
}

fn parts(path: &str) -> Vec<&str> {
    path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect()
}

/// Finds node and source of every member, in the order of `paths`.
pub(crate) fn members(source: &str, paths: &[&str]) -> Vec<Member> {
    let wrapping = wrapping_parts(paths);
    let mut members: Vec<Member> = paths.iter().map(|path| member(path, wrapping)).collect();
    // Of a file by itself only the folder that it lies in says anything: what is above is where
    // somebody keeps such files.
    if let ([path], [member]) = (paths, members.as_mut_slice())
        && *path == source
    {
        member.folder = member.folder.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let node_folders = node_folders(&members);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for path in paths {
        *seen.entry((*path).to_owned()).or_default() += 1;
    }
    let mut nth: BTreeMap<String, usize> = BTreeMap::new();
    for member in &mut members {
        let n = nth.entry(member.path.clone()).or_default();
        *n += 1;
        let again = if *n > 1 { format!("#{n}") } else { String::new() };
        member.source = match (source.is_empty(), paths.len() == 1 && source == member.path) {
            (_, true) => source.to_owned(),
            (true, false) => format!("{}{again}", member.path),
            (false, false) => format!("{source}!{}{again}", member.path),
        };
        let top = member.folder.split('/').next().unwrap_or_default();
        let name = member.file_name();
        let written_by_node = NODE_FILES.contains(&name.as_str()) || name.ends_with(".log");
        let twice = seen.get(&member.path).is_some_and(|&count| count > 1);
        member.ambiguous = twice;
        member.node = if !top.is_empty() && node_folders.contains(top) {
            Some(format!("{top}{again}"))
        } else if twice && written_by_node {
            Some(format!("#{n}"))
        } else {
            None
        };
    }
    members
}

/// How many leading folders wrap the whole packet, because somebody unpacked and packed it again.
fn wrapping_parts(paths: &[&str]) -> usize {
    let all: Vec<Vec<&str>> =
        paths.iter().filter(|path| !is_debris(path)).map(|path| parts(path)).collect();
    let mut depth = 0;
    // Two: an archive of a folder of an unpacked archive. Deeper is nobody's packet.
    while depth < 2 {
        let mut tops = all.iter().map(|parts| (parts.get(depth), parts.len()));
        let Some((Some(first), _)) = tops.next() else { break };
        let same =
            all.iter().all(|parts| parts.len() > depth + 1 && parts.get(depth) == Some(first));
        // A folder with nothing but what a node writes is the node's.
        let is_node = all.iter().all(|parts| {
            parts.len() == depth + 2
                && parts
                    .last()
                    .is_some_and(|name| !ROOT_FILES.contains(&name.to_ascii_lowercase().as_str()))
        });
        if !same || is_node {
            break;
        }
        depth += 1;
    }
    depth
}

fn member(path: &str, wrapping: usize) -> Member {
    let parts = parts(path);
    let end = parts.len().saturating_sub(1);
    let folder = parts.get(wrapping.min(end)..end).unwrap_or_default().join("/");
    Member { path: path.to_owned(), folder, ..Member::default() }
}

/// The top folders that are nodes: those with something that only a node writes, and that are no
/// part of one server's files that somebody sorted into folders. A node has diagnostics of its own,
/// or the same files as another; a folder without either is one in a packet, or where it is the only
/// one, unless its name says what kind of files it has.
fn node_folders(members: &[Member]) -> BTreeSet<String> {
    let mut written: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut is_packed = false;
    for member in members.iter().filter(|member| !is_debris(&member.path)) {
        let top = member.folder.split('/').next().unwrap_or_default();
        let name = member.file_name();
        is_packed |= top.is_empty() && ROOT_FILES.contains(&name.as_str());
        let own = NODE_FILES.contains(&name.as_str()) || name.ends_with(".log");
        let plugin = PLUGIN_FOLDERS.contains(&top) && name == "diagnostics.yaml";
        if !top.is_empty() && own && !plugin {
            written.entry(top).or_default().insert(name);
        }
    }
    let is_node = |top: &str, names: &BTreeSet<String>| {
        let mut others = written.iter().filter(|(other, _)| **other != top);
        names.contains("diagnostics.yaml")
            || others.clone().any(|(_, theirs)| !theirs.is_disjoint(names))
            || !KIND_FOLDERS.contains(&top.to_ascii_lowercase().as_str())
                && (is_packed || others.next().is_none())
    };
    written
        .iter()
        .filter(|(top, names)| is_node(top, names))
        .map(|(top, _)| (*top).to_owned())
        .collect()
}

#[cfg(test)]
mod tests;
