//! Containers and their members.

use crate::reader::Notes;
use crate::{MemberReader, Session, label};
use model::{Head, Issues};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes at the start of a member that recognisers see.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

/// What the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A file or a folder.
    Path(PathBuf),
    /// Standard input, written `-`.
    Stdin,
}

impl Named {
    /// The input that an argument names.
    pub fn parse(argument: &OsStr) -> Self {
        if argument == "-" { Self::Stdin } else { Self::Path(PathBuf::from(argument)) }
    }

    /// The input as reports show it.
    pub fn label(&self) -> String {
        match self {
            Self::Path(path) => label::shown(&path.to_string_lossy()),
            Self::Stdin => "standard input".to_owned(),
        }
    }
}

/// Why an input could not be opened at all: a wrong request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Nothing of that name.
    #[error("no file or folder `{0}`; check the spelling")]
    Missing(String),
    /// It is there and cannot be read.
    #[error("cannot read `{label}`: {source}")]
    Unreadable {
        /// The input.
        label: String,
        /// Why.
        source: io::Error,
    },
    /// A device or a socket.
    #[error("`{0}` is no file, folder or pipe; name a file")]
    Special(String),
}

/// What sort of container it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContainerKind {
    /// A folder: its plain and compressed files. Archives in it are containers of their own.
    Folder,
    /// A zip archive.
    Zip,
    /// A tar archive, plain or compressed.
    Tar,
    /// A single file, plain or compressed: one member.
    File,
    /// Standard input or a pipe: one member, which can be opened once.
    Stream,
}

/// How a member is compressed inside its container; readers give it unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Packing {
    /// Not at all (or only by its zip archive).
    Plain,
    /// As a gzip file.
    Gzip,
    /// As a Zstandard file.
    Zstd,
}

/// Why a member is listed and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unopened {
    /// An archive inside an archive, of this kind (`zip`, `tar`, `tar.gz` ...).
    NestedArchive(&'static str),
    /// Encrypted.
    Encrypted,
    /// Packed in a way that is not supported, with the remedy.
    Unsupported(&'static str),
    /// Refused: shares bytes with another member, as bombs do.
    Overlapping,
    /// A symbolic link, not followed.
    Link,
    /// Damaged so that no byte of it could be read.
    Damaged,
}

/// A file in a container.
#[derive(Clone, Debug)]
pub struct Member {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) size: Option<u64>,
    pub(crate) modified_s: Option<i64>,
    pub(crate) packing: Packing,
    pub(crate) head: Vec<u8>,
    pub(crate) whole: bool,
    pub(crate) unopened: Option<Unopened>,
    pub(crate) issues: Issues,
    pub(crate) at: At,
}

/// Where the bytes of a member are.
#[derive(Clone, Debug)]
pub(crate) enum At {
    /// The container's backing is the member.
    Whole,
}

impl Member {
    /// The name inside the container as a label, unique in it: `node-1/mattermost.log`; a second
    /// one of the same name is `mattermost.log#2`. For a single file its own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name for evidence: `bundle.zip!node-1/mattermost.log`, in a folder `folder/file`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The size as the container declares it: unpacked in archives, as stored for files on disk.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// When it was modified, in seconds since 1970; zip archives may mean local time.
    pub fn modified_s(&self) -> Option<i64> {
        self.modified_s
    }

    /// How it is compressed.
    pub fn packing(&self) -> Packing {
        self.packing
    }

    /// The first bytes, unpacked, for recognisers. Empty for what is not opened.
    pub fn head(&self) -> Head<'_> {
        Head { path: &self.name, bytes: &self.head, whole: self.whole }
    }

    /// Why it cannot be read, if so. [`Container::open`] gives no bytes then.
    pub fn unopened(&self) -> Option<&Unopened> {
        self.unopened.as_ref()
    }

    /// What was wrong with it when it was listed.
    pub fn issues(&self) -> &Issues {
        &self.issues
    }
}

/// Where the bytes of a container are.
#[derive(Clone)]
pub(crate) enum Backing {
    /// A file.
    Path(PathBuf),
    /// Bytes in memory.
    Memory(Arc<[u8]>),
    /// A pipe, until it is taken.
    Stream(Arc<Mutex<Option<Box<dyn Read + Send>>>>),
}

/// A folder, an archive, a file or a pipe, with its members.
pub struct Container {
    pub(crate) label: String,
    pub(crate) kind: ContainerKind,
    pub(crate) members: Vec<Member>,
    pub(crate) issues: Issues,
    pub(crate) source_bytes: u64,
    pub(crate) backing: Backing,
    pub(crate) session: Session,
}

impl Container {
    /// The path as the user named it; for an archive in a folder with its path in the folder.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What sort of container it is.
    pub fn kind(&self) -> ContainerKind {
        self.kind
    }

    /// The members: of a folder sorted by path, of an archive in its order.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// What was wrong with the container itself.
    pub fn issues(&self) -> &Issues {
        &self.issues
    }

    /// Bytes on disk, for progress; 0 for a pipe.
    pub fn source_bytes(&self) -> u64 {
        self.source_bytes
    }

    /// The one folder that all members lie in (`packet/` when a packet was packed again), or `""`.
    pub fn wrapping_folder(&self) -> &str {
        let mut names = self.members.iter().map(|member| member.name.as_str());
        let Some((folder, _)) = names.next().and_then(|name| name.split_once('/')) else {
            return "";
        };
        let inside =
            |name: &str| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        if names.all(inside) { folder } else { "" }
    }

    /// Reads member `idx` of [`Container::members`] from its start. Any number of readers may be
    /// open at once, on any threads; a stream can be read once.
    pub fn open(&self, idx: usize) -> MemberReader {
        let notes = Notes::default();
        let stage: Box<dyn Read + Send> = match self.members.get(idx) {
            Some(Member { unopened: None, at: At::Whole, .. }) => self.whole(&notes),
            Some(_) | None => Box::new(io::empty()),
        };
        MemberReader::new(stage, self.session.clone(), notes)
    }

    fn whole(&self, notes: &Notes) -> Box<dyn Read + Send> {
        match &self.backing {
            Backing::Memory(bytes) => Box::new(io::Cursor::new(Arc::clone(bytes))),
            Backing::Path(path) => match std::fs::File::open(path) {
                Ok(file) => Box::new(file),
                Err(error) => {
                    notes.add(format!("opening failed: {}", error.kind()), "");
                    Box::new(io::empty())
                }
            },
            Backing::Stream(stream) => {
                match stream.lock().unwrap_or_else(PoisonError::into_inner).take() {
                    Some(stream) => stream,
                    None => {
                        notes.add("a pipe can be read once", "");
                        Box::new(io::empty())
                    }
                }
            }
        }
    }
}

impl std::fmt::Debug for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Container")
            .field("label", &self.label)
            .field("kind", &self.kind)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

/// Whether a visit goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// With the next member.
    Continue,
    /// It ends here.
    Stop,
}

/// A member while it is visited.
#[derive(Debug)]
pub struct Source<'a> {
    /// Its container.
    pub container: &'a Container,
    /// The member: name, head, size.
    pub member: &'a Member,
    /// Its bytes from the first on; what is left unread is passed over.
    pub reader: &'a mut MemberReader,
}

/// What became of a visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Members that were listed.
    pub n_members: u64,
    /// Unpacked bytes that were read.
    pub bytes: u64,
    /// Issues by source (`bundle.zip`, `bundle.zip!mattermost.log`), only where there are any.
    pub issues: Vec<(String, Issues)>,
}

/// Lists what an input holds.
///
/// Errors: the input is not there, cannot be read or is a device. Anything wrong inside it is an
/// issue of the container or the member.
pub fn list(named: &Named, session: &Session) -> Result<Vec<Container>, OpenError> {
    let _ = named.label();
    let unreadable = |source| OpenError::Unreadable { label: named.label(), source };
    match named {
        Named::Path(path) => {
            let bytes = Vec::new();
            let _ = std::fs::metadata(path).map_err(unreadable)?;
            Ok(list_bytes(&named.label(), bytes, session))
        }
        Named::Stdin => Ok(list_bytes(&named.label(), Vec::new(), session)),
    }
}

/// Lists what bytes in memory hold, as if a file named `label` held them.
pub fn list_bytes(label: &str, bytes: Vec<u8>, session: &Session) -> Vec<Container> {
    let _ = session.add_head();
    session.report_progress(0);
    let _ = session.add_unpacked(0);
    let (label, _) = label::member(label);
    let member = Member {
        name: label.clone(),
        source: label.clone(),
        size: Some(bytes.len() as u64),
        modified_s: None,
        packing: Packing::Plain,
        head: bytes.iter().copied().take(HEAD_BYTES).collect(),
        whole: bytes.len() <= HEAD_BYTES,
        unopened: None,
        issues: Issues::default(),
        at: At::Whole,
    };
    vec![Container {
        label,
        kind: ContainerKind::File,
        members: vec![member],
        issues: Issues::default(),
        source_bytes: bytes.len() as u64,
        backing: Backing::Memory(bytes.into()),
        session: session.clone(),
    }]
}

/// Lists an input and gives each readable member, in order, to `each`.
pub fn visit(
    named: &Named,
    session: &Session,
    each: &mut dyn FnMut(Source<'_>) -> Flow,
) -> Result<Summary, OpenError> {
    Ok(visit_all(&list(named, session)?, each))
}

/// As [`visit`], for bytes in memory.
pub fn visit_bytes(
    label: &str,
    bytes: Vec<u8>,
    session: &Session,
    each: &mut dyn FnMut(Source<'_>) -> Flow,
) -> Summary {
    visit_all(&list_bytes(label, bytes, session), each)
}

fn visit_all(containers: &[Container], each: &mut dyn FnMut(Source<'_>) -> Flow) -> Summary {
    let mut summary = Summary::default();
    let mut flow = Flow::Continue;
    for container in containers {
        if !container.issues.is_empty() {
            summary.issues.push((container.label.clone(), container.issues.clone()));
        }
        for (idx, member) in container.members.iter().enumerate() {
            summary.n_members += 1;
            let mut issues = member.issues.clone();
            if member.unopened.is_none() && flow == Flow::Continue {
                let mut reader = container.open(idx);
                flow = each(Source { container, member, reader: &mut reader });
                summary.bytes += reader.bytes_read();
                issues.merge(reader.issues());
            }
            if !issues.is_empty() {
                summary.issues.push((member.source.clone(), issues));
            }
        }
    }
    summary
}
