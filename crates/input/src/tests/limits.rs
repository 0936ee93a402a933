//! Every limit is met and said.

use super::{gzip, log, read_all, reasons, tar_of, zip_of};
use crate::Limits;

fn said(bytes: Vec<u8>, limits: Limits, what: &str) -> Vec<(String, Vec<u8>)> {
    let (seen, summary) = read_all("in", bytes, limits);
    let reasons = reasons(&summary);
    assert!(reasons.iter().any(|reason| reason.contains(what)), "{what} in {reasons:?}");
    seen
}

#[test]
fn a_bomb_of_zeros_ends_at_the_ratio() {
    let zeros = vec![b'0'; 32 << 20];
    let limits = || Limits { ratio_free_bytes: 1 << 20, ..Limits::default() };
    for bytes in
        [gzip(&zeros), zip_of(&[("zeros", &zeros)]), zstd::encode_all(zeros.as_slice(), 1).unwrap()]
    {
        let seen = said(bytes, limits(), "as bombs do");
        assert!(seen[0].1.len() < 20 << 20, "{}", seen[0].1.len());
    }
    let (_, summary) = read_all("in", gzip(&log(100_000)), limits());
    assert_eq!(reasons(&summary), Vec::<String>::new(), "an ordinary log passes");
}

#[test]
fn a_compressed_member_ends_at_its_bytes() {
    let limits = || Limits { member_bytes_max: 100_000, ..Limits::default() };
    for bytes in [gzip(&log(50_000)), zip_of(&[("a", &log(50_000))])] {
        let seen = said(bytes, limits(), "more than 100000 unpacked bytes: the rest");
        assert!(seen[0].1.len() < 500_000);
    }
    let (seen, summary) = read_all("in", log(50_000), limits());
    assert!(
        summary.issues.is_empty() && seen[0].1.len() > 100_000,
        "a plain file has no such limit"
    );
}

#[test]
fn a_run_ends_at_its_bytes() {
    let limits = Limits { total_bytes_max: 700_000, ..Limits::default() };
    let seen = said(zip_of(&[("a", &log(30_000)), ("b", &log(30_000))]), limits, "in this run");
    assert!(seen[1].1.len() < 500_000);
}

#[test]
fn members_beyond_the_limit_are_counted() {
    let members: Vec<(String, &[u8])> = (0..20).map(|i| (format!("m{i}"), &b"x"[..])).collect();
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let limits = || Limits { members_max: 5, ..Limits::default() };
    let zip = zip_of(&members);
    let cut = zip.len() - 30;
    for bytes in [zip.clone(), zip[..cut].to_vec(), tar_of(&members), gzip(&tar_of(&members))] {
        assert_eq!(said(bytes, limits(), "more than 5 members").len(), 5);
    }
}
