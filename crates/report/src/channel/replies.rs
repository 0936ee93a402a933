//! The replies: a step of the playbook each.

use super::root::{actions, do_not, who};
use super::state::more;
use super::{ChannelFacts, Words};
use crate::phrase;
use model::{Action, Finding, StepFill, StepState};
use text::{Block, Document, Line, Segment, Text};

/// Actions with their commands; the report has all.
const ACTIONS_SHOWN: usize = 8;
/// Entries of evidence of a finding; the report has all.
const EVIDENCE_SHOWN: usize = 6;
/// Findings in full; the report has all.
const FINDINGS_SHOWN: usize = 12;
/// Lines of a step; the report has all.
const LINES_SHOWN: usize = 80;

/// The heading and the time of a step.
fn begun(facts: &ChannelFacts<'_>, words: &Words<'_>, filled: &StepFill) -> Document {
    let mut document = Document::new();
    let number = facts.playbook.step(&filled.step).map(|step| format!("{}: ", step.number));
    let mut line = Line::new()
        .ours("**Step ")
        .said(number.unwrap_or_default())
        .said(filled.title.as_str())
        .ours("**");
    if let Some(at) = filled.as_of {
        line = line.ours(" · as of ").said(format!("{} {}", words.moment(at), words.zone()));
    }
    if filled.state == StepState::Attention {
        line = line.ours(" · needs attention");
    }
    document.line(line);
    document
}

/// A step that the data fills; `None` when it does not.
pub(super) fn step(
    facts: &ChannelFacts<'_>,
    words: &Words<'_>,
    filled: &StepFill,
) -> Option<Document> {
    let findings: Vec<&Finding> = filled
        .findings
        .iter()
        .filter_map(|&idx| facts.report.findings.get(idx))
        .filter(|finding| finding.step == filled.step)
        .collect();
    if filled.state == StepState::NoData || filled.text.is_empty() && findings.is_empty() {
        return None;
    }
    let mut document = begun(facts, words, filled);
    lines(&filled.text, words, &mut document);
    for finding in findings.iter().take(FINDINGS_SHOWN) {
        one_finding(finding, words, &mut document);
    }
    if findings.len() > FINDINGS_SHOWN {
        document
            .line(Line::new().said(more(findings.len() - FINDINGS_SHOWN)).ours(" in the report"));
    }
    if !filled.missing.is_empty() {
        document.line(Line::new().ours("**Missing**"));
        document.push(Block::Bullets(filled.missing.iter().map(|text| words.line(text)).collect()));
    }
    Some(document)
}

/// Step 3: what is done on the call, with the commands, and who has to be there.
pub(super) fn start_call(
    facts: &ChannelFacts<'_>,
    words: &Words<'_>,
    filled: &StepFill,
) -> Option<Document> {
    let actions = actions(facts.report);
    if actions.is_empty() && filled.missing.is_empty() && filled.text.is_empty() {
        return None;
    }
    let mut document = begun(facts, words, filled);
    if !actions.is_empty() {
        document.line(Line::new().ours("**Do now**, in this order; a person decides each"));
    }
    for (number, action) in (1..).zip(actions.iter().take(ACTIONS_SHOWN)) {
        one_action(number, action, words, &mut document);
    }
    if actions.len() > ACTIONS_SHOWN {
        document.line(Line::new().said(more(actions.len() - ACTIONS_SHOWN)).ours(" in the report"));
    }
    let do_not = do_not(facts.report);
    if !do_not.is_empty() {
        document.line(Line::new().ours("**Do not**"));
        document.push(Block::Bullets(do_not.into_iter().map(|text| words.line(text)).collect()));
    }
    lines(&filled.text, words, &mut document);
    if !filled.missing.is_empty() {
        document.line(Line::new().ours("**Missing**"));
        document.push(Block::Bullets(filled.missing.iter().map(|text| words.line(text)).collect()));
    }
    Some(document)
}

/// Lines of a step: those that begin with a dash are a list. Clocks stand in the first post.
fn lines(texts: &[Text], words: &Words<'_>, document: &mut Document) {
    let mut plain = Vec::new();
    let mut items = Vec::new();
    let kept: Vec<&Text> = texts.iter().filter(|text| !is_clock(text)).collect();
    for text in kept.iter().take(LINES_SHOWN) {
        match without_dash(text) {
            Some(text) => {
                flush(&mut plain, document, Block::Lines);
                items.push(words.line(&text));
            }
            None => {
                flush(&mut items, document, Block::Bullets);
                plain.push(words.line(text));
            }
        }
    }
    flush(&mut plain, document, Block::Lines);
    flush(&mut items, document, Block::Bullets);
    if kept.len() > LINES_SHOWN {
        document.line(Line::new().said(more(kept.len() - LINES_SHOWN)).ours(" in the report"));
    }
}

/// Whether a line is the state of a clock: it changes with every minute, and the first post says
/// what is due.
pub fn is_clock(text: &Text) -> bool {
    matches!(text.segments().first(), Some(Segment::Ours(words)) if words.starts_with("Clock: "))
}

fn flush(lines: &mut Vec<Line>, document: &mut Document, block: fn(Vec<Line>) -> Block) {
    if !lines.is_empty() {
        document.push(block(std::mem::take(lines)));
    }
}

fn without_dash(text: &Text) -> Option<Text> {
    let mut segments = text.segments().iter();
    let Some(Segment::Ours(first)) = segments.next() else { return None };
    let mut out = Text::ours(first.strip_prefix("- ")?);
    for segment in segments {
        match segment {
            Segment::Ours(words) => out.push_ours(words.as_str()),
            Segment::Value(value) => out.push_value(value.clone()),
        }
    }
    Some(out)
}

fn one_action(number: usize, action: &Action, words: &Words<'_>, document: &mut Document) {
    let item = who(action).text(&words.text(&action.action));
    document.push(Block::Numbered { first: number, items: vec![item] });
    let mut below = Vec::new();
    for (name, text) in [
        ("*First:* ", &action.precheck),
        ("*Breaks:* ", &action.breaks),
        ("*Undo:* ", &action.undo),
        ("*Verify:* ", &action.verify),
        ("*Fill in:* ", &action.fill_in),
    ] {
        if let Some(text) = text {
            below.push(Line::new().ours(name).text(&words.text(text)));
        }
    }
    if !below.is_empty() {
        document.push(Block::Bullets(below));
    }
    if let Some(command) = &action.command {
        document
            .push(Block::Fence { language: "", code: Text::value(words.value(&command.plain())) });
    }
}

fn one_finding(finding: &Finding, words: &Words<'_>, document: &mut Document) {
    let mut title = Line::new()
        .ours("**")
        .said(format!("{} ({}): ", finding.severity, finding.confidence))
        .text(&words.text(&finding.title))
        .ours("**");
    if let Some(nodes) = phrase::on_nodes(finding) {
        title = title.ours(" ").text(&nodes);
    }
    document.line(title);
    let mut evidence = Text::new();
    for entry in finding.evidence.iter().take(EVIDENCE_SHOWN) {
        let place =
            format!("{} {}: ", words.labels.short(&entry.place.source), entry.place.location);
        evidence.push_value(words.value(&place));
        evidence.push_value(words.value(&entry.text.plain()));
        evidence.push_ours("\n");
    }
    let left = finding.evidence.len().saturating_sub(EVIDENCE_SHOWN) as u64 + finding.evidence_more;
    if left > 0 {
        evidence.push_ours(format!("and {} more in the report", phrase::count(left)));
    }
    document.push(Block::Fence { language: "text", code: evidence });
    let actions: Vec<Line> = finding
        .actions
        .iter()
        .take(ACTIONS_SHOWN)
        .map(|action| who(action).text(&words.text(&action.action)))
        .collect();
    if !actions.is_empty() {
        document.push(Block::Bullets(actions));
    }
    for text in &finding.do_not {
        document.line(Line::new().ours("**Do not:** ").text(&words.text(text)));
    }
}
