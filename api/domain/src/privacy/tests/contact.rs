//! Whom messages may reach.

use rstest::rstest;

use super::sample::{Facts, objection, suppression};
use crate::consent::DecisionKind;
use crate::consent::tests::sample::{day, decision, offers};
use crate::identity::{Namespace, Trust};
use crate::privacy::{
    Covered, ObjectionScope, Reach, SuppressionReason, can_contact, decide, reach,
};
use crate::touchpoint::Channel;

/// Somebody who confirmed that they want offers.
fn subscriber() -> Facts {
    Facts {
        decisions: vec![(decision(1, DecisionKind::Granted, day(5)), Trust::Verified)],
        ..Facts::nobody()
    }
}

fn asked(person: &Facts, channel: Channel) -> (&'static str, Reach) {
    person.ask(&[offers()], day(10), |person| {
        let contact = can_contact(person, &offers(), channel, day(10));
        (contact.code(), reach(person, &offers(), channel, day(10)))
    })
}

#[test]
fn a_subscriber_is_reached_by_email_and_not_where_they_have_no_address() {
    let person = subscriber();
    assert_eq!(asked(&person, Channel::Email), ("CONSENT", Reach::Reached));
    assert_eq!(
        asked(&person, Channel::Phone),
        ("NO_ADDRESS", Reach::Unreachable)
    );
}

#[rstest]
#[case::never_asked(|one: &mut Facts| one.decisions.clear(), "CONSENT_MISSING", Reach::NotConsented)]
#[case::objects(|one: &mut Facts| one.objections = vec![objection(ObjectionScope::Marketing, day(6))], "OBJECTED", Reach::NotConsented)]
#[case::bounces(|one: &mut Facts| one.suppressions = vec![suppression(SuppressionReason::HardBounce, Covered::Everything, None, day(6))], "SUPPRESSED", Reach::Suppressed)]
#[case::restricted(|one: &mut Facts| one.restricted_since = Some(day(6)), "RESTRICTED", Reach::Restricted)]
#[case::erased(|one: &mut Facts| one.erased = true, "ERASED", Reach::Restricted)]
#[case::nowhere(|one: &mut Facts| one.namespaces.clear(), "NO_ADDRESS", Reach::Unreachable)]
fn whoever_is_not_reached_is_so_for_a_reason(
    #[case] change: fn(&mut Facts),
    #[case] code: &str,
    #[case] reach: Reach,
) {
    let mut person = subscriber();
    change(&mut person);
    assert_eq!(asked(&person, Channel::Email), (code, reach));
}

#[rstest]
#[case(Channel::Email, "email", true)]
#[case(Channel::Email, "phone", false)]
#[case(Channel::Messaging, "phone", true)]
#[case(Channel::Messaging, "whatsapp", true)]
#[case(Channel::Phone, "whatsapp", false)]
#[case(Channel::Social, "instagram", true)]
#[case(Channel::Social, "anonymous_id", false)]
#[case(Channel::Web, "customer_id", true)]
fn each_channel_has_its_addresses(
    #[case] channel: Channel,
    #[case] namespace: &str,
    #[case] reachable: bool,
) {
    let mut person = subscriber();
    person.namespaces = [Namespace::new(namespace).unwrap()].into();
    let (_, reach) = asked(&person, channel);
    assert_eq!(reach != Reach::Unreachable, reachable);
}

#[test]
fn only_who_was_not_asked_or_has_to_be_asked_again_may_be_asked() {
    let may_ask = |person: &Facts| {
        person.ask(&[offers()], day(10), |person| {
            decide(person, &offers(), Some(Channel::Email), day(10)).may_ask()
        })
    };
    assert!(may_ask(&Facts::nobody()));
    assert!(!may_ask(&subscriber()));
    let mut refuses = Facts::nobody();
    let refusal = decision(1, DecisionKind::Denied, day(5));
    refuses.decisions.push((refusal, Trust::Claimed));
    assert!(!may_ask(&refuses));
}
