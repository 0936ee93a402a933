//! Inputs made to do harm.

use super::{only, read, read_all, reasons, tar_of, zip_of};
use crate::{Limits, Session, Unopened, list_bytes};

#[test]
fn names_that_lead_out_are_labels() {
    let zip = zip_of(&[
        ("../../etc/passwd", b"a"),
        ("/abs/b", b"b"),
        ("C:\\d\\e", b"c"),
        ("x\u{1b}[31m\ny", b"d"),
    ]);
    let (seen, summary) = read_all("p.zip", zip, Limits::default());
    let names: Vec<_> = seen.iter().map(|(source, _)| source.as_str()).collect();
    assert_eq!(names[..3], ["p.zip!__/__/etc/passwd", "p.zip!abs/b", "p.zip!d/e"]);
    assert!(!names[3].contains(['\u{1b}', '\n']), "{}", names[3]);
    assert!(reasons(&summary).iter().any(|reason| reason.contains("leads out")));
}

#[test]
fn members_that_share_bytes_are_refused_but_for_one() {
    // Two entries of the directory that point at the same local header.
    let mut zip = zip_of(&[("a", &super::log(100)), ("b", b"12345")]);
    let first = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    let second = first + 4 + memchr::memmem::find(&zip[first + 4..], b"PK\x01\x02").unwrap();
    let offset: [u8; 4] = zip[first + 42..first + 46].try_into().unwrap();
    zip[second + 42..second + 46].copy_from_slice(&offset);
    let container = only(zip);
    let refused =
        container.members().iter().filter(|m| m.unopened() == Some(&Unopened::Overlapping));
    assert_eq!(refused.count(), 1);
}

#[test]
fn a_link_in_an_archive_is_not_followed() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder.append_link(&mut header, "log", "/etc/passwd").unwrap();
    let container = only(builder.into_inner().unwrap());
    assert_eq!(container.members()[0].unopened(), Some(&Unopened::Link));
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.add_symlink("log", "/etc/passwd", zip::write::SimpleFileOptions::default()).unwrap();
    let container = only(writer.finish().unwrap().into_inner());
    assert_eq!(container.members()[0].unopened(), Some(&Unopened::Link));
    assert_eq!(read(&container, "log"), b"");
}

#[test]
fn a_cancelled_run_ends_and_says_so() {
    let session = Session::default();
    let containers = list_bytes("t", tar_of(&[("a", &super::log(10_000))]), &session);
    let mut reader = containers[0].open(0);
    let mut n_blocks = 0;
    reader.pump(|_| {
        n_blocks += 1;
        session.cancel();
    });
    assert_eq!(n_blocks, 1);
    assert!(reader.issues().iter().any(|issue| issue.reason == "cancelled"));
}
