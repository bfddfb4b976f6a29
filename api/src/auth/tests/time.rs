//! Tokens over time: expiry, revocation, and a database that is away.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

#[tokio::test]
async fn a_token_expires_by_our_clock_though_it_is_remembered() {
    let world = World::new().await;
    let internal = world.internal_token().await;
    let visitor = world.visitor_token().await;
    assert!(world.platform(&internal).await.is_ok());
    assert!(world.at(Door::Storefront, &visitor).await.is_ok());

    world.clock.advance(3_600_000 + 31_000);
    assert!(world.platform(&internal).await.is_ok());
    assert_eq!(
        world.at(Door::Storefront, &visitor).await,
        Err(AuthError::Invalid)
    );

    world.clock.advance(11 * 3_600_000);
    assert_eq!(world.platform(&internal).await, Err(AuthError::Invalid));
}

#[tokio::test]
async fn a_revoked_token_is_refused_after_four_seconds_everywhere_and_at_once_here() {
    let world = World::new().await;
    let internal = world.internal_token().await;
    let integration = world.integration_token().await;
    for (token, id) in [(&internal, token_id(7)), (&integration, token_id(8))] {
        assert!(world.platform(token).await.is_ok());
        assert!(
            store::revoke_token(&world.db, id, world.clock.now())
                .await
                .unwrap()
        );
        assert!(
            !store::revoke_token(&world.db, id, world.clock.now())
                .await
                .unwrap()
        );

        world.clock.advance(3_999);
        assert!(world.platform(token).await.is_ok());
        world.clock.advance(1);
        assert_eq!(world.platform(token).await, Err(AuthError::Invalid));
    }

    let world = World::new().await;
    let integration = world.integration_token().await;
    assert!(world.platform(&integration).await.is_ok());
    store::revoke_token(&world.db, token_id(8), world.clock.now())
        .await
        .unwrap();
    let row = store::token_by_id(&world.db, token_id(8))
        .await
        .unwrap()
        .unwrap();
    world.auth.forget(&row).await;
    assert_eq!(world.platform(&integration).await, Err(AuthError::Invalid));
}

#[tokio::test]
async fn what_was_confirmed_holds_for_a_minute_without_the_database() {
    let world = World::new().await;
    let tokens = [
        (Door::Platform, world.internal_token().await),
        (Door::Platform, world.integration_token().await),
        (Door::Storefront, world.visitor_token().await),
    ];
    for (door, token) in &tokens {
        assert!(world.at(*door, token).await.is_ok());
    }
    world.go_away().await;
    for step in [5_000, 500, 54_500] {
        world.clock.advance(step);
        for (door, token) in &tokens {
            assert!(world.at(*door, token).await.is_ok());
        }
    }
    world.clock.advance(1);
    for (door, token) in &tokens {
        assert_eq!(world.at(*door, token).await, Err(AuthError::Unavailable));
    }
}

#[tokio::test]
async fn what_was_never_confirmed_is_not_accepted_without_the_database() {
    let world = World::new().await;
    let (internal, integration) = (
        world.internal_token().await,
        world.integration_token().await,
    );
    world.go_away().await;
    assert_eq!(world.platform(&internal).await, Err(AuthError::Unavailable));
    assert_eq!(
        world.platform(&integration).await,
        Err(AuthError::Unavailable)
    );
}

#[tokio::test]
async fn malformed_tokens_are_refused_without_the_database_and_leave_nothing_behind() {
    let world = World::new().await;
    let genuine = world.internal_token().await;
    let head = &genuine[..genuine.rfind('.').unwrap()];
    for attempt in 0..50 {
        let opaque = format!("lazo_int_{attempt:038}");
        assert_eq!(world.platform(&opaque).await, Err(AuthError::Invalid));
        let signature = URL_SAFE_NO_PAD.encode([attempt; 64]);
        let jwt = format!("{head}.{signature}");
        assert_eq!(world.platform(&jwt).await, Err(AuthError::Invalid));
    }
    assert_eq!(world.auth.remembered_tokens().await, (0, 0));
    assert_eq!(world.auth.remembered_signatures().await, 0);
    world.go_away().await;
    let opaque = format!("lazo_int_{:038}", 0);
    assert_eq!(world.platform(&opaque).await, Err(AuthError::Invalid));
}

#[tokio::test]
async fn an_unknown_token_is_looked_up_once_in_two_seconds() {
    let world = World::new().await;
    let token = OpaqueToken::generate(OpaqueKind::Integration).unwrap();
    assert_eq!(
        world.platform(token.expose()).await,
        Err(AuthError::Invalid)
    );
    world.go_away().await;
    assert_eq!(
        world.platform(token.expose()).await,
        Err(AuthError::Invalid)
    );
    assert_eq!(world.auth.remembered_tokens().await, (0, 1));
    world.clock.advance(2_000);
    assert_eq!(
        world.platform(token.expose()).await,
        Err(AuthError::Unavailable)
    );
}
