//! From an HTTP request to the parameters of a GraphQL request
//! (<https://graphql.github.io/graphql-over-http/draft/>).

use std::{borrow::Cow, collections::HashMap};

use axum::{
    body::Body,
    http::{HeaderMap, Method, header, request::Parts},
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::limits::Limits;
use crate::error::{ApiError, Code};

/// The parameters of a GraphQL request.
#[derive(Deserialize)]
pub(super) struct Params {
    pub(super) query: String,
    #[serde(rename = "operationName")]
    pub(super) operation_name: Option<String>,
    pub(super) variables: Option<Map<String, Value>>,
    /// Must be an object where it is there; we know no extension.
    #[serde(rename = "extensions")]
    _extensions: Option<Map<String, Value>>,
}

impl Params {
    /// Reads the parameters of a POST or a GET; other methods are refused.
    pub(super) async fn read(parts: &Parts, body: Body, limits: &Limits) -> Result<Self, ApiError> {
        match parts.method {
            Method::POST => {
                check_content(&parts.headers)?;
                let body = read_body(&parts.headers, body, limits).await?;
                Self::from_json(&body)
            }
            Method::GET => Self::from_url(parts.uri.query().unwrap_or_default(), limits),
            _ => Err(ApiError::new(
                Code::MethodNotAllowed,
                "Use POST, or GET for queries.",
            )),
        }
    }

    fn from_json(body: &[u8]) -> Result<Self, ApiError> {
        // A struct would also be read from an array of its fields.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(bad_request(
                "The body must be one JSON object; batches are not taken.",
            ));
        }
        serde_json::from_slice(body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let message = format!(
                "The body is not a GraphQL request: it takes `query`, `operationName`, `variables` \
                 and `extensions` (line {line}, column {column})."
            );
            ApiError::new(Code::BadRequest, message)
        })
    }

    fn from_url(query: &str, limits: &Limits) -> Result<Self, ApiError> {
        if query.len() > limits.body_bytes {
            return Err(too_large());
        }
        let mut values = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if values.insert(name, value).is_some() {
                return Err(bad_request("A parameter of the URL is given twice."));
            }
        }
        let mut take = |name: &str| values.remove(name);
        Ok(Self {
            query: take("query")
                .ok_or_else(|| bad_request("`query` is missing."))?
                .into_owned(),
            operation_name: take("operationName")
                .map(Cow::into_owned)
                .filter(|name| !name.is_empty()),
            variables: object(take("variables").as_deref())?,
            _extensions: object(take("extensions").as_deref())?,
        })
    }
}

/// A parameter of the URL that is an object in JSON, `null` or empty.
fn object<T: DeserializeOwned>(value: Option<&str>) -> Result<Option<T>, ApiError> {
    let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    serde_json::from_str(value)
        .map_err(|_| bad_request("`variables` and `extensions` must be JSON objects."))
}

/// A type that a browser sends across origins without asking first must never be read: anybody's
/// page could act for its visitors.
fn check_content(headers: &HeaderMap) -> Result<(), ApiError> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let is_json = match (types.next(), types.next()) {
        (Some(only), None) => only.to_str().is_ok_and(is_json_in_utf8),
        _ => false,
    };
    if is_json && !headers.contains_key(header::CONTENT_ENCODING) {
        Ok(())
    } else {
        let message = "Send `Content-Type: application/json` in UTF-8, without Content-Encoding.";
        Err(ApiError::new(Code::UnsupportedMediaType, message))
    }
}

fn is_json_in_utf8(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
        && parts.all(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                name.eq_ignore_ascii_case("charset")
                    && value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
        })
}

async fn read_body(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Bytes, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limits.body_bytes) {
        return Err(too_large());
    }
    let body = Limited::new(body, limits.body_bytes).collect();
    match tokio::time::timeout(limits.body_time, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(bad_request("The body broke off.")),
        Err(_) => {
            let message = "The body did not arrive in time.";
            Err(ApiError::new(Code::RequestTimeout, message))
        }
    }
}

fn too_large() -> ApiError {
    ApiError::new(Code::PayloadTooLarge, "The request is too large.")
}

fn bad_request(message: &'static str) -> ApiError {
    ApiError::new(Code::BadRequest, message)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("application/json", true)]
    #[case("Application/JSON; charset=UTF-8", true)]
    #[case("application/json;charset=\"utf-8\"", true)]
    #[case("application/json; charset=utf-16", false)]
    #[case("application/json; boundary=x", false)]
    #[case("application/json, text/plain", false)]
    #[case("application/jsonp", false)]
    #[case("text/plain", false)]
    #[case("application/graphql", false)]
    #[case("", false)]
    fn only_json_in_utf8_is_read(#[case] content_type: &str, #[case] read: bool) {
        assert_eq!(is_json_in_utf8(content_type), read);
    }

    #[rstest]
    #[case(r#"["{a}", null, null, null]"#)]
    #[case(r#"[{"query": "{a}"}]"#)]
    #[case("null")]
    #[case("")]
    #[case("{}")]
    #[case(r#"{"query": null}"#)]
    #[case(r#"{"query": "{a}", "query": "{b}"}"#)]
    #[case(r#"{"query": "{a}", "variables": []}"#)]
    #[case(r#"{"query": "{a}", "operationName": 1}"#)]
    #[case(r#"{"query": "{a}", "extensions": "x"}"#)]
    #[case(r#"{"query": "{a}"} {}"#)]
    fn a_body_that_is_not_one_request_is_refused(#[case] body: &str) {
        assert_eq!(
            Params::from_json(body.as_bytes()).err().unwrap().code(),
            Code::BadRequest
        );
    }

    #[rstest]
    #[case("")]
    #[case("variables=%7B%7D")]
    #[case("query=a&query=b")]
    #[case("query=a&variables=%5B%5D")]
    #[case("query=a&extensions=x")]
    fn parameters_that_are_not_one_request_are_refused(#[case] query: &str) {
        let refused = Params::from_url(query, &Limits::default()).err().unwrap();
        assert_eq!(refused.code(), Code::BadRequest);
    }

    #[test]
    fn parameters_of_a_url_are_decoded() {
        let query = "query=%7B+a%20%7D&operationName=&variables=%7B%22b%22:1%7D&extensions=null";
        let params = Params::from_url(query, &Limits::default()).ok().unwrap();
        assert_eq!(params.query, "{ a }");
        assert_eq!(params.operation_name, None);
        assert_eq!(params.variables.unwrap()["b"], 1);
    }
}
