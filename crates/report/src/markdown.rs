//! Markdown, ready to paste into a channel, organised by the steps of the playbook.
//!
//! Evidence stands only in code spans and fences; outside code every value is broken so that it
//! can neither mention, link nor embed.

use crate::labels::Labels;
use crate::over::over;
use crate::{Format, Style, phrase};
use model::{Action, Finding, Level, Report, StepFill, StepState, Suspect};
use std::io::{self, Write};
use text::{Text, escape};

pub(crate) const FORMAT: Format = Format {
    name: "markdown",
    extensions: &["md", "markdown"],
    help: "ready to paste, organised by playbook step",
    write,
};

fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if style.step.is_none() {
        head(report, style, out)?;
        for (rank, suspect) in (1..).zip(&report.suspects) {
            one_suspect(rank, suspect, report, style, out)?;
        }
    }
    for step in &report.steps {
        let wanted = style.step.as_ref().map_or_else(
            || style.all || step.state != StepState::Open,
            |wanted| *wanted == step.step,
        );
        if wanted {
            one_step(report, step, style, out)?;
        }
    }
    if style.step.is_none() {
        tail(report, style, out)?;
    }
    Ok(())
}

/// A text outside code.
fn prose(text: &Text) -> String {
    text.render(escape::markdown)
}

fn head(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#### {}\n", prose(&phrase::header(report)))?;
    writeln!(out, "All times {}.\n", phrase::zone(style))?;
    if let Some(incident) = &report.incident {
        writeln!(out, "**Impact:** {}\n", phrase::incident(incident, style))?;
        for line in &incident.impact {
            writeln!(out, "- {}", prose(line))?;
        }
        writeln!(out)?;
    }
    if report.suspects.is_empty() {
        let words = if report.incident.is_some() {
            "not known; the evidence carries none"
        } else {
            "no incident was detected in the data"
        };
        writeln!(out, "**Cause:** {words}.\n")?;
    }
    Ok(())
}

fn one_suspect(
    rank: usize,
    suspect: &Suspect,
    report: &Report,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let labels = Labels::of(report);
    writeln!(
        out,
        "**Cause {rank} ({}):** {}, {}\n",
        suspect.confidence,
        suspect.cause,
        prose(&suspect.summary)
    )?;
    if !suspect.chain.is_empty() {
        writeln!(out, "| Time | Evidence | Source |\n|:--|:--|:--|")?;
        for (at, source, what) in &suspect.chain {
            let at = at.map_or_else(String::new, |at| phrase::when(at, report, style));
            writeln!(
                out,
                "| {at} | {} | {} |",
                cell(&what.plain()),
                cell(&labels.short_place(source))
            )?;
        }
        writeln!(out)?;
    }
    if rank == 1
        && let Some(over) = over(report, style)
    {
        writeln!(out, "{}\n", prose(&over))?;
    }
    actions("Do now", &suspect.actions, out)?;
    for text in &suspect.do_not {
        writeln!(out, "- **Do not:** {}", prose(text))?;
    }
    for text in &suspect.against {
        writeln!(out, "- Speaks against it: {}", prose(text))?;
    }
    for disproof in &suspect.disproof {
        let looked = if disproof.looked_at { "looked at" } else { "not looked at" };
        writeln!(out, "- Would disprove it: {} ({looked})", prose(&disproof.what))?;
    }
    for text in &suspect.consequences {
        writeln!(out, "- Follows from it: {}", prose(text))?;
    }
    writeln!(out)
}

/// Evidence in a table cell: a code span in which a pipe does not end the cell.
fn cell(text: &str) -> String {
    escape::code_span_in_table(text)
}

fn actions(title: &str, actions: &[Action], out: &mut dyn Write) -> io::Result<()> {
    if actions.is_empty() {
        return Ok(());
    }
    writeln!(out, "**{title}**\n")?;
    for (number, action) in (1..).zip(actions) {
        let who = action.who.map_or("", Level::as_str);
        writeln!(out, "{number}. {} ({who}, restart: {})", prose(&action.action), action.restart)?;
        for (name, text) in [
            ("First", &action.precheck),
            ("Breaks", &action.breaks),
            ("Undo", &action.undo),
            ("Verify", &action.verify),
            ("Fill in", &action.fill_in),
        ] {
            if let Some(text) = text {
                writeln!(out, "   - {name}: {}", prose(text))?;
            }
        }
        if let Some(command) = &action.command {
            writeln!(out, "\n{}", escape::fence("", &command.plain()))?;
        }
    }
    writeln!(out)
}

fn one_step(
    report: &Report,
    step: &StepFill,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let labels = Labels::of(report);
    writeln!(out, "##### {} ({})\n", step.title, step.state.as_str())?;
    if let Some(as_of) = step.as_of {
        writeln!(out, "As of {} {}.\n", phrase::moment(as_of, style), phrase::zone(style))?;
    }
    for line in &step.text {
        writeln!(out, "{}", prose(line))?;
    }
    if !step.text.is_empty() {
        writeln!(out)?;
    }
    for finding in step.findings.iter().filter_map(|&idx| report.findings.get(idx)) {
        if finding.step == step.step {
            one_finding(finding, &labels, out)?;
        }
    }
    for missing in &step.missing {
        writeln!(out, "- Missing: {}", prose(missing))?;
    }
    if !step.missing.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

fn one_finding(finding: &Finding, labels: &Labels, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "**{} ({}): {}**\n",
        finding.severity,
        finding.confidence,
        prose(&finding.title)
    )?;
    if let Some(nodes) = phrase::on_nodes(finding) {
        writeln!(out, "{} ({})\n", prose(&finding.summary), prose(&nodes))?;
    } else {
        writeln!(out, "{}\n", prose(&finding.summary))?;
    }
    let mut lines = String::new();
    for entry in &finding.evidence {
        lines.push_str(&format!(
            "{} {}: {}\n",
            labels.short(&entry.place.source),
            entry.place.location,
            entry.text.plain()
        ));
    }
    if finding.evidence_more > 0 {
        lines.push_str(&format!("and {} more\n", phrase::count(finding.evidence_more)));
    }
    writeln!(out, "{}", escape::fence("text", lines.trim_end()))?;
    actions("Do", &finding.actions, out)?;
    for text in &finding.do_not {
        writeln!(out, "- **Do not:** {}", prose(text))?;
    }
    if !finding.do_not.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

fn tail(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let labels = Labels::of(report);
    if !report.disagreements.is_empty() {
        writeln!(out, "##### Sources disagree\n")?;
        for disagreement in &report.disagreements {
            writeln!(out, "- {}", prose(&disagreement.what))?;
            for (source, value) in disagreement.sources.iter().zip(&disagreement.values) {
                writeln!(out, "   - {}: {}", cell(source), prose(value))?;
            }
        }
        writeln!(out)?;
    }
    if !report.unknown.is_empty() {
        writeln!(out, "##### Not checked\n")?;
        for unknown in &report.unknown {
            writeln!(
                out,
                "- {} ({}): {}",
                prose(&unknown.what),
                prose(&unknown.why),
                prose(&unknown.how_to_get)
            )?;
        }
        writeln!(out)?;
    }
    writeln!(out, "##### Read\n")?;
    for input in &report.inputs {
        writeln!(out, "- {}", cell(&phrase::input(input, &labels, style)))?;
        for issue in &input.issues {
            writeln!(out, "   - {} ({} times)", cell(&issue.reason), phrase::count(issue.count))?;
        }
    }
    Ok(())
}
