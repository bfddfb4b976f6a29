//! Where a profile stands, when its time has come.

use super::*;
use crate::standing::sweep;

#[tokio::test]
async fn a_customer_goes_through_the_stages_by_what_they_do_and_by_time_alone() {
    let shop = Shop::open().await;
    let ada = shop.view("a").await;
    assert_eq!(shop.standing(&ada).await, pair("ANONYMOUS", "PROBABLE"));

    let traits = json!({ "email": "ada@example.com" });
    let identify =
        json!({ "type": "identify", "anonymousId": "a", "userId": "ada", "traits": traits });
    assert_eq!(shop.send(identify).await, ada);
    assert_eq!(shop.standing(&ada).await, pair("LEAD", "POTENTIAL"));

    shop.order("ada", shop.test.app.now(), 20).await;
    assert_eq!(shop.standing(&ada).await, pair("NEW", "SMALL"));
    shop.pass(30 * DAY - 1).await;
    assert_eq!(shop.standing(&ada).await.0, "NEW");
    shop.pass(1).await;
    assert_eq!(shop.standing(&ada).await.0, "ACTIVE");
    // Without any measurement the usual cycle is 60 days, and the factors are 1.5 and 3.
    shop.pass(60 * DAY).await;
    assert_eq!(shop.standing(&ada).await.0, "ACTIVE");
    shop.pass(1).await;
    assert_eq!(shop.standing(&ada).await.0, "LOSING_INTEREST");
    shop.pass(90 * DAY).await;
    assert_eq!(shop.standing(&ada).await, pair("LOST", "SMALL"));
    shop.pass(185 * DAY).await;
    assert_eq!(shop.standing(&ada).await, pair("LOST", "INACTIVE"));
    shop.order("ada", shop.test.app.now(), 20).await;
    assert_eq!(shop.standing(&ada).await, pair("RECOVERED", "SMALL"));
}

#[tokio::test]
async fn a_profile_tells_since_when_until_when_and_why_it_stands_where_it_does() {
    let shop = Shop::open().await;
    let bought = Timestamp(NOW - 100 * DAY);
    let ada = shop.order("ada", bought, 20).await;
    let document = format!(
        r#"{{ profile(by: {{ id: "{ada}" }}) {{ stage stageSince stageUntil stageCause {{ sentence }} stageHistory {{ at stage }}
            level levelSince levelUntil levelCause {{ sentence(language: ES) }} levelHistory {{ at level }} }} }}"#
    );
    let found = shop.answer(&document).await["profile"].clone();
    let at = |millis: i64| bought.plus_millis(millis).to_string();
    let losing = at(90 * DAY + 1);
    assert_eq!(found["stage"], "LOSING_INTEREST");
    assert_eq!(found["stageSince"], losing);
    assert_eq!(found["stageUntil"], at(180 * DAY + 1));
    let sentence = found["stageCause"]["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("100 days since"), "{sentence}");
    let history = found["stageHistory"].as_array().unwrap();
    let stages: Vec<_> = history
        .iter()
        .map(|one| one["stage"].as_str().unwrap())
        .collect();
    let last = ["NEW", "ACTIVE", "LOSING_INTEREST"];
    assert!(stages.ends_with(&last), "{stages:?}");
    assert_eq!(history.last().unwrap()["at"], losing);
    assert_eq!(found["level"], "SMALL");
    assert_eq!(found["levelSince"], at(0));
    assert_eq!(found["levelUntil"], at(365 * DAY));
    let sentence = found["levelCause"]["sentence"].as_str().unwrap();
    assert!(sentence.contains("EUR"), "{sentence}");
    let levels = found["levelHistory"].as_array().unwrap();
    assert_eq!(levels.last().unwrap()["level"], "SMALL");
}

#[tokio::test]
async fn profiles_from_before_an_upgrade_are_decided_at_the_first_start() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    sweep::begin_first(app).await.unwrap();
    assert_eq!(shop.definitions().await, 0);
    let ada = shop.order("ada", Timestamp(NOW - 40 * DAY), 10).await;
    let before = "UPDATE profile SET stage = NULL, level = NULL, next_evaluation_at = NULL";
    shop.test.execute(before).await.unwrap();
    let before = "DELETE FROM standing_transition";
    shop.test.execute(before).await.unwrap();
    assert_eq!(shop.standing(&ada).await, pair("ANONYMOUS", "PROBABLE"));
    sweep::begin_first(app).await.unwrap();
    assert_eq!(shop.sweep().await, 1);
    assert_eq!(shop.standing(&ada).await, pair("ACTIVE", "SMALL"));
    sweep::begin_first(app).await.unwrap();
    assert_eq!(shop.definitions().await, 1);
}
