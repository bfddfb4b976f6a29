//! What is true of every decision about every person.

use proptest::prelude::*;
use proptest::sample::select;

use super::sample::{Facts, a_person, a_purpose, a_suppression, an_objection};
use crate::clock::Timestamp;
use crate::consent::tests::generate::{DAYS, trust};
use crate::consent::tests::sample::{DAY, day, decision};
use crate::consent::{DecisionKind, Purpose};
use crate::identity::Trust;
use crate::privacy::{Decision, Objection, Reach, Suppression, can_contact, decide, reach};
use crate::touchpoint::Channel;

/// Something that a person, or the law, says no with.
#[derive(Clone, Debug)]
enum No {
    Decision(DecisionKind, Option<Channel>, Timestamp, Trust),
    Suppression(Suppression),
    Objection(Objection),
    Restriction(Timestamp),
    Erasure,
    Gpc(Timestamp),
    EndOfContract,
}

fn no(purpose: &Purpose) -> impl Strategy<Value = No> + use<> {
    let at = (0..DAYS).prop_map(day);
    let kinds = vec![DecisionKind::Denied, DecisionKind::Withdrawn];
    let channels: Vec<_> = purpose.parts().into_iter().chain([None]).collect();
    prop_oneof![
        3 => (select(kinds), select(channels), at.clone(), trust())
            .prop_map(|(kind, channel, at, trust)| No::Decision(kind, channel, at, trust)),
        1 => a_suppression(purpose).prop_map(No::Suppression),
        1 => an_objection(purpose).prop_map(No::Objection),
        1 => at.clone().prop_map(No::Restriction),
        1 => Just(No::Erasure),
        1 => at.prop_map(No::Gpc),
        1 => Just(No::EndOfContract),
    ]
}

impl Facts {
    fn says(&mut self, purpose: &Purpose, no: No) {
        match no {
            No::Decision(kind, channel, at, trust) => {
                let mut refusal = decision(1_000, kind, at);
                refusal.purpose = purpose.key.clone();
                refusal.channel = channel;
                self.decisions.push((refusal, trust));
            }
            No::Suppression(row) => self.suppressions.push(row),
            No::Objection(objection) => self.objections.push(objection),
            No::Restriction(since) => {
                let before = self.restricted_since.unwrap_or(since);
                self.restricted_since = Some(before.min(since));
            }
            No::Erasure => self.erased = true,
            No::Gpc(since) => self.gpc_since = self.gpc_since.max(Some(since)),
            No::EndOfContract => self.contract.value = false,
        }
    }

    fn decide(&self, purpose: &Purpose, channel: Option<Channel>, now: Timestamp) -> Decision {
        self.ask(std::slice::from_ref(purpose), now, |person| {
            decide(person, purpose, channel, now)
        })
    }
}

fn case() -> impl Strategy<Value = (Purpose, Facts)> {
    a_purpose().prop_flat_map(|purpose| {
        let person = a_person(&purpose);
        (Just(purpose), person)
    })
}

fn channel() -> impl Strategy<Value = Option<Channel>> {
    select(vec![
        None,
        Some(Channel::Email),
        Some(Channel::Phone),
        Some(Channel::Web),
    ])
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-1..3 * DAYS).prop_map(day)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(768))]

    #[test]
    fn a_further_no_never_allows(
        (purpose, person, no) in case().prop_flat_map(|(purpose, person)| {
            let no = no(&purpose);
            (Just(purpose), Just(person), no)
        }),
        channel in channel(), now in instant(),
    ) {
        let before = person.decide(&purpose, channel, now);
        let mut after = person.clone();
        after.says(&purpose, no);
        let after = after.decide(&purpose, channel, now);
        prop_assert!(before.allow || !after.allow, "{:?} became {:?}", before.reason, after.reason);
    }

    #[test]
    fn a_decision_holds_until_it_says((purpose, person) in case(), channel in channel(), now in instant()) {
        // Consent is folded once: what is kept is right until it is asked again.
        let purposes = std::slice::from_ref(&purpose);
        person.ask(purposes, now, |person| {
            let decision = decide(person, &purpose, channel, now);
            let end = decision.until.unwrap_or(day(500));
            prop_assert!(end > now);
            let step = usize::try_from(DAY / 2).unwrap();
            for at in (now.0..end.0.min(day(4 * DAYS).0)).step_by(step).chain([end.0 - 1]) {
                prop_assert_eq!(decide(person, &purpose, channel, Timestamp(at)), decision);
            }
            Ok(())
        })?;
    }

    #[test]
    fn without_a_channel_it_is_allowed_where_it_is_on_one((purpose, person) in case(), now in instant()) {
        let whole = person.decide(&purpose, None, now).allow;
        let on = |channel: &Channel| person.decide(&purpose, Some(*channel), now).allow;
        let any = purpose.channels.iter().any(on);
        prop_assert!(purpose.channels.is_empty() || whole == any);
    }

    #[test]
    fn the_order_in_which_things_become_known_does_not_matter((purpose, person) in case(), channel in channel(), now in instant()) {
        let mut turned = person.clone();
        turned.decisions.reverse();
        turned.suppressions.reverse();
        turned.objections.reverse();
        prop_assert_eq!(turned.decide(&purpose, channel, now), person.decide(&purpose, channel, now));
    }

    #[test]
    fn whoever_is_reached_may_be_contacted_and_nobody_else((purpose, person) in case(), now in instant()) {
        for channel in Channel::ALL {
            let purposes = std::slice::from_ref(&purpose);
            let (reach, contact) = person.ask(purposes, now, |person| {
                (reach(person, &purpose, channel, now), can_contact(person, &purpose, channel, now))
            });
            prop_assert_eq!(reach == Reach::Reached, contact.allow());
        }
    }

    #[test]
    fn what_is_allowed_by_consent_names_the_record((purpose, person) in case(), channel in channel(), now in instant()) {
        let decision = person.decide(&purpose, channel, now);
        let by_consent = decision.reason == crate::privacy::Reason::Consent;
        prop_assert!(!by_consent || decision.evidence.is_some());
        prop_assert_eq!(decision.basis.is_some(), decision.allow);
    }
}
