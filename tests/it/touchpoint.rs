//! What a sender is promised: one answer for each item, and each touchpoint once.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    clock::{HOUR, SECOND, from_now, milliseconds, now},
    segment::{Item, Sender, identify, page, track},
};
use rstest::rstest;
use serde_json::json;

use crate::start;

#[rstest]
#[tokio::test]
async fn each_item_is_answered_in_order_and_is_visible_at_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let items = [
        identify().user("ada").traits(json!({ "plan": "gold" })),
        track("Product Viewed").user("ada"),
        page("Home").user("berta"),
    ];

    let outcomes = backend.accepted(&items).await;

    for (item, outcome) in items.iter().zip(&outcomes) {
        assert_eq!(
            outcome.message_id.as_deref(),
            Some(item.message_id().as_str())
        );
        assert!(outcome.touchpoint_id.is_some() && outcome.profile_version.is_some());
    }
    let ada = admin.customer("ada").await;
    assert_eq!(outcomes[0].profile_id.as_ref(), Some(&ada.id));
    assert_eq!(outcomes[1].profile_id.as_ref(), Some(&ada.id));
    assert_ne!(outcomes[2].profile_id.as_ref(), Some(&ada.id));
    assert_eq!(ada.value("plan"), json!("gold"));
    assert_eq!(ada.summary.touchpoints, 2);
    assert!(Some(ada.version) >= outcomes[1].profile_version);
    assert_eq!(
        ada.timeline()[0].id,
        *outcomes[1].touchpoint_id.as_ref().expect("an id")
    );
}

#[rstest]
#[tokio::test]
async fn a_touchpoint_sent_twice_counts_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let item = track("Product Viewed").user("ada").at(&from_now(-HOUR));

    let first = backend.one(item.clone()).await;
    let again = backend.one(item.clone()).await;
    let within_one_batch = track("Product Added").user("ada");
    let both = backend
        .batch(&[within_one_batch.clone(), within_one_batch])
        .await;

    assert_eq!(again.status, "DUPLICATE");
    assert_eq!(again.code, None);
    assert_eq!(again.touchpoint_id, first.touchpoint_id);
    assert_eq!(again.profile_id, first.profile_id);
    assert_eq!(
        [both[0].status.as_str(), both[1].status.as_str()],
        ["ACCEPTED", "DUPLICATE"]
    );
    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.summary.touchpoints, 2);
}

#[rstest]
#[tokio::test]
async fn the_same_id_with_other_content_keeps_the_first_and_says_so(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;

    backend
        .accept(
            identify()
                .user("ada")
                .message("m1")
                .traits(json!({ "plan": "gold" })),
        )
        .await;
    let other = backend
        .one(
            identify()
                .user("ada")
                .message("m1")
                .traits(json!({ "plan": "tin" })),
        )
        .await;

    assert_eq!(other.status, "DUPLICATE");
    assert_eq!(other.code.as_deref(), Some("CONTENT_DIFFERS"));
    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.value("plan"), json!("gold"));
}

#[rstest]
#[tokio::test]
async fn two_sources_may_use_the_same_message_id(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let shop = server.sender("shop", "web", true).await;
    let app = server.sender("app", "web", true).await;

    shop.accept(track("Opened").user("ada").message("m1")).await;
    app.accept(track("Opened").user("ada").message("m1")).await;

    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.summary.touchpoints, 2);
}

#[rstest]
#[tokio::test]
async fn an_item_without_an_id_or_a_time_is_given_both(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let before = now();

    let outcome = backend
        .one(track("Opened").user("ada").without("messageId"))
        .await;

    assert_eq!(outcome.status, "ACCEPTED");
    assert!(outcome.message_id.is_some_and(|id| !id.is_empty()));
    let ada = server.admin().await.customer("ada").await;
    let touchpoint = &ada.timeline()[0];
    assert_eq!(touchpoint.occurred_at, touchpoint.received_at);
    assert_eq!(touchpoint.original_at, None);
    let received = milliseconds(&touchpoint.received_at);
    assert!((before - SECOND..=now() + SECOND).contains(&received));
}

#[rstest]
#[case::of_the_web("web", "Product Viewed", "WEB")]
#[case::of_email("web", "Email Opened", "EMAIL")]
#[case::of_a_social_network("social", "Post Liked", "SOCIAL")]
#[case::of_a_shop_on_the_street("store", "Visited", "STORE")]
#[tokio::test]
async fn the_channel_follows_from_the_source_and_the_event(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] source: &str,
    #[case] event: &str,
    #[case] channel: &str,
) {
    let server = start(engine).await;
    let sender = server.sender("a source", source, true).await;

    sender.accept(track(event).user("ada")).await;

    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.timeline()[0].channel, channel);
    assert_eq!(ada.summary.channels[0].channel, channel);
}

#[rstest]
#[tokio::test]
async fn what_nobody_knows_is_kept(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;

    let outcome = backend
        .one(
            track("Opened")
                .user("ada")
                .properties(json!({ "deep": { "er": [1, "two", null] } }))
                .with("context", json!({ "locale": "es-ES", "mine": true }))
                .with("_metadata", json!({ "nodeVersion": "v20" }))
                .with("brandNew", "kept"),
        )
        .await;

    assert_eq!(outcome.status, "ACCEPTED");
    let ada = server.admin().await.customer("ada").await;
    let touchpoint = &ada.timeline()[0];
    assert_eq!(
        touchpoint.properties,
        json!({ "deep": { "er": [1, "two", null] } })
    );
    assert_eq!(touchpoint.context["locale"], "es-ES");
    assert_eq!(touchpoint.context["mine"], true);
    assert_eq!(touchpoint.extra["brandNew"], "kept");
    assert_eq!(touchpoint.extra["_metadata"]["nodeVersion"], "v20");
}

#[rstest]
#[tokio::test]
async fn what_is_acknowledged_survives_the_death_of_the_process(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let mut server = start(engine).await;
    let backend = server.backend().await;
    let token = server.admin_token().await;
    let items: Vec<Item> = (0..50)
        .map(|number| {
            track("Opened")
                .user("ada")
                .properties(json!({ "number": number }))
        })
        .collect();

    backend.accepted(&items).await;
    server.restart().await;

    let backend = Sender::new(&server, backend.key().to_owned());
    let again = backend.batch(&items).await;
    assert!(again.iter().all(|outcome| outcome.status == "DUPLICATE"));
    let ada = server.platform(Some(token)).customer("ada").await;
    assert_eq!(ada.summary.touchpoints, 50);
}

#[rstest]
#[tokio::test]
async fn a_backend_may_record_touchpoints_by_graphql(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    server.source("shop", "web", true).await;
    let admin = server.admin().await;
    let caller = server
        .integration(&[
            "touchpoints:write",
            "profiles:merge",
            "sources:read",
            "profiles:read",
        ])
        .await;
    let sources = caller
        .query("{ sources(first: 10) { nodes { id name } } }", json!({}))
        .await;
    let source = sources["sources"]["nodes"]
        .as_array()
        .and_then(|nodes| nodes.iter().find(|node| node["name"] == "shop"))
        .map(|node| node["id"].clone())
        .expect("the source");
    let input = json!({
        "source": source,
        "touchpoints": [
            { "messageId": "m1", "type": "IDENTIFY", "userId": "ada", "traits": { "plan": "gold" } },
            { "messageId": "m1", "type": "IDENTIFY", "userId": "ada", "traits": { "plan": "gold" } },
            { "messageId": "m2", "type": "TRACK", "userId": "ada" },
        ],
    });

    let payload = caller
        .mutate(
            "touchpointsRecord",
            "items { messageId status code profileId }",
            input,
        )
        .await;

    let ada = admin.customer("ada").await;
    assert_eq!(payload["items"][0]["status"], "ACCEPTED");
    assert_eq!(payload["items"][0]["profileId"], json!(ada.id));
    assert_eq!(payload["items"][1]["status"], "DUPLICATE");
    assert_eq!(
        payload["items"][2]["status"], "QUARANTINED",
        "a track has an event"
    );
    assert_eq!(ada.value("plan"), json!("gold"));
}
