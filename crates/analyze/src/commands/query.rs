//! `analyze query`: any single SELECT over the tables.

use crate::args::QueryArgs;
use crate::pipeline;
use anyhow::{Context as _, Result, bail};
use model::Exit;
use std::io::{IsTerminal as _, Write};
use tables::AnswerFormat;

pub(crate) fn run(args: &QueryArgs, out: &mut dyn Write) -> Result<Exit> {
    let Some((sql, inputs)) = args.inputs_and_sql.split_last() else {
        bail!("write: analyze query INPUT... \"SELECT ...\"");
    };
    if inputs.is_empty() {
        bail!("`{sql}` stands alone; write: analyze query INPUT... \"SELECT ...\"");
    }
    let by_extension = args
        .output
        .as_deref()
        .and_then(|path| path.extension())
        .map(|e| e.to_string_lossy().into_owned());
    let name = args.format.clone().or(by_extension).unwrap_or_else(|| "text".to_owned());
    let Some(format) = AnswerFormat::parse(&name) else {
        bail!("--format {name}: there are {}", AnswerFormat::NAMES.join(", "));
    };
    if args.raw && args.output.is_none() && !std::io::stdout().is_terminal() {
        bail!("--raw writes without redaction, so only to a terminal or with -o to a file");
    }
    if format == AnswerFormat::Parquet && args.output.is_none() && std::io::stdout().is_terminal() {
        bail!("parquet is no text; write it to a file with -o");
    }
    tables::check_query(sql).map_err(|error| anyhow::anyhow!("{error}"))?;
    let run = pipeline::run(inputs, &args.how, args.raw)?;
    let is_complete = run.sources.incomplete.is_empty();
    // Causes and course are results of the rules, which other questions need not wait for.
    let words = sql.to_ascii_lowercase();
    let tables = if words.contains("suspects") || words.contains("timeline") {
        super::report::with_results(run, &args.how)?
    } else {
        run.tables
    };
    let answer = tables.query(sql).map_err(|error| anyhow::anyhow!("{error}"))?;
    match &args.output {
        Some(path) => {
            let mut file = std::fs::File::create(path)
                .with_context(|| format!("cannot write {}", path.display()))?;
            answer
                .write(format, &mut file)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        None => answer.write(format, out)?,
    }
    Ok(if is_complete { Exit::Ran } else { Exit::Incomplete })
}
