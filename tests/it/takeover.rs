//! What a stranger can do who holds nothing but the public key: claim much, and read nothing of it.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    graphql::Caller,
    segment::{alias, identify, page, track},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::trusted;

#[rstest]
#[tokio::test]
async fn a_stranger_who_claims_a_customers_email_reads_nothing_and_merges_nobody(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    let victim = backend
        .accept(identify().user("victim").traits(
            json!({ "email": "victim@example.com", "phone": "+34612345678", "city": "Soria" }),
        ))
        .await;
    backend
        .accept(
            track("Order Completed")
                .user("victim")
                .properties(json!({ "order_id": "o1", "revenue": 99.5, "currency": "EUR" })),
        )
        .await;
    let browser = server.browser().await;

    let claim = || identify().traits(json!({ "email": "victim@example.com", "city": "Nowhere" }));
    browser
        .accept(page("Lurking").anonymous("stranger-1"))
        .await;
    browser.accept(claim().anonymous("stranger-1")).await;
    let known = browser
        .accept(identify().user("stranger").anonymous("stranger-2"))
        .await;
    browser
        .accept(claim().user("stranger").anonymous("stranger-2"))
        .await;
    browser.accept(alias("victim", "stranger")).await;

    let after = admin.customer("victim").await;
    assert_eq!(after.id, victim);
    assert!(
        !after.former_ids.contains(&known),
        "nobody known was merged"
    );
    assert_eq!(
        after.value("city"),
        json!("Soria"),
        "a trusted source outranks a browser"
    );
    assert_eq!(after.values("customer_id"), ["victim"]);
    assert_eq!(after.summary.orders, 1);
    let stranger = admin.customer("stranger").await;
    assert_eq!(stranger.id, known);
    assert_eq!(stranger.values("email"), Vec::<&str>::new());
    assert_eq!(
        admin
            .profile(json!({ "email": "victim@example.com" }))
            .await
            .id,
        victim
    );
    let log = admin.identity_log(&known).await;
    assert!(
        log.iter()
            .any(|link| link["kind"] == "REFUSED" && link["trust"] == "CLAIMED"),
        "the attempt is in the log: {log:#?}"
    );

    for device in ["stranger-1", "stranger-2"] {
        let viewer = seen_by_device(&server, &admin, device).await;
        let text = viewer.to_string();
        for secret in ["Soria", "+34612345678", "\"o1\"", "\"victim\""] {
            assert!(!text.contains(secret), "{device} reads {secret}: {text}");
        }
        assert_eq!(viewer["summary"]["orders"], 0);
    }
    assert_eq!(
        seen_by_device(&server, &admin, "stranger-1").await["whole"],
        false
    );
}

#[rstest]
#[tokio::test]
async fn a_stranger_who_claims_an_email_before_its_owner_comes_reads_nothing_later(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    let browser = server.browser().await;
    let email = json!({ "email": "victim@example.com" });
    browser
        .accept(identify().anonymous("stranger").traits(email.clone()))
        .await;

    backend
        .accept(
            identify()
                .user("victim")
                .traits(json!({ "email": "victim@example.com", "city": "Soria" })),
        )
        .await;

    let viewer = seen_by_device(&server, &admin, "stranger").await;
    let text = viewer.to_string();
    assert!(
        !text.contains("Soria") && !text.contains("\"victim\""),
        "{text}"
    );
    assert_eq!(viewer["summary"]["touchpoints"], 1);
    let victim = admin.customer("victim").await;
    assert_eq!(victim.value("city"), json!("Soria"));
}

/// What a visitor sees who holds a token for a device.
async fn seen_by_device(server: &TestServer, admin: &Caller, device: &str) -> Value {
    let payload = admin
        .mutate(
            "visitorTokenIssue",
            "token",
            json!({ "anonymousId": device }),
        )
        .await;
    let token = payload["token"].as_str().expect("a token").to_owned();
    let data = server
        .storefront(Some(token))
        .query(
            "{ viewer { whole identifiers { namespace value } traits { name value }
               summary { touchpoints orders }
               touchpoints(first: 20) { nodes { name } }
               purchases(first: 20) { nodes { orderId } } } }",
            json!({}),
        )
        .await;
    data["viewer"].clone()
}

#[rstest]
#[tokio::test]
async fn a_browser_ties_its_own_anonymous_past_to_a_claim(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, _, admin) = trusted(engine).await;
    let browser = server.browser().await;

    let visitor = browser.accept(page("Home").anonymous("device-1")).await;
    let claimed = browser
        .accept(
            identify()
                .anonymous("device-1")
                .traits(json!({ "email": "ada@example.com" })),
        )
        .await;

    assert_eq!(visitor, claimed);
    let ada = admin.profile(json!({ "email": "ada@example.com" })).await;
    assert_eq!(ada.identifier("email", "ada@example.com").trust, "CLAIMED");
    assert_eq!(ada.summary.touchpoints, 2);
}
