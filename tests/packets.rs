//! Packets of every era, whole, packed again and broken: always a report, and each fault is named
//! with its place.

use crate::archives::{Member, Scratch, encrypt, fixture, noise, tar_gz_of, zip_of};
use crate::command::{root, run, run_from};
use serde_json::Value;
use std::process::Output;

/// The JSON report of a run, which must have ended well enough.
#[track_caller]
fn report_of(output: &Output, what: &str) -> Value {
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("panicked"), "{what}: {err}");
    assert!(matches!(output.status.code(), Some(0 | 3)), "{what}: {:?} {err}", output.status);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{what}: {error}: {err}"))
}

#[track_caller]
fn report(inputs: &[&str]) -> Value {
    let args: Vec<&str> = inputs.iter().chain(&["--format", "json"]).copied().collect();
    report_of(&run(&args), &inputs.join(" "))
}

/// What became of each source: its path without the archive's, records, and what was wrong.
fn sources(report: &Value) -> Vec<(String, u64, Vec<String>)> {
    let inputs = report["inputs"].as_array().expect("a report lists its inputs");
    let one = |input: &Value| {
        let path = input["path"].as_str().unwrap();
        let member = path.split_once('!').map_or(path, |(_, member)| member);
        let issues = input["issues"].as_array().unwrap();
        let issues = issues.iter().map(|issue| issue["reason"].as_str().unwrap().to_owned());
        (member.to_owned(), input["records"].as_u64().unwrap(), issues.collect())
    };
    inputs.iter().map(one).collect()
}

/// Rules that say that something is wrong, above low.
fn loud_faults(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| finding["kind"] == "fault")
        .filter(|finding| finding["severity"] != "low" && finding["severity"] != "info")
        .map(|finding| {
            format!("{} ({}): {}", finding["rule"], finding["severity"], finding["summary"])
        })
        .collect()
}

const ERAS: [&str; 7] = ["5.37", "7.8", "9.8", "10.4", "10.6", "10.11-cluster", "11.9-cluster"];

#[test]
fn every_fixture_is_tested() {
    let mut found: Vec<String> = std::fs::read_dir(root().join("fixtures/packets"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let mut known = ERAS.map(str::to_owned);
    found.sort();
    known.sort();
    assert_eq!(found, known);
}

#[test]
fn a_healthy_packet_of_any_era_is_read_whole_and_accuses_nobody() {
    let mut wrong = Vec::new();
    for era in ERAS {
        let report = report(&[&format!("fixtures/packets/{era}")]);
        for (member, _, issues) in sources(&report) {
            assert!(issues.is_empty(), "{era}: {member}: {issues:?}");
        }
        assert_eq!(report["exit"]["code"], 0, "{era}");
        let members = fixture(era);
        assert_eq!(sources(&report).len(), members.len() + 1, "{era}: the packet and its members");
        wrong.extend(loud_faults(&report).into_iter().map(|fault| format!("{era}: {fault}")));
        let n_findings = report["findings"].as_array().unwrap().len();
        if n_findings > 5 {
            wrong.push(format!("{era}: {n_findings} findings"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_packet_is_the_same_however_it_is_packed() {
    for era in ERAS {
        let scratch = Scratch::new(&format!("packed-{era}"));
        let members = fixture(era);
        let wrapped: Vec<Member> = members
            .iter()
            .map(|(path, bytes)| (format!("mm_support_packet_2026/{path}"), bytes.clone()))
            .collect();
        let zip = zip_of(&members);
        let ways = [
            ("zip", report(&[&scratch.write("packet.zip", &zip)])),
            ("wrapped in a folder", report(&[&scratch.write("wrapped.zip", &zip_of(&wrapped))])),
            ("tar.gz", report(&[&scratch.write("packet.tar.gz", &tar_gz_of(&members))])),
            ("standard input", report_of(&run_from(&zip, &["-", "--format", "json"]), "-")),
        ];
        let folder = report(&[&format!("fixtures/packets/{era}")]);
        let strip = |sources: Vec<(String, u64, Vec<String>)>| -> Vec<(String, u64)> {
            let mut sources: Vec<(String, u64)> = sources
                .into_iter()
                .skip(1)
                .map(|(path, records, issues)| {
                    assert!(issues.is_empty(), "{era}: {path}: {issues:?}");
                    (path.trim_start_matches("mm_support_packet_2026/").to_owned(), records)
                })
                .collect();
            sources.sort();
            sources
        };
        let expected = strip(sources(&folder));
        for (way, report) in ways {
            assert_eq!(strip(sources(&report)), expected, "{era} as {way}");
            let rules = |report: &Value| -> Vec<String> {
                let findings = report["findings"].as_array().unwrap();
                findings.iter().map(|finding| finding["rule"].to_string()).collect()
            };
            assert_eq!(rules(&report), rules(&folder), "{era} as {way}");
        }
    }
}

#[test]
fn packets_in_a_folder_are_read_each_for_itself() {
    let scratch = Scratch::new("several");
    for era in ["5.37", "10.6"] {
        scratch.write(&format!("from/{era}.zip"), &zip_of(&fixture(era)));
    }
    let report = report(&[&scratch.path()]);
    let packets: Vec<String> = report["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|input| input["kind"] == "packet")
        .map(|input| input["format"].to_string())
        .collect();
    assert_eq!(packets.len(), 2, "{packets:?}");
    assert_ne!(packets[0], packets[1]);
}

#[test]
fn several_packets_and_a_loose_log_give_one_report() {
    let report = report(&[
        "fixtures/packets/7.8",
        "fixtures/packets/9.8",
        "fixtures/packets/11.9-cluster",
        "fixtures/packets/10.6/mattermost.log",
    ]);
    assert_eq!(report["exit"]["code"], 0);
    let loose = sources(&report).pop().unwrap();
    assert!(loose.0.ends_with("10.6/mattermost.log") && loose.1 == 200, "{loose:?}");
}

#[test]
fn a_loose_configuration_is_read_and_keeps_its_secrets() {
    let scratch = Scratch::new("loose-configuration");
    let config = r#"{"ServiceSettings": {"SiteURL": "https://chat.example.org", "EnableDeveloper": true},
        "SqlSettings": {"DriverName": "postgres", "DataSource": "postgres://mmuser:hunter2hunter2@db:5432/mm",
        "AtRestEncryptKey": "tsq3dfdzp4yd6ou7kh9qpqfx1ty1m8zx", "MaxOpenConns": 300},
        "EmailSettings": {"SMTPUsername": "smtp", "SMTPPassword": "smtphunter2"}}"#;
    let path = scratch.write("config.json", config.as_bytes());
    let report = report(&[&path]);
    assert_eq!(report["exit"]["code"], 0, "{}", report["exit"]);
    let sql = "SELECT path, value FROM settings";
    let answer = run(&["query", &path, sql, "--format", "csv"]);
    let answer = String::from_utf8_lossy(&answer.stdout).into_owned();
    assert!(answer.contains("SqlSettings.MaxOpenConns,300"), "{answer}");
    for secret in ["hunter2", "tsq3dfdzp4yd6ou7kh9qpqfx1ty1m8zx"] {
        assert!(!answer.contains(secret), "{answer}");
    }
}

/// What is done to one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    Missing,
    Half,
    Noise,
    Empty,
    Encrypted,
    Twice,
}

const HARMS: [Harm; 6] =
    [Harm::Missing, Harm::Half, Harm::Noise, Harm::Empty, Harm::Encrypted, Harm::Twice];

fn harmed(members: &[Member], victim: usize, harm: Harm) -> Vec<u8> {
    let mut members = members.to_vec();
    let (path, bytes) = members[victim].clone();
    match harm {
        Harm::Missing => drop(members.remove(victim)),
        // Within a line: between two lines nobody could tell.
        Harm::Half => {
            let half = bytes.len() / 2;
            let in_line = (half.saturating_sub(40)..half)
                .rev()
                .find(|&at| bytes[at] != b'\n' && bytes[at + 1] != b'\n');
            members[victim].1.truncate(in_line.unwrap_or(half));
        }
        Harm::Noise => members[victim].1 = noise(bytes.len(), bytes.len() as u64),
        Harm::Empty => members[victim].1.clear(),
        Harm::Encrypted => {}
        Harm::Twice => members.insert(victim + 1, (path.clone(), bytes)),
    }
    let mut archive = zip_of(&members);
    if harm == Harm::Encrypted {
        encrypt(&mut archive, &path);
    }
    archive
}

/// Harms each member of a packet in each way and looks at the report. Of a cluster only one node:
/// the others have the same members.
fn one_member_harmed(era: &str) {
    let scratch = Scratch::new(&format!("harmed-{era}"));
    let members = fixture(era);
    let whole = sources(&report(&[&scratch.write("packet.zip", &zip_of(&members))]));
    let mut wrong = Vec::new();
    for (victim, (path, _)) in members.iter().enumerate() {
        if ["mm-2/", "mm-app-1/", "mm-app-2/"].iter().any(|node| path.starts_with(node)) {
            continue;
        }
        // What the archive says of a member is the same in every era.
        let of_archive = ["5.37", "10.6", "11.9-cluster"].contains(&era);
        for harm in HARMS {
            if !of_archive && matches!(harm, Harm::Empty | Harm::Encrypted | Harm::Twice) {
                continue;
            }
            let packet = scratch.write("packet.zip", &harmed(&members, victim, harm));
            let report = report(&[&packet]);
            let now = sources(&report);
            let mut complain = |what: String| wrong.push(format!("{era}: {path} {harm:?}: {what}"));
            // Everything else is read as before.
            for (other, records, issues) in whole.iter().skip(1).filter(|source| source.0 != *path)
            {
                if !now.contains(&(other.clone(), *records, issues.clone())) {
                    complain(format!("{other} is read differently"));
                }
            }
            let of_member: Vec<_> =
                now.iter().filter(|source| source.0.split('#').next() == Some(path)).collect();
            let named = of_member.iter().any(|(_, _, issues)| !issues.is_empty());
            match harm {
                Harm::Missing if !of_member.is_empty() => {
                    complain("is said to be there".to_owned())
                }
                Harm::Missing => {}
                Harm::Twice if of_member.len() != 2 => complain(format!("{of_member:?}")),
                Harm::Half | Harm::Noise | Harm::Empty | Harm::Encrypted | Harm::Twice
                    if !named =>
                {
                    complain(format!("no fault is named: {of_member:?}"));
                }
                Harm::Noise | Harm::Empty | Harm::Encrypted if report["exit"]["code"] != 3 => {
                    complain("exit 0 though a member was not read".to_owned());
                }
                Harm::Half | Harm::Noise | Harm::Empty | Harm::Encrypted | Harm::Twice => {}
            }
            // Members of one name are of several nodes, which rules may look at; and a log that is
            // cut off does end early.
            let ends_early = harm == Harm::Half && path.ends_with(".log");
            for fault in loud_faults(&report) {
                if harm != Harm::Twice
                    && !(ends_early && fault.contains("log-of-a-node-ends-early"))
                {
                    complain(fault);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_harmed_member_of_5_37_is_named_and_costs_nothing_else() {
    one_member_harmed("5.37");
}

#[test]
fn a_harmed_member_of_7_8_is_named_and_costs_nothing_else() {
    one_member_harmed("7.8");
}

#[test]
fn a_harmed_member_of_9_8_is_named_and_costs_nothing_else() {
    one_member_harmed("9.8");
}

#[test]
fn a_harmed_member_of_10_4_is_named_and_costs_nothing_else() {
    one_member_harmed("10.4");
}

#[test]
fn a_harmed_member_of_10_6_is_named_and_costs_nothing_else() {
    one_member_harmed("10.6");
}

#[test]
fn a_harmed_member_of_10_11_is_named_and_costs_nothing_else() {
    one_member_harmed("10.11-cluster");
}

#[test]
fn a_harmed_member_of_11_9_is_named_and_costs_nothing_else() {
    one_member_harmed("11.9-cluster");
}

#[test]
fn a_zip_cut_off_at_any_thousandth_byte_gives_a_report_that_says_so() {
    let scratch = Scratch::new("cut");
    for era in ["5.37", "10.6"] {
        let archive = zip_of(&fixture(era));
        for len in (0..archive.len()).step_by(1000) {
            let report = report(&[&scratch.write("packet.zip", &archive[..len])]);
            assert_eq!(report["exit"]["code"], 3, "{era} cut at {len}");
            let said = sources(&report).iter().any(|(_, _, issues)| !issues.is_empty());
            assert!(said, "{era} cut at {len}: nothing is said");
        }
    }
}

#[test]
fn a_gzipped_tar_cut_off_gives_a_report_that_says_so() {
    let scratch = Scratch::new("cut-tar");
    let archive = tar_gz_of(&fixture("7.8"));
    for len in (0..archive.len()).step_by(5000) {
        let report = report(&[&scratch.write("packet.tar.gz", &archive[..len])]);
        let said = sources(&report).iter().any(|(_, _, issues)| !issues.is_empty());
        assert!(said, "cut at {len}: nothing is said");
    }
}
