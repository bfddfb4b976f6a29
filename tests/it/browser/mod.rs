//! The unmodified client libraries of browsers, in a real browser on pages of another origin, against the running server.

mod calls;
mod mistakes;
mod outages;
mod storefront;
mod visits;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use lazo_tests::{graphql::Caller, profile::Profile};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
};

/// For what a page sends while it closes, and nobody waits for.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// A request of a page with messages in it.
#[derive(Clone, Debug, Deserialize)]
struct Send {
    ids: Vec<String>,
    /// What the page was answered; nothing if no answer came.
    status: Option<u16>,
}

/// A program that drives the browser.
struct Drive {
    program: String,
    process: Child,
    stdout: BufReader<tokio::process::ChildStdout>,
}

impl Drive {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients/browser");
        assert!(
            folder.join("node_modules/playwright-core").exists(),
            "the client libraries are not installed: ./tests/run does it, or `npm ci` in tests/clients/browser"
        );
        let mut process = Command::new("node")
            .arg(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Node runs");
        let stdout = process.stdout.take().expect("a pipe");
        Self {
            program: program.to_owned(),
            process,
            stdout: BufReader::new(stdout),
        }
    }

    /// Waits until it says this.
    async fn says(&mut self, expected: &str) {
        let mut line = String::new();
        self.stdout.read_line(&mut line).await.expect("text");
        if line.trim_end() != expected {
            let errors = self.errors().await;
            panic!("{} says {line:?}: {errors}", self.program);
        }
    }

    /// Waits for its end, and gives back what it printed last.
    async fn ends(mut self) -> Value {
        let mut printed = String::new();
        self.stdout
            .read_to_string(&mut printed)
            .await
            .expect("text");
        let errors = self.errors().await;
        let status = self.process.wait().await.expect("it can be waited for");
        assert!(status.success(), "{} failed: {errors}", self.program);
        serde_json::from_str(&printed).expect("the program prints JSON")
    }

    async fn errors(&mut self) -> String {
        let mut errors = String::new();
        let stderr = self.process.stderr.as_mut().expect("a pipe");
        stderr.read_to_string(&mut errors).await.expect("text");
        errors
    }
}

/// Runs one of the programs that drive the browser, and gives back what it printed.
async fn drive(program: &str, arguments: &[&str]) -> Value {
    Drive::start(program, arguments).ends().await
}

/// The customer's profile, once all that was sent has arrived.
async fn arrived(admin: &Caller, customer: &str, touchpoints: i64) -> Profile {
    let started = Instant::now();
    loop {
        let profile = admin.customer(customer).await;
        if profile.summary.touchpoints >= touchpoints || started.elapsed() > ARRIVES_WITHIN {
            return profile;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How often each message was sent.
fn times_sent(sends: &[Send]) -> BTreeMap<&str, usize> {
    let mut times = BTreeMap::new();
    for id in sends.iter().flat_map(|send| &send.ids) {
        *times.entry(id.as_str()).or_insert(0) += 1;
    }
    times
}

/// The messages that the page was told are stored.
fn taken(sends: &[Send]) -> BTreeSet<&str> {
    let taken = sends.iter().filter(|send| send.status == Some(200));
    taken
        .flat_map(|send| send.ids.iter().map(String::as_str))
        .collect()
}

/// The codes of what waits in quarantine.
async fn quarantined(admin: &Caller) -> Vec<String> {
    let document = "{ quarantine(first: 50) { nodes { code } } }";
    let data = admin.query(document, json!({})).await;
    let nodes = data["quarantine"]["nodes"].as_array().expect("a list");
    let codes = nodes.iter().filter_map(|node| node["code"].as_str());
    codes.map(ToOwned::to_owned).collect()
}

/// A port that was free a moment ago.
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("its address").port()
}
