//! The provider's keys: which count, how long they are kept, and what becomes of us while it is away.

use super::*;

#[rstest]
#[case::encrypting(json!({ "use": "enc" }))]
#[case::of_another_kind(json!({ "alg": "RS256" }))]
#[case::that_wraps_keys(json!({ "key_ops": ["wrapKey"] }))]
#[case::without_an_id(json!({ "kid": null }))]
#[tokio::test]
async fn a_key_for_something_else_verifies_nothing(#[case] changes: Json) {
    let (key, other) = (Key::ed(), Key::ed());
    let mut jwk = key.jwk("k1");
    for (name, value) in changes.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    let world = World::new("", vec![jwk, other.jwk("k2")]).await;
    let token = key.token(&header_of(&key, "k1"), &world.claims());
    assert_eq!(world.caller(&token).await, Err(AuthError::Invalid));
}

#[tokio::test]
async fn of_two_keys_with_one_id_neither_counts() {
    let (one, two) = (Key::ed(), Key::ed());
    let keys = vec![one.jwk("k1"), two.jwk("k1"), Key::ed().jwk("k2")];
    let world = World::new("", keys).await;
    for key in [one, two] {
        let token = key.token(&header_of(&key, "k1"), &world.claims());
        assert_eq!(world.caller(&token).await, Err(AuthError::Invalid));
    }
}

#[tokio::test]
async fn keys_are_kept_for_ten_minutes_and_asked_for_at_most_once_a_minute() {
    let (old, new) = (Key::ed(), Key::ed());
    let world = World::new("max_lifetime_seconds = 86400", vec![old.jwk("old")]).await;
    let mut claims = world.claims();
    claims["exp"] = json!(SECONDS + 80_000);
    let (by_old, by_new) = (
        old.token(&header_of(&old, "old"), &claims),
        new.token(&header_of(&new, "new"), &claims),
    );
    for _ in 0..3 {
        assert!(world.caller(&by_old).await.is_ok());
    }
    assert_eq!(world.asked(), 1);

    // A key that came since is found, and strangers make us ask no more often.
    world.answer(Answers::Keys(vec![old.jwk("old"), new.jwk("new")]));
    assert!(world.at(&by_new, NOW + 59_000).await.is_err());
    assert_eq!(world.asked(), 1);
    assert!(world.at(&by_new, NOW + 60_000).await.is_ok());
    let stranger = new.token(&header_of(&new, "nobody's"), &claims);
    for _ in 0..5 {
        let answer = world.at(&stranger, NOW + 100_000).await;
        assert_eq!(answer, Err(AuthError::Invalid));
    }
    assert_eq!(world.asked(), 2);

    // A key that is gone is refused after ten minutes; while nobody answers, the last good ones hold, for a day.
    world.answer(Answers::Keys(vec![new.jwk("new")]));
    let later = NOW + 60_000 + 600_000;
    assert!(world.at(&by_old, later - 1).await.is_ok());
    assert_eq!(world.at(&by_old, later).await, Err(AuthError::Invalid));
    world.answer(Answers::Status(500));
    assert!(world.at(&by_new, later + 3_600_000).await.is_ok());
    assert!(world.at(&by_new, later + 3_630_000).await.is_ok());
    assert_eq!(world.asked(), 4);
}

#[rstest]
#[case::elsewhere(Answers::Redirect)]
#[case::an_error(Answers::Status(500))]
#[case::no_json(Answers::Text("<html>".to_owned()))]
#[case::another_document(Answers::Text("{}".to_owned()))]
#[case::no_keys(Answers::Keys(vec![]))]
#[case::too_large(Answers::Text(format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(66_000))))]
#[tokio::test]
async fn without_sound_keys_nobody_is_let_in_and_it_is_asked_again(#[case] answers: Answers) {
    let key = Key::ed();
    let world = World::new("", vec![key.jwk("k1")]).await;
    let token = key.token(&header_of(&key, "k1"), &world.claims());
    world.answer(answers);
    assert_eq!(world.caller(&token).await, Err(AuthError::Unavailable));
    world.answer(Answers::Keys(vec![key.jwk("k1")]));
    assert!(world.at(&token, NOW + 5_000).await.is_ok());
}

#[tokio::test]
async fn a_set_of_more_keys_than_anybody_has_is_refused() {
    let key = Key::ed();
    let keys = |number: usize| (0..number).map(|n| key.jwk(&format!("k{n}"))).collect();
    let world = World::new("", keys(21)).await;
    let token = key.token(&header_of(&key, "k1"), &world.claims());
    assert_eq!(world.caller(&token).await, Err(AuthError::Unavailable));
    world.answer(Answers::Keys(keys(20)));
    assert!(world.at(&token, NOW + 5_000).await.is_ok());
}

#[tokio::test]
async fn a_description_of_another_issuer_is_not_believed() {
    let key = Key::ed();
    let world = World::new("", vec![key.jwk("k1")]).await;
    *world.server.issuer.lock().unwrap() = "http://127.0.0.1:1".to_owned();
    let token = key.token(&header_of(&key, "k1"), &world.claims());
    assert_eq!(world.caller(&token).await, Err(AuthError::Unavailable));
    assert_eq!(world.asked(), 0);
}
