//! Which of the two media types an answer takes, by the client's `Accept`.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

/// A media type for answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/graphql-response+json`: the HTTP status tells about the GraphQL request.
    GraphqlResponse,
    /// `application/json`, also for those who do not say: the status is 200 once the HTTP request
    /// is well-formed.
    Json,
}

impl MediaType {
    /// The type that the client likes best; on a tie the one that says more.
    pub(super) fn accepted(headers: &HeaderMap) -> Self {
        let response = quality_of(headers, "application/graphql-response+json");
        let json = quality_of(headers, "application/json");
        if response > 0.0 && response >= json {
            Self::GraphqlResponse
        } else {
            Self::Json
        }
    }

    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// The status of an answer to a document that is refused before it is executed.
    pub(super) fn refused_document(self) -> StatusCode {
        match self {
            Self::GraphqlResponse => StatusCode::BAD_REQUEST,
            Self::Json => StatusCode::OK,
        }
    }
}

/// The type of server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).
const EVENT_STREAM: &str = "text/event-stream";

/// Whether the client takes a stream of events. It has to name the type: one that takes anything expects one answer.
pub(in crate::http) fn takes_events(headers: &HeaderMap) -> bool {
    quality_of(headers, EVENT_STREAM) > 0.0
}

/// Whether it takes a stream of events, and no answer of another type that it names.
pub(super) fn takes_only_events(headers: &HeaderMap) -> bool {
    takes_events(headers)
        && quality_of(headers, "application/graphql-response+json") <= 0.0
        && quality_of(headers, "application/json") <= 0.0
}

/// How much the client likes a media type that it names; nothing where it does not name it.
fn quality_of(headers: &HeaderMap, wanted: &str) -> f32 {
    let values = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut liked = 0.0_f32;
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        if essence.eq_ignore_ascii_case(wanted) {
            liked = quality(parts);
        }
    }
    liked
}

fn quality<'a>(mut parameters: impl Iterator<Item = &'a str>) -> f32 {
    parameters
        .find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.eq_ignore_ascii_case("q")
                .then(|| value.parse().unwrap_or(0.0))
        })
        .unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", MediaType::Json)]
    #[case("*/*", MediaType::Json)]
    #[case("application/*", MediaType::Json)]
    #[case("text/html", MediaType::Json)]
    #[case("application/json", MediaType::Json)]
    #[case("application/graphql-response+json", MediaType::GraphqlResponse)]
    #[case(
        "Application/GraphQL-Response+JSON; charset=utf-8",
        MediaType::GraphqlResponse
    )]
    #[case(
        "application/json, application/graphql-response+json",
        MediaType::GraphqlResponse
    )]
    #[case(
        "application/graphql-response+json, application/json;q=0.9",
        MediaType::GraphqlResponse
    )]
    #[case(
        "application/graphql-response+json;q=0.5, application/json",
        MediaType::Json
    )]
    #[case("application/graphql-response+json;q=0", MediaType::Json)]
    #[case("application/graphql-response+jsonx", MediaType::Json)]
    fn the_client_chooses_the_media_type(#[case] accept: &'static str, #[case] chosen: MediaType) {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
        assert_eq!(MediaType::accepted(&headers), chosen);
    }

    #[rstest]
    #[case("text/event-stream", true, true)]
    #[case("Text/Event-Stream; charset=utf-8, */*;q=0.1", true, true)]
    #[case("text/event-stream;q=0.5, application/json", true, false)]
    #[case("text/event-stream;q=0", false, false)]
    #[case("text/*", false, false)]
    #[case("*/*", false, false)]
    fn a_client_that_takes_events_names_them(
        #[case] accept: &'static str,
        #[case] takes: bool,
        #[case] only: bool,
    ) {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
        assert_eq!(
            (takes_events(&headers), takes_only_events(&headers)),
            (takes, only)
        );
    }

    #[test]
    fn several_headers_count_as_one_list() {
        let headers = HeaderMap::from_iter([
            (header::ACCEPT, HeaderValue::from_static("text/html")),
            (
                header::ACCEPT,
                HeaderValue::from_static("application/graphql-response+json"),
            ),
        ]);
        assert_eq!(headers.get_all(header::ACCEPT).iter().count(), 2);
        assert_eq!(MediaType::accepted(&headers), MediaType::GraphqlResponse);
    }
}
