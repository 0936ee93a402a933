//! The answer to what somebody dropped: causes, findings, what was read and what was not.

use mattermost::FileInfo;
use model::{CheckedInput, Report, Severity};
use text::{Block, Document, Line, Markdown, Raw, Redactor};

/// Causes, findings and inputs that are named; the report at one's desk has all.
const SHOWN: usize = 6;

/// The answer; `None` when nothing was read and nothing was left out: a file that is not for us.
pub(super) fn answer(
    report: &Report,
    left: &[(FileInfo, &'static str)],
    message_runes: usize,
) -> Option<Markdown> {
    let read: Vec<&CheckedInput> =
        report.inputs.iter().filter(|input| input.read && input.kind != "packet member").collect();
    if read.is_empty() && left.is_empty() {
        return None;
    }
    let mut document = Document::new();
    if read.is_empty() {
        document.line(Line::new().ours("Nothing here is of a kind that `analyze` reads."));
    } else {
        causes(report, &mut document);
        findings(report, &mut document);
        document.line(Line::new().ours("**Read**"));
        document.push(Block::Bullets(read.iter().take(SHOWN).map(|input| one(input)).collect()));
    }
    not_read(report, left, &mut document);
    document.line(
        Line::new().ours(
            "One look at these files alone; `analyze post` puts all of an incident together.",
        ),
    );
    document.split(message_runes).into_iter().next()
}

/// The answer to files of which none was fetched.
pub(super) fn not_fetched(
    left: &[(FileInfo, &'static str)],
    message_runes: usize,
) -> Option<Markdown> {
    let mut document = Document::new();
    for (info, why) in left {
        document.line(Line::new().code(&info.name).ours(": ").ours(why));
    }
    document.split(message_runes).into_iter().next()
}

/// The answer to files that could not be analysed.
pub(super) fn failed() -> Markdown {
    Markdown::ours("This could not be analysed here. Run `analyze` on it at your desk.")
}

fn causes(report: &Report, document: &mut Document) {
    if report.suspects.is_empty() {
        document.line(Line::new().ours("**Cause:** the data carries none."));
        return;
    }
    document.line(Line::new().ours("**Cause**"));
    let lines = report.suspects.iter().take(SHOWN).map(|suspect| {
        Line::new()
            .said(format!("{} ({}): ", suspect.cause, suspect.confidence))
            .text(&suspect.summary)
    });
    document.push(Block::Numbered { first: 1, items: lines.collect() });
}

fn findings(report: &Report, document: &mut Document) {
    let shown: Vec<Line> = report
        .findings
        .iter()
        .filter(|finding| finding.severity < Severity::Low)
        .take(SHOWN)
        .map(|finding| {
            Line::new()
                .said(format!("{} ({}): ", finding.severity, finding.confidence))
                .text(&finding.summary)
        })
        .collect();
    let n_low = report.findings.iter().filter(|it| it.severity >= Severity::Low).count();
    if shown.is_empty() {
        document.line(Line::new().said(format!("No finding above low; {n_low} of low or info.")));
        return;
    }
    document.line(Line::new().ours("**Findings**"));
    document.push(Block::Bullets(shown));
}

fn one(input: &CheckedInput) -> Line {
    let name = Redactor::new().clear(&Raw::new(input.path.as_str()));
    let mut line = Line::new().code(&name).said(format!(": {}", input.format));
    if input.records > 0 {
        line = line.said(format!(", {} records", input.records));
    }
    if let Some(window) = input.window {
        line = line.said(format!(
            ", {} to {} UTC",
            window.start.format("%Y-%m-%d %H:%M"),
            window.end.format("%Y-%m-%d %H:%M")
        ));
    }
    line
}

fn not_read(report: &Report, left: &[(FileInfo, &'static str)], document: &mut Document) {
    let mut lines: Vec<Line> =
        left.iter().map(|(info, why)| Line::new().code(&info.name).ours(": ").ours(why)).collect();
    for input in report.inputs.iter().filter(|input| !input.read).take(SHOWN) {
        let name = Redactor::new().clear(&Raw::new(input.path.as_str()));
        let why = input.issues.first().map_or("", |issue| issue.reason.as_str());
        let why = Redactor::new().clear(&Raw::new(why));
        lines.push(Line::new().code(&name).ours(": ").code(&why));
    }
    if !lines.is_empty() {
        document.line(Line::new().ours("**Not read**"));
        document.push(Block::Bullets(lines));
    }
}
