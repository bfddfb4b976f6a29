//! F7 and F8: Redis is killed or frozen.

use std::{ops::Range, time::Duration};

use lazo_tests::{
    Engine::{self, Postgres},
    segment::{Item, track},
};
use rstest::rstest;
use tokio::time::{Instant, sleep};

use super::{
    World,
    cache::lifetimes,
    count::Count,
    ledger::{Calls, Ledger},
    limit,
    load::{Load, Plan, client, customer, read_version, send_until_answered},
    meters::meter,
    pick,
    report::Report,
    seed, until,
};

/// What is done to Redis while the load runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    Killed,
    Frozen,
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn with_redis_killed_reads_stay_right_and_writes_stay_quick(
    #[values(Postgres)] engine: Engine,
) {
    without_redis(engine, Harm::Killed, ("F7", "Redis killed")).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn with_redis_frozen_reads_stay_right_and_quick(#[values(Postgres)] engine: Engine) {
    without_redis(engine, Harm::Frozen, ("F8", "Redis frozen by SIGSTOP")).await;
}

async fn without_redis(engine: Engine, harm: Harm, (name, fault): (&str, &str)) {
    let seed = seed();
    let mut report = Report::new(name, fault, seed);
    let mut world = World::start(engine).await;
    let plan = Plan {
        clients: 2,
        readers: 4,
        batch: 10,
        customers: 20,
        rest: Duration::from_millis(20),
        ..Plan::new(seed)
    };
    let load = Load::start(&[world.door()], &plan);
    let window = pick(Duration::from_secs(2), Duration::from_secs(20));
    sleep(Duration::from_secs(1)).await;

    let normal = Instant::now();
    sleep(window).await;
    let harmed = Instant::now();
    match harm {
        Harm::Killed => world.redis.crash(),
        Harm::Frozen => world.redis.freeze(),
    }
    sleep(window).await;
    let mended = Instant::now();
    match harm {
        Harm::Killed => world.redis.up(),
        Harm::Frozen => world.redis.thaw(),
    }
    sleep(window).await;
    let end = Instant::now();

    let ledger = load.finish().await;
    let used_again = until_used_again(&world, &ledger).await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let (reads, writes) = (ledger.reads(), ledger.writes());
    let before = reads.between(normal, harmed);
    let during = reads.between(harmed, mended);
    let kept = writes.rate(harmed, mended) / writes.rate(normal, harmed);
    report.recovered(reads.recovery(mended));
    report.counted(&count);
    report.also_time("p99 of reads before", before.percentile(99));
    report.also_time("p99 of reads during", during.percentile(99));
    report.also("writes during, of those before", kept);
    report.also_time("Redis filled and read again after", used_again);
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    assert!(!reads.between(mended, end).0.is_empty());
    assert!(reads.failed().0.is_empty(), "{:?}", reads.endings());
    assert!(writes.failed().0.is_empty(), "{:?}", writes.endings());
    let noise = pick(Duration::from_millis(300), Duration::from_millis(5));
    assert!(
        during.percentile(99) <= before.percentile(99) * 5 + noise,
        "p99 went from {:?} to {:?}",
        before.percentile(99),
        during.percentile(99)
    );
    // A breaker keeps all but the first reads from waiting.
    let noise = pick(Duration::from_millis(40), Duration::from_millis(5));
    assert!(
        during.percentile(50) <= before.percentile(50) * 2 + noise,
        "the median went from {:?} to {:?}",
        before.percentile(50),
        during.percentile(50)
    );
    assert!(
        kept >= pick(0.4, 0.9),
        "only {kept} of the writes were left"
    );
}

/// Waits until the process reads in Redis again what another put there, and tells how long that took since the load ended: a
/// process that has given Redis up tries it again after ten seconds.
async fn until_used_again(world: &World, ledger: &Ledger) -> Duration {
    const HITS: &str = "lazo_hot_profile_hits_total{cache=\"redis\"}";
    let other = world.another().await;
    let (door, other_door) = (world.door(), world.door_of(&other));
    let before = meter(&world.server, HITS).await;
    let http = client();
    let used = || async {
        let item = [(0, track("Opened").user(&customer(0)))];
        send_until_answered(&http, &door, ledger, &item).await;
        let least = Some(ledger.told(0).1);
        read_version(&http, &other_door, 0, least).await;
        // What was read goes out to Redis behind the answer.
        sleep(Duration::from_millis(50)).await;
        read_version(&http, &door, 0, least).await;
        meter(&world.server, HITS).await > before
    };
    let within = limit(Duration::from_secs(15));
    until(within, "Redis is filled and read again", used).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_redis_costs_the_first_reads_fifty_milliseconds_and_those_after_them_nothing(
    #[values(Postgres)] engine: Engine,
) {
    /// After so many failures in a row Redis is left alone.
    const FIRST: usize = 5;
    let mut report = Report::new("F8: one by one", "Redis frozen by SIGSTOP", seed());
    let world = World::start(engine).await;
    let (http, door) = (client(), world.door());
    let ledger = Ledger::default();
    let probes = pick(20, 200);
    let items: Vec<(usize, Item)> = (0..2 * probes + FIRST)
        .map(|whose| (whose, track("Opened").user(&customer(whose))))
        .collect();
    for chunk in items.chunks(50) {
        send_until_answered(&http, &door, &ledger, chunk).await;
    }
    let (http, door, ledger) = (&http, &door, &ledger);
    // Each reads what nobody has read yet, so that Redis is asked where it may be.
    let read = |customers: Range<usize>| async move {
        let mut calls = vec![];
        for whose in customers {
            let (call, version) = read_version(http, door, whose, None).await;
            assert_eq!(version, Some(ledger.told(whose).1), "{call:?}");
            calls.push(call);
        }
        Calls(calls)
    };
    let normal = read(0..probes).await;
    let kept = lifetimes(&world).await.len();

    world.redis.freeze();
    let first = read(probes..probes + FIRST).await;
    let then = read(probes + FIRST..2 * probes + FIRST).await;
    world.redis.thaw();

    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    report.counted(&count);
    report.also_time("median read before", normal.percentile(50));
    report.also_time("longest of the first reads", first.longest());
    report.also_time("median of those after them", then.percentile(50));
    report.publish();
    assert!(kept >= probes / 2, "{kept} of {probes} went to Redis");
    // In the short form the machine may be busy with other tests.
    let slack = pick(Duration::from_millis(250), Duration::from_millis(30));
    assert!(
        first.longest() <= normal.percentile(50) + Duration::from_millis(50) + slack,
        "of the first reads one took {:?}, usual are {:?}",
        first.longest(),
        normal.percentile(50)
    );
    let slack = pick(Duration::from_millis(25), Duration::from_millis(5));
    assert!(
        then.percentile(50) <= normal.percentile(50) + slack,
        "the median went from {:?} to {:?}",
        normal.percentile(50),
        then.percentile(50)
    );
}
