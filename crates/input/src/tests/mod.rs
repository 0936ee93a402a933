//! Archives made in memory, whole and broken.

mod damage;
mod folders;
mod hostile;
mod limits;
mod pipes;

use crate::{Container, Flow, Limits, Session, Summary, list_bytes, visit_bytes};
use std::io::{Cursor, Write as _};

/// A log that does not compress away to nothing.
pub(super) fn log(n_lines: u32) -> Vec<u8> {
    let mut out = Vec::new();
    for i in 0..n_lines {
        let noise = u64::from(i).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        writeln!(out, "line {i} {noise:016x}").unwrap();
    }
    out
}

pub(super) fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Written as a stream, as the server does it: the sizes follow the data.
pub(super) fn streamed_zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new_stream(Vec::new());
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub(super) fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(super) fn read(container: &Container, name: &str) -> Vec<u8> {
    let idx = container.members().iter().position(|member| member.name() == name).unwrap();
    let mut bytes = Vec::new();
    container.open(idx).pump(|block| bytes.extend_from_slice(block));
    bytes
}

/// Reads everything; gives (source, bytes) and the summary.
pub(super) fn read_all(
    label: &str,
    bytes: Vec<u8>,
    limits: Limits,
) -> (Vec<(String, Vec<u8>)>, Summary) {
    let mut seen = Vec::new();
    let summary = visit_bytes(label, bytes, &Session::new(limits), &mut |source| {
        let mut bytes = Vec::new();
        source.reader.pump(|block| bytes.extend_from_slice(block));
        seen.push((source.member.source().to_owned(), bytes));
        Flow::Continue
    });
    (seen, summary)
}

pub(super) fn only(bytes: Vec<u8>) -> Container {
    let mut containers = list_bytes("in", bytes, &Session::default());
    assert_eq!(containers.len(), 1);
    containers.remove(0)
}

pub(super) fn reasons(summary: &Summary) -> Vec<String> {
    let all = summary.issues.iter().flat_map(|(_, issues)| issues.iter());
    all.map(|issue| issue.reason.clone()).collect()
}

#[test]
fn a_zip_gives_its_members_and_their_heads() {
    let log = log(10_000);
    for bytes in [
        zip_of(&[("node-1/mattermost.log", &log), ("metadata.yaml", b"version: 1\n")]),
        streamed_zip_of(&[("node-1/mattermost.log", &log), ("metadata.yaml", b"version: 1\n")]),
    ] {
        let (seen, summary) = read_all("packet.zip", bytes.clone(), Limits::default());
        assert_eq!(reasons(&summary), Vec::<String>::new());
        assert_eq!(seen[0], ("packet.zip!node-1/mattermost.log".to_owned(), log.clone()));
        assert_eq!(seen[1].1, b"version: 1\n");
        let container = only(bytes);
        let head = container.members()[0].head();
        assert_eq!((head.bytes, head.whole), (&log[..64 << 10], false));
        assert!(container.members()[1].head().whole);
        assert_eq!(container.members()[0].size(), Some(log.len() as u64));
    }
}

#[test]
fn a_packet_packed_again_tells_its_wrapping_folder() {
    let container = only(zip_of(&[("p/metadata.yaml", b"a"), ("p/n/mattermost.log", b"b")]));
    assert_eq!(container.wrapping_folder(), "p");
    let container = only(zip_of(&[("metadata.yaml", b"a"), ("p/mattermost.log", b"b")]));
    assert_eq!(container.wrapping_folder(), "");
}

#[test]
fn compressed_files_are_read_through_also_inside_archives() {
    let log = log(20_000);
    let zst = zstd::encode_all(log.as_slice(), 1).unwrap();
    let twice = [gzip(&log), gzip(&log)].concat();
    for (bytes, expected) in [
        (gzip(&log), log.clone()),
        (zst.clone(), log.clone()),
        (twice, [log.clone(), log.clone()].concat()),
    ] {
        let (seen, summary) = read_all("a.log", bytes, Limits::default());
        assert_eq!(reasons(&summary), Vec::<String>::new());
        assert!(seen[0].1 == expected, "the log is read whole");
    }
    let zip = zip_of(&[("a.log.gz", &gzip(&log)), ("b.log", &zst)]);
    let (seen, summary) = read_all("p.zip", zip, Limits::default());
    assert_eq!(reasons(&summary), Vec::<String>::new());
    assert!(seen.iter().all(|(_, bytes)| *bytes == log));
}

/// A packer that needs a process: none of ours writes xz.
fn packed_by(program: &str, arguments: &[&str], bytes: &[u8]) -> Option<Vec<u8>> {
    use std::io::Write as _;
    let mut child = std::process::Command::new(program)
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().ok()?;
    writer.join().unwrap().ok()?;
    output.status.success().then_some(output.stdout)
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    use std::io::Read as _;
    let mut out = Vec::new();
    let level = ::bzip2::Compression::best();
    ::bzip2::read::BzEncoder::new(bytes, level).read_to_end(&mut out).unwrap();
    out
}

#[test]
fn xz_bzip2_and_what_is_packed_twice_are_read_through() {
    // Random numbers do not shrink: several blocks, and more than a head.
    let mut log = log(2_000);
    let mut state = 7_u64;
    log.extend((0..1_300_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        b' ' + (state >> 57) as u8
    }));
    let bz = bzip2(&log);
    assert!(bz.len() > 1 << 20, "{}", bz.len());
    let mut streams = bz.clone();
    streams.extend(bzip2(b"and more\n"));
    let twice = gzip(&gzip(&log));
    let of_rotation = gzip(&bz);
    for packed in [&bz, &twice, &of_rotation] {
        let container = only(packed.clone());
        assert_eq!(container.members()[0].head().bytes.len(), 64 << 10);
        assert!(read(&container, "in") == log);
    }
    assert!(read(&only(streams), "in").ends_with(b"and more\n"));
    let tar = tar_of(&[("a.log", &log), ("b.log.bz2", &bz)]);
    for packed in [bzip2(&tar), gzip(&gzip(&tar))] {
        let (seen, _) = read_all("p", packed, crate::Limits::default());
        assert_eq!(seen.len(), 2);
        assert!(seen[0].1 == log && seen[1].1 == log);
    }
    if let Some(xz) = packed_by("xz", &["-c"], &log) {
        assert!(read(&only(xz.clone()), "in") == log);
        for cut in [0, 7, 12, 40, xz.len() / 2, xz.len() - 3] {
            let (seen, summary) = read_all("p", xz[..cut].to_vec(), crate::Limits::default());
            assert!(seen.iter().all(|(_, bytes)| log.starts_with(bytes) || cut < 6), "{cut}");
            assert!(cut < 7 || !reasons(&summary).is_empty(), "{cut}: it is said");
        }
        let tar = packed_by("xz", &["-c", "-0"], &tar).unwrap();
        assert_eq!(read_all("p", tar, crate::Limits::default()).0.len(), 2);
    }
    let thrice = only(gzip(&gzip(&gzip(b"in"))));
    assert!(thrice.members()[0].unopened().is_some());
}

#[test]
fn an_xz_file_that_asks_for_too_much_memory_is_refused_before_it_gets_it() {
    let log = log(10);
    let Some(xz) = packed_by("xz", &["-c", "--lzma2=dict=256MiB"], &log) else { return };
    let (_, summary) = read_all("p", xz, crate::Limits::default());
    assert!(
        reasons(&summary).iter().any(|reason| reason.contains("72 MiB")),
        "{:?}",
        reasons(&summary)
    );
}

#[test]
fn a_format_that_is_packed_by_itself_is_given_as_stored() {
    let profile =
        gzip(&[&[10_u8, 4, 8, 1, 16, 2, 18, 8][..], &[8, 1, 18, 2, 7, 8]].concat().repeat(200));
    let container = only(zip_of(&[("cpu.prof", &profile)]));
    assert_eq!(container.members()[0].packing(), crate::Packing::Plain);
    assert!(read(&container, "cpu.prof") == profile);
    assert!(container.members()[0].head().bytes == profile);
}

#[test]
fn a_tar_is_read_plain_and_compressed_in_any_order() {
    let log = log(50_000);
    let long = format!("{}/mattermost.log", "folder".repeat(30));
    let tar = tar_of(&[("a.log", &log), (&long, b"long name"), ("c.log.gz", &gzip(&log))]);
    for bytes in [tar.clone(), gzip(&tar), zstd::encode_all(tar.as_slice(), 1).unwrap()] {
        let container = only(bytes);
        let names: Vec<_> = container.members().iter().map(|m| m.name()).collect();
        assert_eq!(names, ["a.log", &long, "c.log.gz"]);
        assert!(container.issues().is_empty(), "{:?}", container.issues());
        for name in ["c.log.gz", "a.log", &long, "a.log"] {
            let expected = if name == long { b"long name".to_vec() } else { log.clone() };
            assert!(read(&container, name) == expected, "{name}");
        }
    }
}

#[test]
fn members_of_one_archive_can_be_read_by_several_threads() {
    let logs: Vec<Vec<u8>> = (1..5).map(|n| log(n * 5_000)).collect();
    let members: Vec<(&str, &[u8])> =
        ["a", "b", "c", "d"].into_iter().zip(logs.iter().map(Vec::as_slice)).collect();
    for bytes in [zip_of(&members), gzip(&tar_of(&members))] {
        let container = only(bytes);
        std::thread::scope(|scope| {
            for (name, expected) in &members {
                let container = &container;
                scope.spawn(move || assert!(read(container, name) == *expected, "{name}"));
            }
        });
    }
}

#[test]
fn members_of_the_same_name_are_all_kept() {
    let tar = tar_of(&[("a.log", b"1"), ("a.log", b"2"), ("a.log#2", b"3"), ("a.log", b"4")]);
    let (seen, _) = read_all("t", tar, Limits::default());
    let seen: Vec<_> = seen.iter().map(|(s, b)| (s.as_str(), b.as_slice())).collect();
    assert_eq!(
        seen,
        [("t!a.log", &b"1"[..]), ("t!a.log#2", b"2"), ("t!a.log#2#2", b"3"), ("t!a.log#3", b"4")]
    );
}

#[test]
fn an_archive_inside_an_archive_is_listed_and_not_opened() {
    let inner = gzip(&tar_of(&[("block", b"x")]));
    let zip = zip_of(&[("tsdb_dump.tar.gz", &inner), ("other.zip", &zip_of(&[("a", b"a")]))]);
    let container = only(zip);
    let kinds: Vec<_> = container.members().iter().map(|m| m.unopened().cloned()).collect();
    use crate::Unopened::NestedArchive;
    assert_eq!(kinds, [Some(NestedArchive("tar.gz")), Some(NestedArchive("zip"))]);
    assert_eq!(read(&container, "other.zip"), b"");
}

#[test]
fn times_of_members_are_seconds_since_1970() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let time = zip::DateTime::from_date_and_time(2024, 2, 29, 12, 30, 58).unwrap();
    writer
        .start_file("a", zip::write::SimpleFileOptions::default().last_modified_time(time))
        .unwrap();
    let container = only(writer.finish().unwrap().into_inner());
    assert_eq!(container.members()[0].modified_s(), Some(1_709_209_858));
}
