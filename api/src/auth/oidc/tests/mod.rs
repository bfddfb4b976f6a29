//! What the company's people are let in by, and nobody else.

mod keys;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lazo_domain::access::Role;
use rstest::rstest;
use serde_json::{Value as Json, json};

use super::*;
use crate::auth::caller::Credential;
use crate::config::{self, ConfigFile};

const NOW: i64 = 1_800_000_000_000;
const SECONDS: i64 = NOW / 1000;

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Key {
    fn rsa() -> Self {
        Self::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
    }

    fn ec() -> Self {
        Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn ed() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    fn of(kind: &str) -> Self {
        match kind {
            "RS256" => Self::rsa(),
            "ES256" => Self::ec(),
            _ => Self::ed(),
        }
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    fn public(&self) -> Vec<u8> {
        match self {
            // The modulus within the usual form of an RSA key of 2048 bits (RFC 8017, appendix A.1.1).
            Self::Rsa(key) => key.public_key().as_ref()[9..265].to_vec(),
            Self::Ec(key) => key.public_key().as_ref()[1..].to_vec(),
            Self::Ed(key) => key.public_key().as_ref().to_vec(),
        }
    }

    fn jwk(&self, kid: &str) -> Json {
        let public = self.public();
        match self {
            Self::Rsa(_) => json!({ "kty": "RSA", "kid": kid, "n": b64(&public), "e": "AQAB" }),
            Self::Ec(_) => json!({
                "kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "alg": "ES256",
                "x": b64(&public[..32]), "y": b64(&public[32..]),
            }),
            Self::Ed(_) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "x": b64(&public) })
            }
        }
    }

    fn token(&self, header: &Json, claims: &Json) -> String {
        let text = format!(
            "{}.{}",
            b64(header.to_string().as_bytes()),
            b64(claims.to_string().as_bytes())
        );
        let signature = match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    text.as_bytes(),
                    &mut signature,
                )
                .unwrap();
                signature
            }
            Self::Ec(key) => {
                let signature = key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
                signature.as_ref().to_vec()
            }
            Self::Ed(key) => key.sign(text.as_bytes()).as_ref().to_vec(),
        };
        format!("{text}.{}", b64(&signature))
    }
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a provider answers to everything but its description.
#[derive(Clone)]
enum Answers {
    Keys(Vec<Json>),
    Text(String),
    Status(u16),
    Redirect,
}

struct Server {
    answers: Mutex<Answers>,
    asked: AtomicUsize,
    issuer: Mutex<String>,
}

async fn serve(State(server): State<Arc<Server>>, uri: Uri) -> Response {
    let issuer = server.issuer.lock().unwrap().clone();
    if uri.path() == "/.well-known/openid-configuration" {
        let jwks = format!("{issuer}/keys");
        return json!({ "issuer": issuer, "jwks_uri": jwks })
            .to_string()
            .into_response();
    }
    if uri.path() == "/elsewhere" {
        return "{\"keys\":[]}".into_response();
    }
    server.asked.fetch_add(1, Ordering::SeqCst);
    let answers = server.answers.lock().unwrap().clone();
    match answers {
        Answers::Keys(keys) => json!({ "keys": keys }).to_string().into_response(),
        Answers::Text(text) => text.into_response(),
        Answers::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answers::Redirect => {
            (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response()
        }
    }
}

/// A provider on this machine, and us who take its tokens.
struct World {
    server: Arc<Server>,
    issuer: String,
    providers: Providers,
}

impl World {
    async fn new(more: &str, keys: Vec<Json>) -> Self {
        crate::auth::install_crypto();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let server = Arc::new(Server {
            answers: Mutex::new(Answers::Keys(keys)),
            asked: AtomicUsize::new(0),
            issuer: Mutex::new(issuer.clone()),
        });
        let router = Router::new()
            .fallback(serve)
            .with_state(Arc::clone(&server));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let text = format!(
            "development = true\n[[oidc]]\nissuer = \"{issuer}\"\naudience = \"lazo\"\n\
             roles = {{ admins = \"admin\", support = \"support\", analysts = \"analyst\" }}\n{more}"
        );
        let file = ConfigFile {
            name: "lazo.toml".to_owned(),
            text,
        };
        let config = config::load(Some(&file), []).unwrap();
        let providers = Providers::new(&config).unwrap();
        Self {
            server,
            issuer,
            providers,
        }
    }

    fn claims(&self) -> Json {
        json!({
            "iss": self.issuer, "aud": "lazo", "sub": "person-7", "roles": ["support"],
            "iat": SECONDS - 10, "exp": SECONDS + 600,
        })
    }

    async fn at(&self, token: &str, now: i64) -> Result<Caller, AuthError> {
        self.providers.caller(token, Timestamp(now)).await.unwrap()
    }

    async fn caller(&self, token: &str) -> Result<Caller, AuthError> {
        self.at(token, NOW).await
    }

    fn answer(&self, answers: Answers) {
        *self.server.answers.lock().unwrap() = answers;
    }

    fn asked(&self) -> usize {
        self.server.asked.load(Ordering::SeqCst)
    }
}

fn header_of(key: &Key, kid: &str) -> Json {
    json!({ "alg": key.algorithm(), "kid": kid, "typ": "JWT" })
}

#[rstest]
#[tokio::test]
async fn a_token_of_the_provider_is_an_internal_caller(
    #[values("RS256", "ES256", "EdDSA")] kind: &str,
) {
    let key = Key::of(kind);
    let world = World::new("", vec![key.jwk("k1")]).await;

    let caller = world
        .caller(&key.token(&header_of(&key, "k1"), &world.claims()))
        .await
        .unwrap();

    let issuer = world.issuer.clone();
    assert_eq!(caller.actor(), format!("openid:{issuer}#person-7"));
    let expected = Caller::Internal {
        credential: Credential::OpenId { issuer },
        subject: "person-7".to_owned(),
        role: Role::Support,
    };
    assert_eq!(caller, expected);
}

#[rstest]
#[case::another_audience(json!({ "aud": "shop" }))]
#[case::no_audience(json!({ "aud": null }))]
#[case::expired(json!({ "exp": SECONDS - 31 }))]
#[case::for_ever(json!({ "exp": "never" }))]
#[case::a_text(json!({ "exp": "9999999999" }))]
#[case::no_end(json!({ "exp": null }))]
#[case::not_yet(json!({ "nbf": SECONDS + 31 }))]
#[case::not_yet_as_a_text(json!({ "nbf": "1" }))]
#[case::from_the_future(json!({ "iat": SECONDS + 31 }))]
#[case::no_beginning(json!({ "iat": null }))]
#[case::too_long(json!({ "exp": SECONDS + 43_200 }))]
#[case::nobody(json!({ "sub": " " }))]
#[case::a_line_of_the_log(json!({ "sub": "a\nb" }))]
#[case::somebody_long(json!({ "sub": "a".repeat(256) }))]
#[case::no_role(json!({ "roles": [] }))]
#[case::a_role_of_ours(json!({ "roles": ["admin"] }))]
#[case::a_role_that_is_none(json!({ "roles": 7 }))]
#[tokio::test]
async fn a_token_that_says_anything_else_is_refused(#[case] changes: Json) {
    let key = Key::ed();
    let world = World::new("", vec![key.jwk("k1")]).await;
    let mut claims = world.claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let token = key.token(&header_of(&key, "k1"), &claims);
    assert_eq!(world.caller(&token).await, Err(AuthError::Invalid));
}

#[rstest]
#[case::no_algorithm(json!({ "alg": "none", "kid": "k1" }))]
#[case::another_algorithm(json!({ "alg": "RS256", "kid": "k1" }))]
#[case::a_symmetric_one(json!({ "alg": "HS256", "kid": "k1" }))]
#[case::no_key(json!({ "alg": "EdDSA" }))]
#[case::an_unknown_key(json!({ "alg": "EdDSA", "kid": "k2" }))]
#[case::an_extension(json!({ "alg": "EdDSA", "kid": "k1", "crit": ["b64"], "b64": true }))]
#[tokio::test]
async fn a_header_that_fits_no_key_is_refused(#[case] header: Json) {
    let key = Key::ed();
    let world = World::new("", vec![key.jwk("k1")]).await;
    let token = key.token(&header, &world.claims());
    assert_eq!(world.caller(&token).await, Err(AuthError::Invalid));
}

#[tokio::test]
async fn a_token_brings_no_key_of_its_own() {
    let (ours, theirs) = (Key::ed(), Key::ed());
    let world = World::new("", vec![ours.jwk("k1")]).await;
    for (name, value) in [
        ("jwk", theirs.jwk("k1")),
        ("jku", json!(format!("{}/elsewhere", world.issuer))),
        ("x5u", json!(format!("{}/elsewhere", world.issuer))),
    ] {
        let mut header = header_of(&theirs, "k1");
        header[name] = value.clone();
        let forged = theirs.token(&header, &world.claims());
        assert_eq!(
            world.caller(&forged).await,
            Err(AuthError::Invalid),
            "{name}"
        );
        let mut header = header_of(&ours, "k1");
        header[name] = value;
        let good = ours.token(&header, &world.claims());
        assert!(world.caller(&good).await.is_ok(), "{name} is passed over");
    }
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn a_public_key_is_no_shared_secret() {
    let key = Key::rsa();
    let shared = json!({ "kty": "oct", "kid": "k2", "alg": "HS256", "k": b64(&key.public()) });
    let world = World::new("", vec![key.jwk("k1"), shared]).await;
    for kid in ["k1", "k2"] {
        let header = json!({ "alg": "HS256", "kid": kid }).to_string();
        let claims = world.claims().to_string();
        let text = format!("{}.{}", b64(header.as_bytes()), b64(claims.as_bytes()));
        let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key.public());
        let signature = aws_lc_rs::hmac::sign(&secret, text.as_bytes());
        let token = format!("{text}.{}", b64(signature.as_ref()));
        assert_eq!(world.caller(&token).await, Err(AuthError::Invalid));
    }
}

#[rstest]
#[case::one("role_claim = \"role\"", json!({ "role": "analysts" }), Some(Role::Analyst))]
#[case::the_first_of_several("", json!({ "roles": ["analysts", "admins"] }), Some(Role::Admin))]
#[case::a_path("role_claim = \"realm_access.roles\"", json!({ "realm_access": { "roles": ["admins"] } }), Some(Role::Admin))]
#[case::a_name_with_dots("role_claim = \"https://example.com/roles\"", json!({ "https://example.com/roles": ["support"] }), Some(Role::Support))]
#[case::unknown_ones_beside("", json!({ "roles": ["cooks", 7, "support"] }), Some(Role::Support))]
#[case::elsewhere("role_claim = \"groups\"", json!({ "roles": ["admins"] }), None)]
#[tokio::test]
async fn the_role_is_what_the_configuration_makes_of_the_claim(
    #[case] settings: &str,
    #[case] more: Json,
    #[case] expected: Option<Role>,
) {
    let key = Key::ed();
    let world = World::new(settings, vec![key.jwk("k1")]).await;
    let mut claims = world.claims();
    claims["roles"] = Json::Null;
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let caller = world
        .caller(&key.token(&header_of(&key, "k1"), &claims))
        .await;
    let role = caller.ok().and_then(|caller| match caller {
        Caller::Internal { role, .. } => Some(role),
        _ => None,
    });
    assert_eq!(role, expected);
}

#[tokio::test]
async fn a_token_of_anybody_else_is_left_to_others() {
    let key = Key::ed();
    let world = World::new("", vec![key.jwk("k1")]).await;
    let mut claims = world.claims();
    claims["iss"] = json!("lazo");
    let token = key.token(&header_of(&key, "k1"), &claims);
    assert!(
        world
            .providers
            .caller(&token, Timestamp(NOW))
            .await
            .is_none()
    );
    assert!(
        world
            .providers
            .caller("a.b", Timestamp(NOW))
            .await
            .is_none()
    );
    assert_eq!(world.asked(), 0);
}
