//! Profiles are merged and parted by hand, and nothing is lost on the way.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    clock::{DAY, HOUR, from_now},
    graphql::user_error_codes,
    profile::kinds,
    segment::{Item, alias, identify, page, track},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::trusted;

#[rstest]
#[tokio::test]
async fn a_preview_shows_the_merge_and_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_server, backend, admin) = trusted(engine).await;
    let one = backend
        .accept(
            identify()
                .anonymous("device-1")
                .traits(json!({ "plan": "gold" })),
        )
        .await;
    let two = backend
        .accept(identify().user("ada").traits(json!({ "city": "Soria" })))
        .await;
    let bob = backend.accept(identify().user("bob")).await;
    let preview =
        "query($input: ProfilesMergePreviewInput!) { profilesMergePreview(input: $input) {
        survivor { id } traits { name value } identifiers { namespace value }
        summary { touchpoints } refusals } }";

    let allowed = admin
        .query(preview, json!({ "input": { "profiles": [two, one] } }))
        .await;
    let refused = admin
        .query(preview, json!({ "input": { "profiles": [two, bob] } }))
        .await;

    let allowed = &allowed["profilesMergePreview"];
    assert_eq!(allowed["survivor"]["id"], json!(one));
    assert_eq!(allowed["summary"]["touchpoints"], 2);
    assert_eq!(
        allowed["traits"],
        json!([{ "name": "city", "value": "Soria" }, { "name": "plan", "value": "gold" }])
    );
    assert_eq!(allowed["refusals"], json!([]));
    let refusals = refused["profilesMergePreview"]["refusals"]
        .as_array()
        .map(Vec::len);
    assert_eq!(refusals, Some(1));
    assert_eq!(admin.count_profiles().await, 3);
}

#[rstest]
#[tokio::test]
async fn a_merge_by_hand_obeys_the_rules_and_is_done_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let one = backend.accept(identify().anonymous("device-1")).await;
    let ada = backend.accept(identify().user("ada")).await;
    let bob = backend.accept(identify().user("bob")).await;
    let input = json!({ "profiles": [ada, one], "reason": "same person", "idempotencyKey": "k1" });

    let refused = admin
        .try_mutate(
            "profilesMerge",
            "profile { id }",
            json!({ "profiles": [ada, bob] }),
        )
        .await;
    let first = admin
        .mutate("profilesMerge", "profile { id }", input.clone())
        .await;
    let again = admin.mutate("profilesMerge", "profile { id }", input).await;
    let reused = admin
        .try_mutate(
            "profilesMerge",
            "profile { id }",
            json!({ "profiles": [one, bob], "idempotencyKey": "k1" }),
        )
        .await;

    assert_eq!(user_error_codes(&refused), ["UNIQUE_CONFLICT"]);
    assert_eq!(refused["profile"], Value::Null);
    assert_eq!(first["profile"]["id"], json!(one));
    assert_eq!(again["profile"]["id"], json!(one));
    assert_eq!(user_error_codes(&reused), ["IDEMPOTENCY_KEY_REUSED"]);
    let log = admin.identity_log(&one).await;
    let merges: Vec<&Value> = log.iter().filter(|link| link["kind"] == "MERGED").collect();
    assert_eq!(merges.len(), 1);
    assert_eq!(merges[0]["reason"], "same person");
    assert_eq!(merges[0]["touchpointId"], Value::Null);
}

/// A history of two people: the first items come before they are merged, the others after.
fn history_of_two() -> (Vec<Item>, Vec<Item>) {
    let at = |days: i64| from_now(-days * DAY);
    let before = vec![
        identify()
            .user("ada")
            .message("b1")
            .at(&at(9))
            .traits(json!({ "plan": "gold", "city": "Soria" })),
        page("Home").anonymous("device-1").message("b2").at(&at(8)),
        identify()
            .anonymous("device-1")
            .message("b3")
            .at(&at(7))
            .traits(json!({ "plan": "tin", "email": "one@example.com" })),
        track("Order Completed")
            .user("ada")
            .message("b4")
            .at(&at(6))
            .properties(json!({ "order_id": "o1", "revenue": "20.00", "currency": "EUR" })),
    ];
    let after = vec![
        track("By Ada").user("ada").message("a1").at(&at(5)),
        track("By Device")
            .anonymous("device-1")
            .message("a2")
            .at(&at(4)),
        identify()
            .user("ada")
            .message("a3")
            .at(&at(3))
            .traits(json!({ "city": "Ávila" })),
        track("Order Completed")
            .anonymous("device-1")
            .message("a4")
            .at(&at(2))
            .properties(json!({ "order_id": "o2", "revenue": "5.00", "currency": "EUR" })),
        identify()
            .anonymous("device-1")
            .message("a5")
            .at(&from_now(-HOUR))
            .traits(json!({ "email": "two@example.com" })),
    ];
    (before, after)
}

#[rstest]
#[tokio::test]
async fn an_unmerge_leaves_both_as_if_they_had_never_met(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (before, after) = history_of_two();
    let (_never, never_backend, never_admin) = trusted(engine).await;
    never_backend.accepted(&before).await;
    never_backend.accepted(&after).await;
    let (_server, backend, admin) = trusted(engine).await;
    backend.accepted(&before).await;
    let ada = admin.customer("ada").await.id;
    let device = admin.device("device-1").await.id;

    admin
        .mutate(
            "profilesMerge",
            "profile { id }",
            json!({ "profiles": [ada, device] }),
        )
        .await;
    backend.accepted(&after).await;
    let whole = admin.profile(json!({ "id": ada })).await;
    assert_eq!(whole.summary.touchpoints, 9);
    assert_eq!(whole.summary.spend.minor, 2_500);
    let payload = admin
        .mutate(
            "profileUnmerge",
            "profile { id } survivor { id }",
            json!({ "id": device }),
        )
        .await;

    assert_eq!(payload["profile"]["id"], json!(device));
    assert_eq!(payload["survivor"]["id"], json!(ada));
    for by in [
        json!({ "customerId": "ada" }),
        json!({ "anonymousId": "device-1" }),
        json!({ "email": "one@example.com" }),
        json!({ "email": "two@example.com" }),
    ] {
        let expected = never_admin.profile(by.clone()).await.portrait();
        assert_eq!(admin.profile(by).await.portrait(), expected);
    }
    assert_eq!(admin.customer("ada").await.id, ada);
    assert_eq!(admin.device("device-1").await.id, device);
    assert_eq!(admin.customer("ada").await.former_ids, Vec::<String>::new());
    let log = admin.identity_log(&ada).await;
    assert!(kinds(&log).contains(&"UNMERGED"), "{log:#?}");
}

#[rstest]
#[tokio::test]
async fn what_a_person_parted_is_never_joined_again_by_itself(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let ada = backend.accept(identify().user("ada")).await;
    let other = backend
        .accept(
            identify()
                .anonymous("device-1")
                .traits(json!({ "email": "one@example.com" })),
        )
        .await;
    admin
        .mutate(
            "profilesMerge",
            "profile { id }",
            json!({ "profiles": [ada, other] }),
        )
        .await;
    admin
        .mutate("profileUnmerge", "profile { id }", json!({ "id": other }))
        .await;

    backend
        .accept(identify().user("ada").anonymous("device-1"))
        .await;
    backend
        .accept(
            identify()
                .user("ada")
                .traits(json!({ "email": "one@example.com" })),
        )
        .await;
    backend.accept(alias("device-1", "ada")).await;

    assert_eq!(admin.customer("ada").await.id, ada);
    assert_eq!(admin.device("device-1").await.id, other);
    assert_eq!(
        admin
            .profile(json!({ "email": "one@example.com" }))
            .await
            .id,
        other
    );
    let log = admin.identity_log(&ada).await;
    assert!(
        log.iter()
            .any(|link| link["kind"] == "REFUSED" && link["reason"] == "PARTED"),
        "{log:#?}"
    );
    let again = admin
        .try_mutate("profileUnmerge", "profile { id }", json!({ "id": other }))
        .await;
    assert_eq!(user_error_codes(&again), ["NOT_MERGED"]);
}

#[rstest]
#[tokio::test]
async fn a_merge_that_a_touchpoint_made_can_be_undone(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_server, backend, admin) = trusted(engine).await;
    let visitor = backend.accept(page("Home").anonymous("device-1")).await;
    let ada = backend.accept(identify().user("ada")).await;
    backend
        .accept(identify().user("ada").anonymous("device-1"))
        .await;

    admin
        .mutate("profileUnmerge", "profile { id }", json!({ "id": ada }))
        .await;

    assert_eq!(admin.customer("ada").await.id, ada);
    assert_eq!(admin.device("device-1").await.id, visitor);
    assert_eq!(admin.device("device-1").await.story(), ["Home"]);
}
