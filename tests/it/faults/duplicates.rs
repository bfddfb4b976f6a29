//! F14 and F15: everything arrives five times, or in another order.

use std::{collections::BTreeMap, sync::Arc};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    clock::HOUR,
    segment::{Item, Outcome, Sender},
    standing::Standing,
};
use rstest::rstest;
use tokio::task::JoinSet;

use super::{
    Random, World,
    count::Count,
    history::{history, portraits, standings},
    on, pick,
    report::Report,
    seed,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_five_times_at_once_and_again_a_day_later_counts_once(
    #[values(Postgres)] engine: Engine,
) {
    let mut report = Report::new(
        "F14",
        "each message sent 5 times at once, and again after 25 hours",
        seed(),
    );
    let world = World::start(engine).await;
    let (length, customers) = pick((250, 10), (10_000, 200));
    let items = history(length, customers);
    let sender = world.sender();

    let mut statuses: BTreeMap<String, usize> = BTreeMap::new();
    for chunk in items.chunks(250) {
        for outcome in five_times(&sender, chunk).await {
            *statuses.entry(outcome.status).or_default() += 1;
        }
    }
    let before = portraits(&world.admin(), customers).await;
    world.server.move_clock(25 * HOUR).await;
    for chunk in items.chunks(500) {
        for outcome in sender.batch(chunk).await {
            assert_eq!(outcome.code, None, "the content is the same");
            *statuses.entry(outcome.status).or_default() += 1;
        }
    }
    let after = portraits(&world.admin(), customers).await;

    let ids = items.iter().map(Item::message_id).collect();
    let count = Count::of(world.server.database(), &ids).await;
    report.counted(&count);
    let duplicates = statuses.get("DUPLICATE").copied().unwrap_or(0);
    report.also("answers DUPLICATE", wide(duplicates));
    report.publish();
    count.holds();
    assert_eq!(count.stored, length);
    assert_eq!(
        statuses,
        [
            ("ACCEPTED".to_owned(), length),
            ("DUPLICATE".to_owned(), 5 * length)
        ]
        .into()
    );
    assert_eq!(before, after, "profiles are as they were");
    world.is_what_its_touchpoints_say().await;
}

async fn five_times(sender: &Sender, items: &[Item]) -> Vec<Outcome> {
    let items: Arc<[Item]> = items.into();
    let mut tasks = JoinSet::new();
    for _ in 0..5 {
        for start in (0..items.len()).step_by(50) {
            let (sender, items) = (sender.clone(), Arc::clone(&items));
            tasks.spawn(async move {
                let end = (start + 50).min(items.len());
                sender.batch(&items[start..end]).await
            });
        }
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_history_in_any_order_gives_the_same_profiles(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let seed = seed();
    let mut report = Report::new(
        &on("F15", engine),
        "the same history forwards, backwards and shuffled",
        seed,
    );
    let (length, customers) = pick((240, 6), (5_000, 100));
    let forwards = history(length, customers);
    let mut backwards = forwards.clone();
    backwards.reverse();
    let mut shuffled = forwards.clone();
    Random(seed).shuffle(&mut shuffled);
    let mut world = World::start(engine).await;
    let mut found = vec![];

    for (number, items) in [forwards, backwards, shuffled].iter().enumerate() {
        if number > 0 {
            world = world.afresh(&format!("order{number}")).await;
        }
        let admin = world.admin();
        admin.stands().await;
        for chunk in items.chunks(100) {
            world.sender().accepted(chunk).await;
        }
        admin.measured().await;
        let ids = items.iter().map(Item::message_id).collect();
        let count = Count::of(world.server.database(), &ids).await;
        report.counted(&count);
        count.holds();
        world.is_what_its_touchpoints_say().await;
        found.push((
            portraits(&admin, customers).await,
            standings(&admin, customers).await,
        ));
    }
    let members: usize = found[0].1.values().map(Standing::segments).sum();

    report.also("memberships", wide(members));
    report.runs(found.len());
    report.publish();
    assert!(
        members > customers,
        "hardly anybody is a member of anything"
    );
    for other in &found[1..] {
        assert_eq!(&found[0], other, "another order gives other profiles");
    }
}

fn wide(count: usize) -> u32 {
    u32::try_from(count).expect("a count")
}
