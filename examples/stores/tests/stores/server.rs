//! Database servers that a test can kill. Each has a folder and a port of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A process that listens on a port.
pub(crate) struct Server {
    command: Command,
    child: Child,
    pub(crate) port: u16,
    /// Deleted at the end of the test.
    _folder: TempDir,
}

impl Server {
    /// Starts the command that `command` returns for a folder and a port.
    pub(crate) fn start(command: impl FnOnce(&Path, u16) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = command(folder.path(), port);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.process_group(0);
        let child = spawn(&mut command, port);
        Self { command, child, port, _folder: folder }
    }

    /// Kills the server without warning, and starts it again.
    pub(crate) fn kill_and_restart(&mut self) {
        self.kill();
        self.child = spawn(&mut self.command, self.port);
    }

    pub(crate) fn kill(&mut self) {
        if self.child.try_wait().unwrap().is_some() {
            return;
        }
        // Also kills the processes that it has started.
        let group = format!("-{}", self.child.id());
        Command::new("kill").args(["-KILL", "--", &group]).status().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a process, and waits until it listens. PostgreSQL does not start while a process of
/// the killed server still runs.
fn spawn(command: &mut Command, port: u16) -> Child {
    let start = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed() < Duration::from_secs(60), "{command:?} does not listen");
        sleep(Duration::from_millis(5));
        if child.try_wait().unwrap().is_some() {
            child = command.spawn().unwrap();
        }
    }
    child
}

/// Redis, with each write on the disk before its answer.
pub(crate) fn redis(folder: &Path, port: u16) -> Command {
    let mut command = Command::new("redis-server");
    let port = port.to_string();
    command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder);
    command.args(["--appendonly", "yes", "--appendfsync", "always"]);
    command
}

/// A stand-in for DynamoDB, from npm.
pub(crate) fn dynamodb(folder: &Path, port: u16) -> Command {
    let mut command = Command::new("node");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules/dynalite/cli.js"));
    command.args(["--port", &port.to_string(), "--host", "127.0.0.1", "--createTableMs", "0"]);
    command.arg("--path").arg(folder.join("data"));
    command
}

/// PostgreSQL with its default settings. It refuses to run as root.
pub(crate) fn postgres(folder: &Path, port: u16) -> Command {
    let data = folder.join("data");
    let bin = postgres_programs();
    let ok = as_postgres(&bin.join("initdb"), folder)
        .args(["--auth=trust", "--username=test", "--no-sync", "--pgdata"])
        .arg(&data)
        .stdout(Stdio::null())
        .status();
    assert!(ok.unwrap().success());
    let mut command = as_postgres(&bin.join("postgres"), folder);
    command
        .arg("-D")
        .arg(data)
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k"])
        .arg(folder);
    command
}

fn postgres_programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    versions.map(|version| version.unwrap().path().join("bin")).max().unwrap()
}

/// Returns a command for a PostgreSQL program. If this process is root, the command runs as the
/// user `postgres`.
fn as_postgres(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let id = |kind| {
        let output = Command::new("id").args([kind, "postgres"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse::<u32>()
    };
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if is_root {
        let (user, group) = (id("-u").unwrap(), id("-g").unwrap());
        chown(folder, Some(user), Some(group)).unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
        command.uid(user).gid(group).current_dir(folder);
    }
    command
}
