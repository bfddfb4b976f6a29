//! Bad input from pages: the page lives on, sends nothing for ever, and what was good is stored. A page that fails makes the program
//! fail that drives it.

use lazo_tests::Engine::{self, Postgres, Sqlite};
use rstest::rstest;
use serde_json::json;

use super::{Send, drive, quarantined, times_sent};
use crate::start;

#[rstest]
#[tokio::test]
async fn a_page_with_a_wrong_key_is_told_once_and_stores_nothing(
    #[values(
        "segment",
        "segment-batching",
        "snippet",
        "rudder",
        "rudder-batching",
        "jitsu"
    )]
    client: &str,
) {
    let server = start(Sqlite).await;

    let arguments = [client, &server.url(""), "lazo_src_unknown"];
    let printed = drive("mistakes.mjs", &arguments).await;

    let sends: Vec<Send> = serde_json::from_value(printed).expect("the form of mistakes.mjs");
    for send in &sends {
        assert_eq!(send.status, Some(401), "{send:?}");
    }
    let times = times_sent(&sends);
    assert_eq!(times.len(), 4);
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    assert_eq!(server.admin().await.count_profiles().await, 0);
}

#[rstest]
#[tokio::test]
async fn one_bad_event_of_a_page_waits_in_quarantine_and_the_others_count(
    #[values(
        "segment",
        "segment-batching",
        "snippet",
        "rudder",
        "rudder-batching",
        "jitsu"
    )]
    client: &str,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let key = server.source("shop", "web", false).await;

    let arguments = [client, &server.url(""), &key, "bad-event"];
    let printed = drive("mistakes.mjs", &arguments).await;

    let sends: Vec<Send> = serde_json::from_value(printed).expect("the form of mistakes.mjs");
    for send in &sends {
        assert_eq!(send.status, Some(200), "{send:?}");
    }
    let times = times_sent(&sends);
    assert_eq!(times.len(), 4);
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    let admin = server.admin().await;
    let ada = admin.customer("ada").await;
    let mut story = ada.story();
    story.sort_unstable();
    assert_eq!(story, ["Home", "Identify", "Product Added"]);
    assert_eq!(ada.value("plan"), json!("gold"));
    assert_eq!(quarantined(&admin).await, ["UNREADABLE"]);
}
