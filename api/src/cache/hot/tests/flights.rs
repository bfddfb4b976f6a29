//! One load for all who ask together, and none that knows too little.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use tokio::sync::{Notify, oneshot};
use tokio::time::sleep;

use super::*;

/// Gives the other tasks time to go as far as they can.
async fn meanwhile() {
    sleep(Duration::from_millis(20)).await;
}

/// A load that has read its value and is not back with it yet.
struct Slow {
    reader: JoinHandle<Option<i64>>,
    go: oneshot::Sender<()>,
}

async fn slow_read(world: &World, id: ProfileId) -> Slow {
    let (go, gone) = oneshot::channel::<()>();
    let (began, beginning) = oneshot::channel();
    let (hot, database) = (Arc::clone(&world.hot), world.database.clone());
    let reader = tokio::spawn(async move {
        let load = async || {
            let value = database.load(id);
            began.send(()).unwrap();
            gone.await.unwrap();
            Ok(value)
        };
        let found = hot.get(id, None, load).await.unwrap();
        found.map(|value| value.version)
    });
    beginning.await.unwrap();
    Slow { reader, go }
}

#[tokio::test]
async fn who_asks_together_waits_for_one_load() {
    let world = World::alone().await;
    world.change(id(1)).await;
    let slow = slow_read(&world, id(1)).await;
    let all = join_all((0..63).map(|_| world.read(id(1))));
    let (all, ()) = tokio::join!(all, async {
        meanwhile().await;
        slow.go.send(()).unwrap();
    });
    assert_eq!(all, [Some(1); 63]);
    assert_eq!(slow.reader.await.unwrap(), Some(1));
    assert_eq!(world.database.loads(), 1);
}

#[tokio::test]
async fn who_comes_after_an_acknowledgement_does_not_wait_for_an_older_load() {
    let world = World::alone().await;
    world.change(id(1)).await;
    let slow = slow_read(&world, id(1)).await;
    world.change(id(1)).await;
    assert_eq!(world.read(id(1)).await, Some(2));

    slow.go.send(()).unwrap();
    assert_eq!(slow.reader.await.unwrap(), Some(1), "it asked before");
    assert_eq!(world.read(id(1)).await, Some(2));
}

#[tokio::test]
async fn a_load_that_began_before_a_commit_leaves_nothing_behind() {
    let world = World::alone().await;
    world.change(id(1)).await;
    let slow = slow_read(&world, id(1)).await;
    world.change(id(1)).await;
    slow.go.send(()).unwrap();
    slow.reader.await.unwrap();
    assert_eq!(world.hot.counters().refused_fills, 1);
    assert_eq!(world.read(id(1)).await, Some(2));
}

#[tokio::test]
async fn who_needs_a_newer_version_than_a_load_brings_loads_once_for_all_such() {
    let world = World::alone().await;
    world.change(id(1)).await;
    let slow = slow_read(&world, id(1)).await;
    // Another process commits, and this one has not heard of it.
    world.database.commit(id(1));
    let all = join_all((0..8).map(|_| world.read_from(id(1), Some(2))));
    let (all, ()) = tokio::join!(all, async {
        meanwhile().await;
        slow.go.send(()).unwrap();
    });
    assert_eq!(all, [Some(2); 8]);
    assert_eq!(world.database.loads(), 2);
}

#[tokio::test]
async fn when_the_one_who_loads_hangs_up_another_loads() {
    let world = World::alone().await;
    world.change(id(1)).await;
    let slow = slow_read(&world, id(1)).await;
    let (read, ()) = tokio::join!(world.read(id(1)), async {
        meanwhile().await;
        slow.reader.abort();
    });
    assert_eq!(read, Some(1));
}

#[tokio::test]
async fn a_failure_is_told_to_all_who_wait_and_not_remembered() {
    let world = World::alone().await;
    world.change(id(1)).await;
    let loads = AtomicUsize::new(0);
    let fail = async || {
        loads.fetch_add(1, Ordering::SeqCst);
        meanwhile().await;
        Err("away")
    };
    let all = join_all((0..8).map(|_| world.hot.get(id(1), None, fail))).await;
    assert_eq!(all, vec![Err("away"); 8]);
    assert_eq!(loads.into_inner(), 1);
    assert_eq!(world.read(id(1)).await, Some(1));
}

#[tokio::test]
async fn only_so_many_loads_run_at_once() {
    let world = World::alone().await;
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let go = Notify::new();
    let load = async || {
        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        go.notified().await;
        running.fetch_sub(1, Ordering::SeqCst);
        go.notify_one();
        Ok(None)
    };
    let all = join_all((0..32).map(|n| world.hot.get(id(n), None, load)));
    tokio::join!(all, async {
        meanwhile().await;
        go.notify_one();
    });
    assert_eq!(most.into_inner(), 4);
}
