//! The demo: what it prints works as it stands.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
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

const README: &str = include_str!("../../README.md");

/// Where the README says that the demo is.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// The blocks of a language in a section of the README, and what stands under it.
fn blocks(section: &str, language: &str) -> Vec<&'static str> {
    let (_, text) = README.split_once(section).expect("the section");
    let text = text.split("\n## ").next().unwrap_or_default();
    let begin = format!("```{language}\n");
    let blocks = text.split(&begin).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap_or_default())
        .collect()
}

/// What a shell prints that runs a script.
fn shell(script: &str) -> String {
    let output = Command::new("bash").args(["-c", script]).output();
    String::from_utf8(output.expect("bash runs").stdout).expect("text")
}

/// Asks what is written on one page.
fn ask(address: &str, token: &str, query: &str) -> Value {
    let body = json!({ "query": query }).to_string();
    let authorization = format!("Authorization: Bearer {token}");
    let output = Command::new("curl")
        .args(["-s", &format!("{address}/graphql"), "-H", &authorization])
        .args(["-H", "Content-Type: application/json", "-d", &body])
        .output()
        .expect("curl runs");
    serde_json::from_slice(&output.stdout).expect("an answer in JSON")
}

/// The answer to the first query, as the README shows it.
fn readme_answer() -> Value {
    let (_, first) = README
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

#[test]
fn what_the_readme_shows_of_segments_scores_and_the_lifecycle_answers_as_it_stands() {
    let demo = Demo::start(tempfile::tempdir().unwrap());
    let text = demo.printed();
    let words = || text.split(|character: char| character.is_whitespace() || character == '\'');
    let token = words().find(|word| word.starts_with("lazo_int_")).unwrap();
    let (page, admin) = words()
        .find_map(|word| word.split_once("/graphiql#token="))
        .unwrap();

    // The queries of GraphiQL.
    for section in ["## Lifecycle and pyramid", "## Scores and computed traits"] {
        let queries = blocks(section, "graphql");
        assert!(!queries.is_empty(), "{section}");
        for query in queries {
            let answer = ask(page, admin, query);
            assert_eq!(answer["errors"], Value::Null, "{query}: {answer}");
            assert!(!answer.to_string().contains("\"message\""), "{answer}");
        }
    }

    // The conditions hold for somebody, and no name in them is unknown.
    let (_, conditions) = README.split_once("as text or as a tree:\n\n```\n").unwrap();
    let conditions = conditions.split("\n```").next().unwrap();
    assert_eq!(conditions.lines().count(), 3);
    for condition in conditions.lines() {
        let condition = json!(condition);
        let query = format!(
            "{{ segmentPreview(source: {{ text: {condition} }}) {{ count warnings {{ message }} userErrors {{ message }} }} }}"
        );
        let answer = ask(page, token, &query);
        let preview = &answer["data"]["segmentPreview"];
        assert!(preview["count"].as_u64() > Some(0), "{condition}: {answer}");
        assert_eq!(preview["warnings"], json!([]), "{condition}");
    }

    // The commands, one after the other, in two terminals with the same variables.
    let commands = blocks("## Segments", "sh");
    let [variables, explain, listen, decide] = commands.as_slice() else {
        panic!("{commands:?}")
    };
    let script = format!(
        "TOKEN={token}\n{variables}\n{explain}\necho\n{} > events.txt &\nSTREAM=$!\nsleep 2\n\
         {decide}\nsleep 2\nkill $STREAM\necho\ncat events.txt\n",
        listen.trim_end()
    );
    let script = script.replace(ADDRESS, page);
    let printed = shell(&format!("cd '{}'\n{script}", demo.folder.path().display()));
    let lines: Vec<&str> = printed.lines().collect();
    let shown = blocks("## Segments", "json");
    let shown: Value = serde_json::from_str(shown[0]).unwrap();
    let explained: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(explained["data"], shown["data"], "{printed}");
    assert!(lines[1].contains("\"userErrors\":[]"), "{printed}");
    assert!(
        printed.contains("event: next") && printed.contains("\"cause\":\"PERSON\""),
        "{printed}"
    );
}
