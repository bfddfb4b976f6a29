//! Why a profile is a member or is none, and how it came and went.

use serde_json::{Value as Json, json};

use super::{DAY, Shop};
use crate::auth::caller::Caller;
use crate::graphql::platform;
use crate::graphql::tests::{codes, execute, integration};
use lazo_domain::access::Scope;

const EXPLAIN: &str = "query($profile: ID!, $segment: ID!) {
    segmentExplain(profileId: $profile, segmentId: $segment) {
        member until since decidedByPerson asOf segment { key }
        explanation { holds sentence leaves { holds condition { text } found { count values { text } }
            touchpoints { total } change { at sentence needs { kind quantity } } } }
        lastTransition { entered cause at explanation { holds leaves { found { count } } } } } }";

#[tokio::test]
async fn an_explanation_says_what_was_found_and_what_is_missing() {
    let shop = Shop::open().await;
    let id = shop
        .segment(
            "fans",
            "country = 'ES' AND performed('Viewed', within 30d) >= 2",
        )
        .await;
    shop.send(
        "ana",
        json!({ "type": "identify", "traits": { "country": "ES" } }),
    )
    .await;
    let ana = shop.track("ana", "Viewed").await;
    let given = json!({ "profile": ana, "segment": id });
    let told = shop.ask(EXPLAIN, given.clone()).await["segmentExplain"].take();
    assert_eq!(
        (&told["member"], &told["since"]),
        (&json!(false), &Json::Null)
    );
    assert_eq!(told["asOf"], json!(shop.now()));
    assert_eq!(told["lastTransition"], Json::Null);
    let leaves = &told["explanation"]["leaves"];
    assert_eq!(leaves[0]["holds"], true);
    assert_eq!(leaves[0]["condition"]["text"], "country = 'ES'");
    assert_eq!(leaves[0]["found"]["values"], json!([{ "text": "es" }]));
    assert_eq!(
        (
            &leaves[1]["holds"],
            &leaves[1]["found"]["count"],
            &leaves[1]["touchpoints"]["total"]
        ),
        (&json!(false), &json!(1), &json!(1))
    );
    let needs = json!({ "kind": "TOUCHPOINTS", "quantity": 1.0 });
    assert_eq!(leaves[1]["change"]["needs"], needs);

    shop.track("ana", "Viewed").await;
    let told = shop.ask(EXPLAIN, given).await["segmentExplain"].take();
    assert_eq!(
        (&told["member"], &told["since"]),
        (&json!(true), &json!(shop.now()))
    );
    let until = shop.test.app.now().plus_millis(30 * DAY).to_string();
    assert_eq!(told["until"], json!(until));
    let last = &told["lastTransition"];
    assert_eq!(
        (&last["entered"], &last["cause"]),
        (&json!(true), &json!("TOUCHPOINT"))
    );
    assert_eq!(last["explanation"]["leaves"][1]["found"]["count"], 2);
}

#[tokio::test]
async fn an_explanation_knows_of_other_segments_and_of_what_people_decided() {
    let shop = Shop::open().await;
    shop.segment("viewers", "performed('Viewed')").await;
    let others = shop.segment("others", "NOT segment('viewers')").await;
    let ana = shop.track("ana", "Viewed").await;
    let given = json!({ "profile": ana, "segment": others });
    let told = shop.ask(EXPLAIN, given.clone()).await["segmentExplain"].take();
    assert_eq!(
        (&told["member"], &told["decidedByPerson"]),
        (&json!(false), &json!(false))
    );
    let add = "mutation($input: SegmentMembersInput!) { segmentMembersAdd(input: $input) { userErrors { code } } }";
    let input = json!({ "id": others, "profiles": [ana] });
    shop.ask(add, json!({ "input": input })).await;
    let told = shop.ask(EXPLAIN, given).await["segmentExplain"].take();
    assert_eq!(
        (
            &told["member"],
            &told["decidedByPerson"],
            &told["explanation"]["holds"]
        ),
        (&json!(true), &json!(true), &json!(false))
    );
    assert_eq!(told["lastTransition"]["cause"], "PERSON");
}

#[tokio::test]
async fn nothing_is_explained_of_what_is_not_there() {
    let shop = Shop::open().await;
    let id = shop.segment("viewers", "performed('Viewed')").await;
    let ana = shop.track("ana", "Viewed").await;
    for given in [
        json!({ "profile": id, "segment": id }),
        json!({ "profile": ana, "segment": ana }),
        json!({ "profile": "x", "segment": "y" }),
    ] {
        assert_eq!(shop.ask(EXPLAIN, given).await["segmentExplain"], Json::Null);
    }
    let schema = platform(&shop.test.app);
    let caller = Some(integration(&[Scope::SegmentsRead]));
    let given = json!({ "profile": ana, "segment": id });
    let refused = execute(&shop.test, &schema, caller, EXPLAIN, given).await;
    assert_eq!(codes(&refused), ["FORBIDDEN"]);
}

#[tokio::test]
async fn the_transitions_are_walked_in_the_order_in_which_they_were_stored() {
    let shop = Shop::open().await;
    let id = shop
        .segment("recent", "performed('Viewed', within 7d)")
        .await;
    let ana = shop.track("ana", "Viewed").await;
    let bob = shop.track("bob", "Viewed").await;
    shop.pass(7 * DAY);
    shop.tick().await;
    let document = "query($id: ID!, $after: String) { segment(id: $id) { transitions(first: 1, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { seq profileId profile { id } entered cause touchpointId segmentVersion segment { key } } } } }";
    let (mut walked, mut after) = (Vec::new(), Json::Null);
    loop {
        let given = json!({ "id": id, "after": after });
        let page = shop.ask(document, given).await["segment"]["transitions"].take();
        assert_eq!(page["totalCount"], 4);
        let node = &page["nodes"][0];
        assert_eq!(node["profile"]["id"], node["profileId"]);
        assert_eq!(
            node["touchpointId"].is_string(),
            node["cause"] == "TOUCHPOINT"
        );
        walked.push((
            node["profileId"].as_str().unwrap().to_owned(),
            node["entered"] == true,
        ));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(walked[..2], [(ana.clone(), true), (bob.clone(), true)]);
    walked[2..].sort_unstable();
    let mut left = [(ana, false), (bob, false)];
    left.sort_unstable();
    assert_eq!(walked[2..], left);
    let schema = platform(&shop.test.app);
    let cursor = json!({ "id": id, "after": "not a cursor" });
    let refused = execute(&shop.test, &schema, Some(Caller::Local), document, cursor).await;
    assert_eq!(codes(&refused), ["BAD_USER_INPUT"]);
}
