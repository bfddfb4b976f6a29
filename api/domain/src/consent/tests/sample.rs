//! Hand-made purposes, decisions and evidence. Their time is counted in days from the beginning of 2026.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::consent::{
    Actor, Category, CollectionMethod, Decision, DecisionKind, Evidence, Expression, Purpose,
    PurposeKey, ready_made, rights,
};
use crate::hash::Hash256;
use crate::id::ConsentRecordId;

pub(crate) const DAY: i64 = 86_400_000;

/// 2026-01-01.
const BEGIN: i64 = 1_767_225_600_000;

pub(crate) fn day(days: i64) -> Timestamp {
    Timestamp(BEGIN + days * DAY)
}

/// The ready-made purpose of a category, or that of the person's rights.
pub(crate) fn purpose(category: Category) -> Purpose {
    let mut all = ready_made().into_iter().chain([rights()]);
    all.find(|purpose| purpose.category == category).unwrap()
}

pub(crate) fn offers() -> Purpose {
    purpose(Category::Offers)
}

pub(crate) fn key(text: &str) -> PurposeKey {
    PurposeKey::new(text).unwrap()
}

pub(crate) fn record(number: u128) -> ConsentRecordId {
    ConsentRecordId(Uuid::from_u128(number))
}

/// A decision about offers on all channels: a grant is confirmed and lasts a year, an asking a week.
pub(crate) fn decision(number: u128, kind: DecisionKind, at: Timestamp) -> Decision {
    let lasts = match kind {
        DecisionKind::Granted => Some(365),
        DecisionKind::Asked => Some(7),
        DecisionKind::Denied | DecisionKind::Withdrawn => None,
    };
    Decision {
        id: record(number),
        purpose: key("offers"),
        channel: None,
        kind,
        at,
        recorded_at: at,
        expires_at: lasts.map(|days| at.plus_millis(days * DAY)),
        expression: Expression::Explicit,
        actor: Actor::Subject,
        text: None,
        confirmed: kind == DecisionKind::Granted,
    }
}

/// Evidence of a form in which the person ticked a box.
pub(crate) fn evidence() -> Evidence {
    Evidence {
        text: Some(Hash256::of("Quiero recibir ofertas.")),
        ..Evidence::new(
            "web".to_owned(),
            CollectionMethod::WebForm,
            Expression::Explicit,
            Actor::Subject,
        )
    }
}
