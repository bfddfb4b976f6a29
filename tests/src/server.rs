//! Starts and stops the real program on a fresh database, and runs its command line beside it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    Engine,
    engine::TestDatabase,
    graphql::Caller,
    process::{Signal, signal},
    segment::Sender,
};

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const STARTS_WITHIN: Duration = Duration::from_mins(1);
const STOPS_WITHIN: Duration = Duration::from_secs(40);
const LISTENING: &str = "listening on http://";

/// The program, running on a database of its own. Dropping it kills the process.
#[derive(Debug)]
pub struct TestServer {
    program: PathBuf,
    settings: Vec<(String, String)>,
    http: reqwest::Client,
    address: String,
    process: Option<Child>,
    starts: usize,
    database: TestDatabase,
    folder: TempDir,
}

impl TestServer {
    /// Starts the program on a fresh database.
    pub async fn start(engine: Engine, program: &str) -> Self {
        Self::start_with(engine, program, &[]).await
    }

    /// Starts the program with further `LAZO_*` settings.
    pub async fn start_with(engine: Engine, program: &str, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let database = TestDatabase::create(engine, folder.path()).await;
        Self::start_on(database, folder, program, settings).await
    }

    /// Starts the program on a database that the test brings.
    pub async fn start_on(
        database: TestDatabase,
        folder: TempDir,
        program: &str,
        settings: &[(&str, &str)],
    ) -> Self {
        // The HTTP client asks for it, although the tests speak no TLS.
        lazo::auth::install_crypto();
        let mut server = Self {
            program: PathBuf::from(program),
            settings: settings
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            http: reqwest::Client::builder()
                .timeout(Duration::from_mins(2))
                .no_proxy()
                .build()
                .expect("an HTTP client"),
            address: String::new(),
            process: None,
            starts: 0,
            database,
            folder,
        };
        server.serve().await;
        server
    }

    async fn serve(&mut self) {
        self.starts += 1;
        let mut command = self.command();
        command.arg("serve");
        if self.database.engine == Engine::Postgres {
            command.arg("--migrate");
        }
        let errors = self.output_file("stderr");
        command
            .stdin(Stdio::null())
            .stdout(File::create(self.output_file("stdout")).expect("a file for stdout"))
            .stderr(File::create(&errors).expect("a file for stderr"));
        let process = command
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", self.program.display()));
        self.process = Some(process);
        self.address = self.wait_for_address(&errors).await;
    }

    async fn wait_for_address(&mut self, errors: &Path) -> String {
        let started = Instant::now();
        loop {
            let text = fs::read_to_string(errors).expect("stderr is text");
            if let Some(address) = listening_address(&text) {
                return address;
            }
            let process = self.process.as_mut().expect("the program was started");
            if let Some(status) = process.try_wait().expect("the program can be waited for") {
                panic!("the program ended with {status} instead of serving:\n{text}");
            }
            assert!(
                started.elapsed() < STARTS_WITHIN,
                "the program does not say where it listens:\n{text}"
            );
            sleep(Duration::from_millis(10)).await;
        }
    }

    fn command(&self) -> Command {
        let mut command = program(&self.program);
        command
            .current_dir(self.folder.path())
            .env("LAZO_LISTEN", "127.0.0.1:0")
            .env("LAZO_DATABASE_URL", &self.database.url)
            .env("LAZO_SECRET", SECRET)
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        if let Some(redis) = &self.database.redis_url {
            command.env("LAZO_REDIS_URL", redis);
        }
        command
    }

    fn output_file(&self, stream: &str) -> PathBuf {
        self.folder
            .path()
            .join(format!("serve-{}.{stream}", self.starts))
    }

    /// The address of a path on the server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The host and port that the server listens on.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The HTTP client that all helpers share.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The database under the server.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// A folder that lives as long as the server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether the process lives.
    pub fn lives(&mut self) -> bool {
        let process = self.process.as_mut().expect("the program was started");
        process
            .try_wait()
            .expect("the program can be waited for")
            .is_none()
    }

    /// Everything that all starts so far wrote to stdout and stderr.
    pub fn output(&self) -> String {
        (1..=self.starts)
            .flat_map(|start| ["stdout", "stderr"].map(|stream| format!("serve-{start}.{stream}")))
            .filter_map(|file| fs::read(self.folder.path().join(file)).ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()
    }

    /// Asks the program to stop, as a service manager does.
    pub fn terminate(&self) {
        signal(self.process_id(), Signal::Terminate);
    }

    /// The number by which the system knows the process.
    pub fn process_id(&self) -> u32 {
        self.process.as_ref().expect("the program runs").id()
    }

    /// Waits for the end of a program that was asked to stop.
    pub async fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        let process = self.process.as_mut().expect("the program was started");
        loop {
            if let Some(status) = process.try_wait().expect("the program can be waited for") {
                self.process = None;
                return status;
            }
            assert!(
                started.elapsed() < STOPS_WITHIN,
                "the program does not stop when it is asked to"
            );
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops the program in good order and holds it to a clean end.
    pub async fn stop(&mut self) {
        self.terminate();
        let status = self.wait().await;
        assert!(
            status.success(),
            "the program ended with {status}:\n{}",
            self.output()
        );
    }

    /// Ends the program at once, as a power cut does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("the program can be killed");
            process.wait().expect("the program can be waited for");
        }
    }

    /// Starts the program again on the same database, after `stop` or `kill` or in place of them.
    pub async fn restart(&mut self) {
        self.kill();
        self.serve().await;
    }

    /// A subcommand on the server's database, to be started as the test likes.
    pub fn cli_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command();
        command.args(arguments);
        command
    }

    /// Starts a subcommand on the server's database and says nothing of its output.
    pub fn cli_started(&self, arguments: &[&str]) -> Child {
        let mut command = self.cli_command(arguments);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().expect("the subcommand starts")
    }

    /// Runs a subcommand on the server's database.
    pub async fn cli(&self, arguments: &[&str]) -> Output {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::null());
        tokio::process::Command::from(command)
            .output()
            .await
            .expect("the subcommand runs")
    }

    /// Runs a subcommand that must succeed, and gives back what it printed.
    pub async fn cli_ok(&self, arguments: &[&str]) -> String {
        let output = self.cli(arguments).await;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{arguments:?} ended with {}:\n{errors}",
            output.status
        );
        String::from_utf8(output.stdout).expect("the output is text")
    }

    async fn cli_word(&self, arguments: &[&str]) -> String {
        let printed = self.cli_ok(arguments).await;
        let word = printed.trim_end_matches('\n');
        assert!(
            !word.is_empty() && !word.contains(char::is_whitespace),
            "{arguments:?} prints the value alone, not {printed:?}"
        );
        word.to_owned()
    }

    /// Creates a source and gives back its key.
    pub async fn source(&self, name: &str, channel: &str, trusted: bool) -> String {
        let mut arguments = vec!["source", "create", "--name", name, "--channel", channel];
        if trusted {
            arguments.push("--trusted");
        }
        self.cli_word(&arguments).await
    }

    /// Creates a source and gives back a sender that holds its key.
    pub async fn sender(&self, name: &str, channel: &str, trusted: bool) -> Sender {
        let sender = Sender::new(self, self.source(name, channel, trusted).await);
        if trusted {
            sender
        } else {
            sender.told_by(&self.admin().await)
        }
    }

    /// A sender of the merchant's backend: a trusted source of the web.
    pub async fn backend(&self) -> Sender {
        self.sender("backend", "web", true).await
    }

    /// A sender of a browser: a public source, whose key anybody can read in the page.
    pub async fn browser(&self) -> Sender {
        self.sender("browser", "web", false).await
    }

    /// Creates an integration token with these scopes.
    pub async fn integration_token(&self, scopes: &[&str]) -> String {
        let mut arguments = vec!["token", "create", "--kind", "integration"];
        for scope in scopes {
            arguments.extend(["--scope", scope]);
        }
        self.cli_word(&arguments).await
    }

    /// Creates an internal token of an administrator, which outlives what tests do to the clock.
    pub async fn admin_token(&self) -> String {
        let lasting = ["--ttl", "90d"];
        let admin = ["token", "create", "--kind", "internal", "--role", "admin"];
        self.cli_word(&[admin.as_slice(), &lasting].concat()).await
    }

    /// A caller of the platform's schema who is an administrator.
    pub async fn admin(&self) -> Caller {
        self.platform(Some(self.admin_token().await))
    }

    /// A caller of the platform's schema who holds an integration token with these scopes.
    pub async fn integration(&self, scopes: &[&str]) -> Caller {
        self.platform(Some(self.integration_token(scopes).await))
    }

    /// A caller of the platform's schema, with a token or without.
    pub fn platform(&self, token: Option<String>) -> Caller {
        Caller::new(self, "/graphql", token)
    }

    /// A caller of the storefront's schema, with a token or without.
    pub fn storefront(&self, token: Option<String>) -> Caller {
        Caller::new(self, "/storefront/graphql", token)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
        if std::thread::panicking() {
            let output = self.output();
            let tail = output.len().saturating_sub(8_000);
            let tail = output.get(tail..).unwrap_or(&output);
            #[expect(
                clippy::print_stderr,
                reason = "a failed test shows what the program said"
            )]
            {
                eprintln!("--- the program's output ---\n{tail}");
            }
        }
    }
}

/// A call of the program with none of the settings that the tests themselves run under.
pub fn program(path: impl AsRef<Path>) -> Command {
    let mut command = Command::new(path.as_ref());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LAZO_") {
            command.env_remove(name);
        }
    }
    command
}

fn listening_address(text: &str) -> Option<String> {
    let (_, after) = text.split_once(LISTENING)?;
    let end = after.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':'))?;
    Some(after.get(..end)?.trim_end_matches('.').to_owned())
}
