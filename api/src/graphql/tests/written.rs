//! What is written while it is resolved is what the library answers.

use rstest::rstest;

use super::*;
use std::sync::Arc;

use async_graphql::parser::parse_query;

use crate::graphql::{
    Straight, bare, platform_of_valid, storefront, storefront_of_valid, write_value,
};

const PARTS: &str = "__typename summary { __typename firstSeen lastSeen touchpoints channels { channel touchpoints } orders
    ordersLeftOut firstOrderAt lastOrderAt meanOrderIntervalDays spend { minor amount currency } back: refunded { minor } }
    traits { key: name value occurredAt __typename } few: traits(names: [\"plan\", \"none\"]) { value }
    one: trait(name: \"odd\") { value } none: trait(name: \"none\") { value } identifiers { namespace value __typename } version";
const PERSON: &str =
    "id createdAt known formerIds ids: identifiers { trust shared firstSeen lastSeen }
    all: traits { rank touchpointId source { name } }";
const LISTS: &str =
    "touchpoints(first: 2) { totalCount nodes { name } } purchases(first: 1) { nodes { status } }";

/// A value that looks like what libraries of JSON use among themselves.
fn odd() -> Json {
    json!({ "$serde_json::private::RawValue": "}{", "\"\\\n": [1, 2.5, null, true, "ñ\u{1}"] })
}

async fn app() -> TestApp {
    let test = TestApp::start().await;
    let traits = json!({ "plan": "pro", "odd": odd(), "email": "ada@example.com", "empty": [], "none": null });
    let item = json!({ "type": "identify", "userId": "ada", "traits": traits, "messageId": "1" });
    identified(&test, &[item]).await;
    test
}

/// How a document is executed.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Library,
    Straight,
    Bare,
}

/// The answer as text, and the number of its errors.
async fn written(test: &TestApp, caller: Caller, document: &str, way: Way) -> (String, usize) {
    let mut request = Request::new(document);
    let is_visitor = matches!(caller, Caller::Visitor { .. });
    request.data = request_data(&test.app, Some(caller));
    match way {
        Way::Library => {}
        Way::Straight => request.data.insert(Straight::default()),
        Way::Bare => {
            let whole = parse_query(document).unwrap();
            request.set_parsed_query(bare(&whole));
            request.data.insert(Straight::behind(Arc::new(whole)));
        }
    }
    let response = match (is_visitor, way) {
        (true, Way::Bare) => storefront_of_valid(&test.app).execute(request).await,
        (true, _) => storefront(&test.app).execute(request).await,
        (false, Way::Bare) => platform_of_valid(&test.app).execute(request).await,
        (false, _) => platform(&test.app).execute(request).await,
    };
    let mut json = Vec::new();
    write_value(&response.data, &mut json);
    (String::from_utf8(json).unwrap(), response.errors.len())
}

fn visitor() -> Caller {
    Caller::Visitor {
        subjects: vec![("customer_id".to_owned(), "ada".to_owned())],
        purposes: vec![],
    }
}

#[rstest]
#[case::administrator(Caller::Local, format!("{PARTS} {PERSON}"))]
#[case::with_lists(Caller::Local, format!("{PERSON} {LISTS} {PARTS}"))]
#[case::may_not_read_sources(integration(&[Scope::ProfilesRead]), format!("{PARTS} {PERSON}"))]
#[case::may_not_read_lists(integration(&[Scope::ProfilesRead]), format!("{LISTS} {PARTS}"))]
#[case::may_read_nothing(integration(&[]), PARTS.to_owned())]
#[case::visitor(visitor(), format!("{PARTS} whole"))]
#[case::visitor_with_lists(visitor(), format!("{LISTS} {PARTS} whole"))]
#[tokio::test]
async fn an_answer_is_the_same_in_any_way(#[case] caller: Caller, #[case] fields: String) {
    let test = app().await;
    let root = match caller {
        Caller::Visitor { .. } => "viewer",
        _ => "profile(by: { customerId: \"ada\" })",
    };
    let document = format!("{{ {root} {{ {fields} }} __typename }}");
    let library = written(&test, caller.clone(), &document, Way::Library).await;
    for way in [Way::Straight, Way::Bare] {
        let other = written(&test, caller.clone(), &document, way).await;
        assert_eq!(other, library);
    }
}

#[tokio::test]
async fn a_trait_is_shown_as_it_was_sent_whatever_it_looks_like() {
    let test = app().await;
    let document =
        "{ viewer { trait(name: \"odd\") { value } traits(names: [\"odd\"]) { value } } }";
    for way in [Way::Library, Way::Straight, Way::Bare] {
        let (text, errors) = written(&test, visitor(), document, way).await;
        let answer: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["viewer"]["trait"]["value"], odd());
        assert_eq!(answer["viewer"]["traits"][0]["value"], odd());
        assert_eq!(errors, 0);
    }
}
