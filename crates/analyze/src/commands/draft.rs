//! `analyze draft`: letters with facts only, for a person to complete and send.

use super::report::{Analysed, analyse};
use crate::args::DraftArgs;
use crate::{Failed, clock};
use anyhow::{Context as _, Result, bail};
use model::Exit;
use playbook::{DRAFTS, DraftError, DraftFacts, IncidentRecord, SystemInfo};
use std::io::Write;
use text::Redactor;

pub(crate) fn run(args: &DraftArgs, out: &mut dyn Write) -> Result<Exit> {
    let Some(draft) = playbook::draft(&args.name) else {
        let names: Vec<&str> = DRAFTS.iter().map(|draft| draft.name).collect();
        bail!("no draft `{}`; there are {}", args.name, names.join(", "));
    };
    if args.show_template {
        write!(out, "{}", draft.template)?;
        return Ok(Exit::Ran);
    }
    #[expect(clippy::disallowed_methods, reason = "the template that the user names")]
    let template = args
        .template
        .as_ref()
        .map(|path| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
        })
        .transpose()?;
    let analysed = if args.read.inputs.is_empty() {
        None
    } else {
        Some(analyse(&args.read.inputs, &args.read.how, None)?)
    };
    let (record, system, redactor) =
        (IncidentRecord::default(), SystemInfo::default(), Redactor::new());
    let now = clock::now()?;
    let facts = match &analysed {
        None => DraftFacts {
            report: None,
            system: &system,
            record: &record,
            clocks: &[],
            now,
            redactor: &redactor,
        },
        Some(Analysed { report, system, record, clocks, redactor, .. }) => {
            DraftFacts { report: Some(report), system, record, clocks, now, redactor }
        }
    };
    match playbook::write_draft(draft, template.as_deref(), &facts) {
        Ok(text) => write!(out, "{}", lines(&text))?,
        // The request was right; what came out must not be sent.
        Err(error @ DraftError::Forbidden(..)) => {
            return Err(anyhow::Error::new(Failed).context(error.to_string()));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(analysed.map_or(Exit::Ran, |analysed| analysed.report.exit))
}

/// Each line without what a terminal would be deceived by.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", text::escape::terminal(line))).collect()
}
