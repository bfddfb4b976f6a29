//! What is promised of feeds: nothing is left out and nothing comes twice, whichever process commits, and however often the reader
//! goes away and comes back to whichever process.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use lazo_domain::access::Scope;
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_entity::{segment_transition, source};
use rstest::rstest;
use serde_json::json;
use tokio::time::timeout;
use uuid::Uuid;

use crate::auth::caller::Caller;
use crate::error::Error;
use crate::graphql::tests::{ask, integration};
use crate::profile::feed::{Changes, Place};
use crate::profile::service as profiles;
use crate::segment::feed::Transitions;
use crate::segment::read::transitions_after;
use crate::standing::tests::sweep;
use crate::testing::TestApp;

/// Longer than any news takes to arrive.
const SOON: Duration = Duration::from_secs(10);
/// Long enough for what happens to arrive in.
const MOMENT: Duration = Duration::from_millis(700);

/// Two processes of a deployment, that share nothing but the database.
struct Shop {
    processes: [TestApp; 2],
    source: Arc<source::Model>,
    dice: Dice,
}

/// Numbers as if by chance, the same in each run (`SplitMix64`).
struct Dice(Cell<u64>);

impl Dice {
    fn roll(&self, sides: u64) -> usize {
        self.0.set(self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut mixed = self.0.get();
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides).unwrap()
    }
}

impl Shop {
    async fn open(seed: u64) -> Self {
        let test = TestApp::start().await;
        let source = test.source("shop", true).await;
        let other = test.another().await;
        Self {
            processes: [test, other],
            source,
            dice: Dice(Cell::new(seed)),
        }
    }

    fn any(&self) -> &TestApp {
        &self.processes[self.dice.roll(2)]
    }

    async fn segment(&self, key: &str, condition: &str) -> SegmentId {
        let document = "mutation($input: SegmentCreateInput!) { segmentCreate(input: $input) { segment { id } } }";
        let input = json!({ "key": key, "name": key, "condition": { "text": condition } });
        let test = &self.processes[0];
        let made = ask(test, document, json!({ "input": input })).await;
        sweep(&test.app).await;
        let id = made["segmentCreate"]["segment"]["id"].as_str().unwrap();
        id.parse().unwrap()
    }

    /// A process records the plan of a customer.
    async fn plan(&self, process: &TestApp, user: &str, plan: &str) -> ProfileId {
        process.clock.advance(1);
        let now = process.app.now();
        let item = json!({ "type": "identify", "userId": user, "traits": { "plan": plan },
            "messageId": format!("{user} {now}") });
        let answers = process.record(&self.source, &[item]).await;
        answers[0].profile.unwrap()
    }

    /// A process records a number of somebody who is known by an address.
    async fn mail(&self, process: &TestApp, email: &str, number: i32) -> ProfileId {
        process.clock.advance(1);
        let item = json!({ "type": "identify", "anonymousId": email, "messageId": format!("{email} {number}"),
            "traits": { "email": email, "number": number } });
        let answers = process.record(&self.source, &[item]).await;
        answers[0].profile.unwrap()
    }

    async fn any_plan(&self) {
        let user = format!("u{}", self.dice.roll(4));
        let plan = ["gold", "silver"][self.dice.roll(2)];
        self.plan(self.any(), &user, plan).await;
    }
}

fn told(row: &segment_transition::Model) -> (i64, ProfileId, bool) {
    (row.seq, row.profile_id, row.entered)
}

#[rstest]
#[tokio::test]
async fn every_transition_is_told_once_and_in_order_to_who_comes_back_again_and_again(
    #[values(1, 2, 3)] seed: u64,
) {
    let shop = Shop::open(seed).await;
    let gold = shop.segment("gold", "plan = 'gold'").await;
    shop.segment("silver", "plan = 'silver'").await;
    for _ in 0..20 {
        shop.any_plan().await;
    }
    let written = Cell::new(false);
    let writing = async {
        for _ in 0..150 {
            shop.any_plan().await;
        }
        written.set(true);
    };
    let reading = async {
        let (mut taken, mut place) = (Vec::new(), 0);
        loop {
            let app = &shop.any().app;
            let mut feed = Transitions::after(app, gold, Some(place)).await.unwrap();
            for _ in 0..=shop.dice.roll(8) {
                let waited_after_the_end = written.get();
                match timeout(MOMENT, feed.next()).await {
                    Ok(next) => taken.push(told(&next.unwrap().0)),
                    Err(_) if waited_after_the_end => return taken,
                    Err(_) => break,
                }
            }
            place = feed.taken();
        }
    };
    let ((), taken) = tokio::join!(writing, reading);
    let app = &shop.processes[0].app;
    let stored = transitions_after(app, gold, 0, 10_000).await.unwrap();
    assert!(stored.len() > 30, "{}", stored.len());
    assert_eq!(taken, stored.iter().map(told).collect::<Vec<_>>());
}

#[tokio::test]
async fn without_a_cursor_what_comes_from_now_on_is_told() {
    let shop = Shop::open(1).await;
    let gold = shop.segment("gold", "plan = 'gold'").await;
    let [one, other] = &shop.processes;
    shop.plan(one, "ana", "gold").await;
    let mut feed = Transitions::after(&one.app, gold, None).await.unwrap();
    let begins = feed.taken();
    assert!(timeout(MOMENT, feed.next()).await.is_err());
    // Another process commits, and nobody tells this one.
    let bea = shop.plan(other, "bea", "gold").await;
    let (row, _) = timeout(SOON, feed.next()).await.unwrap().unwrap();
    assert_eq!((row.profile_id, row.entered), (bea, true));
    assert_eq!(row.seq, begins + 1);
}

#[tokio::test]
async fn a_cursor_that_is_still_to_come_and_a_segment_that_is_not_there_are_refused() {
    let shop = Shop::open(1).await;
    let gold = shop.segment("gold", "plan = 'gold'").await;
    let app = &shop.processes[0].app;
    let ahead = Transitions::after(app, gold, Some(99)).await;
    assert!(matches!(ahead, Err(Error::Invalid(_))));
    let nowhere = Transitions::after(app, SegmentId(Uuid::from_u128(1)), None).await;
    assert!(matches!(nowhere, Err(Error::NotFound { .. })));
}

#[rstest]
#[tokio::test]
async fn the_newest_version_is_told_once_to_who_comes_back_again_and_again(
    #[values(1, 2)] seed: u64,
) {
    let shop = Shop::open(seed).await;
    let ana = shop.plan(&shop.processes[0], "ana", "gold").await;
    let mut place = current(&shop, ana).await;
    let written = Cell::new(false);
    let writing = async {
        for number in 0..100 {
            let plan = format!("plan {number}");
            shop.plan(shop.any(), "ana", &plan).await;
        }
        written.set(true);
    };
    let reading = async {
        let mut last = None;
        loop {
            let app = &shop.any().app;
            let feed = Changes::since(app, Some(&Caller::Local), ana, Some(place)).await;
            let mut feed = feed.unwrap();
            for _ in 0..=shop.dice.roll(5) {
                let waited_after_the_end = written.get();
                match timeout(MOMENT, feed.next()).await {
                    Ok(next) => {
                        let next = next.unwrap();
                        assert!(next.version > place.version, "none comes twice");
                        place = feed.taken();
                        assert_eq!((place.profile, place.version), (next.id, next.version));
                        last = Some(next);
                    }
                    Err(_) if waited_after_the_end => return last,
                    Err(_) => break,
                }
            }
        }
    };
    let ((), last) = tokio::join!(writing, reading);
    let last = last.unwrap();
    let now = current(&shop, ana).await;
    assert_eq!((last.id, last.version), (now.profile, now.version));
}

async fn current(shop: &Shop, id: ProfileId) -> Place {
    let app = &shop.processes[0].app;
    let feed = Changes::since(app, Some(&Caller::Local), id, None).await;
    feed.unwrap().taken()
}

#[tokio::test]
async fn who_follows_a_profile_follows_it_through_merges_and_back() {
    let shop = Shop::open(1).await;
    let [one, other] = &shop.processes;
    let ana = shop.mail(one, "ana@example.com", 0).await;
    // Many changes, so that the version goes back when the id comes to lead to the other profile.
    let bea = shop.mail(one, "bea@example.com", 0).await;
    for number in 1..10 {
        shop.mail(one, "bea@example.com", number).await;
    }
    let caller = Caller::Local;
    let mut feed = Changes::since(&one.app, Some(&caller), bea, None)
        .await
        .unwrap();
    let before = feed.taken();
    let document = "mutation($input: ProfilesMergeInput!) { profilesMerge(input: $input) {
        profile { id } userErrors { code message } } }";
    let input = json!({ "input": { "profiles": [ana.to_string(), bea.to_string()] } });
    let merged = ask(other, document, input).await;
    let survivor = merged["profilesMerge"]["profile"]["id"].as_str();
    let Some(survivor) = survivor else {
        panic!("{merged}");
    };
    assert_eq!(survivor, ana.to_string());

    let now = timeout(SOON, feed.next()).await.unwrap().unwrap();
    assert_eq!(now.id, ana);
    shop.mail(other, "ana@example.com", 1).await;
    let later = timeout(SOON, feed.next()).await.unwrap().unwrap();
    assert!(later.id == ana && later.version > now.version);
    // Who was away meanwhile learns of it as well.
    let again = Changes::since(&one.app, Some(&caller), bea, Some(before)).await;
    let told = timeout(SOON, again.unwrap().next()).await.unwrap().unwrap();
    assert_eq!((told.id, told.version), (later.id, later.version));

    profiles::unmerge(&other.app, &caller, bea, None, None)
        .await
        .unwrap();
    let parted = timeout(SOON, feed.next()).await.unwrap().unwrap();
    assert_eq!(parted.id, bea);
}

#[tokio::test]
async fn a_profile_that_the_caller_may_not_see_any_more_is_told_of_as_one_that_is_not_there() {
    let shop = Shop::open(1).await;
    let [one, _] = &shop.processes;
    let ana = shop.plan(one, "ana", "gold").await;
    let reader = integration(&[Scope::ProfilesRead]);
    let mut feed = Changes::since(&one.app, Some(&reader), ana, None)
        .await
        .unwrap();
    one.execute("UPDATE profile SET restricted = true, version = version + 1")
        .await
        .unwrap();
    let told = timeout(SOON, feed.next()).await.unwrap();
    assert!(matches!(told, Err(Error::NotFound { .. })));
    let refused = Changes::since(&one.app, Some(&reader), ana, None).await;
    assert!(matches!(refused, Err(Error::NotFound { .. })));
    let shown = Changes::since(&one.app, Some(&Caller::Local), ana, None).await;
    assert!(shown.is_ok());
    let nobody = Changes::since(&one.app, Some(&reader), ProfileId(Uuid::from_u128(1)), None);
    assert!(matches!(nobody.await, Err(Error::NotFound { .. })));
}
