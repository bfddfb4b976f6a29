//! Profiles listed by a condition, and how many may ask about all profiles at once.

use lazo_domain::access::Scope;
use serde_json::{Value as Json, json};

use super::Shop;
use super::preview::three;
use crate::graphql::platform;
use crate::graphql::tests::{codes, execute, integration};

const LIST: &str = "query($where: ConditionSource, $first: Int, $after: String, $sort: ProfileSortKey! = CREATED_AT) {
    profiles(where: $where, first: $first, after: $after, sortKey: $sort) {
        nodes { id } totalCount pageInfo { endCursor hasNextPage } } }";

async fn list(shop: &Shop, given: Json) -> Json {
    shop.ask(LIST, given).await["profiles"].take()
}

#[tokio::test]
async fn those_for_whom_a_condition_holds_are_listed_page_by_page() {
    let shop = Shop::open().await;
    let [ana, bob, _] = three(&shop).await;
    let tree = json!({ "condition": { "trait": { "name": "country", "test": { "equal": { "text": "ES" } } } } });
    for given in [tree, json!({ "text": "country = 'ES'" })] {
        for sort in ["CREATED_AT", "LAST_SEEN"] {
            let first = json!({ "where": given, "first": 1, "sort": sort });
            let first = list(&shop, first).await;
            assert_eq!(first["totalCount"], 2);
            assert_eq!(first["pageInfo"]["hasNextPage"], true);
            let after = &first["pageInfo"]["endCursor"];
            let rest = json!({ "where": given, "first": 5, "after": after, "sort": sort });
            let rest = list(&shop, rest).await;
            assert_eq!(rest["pageInfo"]["hasNextPage"], false);
            let mut listed = [&first, &rest].map(|page| page["nodes"][0]["id"].clone());
            listed.sort_unstable_by_key(Json::to_string);
            let mut both = [json!(ana), json!(bob)];
            both.sort_unstable_by_key(Json::to_string);
            assert_eq!(listed, both);
        }
    }
    let of_touchpoints = json!({ "where": { "text": "performed('Viewed') >= 2" } });
    let nodes = list(&shop, of_touchpoints).await["nodes"].take();
    assert_eq!(nodes, json!([{ "id": bob }]));
    assert_eq!(list(&shop, json!({})).await["totalCount"], 3);
}

#[tokio::test]
async fn a_list_by_a_condition_needs_the_right_to_read_segments_and_a_condition_that_can_be_used() {
    let shop = Shop::open().await;
    let schema = platform(&shop.test.app);
    let ask = |scopes: &[Scope], text: &str| {
        let caller = Some(integration(scopes));
        let given = json!({ "where": { "text": text } });
        let (schema, test) = (&schema, &shop.test);
        async move { execute(test, schema, caller, LIST, given).await }
    };
    let refused = ask(&[Scope::ProfilesRead], "vip = TRUE").await;
    assert_eq!(codes(&refused), ["FORBIDDEN"]);
    let both = [Scope::ProfilesRead, Scope::SegmentsRead];
    assert!(ask(&both, "vip = TRUE").await.errors.is_empty());
    let wrong = ask(&both, "vip = ").await;
    assert_eq!(codes(&wrong), ["BAD_USER_INPUT"]);
    assert!(wrong.errors[0].message.starts_with("where.text: Line 1"));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_a_warning_with_what_is_near_to_lists_and_previews_too() {
    let shop = Shop::open().await;
    three(&shop).await;
    let document = "query($text: String!) {
        profiles(where: { text: $text }) { nodes { id } warnings { code path message near } }
        segmentPreview(source: { text: $text }) { count warnings { code path message near } } }";
    let wrong = "cuontry = 'ES' AND performed('Veiwed')";
    let answer = shop.ask(document, json!({ "text": wrong })).await;
    let warnings = &answer["profiles"]["warnings"];
    assert_eq!(warnings[0]["code"], "UNKNOWN_TRAIT");
    assert_eq!(warnings[0]["near"], json!(["country"]));
    assert_eq!(warnings[1]["code"], "UNKNOWN_EVENT");
    assert_eq!(warnings[1]["near"], json!(["Viewed"]));
    assert_eq!(answer["profiles"]["nodes"], json!([]));
    assert_eq!(&answer["segmentPreview"]["warnings"], warnings);
    let right = "country = 'ES' AND performed('Viewed')";
    let answer = shop.ask(document, json!({ "text": right })).await;
    assert_eq!(answer["profiles"]["warnings"], json!([]));
    assert_eq!(answer["segmentPreview"]["warnings"], json!([]));
    let all = "{ profiles { warnings { code } } }";
    let answer = shop.ask(all, json!({})).await;
    assert_eq!(answer["profiles"]["warnings"], json!([]));
}

#[tokio::test]
async fn few_ask_about_all_profiles_at_once() {
    let shop = Shop::open().await;
    let schema = platform(&shop.test.app);
    let ask = |document: &'static str| {
        let (schema, test) = (&schema, &shop.test);
        let caller = Some(integration(&[Scope::ProfilesRead, Scope::SegmentsRead]));
        async move { execute(test, schema, caller, document, json!({})).await }
    };
    let preview = "{ segmentPreview(source: { text: \"vip = TRUE\" }) { count } }";
    let listed = "{ profiles(where: { text: \"vip = TRUE\" }) { nodes { id } } }";
    let turns = shop.test.app.turns();
    let mut taken = Vec::new();
    while let Ok(turn) = turns.take().await {
        taken.push(turn);
    }
    assert!(!taken.is_empty());
    for document in [preview, listed] {
        assert_eq!(codes(&ask(document).await), ["THROTTLED"]);
    }
    taken.pop();
    for document in [preview, listed] {
        assert!(ask(document).await.errors.is_empty());
    }
}
