//! Signing keys that come and go, and the keys of sources.

use std::time::Duration;

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::*;

#[tokio::test]
async fn a_new_key_of_another_process_is_found_and_asked_for_at_most_every_five_seconds() {
    let world = World::new().await;
    world.auth.keyring().await.unwrap();
    let elsewhere = Authenticator::new(
        world.db.clone(),
        world.clock.clone(),
        Arc::clone(&world.secret),
    );
    let token_by_key = async |bits: u128| {
        let id = SigningKeyId(Uuid::from_u128(bits));
        world.clock.advance(1);
        issue::signing_key(&world.db, &world.secret, id, world.clock.now())
            .await
            .unwrap();
        let before = SigningKeyId(Uuid::from_u128(bits - 1));
        store::retire_signing_key(&world.db, before, world.clock.now())
            .await
            .unwrap();
        elsewhere.forget_keys().await;
        let subjects = [("anonymous_id".to_owned(), bits.to_string())];
        let life = Duration::from_mins(15);
        let claims = VisitorClaims::new(id.0, &subjects, vec![], world.clock.now(), life);
        let keyring = elsewhere.keyring().await.unwrap();
        keyring
            .sign(&claims.unwrap())
            .unwrap()
            .expose_secret()
            .to_owned()
    };
    let second = token_by_key(2).await;
    assert!(world.at(Door::Storefront, &second).await.is_ok());
    let third = token_by_key(3).await;
    assert_eq!(
        world.at(Door::Storefront, &third).await,
        Err(AuthError::Invalid)
    );
    world.clock.advance(5_000);
    assert!(world.at(Door::Storefront, &third).await.is_ok());
}

#[tokio::test]
async fn a_retired_key_signs_nothing_more_and_its_visitor_tokens_end_within_the_hour() {
    let world = World::new().await;
    let (internal, visitor) = (world.internal_token().await, world.visitor_token().await);
    world.clock.advance(1_000);
    let now = world.clock.now();
    assert!(
        store::retire_signing_key(&world.db, world.key.id, now)
            .await
            .unwrap()
    );
    world.auth.forget_keys().await;

    assert!(!world.auth.keyring().await.unwrap().can_sign());
    assert!(world.at(Door::Storefront, &visitor).await.is_ok());

    // What another process signed before it knew of it is good, and nothing later.
    world.clock.advance(95_000);
    let mut late = visitor_claims();
    for (issued, is_good) in [(START_SECONDS + 60, true), (START_SECONDS + 92, false)] {
        late["iat"] = json!(issued);
        late["exp"] = json!(issued + 3_600);
        let answer = world.at(Door::Storefront, &world.forge(&late)).await;
        assert_eq!(answer.is_ok(), is_good);
    }

    world.clock.advance(3_600_001);
    assert!(world.at(Door::Storefront, &visitor).await.is_err());
    assert!(world.platform(&internal).await.is_ok());
}

#[tokio::test]
async fn a_source_is_found_by_either_key_and_archived_ones_are_told_apart() {
    let world = World::new().await;
    let key = || OpaqueToken::generate(OpaqueKind::Source).unwrap();
    let (first, second, unknown) = (key(), key(), key());
    let row = source::Model {
        id: SourceId(Uuid::from_u128(1)),
        name: "shop".into(),
        channel: "WEB".into(),
        trusted: false,
        live: true,
        shop: "shop".into(),
        region: None,
        links_known: false,
        allowed_origins: json!([]),
        key_hash: first.hash(&world.secret),
        key_hint: first.hint(),
        second_key_hash: Some(second.hash(&world.secret)),
        second_key_hint: Some(second.hint()),
        created_at: Timestamp(START),
        archived_at: Some(Timestamp(START)),
        version: 1,
    };
    let row = row.into_active_model().insert(&world.db).await.unwrap();
    let keys = SourceKeys::new(
        world.db.clone(),
        world.clock.clone(),
        Arc::clone(&world.secret),
    );
    for key in [&first, &second] {
        let found = keys.find(key.expose()).await.unwrap().unwrap();
        assert_eq!(
            (found.id, found.archived_at),
            (row.id, Some(Timestamp(START)))
        );
    }
    assert_eq!(keys.find(unknown.expose()).await, Ok(None));
    assert_eq!(keys.find("lazo_src_").await, Ok(None));

    // A key taken from the source is refused at once where that was done, elsewhere after four seconds.
    let mut changed = row.clone().into_active_model();
    changed.second_key_hash = sea_orm::Set(None);
    source::Entity::update(changed)
        .exec(&world.db)
        .await
        .unwrap();
    assert!(keys.find(second.expose()).await.unwrap().is_some());
    keys.forget(&row).await;
    assert_eq!(keys.find(second.expose()).await, Ok(None));
}
