//! A PostgreSQL server of one test's own, for faults that other tests must not see.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::process::{Signal, children, signal};

/// A private PostgreSQL server. Dropping it stops the server.
#[derive(Debug)]
pub struct PrivatePostgres {
    programs: PathBuf,
    port: u16,
    as_postgres: bool,
    options: String,
    folder: TempDir,
}

impl PrivatePostgres {
    /// Makes a new server and starts it.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Makes a new server with further options of `postgres`, and starts it.
    pub fn start_with(options: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the server");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let server = Self {
            programs: programs(),
            port,
            // PostgreSQL refuses to run as root, so it runs as the user that its package makes.
            as_postgres: is_root(),
            options: options.to_owned(),
            folder,
        };
        server.give(server.folder.path());
        run(server
            .program("initdb")
            .args([
                "-U",
                "lazo",
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C",
                "-D",
            ])
            .arg(server.data()));
        server.up();
        server
    }

    /// The address of its one database.
    pub fn url(&self) -> String {
        format!("postgres://lazo@127.0.0.1:{}/postgres", self.port)
    }

    /// The address of another of its databases.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://lazo@127.0.0.1:{}/{database}", self.port)
    }

    /// Lets the server use a folder.
    pub fn give(&self, folder: &Path) {
        if self.as_postgres {
            run(Command::new("chown").arg("postgres").arg(folder));
        }
    }

    /// Starts the server again.
    pub fn up(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 {}",
            self.port, self.options
        );
        run(self
            .program("pg_ctl")
            .args(["start", "-w", "-o", &options, "-l"])
            .arg(self.folder.path().join("log"))
            .arg("-D")
            .arg(self.data()));
    }

    /// Stops the server at once, as a crash does.
    pub fn crash(&self) {
        run(self
            .program("pg_ctl")
            .args(["stop", "-m", "immediate", "-D"])
            .arg(self.data()));
    }

    /// Freezes the server and all its sessions: connections stay open, and nothing answers on them.
    pub fn freeze(&self) {
        let postmaster = self.postmaster().expect("the server runs");
        // The first to stop is the one that makes the others.
        signal(postmaster, Signal::Stop);
        for session in children(postmaster) {
            signal(session, Signal::Stop);
        }
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        if let Some(postmaster) = self.postmaster() {
            for session in children(postmaster) {
                signal(session, Signal::Continue);
            }
            signal(postmaster, Signal::Continue);
        }
    }

    fn postmaster(&self) -> Option<u32> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        file.lines().next()?.trim().parse().ok()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if self.as_postgres {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        self.thaw();
        let _ = self
            .program("pg_ctl")
            .args(["stop", "-m", "immediate", "-D"])
            .arg(self.data())
            .stderr(Stdio::null())
            .status();
    }
}

fn run(command: &mut Command) {
    let status = command.status().expect("the program starts");
    assert!(status.success(), "{command:?} ended with {status}");
}

/// The folder of PostgreSQL's programs: the newest that Debian's packages installed, else `PATH`.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().or_else(on_path).expect(
        "PostgreSQL's programs are in /usr/lib/postgresql/*/bin or PATH: ./tests/run says what is missing",
    )
}

fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(Path::new("/proc/self")).is_ok_and(|process| process.uid() == 0)
}
