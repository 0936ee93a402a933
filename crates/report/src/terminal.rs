//! The terminal: one screen that answers "what do I do now"; with `--all` everything.

mod screen;

use crate::labels::Labels;
use crate::{Format, Style, phrase};
use model::{
    Action, CheckedInput, Finding, Level, OutcomeKind, Report, Restart, Severity, StepFill, Suspect,
};
use screen::{Paint, Screen};
use std::io::{self, Write};
use text::Text;

pub(crate) const FORMAT: Format = Format {
    name: "terminal",
    extensions: &["txt"],
    help: "for people: what is wrong, what to do, what was not checked (default)",
    write,
};

/// Findings that the first screen shows in full.
const FINDINGS_SHOWN: usize = 5;
/// Suspects that the first screen shows.
const SUSPECTS_SHOWN: usize = 3;
/// Actions that the first screen shows for a cause: more cannot be done at once.
const ACTIONS_SHOWN: usize = 5;
/// Warnings that the first screen shows for a cause: more are not read.
const WARNINGS_SHOWN: usize = 5;
/// Entries of evidence that the first screen shows for one finding, when there is no cause.
const EVIDENCE_SHOWN: usize = 3;
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
    courses(&mut screen, report, style);
    changes_before(&mut screen, report, style);
    suspects(&mut screen, report, &labels, style);
    findings(&mut screen, report, &labels, style);
    disagreements(&mut screen, report);
    not_checked(&mut screen, report, style);
    fine(&mut screen, report, style);
    read(&mut screen, report, &labels, style);
    if style.outcomes {
        outcomes(&mut screen, report);
    }
    if style.all {
        timeline(&mut screen, report, style);
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
    let Some(incident) = &report.incident else { return };
    screen.labelled("IMPACT", Paint::Alarm, &Text::ours(phrase::incident(incident, style)));
    for line in incident.impact.iter().take(if style.all { usize::MAX } else { 4 }) {
        screen.item("", line);
    }
}

fn suspects(screen: &mut Screen, report: &Report, labels: &Labels, style: &Style) {
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
            suspect_in_full(screen, suspect, labels, style);
        } else {
            screen.item("", &suspect.summary);
        }
    }
    for suspect in report.suspects.iter().take(if style.all { usize::MAX } else { 1 }) {
        what_to_do(screen, suspect, style);
    }
}

fn suspect_in_full(screen: &mut Screen, suspect: &Suspect, labels: &Labels, style: &Style) {
    screen.item("", &suspect.summary);
    for (at, source, what) in suspect.chain.iter().take(if style.all { usize::MAX } else { 6 }) {
        let mut line =
            Text::ours(at.map_or_else(String::new, |at| format!("{} ", phrase::clock(at, style))));
        line.push_ours(format!("{}  ", labels.short_place(source)));
        line.push_text(what.clone());
        screen.item("", &line);
    }
    for against in &suspect.against {
        let mut line = Text::ours("against it: ");
        line.push_text(against.clone());
        screen.item("", &line);
    }
    for disproof in
        suspect.disproof.iter().filter(|disproof| style.all || !disproof.looked_at).take(3)
    {
        let mut line = Text::ours("would disprove it: ");
        line.push_text(disproof.what.clone());
        line.push_ours(if disproof.looked_at { " (looked at)" } else { " (not looked at)" });
        screen.item("", &line);
    }
}

fn what_to_do(screen: &mut Screen, suspect: &Suspect, style: &Style) {
    let some =
        if style.all { suspect.actions.len() } else { ACTIONS_SHOWN.min(suspect.actions.len()) };
    actions(screen, "DO NOW", suspect.actions.get(..some).unwrap_or_default());
    if some < suspect.actions.len() {
        screen.item("", &Text::ours(format!("and {} more (--all)", suspect.actions.len() - some)));
    }
    let warnings = if style.all { usize::MAX } else { WARNINGS_SHOWN };
    do_not(screen, suspect.do_not.get(..warnings.min(suspect.do_not.len())).unwrap_or_default());
    if !suspect.consequences.is_empty() {
        screen.labelled("FOLLOWS", Paint::Bold, &join(&suspect.consequences, " | "));
    }
}

fn actions(screen: &mut Screen, label: &str, actions: &[Action]) {
    for (number, action) in (1..).zip(actions) {
        let mut line = Text::ours(format!("{number} "));
        if let Some(who) = action.who {
            line.push_ours(format!("[{who}, {}] ", restart(action.restart)));
        }
        line.push_text(action.action.clone());
        if let Some(breaks) = &action.breaks {
            line.push_ours(" Breaks: ");
            line.push_text(breaks.clone());
        }
        if let Some(undo) = &action.undo {
            line.push_ours(" Undo: ");
            line.push_text(undo.clone());
        }
        screen.labelled(if number == 1 { label } else { "" }, Paint::Bold, &line);
        for (name, text) in
            [("first", &action.precheck), ("run", &action.command), ("verify", &action.verify)]
        {
            if let Some(text) = text {
                let mut line = Text::ours(format!("{name}: "));
                line.push_text(text.clone());
                screen.item("", &line);
            }
        }
    }
}

fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::None => "no restart",
        Restart::Rolling => "rolling restart",
        Restart::All => "RESTARTS ALL NODES",
    }
}

fn do_not(screen: &mut Screen, texts: &[Text]) {
    if !texts.is_empty() {
        screen.labelled("DO NOT", Paint::Alarm, &join(texts, " | "));
    }
}

fn join(texts: &[Text], between: &str) -> Text {
    let mut all = Text::new();
    for (idx, text) in texts.iter().enumerate() {
        if idx > 0 {
            all.push_ours(between);
        }
        all.push_text(text.clone());
    }
    all
}

fn findings(screen: &mut Screen, report: &Report, labels: &Labels, style: &Style) {
    let groups = phrase::groups(report, style);
    let get = |idx: &usize| report.findings.get(*idx);
    let label = if report.suspects.is_empty() { "FOUND" } else { "ALSO" };
    // What the suspects already say is not said twice on the first screen.
    let said: Vec<usize> =
        report.suspects.iter().take(SUSPECTS_SHOWN).flat_map(|s| s.findings.clone()).collect();
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
        evidence(screen, finding, labels, if style.all { usize::MAX } else { entries });
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
            screen.item("", &line);
        }
        if style.all {
            screen.item("", &finding.why);
            screen.item(
                "",
                &Text::ours(format!("rule {}, threshold from {}", finding.rule, finding.basis)),
            );
        }
    }
    if now.len() > shown {
        screen.item(
            "",
            &Text::ours(format!(
                "and {} more (--all)",
                phrase::plural(now.len() - shown, "finding")
            )),
        );
    }
    rest(screen, report, &groups, labels, style);
    if groups.now.is_empty() && report.suspects.is_empty() {
        screen.labelled(
            "FOUND",
            Paint::Good,
            &Text::ours("nothing above low in what could be checked"),
        );
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
                evidence(screen, finding, labels, 2);
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

fn evidence(screen: &mut Screen, finding: &Finding, labels: &Labels, most: usize) {
    for entry in finding.evidence.iter().take(most) {
        let mut line = Text::ours(format!(
            "{} {}  ",
            labels.short(&entry.place.source),
            text::escape::terminal(&entry.place.location)
        ));
        line.push_text(entry.text.clone());
        screen.item("", &line);
    }
    let more = finding.evidence.len().saturating_sub(most) as u64 + finding.evidence_more;
    if more > 0 {
        screen.item("", &Text::ours(format!("and {} more", phrase::count(more))));
    }
}

/// The views as lines of blocks: one look tells a step from a ramp and a peak from a plateau.
fn courses(screen: &mut Screen, report: &Report, style: &Style) {
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
fn changes_before(screen: &mut Screen, report: &Report, style: &Style) {
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
        screen.item(
            "",
            &Text::ours(format!(
                "and {} more in the 30 minutes before (--all)",
                before.len() - LIST_SHOWN
            )),
        );
    }
}

fn disagreements(screen: &mut Screen, report: &Report) {
    for (nth, disagreement) in report.disagreements.iter().enumerate() {
        let mut line = disagreement.what.clone();
        for (source, value) in disagreement.sources.iter().zip(&disagreement.values) {
            line.push_ours(format!("; {}: ", text::escape::terminal(source)));
            line.push_text(value.clone());
        }
        screen.labelled(if nth == 0 { "DISAGREE" } else { "" }, Paint::Bold, &line);
    }
}

fn not_checked(screen: &mut Screen, report: &Report, style: &Style) {
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
        screen.item("", &Text::ours(format!("and {} more (--all)", report.unknown.len() - shown)));
    }
}

fn fine(screen: &mut Screen, report: &Report, style: &Style) {
    let clear = report.outcomes.iter().filter(|o| o.outcome == OutcomeKind::Clear).count();
    if report.fine.is_empty() && clear == 0 {
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

fn read(screen: &mut Screen, report: &Report, labels: &Labels, style: &Style) {
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
            screen.item("", &Text::ours(words));
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
        screen.item("", &Text::ours(format!("taken out of what is shown: {}", kinds.join(", "))));
    }
}

fn outcomes(screen: &mut Screen, report: &Report) {
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

fn timeline(screen: &mut Screen, report: &Report, style: &Style) {
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
        screen.item("", line);
    }
    for finding in filled.findings.iter().filter_map(|&idx| report.findings.get(idx)) {
        if style.step.is_some() {
            evidence(screen, finding, labels, usize::MAX);
            actions(screen, "  do", &finding.actions);
            do_not(screen, &finding.do_not);
        }
    }
    for missing in &filled.missing {
        let mut line = Text::ours("missing: ");
        line.push_text(missing.clone());
        screen.item("", &line);
    }
}
