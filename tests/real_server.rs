//! What tests with a real database server share: its directory, its process, its programs.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// A directory of its own that is removed at the end.
pub(crate) struct Place(pub(crate) PathBuf);

impl Place {
    /// Given to `user`, the server's, when root runs the tests.
    pub(crate) fn new(name: &str, user: &str) -> Self {
        let path = std::env::temp_dir().join(format!("analyze-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        if is_root() {
            run(Command::new("chown").arg(user).arg(&path));
        }
        Self(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that is killed at the end.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}

/// Runs a command that must succeed, and gives what it printed.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    output.stdout
}

/// Where Debian has the programs of a PostgreSQL server, which are not in the usual directories.
pub(crate) fn postgresql_folders() -> Vec<PathBuf> {
    std::fs::read_dir("/usr/lib/postgresql")
        .map(|dir| dir.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default()
}

/// Where a program is, among the usual directories and `more`.
pub(crate) fn program(name: &str, more: &[PathBuf]) -> Option<PathBuf> {
    let usual = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"];
    let mut places = usual.iter().map(PathBuf::from).chain(more.iter().cloned());
    let found = places.find_map(|place| Some(place.join(name)).filter(|path| path.exists()));
    if found.is_none() {
        let may_skip = std::env::var_os("ANALYZE_TESTS_SKIP_NOTHING").is_none();
        assert!(may_skip, "{name} is not installed, and in CI nothing is skipped: see .ci/run");
        println!("skipped: {name} is not installed");
    }
    found
}

/// A command as `user`, when root runs the tests: servers refuse to be root.
pub(crate) fn as_user(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--init-groups"]).arg(program);
    command
}

/// Waits until `is_done`.
#[track_caller]
pub(crate) fn wait(what: &str, mut is_done: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !is_done() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
