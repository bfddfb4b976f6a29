//! Decisions about purposes of the keys that generated conditions name.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::generate::KEYS;
use lazo_domain::consent::{
    Actor, Category, CollectionMethod, DecisionKind, Evidence, Expression, LanguageTag, Purpose,
    PurposeKey, Words, ready_made,
};
use lazo_domain::hash::Hash256;
use lazo_domain::id::ProfileId;
use lazo_domain::period::Period;
use lazo_domain::touchpoint::Channel;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::purpose::service;
use crate::writer::{Consent, ConsentOutcome, Whose};

/// A purpose that is decided by channel, and one that is decided once; consent to them lasts for days.
pub(super) async fn purposes(app: &App) {
    let mut all = ready_made().into_iter();
    let some = all.find(|purpose| purpose.category == Category::Analytics);
    let channels = [vec![Channel::Web, Channel::Email], Vec::new()];
    for ((key, channels), days) in KEYS.into_iter().zip(channels).zip([2, 1]) {
        let tag = LanguageTag::try_from("en".to_owned()).unwrap();
        let purpose = Purpose {
            key: PurposeKey::new(key).unwrap(),
            title: Words([(tag, key.to_owned())].into()),
            channels: channels.into_iter().collect(),
            valid_for: Period::days(days),
            ..some.clone().unwrap()
        };
        service::create(app, &Caller::Local, &purpose, None)
            .await
            .unwrap();
    }
}

/// Writes a decision down, if it is one that can be.
pub(super) async fn decide(
    app: &App,
    profile: ProfileId,
    purpose: usize,
    channel: Option<Channel>,
    kind: DecisionKind,
    at: Timestamp,
) {
    let text = Some(Hash256::of("May we?"));
    let evidence = Evidence::new(
        "form".to_owned(),
        CollectionMethod::WebForm,
        Expression::Explicit,
        Actor::Subject,
    );
    let consent = Consent {
        whose: Whose::Profile(profile),
        purpose: PurposeKey::new(KEYS[purpose]).unwrap(),
        channel,
        kind,
        at: Some(at),
        evidence: Evidence { text, ..evidence },
        actor: "me".to_owned(),
        once: None,
    };
    let outcome = app.writer().consent(consent).await.unwrap();
    assert!(
        matches!(
            outcome,
            ConsentOutcome::Done { .. } | ConsentOutcome::Refused(_)
        ),
        "{outcome:?}"
    );
}
