//! Origins of pages, as a browser names them (RFC 6454).

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use url::Url;

/// The scheme, host and port of a page, such as `https://shop.example`; never `null`, which is many origins at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin as a browser writes it in its requests.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let origin = url.origin();
        // A scheme that has no hosts gives an origin that is like no other.
        (is_bare && origin.is_tuple()).then(|| Self(origin.ascii_serialization()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| de::Error::custom("not an origin"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://shop.example", Some("https://shop.example"))]
    #[case("https://Shop.Example:443/", Some("https://shop.example"))]
    #[case("http://127.0.0.1:3000", Some("http://127.0.0.1:3000"))]
    #[case(
        "https://tienda.españa.example",
        Some("https://tienda.xn--espaa-rta.example")
    )]
    #[case("null", None)]
    #[case("*", None)]
    #[case("shop.example", None)]
    #[case("https://shop.example/page", None)]
    #[case("https://user@shop.example", None)]
    #[case("https://*.shop.example/x", None)]
    #[case("file:///", None)]
    #[case("data:text/html,x", None)]
    fn an_origin_is_read_as_a_browser_writes_it(
        #[case] text: &str,
        #[case] expected: Option<&str>,
    ) {
        let read = Origin::read(text);
        assert_eq!(read.as_ref().map(Origin::as_str), expected);
    }
}
