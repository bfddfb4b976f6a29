//! Files of profiles, touchpoints and purchases through the command line.

mod cdnow;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fs, process};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::start;

/// Writes a file into the server's folder.
fn write(server: &TestServer, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = server.folder().join(name);
    fs::write(&path, text).expect("the file is written");
    path
}

/// Imports a file from the source `import`: the exit code, and what it said.
async fn import(
    server: &TestServer,
    subject: &str,
    file: &Path,
    options: &[&str],
) -> (Option<i32>, String) {
    let path = file.to_str().expect("a path");
    let arguments = ["import", subject, path, "--source", "import"];
    let output = server.cli(&[&arguments[..], options].concat()).await;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}

async fn shop(engine: Engine) -> TestServer {
    let server = start(engine).await;
    server.source("import", "other", true).await;
    server
}

/// A file of JSON lines.
fn json_lines(lines: &[Value]) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Purchases of customers who each bought once, on one day, for one euro.
fn purchases(rows: u32) -> String {
    let mut file = String::from("customer_id,date,amount\n");
    for row in 0..rows {
        let _ = writeln!(file, "C-{row:06},2024-01-01,1.00");
    }
    file
}

async fn count_profiles(server: &TestServer) -> i64 {
    let admin = server.admin().await;
    let data = admin
        .query("{ profiles(first: 1) { totalCount } }", json!({}))
        .await;
    data["profiles"]["totalCount"].as_i64().expect("a count")
}

#[rstest]
#[tokio::test]
async fn customers_become_profiles_and_nobody_was_seen_by_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = shop(engine).await;
    let backend = server.backend().await;
    backend
        .accept(
            lazo_tests::segment::track("Opened")
                .user("C-1")
                .at("2024-05-01T00:00:00Z"),
        )
        .await;
    let file = write(
        &server,
        "customers.csv",
        "\u{FEFF}E-Mail;Customer ID;First Name;Birthday;Points;Notes\r\n\
         Ana@Example.com;C-1;Ana;03/02/1985;1.250,5;\"two\r\nlines\"\r\n",
    );
    let options = [
        "--map",
        "points=trait.points:number",
        "--map",
        "notes=trait.notes",
        "--decimal-comma",
        "--date-format",
        "%d/%m/%Y",
    ];

    let (code, told) = import(&server, "profiles", &file, &options).await;
    assert_eq!(code, Some(0), "{told}");
    let profile = server.admin().await.customer("C-1").await;

    let value = |name: &str| {
        let mut traits = profile.traits.iter();
        traits
            .find(|known| known.name == name)
            .map(|known| known.value.clone())
    };
    assert_eq!(value("firstName"), Some(json!("Ana")));
    assert_eq!(value("birthday"), Some(json!("1985-02-03")));
    assert_eq!(value("points"), Some(json!(1250.5)));
    assert_eq!(value("notes"), Some(json!("two\r\nlines")));
    let email = profile
        .identifiers
        .iter()
        .find(|known| known.namespace == "email");
    let email = email.map(|known| (known.value.as_str(), known.trust.as_str()));
    assert_eq!(email, Some(("ana@example.com", "VERIFIED")));
    assert_eq!(
        profile.summary.last_seen.as_deref(),
        Some("2024-05-01T00:00:00.000Z")
    );

    let (code, told) = import(&server, "profiles", &file, &options).await;
    assert_eq!(code, Some(0));
    assert!(told.contains("0 accepted, 1 duplicate"), "{told}");
}

#[rstest]
#[tokio::test]
async fn the_export_of_another_platform_keeps_its_times(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = shop(engine).await;
    let lines = [
        json!({ "type": "identify", "userId": "C-1", "messageId": "m-1", "timestamp": "2020-01-01T00:00:00Z", "traits": { "plan": "gold" } }),
        json!({ "type": "track", "event": "Opened", "userId": "C-1", "messageId": "m-2", "timestamp": "2020-01-02T00:00:00Z",
            "originalTimestamp": "2020-01-02T00:00:01Z", "sentAt": "2020-01-02T00:00:02Z" }),
    ];
    let file = write(&server, "export.jsonl", json_lines(&lines));

    let (code, told) = import(&server, "touchpoints", &file, &[]).await;
    assert_eq!(code, Some(0), "{told}");
    let profile = server.admin().await.customer("C-1").await;

    assert_eq!(
        profile.summary.last_seen.as_deref(),
        Some("2020-01-02T00:00:00.000Z")
    );
    assert_eq!(profile.summary.touchpoints, 2);
    assert_eq!(profile.traits.len(), 1);
}

#[rstest]
#[tokio::test]
async fn lines_of_json_become_profiles_and_purchases(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = shop(engine).await;
    let customers = [
        json!({ "customer_id": "C-1", "email": "Ana@Example.com", "first_name": "Ana", "points": 12.5, "vip": true }),
        json!({ "customer_id": "C-2", "email": "no email" }),
    ];
    let customers = write(&server, "customers.jsonl", json_lines(&customers));
    let points = ["--map", "points=trait.points", "--map", "vip=trait.vip"];
    let orders = [
        json!({ "order_id": "o1", "customer_id": "C-1", "date": "2024-01-01", "amount": 12.5, "currency": "EUR" }),
        json!({ "order_id": "o2", "customer_id": "C-1", "date": "2024-01-02", "amount": "7.50", "currency": "EUR" }),
        json!({ "order_id": "o3", "customer_id": "C-1", "date": "yesterday", "amount": 1 }),
    ];
    let orders = write(&server, "orders.jsonl", json_lines(&orders));
    let rejected = server.folder().join("rejected.jsonl");
    let named = ["--rejects", rejected.to_str().expect("a path")];

    let (_, told_of_customers) = import(&server, "profiles", &customers, &points).await;
    let (code, told) = import(&server, "purchases", &orders, &named).await;

    assert!(
        told_of_customers.contains("accepted"),
        "{told_of_customers}"
    );
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("2 accepted"), "{told}");
    assert!(told.contains("1 rejected"), "{told}");
    let ana = server.admin().await.customer("C-1").await;
    assert_eq!(ana.value("firstName"), json!("Ana"));
    assert_eq!(ana.value("points"), json!(12.5));
    assert_eq!(ana.value("vip"), json!(true));
    assert_eq!(ana.values("email"), ["ana@example.com"]);
    assert_eq!((ana.summary.orders, ana.summary.spend.minor), (2, 2_000));
    let text = fs::read_to_string(&rejected).expect("the rejected lines");
    assert_eq!(text.lines().count(), 2, "the reason, and the line: {text}");
    fs::write(&rejected, text.replace("yesterday", "2024-01-03")).expect("the file is written");

    let (code, told) = import(&server, "purchases", &rejected, &[]).await;
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = import(&server, "profiles", &customers, &points).await;
    assert!(told.contains("0 accepted"), "{code:?} {told}");
    let ana = server.admin().await.customer("C-1").await;
    assert_eq!((ana.summary.orders, ana.summary.spend.minor), (3, 2_100));
}

/// What an import writes to a terminal, or to a pipe.
async fn watched(server: &TestServer, arguments: &[&str], on_a_terminal: bool) -> String {
    let lazo = server.cli_command(arguments);
    let words: Vec<String> = std::iter::once(lazo.get_program())
        .chain(lazo.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let mut command = if on_a_terminal {
        // The program `script` runs another on a terminal of its own, and passes on what it writes there.
        let mut script = Command::new("script");
        script.args(["-q", "-e", "-c", &words.join(" "), "/dev/null"]);
        for (name, value) in lazo.get_envs() {
            match value {
                Some(value) => script.env(name, value),
                None => script.env_remove(name),
            };
        }
        script
    } else {
        lazo
    };
    command.env("TERM", "xterm").stdin(Stdio::null());
    let output = tokio::process::Command::from(command)
        .output()
        .await
        .expect("the import runs");
    let written = [output.stdout, output.stderr].concat();
    let written = String::from_utf8_lossy(&written).into_owned();
    assert!(output.status.success(), "{written}");
    written
}

#[tokio::test]
async fn a_bar_shows_how_far_it_is_on_a_terminal_alone() {
    let server = shop(Sqlite).await;
    let file = write(&server, "orders.csv", purchases(2_000));
    let path = file.to_str().expect("a path");
    let arguments = ["import", "purchases", path, "--source", "import"];

    let on_a_terminal = watched(&server, &arguments, true).await;
    let in_a_pipe = watched(&server, &arguments, false).await;

    let is_bar = |line: &str| line.contains(" %  ") && line.contains(" left");
    let shown: Vec<&str> = on_a_terminal
        .split('\r')
        .filter(|line| is_bar(line))
        .collect();
    assert!(shown.len() > 1, "{on_a_terminal:?}");
    assert!(on_a_terminal.contains("2000 accepted"), "{on_a_terminal:?}");
    assert!(!is_bar(&in_a_pipe), "{in_a_pipe:?}");
    assert!(
        !in_a_pipe.contains('\u{1B}') && !in_a_pipe.contains('\r'),
        "{in_a_pipe:?}"
    );
    assert!(in_a_pipe.contains("2000 duplicates"), "{in_a_pipe:?}");
}

#[rstest]
#[tokio::test]
async fn an_import_killed_in_the_middle_and_resumed_or_run_again_loses_and_doubles_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(true, false)] resumes: bool,
) {
    const ROWS: u32 = 3_000;
    let server = shop(engine).await;
    let mut text = purchases(ROWS);
    text.insert_str("customer_id,date,amount\n".len(), "C-bad,yesterday,1.00\n");
    let file = write(&server, "orders.csv", &text);
    let state = server.folder().join("orders.csv.import-state");
    let rejected = server.folder().join("rejected.csv");
    let options = [
        "--batch",
        "50",
        "--rejects",
        rejected.to_str().expect("a path"),
    ];
    let arguments = [
        &["import", "purchases", file.to_str().expect("a path")][..],
        &["--source", "import"],
        &options,
    ]
    .concat();

    let mut running = server.cli_started(&arguments);
    let is_under_way = || {
        let note = fs::read_to_string(&state).unwrap_or_default();
        note.contains("\"rows\":") && !note.contains("\"rows\":0,")
    };
    while !is_under_way() {
        let ended = running.try_wait().expect("the import can be waited for");
        assert_eq!(ended, None, "the import ended before it could be killed");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    running.kill().expect("the import can be killed");
    running.wait().expect("the import can be waited for");
    let before = count_profiles(&server).await;
    assert!(
        0 < before && before < i64::from(ROWS),
        "{before} were stored when the import was killed"
    );

    if resumes {
        let changed = text.replacen("1.00", "2.00", 2);
        fs::write(&file, changed).expect("the file is written");
        let (code, told) = import(
            &server,
            "purchases",
            &file,
            &[&options[..], &["--resume"]].concat(),
        )
        .await;
        assert_eq!(code, Some(1));
        assert!(told.contains("the file was changed"), "{told}");
        fs::write(&file, &text).expect("the file is written");
    }
    let again: &[&str] = if resumes { &["--resume"] } else { &[] };
    let (code, told) = import(&server, "purchases", &file, &[&options[..], again].concat()).await;

    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("3001 rows: "), "{told}");
    assert_eq!(count_profiles(&server).await, i64::from(ROWS));
    let customer = server.admin().await.customer("C-000000").await;
    assert_eq!(
        (customer.summary.orders, customer.summary.spend.minor),
        (1, 100)
    );
    let text = fs::read_to_string(&rejected).expect("the rejected rows");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        text.contains("C-bad,yesterday,1.00,2,\"column date"),
        "{text}"
    );
    assert!(!state.exists());
}

#[rstest]
#[tokio::test]
async fn rejected_rows_are_mended_and_imported_as_they_stand(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = shop(engine).await;
    let file = write(
        &server,
        "orders.csv",
        b"customer_id,date,amount\nC-1,2024-01-01,1\nC-2,2024-01-32,1\nC-3,2024-01-01,\xFF\nC-4,2024-01-01\n,2024-01-01,1\n",
    );
    let rejected = server.folder().join("rejected.csv");
    let named = ["--rejects", rejected.to_str().expect("a path")];

    let (code, told) = import(&server, "purchases", &file, &named).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("1 accepted") && told.contains("4 rejected"),
        "{told}"
    );
    for reason in [
        "column date: not a date",
        "column amount: the text is not UTF-8",
        "2 columns where the header has 3",
        "nothing says whose it is",
    ] {
        assert!(told.contains(reason), "{reason}: {told}");
    }
    let bytes = fs::read(&rejected).expect("the rejected rows");
    let text = String::from_utf8_lossy(&bytes);
    let mended = text
        .replace("2024-01-32", "2024-01-31")
        .replace('\u{FFFD}', "1")
        .replace("C-4,2024-01-01,", "C-4,2024-01-01,1,")
        .replace("\n,2024", "\nC-5,2024");
    fs::write(&rejected, mended).expect("the file is written");
    let (code, told) = import(&server, "purchases", &rejected, &[]).await;

    assert_eq!(code, Some(0), "{told}");
    assert_eq!(count_profiles(&server).await, 5);
}

#[rstest]
#[tokio::test]
async fn a_dry_run_stores_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = shop(engine).await;
    let file = write(&server, "orders.csv", purchases(20));
    let (code, told) = import(&server, "purchases", &file, &["--dry-run"]).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("20 would be accepted"), "{told}");
    assert_eq!(count_profiles(&server).await, 0);
}

#[rstest]
#[tokio::test]
async fn a_public_source_imports_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    server.source("import", "web", false).await;
    let file = write(&server, "orders.csv", purchases(1));
    let (code, told) = import(&server, "purchases", &file, &[]).await;
    assert_eq!(code, Some(1));
    assert!(
        told.contains("is public") && told.contains("--trusted"),
        "{told}"
    );
    assert_eq!(count_profiles(&server).await, 0);
}

/// The most memory that a process ever had, in kB, as Linux tells it.
fn peak_kb(process: &process::Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Imports so many rows and gives back the most memory it took, in kB.
async fn memory_of(
    server: &TestServer,
    (subject, made): (&str, fn(u32) -> String),
    rows: u32,
    options: &[&str],
) -> u64 {
    let file = write(server, &format!("{rows}.csv"), made(rows));
    let arguments = ["import", subject, file.to_str().expect("a path")];
    let mut running =
        server.cli_started(&[&arguments[..], &["--source", "import"], options].concat());
    let mut peak = 0;
    loop {
        peak = peak.max(peak_kb(&running).unwrap_or(0));
        let ended = running.try_wait().expect("the import can be waited for");
        if let Some(status) = ended {
            assert!(status.success(), "the import of {rows} rows failed");
            return peak;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn profiles(rows: u32) -> String {
    let mut file = String::from("email,first_name,city\n");
    for row in 0..rows {
        let _ = writeln!(file, "customer-{row}@example.com,Name {row},Sevilla");
    }
    file
}

/// With `LAZO_TEST_LARGE_IMPORT` a file of 200,000 rows is imported; else a tenth of it is read.
#[tokio::test]
async fn memory_does_not_grow_with_the_file() {
    let server = shop(Sqlite).await;
    let is_large = std::env::var_os("LAZO_TEST_LARGE_IMPORT").is_some();
    let (few, many, options): (_, _, &[&str]) = if is_large {
        (20_000, 200_000, &[])
    } else {
        (2_000, 20_000, &["--dry-run"])
    };
    let rows = ("profiles", profiles as fn(u32) -> String);
    let small = memory_of(&server, rows, few, options).await;
    let large = memory_of(&server, rows, many, options).await;
    assert!(small > 0, "Linux tells how much memory a process has");
    // What the file of many rows is longer would show: each row takes more than 200 bytes once it is read.
    let allowed = if is_large { 24_000 } else { 4_000 };
    assert!(
        large < small + allowed,
        "{few} rows took {small} kB, {many} rows {large} kB"
    );
}

#[tokio::test]
async fn memory_grows_by_eighty_bytes_with_each_purchase_without_an_order_id() {
    const FEW: u32 = 2_000;
    const MANY: u32 = 60_000;
    let server = shop(Sqlite).await;
    let rows = ("purchases", purchases as fn(u32) -> String);
    let small = memory_of(&server, rows, FEW, &["--dry-run"]).await;
    let large = memory_of(&server, rows, MANY, &["--dry-run"]).await;
    assert!(small > 0, "Linux tells how much memory a process has");
    let allowed = 4_000 + u64::from(MANY - FEW) * 80 / 1_000;
    assert!(
        large < small + allowed,
        "{FEW} rows took {small} kB, {MANY} rows {large} kB"
    );
}

#[rstest]
#[tokio::test]
async fn a_file_comes_from_standard_input_too(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = shop(engine).await;
    let file = write(&server, "orders.csv", purchases(3));
    let input = fs::File::open(file).expect("the file is there");
    let mut command = server.cli_command(&[
        "import",
        "purchases",
        "-",
        "--format",
        "csv",
        "--source",
        "import",
    ]);
    command.stdin(input).stderr(Stdio::piped());
    let output = tokio::process::Command::from(command)
        .output()
        .await
        .expect("the import runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(count_profiles(&server).await, 3);
}
