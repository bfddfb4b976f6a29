//! Fetches documents of a provider: by TLS, with no redirects, in little time and of little size.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, header};
use serde::de::DeserializeOwned;
use url::Url;

use crate::config::is_safe;

/// How long a document may take, from the connection to its last byte.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest document, in bytes.
pub(super) const LARGEST: usize = 65_536;

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// It would come over a way that others can change it on.
    #[error("its address is not https")]
    Unsafe,
    /// The server does not answer, or not in time.
    #[error("no answer")]
    Failed(#[from] reqwest::Error),
    /// The server answers something else; a redirect is not followed.
    #[error("the answer is {0}")]
    Status(StatusCode),
    /// It is larger than such a document is.
    #[error("the answer is over {LARGEST} bytes")]
    TooLarge,
    /// It is not what was asked for.
    #[error("the answer is not what was asked for")]
    Malformed,
}

/// A client for documents of providers. It sends no credentials.
#[derive(Debug)]
pub(super) struct Fetcher {
    client: Client,
    development: bool,
}

impl Fetcher {
    pub(super) fn new(development: bool) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .user_agent(concat!("lazo/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .no_gzip()
            .referer(false)
            .timeout(PATIENCE)
            .https_only(!development)
            .build()?;
        Ok(Self {
            client,
            development,
        })
    }

    pub(super) async fn json<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        let url = Url::parse(url)
            .ok()
            .filter(|url| is_safe(url, self.development))
            .ok_or(FetchError::Unsafe)?;
        let asked = self
            .client
            .get(url)
            .header(header::ACCEPT, "application/json");
        let mut answer = asked.send().await?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| FetchError::Malformed)
    }
}
