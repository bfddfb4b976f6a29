//! What a caller is told of scores by their scopes.

use lazo_domain::access::Scope;

use super::*;
use crate::graphql::platform;
use crate::graphql::tests::{codes, integration};

const EXPLAIN: &str = "query($profile: ID!, $model: ID!) { scoreExplain(profileId: $profile, modelId: $model) {
    value components { key points found { count } touchpoints { ids } } history { cause touchpointId } } }";

#[tokio::test]
async fn who_may_not_read_profiles_is_told_of_a_score_and_not_of_what_was_found() {
    let shop = Shop::open().await;
    let model = shop.model("interest", points("each", "Viewed", None)).await;
    let ana = shop.track("ana", "Viewed").await;
    let given = json!({ "profile": ana.to_string(), "model": model.to_string() });
    let schema = platform(&shop.test.app);
    let caller = Some(integration(&[Scope::ScoresRead]));
    let told = execute(&shop.test, &schema, caller, EXPLAIN, given.clone()).await;
    assert_eq!(codes(&told), ["FORBIDDEN", "FORBIDDEN"]);
    let explained = told.data.into_json().unwrap()["scoreExplain"].take();
    let component = json!({ "key": "rule", "points": 10.0, "found": null, "touchpoints": null });
    let change = json!({ "cause": "TOUCHPOINT", "touchpointId": null });
    let expected = json!({ "value": 10.0, "components": [component], "history": [change] });
    assert_eq!(explained, expected);
    let explained = ask(&shop.test, EXPLAIN, given).await["scoreExplain"].take();
    assert_eq!(explained["components"][0]["found"]["count"], 1);
    assert!(explained["history"][0]["touchpointId"].is_string());
}
