//! F12 and F13: many callers at once tie the same profiles together.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use lazo_tests::{
    Engine::{self, Postgres},
    clock::{DAY, now, rfc3339},
    segment::{Item, identify, track},
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    Random, World,
    count::{Count, number},
    ledger::Ledger,
    load::{client, send_until_answered},
    pick,
    report::Report,
    seed,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_who_link_the_same_two_profiles_leave_one(#[values(Postgres)] engine: Engine) {
    const AT_ONCE: usize = 64;
    let mut report = Report::new("F12", "64 at once link the same two profiles", seed());
    let world = World::start(engine).await;
    let (sender, admin) = (world.sender(), world.admin());
    let ledger = Arc::new(Ledger::default());
    let rounds = pick(4_usize, 20);
    let http = client();

    for round in 0..rounds {
        let device = format!("device-{round}");
        let email = format!("email-{round}@example.com");
        let mut two = [
            identify().traits(json!({ "email": email })),
            identify().anonymous(&device),
        ];
        if round % 2 == 1 {
            two.reverse();
        }
        for one in two {
            ledger.acknowledge(round, &one.message_id(), None);
            sender.accept(one).await;
        }
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (http, door, ledger) = (http.clone(), world.door(), Arc::clone(&ledger));
            let link = identify()
                .anonymous(&device)
                .traits(json!({ "email": email }));
            tasks.spawn(async move {
                send_until_answered(&http, &door, &ledger, &[(round, link)]).await;
            });
        }
        tasks.join_all().await;

        let by_device = admin.device(&device).await;
        let by_email = admin.profile(json!({ "email": email })).await;
        assert_eq!(by_device.id, by_email.id, "one survives");
        let found: BTreeSet<String> = by_device
            .messages()
            .into_iter()
            .map(str::to_owned)
            .collect();
        assert_eq!(by_device.messages().len(), AT_ONCE + 2);
        assert_eq!(
            found,
            ledger.messages(round),
            "each touchpoint is there once"
        );
    }

    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let connection = world.server.database().connect().await;
    let survivors = "SELECT count(*) AS number FROM profile WHERE merged_into IS NULL";
    let survivors = number(&connection, survivors).await;
    report.runs(rounds);
    report.counted(&count);
    report.also_time("p99 of writes", ledger.writes().percentile(99));
    report.publish();
    count.holds();
    assert_eq!(survivors, i64::try_from(rounds).expect("a count"));
    assert!(
        ledger.writes().failed().0.is_empty(),
        "{:?}",
        ledger.writes().endings()
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_of_merges_in_any_order_ends_in_the_same_one_profile(
    #[values(Postgres)] engine: Engine,
) {
    let first_seed = seed();
    let mut report = Report::new(
        "F13",
        "a chain of profiles joined by 8 clients in random order",
        first_seed,
    );
    let world = World::start(engine).await;
    let admin = world.admin();
    let size = pick(60_usize, 1_000);
    let orders = pick(2_usize, 5);
    let base = now() - DAY;
    let ledger = Arc::new(Ledger::default());
    let mut portraits: BTreeMap<usize, Value> = BTreeMap::new();

    for order in 0..orders {
        let mut random = Random(first_seed.wrapping_add(u64::try_from(order).expect("64 bits")));
        let door = world.door();
        let links: Vec<(usize, Item)> = (0..size)
            .map(|place| (order, own(order, place, base)))
            .collect();
        for chunk in links.chunks(100) {
            send_until_answered(&client(), &door, &ledger, chunk).await;
        }
        let mut joins: Vec<(usize, Item)> = (1..size)
            .map(|place| (order, join(order, place, base)))
            .collect();
        random.shuffle(&mut joins);
        let mut tasks = JoinSet::new();
        for part in joins.chunks(joins.len().div_ceil(8)) {
            let (part, door, ledger) = (part.to_vec(), door.clone(), Arc::clone(&ledger));
            tasks.spawn(async move {
                let http = client();
                for one in part {
                    send_until_answered(&http, &door, &ledger, &[one]).await;
                }
            });
        }
        tasks.join_all().await;

        let first = admin.device(&device(order, 0)).await;
        let last = admin.device(&device(order, size - 1)).await;
        assert_eq!(first.id, last.id, "one profile is left");
        assert_eq!(
            usize::try_from(first.summary.touchpoints),
            Ok(2 * size - 1),
            "it counts all"
        );
        let text = first
            .portrait()
            .to_string()
            .replace(&format!("order{order}-"), "");
        portraits.insert(order, serde_json::from_str(&text).expect("JSON"));
    }

    let count = Count::of(world.server.database(), &ledger.acknowledged()).await;
    let connection = world.server.database().connect().await;
    let survivors = "SELECT count(*) AS number FROM profile WHERE merged_into IS NULL";
    let survivors = number(&connection, survivors).await;
    report.runs(orders);
    report.counted(&count);
    report.also_time("longest write", ledger.writes().longest());
    report.publish();
    count.holds();
    world.is_what_its_touchpoints_say().await;
    assert_eq!(survivors, i64::try_from(orders).expect("a count"));
    assert!(
        ledger.writes().failed().0.is_empty(),
        "{:?}",
        ledger.writes().endings()
    );
    let (_, expected) = portraits.first_key_value().expect("an order");
    for (order, portrait) in &portraits {
        assert_eq!(portrait, expected, "order {order} ends in another state");
    }
    assert!(ledger.writes().longest() < Duration::from_mins(1));
}

fn device(order: usize, place: usize) -> String {
    format!("order{order}-device{place:04}")
}

fn moment(base: i64, place: usize) -> String {
    rfc3339(base + i64::try_from(place).expect("a small number"))
}

/// A first touchpoint of a profile of its own.
fn own(order: usize, place: usize, base: i64) -> Item {
    identify()
        .anonymous(&device(order, place))
        .traits(json!({ "place": place, format!("is{}", place % 20): true }))
        .message(&format!("order{order}-own{place:04}"))
        .at(&moment(base, place))
}

/// A touchpoint that carries the identifiers of two neighbours.
fn join(order: usize, place: usize, base: i64) -> Item {
    let other =
        json!([{ "id": device(order, place), "type": "anonymous_id", "collection": "users" }]);
    track("Joined")
        .anonymous(&device(order, place - 1))
        .with("context", json!({ "externalIds": other }))
        .message(&format!("order{order}-join{place:04}"))
        .at(&moment(base + DAY / 2, place))
}
