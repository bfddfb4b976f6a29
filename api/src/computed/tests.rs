//! What those who define computed traits are promised.

use std::collections::BTreeSet;

use lazo_domain::id::ProfileId;
use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::graphql::tests::ask;
use crate::standing::tests::Shop;
use crate::writer::{MergeByHand, MergeOutcome, UnmergeByHand};

const DAY: i64 = 86_400_000;

const CREATE: &str =
    "mutation($input: ComputedTraitCreateInput!) { computedTraitCreate(input: $input) {
    computedTrait { id name version of sentence window { last } }
    warnings { path code } userErrors { field code message } } }";

fn of_touchpoints(name: &str, measure: &Json, window: Option<&str>) -> Json {
    let window = window.map(|last| json!({ "last": last }));
    json!({ "input": { "name": name, "window": window,
        "of": { "touchpoints": { "filter": { "names": ["Viewed"] }, "measure": measure } } } })
}

impl Shop {
    async fn computed(&self, input: Json) -> Json {
        let answer = ask(&self.test, CREATE, input).await;
        let payload = &answer["computedTraitCreate"];
        assert_eq!(payload["userErrors"], json!([]));
        self.sweep().await;
        payload["computedTrait"].clone()
    }

    /// The values of the computed traits of a profile.
    async fn values(&self, profile: ProfileId) -> Json {
        let document =
            "query($id: ID!) { profile(by: { id: $id }) { computedTraits { name value capped } } }";
        let given = json!({ "id": profile.to_string() });
        ask(&self.test, document, given).await["profile"]["computedTraits"].take()
    }

    async fn view(&self, email: &str, category: &str, days_ago: i64) -> ProfileId {
        let at = self.test.app.now().plus_millis(-days_ago * DAY);
        let item = json!({ "type": "track", "event": "Viewed", "timestamp": at.to_string(),
            "properties": { "category": category }, "context": { "traits": { "email": email } } });
        self.send("", item).await
    }
}

#[tokio::test]
async fn a_computed_trait_counts_in_a_condition_and_is_exact_after_late_touchpoints_and_merges() {
    let shop = Shop::open().await;
    shop.computed(of_touchpoints(
        "views",
        &json!({ "aggregate": "COUNT" }),
        None,
    ))
    .await;
    let last = json!({ "aggregate": "LAST", "property": "category" });
    shop.computed(of_touchpoints("last_category", &last, None))
        .await;
    let viewers = shop.segment("viewers", "views >= 3").await;
    let one = shop.view("a@example.com", "shoes", 1).await;
    // A touchpoint that comes late counts, and is not the last one.
    shop.view("a@example.com", "hats", 5).await;
    let expected = |views: u32, category: &str| {
        json!([{ "name": "last_category", "value": category, "capped": false },
            { "name": "views", "value": views, "capped": false }])
    };
    assert_eq!(shop.values(one).await, expected(2, "shoes"));
    let other = shop.view("b@example.com", "books", 0).await;
    assert_eq!(shop.members(viewers).await, BTreeSet::new());
    let merge = MergeByHand {
        profiles: vec![one, other],
        actor: "me".to_owned(),
        reason: None,
        once: None,
    };
    let merged = shop.test.app.writer().merge(merge).await.unwrap();
    let MergeOutcome::Done(survivor) = merged else {
        panic!("{merged:?}")
    };
    assert_eq!(shop.values(survivor).await, expected(3, "books"));
    assert_eq!(shop.members(viewers).await, BTreeSet::from([survivor]));
    let unmerge = UnmergeByHand {
        former: other,
        actor: "me".to_owned(),
        reason: None,
        once: None,
    };
    shop.test.app.writer().unmerge(unmerge).await.unwrap();
    assert_eq!(shop.values(one).await, expected(2, "shoes"));
    assert_eq!(shop.values(other).await, expected(1, "books"));
    assert_eq!(shop.members(viewers).await, BTreeSet::new());
}

#[tokio::test]
async fn a_window_moves_with_the_time_at_which_a_value_is_read() {
    let shop = Shop::open().await;
    let count = json!({ "aggregate": "COUNT" });
    shop.computed(of_touchpoints("recent_views", &count, Some("7d")))
        .await;
    let ana = shop.track("ana", "Viewed").await;
    assert_eq!(shop.values(ana).await[0]["value"], 1);
    shop.pass(7 * DAY);
    assert_eq!(shop.values(ana).await[0]["value"], 0);
}

#[tokio::test]
async fn a_computed_trait_is_changed_and_archived_over_the_api() {
    let shop = Shop::open().await;
    let list = json!({ "aggregate": "DISTINCT_VALUES", "property": "category", "cap": 1 });
    let made = shop
        .computed(of_touchpoints("categories", &list, None))
        .await;
    let ana = shop.view("a@example.com", "shoes", 0).await;
    shop.view("a@example.com", "hats", 0).await;
    let capped = json!([{ "name": "categories", "value": ["hats"], "capped": true }]);
    assert_eq!(shop.values(ana).await, capped);
    let update =
        "mutation($input: ComputedTraitUpdateInput!) { computedTraitUpdate(input: $input) {
        computedTrait { version of window { last } } userErrors { field code } } }";
    // What is shown can be sent back, and says the same.
    let same = json!({ "input": { "id": made["id"], "of": made["of"], "expectedVersion": 1 } });
    let answer = ask(&shop.test, update, same).await;
    assert_eq!(answer["computedTraitUpdate"]["computedTrait"]["version"], 1);
    let window = json!({ "input": { "id": made["id"], "window": { "last": "1d" } } });
    let answer = ask(&shop.test, update, window).await;
    let changed = &answer["computedTraitUpdate"]["computedTrait"];
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["window"]["last"], "1d");
    let archive = "mutation($id: ID!) { computedTraitArchive(input: { id: $id }) { computedTrait { archivedAt } userErrors { code } } }";
    ask(&shop.test, archive, json!({ "id": made["id"] })).await;
    shop.sweep().await;
    assert_eq!(shop.values(ana).await, json!([]));
    let all = "{ computedTraits { nodes { name } } }";
    let answer = ask(&shop.test, all, json!({})).await;
    assert_eq!(answer["computedTraits"]["nodes"], json!([]));
}

#[rstest]
#[case::reserved("email", json!({ "aggregate": "COUNT" }), "input name")]
#[case::no_property("sums", json!({ "aggregate": "SUM" }), "input of touchpoints measure property")]
#[case::a_property_too_many("views", json!({ "aggregate": "COUNT", "property": "p" }), "input of touchpoints measure property")]
#[case::an_empty_list("kinds", json!({ "aggregate": "DISTINCT_VALUES", "property": "kind", "cap": 0 }), "input of touchpoints measure cap")]
#[case::a_property_too_deep("sums", json!({ "aggregate": "SUM", "property": "a.b.c.d.e" }), "input of touchpoints measure property")]
#[case::a_list_of_a_property_too_deep("kinds", json!({ "aggregate": "DISTINCT_VALUES", "property": "a.b.c.d.e" }), "input of touchpoints measure property")]
#[tokio::test]
async fn what_is_wrong_with_a_computed_trait_is_told_with_its_path(
    #[case] name: &str,
    #[case] measure: Json,
    #[case] path: &str,
) {
    let shop = Shop::open().await;
    let answer = ask(&shop.test, CREATE, of_touchpoints(name, &measure, None)).await;
    let field = answer["computedTraitCreate"]["userErrors"][0]["field"].as_array();
    let field: Vec<_> = field
        .unwrap()
        .iter()
        .map(|part| part.as_str().unwrap())
        .collect();
    assert_eq!(field.join(" "), path);
}
