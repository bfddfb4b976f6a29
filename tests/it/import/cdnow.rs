//! A real purchase log (the CDNOW data of Fader and Hardie) through the command line.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    graphql::Caller,
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::start;

/// Orders and minor units spent, by customer.
type Sums = BTreeMap<String, (i64, i64)>;

fn log() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/cdnow_transactions.csv")
}

fn minor_units(decimal: &str) -> i64 {
    let (units, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    format!("{units}{fraction:0<2}").parse().expect("an amount")
}

fn sums_of_the_file() -> Sums {
    let mut sums = Sums::new();
    let mut reader = csv::Reader::from_path(log()).expect("the log");
    for record in reader.records() {
        let record = record.expect("a row");
        let sum = sums.entry(record[0].to_owned()).or_default();
        sum.0 += 1;
        sum.1 += minor_units(&record[4]);
    }
    sums
}

async fn sums_of_the_profiles(admin: &Caller) -> Sums {
    let mut sums = Sums::new();
    let mut after = Value::Null;
    loop {
        let data = admin
            .query(
                "query($after: String) { profiles(first: 100, after: $after) {
                    nodes { identifiers { namespace value } summary { orders spend { minor } } }
                    pageInfo { hasNextPage endCursor } } }",
                json!({ "after": after }),
            )
            .await;
        let page = &data["profiles"];
        for node in page["nodes"].as_array().expect("a page") {
            let identifiers = node["identifiers"].as_array().expect("identifiers");
            assert_eq!(identifiers.len(), 1);
            let customer = identifiers[0]["value"].as_str().expect("an id").to_owned();
            let orders = node["summary"]["orders"].as_i64().expect("a count");
            let spend = node["summary"]["spend"]["minor"].as_i64().expect("a sum");
            assert_eq!(
                sums.insert(customer, (orders, spend)),
                None,
                "a customer twice"
            );
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return sums;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[rstest]
#[tokio::test]
async fn counts_and_sums_equal_the_files_and_a_second_import_changes_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let source = server.source("shop", "store", true).await;
    let admin = server.admin().await;
    let file = log();
    let arguments = [
        "import",
        "purchases",
        file.to_str().expect("a path"),
        "--source",
        source.as_str(),
    ];
    let expected = sums_of_the_file();
    assert_eq!(expected.len(), 2_357);
    assert_eq!(expected.values().map(|sum| sum.0).sum::<i64>(), 6_919);

    server.cli_ok(&arguments).await;
    let first = sums_of_the_profiles(&admin).await;
    server.cli_ok(&arguments).await;
    let second = sums_of_the_profiles(&admin).await;

    assert!(
        first == expected,
        "the sums of the profiles are not those of the file"
    );
    assert!(second == expected, "a second import changes the sums");
}

#[rstest]
#[tokio::test]
async fn an_import_never_moves_last_seen_backwards_and_tells_of_bad_rows(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let source = server.source("shop", "store", true).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    backend
        .accept(lazo_tests::segment::track("Opened").user("0007"))
        .await;
    let before = admin.customer("0007").await;
    let file = server.folder().join("log.csv");
    let rows = "customer_id,sample_id,date,cds,dollars\n\
                0007,1,2020-01-01,2,10.50\n\
                0007,1,2020-13-45,2,10.50\n\
                0007,1,2020-01-02,2,ten\n\
                0007,1,2020-01-03,1,0.10\n";
    fs::write(&file, rows).expect("the file is written");
    let path = file.to_str().expect("a path");

    let output = server
        .cli(&["import", "purchases", path, "--source", &source])
        .await;

    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "bad rows show in the exit code");
    assert!(
        told.contains('3') && told.contains('4'),
        "the lines are named: {told}"
    );
    // Another process has written: the server shows it within a second.
    let written = Instant::now();
    let mut after = admin.customer("0007").await;
    while after.summary.orders == 0 && written.elapsed() < Duration::from_secs(2) {
        sleep(Duration::from_millis(50)).await;
        after = admin.customer("0007").await;
    }
    assert_eq!(after.summary.last_seen, before.summary.last_seen);
    assert_eq!(after.summary.orders, 2);
    assert_eq!(after.summary.spend.minor, 1_060);
}

#[rstest]
#[case::no_such_file("nowhere.csv", "unused")]
#[case::no_such_source("", "unknown")]
#[tokio::test]
async fn an_import_that_cannot_begin_fails_with_a_sentence(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] file: &str,
    #[case] source: &str,
) {
    let server = start(engine).await;
    let file = if file.is_empty() {
        log()
    } else {
        PathBuf::from(file)
    };

    let output = server
        .cli(&[
            "import",
            "purchases",
            file.to_str().expect("a path"),
            "--source",
            source,
        ])
        .await;

    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    assert!(!output.stderr.is_empty());
}
