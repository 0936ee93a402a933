//! The first post: what a person who opens the channel must know, on one screen.

use super::state::more;
use super::{ChannelFacts, Words, as_of};
use crate::phrase;
use model::{Action, Confidence, Report, Restart, Severity, Suspect, Who};
use playbook::{ClockState, ROLES};
use text::{Block, Document, Line, Text};

/// What each list of the first post shows at most; the thread has the rest.
const EFFECTS_SHOWN: usize = 4;
const EVIDENCE_SHOWN: usize = 7;
const ACTIONS_SHOWN: usize = 5;
const DO_NOT_SHOWN: usize = 6;
const OTHERS_SHOWN: usize = 4;
const LISTED_SHOWN: usize = 5;

pub(super) fn root(facts: &ChannelFacts<'_>, words: &Words<'_>) -> Document {
    let report = facts.report;
    let mut document = Document::new();
    document.push(Block::Heading(headline(facts, words)));
    document.push(Block::Lines(when(facts, words)));
    if let Some(differences) = facts.differences {
        document.push(Block::Lines(other(differences, words)));
    }
    effects(report, words, &mut document);
    cause(report, words, &mut document);
    do_now(report, words, &mut document);
    open_questions(facts, words, &mut document);
    document.push(Block::Lines(vec![foot(facts)]));
    document
}

/// `Sev 1 Verdi Energia: cause certain, mitigation ready, needs the DBA`.
fn headline(facts: &ChannelFacts<'_>, words: &Words<'_>) -> Line {
    let report = facts.report;
    let mut line = Line::new().ours("Sev ").said(facts.record.severity.unwrap_or(1).to_string());
    let licensed = report.packet.as_ref().map(|packet| words.value(&packet.customer.plain()));
    let customer = words.raw(&facts.record.customer);
    let named = if customer.as_str().trim().is_empty() { licensed } else { Some(customer) };
    if let Some(name) = named.filter(|name| !name.as_str().trim().is_empty()) {
        line = line.ours(" ").code(&name);
    }
    line = line.ours(": ");
    if let Some(at) = facts.record.resolved {
        return line.ours("resolved at ").said(format!("{} {}", words.moment(at), words.zone()));
    }
    match (report.suspects.first(), &report.incident) {
        (Some(suspect), _) => {
            line = line.ours("cause ").said(sureness(suspect.confidence));
            if let Some(action) = suspect.actions.first() {
                line = line.ours(", mitigation ready");
                if action.who == Some(Who::Dba) {
                    line = line.ours(", needs the customer's DBA");
                }
            }
            line
        }
        (None, Some(_)) => line.ours("impact seen, cause not known"),
        (None, None) => line.ours("no incident seen in the data"),
    }
}

fn sureness(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "found",
        Confidence::Likely => "likely found",
        Confidence::Possible => "suspected",
    }
}

fn when(facts: &ChannelFacts<'_>, words: &Words<'_>) -> Vec<Line> {
    let report = facts.report;
    let mut line = Line::new();
    match as_of(report) {
        Some(at) => {
            line = line
                .ours("**As of ")
                .said(format!("{} {}", words.moment(at), words.zone()))
                .ours("** (newest data)");
        }
        None => line = line.ours("**No time in the data**"),
    }
    if let Some(incident) = &report.incident {
        line = line.ours(" · impact since **").said(words.moment(incident.start)).ours("**");
        line = match incident.end {
            Some(end) => line.ours(" until ").said(words.clock(end)),
            None => line.ours(", still going on"),
        };
        if !incident.given {
            line = line.ours(" (detected, ").said(incident.confidence.to_string()).ours(")");
        }
    }
    for clock in facts.clocks.iter().filter(|clock| clock.state == ClockState::Overdue) {
        line = line.ours(" · **").said(clock.what.as_str()).ours(": DUE");
        if let Some(due) = clock.due {
            line = line.ours(" since ").said(words.moment(due));
        }
        line = line.ours("**");
    }
    vec![line, words.line(&phrase::header(report))]
}

/// What is new, gone, no longer visible.
fn other(differences: &super::Differences, words: &Words<'_>) -> Vec<Line> {
    if differences.is_empty() {
        return vec![Line::new().ours("**Against the run before:** nothing new, nothing gone.")];
    }
    [
        ("**New:** ", &differences.new),
        ("**Gone (looked for again):** ", &differences.gone),
        (
            "**No longer visible (its source is not among the inputs of this run):** ",
            &differences.not_visible,
        ),
    ]
    .into_iter()
    .filter(|(_, list)| !list.is_empty())
    .map(|(label, list)| listed(Line::new().ours(label), list, LISTED_SHOWN, words))
    .collect()
}

/// A few texts in one line.
fn listed(mut line: Line, texts: &[Text], most: usize, words: &Words<'_>) -> Line {
    for (nth, text) in texts.iter().take(most).enumerate() {
        line = line.ours(if nth > 0 { " · " } else { "" }).text(&words.text(text));
    }
    if texts.len() > most {
        line = line.ours(" · ").said(more(texts.len() - most));
    }
    line
}

fn effects(report: &Report, words: &Words<'_>, document: &mut Document) {
    let Some(incident) = &report.incident else { return };
    if incident.impact.is_empty() {
        return;
    }
    document.line(Line::new().ours("**What users see**"));
    let shown = incident.impact.iter().take(EFFECTS_SHOWN).map(|text| words.line(text));
    document.push(Block::Bullets(shown.collect()));
}

fn cause(report: &Report, words: &Words<'_>, document: &mut Document) {
    let Some(suspect) = report.suspects.first() else {
        let why = if report.incident.is_some() {
            "**Cause:** not known; the evidence carries none."
        } else {
            "**Cause:** none looked for: no incident was detected in the data."
        };
        document.line(Line::new().ours(why));
        return;
    };
    let line = Line::new()
        .ours("**Cause (")
        .said(suspect.confidence.to_string())
        .ours(", ")
        .said(
            phrase::plural(suspect.n_sources, "kind of source")
                .replace("kind of sources", "kinds of sources"),
        )
        .ours("):** ")
        .said(suspect.cause.as_str())
        .ours(". ")
        .text(&words.text(&suspect.summary));
    document.line(line);
    let rows: Vec<Vec<Line>> = suspect
        .chain
        .iter()
        .take(EVIDENCE_SHOWN)
        .map(|(at, source, what)| {
            let at = at.map_or_else(Line::new, |at| Line::new().said(words.second(at)));
            vec![at, words.evidence(what), words.place(source)]
        })
        .collect();
    if !rows.is_empty() {
        document.push(Block::Table { head: &["Time", "Evidence", "Source"], rows });
    }
    let mut against: Vec<Line> = suspect
        .against
        .iter()
        .map(|text| Line::new().ours("**Speaks against it:** ").text(&words.text(text)))
        .collect();
    let open = suspect.disproof.iter().find(|disproof| !disproof.looked_at);
    against.extend(open.map(|disproof| {
        Line::new()
            .ours("**Would disprove it (not looked at):** ")
            .text(&words.text(&disproof.what))
    }));
    against.extend(
        report
            .suspects
            .iter()
            .skip(1)
            .take(OTHERS_SHOWN - 1)
            .map(|suspect| other_cause(suspect, words)),
    );
    if !against.is_empty() {
        document.push(Block::Lines(against));
    }
}

fn other_cause(suspect: &Suspect, words: &Words<'_>) -> Line {
    Line::new()
        .ours("**Also (")
        .said(suspect.confidence.to_string())
        .ours("):** ")
        .said(suspect.cause.as_str())
        .ours(", ")
        .text(&words.text(&suspect.subject))
}

/// Actions of the first cause; without one, of the findings at high and above.
pub(super) fn actions(report: &Report) -> Vec<&Action> {
    match report.suspects.first() {
        Some(suspect) => suspect.actions.iter().collect(),
        None => report
            .findings
            .iter()
            .filter(|finding| finding.severity <= Severity::High)
            .flat_map(|finding| &finding.actions)
            .collect(),
    }
}

/// What must not be done, of the same.
pub(super) fn do_not(report: &Report) -> Vec<&Text> {
    match report.suspects.first() {
        Some(suspect) => suspect.do_not.iter().collect(),
        None => report
            .findings
            .iter()
            .filter(|finding| finding.severity <= Severity::High)
            .flat_map(|finding| &finding.do_not)
            .collect(),
    }
}

/// Who does it and what has to be restarted, in front of an action.
pub(super) fn who(action: &Action) -> Line {
    let line = Line::new().ours("**").said(action.who.map_or("owner", |who| match who {
        Who::Dba => "customer's DBA",
        Who::Sysadmin => "system administrator",
        Who::Sre => "SRE",
        Who::Mattermost => "Mattermost engineer",
    }));
    match action.restart {
        Restart::None => line.ours(":** "),
        Restart::Rolling => line.ours(", rolling restart:** "),
        Restart::All => line.ours(", RESTARTS ALL NODES:** "),
    }
}

fn do_now(report: &Report, words: &Words<'_>, document: &mut Document) {
    let actions = actions(report);
    if !actions.is_empty() {
        document.line(Line::new().ours(
            "**Do now** (commands, first looks and ways back are in the thread: *Start the call*)",
        ));
        let items = actions
            .iter()
            .take(ACTIONS_SHOWN)
            .map(|action| {
                let mut line = who(action).text(&words.text(&action.action));
                if action.command.is_some() {
                    line = line.ours(" *(command in the thread)*");
                }
                line
            })
            .collect();
        document.push(Block::Numbered { first: 1, items });
    }
    let do_not = do_not(report);
    if !do_not.is_empty() {
        let texts: Vec<Text> = do_not.into_iter().cloned().collect();
        document.line(Line::new().ours("**Do not**"));
        document.push(Block::Bullets(
            texts.iter().take(DO_NOT_SHOWN).map(|text| words.line(text)).collect(),
        ));
    }
}

fn open_questions(facts: &ChannelFacts<'_>, words: &Words<'_>, document: &mut Document) {
    let report = facts.report;
    let mut lines = Vec::new();
    let of_cause = phrase::said(report, 1);
    let others: Vec<Text> = (0..)
        .zip(&report.findings)
        .filter(|(idx, finding)| finding.severity < Severity::Low && !of_cause.contains(idx))
        .map(|(_, finding)| {
            let mut text = finding.title.clone();
            text.push_ours(format!(" ({})", finding.severity));
            text
        })
        .collect();
    if !others.is_empty() {
        lines.push(listed(Line::new().ours("**Also found:** "), &others, OTHERS_SHOWN, words));
    }
    let unknown: Vec<Text> = report.unknown.iter().map(|unknown| unknown.what.clone()).collect();
    if !unknown.is_empty() {
        lines.push(listed(Line::new().ours("**Not known:** "), &unknown, LISTED_SHOWN, words));
    }
    let disagreements: Vec<Text> = report
        .disagreements
        .iter()
        .map(|disagreement| {
            let mut text = disagreement.what.clone();
            for (nth, value) in disagreement.values.iter().enumerate() {
                text.push_ours(if nth == 0 { " (" } else { " or " });
                text.push_text(value.clone());
            }
            text.push_ours(if disagreement.values.is_empty() { "" } else { ")" });
            text
        })
        .collect();
    if !disagreements.is_empty() {
        lines.push(listed(
            Line::new().ours("**Sources disagree:** "),
            &disagreements,
            LISTED_SHOWN,
            words,
        ));
    }
    lines.push(decisions(facts));
    if let Some(line) = roles(facts) {
        lines.push(line);
    }
    document.push(Block::Lines(lines));
}

/// What a person must decide: never this program.
fn decisions(facts: &ChannelFacts<'_>) -> Line {
    let line = Line::new().ours("**A person must decide:** ");
    let Some(suspect) = facts.report.suspects.first() else {
        return line
            .ours("what the cause is; what to ask the customer for next (`analyze request`).");
    };
    let line = line.ours("whether this is the cause, and whether to do the above.");
    let optional = facts.playbook.steps.iter().filter(|step| step.optional);
    let open = optional
        .filter(|step| {
            facts.record.not_needed(&step.id).is_none() && !facts.record.is_done(&step.id)
        })
        .count();
    if open == 0 {
        line
    } else if suspect.code.is_empty() {
        line.ours(" Are the steps of a dot release (16 to 32) not needed? The evidence names no place in the code.")
    } else {
        line.ours(" Are the steps of a dot release (16 to 32) needed? The evidence names places in the code: *Identify areas of codebase*.")
    }
}

/// Roles that nobody holds, as far as the incident file says.
fn roles(facts: &ChannelFacts<'_>) -> Option<Line> {
    if facts.record.roles.is_empty() {
        return Some(Line::new().ours(
            "**Missing roles:** not known without an incident file (`analyze incident new`).",
        ));
    }
    let missing: Vec<&str> = ROLES
        .iter()
        .filter(|(key, _)| facts.record.role(key).is_none())
        .map(|(_, name)| *name)
        .collect();
    (!missing.is_empty()).then(|| Line::new().ours("**Missing roles:** ").said(missing.join(", ")))
}

fn foot(facts: &ChannelFacts<'_>) -> Line {
    let mut line = Line::new().ours("*");
    if facts.n_charts > 0 && facts.report_attached {
        line = line.ours("Charts and the full report are attached in the thread · ");
    } else if facts.report_attached {
        line = line.ours("The full report is attached in the thread · ");
    } else if facts.n_charts > 0 {
        line = line.ours("Charts are attached in the thread · ");
    }
    line = line.ours("run ").said(facts.run.to_string());
    if facts.lasting {
        line.ours(" · details per step in the thread · this post is updated in place by `analyze post`; one that a person edited is kept*")
    } else {
        line.ours(" · details per step below · through a webhook: a later run posts anew*")
    }
}
