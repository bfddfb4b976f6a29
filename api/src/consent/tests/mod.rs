//! What is promised of consent: who decides, what follows at once, and what no merge undoes.

mod contact;

use lazo_domain::clock::Timestamp;
use lazo_domain::consent::{
    Actor, CollectionMethod, DecisionKind, Evidence, Expression, PurposeKey, Status,
};
use lazo_domain::hash::Hash256;
use lazo_domain::id::ProfileId;
use lazo_domain::identity::Trust;
use lazo_domain::touchpoint::Channel;
use rstest::rstest;
use serde_json::json;

use super::read;
use super::service::{Record, record};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::profile::hot::Present;
use crate::purpose::{Update, service as purposes};
use crate::standing::tests::Shop;
use crate::testing::refused;
use crate::writer::{MergeByHand, Once, UnmergeByHand};

const DAY: i64 = 86_400_000;

fn key(text: &str) -> PurposeKey {
    PurposeKey::new(text).unwrap()
}

fn evidence() -> Evidence {
    let text = Some(Hash256::of("May we?"));
    let form = Evidence::new(
        "form".to_owned(),
        CollectionMethod::WebForm,
        Expression::Explicit,
        Actor::Subject,
    );
    Evidence { text, ..form }
}

fn decision(profile: ProfileId, purpose: &str, kind: DecisionKind) -> Record {
    Record {
        profile,
        purpose: key(purpose),
        channel: None,
        kind,
        at: None,
        evidence: evidence(),
        once: None,
    }
}

async fn decide(app: &App, one: Record) -> Result<std::sync::Arc<Present>, Error> {
    let recorded = record(app, &Caller::Local, one).await;
    recorded.map(|(profile, _)| profile)
}

async fn status(app: &App, profile: ProfileId, purpose: &str, as_of: Option<Timestamp>) -> Status {
    let all = read::of_profile(app, profile, as_of).await.unwrap();
    let one = all
        .iter()
        .find(|held| held.purpose == key(purpose))
        .unwrap();
    one.state.status(one.at)
}

#[tokio::test]
async fn a_fresh_deployment_has_the_purposes_of_the_trade() {
    let shop = Shop::open().await;
    let rows = purposes::list(&shop.test.app, false).await.unwrap();
    let keys: Vec<_> = rows.iter().map(|row| row.key.as_str()).collect();
    let expected = [
        "advertising",
        "analytics",
        "content",
        "offers",
        "personalization",
        "profiling",
        "service",
    ];
    assert_eq!(keys, expected);
    purposes::archive(&shop.test.app, &Caller::Local, &key("offers"))
        .await
        .unwrap();
    // Another start does not bring it back.
    let another = shop.test.another().await;
    assert_eq!(purposes::list(&another.app, false).await.unwrap().len(), 6);
}

#[tokio::test]
async fn a_decision_counts_at_once_and_consent_ends_to_the_millisecond() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let segment = shop.segment("profiled", "consents('profiling')").await;
    let asking = shop.segment("asked", "consents('profiling') = false").await;
    let ada = shop.track("ada", "Product Viewed").await;
    assert!(shop.members(asking).await.contains(&ada));
    let before = decide(app, decision(ada, "analytics", DecisionKind::Denied))
        .await
        .unwrap();
    let after = decide(app, decision(ada, "profiling", DecisionKind::Granted))
        .await
        .unwrap();
    assert_eq!(after.version, before.version + 1);
    assert!(shop.members(segment).await.contains(&ada));
    assert!(!shop.members(asking).await.contains(&ada));
    // Two years later, to the millisecond.
    let end = read::of_profile(app, ada, None).await.unwrap();
    let end = end
        .iter()
        .filter_map(|held| held.state.until(held.at))
        .min();
    shop.pass(end.unwrap().0 - app.now().0 - 1);
    assert_eq!(status(app, ada, "profiling", None).await, Status::Granted);
    assert!(shop.members(segment).await.contains(&ada));
    shop.pass(1);
    assert_eq!(status(app, ada, "profiling", None).await, Status::Expired);
    app.writer()
        .stand(crate::standing::Step::Due)
        .await
        .unwrap();
    assert!(!shop.members(segment).await.contains(&ada));
    let left = crate::segment::read::members(app, asking, None, 10).await;
    assert_eq!(left.unwrap()[0].since, end.unwrap());
}

#[tokio::test]
async fn a_withdrawal_outlasts_every_merge_and_parting_in_either_order() {
    for withdrawn_first in [true, false] {
        let shop = Shop::open().await;
        let app = &shop.test.app;
        let (ada, eve) = (
            shop.track("ada", "Product Viewed").await,
            shop.track("eve", "Product Viewed").await,
        );
        let (granting, refusing) = if withdrawn_first {
            (eve, ada)
        } else {
            (ada, eve)
        };
        decide(app, decision(granting, "profiling", DecisionKind::Granted))
            .await
            .unwrap();
        shop.pass(1_000);
        decide(
            app,
            decision(refusing, "profiling", DecisionKind::Withdrawn),
        )
        .await
        .unwrap();
        // A customer number is unique, so the two are brought together over what has none.
        let (one, other) = (anonymous(&shop, "d1").await, anonymous(&shop, "d2").await);
        for (device, user) in [(one, granting), (other, refusing)] {
            merge(app, &[device, user]).await;
        }
        let (one, other) = (present(app, granting).await, present(app, refusing).await);
        assert_eq!(status(app, one, "profiling", None).await, Status::Granted);
        assert_eq!(
            status(app, other, "profiling", None).await,
            Status::Withdrawn
        );
        let later = anonymous(&shop, "d3").await;
        decide(app, decision(later, "profiling", DecisionKind::Denied))
            .await
            .unwrap();
        merge(app, &[later, one]).await;
        assert_eq!(status(app, one, "profiling", None).await, Status::Denied);
        shop.pass(1_000);
        let unmerge = UnmergeByHand {
            former: later,
            actor: "me".to_owned(),
            reason: None,
            once: None,
        };
        app.writer().unmerge(unmerge).await.unwrap();
        assert_eq!(status(app, one, "profiling", None).await, Status::Granted);
        assert_eq!(status(app, later, "profiling", None).await, Status::Denied);
    }
}

async fn anonymous(shop: &Shop, device: &str) -> ProfileId {
    let source = shop.test.source(device, true).await;
    let item = json!({ "type": "track", "event": "Product Viewed", "anonymousId": device, "messageId": device });
    let answers = shop.test.record(&source, &[item]).await;
    answers[0].profile.unwrap()
}

async fn merge(app: &App, profiles: &[ProfileId]) {
    let merge = MergeByHand {
        profiles: profiles.to_vec(),
        actor: "me".to_owned(),
        reason: None,
        once: None,
    };
    app.writer().merge(merge).await.unwrap();
}

async fn present(app: &App, id: ProfileId) -> ProfileId {
    let found = crate::profile::service::present(app, id, None).await;
    found.unwrap().unwrap().id
}

#[tokio::test]
async fn whoever_claims_an_address_consents_for_nobody_else() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    // A stranger's browser is there first, and grants what it likes.
    let site = shop.test.source("site", false).await;
    let seen = |id: &str, more: serde_json::Value| {
        let mut item = json!({ "type": "identify", "anonymousId": "stranger", "messageId": id });
        item["traits"] = more;
        item
    };
    let answers = shop.test.record(&site, &[seen("1", json!({}))]).await;
    let stranger = answers[0].profile.unwrap();
    decide(app, decision(stranger, "profiling", DecisionKind::Granted))
        .await
        .unwrap();
    assert_eq!(
        status(app, stranger, "profiling", None).await,
        Status::Granted
    );
    shop.pass(1_000);
    // The shop knows the customer by an address, and the browser claims that it is hers.
    let email = json!({ "email": "ada@example.com" });
    let identify = json!({ "type": "identify", "traits": email });
    let ada = shop.send("ada", identify).await;
    shop.test.record(&site, &[seen("2", email)]).await;
    let whole = present(app, ada).await;
    assert_eq!(whole, stranger, "the older one goes on");
    assert_eq!(status(app, whole, "profiling", None).await, Status::None);
    // What is said to the company of the profile is said of the customer.
    decide(app, decision(whole, "analytics", DecisionKind::Granted))
        .await
        .unwrap();
    assert_eq!(status(app, whole, "analytics", None).await, Status::Granted);
    let links = "SELECT count(*) FROM identity_link WHERE kind = 'MERGED' AND trust = 'CLAIMED'";
    assert!(
        shop.test.number(links).await > 0,
        "{}",
        Trust::Claimed.as_str()
    );
}

#[tokio::test]
async fn a_decision_that_comes_late_changes_the_past_and_not_what_was_decided_since() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let ada = shop.track("ada", "Product Viewed").await;
    shop.pass(10 * DAY);
    let start = app.now();
    decide(app, decision(ada, "analytics", DecisionKind::Withdrawn))
        .await
        .unwrap();
    let late = Record {
        at: Some(start.plus_millis(-5 * DAY)),
        ..decision(ada, "analytics", DecisionKind::Granted)
    };
    let before = present(app, ada).await;
    let version = decide(app, late).await.unwrap().version;
    assert_eq!(
        status(app, before, "analytics", None).await,
        Status::Withdrawn
    );
    let then = Some(start.plus_millis(-DAY));
    assert_eq!(status(app, ada, "analytics", then).await, Status::Granted);
    let earlier = Some(start.plus_millis(-6 * DAY));
    assert_eq!(status(app, ada, "analytics", earlier).await, Status::None);
    // It is in the history, and so the profile has changed.
    let listed = crate::page::Page {
        limit: 10,
        after: None,
        before: None,
        backwards: false,
    };
    let history = read::history(app, ada, &listed).await.unwrap().rows;
    let kinds: Vec<_> = history.iter().map(|(_, one)| one.decision.kind).collect();
    assert_eq!(kinds, [DecisionKind::Withdrawn, DecisionKind::Granted]);
    assert_eq!(version, 3);
}

#[tokio::test]
async fn a_repeat_under_the_same_key_is_one_decision() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let ada = shop.track("ada", "Product Viewed").await;
    let once = |input| Once {
        caller: "me".to_owned(),
        key: "k".to_owned(),
        input: uuid::Uuid::from_u128(input),
    };
    for input in [1, 1] {
        let again = Record {
            once: Some(once(input)),
            ..decision(ada, "analytics", DecisionKind::Granted)
        };
        decide(app, again).await.unwrap();
    }
    let records = "SELECT count(*) FROM consent_record";
    assert_eq!(shop.test.number(records).await, 1);
    let other = Record {
        once: Some(once(2)),
        ..decision(ada, "analytics", DecisionKind::Denied)
    };
    let (field, code) = refused(decide(app, other).await);
    assert_eq!(
        (field.as_str(), code),
        ("idempotencyKey", "IDEMPOTENCY_KEY_REUSED")
    );
}

#[rstest]
#[case::unknown_purpose("purpose", |one: &mut Record| one.purpose = key("sold"))]
#[case::future("decidedAt", |one: &mut Record| one.at = Some(Timestamp(i64::MAX / 2)))]
#[case::other_channel("channel", |one: &mut Record| one.channel = Some(Channel::Store))]
#[case::no_text("evidence.text", |one: &mut Record| one.evidence.text = None)]
#[case::a_megabyte("evidence.proof", |one: &mut Record| one.evidence.proof = Some("p".repeat(1 << 20)))]
#[case::the_company("evidence.actor", |one: &mut Record| one.evidence.actor = Actor::Controller)]
#[case::nothing_to_consent("purpose", |one: &mut Record| one.purpose = key("service"))]
#[case::nobody("profileId", |one: &mut Record| one.profile = ProfileId(uuid::Uuid::from_u128(1)))]
#[tokio::test]
async fn what_is_no_consent_is_refused_and_nothing_is_written_down(
    #[case] field: &str,
    #[case] spoil: fn(&mut Record),
) {
    let shop = Shop::open().await;
    let ada = shop.track("ada", "Product Viewed").await;
    let mut one = decision(ada, "analytics", DecisionKind::Granted);
    spoil(&mut one);
    let (found, _) = refused(decide(&shop.test.app, one).await);
    assert_eq!(found, field);
    assert_eq!(
        shop.test
            .number("SELECT count(*) FROM consent_record")
            .await,
        0
    );
}

#[tokio::test]
async fn who_has_to_confirm_is_pending_until_then() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let ada = shop.track("ada", "Product Viewed").await;
    decide(app, decision(ada, "offers", DecisionKind::Granted))
        .await
        .unwrap();
    assert_eq!(status(app, ada, "offers", None).await, Status::Pending);
    // Without it, it is a grant; but the one of before was none.
    let mut without = Update::of(key("offers"));
    without.double_opt_in = Some(false);
    purposes::update(app, &Caller::Local, &without)
        .await
        .unwrap();
    shop.sweep().await;
    assert_eq!(status(app, ada, "offers", None).await, Status::Pending);
    shop.pass(8 * DAY);
    assert_eq!(status(app, ada, "offers", None).await, Status::None);
    decide(app, decision(ada, "offers", DecisionKind::Granted))
        .await
        .unwrap();
    assert_eq!(status(app, ada, "offers", None).await, Status::Granted);
}

#[tokio::test]
async fn a_change_of_a_purpose_decides_everybody_anew() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let segment = shop.segment("measured", "consents('analytics')").await;
    let ada = shop.track("ada", "Product Viewed").await;
    decide(app, decision(ada, "analytics", DecisionKind::Granted))
        .await
        .unwrap();
    assert!(shop.members(segment).await.contains(&ada));
    let in_use = purposes::archive(app, &Caller::Local, &key("analytics")).await;
    let (field, code) = refused(in_use);
    assert_eq!((field.as_str(), code), ("key", "CONFLICT"));
    let mut void = Update::of(key("analytics"));
    void.void_texts = Some([Hash256::of("May we?")].into());
    purposes::update(app, &Caller::Local, &void).await.unwrap();
    shop.sweep().await;
    assert!(!shop.members(segment).await.contains(&ada));
    assert_eq!(status(app, ada, "analytics", None).await, Status::Expired);
}
