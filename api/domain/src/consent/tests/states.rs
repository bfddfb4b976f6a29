//! What decisions come to, as cases.

use rstest::rstest;

use super::sample::{day, decision, offers, record};
use crate::clock::Timestamp;
use crate::consent::{Decision, DecisionKind, Linked, State, Status};
use crate::hash::Hash256;
use crate::identity::Trust;
use crate::touchpoint::Channel;

use DecisionKind::{Asked, Denied, Granted, Withdrawn};

fn fold(decisions: &[(Decision, Trust)], now: Timestamp) -> State {
    let linked = decisions.iter().map(|(decision, trust)| Linked {
        decision,
        trust: *trust,
    });
    State::of(&offers(), Some(Channel::Email), linked, now)
}

/// Decisions of one fragment, on these days.
fn own(decisions: &[(DecisionKind, i64)]) -> Vec<(Decision, Trust)> {
    let numbered = (1..).zip(decisions);
    numbered
        .map(|(number, (kind, at))| (decision(number, *kind, day(*at)), Trust::Verified))
        .collect()
}

#[rstest]
#[case::nothing(&[], 10, Status::None, None)]
#[case::asked(&[(Asked, 5)], 10, Status::Pending, Some(12))]
#[case::asked_too_long_ago(&[(Asked, 3)], 10, Status::None, None)]
#[case::granted(&[(Granted, 5)], 10, Status::Granted, Some(370))]
#[case::to_the_last_day(&[(Granted, 5)], 369, Status::Granted, Some(370))]
#[case::and_no_longer(&[(Granted, 5)], 370, Status::Expired, None)]
#[case::denied(&[(Denied, 5)], 10, Status::Denied, None)]
#[case::withdrawn(&[(Granted, 5), (Withdrawn, 6)], 10, Status::Withdrawn, None)]
#[case::withdrawn_before_it_was_known(&[(Withdrawn, 6), (Granted, 5)], 10, Status::Withdrawn, None)]
#[case::granted_anew(&[(Withdrawn, 6), (Granted, 7)], 10, Status::Granted, Some(372))]
#[case::at_once(&[(Granted, 6), (Withdrawn, 6)], 10, Status::Withdrawn, None)]
#[case::denied_at_once(&[(Granted, 6), (Denied, 6)], 10, Status::Denied, None)]
#[case::asked_at_once(&[(Asked, 6), (Denied, 6)], 10, Status::Denied, None)]
#[case::asked_after_a_denial(&[(Denied, 6), (Asked, 8)], 10, Status::Pending, Some(15))]
#[case::asked_in_vain_after_a_denial(&[(Denied, 6), (Asked, 8)], 15, Status::Denied, None)]
#[case::asked_again(&[(Granted, 5), (Asked, 8)], 10, Status::Granted, Some(370))]
#[case::asked_before_it_ends(&[(Granted, 5), (Asked, 368)], 370, Status::Pending, Some(375))]
#[case::not_yet(&[(Granted, 11)], 10, Status::None, None)]
#[case::not_yet_withdrawn(&[(Granted, 5), (Withdrawn, 11)], 10, Status::Granted, Some(370))]
fn the_latest_decision_wins(
    #[case] decisions: &[(DecisionKind, i64)],
    #[case] now: i64,
    #[case] status: Status,
    #[case] until: Option<i64>,
) {
    let state = fold(&own(decisions), day(now));
    assert_eq!(state.status(day(now)), status);
    assert_eq!(state.until(day(now)), until.map(day));
}

#[test]
fn a_grant_counts_over_verified_links_alone_and_a_refusal_over_every_one() {
    let grant = (decision(1, Granted, day(5)), Trust::Claimed);
    assert_eq!(fold(&[grant], day(10)).status(day(10)), Status::None);
    let mut both = own(&[(Granted, 5)]);
    both.push((decision(2, Withdrawn, day(6)), Trust::Claimed));
    assert_eq!(fold(&both, day(10)).status(day(10)), Status::Withdrawn);
}

#[test]
fn a_decision_about_one_channel_says_nothing_about_another() {
    let mut by_phone = decision(1, Withdrawn, day(5));
    by_phone.channel = Some(Channel::Phone);
    let mut all = own(&[(Granted, 4)]);
    all.push((by_phone, Trust::Verified));
    assert_eq!(fold(&all, day(10)).status(day(10)), Status::Granted);
    let linked = all.iter().map(|(decision, trust)| Linked {
        decision,
        trust: *trust,
    });
    let phone = State::of(&offers(), Some(Channel::Phone), linked, day(10));
    assert_eq!(phone.status(day(10)), Status::Withdrawn);
}

#[test]
fn who_refused_on_a_channel_still_refuses_when_the_purpose_has_channels_no_more() {
    let mut refusal = decision(1, Denied, day(5));
    refusal.channel = Some(Channel::Phone);
    let mut grant = decision(2, Granted, day(4));
    grant.channel = Some(Channel::Email);
    let mut purpose = offers();
    purpose.channels.clear();
    let linked = [&refusal, &grant].map(|decision| Linked {
        decision,
        trust: Trust::Verified,
    });
    let state = State::of(&purpose, None, linked, day(10));
    assert_eq!(state.status(day(10)), Status::Denied);
}

#[test]
fn consent_to_a_text_that_is_no_longer_accepted_has_expired() {
    let text = Hash256::of("Acepto todo.");
    let mut grant = decision(1, Granted, day(5));
    grant.text = Some(text);
    let linked = Linked {
        decision: &grant,
        trust: Trust::Verified,
    };
    let mut purpose = offers();
    let status =
        |purpose: &_| State::of(purpose, Some(Channel::Email), [linked], day(10)).status(day(10));
    assert_eq!(status(&purpose), Status::Granted);
    purpose.void_texts.insert(text);
    assert_eq!(status(&purpose), Status::Expired);
}

#[test]
fn consent_that_was_never_confirmed_has_expired_once_a_confirmation_is_asked() {
    let mut grant = decision(1, Granted, day(5));
    grant.confirmed = false;
    let linked = Linked {
        decision: &grant,
        trust: Trust::Verified,
    };
    let mut purpose = offers();
    purpose.double_opt_in = false;
    let status =
        |purpose: &_| State::of(purpose, Some(Channel::Email), [linked], day(10)).status(day(10));
    assert_eq!(status(&purpose), Status::Granted);
    purpose.double_opt_in = true;
    assert_eq!(status(&purpose), Status::Expired);
}

#[test]
fn the_state_names_the_record_that_shows_it_and_the_refusal_behind_it() {
    let state = fold(&own(&[(Denied, 6), (Asked, 8)]), day(10));
    assert_eq!(state.record(day(10)), Some(record(2)));
    assert_eq!(state.record(day(20)), Some(record(1)));
    let refusal = state.refusal().unwrap();
    assert_eq!((refusal.record, refusal.at), (record(1), day(6)));
}

#[test]
fn a_state_that_is_kept_is_right_at_each_later_instant() {
    let state = fold(&own(&[(Granted, 5), (Asked, 368)]), day(369));
    let json = serde_json::to_string(&state).unwrap();
    let kept: State = serde_json::from_str(&json).unwrap();
    let seen: Vec<_> = [369, 370, 375].map(|now| kept.status(day(now))).into();
    assert_eq!(seen, [Status::Granted, Status::Pending, Status::Expired]);
    assert_eq!(serde_json::to_string(&State::default()).unwrap(), "{}");
}
