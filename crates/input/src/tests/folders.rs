//! Folders, files and pipes.

use super::{gzip, log, read, zip_of};
use crate::{ContainerKind, Limits, Named, OpenError, Session, Unopened, list};
use std::path::{Path, PathBuf};

/// A folder that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("analyze-input-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    #[expect(clippy::disallowed_methods, reason = "the test makes its own files")]
    fn with(&self, name: &str, bytes: &[u8]) -> &Self {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn named(path: &Path) -> Named {
    Named::parse(path.as_os_str())
}

#[test]
fn a_folder_gives_its_files_sorted_and_its_archives_apart() {
    let folder = Folder::new("sorted");
    folder
        .with("b.csv", b"time,value\n")
        .with("a/z.log", b"z")
        .with("a/packet.zip", &zip_of(&[("metadata.yaml", b"v")]))
        .with("c.log.gz", &gzip(&log(10)))
        .with(".hidden", b"h");
    let containers = list(&named(&folder.0), &Session::default()).unwrap();
    assert_eq!(containers.len(), 2);
    let names: Vec<_> = containers[0].members().iter().map(|m| m.name()).collect();
    assert_eq!(names, ["a/z.log", "b.csv", "c.log.gz"]);
    assert!(containers[0].members()[0].source().ends_with("/a/z.log"));
    assert!(read(&containers[0], "c.log.gz") == log(10));
    assert!(containers[0].issues().iter().any(|issue| issue.reason.contains("hidden")));
    assert_eq!(containers[1].kind(), ContainerKind::Zip);
    assert!(containers[1].members()[0].source().ends_with("a/packet.zip!metadata.yaml"));
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_are_listed_and_not_followed() {
    let folder = Folder::new("links");
    folder.with("a.log", b"a");
    std::os::unix::fs::symlink("/etc/passwd", folder.0.join("b.log")).unwrap();
    std::os::unix::fs::symlink(&folder.0, folder.0.join("loop")).unwrap();
    let containers = list(&named(&folder.0), &Session::default()).unwrap();
    let members = containers[0].members();
    assert_eq!(members.len(), 3);
    assert!(members[1..].iter().all(|member| member.unopened() == Some(&Unopened::Link)));
    assert_eq!(read(&containers[0], "b.log"), b"");
}

#[test]
fn folders_too_deep_or_too_full_are_said() {
    let folder = Folder::new("deep");
    folder.with("1/2/3/4/deep.log", b"x").with("1/a.log", b"x").with("1/b.log", b"x");
    let deep = Limits { folder_depth_max: 2, ..Limits::default() };
    let containers = list(&named(&folder.0), &Session::new(deep)).unwrap();
    assert!(containers[0].issues().iter().any(|issue| issue.reason.contains("in one another")));
    let full = Limits { members_max: 1, ..Limits::default() };
    let containers = list(&named(&folder.0), &Session::new(full)).unwrap();
    assert_eq!(containers[0].members().len(), 1);
    assert!(containers[0].issues().iter().any(|issue| issue.reason.contains("more than 1 files")));
}

#[test]
fn a_missing_input_is_an_error_of_the_request() {
    let error = list(&Named::parse("no/such/file".as_ref()), &Session::default()).unwrap_err();
    assert!(matches!(error, OpenError::Missing(_)));
    assert_eq!(error.to_string(), "no file or folder `no/such/file`; check the spelling");
}

#[test]
fn progress_tells_the_bytes_that_were_read() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    let folder = Folder::new("progress");
    folder.with("a.log", &log(50_000));
    let n_bytes = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&n_bytes);
    let session = Session::default().with_progress(move |n| {
        counter.fetch_add(n, Ordering::Relaxed);
    });
    let containers = list(&named(&folder.0), &session).unwrap();
    read(&containers[0], "a.log");
    assert!(n_bytes.load(Ordering::Relaxed) >= containers[0].source_bytes());
}
