//! Steps that conclude: what was found, where in the code, why, and what to do.

use super::{MISSING_MAX, missing_line};
use model::{Report, Severity, StepFill, StepState};
use text::{Text, Value};

pub(super) fn summary(filled: &mut StepFill, report: &Report) {
    filled.sources = report.inputs.iter().filter(|i| i.read).map(|i| i.path.clone()).collect();
    filled.as_of = report.inputs.iter().filter_map(|i| i.window).map(|w| w.end).max();
    filled.findings = (0..report.findings.len())
        .filter(|&idx| report.findings.get(idx).is_some_and(|f| f.severity < Severity::Low))
        .collect();
    for (rank, suspect) in (1..).zip(&report.suspects) {
        let mut line = Text::ours(format!("{rank}. {} ({}): ", suspect.cause, suspect.confidence));
        line.push_text(suspect.summary.clone());
        filled.text.push(line);
    }
    if report.suspects.is_empty() {
        filled.text.push(Text::ours("No cause is carried by the data."));
    }
    filled.missing = report.unknown.iter().take(MISSING_MAX).map(missing_line).collect();
    filled.state = if filled.sources.is_empty() {
        StepState::NoData
    } else if report.suspects.is_empty() && filled.findings.is_empty() {
        StepState::Done
    } else {
        StepState::Attention
    };
}

/// Step 16: what the evidence itself names; what it does not carry is said, not concluded.
pub(super) fn code(filled: &mut StepFill, report: &Report) {
    for suspect in &report.suspects {
        for place in &suspect.code {
            let named: Vec<&str> = [place.function.as_str(), place.file.as_str()]
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect();
            let mut line = Text::ours("- ").with_value(Value::trusted(&named.join(" ")));
            if place.file.is_empty() {
                line.push_ours(" (no file in the data)");
            }
            line.push_ours(format!(", {}; named by ", suspect.cause));
            line.push_value(Value::trusted(&format!(
                "{} {}",
                place.place.source, place.place.location
            )));
            filled.text.push(line);
            if !filled.sources.contains(&place.place.source) {
                filled.sources.push(place.place.source.clone());
            }
        }
    }
    filled.as_of = report
        .inputs
        .iter()
        .filter(|input| filled.sources.contains(&input.path))
        .filter_map(|input| input.window)
        .map(|window| window.end)
        .max();
    let unnamed: Vec<&str> = report
        .suspects
        .iter()
        .map(|suspect| suspect.cause.as_str())
        .filter(|cause| !report.suspects.iter().any(|it| it.cause == *cause && !it.code.is_empty()))
        .collect();
    if !unnamed.is_empty() {
        filled.missing.push(Text::ours(format!(
            "a place in the code for {}: the evidence names none; a packet taken while it is slow \
             holds goroutines and profiles",
            unnamed.join(", ")
        )));
    }
    if filled.text.is_empty() {
        filled.state = StepState::NoData;
        filled.missing.push(Text::ours("the evidence names no place in the code"));
    } else {
        filled.state = StepState::Attention;
    }
}

/// Step 17: the chain of evidence of the first suspect, what speaks against it, what would
/// disprove it, and which other causes are left.
pub(super) fn root_cause(filled: &mut StepFill, report: &Report) {
    if let Some(suspect) = report.suspects.first() {
        for (at, source, what) in &suspect.chain {
            let mut line = Text::ours("- ");
            if let Some(at) = at {
                line.push_ours(format!("{} UTC ", at.format("%Y-%m-%d %H:%M:%S")));
            }
            line.push_value(Value::trusted(source));
            line.push_ours(": ");
            line.push_text(what.clone());
            filled.text.push(line);
            if !source.is_empty() && !filled.sources.contains(source) {
                filled.sources.push(source.clone());
            }
        }
        filled.as_of = suspect.chain.iter().filter_map(|(at, ..)| *at).max();
        for against in &suspect.against {
            let mut line = Text::ours("- speaks against it: ");
            line.push_text(against.clone());
            filled.text.push(line);
        }
        for disproof in &suspect.disproof {
            let mut line = Text::ours("- would disprove it: ");
            line.push_text(disproof.what.clone());
            line.push_ours(if disproof.looked_at { " (looked at)" } else { " (not looked at)" });
            filled.text.push(line);
        }
        for other in report.suspects.iter().skip(1) {
            let mut line =
                Text::ours(format!("- also possible: {} ({}): ", other.cause, other.confidence));
            line.push_text(other.summary.clone());
            filled.text.push(line);
        }
    } else {
        filled.missing.push(Text::ours("a cause: the data carries none"));
    }
    filled.text.push(Text::ours("A person decides whether this is the root cause."));
}

/// Step 18: what the evidence proposes, mildest first.
pub(super) fn solution(filled: &mut StepFill, report: &Report) {
    let Some(suspect) = report.suspects.first() else {
        filled.missing.push(Text::ours("a cause: the data carries none"));
        return;
    };
    for action in &suspect.actions {
        let mut line = Text::ours("- ");
        if let Some(who) = action.who {
            line.push_ours(format!("{who}: "));
        }
        line.push_text(action.action.clone());
        for (word, text) in [
            ("command", &action.command),
            ("fill in", &action.fill_in),
            ("first", &action.precheck),
            ("breaks", &action.breaks),
            ("undo", &action.undo),
            ("verify", &action.verify),
        ] {
            if let Some(text) = text {
                line.push_ours(format!("; {word}: "));
                line.push_text(text.clone());
            }
        }
        line.push_ours(format!("; restart: {}", action.restart));
        filled.text.push(line);
    }
    if suspect.actions.is_empty() {
        filled.missing.push(Text::ours(
            "a safe action: no rule behind this cause knows one; measure first (step summarise-findings)",
        ));
    }
    filled.text.push(Text::ours(
        "Which release holds a fix is not in the data: look for the cause in the release notes of \
         later dot releases.",
    ));
    for line in &suspect.do_not {
        let mut text = Text::ours("- do not: ");
        text.push_text(line.clone());
        filled.text.push(text);
    }
}

/// Steps that compare: the figures of the incident are the `before`.
pub(super) fn before(filled: &mut StepFill, report: &Report) {
    let Some(incident) = &report.incident else {
        filled.missing.push(Text::ours(
            "figures of the incident to compare with: none was found in the data",
        ));
        return;
    };
    filled.as_of = Some(incident.last_data);
    for line in &incident.impact {
        let mut text = Text::ours("- in the incident: ");
        text.push_text(line.clone());
        filled.text.push(text);
    }
}
