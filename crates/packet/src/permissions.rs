//! Roles and permission schemes.

use crate::jobs::moment_of;
use crate::layout::Member;
use crate::tree::{Tree, pointer};
use crate::{Role, Scheme};
use model::{Issues, Place};

/// Roles, and schemes, of one packet. Every scheme adds some ten roles.
const ENTRIES_MAX: usize = 50_000;

/// Permissions of one role. The server has some 250.
const PERMISSIONS_MAX: usize = 2_000;

/// Reads roles and schemes, in the order of the file.
///
/// Issues: an entry without a name; entries beyond [`ENTRIES_MAX`].
pub(crate) fn read(root: &Tree, member: &Member, issues: &mut Issues) -> (Vec<Role>, Vec<Scheme>) {
    let mut roles = Vec::new();
    for (entry, name, place) in named(root, "roles", member, issues) {
        let permissions = entry.get("permissions").map(Tree::items).unwrap_or_default();
        roles.push(Role {
            name,
            built_in: entry.get("built_in").and_then(Tree::truth),
            scheme_managed: entry.get("scheme_managed").and_then(Tree::truth),
            deleted_at: time(entry, "delete_at"),
            updated_at: time(entry, "update_at"),
            permissions: permissions.iter().filter_map(Tree::text).take(PERMISSIONS_MAX).collect(),
            place,
        });
    }
    let mut schemes = Vec::new();
    for (entry, name, place) in named(root, "schemes", member, issues) {
        schemes.push(Scheme {
            name: name.into(),
            scope: entry.get("scope").and_then(Tree::text).unwrap_or_default(),
            deleted_at: time(entry, "delete_at"),
            place,
        });
    }
    (roles, schemes)
}

fn time(entry: &Tree, name: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    moment_of(entry.get(name)?).unwrap_or_default()
}

/// The entries of a list that have a name.
fn named<'a>(
    root: &'a Tree,
    list: &str,
    member: &Member,
    issues: &mut Issues,
) -> Vec<(&'a Tree, String, Place)> {
    let mut found = Vec::new();
    for (idx, entry) in root.get(list).map(Tree::items).unwrap_or_default().iter().enumerate() {
        let location = pointer(&pointer("", list), &idx.to_string());
        if found.len() >= ENTRIES_MAX {
            issues.add("too many entries: the rest is left out", location, 1);
            continue;
        }
        match entry.get("name").and_then(Tree::text) {
            Some(name) => {
                found.push((entry, name, Place { source: member.source.clone(), location }));
            }
            None => issues.add("an entry without a name", location, 1),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    #[test]
    fn roles_keep_their_permissions_and_1970_is_not_deleted() {
        let text = "roles:\n- name: system_user\n  delete_at: \"1970-01-01T00:00:00Z\"\n  permissions:\n  - create_post\n  - view_members\n  built_in: true\nschemes:\n- name: s\n  scope: team\n  delete_at: \"2024-01-01T00:00:00Z\"\n- display_name: nameless\n";
        let mut issues = Issues::default();
        let (roles, schemes) = read(&yaml(text.as_bytes()).root, &Member::default(), &mut issues);
        assert_eq!(roles[0].permissions, ["create_post", "view_members"]);
        assert_eq!((roles[0].deleted_at, roles[0].built_in), (None, Some(true)));
        assert!(schemes[0].deleted_at.is_some());
        assert_eq!(issues.skipped(), 1);
    }
}
