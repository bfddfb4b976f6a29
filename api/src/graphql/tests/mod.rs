//! What callers of the two schemas are promised.

mod fields;
mod guards;
mod paging;
mod profiles;
mod schemas;
mod written;

use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType, Variables};
use futures::StreamExt;
use lazo_domain::access::{Scope, Scopes};
use lazo_domain::id::TokenId;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{platform, request_data};
use crate::auth::caller::Caller;
use crate::testing::TestApp;

/// A caller who holds these scopes.
pub(crate) fn integration(scopes: &[Scope]) -> Caller {
    Caller::Integration {
        token: TokenId(Uuid::from_u128(7)),
        name: "newsletter".into(),
        scopes: Scopes::of(scopes),
        purposes: vec![],
    }
}

/// Executes a document as this caller; of a subscription it is what is told first.
pub(crate) async fn execute<
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
>(
    test: &TestApp,
    schema: &Schema<Q, M, S>,
    caller: Option<Caller>,
    document: &str,
    variables: Json,
) -> Response {
    let mut request = Request::new(document).variables(Variables::from_json(variables));
    request.data = request_data(&test.app, caller);
    if document.starts_with("subscription") {
        let told = schema.execute_stream(request).next().await;
        return told.expect("it tells something");
    }
    schema.execute(request).await
}

/// The data of a document that the administrator sends to the platform, which must give no errors.
pub(crate) async fn ask(test: &TestApp, document: &str, variables: Json) -> Json {
    let response = execute(
        test,
        &platform(&test.app),
        Some(Caller::Local),
        document,
        variables,
    )
    .await;
    assert_eq!(response.errors, [], "{document}");
    response.data.into_json().unwrap()
}

/// The codes of the errors of a response.
pub(crate) fn codes(response: &Response) -> Vec<String> {
    let code = |error: &async_graphql::ServerError| match error.extensions.as_ref()?.get("code")? {
        async_graphql::Value::String(code) => Some(code.clone()),
        _ => None,
    };
    response
        .errors
        .iter()
        .map(|error| code(error).unwrap_or_default())
        .collect()
}

/// Records identifies of a trusted source, and gives back the id of each one's profile.
pub(crate) async fn identified(test: &TestApp, items: &[Json]) -> Vec<String> {
    let source = test.source("backend", true).await;
    let answers = test.record(&source, items).await;
    answers
        .iter()
        .map(|answer| answer.profile.unwrap().to_string())
        .collect()
}

/// An identify of a customer with traits.
pub(crate) fn identify(user: &str, traits: &Json) -> Json {
    json!({ "type": "identify", "userId": user, "traits": traits, "messageId": format!("identify {user} {traits}") })
}
