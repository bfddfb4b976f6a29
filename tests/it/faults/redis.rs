//! F7 to F11: Redis is killed, frozen or emptied, and what processes keep for quick reading stays true.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lazo_tests::{
    Engine::{self, Postgres},
    postgres::PrivatePostgres,
    segment::{Item, track},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    Random, World,
    count::{Count, number, texts},
    ledger::Ledger,
    load::{Load, Plan, client, customer, read_version, send_until_answered},
    pick,
    reading::{self, Manner, Reader},
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
    without_redis(
        engine,
        Harm::Killed,
        Report::new("F7", "Redis killed", seed()),
    )
    .await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn with_redis_frozen_reads_stay_right_and_quick(#[values(Postgres)] engine: Engine) {
    without_redis(
        engine,
        Harm::Frozen,
        Report::new("F8", "Redis frozen by SIGSTOP", seed()),
    )
    .await;
}

async fn without_redis(engine: Engine, harm: Harm, mut report: Report) {
    let seed = seed();
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

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn when_redis_forgets_a_hot_profile_each_process_loads_it_once(
    #[values(Postgres)] engine: Engine,
) {
    let mut report = Report::new("F9", "FLUSHALL of Redis while one key is hot", seed());
    let postgres = PrivatePostgres::start_with("-c shared_preload_libraries=pg_stat_statements");
    let world = World::start_with(engine, postgres, &[]).await;
    let other = world.another().await;
    let doors = [world.door(), world.door_of(&other)];
    let ledger = Arc::new(Ledger::default());
    let item = [(0, track("Opened").user(&customer(0)))];
    send_until_answered(&client(), &doors[0], &ledger, &item).await;
    let connection = world.server.database().connect().await;
    connection
        .execute_unprepared("CREATE EXTENSION pg_stat_statements")
        .await
        .expect("the extension comes with PostgreSQL: package postgresql-contrib");

    let goes_on = Arc::new(AtomicBool::new(true));
    let mut readers = JoinSet::new();
    for number in 0..pick(8, 32) {
        let reader = Reader {
            number,
            manner: Manner::Exact,
            first: 0,
            customers: 1,
            seed: 1,
        };
        reading::start(&mut readers, &doors, &ledger, &goes_on, reader);
    }
    let warm = || async { ledger.reads().0.len() > 200 };
    until(Duration::from_mins(1), "the key is hot", warm).await;
    connection
        .execute_unprepared("SELECT pg_stat_statements_reset()")
        .await
        .expect("counting begins");
    let flushes = pick(3_usize, 10);
    let began = Instant::now();
    for _ in 0..flushes {
        world.redis.command("FLUSHALL");
        sleep(Duration::from_millis(500)).await;
    }
    let loads = number(
        &connection,
        "SELECT coalesce(max(calls), 0) AS number FROM pg_stat_statements \
         WHERE query ~ '\\mprofile\\M' AND query !~ 'pg_stat_statements'",
    )
    .await;
    let by_statement = texts(
        &connection,
        "SELECT calls || ' x ' || left(query, 120) AS text FROM pg_stat_statements \
         WHERE query !~ 'pg_stat_statements' ORDER BY calls DESC LIMIT 8",
    )
    .await;
    let took = began.elapsed();
    goes_on.store(false, Ordering::Relaxed);
    readers.join_all().await;

    let reads = ledger.reads();
    let flushed = reads.select(|call| call.began >= began);
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    report.runs(flushes);
    report.counted(&count);
    let per_second =
        f64::from(u32::try_from(flushed.0.len()).expect("a count")) / took.as_secs_f64();
    report.also("reads in a second", per_second.round());
    report.also(
        "loads from the database",
        i32::try_from(loads).expect("a count"),
    );
    report.also_time("p99 of reads", flushed.percentile(99));
    report.publish();
    ledger.was_told_the_truth();
    assert!(reads.failed().0.is_empty(), "{:?}", reads.endings());
    assert!(
        flushed.percentile(99) <= pick(Duration::from_secs(1), Duration::from_millis(100)),
        "p99 is {:?}",
        flushed.percentile(99)
    );
    let most = i64::try_from(flushes * doors.len()).expect("a count");
    assert!(
        loads <= most,
        "{loads} loads after {flushes} times: {by_statement:#?}"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn no_reader_of_any_process_sees_an_older_profile_than_was_acknowledged(
    #[values(Postgres)] engine: Engine,
) {
    const HOT: usize = 10;
    let seed = seed();
    let mut report = Report::new(
        "F10",
        "Redis killed at random under writers and readers",
        seed,
    );
    let mut random = Random(seed);
    let mut world = World::start(engine).await;
    let other = world.another().await;
    let doors = [world.door(), world.door_of(&other)];
    let plan = Plan {
        clients: 4,
        readers: 0,
        batch: 1,
        customers: HOT,
        rest: Duration::from_millis(5),
        seed,
    };
    let load = Load::start(&doors, &plan);
    let goes_on = Arc::new(AtomicBool::new(true));
    let mut readers = JoinSet::new();
    let mix = (pick(8, 16), HOT, seed);
    reading::start_both_manners(&mut readers, &doors, &load.ledger, &goes_on, mix);

    let began = Instant::now();
    let mut kills = 0;
    while began.elapsed() < pick(Duration::from_secs(6), Duration::from_mins(1)) {
        sleep(random.time(Duration::from_millis(300), Duration::from_millis(1_500))).await;
        world.redis.crash();
        kills += 1;
        sleep(random.time(Duration::from_millis(100), Duration::from_millis(800))).await;
        world.redis.up();
    }
    sleep(Duration::from_millis(500)).await;
    goes_on.store(false, Ordering::Relaxed);
    readers.join_all().await;
    let ledger = load.finish().await;

    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let reads = ledger.reads();
    report.runs(kills);
    report.counted(&count);
    report.also("reads", u32::try_from(reads.0.len()).expect("a count"));
    report.also_time("p99 of reads", reads.percentile(99));
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    assert!(reads.failed().0.is_empty(), "{:?}", reads.endings());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_cold_start_on_many_profiles_leaves_the_database_room_for_writes(
    #[values(Postgres)] engine: Engine,
) {
    /// The connections of a process that read.
    const POOL: i64 = 8;
    let mut report = Report::new(
        "F11",
        "nothing is cached, and everything is read at once",
        seed(),
    );
    let mut world = World::start(engine).await;
    let keys = pick(400_usize, 10_000);
    let ledger = Arc::new(Ledger::default());
    let items: Vec<(usize, Item)> = (0..keys)
        .map(|whose| (whose, track("Opened").user(&customer(whose))))
        .collect();
    for chunk in items.chunks(200) {
        send_until_answered(&client(), &world.door(), &ledger, chunk).await;
    }
    world.redis.command("FLUSHALL");
    world.server.restart().await;

    let connection = world.server.database().connect().await;
    let busy = "SELECT count(*) AS number FROM pg_stat_activity WHERE state = 'active' \
        AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND query ~ '\\mprofile\\M' \
        AND query ~* '^\\s*(SELECT|WITH)'";
    let left = Arc::new(AtomicBool::new(true));
    let mut tasks = JoinSet::new();
    let readers = pick(32, 64);
    for reader in 0..readers {
        let (door, ledger) = (world.door(), Arc::clone(&ledger));
        tasks.spawn(async move {
            let http = client();
            for whose in (reader..keys).step_by(readers) {
                let (call, version) = read_version(&http, &door, whose, None).await;
                ledger.read(call);
                if version.is_none_or(|version| version < ledger.told(whose).1) {
                    ledger.wrong(format!("{} reads {version:?}", customer(whose)));
                }
            }
        });
    }
    let (door, writing, going) = (world.door(), Arc::clone(&ledger), Arc::clone(&left));
    let writer = tokio::spawn(async move {
        let http = client();
        while going.load(Ordering::Relaxed) {
            let item = [(0, track("Opened").user(&customer(0)))];
            send_until_answered(&http, &door, &writing, &item).await;
            sleep(Duration::from_millis(20)).await;
        }
    });
    let mut most = 0;
    while !tasks.is_empty() {
        most = most.max(number(&connection, busy).await);
        while tasks.try_join_next().is_some() {}
        sleep(Duration::from_millis(2)).await;
    }
    left.store(false, Ordering::Relaxed);
    writer.await.expect("the writer ends");

    let lifetimes = lifetimes(&world).await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    report.counted(&count);
    report.also(
        "readers of the database at once",
        i32::try_from(most).expect("a count"),
    );
    report.also(
        "profiles in Redis",
        u32::try_from(lifetimes.len()).expect("a count"),
    );
    report.also_time("p99 of reads", ledger.reads().percentile(99));
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    let reads = ledger.reads();
    assert!(reads.failed().0.is_empty(), "{:?}", reads.endings());
    assert!(
        ledger.writes().failed().0.is_empty(),
        "{:?}",
        ledger.writes().endings()
    );
    assert!(most <= POOL, "{most} sessions read at once");
    assert!(
        lifetimes.len() >= keys / 2,
        "{} profiles are in Redis",
        lifetimes.len()
    );
    let mut buckets: BTreeMap<i64, usize> = BTreeMap::new();
    for left in &lifetimes {
        *buckets.entry(left / 1_000).or_default() += 1;
    }
    let fullest = buckets.values().max().copied().unwrap_or(0);
    assert!(
        fullest * 10 <= lifetimes.len(),
        "{fullest} of {} expire within one second",
        lifetimes.len()
    );
}

/// How long each value in Redis that expires has left, in milliseconds.
async fn lifetimes(world: &World) -> Vec<i64> {
    // Values go out behind the answers.
    sleep(Duration::from_secs(1)).await;
    let all = "EVAL \"local left = {} \
        for _, key in ipairs(redis.call('keys', '*')) do left[#left + 1] = redis.call('pttl', key) end \
        return left\" 0";
    let left = world.redis.command(all);
    left.iter()
        .filter_map(|left| left.parse().ok())
        .filter(|left| *left > 0)
        .collect()
}
