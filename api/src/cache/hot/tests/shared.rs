//! What processes share in Redis, and what they are spared when it fails.

use tokio::sync::oneshot;
use tokio::time::sleep;

use super::world::until;
use super::*;

const A_SECOND: Duration = Duration::from_secs(1);

/// Waits until what a process loaded is in Redis.
async fn fills(world: &World) {
    until("all fills are done", || {
        world.hot.fills.available_permits() == FILLS
    })
    .await;
}

async fn two(server: &Server) -> (World, World) {
    let database = Database::new();
    let one = World::on(&database, Some(server), 1).await;
    (one, World::on(&database, Some(server), 1).await)
}

async fn seen_within(limit: Duration, world: &World, id: ProfileId, version: i64) {
    let began = Instant::now();
    while world.read(id).await != Some(version) {
        assert!(began.elapsed() < limit, "version {version} is not seen");
        sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn what_one_process_loaded_the_others_read_from_redis() {
    let server = Server::start();
    let (one, other) = two(&server).await;
    one.change(id(1)).await;
    one.read(id(1)).await;
    fills(&one).await;
    assert_eq!(other.read(id(1)).await, Some(1));
    assert_eq!(one.database.loads(), 1);
    assert_eq!(other.hot.counters().redis_hits, 1);
}

#[tokio::test]
async fn what_one_process_changed_the_others_see_at_once() {
    let server = Server::start();
    let (one, other) = two(&server).await;
    for version in 1..=20 {
        one.change(id(1)).await;
        assert_eq!(one.read(id(1)).await, Some(version));
        assert_eq!(other.read_from(id(1), Some(version)).await, Some(version));
        one.change(id(2)).await;
        seen_within(Duration::from_millis(200), &other, id(2), version).await;
    }
    let [one, other] = [&one, &other].map(|world| world.hot.counters());
    assert_eq!((one.forgotten, other.forgotten), (2, 2), "when they began");
}

/// A process that has read a value from its database and is held up before it can put it anywhere.
async fn held_up(world: &World) -> (JoinHandle<()>, oneshot::Sender<()>) {
    let (go, gone) = oneshot::channel::<()>();
    let (began, beginning) = oneshot::channel();
    let (hot, database) = (Arc::clone(&world.hot), world.database.clone());
    let reader = tokio::spawn(async move {
        let load = async || {
            let value = database.load(id(1));
            began.send(()).unwrap();
            gone.await.unwrap();
            Ok(value)
        };
        hot.get(id(1), None, load).await.unwrap();
    });
    beginning.await.unwrap();
    (reader, go)
}

#[rstest::rstest]
#[case::that_stands(false)]
#[case::that_redis_lost(true)]
#[tokio::test]
async fn a_slow_load_never_brings_an_old_value_back_over_a_change(#[case] lost: bool) {
    let server = Server::start();
    let (one, other) = two(&server).await;
    one.change(id(1)).await;
    let (reader, go) = held_up(&other).await;

    one.change(id(1)).await;
    if lost {
        server.flush().await;
    }
    go.send(()).unwrap();
    reader.await.unwrap();
    fills(&other).await;

    assert!(other.hot.counters().refused_fills >= 1);
    let third = World::on(&one.database, Some(&server), 0).await;
    for world in [&one, &third] {
        assert_eq!(world.read(id(1)).await, Some(2));
    }
}

#[tokio::test]
async fn a_redis_that_lost_everything_is_used_again_soon() {
    let server = Server::start();
    let (one, other) = two(&server).await;
    one.change(id(1)).await;
    server.flush().await;
    let began = one.database.counters().cache_epoch;
    until("a new epoch", || {
        one.database.counters().cache_epoch > began
    })
    .await;
    let shared = one.hot.shared.as_ref().unwrap();
    until("it is trusted", || shared.is_trusted()).await;
    one.read(id(1)).await;
    fills(&one).await;
    let used = Instant::now();
    while other.hot.counters().redis_hits == 0 {
        assert!(used.elapsed() < A_SECOND * 2);
        assert_eq!(other.read(id(1)).await, Some(1));
        other.hot.forget_all();
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        one.database.counters().cache_epoch,
        began + 1,
        "one is enough"
    );
}

#[tokio::test]
async fn a_commit_that_was_never_put_out_is_seen_within_a_second_and_by_whoever_starts_later() {
    let server = Server::start();
    let (one, other) = two(&server).await;
    one.change(id(1)).await;
    one.read(id(1)).await;
    fills(&one).await;
    assert_eq!(other.read(id(1)).await, Some(1));

    // The process that committed ends before it could tell anybody.
    one.database.commit(id(1));
    seen_within(A_SECOND, &other, id(1), 2).await;
    drop((one, other));
}

#[tokio::test]
async fn a_commit_that_ended_with_its_process_is_seen_by_the_next_process() {
    let server = Server::start();
    let database = Database::new();
    let one = World::on(&database, Some(&server), 1).await;
    one.change(id(1)).await;
    one.read(id(1)).await;
    fills(&one).await;
    drop(one);
    database.commit(id(1));

    let next = World::on(&database, Some(&server), 1).await;
    assert_eq!(next.read(id(1)).await, Some(2));
}

#[tokio::test]
async fn a_redis_that_does_not_answer_costs_a_reader_fifty_milliseconds_at_most() {
    let server = Server::start();
    let (one, _other) = two(&server).await;
    one.change(id(1)).await;
    server.freeze();
    // A machine that is busy with other things may hold up any one of them, but not most of them.
    let (mut reads, mut changes) = (Vec::new(), Vec::new());
    for n in 1..=20 {
        let began = Instant::now();
        one.read(id(n)).await;
        reads.push(began.elapsed());
        let began = Instant::now();
        let version = one.change(id(n)).await;
        changes.push(began.elapsed());
        assert_eq!(one.read(id(n)).await, Some(version));
    }
    assert!(median(&mut reads) < Duration::from_millis(90), "{reads:?}");
    assert!(
        median(&mut changes) < Duration::from_millis(90),
        "{changes:?}"
    );
    assert_eq!(one.hot.counters().breaker_openings, 1);
    let mut unsent = Vec::new();
    for n in 21..=120 {
        let began = Instant::now();
        one.change(id(n)).await;
        one.read(id(n)).await;
        unsent.push(began.elapsed());
    }
    assert!(median(&mut unsent) < Duration::from_millis(5), "{unsent:?}");
    server.thaw();
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test]
async fn a_short_silence_is_made_up_for() {
    let server = Server::start();
    let (one, other) = two(&server).await;
    one.change(id(1)).await;
    one.read(id(1)).await;
    fills(&one).await;
    server.freeze();
    let changed = Instant::now();
    one.change(id(1)).await;
    assert_eq!(one.read(id(1)).await, Some(2), "Redis holds the old one");
    server.thaw();
    seen_within(A_SECOND, &other, id(1), 2).await;
    assert!(changed.elapsed() < A_SECOND);
    let shared = one.hot.shared.as_ref().unwrap();
    until("the debt is paid", || !shared.debts.owes(id(1))).await;
    assert_eq!(one.hot.counters().debts, 1);
    assert_eq!(one.database.counters().cache_epoch, 0);
}

#[tokio::test]
async fn a_redis_that_was_away_comes_back_without_what_it_missed() {
    let mut server = Server::start();
    let (one, other) = two(&server).await;
    one.change(id(1)).await;
    one.read(id(1)).await;
    fills(&one).await;
    server.freeze();
    for _ in 0..6 {
        one.change(id(1)).await;
    }
    seen_within(A_SECOND, &other, id(1), 7).await;
    // It still holds the first version.
    server.thaw();
    until("it is asked again, and a new epoch begins", || {
        one.database.counters().cache_epoch > 0
            || !one.hot.shared.as_ref().unwrap().debts.owes(id(1))
    })
    .await;
    for _ in 0..50 {
        one.hot.forget_all();
        other.hot.forget_all();
        assert_eq!(one.read(id(1)).await, Some(7));
        assert_eq!(other.read(id(1)).await, Some(7));
        sleep(Duration::from_millis(20)).await;
    }
    server.crash();
    assert_eq!(other.read(id(1)).await, Some(7));
    server.up();
}
