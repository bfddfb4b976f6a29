//! Strategies that generate decisions, dense in time so that many fall together.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::sample::{DAY, day, decision, offers};
use crate::consent::{Decision, DecisionKind, Expression, Purpose};
use crate::hash::Hash256;
use crate::identity::Trust;
use crate::touchpoint::Channel;

/// Within how many days all of it happens.
pub(crate) const DAYS: i64 = 12;

pub(crate) fn trust() -> impl Strategy<Value = Trust> + Clone {
    prop_oneof![3 => Just(Trust::Verified), 1 => Just(Trust::Claimed)]
}

/// A decision about offers, on any channel or all of them; its number is filled in by [`numbered`].
pub(crate) fn a_decision() -> impl Strategy<Value = Decision> + Clone {
    (
        select(DecisionKind::ALL),
        0..DAYS,
        option::weighted(0.4, select(vec![Channel::Email, Channel::Phone])),
        1..DAYS,
        any::<bool>(),
        option::weighted(0.2, Just(void_text())),
        select(Expression::ALL),
    )
        .prop_map(
            |(kind, at, channel, lasts, confirmed, text, expression)| Decision {
                channel,
                expires_at: (!kind.refuses()).then(|| day(at).plus_millis(lasts * DAY)),
                confirmed: kind == DecisionKind::Granted && confirmed,
                text,
                expression,
                ..decision(0, kind, day(at))
            },
        )
}

/// A text that is no longer accepted by [`strict`].
pub(crate) fn void_text() -> Hash256 {
    Hash256::of("void")
}

/// Offers with a text that is no longer accepted, with or without double opt-in.
pub(crate) fn strict() -> impl Strategy<Value = Purpose> {
    any::<bool>().prop_map(|double_opt_in| Purpose {
        double_opt_in,
        void_texts: [void_text()].into(),
        ..offers()
    })
}

/// Decisions with numbers of their own.
pub(crate) fn numbered(
    decisions: impl IntoIterator<Item = (Decision, Trust)>,
) -> Vec<(Decision, Trust)> {
    let numbered = (1..).zip(decisions);
    numbered
        .map(|(number, (decision, trust))| {
            let id = super::sample::record(number);
            (Decision { id, ..decision }, trust)
        })
        .collect()
}

pub(crate) fn decisions() -> impl Strategy<Value = Vec<(Decision, Trust)>> {
    proptest::collection::vec((a_decision(), trust()), 0..8).prop_map(numbered)
}
