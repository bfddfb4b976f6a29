//! What people decide counts at once, outlasts what is merged, and is shown with its reason.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    graphql::{Caller, user_error_codes},
    segment::{identify, track},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{PROGRAM, trusted};

/// The hash of a text that was shown.
const TEXT: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn decision(profile: &str, purpose: &str, decision: &str) -> Value {
    let evidence = json!({ "method": "WEB_FORM", "expression": "EXPLICIT", "text": TEXT });
    json!({ "profileId": profile, "purpose": purpose, "decision": decision, "evidence": evidence })
}

async fn decide(admin: &Caller, profile: &str, purpose: &str, what: &str) -> Value {
    let selection = "record { id decision receipt } profile { version }";
    admin
        .mutate("consentRecord", selection, decision(profile, purpose, what))
        .await
}

/// Where consent to a purpose stands, on its first channel.
async fn status(admin: &Caller, profile: &str, purpose: &str) -> Value {
    let query =
        "query($id: ID!) { profile(by: { id: $id }) { consents { purpose status recordId } } }";
    let data = admin.query(query, json!({ "id": profile })).await;
    let consents = data["profile"]["consents"].as_array().expect("consents");
    let mut found = consents.iter().filter(|one| one["purpose"] == purpose);
    found.next().expect("a purpose")["status"].clone()
}

async fn may_write_to(admin: &Caller, profile: &str) -> (bool, String) {
    let query = "query($id: ID!) { canContact(profileId: $id, channel: EMAIL, purpose: \"newsletter\") { allowed reason } }";
    let data = admin.query(query, json!({ "id": profile })).await;
    let found = &data["canContact"];
    let reason = found["reason"].as_str().expect("a reason").to_owned();
    (found["allowed"] == true, reason)
}

async fn newsletter(admin: &Caller) {
    let title = json!([{ "language": "en", "text": "Newsletter" }]);
    let purpose = json!({ "key": "newsletter", "category": "CONTENT", "title": title, "channels": ["EMAIL"], "validFor": "P24M" });
    admin
        .mutate("purposeCreate", "purpose { key version }", purpose)
        .await;
}

#[rstest]
#[tokio::test]
async fn a_decision_decides_segments_with_its_answer_and_gives_a_receipt(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let segment = admin.segment("measured", "consents('analytics')").await;
    let ada = backend.accept(track("Product Viewed").user("ada")).await;
    assert_eq!(status(&admin, &ada, "analytics").await, "NONE");

    let granted = decide(&admin, &ada, "analytics", "GRANTED").await;

    let members = "query($id: ID!) { segment(id: $id) { memberCount transitions(first: 5) { nodes { cause } } } }";
    let found = admin.query(members, json!({ "id": segment })).await;
    assert_eq!(found["segment"]["memberCount"], 1);
    assert_eq!(
        found["segment"]["transitions"]["nodes"][0]["cause"],
        "CONSENT"
    );
    let receipt = &granted["record"]["receipt"];
    assert_eq!(receipt["@type"], "dpv:ConsentReceipt");
    let withdrawn = decide(&admin, &ada, "analytics", "WITHDRAWN").await;
    assert!(withdrawn["profile"]["version"].as_i64() > granted["profile"]["version"].as_i64());
    let found = admin.query(members, json!({ "id": segment })).await;
    assert_eq!(found["segment"]["memberCount"], 0);
    let history = "query($id: ID!) { profile(by: { id: $id }) { consentRecords(first: 10) { nodes { id decision } } } }";
    let history = admin.query(history, json!({ "id": ada })).await;
    let history = &history["profile"]["consentRecords"]["nodes"];
    assert_eq!(
        [&history[0]["decision"], &history[1]["decision"]],
        ["WITHDRAWN", "GRANTED"]
    );
    let record = "query($id: ID!) { node(id: $id) { ... on ConsentRecord { purpose evidence } } }";
    let record = admin.query(record, json!({ "id": history[1]["id"] })).await;
    assert_eq!(record["node"]["evidence"]["text"], TEXT);
}

#[rstest]
#[tokio::test]
async fn what_is_no_consent_is_told_with_its_field(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_server, backend, admin) = trusted(engine).await;
    let ada = backend.accept(track("Product Viewed").user("ada")).await;
    let spoilt = |field: &str, value: Value| {
        let mut input = decision(&ada, "analytics", "GRANTED");
        input[field] = value;
        input
    };
    let large = json!({ "method": "PAPER", "text": TEXT, "proof": "p".repeat(3_000) });
    for (input, path, code) in [
        (
            spoilt("purpose", json!("sold")),
            vec!["input", "purpose"],
            "NOT_FOUND",
        ),
        (
            spoilt("decidedAt", json!("2999-01-01T00:00:00Z")),
            vec!["input", "decidedAt"],
            "INVALID",
        ),
        (
            spoilt("channel", json!("EMAIL")),
            vec!["input", "channel"],
            "INVALID",
        ),
        (
            spoilt("evidence", json!({ "method": "PHONE" })),
            vec!["input", "evidence", "text"],
            "INVALID",
        ),
        (
            spoilt("evidence", large),
            vec!["input", "evidence", "proof"],
            "INVALID",
        ),
    ] {
        let refused = admin
            .try_mutate("consentRecord", "record { id }", input)
            .await;
        assert_eq!(user_error_codes(&refused), [code], "{refused}");
        assert_eq!(refused["userErrors"][0]["field"], json!(path));
        assert_eq!(refused["record"], Value::Null);
    }
    assert_eq!(status(&admin, &ada, "analytics").await, "NONE");
}

#[rstest]
#[tokio::test]
async fn an_unsubscription_ends_what_may_be_sent_and_a_strangers_word_ends_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    newsletter(&admin).await;
    let email = json!({ "email": "ada@example.com" });
    let ada = backend.accept(identify().user("ada").traits(email)).await;
    let missing = may_write_to(&admin, &ada).await;
    assert_eq!(missing, (false, "CONSENT_MISSING".to_owned()));
    decide(&admin, &ada, "newsletter", "GRANTED").await;
    assert_eq!(
        may_write_to(&admin, &ada).await,
        (true, "CONSENT".to_owned())
    );

    let stranger = server.browser().await;
    let claimed = track("Unsubscribed").user("ada").anonymous("stranger");
    stranger.accept(claimed).await;
    assert!(may_write_to(&admin, &ada).await.0);
    backend.accept(track("Unsubscribed").user("ada")).await;

    let withdrawn = may_write_to(&admin, &ada).await;
    assert_eq!(withdrawn, (false, "CONSENT_WITHDRAWN".to_owned()));
}

#[rstest]
#[tokio::test]
async fn a_visitor_decides_for_themself_and_a_device_opens_no_messages(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    newsletter(&admin).await;
    let pages = server.source("pages", "web", false).await;
    let ada = backend.accept(track("Product Viewed").user("ada")).await;
    let set = |purpose: &str, granted: bool| json!({ "sourceKey": pages, "purpose": purpose, "granted": granted, "text": TEXT });
    let issue = async |input: Value| {
        let issued = admin.mutate("visitorTokenIssue", "token", input).await;
        server.storefront(issued["token"].as_str().map(str::to_owned))
    };
    let customer = issue(json!({ "customerId": "ada" })).await;

    let kept = customer
        .mutate(
            "consentSet",
            "consents { purpose status }",
            set("newsletter", true),
        )
        .await;

    let expected = json!({ "purpose": "newsletter", "status": "GRANTED" });
    let consents = kept["consents"].as_array().expect("consents");
    assert!(consents.contains(&expected), "{consents:?}");
    assert_eq!(status(&admin, &ada, "newsletter").await, "GRANTED");
    customer
        .mutate(
            "consentSet",
            "consents { purpose }",
            set("newsletter", false),
        )
        .await;
    assert_eq!(status(&admin, &ada, "newsletter").await, "WITHDRAWN");
    let seen = customer
        .query("{ viewer { consents { purpose status } } }", json!({}))
        .await;
    let withdrawn = json!({ "purpose": "newsletter", "status": "WITHDRAWN" });
    assert!(
        seen["viewer"]["consents"]
            .as_array()
            .expect("consents")
            .contains(&withdrawn)
    );

    backend
        .accept(track("Product Viewed").anonymous("d1"))
        .await;
    let device = issue(json!({ "anonymousId": "d1" })).await;
    let refused = device
        .try_mutate(
            "consentSet",
            "consents { purpose }",
            set("newsletter", true),
        )
        .await;
    assert_eq!(user_error_codes(&refused), ["CONFLICT"]);
    device
        .mutate("consentSet", "consents { purpose }", set("analytics", true))
        .await;
}

#[rstest]
#[tokio::test]
async fn what_a_consent_manager_says_counts_and_its_repeats_undo_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let categories = "[\"Analytics=analytics\", \"Ads=advertising\"]";
    let settings = [("LAZO_CONSENT__CATEGORIES", categories)];
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let (browser, admin) = (server.browser().await, server.admin().await);
    let says = |analytics: bool| {
        let preferences = json!({ "categoryPreferences": { "Analytics": analytics } });
        track("Viewed")
            .anonymous("d1")
            .with("context", json!({ "consent": preferences }))
    };
    let device = browser.accept(says(true)).await;
    assert_eq!(status(&admin, &device, "analytics").await, "GRANTED");
    assert_eq!(status(&admin, &device, "advertising").await, "DENIED");

    decide(&admin, &device, "analytics", "WITHDRAWN").await;
    browser.accept(says(true)).await;
    assert_eq!(status(&admin, &device, "analytics").await, "WITHDRAWN");
    browser.accept(says(false)).await;
    browser.accept(says(true)).await;
    assert_eq!(status(&admin, &device, "analytics").await, "GRANTED");
}
