//! Which purposes make sense.

use rstest::rstest;

use super::sample::{offers, purpose};
use crate::consent::{Basis, Category, Purpose, PurposeProblem, Words, ready_made, rights};
use crate::touchpoint::Channel;

#[test]
fn the_ready_made_purposes_can_be_used_as_they_are() {
    let keys: Vec<_> = ready_made()
        .into_iter()
        .map(|purpose| {
            assert_eq!(purpose.check(), [], "{}", purpose.key);
            for tag in ["en", "es"] {
                assert!(purpose.title.in_language(tag).is_some());
                assert!(purpose.description.in_language(tag).is_some());
            }
            purpose.key.to_string()
        })
        .collect();
    let expected = [
        "service",
        "content",
        "offers",
        "personalization",
        "profiling",
        "analytics",
        "advertising",
    ];
    assert_eq!(keys, expected);
    assert_eq!(rights().check(), []);
}

#[test]
fn messages_need_a_double_opt_in_and_consent_always_ends() {
    for purpose in ready_made() {
        assert_eq!(purpose.double_opt_in, !purpose.channels.is_empty());
        assert_eq!(purpose.valid_for.is_some(), purpose.basis == Basis::Consent);
    }
}

fn changed(change: impl FnOnce(&mut Purpose)) -> Purpose {
    let mut purpose = offers();
    change(&mut purpose);
    purpose
}

#[rstest]
#[case::no_title(changed(|one| one.title = Words::default()), PurposeProblem::NoTitle)]
#[case::a_blank_title(changed(|one| one.title = Words::english_and_spanish(" ", "a")), PurposeProblem::Title)]
#[case::a_long_title(changed(|one| one.title = Words::english_and_spanish(&"a".repeat(101), "a")), PurposeProblem::Title)]
#[case::a_character_that_ends_texts(changed(|one| one.description = Words::english_and_spanish("a\0", "a")), PurposeProblem::Description)]
#[case::offers_by_contract(changed(|one| {
    one.basis = Basis::Contract;
    one.valid_for = None;
    one.double_opt_in = false;
}), PurposeProblem::Basis)]
#[case::consent_for_ever(changed(|one| one.valid_for = None), PurposeProblem::Endless)]
#[case::a_double_opt_in_nowhere(changed(|one| one.channels = [].into()), PurposeProblem::NowhereToConfirm)]
#[case::a_double_opt_in_on_a_page(changed(|one| one.channels = [Channel::Email, Channel::Web].into()), PurposeProblem::NowhereToConfirm)]
#[case::a_double_opt_in_without_consent(changed(|one| {
    one.basis = Basis::LegitimateInterest;
    one.valid_for = None;
}), PurposeProblem::NothingToGrant)]
#[case::too_young(changed(|one| one.minimum_age = Some(12)), PurposeProblem::MinimumAge)]
#[case::too_old(changed(|one| one.minimum_age = Some(19)), PurposeProblem::MinimumAge)]
fn a_purpose_that_makes_no_sense_is_refused(
    #[case] purpose: Purpose,
    #[case] problem: PurposeProblem,
) {
    assert_eq!(purpose.check(), [problem]);
    assert!(!problem.field().is_empty());
}

#[test]
fn only_offers_may_go_to_customers_who_were_not_asked() {
    let year = crate::period::Period::months(12);
    let soft = |mut purpose: Purpose| {
        purpose.soft_opt_in = year;
        purpose.check()
    };
    assert_eq!(soft(offers()), []);
    assert_eq!(
        soft(purpose(Category::Content)),
        [PurposeProblem::SoftOptIn]
    );
    let by_phone = changed(|one| one.channels = [Channel::Phone].into());
    assert_eq!(soft(by_phone), [PurposeProblem::SoftOptIn]);
}

#[test]
fn a_purpose_reads_back_as_it_was_stored() {
    for purpose in ready_made() {
        let json = serde_json::to_string(&purpose).unwrap();
        assert_eq!(serde_json::from_str::<Purpose>(&json).unwrap(), purpose);
    }
}
