//! What time changes is changed in time, whatever else goes on, and by looking at nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use lazo_domain::clock::Timestamp;
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
        self.viewers_from(0, count).await;
    }

    /// The same of those with these numbers.
    async fn viewers_from(&self, first: u32, end: u32) {
        let items = (first..end).map(|number| {
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

/// A deployment in which some of so many profiles are due, with the instant at which they are.
async fn some_due(due: u32, all: u32) -> (Shop, Timestamp) {
    let shop = Shop::open().await;
    shop.segment("recent", "performed('Viewed', WITHIN 14d) >= 1")
        .await;
    shop.viewers_from(0, due).await;
    let then = shop.test.app.now().plus_millis(14 * DAY);
    shop.pass(DAY);
    for first in (due..all).step_by(500) {
        shop.viewers_from(first, all.min(first + 500)).await;
    }
    shop.test.execute("ANALYZE").await.unwrap();
    (shop, then)
}

#[tokio::test]
async fn who_is_due_is_found_without_looking_at_all_profiles() {
    let (shop, then) = some_due(5, 1_000).await;
    let connection = shop.test.app.db().read();
    let engine = Engine::of(connection);
    let mut query = store::due_query(connection, then, 500);
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
    // All of an index or a table is a scan; SQLite calls it a search if it looks at what is asked for alone.
    let whole = ["Seq Scan", "SCAN ", "TEMP B-TREE"];
    assert!(!whole.iter().any(|words| plan.contains(words)), "{plan}");
}

/// The rows that a plan of PostgreSQL read of tables, those that it threw away again included.
fn rows_read(plan: &Json) -> f64 {
    let number = |name: &str| plan[name].as_f64().unwrap_or(0.0);
    let removed = number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
    let own = if plan["Relation Name"].is_string() {
        (number("Actual Rows") + removed) * number("Actual Loops")
    } else {
        0.0
    };
    let parts = plan["Plans"].as_array();
    own + parts.into_iter().flatten().map(rows_read).sum::<f64>()
}

/// SQLite does not tell how many rows it read.
#[tokio::test]
async fn as_many_rows_are_read_as_profiles_are_due_and_none_of_the_others() {
    let (shop, then) = some_due(7, 2_000).await;
    let connection = shop.test.app.db().read();
    if Engine::of(connection) != Engine::Postgres {
        return;
    }
    for (at, due) in [(then, 7), (then.plus_millis(-1), 0)] {
        let found = store::due(connection, at, 500).await.unwrap();
        assert_eq!(found.len(), due);
        let mut query = store::due_query(connection, at, 500);
        query.sql = format!("EXPLAIN (ANALYZE, FORMAT JSON) {}", query.sql);
        let row = connection.query_one_raw(query).await.unwrap().unwrap();
        let plan: Json = row.try_get("", "QUERY PLAN").unwrap();
        let read = rows_read(&plan[0]["Plan"]);
        assert!(
            (read - f64::from(u32::try_from(due).unwrap())).abs() < 0.5,
            "{read} rows are read: {plan:#}"
        );
    }
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
