//! Who may do what: nobody without a token, and each token only what it names.

use std::time::Duration;

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    clock::{HOUR, MINUTE, SECOND},
    graphql::{Caller, user_error_codes},
    segment::{identify, page},
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::start;

const READ: &str = "{ profiles(first: 1) { nodes { id } } }";

async fn token_id(admin: &Caller, name: &str) -> Value {
    let data = admin
        .query(
            "{ tokens(first: 50) { nodes { id name scopes kind } } }",
            json!({}),
        )
        .await;
    data["tokens"]["nodes"]
        .as_array()
        .and_then(|nodes| nodes.iter().find(|node| node["name"] == name))
        .map(|node| node["id"].clone())
        .expect("the token is listed")
}

async fn visitor_token(admin: &Caller, input: Value) -> String {
    let payload = admin
        .mutate("visitorTokenIssue", "token expiresAt", input)
        .await;
    payload["token"].as_str().expect("a token").to_owned()
}

#[rstest]
#[case::nonsense("nonsense")]
#[case::almost("lazo_int_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA_deadbeef")]
#[case::no_algorithm("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.")]
#[case::empty("")]
#[tokio::test]
async fn a_wrong_token_is_401(#[values(Sqlite, Postgres)] engine: Engine, #[case] token: &str) {
    let server = start(engine).await;

    for caller in [
        server.platform(Some(token.to_owned())),
        server.storefront(Some(token.to_owned())),
    ] {
        let answer = caller.send("{ __typename }", json!({})).await;
        assert_eq!(answer.status, 401, "{}", caller.url());
        assert!(answer.headers.contains_key("www-authenticate"));
        answer.refused("UNAUTHENTICATED");
    }
}

#[rstest]
#[tokio::test]
async fn without_a_token_nothing_is_read(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;

    server
        .platform(None)
        .send(READ, json!({}))
        .await
        .refused("UNAUTHENTICATED");
    server
        .storefront(None)
        .send("{ viewer { version } }", json!({}))
        .await
        .refused("UNAUTHENTICATED");
}

#[rstest]
#[tokio::test]
async fn a_source_key_never_reads(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let key = server.source("shop", "web", true).await;

    let answer = server
        .platform(Some(key.clone()))
        .send(READ, json!({}))
        .await;
    let basic = server
        .http()
        .post(server.url("/graphql"))
        .basic_auth(&key, Some(""))
        .json(&json!({ "query": READ }))
        .send()
        .await
        .expect("an answer");

    assert_eq!(answer.status, 401);
    assert_eq!(basic.status(), 401);
}

#[rstest]
#[tokio::test]
async fn a_token_of_one_schema_opens_nothing_in_the_other(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let visitor = visitor_token(&admin, json!({ "anonymousId": "device-1" })).await;

    let visitor_on_platform = server.platform(Some(visitor)).send(READ, json!({})).await;
    let admin_on_storefront = server
        .storefront(Some(server.admin_token().await))
        .send("{ viewer { version } }", json!({}))
        .await;

    assert!(!visitor_on_platform.codes().is_empty());
    assert!(visitor_on_platform.body["data"]["profiles"].is_null());
    assert!(!admin_on_storefront.codes().is_empty());
}

#[rstest]
#[case::another("sources:read")]
#[case::a_neighbour("profiles:write")]
#[tokio::test]
async fn a_missing_scope_is_forbidden(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] scope: &str,
) {
    let server = start(engine).await;

    let caller = server.integration(&[scope]).await;

    caller.send(READ, json!({})).await.refused("FORBIDDEN");
}

#[rstest]
#[tokio::test]
async fn a_scope_opens_what_it_names_and_no_more(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    backend.accept(identify().user("ada")).await;
    let caller = server.integration(&["profiles:read"]).await;
    let ask = |selection: &str| {
        format!("{{ profile(by: {{ customerId: \"ada\" }}) {{ id {selection} }} }}")
    };

    caller
        .query(&ask("traits { name } summary { orders }"), json!({}))
        .await;
    let timeline = caller
        .send(&ask("touchpoints(first: 1) { nodes { id } }"), json!({}))
        .await;
    let log = caller
        .send(&ask("identityLog(first: 1) { nodes { id } }"), json!({}))
        .await;

    assert_eq!(timeline.codes(), ["FORBIDDEN"]);
    assert_eq!(log.codes(), ["FORBIDDEN"]);
}

#[rstest]
#[tokio::test]
async fn an_unknown_scope_or_role_is_never_given(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;

    for arguments in [
        [
            "token",
            "create",
            "--kind",
            "integration",
            "--scope",
            "everything:read",
        ],
        ["token", "create", "--kind", "internal", "--role", "god"],
        ["token", "create", "--kind", "master", "--role", "admin"],
    ] {
        let output = server.cli(&arguments).await;
        assert!(!output.status.success(), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_token_never_makes_a_stronger_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let caller = server.integration(&["tokens:write", "profiles:read"]).await;
    let make = |scopes: Value| json!({ "name": "made", "scopes": scopes });

    let weaker = caller
        .mutate("tokenCreate", "secret", make(json!(["profiles:read"])))
        .await;
    let stronger = caller
        .send(
            "mutation($input: TokenCreateInput!) { tokenCreate(input: $input) { secret } }",
            json!({ "input": make(json!(["profiles:read", "profiles:write"])) }),
        )
        .await;

    assert!(
        weaker["secret"]
            .as_str()
            .is_some_and(|secret| secret.starts_with("lazo_int_"))
    );
    assert_eq!(stronger.codes(), ["FORBIDDEN"]);
}

#[rstest]
#[tokio::test]
async fn a_revoked_token_is_dead_within_five_seconds_on_every_process(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let payload = admin
        .mutate(
            "tokenCreate",
            "secret token { id }",
            json!({ "name": "short-lived", "scopes": ["profiles:read"] }),
        )
        .await;
    let secret = payload["secret"].as_str().expect("a secret").to_owned();
    let caller = server.platform(Some(secret));
    caller.query(READ, json!({})).await;
    let id = token_id(&admin, "short-lived").await;
    assert_eq!(id, payload["token"]["id"]);

    admin
        .mutate("tokenRevoke", "token { revokedAt }", json!({ "id": id }))
        .await;

    let revoked = Instant::now();
    loop {
        let answer = caller.send(READ, json!({})).await;
        if answer.status == 401 {
            break;
        }
        assert!(
            revoked.elapsed() < Duration::from_secs(5),
            "the token still opens"
        );
        sleep(Duration::from_millis(100)).await;
    }
}

#[rstest]
#[tokio::test]
async fn a_token_dies_at_its_time(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let payload = admin
        .mutate(
            "tokenCreate",
            "secret",
            json!({
                "name": "an hour", "scopes": ["profiles:read"],
                "expiresAt": lazo_tests::clock::from_now(HOUR),
            }),
        )
        .await;
    let caller = server.platform(Some(
        payload["secret"].as_str().expect("a secret").to_owned(),
    ));
    caller.query(READ, json!({})).await;

    server.move_clock(HOUR + MINUTE).await;

    assert_eq!(caller.send(READ, json!({})).await.status, 401);
}

#[rstest]
#[tokio::test]
async fn a_visitor_token_shows_the_visitor_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let browser = server.browser().await;
    let admin = server.admin().await;
    browser.accept(page("Mine").anonymous("device-1")).await;
    browser.accept(page("Theirs").anonymous("device-2")).await;
    let viewer = "{ viewer { whole touchpoints(first: 10) { nodes { name } } } }";

    let mine = server
        .storefront(Some(
            visitor_token(&admin, json!({ "anonymousId": "device-1" })).await,
        ))
        .query(viewer, json!({}))
        .await;
    let nobody = server
        .storefront(Some(
            visitor_token(&admin, json!({ "anonymousId": "device-3" })).await,
        ))
        .query(viewer, json!({}))
        .await;

    assert_eq!(
        mine["viewer"]["touchpoints"]["nodes"],
        json!([{ "name": "Mine" }])
    );
    assert_eq!(nobody["viewer"], Value::Null);
}

#[rstest]
#[tokio::test]
async fn a_visitor_token_lives_an_hour_at_most(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let admin = server.admin().await;

    for seconds in [0, 59, 3_601] {
        let payload = admin
            .try_mutate(
                "visitorTokenIssue",
                "token",
                json!({ "anonymousId": "device-1", "expiresInSeconds": seconds }),
            )
            .await;
        assert_eq!(user_error_codes(&payload), ["INVALID"], "{seconds}");
    }
    let nobody = admin
        .try_mutate("visitorTokenIssue", "token", json!({}))
        .await;
    assert_eq!(user_error_codes(&nobody), ["INVALID"]);

    let input = json!({ "anonymousId": "device-1", "expiresInSeconds": 60 });
    let visitor = server.storefront(Some(visitor_token(&admin, input).await));
    visitor.query("{ viewer { version } }", json!({})).await;
    server.move_clock(130 * SECOND).await;
    assert_eq!(
        visitor
            .send("{ viewer { version } }", json!({}))
            .await
            .status,
        401
    );
}

#[rstest]
#[case::for_ever(r#""exp":"never""#)]
#[case::text(r#""exp":"9999999999""#)]
#[case::null(r#""exp":null"#)]
#[tokio::test]
async fn a_token_with_another_expiry_written_into_it_is_401(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] expiry: &str,
) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let token = visitor_token(&admin, json!({ "anonymousId": "device-1" })).await;
    let parts: Vec<&str> = token.split('.').collect();
    let [header, _, signature] = parts[..] else {
        panic!("a visitor token is a JWT")
    };
    let claims = format!(r#"{{"iss":"lazo","aud":"lazo","sub":"anonymous_id:device-2",{expiry}}}"#);
    let forged = format!("{header}.{}.{signature}", base64_url(claims.as_bytes()));

    let answer = server
        .storefront(Some(forged))
        .send("{ viewer { version } }", json!({}))
        .await;

    assert_eq!(answer.status, 401);
}

#[rstest]
#[tokio::test]
async fn tokens_outlive_a_restart(#[values(Sqlite, Postgres)] engine: Engine) {
    let mut server = start(engine).await;
    let token = server.admin_token().await;
    let visitor = visitor_token(
        &server.platform(Some(token.clone())),
        json!({ "anonymousId": "a" }),
    )
    .await;

    server.stop().await;
    server.restart().await;

    server.platform(Some(token)).query(READ, json!({})).await;
    server
        .storefront(Some(visitor))
        .query("{ viewer { version } }", json!({}))
        .await;
}

#[rstest]
#[tokio::test]
async fn credentials_in_a_cookie_or_an_address_open_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let token = server.admin_token().await;
    let body = json!({ "query": READ });

    let cookie = server
        .http()
        .post(server.url("/graphql"))
        .header(
            "cookie",
            format!("token={token}; Authorization=Bearer {token}"),
        )
        .json(&body);
    let address = server
        .http()
        .post(server.url(&format!("/graphql?token={token}&access_token={token}")))
        .json(&body);

    for request in [cookie, address] {
        lazo_tests::graphql::Answer::of(request)
            .await
            .refused("UNAUTHENTICATED");
    }
}

/// Base64 in the alphabet of addresses without padding (RFC 4648, section 5), as JWTs are written.
fn base64_url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut bits = 0_u32;
        for place in 0..3 {
            bits = (bits << 8) | u32::from(chunk.get(place).copied().unwrap_or(0));
        }
        for place in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * place)) & 0x3f;
            let letter = usize::try_from(index)
                .ok()
                .and_then(|index| ALPHABET.get(index));
            text.push(char::from(*letter.expect("six bits")));
        }
    }
    text
}
