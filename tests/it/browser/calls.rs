//! Each call that a client library has, and the link that makes one of itself.

use lazo_tests::Engine::{self, Postgres, Sqlite};
use rstest::rstest;
use serde::Deserialize;
use serde_json::json;

use super::{Send, drive, times_sent};
use crate::start;

/// What the pages of `calls.mjs` tell.
#[derive(Debug, Deserialize)]
struct Calls {
    ada: Ada,
    berta: Berta,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ada {
    anonymous_id: String,
    sends: Vec<Send>,
}

#[derive(Debug, Deserialize)]
struct Berta {
    sends: Vec<Send>,
}

#[rstest]
#[tokio::test]
async fn each_call_of_a_browser_does_what_it_says(
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

    let printed = drive("calls.mjs", &[client, &server.url(""), &key]).await;

    let calls: Calls = serde_json::from_value(printed).expect("the form of calls.mjs");
    let library = client.split('-').next().expect("a name");
    let expected: &[&str] = match library {
        // Jitsu's library has neither `alias` nor `screen`, RudderStack's has no `screen`.
        "jitsu" => &["Group", "Home", "Identify", "Product Viewed"],
        "rudder" => &["Alias", "Group", "Home", "Identify", "Product Viewed"],
        _ => &[
            "Alias",
            "Alias",
            "Group",
            "Home",
            "Identify",
            "Main",
            "Product Viewed",
        ],
    };
    let admin = server.admin().await;
    let ada = admin.customer("ada").await;
    let mut story = ada.story();
    story.sort_unstable();
    assert_eq!(story, expected);
    assert_eq!(times_sent(&calls.ada.sends).len(), expected.len());
    assert_eq!(ada.values("customer_id"), ["ada"], "nobody else is she");
    assert_eq!(
        ada.values("anonymous_id"),
        [calls.ada.anonymous_id.as_str()]
    );
    assert_eq!(ada.value("plan"), json!("gold"));

    assert_eq!(admin.count_profiles().await, 2);
    if library == "jitsu" {
        // It pays no heed to such a link.
        assert_eq!(times_sent(&calls.berta.sends).len(), 1);
        return;
    }
    let berta = admin.customer("berta").await;
    let mut story = berta.story();
    story.sort_unstable();
    assert_eq!(story, ["Campaign Opened", "Identify", "Landing"]);
    assert_eq!(berta.value("plan"), json!("silver"));
    assert_eq!(berta.values("anonymous_id"), ["device-berta"]);
    let claimed = &berta.identifier("customer_id", "berta").trust;
    assert_eq!(claimed, "CLAIMED", "anybody can write such a link");
}
