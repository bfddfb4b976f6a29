//! Of whom something stored does not read, nobody else's standing suffers.

use std::collections::BTreeSet;

use lazo_domain::id::ProfileId;
use rstest::rstest;
use serde_json::json;

use super::{DAY, Shop};
use crate::db::Engine;
use crate::standing::Step;

const HOUR: i64 = 3_600_000;

/// Customers who looked at shoes, with the one of whom it is spoilt what was looked at.
async fn shop(customers: usize) -> (Shop, BTreeSet<ProfileId>, ProfileId) {
    let shop = Shop::open().await;
    let mut all = Vec::new();
    for number in 0..customers {
        let view =
            json!({ "type": "track", "event": "Viewed", "properties": { "category": "shoes" } });
        all.push(shop.send(&format!("v{number}"), view).await);
    }
    let spoilt = all.remove(customers / 2);
    (shop, all.into_iter().collect(), spoilt)
}

impl Shop {
    /// Makes it unreadable what a profile looked at.
    async fn spoil_touchpoints(&self, profile: ProfileId) {
        let id = profile.0.simple();
        let id = match self.test.app.db().engine() {
            Engine::Sqlite => format!("unhex('{id}')"),
            Engine::Postgres => format!("'{id}'::uuid"),
        };
        let spoil = format!("UPDATE touchpoint SET properties = '5' WHERE fragment_id = {id}");
        self.test.execute(&spoil).await.unwrap();
        // What is known of the profile in memory is of an earlier version.
        let count = format!("UPDATE profile SET version = version + 1 WHERE id = {id}");
        self.test.execute(&count).await.unwrap();
    }

    async fn due_at(&self, profile: ProfileId) -> i64 {
        let id = profile.0.simple();
        let sql = format!(
            "SELECT next_evaluation_at FROM profile WHERE replace(lower({}), '-', '') = '{id}'",
            match self.test.app.db().engine() {
                Engine::Sqlite => "hex(id)",
                Engine::Postgres => "id::text",
            }
        );
        self.test.number(&sql).await
    }
}

#[rstest]
#[case::of_many(40)]
#[case::of_two(2)]
#[case::alone(1)]
#[tokio::test]
async fn one_profile_that_cannot_be_decided_keeps_nobody_from_leaving_in_time(
    #[case] customers: usize,
) {
    let (shop, others, spoilt) = shop(customers).await;
    let shoes = "performed('Viewed', category = 'shoes', WITHIN 14d) >= 1";
    let recent = shop.segment("recent", shoes).await;
    let mut all = others;
    all.insert(spoilt);
    assert_eq!(shop.members(recent).await, all);
    shop.spoil_touchpoints(spoilt).await;
    shop.pass(14 * DAY);
    let app = &shop.test.app;

    while app.writer().stand(Step::Due).await.unwrap() > 0 {}

    let members = "SELECT count(*) FROM segment_member";
    assert_eq!(shop.test.number(members).await, 1);
    assert_eq!(shop.due_at(spoilt).await, app.now().0 + HOUR);
    // Within the hour nobody tries again; once it reads it is decided then.
    shop.pass(HOUR - 1);
    assert_eq!(app.writer().stand(Step::Due).await.unwrap(), 0);
    let mended = r#"UPDATE touchpoint SET properties = '{"category": "shoes"}'"#;
    shop.test.execute(mended).await.unwrap();
    shop.pass(1);
    while app.writer().stand(Step::Due).await.unwrap() > 0 {}
    assert_eq!(shop.test.number(members).await, 0);
}

#[rstest]
#[case::a_sweep_over_all("NOT performed('Viewed', category = 'hats', WITHIN 14d) >= 1")]
#[case::a_sweep_over_those_named("performed('Viewed', category = 'shoes') >= 1")]
#[tokio::test]
async fn one_profile_that_cannot_be_decided_does_not_stop_a_sweep(#[case] condition: &str) {
    let (shop, others, spoilt) = shop(40).await;
    shop.segment("first", "performed('Viewed', category = 'shoes') >= 1")
        .await;
    shop.spoil_touchpoints(spoilt).await;

    let segment = shop.segment("second", condition).await;

    let progress = crate::segment::service::progress(&shop.test.app).await;
    let progress = progress.unwrap().unwrap();
    assert_eq!(progress.completed, progress.target);
    assert_eq!(shop.members(segment).await, others);
}
