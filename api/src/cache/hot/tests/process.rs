//! What a process keeps for itself.

use super::*;
use crate::cache::hot::process::Jitter;

#[tokio::test]
async fn what_was_read_is_kept_until_it_is_put_out() {
    let world = World::alone().await;
    world.change(id(1)).await;
    assert_eq!(world.read(id(1)).await, Some(1));
    assert_eq!(world.read(id(1)).await, Some(1));
    assert_eq!(world.database.loads(), 1);

    world.change(id(1)).await;
    assert_eq!(world.read(id(1)).await, Some(2));
    assert_eq!(world.database.loads(), 2);
    assert_eq!(world.hot.counters().process_hits, 1);
}

#[tokio::test]
async fn a_reader_who_has_seen_a_newer_version_is_shown_it_and_then_everybody_is() {
    let world = World::alone().await;
    world.change(id(1)).await;
    assert_eq!(world.read(id(1)).await, Some(1));
    // Another process commits, and this one has not heard of it.
    world.database.commit(id(1));
    assert_eq!(world.read_from(id(1), Some(1)).await, Some(1));
    assert_eq!(world.read_from(id(1), Some(2)).await, Some(2));
    assert_eq!(world.read(id(1)).await, Some(2));
    assert_eq!(world.database.loads(), 2);
}

#[tokio::test]
async fn a_version_that_nobody_committed_is_answered_with_the_newest() {
    let world = World::alone().await;
    world.change(id(1)).await;
    assert_eq!(world.read_from(id(1), Some(7)).await, Some(1));
}

#[tokio::test]
async fn that_a_profile_does_not_exist_is_not_remembered() {
    let world = World::alone().await;
    assert_eq!(world.read(id(1)).await, None);
    world.database.commit(id(1));
    assert_eq!(world.read(id(1)).await, Some(1));
}

#[tokio::test]
async fn news_that_come_late_put_out_nothing_that_is_newer() {
    let world = World::alone().await;
    world.change(id(1)).await;
    world.change(id(1)).await;
    world.read(id(1)).await;
    let late = PutOut {
        commit: 1_000,
        profiles: vec![(id(1), 1), (id(1), 2)],
    };
    world.hot.heed(&late).await;
    world.read(id(1)).await;
    assert_eq!(world.database.loads(), 1);
}

#[tokio::test]
async fn what_is_forgotten_is_read_again() {
    let world = World::alone().await;
    world.change(id(1)).await;
    world.read(id(1)).await;
    world.hot.forget_all();
    assert_eq!(world.read(id(1)).await, Some(1));
    assert_eq!(world.database.loads(), 2);
}

#[tokio::test]
async fn a_process_may_keep_nothing() {
    let world = World::on(&Database::new(), None, 0).await;
    world.change(id(1)).await;
    for _ in 0..2 {
        assert_eq!(world.read(id(1)).await, Some(1));
    }
    assert_eq!(world.database.loads(), 2);
}

#[tokio::test]
async fn the_memory_of_a_process_is_bounded() {
    let process = Process::new(1, Duration::from_mins(5));
    for n in 0..100 {
        let ticket = process.ticket(id(n));
        let value = Arc::new(Value {
            version: 1,
            filling: "x".repeat(100_000),
        });
        process.fill(id(n), &value, ticket).await;
    }
    process.settle().await;
    let mut kept = 0;
    for n in 0..100 {
        kept += usize::from(process.get(id(n)).await.is_some());
    }
    assert!((1..=10).contains(&kept), "{kept}");
}

#[test]
fn what_was_read_together_is_not_read_again_together() {
    let jitter = Jitter::new(Duration::from_mins(5));
    let mut seconds = std::collections::HashMap::new();
    for n in 0..10_000 {
        let lifetime = jitter.of(id(n)).as_secs();
        assert!((240..=360).contains(&lifetime), "{lifetime}");
        *seconds.entry(lifetime).or_insert(0) += 1;
    }
    assert!(seconds.values().all(|count| *count < 1_000));
}
