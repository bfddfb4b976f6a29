//! What an attacker or an outage can do to authentication: nothing, and little.

mod forgery;
mod forgetting;
mod keys;
mod time;

use std::sync::Arc;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lazo_domain::access::{Role, Scope, Scopes};
use lazo_domain::clock::Timestamp;
use lazo_domain::id::{SigningKeyId, SourceId, TokenId};
use lazo_entity::{signing_key, source, token};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Schema};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::{Caller, Credential};
use super::jwt::{LONGEST_VISITOR, VisitorClaims};
use super::opaque::{OpaqueKind, OpaqueToken};
use super::secret::DeploymentSecret;
use super::service::{Authenticator, Door};
use super::source_keys::SourceKeys;
use super::{AuthError, install_crypto, issue, store};
use crate::clock::{Clock, ManualClock};

const START: i64 = 1_800_000_000_000;
const START_SECONDS: i64 = START / 1000;

struct World {
    db: DatabaseConnection,
    clock: Arc<ManualClock>,
    secret: Arc<DeploymentSecret>,
    auth: Authenticator<DatabaseConnection>,
    key: signing_key::Model,
}

fn token_id(bits: u128) -> TokenId {
    TokenId(Uuid::from_u128(bits))
}

impl World {
    async fn new() -> Self {
        install_crypto();
        install_crypto();
        let db = Database::connect("sqlite::memory:").await.unwrap();
        let schema = Schema::new(db.get_database_backend());
        db.execute(&schema.create_table_from_entity(token::Entity))
            .await
            .unwrap();
        db.execute(&schema.create_table_from_entity(signing_key::Entity))
            .await
            .unwrap();
        db.execute(&schema.create_table_from_entity(source::Entity))
            .await
            .unwrap();
        let secret = Arc::new(DeploymentSecret::ephemeral().unwrap());
        let clock = ManualClock::at(START);
        let id = SigningKeyId(Uuid::from_u128(1));
        let key = issue::signing_key(&db, &secret, id, clock.now())
            .await
            .unwrap();
        let auth = Authenticator::new(db.clone(), clock.clone(), Arc::clone(&secret));
        Self {
            db,
            clock,
            secret,
            auth,
            key,
        }
    }

    fn request(&self, id: TokenId) -> issue::Request<'static> {
        issue::Request {
            id,
            name: "ana",
            now: self.clock.now(),
            lifetime: None,
            created_by: "cli",
        }
    }

    async fn internal_token(&self) -> String {
        let keyring = self.auth.keyring().await.unwrap();
        let (_, text) = issue::internal(
            &self.db,
            &keyring,
            self.request(token_id(7)),
            Role::Marketer,
        )
        .await
        .unwrap();
        text.expose_secret().to_owned()
    }

    async fn integration_token(&self) -> String {
        let (scopes, purposes) = (Scopes::of(&[Scope::ProfilesRead]), ["marketing".to_owned()]);
        let request = self.request(token_id(8));
        let (_, text) = issue::integration(&self.db, &self.secret, request, scopes, &purposes)
            .await
            .unwrap();
        text.expose().to_owned()
    }

    async fn visitor_token(&self) -> String {
        let subjects = [("customer_id".to_owned(), "C".to_owned())];
        let claims = VisitorClaims::new(
            Uuid::from_u128(9),
            &subjects,
            vec!["personalization".to_owned()],
            self.clock.now(),
            LONGEST_VISITOR,
        );
        let keyring = self.auth.keyring().await.unwrap();
        keyring
            .sign(&claims.unwrap())
            .unwrap()
            .expose_secret()
            .to_owned()
    }

    async fn at(&self, door: Door, token: &str) -> Result<Caller, AuthError> {
        self.auth
            .authenticate(door, Some(&format!("Bearer {token}")))
            .await
    }

    async fn platform(&self, token: &str) -> Result<Caller, AuthError> {
        self.at(Door::Platform, token).await
    }

    /// Signs anything with the deployment's own key.
    fn forge(&self, claims: &Value) -> String {
        let document = self
            .secret
            .open(&self.key.kid, &self.key.private_key)
            .unwrap();
        self.sign(
            Algorithm::EdDSA,
            Some(&self.key.kid),
            claims,
            &EncodingKey::from_ed_der(&document),
        )
    }

    #[expect(clippy::unused_self, reason = "a world has installed the cryptography")]
    fn sign(&self, alg: Algorithm, kid: Option<&str>, claims: &Value, key: &EncodingKey) -> String {
        let mut header = Header::new(alg);
        header.kid = kid.map(str::to_owned);
        jsonwebtoken::encode(&header, claims, key).unwrap()
    }

    async fn go_away(&self) {
        self.db.clone().close().await.unwrap();
    }
}

fn visitor_claims() -> Value {
    json!({
        "iss": "lazo", "aud": "lazo:visitor", "sub": "customer_id:C", "jti": "1", "purposes": [],
        "iat": START_SECONDS, "exp": START_SECONDS + 3600,
    })
}

#[tokio::test]
async fn each_door_takes_its_own_tokens_alone() {
    let world = World::new().await;
    let internal = world.internal_token().await;
    let integration = world.integration_token().await;
    let visitor = world.visitor_token().await;

    assert_eq!(
        world.platform(&internal).await,
        Ok(Caller::Internal {
            credential: Credential::Token(token_id(7)),
            subject: "ana".into(),
            role: Role::Marketer
        })
    );
    assert_eq!(
        world.platform(&integration).await,
        Ok(Caller::Integration {
            token: token_id(8),
            name: "ana".into(),
            scopes: Scopes::of(&[Scope::ProfilesRead]),
            purposes: vec!["marketing".into()],
        })
    );
    assert_eq!(
        world.at(Door::Storefront, &visitor).await,
        Ok(Caller::Visitor {
            subjects: vec![("customer_id".into(), "C".into())],
            purposes: vec!["personalization".into()],
        })
    );
    assert_eq!(world.platform(&visitor).await, Err(AuthError::Invalid));
    assert_eq!(
        world.at(Door::Storefront, &internal).await,
        Err(AuthError::Invalid)
    );
    assert_eq!(
        world.at(Door::Storefront, &integration).await,
        Err(AuthError::Invalid)
    );
}

#[tokio::test]
async fn a_request_may_move_between_threads_while_its_caller_is_found() {
    fn movable<T: Send>(value: T) -> T {
        value
    }
    let world = World::new().await;
    let outcome = movable(world.auth.authenticate(Door::Platform, None)).await;
    assert_eq!(outcome, Err(AuthError::Missing));
}
