//! Archives that were cut off, overwritten or badly written.

use super::{gzip, log, only, read, read_all, reasons, streamed_zip_of, tar_of, zip_of};
use crate::{Limits, Unopened};
use proptest::prelude::*;

fn all_of(reasons: &[String], what: &str) -> bool {
    !reasons.is_empty() && reasons.iter().any(|reason| reason.contains(what))
}

#[test]
fn a_zip_without_its_directory_is_read_by_its_headers() {
    let log = log(5_000);
    for whole in [
        zip_of(&[("a.log", &log), ("b.yaml", b"b: 1\n"), ("c.log", &log)]),
        streamed_zip_of(&[("a.log", &log), ("b.yaml", b"b: 1\n"), ("c.log", &log)]),
    ] {
        let directory = memchr::memmem::rfind(&whole, b"c.log").unwrap() - 200;
        let (seen, summary) = read_all("p.zip", whole[..directory].to_vec(), Limits::default());
        assert_eq!(seen.len(), 3);
        assert!(seen[0].1 == log, "the first member is whole");
        assert_eq!(seen[1].1, b"b: 1\n");
        assert!(log.starts_with(&seen[2].1) && seen[2].1.len() > log.len() / 2);
        assert!(all_of(&reasons(&summary), "directory of the archive is missing"));
        assert!(all_of(&reasons(&summary), "archive ends inside this member"));
    }
}

#[test]
fn a_zip_cut_anywhere_gives_what_lies_before_the_cut() {
    let log = log(100);
    for whole in [
        zip_of(&[("a.log", &log), ("b/c.log", &log)]),
        streamed_zip_of(&[("a.log", &log), ("b/c.log", &log)]),
        tar_of(&[("a.log", &log), ("b/c.log", &log)]),
        gzip(&tar_of(&[("a.log", &log), ("b/c.log", &log)])),
        gzip(&log),
    ] {
        for cut in 0..whole.len() {
            let (seen, _) = read_all("p", whole[..cut].to_vec(), Limits::default());
            for (source, bytes) in &seen {
                let known = source == "p" || log.starts_with(bytes);
                assert!(known, "{source} at {cut}: no byte is made up");
            }
        }
    }
}

#[test]
fn a_wrong_checksum_is_said_and_the_data_is_used() {
    let mut zip = zip_of(&[("a", b"hello hello hello")]);
    let directory = memchr::memmem::rfind(&zip, b"PK\x01\x02").unwrap();
    zip[directory + 16] ^= 1;
    let (seen, summary) = read_all("p.zip", zip, Limits::default());
    assert_eq!(seen[0].1, b"hello hello hello");
    assert!(all_of(&reasons(&summary), "checksum differs"));
    let mut gz = gzip(b"hello hello hello");
    let crc = gz.len() - 8;
    gz[crc] ^= 1;
    let (seen, summary) = read_all("a.gz", gz, Limits::default());
    assert_eq!(seen[0].1, b"hello hello hello");
    assert!(all_of(&reasons(&summary), "checksum differs"));
}

#[test]
fn damage_in_the_middle_keeps_what_lies_before() {
    let log = log(50_000);
    let mut gz = gzip(&log);
    let middle = gz.len() / 2;
    gz[middle..middle + 64].fill(0xFF);
    let (seen, summary) = read_all("a.gz", gz.clone(), Limits::default());
    let n_same = seen[0].1.iter().zip(&log).take_while(|(a, b)| a == b).count();
    assert!(n_same > log.len() / 3, "{n_same} of {}", log.len());
    assert!(!reasons(&summary).is_empty());
    gz.truncate(middle);
    let (seen, summary) = read_all("a.gz", gz, Limits::default());
    assert!(log.starts_with(&seen[0].1) && seen[0].1.len() > log.len() / 3);
    assert!(all_of(&reasons(&summary), "ends too early"));
    let mut zst = zstd::encode_all(log.as_slice(), 1).unwrap();
    zst.truncate(zst.len() / 2);
    let (seen, summary) = read_all("a.zst", zst, Limits::default());
    assert!(log.starts_with(&seen[0].1) && !seen[0].1.is_empty());
    assert!(all_of(&reasons(&summary), "ends too early"));
}

#[test]
fn bytes_behind_a_gzip_file_are_said() {
    let bytes = [gzip(b"one\n"), b"junk behind".to_vec()].concat();
    let (seen, summary) = read_all("a.gz", bytes, Limits::default());
    assert_eq!(seen[0].1, b"one\n");
    assert!(all_of(&reasons(&summary), "bytes after the end"));
}

#[test]
fn a_zip_behind_other_bytes_in_its_directory_offsets_is_read() {
    // A mailer put a comment in front; the directory's offsets are short by its length.
    let mut zip = zip_of(&[("a", b"hello"), ("b", b"world")]);
    let first = memchr::memmem::find(&zip, b"PK\x03\x04").unwrap();
    zip.splice(first..first, zip_of(&[("pre", b"fix")]));
    let container = only(zip);
    assert_eq!(read(&container, "b"), b"world");
}

#[test]
fn an_encrypted_member_is_said_and_the_others_are_read() {
    let mut zip = zip_of(&[("a", b"hello"), ("b", b"world")]);
    let directory = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    zip[directory + 8] |= 1;
    let container = only(zip);
    assert_eq!(container.members()[0].unopened(), Some(&Unopened::Encrypted));
    assert_eq!(read(&container, "b"), b"world");
}

#[test]
fn a_damaged_tar_header_loses_one_member_only() {
    let mut tar = tar_of(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    tar[1024 + 20] ^= 0xFF;
    let (seen, summary) = read_all("t", tar, Limits::default());
    let names: Vec<_> = seen.iter().map(|(source, _)| source.as_str()).collect();
    assert_eq!(names, ["t!a", "t!c"]);
    assert!(all_of(&reasons(&summary), "damaged header"));
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000), start in 0..6_usize) {
        let magics: [&[u8]; 6] =
            [b"", b"PK\x03\x04", &[0x1F, 0x8B, 8, 0], &[0x28, 0xB5, 0x2F, 0xFD], b"PK\x05\x06", b"PK\x01\x02"];
        read_all("x", [magics[start], &bytes].concat(), Limits::default());
    }

    #[test]
    fn flipped_bytes_never_panic(flips in prop::collection::vec((any::<u16>(), any::<u8>()), 1..12), kind in 0..4_usize) {
        let text = log(40);
        let members: [(&str, &[u8]); 2] = [("a.log", &text), ("b.log.gz", &gzip(&text))];
        let mut bytes = match kind {
            0 => zip_of(&members),
            1 => streamed_zip_of(&members),
            2 => tar_of(&members),
            _ => gzip(&tar_of(&members)),
        };
        for (at, to) in flips {
            let at = usize::from(at) % bytes.len();
            bytes[at] = to;
        }
        read_all("x", bytes, Limits::default());
    }
}
