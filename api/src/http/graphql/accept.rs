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
        let (mut response, mut json) = (0.0_f32, 0.0_f32);
        let values = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok());
        for range in values.flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = quality(parts);
            match essence.as_str() {
                "application/graphql-response+json" => response = quality,
                "application/json" => json = quality,
                _ => {}
            }
        }
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
