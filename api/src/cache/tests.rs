//! What processes tell each other, and what they then do; `tests/it/bus.rs` tests them over a Redis server.

use std::sync::Arc;
use std::time::Duration;

use lazo_domain::access::{Scope, Scopes};
use lazo_domain::id::{ProfileId, TokenId};
use lazo_entity::token;
use rstest::rstest;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Bus, Hearing, Memory, Notice, PutOut};
use crate::app::App;
use crate::auth::secret::DeploymentSecret;
use crate::auth::service::{Authenticator, Door};
use crate::auth::source_keys::SourceKeys;
use crate::auth::{issue, store};
use crate::clock::SystemClock;
use crate::config::RedisUrl;
use crate::testing::TestApp;

fn id() -> TokenId {
    TokenId(Uuid::from_u128(7))
}

fn token(hash: Option<&str>) -> Notice {
    Notice::Token {
        token: id(),
        hash: hash.map(str::to_owned),
    }
}

fn source(hashes: &[&str]) -> Notice {
    Notice::Source {
        source: hashes.iter().copied().map(str::to_owned).collect(),
    }
}

fn redis(url: &str) -> RedisUrl {
    serde_json::from_value(url.into()).unwrap()
}

#[rstest]
#[case(
    token(Some("ab")),
    r#"{"token":"tok_00000000000000000000000007","hash":"ab"}"#
)]
#[case(token(None), r#"{"token":"tok_00000000000000000000000007"}"#)]
#[case(source(&["ab", "cd"]), r#"{"source":["ab","cd"]}"#)]
#[case(Notice::keys(), r#"{"keys":true}"#)]
#[case(
    Notice::Hot { hot: PutOut { commit: 7, profiles: vec![(ProfileId(Uuid::from_u128(7)), 3)] } },
    r#"{"hot":{"commit":7,"profiles":[["prf_00000000000000000000000007",3]]}}"#
)]
fn a_notice_is_written_and_read_in_one_form(#[case] notice: Notice, #[case] text: &str) {
    assert_eq!(serde_json::to_string(&notice).unwrap(), text);
    assert_eq!(serde_json::from_str::<Notice>(text).unwrap(), notice);
}

#[rstest]
#[case::not_json("forget")]
#[case::of_another_version(r#"{"profile":"prf_00000000000000000000000007"}"#)]
#[case::an_id_of_another_kind(r#"{"token":"prf_00000000000000000000000007"}"#)]
#[case::no_list(r#"{"source":"ab"}"#)]
fn another_text_is_no_notice(#[case] text: &str) {
    assert!(serde_json::from_str::<Notice>(text).is_err());
}

/// A token that this memory trusts, and its text.
async fn trusted_token(app: &App) -> (token::Model, String) {
    let request = issue::Request {
        id: id(),
        name: "shop",
        now: app.now(),
        lifetime: None,
        created_by: "cli",
    };
    let transaction = app.db().begin().await.unwrap();
    let scopes = Scopes::of(&[Scope::ProfilesRead]);
    let (row, text) = issue::integration(&transaction, app.secret(), request, scopes, &[])
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    (row, text.expose().to_owned())
}

async fn revoke(app: &App) {
    let transaction = app.db().begin().await.unwrap();
    store::revoke_token(&transaction, id(), app.now())
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

#[rstest]
#[case::told_of_it(true)]
#[case::that_missed_messages(false)]
#[tokio::test]
async fn a_process_refuses_a_revoked_token_at_once(#[case] told: bool) {
    let test = TestApp::start().await;
    let (db, secret) = (test.app.db().read(), test.app.secret());
    let other = Arc::new(Authenticator::new(
        db.clone(),
        Arc::new(SystemClock),
        Arc::clone(secret),
    ));
    let keys = SourceKeys::new(db.clone(), Arc::new(SystemClock), Arc::clone(secret));
    let memory = Memory::new(Arc::clone(&other), Arc::new(keys));
    let (row, text) = trusted_token(&test.app).await;
    let header = format!("Bearer {text}");
    let opens = async || {
        other
            .authenticate(Door::Platform, Some(&header))
            .await
            .is_ok()
    };
    assert!(opens().await);
    revoke(&test.app).await;
    assert!(opens().await, "it is trusted for some seconds");

    if told {
        memory.forget(&Notice::token(&row)).await;
    } else {
        memory.forget_all();
    }

    assert!(!opens().await);
}

#[tokio::test]
async fn what_this_process_changes_it_forgets_by_itself() {
    let test = TestApp::start().await;
    let (row, text) = trusted_token(&test.app).await;
    let header = format!("Bearer {text}");
    let opens = async || {
        let authenticator = test.app.authenticator();
        authenticator
            .authenticate(Door::Platform, Some(&header))
            .await
            .is_ok()
    };
    assert!(opens().await);
    revoke(&test.app).await;

    test.app.forget_token(&row).await;

    assert!(!opens().await);
}

#[tokio::test]
async fn without_redis_in_the_configuration_nothing_listens() {
    let test = TestApp::start().await;
    let bus = Bus::new(None, test.app.secret()).unwrap();
    let memory = Memory::new(
        Arc::new(Authenticator::new(
            test.app.db().read().clone(),
            Arc::new(SystemClock),
            Arc::clone(test.app.secret()),
        )),
        Arc::new(SourceKeys::new(
            test.app.db().read().clone(),
            Arc::new(SystemClock),
            Arc::clone(test.app.secret()),
        )),
    );

    assert!(bus.listen(memory, CancellationToken::new()).is_none());
    assert_eq!(bus.hearing(), Hearing::NotConfigured);
    assert_eq!(test.app.hearing().as_str(), "not configured");
}

#[tokio::test]
async fn a_redis_that_is_away_delays_nobody_for_long_and_is_no_error() {
    let secret = DeploymentSecret::ephemeral().unwrap();
    // Port 9 (discard) is served by nobody.
    let bus = Bus::new(Some(&redis("redis://127.0.0.1:9")), &secret).unwrap();

    let notice = Notice::keys();
    let told = tokio::time::timeout(Duration::from_secs(2), bus.tell(&notice)).await;

    assert!(told.is_ok());
    assert_eq!(bus.hearing(), Hearing::Down);
}

#[rstest]
#[case::tls("rediss://user:hunter2@cache")]
#[case::database("redis://user:hunter2@cache/first")]
#[tokio::test]
async fn a_url_that_cannot_be_used_is_refused_without_its_password(#[case] url: &str) {
    let secret = DeploymentSecret::ephemeral().unwrap();
    let refused = Bus::new(Some(&redis(url)), &secret).err().unwrap();

    assert!(!refused.to_string().contains("hunter2"), "{refused}");
}
