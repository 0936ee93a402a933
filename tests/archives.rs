//! Packets as archives: whole, packed again, and broken in one place.

use crate::command::root;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

/// A member: its path with `/` between the parts, and its bytes.
pub(crate) type Member = (String, Vec<u8>);

/// The members of a fixture, in the order of their paths.
pub(crate) fn fixture(packet: &str) -> Vec<Member> {
    let folder = root().join("fixtures/packets").join(packet);
    let mut members = Vec::new();
    collect(&folder, &folder, &mut members);
    assert!(!members.is_empty(), "{} is empty", folder.display());
    members.sort();
    members
}

fn collect(folder: &Path, below: &Path, members: &mut Vec<Member>) {
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(folder, &path, members);
        } else {
            let parts: Vec<String> = path
                .strip_prefix(folder)
                .unwrap()
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            members.push((parts.join("/"), fs::read(&path).unwrap()));
        }
    }
}

/// A zip as the server writes it: streamed, so that the sizes follow the data. A path may be there
/// several times.
pub(crate) fn zip_of(members: &[Member]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new_stream(Vec::new());
    let mut renamed = Vec::new();
    for (idx, (path, bytes)) in members.iter().enumerate() {
        // The writer refuses a path that is there already: it gets a stand-in of the same length.
        let stand_in = format!("{idx:~>width$}", width = path.len());
        let again = members[..idx].iter().any(|(other, _)| other == path);
        let name = if again { &stand_in } else { path };
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
        if again {
            renamed.push((stand_in, path));
        }
    }
    let mut archive = writer.finish().unwrap().into_inner();
    for (stand_in, path) in renamed {
        let mut n_places = 0;
        while let Some(at) = find(&archive, stand_in.as_bytes()) {
            archive[at..at + path.len()].copy_from_slice(path.as_bytes());
            n_places += 1;
        }
        assert_eq!(n_places, 2, "{path}: in its own header and in the directory");
    }
    archive
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// Sets the flag of encryption of one member of a zip, in its own header and in the directory.
pub(crate) fn encrypt(archive: &mut [u8], path: &str) {
    // Signature, offset of the flags, offset of the name.
    const HEADERS: [(&[u8], usize, usize); 2] = [(b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)];
    for (signature, flags, name) in HEADERS {
        let at = (0..archive.len())
            .find(|&at| {
                archive[at..].starts_with(signature)
                    && archive[at..]
                        .get(name..)
                        .is_some_and(|rest| rest.starts_with(path.as_bytes()))
            })
            .unwrap_or_else(|| panic!("{path} is in the archive"));
        archive[at + flags] |= 1;
    }
}

/// A gzipped tar.
pub(crate) fn tar_gz_of(members: &[Member]) -> Vec<u8> {
    let packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut builder = tar::Builder::new(packed);
    for (path, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, Cursor::new(bytes)).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// A folder of a test, empty at its start.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    /// `name` is the test's own.
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }

    /// Writes a file, with its folders, and gives its path.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.to_string_lossy().into_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Bytes that look like nothing, the same for the same seed.
pub(crate) fn noise(n_bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    (0..n_bytes)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect()
}
