//! What the data of a run says to each step.

mod cause;
mod shared;

use crate::Playbook;
use cause::{before, code, root_cause, solution, summary};
use chrono::{DateTime, Utc};
use model::{CheckedInput, OutcomeKind, Place, Report, Severity, StepFill, StepState, Unknown};
use shared::{
    PLATFORM, TEST_SERVER, call, groups, inputs, pins, slow_logs, system_information, views,
};
use text::Text;

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

fn missing_line(unknown: &Unknown) -> Text {
    let mut line = unknown.what.clone();
    line.push_ours(": ");
    line.push_text(unknown.how_to_get.clone());
    line
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
