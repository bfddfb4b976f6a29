//! How decisions are written down.

use rstest::rstest;

use super::sample::{DAY, day, evidence, offers, purpose, record};
use crate::clock::Timestamp;
use crate::consent::{
    Answer, Category, Confirmation, Decision, DecisionKind, DecisionProblem, Evidence,
    EvidenceProblem, OptInRules, Purpose,
};
use crate::hash::Hash256;
use crate::id::OptInId;
use crate::touchpoint::Channel;

fn write(
    purpose: &Purpose,
    kind: DecisionKind,
    at: Timestamp,
    evidence: &Evidence,
) -> Result<Decision, Vec<DecisionProblem>> {
    let answer = Answer {
        kind,
        channel: None,
        at,
    };
    Decision::record(
        record(1),
        answer,
        evidence,
        purpose,
        &OptInRules::default(),
        day(100),
    )
}

fn confirmed() -> Evidence {
    Evidence {
        confirmation: Some(Confirmation {
            opt_in: OptInId(uuid::Uuid::nil()),
            requested_at: day(1),
            sent_at: day(1),
            message_sha256: None,
            token: Hash256::ZERO,
            confirmed_at: day(2),
            ip: None,
            user_agent: None,
        }),
        ..evidence()
    }
}

#[test]
fn a_grant_lasts_as_long_as_its_purpose_says() {
    let decision = write(&offers(), DecisionKind::Granted, day(100), &confirmed()).unwrap();
    assert_eq!(decision.kind, DecisionKind::Granted);
    assert!(decision.confirmed);
    // 2026-04-11 and two years.
    assert_eq!(
        decision.expires_at,
        Some("2028-04-11T00:00:00Z".parse().unwrap())
    );
}

#[test]
fn a_grant_that_has_to_be_confirmed_is_written_down_as_an_asking() {
    let decision = write(&offers(), DecisionKind::Granted, day(100), &evidence()).unwrap();
    assert_eq!(decision.kind, DecisionKind::Asked);
    assert_eq!(decision.expires_at, Some(day(107)));
    let analytics = purpose(Category::Analytics);
    let decision = write(&analytics, DecisionKind::Granted, day(100), &evidence()).unwrap();
    assert_eq!(decision.kind, DecisionKind::Granted);
}

#[rstest]
#[case::a_clock_that_is_fast(DecisionKind::Granted, 60_000, true)]
#[case::a_grant_from_tomorrow(DecisionKind::Granted, 60_001, false)]
#[case::a_request_from_tomorrow(DecisionKind::Asked, DAY, false)]
#[case::a_denial_from_tomorrow(DecisionKind::Denied, DAY, true)]
#[case::a_withdrawal_from_the_end_of_time(DecisionKind::Withdrawn, i64::MAX / 2, true)]
fn no_decision_is_made_in_the_future(
    #[case] kind: DecisionKind,
    #[case] ahead: i64,
    #[case] written: bool,
) {
    let at = day(100).plus_millis(ahead);
    match write(&offers(), kind, at, &confirmed()) {
        Ok(decision) => assert_eq!((decision.at, written), (day(100), true)),
        Err(problems) => assert_eq!(
            (problems, written),
            (vec![DecisionProblem::InFuture], false)
        ),
    }
}

#[test]
fn a_consent_that_has_expired_is_not_imported() {
    let problems = write(&offers(), DecisionKind::Granted, day(-700), &confirmed());
    assert_eq!(problems, Err(vec![DecisionProblem::Expired]));
    let refusal = write(&offers(), DecisionKind::Denied, day(-700), &evidence());
    assert_eq!(refusal.unwrap().at, day(-700));
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let service = purpose(Category::Service);
    let answer = Answer {
        kind: DecisionKind::Granted,
        channel: Some(Channel::Store),
        at: day(200),
    };
    let evidence = Evidence {
        text: None,
        ..evidence()
    };
    let rules = OptInRules::default();
    let written = Decision::record(record(1), answer, &evidence, &service, &rules, day(100));
    let expected = vec![
        DecisionProblem::Evidence(EvidenceProblem::NoText),
        DecisionProblem::Channel,
        DecisionProblem::NotByConsent,
        DecisionProblem::InFuture,
    ];
    assert_eq!(written, Err(expected));
}
