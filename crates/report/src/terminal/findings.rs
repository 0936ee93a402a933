//! Findings that no cause has said yet; low ones and advice in a line.

use super::parts::{actions, do_not, evidence, join, restart};
use super::screen::{Paint, Screen};
use super::{EVIDENCE_LINES, SUSPECTS_SHOWN};
use crate::labels::Labels;
use crate::{Style, phrase};
use model::{Finding, Report, Severity};
use text::Text;

/// Findings that the first screen shows in full.
const FINDINGS_SHOWN: usize = 5;
/// Entries of evidence that the first screen shows for one finding, when there is no cause.
const EVIDENCE_SHOWN: usize = 3;

pub(super) fn findings(screen: &mut Screen, report: &Report, labels: &Labels, style: &Style) {
    let groups = phrase::groups(report, style);
    let get = |idx: &usize| report.findings.get(*idx);
    let label = if report.suspects.is_empty() { "FOUND" } else { "ALSO" };
    // What the suspects already say is not said twice on the first screen.
    let said = phrase::said(report, SUSPECTS_SHOWN);
    let entries = if report.suspects.is_empty() { EVIDENCE_SHOWN } else { 1 };
    let now: Vec<usize> =
        groups.now.iter().copied().filter(|idx| style.all || !said.contains(idx)).collect();
    let shown = if style.all { usize::MAX } else { FINDINGS_SHOWN };
    for (nth, finding) in now.iter().filter_map(get).take(shown).enumerate() {
        let mut line = Text::ours(format!("{} ({})  ", finding.severity, finding.confidence));
        line.push_text(finding.summary.clone());
        if let Some(nodes) = phrase::on_nodes(finding) {
            line.push_ours(" (");
            line.push_text(nodes);
            line.push_ours(")");
        }
        screen.labelled(if nth == 0 { label } else { "" }, paint(finding), &line);
        let (most, lines) =
            if style.all { (usize::MAX, usize::MAX) } else { (entries, EVIDENCE_LINES) };
        evidence(screen, finding, (report, labels, style), most, lines);
        if style.all || report.suspects.is_empty() {
            let some = if style.all { finding.actions.len() } else { 2 };
            actions(
                screen,
                "  do",
                finding.actions.get(..some.min(finding.actions.len())).unwrap_or_default(),
            );
            do_not(screen, &finding.do_not);
        } else if let Some(action) = finding.actions.first() {
            let mut line = Text::ours("do: ");
            line.push_text(action.action.clone());
            line.push_ours(format!(" ({})", restart(action.restart)));
            screen.item(&line);
        }
        if style.all {
            screen.item(&finding.why);
            screen.item(&Text::ours(format!(
                "rule {}, threshold from {}",
                finding.rule, finding.basis
            )));
        }
    }
    if now.len() > shown {
        screen.item(&Text::ours(format!(
            "and {} more (--all)",
            phrase::plural(now.len() - shown, "finding")
        )));
    }
    rest(screen, report, &groups, labels, style);
    if groups.now.is_empty() && report.suspects.is_empty() {
        let (paint, words) = if report.inputs.iter().any(|input| input.read) {
            (Paint::Good, "nothing above low in what could be checked")
        } else {
            (Paint::Alarm, "nothing: no input could be read")
        };
        screen.labelled("FOUND", paint, &Text::ours(words));
    }
}

/// Low findings and advice: one line, or all of them.
fn rest(
    screen: &mut Screen,
    report: &Report,
    groups: &phrase::Groups,
    labels: &Labels,
    style: &Style,
) {
    for (label, indexes) in [("LOW", &groups.later), ("ADVICE", &groups.advice)] {
        if indexes.is_empty() {
            continue;
        }
        let titles: Vec<Text> = indexes
            .iter()
            .filter_map(|&idx| report.findings.get(idx))
            .map(|f| f.title.clone())
            .collect();
        if style.all {
            for (nth, finding) in
                indexes.iter().filter_map(|&idx| report.findings.get(idx)).enumerate()
            {
                let mut line = Text::ours(format!("{}  ", finding.severity));
                line.push_text(finding.summary.clone());
                screen.labelled(if nth == 0 { label } else { "" }, Paint::Plain, &line);
                evidence(screen, finding, (report, labels, style), 2, usize::MAX);
            }
        } else {
            let mut line = Text::ours(format!("{} (--all): ", titles.len()));
            line.push_text(join(titles.get(..3.min(titles.len())).unwrap_or_default(), "; "));
            if titles.len() > 3 {
                line.push_ours("; ...");
            }
            screen.labelled(label, Paint::Plain, &line);
        }
    }
}

fn paint(finding: &Finding) -> Paint {
    match finding.severity {
        Severity::Critical | Severity::High => Paint::Alarm,
        Severity::Medium => Paint::Bold,
        Severity::Low | Severity::Info => Paint::Plain,
    }
}
