//! The program as it ships, as a process of its own.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    http::{Connection, ask, get, post},
    process::Process,
};
use crate::{Engine, engine::TestDatabase, server::program};

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// What turns off the limits on how much a caller may ask for, where the program has such limits.
const UNLIMITED: [(&str, &str); 4] = [
    ("LAZO_LIMITS__TOKEN_RATE", "0"),
    ("LAZO_LIMITS__VISITOR_RATE", "0"),
    ("LAZO_LIMITS__ADDRESS_RATE", "0"),
    ("LAZO_LIMITS__GUESS_RATE", "0"),
];

/// Where the program is, and the folder in which it runs.
#[derive(Clone, Debug)]
pub struct Installation {
    program: PathBuf,
    folder: PathBuf,
    /// Settings that were asked for on the command line.
    settings: Vec<(String, String)>,
}

/// A running server. Dropping it kills the process.
#[derive(Debug)]
pub struct Server {
    process: Child,
    address: String,
    /// From the start of the process to the first answer that it is ready.
    pub ready_after: Duration,
}

impl Installation {
    /// The program at a path, run in a folder with these settings.
    pub fn new(program: PathBuf, folder: &Path, settings: Vec<(String, String)>) -> Self {
        let settings = UNLIMITED
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .chain(settings)
            .collect();
        let mut installation = Self {
            program,
            folder: folder.to_owned(),
            settings,
        };
        installation.forget_unknown_settings();
        installation
    }

    /// Drops the settings that this version of the program does not have.
    fn forget_unknown_settings(&mut self) {
        let url = "sqlite::memory:";
        loop {
            let known = TestDatabase::existing(Engine::Sqlite, url.to_owned());
            let said = self
                .command(&known)
                .args(["source", "list"])
                .output()
                .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
            let said = String::from_utf8_lossy(&said.stderr).into_owned();
            let unknown = said
                .split_once("there is no setting `")
                .and_then(|(_, rest)| rest.split_once('`'));
            let Some((unknown, _)) = unknown else { return };
            self.settings.retain(|(name, _)| name != unknown);
        }
    }

    /// The same with a further setting, if the program has it.
    pub fn with(&self, name: &str, value: &str) -> Option<Self> {
        let mut more = self.clone();
        more.settings.push((name.to_owned(), value.to_owned()));
        more.forget_unknown_settings();
        (more.settings.len() > self.settings.len()).then_some(more)
    }

    /// The program's version.
    pub fn version(&self) -> String {
        let output = Command::new(&self.program).arg("--version").output();
        let output = output.expect("the program starts");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn command(&self, database: &TestDatabase) -> Command {
        let mut command = program(&self.program);
        command
            .current_dir(&self.folder)
            .env("LAZO_DATABASE_URL", &database.url)
            .env("LAZO_SECRET", SECRET)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        if let Some(redis) = &database.redis_url {
            command.env("LAZO_REDIS_URL", redis);
        }
        command
    }

    /// Runs a subcommand that must succeed. Returns what it printed.
    pub fn run(&self, database: &TestDatabase, arguments: &[&str]) -> String {
        let output = self.command(database).args(arguments).output();
        let output = output.expect("the subcommand runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        let printed = String::from_utf8(output.stdout).expect("the output is text");
        printed.trim().to_owned()
    }

    /// The key of a new trusted source.
    pub fn source(&self, database: &TestDatabase) -> String {
        let create = ["source", "create", "--name", "shop", "--channel", "web"];
        self.run(database, &[create.as_slice(), &["--trusted"]].concat())
    }

    /// A new integration token with these scopes.
    pub fn token(&self, database: &TestDatabase, scopes: &[&str]) -> String {
        let mut arguments = vec!["token", "create", "--kind", "integration"];
        for scope in scopes {
            arguments.extend(["--scope", scope]);
        }
        self.run(database, &arguments)
    }

    /// Starts the server and waits until it is ready.
    pub async fn serve(&self, database: &TestDatabase) -> Server {
        let address = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .to_string();
        let log = self
            .folder
            .join(format!("{}.log", address.replace(':', "-")));
        let errors = File::create(&log).expect("a file for the log");
        let mut command = self.command(database);
        command
            .arg("serve")
            .env("LAZO_LISTEN", &address)
            .stdout(Stdio::null())
            .stderr(errors);
        let started = Instant::now();
        let mut server = Server {
            process: command.spawn().expect("the program starts"),
            address,
            ready_after: Duration::ZERO,
        };
        while !server.is_ready().await {
            let said = || fs::read_to_string(&log).unwrap_or_default();
            let ended = server.process.try_wait().expect("the program is a child");
            assert!(ended.is_none(), "the program ended: {}", said());
            assert!(started.elapsed() < STARTS_WITHIN, "not ready: {}", said());
            sleep(Duration::from_millis(1)).await;
        }
        server.ready_after = started.elapsed();
        server
    }
}

impl Server {
    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The process.
    pub fn process(&self) -> Process {
        Process::alone(self.process.id())
    }

    async fn is_ready(&self) -> bool {
        let Ok(mut connection) = Connection::open(&self.address).await else {
            return false;
        };
        let status = connection.exchange(&get("/health/ready")).await;
        matches!(status, Ok(200))
    }

    /// Sends a document to the platform's schema, which must be answered without errors. Returns its data.
    pub async fn query(&self, token: &str, document: &str, variables: Value) -> Value {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = post("/graphql", &format!("Bearer {token}"), &body);
        let mut answer = ask(&self.address, &request).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
