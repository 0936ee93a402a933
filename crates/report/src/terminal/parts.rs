//! What causes, findings and steps are written with: actions, warnings, evidence.

use super::screen::{Paint, Screen};
use crate::labels::Labels;
use crate::{Style, phrase};
use model::{Action, Finding, Report, Restart};
use text::Text;

pub(super) fn actions(screen: &mut Screen, label: &str, actions: &[Action]) {
    for (number, action) in (1..).zip(actions) {
        let mut line = Text::ours(format!("{number} "));
        if let Some(who) = action.who {
            line.push_ours(format!("[{who}, {}] ", restart(action.restart)));
        }
        line.push_text(action.action.clone());
        if let Some(breaks) = &action.breaks {
            line.push_ours(" Breaks: ");
            line.push_text(breaks.clone());
            if action.undo.is_some() && !breaks.plain().ends_with('.') {
                line.push_ours(".");
            }
        }
        if let Some(undo) = &action.undo {
            line.push_ours(" Undo: ");
            line.push_text(undo.clone());
        }
        screen.labelled(if number == 1 { label } else { "" }, Paint::Bold, &line);
        let lines = [
            ("first", &action.precheck),
            ("run", &action.command),
            ("fill in", &action.fill_in),
            ("verify", &action.verify),
        ];
        for (name, text) in lines {
            if let Some(text) = text {
                let mut line = Text::ours(format!("{name}: "));
                line.push_text(text.clone());
                screen.item(&line);
            }
        }
    }
}

pub(super) fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::None => "no restart",
        Restart::Rolling => "rolling restart",
        Restart::All => "RESTARTS ALL NODES",
    }
}

pub(super) fn do_not(screen: &mut Screen, texts: &[Text]) {
    if !texts.is_empty() {
        screen.labelled("DO NOT", Paint::Alarm, &join(texts, " | "));
    }
}

pub(super) fn join(texts: &[Text], between: &str) -> Text {
    let mut all = Text::new();
    for (idx, text) in texts.iter().enumerate() {
        if idx > 0 {
            all.push_ours(between);
        }
        all.push_text(text.clone());
    }
    all
}

/// The first `most` entries of a finding's evidence, each on at most `lines` lines.
pub(super) fn evidence(
    screen: &mut Screen,
    finding: &Finding,
    (report, labels, style): (&Report, &Labels, &Style),
    most: usize,
    lines: usize,
) {
    for entry in finding.evidence.iter().take(most) {
        let at = entry.at.map_or_else(String::new, |at| phrase::when(at, report, style) + " ");
        let mut line = Text::ours(format!(
            "{at}{} {}  ",
            labels.short(&entry.place.source),
            text::escape::terminal(&entry.place.location)
        ));
        line.push_text(entry.text.clone());
        screen.brief_item(&line, lines);
    }
    let more = finding.evidence.len().saturating_sub(most) as u64 + finding.evidence_more;
    if more > 0 {
        screen.item(&Text::ours(format!("and {} more", phrase::count(more))));
    }
}
