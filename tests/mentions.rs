//! Nothing that comes from evidence mentions anybody, becomes a link or an image, or breaks out of
//! its place: the measured table, and any text.

use crate::fake_server::mentions::{Reading, fired, read};
use crate::fake_server::{RELEASES, Release};
use chrono::{DateTime, Utc};
use model::{
    Action, Basis, CheckedInput, Confidence, Disagreement, Disproof, Evidence, Exit, Finding,
    FindingSpec, Incident, Issue, Kind, PacketInfo, Place, Report, Restart, Severity, StepFill,
    StepState, Suspect, ToolInfo, Unknown, Who, Window,
};
use playbook::{IncidentRecord, Playbook};
use proptest::prelude::*;
use report::Style;
use report::channel::{ChannelFacts, Differences, channel};
use serde_json::json;
use std::collections::BTreeMap;
use text::{Block, Document, Line, Markdown, Raw, Redactor, Text, Value};

fn old() -> &'static Release {
    RELEASES.first().unwrap()
}

fn new() -> &'static Release {
    RELEASES.last().unwrap()
}

fn fires(release: &Release, message: &str) -> bool {
    !fired(release, message, &json!({})).is_empty()
}

/// Texts that were seen to fire a mention on every server.
const FIRING: &[&str] = &[
    "@all",
    "@here",
    "@channel",
    "@ALL",
    "@user",
    "Ann",
    "an outage begins",
    "> @all",
    "| a | @all |",
    "**@all**",
    "[@all](http://x)",
    "<b>@all</b>",
    "<!-- @all -->",
    "$$ @all $$",
    "@all.",
    "@all/pkg",
    "\\@all",
    "&#64;all",
    "- @all",
    "1. @all",
    "# @all",
    "~~@all~~",
    "@all:",
    "(@all)",
    "```\na ``` b\n```\n@all",
    "```text\n```\n@all\n```",
    "`a ` b` @all",
    "see ` @all",
    "x\n    @all",
];

#[test]
fn the_model_of_the_server_reads_what_was_measured() {
    for text in FIRING {
        assert!(fires(old(), text) && fires(new(), text), "{text}");
    }
    for text in [
        "@\u{200B}all",
        "@\u{2060}all",
        "@a\u{200B}ll",
        "`@all`",
        "`` @all ` ``",
        "```\n@all\n```",
        "~~~\n@all\n~~~",
        "- ```\n  @all\n  ```",
        "> ```\n> @all\n> ```",
        "    @all",
        "| `@all` |",
        "root@all.example",
        "http://x/@all",
        "@all-nodes",
        "@all_x",
        "db@channel",
        "````\n```\n@all\n````",
    ] {
        assert!(!fires(old(), text) && !fires(new(), text), "{text}");
    }
    assert!(!fires(old(), "＠all") && fires(new(), "＠all"));
}

#[test]
fn the_model_of_the_server_looks_into_attachments() {
    let attached = |attachment| json!({"attachments": [attachment]});
    for release in RELEASES {
        for key in ["pretext", "text"] {
            assert_eq!(fired(release, "", &attached(json!({key: "@all"}))), ["@all"]);
        }
        for key in ["title", "footer", "author_name", "fallback"] {
            assert!(fired(release, "", &attached(json!({key: "@all"}))).is_empty());
        }
        let fields = attached(json!({"fields": [{"title": "t", "value": "@all"}]}));
        assert_eq!(fired(release, "", &fields).is_empty(), !release.fields_mention);
    }
}

/// Texts that are more than they seem where evidence stands.
const OTHERS: &[&str] = &[
    "＠all",
    "```\n@all",
    "a ``` b\n```\n@all",
    "`@all",
    "a`@all",
    "~~~\n@all\n~~~",
    "![x](http://x/y.png)",
    "<https://x.example>",
    "https://x.example/@all",
    "www.x.example",
    "<!channel>",
    "<http://x|@all>",
    "#outage",
    "~town-square",
    "\u{202E}lla@",
    "a\0@all",
    "\n\n@all",
    "    @all",
    "root@all.example",
];

/// Every text of the table, as evidence.
fn table() -> impl Iterator<Item = &'static str> {
    FIRING.iter().chain(OTHERS).copied()
}

fn value(words: &str) -> Value {
    Redactor::new().clear(&Raw::new(words))
}

/// Everything that a message must not be, whatever stood in the evidence.
fn check(messages: &[Markdown]) {
    for message in messages {
        let reading: Reading = read(message.as_str());
        for release in RELEASES {
            let fired = fired(release, message.as_str(), &json!({}));
            assert!(fired.is_empty(), "{fired:?} of {}:\n{message}", release.version);
        }
        let foreign: Vec<&String> = reading
            .links
            .iter()
            .filter(|link| {
                ![
                    "https://docs.mattermost.com/",
                    "https://www.postgresql.org/docs/",
                    "https://dev.mysql.com/doc/",
                ]
                .iter()
                .any(|manual| link.starts_with(manual))
            })
            .collect();
        assert!(foreign.is_empty() && reading.images == 0, "{foreign:?}:\n{message}");
        assert!(!reading.open_fence, "{message}");
        let invisible = ['\0', '\u{202E}', '\u{2066}', '\u{1b}', '\r', '\u{FEFF}'];
        assert!(!message.as_str().contains(invisible), "{message}");
        for text in &reading.texts {
            for sign in ["#", "~"] {
                let tag = text.split_whitespace().any(|word| {
                    let rest = word.strip_prefix(sign).unwrap_or_default();
                    rest.starts_with(char::is_alphanumeric)
                });
                assert!(!tag, "{sign} in {text}");
            }
        }
    }
}

/// Evidence in every place where it may stand, with our words behind each.
fn everywhere(words: &str) -> Vec<Markdown> {
    let text =
        Text::ours("seen: ").with_value(value(words)).with_ours(" and ").with_value(value(words));
    let line = || Line::new().ours("**Found:** ").text(&text).ours(" (end)");
    let mut document = Document::new();
    document.push(Block::Heading(line()));
    document.push(Block::Lines(vec![Line::new().text(&Text::value(value(words))), line()]));
    document.push(Block::Bullets(vec![line(), Line::new().code(&value(words)), line()]));
    document.push(Block::Numbered { first: 1, items: vec![line(), line()] });
    document.push(Block::Table {
        head: &["Evidence", "Source"],
        rows: vec![
            vec![Line::new().code(&value(words)), line()],
            vec![line(), Line::new().ours("end")],
        ],
    });
    document.push(Block::Fence { language: "text", code: text.clone() });
    document.line(Line::new().ours("**The end**"));
    document.split(16_383)
}

#[test]
fn no_evidence_of_the_table_mentions_links_or_breaks_out() {
    for words in table() {
        let messages = everywhere(words);
        check(&messages);
        let last = messages.last().unwrap();
        let reading = read(last.as_str());
        assert_eq!(
            reading.texts.last().map(String::as_str),
            Some("**The end**"),
            "{words}: {last}"
        );
    }
}

#[test]
fn the_check_would_see_a_mention() {
    let unsafe_line = Markdown::ours("seen: @all");
    assert!(std::panic::catch_unwind(|| check(&[unsafe_line])).is_err());
    let unsafe_fence = Markdown::ours("```\nnever closed");
    assert!(std::panic::catch_unwind(|| check(&[unsafe_fence])).is_err());
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_762_334_400, 0).unwrap()
}

/// A report in which every text that may come from an input is one of `words`.
fn report(words: &[String]) -> Report {
    let mut turn = words.iter().cycle();
    let mut next = move || turn.next().cloned().unwrap_or_default();
    let mut evidence_text = {
        let mut next = words.iter().cycle();
        move || Text::ours("seen ").with_value(value(next.next().unwrap())).with_ours(" there")
    };
    let mut text = || evidence_text();
    let action = |text: &mut dyn FnMut() -> Text| Action {
        action: text(),
        who: Some(Who::Dba),
        command: Some(text()),
        fill_in: Some(text()),
        precheck: Some(text()),
        restart: Restart::All,
        breaks: Some(text()),
        undo: Some(text()),
        verify: Some(text()),
    };
    let window = Window { start: at(), end: at() };
    let place = |source: String, location: String| Place {
        source: format!("s{source}"),
        location: format!("line:{location}"),
    };
    let finding = Finding::new(FindingSpec {
        rule: "some-rule".to_owned(),
        kind: Kind::Fault,
        severity: Severity::High,
        confidence: Confidence::Likely,
        basis: Basis::Judgement,
        title: text(),
        summary: text(),
        why: text(),
        actions: vec![action(&mut text)],
        do_not: vec![text()],
        subject: text(),
        nodes: vec![text()],
        window: Some(window),
        impact: 1.0,
        step: "review-grafana".to_owned(),
        cause: None,
        evidence: vec![
            Evidence { at: None, place: place(next(), next()), text: text() },
            Evidence { at: None, place: place(next(), next()), text: text() },
        ],
        evidence_more: 3,
        false_positives: text(),
        references: Vec::new(),
    })
    .unwrap();
    let suspect = |text: &mut dyn FnMut() -> Text, source: String| Suspect {
        cause: "missing-index".to_owned(),
        subject: text(),
        score: 1.0,
        confidence: Confidence::Certain,
        onset: Some(at()),
        summary: text(),
        chain: vec![(Some(at()), source, text())],
        actions: vec![action(text)],
        do_not: vec![text()],
        findings: vec![0],
        against: vec![text()],
        disproof: vec![Disproof { what: text(), looked_at: false }],
        code: Vec::new(),
        consequences: vec![text()],
        symptoms: Vec::new(),
        n_sources: 2,
    };
    let input = |path: String, reason: String| CheckedInput {
        path: format!("folder/{path}"),
        kind: "log".to_owned(),
        format: "mattermost log".to_owned(),
        read: true,
        window: Some(window),
        issues: vec![Issue { reason, location: String::new(), count: 1, skipped: 0 }],
        ..CheckedInput::default()
    };
    let mut report = Report {
        tool: ToolInfo::default(),
        packet: Some(PacketInfo {
            customer: Text::value(value(&next())),
            headline: vec![("Mattermost".to_owned(), text())],
            ..PacketInfo::default()
        }),
        exit: Exit::Ran,
        exit_reasons: Vec::new(),
        inputs: vec![input(next(), "left out".to_owned()), input(next(), "left out".to_owned())],
        incident: Some(Incident {
            start: at(),
            end: None,
            last_data: at(),
            given: false,
            confidence: Confidence::Certain,
            impact: vec![text(), text()],
            traffic: model::Traffic::default(),
        }),
        suspects: vec![suspect(&mut text, next()), suspect(&mut text, next())],
        disagreements: vec![Disagreement {
            what: text(),
            sources: vec![next()],
            values: vec![text(), text()],
        }],
        findings: vec![finding],
        fine: vec![text()],
        unknown: vec![Unknown { what: text(), why: text(), how_to_get: text() }],
        outcomes: Vec::new(),
        courses: Vec::new(),
        changes: Vec::new(),
        timeline: Vec::new(),
        steps: Vec::new(),
        redactions: BTreeMap::new(),
    };
    for step in &Playbook::shipped().steps {
        report.steps.push(StepFill {
            step: step.id.clone(),
            title: step.title.clone(),
            state: StepState::Attention,
            text: vec![
                text(),
                Text::ours("- ").with_value(value(&next())).with_ours(": a list"),
                text(),
            ],
            as_of: Some(at()),
            sources: vec![next()],
            findings: vec![0],
            missing: vec![text()],
        });
    }
    report
}

fn posts(report: &Report, words: &str) -> Vec<Markdown> {
    let record = IncidentRecord {
        customer: Raw::new(words),
        channel: Raw::new(words),
        roles: vec![("owner".to_owned(), Raw::new(words))],
        ..IncidentRecord::default()
    };
    let differences = Differences {
        new: vec![Text::value(value(words))],
        gone: vec![Text::value(value(words))],
        not_visible: vec![Text::value(value(words))],
    };
    let facts = ChannelFacts {
        report,
        playbook: Playbook::shipped(),
        record: &record,
        clocks: &[],
        style: &Style::default(),
        run: 2,
        differences: Some(&differences),
        n_charts: 1,
        report_attached: true,
        lasting: true,
    };
    channel(&facts).into_iter().flat_map(|part| part.document.split(16_383)).collect()
}

#[test]
fn no_post_of_a_report_full_of_the_table_mentions_anybody() {
    let all: Vec<String> = table().map(str::to_owned).collect();
    for from in 0..all.len() {
        let mut words = all.clone();
        words.rotate_left(from);
        let messages = posts(&report(&words), &words[0]);
        assert!(messages.len() > 10);
        check(&messages);
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "@all", "＠here", "@channel ", " outage ", "ann", "`", "``", "```", "\n", "\n\n", "~~~", "    ", "|", "\\",
            "[", "](http://x)", "![", "<", ">", "&#64;", "all", "#tag", "~chan", "https://x.example/", "www.a.b", "- ",
            "1. ", "\u{200B}", "\u{202E}", "\0", "*", "_", "@", ":", "$",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_text_of_evidence_mentions_links_or_breaks_out(words in hostile()) {
        let messages = everywhere(&words);
        check(&messages);
        let reading = read(messages.last().unwrap().as_str());
        prop_assert_eq!(reading.texts.last().map(String::as_str), Some("**The end**"));
    }

    #[test]
    fn no_post_of_any_report_does(words in prop::collection::vec(hostile(), 1..6)) {
        check(&posts(&report(&words), &words[0]));
    }
}
