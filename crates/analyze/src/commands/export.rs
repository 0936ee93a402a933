//! `analyze export`: all tables as Parquet files.

use crate::args::ExportArgs;
use crate::pipeline;
use anyhow::{Context as _, Result};
use model::Exit;
use std::io::Write as _;

pub(crate) fn run(args: &ExportArgs) -> Result<Exit> {
    let run = pipeline::run(&args.read.inputs, &args.read.how, args.raw)?;
    let is_complete = run.sources.incomplete.is_empty();
    let tables = super::report::with_results(run, &args.read.how)?;
    std::fs::create_dir_all(&args.output)
        .with_context(|| format!("cannot make the folder {}", args.output.display()))?;
    let mut n_tables = 0;
    for table in tables.iter() {
        let path = args.output.join(format!("{}.parquet", table.doc().name));
        let mut file = std::fs::File::create(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        tables
            .export(table.doc().name, &mut file)
            .with_context(|| format!("cannot write {}", path.display()))?;
        n_tables += 1;
    }
    let _ = writeln!(std::io::stderr(), "{n_tables} tables written to {}", args.output.display());
    Ok(if is_complete { Exit::Ran } else { Exit::Incomplete })
}
