//! F16: ten times as much arrives as can be written.

use std::{sync::Arc, time::Duration};

use lazo_tests::{
    Engine::{self, Postgres},
    bench::process::Process,
    process::memory_mib,
};
use rstest::rstest;
use tokio::time::{Instant, sleep};

use super::{
    World,
    count::Count,
    flood::Flood,
    ledger::Ledger,
    load::{Load, Plan},
    pick,
    report::Report,
    seed,
};

/// Touchpoints in a request.
const BATCH: usize = 50;
/// Connections that are served at capacity.
const CONNECTIONS: usize = 64;
/// How many times as much comes when it is too much.
const TIMES: usize = 10;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn under_ten_times_the_load_most_of_the_capacity_is_used_and_the_rest_is_asked_to_come_back(
    #[values(Postgres)] engine: Engine,
) {
    let seed = seed();
    let mut report = Report::new("F16", "ten times the capacity", seed);
    let mut world = World::start(engine).await;
    let idle = memory_mib(world.server.process_id());
    let before = at_ease(&world, "before", seed).await;
    let normal = before.writes().percentile(99);
    let (full, capacity_before) = saturated(&world, "full").await;

    let (program, sender) = (Process::alone(world.server.process_id()), Process::own());
    let spent = (program.cpu(), sender.cpu());
    let ledger = Arc::new(Ledger::default());
    let start = Instant::now();
    let flood = ten_times(capacity_before);
    let rising = flood.start(&world.door(), &ledger);
    let memory = memory_until(world.server.process_id(), rising.ends).await;
    let requests = rising.offered();
    let stop = rising.ends;
    rising.sending.join_all().await;
    let drained = stop.elapsed();
    let lasted = start.elapsed().as_secs_f64();
    let busy = |process: Process, before: Duration| {
        process.cpu().saturating_sub(before).as_secs_f64() / lasted
    };
    let busy = (busy(program, spent.0), busy(sender, spent.1));
    // A minute later the tables are larger and the machine may be another, so what was stored meanwhile is compared with both ends.
    let (full_again, capacity_after) = saturated(&world, "full-again").await;
    let capacity = f64::midpoint(capacity_before, capacity_after);
    let after = at_ease(&world, "after", seed).await;
    let normal_again = after.writes().percentile(99);

    let writes = ledger.writes();
    let (good, failed) = (writes.good(), writes.failed());
    // What was taken in and answered after the end counts, and so does the time that it took.
    let accepted = writes.rate(start, stop + drained);
    let offered = per_second(requests * BATCH, flood.lasts);
    let every = [&before, &full, &ledger, &full_again, &after].map(|ledger| ledger.acknowledged());
    let every = every.into_iter().flatten().collect();
    let count = Count::of(world.server.database(), &every).await;
    report.recovered(drained);
    report.counted(&count);
    report.also("capacity before (touchpoints/s)", capacity_before.round());
    report.also("capacity after (touchpoints/s)", capacity_after.round());
    report.also("offered (touchpoints/s)", offered.round());
    report.also("accepted (touchpoints/s)", accepted.round());
    report.also("refused requests", wide(failed.0.len()));
    report.also("processors taken by the program", hundredths(busy.0));
    report.also("processors taken by the senders", hundredths(busy.1));
    report.also("memory idle (MiB)", wide(idle));
    report.also("memory at most (MiB)", wide(memory));
    report.also_time("p99 of accepted", good.percentile(99));
    report.also_time("p99 at ease before", normal);
    report.also_time("p99 at ease after", normal_again);
    report.publish();
    count.holds();
    failed.are_asked_to_come_back();
    assert!(!failed.0.is_empty(), "it was no overload");
    assert!(
        offered >= pick(3.0, 8.0) * capacity_before,
        "only {offered} touchpoints came in a second, {capacity_before} is the capacity"
    );
    assert!(
        accepted >= pick(0.4, 0.8) * capacity,
        "{accepted} of {capacity} touchpoints in a second"
    );
    assert!(
        memory <= 2 * idle + 200,
        "{memory} MiB, {idle} MiB when idle"
    );
    assert!(
        good.percentile(99) <= pick(Duration::from_secs(6), Duration::from_secs(2)),
        "p99 is {:?}",
        good.percentile(99)
    );
    assert!(
        drained <= pick(Duration::from_secs(15), Duration::from_secs(5)),
        "the last request was answered {drained:?} after the end"
    );
    let noise = pick(Duration::from_millis(500), Duration::from_millis(20));
    assert!(
        normal_again <= normal * 2 + noise,
        "p99 was {normal:?} before, and is {normal_again:?} after"
    );
    assert!(world.server.lives());
}

/// A load that is far from too much: at least 200 requests.
async fn at_ease(world: &World, name: &'static str, seed: u64) -> Arc<Ledger> {
    let plan = Plan {
        name,
        clients: 2,
        readers: 0,
        batch: 10,
        rest: Duration::from_millis(20),
        ..Plan::new(seed)
    };
    let load = Load::start(&[world.door()], &plan);
    load.reaches(plan.batch * pick(200, 1_000)).await;
    load.finish().await
}

/// A load that always has more to send, and the touchpoints that it gets written in a second. Its clients are those of the flood,
/// so that both leave the server as much of the machine.
async fn saturated(world: &World, name: &'static str) -> (Arc<Ledger>, f64) {
    let warms = Duration::from_secs(1);
    let full = Flood {
        name,
        batch: BATCH,
        between: Duration::ZERO,
        connections: CONNECTIONS,
        lasts: warms + pick(Duration::from_secs(3), Duration::from_secs(10)),
    };
    let ledger = Arc::new(Ledger::default());
    let rising = full.start(&world.door(), &ledger);
    let (began, ended) = (rising.ends - full.lasts + warms, rising.ends);
    rising.sending.join_all().await;
    let capacity = ledger.writes().rate(began, ended);
    (ledger, capacity)
}

/// The flood of ten times the capacity, over at most ten times the connections.
fn ten_times(capacity: f64) -> Flood {
    let between = f64::from(wide(BATCH)) / (f64::from(wide(TIMES)) * capacity);
    Flood {
        name: "flood",
        batch: BATCH,
        between: Duration::from_secs_f64(between),
        connections: TIMES * CONNECTIONS,
        lasts: pick(Duration::from_secs(4), Duration::from_mins(1)),
    }
}

/// What a process holds at most until a moment, in MiB.
async fn memory_until(process: u32, end: Instant) -> u64 {
    let mut most = 0;
    while Instant::now() < end {
        most = most.max(memory_mib(process));
        sleep(Duration::from_millis(100)).await;
    }
    most
}

fn per_second(count: usize, time: Duration) -> f64 {
    f64::from(wide(count)) / time.as_secs_f64()
}

fn wide(count: impl TryInto<u32>) -> u32 {
    count.try_into().ok().expect("a count")
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
