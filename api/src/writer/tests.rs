//! What the writer promises, on a real database.

use std::collections::BTreeMap;

use lazo_domain::id::ProfileId;
use lazo_domain::profile::{Projection, typed_rows};
use lazo_entity::{identifier, profile, profile_trait, purchase};
use proptest::prelude::*;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value as Json, json};

use super::{MergeByHand, MergeOutcome, UnmergeByHand, UnmergeOutcome};
use crate::db::Engine;
use crate::profile::store as profiles;
use crate::testing::TestApp;
use crate::touchpoint::{Answer, Status};

fn track(id: &str, who: impl Into<Json>, minute: u32) -> Json {
    let mut item = json!({ "type": "track", "event": "Product Viewed", "messageId": id,
        "timestamp": format!("2026-03-01T{:02}:{:02}:00Z", minute / 60 % 24, minute % 60) });
    item.as_object_mut()
        .unwrap()
        .extend(who.into().as_object().unwrap().clone());
    item
}

fn order(
    id: &str,
    event: &str,
    who: &str,
    number: &str,
    revenue: Option<&str>,
    minute: u32,
) -> Json {
    let mut item = track(id, json!({ "userId": who }), minute);
    item["event"] = json!(event);
    item["properties"] = json!({ "order_id": number });
    if let Some(revenue) = revenue {
        item["properties"]["revenue"] = json!(revenue);
    }
    item
}

fn statuses(answers: &[Answer]) -> Vec<Status> {
    answers.iter().map(|answer| answer.status).collect()
}

/// Whether the typed rows of every profile, absorbed ones included, are those of its traits.
async fn check_typed_rows(app: &TestApp) {
    let db = app.app.db().read();
    let mut stored: BTreeMap<ProfileId, Vec<_>> = BTreeMap::new();
    for row in profile_trait::Entity::find().all(db).await.unwrap() {
        let typed = (row.name, row.position, row.text, row.number, row.truth);
        stored.entry(row.profile_id).or_default().push(typed);
    }
    for model in profile::Entity::find().all(db).await.unwrap() {
        let row = profiles::row(model).unwrap();
        let mut expected: Vec<_> = typed_rows(&row.projection.traits)
            .into_iter()
            .map(|row| {
                (
                    row.name,
                    row.position.into(),
                    row.text,
                    row.number,
                    row.truth,
                )
            })
            .collect();
        let mut found = stored.remove(&row.id).unwrap_or_default();
        expected.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        found.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        assert_eq!(found, expected);
    }
    assert!(stored.is_empty());
}

/// What a profile is, without ids and times of ours.
async fn picture(app: &TestApp) -> BTreeMap<String, Vec<Json>> {
    let db = app.app.db().read();
    let rows = profile::Entity::find().all(db).await.unwrap();
    let all = identifier::Entity::find()
        .order_by_asc(identifier::Column::Value)
        .all(db)
        .await
        .unwrap();
    check_typed_rows(app).await;
    let mut picture = BTreeMap::new();
    for row in rows
        .into_iter()
        .map(|row| profiles::row(row).unwrap())
        .filter(|row| row.merged_into.is_none())
    {
        let graph = crate::identity::store::load_profiles(db, &[row.id])
            .await
            .unwrap();
        let mut names: Vec<_> = all
            .iter()
            .filter(|one| graph.profile_of(one.fragment_id) == Some(row.id))
            .map(|one| match one.namespace.as_str() {
                // Made of the source's id, which is another one in each database.
                "claimed_by" => "claimed_by".to_owned(),
                namespace => format!("{namespace}:{}:{}", one.value, one.trust),
            })
            .collect();
        names.sort();
        let purchases = purchase::Entity::find()
            .order_by_asc(purchase::Column::OrderId)
            .all(db)
            .await
            .unwrap();
        let purchases: Vec<_> = purchases
            .into_iter()
            .filter(|one| one.profile_id == row.id)
            .map(|one| {
                json!([
                    one.shop,
                    one.order_id,
                    one.status,
                    one.amount,
                    one.refunded,
                    one.net,
                    one.counted
                ])
            })
            .collect();
        let Projection {
            traits,
            first_seen,
            last_seen,
            touchpoints,
            channels,
        } = row.projection;
        let traits: BTreeMap<_, _> = traits
            .0
            .into_iter()
            .map(|(name, state)| (name, state.value))
            .collect();
        let seen: &mut Vec<Json> = picture.entry(names.join(" ")).or_default();
        seen.push(
            json!({ "traits": traits, "seen": [first_seen, last_seen], "touchpoints": touchpoints,
                "channels": channels, "purchases": purchases, "orders": row.summary.orders,
                "spend": row.summary.spend_minor, "refunded": row.summary.refunded_minor,
                "ordered": [row.summary.first_order_at, row.summary.last_order_at] }),
        );
        seen.sort_by_key(Json::to_string);
    }
    picture
}

#[tokio::test]
async fn an_item_counts_once_however_often_it_comes() {
    let app = TestApp::start().await;
    let source = app.source("web", true).await;
    let item = track("m1", json!({ "userId": "ana" }), 1);
    let answers = app.record(&source, &[item.clone(), item.clone()]).await;
    assert_eq!(statuses(&answers), [Status::Accepted, Status::Duplicate]);
    assert_eq!(answers[0].touchpoint, answers[1].touchpoint);
    assert_eq!(answers[0].version, Some(1));
    let mut other = item.clone();
    other["event"] = json!("Something Else");
    let answers = app.record(&source, &[item, other]).await;
    assert_eq!(statuses(&answers), [Status::Duplicate, Status::Duplicate]);
    assert_eq!(
        (answers[0].code, answers[1].code),
        (None, Some("CONTENT_DIFFERS"))
    );
    assert_eq!(app.number("SELECT count(*) FROM touchpoint").await, 1);
    assert_eq!(app.number("SELECT touchpoints FROM profile").await, 1);
}

#[tokio::test]
async fn numbers_have_no_gaps_and_follow_the_commits() {
    let app = TestApp::start().await;
    let source = app.source("web", true).await;
    let requests = (0..40).map(|n| {
        let items: Vec<_> = (0..3)
            .map(|i| track(&format!("{n}-{i}"), json!({ "userId": format!("u{n}") }), n))
            .collect();
        let (app, source) = (&app, &source);
        async move { app.record(source, &items).await }
    });
    futures::future::join_all(requests).await;
    assert_eq!(app.number("SELECT count(*) FROM touchpoint").await, 120);
    assert_eq!(app.number("SELECT max(seq) FROM touchpoint").await, 120);
    assert_eq!(
        app.number("SELECT count(DISTINCT seq) FROM touchpoint")
            .await,
        120
    );
}

#[tokio::test]
async fn an_item_the_database_refuses_goes_to_quarantine_alone() {
    let app = TestApp::start().await;
    let source = app.source("web", true).await;
    let poison = match app.app.db().engine() {
        Engine::Sqlite => {
            "CREATE TRIGGER poison BEFORE INSERT ON touchpoint WHEN NEW.message_id = 'm3' \
             BEGIN SELECT RAISE(ABORT, 'poison'); END"
        }
        Engine::Postgres => {
            "ALTER TABLE touchpoint ADD CONSTRAINT poison CHECK (message_id <> 'm3')"
        }
    };
    app.execute(poison).await.unwrap();
    let items: Vec<_> = (0..7)
        .map(|n| track(&format!("m{n}"), json!({ "userId": format!("u{n}") }), n))
        .collect();
    let answers = app.record(&source, &items).await;
    let refused: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == Status::Quarantined)
        .collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].message_id.as_deref(), Some("m3"));
    assert_eq!(refused[0].code, Some("STORAGE_REFUSED"));
    assert!(refused[0].quarantine.is_some());
    assert_eq!(app.number("SELECT count(*) FROM touchpoint").await, 6);
    let again = app.record(&source, &items[3..4]).await;
    assert_eq!(again[0].quarantine, refused[0].quarantine);
}

#[tokio::test]
async fn an_order_is_one_purchase_in_whatever_order_its_events_come() {
    let events = [
        order("o1", "Order Completed", "ana", "A-1", Some("100.00"), 10),
        order("o2", "Order Updated", "ana", "A-1", Some("90.00"), 20),
        order("o3", "Order Refunded", "ana", "A-1", Some("15.50"), 30),
        order("o4", "Order Completed", "ana", "A-2", Some("7.25"), 40),
        order("o5", "Order Cancelled", "ana", "A-2", None, 50),
    ];
    let mut pictures = Vec::new();
    for shift in 0..events.len() {
        let app = TestApp::start().await;
        let source = app.source("shop", true).await;
        for place in 0..events.len() {
            app.record(
                &source,
                &[events[(place * 2 + shift) % events.len()].clone()],
            )
            .await;
        }
        pictures.push(picture(&app).await);
    }
    let ana = &pictures[0]["customer_id:ana:VERIFIED"][0];
    assert_eq!(
        (&ana["orders"], &ana["spend"], &ana["refunded"]),
        (&json!(1), &json!(7450), &json!(1550))
    );
    assert!(pictures.iter().all(|other| *other == pictures[0]));
}

#[tokio::test]
async fn traits_beyond_the_limit_stay_in_the_touchpoint_and_the_answer_says_so() {
    let app = TestApp::start().await;
    let source = app.source("web", false).await;
    let many = |from: usize| -> Json {
        (from..from + 400)
            .map(|n| (format!("t{n}"), json!(n)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let identify = |from: usize| json!({ "type": "identify", "messageId": format!("m{from}"), "anonymousId": "a", "traits": many(from) });
    let first = app.record(&source, &[identify(0)]).await;
    assert_eq!(first[0].code, None);
    let second = app.record(&source, &[identify(200)]).await;
    assert_eq!(
        (second[0].status, second[0].code),
        (Status::Accepted, Some("TRAITS_OVER_LIMIT"))
    );
    assert_eq!(app.number("SELECT count(*) FROM profile_trait").await, 500);
}

#[tokio::test]
async fn a_stranger_cannot_make_a_profile_dear_by_long_traits() {
    let app = TestApp::start().await;
    let browser = app.source("web", false).await;
    let shop = app.source("shop", true).await;
    let long = "x".repeat(9_000);
    let identify = |id: &str, traits: Json| json!({ "type": "identify", "messageId": id, "anonymousId": "a", "traits": traits });
    let sent = [
        identify("1", json!({ "bio": long })),
        identify("2", json!({ "more": long })),
        identify("3", json!({ "bio": format!("{long}{long}") })),
        identify("4", json!({ "city": "Soria" })),
    ];
    let answers = app.record(&browser, &sent).await;
    let codes: Vec<_> = answers.iter().map(|answer| answer.code).collect();
    let beyond = Some("TRAITS_OVER_LIMIT");
    assert_eq!(codes, [None, beyond, beyond, None]);
    let names = "SELECT count(*) FROM profile_trait WHERE name IN ('bio', 'city')";
    assert_eq!(app.number(names).await, 2);
    assert_eq!(app.number("SELECT count(*) FROM profile_trait").await, 2);
    // The company itself may say more.
    let said = app
        .record(&shop, &[identify("5", json!({ "more": long }))])
        .await;
    assert_eq!(said[0].code, None);
}

#[tokio::test]
async fn traits_that_are_said_again_are_not_stored_again() {
    let app = TestApp::start().await;
    let source = app.source("shop", true).await;
    let identify = |id: &str, traits: Json| json!({ "type": "identify", "messageId": id, "userId": "ana", "traits": traits });
    let first = json!({ "city": "Soria", "tags": ["a", "b", "c"], "plan": "old" });
    app.record(&source, &[identify("m1", first)]).await;
    check_typed_rows(&app).await;
    app.execute("UPDATE profile_trait SET text = 'kept' WHERE name = 'city'")
        .await
        .unwrap();
    let second = json!({ "city": "Soria", "tags": ["a", "x"], "plan": "new", "age": 3 });
    let third = json!({ "plan": "newest" });
    app.record(&source, &[identify("m2", second), identify("m3", third)])
        .await;
    let kept = "SELECT count(*) FROM profile_trait WHERE text = 'kept'";
    assert_eq!(app.number(kept).await, 1);
    app.execute("UPDATE profile_trait SET text = 'soria' WHERE name = 'city'")
        .await
        .unwrap();
    check_typed_rows(&app).await;
}

#[tokio::test]
async fn an_identifier_is_stored_again_only_an_hour_later() {
    let app = TestApp::start().await;
    let source = app.source("web", true).await;
    let seen = async |id: &str, minute: u32| {
        app.record(&source, &[track(id, json!({ "userId": "ana" }), minute)])
            .await;
        app.number("SELECT last_seen FROM identifier").await
    };
    let hour = 3_600_000;
    let midnight = seen("m1", 5).await;
    assert_eq!(midnight % hour, 0);
    assert_eq!(seen("m2", 59).await, midnight);
    assert_eq!(seen("m3", 121).await, midnight + 2 * hour);
    assert_eq!(seen("m4", 65).await, midnight + 2 * hour);
    let first = app.number("SELECT first_seen FROM identifier").await;
    assert_eq!(first, midnight + 5 * 60_000);
    assert_eq!(app.number("SELECT version FROM profile").await, 4);
}

async fn merged(app: &TestApp, profiles: Vec<ProfileId>) -> MergeOutcome {
    let merge = MergeByHand {
        profiles,
        actor: "test".to_owned(),
        reason: None,
        once: None,
    };
    app.app.writer().merge(merge).await.unwrap()
}

fn life(side: &str) -> Vec<Json> {
    let (user, device) = (format!("user-{side}"), format!("device-{side}"));
    let mut items = vec![
        json!({ "type": "identify", "userId": user, "anonymousId": device, "messageId": format!("{side}-i"),
            "traits": { "plan": side, "city": side }, "timestamp": "2026-03-01T00:00:00Z" }),
        track(&format!("{side}-a"), json!({ "anonymousId": device }), 5),
        track(
            &format!("{side}-b"),
            json!({ "userId": user, "anonymousId": format!("{device}-2") }),
            6,
        ),
        order(
            &format!("{side}-c"),
            "Order Completed",
            &user,
            "shared-number",
            Some("10.00"),
            7,
        ),
        order(
            &format!("{side}-d"),
            "Order Completed",
            &user,
            side,
            Some("20.00"),
            8,
        ),
    ];
    items.push(order(
        &format!("{side}-e"),
        "Order Refunded",
        &user,
        "shared-number",
        Some("1.00"),
        9,
    ));
    items
}

#[tokio::test]
async fn merge_more_touchpoints_then_unmerge_leaves_both_as_if_they_had_never_met() {
    let (apart, app) = (TestApp::start().await, TestApp::start().await);
    // Two customer ids never merge, so the sides are known by their emails here.
    let as_email = |items: Vec<Json>| -> Vec<Json> {
        let text = Json::Array(items).to_string();
        let text = text.replace(
            "\"userId\":\"user-left\"",
            "\"context\":{\"traits\":{\"email\":\"left@example.com\"}}",
        );
        let text = text.replace(
            "\"userId\":\"user-right\"",
            "\"context\":{\"traits\":{\"email\":\"right@example.com\"}}",
        );
        serde_json::from_str(&text).unwrap()
    };
    let (left, right) = (as_email(life("left")), as_email(life("right")));
    let mut pair = Vec::new();
    for one in [&apart, &app] {
        let source = one.source("shop", true).await;
        pair = vec![
            one.record(&source, &left[..2]).await[0].profile.unwrap(),
            one.record(&source, &right[..2]).await[0].profile.unwrap(),
        ];
    }
    let MergeOutcome::Done(survivor) = merged(&app, pair.clone()).await else {
        panic!("the merge is refused")
    };
    assert_eq!(survivor, pair[0]);
    for one in [&apart, &app] {
        let source = one.source("later", true).await;
        for item in left[2..].iter().zip(&right[2..]).flat_map(|(a, b)| [a, b]) {
            assert_eq!(
                one.record(&source, std::slice::from_ref(item)).await[0].status,
                Status::Accepted
            );
        }
    }
    assert_eq!(picture(&app).await.len(), 1);
    let unmerge = UnmergeByHand {
        former: pair[1],
        actor: "test".to_owned(),
        reason: None,
        once: None,
    };
    let outcome = app.app.writer().unmerge(unmerge.clone()).await.unwrap();
    assert_eq!(
        outcome,
        UnmergeOutcome::Done {
            restored: pair[1],
            survivor: pair[0]
        }
    );
    assert_eq!(picture(&app).await, picture(&apart).await);
    assert_eq!(
        app.app.writer().unmerge(unmerge).await.unwrap(),
        UnmergeOutcome::NotMerged
    );
    assert!(matches!(
        merged(&app, pair.clone()).await,
        MergeOutcome::Refused(_)
    ));

    let source = app.source("bridge", true).await;
    let bridge = json!({ "type": "track", "event": "Bridge", "messageId": "bridge", "anonymousId": "device-right",
        "context": { "traits": { "email": "left@example.com" } } });
    app.record(&source, &[bridge]).await;
    assert_eq!(picture(&app).await.len(), 2);
    assert_eq!(
        app.number("SELECT count(*) FROM identity_link WHERE reason = 'PARTED'")
            .await,
        1
    );
}

/// A small world of people, devices and orders.
fn history() -> impl Strategy<Value = Vec<Json>> {
    let who = prop_oneof![
        (0..6_u8).prop_map(|n| json!({ "anonymousId": format!("a{n}") })),
        (0..3_u8).prop_map(|n| json!({ "userId": format!("u{n}") })),
        (0..3_u8, 0..2_u8).prop_map(
            |(n, d)| json!({ "userId": format!("u{n}"), "anonymousId": format!("a{}", n * 2 + d) })
        ),
    ];
    let what = prop_oneof![
        3 => Just(json!({ "type": "track", "event": "Product Viewed" })),
        2 => (0..3_u8).prop_map(|v| json!({ "type": "identify", "traits": { "plan": v, format!("t{v}"): "x" } })),
        2 => (0..4_u8, 1..9_u8).prop_map(|(o, m)| json!({ "type": "track", "event": "Order Completed", "properties": { "order_id": o, "revenue": m } })),
        1 => (0..4_u8).prop_map(|o| json!({ "type": "track", "event": "Order Refunded", "properties": { "order_id": o, "total": 1 } })),
    ];
    prop::collection::vec((who, what, 0..40_u32), 1..25).prop_map(|told| {
        told.into_iter()
            .enumerate()
            .map(|(n, (who, mut what, minute))| {
                let mut item = track(&format!("m{n}"), who, minute);
                // No two at the same instant: between those the place in the request decides, which differs from order to order.
                item["timestamp"] = json!(format!("2026-03-01T00:{minute:02}:{n:02}Z"));
                for (key, value) in item.as_object().unwrap() {
                    if key != "type" && key != "event" {
                        what[key] = value.clone();
                    }
                }
                what
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_same_touchpoints_in_any_order_and_any_number_give_the_same_profiles(
        (told, shuffled) in history().prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle())),
        repeated in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        size in 1..6_usize,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (one, other) = (TestApp::start().await, TestApp::start().await);
            let source = one.source("shop", true).await;
            one.record(&source, &told).await;
            let once = picture(&one).await;
            let again: Vec<_> = repeated.iter().map(|index| index.get(&told).clone()).collect();
            one.record(&source, &again).await;
            assert_eq!(picture(&one).await, once);
            let source = other.source("shop", true).await;
            for items in shuffled.chunks(size) {
                other.record(&source, items).await;
            }
            assert_eq!(picture(&other).await, once);
        });
    }
}

/// Whether the source is trusted; the numbers of user, device and email; what happened.
type Told = (bool, (Option<u8>, Option<u8>, Option<u8>), Json);

/// A history of trusted and public touchpoints in which devices are shared, emails wander and claims contradict each other.
fn muddle() -> impl Strategy<Value = Vec<(bool, Json)>> {
    let who = (
        prop::option::weighted(0.7, 0..3_u8),
        prop::option::weighted(0.6, 0..4_u8),
        prop::option::weighted(0.4, 0..4_u8),
    )
        .prop_filter("somebody is named", |who| *who != (None, None, None));
    let what = prop_oneof![
        Just(json!({ "type": "track", "event": "Product Viewed" })),
        (0..3_u8).prop_map(|v| json!({ "type": "identify", "traits": { "plan": v } })),
        (0..4_u8).prop_map(|o| json!({ "type": "track", "event": "Order Completed",
            "properties": { "order_id": o, "revenue": 5 } })),
        (0..4_u8).prop_map(|o| json!({ "type": "track", "event": "Order Refunded", "properties": { "order_id": o } })),
    ];
    prop::collection::vec((any::<bool>(), who, what), 1..20).prop_map(|told| {
        let item = |(n, (trusted, (user, device, email), mut what)): (usize, Told)| {
            what["messageId"] = json!(format!("m{n}"));
            what["timestamp"] = json!(format!("2026-03-01T00:00:{n:02}Z"));
            if let Some(user) = user {
                what["userId"] = json!(format!("u{user}"));
            }
            if let Some(device) = device {
                what["anonymousId"] = json!(format!("a{device}"));
            }
            if let Some(email) = email {
                what["context"] = json!({ "traits": { "email": format!("e{email}@example.com") } });
            }
            (trusted, what)
        };
        told.into_iter().enumerate().map(item).collect()
    })
}

/// One side of two that never share an identifier: an email, devices, orders.
fn side(name: &'static str) -> impl Strategy<Value = Vec<Json>> {
    let step = (0..4_u8, prop::option::of(0..3_u8), 0..5_u8);
    prop::collection::vec(step, 1..8).prop_map(move |steps| {
        let first = json!({ "type": "identify", "messageId": format!("{name}-first"), "anonymousId": format!("{name}-0"),
            "timestamp": "2026-03-01T00:00:00Z", "context": { "traits": { "email": format!("{name}@example.com") } },
            "traits": { "side": name } });
        let rest = steps.into_iter().enumerate().map(|(n, (what, device, order))| {
            let mut item = match what {
                0 => json!({ "type": "identify", "traits": { "plan": n, format!("t{n}"): name } }),
                1 => json!({ "type": "track", "event": "Order Completed",
                    "properties": { "order_id": order, "revenue": n + 1 } }),
                2 => json!({ "type": "track", "event": "Order Refunded", "properties": { "order_id": order, "total": 1 } }),
                _ => json!({ "type": "track", "event": "Product Viewed" }),
            };
            item["messageId"] = json!(format!("{name}-{n}"));
            item["timestamp"] = json!(format!("2026-03-01T00:{:02}:{:02}Z", n + 1, name.len()));
            if let Some(device) = device {
                item["anonymousId"] = json!(format!("{name}-{device}"));
            }
            if device.is_none() || order % 2 == 0 {
                item["context"] = json!({ "traits": { "email": format!("{name}@example.com") } });
            }
            item
        });
        std::iter::once(first).chain(rest).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_subset_sent_again_at_any_time_changes_nothing_in_any_history(
        told in muddle(),
        repeats in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..25),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (once, again) = (TestApp::start().await, TestApp::start().await);
            for (app, repeats) in [(&once, &[][..]), (&again, &repeats[..])] {
                let sources = [app.source("public", false).await, app.source("trusted", true).await];
                for (place, (trusted, item)) in told.iter().enumerate() {
                    app.record(&sources[usize::from(*trusted)], std::slice::from_ref(item)).await;
                    let now = repeats.iter().filter(|(when, _)| when.index(told.len()) == place);
                    for (_, which) in now {
                        let (trusted, item) = &told[which.index(place + 1)];
                        let answer = app.record(&sources[usize::from(*trusted)], std::slice::from_ref(item)).await;
                        assert_eq!(statuses(&answer), [Status::Duplicate]);
                    }
                }
            }
            assert_eq!(picture(&again).await, picture(&once).await);
            let entries = "SELECT count(*) FROM identity_link";
            assert_eq!(again.number(entries).await, once.number(entries).await);
        });
    }

    #[test]
    fn whatever_comes_between_a_merge_and_its_unmerge_both_are_as_if_they_had_never_met(
        left in side("left"), right in side("right")
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (apart, app) = (TestApp::start().await, TestApp::start().await);
            for (one, merges) in [(&apart, false), (&app, true)] {
                let source = one.source("shop", true).await;
                let first = [left[0].clone(), right[0].clone()];
                let pair: Vec<_> = one.record(&source, &first).await.iter().filter_map(|answer| answer.profile).collect();
                if merges {
                    assert_eq!(merged(one, pair.clone()).await, MergeOutcome::Done(pair[0]));
                }
                let longest = left.len().max(right.len());
                for item in (1..longest).flat_map(|n| [left.get(n), right.get(n)]).flatten() {
                    one.record(&source, std::slice::from_ref(item)).await;
                }
                if merges {
                    let unmerge = UnmergeByHand { former: pair[1], actor: "test".to_owned(), reason: None, once: None };
                    let done = UnmergeOutcome::Done { restored: pair[1], survivor: pair[0] };
                    assert_eq!(one.app.writer().unmerge(unmerge).await.unwrap(), done);
                }
            }
            assert_eq!(picture(&app).await, picture(&apart).await);
        });
    }
}

#[tokio::test]
async fn who_takes_in_what_was_parted_in_the_same_transaction_has_its_traits() {
    let app = TestApp::start().await;
    let browser = app.source("browser", false).await;
    let view = |id: &str, second: u32| {
        let at = format!("2026-03-01T00:00:0{second}Z");
        json!({ "type": "track", "event": "Product Viewed", "messageId": id, "timestamp": at })
    };
    let with = |mut item: Json, more: Json| {
        for (name, value) in more.as_object().unwrap() {
            item[name.as_str()] = value.clone();
        }
        item
    };
    let told = [
        with(view("m0", 0), json!({ "userId": "u1" })),
        with(view("m1", 1), json!({ "anonymousId": "a2" })),
        with(
            view("m2", 2),
            json!({ "type": "identify", "anonymousId": "a1", "userId": "u0", "traits": { "plan": 0 } }),
        ),
        with(
            view("m3", 3),
            json!({ "anonymousId": "a2", "userId": "u0" }),
        ),
    ];
    for item in told {
        app.record(&browser, &[item]).await;
    }
    let shop = app.source("shop", true).await;
    let vouched = with(
        view("m4", 4),
        json!({ "anonymousId": "a1", "userId": "u1" }),
    );
    app.record(&shop, &[vouched]).await;
    check_typed_rows(&app).await;
}
