//! A database server of a test's own, for all tests that need a real one.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A directory of the server's own: given to `user`, the server's, when root runs the tests.
fn new_folder(name: &str, user: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("analyze-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    if is_root() {
        run(Command::new("chown").arg(user).arg(&path));
    }
    path
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
fn postgresql_folders() -> Vec<PathBuf> {
    std::fs::read_dir("/usr/lib/postgresql")
        .map(|dir| dir.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default()
}

/// Where a program is, among the usual directories and `more`.
fn program(name: &str, more: &[PathBuf]) -> Option<PathBuf> {
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
fn as_user(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--init-groups"]).arg(program);
    command
}

/// A database server of a test's own: its folder, its process, its client.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) folder: PathBuf,
    client: PathBuf,
    /// How the client reaches it.
    reach: Vec<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Server {
    /// A PostgreSQL with `settings` (`name=value`); `None`: it is not installed.
    pub(crate) fn postgresql(name: &str, settings: &[&str]) -> Option<Self> {
        let versions = postgresql_folders();
        let (initdb, postgres, psql) = (
            program("initdb", &versions)?,
            program("postgres", &versions)?,
            program("psql", &versions)?,
        );
        let folder = new_folder(name, "postgres");
        let data = folder.join("data");
        run(as_user("postgres", &initdb)
            .current_dir(&folder)
            .args(["-A", "trust", "-U", "tester", "-D"])
            .arg(&data));
        let socket = folder.to_string_lossy().into_owned();
        let mut command = as_user("postgres", &postgres);
        command.current_dir(&folder).arg("-D").arg(&data).args(["-k", &socket]);
        for setting in ["listen_addresses=", "fsync=off"].iter().chain(settings) {
            command.args(["-c", setting]);
        }
        let reach = ["-X", "-h", &socket, "-U", "tester", "-d", "postgres"];
        Some(Self::started(command, psql, &reach, "-c", folder))
    }

    /// A MariaDB with `options`; `None`: it is not installed.
    pub(crate) fn mariadb(name: &str, options: &[&str]) -> Option<Self> {
        let (install, mariadbd, mariadb) = (
            program("mariadb-install-db", &[])?,
            program("mariadbd", &[])?,
            program("mariadb", &[])?,
        );
        let folder = new_folder(name, "mysql");
        let datadir = format!("--datadir={}", folder.join("data").display());
        run(as_user("mysql", &install)
            .arg("--no-defaults")
            .arg(&datadir)
            .args(["--auth-root-authentication-method=normal", "--skip-test-db"]));
        let socket = format!("--socket={}", folder.join("s").display());
        let mut command = as_user("mysql", &mariadbd);
        command.current_dir(&folder);
        command.args(["--no-defaults", &datadir, &socket, "--skip-networking"]).args(options);
        command.arg(format!("--pid-file={}", folder.join("pid").display()));
        let reach = ["--no-defaults", &socket, "-uroot"];
        Some(Self::started(command, mariadb, &reach, "-e", folder))
    }

    fn started(
        mut command: Command,
        client: PathBuf,
        reach: &[&str],
        ask: &str,
        folder: PathBuf,
    ) -> Self {
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let reach = reach.iter().map(|&arg| arg.to_owned()).collect();
        let server = Self { process, folder, client, reach };
        wait("the server answers", || {
            server.client().args([ask, "select 1"]).output().unwrap().status.success()
        });
        server
    }

    /// Its client, as the owner of everything.
    pub(crate) fn client(&self) -> Command {
        let mut command = Command::new(&self.client);
        command.args(&self.reach);
        command
    }
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
