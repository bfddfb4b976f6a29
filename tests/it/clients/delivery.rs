//! Whatever becomes of the answers, each call counts once.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    fault_proxy::{Fault, FaultProxy, Spoil},
};
use rstest::rstest;
use serde_json::json;

use super::{
    Client::{self, Jitsu, RudderNode, RudderPython, SegmentNode, SegmentNode6, SegmentPython},
    Task, scenario,
};
use crate::start;

const LATE: Duration = Duration::from_millis(1_200);
const PATIENCE: Duration = Duration::from_millis(600);

#[rstest]
#[case::nothing(Spoil::Nothing)]
#[case::an_error_for_each(Spoil::EachBatchOnce(Fault::Status(500)))]
#[case::come_back_later_for_each(Spoil::EachBatchOnce(Fault::Busy(1)))]
#[case::a_closed_connection_for_each(Spoil::EachBatchOnce(Fault::Drop))]
#[case::come_back_later(Spoil::First(1, Fault::Busy(1)))]
#[case::a_late_answer(Spoil::First(1, Fault::Delay(LATE)))]
#[tokio::test]
async fn each_call_counts_once_whatever_becomes_of_its_answer(
    #[case] spoil: Spoil,
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
    let proxy = FaultProxy::start(&server, spoil).await;
    let is_late = matches!(spoil, Spoil::First(_, Fault::Delay(_)));
    let gives_up_waiting = is_late && (client.retries_after_timeout() || client.is_jitsu());
    let task = Task {
        timeout: gives_up_waiting.then_some(PATIENCE),
        ..Task::new(proxy.url(), &key, scenario::calls(client))
    };

    let played = client.play(&task).await;

    let (once, again) = deliveries_of_each(&proxy);
    if client.is_jitsu() {
        // It sends nothing again; the server had it all the same.
        let played = played.survived();
        assert_eq!(played.errors.is_empty(), spoil == Spoil::Nothing);
        assert_eq!(again, 0);
    } else {
        played.succeeded();
        match spoil {
            Spoil::Nothing => assert_eq!(again, 0),
            Spoil::EachBatchOnce(_) => assert_eq!(once, 0, "all is sent again"),
            Spoil::First(..) if is_late && !gives_up_waiting => assert_eq!(again, 0),
            Spoil::First(..) => assert_ne!(again, 0, "something is sent again"),
        }
    }
    scenario::is_told_once(client, &server.admin().await).await;
}

#[rstest]
#[tokio::test]
async fn each_call_counts_once_when_the_server_is_killed_in_the_middle(
    #[values(SegmentNode, SegmentNode6, RudderNode, SegmentPython, RudderPython)] client: Client,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let mut server = start(engine).await;
    let key = server.source("shop", "web", true).await;
    let proxy = FaultProxy::start(&server, Spoil::Nothing).await;
    let task = Task::new(proxy.url(), &key, scenario::calls(client));

    let (played, ()) = tokio::join!(client.play(&task), async {
        proxy.arrived(2).await;
        proxy.cut();
        server.restart().await;
        proxy.lead_to(&server);
    });

    played.succeeded();
    scenario::is_told_once(client, &server.admin().await).await;
}

#[rstest]
#[tokio::test]
async fn what_jitsus_client_was_told_is_stored_is_there_once_after_a_kill(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let mut server = start(engine).await;
    let key = server.source("shop", "web", true).await;
    let proxy = FaultProxy::start(&server, Spoil::Nothing).await;
    let mut calls = scenario::calls(Jitsu);
    calls.extend((0..20).map(
        |_| json!({ "call": "track", "userId": "berta", "event": "Signed In", "properties": {} }),
    ));
    let task = Task::new(proxy.url(), &key, calls);

    let (played, ()) = tokio::join!(Jitsu.play(&task), async {
        proxy.arrived(6).await;
        proxy.cut();
        server.restart().await;
        proxy.lead_to(&server);
    });

    played.survived();
    let admin = server.admin().await;
    let mut stored = Vec::new();
    for by in [
        json!({ "anonymousId": "device-ada" }),
        json!({ "customerId": "ada" }),
        json!({ "customerId": "berta" }),
        json!({ "customerId": "carl" }),
    ] {
        if let Some(profile) = admin.find(by).await {
            stored.push((
                profile.id.clone(),
                profile
                    .messages()
                    .into_iter()
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            ));
        }
    }
    stored.sort_unstable();
    stored.dedup();
    let stored: Vec<_> = stored
        .into_iter()
        .flat_map(|(_, messages)| messages)
        .collect();
    let each_once: BTreeSet<_> = stored.iter().collect();
    assert_eq!(stored.len(), each_once.len(), "{stored:?}");
    for delivery in proxy.deliveries() {
        if delivery.status == Some(200) {
            assert!(each_once.contains(&delivery.messages[0]), "{delivery:?}");
        }
    }
}

/// How many messages arrived once, and how many in several requests. A client may put them into other batches than before, so
/// batches are not compared; the one that the scenario itself repeats does not count.
fn deliveries_of_each(proxy: &FaultProxy) -> (usize, usize) {
    let mut counts = BTreeMap::new();
    for message in proxy.deliveries().into_iter().flat_map(|one| one.messages) {
        *counts.entry(message).or_insert(0) += 1;
    }
    counts.remove(scenario::REPEATED);
    let once = counts.values().filter(|count| **count == 1).count();
    (once, counts.len() - once)
}
