//! The table of error codes.

use axum::http::StatusCode;

macro_rules! codes {
    ($($variant:ident, $name:literal, $status:ident, $meaning:literal;)+) => {
        /// The closed table of error codes, as clients read them in `extensions.code`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as clients read it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The HTTP status when the whole request fails with this code.
            pub const fn http_status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// One line for the documentation of the API.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

codes! {
    GraphqlParseFailed, "GRAPHQL_PARSE_FAILED", BAD_REQUEST, "The document is not GraphQL.";
    GraphqlValidationFailed, "GRAPHQL_VALIDATION_FAILED", BAD_REQUEST, "The document does not fit the schema.";
    BadUserInput, "BAD_USER_INPUT", BAD_REQUEST, "A value is not one that the field takes.";
    BadRequest, "BAD_REQUEST", BAD_REQUEST, "The HTTP request is not a GraphQL request.";
    QueryTooComplex, "QUERY_TOO_COMPLEX", BAD_REQUEST, "The document goes beyond a limit of size, depth or number.";
    PayloadTooLarge, "PAYLOAD_TOO_LARGE", PAYLOAD_TOO_LARGE, "The body is larger than the limit.";
    UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", UNSUPPORTED_MEDIA_TYPE, "The body is not of a type that we read.";
    NotAcceptable, "NOT_ACCEPTABLE", NOT_ACCEPTABLE, "The answer is of no type that the client takes.";
    MethodNotAllowed, "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED, "The HTTP method does not fit; the header `Allow` names those that do.";
    Unauthenticated, "UNAUTHENTICATED", UNAUTHORIZED, "There is no valid token.";
    Forbidden, "FORBIDDEN", FORBIDDEN, "The token is valid and may not do this.";
    NotFound, "NOT_FOUND", NOT_FOUND, "It does not exist, or the token may not see it.";
    Conflict, "CONFLICT", CONFLICT, "It does not fit the present state.";
    Throttled, "THROTTLED", TOO_MANY_REQUESTS, "Too many requests; come back after `retryAfter` seconds.";
    Timeout, "TIMEOUT", GATEWAY_TIMEOUT, "The answer took longer than the limit.";
    RequestTimeout, "REQUEST_TIMEOUT", REQUEST_TIMEOUT, "The body did not arrive in time.";
    Unavailable, "UNAVAILABLE", SERVICE_UNAVAILABLE, "We cannot serve this now; come back after `retryAfter` seconds.";
    InternalServerError, "INTERNAL_SERVER_ERROR", INTERNAL_SERVER_ERROR, "A fault of ours.";
}

impl Code {
    /// The code that clients read as `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rstest::rstest;

    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own_and_is_found_by_it() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Code::from_name(code.as_str()), Some(*code));
            assert!(
                code.as_str()
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b == b'_')
            );
            assert!(code.meaning().ends_with('.'));
        }
        assert_eq!(Code::from_name("internal_server_error"), None);
    }

    #[rstest]
    #[case("GRAPHQL_PARSE_FAILED", 400)]
    #[case("GRAPHQL_VALIDATION_FAILED", 400)]
    #[case("BAD_USER_INPUT", 400)]
    #[case("BAD_REQUEST", 400)]
    #[case("QUERY_TOO_COMPLEX", 400)]
    #[case("PAYLOAD_TOO_LARGE", 413)]
    #[case("UNSUPPORTED_MEDIA_TYPE", 415)]
    #[case("NOT_ACCEPTABLE", 406)]
    #[case("METHOD_NOT_ALLOWED", 405)]
    #[case("UNAUTHENTICATED", 401)]
    #[case("FORBIDDEN", 403)]
    #[case("NOT_FOUND", 404)]
    #[case("CONFLICT", 409)]
    #[case("THROTTLED", 429)]
    #[case("TIMEOUT", 504)]
    #[case("REQUEST_TIMEOUT", 408)]
    #[case("UNAVAILABLE", 503)]
    #[case("INTERNAL_SERVER_ERROR", 500)]
    fn a_code_has_the_status_of_the_table(#[case] name: &str, #[case] status: u16) {
        assert_eq!(Code::from_name(name).unwrap().http_status(), status);
        assert_eq!(Code::ALL.len(), 18, "a new code needs a case here");
    }
}
