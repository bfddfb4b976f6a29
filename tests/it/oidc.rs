//! The company's people come with tokens of its own provider, and administer without one of ours.

use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    clock::{HOUR, MINUTE, now},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::PROGRAM;

const READ: &str = "{ profiles(first: 1) { nodes { id } } }";

/// A small provider on this machine: it describes itself and publishes its keys.
struct Provider {
    issuer: String,
    key: Ed25519KeyPair,
    keys: Arc<Mutex<Vec<Value>>>,
}

impl Provider {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let issuer = format!("http://{address}");
        let key = Ed25519KeyPair::generate().expect("a key");
        let keys = Arc::new(Mutex::new(vec![jwk(&key, "first")]));
        let (published, described) = (Arc::clone(&keys), issuer.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let keys = published.lock().expect("the keys").clone();
                let _ = answer(stream, &described, &keys).await;
            }
        });
        Self { issuer, key, keys }
    }

    fn publish(&self, keys: Vec<Value>) {
        *self.keys.lock().expect("the keys") = keys;
    }

    fn settings(&self) -> String {
        format!(
            "[{{issuer=\"{}\",audience=\"lazo\",role_claim=\"realm_access.roles\",\
             roles={{admins=\"admin\",support=\"support\"}}}}]",
            self.issuer
        )
    }

    fn token(&self, role: &str, kid: &str, key: &Ed25519KeyPair) -> String {
        let seconds = now() / 1000;
        let header = json!({ "alg": "EdDSA", "kid": kid, "typ": "at+jwt" });
        let claims = json!({
            "iss": self.issuer, "aud": ["account", "lazo"], "sub": "person-7",
            "realm_access": { "roles": ["offline_access", role] },
            "iat": seconds, "exp": seconds + 7_200,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(&claims));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).as_ref());
        format!("{text}.{signature}")
    }
}

fn jwk(key: &Ed25519KeyPair, kid: &str) -> Value {
    let public = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "alg": "EdDSA", "x": public })
}

async fn answer(mut stream: TcpStream, issuer: &str, keys: &[Value]) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let document = if request.starts_with(b"GET /.well-known/openid-configuration ") {
        json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") })
    } else {
        json!({ "keys": keys })
    };
    let body = document.to_string();
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

async fn server(engine: Engine, provider: &Provider) -> TestServer {
    let settings = [
        ("LAZO_DEVELOPMENT", "true"),
        ("LAZO_OIDC", &provider.settings()),
    ];
    TestServer::start_with(engine, PROGRAM, &settings).await
}

#[rstest]
#[tokio::test]
async fn a_person_of_the_company_does_what_their_role_allows_and_is_named_in_the_audit_log(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let provider = Provider::start().await;
    let server = server(engine, &provider).await;
    let admin = server.platform(Some(provider.token("admins", "first", &provider.key)));
    let support = server.platform(Some(provider.token("support", "first", &provider.key)));
    let nobody = server.platform(Some(provider.token("cooks", "first", &provider.key)));

    admin.query(READ, json!({})).await;
    support.query(READ, json!({})).await;
    assert_eq!(nobody.send(READ, json!({})).await.status, 401);
    let create = json!({ "name": "newsletter", "scopes": ["profiles:read"] });
    admin
        .mutate("tokenCreate", "token { id }", create.clone())
        .await;
    let mutation = "mutation($input: TokenCreateInput!) { tokenCreate(input: $input) { secret } }";
    let refused = support.send(mutation, json!({ "input": create })).await;
    assert_eq!(refused.codes(), ["FORBIDDEN"]);

    let ours = server.admin().await;
    ours.query(READ, json!({})).await;

    let connection = server.database().connect().await;
    let query = "SELECT actor FROM audit_entry WHERE action = 'token.create' ORDER BY id LIMIT 1";
    let row = connection
        .query_one_raw(Statement::from_string(
            connection.get_database_backend(),
            query,
        ))
        .await
        .expect("the audit log is read")
        .expect("an entry");
    let actor: String = row.try_get("", "actor").expect("a text");
    assert_eq!(actor, format!("openid:{}#person-7", provider.issuer));
    connection.close().await.expect("the connection is closed");

    let storefront = server.storefront(Some(provider.token("admins", "first", &provider.key)));
    let viewer = storefront.send("{ viewer { version } }", json!({})).await;
    assert_eq!(viewer.status, 401, "the storefront is for visitors");
}

#[rstest]
#[tokio::test]
async fn the_providers_next_key_is_found_and_a_token_ends_at_its_time(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let provider = Provider::start().await;
    let server = server(engine, &provider).await;
    let old = server.platform(Some(provider.token("admins", "first", &provider.key)));
    old.query(READ, json!({})).await;

    let second = Ed25519KeyPair::generate().expect("a key");
    provider.publish(vec![jwk(&provider.key, "first"), jwk(&second, "second")]);
    let new = server.platform(Some(provider.token("admins", "second", &second)));
    assert_eq!(
        new.send(READ, json!({})).await.status,
        401,
        "asked a moment ago"
    );
    server.move_clock(MINUTE).await;
    new.query(READ, json!({})).await;
    old.query(READ, json!({})).await;

    server.move_clock(2 * HOUR + MINUTE).await;
    assert_eq!(new.send(READ, json!({})).await.status, 401);
}

#[rstest]
#[case::not_by_tls("[{issuer=\"http://login.example.com\",audience=\"lazo\",roles={a=\"admin\"}}]")]
#[case::no_roles("[{issuer=\"https://login.example.com\",audience=\"lazo\",roles={}}]")]
#[case::an_unknown_role(
    "[{issuer=\"https://login.example.com\",audience=\"lazo\",roles={a=\"god\"}}]"
)]
#[case::an_unknown_setting(
    "[{issuer=\"https://login.example.com\",audience=\"lazo\",roles={a=\"admin\"},rols={}}]"
)]
#[case::nobody_meant("[{issuer=\"https://login.example.com\",audience=\"\",roles={a=\"admin\"}}]")]
#[tokio::test]
async fn a_provider_that_cannot_be_trusted_stops_the_start(#[case] settings: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = lazo_tests::server::program(PROGRAM)
        .arg("serve")
        .current_dir(folder.path())
        .env("LAZO_OIDC", settings)
        .output()
        .expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(errors.contains("LAZO_OIDC"), "{errors}");
}
