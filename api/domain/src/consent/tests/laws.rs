//! What is true of all decisions.

use proptest::prelude::*;

use super::generate::{DAYS, decisions, strict};
use super::sample::{DAY, day};
use crate::clock::Timestamp;
use crate::consent::{Decision, DecisionKind, Linked, Purpose, State};
use crate::identity::Trust;
use crate::touchpoint::Channel;

const EMAIL: Option<Channel> = Some(Channel::Email);

type Decisions = Vec<(Decision, Trust)>;

fn fold(purpose: &Purpose, decisions: &Decisions, now: Timestamp) -> State {
    let linked = decisions.iter().map(|(decision, trust)| Linked {
        decision,
        trust: *trust,
    });
    State::of(purpose, EMAIL, linked, now)
}

fn about_email(decision: &Decision) -> bool {
    matches!(decision.channel, None | Some(Channel::Email))
}

/// Whether consent is granted, said another way: there is a grant over a verified link, later than each refusal; and of the latest of
/// these the one that ends first has not ended, is confirmed where it must be, and its text is accepted.
fn is_granted(purpose: &Purpose, decisions: &Decisions, now: Timestamp) -> bool {
    let counting: Vec<_> = decisions
        .iter()
        .filter(|(decision, _)| about_email(decision) && decision.at <= now)
        .collect();
    let refused = counting
        .iter()
        .filter(|(decision, _)| decision.kind.refuses())
        .map(|(decision, _)| decision.at)
        .max();
    let grants: Vec<_> = counting
        .iter()
        .filter(|(decision, trust)| {
            decision.kind == DecisionKind::Granted && *trust == Trust::Verified
        })
        .map(|(decision, _)| decision)
        .collect();
    let Some(latest) = grants.iter().map(|grant| grant.at).max() else {
        return false;
    };
    let holds = |grant: &&Decision| {
        grant.expires_at.is_none_or(|end| now < end)
            && (grant.confirmed || !purpose.double_opt_in)
            && grant
                .text
                .is_none_or(|text| !purpose.void_texts.contains(&text))
    };
    Some(latest) > refused && grants.iter().filter(|grant| grant.at == latest).all(holds)
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-1..3 * DAYS).prop_map(day)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_state_is_what_the_rules_say(purpose in strict(), decisions in decisions(), now in instant()) {
        let state = fold(&purpose, &decisions, now);
        prop_assert_eq!(state.grant(now).is_some(), is_granted(&purpose, &decisions, now));
        prop_assert_eq!(state.known(now).value, state.grant(now).is_some());
    }

    #[test]
    fn the_order_of_arrival_does_not_matter_and_neither_does_a_replay(
        purpose in strict(), (decisions, shuffled) in decisions().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        now in instant(),
    ) {
        let state = fold(&purpose, &decisions, now);
        prop_assert_eq!(fold(&purpose, &shuffled, now), state);
        let twice = [decisions, shuffled].concat();
        prop_assert_eq!(fold(&purpose, &twice, now), state);
    }

    #[test]
    fn a_grant_is_later_than_every_refusal_whatever_was_merged(
        purpose in strict(), one in decisions(), other in decisions(), now in instant(),
    ) {
        let merged = super::generate::numbered([one, other].concat());
        if let Some(grant) = fold(&purpose, &merged, now).grant(now) {
            for (decision, _) in merged.iter().filter(|(decision, _)| decision.at <= now) {
                prop_assert!(!decision.kind.refuses() || !about_email(decision) || decision.at < grant.at);
            }
        }
    }

    #[test]
    fn a_state_changes_when_it_says_and_not_before(purpose in strict(), decisions in decisions(), now in instant()) {
        let state = fold(&purpose, &decisions, now);
        let status = state.status(now);
        let end = state.until(now).unwrap_or(day(4 * DAYS));
        prop_assert!(end > now);
        for at in (now.0..end.0).step_by(usize::try_from(DAY / 3).unwrap()).chain([end.0 - 1]) {
            prop_assert_eq!(state.status(Timestamp(at)), status);
        }
        if state.until(now).is_some() {
            prop_assert_ne!(state.status(end), status);
        }
    }

    #[test]
    fn what_lies_ahead_does_not_count_yet(purpose in strict(), decisions in decisions(), now in instant()) {
        let past: Decisions = decisions.iter().filter(|(decision, _)| decision.at <= now).cloned().collect();
        prop_assert_eq!(fold(&purpose, &decisions, now), fold(&purpose, &past, now));
    }

    #[test]
    fn asking_neither_grants_nor_takes_back(purpose in strict(), decisions in decisions(), now in instant()) {
        let answers: Decisions = decisions.iter().filter(|(decision, _)| decision.kind != DecisionKind::Asked).cloned().collect();
        prop_assert_eq!(fold(&purpose, &decisions, now).decided, fold(&purpose, &answers, now).decided);
    }

    #[test]
    fn a_further_refusal_never_grants(purpose in strict(), decisions in decisions(), at in 0..DAYS, trust in super::generate::trust(), now in instant()) {
        let refusal = super::sample::decision(0, DecisionKind::Denied, day(at));
        let more = super::generate::numbered(decisions.iter().cloned().chain([(refusal, trust)]));
        let (before, after) = (fold(&purpose, &decisions, now), fold(&purpose, &more, now));
        prop_assert!(before.grant(now).is_some() || after.grant(now).is_none());
    }
}
