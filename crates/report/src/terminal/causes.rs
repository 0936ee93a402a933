//! Causes: how sure, on which evidence, what to do, what follows from them.

use super::parts::{actions, do_not, join, restart};
use super::screen::{Paint, Screen};
use super::{EVIDENCE_LINES, SUSPECTS_SHOWN};
use crate::labels::Labels;
use crate::over::over;
use crate::{Style, phrase};
use model::{Level, Report, Suspect};
use text::Text;

/// Actions that the first screen shows for a cause: more cannot be done at once.
const ACTIONS_SHOWN: usize = 5;
/// Warnings that the first screen shows for a cause: more are not read.
const WARNINGS_SHOWN: usize = 5;

pub(super) fn suspects(screen: &mut Screen, report: &Report, labels: &Labels, style: &Style) {
    if report.suspects.is_empty() {
        if report.incident.is_some() {
            screen.labelled(
                "CAUSE",
                Paint::Bold,
                &Text::ours("not known: the evidence carries none"),
            );
        }
        return;
    }
    let shown = if style.all { usize::MAX } else { SUSPECTS_SHOWN };
    for (rank, suspect) in (1..).zip(&report.suspects).take(shown) {
        let mut line = Text::ours(format!("{rank} {}  ", suspect.cause));
        line.push_text(suspect.subject.clone());
        line.push_ours(format!(
            "   {}, {}",
            suspect.confidence.as_str().to_uppercase(),
            phrase::plural(suspect.n_sources, "kind of source")
                .replace("kind of sources", "kinds of sources")
        ));
        screen.labelled(if rank == 1 { "CAUSE" } else { "" }, Paint::Alarm, &line);
        if rank == 1 || style.all {
            suspect_in_full(screen, suspect, report, labels, style);
        } else {
            screen.item(&suspect.summary);
            if let Some(action) = suspect.actions.first() {
                let mut line = Text::ours("do: ");
                line.push_text(action.action.clone());
                line.push_ours(format!(" ({}; more with --all)", restart(action.restart)));
                screen.item(&line);
            }
        }
    }
    if let Some(over) = over(report, style) {
        screen.labelled("OVER", Paint::Good, &over);
    }
    for suspect in report.suspects.iter().take(if style.all { usize::MAX } else { 1 }) {
        what_to_do(screen, suspect, style);
    }
}

fn suspect_in_full(
    screen: &mut Screen,
    suspect: &Suspect,
    report: &Report,
    labels: &Labels,
    style: &Style,
) {
    screen.item(&suspect.summary);
    for (at, source, what) in suspect.chain.iter().take(if style.all { usize::MAX } else { 6 }) {
        let mut line = Text::ours(
            at.map_or_else(String::new, |at| format!("{} ", phrase::when(at, report, style))),
        );
        line.push_ours(format!("{}  ", labels.short_place(source)));
        line.push_text(what.clone());
        screen.brief_item(&line, if style.all { usize::MAX } else { EVIDENCE_LINES });
    }
    for against in &suspect.against {
        let mut line = Text::ours("against it: ");
        line.push_text(against.clone());
        screen.item(&line);
    }
    for disproof in
        suspect.disproof.iter().filter(|disproof| style.all || !disproof.looked_at).take(3)
    {
        let mut line = Text::ours("would disprove it: ");
        line.push_text(disproof.what.clone());
        line.push_ours(if disproof.looked_at { " (looked at)" } else { " (not looked at)" });
        screen.item(&line);
    }
}

fn what_to_do(screen: &mut Screen, suspect: &Suspect, style: &Style) {
    let some =
        if style.all { suspect.actions.len() } else { ACTIONS_SHOWN.min(suspect.actions.len()) };
    actions(screen, "DO NOW", suspect.actions.get(..some).unwrap_or_default());
    if some < suspect.actions.len() {
        screen.item(&Text::ours(format!("and {} more (--all)", suspect.actions.len() - some)));
    }
    let warnings = if style.all { usize::MAX } else { WARNINGS_SHOWN };
    do_not(screen, suspect.do_not.get(..warnings.min(suspect.do_not.len())).unwrap_or_default());
    let mut follows = join(&suspect.consequences, " | ");
    if !suspect.symptoms.is_empty() && !style.all {
        let gap = if follows.is_empty() { "" } else { " | " };
        let findings = phrase::plural(suspect.symptoms.len(), "finding");
        let say = if suspect.symptoms.len() == 1 { "says" } else { "say" };
        follows.push_ours(format!("{gap}{findings} that {say} no more (--all)"));
    }
    if !follows.is_empty() {
        screen.labelled("FOLLOWS", Paint::Bold, &follows);
    }
}
