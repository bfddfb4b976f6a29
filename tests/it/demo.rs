//! The demo: what it prints works as it stands.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::PROGRAM;

/// The demo, running in a folder of its own; ended when dropped.
struct Demo {
    process: Child,
    folder: TempDir,
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about it then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Demo {
    fn start(folder: TempDir) -> Self {
        let output = File::create(folder.path().join("out.txt")).expect("a file for its output");
        let process = Command::new(PROGRAM)
            .arg("demo")
            .current_dir(folder.path())
            .env("LAZO_LISTEN", "127.0.0.1:0")
            .env("LAZO_LOG", "warn")
            .env_remove("LAZO_TEST_POSTGRES_URL")
            .env_remove("LAZO_TEST_REDIS_URL")
            .env_remove("LAZO_TEST_ENGINE")
            .stdout(Stdio::from(output))
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self { process, folder }
    }

    /// What it printed, once that is all there.
    fn printed(&self) -> String {
        let begun = Instant::now();
        loop {
            let text =
                std::fs::read_to_string(self.folder.path().join("out.txt")).expect("its output");
            if text.contains("3. A browser sends") && text.trim_end().ends_with('\'') {
                return text;
            }
            assert!(
                begun.elapsed() < Duration::from_mins(3),
                "the demo prints its queries: {text}"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The commands of a text: from `curl` to the end of their last line.
fn commands(text: &str) -> Vec<String> {
    text.split("\ncurl ")
        .skip(1)
        .map(|rest| format!("curl {}", rest.split("\n\n").next().unwrap_or_default()))
        .collect()
}

fn run(command: &str) -> Value {
    let output = Command::new("bash")
        .args(["-c", command])
        .output()
        .expect("bash runs");
    serde_json::from_slice(&output.stdout).expect("an answer in JSON")
}

/// The answer to the first query, as the README shows it.
fn readme_answer() -> Value {
    let readme = include_str!("../../README.md");
    let (_, first) = readme
        .split_once("### The first query")
        .expect("the first query");
    let (_, answer) = first.split_once("```json").expect("its answer");
    serde_json::from_str(answer.split("```").next().unwrap_or_default()).expect("JSON")
}

#[test]
fn the_queries_that_it_prints_answer_as_they_stand_and_a_second_start_finds_the_same() {
    let demo = Demo::start(tempfile::tempdir().unwrap());
    let text = demo.printed();
    let commands = commands(&text);
    assert_eq!(commands.len(), 3, "{text}");

    let integration = run(&commands[0]);
    assert_eq!(integration, readme_answer(), "as the README says");
    let storefront = run(&commands[1]);
    assert_eq!(storefront["errors"], Value::Null, "{storefront}");
    assert_eq!(
        storefront["data"]["viewer"]["purchases"]["nodes"]
            .as_array()
            .unwrap()
            .len(),
        3,
        "{storefront}"
    );
    let browser = run(&commands[2]);
    assert_eq!(browser["items"][0]["status"], "ACCEPTED", "{browser}");

    let page = text
        .split_whitespace()
        .find(|word| word.contains("/graphiql#"))
        .unwrap();
    let page = page.split('#').next().unwrap();
    for path in [
        "",
        "/graphiql.js",
        "/graphiql.css",
        "/react.js",
        "/react-dom.js",
        "/start.js",
    ] {
        let status = format!("curl -s -o /dev/null -w '%{{http_code}}' {page}{path}");
        assert_eq!(run(&status), 200, "{path}");
    }

    let folder = tempfile::tempdir().unwrap();
    for file in ["lazo-demo.db", "lazo-demo.db-wal", "lazo-demo.db.secret"] {
        std::fs::copy(demo.folder.path().join(file), folder.path().join(file)).unwrap();
    }
    drop(demo);
    let again = Demo::start(folder);
    let text = again.printed();
    assert!(text.contains("was there already"), "{text}");
    assert_eq!(run(&self::commands(&text)[0])["data"], integration["data"]);
}
