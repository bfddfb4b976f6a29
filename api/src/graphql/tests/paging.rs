//! Lists: each item once, in either direction, and no cursor of another list.

use rstest::rstest;

use super::*;

/// The values at `path` of all pages, two items a page.
async fn walk(test: &TestApp, field: &str, backwards: bool) -> Vec<Json> {
    let arguments = if backwards {
        "last: 2, before: $cursor"
    } else {
        "first: 2, after: $cursor"
    };
    let document = format!(
        "query($cursor: String) {{ page: {} {{ totalCount nodes {{ id }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}",
        field.replace("PAGE", arguments)
    );
    let (mut seen, mut cursor) = (Vec::new(), Json::Null);
    loop {
        let page = ask(test, &document, json!({ "cursor": cursor })).await["page"].clone();
        assert_eq!(page["totalCount"], 5);
        let mut nodes = page["nodes"].as_array().unwrap().clone();
        let (more, end) = if backwards {
            ("hasPreviousPage", "startCursor")
        } else {
            ("hasNextPage", "endCursor")
        };
        if backwards {
            nodes.reverse();
        }
        seen.extend(nodes);
        cursor = page["pageInfo"][end].clone();
        if page["pageInfo"][more] == false {
            return seen;
        }
    }
}

async fn five_profiles() -> TestApp {
    let test = TestApp::start().await;
    // Two happened at one instant, and one person was never there.
    let item = |(user, second): (&str, u32)| {
        json!({ "type": "track", "event": "A", "userId": user, "timestamp": format!("2026-01-01T00:00:0{second}Z"),
                "context": { "active": user != "e" } })
    };
    identified(
        &test,
        &[("a", 1), ("b", 2), ("c", 2), ("d", 0), ("e", 3)].map(item),
    )
    .await;
    test
}

#[rstest]
#[case("profiles(PAGE)")]
#[case("profiles(sortKey: LAST_SEEN, PAGE)")]
#[tokio::test]
async fn every_profile_comes_once_forwards_and_backwards(#[case] field: &str) {
    let test = five_profiles().await;
    let forwards = walk(&test, field, false).await;
    let mut backwards = walk(&test, field, true).await;
    backwards.reverse();
    assert_eq!(forwards.len(), 5);
    assert_eq!(forwards, backwards);
    if field.contains("LAST_SEEN") {
        let last = "query($id: ID!) { profile(by: { id: $id }) { summary { lastSeen } } }";
        let never = ask(&test, last, json!({ "id": forwards[4]["id"] })).await;
        assert_eq!(never["profile"]["summary"]["lastSeen"], Json::Null);
    }
}

#[rstest]
#[case("touchpoints", 5)]
#[case("purchases", 5)]
#[case("identityLog", 1)]
#[tokio::test]
async fn the_lists_of_a_profile_are_cut_into_pages(#[case] field: &str, #[case] count: u64) {
    let test = TestApp::start().await;
    let order = |number: usize| {
        let event = if number == 4 {
            "Order Refunded"
        } else {
            "Order Completed"
        };
        json!({ "type": "track", "event": event, "userId": "ada", "timestamp": "2026-01-01T00:00:00Z",
                "properties": { "order_id": format!("o{number}"), "revenue": 10, "currency": "EUR" } })
    };
    identified(&test, &[0, 1, 2, 3, 4].map(order)).await;
    let document = format!(
        "query($cursor: String) {{ profile(by: {{ customerId: \"ada\" }}) {{
            page: {field}(first: 1, after: $cursor) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
    );
    let (mut seen, mut cursor) = (std::collections::BTreeSet::new(), Json::Null);
    for left in (0..count).rev() {
        let data = ask(&test, &document, json!({ "cursor": cursor })).await;
        let page = &data["profile"]["page"];
        assert_eq!(
            (&page["totalCount"], &page["pageInfo"]["hasNextPage"]),
            (&json!(count), &json!(left > 0))
        );
        assert!(seen.insert(page["nodes"][0]["id"].as_str().unwrap().to_owned()));
        cursor = page["pageInfo"]["endCursor"].clone();
    }
}

#[rstest]
#[case::both_ends("first: 1, last: 1")]
#[case::too_many("first: 251")]
#[case::negative("last: -1")]
#[case::no_cursor("after: \"x\"")]
#[tokio::test]
async fn a_page_that_cannot_be_is_refused(#[case] arguments: &str) {
    let test = TestApp::start().await;
    let document = format!("{{ profiles({arguments}) {{ nodes {{ id }} }} }}");
    let response = execute(
        &test,
        &platform(&test.app),
        Some(Caller::Local),
        &document,
        json!({}),
    )
    .await;
    assert_eq!(codes(&response), ["BAD_USER_INPUT"]);
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let test = five_profiles().await;
    let cursor = ask(&test, "{ profiles { pageInfo { endCursor } } }", json!({})).await;
    let cursor = &cursor["profiles"]["pageInfo"]["endCursor"];
    let document =
        "query($cursor: String) { profiles(sortKey: LAST_SEEN, after: $cursor) { nodes { id } } }";
    let schema = platform(&test.app);
    let response = execute(
        &test,
        &schema,
        Some(Caller::Local),
        document,
        json!({ "cursor": cursor }),
    )
    .await;
    assert_eq!(codes(&response), ["BAD_USER_INPUT"]);
}
