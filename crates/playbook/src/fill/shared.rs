//! Steps in which the customer's data is shared: what came, and how to get what did not.

use super::{SystemInfo, cite, missing_line, of_kind};
use model::{CheckedInput, Report, StepFill, StepState};
use text::{Text, Value};

/// Step 3: what the DBA's answers say is for the findings; here stands which of them came.
pub(super) fn call(filled: &mut StepFill, system: &SystemInfo) {
    let Some(dba) = &system.dba else {
        filled.missing.push(Text::ours(
            "answers of the customer's DBA: `analyze dba` prints the questions; name the answers as an input",
        ));
        return;
    };
    filled.sources.clone_from(&dba.sources);
    filled.as_of = dba.at;
    let mut topic = "";
    let mut line = String::new();
    for (of, question, n_rows) in &dba.answered {
        if of == topic {
            line.push_str(", ");
        } else {
            if !line.is_empty() {
                filled.text.push(Text::ours(std::mem::take(&mut line)));
            }
            topic = of;
            line = format!("- answered, {topic}: ");
        }
        let rows = if *n_rows == 1 { "row" } else { "rows" };
        line.push_str(&format!("{question} ({n_rows} {rows})"));
    }
    if !line.is_empty() {
        filled.text.push(Text::ours(line));
    }
    if !dba.partly.is_empty() {
        filled.text.push(Text::ours(format!("- not whole: {}", dba.partly.join(", "))));
    }
    for (question, message) in &dba.refused {
        let question = if question.is_empty() { "a question" } else { question };
        let mut line = Text::ours(format!("- refused, {question}: "));
        line.push_text(message.clone());
        filled.text.push(line);
    }
    if dba.n_unknown > 0 {
        filled.text.push(Text::ours(format!(
            "- {} results answer no question of the sheet",
            dba.n_unknown
        )));
    }
    for (topic, question) in &dba.missing {
        filled.missing.push(Text::ours(format!(
            "answer to {question} ({topic}): `analyze dba` prints the question"
        )));
    }
}

pub(super) fn system_information(filled: &mut StepFill, system: &SystemInfo) {
    let mut group = "";
    for row in &system.rows {
        if row.group != group {
            group = row.group;
            filled.text.push(Text::ours(format!("{group}:")));
        }
        let mut line = Text::ours(format!("- {}: ", row.label));
        line.push_text(row.value.clone());
        filled.text.push(line);
        if !filled.sources.contains(&row.place.source) && !row.place.source.is_empty() {
            filled.sources.push(row.place.source.clone());
        }
    }
    filled.missing = system.missing.iter().map(missing_line).collect();
    filled.state = match (system.rows.is_empty(), system.missing.is_empty()) {
        (true, _) => StepState::NoData,
        (false, true) => StepState::Done,
        (false, false) => StepState::Attention,
    };
}

pub(super) fn views(filled: &mut StepFill, report: &Report, system: &SystemInfo) {
    cite(filled, &of_kind(report, &["metrics"]));
    for (label, present, how) in &system.views {
        if *present {
            filled.text.push(Text::ours(format!("- {label}: in the data")));
        } else {
            let mut line = Text::ours(format!("{label}: "));
            line.push_text(how.clone());
            filled.missing.push(line);
        }
    }
    filled.state = match (filled.text.is_empty(), filled.missing.is_empty()) {
        (true, _) => StepState::NoData,
        (false, true) => StepState::Done,
        (false, false) => StepState::Attention,
    };
}

pub(super) fn inputs(filled: &mut StepFill, report: &Report, kinds: &[&str]) {
    let mine = of_kind(report, kinds);
    cite(filled, &mine);
    for input in &mine {
        let mut line = Text::ours("- ").with_value(Value::trusted(&input.path));
        line.push_ours(format!(": {}", input.format));
        if let Some(window) = input.window {
            line.push_ours(format!(
                ", {} to {} UTC",
                window.start.format("%Y-%m-%d %H:%M:%S"),
                window.end.format("%Y-%m-%d %H:%M:%S")
            ));
        }
        if input.records > 0 {
            line.push_ours(format!(", {} records", input.records));
        }
        for issue in &input.issues {
            line.push_ours(format!("; {} ({})", issue.reason, issue.count));
        }
        filled.text.push(line);
    }
    filled.state = if mine.is_empty() {
        filled.missing.push(Text::ours(
            "support packet: System Console > Support > Download Support Packet, or `mmctl system supportpacket`",
        ));
        StepState::NoData
    } else if mine.iter().any(|input| !input.issues.is_empty()) {
        StepState::Attention
    } else {
        StepState::Done
    };
}

pub(super) fn slow_logs(filled: &mut StepFill, report: &Report, system: &SystemInfo) {
    inputs(filled, report, &["slow query log", "statement statistics"]);
    if filled.state == StepState::NoData {
        filled.missing = system.slow_logging.clone();
    }
}

/// Groups and labels of the system information that a test server needs; no label: all.
pub(super) const TEST_SERVER: &[(&str, &str)] =
    &[("Mattermost", ""), ("Application nodes", ""), ("Database", ""), ("Settings", "cluster")];
/// What says which binary the customer runs.
pub(super) const PLATFORM: &[(&str, &str)] = &[
    ("Mattermost", "version"),
    ("Mattermost", "installed as"),
    ("Application nodes", "operating system"),
    ("Application nodes", "architecture"),
];

/// Rows of the system information that a later step needs.
pub(super) fn groups(filled: &mut StepFill, system: &SystemInfo, wanted: &[(&str, &str)]) {
    for row in &system.rows {
        if wanted
            .iter()
            .any(|(group, label)| *group == row.group && (label.is_empty() || *label == row.label))
        {
            let mut line = Text::ours(format!("- {}, {}: ", row.group, row.label));
            line.push_text(row.value.clone());
            filled.text.push(line);
            if !filled.sources.contains(&row.place.source) && !row.place.source.is_empty() {
                filled.sources.push(row.place.source.clone());
            }
        }
    }
    if filled.text.is_empty() {
        filled.missing.push(Text::ours("version and platform of the customer: no packet was read"));
    }
}

/// Step 9: what carries data and is worth a pin.
pub(super) fn pins(filled: &mut StepFill, report: &Report) {
    let read: Vec<&CheckedInput> = report
        .inputs
        .iter()
        .filter(|input| {
            input.read && input.kind != "packet member" && input.kind != "incident file"
        })
        .collect();
    cite(filled, &read);
    for input in &read {
        let line = Text::ours("- ").with_value(Value::trusted(&input.path));
        filled.text.push(line.with_ours(format!(" ({})", input.format)));
    }
    filled.state = if read.is_empty() { StepState::NoData } else { StepState::Open };
}
