//! `analyze completions` and `analyze man`, derived from the command line itself.

use crate::args::Cli;
use anyhow::Result;
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
