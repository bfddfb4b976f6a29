//! Whoever asks by a condition learns what it asks about, and so needs to be allowed to read that.

use lazo_domain::access::Scope;
use rstest::rstest;
use serde_json::{Value as Json, json};

use super::Shop;
use crate::graphql::platform;
use crate::graphql::tests::{codes, execute, integration};

const SEGMENTS: Scope = Scope::SegmentsRead;
const PROFILES: Scope = Scope::ProfilesRead;
const SCORES: Scope = Scope::ScoresRead;

const MODEL: &str = "mutation { scoreModelCreate(input: { key: \"churn\", name: \"Churn\", definition: { kind: { points: {
    rules: [{ key: \"views\", title: \"Views\", points: 30, when: { each: { filter: { names: [\"Viewed\"] } } } }] } } } }) {
    userErrors { message } } }";

/// A deployment with a score and a segment; Ana, who has both.
async fn scored() -> (Shop, String, String) {
    let shop = Shop::open().await;
    let made = shop.ask(MODEL, json!({})).await;
    assert_eq!(made["scoreModelCreate"]["userErrors"], json!([]));
    let id = shop
        .segment("liked", "score('churn') > 1 AND performed('Viewed')")
        .await;
    let ana = shop.track("ana", "Viewed").await;
    (shop, id, ana)
}

async fn asked(shop: &Shop, scopes: &[Scope], document: &str, given: Json) -> (Vec<String>, Json) {
    let schema = platform(&shop.test.app);
    let caller = Some(integration(scopes));
    let answer = execute(&shop.test, &schema, caller, document, given).await;
    (codes(&answer), answer.data.into_json().unwrap())
}

#[rstest]
#[case("email = 'ana@example.com' AND health = 'diabetes'", &[SEGMENTS], false)]
#[case("performed('Secret', about = 'divorce')", &[SEGMENTS], false)]
#[case("orders.count > 1", &[SEGMENTS], false)]
#[case("stage = LOST", &[SEGMENTS], false)]
#[case("performed('Viewed')", &[SEGMENTS, PROFILES], true)]
#[case("score('churn') = 42.5", &[SEGMENTS, PROFILES], false)]
#[case("score('churn') = 42.5", &[SEGMENTS, SCORES], true)]
#[case("score('churn') = 42.5 AND vip = TRUE", &[SEGMENTS, SCORES], false)]
#[case("NOT segment('liked')", &[SEGMENTS], true)]
#[tokio::test]
async fn a_preview_tells_nothing_that_the_caller_may_not_read(
    #[case] text: &str,
    #[case] scopes: &[Scope],
    #[case] is_told: bool,
) {
    let (shop, id, _) = scored().await;
    let document = "query($source: ConditionSource!, $with: ID) {
        segmentPreview(source: $source, overlapWith: $with) { count leaves { count } overlap { count } } }";
    let given = json!({ "source": { "text": text }, "with": id });
    let (codes, answer) = asked(&shop, scopes, document, given).await;
    if is_told {
        assert_eq!(codes, Vec::<String>::new());
        assert!(answer["segmentPreview"]["count"].is_number());
    } else {
        assert_eq!(
            (codes, &answer["segmentPreview"]),
            (vec!["FORBIDDEN".to_owned()], &Json::Null)
        );
    }
}

#[tokio::test]
async fn a_list_of_profiles_is_chosen_by_what_the_caller_may_read() {
    let (shop, ..) = scored().await;
    let document = "query($where: ConditionSource) { profiles(where: $where) { totalCount } }";
    let given = |text: &str| json!({ "where": { "text": text } });
    let both = [SEGMENTS, PROFILES];
    let (codes, _) = asked(&shop, &both, document, given("score('churn') >= 30")).await;
    assert_eq!(codes, ["FORBIDDEN"]);
    let (_, answer) = asked(&shop, &both, document, given("performed('Viewed')")).await;
    assert_eq!(answer["profiles"]["totalCount"], 1);
    let all = [SEGMENTS, PROFILES, SCORES];
    let (_, answer) = asked(&shop, &all, document, given("score('churn') >= 30")).await;
    assert_eq!(answer["profiles"]["totalCount"], 1);
}

#[tokio::test]
async fn a_stored_segment_is_counted_by_its_own_scope() {
    let (shop, id, _) = scored().await;
    let document = "query($id: ID!) { segment(id: $id) { memberCount } }";
    let (codes, answer) = asked(&shop, &[SEGMENTS], document, json!({ "id": id })).await;
    assert_eq!(codes, Vec::<String>::new());
    assert_eq!(answer["segment"]["memberCount"], 1);
}

#[tokio::test]
async fn an_explanation_shows_the_value_of_a_score_to_whoever_may_read_scores() {
    let (shop, id, ana) = scored().await;
    let document = "query($profile: ID!, $segment: ID!) { segmentExplain(profileId: $profile, segmentId: $segment) {
        member explanation { leaves { holds found { score { value } count } } } } }";
    let given = json!({ "profile": ana, "segment": id });
    let (codes, answer) = asked(&shop, &[SEGMENTS, PROFILES], document, given.clone()).await;
    assert_eq!(codes, ["FORBIDDEN"]);
    let viewed = json!({ "holds": true, "found": { "score": null, "count": 1 } });
    let explained = &answer["segmentExplain"];
    assert_eq!(explained["member"], true);
    let leaves = json!([{ "holds": true, "found": null }, viewed]);
    assert_eq!(explained["explanation"]["leaves"], leaves);
    let all = [SEGMENTS, PROFILES, SCORES];
    let (_, answer) = asked(&shop, &all, document, given).await;
    let leaves = &answer["segmentExplain"]["explanation"]["leaves"];
    assert_eq!(leaves[0]["found"]["score"]["value"], 30.0);
}

#[tokio::test]
async fn a_transition_of_a_profile_that_one_may_not_see_says_nothing_of_it() {
    let (shop, id, ana) = scored().await;
    shop.test
        .execute("UPDATE profile SET restricted = true")
        .await
        .unwrap();
    let document = "query($id: ID!) { segment(id: $id) { memberCount transitions { nodes {
        entered profileId touchpointId explanation { holds } profile { id } } } } }";
    let given = json!({ "id": id });
    let (codes, answer) = asked(&shop, Scope::ALL, document, given.clone()).await;
    assert_eq!(codes, Vec::<String>::new());
    let hidden = json!({ "entered": true, "profileId": null, "touchpointId": null, "explanation": null, "profile": null });
    let segment = &answer["segment"];
    assert_eq!(segment["transitions"]["nodes"], json!([hidden]));
    assert_eq!(segment["memberCount"], 1);
    let shown = shop.ask(document, given).await;
    let node = &shown["segment"]["transitions"]["nodes"][0];
    assert_eq!(
        (&node["profileId"], &node["profile"]["id"]),
        (&json!(ana), &json!(ana))
    );
    assert!(node["touchpointId"].is_string());
    assert_eq!(node["explanation"]["holds"], true);
}
