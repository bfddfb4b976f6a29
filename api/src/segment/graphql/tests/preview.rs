//! Who would be a member.

use lazo_domain::access::Scope;
use serde_json::{Value as Json, json};

use super::Shop;
use crate::graphql::platform;
use crate::graphql::tests::{codes, execute, integration};

const PREVIEW: &str = "query($source: ConditionSource!, $sample: Int, $with: ID) {
    segmentPreview(source: $source, sample: $sample, overlapWith: $with) {
        count asOf sample { id } leaves { text count } overlap { members count segment { key } }
        warnings { code } userErrors { field code } } }";

/// Ana and Bob of Spain, who looked, Bob twice; Eva of France, who did not.
pub(super) async fn three(shop: &Shop) -> [String; 3] {
    let lives = |country: &str| json!({ "type": "identify", "traits": { "country": country } });
    shop.send("ana", lives("ES")).await;
    let ana = shop.track("ana", "Viewed").await;
    shop.send("bob", lives("ES")).await;
    shop.track("bob", "Viewed").await;
    let bob = shop.track("bob", "Viewed").await;
    let eva = shop.send("eva", lives("FR")).await;
    [ana, bob, eva]
}

#[tokio::test]
async fn a_preview_counts_those_who_would_be_members_and_each_of_its_tests() {
    let shop = Shop::open().await;
    let [_, bob, eva] = three(&shop).await;
    let viewers = shop.segment("viewers", "performed('Viewed')").await;
    let text = "performed('Viewed') >= 2 OR country = 'FR'";
    let given = json!({ "source": { "text": text }, "with": viewers });
    let preview = shop.ask(PREVIEW, given).await["segmentPreview"].take();
    let mut both = [bob, eva];
    both.sort_unstable();
    assert_eq!(preview["count"], 2);
    assert_eq!(preview["asOf"], json!(shop.now()));
    assert_eq!(
        preview["sample"],
        json!([{ "id": both[0] }, { "id": both[1] }])
    );
    let leaves = json!([
        { "text": "performed('Viewed') >= 2", "count": 1 },
        { "text": "country = 'FR'", "count": 1 },
    ]);
    assert_eq!(preview["leaves"], leaves);
    let overlap = json!({ "members": 2, "count": 1, "segment": { "key": "viewers" } });
    assert_eq!(preview["overlap"], overlap);
    let made = shop.segment("some", text).await;
    let count = "query($id: ID!) { segment(id: $id) { memberCount } }";
    let read = shop.ask(count, json!({ "id": made })).await;
    assert_eq!(read["segment"]["memberCount"], preview["count"]);
}

#[tokio::test]
async fn a_preview_knows_whom_people_put_into_the_segments_it_names() {
    let shop = Shop::open().await;
    let [ana, bob, eva] = three(&shop).await;
    let viewers = shop.segment("viewers", "performed('Viewed')").await;
    let decide = "mutation($add: SegmentMembersInput!, $remove: SegmentMembersInput!) {
        segmentMembersAdd(input: $add) { userErrors { code } } segmentMembersRemove(input: $remove) { userErrors { code } } }";
    let given = json!({ "add": { "id": viewers, "profiles": [eva] }, "remove": { "id": viewers, "profiles": [ana] } });
    shop.ask(decide, given).await;
    let given = json!({ "source": { "text": "segment('viewers')" } });
    let preview = shop.ask(PREVIEW, given).await["segmentPreview"].take();
    let mut both = [bob, eva];
    both.sort_unstable();
    assert_eq!(
        preview["sample"],
        json!([{ "id": both[0] }, { "id": both[1] }])
    );
}

#[tokio::test]
async fn a_condition_that_cannot_be_used_is_an_error_with_its_place() {
    let shop = Shop::open().await;
    let given = json!({ "source": { "text": "country = " } });
    let preview = shop.ask(PREVIEW, given).await["segmentPreview"].take();
    let errors = json!([{ "field": ["source", "text"], "code": "INVALID" }]);
    assert_eq!(
        (&preview["count"], &preview["userErrors"]),
        (&Json::Null, &errors)
    );
    let given = json!({ "source": { "text": "vip = TRUE" }, "with": "seg_none" });
    let preview = shop.ask(PREVIEW, given).await["segmentPreview"].take();
    let errors = json!([{ "field": ["overlapWith"], "code": "NOT_FOUND" }]);
    assert_eq!(
        (&preview["count"], &preview["userErrors"]),
        (&Json::Null, &errors)
    );
}

#[tokio::test]
async fn a_sample_is_small_and_shown_to_those_alone_who_may_read_profiles() {
    let shop = Shop::open().await;
    three(&shop).await;
    let schema = platform(&shop.test.app);
    let ask = |scopes: &[Scope], sample: i32| {
        let given = json!({ "source": { "text": "country IS NOT NULL" }, "sample": sample });
        let caller = Some(integration(scopes));
        let (schema, test) = (&schema, &shop.test);
        async move { execute(test, schema, caller, PREVIEW, given).await }
    };
    let refused = ask(&[Scope::SegmentsRead], 1).await;
    assert_eq!(codes(&refused), ["FORBIDDEN"]);
    let both = [Scope::SegmentsRead, Scope::ProfilesRead];
    let too_many = ask(&both, 51).await;
    assert_eq!(codes(&too_many), ["BAD_USER_INPUT"]);
    let shown = ask(&both, 1).await.data.into_json().unwrap();
    let preview = &shown["segmentPreview"];
    assert_eq!(
        (
            &preview["count"],
            preview["sample"].as_array().unwrap().len()
        ),
        (&json!(3), 1)
    );
}

#[tokio::test]
async fn a_preview_asks_for_the_scores_that_are_stored() {
    let shop = Shop::open().await;
    three(&shop).await;
    let model = |key: &str, half_life: Json| {
        let fades = !half_life.is_null();
        let rule = json!({ "key": "views", "title": "Views", "points": 30, "fades": fades,
            "when": { "each": { "filter": { "names": ["Viewed"] } } } });
        let points = json!({ "halfLife": half_life, "rules": [rule] });
        json!({ "key": key, "name": key, "definition": { "kind": { "points": points } } })
    };
    let create = "mutation($input: ScoreModelCreateInput!) { scoreModelCreate(input: $input) { userErrors { field message } } }";
    for input in [model("interest", Json::Null), model("fading", json!("1d"))] {
        let made = shop.ask(create, json!({ "input": input })).await;
        assert_eq!(made["scoreModelCreate"]["userErrors"], json!([]));
    }
    shop.sweep().await;
    let ask = async |text: &str| {
        let given = json!({ "source": { "text": text } });
        shop.ask(PREVIEW, given).await["segmentPreview"].take()
    };
    for (text, count) in [
        ("score('interest') >= 60", 1),
        ("score('interest') = 30", 1),
        ("NOT score('interest') < 30", 2),
        ("score('interest').grade = 'WARM'", 1),
        ("score('fading').grade = 'WARM'", 1),
    ] {
        let preview = ask(text).await;
        assert_eq!(preview["count"], count, "{text}: {preview}");
    }
    let refused = ask("country = 'ES' AND NOT score('fading') >= 60").await;
    let errors = json!([{ "field": ["source", "text"], "code": "INVALID" }]);
    assert_eq!(refused["userErrors"], errors);
    let fading = json!({ "score": { "key": "fading", "value": { "atLeast": 60 } } });
    let tree = json!({ "all": [{ "not": fading }] });
    let given = json!({ "source": { "condition": tree } });
    let refused = shop.ask(PREVIEW, given).await["segmentPreview"].take();
    let path = json!(["source", "condition", "all", "0", "not", "score", "value"]);
    assert_eq!(refused["userErrors"][0]["field"], path);
}
