use super::*;
use model::{Basis, Evidence, FindingSpec, Place, Window};

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000, 0).unwrap() + TimeDelta::minutes(minute)
}

fn finding(
    rule: &str,
    cause: &str,
    subject: &str,
    severity: Severity,
    onset: Option<i64>,
    source: &str,
) -> Finding {
    Finding::new(FindingSpec {
        rule: rule.into(),
        kind: Kind::Fault,
        severity,
        confidence: Confidence::Certain,
        basis: Basis::Source,
        title: Text::ours(format!("title of {rule}")),
        summary: Text::ours(format!("{subject} is wrong")),
        why: Text::new(),
        actions: Vec::new(),
        do_not: Vec::new(),
        subject: Text::ours(subject),
        nodes: Vec::new(),
        window: onset.map(|m| Window { start: at(m), end: at(m + 60) }),
        impact: 1.0,
        step: "review-support-bundle".into(),
        cause: Some(cause.into()),
        evidence: vec![Evidence {
            place: Place::line(source, 7),
            text: Text::ours("seen at app/channel.go:812"),
            at: None,
        }],
        evidence_more: 0,
        false_positives: Text::new(),
        references: Vec::new(),
    })
    .unwrap()
}

fn incident_at(minute: i64) -> Incident {
    Incident {
        start: at(minute),
        end: None,
        last_data: at(minute + 60),
        given: false,
        confidence: Confidence::Likely,
        impact: Vec::new(),
        traffic: model::Traffic::default(),
    }
}

fn rank(findings: &[Finding], incident: Option<&Incident>) -> Vec<Suspect> {
    let kinds: BTreeMap<String, String> =
        [("db.log", "slow query log"), ("api.csv", "metrics"), ("p.zip", "packet")]
            .map(|(a, b)| (a.into(), b.into()))
            .into();
    suspects(&Grounds {
        findings,
        changes: &[],
        incident,
        source_kinds: &kinds,
        tables_read: &["indexes"].into(),
        things: &["jira", "data_retention", "ldap_sync"].map(str::to_owned).into(),
    })
}

#[test]
fn what_lies_lower_comes_first_and_the_rest_follows_from_it() {
    let findings = [
        finding(
            "slow",
            "slow-query-regression",
            "SidebarCategories",
            Severity::Critical,
            Some(1),
            "db.log",
        ),
        finding("pool", "connection-pool-exhausted", "", Severity::High, Some(5), "api.csv"),
        finding(
            "dropped",
            "missing-index",
            "idx_sidebarchannels",
            Severity::High,
            Some(0),
            "db.log",
        ),
    ];
    let suspects = rank(&findings, Some(&incident_at(0)));
    assert_eq!(suspects.iter().map(|s| s.cause.as_str()).collect::<Vec<_>>(), ["missing-index"]);
    let consequences: Vec<String> = suspects[0].consequences.iter().map(Text::plain).collect();
    assert_eq!(
        consequences,
        [
            "a query has become slow: title of slow",
            "requests wait for a connection of the pool: title of pool"
        ]
    );
}

#[test]
fn a_consequence_cannot_begin_before_its_cause() {
    let findings = [
        finding("slow", "slow-query-regression", "GetPosts", Severity::Critical, Some(0), "db.log"),
        finding("dropped", "missing-index", "idx_other", Severity::Medium, Some(40), "p.zip"),
    ];
    let suspects = rank(&findings, Some(&incident_at(0)));
    assert_eq!(suspects[0].cause, "slow-query-regression");
    assert_eq!(
        suspects[1].against[0].plain(),
        format!(
            "it began at {}, after the incident ({})",
            at(40).format("%H:%M UTC"),
            at(0).format("%H:%M UTC")
        )
    );
    assert_eq!(suspects[1].confidence, Confidence::Possible);
}

#[test]
fn sources_that_agree_raise_a_suspect_and_one_alone_is_at_most_likely() {
    let alone = rank(
        &[finding("a", "disk-full", "pg_wal", Severity::High, Some(0), "db.log")],
        Some(&incident_at(0)),
    );
    assert_eq!(alone[0].confidence, Confidence::Likely);
    let both = rank(
        &[
            finding("a", "disk-full", "pg_wal", Severity::High, Some(0), "db.log"),
            finding("b", "disk-full", "pg_wal", Severity::High, Some(0), "p.zip"),
        ],
        Some(&incident_at(0)),
    );
    assert_eq!((both[0].confidence, both[0].n_sources), (Confidence::Certain, 2));
    assert!(both[0].score > alone[0].score);
}

#[test]
fn advice_and_low_findings_raise_no_suspect() {
    assert!(
        rank(&[finding("a", "debug-logging", "", Severity::Low, None, "p.zip")], None).is_empty()
    );
}

#[test]
fn disproof_says_whether_it_was_looked_at() {
    let suspects = rank(
        &[finding("a", "missing-index", "idx_a", Severity::High, Some(0), "p.zip")],
        Some(&incident_at(0)),
    );
    assert_eq!(suspects[0].disproof.iter().map(|d| d.looked_at).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn the_code_is_what_the_evidence_names() {
    let suspects =
        rank(&[finding("a", "missing-index", "idx_a", Severity::High, Some(0), "p.zip")], None);
    assert_eq!(suspects[0].code[0].file, "app/channel.go:812");
}

#[test]
fn findings_that_name_no_plugin_belong_to_the_one_that_is_named() {
    let named = finding("enabled", "plugin-overload", "jira", Severity::Medium, Some(0), "p.zip");
    let stack =
        finding("stack", "plugin-overload", "plugin.(*hooksRPC)", Severity::High, Some(4), "p.zip");
    let suspects = rank(&[stack, named], Some(&incident_at(2)));
    assert_eq!(suspects.len(), 1);
    assert!(suspects[0].subject.plain().starts_with("jira"), "{}", suspects[0].subject.plain());
}

#[test]
fn two_jobs_are_two_suspects() {
    let one =
        finding("a", "job-storm", "EnterpriseDataRetention", Severity::High, Some(0), "p.zip");
    let same = finding("b", "job-storm", "data_retention", Severity::Medium, Some(0), "p.zip");
    let other = finding("c", "job-storm", "ldap_sync", Severity::High, Some(1), "p.zip");
    assert_eq!(rank(&[one, same, other], Some(&incident_at(2))).len(), 2);
}
