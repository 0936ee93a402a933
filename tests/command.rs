//! Starts the program; the one place that does.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the repository is there")
}

/// Runs `analyze` from the repository's root.
///
/// The child has an empty environment, a fixed clock and no colour, so that a result depends on
/// `args` and on the fixtures alone.
#[track_caller]
pub(crate) fn run(args: &[&str]) -> Output {
    command(args).output().expect("analyze starts")
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
    command.args(args).current_dir(root()).env_clear().envs([
        ("ANALYZE_NOW", "2026-01-02T03:04:05Z"),
        ("NO_COLOR", "1"),
        ("TZ", "UTC"),
    ]);
    command
}

/// As [`run`], with more in the environment.
#[track_caller]
pub(crate) fn run_with(environment: &[(&str, &str)], args: &[&str]) -> Output {
    command(args).envs(environment.iter().copied()).output().expect("analyze starts")
}

/// As [`run`], with `stdin` on standard input.
#[track_caller]
pub(crate) fn run_from(stdin: &[u8], args: &[&str]) -> Output {
    let mut child = command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("analyze starts");
    let mut pipe = child.stdin.take().expect("standard input is piped");
    std::thread::scope(|scope| {
        // A child that has read enough closes the pipe, which is fine.
        scope.spawn(move || drop(pipe.write_all(stdin)));
        child.wait_with_output().expect("analyze ends")
    })
}

/// Runs `analyze` and gives exit code, standard output and standard error as one text.
#[track_caller]
pub(crate) fn analyze(args: &[&str]) -> String {
    let output = run(args);
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("exit {}\n--- stdout\n{out}--- stderr\n{err}", output.status.code().unwrap_or(-1))
}

#[test]
fn version_is_printed() {
    assert!(analyze(&["--version"]).starts_with("exit 0\n--- stdout\nanalyze "));
}

#[test]
fn help_begins_with_examples() {
    let help = analyze(&["--help"]);
    let (examples, usage) =
        (help.find("analyze bundle.zip").unwrap(), help.find("Usage:").unwrap());
    assert!(examples < usage, "{help}");
}

#[test]
fn an_input_that_is_not_there_is_a_wrong_request() {
    let answer = analyze(&["no-such-file.zip"]);
    assert!(answer.starts_with("exit 2\n"), "{answer}");
    assert!(answer.contains("no-such-file.zip"), "{answer}");
}

#[test]
fn what_to_ask_the_customer_for_needs_no_input() {
    let answer = analyze(&["request", "--version", "10.11", "--hosting", "rds"]);
    assert!(
        answer.starts_with("exit 0\n") && answer.contains("Download Support Packet"),
        "{answer}"
    );
}
