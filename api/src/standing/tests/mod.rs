//! What is promised of standings, and what is needed to see that it holds.

mod broken;
mod busy;
mod cdnow;
mod edits;
mod faults;
mod fresh;
mod laws;
mod sweeps;
mod time;

use std::collections::BTreeSet;
use std::sync::Arc;

use lazo_domain::condition::text;
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_entity::source;
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};

use super::{Step, Sweeper};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::segment::service::{self, Pin};
use crate::segment::{Create, Update, read};
use crate::testing::TestApp;
use crate::writer::{MergeByHand, MergeOutcome, UnmergeByHand, UnmergeOutcome};

const DAY: i64 = 86_400_000;

fn create(key: &str, condition: Option<&str>) -> Create {
    Create {
        key: key.to_owned(),
        name: key.to_owned(),
        description: None,
        condition: condition.map(|condition| text::parse(condition).unwrap()),
    }
}

/// Takes the sweep to its end. Returns how many profiles it decided on the way.
pub(crate) async fn sweep(app: &App) -> usize {
    let mut sweeper = Sweeper::default();
    let mut decided = 0;
    loop {
        match sweeper.step(app).await.unwrap() {
            0 => return decided,
            some => decided += some,
        }
    }
}

/// A deployment with a source, whose clock is moved by hand.
pub(crate) struct Shop {
    pub(crate) test: TestApp,
    source: Arc<source::Model>,
    sent: std::cell::Cell<u32>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let test = TestApp::start().await;
        let source = test.source("shop", true).await;
        Self {
            test,
            source,
            sent: std::cell::Cell::new(0),
        }
    }

    pub(crate) async fn segment(&self, key: &str, condition: &str) -> SegmentId {
        let create = create(key, Some(condition));
        let app = &self.test.app;
        let segment = service::create(app, &Caller::Local, &create, None).await;
        self.sweep().await;
        segment.unwrap().id
    }

    /// Decides all profiles by what is defined.
    pub(crate) async fn sweep(&self) -> usize {
        sweep(&self.test.app).await
    }

    pub(crate) async fn send(&self, user: &str, mut item: Json) -> ProfileId {
        let number = self.sent.get();
        self.sent.set(number + 1);
        item["userId"] = json!(user);
        item["messageId"] = json!(format!("m{number}"));
        let answers = self.test.record(&self.source, &[item]).await;
        answers[0].profile.unwrap()
    }

    pub(crate) async fn track(&self, user: &str, event: &str) -> ProfileId {
        self.send(user, json!({ "type": "track", "event": event }))
            .await
    }

    /// Merges profiles by hand. Returns the one that goes on.
    pub(crate) async fn merge(&self, profiles: &[ProfileId]) -> ProfileId {
        let merge = MergeByHand {
            profiles: profiles.to_vec(),
            actor: "me".to_owned(),
            reason: None,
            once: None,
        };
        let merged = self.test.app.writer().merge(merge).await.unwrap();
        let MergeOutcome::Done(survivor) = merged else {
            panic!("{merged:?}")
        };
        survivor
    }

    /// Parts a profile from the one that it was merged into.
    pub(crate) async fn part(&self, former: ProfileId) {
        let unmerge = UnmergeByHand {
            former,
            actor: "me".to_owned(),
            reason: None,
            once: None,
        };
        self.test.app.writer().unmerge(unmerge).await.unwrap();
    }

    pub(crate) fn pass(&self, millis: i64) {
        self.test.clock.advance(millis);
    }

    pub(crate) async fn members(&self, segment: SegmentId) -> BTreeSet<ProfileId> {
        let members = read::members(&self.test.app, segment, None, 100)
            .await
            .unwrap();
        members.into_iter().map(|member| member.profile).collect()
    }

    /// The transitions of a segment: who, whether in, when, by what.
    async fn transitions(&self, segment: SegmentId) -> Vec<(ProfileId, bool, i64, String)> {
        let found = read::transitions_after(&self.test.app, segment, 0, 100)
            .await
            .unwrap();
        let now = self.test.app.now();
        let row = found
            .into_iter()
            .map(|one| (one.profile_id, one.entered, one.at.0 - now.0, one.cause));
        row.collect()
    }
}

#[tokio::test]
async fn who_meets_the_condition_is_a_member_with_the_answer_to_the_touchpoint() {
    let shop = Shop::open().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 2").await;
    let ana = shop.track("ana", "Viewed").await;
    assert_eq!(shop.members(viewers).await, BTreeSet::new());
    shop.track("ana", "Viewed").await;
    shop.track("bea", "Viewed").await;
    assert_eq!(shop.members(viewers).await, BTreeSet::from([ana]));
    let transitions = shop.transitions(viewers).await;
    assert_eq!(transitions, [(ana, true, 0, "TOUCHPOINT".to_owned())]);
}

#[tokio::test]
async fn who_leaves_because_time_passed_has_left_at_that_instant() {
    let shop = Shop::open().await;
    let recent = shop
        .segment("recent", "performed('Viewed', within 14d) >= 1")
        .await;
    let ana = shop.track("ana", "Viewed").await;
    assert_eq!(shop.members(recent).await, BTreeSet::from([ana]));
    shop.pass(14 * DAY - 1);
    assert_eq!(shop.test.app.writer().stand(Step::Due).await.unwrap(), 0);
    assert_eq!(shop.members(recent).await, BTreeSet::from([ana]));
    shop.pass(1);
    // Nobody is shown it any more, though the timer has not come by yet.
    assert_eq!(shop.members(recent).await, BTreeSet::new());
    shop.pass(5_000);
    assert_eq!(shop.test.app.writer().stand(Step::Due).await.unwrap(), 1);
    assert_eq!(shop.test.app.writer().stand(Step::Due).await.unwrap(), 0);
    let transitions = shop.transitions(recent).await;
    assert_eq!(transitions[1], (ana, false, -5_000, "TIME".to_owned()));
    assert_eq!(transitions.len(), 2);
}

#[tokio::test]
async fn what_time_changed_while_nobody_looked_is_told_as_it_was() {
    let shop = Shop::open().await;
    let waiting = shop
        .segment(
            "waiting",
            "performed('Viewed').last LONGER AGO THAN 1d AND performed('Viewed', within 3d) >= 1",
        )
        .await;
    let ana = shop.track("ana", "Viewed").await;
    shop.pass(10 * DAY);
    assert_eq!(shop.test.app.writer().stand(Step::Due).await.unwrap(), 1);
    assert_eq!(
        shop.transitions(waiting).await,
        [
            (ana, true, -9 * DAY, "TIME".to_owned()),
            (ana, false, -7 * DAY, "TIME".to_owned()),
        ]
    );
    let then = shop.test.app.now().plus_millis(-8 * DAY);
    let members = read::members_as_of(&shop.test.app, waiting, then, None, 10)
        .await
        .unwrap();
    assert_eq!(members.len(), 1);
    let flow = read::flow(&shop.test.app, waiting, then, shop.test.app.now())
        .await
        .unwrap();
    assert_eq!(
        (flow.before, flow.entered, flow.left, flow.after),
        (1, 0, 1, 0)
    );
}

#[tokio::test]
async fn a_new_segment_takes_in_those_who_were_there_before_it() {
    let shop = Shop::open().await;
    let ana = shop
        .send(
            "ana",
            json!({ "type": "identify", "traits": { "country": "ES" } }),
        )
        .await;
    shop.send(
        "bob",
        json!({ "type": "identify", "traits": { "country": "FR" } }),
    )
    .await;
    let spain = shop.segment("spain", "country = 'es'").await;
    assert_eq!(shop.members(spain).await, BTreeSet::from([ana]));
    let progress = service::progress(&shop.test.app).await.unwrap().unwrap();
    assert_eq!(progress.completed, progress.target);
    assert_eq!((progress.done, progress.total), (1, Some(1)));
    let mut update = Update::of(spain);
    update.condition = Some(Some(text::parse("country = 'fr'").unwrap()));
    let changed = service::update(&shop.test.app, &Caller::Local, &update)
        .await
        .unwrap();
    assert_eq!(changed.version, 2);
    shop.sweep().await;
    assert!(!shop.members(spain).await.contains(&ana));
    assert_eq!(shop.members(spain).await.len(), 1);
    service::archive(&shop.test.app, &Caller::Local, spain)
        .await
        .unwrap();
    shop.sweep().await;
    assert_eq!(shop.members(spain).await, BTreeSet::new());
    assert_eq!(shop.transitions(spain).await.len(), 4);
}

#[tokio::test]
async fn a_segment_may_ask_for_another_and_never_for_itself() {
    let shop = Shop::open().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 1").await;
    let others = shop
        .segment(
            "others",
            "NOT segment('viewers') AND performed('Bought') >= 1",
        )
        .await;
    let ana = shop.track("ana", "Bought").await;
    assert_eq!(shop.members(others).await, BTreeSet::from([ana]));
    shop.track("ana", "Viewed").await;
    assert_eq!(shop.members(others).await, BTreeSet::new());
    let mut update = Update::of(viewers);
    update.condition = Some(Some(text::parse("segment('others')").unwrap()));
    let refused = service::update(&shop.test.app, &Caller::Local, &update).await;
    assert!(
        matches!(&refused, Err(Error::Invalid(wrong)) if wrong[0].code == "CONFLICT"),
        "{refused:?}"
    );
    let refused = service::archive(&shop.test.app, &Caller::Local, viewers).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn whom_a_person_took_out_nothing_brings_back() {
    let shop = Shop::open().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 1").await;
    let ana = shop.track("ana", "Viewed").await;
    let bob = shop.track("bob", "Bought").await;
    let pin = async |profiles: &[ProfileId], pin| {
        let app = &shop.test.app;
        service::pin(app, &Caller::Local, viewers, profiles, pin)
            .await
            .unwrap();
    };
    pin(&[ana], Pin::Excluded).await;
    pin(&[bob], Pin::Included).await;
    shop.track("ana", "Viewed").await;
    assert_eq!(shop.members(viewers).await, BTreeSet::from([bob]));
    pin(&[ana, bob], Pin::Released).await;
    assert_eq!(shop.members(viewers).await, BTreeSet::from([ana]));
    let causes: BTreeSet<_> = shop
        .transitions(viewers)
        .await
        .into_iter()
        .skip(1)
        .map(|one| one.3)
        .collect();
    assert_eq!(causes, BTreeSet::from(["PERSON".to_owned()]));
}

#[tokio::test]
async fn a_merge_and_its_parting_leave_each_where_it_stands() {
    let shop = Shop::open().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 2").await;
    let identify = |email: &str| json!({ "type": "identify", "traits": { "email": email } });
    let one = shop.send("", identify("a@example.com")).await;
    let other = shop.send("", identify("b@example.com")).await;
    let view = |email: &str| json!({ "type": "track", "event": "Viewed", "context": { "traits": { "email": email } } });
    assert_eq!(shop.send("", view("a@example.com")).await, one);
    assert_eq!(shop.send("", view("b@example.com")).await, other);
    assert_eq!(shop.members(viewers).await, BTreeSet::new());
    let survivor = shop.merge(&[one, other]).await;
    assert_eq!(shop.members(viewers).await, BTreeSet::from([survivor]));
    shop.part(other).await;
    assert_eq!(shop.members(viewers).await, BTreeSet::new());
    let causes: Vec<_> = shop
        .transitions(viewers)
        .await
        .into_iter()
        .map(|one| one.3)
        .collect();
    assert_eq!(causes, ["MERGE", "UNMERGE"]);
}

#[tokio::test]
async fn who_was_never_alone_stands_by_what_is_theirs_once_they_are_parted() {
    let shop = Shop::open().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 2").await;
    let by = |email: &str, number: u32| {
        json!({ "type": "track", "event": "Viewed", "messageId": format!("p{number}"),
            "context": { "traits": { "email": email } } })
    };
    let link = json!({ "type": "identify", "messageId": "link", "userId": "one",
        "traits": { "email": "b@example.com" } });
    let first = json!({ "type": "identify", "messageId": "first", "userId": "one",
        "traits": { "email": "a@example.com" } });
    // Made and merged within one transaction: nobody ever saw the second by itself.
    let items = [first, by("b@example.com", 1), by("b@example.com", 2), link];
    let answers = shop.test.record(&shop.source, &items).await;
    let whole = answers[3].profile.unwrap();
    assert_eq!(shop.members(viewers).await, BTreeSet::from([whole]));
    let query = "SELECT id FROM fragment WHERE id <> profile_id";
    let query = crate::db::statement(shop.test.app.db().read(), query, []);
    let row = shop.test.app.db().read().query_one_raw(query).await;
    let former: ProfileId = row.unwrap().unwrap().try_get("", "id").unwrap();
    let unmerge = UnmergeByHand {
        former,
        actor: "me".to_owned(),
        reason: None,
        once: None,
    };
    let outcome = shop.test.app.writer().unmerge(unmerge).await.unwrap();
    assert!(
        matches!(outcome, UnmergeOutcome::Done { .. }),
        "{outcome:?}"
    );
    assert_eq!(shop.members(viewers).await, BTreeSet::from([former]));
}
