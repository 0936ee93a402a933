//! The course of things: the views as lines of blocks, what happened before, the timeline.

use super::LIST_SHOWN;
use super::screen::{Paint, Screen};
use crate::{Style, phrase};
use model::Report;
use text::Text;

/// The views as lines of blocks: one look tells a step from a ramp and a peak from a plateau.
pub(super) fn courses(screen: &mut Screen, report: &Report, style: &Style) {
    if report.incident.is_none() && !style.all {
        return;
    }
    let shown = if style.all { usize::MAX } else { LIST_SHOWN };
    let courses = report.courses.get(..shown.min(report.courses.len())).unwrap_or_default();
    let columns = |text: &Text| text.plain().chars().count();
    let title_columns = courses.iter().map(|course| columns(&course.title)).max().unwrap_or(0) + 2;
    let highest: Vec<String> = courses.iter().map(up_to).collect();
    let highest_columns = highest.iter().map(|words| words.chars().count()).max().unwrap_or(0);
    let room = screen.text_columns().saturating_sub(title_columns + highest_columns);
    for (nth, (course, highest)) in courses.iter().zip(&highest).enumerate() {
        let mut line = course.title.clone();
        line.push_ours(" ".repeat(title_columns.saturating_sub(columns(&course.title))));
        line.push_ours(crate::charts::sparkline(&crate::charts::thinned(&course.values, room)));
        line.push_ours(highest.clone());
        screen.labelled(if nth == 0 { "VIEWS" } else { "" }, Paint::Plain, &line);
    }
}

/// ` up to 5.7 s`; empty for a course without values.
fn up_to(course: &model::Course) -> String {
    let highest = course.values.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    if highest.is_finite() {
        format!(" up to {}", phrase::quantity(highest, &course.unit))
    } else {
        String::new()
    }
}

/// What happened in the half hour before the onset: the first question of every outage.
pub(super) fn changes_before(screen: &mut Screen, report: &Report, style: &Style) {
    let Some(incident) = &report.incident else { return };
    let half_hour = chrono::TimeDelta::minutes(30);
    let before: Vec<_> = report
        .timeline
        .iter()
        .filter(|entry| {
            entry.kind != model::TimelineKind::Inferred
                && entry.time >= incident.start - half_hour
                && entry.time <= incident.start + chrono::TimeDelta::minutes(2)
        })
        .collect();
    for (nth, entry) in before.iter().take(LIST_SHOWN).enumerate() {
        let mut line = Text::ours(format!("{} ", phrase::clock(entry.time, style)));
        if !entry.node.is_empty() {
            line.push_ours(format!("{}  ", text::escape::terminal(&entry.node)));
        }
        line.push_text(entry.what.clone());
        screen.labelled(if nth == 0 { "BEFORE" } else { "" }, Paint::Bold, &line);
    }
    if before.len() > LIST_SHOWN {
        screen.item(&Text::ours(format!(
            "and {} more in the 30 minutes before (--all)",
            before.len() - LIST_SHOWN
        )));
    }
}

pub(super) fn timeline(screen: &mut Screen, report: &Report, style: &Style) {
    for (nth, entry) in report.timeline.iter().enumerate() {
        let mut line =
            Text::ours(format!("{} {:8} ", phrase::moment(entry.time, style), entry.kind.as_str()));
        if !entry.node.is_empty() {
            line.push_ours(format!("{}  ", text::escape::terminal(&entry.node)));
        }
        line.push_text(entry.what.clone());
        screen.labelled(if nth == 0 { "TIMELINE" } else { "" }, Paint::Bold, &line);
    }
}
