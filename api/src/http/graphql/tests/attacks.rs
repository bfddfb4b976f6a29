//! Requests that would cost far more than they weigh.

use std::time::{Duration, Instant};

use rstest::rstest;

use super::*;

/// The introspection query of graphql-js 16 with all its options, as GraphiQL sends it.
const INTROSPECTION: &str = "
query IntrospectionQuery {
  __schema {
    description
    queryType { name kind }
    mutationType { name kind }
    subscriptionType { name kind }
    types { ...FullType }
    directives {
      name description isRepeatable locations
      args(includeDeprecated: true) { ...InputValue }
    }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) {
    name description
    args(includeDeprecated: true) { ...InputValue }
    type { ...TypeRef }
    isDeprecated deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue {
  name description
  type { ...TypeRef }
  defaultValue isDeprecated deprecationReason
}
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  } } } } } } } } }
}";

fn nested(open: &str, inside: &str, close: &str, times: usize) -> String {
    format!("{}{inside}{}", open.repeat(times), close.repeat(times))
}

#[rstest]
#[case::nested_brackets(format!("{{ search(filter: {{ name: {} }}) }}", nested("[", "", "]", 37)))]
#[case::chain_of_fragments(format!("{{ ...f0 }} {}", repeated(180, |n| {
    format!("fragment f{n} on Query {{ ...f{} }}", n + 1)
})))]
#[tokio::test]
async fn a_document_as_deep_as_the_scan_lets_through_is_answered(#[case] query: String) {
    assert_eq!(ask(&query).await.code(), "GRAPHQL_VALIDATION_FAILED");
}

/// Fragments of which each spreads the next one twice.
fn doubling(times: usize, leaf: &str) -> String {
    let fragments: Vec<_> = (0..times)
        .map(|n| format!("fragment f{n} on Query {{ ...f{m} ...f{m} }} ", m = n + 1))
        .collect();
    format!("{{ ...f0 }} {} {leaf}", fragments.concat())
}

#[rstest]
#[case::list_literal(nested("[", "", "]", 1_600))]
#[case::object_literal(nested("{inner:", "null", "}", 1_000))]
#[case::list_literal_never_closed("[".repeat(3_000))]
#[tokio::test]
async fn nested_brackets_never_reach_the_parser(#[case] value: String) {
    let answer = ask(&format!("{{search(filter:{{name:{value}}})}}")).await;
    assert_eq!(answer.code(), "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn brackets_behind_a_block_string_without_an_end_never_reach_the_parser() {
    let brackets = "[".repeat(3_000);
    let answer = ask(&format!("{{search(filter:{{name:[\"\"\" [ \" {brackets}")).await;
    assert_eq!(answer.code(), "GRAPHQL_PARSE_FAILED");
}

#[rstest]
#[case::with_a_field(doubling(22, "fragment f22 on Query { __typename }"))]
#[case::with_an_undefined_leaf(doubling(22, ""))]
#[case::as_deep_as_it_goes(doubling(31, ""))]
#[case::without_end_of_the_number(doubling(80, "fragment f80 on Query { me { id } }"))]
#[case::that_no_operation_spreads(doubling(31, "").replace("{ ...f0 }", "{ me { id } ...f9 }"))]
#[tokio::test]
async fn doubling_fragments_are_refused_at_once(#[case] query: String) {
    let start = Instant::now();
    assert_eq!(ask(&query).await.code(), "QUERY_TOO_COMPLEX");
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn doubling_fragments_that_nothing_spreads_are_answered_at_once() {
    let start = Instant::now();
    let query = doubling(31, "fragment f31 on Query { a }").replace("{ ...f0 }", "{ me { id } }");
    assert_eq!(ask(&query).await.code(), "GRAPHQL_VALIDATION_FAILED");
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_document_just_within_the_limits_is_answered_at_once() {
    let operations = repeated(10, |n| format!("query q{n} {{ me {{ ...f0 }} }}"));
    let query = doubling(8, "fragment f8 on Query { id }")
        .replace("{ ...f0 }", &operations)
        .replace("on Query", "on Profile");
    let body = serde_json::json!({ "query": query, "operationName": "q0" }).to_string();
    let start = Instant::now();
    let answer = send(post(body)).await;
    assert_eq!(
        answer.json()["extensions"]["cost"]["requestedQueryCost"],
        257
    );
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
}

pub(super) fn repeated(times: usize, part: impl Fn(usize) -> String) -> String {
    (0..times).map(|n| part(n) + " ").collect()
}

#[rstest]
#[case::aliases(format!("{{ {} }}", repeated(1_000, |n| format!("a{n}: me {{ id }}"))))]
#[case::aliases_of_typename(format!("{{ {} }}", repeated(1_000, |n| format!("a{n}: __typename"))))]
#[case::few_aliases_at_the_root(format!("{{ {} }}", repeated(21, |n| format!("a{n}: __typename"))))]
#[case::aliases_at_the_root_by_a_fragment(format!(
    "{{ ...a ... {{ ...a }} }} fragment a on Query {{ {} }}", repeated(11, |n| format!("a{n}: __typename"))
))]
#[case::inner_aliases(format!("{{ me {{ {} }} }}", repeated(480, |n| format!("a{n}:id")) + "...a } } fragment a on Profile { a:id b:id c:id d:id e:id f:id g:id h:id i:id j:id k:id l:id m:id n:id o:id p:id q:id r:id s:id t:id u:id v:id w:id"))]
#[case::depth(format!("{{ me {} }}", nested("{ friend ", "{ id }", "}", 11)))]
#[case::operations(repeated(11, |n| format!("query q{n} {{ me {{ id }} }}")))]
#[case::variables(format!("query ({}) {{ me {{ id }} }}", repeated(51, |n| format!("$v{n}: Int"))))]
#[case::mutations(format!(
    "mutation {{ {} }}", repeated(6, |n| format!("a{n}: profileUpdate(input: {{}})"))
))]
#[case::directives_on_a_field(format!("{{ me {} {{ id }} }}", "@skip(if: false) ".repeat(51)))]
#[case::directives_on_typename(format!("{{ __typename {} }}", "@include(if: true) ".repeat(51)))]
#[case::directives_by_fragments(format!(
    "{{ {} }} fragment a on Query {{ __typename {} }}", "...a ".repeat(6), "@skip(if: false) ".repeat(10)
))]
#[case::many_directives("{ me @aa { id } }".replace("@aa", &"@aa".repeat(1_000)))]
#[case::white_space(format!("{{ me {} {{ id }} }}", ",".repeat(30_000)))]
#[case::long_name(format!("{{ {} }}", "a".repeat(50_000)))]
#[tokio::test]
async fn a_document_beyond_a_limit_is_refused(#[case] query: String) {
    assert_eq!(ask(&query).await.code(), "QUERY_TOO_COMPLEX");
}

#[rstest]
#[case::on_typename("{ __typename @aa }")]
#[case::on_a_field("{ me @deprecated { id } }")]
#[case::on_a_spread("{ ...a @aa } fragment a on Query { __typename }")]
#[case::on_an_inline_fragment("{ ... @aa { __typename } }")]
#[case::on_an_operation("query @skip(if: false) { __typename }")]
#[case::on_a_fragment("{ ...a } fragment a on Query @skip(if: false) { __typename }")]
#[case::on_a_variable("query ($a: Boolean! @aa) { __typename @skip(if: $a) }")]
#[case::in_a_fragment_that_nothing_spreads("{ __typename } fragment a on Query { __typename @aa }")]
#[tokio::test]
async fn a_directive_is_refused_where_it_means_nothing(#[case] query: &str) {
    assert_eq!(ask(query).await.code(), "GRAPHQL_VALIDATION_FAILED");
}

#[rstest]
#[case::of_one("{ ...a } fragment a on Query { ...a }")]
#[case::of_two("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }")]
#[case::below_a_field("{ me { ...a } } fragment a on Profile { friend { ...a } }")]
#[case::that_nothing_spreads("{ __typename } fragment a on Query { ...a }")]
#[tokio::test]
async fn a_cycle_of_fragments_is_refused(#[case] query: &str) {
    assert_eq!(ask(query).await.code(), "GRAPHQL_VALIDATION_FAILED");
}

#[rstest]
#[case::platform(Limits::default())]
#[case::storefront(Limits::storefront())]
#[tokio::test]
async fn the_introspection_query_of_graphiql_is_answered(#[case] limits: Limits) {
    let answer = send_to(router(limits), asking(INTROSPECTION)).await;
    assert_eq!(answer.code(), "");
    assert_eq!(
        answer.json()["data"]["__schema"]["queryType"]["name"],
        "Query"
    );
    assert_eq!(
        answer.json()["extensions"]["cost"]["requestedQueryCost"],
        230
    );
}

#[tokio::test]
async fn a_caller_without_introspection_learns_no_type() {
    let mut request = asking(INTROSPECTION);
    request
        .headers_mut()
        .insert("without-introspection", "1".parse().unwrap());
    assert_eq!(
        send(request).await.json()["data"]["__schema"],
        serde_json::Value::Null
    );
}

#[rstest]
#[case::chain(format!("{{ __schema {{ types {} }} }}", nested("{ ofType ", "{ name }", "}", 14)))]
#[case::types_of_types(
    r#"{ __type(name: "Query") { fields { type { fields { type { fields { name } } } } } } }"#
)]
#[case::from_all_types("{ __schema { types { fields { type { fields { name } } } } } }")]
#[case::by_interfaces("{ __schema { types { interfaces { possibleTypes { name } } } } }")]
#[case::by_fragments(
    "{ __schema { types { ...a } } } fragment a on __Type { fields { type { ...b } } } \
     fragment b on __Type { fields { name } }"
)]
#[case::wide(format!("{{ __schema {{ types {{ {} }} }} }}", repeated(300, |n| format!("a{n}:name"))))]
#[case::beside_data(INTROSPECTION.replace("IntrospectionQuery {", "IntrospectionQuery { me { id }"))]
#[tokio::test]
async fn introspection_cannot_be_multiplied(#[case] query: String) {
    assert_eq!(ask(&query).await.code(), "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn variables_nested_too_deeply_are_a_bad_request() {
    let value = nested(r#"{"inner":"#, "null", "}", 1_000);
    let body = format!(
        r#"{{"query":"query($f:ProfilePatch){{search(filter:$f)}}","variables":{{"f":{value}}}}}"#
    );
    let answer = send(post(body)).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::BAD_REQUEST, "BAD_REQUEST")
    );
}

#[tokio::test]
async fn a_large_body_is_refused_without_waiting_for_it() {
    let mut request = post(Body::from_stream(futures::stream::pending::<
        io::Result<Vec<u8>>,
    >()));
    request
        .headers_mut()
        .insert(header::CONTENT_LENGTH, "10000000".parse().unwrap());
    let answer = tokio::time::timeout(Duration::from_secs(1), send(request))
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.code(), "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_large_body_of_unknown_length_is_read_only_up_to_the_limit() {
    let endless = futures::stream::repeat_with(|| io::Result::Ok(vec![b' '; 10_000]));
    let answer = send(post(Body::from_stream(endless))).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_not_awaited_for_ever() {
    let limits = Limits {
        body_time: Duration::from_millis(20),
        ..Limits::default()
    };
    let pending = Body::from_stream(futures::stream::pending::<io::Result<Vec<u8>>>());
    let answer = send_to(router(limits), post(pending)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (408, "REQUEST_TIMEOUT")
    );
}
