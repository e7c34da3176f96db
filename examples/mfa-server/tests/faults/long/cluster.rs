//! A PostgreSQL cluster for one test.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    pub port: u16,
    runtime: Runtime,
}

impl Cluster {
    pub fn start() -> Self {
        let versions = fs::read_dir("/usr/lib/postgresql").expect("Debian's package postgresql");
        let newest = versions.map(|version| version.unwrap().path()).max().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = TempDir::new().unwrap();
        sqlx::any::install_default_drivers();
        let runtime = Runtime::new().unwrap();
        let cluster = Self { folder, programs: newest.join("bin"), port, runtime };
        if is_root() {
            let folder = cluster.folder.path();
            assert!(Command::new("chown").arg("postgres").arg(folder).status().unwrap().success());
        }
        let data = cluster.data();
        assert!(cluster.run("initdb", &["-D", &data, "-A", "trust", "-U", "test", "--no-sync"]));
        cluster.control("start", "fast");
        cluster
    }

    fn data(&self) -> String {
        self.path("data")
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs a PostgreSQL program as another user, because PostgreSQL refuses to run as root.
    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let log = fs::File::options().append(true).create(true).open(self.path("said")).unwrap();
        command.args(arguments).current_dir("/").stdout(log.try_clone().unwrap()).stderr(log);
        command.status().unwrap().success()
    }

    /// Runs `start`, `stop` or `restart`. `mode` says how open connections end.
    pub fn control(&self, action: &str, mode: &str) {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={}",
            self.port,
            self.folder.path().display()
        );
        let (data, log) = (self.data(), self.path("log"));
        let arguments = ["-D", &data, "-w", "-l", &log, "-m", mode, "-o", &options, action];
        let arguments: Vec<&str> = match action {
            // Only a stop has a mode.
            "start" => [&arguments[..5], &arguments[7..]].concat(),
            "stop" => [&arguments[..3], &arguments[5..7], &arguments[9..]].concat(),
            _ => arguments.to_vec(),
        };
        assert!(self.run("pg_ctl", &arguments), "pg_ctl {action}: {}", self.said());
    }

    fn said(&self) -> String {
        fs::read_to_string(self.path("said")).unwrap_or_default()
    }

    pub fn url(&self) -> String {
        self.url_at(self.port)
    }

    pub fn url_at(&self, port: u16) -> String {
        format!("postgres://test@127.0.0.1:{port}/postgres")
    }

    /// Opens a connection that does not belong to the server.
    pub fn connect(&self) -> Session<'_> {
        let url = self.url();
        let connection = self.runtime.block_on(AnyConnection::connect(&url)).unwrap();
        Session { runtime: &self.runtime, connection }
    }

    pub fn execute(&self, statements: &str) {
        self.connect().execute(statements);
    }

    /// Returns the server's folder, which has its key.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _stopped = self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "stop"]);
    }
}

pub struct Session<'a> {
    runtime: &'a Runtime,
    connection: AnyConnection,
}

impl Session<'_> {
    pub fn execute(&mut self, statements: &str) {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        self.runtime.block_on(statements.execute(&mut self.connection)).unwrap();
    }

    pub fn number(&mut self, query: &str) -> i64 {
        let query = sqlx::query_scalar(AssertSqlSafe(query.to_owned()));
        self.runtime.block_on(query.fetch_one(&mut self.connection)).unwrap()
    }

    pub fn close(self) {
        self.runtime.block_on(self.connection.close()).unwrap();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
