//! What pages cost: a short document can ask for a long answer.

use std::time::{Duration, Instant};

use rstest::rstest;

use super::{attacks::repeated, *};

async fn ask_storefront(query: &str) -> Answer {
    send_to(router(Limits::storefront()), asking(query)).await
}

fn cost(answer: &Answer) -> u64 {
    answer.json()["extensions"]["cost"]["requestedQueryCost"]
        .as_u64()
        .unwrap()
}

fn aliases(times: usize, field: &str) -> String {
    repeated(times, |n| format!("a{n}: {field}"))
}

#[rstest]
#[case::no_page("{ me { id friend { id } } }", 4)]
#[case::first("{ profiles(first: 7) { nodes { id } } }", 15)]
#[case::last("{ profiles(last: 7) { edges { node { id } } } }", 22)]
#[case::the_larger_of_both("{ profiles(first: 2, last: 7) { nodes { id } } }", 15)]
#[case::no_size("{ profiles { nodes { id } } }", 41)]
#[case::null_is_no_size("{ profiles(first: null) { nodes { id } } }", 41)]
#[case::only_the_number_of_items("{ profiles { totalCount } }", 2)]
#[case::none("{ profiles(first: 0) { totalCount nodes { id } } }", 4)]
#[case::negative("{ profiles(first: -1) { nodes { id } } }", 501)]
#[case::more_than_a_page_has("{ profiles(first: 251) { nodes { id } } }", 501)]
#[case::no_such_number("{ profiles(first: 99999999999999999999999) { nodes { id } } }", 501)]
#[case::fraction("{ profiles(first: 1.5) { nodes { id } } }", 501)]
#[case::text(r#"{ profiles(first: "1") { nodes { id } } }"#, 501)]
#[case::variable("query ($n: Int = 1) { profiles(first: $n) { nodes { id } } }", 501)]
#[case::as_many_as_there_are_ids(r#"{ nodes(ids: ["a", "b", "c"]) { id } }"#, 4)]
#[case::as_many_ids_as_there_may_be("query ($i: [ID!]!) { nodes(ids: $i) { id } }", 101)]
#[case::inside_another(
    "{ profiles(first: 3) { nodes { friends(first: 5) { nodes { id } } } } }",
    37
)]
#[case::aliased("{ profiles { a: nodes { id } } }", 41)]
#[case::items_by_a_fragment("{ profiles { ...a } } fragment a on Profiles { nodes { id } }", 41)]
#[case::items_by_an_inline_fragment("{ profiles { ... { nodes { id } } } }", 41)]
#[case::page_in_a_fragment(
    "{ profiles(first: 3) { nodes { ...a ...a } } } \
     fragment a on Profile { friends(first: 5) { ...b } } fragment b on Profiles { nodes { id } }",
    70
)]
#[tokio::test]
async fn a_field_costs_one_and_its_selection_as_often_as_its_page_has_items(
    #[case] query: &str,
    #[case] expected: u64,
) {
    assert_eq!(cost(&ask(query).await), expected);
}

#[tokio::test]
async fn an_ordinary_page_of_the_platform_is_answered() {
    let fields = aliases(15, "id");
    let answer = ask(&format!(
        "{{ profiles(first: 250) {{ nodes {{ {fields} }} }} }}"
    ))
    .await;
    assert_eq!(answer.code(), "");
    assert_eq!(cost(&answer), 4_001);
}

#[rstest]
#[case::one_page("{ me { id friends(first: 3) { nodes { id friend { id } } } } }".to_owned())]
#[case::two_pages_beside_each_other(
    "{ me { a: friends(first: 10) { totalCount nodes { id } } b: friends { nodes { id } } } }".to_owned()
)]
#[case::four_pages(format!("{{ me {{ {} }} }}", aliases(4, "friends(first: 250) { nodes { id } }")))]
#[tokio::test]
async fn an_ordinary_view_of_the_storefront_is_answered(#[case] query: String) {
    assert_eq!(ask_storefront(&query).await.code(), "");
}

#[rstest]
#[case::thirty_long_pages(aliases(30, "friends(first: 250) { nodes { id } }"))]
#[case::five_short_pages(aliases(5, "friends(first: 1) { nodes { id } }"))]
#[case::five_pages_without_a_size(aliases(5, "friends { edges { node { id } } }"))]
#[case::a_page_of_pages("friends(first: 100) { nodes { friends(first: 100) { nodes { id } } } }".to_owned())]
#[case::a_wide_page(format!("friends(first: 250) {{ nodes {{ {} }} }}", aliases(20, "id")))]
#[tokio::test]
async fn a_storefront_request_with_an_excess_of_items_is_refused(#[case] fields: String) {
    let answer = ask_storefront(&format!("{{ me {{ {fields} }} }}")).await;
    assert_eq!(answer.code(), "QUERY_TOO_COMPLEX");
}

#[rstest]
#[case::a_hundred_long_pages(format!("{{ me {{ {} }} }}", aliases(100, "friends(first: 250) { nodes { id } }")))]
#[case::a_page_of_pages(
    "{ profiles(first: 250) { nodes { friends(first: 250) { nodes { id } } } } }".to_owned()
)]
#[case::a_page_of_pages_by_fragments(
    "{ profiles(first: 250) { ...a } } fragment a on Profiles { nodes { ...b } } \
     fragment b on Profile { friends(first: 250) { nodes { id } } }".to_owned()
)]
#[case::a_page_of_pages_by_variables(
    "query ($n: Int) { profiles(first: $n) { nodes { friends(last: $n) { nodes { id } } } } }".to_owned()
)]
#[tokio::test]
async fn a_platform_request_with_an_excess_of_items_is_refused(#[case] query: String) {
    assert_eq!(ask(&query).await.code(), "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn the_refusal_tells_the_cost_and_the_limit() {
    let query = "{ profiles(first: 250) { nodes { friends(first: 250) { nodes { id } } } } }";
    assert_eq!(
        ask(query).await.json()["errors"][0]["message"],
        "The document is too complex: it costs 125501 and at most 50000 is allowed; ask for smaller pages."
    );
}

/// Fragments of which each spreads the next one twice, each time inside a page.
#[tokio::test]
async fn doubling_pages_are_refused_at_once() {
    let fragments = repeated(31, |n| {
        let page = format!("friends(first: 250) {{ nodes {{ ...f{} }} }}", n + 1);
        format!("fragment f{n} on Profile {{ a: {page} b: {page} }}")
    });
    let start = Instant::now();
    let answer = ask(&format!(
        "{{ me {{ ...f0 }} }} {fragments} fragment f31 on Profile {{ id }}"
    ))
    .await;
    assert_eq!(answer.code(), "QUERY_TOO_COMPLEX");
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn the_cost_of_a_deep_page_never_overflows() {
    let limits = Limits {
        depth: 40,
        ..Limits::default()
    };
    let open = "friends(first: 250) { nodes { ".repeat(15);
    let query = format!("{{ me {{ {open} id {} }} }}", "} }".repeat(15));
    let answer = send_to(router(limits), asking(&query)).await.json();
    let expected = format!("it costs {} and", usize::MAX);
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains(&expected), "{message}");
}
