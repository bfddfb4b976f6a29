//! Bad input gets the answer that each client treats as it should: its process lives on, sends nothing again for ever, and what was
//! good is stored. Where the engine has no say, on the embedded one alone.

use std::collections::BTreeSet;

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    clock::{DAY, MINUTE, milliseconds},
    fault_proxy::{FaultProxy, Spoil},
    graphql::Caller,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    Client::{self, Jitsu, RudderNode, RudderPython, SegmentNode, SegmentNode6, SegmentPython},
    Task, scenario,
};
use crate::{PROGRAM, start};

const FOUR_YEARS: i64 = 4 * 365 * DAY;

#[rstest]
#[tokio::test]
async fn a_wrong_key_is_told_once_and_stores_nothing(
    #[values(
        SegmentNode,
        SegmentNode6,
        RudderNode,
        SegmentPython,
        RudderPython,
        Jitsu
    )]
    client: Client,
) {
    let server = start(Sqlite).await;
    let proxy = FaultProxy::start(&server, Spoil::Nothing).await;
    let task = Task::new(proxy.url(), "lazo_src_unknown", scenario::calls(client));

    client.play(&task).await.told_of_errors();

    let deliveries = proxy.deliveries();
    let mut seen = BTreeSet::new();
    for delivery in &deliveries {
        assert_eq!(delivery.status, Some(401));
        assert!(seen.insert(&delivery.messages), "sent again: {delivery:?}");
    }
    assert!(!deliveries.is_empty());
    assert_eq!(server.admin().await.count_profiles().await, 0);
}

#[rstest]
#[tokio::test]
async fn a_body_over_the_limit_is_lost_alone(
    #[values(
        SegmentNode,
        SegmentNode6,
        RudderNode,
        SegmentPython,
        RudderPython,
        Jitsu
    )]
    client: Client,
) {
    let limit = [("LAZO_LIMITS__BODY_BYTES", "40960")];
    let server = TestServer::start_with(Sqlite, PROGRAM, &limit).await;
    let key = server.source("shop", "web", true).await;
    let proxy = FaultProxy::start(&server, Spoil::Nothing).await;
    let track = |event: &str, filler: usize| {
        let properties = json!({ "filler": "a".repeat(filler) });
        json!({ "call": "track", "userId": "ada", "event": event, "properties": properties })
    };
    // Only Jitsu's client sends each event by itself; the others refuse one that is larger than this, and send them together.
    let large = if client.is_jitsu() {
        vec![track("Large", 70_000)]
    } else {
        vec![track("Large", 30_000); 4]
    };
    let mut calls = vec![track("Before", 1), json!({ "call": "flush" })];
    calls.extend(large);
    calls.extend([json!({ "call": "flush" }), track("After", 1)]);
    let task = Task {
        flush_at: 50,
        ..Task::new(proxy.url(), &key, calls)
    };

    client.play(&task).await.told_of_errors();

    let deliveries = proxy.deliveries();
    let refused: Vec<_> = deliveries
        .iter()
        .filter(|delivery| delivery.status == Some(413))
        .map(|delivery| &delivery.messages)
        .collect();
    let different: BTreeSet<_> = refused.iter().collect();
    assert!(!refused.is_empty());
    assert_eq!(different.len(), refused.len(), "told once: {refused:?}");
    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.story().first(), Some(&"Before"));
    assert_eq!(ada.story().last(), Some(&"After"));
    assert_eq!(ada.messages(), taken(&proxy), "what was answered with 200");
}

#[rstest]
#[tokio::test]
async fn one_bad_event_of_a_hundred_waits_in_quarantine_and_the_others_count(
    #[values(
        SegmentNode,
        SegmentNode6,
        RudderNode,
        SegmentPython,
        RudderPython,
        Jitsu
    )]
    client: Client,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let key = server.source("shop", "web", true).await;
    let deep = (0..40).fold(json!(1), |inner, _| json!({ "deeper": inner }));
    let calls = (0..100).map(|number| {
        let number = if number == 50 { &deep } else { &json!(number) };
        json!({ "call": "track", "userId": "ada", "event": "Opened", "properties": { "number": number } })
    });
    // The older libraries of Node end the whole process of a program that has no handler, when a batch is refused.
    let task = Task {
        flush_at: 100,
        handles_errors: false,
        ..Task::new(server.url(""), &key, calls.collect())
    };

    client.play(&task).await.succeeded();

    let admin = server.admin().await;
    assert_eq!(admin.customer("ada").await.summary.touchpoints, 99);
    assert_eq!(quarantined(&admin).await, ["UNREADABLE"]);
}

#[rstest]
#[tokio::test]
async fn a_clock_that_is_years_off_changes_no_time(
    #[values(
        SegmentNode,
        SegmentNode6,
        RudderNode,
        SegmentPython,
        RudderPython,
        Jitsu
    )]
    client: Client,
) {
    let server = start(Sqlite).await;
    let key = server.source("shop", "web", true).await;

    for (customer, skew) in [("ada", FOUR_YEARS), ("berta", -FOUR_YEARS)] {
        // That the client's clock is behind, or the server's ahead, is the same.
        server.move_clock(skew).await;
        let calls = vec![
            json!({ "call": "identify", "userId": customer, "traits": { "plan": "pro" } }),
            json!({ "call": "track", "userId": customer, "event": "Opened", "properties": {} }),
            json!({ "call": "track", "userId": customer, "event": "Closed", "properties": {} }),
        ];
        let task = Task {
            handles_errors: false,
            ..Task::new(server.url(""), &key, calls)
        };
        client.play(&task).await.succeeded();
    }
    server.move_clock(0).await;

    let admin = server.admin().await;
    for customer in ["ada", "berta"] {
        let profile = admin.customer(customer).await;
        assert_eq!(profile.story(), ["Identify", "Opened", "Closed"]);
        for touchpoint in profile.timeline() {
            let occurred = milliseconds(&touchpoint.occurred_at);
            let received = milliseconds(&touchpoint.received_at);
            let original = touchpoint.original_at.as_deref().map(milliseconds);
            assert!((received - occurred).abs() < MINUTE, "{touchpoint:?}");
            let off = original.expect("a time") - received;
            assert!(off.abs() > FOUR_YEARS - DAY, "{touchpoint:?}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn an_id_that_says_nothing_joins_nobody(
    #[values(
        SegmentNode,
        SegmentNode6,
        RudderNode,
        SegmentPython,
        RudderPython,
        Jitsu
    )]
    client: Client,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let key = server.source("shop", "web", true).await;
    let ids = [
        json!({ "userId": "", "anonymousId": "device-1" }),
        json!({ "userId": null, "anonymousId": "device-2" }),
        json!({ "userId": "null", "anonymousId": "device-3" }),
        json!({ "userId": "undefined" }),
    ];
    let calls = ids.into_iter().map(|mut call| {
        call["call"] = json!("track");
        call["event"] = json!("Opened");
        call["properties"] = json!({});
        call
    });
    let task = Task {
        handles_errors: false,
        ..Task::new(server.url(""), &key, calls.collect())
    };

    client.play(&task).await.succeeded();

    let admin = server.admin().await;
    for device in ["device-1", "device-2", "device-3"] {
        let profile = admin.device(device).await;
        assert_eq!((profile.known, profile.story()), (false, vec!["Opened"]));
    }
    // Jitsu's client makes up an anonymous id where its program gives none.
    let (profiles, waiting) = if client.is_jitsu() {
        (4, vec![])
    } else {
        (3, vec!["NO_IDENTIFIER".to_owned()])
    };
    assert_eq!(admin.count_profiles().await, profiles);
    assert_eq!(quarantined(&admin).await, waiting);
}

/// The message ids that the server took, sorted.
fn taken(proxy: &FaultProxy) -> Vec<String> {
    let mut taken: Vec<_> = proxy
        .deliveries()
        .into_iter()
        .filter(|delivery| delivery.status == Some(200))
        .flat_map(|delivery| delivery.messages)
        .collect();
    taken.sort_unstable();
    taken
}

/// The codes of what waits in quarantine.
async fn quarantined(admin: &Caller) -> Vec<String> {
    let document = "{ quarantine(first: 50) { nodes { code } } }";
    let data = admin.query(document, json!({})).await;
    let codes = |nodes: &Vec<Value>| {
        nodes
            .iter()
            .filter_map(|node| node["code"].as_str().map(ToOwned::to_owned))
            .collect()
    };
    data["quarantine"]["nodes"]
        .as_array()
        .map(codes)
        .expect("a list")
}
