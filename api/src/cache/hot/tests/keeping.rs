//! What happens when nobody tells of a commit.

use tokio::time::sleep;

use super::*;
use crate::db::take_numbers;
use crate::testing::TestApp;

#[tokio::test]
async fn a_commit_that_nobody_told_of_is_seen_within_a_second() {
    let world = World::alone().await;
    world.change(id(1)).await;
    world.read(id(1)).await;

    world.database.commit(id(1));

    let committed = Instant::now();
    while world.read(id(1)).await != Some(2) {
        assert!(committed.elapsed() < Duration::from_secs(1));
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn commits_that_were_put_out_make_nobody_forget_anything() {
    let world = World::alone().await;
    world.change(id(1)).await;
    world.read(id(1)).await;
    for _ in 0..50 {
        let (commit, _) = world.database.commit(id(2));
        // Those of other processes are heard in any order.
        let told = PutOut {
            commit: commit + 1,
            profiles: vec![(id(3), world.database.commit(id(3)).1)],
        };
        world.hot.heed(&told).await;
        world.hot.put_out(commit, &[]).await;
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(600)).await;
    assert_eq!(world.hot.counters().forgotten, 1, "when it began");
    world.read(id(1)).await;
    assert_eq!(world.database.loads(), 1);
}

#[tokio::test]
async fn while_the_database_is_away_what_is_kept_is_shown() {
    let world = World::alone().await;
    world.change(id(1)).await;
    world.read(id(1)).await;
    world.database.away(true);
    sleep(Duration::from_millis(800)).await;
    assert_eq!(world.read(id(1)).await, Some(1));
    assert_eq!(world.database.loads(), 1);
}

#[tokio::test]
async fn of_those_who_start_an_epoch_together_one_does() {
    let test = TestApp::start().await;
    let db = test.app.db();
    let before = Commits::read(db).await.unwrap();
    let transaction = db.begin().await.unwrap();
    let commit = take_numbers(&transaction, COMMIT, 3).await.unwrap() + 2;
    transaction.commit().await.unwrap();
    assert_eq!(Commits::read(db).await.unwrap().commit, commit);

    let from = before.cache_epoch;
    let started = db.start_epoch(from).await.unwrap();

    let expected = Reading {
        commit,
        cache_epoch: from + 1,
    };
    assert_eq!(started, Some(expected));
    assert_eq!(db.start_epoch(from).await.unwrap(), None);
    assert_eq!(Commits::read(db).await.unwrap(), expected);
}
