//! Which evidence does, and what of it is kept.

use rstest::rstest;
use serde_json::json;
use uuid::Uuid;

use super::sample::{day, evidence};
use crate::consent::{
    Actor, CollectionMethod, Confirmation, DecisionKind, Evidence, EvidenceProblem, Expression,
    Form, Origin,
};
use crate::hash::Hash256;
use crate::id::OptInId;

fn form() -> Form {
    Form {
        id: "footer".to_owned(),
        version: "7".to_owned(),
        sha256: None,
        fields: vec!["email".to_owned()],
        checkbox_text: Some("Sí, quiero ofertas".to_owned()),
        ticked_before: false,
    }
}

fn changed(change: impl FnOnce(&mut Evidence)) -> Evidence {
    let mut evidence = evidence();
    change(&mut evidence);
    evidence
}

fn imported(origin: Option<Origin>, proof: Option<&str>) -> Evidence {
    changed(|one| {
        one.collection_method = CollectionMethod::Import;
        one.origin = origin;
        one.proof = proof.map(str::to_owned);
        one.text = None;
    })
}

#[rstest]
#[case::what_a_form_gives(evidence(), &[])]
#[case::with_its_form(changed(|one| one.form = Some(form())), &[])]
#[case::no_text(changed(|one| one.text = None), &[EvidenceProblem::NoText])]
#[case::a_signal_has_no_text(changed(|one| (one.text, one.collection_method) = (None, CollectionMethod::Signal)), &[])]
#[case::a_box_ticked_beforehand(changed(|one| one.form = Some(Form { ticked_before: true, ..form() })), &[EvidenceProblem::TickedBefore])]
#[case::implied(changed(|one| one.expression = Expression::Implied), &[EvidenceProblem::Implied])]
#[case::by_the_company(changed(|one| one.actor = Actor::Controller), &[EvidenceProblem::NotThePerson])]
#[case::by_a_guardian_nobody_knows(changed(|one| one.actor = Actor::Guardian), &[EvidenceProblem::NoGuardian])]
#[case::by_a_guardian(changed(|one| (one.actor, one.guardian) = (Actor::Guardian, Some("file 12".to_owned()))), &[])]
#[case::imported_with_proof(imported(Some(Origin::Event), Some("box 3, sheet 9")), &[])]
#[case::imported_without_proof(imported(Some(Origin::Own), None), &[EvidenceProblem::NoOrigin])]
#[case::imported_from_nowhere(imported(None, Some("trust us")), &[EvidenceProblem::NoOrigin])]
#[case::a_bought_list(imported(Some(Origin::Bought), Some("receipt")), &[EvidenceProblem::Bought])]
fn a_grant_needs_evidence(#[case] evidence: Evidence, #[case] problems: &[EvidenceProblem]) {
    assert_eq!(evidence.check(DecisionKind::Granted), problems);
}

#[rstest]
#[case(imported(None, None))]
#[case(imported(Some(Origin::Bought), None))]
#[case(changed(|one| (one.actor, one.text) = (Actor::Controller, None)))]
fn a_refusal_needs_none(#[case] evidence: Evidence) {
    assert_eq!(evidence.check(DecisionKind::Withdrawn), []);
    assert_eq!(evidence.check(DecisionKind::Denied), []);
}

#[rstest]
#[case::a_megabyte(changed(|one| one.proof = Some("a".repeat(1 << 20))), "proof")]
#[case::a_long_page(changed(|one| one.page_url = Some("a".repeat(2_049))), "page_url")]
#[case::nobody(changed(|one| one.collected_by = String::new()), "collected_by")]
#[case::too_many_fields(changed(|one| one.form = Some(Form { fields: vec!["a".to_owned(); 101], ..form() })), "form")]
#[case::a_character_that_ends_texts(changed(|one| one.user_agent = Some("a\0".to_owned())), "user_agent")]
fn evidence_is_bounded(#[case] evidence: Evidence, #[case] field: &'static str) {
    for kind in DecisionKind::ALL {
        assert_eq!(evidence.check(*kind), [EvidenceProblem::Text(field)]);
    }
}

/// Evidence with addresses and programs in both halves.
fn traced() -> Evidence {
    changed(|one| {
        one.ip = Some("203.0.113.77".parse().unwrap());
        one.user_agent = Some("Firefox".to_owned());
        one.confirmation = Some(Confirmation {
            opt_in: OptInId(Uuid::nil()),
            requested_at: day(0),
            sent_at: day(0),
            message_sha256: None,
            token: Hash256::ZERO,
            confirmed_at: day(1),
            ip: Some("2001:db8:1:2::3".parse().unwrap()),
            user_agent: Some("Safari".to_owned()),
        });
    })
}

#[test]
fn addresses_and_programs_are_kept_only_where_the_deployment_wants() {
    let json = serde_json::to_string(&traced().without_traces()).unwrap();
    for trace in ["203.0", "2001:", "Firefox", "Safari"] {
        assert!(!json.contains(trace), "{trace}");
    }
    let json = serde_json::to_value(traced().with_networks_alone()).unwrap();
    assert_eq!(json["ip"], "203.0.113.0");
    assert_eq!(json["confirmation"]["ip"], "2001:db8:1::");
}

#[test]
fn evidence_shows_nothing_of_the_person_to_developers() {
    let shown = format!("{:?}", traced());
    for trace in ["203.0", "2001:", "Firefox", "Safari"] {
        assert!(!shown.contains(trace), "{trace}");
    }
}

#[test]
fn evidence_reads_back_and_nothing_unknown_is_read() {
    let json = serde_json::to_value(traced()).unwrap();
    assert_eq!(
        serde_json::from_value::<Evidence>(json.clone()).unwrap(),
        traced()
    );
    let mut more = json;
    more["password"] = json!("secret");
    assert!(serde_json::from_value::<Evidence>(more).is_err());
}
