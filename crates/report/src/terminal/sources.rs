//! What the answer stands on: what was read, what disagrees, what could not be checked, what is fine.

use super::LIST_SHOWN;
use super::parts::join;
use super::screen::{Paint, Screen};
use crate::labels::Labels;
use crate::{Style, phrase};
use model::{CheckedInput, OutcomeKind, Report};
use text::Text;

pub(super) fn disagreements(screen: &mut Screen, report: &Report) {
    for (nth, disagreement) in report.disagreements.iter().enumerate() {
        let mut line = disagreement.what.clone();
        for (source, value) in disagreement.sources.iter().zip(&disagreement.values) {
            line.push_ours(format!("; {}: ", text::escape::terminal(source)));
            line.push_text(value.clone());
        }
        screen.labelled(if nth == 0 { "DISAGREE" } else { "" }, Paint::Bold, &line);
    }
}

pub(super) fn not_checked(screen: &mut Screen, report: &Report, style: &Style) {
    let shown = if style.all { usize::MAX } else { LIST_SHOWN };
    for (nth, unknown) in report.unknown.iter().take(shown).enumerate() {
        let mut line = unknown.what.clone();
        if !unknown.why.is_empty() {
            line.push_ours(" (");
            line.push_text(unknown.why.clone());
            line.push_ours(")");
        }
        if !unknown.how_to_get.is_empty() {
            line.push_ours(": ");
            line.push_text(unknown.how_to_get.clone());
        }
        screen.labelled(if nth == 0 { "UNKNOWN" } else { "" }, Paint::Bold, &line);
    }
    if report.unknown.len() > shown {
        screen.item(&Text::ours(format!("and {} more (--all)", report.unknown.len() - shown)));
    }
}

pub(super) fn fine(screen: &mut Screen, report: &Report, style: &Style) {
    let clear = report.outcomes.iter().filter(|o| o.outcome == OutcomeKind::Clear).count();
    let nothing_read = report.inputs.iter().all(|input| !input.read);
    if nothing_read || report.fine.is_empty() && clear == 0 {
        return;
    }
    let mut line = join(&report.fine, ", ");
    if clear > 0 {
        line.push_ours(format!(
            "{}{} clear{}",
            if report.fine.is_empty() { "" } else { "; " },
            phrase::plural(clear, "rule"),
            if style.outcomes { "" } else { " (--outcomes)" }
        ));
    }
    screen.labelled("FINE", Paint::Good, &line);
}

pub(super) fn read(screen: &mut Screen, report: &Report, labels: &Labels, style: &Style) {
    let (read, unread): (Vec<_>, Vec<_>) = report.inputs.iter().partition(|input| input.read);
    let mut label = "READ";
    for kind in ["packet", "slow query log", "statement statistics", "log", "metrics"] {
        let mine: Vec<&CheckedInput> =
            read.iter().copied().filter(|input| input.kind == kind).collect();
        // Many files of a kind are one line on the first screen; what went wrong is always shown.
        if mine.len() > 2 && !style.all {
            screen.labelled(label, Paint::Plain, &Text::ours(phrase::several(&mine, kind, style)));
            label = "";
        } else {
            for input in &mine {
                screen.labelled(
                    label,
                    Paint::Plain,
                    &Text::ours(phrase::input(input, labels, style)),
                );
                label = "";
            }
        }
    }
    let others = read.iter().filter(|input| style.all && input.kind == "packet member");
    for input in others {
        screen.labelled("", Paint::Plain, &Text::ours(phrase::input(input, labels, style)));
    }
    for input in &read {
        for issue in input.issues.iter().take(if style.all { usize::MAX } else { 2 }) {
            let place = if issue.location.is_empty() {
                String::new()
            } else {
                format!(" at {}", issue.location)
            };
            let times = if issue.count > 1 {
                format!(", {} times", phrase::count(issue.count))
            } else {
                String::new()
            };
            let words = format!(
                "{}: {}{place}{times}",
                labels.short(&input.path),
                text::escape::terminal(&issue.reason)
            );
            screen.item(&Text::ours(words));
        }
    }
    for (nth, input) in unread.iter().enumerate() {
        let mut words = phrase::input(input, labels, style);
        for issue in input.issues.iter().take(2) {
            words.push_str(&format!("; {}", text::escape::terminal(&issue.reason)));
        }
        screen.labelled(if nth == 0 { "NOT READ" } else { "" }, Paint::Bold, &Text::ours(words));
    }
    let redacted: u64 = report.redactions.values().sum();
    if redacted > 0 {
        let kinds: Vec<String> = report
            .redactions
            .iter()
            .map(|(kind, n)| format!("{} {kind}", phrase::count(*n)))
            .collect();
        screen.item(&Text::ours(format!("taken out of what is shown: {}", kinds.join(", "))));
    }
}

pub(super) fn outcomes(screen: &mut Screen, report: &Report) {
    for (nth, outcome) in report.outcomes.iter().enumerate() {
        let mut line = Text::ours(format!("{:14} {}", outcome.outcome.as_str(), outcome.rule));
        if !outcome.missing.is_empty() {
            line.push_ours(format!(": missing {}", outcome.missing.join(", ")));
        }
        if !outcome.basis.is_empty() {
            line.push_ours("  ");
            line.push_text(outcome.basis.clone());
        }
        screen.labelled(if nth == 0 { "OUTCOMES" } else { "" }, Paint::Plain, &line);
    }
}
