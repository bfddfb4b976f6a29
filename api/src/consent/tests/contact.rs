//! Whom decisions allow to be contacted: one person, and the members of a segment.

use lazo_domain::access::Scopes;
use lazo_domain::consent::DecisionKind;
use lazo_domain::id::ProfileId;
use lazo_domain::privacy::Reach;
use lazo_domain::touchpoint::Channel;
use serde_json::json;

use super::{decide, decision, key};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::consent::reach::of_segment;
use crate::consent::read;
use crate::consent::service::Record;
use crate::db::Engine;
use crate::purpose::{Update, service as purposes};
use crate::standing::tests::Shop;

#[tokio::test]
async fn whoever_consents_and_has_an_address_may_be_contacted() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let mut once = Update::of(key("offers"));
    once.double_opt_in = Some(false);
    purposes::update(app, &Caller::Local, &once).await.unwrap();
    let ada = shop.track("ada", "Product Viewed").await;
    let offers = key("offers");
    let asked = async |channel| {
        let asked = read::can_contact(app, &Caller::Local, ada, channel, &offers);
        asked.await.unwrap().unwrap().code()
    };
    assert_eq!(asked(Channel::Email).await, "CONSENT_MISSING");
    decide(app, decision(ada, "offers", DecisionKind::Granted))
        .await
        .unwrap();
    assert_eq!(asked(Channel::Email).await, "NO_ADDRESS");
    let email = json!({ "type": "identify", "traits": { "email": "ada@example.com" } });
    shop.send("ada", email).await;
    assert_eq!(asked(Channel::Email).await, "CONSENT");
    assert_eq!(asked(Channel::Store).await, "OTHER_CHANNEL");
    shop.pass(1);
    let by_email = Record {
        channel: Some(Channel::Email),
        ..decision(ada, "offers", DecisionKind::Withdrawn)
    };
    decide(app, by_email).await.unwrap();
    assert_eq!(asked(Channel::Email).await, "CONSENT_WITHDRAWN");
    assert_eq!(asked(Channel::Phone).await, "NO_ADDRESS");
}

#[tokio::test]
async fn the_reach_of_a_segment_is_what_may_be_said_of_each_of_its_members() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let offers = key("offers");
    let mut once = Update::of(key("offers"));
    once.double_opt_in = Some(false);
    purposes::update(app, &Caller::Local, &once).await.unwrap();
    let segment = shop
        .segment("all", "performed('Product Viewed') >= 1")
        .await;
    let mut people = Vec::new();
    for (user, has_email, kind, birthday) in [
        ("ada", true, Some(DecisionKind::Granted), None),
        ("bob", true, Some(DecisionKind::Granted), Some("2020-01-01")),
        ("eve", true, Some(DecisionKind::Denied), None),
        ("eva", true, None, None),
        ("dan", false, Some(DecisionKind::Granted), None),
        ("max", true, Some(DecisionKind::Granted), None),
    ] {
        let profile = shop.track(user, "Product Viewed").await;
        let mut traits = json!({});
        if has_email {
            traits["email"] = json!(format!("{user}@example.com"));
        }
        if let Some(birthday) = birthday {
            traits["birthday"] = json!(birthday);
        }
        shop.send(user, json!({ "type": "identify", "traits": traits }))
            .await;
        if let Some(kind) = kind {
            decide(app, decision(profile, "offers", kind))
                .await
                .unwrap();
        }
        people.push(profile);
    }
    let max = people[5];
    let restrict = format!(
        "UPDATE profile SET restricted = TRUE WHERE id = {}",
        literal(app, max)
    );
    shop.test.execute(&restrict).await.unwrap();
    let steps = of_segment(app, &Caller::Local, segment, Channel::Email, &offers);
    let steps = steps.await.unwrap();
    let counts: Vec<_> = steps.iter().map(|step| step.count).collect();
    assert_eq!(counts, [1, 3, 0, 1, 1], "{steps:?}");
    for step in &steps {
        for profile in &step.profiles {
            let alone = read::can_contact(app, &Caller::Local, *profile, Channel::Email, &offers);
            let allowed = alone.await.unwrap().unwrap().allow();
            assert_eq!(allowed, step.reach == Reach::Reached);
        }
    }
    let stranger = Caller::Integration {
        token: app.ids().next(app.now()),
        name: "shop".to_owned(),
        scopes: Scopes::default(),
        purposes: Vec::new(),
    };
    let seen = of_segment(app, &stranger, segment, Channel::Email, &offers);
    let seen = seen.await.unwrap();
    assert!(seen.iter().all(|step| !step.profiles.contains(&max)));
}

/// An id as a statement names it.
fn literal(app: &App, id: ProfileId) -> String {
    match app.db().engine() {
        Engine::Sqlite => format!("x'{}'", id.0.simple()),
        Engine::Postgres => format!("'{}'", id.0),
    }
}
