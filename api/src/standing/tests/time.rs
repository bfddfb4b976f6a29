//! What time changes is changed in time, whatever else goes on, and by looking at nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use lazo_domain::id::SegmentId;
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use super::{DAY, Shop};
use crate::db::Engine;
use crate::profile::service as profiles;
use crate::segment::read;
use crate::standing::{store, worker};
use crate::testing::TestApp;

const MEMBERS: u32 = 1_000;

impl Shop {
    /// So many profiles that looked at something now.
    async fn viewers(&self, count: u32) {
        let items = (0..count).map(|number| {
            json!({ "type": "track", "event": "Viewed", "userId": format!("v{number}"), "messageId": format!("v{number}") })
        });
        let items: Vec<Json> = items.collect();
        self.test.record(&self.source, &items).await;
    }

    async fn stored_members(&self) -> i64 {
        self.test
            .number("SELECT count(*) FROM segment_member")
            .await
    }
}

/// Waits until nobody is stored as a member any more; panics after that long.
async fn emptied(test: &TestApp, most: Duration) -> Duration {
    let began = Instant::now();
    while test.number("SELECT count(*) FROM segment_member").await > 0 {
        assert!(began.elapsed() < most, "members are left after {most:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}

async fn exits(shop: &Shop, segment: SegmentId) -> Vec<(i64, String)> {
    let found = read::transitions_after(&shop.test.app, segment, 0, 10_000).await;
    let left = found.unwrap().into_iter().filter(|one| !one.entered);
    left.map(|one| (one.at.0, one.cause)).collect()
}

#[tokio::test]
async fn a_thousand_memberships_that_end_at_one_instant_end_within_ten_seconds_while_requests_come_in()
 {
    let shop = Shop::open().await;
    let recent = shop
        .segment("recent", "performed('Viewed', WITHIN 14d) >= 1")
        .await;
    shop.viewers(MEMBERS).await;
    assert_eq!(shop.stored_members().await, i64::from(MEMBERS));
    let instant = shop.test.app.now().plus_millis(14 * DAY);
    let stop = CancellationToken::new();
    let timer = worker::start(shop.test.app.clone(), stop.clone());
    shop.pass(14 * DAY - 1);
    let over = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicU32::new(0));
    let requests = {
        let (test, source) = (shop.test.clone(), Arc::clone(&shop.source));
        let (over, sent) = (Arc::clone(&over), Arc::clone(&sent));
        tokio::spawn(async move {
            while !over.load(Ordering::SeqCst) {
                let number = sent.fetch_add(1, Ordering::SeqCst);
                let item = json!({ "type": "track", "event": "Opened", "userId": format!("v{}", number % (2 * MEMBERS)), "messageId": format!("r{number}") });
                test.record(&source, &[item]).await;
            }
        })
    };
    shop.pass(1);

    emptied(&shop.test, Duration::from_secs(10)).await;

    over.store(true, Ordering::SeqCst);
    requests.await.unwrap();
    stop.cancel();
    timer.await.unwrap();
    assert!(sent.load(Ordering::SeqCst) > 0);
    let exits = exits(&shop, recent).await;
    assert_eq!(exits.len(), 1_000);
    assert!(
        exits
            .iter()
            .all(|exit| *exit == (instant.0, "TIME".to_owned()))
    );
}

#[tokio::test]
async fn at_rest_a_membership_ends_within_a_second() {
    let shop = Shop::open().await;
    shop.segment("recent", "performed('Viewed', WITHIN 14d) >= 1")
        .await;
    shop.viewers(1).await;
    let stop = CancellationToken::new();
    let timer = worker::start(shop.test.app.clone(), stop.clone());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(shop.stored_members().await, 1);
    shop.pass(14 * DAY);
    emptied(&shop.test, Duration::from_secs(1)).await;
    stop.cancel();
    timer.await.unwrap();
}

#[tokio::test]
async fn who_is_due_is_found_without_looking_at_all_profiles() {
    let shop = Shop::open().await;
    let (app, now) = (&shop.test.app, shop.test.app.now());
    shop.segment("recent", "performed('Viewed', WITHIN 14d) >= 1")
        .await;
    shop.viewers(MEMBERS).await;
    shop.test.execute("ANALYZE").await.unwrap();
    let connection = app.db().read();
    let engine = Engine::of(connection);
    let mut query = store::due_query(connection, now.plus_millis(-DAY), 500);
    let explain = match engine {
        Engine::Postgres => "EXPLAIN",
        Engine::Sqlite => "EXPLAIN QUERY PLAN",
    };
    query.sql = format!("{explain} {}", query.sql);
    let rows = connection.query_all_raw(query).await.unwrap();
    let column = match engine {
        Engine::Postgres => "QUERY PLAN",
        Engine::Sqlite => "detail",
    };
    let plan = rows
        .iter()
        .map(|row| row.try_get::<String>("", column).unwrap());
    let plan: Vec<String> = plan.collect();
    let plan = plan.join("\n");
    assert!(plan.contains("profile_next_evaluation_at_idx"), "{plan}");
    assert!(!plan.contains("Seq Scan"), "{plan}");
}

#[tokio::test]
async fn nobody_is_shown_a_membership_that_time_ended_though_the_timer_stands_still() {
    let shop = Shop::open().await;
    let recent = shop
        .segment("recent", "performed('Viewed', WITHIN 14d) >= 1")
        .await;
    let ana = shop.track("ana", "Viewed").await;
    let app = &shop.test.app;
    let keys = async || {
        let shown = profiles::present(app, ana, None).await.unwrap().unwrap();
        let now = app.now();
        let keys = shown.segments_at(now).map(|one| one.key.clone());
        let memberships = read::of_profiles(app, &[ana]).await.unwrap().len();
        let members = read::count(app, recent).await.unwrap();
        (keys.collect::<Vec<_>>(), memberships, members)
    };
    let member = (vec!["recent".to_owned()], 1, 1);
    assert_eq!(keys().await, member);
    shop.pass(14 * DAY - 1);
    assert_eq!(keys().await, member);
    shop.pass(1);
    assert_eq!(keys().await, (Vec::new(), 0, 0));
    assert_eq!(shop.stored_members().await, 1);
    app.hot().forget_all();
    assert_eq!(keys().await, (Vec::new(), 0, 0));
}
