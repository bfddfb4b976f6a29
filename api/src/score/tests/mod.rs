//! What those who score profiles are promised.

mod measuring;
mod references;
mod rights;

use lazo_domain::condition::check::Known;
use lazo_domain::id::{ProfileId, ScoreModelId};
use lazo_domain::score::{Model, check};
use rstest::rstest;
use serde_json::{Value as Json, json};

use super::{Create, Update, daily, read, service};
use crate::auth::caller::Caller;
use crate::graphql::storefront;
use crate::graphql::tests::{ask, execute};
use crate::standing::Step;
use crate::standing::tests::Shop;
use crate::testing::refused;
use crate::writer::{MergeByHand, MergeOutcome, UnmergeByHand};

const DAY: i64 = 86_400_000;

fn create(key: &str, model: Json) -> Create {
    let model: Model = serde_json::from_value(model).unwrap();
    let known = Known {
        segments: ["loyal".to_owned(), "hot".to_owned()].into(),
        ..Known::default()
    };
    check(&model, &known).unwrap();
    Create {
        key: key.to_owned(),
        name: key.to_owned(),
        description: None,
        model,
    }
}

/// A model of points for one kind of touchpoint.
fn points(when: &str, name: &str, half_life_days: Option<i64>) -> Json {
    json!({
        "kind": { "points": {
            "rules": [{ "key": "rule", "title": "Rule", "points": 10, "fades": half_life_days.is_some(),
                "when": { when: { "filter": { "names": [name] } } } }],
            "half_life": half_life_days.map(|days| days * DAY),
        } },
        "grades": [],
    })
}

impl Shop {
    async fn model(&self, key: &str, model: Json) -> ScoreModelId {
        let create = create(key, model);
        let row = service::create(&self.test.app, &Caller::Local, &create, None).await;
        self.sweep().await;
        row.unwrap().id
    }

    /// The values of the scores that a profile has now.
    async fn scores(&self, profile: ProfileId) -> Vec<f64> {
        let app = &self.test.app;
        let mut found = read::of_profiles(app, &[profile]).await.unwrap();
        let held = found.remove(&profile).unwrap_or_default().into_iter();
        held.map(|one| one.value.at(app.now()).get()).collect()
    }
}

#[tokio::test]
async fn a_score_that_fades_is_right_when_it_is_read_without_any_write() {
    let shop = Shop::open().await;
    shop.model("interest", points("each", "Viewed", Some(7)))
        .await;
    let ana = shop.track("ana", "Viewed").await;
    assert_eq!(shop.scores(ana).await, [10.0]);
    let version = shop.test.number("SELECT max(version) FROM profile").await;
    shop.pass(7 * DAY);
    assert_eq!(shop.scores(ana).await, [5.0]);
    assert_eq!(shop.test.app.writer().stand(Step::Due).await.unwrap(), 0);
    let document = "query($id: ID!) { profile(by: { id: $id }) { scores { key value grade validUntil model { name } } } }";
    let given = json!({ "id": ana.to_string() });
    let answer = ask(&shop.test, document, given.clone()).await;
    let expected = json!([{ "key": "interest", "value": 5.0, "grade": null, "validUntil": null, "model": { "name": "interest" } }]);
    assert_eq!(answer["profile"]["scores"], expected);
    let list = "{ profiles { nodes { scores { value } } } }";
    let answer = ask(&shop.test, list, json!({})).await;
    assert_eq!(
        answer["profiles"]["nodes"],
        json!([{ "scores": [{ "value": 5.0 }] }])
    );
    shop.pass(7 * DAY);
    let answer = ask(&shop.test, document, given).await;
    assert_eq!(answer["profile"]["scores"][0]["value"], 2.5);
    let after = shop.test.number("SELECT max(version) FROM profile").await;
    assert_eq!(after, version);
}

#[tokio::test]
async fn a_grade_that_fading_ends_is_shown_to_nobody_from_that_instant_on() {
    let shop = Shop::open().await;
    let mut model = points("each", "Viewed", Some(7));
    model["grades"] = json!([{ "name": "LOW", "at_least": 0 }, { "name": "HIGH", "at_least": 5 }]);
    shop.model("interest", model).await;
    let ana = shop.track("ana", "Viewed").await;
    let grade = async || {
        let found = read::of_profiles(&shop.test.app, &[ana]).await.unwrap();
        let held = found.get(&ana).and_then(|held| held.first());
        held.and_then(|held| held.grade.clone())
    };
    assert_eq!(grade().await.as_deref(), Some("HIGH"));
    shop.pass(8 * DAY);
    assert_eq!(grade().await, None);
    assert_eq!(shop.test.app.writer().stand(Step::Due).await.unwrap(), 1);
    assert_eq!(grade().await.as_deref(), Some("LOW"));
}

#[tokio::test]
async fn a_merge_scores_anew_and_never_adds_and_its_parting_gives_back() {
    let shop = Shop::open().await;
    shop.model("subscriber", points("once", "Subscribed", None))
        .await;
    let identify = |email: &str| json!({ "type": "identify", "traits": { "email": email } });
    let one = shop.send("", identify("a@example.com")).await;
    let other = shop.send("", identify("b@example.com")).await;
    for email in ["a@example.com", "b@example.com"] {
        let traits = json!({ "traits": { "email": email } });
        let item = json!({ "type": "track", "event": "Subscribed", "context": traits });
        shop.send("", item).await;
    }
    assert_eq!(shop.scores(one).await, [10.0]);
    assert_eq!(shop.scores(other).await, [10.0]);
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
    assert_eq!(shop.scores(survivor).await, [10.0]);
    assert_eq!(shop.test.number("SELECT count(*) FROM score").await, 1);
    let unmerge = UnmergeByHand {
        former: other,
        actor: "me".to_owned(),
        reason: None,
        once: None,
    };
    shop.test.app.writer().unmerge(unmerge).await.unwrap();
    assert_eq!(shop.scores(one).await, [10.0]);
    assert_eq!(shop.scores(other).await, [10.0]);
}

#[tokio::test]
async fn segments_and_scores_may_ask_for_one_another_and_never_for_themselves() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let interest = shop.model("interest", points("each", "Viewed", None)).await;
    let hot = shop.segment("hot", "score('interest') >= 20").await;
    let ana = shop.track("ana", "Viewed").await;
    shop.track("ana", "Viewed").await;
    assert!(shop.members(hot).await.contains(&ana));
    let asks = json!({ "kind": { "points": { "rules": [{ "key": "hot", "title": "Hot", "points": 1,
        "when": { "holds": { "segment": { "key": "hot" } } } }] } }, "grades": [] });
    let mut update = Update::of(interest);
    update.model = Some(create("interest", asks.clone()).model);
    let outcome = service::update(app, &Caller::Local, &update).await;
    assert_eq!(refused(outcome), ("definition".to_owned(), "CONFLICT"));
    let outcome = service::archive(app, &Caller::Local, interest).await;
    assert_eq!(refused(outcome), ("id".to_owned(), "CONFLICT"));
    shop.model("asks", asks).await;
    assert_eq!(shop.scores(ana).await, [1.0, 20.0]);
    let outcome = crate::segment::service::archive(app, &Caller::Local, hot).await;
    assert_eq!(refused(outcome), ("id".to_owned(), "CONFLICT"));
}

#[tokio::test]
async fn an_archived_model_scores_nobody_and_its_past_stays() {
    let shop = Shop::open().await;
    let id = shop.model("interest", points("each", "Viewed", None)).await;
    let ana = shop.track("ana", "Viewed").await;
    shop.pass(1);
    let archived = service::archive(&shop.test.app, &Caller::Local, id)
        .await
        .unwrap();
    assert_eq!(shop.scores(ana).await, Vec::<f64>::new());
    shop.sweep().await;
    assert_eq!(shop.test.number("SELECT count(*) FROM score").await, 0);
    let history = read::history(&shop.test.app, ana, id, 10).await.unwrap();
    let values: Vec<_> = history.iter().map(|one| one.value).collect();
    assert_eq!(values, [None, Some(10.0)]);
    let mut update = Update::of(id);
    update.name = Some("other".to_owned());
    let outcome = service::update(&shop.test.app, &Caller::Local, &update).await;
    assert_eq!(refused(outcome), ("id".to_owned(), "ARCHIVED"));
    assert_eq!(archived.version, 2);
}

fn order(number: u32, revenue: u32) -> Json {
    json!({ "type": "track", "event": "Order Completed",
        "properties": { "order_id": format!("o{number}"), "revenue": revenue, "currency": "EUR" } })
}

#[tokio::test]
async fn the_quintiles_of_all_customers_are_measured_once_a_day() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let mut customers = Vec::new();
    for number in 0..5 {
        customers.push(
            shop.send(&format!("c{number}"), order(number, 10 + number))
                .await,
        );
        shop.pass(DAY);
    }
    let model = json!({ "kind": { "rfm": {} }, "grades": [] });
    let id = shop.model("rfm", model).await;
    let mut values = Vec::new();
    for customer in &customers {
        values.extend(shop.scores(*customer).await);
    }
    // All have one order, so that all are in the first quintile of frequency.
    assert_eq!(values, [3.0, 5.0, 7.0, 9.0, 11.0]);
    let same = service::measure(app, "me", id).await.unwrap();
    assert_eq!(same.version, 1);
    assert_eq!(shop.sweep().await, 0);
    assert!(daily::measure_if_due(app).await.unwrap());
    shop.send("c0", order(9, 100)).await;
    assert!(!daily::measure_if_due(app).await.unwrap());
    shop.pass(DAY);
    assert!(daily::measure_if_due(app).await.unwrap());
    assert_eq!(service::find(app, id).await.unwrap().unwrap().version, 2);
    shop.sweep().await;
    assert_eq!(shop.scores(customers[0]).await, [15.0]);
}

#[tokio::test]
async fn the_ideal_of_a_segment_is_the_centre_of_its_members() {
    let shop = Shop::open().await;
    let identify = |plan: &str, age: u32| json!({ "type": "identify", "traits": { "plan": plan, "age": age } });
    for (user, age) in [("a", 30), ("b", 40), ("c", 50)] {
        shop.send(user, identify("gold", age)).await;
    }
    let other = shop.send("d", identify("silver", 40)).await;
    shop.segment("loyal", "plan = 'gold'").await;
    let feature = |key: &str, kind: Json| json!({ "key": key, "title": key, "weight": 1, "value": { "trait": key }, "kind": kind });
    let model = json!({ "kind": { "similarity": { "prior": 50, "segment": "loyal", "features": [
        feature("plan", json!({ "category": { "ideal": {} } })),
        feature("age", json!({ "numeric": { "ideal": 0, "range": 0 } })),
    ] } }, "grades": [] });
    shop.model("like", model).await;
    assert_eq!(shop.scores(other).await, [50.0]);
    let twin = shop.send("e", identify("GOLD", 40)).await;
    assert_eq!(shop.scores(twin).await, [100.0]);
}

const CREATE: &str = "mutation($input: ScoreModelCreateInput!) { scoreModelCreate(input: $input) {
    scoreModel { id key version kind definition rules { key points fades sentence(language: ES) } grades { name atLeast } }
    warnings { path code } userErrors { field code message } } }";

fn input(definition: &Json) -> Json {
    json!({ "input": { "key": "lead", "name": "Leads", "definition": definition, "idempotencyKey": "k" } })
}

#[tokio::test]
async fn a_model_is_made_over_the_api_and_every_point_is_explained() {
    let shop = Shop::open().await;
    let viewed = shop.track("ana", "Viewed").await;
    let definition = json!({ "kind": { "points": { "halfLife": "1w", "rules": [
        { "key": "views", "title": "Views", "points": 5, "fades": true,
          "when": { "each": { "filter": { "names": ["Viewed"] }, "window": { "last": "30d" }, "cap": { "most": 2, "per": "1d" } } } },
        { "key": "spain", "title": "Spain", "points": 2.5, "when": { "holds": { "text": "country = 'ES'" } } },
    ] } }, "scale": 20, "grades": [{ "name": "WARM", "atLeast": 10 }] });
    let answer = ask(&shop.test, CREATE, input(&definition)).await;
    let payload = &answer["scoreModelCreate"];
    assert_eq!(payload["userErrors"], json!([]));
    let path = json!([
        "definition",
        "kind",
        "points",
        "rules",
        "1",
        "when",
        "holds",
        "text"
    ]);
    assert_eq!(payload["warnings"][0]["path"], path);
    let model = &payload["scoreModel"];
    assert_eq!(model["kind"], "POINTS");
    let spanish = model["rules"][0]["sentence"].as_str().unwrap();
    assert!(spanish.contains("puntos por cada vez"), "{spanish}");
    let again = ask(&shop.test, CREATE, input(&definition)).await;
    assert_eq!(again["scoreModelCreate"]["scoreModel"]["id"], model["id"]);
    // What is shown can be sent back, and says the same.
    let update = "mutation($input: ScoreModelUpdateInput!) { scoreModelUpdate(input: $input) {
        scoreModel { version definition } userErrors { message } } }";
    let back = json!({ "input": { "id": model["id"], "definition": model["definition"], "expectedVersion": 1 } });
    let updated = ask(&shop.test, update, back).await;
    assert_eq!(updated["scoreModelUpdate"]["scoreModel"]["version"], 1);
    shop.sweep().await;
    shop.pass(1);
    let country = json!({ "type": "identify", "traits": { "country": "es" } });
    let ana = shop.send("ana", country).await;
    assert_eq!(ana, viewed);
    shop.track("ana", "Viewed").await;
    shop.track("ana", "Viewed").await;
    shop.pass(7 * DAY);
    let explain = "query($profile: ID!, $model: ID!) { scoreExplain(profileId: $profile, modelId: $model) {
        value grade raw coverage validUntil model { key } history { value cause touchpointId }
        components { key title points found { count truth } touchpoints { total nodes { name } } } } }";
    let given = json!({ "profile": ana.to_string(), "model": model["id"] });
    let answer = ask(&shop.test, explain, given).await;
    let explained = &answer["scoreExplain"];
    assert_eq!(explained["raw"], 7.5);
    assert_eq!(explained["grade"], "WARM");
    let components = explained["components"].as_array().unwrap();
    let points: Vec<_> = components.iter().map(|one| &one["points"]).collect();
    assert_eq!(points, [5.0, 2.5]);
    assert_eq!(components[0]["touchpoints"]["total"], 2);
    assert_eq!(components[0]["touchpoints"]["nodes"][0]["name"], "Viewed");
    assert_eq!(components[1]["found"]["truth"], true);
    let history = explained["history"].as_array().unwrap();
    assert_eq!(history.last().unwrap()["cause"], "DEFINITION");
    assert_eq!(history[0]["cause"], "TOUCHPOINT");
}

fn rule(when: &Json) -> Json {
    json!({ "kind": { "points": { "rules": [{ "key": "one", "title": "One", "points": 1, "when": when }] } } })
}

#[rstest]
#[case::span(rule(&json!({ "once": { "window": { "last": "0d" } } })),
    "input definition kind points rules 0 when once window last")]
#[case::text(rule(&json!({ "holds": { "text": "country =" } })),
    "input definition kind points rules 0 when holds text")]
#[case::segment(rule(&json!({ "holds": { "condition": { "segment": { "key": "gone" } } } })),
    "input definition kind points rules 0 when holds condition segment key")]
#[case::grades(json!({ "kind": { "rfm": {} }, "grades": [{ "name": "A", "atLeast": 2 }, { "name": "B", "atLeast": 1 }] }),
    "input definition grades 1")]
#[case::no_ideal(json!({ "kind": { "similarity": { "prior": 0, "features": [
    { "key": "a", "title": "A", "value": { "trait": "a" }, "kind": { "set": {} } }] } } }),
    "input definition kind similarity features 0 kind set ideal")]
#[tokio::test]
async fn what_is_wrong_with_a_model_is_told_with_its_path(
    #[case] definition: Json,
    #[case] path: &str,
) {
    let shop = Shop::open().await;
    let answer = ask(&shop.test, CREATE, input(&definition)).await;
    let payload = &answer["scoreModelCreate"];
    assert_eq!(payload["scoreModel"], Json::Null);
    let field = payload["userErrors"][0]["field"].as_array().unwrap();
    let field: Vec<_> = field.iter().map(|part| part.as_str().unwrap()).collect();
    assert_eq!(field.join(" "), path);
}

#[tokio::test]
async fn a_visitor_sees_scores_only_where_all_that_is_known_is_theirs() {
    let shop = Shop::open().await;
    shop.model("interest", points("each", "Viewed", None)).await;
    shop.track("ana", "Viewed").await;
    let seen = async |namespace: &str, value: &str| {
        let visitor = Caller::Visitor {
            subjects: vec![(namespace.to_owned(), value.to_owned())],
            purposes: vec![],
        };
        let schema = storefront(&shop.test.app);
        let document = "{ viewer { whole scores { key value grade } } }";
        let response = execute(&shop.test, &schema, Some(visitor), document, json!({})).await;
        assert_eq!(response.errors, []);
        response.data.into_json().unwrap()["viewer"].clone()
    };
    let customer = seen("customer_id", "ana").await;
    let scores = json!([{ "key": "interest", "value": 10.0, "grade": null }]);
    assert_eq!(customer, json!({ "whole": true, "scores": scores }));
    let browser = shop.test.source("browser", false).await;
    let claim =
        json!({ "type": "identify", "anonymousId": "device", "userId": "ana", "messageId": "c" });
    shop.test.record(&browser, &[claim]).await;
    let device = seen("anonymous_id", "device").await;
    assert_eq!(device, json!({ "whole": false, "scores": [] }));
}
