//! However much is sent over one device, it slows nobody down without bound, and both engines of conditions consider the same of it.

use lazo_domain::condition::text;
use lazo_domain::id::{FragmentId, ProfileId};
use serde_json::{Value as Json, json};

use super::Shop;
use super::fresh::{differences, settle_all};
use crate::profile::store::profiles;
use crate::segment::preview::{self, preview};
use crate::standing::busy::MOST_CONSIDERED;
use crate::standing::load::{self, Wanted};
use crate::standing::{Kept, explain};
use crate::testing::TestApp;

const FLOOD: u64 = 20_000;
const AT_A_TIME: u64 = 500;
const SECOND: i64 = 1_000;

/// How many touchpoints of a profile are read where nothing is known of it, as after a start.
async fn rows_read(test: &TestApp, profile: ProfileId) -> u64 {
    let connection = test.app.db().read();
    let definitions = Kept::default().current(connection).await.unwrap();
    let fragment = FragmentId(profile.0);
    let wanted = Wanted {
        profile,
        fragments: vec![fragment],
        buys: false,
        all: false,
        regrouped: false,
        at: test.app.now(),
    };
    let currency = test.app.deployment().currency;
    let reads = load::read(connection, &[wanted], &definitions, &currency).await;
    let read = reads.unwrap().remove(&profile).unwrap_or_default();
    u64::try_from(read.touchpoints.len()).unwrap()
}

async fn previewed(test: &TestApp, condition: &str) -> u64 {
    let condition = text::parse(condition).unwrap();
    let wanted = preview::Wanted {
        count: true,
        ..preview::Wanted::default()
    };
    let preview = preview(&test.app, &condition, wanted).await.unwrap();
    preview.count.unwrap()
}

#[tokio::test]
async fn a_flood_over_one_device_is_looked_at_no_further_than_the_newest() {
    let shop = Shop::open().await;
    let test = &shop.test;
    let source = test.source("browser", false).await;
    let many = shop.segment("many", "performed('Viewed') >= 7000").await;
    shop.segment("all", "performed('Viewed') >= 15000").await;
    shop.segment("lately", "performed('Viewed', within 1h) >= 1000")
        .await;
    let item = |number: u64| json!({ "type": "track", "event": "Viewed", "anonymousId": "till", "messageId": format!("f{number}") });
    let mut till = None;
    for batch in 0..FLOOD / AT_A_TIME {
        shop.pass(SECOND);
        let items = (0..AT_A_TIME).map(|place| item(batch * AT_A_TIME + place));
        let items: Vec<Json> = items.collect();
        let answers = test.record(&source, &items).await;
        let profile = answers[0].profile.unwrap();
        till = Some(profile);
        let read = rows_read(test, profile).await;
        assert!(
            read <= MOST_CONSIDERED + AT_A_TIME,
            "{read} in batch {batch}"
        );
    }
    let till = till.unwrap();
    let stored = profiles(test.app.db().read(), [till]).await.unwrap();
    assert_eq!(stored[0].projection.touchpoints, FLOOD);

    settle_all(&test.app).await;
    assert_eq!(differences(&test.app).await, Vec::<String>::new());
    for (condition, count) in [
        ("performed('Viewed') >= 7000", 1),
        ("performed('Viewed') >= 15000", 0),
        ("performed('Viewed', within 1h) >= 1000", 1),
    ] {
        assert_eq!(previewed(test, condition).await, count, "{condition}");
    }
    let explained = explain(&test.app, till, many).await.unwrap().unwrap();
    assert!(explained.decision.holds);
    assert!(explained.considered_from.is_some());
    // What comes late, from before, is not considered either, though it is stored.
    let mut late = item(FLOOD);
    late["timestamp"] = json!("2026-01-01T00:00:00Z");
    test.record(&source, &[late]).await;
    assert_eq!(differences(&test.app).await, Vec::<String>::new());
}

#[tokio::test]
async fn of_a_profile_that_is_not_busy_all_is_considered() {
    let shop = Shop::open().await;
    let viewers = shop.segment("viewers", "performed('Viewed') >= 2").await;
    shop.track("ana", "Viewed").await;
    let ana = shop.track("ana", "Viewed").await;
    let explained = explain(&shop.test.app, ana, viewers)
        .await
        .unwrap()
        .unwrap();
    assert!(explained.decision.holds);
    assert_eq!(explained.considered_from, None);
}

#[tokio::test]
async fn a_flood_under_a_public_key_displaces_nothing_that_a_trusted_source_said() {
    let shop = Shop::open().await;
    let test = &shop.test;
    let loyal = shop.segment("loyal", "performed('Loyal') >= 3").await;
    let mut victim = None;
    for _ in 0..5 {
        shop.pass(SECOND);
        victim = Some(shop.track("victim", "Loyal").await);
    }
    let victim = victim.unwrap();
    let public = test.source("browser", false).await;
    for batch in 0..(FLOOD / 2 + 2 * AT_A_TIME) / AT_A_TIME {
        shop.pass(SECOND);
        let items = (0..AT_A_TIME).map(|place| {
            let message = format!("f{}", batch * AT_A_TIME + place);
            json!({ "type": "track", "event": "Noise", "userId": "victim", "messageId": message })
        });
        let answers = test.record(&public, &items.collect::<Vec<_>>()).await;
        assert_eq!(answers[0].profile, Some(victim));
    }
    assert!(rows_read(test, victim).await <= MOST_CONSIDERED + AT_A_TIME);
    assert!(shop.members(loyal).await.contains(&victim));
    settle_all(&test.app).await;
    assert_eq!(differences(&test.app).await, Vec::<String>::new());
    assert_eq!(previewed(test, "performed('Loyal') >= 5").await, 1);
    let noise = format!("performed('Noise') > {}", FLOOD / 2);
    assert_eq!(previewed(test, &noise).await, 0);
}

#[tokio::test]
async fn of_those_who_were_too_busy_together_all_is_considered_again_once_they_are_parted() {
    const EACH: u64 = 6_000;
    let shop = Shop::open().await;
    let test = &shop.test;
    let condition = format!("performed('Viewed') >= {EACH}");
    let busy = shop.segment("busy", &condition).await;
    let mut profiles = Vec::new();
    for user in ["ana", "eva"] {
        for batch in 0..EACH / AT_A_TIME {
            shop.pass(SECOND);
            let items = (0..AT_A_TIME).map(|place| {
                let message = format!("{user}{}", batch * AT_A_TIME + place);
                json!({ "type": "track", "event": "Viewed", "anonymousId": user, "messageId": message })
            });
            let items: Vec<Json> = items.collect();
            let answers = test.record(&shop.source, &items).await;
            if batch == 0 {
                profiles.extend(answers[0].profile);
            }
        }
    }
    assert_eq!(shop.members(busy).await.len(), 2);
    let merged = shop.merge(&profiles).await;
    assert_eq!(shop.members(busy).await, [merged].into());
    let former = profiles.iter().find(|one| **one != merged);
    shop.part(*former.unwrap()).await;
    assert_eq!(shop.members(busy).await.len(), 2);
    for profile in profiles {
        let explained = explain(&test.app, profile, busy).await.unwrap().unwrap();
        assert_eq!(explained.considered_from, None);
    }
    assert_eq!(differences(&test.app).await, Vec::<String>::new());
}
