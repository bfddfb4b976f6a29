//! Privacy requests, from their receipt to the receipt of their answer.

use std::collections::BTreeMap;

use rstest::rstest;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::consent::tests::sample::day;
use crate::id::PrivacyRequestId;
use crate::privacy::{
    PrivacyRequest, RefusalReason, RequestKind, RequestProblem, RequestStatus, Step, is_repeated,
};

fn received(kind: RequestKind, at: Timestamp) -> PrivacyRequest {
    let id = PrivacyRequestId(Uuid::from_u128(1));
    PrivacyRequest::receive(id, kind, at, chrono_tz::Europe::Madrid)
}

fn request(kind: RequestKind) -> PrivacyRequest {
    received(kind, day(0))
}

/// The request after all its steps up to one, a day each.
fn up_to(kind: RequestKind, last: Step) -> PrivacyRequest {
    let mut request = request(kind);
    while let Some(step) = request.next() {
        let at = day(i64::try_from(request.done.len()).unwrap());
        request = request.complete(step, at, BTreeMap::new()).unwrap();
        if step == last {
            break;
        }
    }
    request
}

#[rstest]
#[case::the_same_day("2026-03-10T12:00:00Z", "2026-04-10", "2026-04-10T22:00:00.000Z")]
#[case::a_common_february("2026-01-31T12:00:00Z", "2026-02-28", "2026-02-28T23:00:00.000Z")]
#[case::a_leap_february("2028-01-31T12:00:00Z", "2028-02-29", "2028-02-29T23:00:00.000Z")]
#[case::by_the_day_of_the_place("2026-01-30T23:30:00Z", "2026-02-28", "2026-02-28T23:00:00.000Z")]
#[case::over_the_year("2026-12-31T12:00:00Z", "2027-01-31", "2027-01-31T23:00:00.000Z")]
fn a_request_is_answered_within_a_month(
    #[case] at: Timestamp,
    #[case] due_on: &str,
    #[case] late_from: &str,
) {
    let request = received(RequestKind::Access, at);
    assert_eq!(request.due_on().to_string(), due_on);
    assert_eq!(request.late_from().to_string(), late_from);
    assert!(!request.is_late(request.late_from().plus_millis(-1)));
    assert!(request.is_late(request.late_from()));
}

#[test]
fn a_complex_request_takes_two_months_more_if_the_person_is_told_in_time() {
    let why = || "several systems".to_owned();
    let extended = request(RequestKind::Access).extend(why(), day(30)).unwrap();
    assert_eq!(extended.due_on().to_string(), "2026-04-01");
    let again = extended.extend(why(), day(30));
    assert_eq!(again, Err(RequestProblem::CannotExtend));
    let late = request(RequestKind::Access).extend(why(), day(32));
    assert_eq!(late, Err(RequestProblem::CannotExtend));
    let unsaid = request(RequestKind::Access).extend(" ".to_owned(), day(3));
    assert_eq!(unsaid, Err(RequestProblem::Reason));
}

#[test]
fn nothing_is_done_before_it_is_known_who_asks() {
    for kind in RequestKind::ALL {
        assert_eq!(kind.steps().first(), Some(&Step::VerifyIdentity));
        for step in kind.steps().iter().skip(1) {
            let early = request(*kind).complete(*step, day(1), BTreeMap::new());
            assert_eq!(early, Err(RequestProblem::NotNext));
        }
    }
}

#[test]
fn an_erasure_is_restricted_at_once_and_suppressed_before_it_deletes() {
    let steps = RequestKind::Erasure.steps();
    let place = |step| steps.iter().position(|one| *one == step);
    assert!(place(Step::Restrict) < place(Step::TellRecipients));
    assert!(place(Step::Suppress) < place(Step::Delete));
    assert_eq!(steps.last(), Some(&Step::Delete));
}

#[test]
fn a_step_that_is_told_twice_is_taken_once() {
    let counts = BTreeMap::from([("touchpoint".to_owned(), 12)]);
    let once = up_to(RequestKind::Erasure, Step::Suppress)
        .complete(Step::Delete, day(9), counts)
        .unwrap();
    let twice = once
        .clone()
        .complete(Step::Delete, day(10), BTreeMap::new())
        .unwrap();
    assert_eq!(twice, once);
    assert_eq!(once.status(), RequestStatus::Completed);
    let other = once.complete(Step::Deliver, day(10), BTreeMap::new());
    assert_eq!(other, Err(RequestProblem::NoSuchStep));
}

#[test]
fn a_receipt_lists_each_store_and_its_count() {
    let open = up_to(RequestKind::Erasure, Step::Suppress);
    assert_eq!(open.receipt(), None);
    let counts = BTreeMap::from([("identifier".to_owned(), 2), ("touchpoint".to_owned(), 12)]);
    let closed = open.complete(Step::Delete, day(9), counts.clone()).unwrap();
    let receipt = closed.receipt().unwrap();
    assert_eq!(receipt.status, RequestStatus::Completed);
    assert!(receipt.in_time);
    assert_eq!(receipt.completed_at, day(9));
    assert_eq!(receipt.steps.last().unwrap().counts, counts);
    let late = up_to(RequestKind::Erasure, Step::Suppress)
        .complete(Step::Delete, day(40), BTreeMap::new())
        .unwrap();
    assert!(!late.receipt().unwrap().in_time);
}

#[test]
fn a_request_is_taken_back_until_something_cannot_be_undone() {
    let early = up_to(RequestKind::Erasure, Step::Restrict);
    let cancelled = early.cancel(day(3)).unwrap();
    assert_eq!(cancelled.status(), RequestStatus::Cancelled);
    assert_eq!(cancelled.next(), None);
    let told = up_to(RequestKind::Erasure, Step::TellRecipients);
    assert_eq!(told.cancel(day(3)), Err(RequestProblem::TooLateToCancel));
}

#[test]
fn a_refusal_ends_a_request_and_says_why() {
    let why = "nobody of that name is known".to_owned();
    let refused = request(RequestKind::Access)
        .refuse(RefusalReason::NoData, why, day(3))
        .unwrap();
    assert_eq!(refused.status(), RequestStatus::Refused);
    assert!(refused.receipt().unwrap().outcome.is_some());
    assert!(!refused.is_late(day(300)));
    let after = refused.complete(Step::VerifyIdentity, day(4), BTreeMap::new());
    assert_eq!(after, Err(RequestProblem::Ended));
}

#[rstest]
#[case(&[], false)]
#[case(&[0], true)]
#[case(&[-90], true)]
#[case(&[-200], false)]
fn asking_again_within_half_a_year_is_flagged(#[case] before: &[i64], #[case] repeated: bool) {
    let before: Vec<_> = before.iter().map(|at| day(*at)).collect();
    assert_eq!(is_repeated(&before, day(10)), repeated);
}
