//! F16: ten times as much arrives as can be written.

use std::{sync::Arc, time::Duration};

use lazo_tests::{
    Engine::{self, Postgres},
    postgres::PrivatePostgres,
    process::memory_mib,
    segment::{Item, track},
};
use rstest::rstest;
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep},
};

use super::{
    World,
    count::Count,
    ledger::Ledger,
    load::{Load, Plan, client, customer, send_once},
    pick,
    report::Report,
    seed, until,
};

/// The queue of the writer: what waits in it is what an accepted request waits for.
const QUEUE: &str = "32";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn under_ten_times_the_load_most_of_the_capacity_is_used_and_the_rest_is_asked_to_come_back(
    #[values(Postgres)] engine: Engine,
) {
    const BATCH: usize = 50;
    let seed = seed();
    let mut report = Report::new("F16", "ten times the capacity", seed);
    let settings = [("LAZO_WRITER__QUEUE", QUEUE)];
    let mut world = World::start_with(engine, PrivatePostgres::start(), &settings).await;
    let idle = memory_mib(world.server.process_id());
    let plan = Plan {
        clients: 8,
        readers: 0,
        batch: BATCH,
        ..Plan::new(seed)
    };
    let load = Load::start(&[world.door()], &plan);
    sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    sleep(pick(Duration::from_secs(3), Duration::from_secs(10))).await;
    let ended = Instant::now();
    let at_capacity = load.finish().await;
    let capacity = at_capacity.writes().rate(began, ended);
    let normal = at_capacity.writes().percentile(99);

    let ledger = Arc::new(Ledger::default());
    let duration = pick(Duration::from_secs(4), Duration::from_mins(1));
    let per_batch = f64::from(u32::try_from(BATCH).expect("a small number"));
    let mut ticks = interval(Duration::from_secs_f64(per_batch / (10.0 * capacity)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (http, door) = (client(), world.door());
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    let mut offered = 0_usize;
    let mut most_memory = 0;
    while start.elapsed() < duration {
        ticks.tick().await;
        offered += 1;
        let (http, door, ledger) = (http.clone(), door.clone(), Arc::clone(&ledger));
        tasks.spawn(async move {
            let items: Vec<(usize, Item)> = (0..BATCH)
                .map(|whose| (whose, track("Opened").user(&customer(whose))))
                .collect();
            send_once(&http, &door, &ledger, &items).await;
        });
        while tasks.try_join_next().is_some() {}
        if offered.is_multiple_of(50) {
            most_memory = most_memory.max(memory_mib(world.server.process_id()));
        }
    }
    let stop = Instant::now();
    let quick = || async {
        let begun = Instant::now();
        let item = [(0, track("Opened").user(&customer(0)))];
        let answered = send_once(&http, &door, &ledger, &item).await;
        answered && begun.elapsed() <= normal * 2
    };
    let recovery = until(Duration::from_mins(1), "it is as quick as before", quick).await;
    tasks.join_all().await;

    let writes = ledger.writes();
    let accepted = writes.rate(start, stop);
    let every: std::collections::BTreeSet<String> =
        &at_capacity.acknowledged() | &ledger.acknowledged();
    let count = Count::of(world.server.database(), &every).await;
    let good = writes.good();
    report.recovered(recovery);
    report.counted(&count);
    report.also("capacity (touchpoints/s)", capacity.round());
    report.also("accepted (touchpoints/s)", accepted.round());
    report.also("offered requests", u32::try_from(offered).expect("a count"));
    report.also(
        "refused requests",
        u32::try_from(writes.failed().0.len()).expect("a count"),
    );
    report.also("memory idle (MiB)", u32::try_from(idle).expect("a size"));
    report.also(
        "memory at most (MiB)",
        u32::try_from(most_memory).expect("a size"),
    );
    report.also_time("p99 of accepted", good.percentile(99));
    report.publish();
    count.holds();
    writes.failed().are_asked_to_come_back();
    assert!(!writes.failed().0.is_empty(), "it was no overload");
    assert!(
        accepted >= pick(0.4, 0.8) * capacity,
        "{accepted} of {capacity} touchpoints in a second"
    );
    assert!(
        most_memory <= 2 * idle + 200,
        "{most_memory} MiB, {idle} MiB when idle"
    );
    assert!(
        good.percentile(99) <= pick(Duration::from_secs(6), Duration::from_secs(2)),
        "p99 is {:?}",
        good.percentile(99)
    );
    assert!(
        recovery <= pick(Duration::from_secs(15), Duration::from_secs(5)),
        "recovery took {recovery:?}"
    );
    assert!(world.server.lives());
}
