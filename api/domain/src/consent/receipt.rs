//! Receipts: one decision with its evidence as JSON-LD, in the form of the W3C Data Privacy Vocabulary's guide to ISO/IEC TS
//! 27560:2023 (<https://w3id.org/dpv/guides/consent-27560>).

use serde_json::{Map, Value, json};

use super::{Actor, Decision, DecisionKind, Evidence, Indication, Notice, Party, Purpose};
use crate::clock::Timestamp;

/// To what a record conforms.
const RECORD_SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr";

/// To what a receipt conforms.
const RECEIPT_SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr";

/// The receipt of a decision for the person whom it is about.
///
/// `subject` is a name for the person that tells nothing about them. The notice is missing where the evidence names no text.
pub fn receipt(
    subject: &str,
    decision: &Decision,
    evidence: &Evidence,
    purpose: &Purpose,
    notice: Option<&Notice>,
    created_at: Timestamp,
) -> Value {
    let language = notice.map(|notice| notice.language.as_str());
    let shown = evidence.language.as_ref().map(super::LanguageTag::as_str);
    let language = shown.or(language);
    let record = object([
        ("@type", json!("dpv:ConsentRecord")),
        ("dct:conformsTo", json!(RECORD_SCHEMA)),
        ("dct:identifier", json!(decision.id)),
        ("dpv:hasDataSubject", json!(subject)),
        ("dpv:hasNotice", notice_of(evidence, notice)),
        ("dct:language", json!(language)),
        (
            "dpv:hasProcess",
            process(decision, purpose, notice, language),
        ),
        (
            "dpv:hasConsentStatus",
            Value::Array(statuses(decision, evidence, purpose)),
        ),
    ]);
    object([
        ("@context", json!("https://w3id.org/dpv/context/dpv.jsonld")),
        ("@type", json!("dpv:ConsentReceipt")),
        ("dct:conformsTo", json!(RECEIPT_SCHEMA)),
        (
            "dpv:hasIdentifier",
            json!(format!("receipt-{}", decision.id)),
        ),
        ("dct:created", json!(created_at.to_string())),
        ("dpv:hasRecordOfActivity", json!([record])),
    ])
}

fn notice_of(evidence: &Evidence, notice: Option<&Notice>) -> Value {
    let shown = evidence.text.or(notice.map(|notice| notice.sha256));
    let Some(sha256) = shown else {
        return Value::Null;
    };
    object([
        ("@type", json!("dpv:ConsentNotice")),
        (
            "dct:hasVersion",
            json!(notice.map(|notice| &notice.version)),
        ),
        ("schema:sha256", json!(sha256)),
        (
            "foaf:page",
            json!(notice.and_then(|notice| notice.url.as_ref())),
        ),
    ])
}

fn process(
    decision: &Decision,
    purpose: &Purpose,
    notice: Option<&Notice>,
    language: Option<&str>,
) -> Value {
    let title = purpose.title.in_language(language.unwrap_or_default());
    let parties = |parties: &[Party]| parties.iter().map(party).collect::<Vec<_>>();
    let data = |notice: &Notice| {
        let items = notice.data.iter().map(|item| {
            let necessity = if item.necessary {
                "dpv:Required"
            } else {
                "dpv:Optional"
            };
            let special = if item.special {
                "dpv:SpecialCategoryPersonalData"
            } else {
                "dpv:PersonalData"
            };
            json!({"@type": special, "dct:title": item.kind, "dpv:hasNecessity": necessity})
        });
        items.collect::<Vec<_>>()
    };
    object([
        (
            "dpv:hasPurpose",
            json!({"dct:identifier": purpose.key, "dct:title": title, "dct:type": purpose.category}),
        ),
        ("dct:medium", json!(decision.channel)),
        (
            "dpv:hasLegalBasis",
            json!(format!("eu-gdpr:A6-1-{}", purpose.basis.letter())),
        ),
        ("dpv:hasPersonalData", json!(notice.map(data))),
        (
            "dpv:hasDataController",
            json!(notice.map(|notice| parties(&notice.controllers))),
        ),
        (
            "dpv:hasRecipient",
            json!(notice.map(|notice| parties(&notice.recipients))),
        ),
        (
            "dpv:hasStorageCondition",
            json!(notice.map(|notice| json!({
                "dpv:hasDuration": notice.retention,
                "dpv:hasLocation": notice.storage_locations,
            }))),
        ),
        (
            "dpv:hasJurisdiction",
            json!(notice.map(|notice| &notice.jurisdiction)),
        ),
        (
            "dpv:hasConsentControl",
            json!(notice.map(|notice| json!({
                "@type": "dpv:WithdrawConsent",
                "foaf:page": notice.withdrawal_url,
            }))),
        ),
        (
            "dpv:hasRight",
            json!(notice.and_then(|notice| notice.rights_url.as_ref())),
        ),
        (
            "dpv:hasAuthority",
            json!(notice.and_then(|notice| notice.authority.as_ref())),
        ),
    ])
}

/// What happened: of a double opt-in the request too.
fn statuses(decision: &Decision, evidence: &Evidence, purpose: &Purpose) -> Vec<Value> {
    let by = match evidence.actor {
        Actor::Subject => "dpv:DataSubject",
        Actor::Guardian => "dpv:GuardianOfDataSubject",
        Actor::Controller => "dpv:DataController",
    };
    let status = |kind: DecisionKind, at: Timestamp, method: Option<Indication>| {
        let name = match kind {
            DecisionKind::Asked => "dpv:ConsentRequested",
            DecisionKind::Granted => "dpv:ConsentGiven",
            DecisionKind::Denied => "dpv:ConsentRefused",
            DecisionKind::Withdrawn => "dpv:ConsentWithdrawn",
        };
        let end = decision.expires_at.filter(|_| kind == decision.kind);
        let lasts = purpose
            .valid_for
            .filter(|_| kind == DecisionKind::Granted)
            .map(|period| json!({"@type": "dpv:TemporalDuration", "rdf:value": period}));
        object([
            ("@type", json!(name)),
            ("dpv:isIndicatedAtTime", json!(at.to_string())),
            ("dpv:hasDuration", json!(lasts)),
            ("schema:validThrough", json!(end.map(|end| end.to_string()))),
            ("dpv:isIndicatedBy", json!(by)),
            ("dpv:hasIndicationMethod", json!(method)),
            ("dct:type", json!(evidence.expression)),
            ("dct:source", json!(evidence.collection_method)),
        ])
    };
    let half = evidence.confirmation.as_ref();
    let request =
        half.map(|half| status(DecisionKind::Asked, half.requested_at, evidence.indication));
    let method = if half.is_some() {
        Some(Indication::LinkClick)
    } else {
        evidence.indication
    };
    let decided = status(decision.kind, decision.at, method);
    request.into_iter().chain([decided]).collect()
}

fn party(party: &Party) -> Value {
    json!({
        "dct:identifier": party.id,
        "dpv:hasName": party.name,
        "dct:type": party.kind,
        "dpv:hasAddress": party.address,
        "dpv:hasContact": party.contact,
    })
}

/// An object of the members that say something.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let said = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(
        said.map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<_, _>>(),
    )
}
