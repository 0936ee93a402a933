//! Containers and their members.

use crate::cursor::Cursor;
use crate::raw::{Backing, Counted};
use crate::reader::{Guard, Notes};
use crate::unpack::{Bunzip2, Checked, Gunzip, Inflate, Unxz, Unzstd};
use crate::utf16::Utf16;
use crate::{MemberReader, Session, label, zip};
use encoding_rs::Encoding;
use model::{Head, Issues};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

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
///
/// A compressed file counts as packed if it unpacks to text: profiles are a format of their own
/// and are given as they are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Packing {
    /// Not at all (or only by its zip archive).
    #[default]
    Plain,
    /// As a gzip file.
    Gzip,
    /// As a Zstandard file.
    Zstd,
    /// As an xz file.
    Xz,
    /// As a bzip2 file.
    Bzip2,
}

/// Packings of a file, the outermost first: a file may be packed twice, when what a rotation packs
/// is packed again for the mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Packings(pub(crate) [Packing; 2]);

impl Packings {
    /// Whether there is none.
    pub(crate) fn are_none(self) -> bool {
        self == Self::default()
    }
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
    /// Bytes of the name before `#2`.
    pub(crate) path_bytes: usize,
    pub(crate) source: String,
    pub(crate) size: Option<u64>,
    pub(crate) modified_s: Option<i64>,
    pub(crate) packings: Packings,
    /// The UTF-16 that it is stored in, if it is: `head` and what is read are UTF-8.
    pub(crate) utf16: Option<&'static Encoding>,
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
    /// A file of a folder.
    File(PathBuf),
    /// In a zip archive.
    Zip(zip::Entry),
    /// In a tar archive, unpacked: the first byte and the size.
    Tar(u64, u64),
}

impl Member {
    /// The name inside the container as a label, unique in it: `node-1/mattermost.log`; a second
    /// one of the same name is `mattermost.log#2`. For a single file its own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name as it stands in the container: several members may have the same.
    pub fn path(&self) -> &str {
        self.name.get(..self.path_bytes).unwrap_or(&self.name)
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
        let Packings([outer, _]) = self.packings;
        outer
    }

    /// The first bytes, unpacked, for recognisers. Empty for what is not opened.
    pub fn head(&self) -> Head<'_> {
        Head { path: self.path(), bytes: &self.head, whole: self.whole }
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

/// A folder, an archive, a file or a pipe, with its members.
pub struct Container {
    pub(crate) label: String,
    pub(crate) kind: ContainerKind,
    pub(crate) members: Vec<Member>,
    pub(crate) issues: Issues,
    pub(crate) source_bytes: u64,
    pub(crate) backing: Backing,
    /// Of the archive as a whole: `tar.gz`.
    pub(crate) packings: Packings,
    pub(crate) session: Session,
    pub(crate) cursor: crate::cursor::Pool,
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
    /// open at once, on any threads; a stream can be read once. Members of a compressed tar
    /// archive are best read in order: going back unpacks it again from the start.
    pub fn open(&self, idx: usize) -> MemberReader {
        let notes = Notes::default();
        let taken = Arc::new(AtomicU64::new(0));
        let stage = match self.members.get(idx).filter(|member| member.unopened.is_none()) {
            Some(member) => {
                let stage = self.stage(&member.at, member.packings, &taken, &notes);
                match member.utf16 {
                    Some(encoding) => Box::new(Utf16::new(stage, encoding, notes.clone())),
                    None => stage,
                }
            }
            None => Box::new(io::empty()),
        };
        MemberReader::new(stage, self.session.clone(), notes)
    }

    /// The unpacked bytes at `at`.
    fn stage(
        &self,
        at: &At,
        packings: Packings,
        taken: &Arc<AtomicU64>,
        notes: &Notes,
    ) -> Box<dyn Read + Send> {
        let stored = match self.stored(at, taken, notes) {
            Ok(stored) => stored,
            Err(error) => {
                notes.add(format!("opening failed: {error}"), "");
                return Box::new(io::empty());
            }
        };
        let unpacked = unpacked(stored, packings, notes);
        let plain = packings.are_none() && !matches!(at, At::Zip(entry) if entry.method != 0);
        if plain {
            return unpacked;
        }
        Box::new(Guard::new(unpacked, Arc::clone(taken), self.session.clone(), notes.clone()))
    }

    /// The bytes at `at` as the container stores them, without its own compression.
    pub(crate) fn stored(
        &self,
        at: &At,
        taken: &Arc<AtomicU64>,
        notes: &Notes,
    ) -> io::Result<Box<dyn Read + Send>> {
        let counted =
            |inner: Box<dyn Read + Send>| Box::new(Counted { inner, n_bytes: Arc::clone(taken) });
        Ok(match at {
            At::Whole => counted(self.backing.stream(&self.session)?),
            At::File(path) => counted(Backing::Path(path.clone()).stream(&self.session)?),
            At::Zip(entry) => {
                let data = counted(Box::new(entry.data(self.backing.open(&self.session)?)?));
                let unpacked: Box<dyn Read + Send> = match entry.method {
                    0 => data,
                    8 => Box::new(Inflate::new(data, notes.clone())),
                    93 => Box::new(Unzstd::new(data, notes.clone())),
                    _ => return Err(io::Error::from(io::ErrorKind::Unsupported)),
                };
                if entry.cut {
                    notes.add(
                        "the archive ends inside this member: what could be unpacked was read",
                        "",
                    );
                    unpacked
                } else {
                    Box::new(Checked::new(unpacked, entry.crc, entry.size, notes.clone()))
                }
            }
            At::Tar(offset, size) => counted(Box::new(Cursor::part(self, *offset, *size)?)),
        })
    }

    /// The unpacked bytes of the archive itself, for a tar archive.
    pub(crate) fn archive_stream(&self, notes: &Notes) -> io::Result<Box<dyn Read + Send>> {
        let taken = Arc::new(AtomicU64::new(0));
        let inner = self.backing.stream(&self.session)?;
        let stored = Box::new(Counted { inner, n_bytes: Arc::clone(&taken) });
        if self.packings.are_none() {
            return Ok(stored);
        }
        let guard = Guard::new(
            unpacked(stored, self.packings, notes),
            taken,
            self.session.clone(),
            notes.clone(),
        );
        // An archive may be larger than one member may be.
        Ok(Box::new(guard.for_archive()))
    }
}

/// Takes packings off.
pub(crate) fn unpacked(
    stored: Box<dyn Read + Send>,
    Packings(packings): Packings,
    notes: &Notes,
) -> Box<dyn Read + Send> {
    packings.into_iter().fold(stored, |stored, packing| match packing {
        Packing::Plain => stored,
        Packing::Gzip => Box::new(Gunzip::new(stored, notes.clone())),
        Packing::Zstd => Box::new(Unzstd::new(stored, notes.clone())),
        Packing::Xz => Box::new(Unxz::new(stored, notes.clone())),
        Packing::Bzip2 => Box::new(Bunzip2::new(stored, notes.clone())),
    })
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

impl std::fmt::Display for Unopened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NestedArchive(kind) => {
                return write!(f, "not opened: {kind} inside an archive");
            }
            Self::Encrypted => "not opened: encrypted",
            Self::Unsupported(remedy) => return write!(f, "not opened: {remedy}"),
            Self::Overlapping => "not opened: overlaps another member, as bombs do",
            Self::Link => "not followed: a link",
            Self::Damaged => "not readable: no byte could be unpacked",
        })
    }
}
