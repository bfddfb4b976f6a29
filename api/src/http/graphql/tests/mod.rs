//! What clients of the endpoint are promised, over a small schema.

mod attacks;
mod cost;
mod errors;
mod protocol;
mod stream;
mod valid;

use std::{io, time::Duration};

use async_graphql::{
    Data, EmptySubscription, InputObject, InputValueError, InputValueResult, MaybeUndefined,
    Object, Scalar, ScalarType, Schema, ValidationMode, Value,
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
    routing::any,
};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{Endpoint, Limits};
use crate::error::{ApiError, Error};

const SECRET: &str = "postgres://app:s3cret@db/prod";
const JSON: &str = "application/json";
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

struct Profile(i32);

#[Object]
impl Profile {
    async fn id(&self) -> i32 {
        self.0
    }

    async fn friend(&self) -> Profile {
        Profile(self.0 + 1)
    }

    async fn friends(&self, first: Option<i32>, last: Option<i32>) -> Profiles {
        Profiles(first.or(last).unwrap_or(20))
    }

    async fn unavailable(&self) -> Option<Result<i32, ApiError>> {
        Some(Err(ApiError::unavailable(Duration::from_millis(1_500))))
    }
}

/// A connection with this many items.
struct Profiles(i32);

#[Object]
impl Profiles {
    async fn total_count(&self) -> i32 {
        self.0
    }

    async fn nodes(&self) -> Vec<Profile> {
        (0..self.0).map(Profile).collect()
    }

    async fn edges(&self) -> Vec<ProfileEdge> {
        (0..self.0).map(ProfileEdge).collect()
    }
}

struct ProfileEdge(i32);

#[Object]
impl ProfileEdge {
    async fn node(&self) -> Profile {
        Profile(self.0)
    }
}

struct Email(String);

#[Scalar]
impl ScalarType for Email {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) if text.contains('@') => Ok(Self(text)),
            _ => Err(InputValueError::custom("an address has an @")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[derive(InputObject)]
struct ProfilePatch {
    email: MaybeUndefined<String>,
    name: MaybeUndefined<String>,
    inner: Option<Box<ProfilePatch>>,
}

struct Query {
    /// A text that no client may read.
    secret: &'static str,
    retry_after: Duration,
    nothing: Option<i32>,
}

#[Object]
impl Query {
    async fn me(&self) -> Profile {
        Profile(1)
    }

    async fn profiles(&self, first: Option<i32>, last: Option<i32>) -> Profiles {
        Profiles(first.or(last).unwrap_or(20))
    }

    async fn caller(&self, ctx: &async_graphql::Context<'_>) -> Option<String> {
        ctx.data_opt::<String>().cloned()
    }

    async fn search(&self, filter: Option<ProfilePatch>) -> bool {
        filter.is_some_and(|filter| filter.inner.is_some())
    }

    async fn by_email(&self, email: Email) -> String {
        email.0
    }

    async fn short(&self, #[graphql(validator(max_length = 3))] text: String) -> String {
        text
    }

    fn leak(&self) -> async_graphql::Result<i32> {
        Err(io::Error::other(self.secret))?
    }

    fn leak_without_source(&self) -> async_graphql::Result<i32> {
        Err(async_graphql::Error {
            message: self.secret.to_owned(),
            source: None,
            extensions: None,
        })
    }

    async fn forbidden(&self) -> Option<Result<i32, ApiError>> {
        let error = Error::Forbidden {
            needs: "profiles:read".to_owned(),
        };
        Some(Err(error.into()))
    }

    fn unavailable(&self) -> Result<i32, ApiError> {
        Err(Error::Unavailable {
            retry_after: self.retry_after,
        }
        .into())
    }

    fn throttled(&self) -> Result<i32, ApiError> {
        Err(ApiError::throttled(self.retry_after))
    }

    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_secs(5)).await;
        1
    }

    fn panics(&self) -> i32 {
        self.nothing.expect(self.secret)
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn profile_update(&self, input: ProfilePatch) -> String {
        let told = |value: &MaybeUndefined<String>| match value {
            MaybeUndefined::Undefined => "undefined".to_owned(),
            MaybeUndefined::Null => "null".to_owned(),
            MaybeUndefined::Value(value) => value.clone(),
        };
        format!("{} {}", told(&input.email), told(&input.name))
    }
}

/// What a client reads.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The code of the first error, and nothing where there is none.
    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }
}

fn schema(mode: ValidationMode) -> Schema<Query, Mutation, EmptySubscription> {
    let query = Query {
        secret: SECRET,
        retry_after: Duration::from_millis(1_500),
        nothing: None,
    };
    Schema::build(query, Mutation, EmptySubscription)
        .validation_mode(mode)
        .finish()
}

fn router(limits: Limits) -> Router {
    let endpoint = Endpoint::new(schema(ValidationMode::Strict), limits);
    serving(endpoint.executing_valid_by(schema(ValidationMode::Fast)))
}

/// Which validates every request.
fn strict_router(limits: Limits) -> Router {
    serving(Endpoint::new(schema(ValidationMode::Strict), limits))
}

fn serving(endpoint: Endpoint<Schema<Query, Mutation, EmptySubscription>>) -> Router {
    Router::new().route(
        "/graphql",
        any(async move |request: axum::extract::Request| {
            let mut data = Data::default();
            data.insert("the caller".to_owned());
            let introspection = !request.headers().contains_key("without-introspection");
            endpoint.handle(request, data, introspection).await
        }),
    )
}

async fn send_to(router: Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn send(request: Request<Body>) -> Answer {
    send_to(router(Limits::default()), request).await
}

fn post(body: impl Into<Body>) -> Request<Body> {
    Request::post("/graphql")
        .header(header::CONTENT_TYPE, JSON)
        .body(body.into())
        .unwrap()
}

fn asking(query: &str) -> Request<Body> {
    post(serde_json::json!({ "query": query }).to_string())
}

async fn ask(query: &str) -> Answer {
    send(asking(query)).await
}

async fn ask_accepting(accept: &str, query: &str) -> Answer {
    let mut request = asking(query);
    request
        .headers_mut()
        .insert(header::ACCEPT, accept.parse().unwrap());
    send(request).await
}

async fn get(parameters: &[(&str, &str)]) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    let uri = format!("/graphql?{query}");
    send(
        Request::builder()
            .method(Method::GET)
            .uri(uri)
            .body(Body::empty())
            .unwrap(),
    )
    .await
}
