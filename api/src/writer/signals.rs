//! Decisions that touchpoints bring with them: the preferences of a consent manager, and what a provider of email reports.

use std::collections::{BTreeMap, HashMap};

use lazo_domain::consent::{
    Actor, Answer, CollectionMethod, Decision, DecisionKind, Evidence, Expression, Indication,
    OptInRules, Purpose, PurposeKey, category_preferences, email_signal,
};
use lazo_domain::id::{ConsentRecordId, FragmentId};
use lazo_domain::standing::Definitions;
use lazo_domain::touchpoint::{Channel, Touchpoint};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;
use uuid::Uuid;

use crate::consent::store::{self as records, Recorded};
use crate::touchpoint::{Incoming, Speaker};

/// The property that names the purpose for which the message was sent.
const PURPOSE: &str = "purpose";

/// The member of the context in which preferences stand.
const PREFERENCES: &str = "consent";

/// A touchpoint that is stored in a fragment.
pub(super) struct Sent<'a> {
    pub(super) fragment: FragmentId,
    pub(super) item: &'a Incoming,
    pub(super) touchpoint: &'a Touchpoint,
}

impl Sent<'_> {
    /// Whether it is the word of somebody who is trusted, or surely that of the customer. What anybody can say with a key that pages
    /// hold ends nobody's subscription, and opens no messages: an address can be claimed by a stranger.
    fn is_trusted(&self) -> bool {
        self.item.source.trusted || self.item.speaker == Speaker::Customer
    }

    fn has_preferences(&self) -> bool {
        self.touchpoint.context.contains_key(PREFERENCES)
    }

    /// The decision as it is written down; none if it is none that can be.
    fn record(
        &self,
        id: ConsentRecordId,
        purpose: &Purpose,
        (kind, channel): (DecisionKind, Option<Channel>),
        method: CollectionMethod,
    ) -> Option<Recorded> {
        let source = format!("source:{}", self.item.source.id);
        let evidence = Evidence {
            indication: (method == CollectionMethod::Signal).then_some(Indication::Setting),
            ..Evidence::new(
                source.clone(),
                method,
                Expression::Expressed,
                Actor::Subject,
            )
        };
        let clocks = &self.touchpoint.clocks;
        let (at, received_at) = (clocks.occurred_at, clocks.received_at);
        let (answer, rules) = (Answer { kind, channel, at }, OptInRules::default());
        let decision = Decision::record(id, answer, &evidence, purpose, &rules, received_at);
        Some(Recorded {
            fragment: self.fragment,
            decision: decision.ok()?,
            evidence,
            actor: source,
        })
    }
}

/// The decisions that touchpoints bring, in their order. The database is asked only where preferences come.
pub(super) async fn decisions(
    connection: &impl ConnectionTrait,
    definitions: &Definitions,
    categories: &BTreeMap<String, PurposeKey>,
    sent: &[Sent<'_>],
    ids: &mut (dyn FnMut() -> Uuid + Send),
) -> Result<Vec<Recorded>, DbErr> {
    let purposes = definitions.purposes();
    let named = |key: &PurposeKey| purposes.iter().find(|purpose| purpose.key == *key);
    let with_preferences = sent.iter();
    let with_preferences =
        with_preferences.filter(|one| !categories.is_empty() && one.has_preferences());
    let fragments: Vec<_> = with_preferences.map(|one| one.fragment).collect();
    let mut last = signalled(connection, fragments).await?;
    let mut all = Vec::new();
    for one in sent {
        for key in reported(definitions, one) {
            let said = (DecisionKind::Withdrawn, Some(Channel::Email));
            let id = ConsentRecordId(ids());
            let method = CollectionMethod::Provider;
            all.extend(named(key).and_then(|purpose| one.record(id, purpose, said, method)));
        }
        if categories.is_empty() || !one.has_preferences() {
            continue;
        }
        let context = json!({ PREFERENCES: one.touchpoint.context.get(PREFERENCES) });
        for signal in category_preferences(&context, categories, named, one.is_trusted()) {
            let place = (one.fragment, signal.purpose.clone());
            let kind = signal.decision(last.get(&place).copied());
            let Some((kind, purpose)) = kind.zip(named(&signal.purpose)) else {
                continue;
            };
            let (id, method) = (ConsentRecordId(ids()), CollectionMethod::Signal);
            let recorded = one.record(id, purpose, (kind, None), method);
            if recorded.is_some() {
                last.insert(place, kind);
            }
            all.extend(recorded);
        }
    }
    Ok(all)
}

/// The purposes from which an event of a provider of email unsubscribes.
fn reported<'d>(definitions: &'d Definitions, sent: &Sent<'_>) -> Vec<&'d PurposeKey> {
    let named = sent.touchpoint.properties.get(PURPOSE);
    let named = named.and_then(|purpose| PurposeKey::new(purpose.as_str()?).ok());
    match email_signal(&sent.touchpoint.name, named, false) {
        Some(signal) if sent.is_trusted() => signal.withdraws(definitions.purposes()),
        _ => Vec::new(),
    }
}

/// What fragments signalled last, of each purpose.
async fn signalled(
    connection: &impl ConnectionTrait,
    fragments: Vec<FragmentId>,
) -> Result<HashMap<(FragmentId, PurposeKey), DecisionKind>, DbErr> {
    let mut found = records::of_fragments(connection, fragments).await?;
    found.retain(|one| one.evidence.collection_method == CollectionMethod::Signal);
    found.sort_by_key(|one| (one.decision.recorded_at, one.decision.id));
    let last = found.into_iter().map(|one| {
        let place = (one.fragment, one.decision.purpose);
        (place, one.decision.kind)
    });
    Ok(last.collect())
}
