//! Answers, as the protocol's clients read them: exactly 200 with JSON, or an error with `code` and `message`.

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use lazo_domain::id::{ProfileId, QuarantineId, TouchpointId};
use serde::Serialize;

use crate::error::{ApiError, Code};
use crate::touchpoint::Answer;

#[derive(Serialize)]
struct Success<'a> {
    success: bool,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<&'a str>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    touchpoint_id: Option<TouchpointId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_id: Option<ProfileId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quarantine_id: Option<QuarantineId>,
}

/// The answer as a public source gets it. Anybody holds its key, and must not learn from a claim whether somebody is known here.
pub(super) fn to_anybody(answer: Answer) -> Answer {
    Answer {
        profile: None,
        version: None,
        ..answer
    }
}

/// The request was read, and this became of its items.
pub(super) fn success(answers: &[Answer]) -> Response {
    let items = answers.iter().map(Item::from).collect();
    Json(Success {
        success: true,
        items,
    })
    .into_response()
}

impl<'a> From<&'a Answer> for Item<'a> {
    fn from(answer: &'a Answer) -> Self {
        Self {
            message_id: answer.message_id.as_deref(),
            status: answer.status.as_str(),
            code: answer.code,
            reason: answer.reason.as_deref(),
            touchpoint_id: answer.touchpoint,
            profile_id: answer.profile,
            profile_version: answer.version,
            quarantine_id: answer.quarantine,
        }
    }
}

/// The request was not taken.
pub(super) fn refuse(error: &ApiError) -> Response {
    #[derive(Serialize)]
    struct Refused<'a> {
        code: &'static str,
        message: &'a str,
    }
    let body = Refused {
        code: error.code().as_str(),
        message: error.message(),
    };
    let mut response = (error.code().http_status(), Json(body)).into_response();
    let headers = response.headers_mut();
    if let Some(seconds) = error.retry_after_seconds() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    // A 401 has no `WWW-Authenticate`: a browser would ask the visitor of a page for a password.
    if error.code() == Code::UnsupportedMediaType {
        // RFC 9110, section 12.5.3.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
