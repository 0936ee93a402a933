//! What the data of a run says to each step.

use crate::Playbook;
use chrono::{DateTime, Utc};
use model::{CheckedInput, OutcomeKind, Place, Report, Severity, StepFill, StepState, Unknown};
use text::{Text, Value};

/// One line of the system information.
#[derive(Clone, Debug, PartialEq)]
pub struct InfoRow {
    /// What it belongs to: `Mattermost`, `Application nodes`, `Database`, `Settings`, ...
    pub group: &'static str,
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: Text,
    /// Where it was read.
    pub place: Place,
}

/// Step 5: settings that matter, database and application specifications, and what is missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SystemInfo {
    /// What is known.
    pub rows: Vec<InfoRow>,
    /// What is not, and the command that gets it.
    pub missing: Vec<Unknown>,
    /// How to turn slow query logging on and off for this database.
    pub slow_logging: Vec<Text>,
    /// Views of the playbook: label, whether there is data, how to get it.
    pub views: Vec<(String, bool, Text)>,
    /// What became of the questions to the DBA; `None` when nothing came back.
    pub dba: Option<DbaState>,
}

/// Step 3: which answers of the DBA's sheet came, and which did not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DbaState {
    /// Answered: topic, question and how many rows.
    pub answered: Vec<(String, String, usize)>,
    /// Answered in part or in a form that is not read.
    pub partly: Vec<String>,
    /// Refused by the database: question, empty when not known, and its message.
    pub refused: Vec<(String, Text)>,
    /// Asked for this database, and not there: topic and question.
    pub missing: Vec<(String, String)>,
    /// Results that answer no question.
    pub n_unknown: usize,
    /// When the answers were given, by the clock of the database.
    pub at: Option<DateTime<Utc>>,
    /// Where they stand.
    pub sources: Vec<String>,
}

/// Fills every step of `playbook` from a report whose findings, suspects and outcomes stand.
pub fn fill(playbook: &Playbook, report: &Report, system: &SystemInfo) -> Vec<StepFill> {
    playbook
        .steps
        .iter()
        .map(|step| {
            let mut filled = StepFill {
                step: step.id.clone(),
                title: step.title.clone(),
                state: StepState::Open,
                text: Vec::new(),
                as_of: None,
                sources: Vec::new(),
                findings: finding_indexes(report, &step.id),
                missing: Vec::new(),
            };
            match step.id.as_str() {
                "start-call" => call(&mut filled, system),
                "share-system-information" => system_information(&mut filled, system),
                "share-grafana-screenshots" => views(&mut filled, report, system),
                "share-support-bundle" => {
                    inputs(&mut filled, report, &["packet", "packet member", "log"])
                }
                "share-slow-query-logs" => slow_logs(&mut filled, report, system),
                "review-configuration" => review(&mut filled, report, &["packet", "packet member"]),
                "review-grafana" => review(&mut filled, report, &["metrics"]),
                "review-support-bundle" => {
                    review(&mut filled, report, &["packet", "packet member", "log"])
                }
                "review-slow-query-logs" => review(
                    &mut filled,
                    report,
                    &["slow query log", "statement statistics", "dba answers"],
                ),
                "summarise-findings" => summary(&mut filled, report),
                "identify-codebase-areas" => code(&mut filled, report),
                "identify-root-cause" => root_cause(&mut filled, report),
                "pin-data" => pins(&mut filled, report),
                "identify-solution" => solution(&mut filled, report),
                "decide-verification" => groups(&mut filled, system, TEST_SERVER),
                "cherry-pick" | "send-binary" => groups(&mut filled, system, PLATFORM),
                "verify-release-candidate"
                | "verify-staging"
                | "verify-production"
                | "monitor-24-hours" => before(&mut filled, report),
                _ => {}
            }
            filled
        })
        .collect()
}

fn finding_indexes(report: &Report, step: &str) -> Vec<usize> {
    (0..)
        .zip(&report.findings)
        .filter(|(_, finding)| finding.step == step)
        .map(|(idx, _)| idx)
        .collect()
}

/// The state of a filled step: attention when a finding above low belongs to it.
fn state_of(report: &Report, filled: &StepFill) -> StepState {
    let worst = filled
        .findings
        .iter()
        .filter_map(|&idx| report.findings.get(idx))
        .map(|f| f.severity)
        .min();
    match worst {
        Some(severity) if severity < Severity::Low => StepState::Attention,
        _ => StepState::Done,
    }
}

fn of_kind<'r>(report: &'r Report, kinds: &[&str]) -> Vec<&'r CheckedInput> {
    report
        .inputs
        .iter()
        .filter(|input| input.read && kinds.contains(&input.kind.as_str()))
        .collect()
}

fn cite(filled: &mut StepFill, inputs: &[&CheckedInput]) {
    filled.sources = inputs.iter().map(|input| input.path.clone()).collect();
    filled.as_of = inputs.iter().filter_map(|input| input.window).map(|window| window.end).max();
}

/// Step 3: what the DBA's answers say is for the findings; here stands which of them came.
fn call(filled: &mut StepFill, system: &SystemInfo) {
    let Some(dba) = &system.dba else {
        filled.missing.push(Text::ours(
            "answers of the customer's DBA: `analyze dba` prints the questions; name the answers as an input",
        ));
        return;
    };
    filled.sources.clone_from(&dba.sources);
    filled.as_of = dba.at;
    let mut topic = "";
    let mut line = String::new();
    for (of, question, n_rows) in &dba.answered {
        if of == topic {
            line.push_str(", ");
        } else {
            if !line.is_empty() {
                filled.text.push(Text::ours(std::mem::take(&mut line)));
            }
            topic = of;
            line = format!("- answered, {topic}: ");
        }
        let rows = if *n_rows == 1 { "row" } else { "rows" };
        line.push_str(&format!("{question} ({n_rows} {rows})"));
    }
    if !line.is_empty() {
        filled.text.push(Text::ours(line));
    }
    if !dba.partly.is_empty() {
        filled.text.push(Text::ours(format!("- not whole: {}", dba.partly.join(", "))));
    }
    for (question, message) in &dba.refused {
        let question = if question.is_empty() { "a question" } else { question };
        let mut line = Text::ours(format!("- refused, {question}: "));
        line.push_text(message.clone());
        filled.text.push(line);
    }
    if dba.n_unknown > 0 {
        filled.text.push(Text::ours(format!(
            "- {} results answer no question of the sheet",
            dba.n_unknown
        )));
    }
    for (topic, question) in &dba.missing {
        filled.missing.push(Text::ours(format!(
            "answer to {question} ({topic}): `analyze dba` prints the question"
        )));
    }
}

fn system_information(filled: &mut StepFill, system: &SystemInfo) {
    let mut group = "";
    for row in &system.rows {
        if row.group != group {
            group = row.group;
            filled.text.push(Text::ours(format!("{group}:")));
        }
        let mut line = Text::ours(format!("- {}: ", row.label));
        line.push_text(row.value.clone());
        filled.text.push(line);
        if !filled.sources.contains(&row.place.source) && !row.place.source.is_empty() {
            filled.sources.push(row.place.source.clone());
        }
    }
    filled.missing = system.missing.iter().map(missing_line).collect();
    filled.state = match (system.rows.is_empty(), system.missing.is_empty()) {
        (true, _) => StepState::NoData,
        (false, true) => StepState::Done,
        (false, false) => StepState::Attention,
    };
}

fn missing_line(unknown: &Unknown) -> Text {
    let mut line = unknown.what.clone();
    line.push_ours(": ");
    line.push_text(unknown.how_to_get.clone());
    line
}

fn views(filled: &mut StepFill, report: &Report, system: &SystemInfo) {
    cite(filled, &of_kind(report, &["metrics"]));
    for (label, present, how) in &system.views {
        if *present {
            filled.text.push(Text::ours(format!("- {label}: in the data")));
        } else {
            let mut line = Text::ours(format!("{label}: "));
            line.push_text(how.clone());
            filled.missing.push(line);
        }
    }
    filled.state = match (filled.text.is_empty(), filled.missing.is_empty()) {
        (true, _) => StepState::NoData,
        (false, true) => StepState::Done,
        (false, false) => StepState::Attention,
    };
}

fn inputs(filled: &mut StepFill, report: &Report, kinds: &[&str]) {
    let mine = of_kind(report, kinds);
    cite(filled, &mine);
    for input in &mine {
        let mut line = Text::ours("- ").with_value(Value::trusted(&input.path));
        line.push_ours(format!(": {}", input.format));
        if let Some(window) = input.window {
            line.push_ours(format!(
                ", {} to {} UTC",
                window.start.format("%Y-%m-%d %H:%M:%S"),
                window.end.format("%Y-%m-%d %H:%M:%S")
            ));
        }
        if input.records > 0 {
            line.push_ours(format!(", {} records", input.records));
        }
        for issue in &input.issues {
            line.push_ours(format!("; {} ({})", issue.reason, issue.count));
        }
        filled.text.push(line);
    }
    filled.state = if mine.is_empty() {
        filled.missing.push(Text::ours(
            "support packet: System Console > Support > Download Support Packet, or `mmctl system supportpacket`",
        ));
        StepState::NoData
    } else if mine.iter().any(|input| !input.issues.is_empty()) {
        StepState::Attention
    } else {
        StepState::Done
    };
}

fn slow_logs(filled: &mut StepFill, report: &Report, system: &SystemInfo) {
    inputs(filled, report, &["slow query log", "statement statistics"]);
    if filled.state == StepState::NoData {
        filled.missing = system.slow_logging.clone();
    }
}

fn review(filled: &mut StepFill, report: &Report, kinds: &[&str]) {
    let mine = of_kind(report, kinds);
    cite(filled, &mine);
    for &idx in &filled.findings {
        if let Some(finding) = report.findings.get(idx) {
            let mut line = Text::ours(format!("- {} ({}): ", finding.severity, finding.confidence));
            line.push_text(finding.summary.clone());
            filled.text.push(line);
        }
    }
    let step = filled.step.clone();
    let of_step = |outcome: OutcomeKind| {
        report
            .outcomes
            .iter()
            .filter(|o| o.step == step && o.outcome == outcome)
            .collect::<Vec<_>>()
    };
    let clear = of_step(OutcomeKind::Clear).len();
    let undecided = of_step(OutcomeKind::Skipped);
    let skipped = undecided.len();
    if mine.is_empty() && filled.findings.is_empty() {
        filled.state = StepState::NoData;
    } else {
        filled
            .text
            .push(Text::ours(format!("Checked and fine: {clear} rules. Not checked: {skipped}.")));
        filled.state = state_of(report, filled);
    }
    let mut missing: Vec<&str> =
        undecided.iter().flat_map(|o| &o.missing).map(String::as_str).collect();
    missing.sort_unstable();
    missing.dedup();
    filled.missing = missing.into_iter().take(MISSING_MAX).map(Text::ours).collect();
}

/// Missing facts that a step lists; all of them stand with the outcomes.
const MISSING_MAX: usize = 12;

fn summary(filled: &mut StepFill, report: &Report) {
    filled.sources = report.inputs.iter().filter(|i| i.read).map(|i| i.path.clone()).collect();
    filled.as_of = report.inputs.iter().filter_map(|i| i.window).map(|w| w.end).max();
    filled.findings = (0..report.findings.len())
        .filter(|&idx| report.findings.get(idx).is_some_and(|f| f.severity < Severity::Low))
        .collect();
    for (rank, suspect) in (1..).zip(&report.suspects) {
        let mut line = Text::ours(format!("{rank}. {} ({}): ", suspect.cause, suspect.confidence));
        line.push_text(suspect.summary.clone());
        filled.text.push(line);
    }
    if report.suspects.is_empty() {
        filled.text.push(Text::ours("No cause is carried by the data."));
    }
    filled.missing = report.unknown.iter().take(MISSING_MAX).map(missing_line).collect();
    filled.state = if filled.sources.is_empty() {
        StepState::NoData
    } else if report.suspects.is_empty() && filled.findings.is_empty() {
        StepState::Done
    } else {
        StepState::Attention
    };
}

/// Step 16: what the evidence itself names; what it does not carry is said, not concluded.
fn code(filled: &mut StepFill, report: &Report) {
    for suspect in &report.suspects {
        for place in &suspect.code {
            let named: Vec<&str> = [place.function.as_str(), place.file.as_str()]
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect();
            let mut line = Text::ours("- ").with_value(Value::trusted(&named.join(" ")));
            if place.file.is_empty() {
                line.push_ours(" (no file in the data)");
            }
            line.push_ours(format!(", {}; named by ", suspect.cause));
            line.push_value(Value::trusted(&format!(
                "{} {}",
                place.place.source, place.place.location
            )));
            filled.text.push(line);
            if !filled.sources.contains(&place.place.source) {
                filled.sources.push(place.place.source.clone());
            }
        }
    }
    filled.as_of = report
        .inputs
        .iter()
        .filter(|input| filled.sources.contains(&input.path))
        .filter_map(|input| input.window)
        .map(|window| window.end)
        .max();
    let unnamed: Vec<&str> = report
        .suspects
        .iter()
        .map(|suspect| suspect.cause.as_str())
        .filter(|cause| !report.suspects.iter().any(|it| it.cause == *cause && !it.code.is_empty()))
        .collect();
    if !unnamed.is_empty() {
        filled.missing.push(Text::ours(format!(
            "a place in the code for {}: the evidence names none; a packet taken while it is slow \
             holds goroutines and profiles",
            unnamed.join(", ")
        )));
    }
    if filled.text.is_empty() {
        filled.state = StepState::NoData;
        filled.missing.push(Text::ours("the evidence names no place in the code"));
    } else {
        filled.state = StepState::Attention;
    }
}

/// Step 17: the chain of evidence of the first suspect, what speaks against it, what would
/// disprove it, and which other causes are left.
fn root_cause(filled: &mut StepFill, report: &Report) {
    if let Some(suspect) = report.suspects.first() {
        for (at, source, what) in &suspect.chain {
            let mut line = Text::ours("- ");
            if let Some(at) = at {
                line.push_ours(format!("{} UTC ", at.format("%Y-%m-%d %H:%M:%S")));
            }
            line.push_value(Value::trusted(source));
            line.push_ours(": ");
            line.push_text(what.clone());
            filled.text.push(line);
            if !source.is_empty() && !filled.sources.contains(source) {
                filled.sources.push(source.clone());
            }
        }
        filled.as_of = suspect.chain.iter().filter_map(|(at, ..)| *at).max();
        for against in &suspect.against {
            let mut line = Text::ours("- speaks against it: ");
            line.push_text(against.clone());
            filled.text.push(line);
        }
        for disproof in &suspect.disproof {
            let mut line = Text::ours("- would disprove it: ");
            line.push_text(disproof.what.clone());
            line.push_ours(if disproof.looked_at { " (looked at)" } else { " (not looked at)" });
            filled.text.push(line);
        }
        for other in report.suspects.iter().skip(1) {
            let mut line =
                Text::ours(format!("- also possible: {} ({}): ", other.cause, other.confidence));
            line.push_text(other.summary.clone());
            filled.text.push(line);
        }
    } else {
        filled.missing.push(Text::ours("a cause: the data carries none"));
    }
    filled.text.push(Text::ours("A person decides whether this is the root cause."));
}

/// Groups and labels of the system information that a test server needs; no label: all.
const TEST_SERVER: &[(&str, &str)] =
    &[("Mattermost", ""), ("Application nodes", ""), ("Database", ""), ("Settings", "cluster")];
/// What says which binary the customer runs.
const PLATFORM: &[(&str, &str)] = &[
    ("Mattermost", "version"),
    ("Mattermost", "installed as"),
    ("Application nodes", "operating system"),
    ("Application nodes", "architecture"),
];

/// Rows of the system information that a later step needs.
fn groups(filled: &mut StepFill, system: &SystemInfo, wanted: &[(&str, &str)]) {
    for row in &system.rows {
        if wanted
            .iter()
            .any(|(group, label)| *group == row.group && (label.is_empty() || *label == row.label))
        {
            let mut line = Text::ours(format!("- {}, {}: ", row.group, row.label));
            line.push_text(row.value.clone());
            filled.text.push(line);
            if !filled.sources.contains(&row.place.source) && !row.place.source.is_empty() {
                filled.sources.push(row.place.source.clone());
            }
        }
    }
    if filled.text.is_empty() {
        filled.missing.push(Text::ours("version and platform of the customer: no packet was read"));
    }
}

/// Step 9: what carries data and is worth a pin.
fn pins(filled: &mut StepFill, report: &Report) {
    let read: Vec<&CheckedInput> = report
        .inputs
        .iter()
        .filter(|input| {
            input.read && input.kind != "packet member" && input.kind != "incident file"
        })
        .collect();
    cite(filled, &read);
    for input in &read {
        let line = Text::ours("- ").with_value(Value::trusted(&input.path));
        filled.text.push(line.with_ours(format!(" ({})", input.format)));
    }
    filled.state = if read.is_empty() { StepState::NoData } else { StepState::Open };
}

/// Step 18: what the evidence proposes, mildest first.
fn solution(filled: &mut StepFill, report: &Report) {
    let Some(suspect) = report.suspects.first() else {
        filled.missing.push(Text::ours("a cause: the data carries none"));
        return;
    };
    for action in &suspect.actions {
        let mut line = Text::ours("- ");
        if let Some(who) = action.who {
            line.push_ours(format!("{who}: "));
        }
        line.push_text(action.action.clone());
        for (word, text) in [
            ("command", &action.command),
            ("first", &action.precheck),
            ("breaks", &action.breaks),
            ("undo", &action.undo),
            ("verify", &action.verify),
        ] {
            if let Some(text) = text {
                line.push_ours(format!("; {word}: "));
                line.push_text(text.clone());
            }
        }
        line.push_ours(format!("; restart: {}", action.restart));
        filled.text.push(line);
    }
    if suspect.actions.is_empty() {
        filled.missing.push(Text::ours(
            "a safe action: no rule behind this cause knows one; measure first (step summarise-findings)",
        ));
    }
    filled.text.push(Text::ours(
        "Which release holds a fix is not in the data: look for the cause in the release notes of \
         later dot releases.",
    ));
    for line in &suspect.do_not {
        let mut text = Text::ours("- do not: ");
        text.push_text(line.clone());
        filled.text.push(text);
    }
}

/// Steps that compare: the figures of the incident are the `before`.
fn before(filled: &mut StepFill, report: &Report) {
    let Some(incident) = &report.incident else {
        filled.missing.push(Text::ours(
            "figures of the incident to compare with: none was found in the data",
        ));
        return;
    };
    filled.as_of = Some(incident.last_data);
    for line in &incident.impact {
        let mut text = Text::ours("- in the incident: ");
        text.push_text(line.clone());
        filled.text.push(text);
    }
}
