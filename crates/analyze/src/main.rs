//! `analyze`: arguments, environment, clock, wiring and exit code. The rest is in the crates.

mod args;
mod assemble;
mod clock;
mod commands;
mod pipeline;
mod progress;
mod read;
mod session;
mod settings;

use anyhow::Result;
use args::{Cli, Command};
use clap::Parser as _;
use model::Exit;
use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Rules run in parallel themselves; Polars' own threads cost more than they give on tables of
    // this size.
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let wrong = error.use_stderr();
            let _ = error.print();
            return code(if wrong { Exit::Usage } else { Exit::Ran });
        }
    };
    // A fault of this program is said as such, in one line, and is no stack trace.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(String::new, |at| format!(" at {}:{}", in_crate(at.file()), at.line()));
        let _ = writeln!(
            io::stderr(),
            "analyze: a fault of the program itself{place}; please report it"
        );
    }));
    let Ok(result) = std::panic::catch_unwind(|| run(cli)) else { return code(Exit::Failed) };
    match result {
        Ok(exit) => code(exit),
        Err(error) if is_broken_pipe(&error) => code(Exit::Ran),
        Err(error) => {
            let exit =
                if error.downcast_ref::<Failed>().is_some() { Exit::Failed } else { Exit::Usage };
            let _ = writeln!(io::stderr(), "analyze: {}", lines(&format!("{error:#}")));
            code(exit)
        }
    }
}

/// The path of a source file from its crate on, without the folders of who built the program.
fn in_crate(file: &str) -> &str {
    let of_others = file.split_once("registry").and_then(|(_, path)| path.split_once("/src/"));
    of_others.and_then(|(_, path)| path.split_once('/')).map_or(file, |(_, path)| path)
}

/// A message with its lines as they are: faults of rule files have a caret under their place.
fn lines(message: &str) -> String {
    message.lines().map(text::escape::terminal).collect::<Vec<_>>().join("\n")
}

/// Marks an error that is not the request's fault.
#[derive(Debug)]
pub(crate) struct Failed;

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for Failed {}

fn code(exit: Exit) -> ExitCode {
    ExitCode::from(exit as u8)
}

/// Whoever reads our output has read enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

fn run(cli: Cli) -> Result<Exit> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let exit = match cli.command {
        None => {
            commands::help::refuse_misspelt(&cli.report.read.inputs)?;
            commands::report::run(&cli.report, &mut out)?
        }
        Some(Command::Request(args)) => {
            commands::request::run(&args, &mut out)?;
            Exit::Ran
        }
        Some(Command::Query(args)) => commands::query::run(&args, &mut out)?,
        Some(Command::Export(args)) => commands::export::run(&args)?,
        Some(Command::Grafana(args)) => commands::grafana::run(&args, &mut out)?,
        Some(Command::Slowlog(args)) => commands::slowlog::run(&args, &mut out)?,
        Some(Command::Playbook(args)) => commands::playbook::run(args, &mut out)?,
        Some(Command::Incident(args)) => commands::incident::run(&args, &mut out)?,
        Some(Command::Draft(args)) => commands::draft::run(&args, &mut out)?,
        Some(Command::Dba(args)) => {
            commands::dba::run(&args, &mut out)?;
            Exit::Ran
        }
        Some(Command::Post(args)) => commands::post::run(&args, &mut out)?,
        Some(Command::Watch(args)) => commands::watch::run(&args, &mut out)?,
        Some(Command::Tables(args)) => {
            commands::tables::run(&args, &mut out)?;
            Exit::Ran
        }
        Some(Command::Rules(args)) => commands::rules::run(&args, &mut out)?,
        Some(Command::Completions(args)) => {
            commands::help::completions(args.shell, &mut out)?;
            Exit::Ran
        }
        Some(Command::Man) => {
            commands::help::man(&mut out)?;
            Exit::Ran
        }
    };
    out.flush()?;
    Ok(exit)
}

#[cfg(test)]
mod tests {
    use super::in_crate;

    #[test]
    fn a_fault_in_a_dependency_names_no_folder_of_the_builder() {
        let file = "/home/ann/.cargo/registry/src/index-1/polars-0.52/src/plan.rs";
        assert_eq!(in_crate(file), "polars-0.52/src/plan.rs");
        assert_eq!(in_crate("crates/analyze/src/main.rs"), "crates/analyze/src/main.rs");
    }
}
