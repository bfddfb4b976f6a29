//! After a change of what is defined all those are decided of whom it may change something, and where that can be told nobody else.

use std::collections::BTreeSet;

use lazo_domain::condition::text;
use lazo_domain::id::SegmentId;
use serde_json::json;

use super::fresh::{differences, settle_all};
use super::{DAY, Shop, create};
use crate::auth::caller::Caller;
use crate::segment::Update;
use crate::segment::service::{self, Pin};
use crate::standing::{Step, Sweeper};

impl Shop {
    /// Makes a segment, and decides nobody by it yet.
    async fn announced(&self, key: &str, condition: &str) -> SegmentId {
        let create = create(key, Some(condition));
        let app = &self.test.app;
        let made = service::create(app, &Caller::Local, &create, None).await;
        made.unwrap().id
    }

    async fn changed(&self, segment: SegmentId, condition: &str) {
        let mut update = Update::of(segment);
        update.condition = Some(Some(text::parse(condition).unwrap()));
        let app = &self.test.app;
        service::update(app, &Caller::Local, &update).await.unwrap();
    }

    /// How many are decided and how many were to be.
    async fn progress(&self) -> (i64, Option<i64>) {
        let progress = service::progress(&self.test.app).await.unwrap().unwrap();
        (progress.done, progress.total)
    }

    async fn is_right(&self) {
        settle_all(&self.test.app).await;
        let differences = differences(&self.test.app).await;
        assert_eq!(differences, Vec::<String>::new());
    }
}

/// Four customers, of whom two looked at something.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    for name in ["ana", "bea"] {
        shop.track(name, "Viewed").await;
    }
    for name in ["carl", "dora"] {
        shop.track(name, "Bought").await;
    }
    shop
}

#[tokio::test]
async fn a_new_segment_is_decided_for_those_alone_for_whom_it_holds() {
    let shop = shop().await;
    let viewers = shop
        .announced("viewers", "performed('Viewed', WITHIN 30d) >= 1")
        .await;
    assert_eq!(shop.progress().await, (0, None));
    assert_eq!(shop.sweep().await, 2);
    assert_eq!(shop.progress().await, (2, Some(2)));
    assert_eq!(shop.members(viewers).await.len(), 2);
    shop.is_right().await;
}

#[tokio::test]
async fn a_changed_segment_is_decided_for_its_members_and_for_those_who_become_some() {
    let shop = shop().await;
    let some = shop.segment("some", "performed('Viewed') >= 1").await;
    shop.changed(some, "performed('Bought') >= 1").await;
    assert_eq!(shop.sweep().await, 4);
    assert_eq!(shop.members(some).await.len(), 2);
    shop.changed(some, "performed('Bought') >= 2").await;
    assert_eq!(shop.sweep().await, 2);
    assert_eq!(shop.members(some).await, BTreeSet::new());
    shop.is_right().await;
}

#[tokio::test]
async fn an_archived_segment_is_left_by_its_members_alone() {
    let shop = shop().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 1").await;
    let app = &shop.test.app;
    service::archive(app, &Caller::Local, viewers)
        .await
        .unwrap();
    assert_eq!(shop.sweep().await, 2);
    assert_eq!(shop.members(viewers).await, BTreeSet::new());
    shop.is_right().await;
}

#[tokio::test]
async fn what_time_makes_true_is_decided_for_everybody() {
    let shop = shop().await;
    shop.announced("absent", "NOT performed('Viewed', WITHIN 30d) >= 1")
        .await;
    assert_eq!(shop.sweep().await, 4);
    assert_eq!(shop.progress().await, (4, Some(4)));
    shop.pass(30 * DAY);
    shop.is_right().await;
}

#[tokio::test]
async fn what_is_left_of_a_sweep_is_done_with_the_next() {
    let shop = shop().await;
    let viewers = shop.announced("viewers", "performed('Viewed') >= 1").await;
    let buyers = shop.announced("buyers", "performed('Bought') >= 1").await;
    assert_eq!(shop.sweep().await, 4);
    assert_eq!(shop.members(viewers).await.len(), 2);
    assert_eq!(shop.members(buyers).await.len(), 2);
    shop.announced("absent", "NOT performed('Viewed', WITHIN 30d) >= 1")
        .await;
    shop.announced("more", "performed('Sent') >= 1").await;
    assert_eq!(shop.sweep().await, 4);
    shop.announced("others", "performed('Sent') >= 1").await;
    assert_eq!(shop.sweep().await, 0);
    shop.is_right().await;
}

#[tokio::test]
async fn a_segment_that_asks_for_a_changed_one_follows_it() {
    let shop = shop().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 1").await;
    let others = shop
        .segment(
            "others",
            "NOT segment('viewers') AND performed('Bought') >= 1",
        )
        .await;
    assert_eq!(shop.members(others).await.len(), 2);
    shop.changed(viewers, "performed('Bought') >= 1").await;
    shop.sweep().await;
    assert_eq!(shop.members(others).await, BTreeSet::new());
    shop.is_right().await;
}

#[tokio::test]
async fn whoever_does_something_while_a_sweep_goes_on_is_decided_at_once() {
    let shop = shop().await;
    let viewers = shop.announced("viewers", "performed('Viewed') >= 1").await;
    let app = &shop.test.app;
    let mut sweeper = Sweeper::default();
    let eve = shop.track("eve", "Viewed").await;
    assert!(shop.members(viewers).await.contains(&eve));
    assert_eq!(sweeper.step(app).await.unwrap(), 3);
    let carl = shop.track("carl", "Viewed").await;
    assert!(shop.members(viewers).await.contains(&carl));
    // What was listed for an earlier change decides nobody for a later one.
    shop.changed(viewers, "performed('Bought') >= 1").await;
    let dora = shop.track("dora", "Opened").await;
    assert!(shop.members(viewers).await.contains(&dora));
    while sweeper.step(app).await.unwrap() > 0 {}
    assert_eq!(shop.members(viewers).await, BTreeSet::from([carl, dora]));
    shop.is_right().await;
}

#[tokio::test]
async fn two_processes_share_a_sweep() {
    let shop = shop().await;
    for number in 0..300 {
        let item = json!({ "type": "track", "event": "Viewed" });
        shop.send(&format!("v{number}"), item).await;
    }
    let viewers = shop.announced("viewers", "performed('Viewed') >= 1").await;
    let app = &shop.test.app;
    let (mut one, mut other) = (Sweeper::default(), Sweeper::default());
    let mut decided = 0;
    loop {
        let some = one.step(app).await.unwrap() + other.step(app).await.unwrap();
        decided += some;
        if some == 0 {
            break;
        }
    }
    assert_eq!((decided, shop.progress().await), (302, (302, Some(302))));
    let members = "SELECT count(*) FROM segment_member";
    assert_eq!(shop.test.number(members).await, 302);
    shop.changed(viewers, "performed('Bought') >= 1").await;
    shop.is_right().await;
}

#[tokio::test]
async fn whom_a_person_put_in_or_took_out_stays_so_through_a_sweep() {
    let shop = shop().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 1").await;
    let ana = shop.track("ana", "Opened").await;
    let carl = shop.track("carl", "Opened").await;
    let app = &shop.test.app;
    for (profile, pin) in [(ana, Pin::Excluded), (carl, Pin::Included)] {
        let pinned = service::pin(app, &Caller::Local, viewers, &[profile], pin).await;
        pinned.unwrap();
    }
    let before = shop.members(viewers).await;
    shop.changed(
        viewers,
        "performed('Viewed') >= 1 AND performed('Viewed') < 9",
    )
    .await;
    shop.sweep().await;
    assert_eq!(shop.members(viewers).await, before);
    assert!(before.contains(&carl) && !before.contains(&ana));
    assert_eq!(app.writer().stand(Step::Due).await.unwrap(), 0);
    shop.is_right().await;
}
