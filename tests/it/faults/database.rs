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
    TestServer,
    postgres::PrivatePostgres,
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
    ledger::{Calls, Ending, Ledger},
    limit,
    load::{Door, Load, Plan, client, customer, send_once, send_until_answered},
    meters::meter,
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
    const READERS: usize = 8;
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
    for number in 0..READERS {
        let reader = Reader {
            number,
            manner: Manner::Patient {
                bound: Duration::from_secs(1),
            },
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
    // Those that were under way when it went away have waited since then.
    let waited = refused
        .0
        .iter()
        .map(|call| call.ended() - call.began.max(away));
    let longest = waited.max().unwrap_or_default();
    let recovery = ledger.writes().recovery(back);
    report.recovered(recovery);
    report.counted(&count);
    report.also(
        "hot reads during it",
        u32::try_from(reads.0.len()).expect("a count"),
    );
    report.also("share of them answered", reads.share_good());
    report.also_time("longest read during it", reads.longest());
    report.also_time("longest refusal", longest);
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
    // In the short form the machine may be busy with other tests.
    assert!(
        longest <= pick(Duration::from_secs(3), Duration::from_secs(1)),
        "a refusal took {longest:?}"
    );
    assert!(
        reads.0.len() >= pick(100, 2_000),
        "only {} hot reads were made during it",
        reads.0.len()
    );
    assert!(
        reads.share_good() >= 0.99,
        "of the hot reads only {} were answered: {:?}",
        reads.share_good(),
        reads.endings()
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

/// The requests of a rush.
const RUSH: usize = 1_500;
/// Those that come some seconds after it.
const LATE: usize = 50;

/// What a process held at most while it was looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    /// Requests in the writer's queue.
    waiting: f64,
    /// Memory, in MiB.
    memory: u64,
}

impl Held {
    fn and(self, later: Self) -> Self {
        Self {
            waiting: self.waiting.max(later.waiting),
            memory: self.memory.max(later.memory),
        }
    }
}

/// Looks at a process until a moment.
async fn look(server: &TestServer, until: Instant) -> Held {
    let mut held = Held::default();
    while Instant::now() < until {
        let waiting = meter(server, "lazo_writer_queue_requests").await;
        held.waiting = held.waiting.max(waiting);
        held.memory = held.memory.max(memory_mib(server.process_id()));
        sleep(Duration::from_millis(50)).await;
    }
    held
}

/// Sends so many requests at once, each of them once.
fn rush(door: &Door, ledger: &Arc<Ledger>, requests: usize) -> JoinSet<()> {
    let http = client();
    let mut sending = JoinSet::new();
    for request in 0..requests {
        let (http, door, ledger) = (http.clone(), door.clone(), Arc::clone(ledger));
        sending.spawn(async move {
            let items: Vec<(usize, Item)> = (0..10)
                .map(|place| (request + place) % 200)
                .map(|whose| (whose, track("Opened").user(&customer(whose))))
                .collect();
            send_once(&http, &door, &ledger, &items).await;
        });
    }
    sending
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_frozen_requests_end_in_time_and_queue_and_memory_stay_bounded(
    #[values(Postgres)] engine: Engine,
) {
    let seed = seed();
    let mut report = Report::new("F5", "PostgreSQL frozen by SIGSTOP", seed);
    // The rush comes from one address, and stands for one from many.
    let settings = [("LAZO_HTTP__ADDRESS_CONNECTIONS", "0")];
    let mut world = World::start_with(engine, PrivatePostgres::start(), &settings).await;
    let load = Load::start(&[world.door()], &Plan::new(seed));
    sleep(Duration::from_millis(1_500)).await;
    let memory_before = memory_mib(world.server.process_id());
    let room = meter(&world.server, "lazo_writer_queue_max_requests").await;
    let rushing = f64::from(u32::try_from(RUSH).expect("a count"));

    world.postgres.freeze();
    let frozen = Instant::now();
    let frozen_for = pick(Duration::from_secs(13), Duration::from_secs(15));
    // More than may wait.
    let rush = rush(&world.door(), &load.ledger, RUSH);
    let full = look(&world.server, frozen + frozen_for / 3).await;
    // They come when nothing more may wait.
    let late = self::rush(&world.door(), &load.ledger, LATE);
    let held = full.and(look(&world.server, frozen + frozen_for).await);
    world.postgres.thaw();
    let thawed = Instant::now();
    rush.join_all().await;
    late.join_all().await;
    sleep(Duration::from_secs(5)).await;

    let ledger = load.finish().await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let recovery = ledger.writes().recovery(thawed);
    let failed = ledger.writes().failed();
    let during = failed.select(|call| call.began > frozen && call.ended() < thawed);
    let quickest = during.percentile(0);
    let all = Calls([ledger.writes().0, ledger.reads().0].concat());
    let growth = held.memory.saturating_sub(memory_before);
    report.recovered(recovery);
    report.counted(&count);
    report.also_time("longest request", all.longest());
    report.also("requests waiting at most", held.waiting);
    report.also("requests that may wait", room);
    let refused = f64::from(u32::try_from(during.0.len()).expect("a count"));
    report.also("requests refused", refused);
    report.also("memory grew (MiB)", u32::try_from(growth).expect("a size"));
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    for call in &all.0 {
        assert!(
            matches!(call.ending, Ending::Status(200 | 503 | 504)),
            "{call:?}"
        );
    }
    failed.are_asked_to_come_back();
    assert!(
        rushing > room && held.waiting > 0.0 && held.waiting <= room,
        "{} of {room} waited of {RUSH}",
        held.waiting
    );
    assert!(
        refused >= rushing - room
            && quickest <= pick(Duration::from_secs(3), Duration::from_secs(1)),
        "{refused} were refused, the first after {quickest:?}"
    );
    assert!(
        all.longest() <= pick(Duration::from_secs(14), Duration::from_secs(10)),
        "a request took {:?}",
        all.longest()
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
