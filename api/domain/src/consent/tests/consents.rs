//! All consent of a profile, as conditions ask about it.

use super::sample::{day, decision, key, offers};
use crate::condition::evaluate::Known;
use crate::consent::{Consents, Decision, DecisionKind, Linked, Status};
use crate::identity::Trust;
use crate::touchpoint::Channel;

fn on(mut decision: Decision, channel: Channel) -> Decision {
    decision.channel = Some(channel);
    decision
}

fn consents(decisions: &[Decision]) -> Consents {
    let linked: Vec<_> = decisions
        .iter()
        .map(|decision| Linked {
            decision,
            trust: Trust::Verified,
        })
        .collect();
    Consents::of([&offers()], &linked, day(20))
}

#[test]
fn without_a_channel_consent_is_granted_where_it_is_on_one() {
    let all = consents(&[
        on(decision(1, DecisionKind::Granted, day(5)), Channel::Email),
        on(decision(2, DecisionKind::Granted, day(9)), Channel::Phone),
        on(
            decision(3, DecisionKind::Denied, day(9)),
            Channel::Messaging,
        ),
    ]);
    let facts = all.facts(day(20));
    let granted = |until| Known {
        value: true,
        until: Some(day(until)),
    };
    assert_eq!(facts[&("offers", Some(Channel::Email))], granted(370));
    assert_eq!(facts[&("offers", None)], granted(374));
    assert!(!facts[&("offers", Some(Channel::Messaging))].value);
    assert_eq!(all.until(day(20)), Some(day(370)));
    let facts = all.facts(day(372));
    assert!(!facts[&("offers", Some(Channel::Email))].value);
    assert_eq!(facts[&("offers", None)], granted(374));
}

#[test]
fn a_decision_on_all_channels_counts_on_each() {
    let all = consents(&[decision(1, DecisionKind::Granted, day(5))]);
    for channel in offers().channels {
        let state = all.state(&key("offers"), Some(channel));
        assert_eq!(state.status(day(20)), Status::Granted);
    }
}

#[test]
fn what_was_never_decided_takes_no_room() {
    let none = consents(&[]);
    assert_eq!(serde_json::to_string(&none).unwrap(), "[]");
    assert!(none.facts(day(20)).is_empty());
    let all = consents(&[decision(1, DecisionKind::Denied, day(5))]);
    let json = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Consents>(&json).unwrap(), all);
}
