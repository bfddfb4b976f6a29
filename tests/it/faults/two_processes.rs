//! Two processes on one PostgreSQL and Redis are as one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lazo_tests::{
    Engine::{self, Postgres},
    clock::{DAY, MINUTE},
    segment::{Item, track},
};
use rstest::rstest;
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    World,
    count::{Count, number},
    history::{history, portraits},
    ledger::Ledger,
    limit,
    load::{Load, Plan, client, send_until_answered},
    pick, reading,
    report::Report,
    seed, until,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_process_never_goes_back_in_time_and_another_shows_what_was_acknowledged_by_its_version_or_within_a_second(
    #[values(Postgres)] engine: Engine,
) {
    const HOT: usize = 5;
    let seed = seed();
    let mut report = Report::new("two processes: reads", "writers and readers on both", seed);
    let world = World::start(engine).await;
    let other = world.another().await;
    let doors = [world.door(), world.door_of(&other)];
    let plan = Plan {
        clients: 4,
        readers: 0,
        batch: 1,
        customers: HOT,
        rest: Duration::from_millis(2),
        ..Plan::new(seed)
    };
    let load = Load::start(&doors, &plan);
    let goes_on = Arc::new(AtomicBool::new(true));
    let mut readers = JoinSet::new();
    let mix = (8, HOT, seed);
    reading::start_each_manner(&mut readers, &doors, &load.ledger, &goes_on, mix);
    sleep(pick(Duration::from_secs(3), Duration::from_secs(30))).await;
    goes_on.store(false, Ordering::Relaxed);
    readers.join_all().await;
    let ledger = load.finish().await;

    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let reads = ledger.reads();
    report.counted(&count);
    report.also("reads", u32::try_from(reads.0.len()).expect("a count"));
    report.publish();
    count.holds();
    ledger.was_told_the_truth();
    assert!(
        !reads.0.is_empty() && reads.failed().0.is_empty(),
        "{:?}",
        reads.endings()
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_revoked_under_load_dies_on_both_within_five_seconds(
    #[values(Postgres)] engine: Engine,
) {
    const READ: &str = "{ profiles(first: 1) { nodes { id } } }";
    let seed = seed();
    let mut report = Report::new(
        "two processes: revocation",
        "a token is revoked under load",
        seed,
    );
    let mut world = World::start(engine).await;
    let other = world.another().await;
    let doors = [world.door(), world.door_of(&other)];
    let load = Load::start(
        &doors,
        &Plan {
            readers: 0,
            ..Plan::new(seed)
        },
    );

    for without_redis in [false, true] {
        let input =
            json!({ "name": format!("token {without_redis}"), "scopes": ["profiles:read"] });
        let created = world
            .admin()
            .mutate("tokenCreate", "secret token { id }", input)
            .await;
        let token = created["secret"].as_str().expect("a secret").to_owned();
        let callers = [&world.server, &other].map(|server| server.platform(Some(token.clone())));
        for caller in &callers {
            assert_eq!(caller.send(READ, json!({})).await.status, 200);
        }
        if without_redis {
            world.redis.crash();
        }
        world
            .admin()
            .mutate(
                "tokenRevoke",
                "token { id }",
                json!({ "id": created["token"]["id"] }),
            )
            .await;
        let revoked = Instant::now();
        for caller in &callers {
            while caller.send(READ, json!({})).await.status != 401 {
                assert!(
                    revoked.elapsed() < pick(Duration::from_secs(8), Duration::from_secs(5)),
                    "the token still opens"
                );
                sleep(Duration::from_millis(10)).await;
            }
        }
        report.recovered(revoked.elapsed());
    }

    let ledger = load.finish().await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    report.runs(2);
    report.counted(&count);
    report.publish();
    count.holds();
    assert!(
        ledger.writes().failed().0.is_empty(),
        "{:?}",
        ledger.writes().endings()
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn writes_through_both_at_once_give_what_one_alone_gives(#[values(Postgres)] engine: Engine) {
    let mut report = Report::new(
        "two processes: writes",
        "one history written through both at once",
        seed(),
    );
    let (length, customers) = pick((240, 6), (5_000, 100));
    let items = history(length, customers);
    let world = World::start(engine).await;
    let other = world.another().await;
    let doors = [world.door(), world.door_of(&other)];
    let ledger = Arc::new(Ledger::default());
    let mut tasks = JoinSet::new();
    for (part, door) in items.chunks(length.div_ceil(8)).zip(doors.iter().cycle()) {
        let (part, door, ledger) = (part.to_vec(), door.clone(), Arc::clone(&ledger));
        tasks.spawn(async move {
            let http = client();
            for chunk in part.chunks(10) {
                let chunk: Vec<(usize, Item)> =
                    chunk.iter().map(|item| (0, item.clone())).collect();
                send_until_answered(&http, &door, &ledger, &chunk).await;
            }
        });
    }
    tasks.join_all().await;
    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let through_one = portraits(&world.admin(), customers).await;
    let through_other = portraits(&other.platform(Some(world.token.clone())), customers).await;
    report.counted(&count);
    report.publish();
    count.holds();
    world.is_what_its_touchpoints_say().await;
    assert_eq!(count.stored, length);
    assert!(
        ledger.writes().failed().0.is_empty(),
        "{:?}",
        ledger.writes().endings()
    );
    assert_eq!(through_one, through_other);

    drop(other);
    let alone = world.afresh("alone").await;
    for chunk in items.chunks(100) {
        alone.sender().accepted(chunk).await;
    }
    let expected = portraits(&alone.admin(), customers).await;
    assert_eq!(through_one, expected, "two processes and one agree");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn memberships_that_end_by_time_end_once_though_one_of_both_is_killed_meanwhile(
    #[values(Postgres)] engine: Engine,
) {
    const LEFT: &str = "SELECT count(*) AS number FROM segment_transition WHERE entered = FALSE";
    const STAY: &str = "SELECT count(*) AS number FROM segment_member";
    let mut report = Report::new(
        "two processes: timers",
        "`kill -9` of one while memberships end by time",
        seed(),
    );
    let members = pick(2_000_u32, 20_000);
    let world = World::start(engine).await;
    let mut other = world.another().await;
    world
        .admin()
        .segment("recent", "performed('Viewed', within 14d)")
        .await;
    let viewed: Vec<Item> = (0..members)
        .map(|number| track("Viewed").user(&format!("v{number}")))
        .collect();
    for chunk in viewed.chunks(250) {
        world.sender().accepted(chunk).await;
    }
    let connection = world.server.database().connect().await;
    let count = async |sql: &str| number(&connection, sql).await;
    assert_eq!(count(STAY).await, i64::from(members));

    let later = 14 * DAY + 10 * MINUTE;
    tokio::join!(world.server.move_clock(later), other.move_clock(later));
    let some = || async { count(LEFT).await > 0 };
    until(limit(Duration::from_secs(5)), "some have left", some).await;
    let at_the_kill = count(LEFT).await;
    other.kill();
    let none = || async { count(STAY).await == 0 };
    let took = until(limit(Duration::from_secs(10)), "all have left", none).await;

    let ids = viewed.iter().map(Item::message_id).collect();
    let counted = Count::of(world.server.database(), &ids).await;
    let twice = "SELECT count(*) AS number FROM (SELECT profile_id FROM segment_transition WHERE entered = FALSE \
                 GROUP BY profile_id HAVING count(*) > 1) AS twice";
    let twice = count(twice).await;
    let otherwise = format!("{LEFT} AND cause <> 'TIME'");
    let otherwise = count(&otherwise).await;
    let left = count(LEFT).await;
    report.counted(&counted);
    report.recovered(took);
    report.also("memberships", members);
    report.also(
        "of which ended before the kill",
        u32::try_from(at_the_kill).expect("a count"),
    );
    report.publish();
    counted.holds();
    assert_eq!(
        (left, twice, otherwise),
        (i64::from(members), 0, 0),
        "each has left once, by time"
    );
}
