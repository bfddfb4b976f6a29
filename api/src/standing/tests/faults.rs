//! What is defined wrongly keeps nobody's touchpoints waiting, and costs none.

use std::collections::BTreeSet;

use lazo_domain::condition::{Condition, Scalar, TraitTest, ValueTest, text};
use rstest::rstest;
use serde_json::json;

use super::fresh::{differences, settle_all};
use super::{Shop, create};
use crate::auth::caller::Caller;
use crate::segment::Update;
use crate::segment::service;

impl Shop {
    /// Runs a statement behind everybody's back, and has what is defined read again.
    async fn spoil(&self, sql: &str) {
        self.test.execute(sql).await.unwrap();
        let again = "UPDATE counter SET value = value + 1 WHERE name = 'definitions'";
        self.test.execute(again).await.unwrap();
    }

    async fn held(&self) -> i64 {
        self.test.number("SELECT count(*) FROM quarantine").await
    }
}

#[rstest]
#[case::no_condition(r#"{"nonsense": 1}"#)]
#[case::no_object("5")]
#[case::of_a_newer_version(r#"{"telepathy": {"name": "x"}}"#)]
#[tokio::test]
async fn a_segment_that_does_not_read_is_left_out_until_it_is_mended(#[case] spoilt: &str) {
    let shop = Shop::open().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 1").await;
    let others = shop.segment("others", "performed('Viewed') >= 2").await;
    shop.spoil(&format!(
        "UPDATE segment SET condition = '{spoilt}' WHERE key = 'viewers'"
    ))
    .await;

    shop.track("ana", "Viewed").await;
    let ana = shop.track("ana", "Viewed").await;

    assert_eq!(shop.held().await, 0);
    assert_eq!(shop.members(others).await, BTreeSet::from([ana]));
    assert_eq!(shop.members(viewers).await, BTreeSet::new());
    shop.segment("more", "performed('Viewed') >= 1").await;
    let mut update = Update::of(viewers);
    update.condition = Some(Some(text::parse("performed('Viewed') >= 1").unwrap()));
    service::update(&shop.test.app, &Caller::Local, &update)
        .await
        .unwrap();
    settle_all(&shop.test.app).await;
    assert_eq!(shop.members(viewers).await, BTreeSet::from([ana]));
}

#[rstest]
#[case::a_score_model(
    "INSERT INTO score_model (id, key, name, model, version, defined, created_at, updated_at) \
     SELECT id, 'spoilt', 'Spoilt', '{\"kind\": {}}', 1, 1, 1, 1 FROM segment"
)]
#[case::a_computed_trait(
    "INSERT INTO computed_trait (id, name, definition, version, defined, created_at, updated_at) \
     SELECT id, 'spoilt', '[]', 1, 1, 1, 1 FROM segment"
)]
#[case::the_rules(
    "INSERT INTO setting (key, value, updated_at) VALUES ('lifecycle', '{\"new_customer\": \"soon\"}', 1)"
)]
#[tokio::test]
async fn whatever_else_does_not_read_is_left_out(#[case] spoil: &str) {
    let shop = Shop::open().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 1").await;
    shop.spoil(spoil).await;

    let ana = shop.track("ana", "Viewed").await;

    assert_eq!(shop.held().await, 0);
    assert_eq!(shop.members(viewers).await, BTreeSet::from([ana]));
    settle_all(&shop.test.app).await;
    assert_eq!(differences(&shop.test.app).await, Vec::<String>::new());
}

#[tokio::test]
async fn who_did_something_of_a_kind_is_known_by_its_properties() {
    let shop = Shop::open().await;
    let shoes = "performed('Viewed', category = 'shoes') >= 1";
    let shoes = shop.segment("shoes", shoes).await;
    let view = |category: &str| json!({ "type": "track", "event": "Viewed", "properties": { "category": category } });
    let ana = shop.send("ana", view("Shoes")).await;
    shop.send("bea", view("Hats")).await;
    assert_eq!(shop.held().await, 0);
    assert_eq!(shop.members(shoes).await, BTreeSet::from([ana]));
}

#[rstest]
#[case::nothing("\u{0}")]
#[case::much(&"x".repeat(20_000))]
#[case::a_quote("it's \"so\" \\ \u{2028}")]
#[tokio::test]
async fn whatever_text_a_condition_asks_for_no_touchpoint_is_lost(#[case] asked: &str) {
    let shop = Shop::open().await;
    let mut odd = create("odd", None);
    let test = ValueTest::NotEqual(Scalar::Text(asked.to_owned()));
    odd.condition = Some(Condition::Trait(TraitTest {
        name: "country".to_owned(),
        test,
    }));
    let created = service::create(&shop.test.app, &Caller::Local, &odd, None).await;
    let traits = json!({ "country": "ES", "note": "x".repeat(5_000) });
    let ana = shop
        .send("ana", json!({ "type": "identify", "traits": traits }))
        .await;
    assert_eq!(shop.held().await, 0);
    if let Ok(created) = created {
        assert_eq!(shop.members(created.id).await, BTreeSet::from([ana]));
    }
}
