use std::time::Duration;

use lazo_domain::access::{Role, Scope, Scopes};
use lazo_domain::clock::Timestamp;
use lazo_domain::id::TokenId;
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use super::service::{create_integration, create_internal, list, revoke};
use super::visitor::issue;
use super::{CreateIntegration, CreateInternal, IssueVisitor};
use crate::auth::AuthError;
use crate::auth::caller::Caller;
use crate::auth::service::Door;
use crate::error::Error;
use crate::idempotency::input_digest;
use crate::page::Page;
use crate::testing::{NOW, TestApp, refused};
use crate::writer::Once;

fn reader() -> CreateIntegration {
    CreateIntegration {
        name: "newsletter".into(),
        scopes: vec!["profiles:read".into()],
        purposes: vec!["newsletter".into()],
        expires_at: None,
    }
}

fn limited() -> Caller {
    Caller::Integration {
        token: TokenId(Uuid::from_u128(7)),
        name: "issuer".into(),
        scopes: Scopes::of(&[Scope::TokensWrite, Scope::ProfilesRead]),
        purposes: vec!["newsletter".into()],
    }
}

async fn authenticate(test: &TestApp, door: Door, text: &str) -> Result<Caller, AuthError> {
    test.app
        .authenticator()
        .authenticate(door, Some(&format!("Bearer {text}")))
        .await
}

#[tokio::test]
async fn an_integration_token_works_until_it_is_revoked() {
    let test = TestApp::start().await;
    let issued = create_integration(&test.app, &Caller::Local, &reader(), None)
        .await
        .unwrap();
    let text = issued.secret.unwrap();
    let caller = authenticate(&test, Door::Platform, text.expose_secret())
        .await
        .unwrap();
    assert!(caller.has(Scope::ProfilesRead) && !caller.has(Scope::ProfilesWrite));

    let revoked = revoke(&test.app, &Caller::Local, issued.token.id)
        .await
        .unwrap();
    assert_eq!(revoked.revoked_at, Some(Timestamp(NOW)));
    let refused = authenticate(&test, Door::Platform, text.expose_secret()).await;
    assert_eq!(refused, Err(AuthError::Invalid));
    test.clock.advance(1);
    assert_eq!(
        revoke(&test.app, &Caller::Local, issued.token.id)
            .await
            .unwrap(),
        revoked
    );
}

#[tokio::test]
async fn an_internal_token_works_until_it_is_revoked() {
    let test = TestApp::start().await;
    let ana = CreateInternal {
        name: "Ana".into(),
        role: Role::Support,
        lifetime: None,
    };
    let issued = create_internal(&test.app, &Caller::Local, &ana)
        .await
        .unwrap();
    let text = issued.secret.unwrap();
    let caller = authenticate(&test, Door::Platform, text.expose_secret())
        .await
        .unwrap();
    assert_eq!(caller.scopes(), Role::Support.scopes());
    revoke(&test.app, &Caller::Local, issued.token.id)
        .await
        .unwrap();
    let refused = authenticate(&test, Door::Platform, text.expose_secret()).await;
    assert_eq!(refused, Err(AuthError::Invalid));
}

#[tokio::test]
async fn nobody_hands_out_more_than_they_hold() {
    let test = TestApp::start().await;
    let needs = |outcome: Result<super::Issued, Error>| match outcome {
        Err(Error::Forbidden { needs }) => needs,
        other => panic!("{other:?}"),
    };
    let more = CreateIntegration {
        scopes: vec!["audit:read".into()],
        ..reader()
    };
    let outcome = create_integration(&test.app, &limited(), &more, None).await;
    assert_eq!(needs(outcome), "audit:read");
    let other = CreateIntegration {
        purposes: vec!["profiling".into()],
        ..reader()
    };
    let outcome = create_integration(&test.app, &limited(), &other, None).await;
    assert_eq!(needs(outcome), "profiling");
    let admin = CreateInternal {
        name: "Eve".into(),
        role: Role::Admin,
        lifetime: None,
    };
    let outcome = create_internal(&test.app, &limited(), &admin).await;
    assert_eq!(needs(outcome), "profiles:write");
    assert!(
        create_integration(&test.app, &limited(), &reader(), None)
            .await
            .is_ok()
    );
    assert_eq!(
        list(&test.app, &Page::all_by(10), false)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
}

#[rstest]
#[case::no_scope(CreateIntegration { scopes: vec![], ..reader() }, "scopes")]
#[case::an_unknown_scope(CreateIntegration { scopes: vec!["profiles".into()], ..reader() }, "scopes")]
#[case::no_name(CreateIntegration { name: String::new(), ..reader() }, "name")]
#[case::an_empty_purpose(CreateIntegration { purposes: vec![String::new()], ..reader() }, "purposes")]
#[case::the_past(CreateIntegration { expires_at: Some(Timestamp(NOW)), ..reader() }, "expiresAt")]
#[tokio::test]
async fn a_wrong_value_is_named(#[case] wrong: CreateIntegration, #[case] field: &str) {
    let test = TestApp::start().await;
    let outcome = create_integration(&test.app, &Caller::Local, &wrong, None).await;
    assert_eq!(refused(outcome), (field.to_owned(), "INVALID"));
}

#[tokio::test]
async fn a_repeated_creation_gives_the_same_token_and_no_text() {
    let test = TestApp::start().await;
    let input = input_digest(&json!({}));
    let once = Once {
        caller: "cli".into(),
        key: "k".into(),
        input,
    };
    let create = reader();
    let call = || create_integration(&test.app, &Caller::Local, &create, Some(&once));
    let (first, again) = (call().await.unwrap(), call().await.unwrap());
    assert_eq!(first.token, again.token);
    assert!(first.secret.is_some() && again.secret.is_none());
}

#[tokio::test]
async fn a_token_ends_at_its_time() {
    let test = TestApp::start().await;
    let brief = CreateIntegration {
        expires_at: Some(Timestamp(NOW + 1_500)),
        ..reader()
    };
    let issued = create_integration(&test.app, &Caller::Local, &brief, None)
        .await
        .unwrap();
    assert_eq!(issued.token.expires_at, Some(Timestamp(NOW + 1_500)));
    let text = issued.secret.unwrap();
    assert!(
        authenticate(&test, Door::Platform, text.expose_secret())
            .await
            .is_ok()
    );
    test.clock.advance(1_500);
    assert!(
        authenticate(&test, Door::Platform, text.expose_secret())
            .await
            .is_err()
    );
}

#[rstest]
#[case::zero(0)]
#[case::too_long(91 * 86_400)]
#[tokio::test]
async fn an_internal_token_has_a_sound_lifetime(#[case] seconds: u64) {
    let test = TestApp::start().await;
    let lifetime = Some(Duration::from_secs(seconds));
    let create = CreateInternal {
        name: "Ana".into(),
        role: Role::Analyst,
        lifetime,
    };
    let outcome = create_internal(&test.app, &Caller::Local, &create).await;
    assert_eq!(refused(outcome), ("ttl".into(), "INVALID"));
}

fn visitor(customer: Option<&str>, device: Option<&str>) -> IssueVisitor {
    IssueVisitor {
        customer_id: customer.map(str::to_owned),
        anonymous_id: device.map(str::to_owned),
        expires_in_seconds: None,
    }
}

#[tokio::test]
async fn a_visitor_token_names_its_subjects_and_links_them_verified() {
    let test = TestApp::start().await;
    let both = visitor(Some(" c-1 "), Some("d-1"));
    let issued = issue(&test.app, &Caller::Local, &both).await.unwrap();
    assert_eq!(issued.expires_at, Timestamp(NOW + 900_000));
    let caller = authenticate(&test, Door::Storefront, issued.text.expose_secret())
        .await
        .unwrap();
    let Caller::Visitor { subjects, .. } = caller else {
        panic!("{caller:?}")
    };
    let named = |(namespace, value): &(&str, &str)| ((*namespace).to_owned(), (*value).to_owned());
    let expected: Vec<_> = [("customer_id", "c-1"), ("anonymous_id", "d-1")]
        .iter()
        .map(named)
        .collect();
    assert_eq!(subjects, expected);

    let identifiers = identifiers(&test).await;
    assert_eq!(
        identifiers,
        [
            ("anonymous_id".into(), "VERIFIED".into()),
            ("customer_id".into(), "VERIFIED".into())
        ]
    );
    assert!(issue(&test.app, &Caller::Local, &both).await.is_ok());
}

#[tokio::test]
async fn a_visitor_token_for_one_id_changes_nothing() {
    let test = TestApp::start().await;
    issue(&test.app, &Caller::Local, &visitor(None, Some("d-1")))
        .await
        .unwrap();
    assert!(identifiers(&test).await.is_empty());
}

#[rstest]
#[case::nobody(visitor(None, None), "")]
#[case::worthless(visitor(Some("null"), None), "customerId")]
#[case::blank(visitor(None, Some(" ")), "anonymousId")]
#[case::too_short(IssueVisitor { expires_in_seconds: Some(59), ..visitor(Some("c"), None) }, "expiresInSeconds")]
#[case::too_long(IssueVisitor { expires_in_seconds: Some(3601), ..visitor(Some("c"), None) }, "expiresInSeconds")]
#[tokio::test]
async fn a_visitor_token_is_refused_with_its_reason(
    #[case] wrong: IssueVisitor,
    #[case] field: &str,
) {
    let test = TestApp::start().await;
    let outcome = issue(&test.app, &Caller::Local, &wrong).await;
    assert_eq!(refused(outcome), (field.to_owned(), "INVALID"));
}

/// Namespace and trust of all identifiers, by namespace.
async fn identifiers(test: &TestApp) -> Vec<(String, String)> {
    use lazo_entity::identifier::{Column, Entity};
    use sea_orm::{EntityTrait, QueryOrder};
    let rows = Entity::find()
        .order_by_asc(Column::Namespace)
        .all(test.app.db().read())
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| (row.namespace, row.trust))
        .collect()
}

#[tokio::test]
async fn the_schema_issues_within_the_callers_scopes_alone() {
    let test = TestApp::start().await;
    let create = |scope: &str| {
        let input = format!("name: \"n\", scopes: [\"{scope}\"]");
        format!(
            "mutation {{ tokenCreate(input: {{ {input} }}) {{ token {{ id kind scopes }} secret userErrors {{ code }} }} }}"
        )
    };
    let refused = test.answer(limited(), &create("audit:read")).await;
    assert_eq!(refused["data"], json!({ "tokenCreate": null }));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert!(
        refused["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("audit:read")
    );

    let made = test.answer(limited(), &create("profiles:read")).await;
    let made = &made["data"]["tokenCreate"];
    assert_eq!(made["token"]["kind"], "INTEGRATION");
    let text = made["secret"].as_str().unwrap();
    let caller = authenticate(&test, Door::Platform, text).await.unwrap();
    let list = test.answer(caller, "{ tokens { nodes { id } } }").await;
    assert_eq!(list["errors"][0]["extensions"]["code"], "FORBIDDEN");

    let id = &made["token"]["id"];
    let revoke = format!(
        "mutation {{ tokenRevoke(input: {{ id: {id} }}) {{ token {{ revokedAt }} userErrors {{ code }} }} }}"
    );
    let revoked = test.answer(limited(), &revoke).await;
    assert!(revoked["data"]["tokenRevoke"]["token"]["revokedAt"].is_string());
    assert_eq!(
        authenticate(&test, Door::Platform, text).await,
        Err(AuthError::Invalid)
    );

    let visitor = "mutation { visitorTokenIssue(input: { customerId: \"c-1\" }) { token expiresAt userErrors { code } } }";
    let forbidden = test.answer(limited(), visitor).await;
    assert_eq!(forbidden["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let issued = test.answer(Caller::Local, visitor).await;
    let text = issued["data"]["visitorTokenIssue"]["token"]
        .as_str()
        .unwrap();
    assert!(authenticate(&test, Door::Storefront, text).await.is_ok());
}
