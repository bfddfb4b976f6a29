//! The unmodified client libraries of the field against the running server.

mod bad_input;
mod delivery;
mod encoding;
mod scenario;

use std::{path::PathBuf, process::Stdio, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

/// After this a client is held to send again for ever.
const ENDS_WITHIN: Duration = Duration::from_mins(2);

/// A client library of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    SegmentNode,
    SegmentNode6,
    RudderNode,
    SegmentPython,
    RudderPython,
    Jitsu,
}

/// What a client is given.
#[derive(Clone, Debug)]
struct Task {
    host: String,
    write_key: String,
    calls: Vec<Value>,
    flush_at: usize,
    timeout: Option<Duration>,
    gzip: Option<bool>,
    handles_errors: bool,
}

/// What came of it.
#[derive(Debug)]
struct Played {
    code: Option<i32>,
    errors: Vec<String>,
    output: String,
}

impl Client {
    /// Jitsu's client sends each event once, under an id and a time of its own, and has no `screen` and no `alias`.
    fn is_jitsu(self) -> bool {
        self == Self::Jitsu
    }

    /// Whether it sends again what was not answered in time; the older libraries of Node wait for ever, or give up.
    fn retries_after_timeout(self) -> bool {
        matches!(
            self,
            Self::SegmentNode | Self::SegmentPython | Self::RudderPython
        )
    }

    fn command(self) -> Command {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients");
        let (interpreter, script) = match self {
            Self::SegmentNode => ("node", "segment_node.mjs"),
            Self::SegmentNode6 => ("node", "segment_node_6.mjs"),
            Self::RudderNode => ("node", "rudder_node.mjs"),
            Self::Jitsu => ("node", "jitsu_server.mjs"),
            Self::SegmentPython => ("python", "segment_python.py"),
            Self::RudderPython => ("python", "rudder_python.py"),
        };
        let (installed, program) = if interpreter == "node" {
            (
                folder.join("node_modules/.package-lock.json"),
                "node".into(),
            )
        } else {
            let python = folder.join(".venv/bin/python");
            (python.clone(), python)
        };
        assert!(
            installed.exists(),
            "the client libraries are not installed: ./tests/run does it"
        );
        let mut command = Command::new(program);
        command.arg(script).current_dir(folder);
        command
    }

    /// Runs the program that drives the library to its end.
    async fn play(self, task: &Task) -> Played {
        let mut process = self
            .command()
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let mut input = process.stdin.take().expect("a pipe");
        let written = serde_json::to_vec(&task.as_json()).expect("JSON");
        input.write_all(&written).await.expect("it reads its task");
        drop(input);
        let output = timeout(ENDS_WITHIN, process.wait_with_output())
            .await
            .expect("the client ends: it sends nothing again for ever")
            .expect("the program can be waited for");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let stdout = text(&output.stdout);
        Played {
            code: output.status.code(),
            errors: errors(&stdout),
            output: stdout + &text(&output.stderr),
        }
    }
}

impl Task {
    fn new(host: String, key: &str, calls: Vec<Value>) -> Self {
        Self {
            host,
            write_key: key.to_owned(),
            calls,
            flush_at: 6,
            timeout: None,
            gzip: None,
            handles_errors: true,
        }
    }

    fn as_json(&self) -> Value {
        let mut task = json!({
            "host": self.host,
            "writeKey": self.write_key,
            "calls": self.calls,
            "flushAt": self.flush_at,
            "handlesErrors": self.handles_errors,
        });
        if let Some(timeout) = self.timeout {
            task["timeout"] = u64::try_from(timeout.as_millis())
                .expect("a short time")
                .into();
        }
        if let Some(gzip) = self.gzip {
            task["gzip"] = gzip.into();
        }
        task
    }
}

impl Played {
    /// Holds the client's process to have ended well.
    #[track_caller]
    fn survived(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.output);
        self
    }

    /// Holds it to have ended well, and to have told its program of no error.
    #[track_caller]
    fn succeeded(self) {
        let played = self.survived();
        assert!(
            played.errors.is_empty(),
            "{:?}\n{}",
            played.errors,
            played.output
        );
    }

    /// Holds it to have ended well, and to have told its program that something was not taken.
    #[track_caller]
    fn told_of_errors(self) {
        let played = self.survived();
        assert!(!played.errors.is_empty(), "{}", played.output);
    }
}

/// What the last line of a program says; nothing if it did not come so far.
fn errors(stdout: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct Last {
        errors: Vec<String>,
    }
    stdout
        .lines()
        .last()
        .and_then(|line| serde_json::from_str::<Last>(line).ok())
        .map(|last| last.errors)
        .unwrap_or_default()
}
