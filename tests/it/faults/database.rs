//! F4 to F6: PostgreSQL crashes, freezes, or loses its connections, while the program works.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lazo_tests::{
    Engine::{self, Postgres},
    process::memory_mib,
    segment::{Item, track},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    World,
    count::Count,
    ledger::{Ending, Ledger},
    limit,
    load::{Load, Plan, client, customer, send_until_answered},
    pick,
    reading::{self, Manner, Reader},
    report::Report,
    seed,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_crashed_writes_are_refused_at_once_and_work_again_by_themselves(
    #[values(Postgres)] engine: Engine,
) {
    const FIRST_HOT: usize = 1_000;
    const HOT: usize = 5;
    let seed = seed();
    let mut report = Report::new("F4", "PostgreSQL crashes and comes back", seed);
    let mut world = World::start(engine).await;
    let plan = Plan {
        customers: 20,
        ..Plan::new(seed)
    };
    // Customers who are read and not written: what is known of them stays true.
    let quiet = Arc::new(Ledger::default());
    let hot: Vec<(usize, Item)> = (FIRST_HOT..FIRST_HOT + HOT)
        .map(|whose| (whose, track("Opened").user(&customer(whose))))
        .collect();
    send_until_answered(&client(), &world.door(), &quiet, &hot).await;
    let goes_on = Arc::new(AtomicBool::new(true));
    let mut readers = JoinSet::new();
    for number in 0..2 {
        let reader = Reader {
            number,
            manner: Manner::Exact,
            first: FIRST_HOT,
            customers: HOT,
            seed,
        };
        reading::start(&mut readers, &[world.door()], &quiet, &goes_on, reader);
    }
    let load = Load::start(&[world.door()], &plan);
    sleep(pick(Duration::from_millis(1_500), Duration::from_secs(5))).await;

    let crashed = Instant::now();
    world.postgres.crash();
    let away = Instant::now();
    sleep(pick(Duration::from_secs(3), Duration::from_secs(10))).await;
    let starts = Instant::now();
    world.postgres.up();
    let back = Instant::now();
    sleep(pick(Duration::from_secs(4), Duration::from_secs(10))).await;

    let ledger = load.finish().await;
    let all = &ledger.acknowledged() | &quiet.acknowledged();
    let count = Count::of(world.server.database(), &all).await;
    let refused = ledger.writes().failed();
    let during = ledger.writes().between(away, starts);
    goes_on.store(false, Ordering::Relaxed);
    readers.join_all().await;
    let reads = quiet
        .reads()
        .select(|call| (away..starts).contains(&call.began));
    let recovery = ledger.writes().recovery(back);
    report.recovered(recovery);
    report.counted(&count);
    report.also("share of hot reads answered during it", reads.share_good());
    report.also_time("longest read during it", reads.longest());
    report.also_time("longest refusal", refused.longest());
    report.also_time("median refusal", during.percentile(50));
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    refused.are_asked_to_come_back();
    assert!(crashed < away && !during.0.is_empty());
    assert!(
        during.good().0.is_empty(),
        "nothing is acknowledged without the database"
    );
    assert!(
        // A key that must be confirmed first gives the database two seconds more.
        refused.longest() <= limit(Duration::from_secs(3))
            && during.percentile(50) <= Duration::from_secs(1),
        "the longest refusal took {:?}, the median {:?}",
        refused.longest(),
        during.percentile(50)
    );
    assert!(
        recovery <= limit(Duration::from_secs(5)),
        "recovery took {recovery:?}"
    );
    ledger.reads().failed().are_asked_to_come_back();
    quiet.was_told_the_truth();
    quiet.reads().failed().are_asked_to_come_back();
    assert!(world.server.lives(), "it was not restarted");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_frozen_requests_end_in_time_and_memory_stays_bounded(
    #[values(Postgres)] engine: Engine,
) {
    let seed = seed();
    let mut report = Report::new("F5", "PostgreSQL frozen by SIGSTOP", seed);
    let mut world = World::start(engine).await;
    let load = Load::start(&[world.door()], &Plan::new(seed));
    sleep(Duration::from_millis(1_500)).await;
    let memory_before = memory_mib(world.server.process_id());

    world.postgres.freeze();
    let frozen = Instant::now();
    sleep(pick(Duration::from_secs(11), Duration::from_secs(15))).await;
    let memory_during = memory_mib(world.server.process_id());
    world.postgres.thaw();
    let thawed = Instant::now();
    sleep(Duration::from_secs(5)).await;

    let ledger = load.finish().await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let all = [ledger.writes().0, ledger.reads().0].concat();
    let recovery = ledger.writes().recovery(thawed);
    let failed = ledger.writes().failed();
    let longest = all.iter().map(|call| call.took).max().unwrap_or_default();
    let growth = memory_during.saturating_sub(memory_before);
    report.recovered(recovery);
    report.counted(&count);
    report.also_time("longest request", longest);
    report.also("memory grew (MiB)", u32::try_from(growth).expect("a size"));
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    assert!(
        failed
            .0
            .iter()
            .any(|call| call.ended() < thawed && call.began > frozen - Duration::from_secs(1)),
        "no request was ended before the database went on"
    );
    for call in &all {
        assert!(
            matches!(call.ending, Ending::Status(200 | 503 | 504)),
            "{call:?}"
        );
    }
    assert!(
        longest <= pick(Duration::from_secs(14), Duration::from_secs(10)),
        "a request took {longest:?}"
    );
    assert!(growth < 100, "memory grew by {growth} MiB");
    assert!(
        recovery <= limit(Duration::from_secs(5)),
        "recovery took {recovery:?}"
    );
    assert!(world.server.lives(), "it was not restarted");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn connections_cut_every_second_cost_nothing_but_a_retry(#[values(Postgres)] engine: Engine) {
    let seed = seed();
    let mut report = Report::new(
        "F6",
        "`pg_terminate_backend` of all connections, every second",
        seed,
    );
    let mut world = World::start(engine).await;
    let plan = Plan {
        readers: 1,
        ..Plan::new(seed)
    };
    let load = Load::start(&[world.door()], &plan);
    let window = pick(Duration::from_millis(2_500), Duration::from_secs(10));
    let cuts = pick(4_usize, 20);
    sleep(Duration::from_secs(1)).await;
    let before = Instant::now();
    sleep(window).await;
    let first_cut = Instant::now();

    let connection = world.server.database().connect().await;
    for _ in 0..cuts {
        connection
            .execute_unprepared(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
            )
            .await
            .expect("connections are cut");
        sleep(pick(Duration::from_millis(700), Duration::from_secs(1))).await;
    }
    let last_cut = Instant::now();
    sleep(window).await;
    let after = Instant::now();

    let ledger = load.finish().await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let writes = ledger.writes();
    let kept = writes.rate(last_cut, after) / writes.rate(before, first_cut);
    report.runs(cuts);
    report.recovered(writes.recovery(last_cut));
    report.counted(&count);
    report.also("throughput after, of that before", kept);
    report.also(
        "refused requests",
        u32::try_from(writes.failed().0.len()).expect("a count"),
    );
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    writes.failed().are_asked_to_come_back();
    ledger.reads().failed().are_asked_to_come_back();
    assert!(
        kept >= pick(0.4, 0.9),
        "only {kept} of the throughput was left"
    );
    assert!(world.server.lives(), "it was not restarted");
}
