//! Double opt-in, from the request to its end.

use rstest::rstest;
use uuid::Uuid;

use super::sample::{day, evidence, key, offers, purpose, record};
use crate::clock::Timestamp;
use crate::condition::Span;
use crate::consent::{
    Answer, Asked, Category, Claims, Decision, DecisionKind, InvalidClaims, OptIn, OptInRefusal,
    OptInRules, OptInStatus, Requested, Seen, TooMany, may_send,
};
use crate::hash::Hash256;
use crate::id::{FragmentId, OptInId};
use crate::touchpoint::Channel;

const MINUTE: i64 = 60_000;

fn asked() -> Asked {
    Asked {
        fragment: FragmentId(Uuid::from_u128(1)),
        purpose: key("offers"),
        channel: Channel::Email,
        address: Hash256::of("keyed"),
    }
}

fn claims() -> Claims {
    let (id, nonce) = (OptInId(Uuid::from_u128(2)), Uuid::from_u128(3));
    OptIn::claims(id, &asked(), nonce, &OptInRules::default(), day(0))
}

fn request(open: Option<&OptIn>, now: Timestamp) -> Requested {
    OptIn::request(asked(), &claims(), open, &OptInRules::default(), now)
}

/// A request on day 0 whose message was sent at once.
fn sent() -> OptIn {
    let Requested::New(opt_in) = request(None, day(0)) else {
        panic!("no new request");
    };
    opt_in.sent(Hash256::of("message"), day(0))
}

#[test]
fn a_confirmation_is_a_grant_with_the_evidence_of_both_halves() {
    let claims = claims();
    let seen = Seen {
        ip: Some("203.0.113.7".parse().unwrap()),
        user_agent: None,
    };
    let confirmed = sent().confirm(&claims, evidence(), seen, day(2)).unwrap();
    let grant = Answer {
        kind: DecisionKind::Granted,
        channel: Some(Channel::Email),
        at: day(2),
    };
    assert_eq!(confirmed.answer, grant);
    let half = confirmed.evidence.confirmation.clone().unwrap();
    assert_eq!((half.requested_at, half.confirmed_at), (day(0), day(2)));
    assert_eq!(half.token, claims.hash());
    assert_eq!(half.message_sha256, Some(Hash256::of("message")));
    assert_eq!(confirmed.evidence.text, evidence().text);
    assert_eq!(confirmed.opt_in.status(day(30)), OptInStatus::Confirmed);
    let rules = OptInRules::default();
    let decision = Decision::record(
        record(1),
        grant,
        &confirmed.evidence,
        &offers(),
        &rules,
        day(2),
    )
    .unwrap();
    assert_eq!(
        (decision.kind, decision.confirmed),
        (DecisionKind::Granted, true)
    );
    assert_eq!(confirmed.opt_in.delete_at(&rules), None);
}

#[test]
fn a_token_confirms_once() {
    let confirm = |opt_in: OptIn, now| opt_in.confirm(&claims(), evidence(), Seen::default(), now);
    let confirmed = confirm(sent(), day(1)).unwrap().opt_in;
    assert_eq!(confirm(confirmed.clone(), day(2)), Err(OptInRefusal::Used));
    assert_eq!(confirmed.reject(&claims(), day(2)), Err(OptInRefusal::Used));
}

#[rstest]
#[case::another_person(|one: &mut Claims| one.fragment = FragmentId(Uuid::from_u128(9)))]
#[case::another_request(|one: &mut Claims| one.opt_in = OptInId(Uuid::from_u128(9)))]
#[case::another_purpose(|one: &mut Claims| one.purpose = key("content"))]
#[case::another_channel(|one: &mut Claims| one.channel = Channel::Phone)]
#[case::another_nonce(|one: &mut Claims| one.nonce = Uuid::from_u128(9))]
#[case::a_later_end(|one: &mut Claims| one.expires_at = day(70))]
fn an_altered_token_or_one_of_another_does_nothing(#[case] alter: fn(&mut Claims)) {
    let mut other = claims();
    alter(&mut other);
    let refused = sent().confirm(&other, evidence(), Seen::default(), day(1));
    assert_eq!(refused, Err(OptInRefusal::Invalid));
    let refused = sent().reject(&other, day(1));
    assert_eq!(refused, Err(OptInRefusal::Invalid));
}

#[test]
fn a_token_ends_after_a_week() {
    let confirm = |at| sent().confirm(&claims(), evidence(), Seen::default(), at);
    assert!(confirm(day(7).plus_millis(-1)).is_ok());
    assert_eq!(confirm(day(7)), Err(OptInRefusal::Expired));
    assert_eq!(sent().status(day(7)), OptInStatus::Expired);
    assert_eq!(sent().delete_at(&OptInRules::default()), Some(day(37)));
}

#[test]
fn nobody_confirms_what_was_not_sent() {
    let Requested::New(opt_in) = request(None, day(0)) else {
        panic!("no new request");
    };
    let refused = opt_in.confirm(&claims(), evidence(), Seen::default(), day(1));
    assert_eq!(refused, Err(OptInRefusal::NotSent));
}

#[test]
fn who_says_that_it_was_not_them_denies_and_hears_no_more() {
    let (rejected, answer) = sent().reject(&claims(), day(1)).unwrap();
    assert_eq!((answer.kind, answer.at), (DecisionKind::Denied, day(1)));
    assert_eq!(rejected.status(day(2)), OptInStatus::Rejected);
    let none = Err(TooMany { again_at: None });
    assert_eq!(rejected.may_send(&OptInRules::default(), day(2)), none);
    let confirm = rejected.confirm(&claims(), evidence(), Seen::default(), day(2));
    assert_eq!(confirm, Err(OptInRefusal::Rejected));
}

#[test]
fn asking_again_sends_again_up_to_a_limit_and_makes_no_second_request() {
    let mut opt_in = sent();
    let soon = request(Some(&opt_in), day(0).plus_millis(MINUTE));
    let again_at = Some(day(0).plus_millis(5 * MINUTE));
    assert_eq!(soon, Requested::Nothing(TooMany { again_at }));
    for minutes in [5, 10] {
        let at = day(0).plus_millis(minutes * MINUTE);
        assert_eq!(request(Some(&opt_in), at), Requested::Again);
        opt_in = opt_in.sent(Hash256::of("message"), at);
    }
    let often = request(Some(&opt_in), day(3));
    assert_eq!(often, Requested::Nothing(TooMany { again_at: None }));
    assert!(matches!(request(Some(&opt_in), day(7)), Requested::New(_)));
    let other = Asked {
        address: Hash256::of("another address"),
        ..asked()
    };
    let rules = OptInRules::default();
    let other = OptIn::request(other, &claims(), Some(&opt_in), &rules, day(1));
    assert!(matches!(other, Requested::New(_)));
}

#[rstest]
#[case::none_before(&[], 2, Ok(()))]
#[case::one_before(&[9], 2, Ok(()))]
#[case::as_many_as_allowed(&[9, 4], 2, Err(Some(14)))]
#[case::more_than_allowed(&[9, 4, 6], 2, Err(Some(16)))]
#[case::long_ago(&[0, -5, 9], 2, Ok(()))]
#[case::never(&[], 0, Err(None))]
fn one_place_causes_so_many_messages_in_a_span(
    #[case] before: &[i64],
    #[case] most: usize,
    #[case] expected: Result<(), Option<i64>>,
) {
    let before: Vec<_> = before.iter().map(|at| day(*at)).collect();
    let allowed = may_send(&before, most, Span::days(10).unwrap(), day(10));
    let expected = expected.map_err(|again| TooMany {
        again_at: again.map(day),
    });
    assert_eq!(allowed, expected);
}

#[test]
fn claims_have_one_spelling_and_no_other_is_read() {
    let bytes = claims().to_bytes();
    assert_eq!(Claims::from_bytes(&bytes), Ok(claims()));
    let text = String::from_utf8(bytes).unwrap();
    let others = [
        text.replace(',', ", "),
        text.replace('}', ",\"adm\":true}"),
        text.replace("offers", "Offers"),
        text.replace("EMAIL", "TELEX"),
        "a".repeat(1 << 20),
        String::new(),
    ];
    for other in others {
        assert_eq!(Claims::from_bytes(other.as_bytes()), Err(InvalidClaims));
    }
}

#[test]
fn a_double_opt_in_is_for_purposes_by_consent_on_channels_with_an_address() {
    assert!(offers().takes_opt_in(Channel::Email));
    assert!(!offers().takes_opt_in(Channel::Social));
    assert!(!purpose(Category::Service).takes_opt_in(Channel::Email));
}
