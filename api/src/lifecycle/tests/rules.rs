//! The rules, as people change them.

use super::*;
use crate::lifecycle::{Update, service};
use crate::testing::refused;

#[tokio::test]
async fn rules_that_make_no_sense_are_refused() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let wrong = Update {
        first_factor: Some(4.0.try_into().unwrap()),
        ..Update::default()
    };
    let outcome = service::update(app, &Caller::Local, &wrong).await;
    assert_eq!(refused(outcome), ("firstFactor".to_owned(), "INVALID"));
    let wrong = Update {
        shrinkage: Some(1_001),
        ..Update::default()
    };
    let outcome = service::update(app, &Caller::Local, &wrong).await;
    assert_eq!(refused(outcome), ("shrinkage".to_owned(), "INVALID"));
    let document = r#"mutation { lifecycleRulesUpdate(input: { pyramidPeriod: "soon", tiers: { top: 1, large: 4, medium: 15 } })
        { rules { shrinkage } userErrors { field code } } }"#;
    let data = shop.answer(document).await;
    let wrong = json!({ "field": ["input", "pyramidPeriod"], "code": "INVALID" });
    let payload = json!({ "rules": null, "userErrors": [wrong] });
    assert_eq!(data["lifecycleRulesUpdate"], payload);
    assert_eq!(shop.definitions().await, 0);
}

#[tokio::test]
async fn changed_rules_decide_all_profiles_anew_and_are_in_the_audit_log() {
    let shop = Shop::open().await;
    let ada = shop.order("ada", Timestamp(NOW - 40 * DAY), 10).await;
    assert_eq!(shop.standing(&ada).await.0, "ACTIVE");
    let document = r#"mutation { lifecycleRulesUpdate(input: { newCustomerPeriod: "20d", firstFactor: 0.5 })
        { rules { newCustomerPeriod firstFactor secondFactor populationGap tiers { top } } userErrors { code } } }"#;
    let data = shop.answer(document).await;
    let rules = json!({ "newCustomerPeriod": "20d", "firstFactor": 0.5, "secondFactor": 3.0, "populationGap": null,
        "tiers": { "top": 1.0 } });
    assert_eq!(
        data["lifecycleRulesUpdate"],
        json!({ "rules": rules, "userErrors": [] })
    );
    assert_eq!(shop.sweep().await, 1);
    assert_eq!(shop.standing(&ada).await.0, "LOSING_INTEREST");
    let entries = "SELECT count(*) FROM audit_entry WHERE action = 'lifecycle.update'";
    assert_eq!(shop.test.number(entries).await, 1);

    // The same again is no change.
    shop.answer(document).await;
    assert_eq!(shop.definitions().await, 1);
    assert_eq!(shop.test.number(entries).await, 1);
}

#[tokio::test]
async fn levels_that_are_split_otherwise_are_measured_anew_soon() {
    let shop = Shop::open().await;
    shop.history(&[("ada", &[(40, 10), (10, 10)])]).await;
    let app = &shop.test.app;
    assert!(service::measure_if_due(app).await.unwrap());
    assert!(!service::measure_if_due(app).await.unwrap());
    let update = Update {
        pyramid_period: Some(lazo_domain::condition::Span::days(20).unwrap()),
        ..Update::default()
    };
    service::update(app, &Caller::Local, &update).await.unwrap();
    assert!(service::measure_if_due(app).await.unwrap());
    assert!(!service::measure_if_due(app).await.unwrap());
}
