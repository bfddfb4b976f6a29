//! The receipt of one decision.

use serde_json::json;

use super::sample::{day, decision, evidence, offers};
use crate::consent::{
    Confirmation, DataItem, DecisionKind, Evidence, Indication, LanguageTag, Notice, NoticeProblem,
    Party, receipt,
};
use crate::hash::Hash256;
use crate::id::OptInId;

fn notice() -> Notice {
    Notice {
        purpose: offers().key,
        version: "7".to_owned(),
        language: LanguageTag::try_from("es".to_owned()).unwrap(),
        sha256: Hash256::of("Quiero recibir ofertas."),
        url: Some("https://shop.example/privacidad".to_owned()),
        controllers: vec![Party {
            id: "shop".to_owned(),
            name: "Tienda, S. L.".to_owned(),
            kind: "controller".to_owned(),
            address: "Calle Mayor 1, Madrid".to_owned(),
            contact: "privacidad@shop.example".to_owned(),
        }],
        recipients: vec![],
        data: vec![DataItem {
            kind: "email".to_owned(),
            necessary: true,
            special: false,
        }],
        retention: "P24M".to_owned(),
        storage_locations: vec!["ES".to_owned()],
        jurisdiction: "ES".to_owned(),
        withdrawal_url: "https://shop.example/baja".to_owned(),
        rights_url: None,
        authority: None,
        automated: false,
        profiling: false,
    }
}

#[test]
fn a_receipt_tells_who_consented_to_what_when_and_how() {
    let evidence = Evidence {
        indication: Some(Indication::Checkbox),
        confirmation: Some(Confirmation {
            opt_in: OptInId(uuid::Uuid::nil()),
            requested_at: day(0),
            sent_at: day(0),
            message_sha256: None,
            token: Hash256::ZERO,
            confirmed_at: day(1),
            ip: Some("203.0.113.7".parse().unwrap()),
            user_agent: None,
        }),
        ..evidence()
    };
    let grant = decision(1, DecisionKind::Granted, day(1));
    let receipt = receipt(
        "subject-1",
        &grant,
        &evidence,
        &offers(),
        Some(&notice()),
        day(2),
    );
    let record = &receipt["dpv:hasRecordOfActivity"][0];
    assert_eq!(receipt["@type"], "dpv:ConsentReceipt");
    assert_eq!(receipt["dct:created"], "2026-01-03T00:00:00.000Z");
    assert_eq!(record["dpv:hasDataSubject"], "subject-1");
    assert_eq!(record["dct:language"], "es");
    assert_eq!(record["dpv:hasNotice"]["dct:hasVersion"], "7");
    let process = &record["dpv:hasProcess"];
    assert_eq!(process["dpv:hasPurpose"]["dct:title"], "Ofertas");
    assert_eq!(process["dpv:hasLegalBasis"], "eu-gdpr:A6-1-a");
    assert_eq!(process["dpv:hasRecipient"], json!([]));
    assert_eq!(
        process["dpv:hasPersonalData"][0]["@type"],
        "dpv:PersonalData"
    );
    let expected = json!([
        {
            "@type": "dpv:ConsentRequested",
            "dpv:isIndicatedAtTime": "2026-01-01T00:00:00.000Z",
            "dpv:isIndicatedBy": "dpv:DataSubject",
            "dpv:hasIndicationMethod": "CHECKBOX",
            "dct:type": "EXPLICIT",
            "dct:source": "WEB_FORM",
        },
        {
            "@type": "dpv:ConsentGiven",
            "dpv:isIndicatedAtTime": "2026-01-02T00:00:00.000Z",
            "dpv:hasDuration": {"@type": "dpv:TemporalDuration", "rdf:value": "P24M"},
            "schema:validThrough": "2027-01-02T00:00:00.000Z",
            "dpv:isIndicatedBy": "dpv:DataSubject",
            "dpv:hasIndicationMethod": "LINK_CLICK",
            "dct:type": "EXPLICIT",
            "dct:source": "WEB_FORM",
        },
    ]);
    assert_eq!(record["dpv:hasConsentStatus"], expected);
    assert!(!receipt.to_string().contains("203.0.113.7"));
}

#[test]
fn a_refusal_without_a_text_has_a_receipt_too() {
    let refusal = decision(1, DecisionKind::Withdrawn, day(1));
    let receipt = receipt("subject-1", &refusal, &evidence(), &offers(), None, day(2));
    let record = &receipt["dpv:hasRecordOfActivity"][0];
    assert_eq!(
        record["dpv:hasConsentStatus"][0]["@type"],
        "dpv:ConsentWithdrawn"
    );
    assert_eq!(record["dpv:hasProcess"]["dpv:hasPersonalData"], json!(null));
}

#[test]
fn a_notice_says_what_the_specification_demands() {
    assert_eq!(notice().check(), []);
    let mut poor = notice();
    poor.version = " ".to_owned();
    poor.controllers.clear();
    poor.storage_locations = vec!["Spain".to_owned()];
    let expected = [
        NoticeProblem::Missing("version"),
        NoticeProblem::Missing("controllers"),
        NoticeProblem::Country,
    ];
    assert_eq!(poor.check(), expected);
    let mut long = notice();
    long.retention = "a".repeat(1 << 20);
    assert_eq!(long.check(), [NoticeProblem::TooLong]);
}
