//! `analyze completions` and `analyze man`, derived from the command line itself.

use crate::args::Cli;
use anyhow::{Result, bail};
use clap::CommandFactory as _;
use std::io::Write;

pub(crate) fn completions(shell: clap_complete::Shell, out: &mut dyn Write) -> Result<()> {
    // Into memory first: the generator panics when its reader goes away.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "analyze", &mut text);
    out.write_all(&text)?;
    Ok(())
}

pub(crate) fn man(out: &mut dyn Write) -> Result<()> {
    clap_mangen::Man::new(Cli::command()).render(out)?;
    Ok(())
}

/// A misspelt command is taken for an input: it is refused with the command that was meant.
pub(crate) fn refuse_misspelt(inputs: &[String]) -> Result<()> {
    let Some(first) = inputs.first() else { return Ok(()) };
    if std::path::Path::new(first).exists() {
        return Ok(());
    }
    let command = Cli::command();
    if let Some(meant) =
        tables::nearest_name(first, command.get_subcommands().map(clap::Command::get_name))
    {
        bail!("no file or folder `{first}`; did you mean the command `analyze {meant}`?");
    }
    Ok(())
}
