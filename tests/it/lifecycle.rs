//! Lifecycle stages and the pyramid of a real purchase log (the CDNOW data of Fader and Hardie), computed in another way before.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    clock::DAY,
    graphql::Caller,
    segment::{identify, track},
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{PROGRAM, trusted};

/// How many there are by the name of where they are; places where nobody is are left out.
type Counts = BTreeMap<String, i64>;

fn counts(expected: &[(&str, i64)]) -> Counts {
    let expected = expected.iter();
    expected
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

async fn of(admin: &Caller, query: &str, value: &str, as_of: Option<&str>) -> Counts {
    let document = format!(
        "query($asOf: DateTime) {{ {query}(asOf: $asOf) {{ {value} count revenue {{ minor }} }} }}"
    );
    let data = admin.query(&document, json!({ "asOf": as_of })).await;
    let shares = data[query].as_array().expect("shares").iter();
    let shares = shares.map(|share| {
        let name = share[value].as_str().expect("a name").to_owned();
        (name, share["count"].as_i64().expect("a count"))
    });
    shares.filter(|(_, count)| *count > 0).collect()
}

/// Waits until all profiles are decided by changed rules, which shows in how many are where.
async fn settled(admin: &Caller, query: &str, value: &str, as_of: Option<&str>, expected: &Counts) {
    let begun = Instant::now();
    loop {
        let found = of(admin, query, value, as_of).await;
        if found == *expected {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "{as_of:?} {found:?}"
        );
        sleep(Duration::from_millis(200)).await;
    }
}

async fn rules(admin: &Caller, input: Value) {
    let selection =
        "rules { populationGap boundaries { top { minor } large { minor } medium { minor } } }";
    admin.mutate("lifecycleRulesUpdate", selection, input).await;
}

#[rstest]
#[tokio::test]
async fn stages_and_levels_of_a_real_log_are_those_computed_from_the_file(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let settings = [("LAZO_DEPLOYMENT__TIME_ZONE", "UTC")];
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let source = server.source("shop", "store", true).await;
    let admin = server.admin().await;
    let log = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/cdnow_transactions.csv");
    let log = log.to_str().expect("a path");
    server
        .cli_ok(&["import", "purchases", log, "--source", source.as_str()])
        .await;

    let selection = "rules { populationGap boundaries { top { minor } } }";
    let measured = admin.mutate("lifecycleMeasure", selection, json!({})).await;
    let none_bought_lately = json!({ "populationGap": "34d", "boundaries": null });
    assert_eq!(measured["rules"], none_bought_lately);
    let stages = [
        (
            "1998-06-30T00:00:00Z",
            counts(&[
                ("ACTIVE", 191),
                ("LOSING_INTEREST", 177),
                ("LOST", 1_846),
                ("RECOVERED", 143),
            ]),
        ),
        (
            "1997-03-31T00:00:00Z",
            counts(&[
                ("NEW", 693),
                ("ACTIVE", 823),
                ("LOSING_INTEREST", 839),
                ("LOST", 2),
            ]),
        ),
        (
            "1997-06-30T00:00:00Z",
            counts(&[
                ("ACTIVE", 244),
                ("LOSING_INTEREST", 296),
                ("LOST", 1_711),
                ("RECOVERED", 106),
            ]),
        ),
    ];
    for (at, expected) in &stages {
        settled(&admin, "lifecycle", "stage", Some(at), expected).await;
    }
    assert_eq!(
        of(&admin, "lifecycle", "stage", None).await,
        counts(&[("LOST", 2_357)])
    );
    migrates(&admin, &stages).await;

    let end = Some("1998-06-30T00:00:00Z");
    let within_a_year = counts(&[("SMALL", 812), ("INACTIVE", 1_545)]);
    settled(&admin, "pyramid", "level", end, &within_a_year).await;
    rules(&admin, json!({ "pyramidPeriod": "180d" })).await;
    let within_half_a_year = counts(&[("SMALL", 514), ("INACTIVE", 1_843)]);
    settled(&admin, "pyramid", "level", end, &within_half_a_year).await;

    // The levels of all that was ever bought.
    rules(&admin, json!({ "pyramidPeriod": "36525d" })).await;
    admin.mutate("lifecycleMeasure", selection, json!({})).await;
    let levels = counts(&[
        ("TOP", 24),
        ("LARGE", 94),
        ("MEDIUM", 354),
        ("SMALL", 1_885),
    ]);
    settled(&admin, "pyramid", "level", None, &levels).await;
    let document = "{ pyramid { level revenueShare revenue { minor } } }";
    let data = admin.query(document, json!({})).await;
    let pyramid = data["pyramid"].as_array().expect("levels");
    let revenue = pyramid.iter().map(|one| one["revenue"]["minor"].as_i64());
    assert_eq!(revenue.sum::<Option<i64>>(), Some(24_409_194));
    let share = |place: usize| pyramid[place]["revenueShare"].as_f64().expect("a share");
    assert!((share(0) - 0.145_5).abs() < 0.000_1, "{}", share(0));
    let fifth = share(0) + share(1) + share(2);
    assert!((fifth - 0.674_5).abs() < 0.000_1, "{fifth}");
}

/// The rows and the columns of the matrix add up to the stages at its two dates.
async fn migrates(admin: &Caller, stages: &[(&str, Counts)]) {
    let (end, at_the_end) = &stages[0];
    let (beginning, at_the_beginning) = &stages[1];
    let document = "query($from: DateTime!, $to: DateTime!) {
        lifecycleMigration(from: $from, to: $to) { from to count } }";
    let variables = json!({ "from": beginning, "to": end });
    let data = admin.query(document, variables).await;
    let (mut left, mut came) = (Counts::new(), Counts::new());
    for cell in data["lifecycleMigration"].as_array().expect("cells") {
        let count = cell["count"].as_i64().expect("a count");
        let name = |field: &str| cell[field].as_str().expect("a stage").to_owned();
        *left.entry(name("from")).or_default() += count;
        *came.entry(name("to")).or_default() += count;
    }
    assert_eq!((&left, &came), (at_the_beginning, at_the_end));
}

#[rstest]
#[tokio::test]
async fn a_stage_ends_at_its_time_with_nothing_happening(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, _) = trusted(engine).await;
    // Its token does not end while the clock is moved.
    let reader = server.integration(&["profiles:read"]).await;
    let order = json!({ "order_id": "o1", "revenue": 10, "currency": "EUR" });
    backend.accept(identify().user("ada")).await;
    let ordered = track("Order Completed").user("ada").properties(order);
    backend.accept(ordered).await;
    let standing = async || {
        let document =
            r#"{ profile(by: { customerId: "ada" }) { stage level stageCause { sentence } } }"#;
        reader.query(document, json!({})).await["profile"].clone()
    };
    assert_eq!(standing().await["stage"], "NEW");
    let expected = [(31, "ACTIVE"), (91, "LOSING_INTEREST"), (181, "LOST")];
    for (days, stage) in expected {
        server.move_clock(days * DAY).await;
        let begun = Instant::now();
        while standing().await["stage"] != stage {
            assert!(begun.elapsed() < Duration::from_secs(20), "{stage}");
            sleep(Duration::from_millis(100)).await;
        }
    }
    assert_eq!(standing().await["level"], "SMALL");
}
