//! Whose touchpoint it is: what is tied together, and what never is.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    profile::kinds,
    segment::{Item, alias, identify, page, track},
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::trusted;

#[rstest]
#[tokio::test]
async fn what_was_done_before_signing_in_belongs_to_the_customer(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;

    let visitor = backend.accept(page("Home").anonymous("device-1")).await;
    let customer = backend
        .accept(
            identify()
                .user("ada")
                .anonymous("device-1")
                .traits(json!({ "email": " Ada@Example.COM " })),
        )
        .await;

    assert_eq!(visitor, customer);
    let ada = admin.profile(json!({ "email": "ada@example.com" })).await;
    assert!(ada.known);
    assert_eq!(ada.summary.touchpoints, 2);
    assert_eq!(ada.values("email"), ["ada@example.com"]);
    assert_eq!(ada.values("customer_id"), ["ada"]);
    assert_eq!(ada.values("anonymous_id"), ["device-1"]);
    assert_eq!(
        ada.identifiers[0].namespace, "customer_id",
        "strongest first"
    );
}

#[rstest]
#[tokio::test]
async fn profiles_that_share_an_identifier_become_one_and_the_older_survives(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let email = json!({ "email": "ada@example.com" });

    let older = backend
        .accept(identify().anonymous("device-1").traits(email.clone()))
        .await;
    let younger = backend
        .accept(identify().user("ada").traits(json!({ "plan": "gold" })))
        .await;
    assert_ne!(older, younger);
    let joined = backend.accept(identify().user("ada").traits(email)).await;

    assert_eq!(joined, older);
    let ada = admin.profile(json!({ "id": younger })).await;
    assert_eq!(ada.id, older, "the absorbed id resolves");
    assert_eq!(ada.former_ids, [younger.as_str()]);
    assert_eq!(ada.value("plan"), json!("gold"));
    assert_eq!(ada.summary.touchpoints, 3);
    assert_eq!(admin.count_profiles().await, 1);
    let log = admin.identity_log(&older).await;
    let merge = log
        .iter()
        .find(|link| link["kind"] == "MERGED")
        .expect("the merge is in the log");
    assert!(
        merge["touchpointId"].is_string(),
        "with the touchpoint that caused it"
    );
    assert_eq!(merge["otherProfileId"], json!(younger));
}

#[rstest]
#[case::email("email", "ADA@example.com", "ada@example.com")]
#[case::instagram("instagram", "@Ada.Shop", "ada.shop")]
#[case::phone("phone", "+34 612 34 56 78", "+34612345678")]
#[tokio::test]
async fn an_identifier_is_found_in_any_spelling(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] namespace: &str,
    #[case] spelling: &str,
    #[case] normal: &str,
) {
    let (_server, backend, admin) = trusted(engine).await;

    let first = backend
        .accept(
            identify()
                .anonymous("device-1")
                .traits(json!({ namespace: spelling })),
        )
        .await;
    let second = backend
        .accept(
            identify()
                .anonymous("device-2")
                .traits(json!({ namespace: normal })),
        )
        .await;

    assert_eq!(first, second);
    let by = json!({ "identifier": { "namespace": namespace, "value": spelling } });
    let found = admin.profile(by).await;
    assert_eq!(found.id, first);
    assert_eq!(found.values(namespace), [normal]);
}

#[rstest]
#[tokio::test]
async fn on_a_shared_laptop_each_customer_keeps_what_is_theirs(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;

    let before = backend.accept(page("Before").anonymous("laptop")).await;
    let ada = backend
        .accept(identify().user("ada").anonymous("laptop"))
        .await;
    let bob = backend
        .accept(identify().user("bob").anonymous("laptop"))
        .await;
    let bob_again = backend
        .accept(track("By Bob").user("bob").anonymous("laptop"))
        .await;
    let ada_again = backend
        .accept(track("By Ada").user("ada").anonymous("laptop"))
        .await;
    let signed_out = backend.accept(page("Signed Out").anonymous("laptop")).await;

    assert_eq!(before, ada);
    assert_ne!(ada, bob);
    assert_eq!(bob_again, bob);
    assert_eq!(ada_again, ada);
    assert_ne!(signed_out, ada);
    assert_ne!(signed_out, bob);
    assert_eq!(
        admin.customer("ada").await.story(),
        ["Before", "Identify", "By Ada"]
    );
    assert_eq!(admin.customer("bob").await.story(), ["Identify", "By Bob"]);
    let laptop = admin.device("laptop").await;
    assert_eq!(laptop.id, signed_out);
    assert!(laptop.identifier("anonymous_id", "laptop").shared);
    assert!(!laptop.known);
    let log = admin.identity_log(&bob).await;
    assert!(
        kinds(&log).contains(&"REFUSED") || kinds(&log).contains(&"SHARED"),
        "{log:#?}"
    );
}

#[rstest]
#[tokio::test]
async fn two_customers_never_become_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_server, backend, admin) = trusted(engine).await;
    let ada = backend
        .accept(
            identify()
                .user("ada")
                .traits(json!({ "email": "ada@example.com" })),
        )
        .await;
    let bob = backend
        .accept(
            identify()
                .user("bob")
                .traits(json!({ "email": "bob@example.com" })),
        )
        .await;

    let claims_both = backend
        .accept(
            identify()
                .user("bob")
                .traits(json!({ "email": "ada@example.com" })),
        )
        .await;
    let aliased = backend.accept(alias("ada", "bob")).await;

    assert_eq!(claims_both, bob);
    assert_eq!(aliased, bob);
    assert_eq!(admin.customer("ada").await.id, ada);
    assert_eq!(
        admin
            .profile(json!({ "email": "ada@example.com" }))
            .await
            .id,
        ada
    );
    assert_eq!(
        admin.customer("bob").await.values("email"),
        ["bob@example.com"]
    );
    let log = admin.identity_log(&bob).await;
    let refusals: Vec<&Value> = log
        .iter()
        .filter(|link| link["kind"] == "REFUSED")
        .collect();
    assert_eq!(refusals.len(), 2, "{log:#?}");
    for refusal in refusals {
        assert_eq!(refusal["reason"], "UNIQUE_CONFLICT");
        assert_eq!(refusal["otherProfileId"], json!(ada));
    }
}

#[rstest]
#[tokio::test]
async fn a_bad_email_that_many_give_ties_nobody_together(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let items: Vec<Item> = (0..30)
        .map(|number| {
            identify()
                .user(&format!("customer-{number}"))
                .traits(json!({ "email": "info@example.com" }))
        })
        .collect();

    backend.accepted(&items).await;

    assert_eq!(admin.count_profiles().await, 30);
    for number in [0, 1, 29] {
        let customer = admin.customer(&format!("customer-{number}")).await;
        assert_eq!(
            customer.values("customer_id"),
            [format!("customer-{number}")]
        );
        assert_eq!(
            customer.value("email"),
            json!("info@example.com"),
            "what was said is kept"
        );
    }
}

#[rstest]
#[tokio::test]
async fn the_sixth_email_of_a_profile_is_left_out_and_logged(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let items: Vec<Item> = (1..=6)
        .map(|number| {
            identify()
                .user("ada")
                .traits(json!({ "email": format!("ada{number}@example.com") }))
        })
        .collect();

    backend.accepted(&items).await;

    let ada = admin.customer("ada").await;
    assert_eq!(ada.values("email").len(), 5);
    let log = admin.identity_log(&ada.id).await;
    assert!(kinds(&log).contains(&"LIMITED"), "{log:#?}");
}

#[rstest]
#[tokio::test]
async fn an_alias_onto_oneself_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_server, backend, admin) = trusted(engine).await;
    let ada = backend.accept(identify().user("ada")).await;

    let outcome = backend.one(alias("ada", "ada")).await;

    assert_eq!(outcome.status, "ACCEPTED");
    assert_eq!(outcome.profile_id, Some(ada.clone()));
    let profile = admin.customer("ada").await;
    assert_eq!(profile.identifiers.len(), 1);
    assert!(!kinds(&admin.identity_log(&ada).await).contains(&"MERGED"));
    assert_eq!(admin.count_profiles().await, 1);
}

#[rstest]
#[tokio::test]
async fn an_alias_gives_what_was_anonymous_to_the_customer(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let visitor = backend.accept(page("Home").anonymous("device-1")).await;
    backend.accept(identify().user("ada")).await;

    backend.accept(alias("device-1", "ada")).await;

    let ada = admin.customer("ada").await;
    assert_eq!(ada.id, visitor, "the older survives");
    assert_eq!(ada.summary.touchpoints, 3);
}

#[rstest]
#[case::empty(json!(""))]
#[case::null(json!(null))]
#[case::blank(json!("  "))]
#[case::the_word_null(json!("null"))]
#[case::undefined(json!("undefined"))]
#[case::zero(json!("0"))]
#[case::guest(json!("Guest"))]
#[case::an_object(json!("[object Object]"))]
#[case::zeros(json!("00000000-0000-0000-0000-000000000000"))]
#[tokio::test]
async fn a_worthless_user_id_ties_nobody_together(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] worthless: Value,
) {
    let (_server, backend, admin) = trusted(engine).await;

    let one = backend
        .accept(
            page("Home")
                .anonymous("device-1")
                .with("userId", worthless.clone()),
        )
        .await;
    let two = backend
        .accept(page("Home").anonymous("device-2").with("userId", worthless))
        .await;

    assert_ne!(one, two);
    assert!(!admin.device("device-1").await.known);
}

#[rstest]
#[tokio::test]
async fn concurrent_links_of_two_profiles_leave_one_survivor_and_each_touchpoint_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let older = backend.accept(page("Home").anonymous("device-1")).await;
    let younger = backend.accept(identify().user("ada")).await;
    let items: Vec<Item> = (0..64)
        .map(|_| identify().user("ada").anonymous("device-1"))
        .collect();
    let mut expected: Vec<String> = items.iter().map(Item::message_id).collect();

    let mut tasks = JoinSet::new();
    for item in items {
        let backend = backend.clone();
        tasks.spawn(async move { backend.accept(item).await });
    }
    let answers = tasks.join_all().await;

    assert!(
        answers.iter().all(|profile| *profile == older),
        "{answers:?}"
    );
    assert_eq!(admin.count_profiles().await, 1);
    let ada = admin.customer("ada").await;
    assert_eq!(ada.id, older);
    assert_eq!(ada.former_ids, [younger]);
    assert_eq!(ada.summary.touchpoints, 66);
    let messages = ada.messages();
    assert_eq!(messages.len(), 66);
    expected.sort_unstable();
    let linking: Vec<&str> = messages
        .into_iter()
        .filter(|message| expected.iter().any(|id| id == message))
        .collect();
    assert_eq!(linking, expected);
    let log = admin.identity_log(&older).await;
    assert_eq!(
        kinds(&log).iter().filter(|kind| **kind == "MERGED").count(),
        1
    );
}
