use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{QuarantineId, TouchpointId};
use lazo_domain::touchpoint::Channel;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::State;
use super::service::{find, list, replay};
use super::store::{is_waiting, resolve};
use crate::auth::caller::Caller;
use crate::page::Page;
use crate::source::{self, service as sources};
use crate::testing::{NOW, TestApp, refused};
use crate::touchpoint::Status;
use crate::touchpoint::decoding::{DecodingRules, incoming};
use crate::touchpoint::reading::{EnvelopeFields, RawItem, Request};

/// Sends an item as a source would. Returns where it waits.
async fn held(test: &TestApp, item: &Json) -> QuarantineId {
    let create = source::Create {
        name: "web".into(),
        channel: Channel::Web,
        trusted: false,
        live: true,
        shop: "main".into(),
        region: None,
        links_known: false,
    };
    let source = Arc::new(
        sources::create(&test.app, &Caller::Local, &create, None)
            .await
            .unwrap()
            .source,
    );
    let raw = item.to_string().into_bytes();
    let request = Request {
        envelope: EnvelopeFields::default(),
        items: vec![RawItem::Json(&raw)],
        spread: 0,
        values: 0,
    };
    let rules = DecodingRules::of(&test.app);
    let items = incoming(
        &request,
        &source,
        None,
        Timestamp(NOW),
        &rules,
        &mut Uuid::nil,
    );
    let answer = test
        .app
        .writer()
        .record(items)
        .await
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(answer.status, Status::Quarantined);
    answer.quarantine.unwrap()
}

async fn waiting(test: &TestApp) -> usize {
    let listed = list(&test.app, Some(State::Waiting), &Page::all_by(10), true)
        .await
        .unwrap();
    assert_eq!(
        listed.total,
        Some(u64::try_from(listed.rows.len()).unwrap())
    );
    listed.rows.len()
}

#[tokio::test]
async fn a_mended_item_becomes_one_touchpoint() {
    let test = TestApp::start().await;
    let id = held(&test, &json!({ "type": "track", "userId": "c-1" })).await;
    assert_eq!(waiting(&test).await, 1);

    let again = replay(&test.app, &Caller::Local, id, None).await.unwrap();
    assert_eq!(
        (again.answer.status, again.answer.code),
        (Status::Quarantined, Some("MISSING_EVENT"))
    );
    assert_eq!(
        (again.answer.quarantine, waiting(&test).await),
        (Some(id), 1)
    );

    let mended = json!({ "type": "track", "userId": "c-1", "event": "Product Viewed" });
    let replayed = replay(&test.app, &Caller::Local, id, Some(&mended))
        .await
        .unwrap();
    assert_eq!(replayed.answer.status, Status::Accepted);
    assert_eq!(replayed.item.state, State::Replayed.as_str());
    assert_eq!(replayed.item.touchpoint_id, replayed.answer.touchpoint);
    assert_eq!(waiting(&test).await, 0);

    let second = replay(&test.app, &Caller::Local, id, Some(&mended)).await;
    assert_eq!(refused(second), ("id".into(), "CONFLICT"));
}

#[tokio::test]
async fn two_replays_at_a_time_count_once() {
    let test = TestApp::start().await;
    let id = held(&test, &json!({ "type": "track", "userId": "c-1" })).await;
    let mended = json!({ "type": "track", "userId": "c-1", "event": "Product Viewed" });
    let call = || replay(&test.app, &Caller::Local, id, Some(&mended));
    let (one, other) = tokio::join!(call(), call());
    let mut statuses: Vec<_> = [one, other]
        .into_iter()
        .flatten()
        .map(|done| done.answer.status.as_str())
        .collect();
    statuses.sort_unstable();
    assert!(
        statuses == ["ACCEPTED", "DUPLICATE"] || statuses == ["ACCEPTED"],
        "{statuses:?}"
    );
}

#[tokio::test]
async fn two_mends_at_a_time_become_one_touchpoint() {
    let test = TestApp::start().await;
    let id = held(&test, &json!({ "type": "track", "userId": "c-1" })).await;
    let mended = |message: &str| json!({ "type": "track", "userId": "c-1", "event": "Product Viewed", "messageId": message });
    let (first, second) = (mended("m1"), mended("m2"));
    let (one, other) = tokio::join!(
        replay(&test.app, &Caller::Local, id, Some(&first)),
        replay(&test.app, &Caller::Local, id, Some(&second)),
    );
    let (done, late) = if one.is_ok() {
        (one, other)
    } else {
        (other, one)
    };
    let done = done.unwrap();
    assert_eq!(done.answer.status, Status::Accepted);
    assert_eq!(refused(late), ("id".into(), "CONFLICT"));
    let item = find(&test.app, id).await.unwrap().unwrap();
    assert_eq!(item.touchpoint_id, done.answer.touchpoint);
}

#[tokio::test]
async fn an_item_waits_until_it_is_resolved() {
    let test = TestApp::start().await;
    let id = held(&test, &json!({ "type": "track", "userId": "c-1" })).await;
    let transaction = test.app.db().begin().await.unwrap();
    assert!(is_waiting(&transaction, id).await.unwrap());
    let touchpoint = TouchpointId(Uuid::from_u128(1));
    resolve(&transaction, id, touchpoint, Timestamp(NOW))
        .await
        .unwrap();
    assert!(!is_waiting(&transaction, id).await.unwrap());
    let nobody = QuarantineId(Uuid::nil());
    assert!(!is_waiting(&transaction, nobody).await.unwrap());
}

#[tokio::test]
async fn an_item_that_is_still_unusable_goes_on_waiting_with_its_original_bytes() {
    let test = TestApp::start().await;
    let original = json!({ "type": "track", "userId": "c-1" });
    let id = held(&test, &original).await;
    let worse = json!({ "type": "track", "event": "Product Viewed" });
    let replayed = replay(&test.app, &Caller::Local, id, Some(&worse))
        .await
        .unwrap();
    assert_eq!(replayed.answer.code, Some("NO_IDENTIFIER"));
    let item = find(&test.app, id).await.unwrap().unwrap();
    assert_eq!(
        (item.raw, item.code.as_str()),
        (original.to_string().into_bytes(), "MISSING_EVENT")
    );
    assert_eq!(waiting(&test).await, 1);

    let nobody = replay(&test.app, &Caller::Local, QuarantineId(Uuid::nil()), None).await;
    assert_eq!(refused(nobody), ("id".into(), "NOT_FOUND"));
}

#[tokio::test]
async fn the_schema_shows_what_waits_and_replays_it() {
    let test = TestApp::start().await;
    let id = held(&test, &json!({ "type": "track", "userId": "c-1" })).await;
    let query = "{ quarantine(state: WAITING) { nodes { id source { name } code raw rawBase64 state } totalCount } }";
    let waits = test.answer(Caller::Local, query).await;
    let item = &waits["data"]["quarantine"]["nodes"][0];
    assert_eq!(
        (&item["code"], &item["source"]["name"]),
        (&json!("MISSING_EVENT"), &json!("web"))
    );
    assert_eq!(
        item["raw"],
        json!({ "type": "track", "userId": "c-1" }).to_string()
    );

    let replay = format!(
        "mutation {{ quarantineReplay(input: {{ id: \"{id}\", mended: {{ type: \"track\", userId: \"c-1\", event: \"Product Viewed\" }} }}) \
         {{ item {{ state touchpointId }} result {{ status touchpointId }} userErrors {{ field code }} }} }}"
    );
    let done = test.answer(Caller::Local, &replay).await;
    let done = &done["data"]["quarantineReplay"];
    assert_eq!(
        (&done["item"]["state"], &done["result"]["status"]),
        (&json!("REPLAYED"), &json!("ACCEPTED"))
    );
    assert_eq!(done["item"]["touchpointId"], done["result"]["touchpointId"]);
    let again = test.answer(Caller::Local, &replay).await;
    let error = json!([{ "field": ["input", "id"], "code": "CONFLICT" }]);
    assert_eq!(again["data"]["quarantineReplay"]["userErrors"], error);
}
