//! F1 to F3: the program is killed, or asked to stop, while it works.

use std::{collections::BTreeSet, time::Duration};

use lazo_tests::{
    Engine::{self, Postgres},
    segment::{Item, track},
};
use rstest::rstest;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{
    Random, World,
    count::{Count, number},
    ledger::{Calls, Ending},
    limit,
    load::{Load, Plan},
    pick,
    report::Report,
    seed, until_ready,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9_under_load(#[values(Postgres)] engine: Engine) {
    let seed = seed();
    let mut report = Report::new("F1", "`kill -9` of the server under load", seed);
    let mut world = World::start(engine).await;
    let load = Load::start(&[world.door()], &Plan::new(seed));
    let kills = pick(3, 10);
    let mut worst = Duration::ZERO;

    for _ in 0..kills {
        sleep(pick(Duration::from_millis(700), Duration::from_secs(3))).await;
        world.server.kill();
        let killed = Instant::now();
        world.server.restart().await;
        until_ready(&world.server, Duration::from_mins(1)).await;
        worst = worst.max(killed.elapsed());
        report.recovered(killed.elapsed());
    }
    load.reaches(pick(1_000, 20_000)).await;

    let ledger = load.finish().await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    report.runs(kills);
    report.counted(&count);
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    assert_eq!(
        count.stored, count.acknowledged,
        "each client went on until all was acknowledged"
    );
    assert!(
        worst <= limit(Duration::from_secs(2)),
        "a restart took {worst:?}"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_kill_9_cuts_short_is_there_whole_or_not_at_all(
    #[values(Postgres)] engine: Engine,
) {
    let seed = seed();
    let mut report = Report::new("F2", "`kill -9` in the middle of one batch", seed);
    let mut world = World::start(engine).await;
    let mut random = Random(seed);
    let size = pick(1_000, 2_500);
    let rounds = pick(3_usize, 10);
    let started = Instant::now();
    world.sender().accepted(&batch("first", size)).await;
    let usual = started.elapsed();
    let mut acknowledged: BTreeSet<String> = ids(&batch("first", size));
    let mut applied = 0_u32;

    for round in 0..rounds {
        let items = batch(&format!("round{round}"), size);
        let values: Vec<_> = items.iter().map(|item| &item.0).collect();
        let request = world
            .sender()
            .request("/v1/batch")
            .json(&json!({ "batch": values }));
        let sending = tokio::spawn(request.send());
        sleep(random.time(usual / 8, usual)).await;
        world.server.kill();
        let killed = Instant::now();
        let answered = sending
            .await
            .expect("the request ends")
            .is_ok_and(|answer| answer.status() == 200);
        world.server.restart().await;
        until_ready(&world.server, Duration::from_mins(1)).await;
        report.recovered(killed.elapsed());

        let connection = world.server.database().connect().await;
        let of_round = format!(
            "SELECT count(*) AS number FROM touchpoint WHERE message_id LIKE 'round{round}-%'"
        );
        let there = number(&connection, &of_round).await;
        let whole = i64::try_from(size).expect("a count");
        assert!(there == 0 || there == whole, "{there} of {whole} are there");
        assert!(!answered || there == whole, "it was acknowledged");
        applied += u32::from(there == whole);
        Count::of(world.server.database(), &acknowledged)
            .await
            .holds();

        world.sender().batch(&items).await;
        acknowledged.extend(ids(&items));
        assert_eq!(number(&connection, &of_round).await, whole);
    }

    let count = Count::of(world.server.database(), &acknowledged).await;
    report.runs(rounds);
    report.counted(&count);
    report.also("committed before the kill", applied);
    report.publish();
    count.holds();
}

fn batch(name: &str, size: usize) -> Vec<Item> {
    (0..size)
        .map(|number| {
            let user = format!("customer-{}", number % 200);
            track("Opened")
                .user(&user)
                .message(&format!("{name}-{number}"))
        })
        .collect()
}

fn ids(items: &[Item]) -> BTreeSet<String> {
    items.iter().map(Item::message_id).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_under_load_answers_every_request_under_way(#[values(Postgres)] engine: Engine) {
    let seed = seed();
    let mut report = Report::new("F3", "SIGTERM under load", seed);
    let mut world = World::start(engine).await;
    let plan = Plan {
        readers: 0,
        ..Plan::new(seed)
    };
    let stops = pick(2_usize, 5);
    let load = Load::start(&[world.door()], &plan);
    // A connection that the system had taken and the program not yet is none that the program could answer.
    let settled = Duration::from_millis(200);
    let mut moments = vec![];

    for _ in 0..stops {
        sleep(Duration::from_millis(1_500)).await;
        // With the database frozen every client comes to wait for an answer, and is waiting when the stop begins.
        world.postgres.freeze();
        sleep(settled * 2).await;
        world.server.terminate();
        let asked = Instant::now();
        sleep(Duration::from_millis(500)).await;
        world.postgres.thaw();
        let status = world.server.wait().await;
        report.also_time("longest stop", asked.elapsed());
        assert!(status.success(), "it ended with {status}");
        assert!(asked.elapsed() <= Duration::from_secs(30));
        moments.push(asked);
        let stopped = Instant::now();
        world.server.restart().await;
        until_ready(&world.server, Duration::from_mins(1)).await;
        report.recovered(stopped.elapsed());
    }

    let ledger = load.finish().await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let writes = ledger.writes();
    let of_each: Vec<Calls> = moments
        .iter()
        .map(|asked| writes.select(|call| call.began + settled < *asked && call.ended() > *asked))
        .collect();
    let fewest = of_each.iter().map(|calls| calls.0.len()).min();
    let fewest = fewest.expect("a stop");
    report.runs(stops);
    report.counted(&count);
    report.also(
        "requests under way at each stop, at least",
        u32::try_from(fewest).expect("a count"),
    );
    report.publish();
    count.holds();
    assert!(fewest > 0, "a stop met no request under way");
    for under_way in of_each {
        let unanswered = under_way.select(|call| !matches!(call.ending, Ending::Status(200 | 503)));
        assert!(unanswered.0.is_empty(), "{:?}", under_way.endings());
    }
}
