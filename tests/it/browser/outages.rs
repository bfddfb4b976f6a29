//! A server that is killed, or slow, while pages send to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
};
use rstest::rstest;
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

use super::{Drive, Send, arrived, drive, free_port, taken, times_sent};
use crate::{PROGRAM, start};

/// What a customer did on a page of `steps.mjs`: a page, an identify, and so many steps.
#[derive(Debug, Deserialize)]
struct Walk {
    steps: u64,
    sends: Vec<Send>,
}

/// Kills the server while two customers walk through the shop, and starts it again at the same address.
async fn walk_through_an_outage(
    engine: Engine,
    client: &str,
) -> (TestServer, BTreeMap<String, Walk>) {
    let address = format!("127.0.0.1:{}", free_port().await);
    let settings = [("LAZO_LISTEN", address.as_str())];
    let mut server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let key = server.source("shop", "web", false).await;

    let mut pages = Drive::start("steps.mjs", &[client, &server.url(""), &key]);
    pages.says("under way").await;
    server.kill();
    // Longer than a page waits until a batch of calls is full enough to be sent.
    sleep(Duration::from_secs(1)).await;
    server.restart().await;

    let walks = serde_json::from_value(pages.ends().await).expect("the form of steps.mjs");
    (server, walks)
}

#[rstest]
#[tokio::test]
async fn what_customers_do_while_the_server_is_killed_and_restarted_counts_once(
    #[values("segment", "segment-batching", "snippet", "rudder", "rudder-batching")] client: &str,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, walks) = walk_through_an_outage(engine, client).await;

    let admin = server.admin().await;
    for (customer, walk) in &walks {
        let profile = admin.customer(customer).await;
        let mut steps: Vec<_> = profile
            .timeline()
            .iter()
            .filter(|touchpoint| touchpoint.name == "Step")
            .map(|touchpoint| touchpoint.properties["number"].as_u64())
            .collect();
        steps.sort_unstable();
        let each_once: Vec<_> = (0..walk.steps).map(Some).collect();
        assert_eq!(steps, each_once, "{customer}");
        assert_eq!(profile.value("plan"), json!("gold"));
        assert_eq!(profile.values("customer_id"), [customer.as_str()]);
        let mut others = profile.story();
        others.retain(|name| *name != "Step");
        others.sort_unstable();
        assert_eq!(others, ["Home", "Identify"]);
        let calls = walk.steps + 2;
        assert_eq!(u64::try_from(profile.summary.touchpoints), Ok(calls));
        let sent = times_sent(&walk.sends);
        assert_eq!(u64::try_from(sent.len()), Ok(calls));
        assert!(sent.values().any(|times| *times > 1), "it was sent again");
    }
    assert_eq!(admin.count_profiles().await, 2);
}

#[rstest]
#[tokio::test]
async fn what_jitsus_pages_were_told_is_stored_is_there_once_after_a_kill(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, walks) = walk_through_an_outage(engine, "jitsu").await;

    let admin = server.admin().await;
    for (customer, Walk { steps, sends }) in &walks {
        let sent = times_sent(sends);
        assert_eq!(u64::try_from(sent.len()), Ok(steps + 2));
        assert!(
            sent.values().all(|times| *times == 1),
            "it sends nothing again"
        );
        let profile = admin.customer(customer).await;
        let stored = profile.messages();
        let each_once: BTreeSet<_> = stored.iter().copied().collect();
        assert_eq!(stored.len(), each_once.len(), "{customer}");
        let taken = taken(sends);
        assert!(taken.len() > 2, "{customer}");
        assert!(taken.is_subset(&each_once), "{customer}");
        assert!(each_once.iter().all(|id| sent.contains_key(id)));
        assert_eq!(profile.value("plan"), json!("gold"));
    }
}

#[rstest]
#[tokio::test]
async fn what_is_answered_late_counts_once(
    #[values("segment", "segment-batching", "rudder", "rudder-batching", "jitsu")] client: &str,
) {
    let server = start(Sqlite).await;
    let key = server.source("shop", "web", false).await;

    let printed = drive("late.mjs", &[client, &server.url(""), &key]).await;

    let sends: Vec<Send> = serde_json::from_value(printed).expect("the form of late.mjs");
    let admin = server.admin().await;
    let ada = arrived(&admin, "ada", 4).await;
    let mut story = ada.story();
    story.sort_unstable();
    let expected = ["Home", "Identify", "Product Added", "Product Viewed"];
    assert_eq!(story, expected);
    assert_eq!(ada.summary.touchpoints, 4);
    assert_eq!(ada.value("plan"), json!("gold"));
    assert_eq!(admin.count_profiles().await, 1);
    let times = times_sent(&sends);
    assert_eq!(times.len(), 4);
    // The page was left before it knew that they arrived: who remembers what is on its way sends it again.
    let remembers = ["segment", "rudder", "rudder-batching"].contains(&client);
    let again = times.values().any(|times| *times > 1);
    assert_eq!(again, remembers, "{sends:?}");
}
