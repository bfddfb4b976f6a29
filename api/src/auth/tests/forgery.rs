//! Tokens that were not issued by us, or say what none of ours may.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use lazo_domain::id::{SigningKeyId, TokenId};
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

#[rstest]
#[case::none(None, AuthError::Missing)]
#[case::empty(Some(""), AuthError::Invalid)]
#[case::no_token(Some("Bearer "), AuthError::Invalid)]
#[case::basic(Some("Basic bGF6bzpsYXpv"), AuthError::Invalid)]
#[case::two_tokens(Some("Bearer a b"), AuthError::Invalid)]
#[case::source_key(Some("Bearer lazo_src_"), AuthError::Invalid)]
#[tokio::test]
async fn other_headers_are_refused(#[case] header: Option<&str>, #[case] expected: AuthError) {
    let world = World::new().await;
    for door in [Door::Platform, Door::Storefront] {
        assert_eq!(world.auth.authenticate(door, header).await, Err(expected));
    }
}

#[rstest]
#[case::as_issued(json!({}), true)]
#[case::over_an_hour(json!({"exp": START_SECONDS + 3601}), false)]
#[case::exp_as_string(json!({"exp": (START_SECONDS + 3600).to_string()}), false)]
#[case::exp_as_word(json!({"exp": "never"}), false)]
#[case::exp_as_fraction(json!({"exp": 1_800_003_600.5}), false)]
#[case::exp_missing(json!({"exp": null}), false)]
#[case::exp_huge(json!({"exp": u64::MAX}), false)]
#[case::expired(json!({"iat": START_SECONDS - 3600, "exp": START_SECONDS - 31}), false)]
#[case::nbf_past(json!({"nbf": START_SECONDS}), true)]
#[case::nbf_future(json!({"nbf": START_SECONDS + 60}), false)]
#[case::nbf_as_string(json!({"nbf": START_SECONDS.to_string()}), false)]
#[case::iat_missing(json!({"iat": null}), false)]
#[case::iat_future(json!({"iat": START_SECONDS + 600}), false)]
#[case::other_audience(json!({"aud": "lazo:internal"}), false)]
#[case::several_audiences(json!({"aud": ["lazo:visitor", "lazo:internal"]}), false)]
#[case::no_audience(json!({"aud": null}), false)]
#[case::other_issuer(json!({"iss": "else"}), false)]
#[case::no_issuer(json!({"iss": null}), false)]
#[case::no_subject(json!({"sub": null}), false)]
#[case::empty_subject(json!({"sub": "customer_id:"}), false)]
#[case::subject_by_email(json!({"sub": "email:ana@example.com"}), false)]
#[case::no_jti(json!({"jti": null}), false)]
#[case::no_purposes(json!({"purposes": null}), false)]
#[tokio::test]
async fn our_signature_alone_is_not_enough(#[case] change: Value, #[case] accepted: bool) {
    let world = World::new().await;
    let mut claims = visitor_claims();
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let outcome = world.at(Door::Storefront, &world.forge(&claims)).await;
    assert_eq!(outcome.is_ok(), accepted, "{outcome:?}");
}

#[tokio::test]
async fn an_algorithm_of_the_senders_choice_is_refused() {
    let world = World::new().await;
    let claims = visitor_claims();
    let genuine = world.forge(&claims);
    assert!(world.at(Door::Storefront, &genuine).await.is_ok());

    let payload = genuine.split('.').nth(1).unwrap().to_owned();
    let kid = &world.key.kid;
    for alg in ["none", "None", "HS256", "EdDSA", "ES256"] {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": kid}).to_string());
        for signature in ["", "AAAA"] {
            let token = format!("{header}.{payload}.{signature}");
            assert_eq!(
                world.at(Door::Storefront, &token).await,
                Err(AuthError::Invalid),
                "{alg}"
            );
        }
    }
    let public = EncodingKey::from_secret(&world.key.public_key);
    let confused = world.sign(Algorithm::HS256, Some(kid), &claims, &public);
    assert_eq!(
        world.at(Door::Storefront, &confused).await,
        Err(AuthError::Invalid)
    );
}

#[tokio::test]
async fn a_foreign_key_is_refused_under_any_kid() {
    let world = World::new().await;
    let other = DeploymentSecret::ephemeral().unwrap();
    let id = SigningKeyId(Uuid::from_u128(2));
    // Whoever can write to the table of keys still cannot sign: the row does not open under our secret.
    let row = issue::signing_key(&world.db, &other, id, world.clock.now())
        .await
        .unwrap();
    let document = other.open(&row.kid, &row.private_key).unwrap();
    let key = EncodingKey::from_ed_der(&document);
    for kid in [
        None,
        Some("../key"),
        Some(row.kid.as_str()),
        Some(world.key.kid.as_str()),
    ] {
        let token = world.sign(Algorithm::EdDSA, kid, &visitor_claims(), &key);
        assert_eq!(
            world.at(Door::Storefront, &token).await,
            Err(AuthError::Invalid),
            "{kid:?}"
        );
    }
}

#[tokio::test]
async fn a_tampered_token_is_refused() {
    let world = World::new().await;
    let token = world.internal_token().await;
    assert!(world.platform(&token).await.is_ok());
    for place in (0..token.len()).step_by(7) {
        let wrong = if &token[place..=place] == "A" {
            "B"
        } else {
            "A"
        };
        let tampered = format!("{}{wrong}{}", &token[..place], &token[place + 1..]);
        assert_eq!(
            world.platform(&tampered).await,
            Err(AuthError::Invalid),
            "place {place}"
        );
    }
}

#[tokio::test]
async fn an_internal_token_needs_its_row_and_the_role_of_its_row() {
    let world = World::new().await;
    world.internal_token().await;
    let claims = |jti: TokenId, role: &str| {
        json!({
            "iss": "lazo", "aud": "lazo:internal", "sub": "ana", "jti": jti, "role": role,
            "iat": START_SECONDS, "exp": START_SECONDS + 3600,
        })
    };
    let genuine = world.forge(&claims(token_id(7), "marketer"));
    assert!(world.platform(&genuine).await.is_ok());
    for claims in [
        claims(token_id(70), "marketer"),
        claims(token_id(7), "admin"),
    ] {
        assert_eq!(
            world.platform(&world.forge(&claims)).await,
            Err(AuthError::Invalid)
        );
    }
}
