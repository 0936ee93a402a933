//! The files of a folder, in order.

use crate::{Session, label};
use model::Issues;
use std::path::{Path, PathBuf};

/// A file below the named folder.
pub(crate) struct FolderFile {
    pub(crate) path: PathBuf,
    /// Path from the named folder on, parts joined by `/`.
    pub(crate) name: String,
    /// A symbolic link: listed, not followed.
    pub(crate) link: bool,
}

/// Walks a folder: files sorted by name, folder by folder.
///
/// Not followed: symbolic links, for an unpacked archive may have brought them along. Not listed:
/// hidden files and folders, devices and pipes; each is counted as an issue.
pub(crate) fn files(root: &Path, session: &Session, issues: &mut Issues) -> Vec<FolderFile> {
    let limits = session.limits();
    let mut files = Vec::new();
    // Depth first with a list instead of recursion; the last one is the next one.
    let mut todo = vec![(root.to_path_buf(), String::new(), 0_usize)];
    let mut n_seen = 0_u64;
    while let Some((path, name, depth)) = todo.pop() {
        if session.is_cancelled() {
            issues.add("cancelled", "", 0);
            break;
        }
        let kind = match path.symlink_metadata() {
            // The named folder itself may be a link.
            Ok(_) if depth == 0 => Kind::Folder,
            Ok(metadata) => Kind::of(&metadata),
            Err(error) => {
                issues.add(format!("a file cannot be read: {}", error.kind()), place(&name), 1);
                continue;
            }
        };
        match kind {
            Kind::File | Kind::Link => {
                if files.len() as u64 >= limits.members_max {
                    let max = limits.members_max;
                    issues.add(
                        format!("more than {max} files: further ones are not listed"),
                        place(&name),
                        1,
                    );
                    break;
                }
                files.push(FolderFile { path, name, link: kind == Kind::Link });
            }
            Kind::Special => {
                issues.add("a device, socket or pipe in a folder is not read", place(&name), 0)
            }
            Kind::Folder if depth > limits.folder_depth_max => {
                let max = limits.folder_depth_max;
                issues.add(
                    format!("more than {max} folders in one another: not looked into"),
                    place(&name),
                    1,
                );
            }
            Kind::Folder => {
                let mut below = children(&path, &name, limits.members_max, issues);
                n_seen += below.len() as u64;
                // Folders count too, or a tree of empty ones would be walked for ever.
                if n_seen > limits.members_max.saturating_mul(4).saturating_add(1000) {
                    issues.add(
                        "too many files and folders: further ones are not listed",
                        place(&name),
                        0,
                    );
                    break;
                }
                below.sort();
                todo.extend(below.into_iter().rev().map(|(name, path)| (path, name, depth + 1)));
            }
        }
    }
    files
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Link,
    Special,
}

impl Kind {
    fn of(metadata: &std::fs::Metadata) -> Self {
        let kind = metadata.file_type();
        if kind.is_symlink() {
            Self::Link
        } else if kind.is_dir() {
            Self::Folder
        } else if kind.is_file() {
            Self::File
        } else {
            Self::Special
        }
    }
}

/// A name as a place of issues; empty for the named folder itself.
fn place(name: &str) -> String {
    if name.is_empty() { String::new() } else { label::member(name).0 }
}

/// What a folder holds directly, as (name from the root on, path), in no order.
fn children(path: &Path, name: &str, max: u64, issues: &mut Issues) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            issues.add(format!("a folder cannot be read: {}", error.kind()), place(name), 1);
            return found;
        }
    };
    for entry in entries {
        let Ok(entry) = entry else {
            issues.add("a folder could not be read to its end", place(name), 1);
            break;
        };
        let file_name = entry.file_name().to_string_lossy().into_owned();
        let below = if name.is_empty() { file_name.clone() } else { format!("{name}/{file_name}") };
        if file_name.starts_with('.') {
            issues.add("a hidden file or folder is not read", place(&below), 0);
            continue;
        }
        if found.len() as u64 > max {
            issues.add(
                format!("more than {max} files in a folder: further ones are not listed"),
                place(name),
                1,
            );
            break;
        }
        found.push((below, entry.path()));
    }
    found
}
