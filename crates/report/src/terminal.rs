//! The terminal: one screen that answers "what do I do now"; with `--all` everything.

mod causes;
mod course;
mod findings;
mod parts;
mod screen;
mod sources;

use crate::labels::Labels;
use crate::{Format, Style, phrase};
use model::{Report, StepFill};
use parts::{actions, do_not, evidence};
use screen::{Paint, Screen};
use std::io::{self, Write};
use text::Text;

pub(crate) const FORMAT: Format = Format {
    name: "terminal",
    extensions: &["txt"],
    help: "for people: what is wrong, what to do, what was not checked (default)",
    write,
};

/// Suspects that the first screen shows.
const SUSPECTS_SHOWN: usize = 3;
/// Lines of the screen that one entry of evidence may take there: a log line is longer.
const EVIDENCE_LINES: usize = 3;
/// Lines of a list (not checked, fine, read) that the first screen shows.
const LIST_SHOWN: usize = 6;
fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let labels = Labels::of(report);
    let mut screen = Screen::new(style.width, style.color);
    if let Some(step) = &style.step {
        for filled in report.steps.iter().filter(|filled| filled.step == *step) {
            one_step(&mut screen, report, filled, &labels, style);
        }
        return out.write_all(screen.finish().as_bytes());
    }
    header(&mut screen, report, style);
    impact(&mut screen, report, style);
    course::courses(&mut screen, report, style);
    course::changes_before(&mut screen, report, style);
    causes::suspects(&mut screen, report, &labels, style);
    findings::findings(&mut screen, report, &labels, style);
    sources::disagreements(&mut screen, report);
    sources::not_checked(&mut screen, report, style);
    sources::fine(&mut screen, report, style);
    sources::read(&mut screen, report, &labels, style);
    if style.outcomes {
        sources::outcomes(&mut screen, report);
    }
    if style.all {
        course::timeline(&mut screen, report, style);
        for filled in &report.steps {
            one_step(&mut screen, report, filled, &labels, style);
        }
    }
    out.write_all(screen.finish().as_bytes())
}

fn header(screen: &mut Screen, report: &Report, style: &Style) {
    let mut line = phrase::header(report);
    line.push_ours(format!("    all times {}", phrase::zone(style)));
    screen.plain(Paint::Bold, &line);
}

fn impact(screen: &mut Screen, report: &Report, style: &Style) {
    let Some(incident) = &report.incident else {
        if report.inputs.iter().any(|input| input.read) {
            let words = "none detected in the data; if users see one: --incident START..END";
            screen.labelled("IMPACT", Paint::Plain, &Text::ours(words));
        }
        return;
    };
    screen.labelled("IMPACT", Paint::Alarm, &Text::ours(phrase::incident(incident, style)));
    for line in incident.impact.iter().take(if style.all { usize::MAX } else { 4 }) {
        screen.item(line);
    }
}

fn one_step(
    screen: &mut Screen,
    report: &Report,
    filled: &StepFill,
    labels: &Labels,
    style: &Style,
) {
    let mut title = Text::ours(format!("{} [{}]", filled.title, filled.state.as_str()));
    if let Some(as_of) = filled.as_of {
        title.push_ours(format!("  as of {}", phrase::moment(as_of, style)));
    }
    screen.labelled("STEP", Paint::Bold, &title);
    for line in &filled.text {
        screen.item(line);
    }
    for finding in filled.findings.iter().filter_map(|&idx| report.findings.get(idx)) {
        if style.step.is_some() {
            evidence(screen, finding, (report, labels, style), usize::MAX, usize::MAX);
            actions(screen, "  do", &finding.actions);
            do_not(screen, &finding.do_not);
        }
    }
    for missing in &filled.missing {
        let mut line = Text::ours("missing: ");
        line.push_text(missing.clone());
        screen.item(&line);
    }
}
