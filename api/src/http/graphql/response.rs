//! From the library's response, or a refusal, to an HTTP response.

use async_graphql::{PathSegment, Pos, ServerError, Value};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

use super::accept::MediaType;
use crate::error::{ApiError, Code};
use crate::graphql::write_value;

/// Messages of the library repeat values of the request; none needs more characters than this.
const MAX_MESSAGE: usize = 1_000;

struct Answer {
    errors: Vec<AnswerError>,
    /// Absent where nothing was executed, `null` where execution failed as a whole.
    data: Option<Value>,
    extensions: Option<Extensions>,
}

impl Answer {
    /// That all failed.
    fn failure(error: &ApiError, cost: Option<Cost>) -> Self {
        let entry = AnswerError {
            message: error.message().to_owned(),
            locations: Vec::new(),
            path: Vec::new(),
            extensions: ErrorExtensions {
                code: error.code().as_str(),
                retry_after: error.retry_after_seconds(),
            },
        };
        Self {
            errors: vec![entry],
            data: None,
            extensions: cost.map(|cost| Extensions { cost }),
        }
    }

    /// What the library has answered.
    fn of(response: async_graphql::Response, cost: Cost, max_errors: usize) -> Self {
        let refused = is_refused(&response);
        let errors = response.errors.into_iter().take(max_errors);
        Self {
            errors: errors.map(shown).collect(),
            data: (!refused).then_some(response.data),
            extensions: Some(Extensions { cost }),
        }
    }

    /// The answer as JSON, with what was written while it was resolved.
    fn into_json(self) -> Vec<u8> {
        let mut json = Vec::with_capacity(2048);
        let mut before = b'{';
        let mut member = |name: &str, json: &mut Vec<u8>| {
            json.push(before);
            before = b',';
            json.extend_from_slice(name.as_bytes());
        };
        if !self.errors.is_empty() {
            member("\"errors\":", &mut json);
            write(&self.errors, &mut json);
        }
        if let Some(data) = &self.data {
            member("\"data\":", &mut json);
            write_value(data, &mut json);
        }
        if let Some(extensions) = &self.extensions {
            member("\"extensions\":", &mut json);
            write(extensions, &mut json);
        }
        json.push(b'}');
        json
    }
}

fn write(value: &impl Serialize, json: &mut Vec<u8>) {
    // Errors and costs are of types that can always be written, and a vector takes all.
    let _ = serde_json::to_writer(json, value);
}

#[derive(Serialize)]
struct AnswerError {
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Pos>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    path: Vec<PathSegment>,
    extensions: ErrorExtensions,
}

#[derive(Serialize)]
struct ErrorExtensions {
    code: &'static str,
    /// Whole seconds.
    #[serde(rename = "retryAfter", skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

#[derive(Serialize)]
struct Extensions {
    cost: Cost,
}

/// What an operation costs, in the shape that clients of Shopify's API know
/// (<https://shopify.dev/docs/api/usage/limits>).
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cost {
    /// The number of fields of the operation, with its fragments expanded and those inside a page
    /// counted as often as the page may have items.
    pub(super) requested_query_cost: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    throttle_status: Option<ThrottleStatus>,
}

impl Cost {
    /// A cost, and what its caller has left where that is limited.
    pub(super) fn new(
        requested_query_cost: usize,
        throttle_status: Option<ThrottleStatus>,
    ) -> Self {
        Self {
            requested_query_cost,
            throttle_status,
        }
    }
}

/// What a caller may still ask for.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThrottleStatus {
    /// What there is at most.
    pub(super) maximum_available: u32,
    /// What there is now.
    pub(super) currently_available: u32,
    /// What comes back in a second.
    pub(super) restore_rate: u32,
}

/// Answers a request that is refused as a whole, in the media type that `headers` (those of the
/// request) accept and with the status of the error's code. For whoever stands before the handler,
/// as authentication does.
pub fn refuse(headers: &HeaderMap, error: &ApiError) -> Response {
    refuse_with(
        MediaType::accepted(headers),
        error.code().http_status(),
        error,
        None,
    )
}

/// Answers a request whose document is refused before it is executed.
pub(super) fn refuse_document(media_type: MediaType, error: &ApiError) -> Response {
    refuse_with(media_type, media_type.refused_document(), error, None)
}

/// Answers a request that is beyond its caller's rate.
pub(super) fn throttle(media_type: MediaType, error: &ApiError, cost: Option<Cost>) -> Response {
    refuse_with(media_type, error.code().http_status(), error, cost)
}

fn refuse_with(
    media_type: MediaType,
    status: StatusCode,
    error: &ApiError,
    cost: Option<Cost>,
) -> Response {
    let answer = Answer::failure(error, cost);
    respond(media_type, status, error.retry_after_seconds(), answer)
}

/// Answers a request that the library has taken; `cost` is that of its operation.
pub(super) fn answer(
    media_type: MediaType,
    response: async_graphql::Response,
    cost: Cost,
    max_errors: usize,
) -> Response {
    let failed = response.data == Value::Null;
    let refused = is_refused(&response);
    let answer = Answer::of(response, cost, max_errors);
    let (status, retry_after) = match answer.errors.iter().find_map(come_back) {
        Some((status, seconds)) if failed => (status, Some(seconds)),
        _ if refused => (media_type.refused_document(), None),
        _ => (StatusCode::OK, None),
    };
    respond(media_type, status, retry_after, answer)
}

/// Whether nothing was run. An error of a field has a path; an error of the request has none.
fn is_refused(response: &async_graphql::Response) -> bool {
    response.data == Value::Null
        && response.is_err()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// One event of a subscription, as JSON.
pub(super) struct Event {
    pub(super) json: Vec<u8>,
    /// Whether nothing of it could be told now, while it may be later.
    pub(super) may_come_back: bool,
}

/// An event of a subscription.
pub(super) fn event(response: async_graphql::Response, cost: Cost, max_errors: usize) -> Event {
    let failed = response.data == Value::Null;
    let answer = Answer::of(response, cost, max_errors);
    Event {
        may_come_back: failed && answer.errors.iter().any(|error| come_back(error).is_some()),
        json: answer.into_json(),
    }
}

/// What a subscription failed with, as JSON.
pub(super) fn failure(error: &ApiError) -> Vec<u8> {
    Answer::failure(error, None).into_json()
}

/// The status and the wait, where the error tells the client to come back.
fn come_back(error: &AnswerError) -> Option<(StatusCode, u64)> {
    let code = Code::from_name(error.extensions.code)?;
    matches!(code, Code::Unavailable | Code::Throttled)
        .then_some((code.http_status(), error.extensions.retry_after?))
}

/// An error as the client sees it: what has no code of ours is the library's word on the request,
/// or an internal text that stays inside.
fn shown(error: ServerError) -> AnswerError {
    let own = error.extensions.as_ref().and_then(|extensions| {
        let Some(Value::String(code)) = extensions.get("code") else {
            return None;
        };
        let retry_after = match extensions.get("retryAfter") {
            Some(Value::Number(seconds)) => seconds.as_u64(),
            _ => None,
        };
        Some(ErrorExtensions {
            code: Code::from_name(code)?.as_str(),
            retry_after,
        })
    });
    let library = |code: Code| ErrorExtensions {
        code: code.as_str(),
        retry_after: None,
    };
    let (message, extensions) = match own {
        Some(extensions) => (error.message, extensions),
        None if is_input_error(&error) => (error.message, library(Code::BadUserInput)),
        None if error.path.is_empty() => (error.message, library(Code::GraphqlValidationFailed)),
        None => {
            tracing::error!(error = %error.message, path = ?error.path, "a resolver failed without a code");
            let internal = ApiError::internal();
            (internal.message().to_owned(), library(internal.code()))
        }
    };
    AnswerError {
        message: message.chars().take(MAX_MESSAGE).collect(),
        locations: error.locations,
        path: error.path,
        extensions,
    }
}

/// Whether the library could not read an argument: a scalar's `parse` or a validator refused it.
/// It has no type of its own for this, only these beginnings (`InputValueError`); an error that `?`
/// made of a resolver's has a source.
fn is_input_error(error: &ServerError) -> bool {
    error.source.is_none()
        && (error.message.starts_with("Failed to parse \"")
            || error.message.starts_with("Expected input type \""))
}

fn respond(
    media_type: MediaType,
    status: StatusCode,
    retry_after: Option<u64>,
    answer: Answer,
) -> Response {
    let mut response = Response::new(Body::from(answer.into_json()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type.content_type());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
