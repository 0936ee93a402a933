//! What the incident file and the clocks say to each step: who acts, what a person has done or
//! set not needed. Never decided here.

use crate::{Clock, ClockState, IncidentRecord, Playbook, ROLES, StepKind};
use model::{StepFill, StepState};
use text::{Raw, Redactor, Text};

/// Adds to filled steps what people must do, have done and have said.
pub fn add_people(
    steps: &mut [StepFill],
    playbook: &Playbook,
    record: &IncidentRecord,
    clocks: &[Clock],
    redactor: &Redactor,
) {
    let value = |raw: &Raw| redactor.clear(raw);
    for filled in steps {
        let Some(step) = playbook.step(&filled.step) else { continue };
        match step.id.as_str() {
            "create-incident-channel" => {
                for (what, raw) in [("channel", &record.channel), ("run", &record.run)] {
                    named(filled, what, raw, redactor);
                }
            }
            "add-responders" => {
                for (key, name) in ROLES {
                    named(filled, name, record.role(key).unwrap_or(&Raw::default()), redactor);
                }
            }
            "start-call" => {
                let dba = record.role("customer_dba").cloned().unwrap_or_default();
                named(filled, "customer's DBA", &dba, redactor);
            }
            "identify-solution" => {
                for note in record.notes.iter().filter(|note| note.kind.untrusted() == "mitigation")
                {
                    filled.text.push(
                        Text::ours(format!(
                            "- {} UTC, mitigation: ",
                            note.at.format("%Y-%m-%d %H:%M")
                        ))
                        .with_value(value(&note.text)),
                    );
                }
            }
            _ => {}
        }
        for clock in clocks.iter().filter(|clock| clock.step == step.id) {
            let due = clock
                .due
                .map_or_else(String::new, |due| format!(", {} UTC", due.format("%Y-%m-%d %H:%M")));
            filled.text.push(Text::ours(format!(
                "Clock: {}{due}: {} ({})",
                clock.what,
                clock.state.as_str(),
                clock.note
            )));
            if clock.state == ClockState::Overdue {
                filled.state = StepState::Attention;
            }
        }
        if step.kind != StepKind::Filled && !step.gives.is_empty() {
            filled.text.push(Text::ours(format!("Supplied: {}.", step.gives)));
        }
        if !step.person.is_empty() {
            filled.text.push(Text::ours(format!("A person: {}", step.person)));
        }
        if let Some(done) = record.done.iter().find(|done| done.step == step.id) {
            let at = done
                .at
                .map_or_else(String::new, |at| format!(", {} UTC", at.format("%Y-%m-%d %H:%M")));
            filled.text.insert(0, Text::ours(format!("Done, as a person noted{at}.")));
            filled.state = StepState::Done;
        }
        if let Some(entry) = record.not_needed(&step.id).filter(|_| step.optional) {
            filled.text.insert(
                0,
                Text::ours("Not needed, as a person decided: ").with_value(value(&entry.because)),
            );
            filled.state = StepState::Done;
            filled.missing.clear();
        }
    }
}

/// A line for what is named, or a missing one.
fn named(filled: &mut StepFill, what: &str, raw: &Raw, redactor: &Redactor) {
    if raw.untrusted().trim().is_empty() {
        filled.missing.push(Text::ours(format!("{what}: not named in incident.toml")));
    } else {
        filled.text.push(Text::ours(format!("- {what}: ")).with_value(redactor.clear(raw)));
    }
}
