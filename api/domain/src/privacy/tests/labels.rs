//! What readers see.

use std::collections::BTreeSet;

use rstest::rstest;

use super::sample::Facts;
use crate::consent::tests::sample::{day, decision, key};
use crate::consent::{DecisionKind, Purpose, ready_made, rights};
use crate::identity::Trust;
use crate::privacy::{Label, Reader, Reading, Sensitivity};

fn purposes() -> Vec<Purpose> {
    ready_made().into_iter().chain([rights()]).collect()
}

fn keys(names: &[&str]) -> BTreeSet<crate::consent::PurposeKey> {
    names.iter().map(|name| key(name)).collect()
}

/// What a reader with these purposes sees of a trait that serves others: the purpose it is shown for, or why it is not.
fn seen(
    person: &Facts,
    held: &[&str],
    served: &[&str],
    sensitivity: Sensitivity,
) -> Result<String, &'static str> {
    let reader = Reader {
        purposes: keys(held),
        clearance: Sensitivity::Identifying,
    };
    let label = Label {
        purposes: keys(served),
        sensitivity,
    };
    let all = purposes();
    person.ask(&all, day(10), |person| {
        let read = Reading::of(&reader, person, &all, day(10)).reads(&label);
        read.map(|shown| shown.purpose.to_string())
            .map_err(|withheld| withheld.code())
    })
}

/// Somebody who wants offers.
fn subscriber() -> Facts {
    Facts {
        decisions: vec![(decision(1, DecisionKind::Granted, day(5)), Trust::Verified)],
        ..Facts::nobody()
    }
}

#[rstest]
#[case::both_match(&["offers"], &["offers", "content"], Ok("offers"))]
#[case::the_one_of_several_that_is_allowed(&["content", "offers"], &["content", "offers"], Ok("offers"))]
#[case::another_purpose(&["analytics"], &["offers"], Err("PURPOSE_NOT_HELD"))]
#[case::no_purpose(&[], &["offers"], Err("PURPOSE_NOT_HELD"))]
#[case::a_value_for_nothing(&["offers"], &[], Err("PURPOSE_NOT_HELD"))]
#[case::a_purpose_nobody_knows(&["spying"], &["spying"], Err("PURPOSE_NOT_HELD"))]
#[case::no_consent(&["content"], &["content", "offers"], Err("CONSENT_MISSING"))]
#[case::for_the_rights_of_the_person(&["rights"], &[], Ok("rights"))]
fn a_value_is_shown_where_token_label_and_person_agree(
    #[case] held: &[&str],
    #[case] served: &[&str],
    #[case] expected: Result<&str, &'static str>,
) {
    let read = seen(&subscriber(), held, served, Sensitivity::Personal);
    assert_eq!(read, expected.map(str::to_owned));
}

#[test]
fn a_value_more_sensitive_than_the_token_may_see_is_withheld() {
    let person = subscriber();
    let read = |sensitivity| seen(&person, &["offers"], &["offers"], sensitivity);
    assert!(read(Sensitivity::Identifying).is_ok());
    assert_eq!(read(Sensitivity::Sensitive), Err("TOO_SENSITIVE"));
    assert_eq!(read(Sensitivity::Special), Err("TOO_SENSITIVE"));
}

#[test]
fn a_restricted_profile_is_shown_for_the_rights_of_the_person_alone() {
    let mut person = subscriber();
    person.restricted_since = Some(day(9));
    let read = |held| seen(&person, held, &["offers"], Sensitivity::Personal);
    assert_eq!(read(&["offers"]), Err("RESTRICTED"));
    assert_eq!(read(&["rights"]), Ok("rights".to_owned()));
}

#[test]
fn a_withdrawal_withholds_at_once_and_says_so() {
    let mut person = subscriber();
    let refusal = decision(2, DecisionKind::Withdrawn, day(10));
    person.decisions.push((refusal, Trust::Claimed));
    let read = seen(&person, &["offers"], &["offers"], Sensitivity::Personal);
    assert_eq!(read, Err("CONSENT_WITHDRAWN"));
}

#[test]
fn what_may_be_seen_holds_until_consent_ends() {
    let all = purposes();
    let reader = Reader {
        purposes: keys(&["offers", "content", "rights"]),
        clearance: Sensitivity::Personal,
    };
    let person = subscriber();
    let until = person.ask(&all, day(10), |person| {
        Reading::of(&reader, person, &all, day(10)).until()
    });
    assert_eq!(until, Some(day(370)));
}
