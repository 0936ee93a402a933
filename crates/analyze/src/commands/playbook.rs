//! `analyze playbook`: the steps of the Sev 1 procedure, filled from the inputs.

use crate::args::{PlaybookArgs, PlaybookCommand};
use anyhow::Result;
use model::Exit;
use playbook::{Playbook, StepKind};
use std::io::Write;

pub(crate) fn run(args: PlaybookArgs, out: &mut dyn Write) -> Result<Exit> {
    match args.command {
        PlaybookCommand::Steps => {
            for step in &Playbook::shipped().steps {
                let kind = match step.kind {
                    StepKind::Filled => "filled",
                    StepKind::Assisted => "assisted",
                    StepKind::Tracked => "tracked",
                };
                writeln!(out, "{:2} {:26} {:9} {}", step.number, step.id, kind, step.title)?;
            }
            Ok(Exit::Ran)
        }
        PlaybookCommand::Show { report } => super::report::steps(&report, out),
    }
}
