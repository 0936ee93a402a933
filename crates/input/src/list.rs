//! From what the user named to containers and members.

use crate::container::{At, Packings};
use crate::raw::{Backing, MORE_BYTES, Tracked, fill, open_file, stored_head, wants_more};
use crate::reader::Notes;
use crate::sniff::{HEAD_BYTES, Sniffed, sniff};
use crate::zip::EntryKind;
use crate::{Container, ContainerKind, Member, Named, OpenError, Session, Unopened};
use crate::{folder, label, tar, zip};
use model::Issues;
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

/// Lists what an input holds.
///
/// Errors: the input is not there, cannot be read or is a device. Anything wrong inside it is an
/// issue of the container or the member.
pub fn list(named: &Named, session: &Session) -> Result<Vec<Container>, OpenError> {
    let label = named.label();
    let Named::Path(path) = named else {
        return Ok(stream(&label, Box::new(io::stdin()), session));
    };
    let unreadable = |source: io::Error| {
        if source.kind() == io::ErrorKind::NotFound {
            OpenError::Missing(named.label())
        } else {
            OpenError::Unreadable { label: named.label(), source }
        }
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        std::fs::read_dir(path).map_err(unreadable)?;
        return Ok(of_folder(&label, path, session));
    }
    if metadata.is_file() {
        let modified_s = modified_s(&metadata);
        // Asked for by name, so a file that cannot be opened is an error of the request.
        open_file(path).map_err(unreadable)?;
        let backing = Backing::Path(path.clone());
        return Ok(of_backing(&label, backing, metadata.len(), modified_s, session));
    }
    if is_pipe(&metadata) {
        let pipe = open_file(path).map_err(unreadable)?;
        return Ok(stream(&label, Box::new(pipe), session));
    }
    Err(OpenError::Special(label))
}

/// Lists what bytes in memory hold, as if a file named `label` held them.
pub fn list_bytes(label: &str, bytes: Vec<u8>, session: &Session) -> Vec<Container> {
    let len = bytes.len() as u64;
    of_backing(&label::shown(label), Backing::Memory(bytes.into()), len, None, session)
}

#[cfg(unix)]
fn is_pipe(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_metadata: &std::fs::Metadata) -> bool {
    false
}

fn modified_s(metadata: &std::fs::Metadata) -> Option<i64> {
    let since = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// An empty container.
fn container(
    label: &str,
    kind: ContainerKind,
    backing: Backing,
    len: u64,
    session: &Session,
) -> Container {
    Container {
        label: label.to_owned(),
        kind,
        members: Vec::new(),
        issues: Issues::default(),
        source_bytes: len,
        backing,
        packings: Packings::default(),
        session: session.clone(),
        cursor: Arc::default(),
    }
}

/// Standard input or a pipe: archives are taken into memory, anything else is read as it comes.
pub(crate) fn stream(
    label: &str,
    inner: Box<dyn Read + Send>,
    session: &Session,
) -> Vec<Container> {
    let mut inner = Tracked { inner, session: session.clone() };
    // Not with `head`, which reads one byte more than it gives.
    let mut head = vec![0; HEAD_BYTES];
    let (n_bytes, _) = fill(&mut inner, &mut head);
    head.truncate(n_bytes);
    let mut whole = n_bytes < HEAD_BYTES;
    if !whole && wants_more(&head) {
        head.resize(MORE_BYTES, 0);
        let more = head.get_mut(n_bytes..).map_or(0, |rest| fill(&mut inner, rest).0);
        head.truncate(n_bytes + more);
        whole = n_bytes + more < MORE_BYTES;
    }
    let sniffed = sniff(&head, whole, session);
    let is_archive = sniffed.archive.is_some();
    if is_archive || whole {
        return spooled(label, head, inner, session);
    }
    let mut container =
        container(label, ContainerKind::Stream, Backing::Memory(Arc::from([])), 0, session);
    let rest = io::Cursor::new(head).chain(inner);
    container.backing = Backing::Stream(Arc::new(Mutex::new(Some(Box::new(rest)))));
    let member = sniffed.member(label.to_owned(), label.to_owned(), At::Whole);
    container.members.push(member);
    vec![container]
}

/// What a pipe gives, in memory.
fn spooled(
    label: &str,
    mut bytes: Vec<u8>,
    mut rest: impl Read,
    session: &Session,
) -> Vec<Container> {
    let max = session.limits().spool_bytes_max;
    let room = max.saturating_sub(bytes.len() as u64);
    let _ = (&mut rest).take(room).read_to_end(&mut bytes);
    let more = fill(&mut rest, &mut [0]).0 > 0;
    let mut containers = list_bytes(label, bytes, session);
    if let Some(first) = containers.first_mut().filter(|_| more) {
        let reason = format!(
            "an archive of more than {max} bytes on a pipe: save it to a file and name that"
        );
        first.issues.add(reason, "", 0);
    }
    containers
}

/// A file: an archive, or a single member.
fn of_backing(
    label: &str,
    backing: Backing,
    len: u64,
    modified_s: Option<i64>,
    session: &Session,
) -> Vec<Container> {
    let (head, whole) = match backing.stream(session) {
        Ok(mut stream) => stored_head(&mut stream, HEAD_BYTES),
        Err(_) => (Vec::new(), false),
    };
    let sniffed = sniff(&head, whole, session);
    let mut container = container(label, ContainerKind::File, backing, len, session);
    match sniffed.archive {
        Some("zip") => of_zip(&mut container),
        Some(archive) if archive.starts_with("tar") => {
            container.packings = sniffed.packings;
            of_tar(&mut container);
        }
        Some(_) | None => {
            let name = label.rsplit(['/', '\\']).next().unwrap_or(label);
            let mut member = sniffed.nested(name.to_owned(), label.to_owned(), At::Whole);
            member.modified_s = modified_s;
            member.size = Some(len);
            container.members.push(member);
        }
    }
    vec![container]
}

/// A folder, and the archives in it as containers of their own behind it.
fn of_folder(label: &str, path: &Path, session: &Session) -> Vec<Container> {
    let backing = Backing::Path(path.to_path_buf());
    let mut folder = container(label, ContainerKind::Folder, backing, 0, session);
    let mut archives = Vec::new();
    let root = label.trim_end_matches(['/', '\\']);
    // Names on disk are unique; what is left of them when secrets are cleared may not be.
    let mut names = Names::default();
    for file in folder::files(path, session, &mut folder.issues) {
        let (name, path_bytes) = names.unique(label::member(&file.name).0);
        let source = format!("{root}/{name}");
        let metadata = file.path.symlink_metadata().ok();
        let len = metadata.as_ref().map_or(0, std::fs::Metadata::len);
        let at = At::File(file.path.clone());
        let mut member = if file.link {
            let mut member = Sniffed::default().member(name, source, at);
            member.unopened = Some(Unopened::Link);
            member.issues.add("a symbolic link is not followed: name its target", "", 0);
            member
        } else {
            let backing = Backing::Path(file.path);
            let (head, whole, error) = match backing.stream(session) {
                Ok(mut stream) => {
                    let (bytes, whole) = stored_head(&mut stream, HEAD_BYTES);
                    (bytes, whole, None)
                }
                Err(error) => (Vec::new(), false, Some(error)),
            };
            let sniffed = sniff(&head, whole, session);
            if sniffed.archive.is_some() {
                archives.extend(of_backing(&source, backing, len, None, session));
                continue;
            }
            let mut member = sniffed.member(name, source, at);
            if let Some(error) = error {
                member.unopened = Some(Unopened::Damaged);
                member.issues.add(format!("opening failed: {}", error.kind()), "", 0);
            }
            member
        };
        member.path_bytes = path_bytes;
        member.size = Some(len);
        member.modified_s = metadata.as_ref().and_then(modified_s);
        folder.source_bytes += if file.link { 0 } else { len };
        folder.members.push(member);
    }
    let mut containers = vec![folder];
    containers.append(&mut archives);
    containers
}

/// Names of one archive, told apart.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// The name, and how many bytes of it stand in the container: the rest tells it apart.
    fn unique(&mut self, name: String) -> (String, usize) {
        let mut candidate = name.clone();
        let mut n = 1_u32;
        while !self.0.insert(candidate.clone()) {
            n += 1;
            candidate = format!("{name}#{n}");
        }
        (candidate, name.len())
    }
}

const HIDDEN: &str = "a hidden file or folder is not read";
const OUTSIDE: &str = "a name that leads out of the archive: used as a label only";

fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX")
}

fn of_zip(container: &mut Container) {
    container.kind = ContainerKind::Zip;
    let session = container.session.clone();
    let Ok(mut archive) = container.backing.open(&session) else { return };
    let len = container.source_bytes;
    let mut names = Names::default();
    for entry in zip::entries(&mut *archive, len, &session, &mut container.issues) {
        if session.is_cancelled() {
            break;
        }
        let (name, outside) = label::member(&entry.name);
        if outside {
            container.issues.add(OUTSIDE, name.clone(), 0);
        }
        if entry.kind == EntryKind::Folder {
            continue;
        }
        if is_hidden(&name) {
            container.issues.add(HIDDEN, name, 0);
            continue;
        }
        let (name, path_bytes) = names.unique(name);
        let source = format!("{}!{name}", container.label);
        let mut member = zip_member(container, entry, name, source);
        member.path_bytes = path_bytes;
        container.members.push(member);
    }
}

fn zip_member(container: &Container, entry: zip::Entry, name: String, source: String) -> Member {
    let (size, modified_s) = (entry.size, entry.modified_s);
    let refused = if entry.overlapping {
        Some((Unopened::Overlapping, "overlaps another member, as bombs do: not read"))
    } else if entry.encrypted {
        Some((Unopened::Encrypted, "encrypted: unpack it with its password and name the folder"))
    } else if entry.kind == EntryKind::Link {
        Some((Unopened::Link, "a symbolic link is not followed"))
    } else {
        match entry.method {
            0 | 8 | 93 => None,
            9 => Some((Unopened::Unsupported(DEFLATE64), DEFLATE64)),
            _ => Some((Unopened::Unsupported(METHOD), METHOD)),
        }
    };
    let (packed, cut) = (entry.packed, entry.cut);
    let at = At::Zip(entry);
    let mut member = match refused {
        Some((unopened, reason)) => {
            let mut member = Sniffed::default().member(name, source, at);
            member.unopened = Some(unopened);
            member.issues.add(reason, "", 0);
            member
        }
        None => {
            let notes = Notes::default();
            let opened = container.stored(&at, &Arc::new(AtomicU64::new(0)), &notes);
            let (bytes, whole) = match opened {
                Ok(mut stream) => stored_head(&mut stream, HEAD_BYTES),
                Err(error) => {
                    notes.add(error.to_string(), "");
                    (Vec::new(), false)
                }
            };
            let lost = bytes.is_empty() && (packed > 0 || !notes.get().is_empty());
            let mut member = sniff(&bytes, whole, &container.session).nested(name, source, at);
            if lost && member.unopened.is_none() {
                member.unopened = Some(Unopened::Damaged);
                member.issues.merge(notes.get());
            }
            member
        }
    };
    member.size = (!cut).then_some(size);
    member.modified_s = modified_s;
    member
}

const DEFLATE64: &str = "packed with deflate64, which is not supported: pack it again";
const METHOD: &str = "packed with a method that is not supported: pack it again with deflate";

fn of_tar(container: &mut Container) {
    container.kind = ContainerKind::Tar;
    let session = container.session.clone();
    let notes = Notes::default();
    let Ok(mut stream) = container.archive_stream(&notes) else { return };
    let entries = tar::entries(&mut stream, HEAD_BYTES, &session, &mut container.issues);
    container.issues.merge(notes.get());
    let mut names = Names::default();
    for entry in entries {
        let (name, outside) = label::member(&entry.name);
        if outside {
            container.issues.add(OUTSIDE, name.clone(), 0);
        }
        if is_hidden(&name) {
            container.issues.add(HIDDEN, name, 0);
            continue;
        }
        let (name, path_bytes) = names.unique(name);
        let source = format!("{}!{name}", container.label);
        let at = At::Tar(entry.offset, entry.size);
        let mut member = if entry.link {
            let mut member = Sniffed::default().member(name, source, at);
            member.unopened = Some(Unopened::Link);
            member.issues.add("a link in an archive is not followed", "", 0);
            member
        } else {
            let whole = entry.head.len() as u64 == entry.size;
            sniff(&entry.head, whole, &session).nested(name, source, at)
        };
        member.path_bytes = path_bytes;
        member.size = Some(entry.size);
        member.modified_s = entry.modified_s;
        container.members.push(member);
    }
}
