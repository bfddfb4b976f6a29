//! What others ask for of a score, and what a score asks for of others.

use super::*;

#[tokio::test]
async fn a_grade_that_somebody_asks_for_stays() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let graded = |name: &str| {
        let mut model = points("each", "Viewed", None);
        model["grades"] = json!([{ "name": name, "at_least": 5 }]);
        model
    };
    let interest = shop.model("interest", graded("HOT")).await;
    shop.segment("hot", "score('interest').grade = 'HOT'").await;
    shop.segment("cold", "NOT score('interest').grade = 'HOT'")
        .await;
    let mut update = Update::of(interest);
    update.model = Some(create("interest", graded("WARM")).model);
    let outcome = service::update(app, &Caller::Local, &update).await;
    let Err(crate::error::Error::Invalid(violations)) = outcome else {
        panic!("{outcome:?}")
    };
    let told: Vec<_> = violations.iter().map(|one| one.message.as_str()).collect();
    let expected = [
        "The segment “cold” asks for the grade “HOT”.",
        "The segment “hot” asks for the grade “HOT”.",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_was_archived_meanwhile_is_asked_for_by_no_new_score() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    let hot = shop.segment("hot", "performed('Viewed')").await;
    let asks = json!({ "kind": { "points": { "rules": [{ "key": "hot", "title": "Hot", "points": 1,
        "when": { "holds": { "segment": { "key": "hot" } } } }] } }, "grades": [] });
    let checked = create("asks", asks);
    let archived = crate::segment::service::archive(app, &Caller::Local, hot).await;
    assert!(archived.is_ok());
    let outcome = service::create(app, &Caller::Local, &checked, None).await;
    assert_eq!(refused(outcome), ("definition".to_owned(), "NOT_FOUND"));
}
