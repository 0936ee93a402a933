//! Phrases that all outputs for people share: times, counts, the header, what was read.

use crate::Style;
use crate::labels::Labels;
use chrono::{DateTime, Utc};
use model::{CheckedInput, Finding, Incident, Kind, Report, Severity, Window};
use text::Text;

/// A moment with its date, in the zone of the style.
pub(crate) fn moment(at: DateTime<Utc>, style: &Style) -> String {
    match style.zone {
        Some(zone) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string(),
        None => at.format("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

/// The time of day of a moment, in the zone of the style.
pub(crate) fn clock(at: DateTime<Utc>, style: &Style) -> String {
    match style.zone {
        Some(zone) => at.with_timezone(&zone).format("%H:%M:%S").to_string(),
        None => at.format("%H:%M:%S").to_string(),
    }
}

/// The time of day on the day of the incident, with the date on any other day.
pub(crate) fn when(at: DateTime<Utc>, report: &Report, style: &Style) -> String {
    let moment_of = |at| moment(at, style);
    let is_same_day = report
        .incident
        .as_ref()
        .is_some_and(|incident| moment_of(incident.start).get(..10) == moment_of(at).get(..10));
    if is_same_day { clock(at, style) } else { moment_of(at) }
}

/// `09:48 to 10:31`, with dates when it spans more than a day or `dated`.
pub(crate) fn window(window: &Window, style: &Style) -> String {
    let (start, end) = (moment(window.start, style), moment(window.end, style));
    let same_day = start.get(..10) == end.get(..10);
    let minute = |text: &str| text.get(..16).unwrap_or(text).to_owned();
    if same_day {
        format!("{} to {}", minute(&start), end.get(11..16).unwrap_or(&end))
    } else {
        format!("{} to {}", minute(&start), minute(&end))
    }
}

/// The name of the zone in which times are shown.
pub(crate) fn zone(style: &Style) -> String {
    style.zone.map_or_else(|| "UTC".to_owned(), |zone| zone.name().to_owned())
}

/// A count with thousands separated: `34,278`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A value with its unit: `5.7 s`, `1.3 GB`, `444 percent of one core`.
pub(crate) fn quantity(value: f64, unit: &str) -> String {
    let (value, unit) = match unit {
        "s" if value.abs() < 1.0 => (value * 1e3, "ms"),
        "bytes" if value.abs() >= 1e9 => (value / 1e9, "GB"),
        "bytes" => (value / 1e6, "MB"),
        "1/s" => (value, "a second"),
        "count" => (value, ""),
        other => (value, other),
    };
    let figure = if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") };
    format!("{figure} {unit}").trim_end().to_owned()
}

/// `1 rule`, `2 rules`.
pub(crate) fn plural(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", count(n as u64)) }
}

/// The first line: who, which version, how large.
pub(crate) fn header(report: &Report) -> Text {
    let Some(packet) = &report.packet else {
        return Text::ours("No support packet among the inputs");
    };
    let mut text = packet.customer.clone();
    for (idx, (label, value)) in packet.headline.iter().enumerate() {
        text.push_ours(if idx > 0 {
            ", "
        } else if packet.customer.is_empty() {
            ""
        } else {
            "  "
        });
        let gap = if label.is_empty() || value.is_empty() { "" } else { " " };
        text.push_ours(format!("{label}{gap}"));
        text.push_text(value.clone());
    }
    text
}

/// `from 09:18:00, STILL GOING ON at 10:31:00 (last data)`.
pub(crate) fn incident(incident: &Incident, style: &Style) -> String {
    let from = moment(incident.start, style);
    let how = if incident.given { "given" } else { "detected" };
    // The date is said again on another day.
    let later = |at| {
        let at = moment(at, style);
        if at.get(..10) == from.get(..10) { at.get(11..).unwrap_or(&at).to_owned() } else { at }
    };
    match incident.end {
        None => format!(
            "from {from}, STILL GOING ON at {} (last data); {how}, {}",
            later(incident.last_data),
            incident.confidence
        ),
        Some(end) => {
            format!("from {from} to {}; {how}, {}", later(end), incident.confidence)
        }
    }
}

/// One source as a phrase: `db.log: postgresql stderr, 2025-11-05 06:00 to 10:29, 6,157 records`.
pub(crate) fn input(input: &CheckedInput, labels: &Labels, style: &Style) -> String {
    let mut out = format!("{}: ", labels.short(&input.path));
    if !input.read {
        out.push_str(&format!(
            "NOT READ ({})",
            if input.format.is_empty() { &input.kind } else { &input.format }
        ));
    } else {
        out.push_str(if input.format.is_empty() { &input.kind } else { &input.format });
        if let Some(span) = &input.window {
            out.push_str(&format!(", {}", window(span, style)));
        }
        if input.records > 0 {
            out.push_str(&format!(", {} records", count(input.records)));
        }
    }
    if input.skipped > 0 {
        out.push_str(&format!(", {} skipped", count(input.skipped)));
    }
    if !input.limits.is_empty() {
        out.push_str(&format!(" [{}]", input.limits.join("; ")));
    }
    out
}

/// Many sources of a kind as one phrase: `6 metric files, 06:00 to 10:29 [rounded values]`.
pub(crate) fn several(inputs: &[&CheckedInput], kind: &str, style: &Style) -> String {
    let records: u64 = inputs.iter().map(|input| input.records).sum();
    let mut out = format!("{} files of {kind}, {} records", inputs.len(), count(records));
    if let Some(span) = inputs.iter().filter_map(|input| input.window).reduce(Window::hull) {
        out.push_str(&format!(", {}", window(&span, style)));
    }
    let mut limits: Vec<&str> =
        inputs.iter().flat_map(|input| &input.limits).map(String::as_str).collect();
    limits.sort_unstable();
    limits.dedup();
    if !limits.is_empty() {
        out.push_str(&format!(" [{}]", limits.join("; ")));
    }
    out
}

/// Findings in three groups: to be read now, other faults, advice. Indexes into the report.
pub(crate) struct Groups {
    /// Faults above low.
    pub(crate) now: Vec<usize>,
    /// Faults at low or info.
    pub(crate) later: Vec<usize>,
    /// Advice.
    pub(crate) advice: Vec<usize>,
}

/// Groups the findings that the style lets through.
pub(crate) fn groups(report: &Report, style: &Style) -> Groups {
    let mut groups = Groups { now: Vec::new(), later: Vec::new(), advice: Vec::new() };
    for (idx, finding) in report.findings.iter().enumerate() {
        if finding.severity > style.severity {
            continue;
        }
        match (finding.kind, finding.severity) {
            (Kind::Advice, Severity::Low | Severity::Info) => groups.advice.push(idx),
            (Kind::Fault, Severity::Low | Severity::Info) => groups.later.push(idx),
            (
                Kind::Fault | Kind::Advice,
                Severity::Critical | Severity::High | Severity::Medium,
            ) => groups.now.push(idx),
        }
    }
    groups
}

/// Findings that the first `shown` suspects have said: their own, and what follows from them.
pub(crate) fn said(report: &Report, shown: usize) -> Vec<usize> {
    let suspects = report.suspects.iter().take(shown);
    suspects.flat_map(|s| s.findings.iter().chain(&s.symptoms).copied()).collect()
}

/// `on mm-1, mm-2`, or nothing.
pub(crate) fn on_nodes(finding: &Finding) -> Option<Text> {
    let mut nodes = finding.nodes.iter();
    let mut text = Text::ours("on ");
    text.push_text(nodes.next()?.clone());
    for node in nodes {
        text.push_ours(", ");
        text.push_text(node.clone());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_separated() {
        assert_eq!(
            [count(0), count(999), count(1000), count(34_278_001)],
            ["0", "999", "1,000", "34,278,001"]
        );
    }
}
