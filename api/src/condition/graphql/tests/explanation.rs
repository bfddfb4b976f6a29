//! Explanations, over a schema of their own: which fields lead to one is for others to say.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use chrono_tz::Tz;
use lazo_domain::access::Scope;
use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::{PurchaseFact, evaluate};
use lazo_domain::condition::text::parse;
use lazo_domain::condition::{Because, Condition as Domain, Facts};
use lazo_domain::id::PurchaseId;
use lazo_domain::purchase::{PurchaseStatus, PurchaseView};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::auth::caller::Caller;
use crate::condition::graphql::Explanation;
use crate::graphql::tests::{codes, execute, integration};
use crate::testing::{NOW, TestApp};

struct Query(Domain, Because);

/// Answers with one explanation.
#[Object]
impl Query {
    /// The explanation.
    async fn explanation(&self) -> Explanation<'static> {
        Explanation::new(self.0.clone(), self.1.clone())
    }
}

const DOCUMENT: &str =
    "{ explanation { holds until sentence parts { holds sentence(language: ES) parts { holds } }
    leaves { condition { text } found { missing values { text } count truth stage }
        purchases { ids total } touchpoints { ids }
        change { at needs { kind quantity before } sentence es: sentence(language: ES) } } } }";

/// One purchase an hour ago, of a profile of which nothing else is known.
fn explained(text: &str) -> Query {
    let condition = parse(text).unwrap();
    let purchase = PurchaseView {
        status: PurchaseStatus::Placed,
        placed_at: Some(Timestamp(NOW - 3_600_000)),
        currency: "EUR".parse().unwrap(),
        amount_minor: 1_000,
        refunded_minor: 0,
        net_minor: 1_000,
        counted: true,
        left_out: false,
        refunds_left_out: 0,
        lines: Vec::new(),
    };
    let id = PurchaseId(Uuid::from_u128(1));
    let fact = PurchaseFact::of(id, &purchase).unwrap();
    let facts = Facts::new(Tz::UTC, "EUR".parse().unwrap()).with_purchases(vec![fact]);
    let because = evaluate(&condition, &facts, Timestamp(NOW)).because;
    Query(condition, because)
}

async fn answered(text: &str, document: &str, caller: Caller) -> (Json, Vec<String>) {
    let test = TestApp::start().await;
    let schema = Schema::build(explained(text), EmptyMutation, EmptySubscription)
        .data(test.app.clone())
        .finish();
    let response = execute(&test, &schema, Some(caller), document, json!({})).await;
    let codes = codes(&response);
    (
        response.data.into_json().unwrap()["explanation"].take(),
        codes,
    )
}

#[tokio::test]
async fn an_explanation_says_of_each_test_what_was_found_and_what_would_change_it() {
    let text = "orders.count(within 10d) >= 2 AND NOT country = 'ES'";
    let (explanation, _) = answered(text, DOCUMENT, Caller::Local).await;
    assert_eq!(explanation["holds"], false);
    assert_eq!(
        explanation["parts"],
        json!([
            { "holds": false, "sentence": "compró al menos 2 veces en los últimos 10 días", "parts": [] },
            { "holds": true, "sentence": "no es cierto que country es «ES»", "parts": [{ "holds": false }] },
        ])
    );
    let orders = &explanation["leaves"][0];
    assert_eq!(orders["condition"]["text"], "orders.count(within 10d) >= 2");
    assert_eq!(orders["found"]["count"], 1);
    assert_eq!(
        orders["purchases"],
        json!({ "ids": [PurchaseId(Uuid::from_u128(1)).to_string()], "total": 1 })
    );
    assert_eq!(orders["touchpoints"], Json::Null);
    let needs = &orders["change"]["needs"];
    assert_eq!(
        (&needs["kind"], &needs["quantity"]),
        (&json!("PURCHASES"), &json!(1.0))
    );
    let sentence = orders["change"]["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("one more order before "), "{sentence}");
    let spanish = orders["change"]["es"].as_str().unwrap();
    assert!(spanish.starts_with("un pedido más antes del "), "{spanish}");
    let country = &explanation["leaves"][1];
    assert_eq!(
        (&country["found"]["missing"], &country["change"]),
        (&json!(true), &Json::Null)
    );
}

#[tokio::test]
async fn what_decided_is_shown_to_who_may_read_it_alone() {
    let document = "{ explanation { holds purchases { total nodes { id } } } }";
    let text = "orders.count >= 1";
    let (refused, errors) = answered(text, document, integration(&[Scope::SegmentsRead])).await;
    assert_eq!(refused, json!({ "holds": true, "purchases": null }));
    assert_eq!(errors, ["FORBIDDEN"]);
    let (gone, errors) = answered(text, document, integration(&[Scope::ProfilesRead])).await;
    assert_eq!(gone["purchases"]["nodes"], json!([]));
    assert_eq!(errors, Vec::<String>::new());
}
