use super::*;
use model::{
    Action, Basis, Confidence, Evidence, Finding, FindingSpec, Kind, OutcomeKind, OutcomeLine,
    Place, Report, Restart, Severity, StepFill, StepState,
};

fn empty() -> Report {
    Report::default()
}

fn finding(rule: &str, severity: Severity) -> Finding {
    let action = Action {
        action: Text::ours("Look at it."),
        who: None,
        command: Some(Text::ours("SHOW max_connections")),
        fill_in: None,
        precheck: None,
        restart: Restart::All,
        breaks: None,
        undo: None,
        verify: None,
    };
    let spec = FindingSpec {
        rule: rule.to_owned(),
        kind: Kind::Fault,
        severity,
        confidence: Confidence::Likely,
        basis: Basis::Judgement,
        title: Text::ours(format!("title of {rule}")),
        summary: Text::ours("summary"),
        why: Text::new(),
        actions: vec![action],
        do_not: Vec::new(),
        subject: Text::ours("subject"),
        nodes: Vec::new(),
        window: None,
        impact: 0.5,
        step: "review-grafana".to_owned(),
        cause: None,
        evidence: vec![Evidence {
            at: None,
            place: Place::line("a.log", 7),
            text: Text::ours("seen"),
        }],
        evidence_more: 0,
        false_positives: Text::new(),
        references: Vec::new(),
    };
    Finding::new(spec).expect("it has evidence")
}

fn outcome(rule: &str, outcome: OutcomeKind) -> OutcomeLine {
    OutcomeLine {
        rule: rule.to_owned(),
        title: String::new(),
        step: "review-grafana".to_owned(),
        severity: Severity::High,
        outcome,
        missing: Vec::new(),
        basis: Text::new(),
    }
}

fn plain(texts: &[Text]) -> Vec<String> {
    texts.iter().map(Text::plain).collect()
}

#[test]
fn gone_is_what_was_looked_for_again_and_not_what_cannot_be_seen() {
    let mut before = empty();
    before.findings =
        ["cleared", "unseen", "stays"].map(|rule| finding(rule, Severity::High)).to_vec();
    before.findings.push(finding("quiet", Severity::Low));
    let state = State::of(&before);
    let mut after = empty();
    after.findings = ["stays", "fresh"].map(|rule| finding(rule, Severity::Medium)).to_vec();
    after.outcomes =
        vec![outcome("cleared", OutcomeKind::Clear), outcome("unseen", OutcomeKind::Skipped)];
    let differences = state.differences(&after);
    assert_eq!(plain(&differences.new), ["title of fresh (medium)"]);
    assert_eq!(plain(&differences.gone), ["title of cleared (high)"]);
    assert_eq!(plain(&differences.not_visible), ["title of unseen (high)"]);
    assert!(state.differences(&before).is_empty());
}

#[test]
fn a_state_that_was_cut_claims_nothing_about_what_it_lacks() {
    let mut report = empty();
    report.findings = (0..40).map(|n| finding(&format!("rule-{n:02}"), Severity::High)).collect();
    let whole = State::of(&report);
    let cut = whole.clone().within(1000);
    assert!(serde_json::to_string(&cut).expect("JSON").chars().count() <= 1000);
    assert!(cut.differences(&report).is_empty());
    let json = serde_json::to_value(&whole).expect("JSON");
    assert_eq!(serde_json::from_value::<State>(json).expect("a state"), whole);
}

#[test]
fn a_state_that_others_changed_on_the_server_is_cleared_when_it_is_shown() {
    let json =
        r#"{"e":[{"k":"x","r":"x","t":"@all \u001b[2J ann@example.com","l":"[a](http://b)"}]}"#;
    let state: State = serde_json::from_str(json).expect("a state");
    let differences = state.differences(&empty());
    assert_eq!(plain(&differences.not_visible), ["@all  email-1"]);
}

fn facts<'a>(report: &'a Report, record: &'a IncidentRecord, style: &'a Style) -> ChannelFacts<'a> {
    ChannelFacts {
        report,
        playbook: Playbook::shipped(),
        record,
        clocks: &[],
        style,
        run: 1,
        differences: None,
        n_charts: 0,
        report_attached: false,
        lasting: true,
    }
}

fn filled(step: &str, state: StepState, text: Vec<Text>) -> StepFill {
    StepFill {
        step: step.to_owned(),
        title: step.to_owned(),
        state,
        text,
        as_of: None,
        sources: Vec::new(),
        findings: vec![0],
        missing: Vec::new(),
    }
}

#[test]
fn only_steps_that_the_data_fills_get_a_post_and_those_that_carry_data_a_pin() {
    let mut report = empty();
    report.findings = vec![finding("slow", Severity::High)];
    report.steps = vec![
        filled("start-call", StepState::Open, Vec::new()),
        filled("share-support-bundle", StepState::Done, vec![Text::ours("- packet")]),
        filled("share-slow-query-logs", StepState::NoData, vec![Text::ours("nothing")]),
        filled("review-grafana", StepState::Attention, vec![Text::ours("Clock: CEO: running")]),
        filled("retrospective", StepState::Done, vec![Text::ours("a person's")]),
    ];
    let record = IncidentRecord::default();
    let style = Style::default();
    let parts = channel(&facts(&report, &record, &style));
    let posts: Vec<(&str, bool)> = parts.iter().map(|part| (part.id.as_str(), part.pin)).collect();
    assert_eq!(
        posts,
        [
            (ROOT, true),
            ("start-call", false),
            ("share-support-bundle", true),
            ("review-grafana", false)
        ]
    );
    let words = |id: &str| {
        let part = parts.iter().find(|part| part.id == id).expect("the part");
        part.document.split(16_383).iter().map(ToString::to_string).collect::<String>()
    };
    assert!(
        words("start-call").contains("RESTARTS ALL NODES")
            && words("start-call").contains("```\nSHOW max_connections\n```")
    );
    assert!(words("review-grafana").contains("```text\na.log line:7: seen\n```"));
    assert!(
        !words("review-grafana").contains("Clock"),
        "a clock would change the post every minute"
    );
}

#[test]
fn the_first_post_says_what_is_not_known_also_without_any_data() {
    let (report, record, style) = (empty(), IncidentRecord::default(), Style::default());
    let parts = channel(&facts(&report, &record, &style));
    let messages = parts.first().expect("a first post").document.split(4000);
    insta::assert_snapshot!(messages.first().expect("a message").as_str(), @r"
    #### Sev 1: no incident seen in the data

    **No time in the data**
    No support packet among the inputs

    **Cause:** none looked for: no incident was detected in the data.

    **A person must decide:** what the cause is; what to ask the customer for next (`analyze request`).
    **Missing roles:** not known without an incident file (`analyze incident new`).

    *run 1 · details per step in the thread · this post is updated in place by `analyze post`; one that a person edited is kept*
    ");
}

#[test]
fn folders_of_who_runs_it_are_left_out_in_every_way_of_writing() {
    let mut report = empty();
    let input = |path: &str| model::CheckedInput { path: path.to_owned(), ..Default::default() };
    report.inputs =
        vec![input("/home/ann_b/sev1/db_a.log"), input("/home/ann_b/sev1/packet.zip!x")];
    let written = format!(
        "{} `/home/ann_b/sev1/packet.zip!x` {}",
        "/home/ann_b/sev1/db_a.log",
        text::escape::markdown("/home/ann_b/sev1/db_a.log")
    );
    assert_eq!(without_folders(&report, &written), "db_a.log `packet.zip!x` db\\_a.log");
}
