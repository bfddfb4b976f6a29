//! F9 to F11: Redis is emptied or dies again and again, and what processes keep for quick reading stays true.

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
    TestServer,
    postgres::PrivatePostgres,
    segment::{Item, track},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, TransactionOptions, TransactionTrait};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    Random, World,
    count::{Count, number, texts},
    drive::Drive,
    ledger::Ledger,
    load::{Door, Load, Plan, client, customer, read_version, send_until_answered},
    long,
    meters::meter,
    pick, reading,
    report::Report,
    seed, until, until_ready,
};

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

    let drive = if long() {
        Drive::at(2_000)
    } else {
        // What a debug build can do also where the machine has more to do a moment later.
        Drive::at((capacity(&doors, &ledger).await / 3).max(50))
    };
    let goes_on = Arc::new(AtomicBool::new(true));
    let driven = drive.start(&doors, 0, &ledger, &goes_on);
    sleep(pick(Duration::from_secs(1), Duration::from_secs(3))).await;
    connection
        .execute_unprepared("SELECT pg_stat_statements_reset()")
        .await
        .expect("counting begins");
    let flushes = pick(3_usize, 10);
    let forgotten_before = times_forgotten(&world.server).await + times_forgotten(&other).await;
    let began = Instant::now();
    for _ in 0..flushes {
        let before = [
            times_forgotten(&world.server).await,
            times_forgotten(&other).await,
        ];
        world.redis.command("FLUSHALL");
        let forgotten = || async {
            times_forgotten(&world.server).await > before[0]
                && times_forgotten(&other).await > before[1]
        };
        until(
            Duration::from_mins(1),
            "what Redis lost is forgotten",
            forgotten,
        )
        .await;
        sleep(Duration::from_millis(500)).await;
    }
    let ended = Instant::now();
    let forgotten =
        times_forgotten(&world.server).await + times_forgotten(&other).await - forgotten_before;
    let loads = number(
        &connection,
        "SELECT coalesce(max(calls), 0) AS number FROM pg_stat_statements \
         WHERE query ~ '\\mprofile\\M' AND query !~ 'pg_stat_statements' AND query !~ '^SELECT id FROM profile WHERE next_evaluation_at'",
    )
    .await;
    let by_statement = texts(
        &connection,
        "SELECT calls || ' x ' || left(query, 120) AS text FROM pg_stat_statements \
         WHERE query !~ 'pg_stat_statements' ORDER BY calls DESC LIMIT 8",
    )
    .await;
    goes_on.store(false, Ordering::Relaxed);
    driven.join_all().await;

    let reads = ledger.reads();
    let flushed = reads.select(|call| (began..ended).contains(&call.ended()));
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    report.runs(flushes);
    report.counted(&count);
    let per_second =
        f64::from(u32::try_from(flushed.0.len()).expect("a count")) / (ended - began).as_secs_f64();
    report.also("reads asked for in a second", drive.rate);
    report.also("reads in a second", per_second.round());
    report.also(
        "loads from the database",
        i32::try_from(loads).expect("a count"),
    );
    report.also("times that a process forgot all", forgotten);
    report.also_time("p99 of reads", flushed.percentile(99));
    report.publish();
    ledger.was_told_the_truth();
    assert!(reads.failed().0.is_empty(), "{:?}", reads.endings());
    assert!(
        flushed.percentile(99) <= pick(Duration::from_secs(1), Duration::from_millis(100)),
        "p99 is {:?}",
        flushed.percentile(99)
    );
    assert!(
        per_second >= pick(0.8, 0.95) * f64::from(drive.rate),
        "only {per_second} of {} reads in a second",
        drive.rate
    );
    // Where Redis answers late because the machine is busy, a process may forget once more than it was emptied.
    let each_once = f64::from(u32::try_from(flushes * doors.len()).expect("a count"));
    let most = pick(forgotten, each_once);
    let loads = f64::from(i32::try_from(loads).expect("a count"));
    assert!(
        0.0 < loads && loads <= most,
        "{loads} loads after {flushes} times, {forgotten} times forgotten: {by_statement:#?}"
    );
}

/// The reads of one profile that processes answer in a second when more are always due.
async fn capacity(doors: &[Door], ledger: &Arc<Ledger>) -> u32 {
    let goes_on = Arc::new(AtomicBool::new(true));
    let driven = Drive::at(100_000).start(doors, 0, ledger, &goes_on);
    sleep(Duration::from_secs(1)).await;
    let before = ledger.reads().0.len();
    sleep(Duration::from_secs(1)).await;
    let reads = ledger.reads().0.len() - before;
    goes_on.store(false, Ordering::Relaxed);
    driven.join_all().await;
    u32::try_from(reads).expect("a count")
}

async fn times_forgotten(server: &TestServer) -> f64 {
    meter(server, "lazo_hot_profile_forgotten_total").await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn while_redis_dies_and_returns_reads_show_what_was_acknowledged_by_its_version_or_within_a_second(
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
        ..Plan::new(seed)
    };
    let load = Load::start(&doors, &plan);
    let goes_on = Arc::new(AtomicBool::new(true));
    let mut readers = JoinSet::new();
    let mix = (pick(8, 16), HOT, seed);
    reading::start_each_manner(&mut readers, &doors, &load.ledger, &goes_on, mix);

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

/// How many read each profile at the same time.
const TWINS: usize = 2;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_cold_start_on_many_profiles_leaves_the_database_room_for_writes(
    #[values(Postgres)] engine: Engine,
) {
    /// Loads of hot profiles that one process makes at once: half of its eight connections that read.
    const LOADS: i64 = 4;
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
    until_ready(&world.server, Duration::from_mins(1)).await;
    // It finds that Redis was emptied.
    sleep(Duration::from_secs(1)).await;

    // Loads wait for a table that nothing else reads, so that all that are made at once are seen at once.
    let blocker = world.server.database().connect().await;
    let block = blocker
        .begin_with_options(TransactionOptions::default())
        .await
        .expect("a transaction");
    block
        .execute_unprepared("LOCK TABLE identity_link IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("the table is locked");
    let forgotten = times_forgotten(&world.server).await;
    let left = Arc::new(AtomicBool::new(true));
    let mut tasks = JoinSet::new();
    let readers = pick(32, 64);
    for reader in (0..readers).flat_map(|reader| [reader; TWINS]) {
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
            // Somebody whom nobody reads.
            let item = [(keys, track("Opened").user(&customer(keys)))];
            send_until_answered(&http, &door, &writing, &item).await;
            sleep(Duration::from_millis(20)).await;
        }
    });
    let connection = world.server.database().connect().await;
    let loading = "SELECT count(*) AS number FROM pg_stat_activity WHERE state = 'active' \
        AND pid <> pg_backend_pid() AND query LIKE 'WITH given AS (SELECT id FROM%'";
    let (mut most, mut blocked) = (0, Some(block));
    let began = Instant::now();
    while !tasks.is_empty() {
        most = most.max(number(&connection, loading).await);
        if began.elapsed() > Duration::from_secs(2)
            && let Some(block) = blocked.take()
        {
            block.rollback().await.expect("the table is free");
        }
        while tasks.try_join_next().is_some() {}
        sleep(Duration::from_millis(2)).await;
    }
    let loads = meter(&world.server, "lazo_hot_profile_loads_total").await;
    let forgotten = times_forgotten(&world.server).await - forgotten;
    left.store(false, Ordering::Relaxed);
    writer.await.expect("the writer ends");

    // In the rush Redis may be given up on for a while. Who reads at ease finds or puts there what others will read.
    let other = world.another().await;
    let (http, door, at_ease) = (client(), world.door_of(&other), Ledger::default());
    for whose in 0..keys {
        at_ease.read(read_version(&http, &door, whose, None).await.0);
    }
    assert!(at_ease.reads().failed().0.is_empty());
    let lifetimes = lifetimes(&world).await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    report.counted(&count);
    report.also("loads at once", i32::try_from(most).expect("a count"));
    report.also("loads", loads);
    report.also("times that all was forgotten", forgotten);
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
    assert!(0 < most && most <= LOADS, "{most} loads were made at once");
    let each_once = f64::from(u32::try_from(keys).expect("a count"));
    // Where the process forgets all, which it may at any time, those who read just then load once more.
    let again = forgotten * f64::from(u32::try_from(readers).expect("a count"));
    assert!(
        (each_once..=each_once + again).contains(&loads),
        "{loads} loads of {keys} profiles, each read {TWINS} times at once, and all forgotten {forgotten} times"
    );
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
pub(super) async fn lifetimes(world: &World) -> Vec<i64> {
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
